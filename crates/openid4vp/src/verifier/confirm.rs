//! Choosing the number that the screen shows.

use super::{
    Verifier,
    record::{CODES, Ended, KeepError, Phase, TRANSACTIONS},
};
use crate::handle::ResponseCode;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::{Change, Key, Unavailable, retrying};

/// Three numbers, one of which the waiting screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices(pub [u8; 3]);

/// What the holder chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This number.
    Number(u8),
    /// None of them: there is no screen, or it shows another number.
    None,
}

impl Verifier<'_> {
    /// The numbers among which the one who has `code` may choose.
    ///
    /// # Errors
    /// Nothing waits for a choice under this code, or memory fails.
    pub fn choices(&self, code: &ResponseCode, now: Timestamp) -> Result<Choices, ConfirmError> {
        let name = self.coded(code, now)?.ok_or(ConfirmError::Unknown)?;
        let (record, _) = self.transaction(&name, now)?.ok_or(ConfirmError::Unknown)?;
        match record.phase {
            Phase::Confirming { choices, .. } => Ok(Choices(choices)),
            Phase::Waiting { .. } | Phase::Returning { .. } | Phase::Done(_) => Err(ConfirmError::Unknown),
        }
    }

    /// Takes the holder's choice. There is one: with another number than the screen's, all is over.
    ///
    /// # Errors
    /// Nothing waits for a choice under this code, the choice is wrong, or memory fails.
    pub fn confirm(
        &self,
        code: &ResponseCode,
        pick: Pick,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(), ConfirmError> {
        let name = self.coded(code, now)?.ok_or(ConfirmError::Unknown)?;
        let key = Key::named(TRANSACTIONS, &name);
        let until = Some(now.plus(self.settings.lifetimes.result));
        let is_right = retrying(|| {
            let (mut record, version) = self.transaction(&name, now)?.ok_or(ConfirmError::Unknown)?;
            let Phase::Confirming { number, outcome, .. } = record.phase else {
                return Err(ConfirmError::Unknown);
            };
            let is_right = pick == Pick::Number(number);
            record.phase = Phase::Done(if is_right { Ended::Accepted(outcome) } else { Ended::Hijacked });
            let data = self.keep().sealed(&key, &record, entropy)?;
            let change = Change::replace(&key, version, &data, until);
            Ok(self.state.commit(&[change]).map(|()| is_right))
        })?;
        if is_right { Ok(()) } else { Err(ConfirmError::Wrong) } // [VP-FIX-01a]
    }

    /// The name of the transaction that `code` belongs to.
    pub(super) fn coded(&self, code: &ResponseCode, now: Timestamp) -> Result<Option<String>, KeepError> {
        Ok(self.keep().read(&code.0.key(CODES), now)?.map(|(name, _)| name))
    }
}

/// Why a choice was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfirmError {
    /// VP-FIX-01b: nothing waits for a choice under this code.
    #[error("nothing waits for a choice")]
    Unknown,
    /// VP-FIX-01a: the screen shows another number. The transaction is over.
    #[error("the screen shows another number")]
    Wrong,
    /// Memory fails.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

impl From<Unavailable> for ConfirmError {
    fn from(error: Unavailable) -> Self {
        Self::Keep(error.into())
    }
}

impl ConfirmError {
    /// The rule that was broken, as in `spec/checks`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "VP-FIX-01b", // [VP-FIX-01b]
            Self::Wrong => "VP-FIX-01a",
            Self::Keep(error) => error.code(),
        }
    }
}
