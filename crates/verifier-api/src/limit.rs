//! How often one caller may ask what costs us something.

use crate::route::Operation;
use sinpyo_web::limit::Rate;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Budget {
    /// Tokens: a signature is verified.
    Token,
    /// Pages: anybody opens them. Numbers to confirm: one in three is right, and each transaction has one choice.
    Page,
    /// What wallets send for one request: each answer may make us look things up.
    Wallet,
}

impl Budget {
    pub(crate) const fn of(operation: Operation) -> Option<Self> {
        match operation {
            Operation::Token => Some(Self::Token),
            Operation::Page
            | Operation::Return
            | Operation::Confirm
            | Operation::Choose
            | Operation::PageSwitch => Some(Self::Page),
            _ => None,
        }
    }
}

impl sinpyo_web::limit::Budget for Budget {
    /// Nobody sets the rates.
    type Settings = ();

    fn rate(self, (): &()) -> Rate {
        match self {
            Self::Token => Rate { burst: 60, per_second: 2 },
            // Many people share the address of an office.
            Self::Page => Rate { burst: 600, per_second: 20 },
            Self::Wallet => Rate { burst: 30, per_second: 1 },
        }
    }
}
