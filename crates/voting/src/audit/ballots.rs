//! The second reading: ballots, ring by ring (V6), and their sums (V9).

use super::{
    Check, Finding, Machine, Progress, Stage,
    derived::Derived,
    positions::{BallotAt, Positions},
    reading::{Fingerprint, Source},
    report::Notes,
};
use crate::{ballots::Settings, record::RecordError};
use sinpyo_ballot::{
    ballot::UnverifiedBallot,
    batch::verify_batch,
    group::Ristretto,
    ring::{Ring, RingIndex},
    tally::Sum,
};
use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// So many ballots are read at a time; fewer than fit a cache would cost the ring's share more often.
const BATCH: usize = 2_048;

/// Sums by district, over the ballots that count.
pub(super) type Sums = BTreeMap<u32, Sum<Ristretto>>;

/// What one job found.
#[derive(Default)]
struct Found {
    sums: Sums,
    bad: Vec<(u64, String)>,
    tokens: u64,
    seen: Fingerprint,
    failed: Option<RecordError>,
}

impl Found {
    fn merge(&mut self, other: Self) {
        for (district, sum) in other.sums {
            match self.sums.get_mut(&district) {
                // One district has one style.
                Some(own) => {
                    let _ = own.merge(&sum);
                }
                None => {
                    self.sums.insert(district, sum);
                }
            }
        }
        self.bad.extend(other.bad);
        self.tokens = self.tokens.saturating_add(other.tokens);
        self.seen.merge(other.seen);
        self.failed = self.failed.take().or(other.failed);
    }
}

/// Checks every ballot, and adds up those that count.
pub(super) fn check(
    source: Source<'_>,
    settings: &Settings,
    positions: &Positions,
    machine: &dyn Machine,
    notes: &mut Notes,
) -> Result<Sums, RecordError> {
    let mut ballots = positions.ballots.clone();
    // Stable: within a ring the order of the log.
    ballots.sort_by_key(|ballot| ballot.place);
    let jobs = jobs(&ballots, settings.has_rings());
    let (all, done) = (Mutex::new(Found::default()), AtomicU64::new(0));
    machine.run(jobs.len(), &|job| {
        let Some(own) = jobs.get(job).and_then(|range| ballots.get(range.clone())) else { return };
        let found = check_place(source, settings, own, Derived::new(source.secret, 2, job));
        all.lock().unwrap_or_else(PoisonError::into_inner).merge(found);
        let count = u64::try_from(own.len()).unwrap_or(0);
        let done = done.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        machine.progress(Progress { stage: Stage::Ballots, done, of: positions.len() });
    });
    let found = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = found.failed {
        return Err(error);
    }
    positions.seen.verify(found.seen)?;
    notes.proofs.ballot = positions.len();
    notes.proofs.token = found.tokens;
    for (index, reason) in found.bad {
        notes.object(Check::Ballots, Finding::entry(index, reason)); // [AUD-06]
    }
    Ok(found.sums)
}

/// One job for each ring; without rings, for each so many ballots of a district.
fn jobs(ballots: &[BallotAt], rings: bool) -> Vec<Range<usize>> {
    let mut jobs = Vec::new();
    let mut start = 0;
    for run in ballots.chunk_by(|a, b| a.place == b.place) {
        let end = start + run.len();
        let step = if rings { run.len().max(1) } else { BATCH };
        let mut from = start;
        while from < end {
            let to = from.saturating_add(step).min(end);
            jobs.push(from..to);
            from = to;
        }
        start = end;
    }
    jobs
}

/// Checks the ballots of one ring or district.
fn check_place(source: Source<'_>, settings: &Settings, ballots: &[BallotAt], mut entropy: Derived) -> Found {
    let mut found = Found::default();
    let place = ballots.first().map_or(u32::MAX, |ballot| ballot.place);
    let ring = settings.roster(RingIndex(place)).map(|roster| Ring::new(roster.clone()));
    let ring = match ring {
        Some(Ok(ring)) => Some(ring),
        Some(Err(_)) | None => None,
    };
    for batch in ballots.chunks(BATCH) {
        let seen = &mut found.seen;
        let read = batch.iter().map(|at| Ok((at, source.again((at.index, at.offset, at.length), seen)?)));
        match read.collect::<Result<Vec<_>, RecordError>>() {
            Ok(read) => check_batch(settings, ring.as_ref(), &read, &mut entropy, &mut found),
            Err(error) => found.failed = Some(error),
        }
    }
    found
}

fn check_batch(
    settings: &Settings,
    ring: Option<&Ring<Ristretto>>,
    read: &[(&BallotAt, Vec<u8>)],
    entropy: &mut Derived,
    found: &mut Found,
) {
    let mut by_style: BTreeMap<u16, Vec<(&BallotAt, UnverifiedBallot<Ristretto>)>> = BTreeMap::new();
    for (at, bytes) in read {
        match settings.parse(bytes) {
            Ok(ballot) => by_style.entry(ballot.header().style).or_default().push((at, ballot)),
            Err(reason) => found.bad.push((at.index, reason.to_string())),
        }
    }
    let rings: Vec<&Ring<Ristretto>> = ring.into_iter().collect();
    for (style, ballots) in by_style {
        let Some(setting) = settings.setting(style) else { continue };
        let (places, ballots): (Vec<&BallotAt>, Vec<_>) = ballots.into_iter().unzip();
        let results = verify_batch(setting, &rings, &ballots, entropy);
        for ((at, ballot), result) in places.into_iter().zip(&ballots).zip(results) {
            let verified = match result {
                Ok(verified) => verified,
                Err(error) => {
                    found.bad.push((at.index, error.to_string()));
                    continue;
                }
            };
            if !settings.has_rings() {
                found.tokens = found.tokens.saturating_add(1);
                if !settings.token_holds(ballot) {
                    found.bad.push((at.index, "the token's signature does not verify".to_owned()));
                    continue;
                }
            }
            let district = settings.district_of(&verified);
            if let (true, Some(district)) = (at.counts, district) {
                let sum = found.sums.entry(district).or_insert_with(|| Sum::empty(setting.shape().options()));
                // The setting gave every ballot of the style as many options.
                let _ = sum.add(&verified);
            }
        }
    }
}
