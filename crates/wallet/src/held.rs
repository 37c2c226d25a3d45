//! One copy of a credential, and whether it answers a query.

use crate::key::HolderKey;
use serde_json::Value;
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep, same_value},
    credential::{Credential, CredentialType, Phase},
    did::Did,
    request::{ClaimQuery, CredentialQuery},
    time::Timestamp,
};
use sinpyo_proof::sd_jwt;
use std::{collections::BTreeSet, fmt};

/// Name of a copy within its wallet; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeldId(pub(crate) u64);

impl HeldId {
    /// The copy that people call by this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for HeldId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One copy of a credential, with the key to which it is bound.
///
/// Debug output shows no claim.
pub struct HeldCredential {
    pub(crate) id: HeldId,
    pub(crate) credential: Credential,
    pub(crate) key: HolderKey,
    /// As the issuer sent it.
    pub(crate) wire: String,
    /// `wire`, taken apart.
    pub(crate) parts: sd_jwt::Holding,
    pub(crate) withheld: Vec<ClaimPath>,
    pub(crate) shown_to: BTreeSet<Did>,
}

/// What showing a copy to a verifier gives away, beside the claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CopyUse {
    /// This verifier has seen this copy, and no other verifier has.
    Again,
    /// Nobody has seen this copy.
    Fresh,
    /// Another verifier has seen this copy: the two can find out that they deal with the same holder.
    Linkable,
}

/// Why no credential answers a query; of several reasons the greatest, which is the nearest miss.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// No credential has a type that would do.
    #[error("the wallet holds no such credential")]
    NoCredential,
    /// A credential of the type is there, but not in force.
    #[error("the credential is not valid at this time")]
    NotInForce,
    /// The credential has no such claim.
    #[error("the credential has no claim {0}")]
    NoClaim(ClaimPath),
    /// The claim has none of the values that would do.
    #[error("claim {0} has another value than those that would do")]
    OtherValue(ClaimPath),
    /// WAL-04: the claim is for the holder and the issuer only.
    #[error("claim {0} is never shown")]
    Withheld(ClaimPath),
}

impl HeldCredential {
    /// Its name.
    pub const fn id(&self) -> HeldId {
        self.id
    }

    /// What the issuer states, all claims included.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The claims that are never shown.
    pub fn withheld(&self) -> &[ClaimPath] {
        &self.withheld
    }

    /// The verifiers that have seen this copy.
    pub const fn shown_to(&self) -> &BTreeSet<Did> {
        &self.shown_to
    }

    /// What showing this copy to `verifier` gives away.
    pub fn use_for(&self, verifier: &Did) -> CopyUse {
        if self.shown_to.iter().any(|other| other != verifier) {
            CopyUse::Linkable
        } else if self.shown_to.is_empty() {
            CopyUse::Fresh
        } else {
            CopyUse::Again
        }
    }

    /// Whether `other` says the same to every verifier.
    pub(crate) fn is_copy_of(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.credential, &other.credential);
        mine.issuer() == theirs.issuer()
            && mine.types() == theirs.types()
            && mine.claims() == theirs.claims()
            && self.withheld == other.withheld
    }

    pub(crate) fn in_force(&self, now: Timestamp) -> bool {
        self.credential.validity().at(now) == Phase::Within
    }

    /// The top-level claims that every verifier sees.
    pub(crate) fn visible(&self) -> Vec<ClaimPath> {
        let hidden = |name: &str| {
            self.parts.hidden().any(|path| matches!(path, [ClaimStep::Name(hidden)] if hidden == name))
        };
        let names = self.credential.claims().keys().filter(|name| !hidden(name));
        names.map(|name| ClaimPath::name(name)).collect()
    }

    /// The claims that can be hidden and stay so when `asked` is shown.
    pub(crate) fn hidden_beside(&self, asked: &[ClaimPath]) -> Vec<ClaimPath> {
        let hidden = self.parts.hidden().filter(|path| !asked.iter().any(|asked| meet(asked.steps(), path)));
        hidden.filter_map(path).collect()
    }

    /// Whether it answers `query`, and as which type.
    pub(crate) fn answers<'q>(
        &self,
        query: &'q CredentialQuery,
        now: Timestamp,
    ) -> Result<&'q CredentialType, Mismatch> {
        let kind = query.types.iter().find(|kind| self.credential.types().contains(kind));
        let kind = kind.ok_or(Mismatch::NoCredential)?;
        if !self.in_force(now) {
            return Err(Mismatch::NotInForce);
        }
        query.claims.iter().try_for_each(|claim| self.answers_claim(claim))?;
        Ok(kind)
    }

    fn answers_claim(&self, claim: &ClaimQuery) -> Result<(), Mismatch> {
        let path = &claim.path;
        // A parent would bring the withheld claim along.
        if self.withheld.iter().any(|withheld| meet(path.steps(), withheld.steps())) {
            return Err(Mismatch::Withheld(path.clone())); // [WAL-04]
        }
        let values = path.select(self.credential.claims());
        if values.is_empty() {
            return Err(Mismatch::NoClaim(path.clone()));
        }
        let would_do = |value| claim.values.iter().any(|wanted| same_value(wanted, value));
        if !claim.values.is_empty() && !values.into_iter().any(would_do) {
            return Err(Mismatch::OtherValue(path.clone()));
        }
        Ok(())
    }
}

impl fmt::Debug for HeldCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldCredential")
            .field("id", &self.id)
            .field("types", &self.credential.types())
            .finish_non_exhaustive()
    }
}

/// Whether a claim lies at or below both paths, or one of them lies on the way to the other.
fn meet(one: &[ClaimStep], other: &[ClaimStep]) -> bool {
    one.iter().zip(other).all(|pair| match pair {
        (ClaimStep::Every, ClaimStep::Name(_)) | (ClaimStep::Name(_), ClaimStep::Every) => false,
        (ClaimStep::Every, _) | (_, ClaimStep::Every) => true,
        (one, other) => one == other,
    })
}

/// The path of these steps, unless they are more than a path can have: then no request can name the claim.
fn path(steps: &[ClaimStep]) -> Option<ClaimPath> {
    let step = |step: &ClaimStep| match step {
        ClaimStep::Name(name) => Value::from(name.as_str()),
        ClaimStep::Index(index) => Value::from(*index),
        ClaimStep::Every => Value::Null,
    };
    ClaimPath::from_json(&steps.iter().map(step).collect()).ok()
}
