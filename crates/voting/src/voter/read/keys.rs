//! The option keys: from the trustees' own events, which the wallet goes through as an auditor does (§5).

use super::super::{
    VoterError,
    files::{Files, Gap},
};
use crate::{
    event::{Body, Role, UnverifiedEvent},
    manifest::Manifest,
    phase::Step,
};
use sinpyo_ballot::{
    ceremony::{
        Answer, BoxKey, Ceremony, Commit, Message, Parameters, Phase, Reveal, SealedShare, Size, TrusteeNumber,
    },
    group::{Element as _, Group, Ristretto},
};
use sinpyo_tlog::merkle::TreeHead;

/// Most entries up to the end of the ceremony: a manifest may be corrected many times, and each trustee sends few.
const MAX_ENTRIES: u64 = 4096;

/// What came out of the ceremony.
#[derive(Clone, Debug)]
pub(in super::super) struct Keys {
    pub(in super::super) points: Vec<<Ristretto as Group>::Point>,
    pub(in super::super) hash: [u8; 64],
}

/// Goes through the ceremony, which ends with the entry `done`. [VTR-09]
pub(super) fn read(
    files: &Files,
    head: TreeHead,
    (manifest, done): (&Manifest, u64),
) -> Result<Keys, Gap> {
    if done > MAX_ENTRIES {
        return Err(VoterError::TooMuch.into()); // [VTR-01]
    }
    let mut ceremony = Ceremony::<Ristretto>::new(parameters(files, manifest)?);
    for index in 0..done {
        let entry = files.entry(index, head)?;
        let event = UnverifiedEvent::parse(&entry).map_err(VoterError::Event)?;
        let role = event.claimed_role();
        if event.claimed_type() == "manifest" {
            continue;
        }
        let key = manifest.key_of(role).ok_or(VoterError::Ceremony)?;
        let event = event.verify(key).map_err(VoterError::Event)?;
        let body = event.body().map_err(VoterError::Event)?;
        let applied = match (role, body) {
            (Role::Trustee(number), body) => {
                let from = TrusteeNumber::new(number).ok_or(VoterError::Ceremony)?;
                ceremony.apply(from, &message(body).ok_or(VoterError::Ceremony)?)
            }
            (Role::Host, Body::CeremonyNext(step)) => ceremony.advance(phase(step)),
            _ => return Err(VoterError::Ceremony.into()),
        };
        applied.map_err(|_| VoterError::Ceremony)?;
    }
    let joint = ceremony.joint_keys().map_err(|_| VoterError::Ceremony)?;
    let entry = files.entry(done, head)?;
    let event = UnverifiedEvent::parse(&entry).map_err(VoterError::Event)?;
    let event = event.verify(&manifest.host).map_err(VoterError::Event)?;
    let Body::CeremonyDone(stated) = event.body().map_err(VoterError::Event)? else {
        return Err(VoterError::Ceremony.into());
    };
    let is_theirs = joint.keys().iter().map(Ristretto::encode).eq(stated.keys.iter().copied())
        && joint.qualified().map(TrusteeNumber::number).eq(stated.qualified.iter().copied());
    if !is_theirs || joint.keys().contains(&<Ristretto as Group>::Point::identity()) {
        return Err(VoterError::Ceremony.into());
    }
    Ok(Keys { points: joint.keys().to_vec(), hash: *joint.hash() })
}

fn parameters(files: &Files, manifest: &Manifest) -> Result<Parameters, VoterError> {
    let boxes = manifest.trustees.iter().map(|trustee| BoxKey::new(trustee.sealing));
    let boxes = boxes.collect::<Option<_>>().ok_or(VoterError::Ceremony)?;
    let size = Size { threshold: manifest.threshold, keys: manifest.keys };
    Parameters::new(*files.place().election(), size, boxes).map_err(|_| VoterError::Ceremony)
}

/// A trustee's event as the ceremony takes it.
fn message(body: Body) -> Option<Message> {
    Some(match body {
        Body::CeremonyCommit(own) => Message::Commit(Commit { commit: own.commit, beacon: own.beacon }),
        Body::CeremonyReveal(own) => {
            Message::Reveal(Reveal { commitments: own.commitments, proofs: own.proofs })
        }
        Body::CeremonyShares(shares) => {
            let share = |own: crate::event::SealedShare| {
                let to = TrusteeNumber::new(own.to)?;
                Some(SealedShare { to, encapsulated: own.enc, ciphertext: own.ciphertext })
            };
            Message::Shares(shares.into_iter().map(share).collect::<Option<_>>()?)
        }
        Body::CeremonyComplaint(own) => Message::Complaint { against: TrusteeNumber::new(own.against)? },
        Body::CeremonyAnswer(own) => {
            Message::Answer(Answer { to: TrusteeNumber::new(own.to)?, shares: own.shares })
        }
        _ => return None,
    })
}

const fn phase(step: Step) -> Phase {
    match step {
        Step::Commit => Phase::Commit,
        Step::Reveal => Phase::Reveal,
        Step::Shares => Phase::Shares,
        Step::Complaints => Phase::Complaints,
        Step::Answers => Phase::Answers,
    }
}
