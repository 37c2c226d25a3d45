//! Why a query makes no sense.

use crate::QueryId;
use sinpyo_core::{claims::ClaimPath, json::JsonError};

/// A part of a query, named as on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The query as a whole.
    Query,
    /// `credentials`.
    Credentials,
    /// `credential_sets`.
    CredentialSets,
    /// `options` of a credential set.
    Options,
    /// `required` of a credential set.
    Required,
    /// `id`.
    Id,
    /// `format`.
    Format,
    /// `meta`.
    Meta,
    /// `multiple`.
    Multiple,
    /// `require_cryptographic_holder_binding`.
    HolderBinding,
    /// `trusted_authorities`.
    TrustedAuthorities,
    /// `claims`.
    Claims,
    /// `claim_sets`.
    ClaimSets,
    /// `path`.
    Path,
    /// `values`.
    Values,
    /// `intent_to_retain`.
    IntentToRetain,
}

impl Part {
    /// The member's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "dcql_query",
            Self::Credentials => "credentials",
            Self::CredentialSets => "credential_sets",
            Self::Options => "options",
            Self::Required => "required",
            Self::Id => "id",
            Self::Format => "format",
            Self::Meta => "meta",
            Self::Multiple => "multiple",
            Self::HolderBinding => "require_cryptographic_holder_binding",
            Self::TrustedAuthorities => "trusted_authorities",
            Self::Claims => "claims",
            Self::ClaimSets => "claim_sets",
            Self::Path => "path",
            Self::Values => "values",
            Self::IntentToRetain => "intent_to_retain",
        }
    }
}

/// Why a query makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// It is not JSON that we read.
    #[error("the query is not JSON")]
    Json(#[source] JsonError),
    /// A part is missing, empty, of another type, or says what it may not say.
    #[error("`{}` is malformed", .0.as_str())]
    Malformed(Part),
    /// A part is larger than is read.
    #[error("`{}` is too large", .0.as_str())]
    TooMuch(Part),
    /// Two credential queries, or two claims of the named one, have one name.
    #[error("`{0}` has a name twice")]
    SameId(QueryId),
    /// A credential query asks for one claim twice.
    #[error("a claim is asked for twice")]
    SamePath(ClaimPath),
    /// A credential set names a query that there is not.
    #[error("no credential query is named `{0}`")]
    UnknownQuery(QueryId),
    /// A claim set names a claim that there is not.
    #[error("no claim is named `{0}`")]
    UnknownClaim(QueryId),
}

impl QueryError {
    /// The rule that was broken, as in `spec/checks/vp-dcq.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Malformed(Part::Query | Part::Credentials) => "VP-DCQ-01a",
            Self::SameId(_) => "VP-DCQ-01b",
            Self::Malformed(Part::Id) => "VP-DCQ-01c",
            Self::Malformed(Part::Format | Part::Meta) => "VP-DCQ-02",
            Self::Malformed(Part::Claims) => "VP-DCQ-03a",
            Self::SamePath(_) => "VP-DCQ-03b",
            Self::Malformed(Part::ClaimSets) => "VP-DCQ-03c",
            Self::UnknownClaim(_) => "VP-DCQ-03d",
            Self::UnknownQuery(_)
            | Self::Malformed(Part::CredentialSets | Part::Options | Part::Required) => "VP-DCQ-04",
            Self::Malformed(Part::Values) => "VP-DCQ-07b",
            Self::Malformed(Part::TrustedAuthorities) => "VP-DCQ-08b",
            Self::Malformed(Part::Path | Part::IntentToRetain) => "VP-DCQ-09c",
            Self::Malformed(Part::Multiple | Part::HolderBinding) => "VP-DCQ-10b",
            Self::TooMuch(_) => "VP-DCQ-12",
        }
    }
}
