//! Flows that begin when they are due, whether or not earlier ones have ended.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

/// When flows begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Flows a second.
    pub(crate) rate: u32,
    /// How many there are.
    pub(crate) count: u64,
}

impl Plan {
    /// As many as begin within `length`.
    pub(crate) fn over(rate: u32, length: Duration) -> Self {
        Self { rate, count: u64::from(rate).saturating_mul(length.as_secs()) }
    }

    /// After the start.
    fn due(self, number: u64) -> Duration {
        Duration::from_nanos(number.saturating_mul(1_000_000_000) / u64::from(self.rate.max(1)))
    }

    /// Gives each flow, when it is due, to the worker that is free next. Returns the workers and how long it took.
    pub(crate) fn run<W: Send>(
        self,
        workers: Vec<W>,
        flow: impl Fn(&mut W, Instant) + Sync,
    ) -> (Vec<W>, Duration) {
        let (next, start) = (AtomicU64::new(0), Instant::now());
        let work = |mut worker: W| {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= self.count {
                    return worker;
                }
                let due = start + self.due(number);
                thread::sleep(due.saturating_duration_since(Instant::now()));
                flow(&mut worker, due);
            }
        };
        let workers = thread::scope(|scope| {
            let threads: Vec<_> = workers.into_iter().map(|worker| scope.spawn(|| work(worker))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        (workers, start.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flow_is_begun_once_when_it_is_due() {
        let plan = Plan { rate: 2000, count: 100 };
        let (workers, took) = plan.run(vec![Vec::new(); 3], |seen, due| {
            assert!(Instant::now() >= due);
            seen.push(due);
        });
        let mut all = workers.concat();
        all.sort_unstable();
        let steps: Vec<Duration> = all.windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(steps, vec![Duration::from_micros(500); 99]);
        assert!(took >= Duration::from_micros(99 * 500));
    }

    #[test]
    fn a_plan_is_as_long_as_was_said() {
        let plan = Plan::over(60, Duration::from_secs(10));
        assert_eq!((plan.count, plan.due(600)), (600, Duration::from_secs(10)));
    }
}
