//! How long an answer may be kept.

use crate::{ResolveError, ResolvedJson};
use std::time::Duration;

/// For how long answers are kept, by method. Whoever keeps them has the clock; this is what it asks.
///
/// An answer that is refused is not kept at all: a controller who mends his log must be heard at once
/// [did:webvh v1.0 "Read"].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// Longest time for a document that can change. A key that was withdrawn stays in use as long.
    pub changing: Duration,
    /// For answers that there is no such DID, so that asking for it again and again costs nobody anything.
    pub absent: Duration,
    /// For documents that never change, as those of did:key.
    pub immutable: Duration,
}

impl Default for CachePolicy {
    /// Five minutes; half a minute; a day.
    fn default() -> Self {
        Self {
            changing: Duration::from_mins(5),
            absent: Duration::from_secs(30),
            immutable: Duration::from_hours(24),
        }
    }
}

impl CachePolicy {
    /// For how long `outcome` may be kept; `None` if not at all.
    pub fn keep(&self, outcome: Result<&ResolvedJson, &ResolveError>) -> Option<Duration> {
        let time = match outcome {
            Ok(resolved) => match resolved.resolved().did().method() {
                "key" | "jwk" => self.immutable,
                _ => resolved.ttl().unwrap_or(self.changing).min(self.changing),
            },
            Err(ResolveError::Absent) => self.absent,
            Err(_) => return None,
        };
        (!time.is_zero()).then_some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{did_key, did_web};
    use serde_json::Map;
    use sinpyo_core::resolved::Resolved;

    #[test]
    fn what_can_change_is_kept_for_minutes_and_what_is_refused_not_at_all() {
        let policy = CachePolicy::default();
        let did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".parse().unwrap();
        let key = ResolvedJson::from(Resolved::immutable(did_key::resolve(&did).unwrap()));
        assert_eq!(policy.keep(Ok(&key)), Some(Duration::from_hours(24)));
        let web =
            || did_web::document(&"did:web:a.example".parse().unwrap(), br#"{"id":"did:web:a.example"}"#);
        assert_eq!(policy.keep(Ok(&web().unwrap())), Some(policy.changing));
        for (ttl, kept) in [(0, None), (60, Some(60)), (86_400, Some(300))] {
            let resolved = web().unwrap().with_metadata(Map::new(), Duration::from_secs(ttl));
            assert_eq!(policy.keep(Ok(&resolved)), kept.map(Duration::from_secs));
        }
        assert_eq!(policy.keep(Err(&ResolveError::Absent)), Some(policy.absent));
        assert_eq!(policy.keep(Err(&ResolveError::ForeignDocument)), None);
    }
}
