//! How far the chain is behind the log.

use std::{collections::VecDeque, time::Duration};

/// Most sizes whose arrival is remembered.
const MAX_SEEN: usize = 4096;

/// What has been seen of log and chain. Times count from any fixed moment.
#[derive(Debug, Default)]
pub struct LagWatch {
    /// Sizes of the log that the chain does not hold yet, with the time at which they were first seen.
    seen: VecDeque<(u64, Duration)>,
    log: u64,
    chain: u64,
}

impl LagWatch {
    /// The log has `size` entries.
    pub fn log_at(&mut self, size: u64, now: Duration) {
        self.log = size;
        let newest = self.seen.back().map_or(self.chain, |(seen, _)| *seen);
        // When it is full the chain has been away for long; the oldest decides and is kept.
        if size > newest.max(self.chain) && self.seen.len() < MAX_SEEN {
            self.seen.push_back((size, now));
        }
    }

    /// The chain holds a head of `size` entries, as final as is asked for.
    ///
    /// A smaller size than before is a reorganisation: what was lost waits since `now`.
    pub fn chain_at(&mut self, size: u64, now: Duration) {
        if size < self.chain && self.seen.front().is_none_or(|(seen, _)| *seen > self.chain) {
            self.seen.push_front((self.chain, now));
        }
        self.chain = size;
        while self.seen.front().is_some_and(|(seen, _)| *seen <= size) {
            self.seen.pop_front();
        }
    }

    /// How far the chain is behind.
    pub fn lag(&self, now: Duration) -> Lag {
        let waiting = self.seen.front().map_or(Duration::ZERO, |(_, since)| now.saturating_sub(*since));
        Lag { entries: self.log.saturating_sub(self.chain), waiting }
    }
}

/// How far the chain is behind the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Entries that the chain does not vouch for.
    pub entries: u64,
    /// How long the first of them has waited since a checkpoint first had it.
    pub waiting: Duration,
}

/// How far the chain may be behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LagLimits {
    /// Most entries.
    pub entries: u64,
    /// Longest time.
    pub waiting: Duration,
}

impl Lag {
    /// The limit that was passed; `None` while all is well.
    pub fn over(&self, limits: &LagLimits) -> Option<Overdue> {
        if self.waiting > limits.waiting {
            Some(Overdue::Time)
        } else if self.entries > limits.entries {
            Some(Overdue::Entries)
        } else {
            None
        }
    }
}

/// Which limit was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// An entry waits for too long.
    Time,
    /// Too many entries wait.
    Entries,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: LagLimits = LagLimits { entries: 100, waiting: Duration::from_mins(10) };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_growing_log_is_late_only_when_an_entry_waits() {
        let mut watch = LagWatch::default();
        for minute in 1..100 {
            watch.log_at(minute * 10, at(minute * 60));
            watch.chain_at((minute - 1) * 10, at(minute * 60));
            // One step behind throughout: each entry waits for one minute only.
            assert_eq!(watch.lag(at(minute * 60 + 59)), Lag { entries: 10, waiting: at(59) });
            assert_eq!(watch.lag(at(minute * 60 + 59)).over(&LIMITS), None);
        }
    }

    #[test]
    fn an_entry_that_waits_too_long_is_an_alarm() {
        let mut watch = LagWatch::default();
        watch.log_at(1, at(0));
        watch.log_at(2, at(500));
        assert_eq!(watch.lag(at(600)).over(&LIMITS), None);
        assert_eq!(watch.lag(at(601)).over(&LIMITS), Some(Overdue::Time));
        watch.chain_at(1, at(601));
        assert_eq!(watch.lag(at(601)), Lag { entries: 1, waiting: at(101) });
        watch.chain_at(2, at(602));
        assert_eq!(watch.lag(at(9999)), Lag { entries: 0, waiting: at(0) });
    }

    #[test]
    fn too_many_entries_are_an_alarm_at_once() {
        let mut watch = LagWatch::default();
        watch.log_at(100, at(0));
        assert_eq!(watch.lag(at(0)).over(&LIMITS), None);
        watch.log_at(101, at(0));
        assert_eq!(watch.lag(at(0)).over(&LIMITS), Some(Overdue::Entries));
    }

    #[test]
    fn what_a_reorganisation_took_waits_again() {
        let mut watch = LagWatch::default();
        watch.log_at(5, at(0));
        watch.chain_at(5, at(10));
        watch.chain_at(2, at(1000));
        assert_eq!(watch.lag(at(1030)), Lag { entries: 3, waiting: at(30) });
        watch.chain_at(5, at(1040));
        assert_eq!(watch.lag(at(1040)), Lag { entries: 0, waiting: at(0) });
    }

    #[test]
    fn a_chain_that_is_away_for_long_costs_no_memory() {
        let mut watch = LagWatch::default();
        for n in 1..20_000 {
            watch.log_at(n, at(n));
        }
        assert_eq!(watch.seen.len(), MAX_SEEN);
        assert_eq!(watch.lag(at(20_000)), Lag { entries: 19_999, waiting: at(19_999) });
    }
}
