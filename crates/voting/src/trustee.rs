//! A trustee's own program (§§5, 7, 12): reads the whole record, checks it, and says what its owner owes it now.
//!
//! It opens no sum that it did not add up itself, none below the floor, and never two different ones.

use crate::{
    audit::{Check, Examined, Outcome},
    election::{KeyCeremony, Refused, bodies},
    event::Body,
    phase::Phase,
    tally::{ShareRefusal, Tally},
};
use sinpyo_ballot::{
    ceremony::{BoxSecret, FinishError, Trustee, TrusteeKeys, TrusteeNumber},
    group::Ristretto,
};
use sinpyo_core::{Secret, key::Entropy};

/// What a trustee keeps where nobody else reads.
#[derive(Debug)]
pub struct Custody {
    /// Which trustee.
    pub number: TrusteeNumber,
    /// All secrets of the ceremony come from it. Kept before the first event is posted.
    pub seed: Secret<[u8; 32]>,
    /// Opens what others deal.
    pub sealing: BoxSecret,
    /// The digest of the sums that it gave shares of; `None` before.
    pub opened: Option<[u8; 64]>,
}

/// What a trustee owes: bodies of events to sign and post, in order.
#[derive(Debug, Default)]
#[must_use]
pub struct Owed {
    /// The bodies.
    pub bodies: Vec<Body>,
    /// To be kept as [`Custody::opened`], durably, before the bodies are posted.
    pub opens: Option<[u8; 64]>,
}

impl Custody {
    /// What this trustee owes the election as it read it.
    ///
    /// # Errors
    /// What it read is wrong, or it cannot take part: then it posts nothing.
    pub fn owed(&self, seen: &Examined, entropy: &mut dyn Entropy) -> Result<Owed, Unwilling> {
        refuse_faults(seen)?;
        let election = seen.election();
        match election.phase().map_err(Unwilling::State)? {
            Phase::Draft | Phase::Ceremony => self.ceremony(seen),
            Phase::Frozen => self.beacon(seen),
            Phase::Closed => self.shares(seen, entropy),
            Phase::Registration | Phase::Open | Phase::Tallied | Phase::Archived => Ok(Owed::default()),
        }
    }

    /// The keys that this trustee decrypts with.
    ///
    /// # Errors
    /// The ceremony is not over, or gave it none.
    pub fn keys(&self, seen: &Examined) -> Result<TrusteeKeys<Ristretto>, Unwilling> {
        let ceremony = seen.ceremony.as_ref().ok_or(Unwilling::NotCalled)?;
        let trustee = self.trustee(ceremony);
        trustee.keys(ceremony.seen(), &self.sealing).map_err(Unwilling::Keys)
    }

    fn trustee(&self, ceremony: &KeyCeremony) -> Trustee<Ristretto> {
        let parameters = ceremony.seen().parameters().clone();
        Trustee::resume(parameters, self.number, Secret::new(*self.seed.expose()))
    }

    fn ceremony(&self, seen: &Examined) -> Result<Owed, Unwilling> {
        let ceremony = seen.ceremony.as_ref().ok_or(Unwilling::NotCalled)?;
        let messages = self.trustee(ceremony).owed(ceremony.seen(), &self.sealing);
        let bodies = messages.into_iter().flat_map(bodies);
        Ok(Owed { bodies: bodies.collect(), opens: None })
    }

    /// The value of the beacon, once the end of the roll stands under a head that the witnesses' quorum has seen: only
    /// such a record is without fault, and nothing is read beyond its head. [VOT-62]
    fn beacon(&self, seen: &Examined) -> Result<Owed, Unwilling> {
        let election = seen.election();
        let shown = election.beacon_value(self.number.number()).map_err(Unwilling::State)?;
        if shown.is_some() || election.rings().map_err(Unwilling::State)?.is_some() {
            return Ok(Owed::default());
        }
        // A trustee whose shares do not fit shows nothing: without `t` values there is no election.
        let keys = self.keys(seen)?;
        Ok(Owed { bodies: vec![Body::Beacon(*keys.beacon().expose())], opens: None })
    }

    fn shares(&self, seen: &Examined, entropy: &mut dyn Entropy) -> Result<Owed, Unwilling> {
        let tally: &Tally = seen.tally.as_ref().ok_or(Unwilling::NotCalled)?;
        let digest = tally.digest();
        if self.opened.is_some_and(|opened| opened != digest) {
            return Err(Unwilling::OtherSums);
        }
        let keys = self.keys(seen)?;
        let mut bodies = Vec::new();
        for (group, _) in tally.opened() {
            if !seen.election().has_share(self.number.number(), group).map_err(Unwilling::State)? {
                let share = tally.share(group, &keys, entropy).map_err(Unwilling::Share)?;
                bodies.push(Body::TallyShare(share));
            }
        }
        Ok(Owed { bodies, opens: Some(digest) })
    }
}

/// A trustee takes no part in an election in which something is wrong. That other trustees' shares are is none of its
/// business.
fn refuse_faults(seen: &Examined) -> Result<(), Unwilling> {
    let others = [Check::Groups, Check::Shares];
    let wrong = seen
        .report
        .verdicts
        .iter()
        .find(|verdict| verdict.outcome == Outcome::Failed && !others.contains(&verdict.check));
    match wrong {
        Some(verdict) => {
            let reason = verdict
                .first
                .as_ref()
                .map_or_else(String::new, |first| format!("{}: {}", first.item, first.reason));
            Err(Unwilling::Wrong { check: verdict.check, reason })
        }
        None => Ok(()),
    }
}

/// Why a trustee posts nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unwilling {
    /// There is no election yet, or nothing to open.
    #[error("there is no election yet, or nothing to open")]
    NotCalled,
    /// A check of the audit fails.
    #[error("{check} fails: {reason}")]
    Wrong {
        /// Which.
        check: Check,
        /// Its first finding.
        reason: String,
    },
    /// The ceremony gave this trustee no keys.
    #[error("the ceremony gave no keys")]
    Keys(#[source] FinishError),
    /// Sums that differ from those it gave shares of before.
    #[error("shares of other sums were given before")]
    OtherSums,
    /// The share is refused.
    #[error(transparent)]
    Share(ShareRefusal),
    /// The state cannot be read.
    #[error(transparent)]
    State(Refused),
}
