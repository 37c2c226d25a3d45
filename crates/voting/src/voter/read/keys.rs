//! The option keys: from the trustees' own events, which the wallet goes through as an auditor does (§5).

use super::super::{
    VoterError,
    files::{Files, Gap},
};
use crate::{
    election::KeyCeremony,
    event::{Body, Role, UnverifiedEvent},
    manifest::Manifest,
};
use sinpyo_ballot::{
    ceremony::TrusteeNumber,
    group::{Group, Ristretto},
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
pub(super) fn read(files: &Files, head: TreeHead, (manifest, done): (&Manifest, u64)) -> Result<Keys, Gap> {
    if done > MAX_ENTRIES {
        return Err(VoterError::TooMuch.into()); // [VTR-01]
    }
    let wrong = |_| VoterError::Ceremony;
    // All of them first: what is missing is fetched before anything is computed.
    let entries: Vec<Vec<u8>> = (0..=done).map(|index| files.entry(index, head)).collect::<Result<_, _>>()?;
    let (last, entries) = entries.split_last().ok_or(VoterError::Ceremony)?;
    let mut ceremony = KeyCeremony::begin(manifest, files.place().election()).map_err(wrong)?;
    for entry in entries {
        let event = UnverifiedEvent::parse(entry).map_err(VoterError::Event)?;
        if event.claimed_type() == "manifest" {
            continue;
        }
        let (from, body) = signed(event, manifest)?;
        let from = match from {
            Role::Trustee(number) => Some(number),
            Role::Host | Role::Registrar | Role::Board => None,
        };
        ceremony.perform(from, &body).map_err(wrong)?;
    }
    let event = UnverifiedEvent::parse(last).map_err(VoterError::Event)?;
    let (_, Body::CeremonyDone(stated)) = signed(event, manifest)? else {
        return Err(VoterError::Ceremony.into());
    };
    let joint = ceremony.seen().joint_keys().map_err(|_| VoterError::Ceremony)?;
    let is_theirs = joint.keys().iter().map(Ristretto::encode).eq(stated.keys.iter().copied())
        && joint.qualified().map(TrusteeNumber::number).eq(stated.qualified.iter().copied());
    if !is_theirs {
        return Err(VoterError::Ceremony.into());
    }
    Ok(Keys { points: joint.keys().to_vec(), hash: *joint.hash() })
}

/// Who says what, signed by the role that it names.
fn signed(event: UnverifiedEvent, manifest: &Manifest) -> Result<(Role, Body), VoterError> {
    let key = manifest.key_of(event.claimed_role()).ok_or(VoterError::Ceremony)?;
    let event = event.verify(key).map_err(VoterError::Event)?;
    Ok((event.by(), event.body().map_err(VoterError::Event)?))
}
