//! What the holder is in the middle of.

use super::{Call, Step, WalletApp, see, votes};
use crate::{
    flow::{Next, World},
    need::Found,
    page::{
        self,
        trouble::{Trouble, of_present, of_receive, of_vote},
    },
    present::{Decision, Present, PresentOutcome, Silence},
    receive::{Agreed, Receive},
    vault::VaultError,
    vote::{CheckVote, Vote},
};
use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
use sinpyo_voting::{form::to_hex, voter::VoterLink};
use sinpyo_wallet::{HeldId, Wallet};
use sinpyo_web::{answer, lang::Say, lang::say};
use std::collections::BTreeMap;

/// Most flows that are remembered; the oldest are forgotten.
const MAX_FLOWS: usize = 32;

/// Longest link or request that is read, in bytes.
const MAX_LINK: usize = 64 << 10;

pub(super) const CHANGED: Say = say(
    "그 사이 지갑의 내용이 바뀌었습니다. 아래 내용을 다시 확인한 뒤 동의해 주세요. 아직 아무것도 보내지 않았습니다.",
    "The wallet has changed meanwhile. Please look at what is shown now, and agree again. Nothing was sent.",
);

const NO_LINK: Say = say(
    "발급 제안이나 제시 요청의 링크가 아닙니다. 주소 전체를 붙여 넣었는지 확인해 주세요.",
    "This is no link of an offer or a request. Please check that you pasted all of it.",
);

/// What a [`Step::Need`] belongs to.
#[derive(Debug)]
pub enum Pending {
    /// A flow, by number.
    #[doc(hidden)]
    Flow(u64),
    /// A credential's standing.
    #[doc(hidden)]
    Standing(HeldId),
}

#[derive(Debug, Default)]
pub(super) struct Flows {
    all: BTreeMap<u64, Entry>,
    last: u64,
}

/// One flow, and how it stands with its page.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) flow: Flow,
    /// Something is being found for it.
    pub(crate) is_busy: bool,
    pub(crate) trouble: Option<Trouble>,
    /// Not before.
    pub(crate) wait: Option<Timestamp>,
    /// Where the browser is to go, if the holder wants.
    pub(crate) leave: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Flow {
    Receive(Box<Receive>),
    Present(Box<Present>),
    Vote(Box<Vote>),
    CheckVote(Box<CheckVote>),
}

impl Flow {
    /// The election whose record it writes.
    fn election(&self) -> Option<String> {
        match self {
            Self::Vote(vote) => Some(to_hex(&vote.voter().place().election().0)),
            Self::Receive(_) | Self::Present(_) | Self::CheckVote(_) => None,
        }
    }

    /// By what a link or text holds.
    fn begin(text: &str, world: &mut World<'_>) -> Result<Self, Trouble> {
        if text.len() > MAX_LINK {
            return Err(Trouble::plain(NO_LINK));
        }
        if text.starts_with("sinpyo-vote-check:") {
            let check = CheckVote::begin(text, world).map_err(|error| of_vote(&error))?;
            return Ok(Self::CheckVote(Box::new(check)));
        }
        if VoterLink::parse(text).is_ok() {
            let vote = Vote::begin(text, world).map_err(|error| of_vote(&error))?;
            return Ok(Self::Vote(Box::new(vote)));
        }
        let rules = world.rules;
        if text.contains("credential_offer=") || text.contains("credential_offer_uri=") {
            let receive = Receive::begin(text, rules).map_err(|error| of_receive(&error))?;
            return Ok(Self::Receive(Box::new(receive)));
        }
        if text.contains("client_id=") || !text.contains(':') && text.split('.').count() == 3 {
            let present = Present::begin(text, rules).map_err(|error| of_present(&error))?;
            return Ok(Self::Present(Box::new(present)));
        }
        Err(Trouble::plain(NO_LINK))
    }

    fn next(&mut self, world: &mut World<'_>) -> Result<Next, Trouble> {
        match self {
            Self::Receive(receive) => receive.next(world).map_err(|error| of_receive(&error)),
            Self::Present(present) => present.next(world).map_err(|error| of_present(&error)),
            Self::Vote(vote) => vote.next(world).map_err(|error| of_vote(&error)),
            Self::CheckVote(check) => check.next(world).map_err(|error| of_vote(&error)),
        }
    }

    fn supply(&mut self, found: Found, world: &mut World<'_>) -> Result<(), Trouble> {
        match self {
            Self::Receive(receive) => receive.supply(found, world).map_err(|error| of_receive(&error)),
            Self::Present(present) => present.supply(found, world).map_err(|error| of_present(&error)),
            Self::Vote(vote) => vote.supply(found, world).map_err(|error| of_vote(&error)),
            Self::CheckVote(check) => check.supply(found).map_err(|error| of_vote(&error)),
        }
    }

    fn stored(&mut self, world: &World<'_>) -> Result<(), Trouble> {
        match self {
            Self::Receive(receive) => receive.stored(world).map_err(|error| of_receive(&error)),
            Self::Present(present) => present.stored().map_err(|error| of_present(&error)),
            Self::Vote(vote) => vote.stored().map_err(|error| of_vote(&error)),
            Self::CheckVote(_) => Ok(()),
        }
    }
}

impl Flows {
    /// An election has one flow, the newest: another one would write an older record over what this one keeps. [WAP-29]
    pub(super) fn add(&mut self, flow: Flow) -> u64 {
        if let Some(election) = flow.election() {
            self.end(&election);
        }
        self.last += 1;
        let entry = Entry { flow, is_busy: false, trouble: None, wait: None, leave: None };
        self.all.insert(self.last, entry);
        while self.all.len() > MAX_FLOWS {
            self.all.pop_first();
        }
        self.last
    }

    /// Ends the flow of an election.
    pub(super) fn end(&mut self, election: &str) {
        self.all.retain(|_, entry| entry.flow.election().as_deref() != Some(election));
    }

    pub(super) fn get(&self, id: u64) -> Option<&Entry> {
        self.all.get(&id)
    }
}

impl WalletApp {
    /// Begins with a link that was pasted or scanned.
    pub(super) fn begin(&mut self, call: &Call, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let text = call.form.text("link").unwrap_or_default().trim();
        let Some(wallet) = self.wallet.as_mut() else { return Step::Answer(see("/")) };
        let mut world = World { wallet, rules: &self.rules, now, entropy };
        match Flow::begin(text, &mut world) {
            Ok(flow) => {
                let id = self.flows.add(flow);
                self.drive(id, now, entropy)
            }
            Err(trouble) => {
                let view = page::add::page(call.lang, &call.token, Some(&trouble));
                Step::Answer(self.page(call, http::StatusCode::UNPROCESSABLE_ENTITY, view))
            }
        }
    }

    /// Runs `act` on a flow with all that it works with; what goes wrong is for its page.
    fn with(
        &mut self,
        id: u64,
        (now, entropy): (Timestamp, &mut dyn Entropy),
        act: impl FnOnce(&mut Flow, &mut World<'_>) -> Result<(), Trouble>,
    ) -> Option<()> {
        let (wallet, entry) = (self.wallet.as_mut()?, self.flows.all.get_mut(&id)?);
        let mut world = World { wallet, rules: &self.rules, now, entropy };
        entry.trouble = act(&mut entry.flow, &mut world).err();
        if let (Some(trouble), Flow::Receive(receive)) = (&entry.trouble, &mut entry.flow)
            && !trouble.is_passing
        {
            receive.give_up(world.wallet);
        }
        Some(())
    }

    /// Lets a flow go on until it needs the world or its holder.
    pub(super) fn drive(&mut self, id: u64, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let place = format!("/flows/{id}");
        loop {
            let mut next = None;
            let run = self.with(id, (now, entropy), |flow, world| {
                next = Some(flow.next(world)?);
                Ok(())
            });
            if run.is_none() {
                return Step::Answer(see("/"));
            }
            let Some(entry) = self.flows.all.get_mut(&id) else { return Step::Answer(see("/")) };
            match next {
                Some(Next::Need(need)) => {
                    entry.is_busy = true;
                    return Step::Need(need, Pending::Flow(id));
                }
                Some(Next::Browse(url)) => entry.leave = Some(url),
                Some(Next::Wait(until)) => entry.wait = Some(until),
                Some(Next::Store) => match self.kept(id, now, entropy) {
                    Ok(()) => continue,
                    Err(trouble) => self.note(id, trouble),
                },
                Some(Next::Done) => entry.leave = leaving(&entry.flow),
                Some(Next::Ask) | None => {}
            }
            return Step::Answer(see(&place));
        }
    }

    /// Seals and keeps the wallet, and says so to the flow.
    fn kept(&mut self, id: u64, now: Timestamp, entropy: &mut dyn Entropy) -> Result<(), Trouble> {
        self.store(entropy).map_err(|_: VaultError| Trouble::storage())?;
        self.with(id, (now, entropy), |flow, world| flow.stored(world));
        Ok(())
    }

    fn note(&mut self, id: u64, trouble: Trouble) {
        if let Some(entry) = self.flows.all.get_mut(&id) {
            entry.trouble = Some(trouble);
        }
    }

    pub(super) fn supply(
        &mut self,
        id: u64,
        found: Found,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Step {
        if let Some(entry) = self.flows.all.get_mut(&id) {
            entry.is_busy = false;
        }
        self.with(id, (now, entropy), |flow, world| flow.supply(found, world));
        match self.flows.get(id) {
            Some(entry) if entry.trouble.is_none() => self.drive(id, now, entropy),
            Some(_) => Step::Answer(see(&format!("/flows/{id}"))),
            None => Step::Answer(see("/")),
        }
    }

    /// What the holder decided about a flow.
    pub(super) fn decide(
        &mut self,
        (id, act): (u64, &str),
        call: &Call,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Step {
        let Some(entry) = self.flows.all.get_mut(&id) else { return Step::Answer(see("/")) };
        let place = format!("/flows/{id}");
        // A second click while the first is on its way changes nothing.
        if entry.is_busy {
            return Step::Answer(see(&place));
        }
        if act == "again" {
            (entry.wait, entry.trouble) = (None, None);
            return self.drive(id, now, entropy);
        }
        if act == "decline" && matches!(entry.flow, Flow::Receive(_)) {
            self.flows.all.remove(&id); // [WAP-10]
            return Step::Answer(see("/"));
        }
        self.with(id, (now, entropy), |flow, world| match (flow, act) {
            (Flow::Receive(receive), "agree") => {
                let agreed = agreed(receive, call);
                receive.agree(agreed, world).map_err(|error| of_receive(&error))
            }
            (Flow::Present(present), "agree") => {
                let shown = present.review(world).map_err(|error| of_present(&error))?;
                if call.form.text("shown") != Some(&page::request::seen(&shown)) {
                    return Err(Trouble::plain(CHANGED)); // [WAP-20]
                }
                let decision = decision(present, world, call);
                present.agree(&decision, world).map_err(|error| of_present(&error))
            }
            (Flow::Vote(vote), act) => votes::decide(vote, act, (call, world)),
            (Flow::Present(present), "decline") => {
                let silence =
                    if call.form.text("tell") == Some("on") { Silence::Told } else { Silence::Complete };
                present.decline(silence, world.entropy).map_err(|error| of_present(&error))
            }
            _ => Ok(()),
        });
        match self.flows.get(id) {
            Some(entry) if entry.trouble.is_none() => self.drive(id, now, entropy),
            _ => Step::Answer(see(&place)),
        }
    }

    /// Shows where a flow stands.
    pub(super) fn flow(&mut self, id: u64, call: &Call, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let (Some(wallet), Some(entry)) = (self.wallet.as_mut(), self.flows.all.get(&id)) else {
            return Step::Answer(see("/"));
        };
        let world = World { wallet, rules: &self.rules, now, entropy };
        let view = match &entry.flow {
            Flow::Receive(receive) => {
                page::offer::page(call.lang, (id, &call.token), (receive, entry), &world)
            }
            Flow::Present(present) => {
                page::request::page(call.lang, (id, &call.token), (present, entry), &world)
            }
            Flow::Vote(vote) => page::vote::page(call.lang, (id, &call.token), (vote, entry), &world),
            Flow::CheckVote(check) => page::vote::check::page(call.lang, (id, &call.token), (check, entry)),
        };
        self.show(call, view)
    }

    /// Sends the browser where the flow wants it: to the issuer's page, or back to the service. By a link, so that the
    /// holder sees that they leave.
    pub(super) fn leave(&self, id: u64) -> Step {
        let url = self.flows.get(id).and_then(|entry| entry.leave.as_deref());
        let response = url.and_then(|url| answer::see_other(url).ok());
        Step::Answer(response.map_or_else(|| see("/"), answer::secured))
    }

    /// The file with the answer that the holder carries.
    pub(super) fn carried(&self, id: u64) -> Option<&[u8]> {
        match &self.flows.get(id)?.flow {
            Flow::Present(present) => match present.outcome()? {
                PresentOutcome::Carried(answer) => Some(answer),
                _ => None,
            },
            Flow::Receive(_) | Flow::Vote(_) | Flow::CheckVote(_) => None,
        }
    }

    /// Takes what the issuer's page brought back: for the flow that waits for it.
    pub(super) fn returned(&mut self, call: &Call, now: Timestamp, entropy: &mut dyn Entropy) -> Step {
        let waiting: Vec<u64> = self
            .flows
            .all
            .iter()
            .filter(|(_, entry)| entry.leave.is_some() && matches!(entry.flow, Flow::Receive(_)))
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            let mut is_ours = false;
            self.with(id, (now, entropy), |flow, world| {
                let Flow::Receive(receive) = flow else { return Ok(()) };
                match receive.redirected(&call.raw_query, world) {
                    Err(error) if !error.is_declined() => Ok(()),
                    answer => {
                        is_ours = true;
                        answer.map_err(|error| of_receive(&error))
                    }
                }
            });
            if is_ours {
                return match self.flows.all.get_mut(&id) {
                    Some(entry) if entry.trouble.is_none() => {
                        entry.leave = None;
                        self.drive(id, now, entropy)
                    }
                    _ => Step::Answer(see(&format!("/flows/{id}"))),
                };
            }
        }
        Step::Answer(see("/"))
    }

    pub(super) fn opened(&self) -> Option<&Wallet> {
        self.wallet.as_ref()
    }
}

/// Where the verifier wants the browser to go.
fn leaving(flow: &Flow) -> Option<String> {
    match flow {
        Flow::Present(present) => match present.outcome()? {
            PresentOutcome::Sent(to) => to.as_ref().map(|to| to.as_str().to_owned()),
            _ => None,
        },
        Flow::Receive(_) | Flow::Vote(_) | Flow::CheckVote(_) => None,
    }
}

fn agreed(receive: &Receive, call: &Call) -> Agreed {
    let proposal = receive.proposal();
    let offered = proposal.map(|proposal| proposal.offer.configurations.clone()).unwrap_or_default();
    let wants_code = proposal
        .and_then(|proposal| proposal.offer.grants.pre_authorized.as_ref())
        .is_some_and(|grant| grant.tx_code.is_some());
    let typed = call.form.text("tx_code").unwrap_or_default().trim().to_owned();
    Agreed { configurations: offered, tx_code: wants_code.then(|| Secret::new(typed)) }
}

/// What the holder chose: `set-N` is an option's number or empty, `copy-N` a credential's.
pub(super) fn decision(present: &Present, world: &World<'_>, call: &Call) -> Decision {
    let mut decision = Decision::default();
    let Ok(choice) = present.review(world) else { return decision };
    for (number, set) in choice.sets().iter().enumerate() {
        let Some(typed) = call.form.text(&format!("set-{number}")) else { continue };
        let option = typed.parse().ok();
        if option != set.taken {
            decision.sets.insert(number, option);
        }
    }
    for (number, _) in choice.possible().iter().enumerate() {
        let typed = call.form.text(&format!("copy-{number}"));
        decision.copies.extend(typed.and_then(|typed| typed.parse().ok()).map(HeldId::new));
    }
    decision
}
