//! One verified presentation of one credential.

use serde_json::Value;
use sinpyo_core::{claims::ClaimPath, credential::Credential};
use sinpyo_dcql::Candidate;
use std::fmt;

/// One credential that was shown, authentic and trusted.
///
/// Debug output names the claims and shows no value.
pub struct Shown {
    pub(crate) credential: Credential,
    /// What the query sees of it.
    pub(crate) candidate: Candidate,
    /// Positions of the transaction data that its holder authorised with it.
    pub(crate) authorised: Vec<usize>,
    /// As it arrived, if that is kept.
    pub(crate) wire: Option<String>,
}

impl Shown {
    /// What its issuer states, as far as it is disclosed.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The positions in [`crate::Expectation::transaction_data`] of what the holder authorised with it, in order.
    pub fn authorised(&self) -> &[usize] {
        &self.authorised
    }

    /// What the holder sent, if [`crate::Evidence::Kept`]: text, or a JSON object as text.
    pub fn evidence(&self) -> Option<&str> {
        self.wire.as_deref()
    }

    /// The claim at `path` as the name of a user: never without the issuer that states it [OpenID4VP 1.0 §14.4].
    ///
    /// None if not exactly one text or number stands there, or if the issuer has no lasting name: the signer of an mdoc
    /// is known by its certificate, which is replaced from time to time.
    pub fn identity(&self, path: &ClaimPath) -> Option<Identity<'_>> {
        let issuer = self.credential.issuer();
        let [value @ (Value::String(_) | Value::Number(_))] = *path.select(&self.candidate.claims) else {
            return None;
        };
        let lasting = !issuer.starts_with("x509_hash:");
        lasting.then_some(Identity { issuer, claim: value }) // [VP-VAL-05]
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("credential", &self.credential)
            .field("authorised", &self.authorised)
            .finish_non_exhaustive()
    }
}

/// The name of a user at one issuer. Equal only if the issuer is.
///
/// Debug output does not show the claim.
#[derive(Clone, Copy, PartialEq)]
pub struct Identity<'a> {
    /// Who states it.
    pub issuer: &'a str,
    /// What it states: stable, unique at this issuer, and never given to another, or it is no identity.
    pub claim: &'a Value,
}

impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
