//! From a request to an answer that the holder agreed to, or to none.

mod error;
mod inquiry;

pub use error::PresentFlowError;
pub use inquiry::{Claimant, Inquiry};

use crate::{
    flow::{Next, World},
    misbehave::{self, Built, Misbehaviour},
    need::{Found, Need},
    trust::Rules,
};
use http::Request;
use inquiry::{Counterpart, Looking};
use serde_json::{Map, Value, json};
use sinpyo_core::{key::Entropy, request::PresentationRequest, resolved::VersionSelector};
use sinpyo_openid4vp::{
    Location, Prefix, VpToken, WalletErrorCode,
    wallet::{Asked, Invitation, Posted, Reference, Response, SignedRequest, Trust},
};
use sinpyo_proof::Unverified;
use sinpyo_wallet::{Choice, HeldId, Occasion};
use std::collections::{BTreeMap, VecDeque};

/// A request on its way to an answer.
///
/// Ask for [`Present::next`], do what it says, until it is [`Next::Done`]. Until [`Present::agree`] nothing leaves the
/// wallet but the request for the request itself.
#[derive(Debug)]
pub struct Present {
    stage: Stage,
    fault: Option<Misbehaviour>,
}

#[derive(Debug)]
enum Stage {
    Reference(Reference),
    Fetching(Box<(Request<Vec<u8>>, sinpyo_openid4vp::wallet::Fetching)>),
    Signed(Box<SignedRequest>),
    /// A request of ours that came as a file.
    Offline(String),
    Looking(Box<Looking>),
    Ask(Box<Inquiry>),
    Store(Outgoing),
    Send(Outgoing),
    Done(PresentOutcome),
    /// Only while one stage becomes another.
    Lost,
}

#[derive(Debug)]
enum Outgoing {
    /// To be posted one after the other; the last answer counts.
    Posts(VecDeque<Request<Vec<u8>>>, PresentOutcome),
    /// To be carried by the holder.
    File(Box<[u8]>),
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentOutcome {
    /// The answer was taken; where the verifier wants the browser to go.
    Sent(Option<Location>),
    /// The answer, for the holder to carry.
    Carried(Box<[u8]>),
    /// Nothing was sent to anybody.
    Declined,
    /// The verifier was told that there will be no answer, and nothing else.
    DeclinedAloud,
}

/// What the holder decided where there was something to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// For each set of which something else than the first option is taken, the option, or none to leave it out.
    pub sets: BTreeMap<usize, Option<usize>>,
    /// Credentials to show in place of others that would do.
    pub copies: Vec<HeldId>,
}

/// What a verifier learns of a holder who declines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Silence {
    /// Nothing at all.
    #[default]
    Complete,
    /// That access was denied; not why.
    Told,
}

impl Present {
    /// Reads a link, the text of a QR code, or a request of ours from a file. Nothing was fetched yet.
    ///
    /// # Errors
    /// It holds no request.
    pub fn begin(text: &str, rules: &Rules) -> Result<Self, PresentFlowError> {
        let text = text.trim();
        let is_token = !text.contains(':') && text.split('.').count() == 3;
        let stage = if is_token {
            Stage::Offline(text.to_owned())
        } else {
            match Invitation::parse(text, rules.addresses())? {
                Invitation::Fetch(reference) => Stage::Reference(reference),
                Invitation::Signed(signed) => Stage::Signed(signed),
                Invitation::Unsigned(asked) => Stage::Looking(Box::new(Looking::remote(asked))),
            }
        };
        Ok(Self { stage, fault: None })
    }

    /// With an answer that is wrong in one way, to test verifiers.
    #[must_use]
    pub fn misbehaving(self, fault: Misbehaviour) -> Self {
        Self { fault: Some(fault), ..self }
    }

    /// Who asks for what, once that is known.
    pub fn inquiry(&self) -> Option<&Inquiry> {
        match &self.stage {
            Stage::Ask(inquiry) => Some(inquiry),
            _ => None,
        }
    }

    /// How it ended, if it did.
    pub const fn outcome(&self) -> Option<&PresentOutcome> {
        match &self.stage {
            Stage::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// What to do next. Asked again without anything in between, it says the same.
    ///
    /// # Errors
    /// The flow ends here.
    pub fn next(&mut self, world: &mut World<'_>) -> Result<Next, PresentFlowError> {
        loop {
            if let Some(next) = self.ready()? {
                return Ok(next);
            }
            self.stage = match std::mem::replace(&mut self.stage, Stage::Lost) {
                Stage::Reference(reference) => {
                    Stage::Fetching(Box::new(reference.fetch(&metadata(), world.entropy)))
                }
                Stage::Signed(signed) => {
                    let asked = authenticated(*signed, &[], world)?;
                    Stage::Looking(Box::new(Looking::remote(Box::new(asked))))
                }
                Stage::Looking(looking) => Stage::Ask(Box::new(looking.question(None, world)?)),
                other => other,
            };
        }
    }

    /// What is to be done, if it needs nothing of the wallet's own work first.
    fn ready(&self) -> Result<Option<Next>, PresentFlowError> {
        let http = |request: &Request<Vec<u8>>| Next::Need(Need::Http(Box::new(request.clone())));
        Ok(match &self.stage {
            Stage::Fetching(fetching) => Some(http(&fetching.0)),
            Stage::Signed(signed) if signed.client_id().prefix() == Prefix::DecentralizedIdentifier => {
                let did = signed.client_id().name().parse().map_err(|_| PresentFlowError::UnknownVerifier)?;
                Some(Next::Need(Need::Document { did, version: VersionSelector::Latest }))
            }
            Stage::Offline(text) => {
                let hint = parse(text)?.hint();
                let did = hint.claimed_key().ok_or(PresentFlowError::UnknownVerifier)?.did();
                Some(Next::Need(Need::Document { did, version: VersionSelector::Latest }))
            }
            Stage::Looking(looking) => looking.need()?.map(Next::Need),
            Stage::Ask(_) => Some(Next::Ask),
            Stage::Store(_) => Some(Next::Store),
            Stage::Send(Outgoing::Posts(posts, _)) => posts.front().map(http),
            Stage::Done(_) => Some(Next::Done),
            Stage::Lost | Stage::Send(Outgoing::File(_)) => return Err(PresentFlowError::OutOfOrder),
            Stage::Reference(_) | Stage::Signed(_) => None,
        })
    }

    /// Takes what was found for the last [`Next::Need`].
    ///
    /// # Errors
    /// The flow ends here; or, if [`PresentFlowError::is_passing`], it may be asked again later.
    pub fn supply(&mut self, found: Found, world: &World<'_>) -> Result<(), PresentFlowError> {
        if matches!(found, Found::Unreachable) {
            return Err(PresentFlowError::Unreachable);
        }
        self.stage = match (std::mem::replace(&mut self.stage, Stage::Lost), found) {
            (Stage::Fetching(fetching), Found::Response(response)) => {
                Stage::Signed(Box::new(fetching.1.read(&response)?))
            }
            (Stage::Signed(signed), Found::Document(document)) => {
                let asked = authenticated(*signed, std::slice::from_ref(&*document), world)?;
                Stage::Looking(Box::new(Looking::remote(Box::new(asked))))
            }
            (Stage::Offline(text), Found::Document(document)) => {
                Stage::Looking(Box::new(Looking::offline(parse(&text)?, *document)))
            }
            (Stage::Signed(_) | Stage::Offline(_), Found::Nothing) => {
                return Err(PresentFlowError::UnknownVerifier); // [WAP-08]
            }
            (Stage::Looking(looking), Found::Accreditation(accreditation)) => {
                Stage::Ask(Box::new(looking.question(Some(&accreditation), world)?))
            }
            (Stage::Looking(_), Found::Nothing) => return Err(PresentFlowError::NotRegistered), // [WAP-07]
            (Stage::Send(Outgoing::Posts(posts, outcome)), Found::Response(response)) => {
                posted(posts, outcome, &response, world)?
            }
            _ => return Err(PresentFlowError::OutOfOrder),
        };
        Ok(())
    }

    /// What would be shown, as things stand in the wallet now.
    ///
    /// # Errors
    /// Nobody asks, or the wallet cannot answer.
    pub fn review(&self, world: &World<'_>) -> Result<Choice, PresentFlowError> {
        let inquiry = self.inquiry().ok_or(PresentFlowError::OutOfOrder)?;
        Ok(world.wallet.review(inquiry.question().clone(), world.now)?)
    }

    /// Answers as the holder decided. The answer is made and not yet sent.
    ///
    /// # Errors
    /// What was decided does not fit what is asked: the holder may decide anew.
    pub fn agree(&mut self, decision: &Decision, world: &mut World<'_>) -> Result<(), PresentFlowError> {
        let mut choice = self.review(world)?;
        for (set, option) in &decision.sets {
            choice = choice.take(*set, *option)?;
        }
        for held in &decision.copies {
            choice = choice.prefer(*held)?;
        }
        let Stage::Ask(inquiry) = &self.stage else { return Err(PresentFlowError::OutOfOrder) };
        let outgoing = match inquiry.counterpart() {
            Counterpart::Offline(request) => {
                let audience = request.audience();
                let occasion = Occasion { audience: &audience, nonce: &request.nonce, handover: None };
                let presentations =
                    world.wallet.present(choice.disclose_requested(), &occasion, world.now)?;
                Outgoing::File(presentations.into_answer())
            }
            Counterpart::Remote(asked) => answered(asked, choice, self.fault, world)?,
        };
        self.stage = Stage::Store(outgoing);
        Ok(())
    }

    /// Does not answer. Unless the holder wants the verifier to be told, nothing is sent. [WAP-10]
    ///
    /// # Errors
    /// Nobody asks.
    pub fn decline(&mut self, silence: Silence, entropy: &mut dyn Entropy) -> Result<(), PresentFlowError> {
        let Stage::Ask(inquiry) = &self.stage else { return Err(PresentFlowError::OutOfOrder) };
        let told = match (silence, inquiry.counterpart()) {
            (Silence::Told, Counterpart::Remote(asked)) => {
                match asked.decline(WalletErrorCode::AccessDenied, entropy)? {
                    Response::Post(request) => Some(*request),
                    Response::Digital(_) => None,
                }
            }
            _ => None,
        };
        self.stage = match told {
            Some(request) => Stage::Send(Outgoing::Posts([request].into(), PresentOutcome::DeclinedAloud)),
            None => Stage::Done(PresentOutcome::Declined),
        };
        Ok(())
    }

    /// Says that the wallet was sealed and kept: now the answer may be sent.
    ///
    /// # Errors
    /// Nobody asked for it.
    pub fn stored(&mut self) -> Result<(), PresentFlowError> {
        self.stage = match std::mem::replace(&mut self.stage, Stage::Lost) {
            Stage::Store(Outgoing::File(answer)) => Stage::Done(PresentOutcome::Carried(answer)),
            Stage::Store(outgoing) => Stage::Send(outgoing), // [WAP-09]
            other => {
                self.stage = other;
                return Err(PresentFlowError::OutOfOrder);
            }
        };
        Ok(())
    }
}

/// What a verifier may know of this wallet: what all wallets of its kind can.
fn metadata() -> Map<String, Value> {
    let formats = json!({
        "dc+sd-jwt": {}, "mso_mdoc": {}, "jwt_vc_json": {}, "ldp_vc": {},
    });
    Map::from_iter([("vp_formats_supported".to_owned(), formats)])
}

fn parse(text: &str) -> Result<Unverified<PresentationRequest>, PresentFlowError> {
    Ok(Unverified::parse(text.as_bytes())?)
}

fn authenticated(
    signed: SignedRequest,
    documents: &[sinpyo_core::resolved::Resolved],
    world: &World<'_>,
) -> Result<Asked, PresentFlowError> {
    let trust = Trust {
        roots: &world.rules.verifier_roots,
        documents,
        attesters: &world.rules.attesters,
        transport: world.rules.addresses(),
    };
    Ok(signed.authenticate(&trust, world.now)?)
}

/// The response with what the holder agreed to show.
fn answered(
    asked: &Asked,
    choice: Choice,
    fault: Option<Misbehaviour>,
    world: &mut World<'_>,
) -> Result<Outgoing, PresentFlowError> {
    let expectation = match fault {
        None => asked.expectation(),
        Some(fault) => misbehave::expectation(fault, asked.expectation()),
    };
    let (handover, audience) = (expectation.handover(), asked.expectation().audience);
    let occasion = Occasion { audience: &audience, nonce: &expectation.nonce, handover: Some(&handover) };
    let queries: Vec<_> = choice.answers().iter().map(|answer| answer.query().clone()).collect();
    let presentations = world.wallet.present(choice.disclose_requested(), &occasion, world.now)?;
    let token = presentations.into_vp_token();
    let posts = if let Some(fault) = fault {
        let built = Built { asked, token, queries, wallet: world.wallet };
        misbehave::respond(fault, &built, world.now, world.entropy)?.into()
    } else {
        let token = VpToken::parse(Value::Object(token)).map_err(|_| PresentFlowError::OutOfOrder)?;
        match asked.answer(&token, world.entropy)? {
            Response::Post(request) => VecDeque::from([*request]),
            Response::Digital(_) => return Err(PresentFlowError::OutOfOrder),
        }
    };
    Ok(Outgoing::Posts(posts, PresentOutcome::Sent(None)))
}

/// What the answer to a post means; the next one, if there is one.
fn posted(
    mut posts: VecDeque<Request<Vec<u8>>>,
    outcome: PresentOutcome,
    response: &http::Response<Vec<u8>>,
    world: &World<'_>,
) -> Result<Stage, PresentFlowError> {
    posts.pop_front();
    if !posts.is_empty() {
        return Ok(Stage::Send(Outgoing::Posts(posts, outcome)));
    }
    Ok(Stage::Done(match outcome {
        PresentOutcome::Sent(_) => {
            PresentOutcome::Sent(Posted::read(response, world.rules.addresses())?.redirect_uri)
        }
        // Whether the verifier understood a refusal does not concern the holder.
        other => other,
    }))
}
