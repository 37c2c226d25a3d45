//! Whether one presentation answers its query. The wallet's word is never taken for it.

use crate::error::VerifyError;
use serde_json::Value;
use sinpyo_core::claims::{ClaimPath, ClaimStep};
use sinpyo_dcql::{Candidate, CredentialQuery, Miss};

/// Checks that `shown` is of a type that `asked` names and shows the claims, with values that will do.
pub(crate) fn check(asked: &CredentialQuery, shown: &Candidate) -> Result<(), VerifyError> {
    let Err(miss) = asked.fit_presented(shown) else { return Ok(()) };
    Err(match miss {
        Miss::Type | Miss::Nothing => VerifyError::OtherType, // [VP-05]
        Miss::Authority => VerifyError::OtherAuthority,       // [VP-23]
        Miss::Unbound => VerifyError::Unbound,                // [VP-24]
        Miss::Claims { absent, unequal } => match (absent.into_iter().next(), unequal.into_iter().next()) {
            (Some(path), _) => VerifyError::NotDisclosed(path), // [VP-14]
            (None, Some(path)) if is_false_age(&path, shown) => VerifyError::MaybeStale(path), // [VP-16]
            (None, Some(path)) => VerifyError::OtherValue(path), // [VP-15]
            (None, None) => VerifyError::OtherType,
        },
        _ => VerifyError::OtherFormat, // [VP-19]
    })
}

/// A birthday turns `false` into `true`, never the other way.
fn is_false_age(path: &ClaimPath, shown: &Candidate) -> bool {
    let is_age = path
        .steps()
        .last()
        .is_some_and(|step| matches!(step, ClaimStep::Name(name) if name.starts_with("age_over_")));
    is_age && path.select(&shown.claims) == [&Value::Bool(false)]
}
