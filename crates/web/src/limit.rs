//! How often one caller may ask: token buckets in bounded memory.

use crate::problem::Refusal;
use http::StatusCode;
use sinpyo_core::time::Timestamp;
use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

/// How many requests, at once and in the long run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// So many in a row.
    pub burst: u32,
    /// So many a second after that.
    pub per_second: u32,
}

/// What requests use up: an enum of the kinds that are counted apart, and how they are counted.
pub trait Budget: Copy + Eq + Hash + fmt::Debug {
    /// What an operator sets.
    type Settings;

    /// The budget that it is taken from, and how much of it; never more than its whole burst. One of its own, if nothing
    /// else is said.
    fn cost(self, _settings: &Self::Settings) -> (Self, u32) {
        (self, 1)
    }

    /// How much there is of a budget that something is taken from.
    fn rate(self, settings: &Self::Settings) -> Rate;

    /// Callers that are remembered at once. When all places are taken, those who have used least lately are forgotten.
    /// 10,000, if nothing else is said.
    fn callers(_settings: &Self::Settings) -> usize {
        10_000
    }
}

/// Who counts as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Caller {
    /// An address, or all of an IPv6 network, within which whoever has one has all.
    Address(IpAddr),
    /// Somebody with a name that was checked: a client, a transaction.
    Named(Box<str>),
}

impl From<IpAddr> for Caller {
    /// The one at the other end of a connection: what headers say about it is not looked at.
    fn from(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments(); // [RGA-08] [HTTP-13]
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl From<&str> for Caller {
    fn from(name: &str) -> Self {
        Self::Named(name.into())
    }
}

/// A caller asks too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests from this caller")]
pub struct TooOften {
    /// How long it has to wait.
    pub retry_after: Duration,
}

impl TooOften {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        "HTTP-12"
    }

    /// The answer to the caller, which says when to come again.
    pub fn refuse(&self) -> Refusal {
        Refusal::because(StatusCode::TOO_MANY_REQUESTS, self.code(), self).retry_after(self.retry_after)
    }
}

/// Counts what callers use up.
#[derive(Debug)]
pub struct Limits<B: Budget> {
    settings: B::Settings,
    buckets: HashMap<(Caller, B), Bucket>,
}

/// What is left of a burst, and since when.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u32,
    at: Timestamp,
}

impl<B: Budget> Limits<B> {
    /// Nobody has asked yet.
    pub fn new(settings: B::Settings) -> Self {
        Self { settings, buckets: HashMap::new() }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// The caller has to wait.
    pub fn admit(&mut self, caller: impl Into<Caller>, budget: B, now: Timestamp) -> Result<(), TooOften> {
        let (budget, cost) = budget.cost(&self.settings);
        let rate = budget.rate(&self.settings);
        let key = (caller.into(), budget);
        if !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        let bucket = self.buckets.entry(key).or_insert(Bucket { left: rate.burst, at: now });
        *bucket = bucket.refilled(rate, now);
        let Some(left) = bucket.left.checked_sub(cost) else {
            let seconds = (cost - bucket.left).div_ceil(rate.per_second.max(1));
            return Err(TooOften { retry_after: Duration::from_secs(seconds.into()) }); // [HTTP-12]
        };
        bucket.left = left;
        Ok(())
    }

    /// Forgets the full buckets once there is no place; if none is full, all of them: memory stays bounded, and whoever
    /// comes from very many addresses is not held by a limit per address anyway.
    fn make_room(&mut self, now: Timestamp) {
        let places = B::callers(&self.settings);
        if self.buckets.len() < places {
            return;
        }
        let settings = &self.settings;
        self.buckets.retain(|(_, budget), bucket| {
            let rate = budget.rate(settings);
            bucket.refilled(rate, now).left < rate.burst
        });
        if self.buckets.len() >= places {
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
