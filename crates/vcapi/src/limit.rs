//! How often one caller may ask.

use sinpyo_core::time::Timestamp;
use sinpyo_web::limit::{Budget, Limits, Rate};

/// Callers that are remembered at once.
const MAX_CALLERS: usize = 65_536;

/// What one request costs, in sixtieths: so many come back each second that there is one more each minute.
const REQUEST: u32 = 60;

/// Counts the requests of each caller.
#[derive(Debug)]
pub struct Limiter(Limits<Asking>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Asking;

impl Budget for Asking {
    /// Requests in a minute.
    type Settings = u32;

    fn cost(self, _: &u32) -> (Self, u32) {
        (self, REQUEST)
    }

    fn rate(self, per_minute: &u32) -> Rate {
        Rate { burst: per_minute.saturating_mul(REQUEST), per_second: *per_minute }
    }

    fn callers(_: &u32) -> usize {
        MAX_CALLERS
    }
}

impl Limiter {
    /// At most `per_minute` requests of one caller at once, and in each minute after that.
    pub fn new(per_minute: u32) -> Self {
        Self(Limits::new(per_minute))
    }

    /// Counts one request; whether it may be answered.
    pub fn admit(&mut self, caller: &str, now: Timestamp) -> bool {
        self.0.admit(caller, Asking, now).is_ok() // [VCA-23]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_refused_until_its_share_has_come_back() {
        let mut limiter = Limiter::new(2);
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        // Two at once; after that one each half minute, and no more for waiting longer than a minute.
        let seconds = [60, 61, 62, 88, 91, 92, 120, 1000, 1000, 1000];
        let asked = seconds.map(|second| limiter.admit("a", at(second)));
        assert_eq!(asked, [true, true, false, false, true, false, true, true, true, false]);
        assert!(limiter.admit("b", at(1000)));
        assert!(!Limiter::new(0).admit("a", at(0)));
    }
}
