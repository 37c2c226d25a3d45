//! How often one peer may ask.

use http::{Method, Request};
use sinpyo_web::limit::{self, Rate};

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

impl Default for LimitSettings {
    fn default() -> Self {
        let submit = Rate { burst: 100, per_second: 10 };
        Self { submit, read: Rate { burst: 1_000, per_second: 200 }, peers: 65_536 }
    }
}

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
}

impl limit::Budget for Budget {
    type Settings = LimitSettings;

    fn cost(self, settings: &LimitSettings) -> (Self, u32) {
        match self {
            Self::Submit | Self::Read => (self, 1),
            Self::Prove => (Self::Read, PROOF.min(settings.read.burst).max(1)),
        }
    }

    fn rate(self, settings: &LimitSettings) -> Rate {
        match self {
            Self::Submit => settings.submit,
            Self::Read | Self::Prove => settings.read,
        }
    }

    fn callers(settings: &LimitSettings) -> usize {
        settings.peers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_core::time::Timestamp;
    use sinpyo_web::limit::Limits;
    use std::{net::IpAddr, time::Duration};

    #[test]
    fn a_proof_counts_as_twenty_readings() {
        let read = Rate { burst: 45, per_second: 8 };
        let mut limits = Limits::<Budget>::new(LimitSettings { read, ..LimitSettings::default() });
        let at = |seconds: i64| Timestamp::from_unix(1_800_000_000 + seconds).unwrap();
        let peer: IpAddr = "192.0.2.1".parse().unwrap();
        let mut ask = |budget, second| limits.admit(peer, budget, at(second));
        assert!(ask(Budget::Prove, 0).is_ok() && ask(Budget::Prove, 0).is_ok());
        // 5 are left: 15 are missing, which come in 2 seconds.
        assert_eq!(ask(Budget::Prove, 0).unwrap_err().retry_after, Duration::from_secs(2));
        assert!((0..5).all(|_| ask(Budget::Read, 0).is_ok()) && ask(Budget::Read, 0).is_err());
        assert!(ask(Budget::Submit, 0).is_ok(), "submitting is counted apart");
    }
}
