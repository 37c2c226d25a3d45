//! How long requests took, by what they were for.

use crate::web::{Http, Leg, SendError, Web};
use http::{Request, Response};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Every duration, by what the request was for.
#[derive(Debug, Default)]
pub(crate) struct Samples(BTreeMap<Leg, Vec<Duration>>);

/// What durations come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) count: usize,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) most: Duration,
}

impl Samples {
    pub(crate) fn add(&mut self, leg: Leg, took: Duration) {
        self.0.entry(leg).or_default().push(took);
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (leg, mut durations) in other.0 {
            self.0.entry(leg).or_default().append(&mut durations);
        }
    }

    /// By leg, in the order of a flow.
    pub(crate) fn by_leg(&self) -> BTreeMap<Leg, Summary> {
        self.0.iter().map(|(leg, durations)| (*leg, summary(durations.clone()))).collect()
    }

    /// All together.
    pub(crate) fn all(&self) -> Summary {
        summary(self.0.values().flatten().copied().collect())
    }
}

fn summary(mut durations: Vec<Duration>) -> Summary {
    durations.sort_unstable();
    let count = durations.len();
    // The smallest duration that as many percent do not exceed.
    let percentile = |percent: usize| {
        let rank = count.saturating_mul(percent).div_ceil(100).saturating_sub(1);
        durations.get(rank).copied().unwrap_or_default()
    };
    Summary { count, p50: percentile(50), p99: percentile(99), most: percentile(100) }
}

/// Takes the time of every request.
///
/// The first one counts from when it was due, not from when a wallet was free to send it: a server that makes wallets wait
/// would otherwise hide that others had to wait for the wallets.
#[derive(Debug)]
pub(crate) struct Timed {
    web: Http,
    due: Option<Instant>,
    pub(crate) samples: Samples,
}

impl Timed {
    pub(crate) fn new(web: Http) -> Self {
        Self { web, due: None, samples: Samples::default() }
    }

    /// The next request was due then.
    pub(crate) const fn due(&mut self, due: Instant) {
        self.due = Some(due);
    }
}

impl Web for Timed {
    fn send(&mut self, leg: Leg, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SendError> {
        let since = self.due.take().unwrap_or_else(Instant::now);
        let response = self.web.send(leg, request);
        self.samples.add(leg, since.elapsed());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let of = |count: u64| summary((1..=count).rev().map(Duration::from_millis).collect());
        let [half, almost, most] = [50, 99, 100].map(Duration::from_millis);
        assert_eq!(of(100), Summary { count: 100, p50: half, p99: almost, most });
        // Of 101 the 51st is the first that half of them do not exceed, and the 100th stands for 99 %.
        let [half, most] = [51, 101].map(Duration::from_millis);
        assert_eq!(of(101), Summary { count: 101, p50: half, p99: Duration::from_millis(100), most });
        assert_eq!(of(0).count, 0);
        let one = Duration::from_millis(1);
        assert_eq!(of(1), Summary { count: 1, p50: one, p99: one, most: one });
    }

    #[test]
    fn lateness_counts_once() {
        let mut web = Timed::new(Http::new(Arc::default(), 0));
        let request = || Request::get("https://nobody.example/").body(Vec::new()).unwrap();
        web.due(Instant::now().checked_sub(Duration::from_secs(5)).unwrap());
        for _ in 0..2 {
            web.send(Leg::Offer, request()).unwrap_err();
        }
        let summary = web.samples.all();
        assert!(
            summary.most >= Duration::from_secs(5) && summary.p50 < Duration::from_secs(5),
            "{summary:?}"
        );
    }
}
