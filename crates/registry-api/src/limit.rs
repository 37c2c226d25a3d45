//! How often one peer may ask.

use http::{Method, Request};
use sinpyo_core::time::Timestamp;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

/// What a request uses up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Budget {
    /// Submitting: costs the log a signature check and a disk write.
    Submit,
    /// Reading.
    Read,
    /// Reading what takes many reads of the log: counts as 20 of [`Budget::Read`], and is worth a limit on how many are
    /// worked on at once.
    Prove,
}

/// How many readings one proof counts as.
const PROOF: u32 = 20;

impl Budget {
    /// The budget of `request`.
    pub fn of<B>(request: &Request<B>) -> Self {
        let path = request.uri().path();
        if request.method() == Method::POST && path == "/operations" {
            Self::Submit
        } else if ["/dids/", "/accreditations/"].iter().any(|costly| path.starts_with(costly)) {
            Self::Prove
        } else {
            Self::Read
        }
    }

    /// The budget that it is taken from, and how much of it; never more than all.
    fn cost(self, settings: &LimitSettings) -> (Self, u32) {
        match self {
            Self::Submit | Self::Read => (self, 1),
            Self::Prove => (Self::Read, PROOF.min(settings.read.burst).max(1)),
        }
    }
}

/// How many requests, at once and in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many in a row.
    pub burst: u32,
    /// So many a second after that.
    pub per_second: u32,
}

/// What each peer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Submitting.
    pub submit: Rate,
    /// Reading.
    pub read: Rate,
    /// Peers that are remembered at once. When all places are taken, those who have used least lately are forgotten.
    pub peers: usize,
}

impl LimitSettings {
    const fn rate(&self, budget: Budget) -> Rate {
        match budget {
            Budget::Submit => self.submit,
            Budget::Read | Budget::Prove => self.read,
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        let submit = Rate { burst: 100, per_second: 10 };
        Self { submit, read: Rate { burst: 1_000, per_second: 200 }, peers: 65_536 }
    }
}

/// Counts what peers use up. Token buckets in bounded memory.
#[derive(Debug)]
pub struct Limits {
    settings: LimitSettings,
    buckets: HashMap<(IpAddr, Budget), Bucket>,
}

/// What is left of a burst, and since when.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u32,
    at: Timestamp,
}

/// A peer asks too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests from this address")]
pub struct TooOften {
    /// How long it has to wait.
    pub retry_after: Duration,
}

impl TooOften {
    /// The rule that was broken, as in `spec/checks/rga.toml`.
    pub const fn code(&self) -> &'static str {
        "RGA-07"
    }
}

impl Limits {
    /// Nobody has asked yet.
    pub fn new(settings: LimitSettings) -> Self {
        Self { settings, buckets: HashMap::new() }
    }

    /// Counts one request of the peer at `address`, which is the one at the other end of the connection: what headers say
    /// about it is not looked at. The addresses of one IPv6 network (/64) are one peer.
    ///
    /// # Errors
    /// The peer has to wait.
    pub fn admit(&mut self, address: IpAddr, budget: Budget, now: Timestamp) -> Result<(), TooOften> {
        let (budget, cost) = budget.cost(&self.settings);
        let rate = self.settings.rate(budget);
        let key = (peer(address), budget);
        if !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        let bucket = self.buckets.entry(key).or_insert(Bucket { left: rate.burst, at: now });
        *bucket = bucket.refilled(rate, now);
        let Some(left) = bucket.left.checked_sub(cost) else {
            let seconds = (cost - bucket.left).div_ceil(rate.per_second.max(1));
            return Err(TooOften { retry_after: Duration::from_secs(seconds.into()) }); // [RGA-07]
        };
        bucket.left = left;
        Ok(())
    }

    /// Forgets the full buckets once there is no place; if none is full, all of them: memory stays bounded, and whoever
    /// comes from very many addresses is not held by a limit per address anyway.
    fn make_room(&mut self, now: Timestamp) {
        if self.buckets.len() < self.settings.peers {
            return;
        }
        let settings = self.settings;
        self.buckets.retain(|(_, budget), bucket| {
            let rate = settings.rate(*budget);
            bucket.refilled(rate, now).left < rate.burst
        });
        if self.buckets.len() >= self.settings.peers {
            self.buckets.clear();
        }
    }
}

impl Bucket {
    fn refilled(self, rate: Rate, now: Timestamp) -> Self {
        let passed = u32::try_from(now.unix().saturating_sub(self.at.unix())).unwrap_or(0);
        let left = self.left.saturating_add(passed.saturating_mul(rate.per_second)).min(rate.burst);
        Self { left, at: self.at.max(now) }
    }
}

/// Who counts as one: an address, or all of an IPv6 network, within which whoever has one has all.
fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments(); // [RGA-08]
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(1_800_000_000 + seconds).unwrap()
    }

    fn small(peers: usize) -> Limits {
        let rate = Rate { burst: 2, per_second: 1 };
        Limits::new(LimitSettings { submit: rate, read: Rate { burst: 3, per_second: 1 }, peers })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_waits_once_its_burst_is_used_up() {
        let mut limits = small(8);
        let mut submit =
            |address: &str, second| limits.admit(ip(address), Budget::Submit, at(second)).is_ok();
        assert_eq!(
            [0, 0, 0, 1, 1, 60, 60, 60].map(|second| submit("192.0.2.1", second)),
            [true, true, false, true, false, true, true, false]
        );
        assert!(submit("192.0.2.2", 60), "another address is another peer");
        assert!(submit("::ffff:192.0.2.3", 60) && submit("192.0.2.3", 60) && !submit("192.0.2.3", 60));
    }

    #[test]
    fn reading_and_submitting_are_counted_apart() {
        let mut limits = small(8);
        for _ in 0..2 {
            limits.admit(ip("192.0.2.1"), Budget::Submit, at(0)).unwrap();
        }
        let refused = limits.admit(ip("192.0.2.1"), Budget::Submit, at(0)).unwrap_err();
        assert_eq!((refused.code(), refused.retry_after), ("RGA-07", Duration::from_secs(1)));
        limits.admit(ip("192.0.2.1"), Budget::Read, at(0)).unwrap();
    }

    #[test]
    fn a_proof_counts_as_twenty_readings() {
        let read = Rate { burst: 45, per_second: 8 };
        let mut limits = Limits::new(LimitSettings { read, ..LimitSettings::default() });
        let mut ask = |budget, second| limits.admit(ip("192.0.2.1"), budget, at(second));
        assert!(ask(Budget::Prove, 0).is_ok() && ask(Budget::Prove, 0).is_ok());
        // 5 are left: 15 are missing, which come in 2 seconds.
        assert_eq!(ask(Budget::Prove, 0).unwrap_err().retry_after, Duration::from_secs(2));
        assert!((0..5).all(|_| ask(Budget::Read, 0).is_ok()) && ask(Budget::Read, 0).is_err());
        assert!(ask(Budget::Prove, 2).is_err() && ask(Budget::Prove, 3).is_ok());
        // Where the whole budget is smaller, one proof takes all of it.
        let mut limits = small(8);
        assert!(limits.admit(ip("192.0.2.1"), Budget::Prove, at(0)).is_ok());
        assert!(limits.admit(ip("192.0.2.1"), Budget::Read, at(0)).is_err());
    }

    #[test]
    fn an_ipv6_network_is_one_peer() {
        let mut limits = small(8);
        let mut submit = |address: &str| limits.admit(ip(address), Budget::Submit, at(0)).is_ok();
        assert!(submit("2001:db8::1") && submit("2001:db8::2"));
        assert!(!submit("2001:db8::ffff:3"), "the same /64");
        assert!(submit("2001:db8:0:1::1"), "the next /64");
    }

    #[test]
    fn memory_is_bounded_and_those_who_wait_are_not_forgotten_first() {
        let mut limits = small(4);
        for _ in 0..2 {
            limits.admit(ip("192.0.2.1"), Budget::Submit, at(0)).unwrap();
        }
        for last in 2..200_u8 {
            let _ = limits.admit(IpAddr::from([198, 51, 100, last]), Budget::Read, at(0));
            assert!(limits.buckets.len() <= 4);
        }
        // With time the others' buckets fill up and make room; this one's has not.
        let mut limits = small(3);
        for second in [0, 0] {
            limits.admit(ip("192.0.2.1"), Budget::Submit, at(second)).unwrap();
        }
        limits.admit(ip("192.0.2.2"), Budget::Read, at(0)).unwrap();
        limits.admit(ip("192.0.2.3"), Budget::Read, at(0)).unwrap();
        limits.admit(ip("192.0.2.4"), Budget::Read, at(1)).unwrap();
        assert!(limits.admit(ip("192.0.2.1"), Budget::Submit, at(1)).is_ok());
        assert!(limits.admit(ip("192.0.2.1"), Budget::Submit, at(1)).is_err());
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut limits = small(4);
        for _ in 0..2 {
            limits.admit(ip("192.0.2.1"), Budget::Submit, at(100)).unwrap();
        }
        assert!(limits.admit(ip("192.0.2.1"), Budget::Submit, at(0)).is_err());
        assert!(limits.admit(ip("192.0.2.1"), Budget::Submit, at(100)).is_err());
    }
}
