//! Clocks that tests set.

use sinpyo_core::time::{Clock, Timestamp};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// A clock that stands still.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A clock that moves only when it is told to, shared by all who hold a reference to it.
#[derive(Debug)]
pub struct StepClock {
    start: Timestamp,
    seconds: AtomicU64,
}

impl StepClock {
    /// A clock that shows `start`.
    pub const fn new(start: Timestamp) -> Self {
        Self { start, seconds: AtomicU64::new(0) }
    }

    /// Moves the clock forward by whole seconds; fractions are dropped.
    pub fn advance(&self, by: Duration) {
        self.seconds.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        self.start.plus(Duration::from_secs(self.seconds.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_clock_moves_by_what_it_is_told() {
        let clock = StepClock::new(Timestamp::from_unix(100).unwrap());
        assert_eq!(clock.now().unix(), 100);
        clock.advance(Duration::from_millis(1999));
        clock.advance(Duration::from_mins(1));
        assert_eq!(clock.now().unix(), 161);
    }
}
