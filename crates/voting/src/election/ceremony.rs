//! The trustees' ceremony in the log (§5): its events are kept as they came, and the ceremony is made of them.

use super::{
    Refused, Rules,
    state::{Changing, MESSAGES, key},
};
use crate::{
    event::{Body, Done},
    manifest::Manifest,
    phase::Step,
};
use serde_json::{Value, json};
use sinpyo_ballot::{
    ceremony::{
        self, BoxKey, Ceremony, CeremonyError, JointKeys, Message, MisplacedError, Parameters, SealedShare,
        Size, TrusteeNumber,
    },
    generators::ElectionId,
    group::{Group as _, Ristretto},
};
use sinpyo_core::{jcs, json};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{EngineError, StateView};
use std::sync::Arc;

/// How many messages there were, and a hash over all of them and the manifest that they belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Messages {
    count: u32,
    pub(super) chain: [u8; 32],
}

impl Messages {
    pub(super) fn read(state: &dyn StateView) -> Result<Self, Refused> {
        let Some(bytes) = state.get(MESSAGES)? else { return Ok(Self { count: 0, chain: [0; 32] }) };
        let damaged = || Refused::Engine(EngineError::CorruptState);
        let (count, chain) = bytes.split_first_chunk().ok_or_else(damaged)?;
        let chain = chain.try_into().map_err(|_| damaged())?;
        Ok(Self { count: u32::from_le_bytes(*count), chain })
    }
}

/// Appends a message, and remembers what the ceremony is with it.
pub(super) fn take(
    rules: &Rules,
    changing: &mut Changing<'_>,
    election: &ElectionId,
    from: Option<u32>,
    body: &Body,
) -> Result<(), Refused> {
    let before = Messages::read(changing)?;
    let mut ceremony = match before.count {
        0 => KeyCeremony::begin(&*rules.manifest(changing)?, election)?,
        _ => KeyCeremony::clone(&*rules.ceremony(changing)?),
    };
    ceremony.perform(from, body)?;
    let message =
        jcs::canonicalize(&json!({"body": body.to_json(), "from": from, "type": body.kind().as_str()}));
    let chain = sha256(&[&before.chain[..], &election.0, &message].concat());
    changing.put(key("message", &[&before.count.to_le_bytes()]), message);
    let count = before.count.saturating_add(1);
    changing.put(MESSAGES.to_vec(), [&count.to_le_bytes()[..], &chain].concat());
    rules.remember(chain, &Arc::new(ceremony));
    Ok(())
}

/// Makes the ceremony of its messages.
pub(super) fn replay(
    state: &dyn StateView,
    manifest: &Manifest,
    messages: &Messages,
) -> Result<KeyCeremony, Refused> {
    let damaged = || Refused::Engine(EngineError::CorruptState);
    let election = super::Election::new(state).id()?.ok_or(Refused::NotCalled)?;
    let mut ceremony = KeyCeremony::begin(manifest, &election)?;
    for number in 0..messages.count {
        let bytes = state.get(&key("message", &[&number.to_le_bytes()]))?.ok_or_else(damaged)?;
        let message = json::parse_object(&bytes).map_err(|_| damaged())?;
        let from = match message.get("from").ok_or_else(damaged)? {
            Value::Null => None,
            from => Some(from.as_u64().and_then(|from| u32::try_from(from).ok()).ok_or_else(damaged)?),
        };
        let name = message.get("type").and_then(Value::as_str).ok_or_else(damaged)?;
        let body = message.get("body").and_then(Value::as_object).ok_or_else(damaged)?;
        let body = Body::read_named(name, body).map_err(|_| damaged())?;
        ceremony.perform(from, &body)?;
    }
    Ok(ceremony)
}

/// The ceremony as its events led to it.
#[derive(Clone, Debug)]
pub struct KeyCeremony(Ceremony<Ristretto>);

impl KeyCeremony {
    /// The ceremony of `manifest` before its first event.
    pub(crate) fn begin(manifest: &Manifest, election: &ElectionId) -> Result<Self, Refused> {
        let bound = || Refused::Manifest(crate::manifest::ManifestError::Bound("trustees"));
        let boxes: Option<Vec<BoxKey>> =
            manifest.trustees.iter().map(|trustee| BoxKey::new(trustee.sealing)).collect();
        let size = Size { threshold: manifest.threshold, keys: manifest.keys };
        let parameters = Parameters::new(*election, size, boxes.ok_or_else(bound)?).map_err(|_| bound())?;
        Ok(Self(Ceremony::new(parameters)))
    }

    /// What everybody sees of it.
    pub const fn seen(&self) -> &Ceremony<Ristretto> {
        &self.0
    }

    /// Takes the next event.
    pub(crate) fn perform(&mut self, from: Option<u32>, body: &Body) -> Result<(), Refused> {
        if let Body::CeremonyNext(step) = body {
            return self.0.advance((*step).into()).map_err(Refused::Misplaced); // [VOT-51]
        }
        let number = from.and_then(TrusteeNumber::new).ok_or(Refused::Unknown)?;
        self.0.apply(number, &message(body, number)?).map_err(Refused::Misplaced) // [VOT-51]
    }
}

impl From<Step> for ceremony::Phase {
    fn from(step: Step) -> Self {
        match step {
            Step::Commit => Self::Commit,
            Step::Reveal => Self::Reveal,
            Step::Shares => Self::Shares,
            Step::Complaints => Self::Complaints,
            Step::Answers => Self::Answers,
        }
    }
}

/// The event's body as the ceremony knows it.
fn message(body: &Body, from: TrusteeNumber) -> Result<Message, Refused> {
    let number = |number: u32| {
        let misplaced = Refused::Misplaced(MisplacedError::Out { trustee: from });
        TrusteeNumber::new(number).ok_or(misplaced)
    };
    Ok(match body {
        Body::CeremonyCommit(body) => {
            Message::Commit(ceremony::Commit { commit: body.commit, beacon: body.beacon })
        }
        Body::CeremonyReveal(body) => Message::Reveal(ceremony::Reveal {
            commitments: body.commitments.clone(),
            proofs: body.proofs.clone(),
        }),
        Body::CeremonyShares(body) => Message::Shares(vec![SealedShare {
            to: number(body.to)?,
            encapsulated: body.enc,
            ciphertext: body.ciphertext.clone(),
        }]),
        Body::CeremonyComplaint(body) => Message::Complaint { against: number(body.against)? },
        Body::CeremonyAnswer(body) => {
            Message::Answer(ceremony::Answer { to: number(body.to)?, shares: body.shares.clone() })
        }
        _ => return Err(Refused::Unknown),
    })
}

/// The bodies of the events that say what a trustee's program wants to say.
pub fn bodies(message: Message) -> Vec<Body> {
    match message {
        Message::Commit(body) => {
            vec![Body::CeremonyCommit(crate::event::Commit { commit: body.commit, beacon: body.beacon })]
        }
        Message::Reveal(body) => vec![Body::CeremonyReveal(crate::event::Reveal {
            commitments: body.commitments,
            proofs: body.proofs,
        })],
        Message::Shares(shares) => {
            let share = |share: SealedShare| crate::event::SealedShare {
                to: share.to.number(),
                enc: share.encapsulated,
                ciphertext: share.ciphertext,
            };
            shares.into_iter().map(share).map(Body::CeremonyShares).collect()
        }
        Message::Complaint { against } => {
            vec![Body::CeremonyComplaint(crate::event::Complaint { against: against.number() })]
        }
        Message::Answer(body) => {
            vec![Body::CeremonyAnswer(crate::event::Answer { to: body.to.number(), shares: body.shares })]
        }
        _ => Vec::new(),
    }
}

/// What `ceremony-done` must say.
///
/// # Errors
/// The ceremony is not over, or gives no keys.
pub fn done(ceremony: &KeyCeremony) -> Result<Done, CeremonyError> {
    ceremony.seen().joint_keys().map(|keys| done_of(&keys))
}

pub(super) fn done_of(keys: &JointKeys<Ristretto>) -> Done {
    Done {
        keys: keys.keys().iter().map(Ristretto::encode).collect(),
        qualified: keys.qualified().map(TrusteeNumber::number).collect(),
    }
}
