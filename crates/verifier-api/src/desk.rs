//! The requests of one tenant: opened, judged, concluded, handed out.

use crate::{
    asked::{Asked, Matching, Mode},
    check::Judged,
    joined::Joined,
    problem::{fault, unavailable},
    record::{End, EndState, PageSecret, Records, RequestId, RequestRecord},
    service::Service,
    tenant::Tenant,
    world::World,
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_openid4vp::{
    Location, Prefix, TransactionId, Transport, VerifierInfo,
    verifier::{
        Asking, Confirmation, Flow, Identity, Order, RequestUriMethod, Rotated, Settings as ProtocolSettings,
        Signing, Verifier,
    },
};
use sinpyo_state::{CommitError, OwnedChange, State, Unavailable, Version};
use sinpyo_web::{
    audit::{AuditLine, LogWord, Outcome},
    problem::{Problem, Refusal},
    site::Transport as SiteTransport,
    webhook::Notice,
};
use std::time::Duration;

/// The scheme of links that open a wallet.
const SCHEME: &str = "openid4vp://";
const HAIP_SCHEME: &str = "haip-vp://";

/// What somebody did, for the log and for webhooks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed<'a> {
    pub(crate) who: &'a str,
    pub(crate) did: &'static str,
    pub(crate) id: &'a str,
    pub(crate) outcome: Outcome,
    /// Whether webhooks are told.
    pub(crate) told: Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Everybody,
    Log,
}

/// A request that was opened, for the one who ordered it.
pub(crate) struct Created {
    pub(crate) id: RequestId,
    pub(crate) page: PageSecret,
    pub(crate) record: RequestRecord,
}

/// What is committed with a request that is opened.
type With<'w> = dyn FnMut(&Created, &mut dyn Entropy) -> Result<Option<OwnedChange>, Refusal> + 'w;

/// One tenant at work.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) service: &'a Service,
    pub(crate) world: &'a World<'a>,
    pub(crate) tenant: &'a Tenant,
}

/// What the protocol needs to know of one request, owned.
pub(crate) struct Line<'a> {
    settings: ProtocolSettings,
    identities: Vec<Identity<'a>>,
}

impl Line<'_> {
    pub(crate) fn verifier<'v>(&'v self, state: &'v dyn State) -> Verifier<'v> {
        Verifier { settings: &self.settings, identities: &self.identities, state }
    }
}

impl<'a> Desk<'a> {
    pub(crate) fn records(&self) -> Records<'a> {
        Records {
            state: self.world.state,
            tenant: &self.tenant.id,
            sealing: self.service.settings.key.sealing(&self.tenant.id),
        }
    }

    /// The protocol's side of the request `id`, which signs under a name of the kind `prefix`.
    pub(crate) fn line(&self, id: &RequestId, prefix: Option<Prefix>) -> Result<Line<'a>, Refusal> {
        let identities = self.identities(prefix)?.ok_or_else(|| {
            let fault = fault("VSV-07", "the tenant has no name of this kind").at("/client_id_prefix"); // [VSV-07]
            fault.bad()
        })?;
        self.line_as(id, identities)
    }

    /// The protocol's side of a request that was opened, whatever became of the tenant's names since.
    pub(crate) fn line_of_kept(&self, id: &RequestId, asked: &Asked) -> Result<Line<'a>, Refusal> {
        let identities = match self.identities(asked.prefix)? {
            Some(identities) => identities,
            None => self.identities(None)?.unwrap_or_default(),
        };
        self.line_as(id, identities)
    }

    fn identities(&self, prefix: Option<Prefix>) -> Result<Option<Vec<Identity<'a>>>, Refusal> {
        let is_alone = self.tenant.is_alone(self.world.state, self.world.now).map_err(unavailable)?;
        Ok(self.service.settings.names.of(self.tenant, is_alone, prefix))
    }

    fn line_as(&self, id: &RequestId, identities: Vec<Identity<'a>>) -> Result<Line<'a>, Refusal> {
        let settings = &self.service.settings;
        let address = format!("{}/{}/vp/{id}", settings.site.main(), self.tenant.id);
        let transport = self.transport();
        let base = Location::parse(&address, transport)
            .map_err(|error| Problem::because(crate::problem::words(), error.code(), &error).bad())?;
        let settings = ProtocolSettings {
            base,
            profile: self.tenant.profile,
            method: RequestUriMethod::Post,
            lifetimes: settings.lifetimes,
            sealing: settings.key.sealing_of(&self.tenant.id, id),
            transport,
        };
        Ok(Line { settings, identities })
    }

    pub(crate) fn transport(&self) -> Transport {
        match self.service.settings.site.main().transport() {
            SiteTransport::Tls => Transport::Https,
            SiteTransport::Plain => Transport::OrLoopback,
        }
    }

    /// Reads an order.
    pub(crate) fn read(&self, body: &Map<String, Value>) -> Result<Asked, Problem> {
        let asked = Asked::parse(body, &self.service.settings.transaction_types)?;
        asked.check(self.tenant)?;
        Ok(asked)
    }

    /// The order of a request that was opened. What the tenant may order was looked at then: a request goes on as it was
    /// opened, but to no address that is no longer the tenant's.
    pub(crate) fn kept(&self, record: &RequestRecord) -> Result<Asked, Refusal> {
        let asked = Asked::parse(&record.asked, &self.service.settings.transaction_types); // [VSV-23]
        let mut asked = asked.map_err(Problem::bad)?;
        asked.return_to.take_if(|address| !self.tenant.return_to.contains(address));
        Ok(asked)
    }

    /// Opens what was ordered. `and` is committed with it.
    pub(crate) fn create(
        &self,
        body: Map<String, Value>,
        who: &str,
        and: &mut With<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Result<Created, CommitError>, Refusal> {
        let now = self.world.now;
        let asked = self.read(&body).map_err(Problem::bad)?;
        let id = RequestId::new(now, entropy);
        let life = asked.expires_in.unwrap_or(self.service.settings.lifetimes.transaction);
        let (transaction, link) = self.open(&id, (&asked, asked.mode), life, entropy)?;
        let record = RequestRecord {
            asked: body,
            mode: asked.mode,
            transaction,
            link,
            owner: None,
            since: now.unix(),
            expires: now.plus(life).unix(),
        };
        let page = PageSecret::new(entropy);
        let created = Created { id, page, record };
        let records = self.records();
        let until = self.until(&created.record);
        let mut changes = vec![
            records.insert(&created.id, &created.record, until, entropy).map_err(unavailable)?,
            created.page.change(&created.id, until),
        ];
        let deed = Deed {
            who,
            did: "request.opened",
            id: created.id.as_str(),
            outcome: Outcome::Done,
            told: Told::Log,
        };
        changes.extend(self.deeds(&deed, entropy).map_err(unavailable)?);
        changes.extend(and(&created, entropy)?);
        Ok(self.world.state.commit_owned(&changes).map(|()| created))
    }

    /// Opens a transaction for the request `id`: the name of the transaction, and what the wallet gets.
    pub(crate) fn open(
        &self,
        id: &RequestId,
        (asked, mode): (&Asked, Mode),
        life: Duration,
        entropy: &mut dyn Entropy,
    ) -> Result<(String, String), Refusal> {
        let mut line = self.line(id, asked.prefix)?;
        line.settings.lifetimes.transaction = life;
        let order = Order {
            encryption: asked.encryption,
            transaction_data: asked.transaction_data.clone(),
            verifier_info: about(asked),
            note: Value::Null,
            ..Order::new(asked.query.clone(), self.flow(id, asked, mode, &line)?)
        };
        let opened = line.verifier(self.world.state).open(&order, self.world.now, entropy);
        let opened = opened.map_err(|error| {
            use sinpyo_openid4vp::verifier::{KeepError, OpenError};
            let status = match error {
                OpenError::Keep(KeepError::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            Refusal::because(status, error.code(), &error)
        })?;
        let link = match opened.asking {
            Asking::Link(link) => link.to_uri(self.scheme()),
            Asking::Digital(request) => {
                json!({"protocol": request.protocol.name(), "data": request.data}).to_string()
            }
        };
        Ok((opened.transaction.expose().to_owned(), link))
    }

    const fn scheme(&self) -> &'static str {
        match self.tenant.profile {
            sinpyo_openid4vp::verifier::Profile::Haip => HAIP_SCHEME,
            sinpyo_openid4vp::verifier::Profile::Base => SCHEME,
        }
    }

    fn flow(&self, id: &RequestId, asked: &Asked, mode: Mode, line: &Line<'_>) -> Result<Flow, Refusal> {
        let main = self.service.settings.site.main();
        let page = |name: &str| {
            let address = format!("{main}/{}/{name}/{id}", self.tenant.id);
            Location::parse(&address, self.transport())
                .map_err(|error| Problem::because(crate::problem::words(), error.code(), &error).bad())
        };
        Ok(match (mode, asked.matching) {
            (Mode::SameDevice, _) => Flow::SameDevice { return_to: page("return")? },
            (Mode::CrossDevice, Matching::None) => Flow::CrossDevice { confirmation: Confirmation::None },
            (Mode::CrossDevice, Matching::Number) => {
                Flow::CrossDevice { confirmation: Confirmation::Number { page: page("confirm")? } }
            }
            (Mode::DcApi, _) => Flow::Digital {
                origins: vec![main.to_string()],
                signing: if line.identities.is_empty() { Signing::Unsigned } else { Signing::Signed },
            },
        })
    }

    /// Puts a fresh link in the place of one that has run out; none if a wallet has it already.
    ///
    /// Two that do this at once both make a link, and the later is the one that counts: whoever cannot keep theirs makes
    /// another, so that what is kept is what counts.
    pub(crate) fn rotate(
        &self,
        id: &RequestId,
        entropy: &mut dyn Entropy,
    ) -> Result<Option<RequestRecord>, Refusal> {
        let records = self.records();
        for _ in 0..8 {
            let (mut record, version) = self.request(id)?;
            let asked = self.kept(&record)?;
            let line = self.line_of_kept(id, &asked)?;
            let Some(transaction) = TransactionId::parse(&record.transaction) else {
                return Err(unavailable(Unavailable));
            };
            let verifier = line.verifier(self.world.state);
            let rotated = verifier
                .rotate(&transaction, None, self.world.now, entropy)
                .map_err(|error| Refusal::because(StatusCode::GONE, error.code(), &error))?;
            let Rotated::Fresh { link, .. } = rotated else { return Ok(None) };
            record.link = link.to_uri(self.scheme());
            match self.replace(&records, id, (&record, version), entropy)? {
                Ok(()) => return Ok(Some(record)),
                Err(CommitError::Conflict { .. }) => {}
                Err(_) => return Err(unavailable(Unavailable)),
            }
        }
        Err(unavailable(Unavailable))
    }

    pub(crate) fn replace(
        &self,
        records: &Records<'_>,
        id: &RequestId,
        record: (&RequestRecord, Version),
        entropy: &mut dyn Entropy,
    ) -> Result<Result<(), CommitError>, Refusal> {
        let change = records.replace(id, record, self.until(record.0), entropy).map_err(unavailable)?;
        Ok(self.world.state.commit_owned(&[change]))
    }

    /// The request `id` of this tenant.
    pub(crate) fn request(&self, id: &RequestId) -> Result<(RequestRecord, Version), Refusal> {
        let found = self.records().request(id, self.world.now).map_err(unavailable)?;
        found.ok_or_else(|| crate::problem::absent("VSV-09", "the tenant has no such request")) // [VSV-09]
    }

    /// The changes that go with the end of a transaction.
    pub(crate) fn endings(
        &self,
        id: &RequestId,
        (state, rule): (EndState, Option<&'static str>),
        dropped: &[(String, usize, String)],
        who: &str,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let now = self.world.now;
        let until = match self.records().request(id, now)? {
            Some((record, _)) => self.until(&record),
            None => now.plus(self.service.settings.retention.requests),
        };
        let end = End { state, rule: rule.map(str::to_owned), dropped: dropped.to_vec(), at: now.unix() };
        let mut changes = vec![self.records().ending(id, &end, (now, until))?];
        let did = match state {
            EndState::Answered => "request.answered",
            EndState::Accepted => "request.accepted",
            EndState::Declined => "request.declined",
            EndState::Refused => "request.refused",
        };
        let outcome = rule.map_or(Outcome::Done, Outcome::Refused);
        let deed = Deed { who, did, id: id.as_str(), outcome, told: Told::Everybody };
        changes.extend(self.deeds(&deed, entropy)?);
        Ok(changes)
    }

    /// What goes with a judgement: how it ended, the evidence, the log and the notices.
    pub(crate) fn judgement(
        &self,
        id: &RequestId,
        (judged, is_over): (&Judged, IsOver),
        asked: &Asked,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let now = self.world.now;
        let (state, rule) = match (&judged.outcome, is_over) {
            (Ok(_), IsOver::Yes) => (EndState::Accepted, None),
            (Ok(_), IsOver::NotYet) => (EndState::Answered, None),
            (Err(rule), _) => (EndState::Refused, Some(*rule)),
        };
        let mut changes = self.endings(id, (state, rule), &judged.dropped, "wallet", entropy)?;
        if let (Some(evidence), Some(life)) = (&judged.evidence, asked.evidence) {
            // What is never accepted for good is forgotten with the result that nobody fetched.
            let life = if is_over == IsOver::Yes { life } else { self.service.settings.lifetimes.result };
            changes.push(self.records().keep_evidence(id, evidence, now.plus(life), entropy)?); // [VSV-24]
        }
        Ok(changes)
    }

    /// The changes that tell of a deed.
    pub(crate) fn deeds(
        &self,
        deed: &Deed<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let settings = &self.service.settings;
        let now = self.world.now;
        let word = |text: &str| LogWord::parse(text).map_err(|_| Unavailable);
        let line = AuditLine {
            at: now,
            who: word(deed.who)?,
            did: deed.did,
            about: vec![("id", word(deed.id)?)],
            outcome: deed.outcome,
        };
        let tenant = self.tenant.id.as_str();
        let mut changes = vec![line.entry(tenant, settings.retention.audit, entropy)]; // [VSV-14]
        if deed.told == Told::Everybody {
            let notice = Notice { event: deed.did, id: deed.id, at: now };
            changes.extend(self.service.webhooks(self.world.state).announce(tenant, &notice, entropy)?);
        }
        Ok(changes)
    }

    /// A memory that commits `more` with what the protocol commits.
    pub(crate) fn joined(&self, more: Vec<OwnedChange>) -> Joined<'a> {
        Joined { state: self.world.state, more }
    }

    /// Until when a request is remembered: as long as its evidence, which is kept from its answer on.
    fn until(&self, record: &RequestRecord) -> Timestamp {
        let now = self.world.now;
        let remembered = now.plus(self.service.settings.retention.requests);
        let answered = Timestamp::from_unix(record.expires).map_or(now, |expires| expires.max(now));
        let answered = answered.plus(self.service.settings.lifetimes.result);
        let life = crate::asked::evidence_life(&record.asked).ok().flatten();
        life.map_or(remembered, |life| remembered.max(answered.plus(life))) // [VSV-24]
    }
}

/// Whether nothing is to be done any more once a response was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IsOver {
    Yes,
    /// The browser has to come back, or the holder to choose a number.
    NotYet,
}

impl IsOver {
    pub(crate) const fn of(mode: Mode, matching: Matching) -> Self {
        match (mode, matching) {
            (Mode::SameDevice, _) | (Mode::CrossDevice, Matching::Number) => Self::NotYet,
            (Mode::CrossDevice, Matching::None) | (Mode::DcApi, _) => Self::Yes,
        }
    }
}

/// What the request says about the verifier beside its name.
fn about(asked: &Asked) -> Vec<VerifierInfo> {
    let info = |format: &str, data| VerifierInfo { format: format.to_owned(), data, credential_ids: None };
    let service = asked.service.as_ref().map(|service| info("service_code", json!(service.as_str())));
    let purpose =
        asked.purpose.as_ref().map(|purpose| info("purpose", json!({"ko": purpose.ko, "en": purpose.en})));
    service.into_iter().chain(purpose).collect()
}
