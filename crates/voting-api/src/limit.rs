//! How often one address may ask what costs us something. Ballots are not counted by address: their tokens are.

use crate::route::Operation;
use sinpyo_web::limit::Rate;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Budget {
    /// Registration: codes must not be guessed, and each request costs signatures.
    Register,
    /// Signed events and invitations.
    Event,
    /// Pages.
    Page,
    /// Ballots of an election that asks for no tokens, all together: each false one is written into the log.
    Ballot,
}

impl Budget {
    /// The budget of an operation; none for the public record, which caches serve, and for ballots.
    pub(crate) const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::Begin | Operation::Register => Some(Self::Register), // [VTS-23]
            Operation::Event | Operation::Trustee => Some(Self::Event),
            Operation::Home
            | Operation::Observe
            | Operation::Landing
            | Operation::Find
            | Operation::Protocol
            | Operation::TrusteePage => Some(Self::Page),
            _ => None, // [VTS-13]
        }
    }
}

impl sinpyo_web::limit::Budget for Budget {
    /// Nobody sets the rates.
    type Settings = ();

    fn rate(self, (): &()) -> Rate {
        match self {
            // A whole block of flats may register behind one address; nobody guesses 80 bits at this rate.
            Self::Register => Rate { burst: 2000, per_second: 50 },
            Self::Event => Rate { burst: 2000, per_second: 100 },
            Self::Ballot => Rate { burst: 20_000, per_second: 3000 },
            Self::Page => Rate { burst: 600, per_second: 20 },
        }
    }
}
