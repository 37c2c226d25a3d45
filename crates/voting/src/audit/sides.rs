//! Rejected (V7) and spoiled (V12) ballots.

use super::{
    Check, Finding, Machine,
    positions::Positions,
    reading::{Again, Fingerprint, Source},
    report::Notes,
};
use crate::{
    ballots::{Reason, Settings},
    event::{Body, Rejected, RejectedBallot, Spoiled, UnverifiedEvent},
    manifest::Revote,
    record::RecordError,
};
use sinpyo_ballot::{
    ballot::{Header, Place, TrackingCode, UnverifiedBallot},
    check,
    group::{Element as _, Group as _, Ristretto},
    ring::Ring,
    verify::verify,
};
use std::sync::{Mutex, PoisonError};

/// The events that say so, and all of their bytes.
#[derive(Debug, Default)]
pub(super) struct Sides {
    pub(super) rejected: Vec<Again>,
    pub(super) spoiled: Vec<Again>,
    pub(super) seen: Fingerprint,
}

/// Reads the events again and checks each.
pub(super) fn check(
    source: Source<'_>,
    settings: &Settings,
    positions: &Positions,
    sides: &Sides,
    machine: &dyn Machine,
    notes: &mut Notes,
) -> Result<(), RecordError> {
    notes.proofs.rejected = u64::try_from(sides.rejected.len()).unwrap_or(u64::MAX);
    notes.proofs.spoiled = u64::try_from(sides.spoiled.len()).unwrap_or(u64::MAX);
    let found = Mutex::new((Vec::new(), Fingerprint::default(), None));
    let all: Vec<Again> = sides.rejected.iter().chain(&sides.spoiled).copied().collect();
    machine.run(all.len(), &|job| {
        let Some(again) = all.get(job).copied() else { return };
        let mut seen = Fingerprint::default();
        let verdict = source.again(again, &mut seen);
        let verdict = verdict.map(|bytes| judge(settings, positions, again.0, &bytes));
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        found.1.merge(seen);
        match verdict {
            Ok(Some(finding)) => found.0.push(finding),
            Ok(None) => {}
            Err(error) => found.2 = Some(error),
        }
    });
    let (findings, seen, failed) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.map_or(Ok(()), Err)?;
    sides.seen.verify(seen)?;
    for (check, finding) in findings {
        notes.object(check, finding);
    }
    Ok(())
}

fn judge(settings: &Settings, positions: &Positions, index: u64, bytes: &[u8]) -> Option<(Check, Finding)> {
    let body = UnverifiedEvent::parse(bytes).ok()?.claimed_content().ok()?;
    match body {
        Body::Rejected(rejected) => {
            let fits = is_invalid(settings, positions, index, &rejected);
            let reason = format!("the ballot is not invalid for the reason {}", rejected.reason);
            (!fits).then(|| (Check::Rejected, Finding::entry(index, reason))) // [AUD-07]
        }
        Body::Spoiled(spoiled) => {
            let fits = encrypts_again(settings, &spoiled);
            let reason = "the spoiled ballot does not encrypt again to what it says";
            (!fits).then(|| (Check::Spoiled, Finding::entry(index, reason))) // [AUD-12]
        }
        _ => None,
    }
}

/// Whether a spoiled ballot is the encryption of its choices under some style: it does not say which.
fn encrypts_again(settings: &Settings, spoiled: &Spoiled) -> bool {
    let choices: Option<Vec<u8>> = spoiled.choices.iter().map(|choice| u8::try_from(*choice).ok()).collect();
    let (Some(choices), Some(tracking)) = (choices, TrackingCode::parse(&spoiled.tracking)) else {
        return false;
    };
    let claim = check::Spoiled::<Ristretto> {
        alpha: spoiled.alpha,
        beta: spoiled.beta.clone(),
        choices,
        rho: spoiled.rho,
        tracking,
    };
    settings.settings().iter().any(|setting| claim.check(setting).is_ok())
}

/// Whether a ballot is invalid for the reason that the board gave.
fn is_invalid(settings: &Settings, positions: &Positions, index: u64, rejected: &Rejected) -> bool {
    let bytes = match &rejected.ballot {
        // What was too long to keep cannot be a ballot.
        RejectedBallot::Digest(_) => return rejected.reason == Reason::Encoding,
        RejectedBallot::Bytes(bytes) => bytes,
    };
    let header = Header::parse(bytes).ok();
    let setting = header.and_then(|header| settings.setting(header.style));
    let ballot =
        setting.and_then(|setting| UnverifiedBallot::<Ristretto>::parse(bytes, setting.shape()).ok());
    match rejected.reason {
        Reason::Encoding => match (header, setting, &ballot) {
            (Some(_), Some(_), Some(ballot)) => !points_decode(settings, ballot),
            // Of an unknown style nobody knows the length.
            (Some(_), None, _) => false,
            _ => true,
        },
        Reason::Style => header.is_some_and(|header| !has_style(settings, header)),
        Reason::Ring => header.is_some_and(|header| district(settings, header).is_none()),
        Reason::Tag => ballot.is_some_and(|ballot| is_identity(ballot.tag())),
        Reason::Proof => ballot.is_some_and(|ballot| {
            let proof = check_alone(settings, &ballot);
            proof == Some(Reason::Proof) || (proof.is_none() && !settings.token_holds(&ballot))
        }),
        Reason::Duplicate => {
            let tag = ballot.as_ref().map(UnverifiedBallot::tag);
            let earlier = tag.and_then(|tag| positions.counted(tag)).is_some_and(|earlier| earlier < index);
            settings.manifest().revote == Revote::First && earlier
        }
    }
}

fn district(settings: &Settings, header: Header) -> Option<u32> {
    match header.place {
        Place::Ring(ring) => settings.roster(ring).map(sinpyo_ballot::ring::Roster::district),
        Place::District(district) => settings.manifest().district(district).map(|_| district),
    }
}

/// Whether the style exists and is that of the ring's district, if there is such a ring.
fn has_style(settings: &Settings, header: Header) -> bool {
    let district = district(settings, header).and_then(|district| settings.manifest().district(district));
    settings.setting(header.style).is_some() && district.is_none_or(|district| district.style == header.style)
}

fn is_identity(point: &[u8; 32]) -> bool {
    Ristretto::decode(point)
        .is_some_and(|point| point == <Ristretto as sinpyo_ballot::group::Group>::Point::identity())
}

fn check_alone(settings: &Settings, ballot: &UnverifiedBallot<Ristretto>) -> Option<Reason> {
    let setting = settings.setting(ballot.header().style)?;
    let ring = ballot.ring().and_then(|ring| settings.roster(ring));
    let ring = ring.and_then(|roster| Ring::new(roster.clone()).ok());
    verify(setting, ring.as_ref(), ballot).err().map(|error| Reason::of(&error))
}

/// Whether all points of a ballot whose place is right are encodings of points.
fn points_decode(settings: &Settings, ballot: &UnverifiedBallot<Ristretto>) -> bool {
    check_alone(settings, ballot) != Some(Reason::Encoding)
}
