//! `iat`, `nbf` and `exp`, typed strictly.

use crate::CLOCK_SKEW;
use serde_json::{Map, Value};
use sinpyo_core::time::Timestamp;
use std::time::Duration;

/// The times of a token [RFC 7519 §4.1]: whole seconds. A member of another form is an error, never "absent".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Times {
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// From when it may be accepted.
    pub not_before: Option<Timestamp>,
    /// From when it may no longer be accepted.
    pub expires: Option<Timestamp>,
}

impl Times {
    /// Reads the times of `claims`.
    ///
    /// # Errors
    /// A member that is not a whole number of seconds between the years 1 and 9999.
    pub fn from_claims(claims: &Map<String, Value>) -> Result<Self, TimeError> {
        Self::from_claims_as(claims, Dates::Numbers)
    }

    /// Reads the times of `claims`, written as `dates` says.
    ///
    /// # Errors
    /// A member of another form.
    pub fn from_claims_as(claims: &Map<String, Value>, dates: Dates) -> Result<Self, TimeError> {
        let time = |name: &'static str| match (claims.get(name), dates) {
            (None, _) => Ok(None),
            (Some(Value::String(text)), Dates::NumbersOrText) => {
                text.parse().map(Some).map_err(|_| TimeError::Form(name)) // [JWS-13]
            }
            (Some(value), _) => {
                let time = value.as_i64().and_then(Timestamp::from_unix);
                time.map(Some).ok_or(TimeError::Form(name)) // [JWS-13]
            }
        };
        Ok(Self { issued_at: time("iat")?, not_before: time("nbf")?, expires: time("exp")? })
    }

    /// Checks that `now` lies within the times, give or take [`CLOCK_SKEW`].
    ///
    /// # Errors
    /// JWS-14, JWS-15: it does not.
    pub fn check(&self, now: Timestamp) -> Result<(), TimeError> {
        if self.expires.is_some_and(|expires| now >= expires.plus(CLOCK_SKEW)) {
            return Err(TimeError::Expired); // [JWS-14]
        }
        let latest_start = now.plus(CLOCK_SKEW);
        if [self.not_before, self.issued_at].into_iter().flatten().any(|start| start > latest_start) {
            return Err(TimeError::NotYet); // [JWS-15] [GEN-11]
        }
        Ok(())
    }

    /// When it was issued: just now, that is within `window` before `now`, give or take [`CLOCK_SKEW`]; and all else
    /// that [`Times::check`] checks.
    ///
    /// For tokens that somebody makes for one occasion, such as proofs of possession.
    ///
    /// # Errors
    /// As [`Times::check`]; JWS-28: there is no `iat`, or it is older.
    pub fn check_fresh(&self, now: Timestamp, window: Duration) -> Result<Timestamp, TimeError> {
        self.check(now)?;
        let issued_at = self.issued_at.ok_or(TimeError::Missing("iat"))?; // [JWS-28]
        if issued_at.plus(window).plus(CLOCK_SKEW) < now {
            return Err(TimeError::Stale); // [JWS-28]
        }
        Ok(issued_at)
    }
}

/// How the times of a token may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// Whole seconds since 1970.
    Numbers,
    /// Also as in a W3C credential: the examples of a conformance suite have it so.
    NumbersOrText,
}

/// Why a token is refused for its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// JWS-13: a time is no whole number of seconds.
    #[error("\"{0}\" is not a whole number of seconds")]
    Form(&'static str),
    /// JWS-14: `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// JWS-15: `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYet,
    /// JWS-28: a time that the use needs is missing.
    #[error("\"{0}\" is missing")]
    Missing(&'static str),
    /// JWS-28: not made for this occasion.
    #[error("the token was made too long ago")]
    Stale,
}

impl TimeError {
    /// The rule that was broken, as in `spec/checks/jws.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(_) => "JWS-13",
            Self::Expired => "JWS-14",
            Self::NotYet => "JWS-15",
            Self::Missing(_) | Self::Stale => "JWS-28",
        }
    }
}
