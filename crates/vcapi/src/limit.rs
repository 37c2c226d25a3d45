//! How often one caller may ask.

use sinpyo_core::time::Timestamp;
use std::collections::HashMap;

/// Callers that are remembered at once; whoever comes when they are full starts anew with everybody.
const MAX_CALLERS: usize = 65_536;

/// Counts requests by caller and minute.
#[derive(Debug)]
pub struct Limiter {
    per_minute: u32,
    minute: i64,
    counts: HashMap<String, u32>,
}

impl Limiter {
    /// At most `per_minute` requests of one caller in one minute.
    pub fn new(per_minute: u32) -> Self {
        Self { per_minute, minute: 0, counts: HashMap::new() }
    }

    /// Counts one request; whether it may be answered.
    pub fn admit(&mut self, caller: &str, now: Timestamp) -> bool {
        let minute = now.unix().div_euclid(60);
        if minute != self.minute || self.counts.len() >= MAX_CALLERS {
            self.minute = minute;
            self.counts.clear();
        }
        let count = self.counts.entry(caller.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count <= self.per_minute // [VCA-23]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_is_refused_until_the_next_minute() {
        let mut limiter = Limiter::new(2);
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let asked: Vec<_> = [60, 61, 62, 119].map(|second| limiter.admit("a", at(second))).into();
        assert_eq!(asked, [true, true, false, false]);
        assert!(limiter.admit("b", at(119)) && limiter.admit("a", at(120)));
    }
}
