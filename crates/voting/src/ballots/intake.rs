//! A board's check of what arrives: whole, and many at a time.

use super::{Reason, Settings};
use crate::{
    election::Submission,
    event::{Rejected, RejectedBallot},
};
use sinpyo_ballot::{
    ballot::{TrackingCode, UnverifiedBallot},
    batch::verify_batch,
    group::Ristretto,
    ring::{Ring, RingIndex},
};
use sinpyo_core::key::Entropy;
use sinpyo_crypto::hash::sha256;
use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// A ballot that was verified wholly.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// For the log's engine.
    pub submission: Submission,
    /// What its voter was shown.
    pub tracking: TrackingCode,
}

/// A ballot that was refused: what `rejected` says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turned {
    /// Why.
    pub reason: Reason,
    /// The body of the event.
    pub event: Rejected,
}

impl Turned {
    /// The ballot `bytes`, refused for `reason`.
    pub fn new(bytes: &[u8], reason: Reason) -> Self {
        // A digest shows no other reason than its length.
        let ballot = if bytes.len() > Rejected::MAX_KEPT && reason == Reason::Encoding {
            RejectedBallot::Digest(sha256(bytes))
        } else {
            RejectedBallot::Bytes(bytes.to_vec())
        };
        Self { reason, event: Rejected { ballot, reason } }
    }
}

/// Checks ballots as they arrive. Keeps the rings that it used last decoded: 160 KB each at N = 1,024.
pub struct BallotBox {
    settings: Settings,
    decoded: Mutex<Decoded>,
    kept: usize,
}

#[derive(Default)]
struct Decoded {
    rings: BTreeMap<u32, Arc<Ring<Ristretto>>>,
    order: VecDeque<u32>,
}

impl fmt::Debug for BallotBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BallotBox").field("settings", &self.settings.election()).finish_non_exhaustive()
    }
}

impl BallotBox {
    /// A box for the ballots of an election that keeps as many rings decoded as `kept` says.
    pub fn new(settings: Settings, kept: usize) -> Self {
        Self { settings, decoded: Mutex::default(), kept: kept.max(1) }
    }

    /// What ballots are checked under.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Checks ballots together; the answers stand in their order. Each is refused for itself.
    ///
    /// Whether it is the time for ballots, whether the voter's first ballot counts and whether the same bytes are in
    /// the log already is decided when the log takes them.
    pub fn check(&self, ballots: &[Vec<u8>], entropy: &mut dyn Entropy) -> Vec<Result<Accepted, Turned>> {
        let mut answers: Vec<Option<Result<Accepted, Turned>>> = vec![None; ballots.len()];
        let mut by_style: BTreeMap<u16, Vec<(usize, UnverifiedBallot<Ristretto>)>> = BTreeMap::new();
        for (place, (bytes, answer)) in ballots.iter().zip(&mut answers).enumerate() {
            match self.settings.parse(bytes) {
                Ok(ballot) => by_style.entry(ballot.header().style).or_default().push((place, ballot)),
                Err(reason) => *answer = Some(Err(Turned::new(bytes, reason))),
            }
        }
        for (style, own) in by_style {
            let (places, parsed): (Vec<usize>, Vec<_>) = own.into_iter().unzip();
            let checked = self.check_style(style, &parsed, entropy);
            for (place, checked) in places.into_iter().zip(checked) {
                if let Some(answer) = answers.get_mut(place) {
                    *answer = Some(checked);
                }
            }
        }
        let answered = |(bytes, answer): (&Vec<u8>, Option<_>)| {
            // Every place was answered above; what was not is not accepted.
            answer.unwrap_or_else(|| Err(Turned::new(bytes, Reason::Encoding)))
        };
        ballots.iter().zip(answers).map(answered).collect()
    }

    fn check_style(
        &self,
        style: u16,
        ballots: &[UnverifiedBallot<Ristretto>],
        entropy: &mut dyn Entropy,
    ) -> Vec<Result<Accepted, Turned>> {
        let turned = |ballot: &UnverifiedBallot<Ristretto>, reason| Turned::new(ballot.to_bytes(), reason);
        let Some(setting) = self.settings.setting(style) else {
            return ballots.iter().map(|ballot| Err(turned(ballot, Reason::Style))).collect();
        };
        let mut numbers: Vec<u32> = ballots.iter().filter_map(|ballot| Some(ballot.ring()?.0)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let rings: Vec<Arc<Ring<Ristretto>>> =
            numbers.into_iter().filter_map(|ring| self.ring(ring)).collect();
        let rings: Vec<&Ring<Ristretto>> = rings.iter().map(AsRef::as_ref).collect();
        // [VOT-02] [VOT-04] [VOT-05] Nothing less than the whole proof makes a submission.
        let results = verify_batch(setting, &rings, ballots, entropy);
        let answer = |(ballot, result): (&UnverifiedBallot<Ristretto>, Result<_, _>)| {
            let verified = result.map_err(|error| turned(ballot, Reason::of(&error)))?;
            if !self.settings.token_holds(ballot) {
                return Err(turned(ballot, Reason::Proof));
            }
            let submission =
                Submission::ballot(ballot, &verified).map_err(|_| turned(ballot, Reason::Encoding))?;
            Ok(Accepted { submission, tracking: verified.tracking_code() })
        };
        ballots.iter().zip(results).map(answer).collect()
    }

    /// A ring, decoded.
    fn ring(&self, number: u32) -> Option<Arc<Ring<Ristretto>>> {
        let held = |decoded: &Decoded| decoded.rings.get(&number).map(Arc::clone);
        if let Some(ring) = held(&self.decoded.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Some(ring);
        }
        // Decoded outside the lock: it takes milliseconds.
        let ring = Arc::new(Ring::new(self.settings.roster(RingIndex(number))?.clone()).ok()?);
        let mut decoded = self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        if decoded.rings.insert(number, Arc::clone(&ring)).is_none() {
            decoded.order.push_back(number);
        }
        while decoded.order.len() > self.kept {
            if let Some(oldest) = decoded.order.pop_front() {
                decoded.rings.remove(&oldest);
            }
        }
        Some(ring)
    }
}
