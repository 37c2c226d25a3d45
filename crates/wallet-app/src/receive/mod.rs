//! From an offer to credentials in the wallet.

mod arrived;
mod error;
mod logos;
mod proofs;

pub(crate) use arrived::named;
pub use error::ReceiveFlowError;

use crate::{
    flow::{Next, World},
    misbehave::ProofFault,
    need::{Found, Need},
    trust::Rules,
};
use arrived::Arrived;
use http::Response;
use logos::Logos;
use sinpyo_core::{Secret, jwk::PublicJwk};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use sinpyo_oauth::client::Identity;
use sinpyo_openid4vci::{
    notification::Event,
    offer::OfferLink,
    wallet::{Agreement, Discovery, Grant, Paused, Proposal, Receiving, Step},
};
use sinpyo_wallet::{HeldId, Logo, Wallet};

/// An offer on its way into the wallet.
///
/// Ask for [`Receive::next`], do what it says, until it is [`Next::Done`]. Before [`Receive::agree`] nothing is sent but
/// requests for public documents: no code is spent.
#[derive(Debug)]
pub struct Receive {
    stage: Stage,
    logos: Logos,
    fault: Option<ProofFault>,
}

#[derive(Debug)]
enum Stage {
    Discover(Box<Discovery>),
    Propose(Box<Proposal>),
    Run(Box<Running>),
    Done(Box<Proposal>, Vec<HeldId>),
    /// Only while one stage becomes another.
    Lost,
}

/// What the holder agreed to.
#[derive(Debug)]
pub struct Agreed {
    /// The configurations to fetch, of those that are offered.
    pub configurations: Vec<String>,
    /// The transaction code, if the offer asks for one.
    pub tx_code: Option<Secret<String>>,
}

#[derive(Debug)]
struct Running {
    proposal: Proposal,
    paused: Option<Paused>,
    dpop: SigningKey,
    arrived: Option<Arrived>,
    held: Vec<HeldId>,
    /// The keys that were made for what is to come.
    made: Vec<PublicJwk>,
    /// What was wrong with what came; told to the issuer first.
    failure: Option<ReceiveFlowError>,
}

impl Receive {
    /// Reads a link or the text of a QR code. Nothing was fetched yet.
    ///
    /// # Errors
    /// It holds no offer.
    pub fn begin(link: &str, rules: &Rules) -> Result<Self, ReceiveFlowError> {
        let link = OfferLink::parse(link, rules.transport)?;
        let discovery = Discovery::new(link, rules.transport);
        Ok(Self { stage: Stage::Discover(Box::new(discovery)), logos: Logos::default(), fault: None })
    }

    /// With proofs that are wrong in one way, to test issuers.
    #[must_use]
    pub fn misbehaving(self, fault: ProofFault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// What is offered, and by whom; none until that is known.
    pub fn proposal(&self) -> Option<&Proposal> {
        match &self.stage {
            Stage::Propose(proposal) | Stage::Done(proposal, _) => Some(proposal),
            Stage::Run(running) => Some(&running.proposal),
            Stage::Discover(_) | Stage::Lost => None,
        }
    }

    /// Whether the holder is to decide.
    pub const fn is_asking(&self) -> bool {
        matches!(self.stage, Stage::Propose(_)) && self.logos.is_complete()
    }

    /// The sign of an offered configuration, if the issuer published one that can be shown.
    pub fn logo(&self, configuration_id: &str) -> Option<&Logo> {
        self.logos.get(configuration_id)
    }

    /// Whether it has ended.
    pub const fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(..))
    }

    /// What was taken into the wallet so far.
    pub fn held(&self) -> &[HeldId] {
        match &self.stage {
            Stage::Run(running) => &running.held,
            Stage::Done(_, held) => held,
            Stage::Discover(_) | Stage::Propose(_) | Stage::Lost => &[],
        }
    }

    /// Goes ahead with what the holder agreed to.
    ///
    /// # Errors
    /// Nobody was asked, or it goes beyond the offer. The proposal stands: the holder may correct it.
    pub fn agree(&mut self, agreed: Agreed, world: &mut World<'_>) -> Result<(), ReceiveFlowError> {
        if !self.logos.is_complete() {
            return Err(ReceiveFlowError::OutOfOrder);
        }
        let Stage::Propose(proposal) = &self.stage else { return Err(ReceiveFlowError::OutOfOrder) };
        let grant = if proposal.offer.grants.pre_authorized.is_some() {
            Grant::PreAuthorized { tx_code: agreed.tx_code }
        } else {
            let redirect_uri = world.rules.redirect_uri.clone().ok_or(ReceiveFlowError::NoBrowser)?;
            Grant::AuthorizationCode { redirect_uri }
        };
        let dpop = SigningKey::generate(Algorithm::Es256, world.entropy);
        let agreement = Agreement {
            configurations: agreed.configurations,
            grant,
            identity: identity(proposal, world.rules),
            dpop: dpop_key(proposal, &dpop),
        };
        let paused = Receiving::new(proposal, agreement, world.entropy)?.pause();
        let Stage::Propose(proposal) = std::mem::replace(&mut self.stage, Stage::Lost) else {
            return Err(ReceiveFlowError::OutOfOrder);
        };
        self.stage = Stage::Run(Box::new(Running {
            proposal: *proposal,
            paused: Some(paused),
            dpop,
            arrived: None,
            held: Vec::new(),
            made: Vec::new(),
            failure: None,
        }));
        Ok(())
    }

    /// What to do next. Asked again without anything in between, it says the same.
    ///
    /// # Errors
    /// The flow ends here; or, if [`ReceiveFlowError::is_passing`], it may be asked again later.
    pub fn next(&mut self, world: &mut World<'_>) -> Result<Next, ReceiveFlowError> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Lost) {
            Stage::Discover(discovery) => {
                if let Some(request) = discovery.request() {
                    self.stage = Stage::Discover(discovery);
                    return Ok(Next::Need(Need::Http(Box::new(request))));
                }
                let proposal = discovery.proposal().ok_or(ReceiveFlowError::OutOfOrder)?;
                self.logos = Logos::of(&proposal, world.rules.transport);
                Stage::Propose(Box::new(proposal))
            }
            other => other,
        };
        let next = match &mut self.stage {
            Stage::Propose(_) => self.logos.need().map_or(Next::Ask, Next::Need),
            Stage::Done(..) => Next::Done,
            Stage::Run(running) => running.next(world, self.fault, &self.logos)?,
            Stage::Discover(_) | Stage::Lost => return Err(ReceiveFlowError::OutOfOrder),
        };
        if let (Next::Done, Stage::Run(_)) = (&next, &self.stage)
            && let Stage::Run(running) = std::mem::replace(&mut self.stage, Stage::Lost)
        {
            let Running { proposal, held, made, failure, .. } = *running;
            for key in &made {
                world.wallet.forget_key(key); // [WAP-19]
            }
            self.stage = Stage::Done(Box::new(proposal), held);
            return failure.map_or(Ok(Next::Done), Err);
        }
        Ok(next)
    }

    /// Takes what was found for the last [`Next::Need`].
    ///
    /// # Errors
    /// As [`Receive::next`].
    pub fn supply(&mut self, found: Found, world: &World<'_>) -> Result<(), ReceiveFlowError> {
        match (&mut self.stage, found) {
            (Stage::Discover(discovery), Found::Response(response)) => {
                Ok(discovery.supply(&response, world.now)?)
            }
            (Stage::Propose(_), found) if !self.logos.is_complete() => {
                self.logos.supply(&found);
                Ok(())
            }
            (Stage::Run(running), found) => {
                let supplied = running.supply(found, world);
                if let Err(error) = &supplied
                    && error.is_about_code()
                    && running.asks_for_code()
                {
                    // The issuer counts attempts; the holder may have mistyped.
                    self.propose_again(); // [WAP-18]
                }
                supplied
            }
            (_, Found::Unreachable) => Err(ReceiveFlowError::Unreachable),
            _ => Err(ReceiveFlowError::OutOfOrder),
        }
    }

    /// Gives up: forgets the keys to which nothing came. For a flow that ended with an error, or that nobody goes on with.
    pub fn give_up(&mut self, wallet: &mut Wallet) {
        if let Stage::Run(running) = &mut self.stage {
            running.made.drain(..).for_each(|key| wallet.forget_key(&key)); // [WAP-19]
        }
    }

    fn propose_again(&mut self) {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Lost) {
            Stage::Run(running) => Stage::Propose(Box::new(running.proposal)),
            other => other,
        };
    }

    /// Takes the query with which the browser came back.
    ///
    /// # Errors
    /// It is an answer to something else, or a refusal.
    pub fn redirected(&mut self, query: &str, world: &World<'_>) -> Result<(), ReceiveFlowError> {
        let Stage::Run(running) = &mut self.stage else { return Err(ReceiveFlowError::OutOfOrder) };
        running.with(world.rules, |receiving| Ok(receiving.redirected(query)?))
    }

    /// Says that the wallet was sealed and kept.
    ///
    /// # Errors
    /// Nobody asked for it.
    pub fn stored(&mut self, world: &World<'_>) -> Result<(), ReceiveFlowError> {
        let Stage::Run(running) = &mut self.stage else { return Err(ReceiveFlowError::OutOfOrder) };
        match running.arrived.take() {
            Some(arrived) if arrived.is_held() => {
                running.with(world.rules, |receiving| Ok(receiving.report(Event::Accepted)?))
            }
            _ => Err(ReceiveFlowError::OutOfOrder),
        }
    }
}

/// Nobody, where a code of the offer is enough; else by the name of this kind of wallet.
fn identity<'a>(proposal: &Proposal, rules: &'a Rules) -> Identity<'a> {
    if proposal.offer.grants.pre_authorized.is_some() && proposal.server.allows_anonymous {
        Identity::Anonymous
    } else {
        Identity::Public { client_id: &rules.client_id }
    }
}

/// The key, if the server can bind tokens to it.
fn dpop_key<'a>(proposal: &Proposal, key: &'a SigningKey) -> Option<&'a SigningKey> {
    proposal.server.dpop_algorithms.iter().any(|name| name == "ES256").then_some(key)
}

impl Running {
    fn asks_for_code(&self) -> bool {
        let grant = self.proposal.offer.grants.pre_authorized.as_ref();
        self.held.is_empty() && grant.is_some_and(|grant| grant.tx_code.is_some())
    }

    /// Runs `act` on the machine that fetches.
    fn with<T>(
        &mut self,
        rules: &Rules,
        act: impl FnOnce(&mut Receiving<'_>) -> Result<T, ReceiveFlowError>,
    ) -> Result<T, ReceiveFlowError> {
        let paused = self.paused.take().ok_or(ReceiveFlowError::OutOfOrder)?;
        let dpop = dpop_key(&self.proposal, &self.dpop);
        let mut receiving = paused.resume(&self.proposal, identity(&self.proposal, rules), dpop);
        let done = act(&mut receiving);
        self.paused = Some(receiving.pause());
        done
    }

    fn next(
        &mut self,
        world: &mut World<'_>,
        fault: Option<ProofFault>,
        logos: &Logos,
    ) -> Result<Next, ReceiveFlowError> {
        loop {
            if self.arrived.is_some() {
                match self.admit(world, logos) {
                    Ok(Some(next)) => return Ok(next),
                    Ok(None) => {}
                    Err(error) => self.complain(error, world)?,
                }
                continue;
            }
            let World { rules, now, entropy, .. } = world;
            let step = self.with(rules, |receiving| Ok(receiving.next(*now, *entropy)?))?;
            match step {
                Step::Send(request) => return Ok(Next::Need(Need::Http(Box::new(request)))),
                Step::Browse(url) => return Ok(Next::Browse(url)),
                Step::Wait(until) => return Ok(Next::Wait(until)),
                Step::Done => return Ok(Next::Done),
                Step::Received(received) => self.arrived = Some(Arrived::new(received)),
                Step::Prove(order) => {
                    let keys = proofs::make(&order, &self.proposal, world, fault)?;
                    self.made.extend(keys.keys.iter().map(VerifyingKey::to_jwk));
                    self.with(world.rules, |receiving| Ok(receiving.prove(keys)?))?;
                }
            }
        }
    }

    /// Verifies what came and takes it into the wallet, as far as that goes with what is known.
    fn admit(&mut self, world: &mut World<'_>, logos: &Logos) -> Result<Option<Next>, ReceiveFlowError> {
        let Some(arrived) = &mut self.arrived else { return Ok(None) };
        if arrived.is_held() {
            return Ok(Some(Next::Store));
        }
        if let Some(need) = arrived.need(&self.proposal)? {
            return Ok(Some(Next::Need(need)));
        }
        self.held.extend(arrived.hold(&self.proposal, logos, world)?);
        Ok(Some(Next::Store))
    }

    /// Tells the issuer that what came is of no use, and remembers why.
    fn complain(&mut self, error: ReceiveFlowError, world: &World<'_>) -> Result<(), ReceiveFlowError> {
        self.arrived = None;
        self.failure = Some(error);
        self.with(world.rules, |receiving| Ok(receiving.report(Event::Failure)?))
    }

    fn supply(&mut self, found: Found, world: &World<'_>) -> Result<(), ReceiveFlowError> {
        match (&mut self.arrived, found) {
            (Some(arrived), Found::Document(document)) => {
                arrived.know(*document);
                Ok(())
            }
            (Some(_), Found::Nothing) => self.complain(ReceiveFlowError::UnknownIssuer, world), // [WAP-02]
            (None, Found::Response(response)) => self.respond(&response, world),
            (_, Found::Unreachable) => Err(ReceiveFlowError::Unreachable),
            _ => Err(ReceiveFlowError::OutOfOrder),
        }
    }

    fn respond(&mut self, response: &Response<Vec<u8>>, world: &World<'_>) -> Result<(), ReceiveFlowError> {
        self.with(world.rules, |receiving| Ok(receiving.supply(response, world.now)?))
    }
}
