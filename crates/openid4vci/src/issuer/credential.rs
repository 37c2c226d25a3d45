//! The credential endpoint [VCI 1.0 §8].

use super::{
    Incoming, Issuance, Issuer, IssuerRefusal, Order, WantedError,
    encryption::{self, Way},
    records::{self, DELIVERED, NOTIFICATION, TRANSACTION, TURN},
    standing::Held,
};
use crate::{
    configuration::Configuration,
    proof::{HolderKey, ProofCheck, ProofError, Proven},
    request::{CredentialRequest, Proofs, Wanted},
    response::CredentialResponse,
};
use http::Response;
use serde_json::{Value, json};
use sinpyo_core::{encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::hash::Sha256;
use sinpyo_oauth::{Admitted, Naming, nonce::Fresh};
use sinpyo_state::{Key, OwnedChange, Record, Version, retrying};
use std::cell::OnceCell;

/// An answer, and what must be committed before it is given.
pub(super) struct Decided {
    pub(super) response: Response<Vec<u8>>,
    pub(super) changes: Vec<OwnedChange>,
}

/// What a request says, with its proofs checked: that costs the most, and does not change when others come first.
struct Prepared {
    wanted: Wanted,
    way: Way,
    proven: Proven,
}

/// How often something was issued to a token for certain keys. The record outlives the token, so that its versions never
/// come again for it: whoever decided upon an earlier turn finds out, even if the response of that turn was kept and
/// swept meanwhile. [VCI-DEF-03b]
struct Turn {
    key: Key,
    record: Option<Record>,
}

impl Turn {
    /// Where the response of turn `version` is kept.
    fn delivered(&self, version: Version) -> Key {
        Key::named(DELIVERED, &format!("{}#{}", self.key.name(), version.0))
    }
}

/// What a request names, found.
pub(super) struct Chosen<'a> {
    pub(super) id: &'a str,
    pub(super) configuration: &'a Configuration,
    /// The dataset.
    pub(super) identifier: Option<&'a str>,
}

impl Issuer<'_> {
    pub(super) fn credential(
        &self,
        incoming: Incoming<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, IssuerRefusal> {
        let prepared = OnceCell::new();
        self.admit_and_commit("credential", incoming, entropy, |admitted, entropy| {
            let prepared = if let Some(prepared) = prepared.get() {
                prepared
            } else {
                let first = self.prepare(admitted, incoming)?;
                prepared.get_or_init(|| first) // [VCI-CRQ-07]
            };
            self.decide_credential(admitted, prepared, incoming.now, entropy)
        })
    }

    /// Finds out who asks at the endpoint `name`, decides, and commits what was decided.
    ///
    /// A refused request spends the proof of possession that it showed, and nothing else.
    pub(super) fn admit_and_commit(
        &self,
        name: &str,
        incoming: Incoming<'_>,
        entropy: &mut dyn Entropy,
        decide: impl Fn(&Admitted, &mut dyn Entropy) -> Result<Decided, IssuerRefusal>,
    ) -> Result<Response<Vec<u8>>, IssuerRefusal> {
        let endpoint = self.settings.id.endpoint(name);
        retrying::<_, IssuerRefusal>(|| {
            let admitted = self.authorization.admit(incoming.parts, &endpoint, incoming.now, entropy)?; // [VCI-CRQ-04]
            let (answer, changes) = match decide(&admitted, entropy) {
                Ok(Decided { response, changes }) => (Ok(response), changes),
                Err(IssuerRefusal::Unavailable(error)) => return Err(error.into()),
                Err(refusal) => (Err(refusal), Vec::new()),
            };
            let all: Vec<OwnedChange> = admitted.changes.into_iter().chain(changes).collect();
            Ok(self.state.commit_owned(&all).map(|()| answer))
        })?
    }

    fn prepare(&self, admitted: &Admitted, incoming: Incoming<'_>) -> Result<Prepared, IssuerRefusal> {
        let opened = encryption::open(self.settings, incoming)?;
        let request = CredentialRequest::parse(&opened.text)?;
        let way = opened.way(self.settings, request.response_encryption.as_ref())?;
        let chosen = self.choose(admitted, &request.wanted)?;
        let proven = self.prove(admitted, &chosen, request.proofs.as_ref(), incoming.now)?;
        Ok(Prepared { wanted: request.wanted, way, proven })
    }

    fn decide_credential(
        &self,
        admitted: &Admitted,
        prepared: &Prepared,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Decided, IssuerRefusal> {
        let Prepared { wanted, way, proven } = prepared;
        let chosen = self.choose(admitted, wanted)?;
        for nonce in &proven.nonces {
            if nonce.is_spent(self.state, now)? {
                return Err(ProofError::Spent.into()); // [VCI-NON-02a]
            }
        }
        let mut changes: Vec<OwnedChange> = proven.nonces.iter().cloned().map(Fresh::spend).collect();
        let subject = &admitted.authorization.subject;
        let held = Held { issuer: self.settings, subject, configuration_id: chosen.id };
        let standing = held.issuing(self.state)?;
        let turn = self.turn(admitted, &chosen, &proven.keys)?;
        if let Some(response) = self.delivered(&turn, now)? {
            return Ok(Decided { response: way.send(&response, entropy)?, changes }); // [VCI-DEF-03a]
        }
        let order = order(admitted, &chosen, &proven.keys);
        let response = match self.desk.issue(&order, now, entropy)? {
            Issuance::Ready { credentials, reference, changes: of_desk } => {
                changes.extend(of_desk);
                self.ready(&order, (credentials, reference), now, entropy, &mut changes)?
            }
            Issuance::Deferred { interval, ticket, changes: of_desk } => {
                changes.extend(of_desk);
                let waiting = Waiting { family: admitted.family.as_str(), ticket: &ticket, interval };
                self.defer(&order, &waiting, now, entropy, &mut changes)?
            }
        };
        changes.push(standing);
        changes.extend(self.keep(turn, &response, (now, admitted.expires), entropy)?);
        Ok(Decided { response: way.send(&response, entropy)?, changes })
    }

    /// What the request wants, if the token is for it.
    fn choose<'a>(&'a self, admitted: &'a Admitted, wanted: &Wanted) -> Result<Chosen<'a>, IssuerRefusal> {
        let authorization = &admitted.authorization;
        let (granted, identifier) = match (wanted, admitted.naming) {
            (Wanted::Identifier(id), Naming::Identifiers) => {
                let granted = authorization.identifier(id).ok_or(WantedError::Identifier)?; // [VCI-ERR-01c]
                (granted, granted.identifiers.iter().find(|own| *own == id))
            }
            (Wanted::Configuration(id), Naming::Configurations) => {
                if !self.settings.configurations.contains_key(id) {
                    return Err(WantedError::Configuration.into()); // [VCI-ERR-01b]
                }
                let granted = authorization.configuration(id).ok_or(WantedError::NotGranted)?; // [VCI-CRQ-06]
                (granted, granted.identifiers.first())
            }
            _ => return Err(IssuerRefusal::Naming), // [VCI-CRQ-01a]
        };
        let (id, configuration) = self
            .settings
            .configurations
            .get_key_value(&granted.configuration_id)
            .ok_or(WantedError::Configuration)?;
        Ok(Chosen { id, configuration, identifier: identifier.map(String::as_str) })
    }

    fn prove(
        &self,
        admitted: &Admitted,
        chosen: &Chosen<'_>,
        proofs: Option<&Proofs>,
        now: Timestamp,
    ) -> Result<Proven, ProofError> {
        let Some(binding) = &chosen.configuration.binding else {
            return Ok(Proven { keys: Vec::new(), nonces: Vec::new() });
        };
        let check = ProofCheck {
            issuer: &self.settings.id,
            binding,
            client: admitted.client.as_deref(),
            nonces: self.settings.nonces(),
            batch_size: self.settings.batch_size.max(1),
            attesters: &self.settings.attesters,
            lookup: self.lookup,
            now,
        };
        check.check(proofs)
    }

    fn turn(
        &self,
        admitted: &Admitted,
        chosen: &Chosen<'_>,
        keys: &[HolderKey],
    ) -> Result<Turn, IssuerRefusal> {
        let key = turn_key(admitted, chosen, keys);
        Ok(Turn { record: records::stale(self.state, &key)?, key })
    }

    /// What was answered to the same token for the same keys just now.
    fn delivered(&self, turn: &Turn, now: Timestamp) -> Result<Option<CredentialResponse>, IssuerRefusal> {
        let Some(last) = &turn.record else { return Ok(None) };
        let key = turn.delivered(last.version);
        let Some(record) = self.state.get(&key, now)? else { return Ok(None) };
        let kept = records::open(self.settings, &key, &record.data)?;
        Ok(kept_response(kept.get("response")))
    }

    /// Keeps a response for a wallet that does not get it.
    fn keep(
        &self,
        turn: Turn,
        response: &CredentialResponse,
        (now, end): (Timestamp, Timestamp),
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, IssuerRefusal> {
        let grace = self.settings.lifetimes.grace;
        if grace.is_zero() {
            return Ok(Vec::new());
        }
        let next = turn.record.as_ref().map_or(1, |last| last.version.0.saturating_add(1));
        let key = turn.delivered(Version(next));
        let kept = json!({ "response": { "status": response.status(), "body": response.to_json() } });
        let data = records::seal(self.settings, &key, &kept, entropy)?;
        // Nothing is asked for with the token after its end, whichever node's clock is ahead.
        let expires = Some(end.max(now).plus(grace));
        let counted = match turn.record {
            None => OwnedChange::insert(turn.key, [], expires),
            Some(last) => OwnedChange::replace(turn.key, last.version, [], expires),
        };
        Ok(vec![counted, OwnedChange::insert(key, data, Some(now.plus(grace)))])
    }

    /// The response with what was issued, and what is to be remembered about it.
    pub(super) fn ready(
        &self,
        order: &Order<'_>,
        (credentials, reference): (Vec<Value>, Option<String>),
        now: Timestamp,
        entropy: &mut dyn Entropy,
        changes: &mut Vec<OwnedChange>,
    ) -> Result<CredentialResponse, IssuerRefusal> {
        if credentials.is_empty() || credentials.len() > order.keys.len().max(1) {
            return Err(IssuerRefusal::Desk); // [VCI-CRS-01a]
        }
        let notification_id = match reference {
            None => None,
            Some(reference) => {
                let id = records::secret(entropy);
                let key = Key::secret(NOTIFICATION, id.as_bytes());
                let kept = json!({ "subject": order.subject, "reference": reference });
                let data = records::seal(self.settings, &key, &kept, entropy)?;
                let expires = now.plus(self.settings.lifetimes.notification);
                changes.push(OwnedChange::insert(key, data, Some(expires)));
                Some(id)
            }
        };
        Ok(CredentialResponse::Ready { credentials, notification_id })
    }

    fn defer(
        &self,
        order: &Order<'_>,
        waiting: &Waiting<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
        changes: &mut Vec<OwnedChange>,
    ) -> Result<CredentialResponse, IssuerRefusal> {
        let transaction_id = records::secret(entropy);
        let key = Key::secret(TRANSACTION, transaction_id.as_bytes());
        let interval = u64::from(waiting.interval.max(1));
        let kept = json!({
            "family": waiting.family,
            "configuration": order.configuration_id,
            "identifier": order.identifier,
            "keys": order.keys.iter().map(HolderKey::to_json).collect::<Vec<_>>(),
            "ticket": waiting.ticket,
            "not_before": now.plus(std::time::Duration::from_secs(interval)).unix(),
        });
        let data = records::seal(self.settings, &key, &kept, entropy)?;
        let expires = now.plus(self.settings.lifetimes.transaction);
        changes.push(OwnedChange::insert(key, data, Some(expires)));
        Ok(CredentialResponse::Deferred { transaction_id, interval }) // [VCI-CRS-02]
    }
}

/// An order that the desk needs time for.
struct Waiting<'a> {
    family: &'a str,
    ticket: &'a str,
    interval: u32,
}

pub(super) fn order<'a>(admitted: &'a Admitted, chosen: &Chosen<'a>, keys: &'a [HolderKey]) -> Order<'a> {
    Order {
        subject: &admitted.authorization.subject,
        configuration_id: chosen.id,
        configuration: chosen.configuration,
        identifier: chosen.identifier,
        client: admitted.client.as_deref(),
        keys,
    }
}

/// A response that was kept as its status and body.
pub(super) fn kept_response(kept: Option<&Value>) -> Option<CredentialResponse> {
    let kept = kept?;
    let status = kept.get("status")?.as_u64().and_then(|status| u16::try_from(status).ok())?;
    CredentialResponse::parse(status, kept.get("body")?.to_string().as_bytes()).ok()
}

/// Names what is issued to this token for these keys.
fn turn_key(admitted: &Admitted, chosen: &Chosen<'_>, keys: &[HolderKey]) -> Key {
    let mut thumbprints: Vec<_> = keys.iter().map(HolderKey::thumbprint).collect();
    thumbprints.sort_unstable();
    let mut hash = Sha256::new();
    for text in [admitted.token.as_str(), chosen.id, chosen.identifier.unwrap_or_default()] {
        hash.update(text.as_bytes());
        hash.update(&[0]);
    }
    for thumbprint in &thumbprints {
        hash.update(thumbprint);
    }
    Key::named(TURN, &to_base64url(&hash.finish()))
}
