//! The checks of §14.

use crate::{election::Refused, manifest::ManifestError};
use std::fmt;

/// A check of §14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// V1: manifest and bounds.
    Manifest,
    /// V2: key ceremony.
    Ceremony,
    /// V3: context.
    Context,
    /// V4: roll, beacon, rings.
    Roll,
    /// V5: the log.
    Log,
    /// V6: ballots' proofs.
    Ballots,
    /// V7: rejected ballots.
    Rejected,
    /// V8: tags and which ballots count.
    Tags,
    /// V9: groups and sums.
    Groups,
    /// V10: tally shares.
    Shares,
    /// V11: counts.
    Counts,
    /// V12: spoiled ballots.
    Spoiled,
    /// V13: no write-in contest.
    WriteIn,
    /// V14: the result as announced.
    Result,
}

impl Check {
    /// All of them, in order.
    pub const ALL: [Self; 14] = [
        Self::Manifest,
        Self::Ceremony,
        Self::Context,
        Self::Roll,
        Self::Log,
        Self::Ballots,
        Self::Rejected,
        Self::Tags,
        Self::Groups,
        Self::Shares,
        Self::Counts,
        Self::Spoiled,
        Self::WriteIn,
        Self::Result,
    ];

    /// `V1` to `V14`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "V1",
            Self::Ceremony => "V2",
            Self::Context => "V3",
            Self::Roll => "V4",
            Self::Log => "V5",
            Self::Ballots => "V6",
            Self::Rejected => "V7",
            Self::Tags => "V8",
            Self::Groups => "V9",
            Self::Shares => "V10",
            Self::Counts => "V11",
            Self::Spoiled => "V12",
            Self::WriteIn => "V13",
            Self::Result => "V14",
        }
    }

    /// The rule in `spec/checks/aud.toml`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Manifest => "AUD-01",
            Self::Ceremony => "AUD-02",
            Self::Context => "AUD-03",
            Self::Roll => "AUD-04",
            Self::Log => "AUD-05",
            Self::Ballots => "AUD-06",
            Self::Rejected => "AUD-07",
            Self::Tags => "AUD-08",
            Self::Groups => "AUD-09",
            Self::Shares => "AUD-10",
            Self::Counts => "AUD-11",
            Self::Spoiled => "AUD-12",
            Self::WriteIn => "AUD-13",
            Self::Result => "AUD-14",
        }
    }

    /// The check that names an entry which breaks this rule; `None` if the auditor looks for itself.
    pub(super) const fn naming(refused: &Refused) -> Option<Self> {
        Some(match refused {
            Refused::Manifest(ManifestError::WriteIn) => Self::WriteIn, // [AUD-13]
            Refused::Manifest(_) | Refused::Fixed => Self::Manifest,    // [AUD-01]
            Refused::Misplaced(_) | Refused::Keys | Refused::Ceremony(_) => Self::Ceremony, // [AUD-02]
            Refused::Roll(_) | Refused::Frozen { .. } | Refused::BeaconValue { .. } | Refused::Rings => {
                Self::Roll // [AUD-04]
            }
            Refused::Legal { .. } => Self::Counts,       // [AUD-11]
            Refused::Duplicate { .. } => Self::Tags,     // [AUD-08]
            Refused::Unqualified { .. } => Self::Shares, // [AUD-10]
            // The context is compared with the recomputed rings, not with the announced ones.
            Refused::Context => return None,
            _ => Self::Log, // [AUD-05]
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
