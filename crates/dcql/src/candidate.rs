//! What the matcher sees of a credential.

use crate::Format;
use serde_json::{Map, Value};
use std::fmt;

/// A credential that is held or was presented, as far as a query can speak of it.
///
/// Whoever makes one vouches for it: the wallet for what it holds, the verifier for what it has verified.
/// Debug output shows no claim.
#[derive(Clone, PartialEq)]
pub struct Candidate {
    /// Format and type.
    pub kind: Kind,
    /// What claims path pointers start from [OpenID4VP 1.0 §7, Appendix B]: the processed payload of an SD-JWT, the
    /// credential of the W3C formats, and for an mdoc `{namespace: {element: value}}` with values as JSON
    /// [RFC 8949 §6.1].
    pub claims: Map<String, Value>,
    /// Whether a key of the holder is bound to it (held) or was proven (presented).
    pub bound: Bound,
    /// Whether arrays in `claims` have all their elements.
    pub arrays: Arrays,
    /// The authorities under which its issuer stands, as far as known.
    pub authorities: Vec<Authority>,
}

/// What the arrays of a credential look like to the one who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrays {
    /// With all their elements: what is held, what cannot be withheld, and what was shown in full.
    Whole,
    /// Without those that were withheld, so that an element may stand before its place [RFC 9901 §7.1].
    Thinned,
}

/// Format and type of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `dc+sd-jwt`.
    SdJwtVc {
        /// Its `vct`.
        vct: String,
        /// The types which that type extends, if its type metadata is known.
        extends: Vec<String>,
    },
    /// `mso_mdoc`.
    Mdoc {
        /// Its document type.
        doctype: String,
    },
    /// `jwt_vc_json`: a W3C credential secured as a JWT.
    JwtVc {
        /// Its types as expanded IRIs.
        types: Vec<String>,
    },
    /// `ldp_vc`: a W3C credential with a Data Integrity proof.
    LdpVc {
        /// Its types as expanded IRIs.
        types: Vec<String>,
    },
}

impl Kind {
    /// The credential format.
    pub const fn format(&self) -> Format {
        match self {
            Self::SdJwtVc { .. } => Format::SdJwtVc,
            Self::Mdoc { .. } => Format::Mdoc,
            Self::JwtVc { .. } => Format::JwtVc,
            Self::LdpVc { .. } => Format::LdpVc,
        }
    }
}

/// Whether a credential is tied to a key of its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Held: a key can prove it. Presented: the proof was verified.
    ToKey,
    /// Nothing is proven about who shows it.
    ToNobody,
}

/// An authority under which an issuer stands [OpenID4VP 1.0 §6.1.1].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// What identifies it.
    pub kind: AuthorityKind,
    /// The identifier, as in a query's `values`.
    pub value: String,
}

/// How an authority is identified [OpenID4VP 1.0 §6.1.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorityKind {
    /// `aki`: the authority key identifier of a certificate in the chain, base64url.
    KeyIdentifier,
    /// `etsi_tl`: identifier of a trusted list [ETSI TS 119 612].
    EtsiTrustedList,
    /// `openid_federation`: entity identifier of a trust anchor.
    OpenidFederation,
}

impl AuthorityKind {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyIdentifier => "aki",
            Self::EtsiTrustedList => "etsi_tl",
            Self::OpenidFederation => "openid_federation",
        }
    }

    /// The kind of this name on the wire.
    pub fn named(name: &str) -> Option<Self> {
        [Self::KeyIdentifier, Self::EtsiTrustedList, Self::OpenidFederation]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

impl fmt::Debug for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Candidate")
            .field("kind", &self.kind)
            .field("bound", &self.bound)
            .finish_non_exhaustive()
    }
}
