//! Sizes of the logs.

/// How large the measured logs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// As the targets say.
    Full,
    /// In seconds, to see that everything runs.
    Quick,
}

#[cfg_attr(not(feature = "everything"), expect(dead_code, reason = "for the other groups"))]
impl Scale {
    /// Leaves of the large log.
    pub(crate) const fn leaves(self) -> u64 {
        match self {
            Self::Full => 10_000_000,
            Self::Quick => 200_000,
        }
    }

    /// DIDs of the log that is resolved from.
    pub(crate) const fn dids(self) -> u64 {
        match self {
            Self::Full => 100_000,
            Self::Quick => 2_000,
        }
    }
}
