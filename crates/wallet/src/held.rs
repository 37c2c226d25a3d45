//! One copy of a credential.

use crate::{asker::Asker, content::Content, display::Display, key::HolderKey};
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep},
    credential::{Credential, CredentialType, Phase},
    time::Timestamp,
};
use sinpyo_dcql::{Authority, Bound, Format};
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
    pub(crate) content: Content,
    pub(crate) withheld: Vec<ClaimPath>,
    pub(crate) authorities: Vec<Authority>,
    pub(crate) display: Option<Display>,
    pub(crate) shown_to: BTreeSet<Asker>,
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

impl HeldCredential {
    /// Its name.
    pub const fn id(&self) -> HeldId {
        self.id
    }

    /// What the issuer states, all claims included.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Its format.
    pub const fn format(&self) -> Format {
        self.content.format()
    }

    /// The type by which people know it: the most particular one.
    pub fn kind(&self) -> Option<&CredentialType> {
        match self.content {
            // W3C credentials name the general type first.
            Content::W3c(_) => self.credential.types().last(),
            Content::SdJwtVc { .. } | Content::Mdoc { .. } => self.credential.types().first(),
        }
    }

    /// The names that its issuer published.
    pub const fn display(&self) -> Option<&Display> {
        self.display.as_ref()
    }

    /// The claims that are never shown.
    pub fn withheld(&self) -> &[ClaimPath] {
        &self.withheld
    }

    /// The verifiers that have seen this copy.
    pub const fn shown_to(&self) -> &BTreeSet<Asker> {
        &self.shown_to
    }

    /// What showing this copy to `asker` gives away.
    pub fn use_for(&self, asker: &Asker) -> CopyUse {
        if self.shown_to.iter().any(|other| other != asker) {
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
        self.format() == other.format()
            && mine.issuer() == theirs.issuer()
            && mine.types() == theirs.types()
            && mine.claims() == theirs.claims()
            && self.withheld == other.withheld
            && self.authorities == other.authorities
    }

    pub(crate) fn in_force(&self, now: Timestamp) -> bool {
        self.credential.validity().at(now) == Phase::Within
    }

    /// What a query sees of it.
    pub(crate) fn candidate(&self) -> sinpyo_dcql::Candidate {
        sinpyo_dcql::Candidate {
            kind: self.content.kind(&self.credential),
            claims: self.content.claims(&self.credential).clone(),
            bound: Bound::ToKey,
            arrays: sinpyo_dcql::Arrays::Whole,
            authorities: self.authorities.clone(),
        }
    }

    /// Whether what `path` selects may be shown. A parent would bring a withheld claim along.
    pub(crate) fn may_show(&self, path: &ClaimPath) -> bool {
        !self.withheld.iter().any(|withheld| meet(path.steps(), withheld.steps())) // [WAL-04]
    }

    /// The claims that can be hidden and stay so when `shown` is shown.
    pub(crate) fn hidden_beside(&self, shown: &[ClaimPath]) -> Vec<ClaimPath> {
        let mut hideable = self.content.hideable();
        hideable.retain(|path| !shown.iter().any(|shown| meet(shown.steps(), path.steps())));
        hideable
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
