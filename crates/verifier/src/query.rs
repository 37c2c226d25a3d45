//! Whether a credential answers a query. The wallet's word is never taken for it.

use crate::error::VerifyError;
use serde_json::Value;
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep, same_value},
    credential::Credential,
    request::{ClaimQuery, CredentialQuery},
};

/// Checks that `credential` is of a type that `query` names and shows every claim, with a value that will do.
pub(crate) fn check(query: &CredentialQuery, credential: &Credential) -> Result<(), VerifyError> {
    let kind = credential.types().first().ok_or(VerifyError::OtherType)?;
    if !query.types.contains(kind) {
        return Err(VerifyError::OtherType); // [VP-05]
    }
    query.claims.iter().try_for_each(|claim| check_claim(claim, credential))
}

fn check_claim(claim: &ClaimQuery, credential: &Credential) -> Result<(), VerifyError> {
    let shown = claim.path.select(credential.claims());
    if shown.is_empty() {
        return Err(VerifyError::NotDisclosed(claim.path.clone())); // [VP-14]
    }
    let will_do = |shown: &&Value| claim.values.iter().any(|wanted| same_value(wanted, shown));
    if claim.values.is_empty() || shown.iter().any(will_do) {
        Ok(())
    } else if is_age(&claim.path) && shown == [&Value::Bool(false)] {
        Err(VerifyError::MaybeStale(claim.path.clone())) // [VP-16]
    } else {
        Err(VerifyError::OtherValue(claim.path.clone())) // [VP-15]
    }
}

/// A birthday turns `false` into `true`, never the other way.
fn is_age(path: &ClaimPath) -> bool {
    matches!(path.steps(), [ClaimStep::Name(name)] if name.starts_with("age_over_"))
}
