//! What a query says, and that it makes sense.

use crate::{Part, QueryError};
use serde_json::{Map, Value};
use sinpyo_core::claims::{ClaimPath, ClaimStep};
use std::{borrow::Borrow, collections::BTreeSet, fmt, str::FromStr};

/// Longest name of a query, a claim or a type, and longest text value, in bytes.
const MAX_TEXT: usize = 2048;
/// Most credential queries, credential sets, options of a set, and names in an option.
const MAX_QUERIES: usize = 32;
/// Most claims of one credential, claim sets, and values of one claim.
const MAX_CLAIMS: usize = 128;
/// Most claims in the whole query, so that work grows with its length only.
const MAX_ALL_CLAIMS: usize = 512;
/// Most types, sets of types, trusted authorities and their values in one credential query.
const MAX_META: usize = 64;

/// A query that makes sense: names are unique and known, nothing is empty, and everything is bounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    credentials: Vec<CredentialQuery>,
    sets: Vec<CredentialSet>,
}

/// A request for credentials of one kind [OpenID4VP 1.0 §6.1].
#[derive(Clone, Debug, PartialEq)]
pub struct CredentialQuery {
    /// Its name within the query.
    pub id: QueryId,
    /// Format and type (`format`, `meta`).
    pub wanted: Wanted,
    /// How many presentations may answer it (`multiple`).
    pub count: Count,
    /// Whether the holder's key must be proven (`require_cryptographic_holder_binding`).
    pub binding: Binding,
    /// One of these must stand behind the issuer; empty means any (`trusted_authorities`).
    pub authorities: Vec<TrustedAuthorities>,
    /// What is to be shown; empty means nothing that can be withheld.
    pub claims: Vec<ClaimQuery>,
    /// Combinations of claims that will do, the most welcome first; empty means all claims.
    pub claim_sets: Vec<Vec<QueryId>>,
}

/// Format and type of a wanted credential.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// `dc+sd-jwt` with one of these `vct`.
    SdJwtVc {
        /// `vct_values`.
        types: Vec<String>,
    },
    /// `mso_mdoc` of this document type.
    Mdoc {
        /// `doctype_value`.
        doctype: String,
    },
    /// `jwt_vc_json` with all types of one of these lists.
    JwtVc {
        /// `type_values`: expanded IRIs.
        types: Vec<Vec<String>>,
    },
    /// `ldp_vc` with all types of one of these lists.
    LdpVc {
        /// `type_values`: expanded IRIs.
        types: Vec<Vec<String>>,
    },
    /// A format that is not known here: nothing matches it, but an alternative to it may.
    Unknown {
        /// `format`.
        format: String,
        /// `meta`.
        meta: Map<String, Value>,
    },
}

/// A credential format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `dc+sd-jwt`.
    SdJwtVc,
    /// `mso_mdoc`.
    Mdoc,
    /// `jwt_vc_json`.
    JwtVc,
    /// `ldp_vc`.
    LdpVc,
}

/// How many presentations may answer a credential query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Exactly one.
    One,
    /// One or more.
    Several,
}

/// Whether the holder's key must be proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It must.
    Required,
    /// A presentation without proof will do.
    NotRequired,
}

/// Authorities of one kind, any of which will do [OpenID4VP 1.0 §6.1.1].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedAuthorities {
    /// `type`, as on the wire; one that is not known matches nothing.
    pub kind: String,
    /// `values`.
    pub values: Vec<String>,
}

/// A request for one claim [OpenID4VP 1.0 §6.3].
///
/// Debug output counts the values: they may say something about the one who is asked.
#[derive(Clone, PartialEq)]
pub struct ClaimQuery {
    /// Its name, needed only where claim sets refer to it.
    pub id: Option<QueryId>,
    /// Where it stands.
    pub path: ClaimPath,
    /// Values that will do: text, whole numbers or booleans; empty means any.
    pub values: Vec<Value>,
    /// Whether the verifier says that it will store the element; mdoc only (`intent_to_retain`).
    pub retained: Option<bool>,
}

/// Combinations of credential queries, one of which is to be answered [OpenID4VP 1.0 §6.2].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSet {
    /// The combinations, the most welcome first.
    pub options: Vec<Vec<QueryId>>,
    /// Whether one of them must be answered.
    pub required: bool,
}

/// The name of a credential query or of a claim in it: letters, digits, `_` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(String);

impl Query {
    /// A query that asks for all of `credentials`, or, if there are `sets`, for what these say.
    ///
    /// # Errors
    /// What makes no sense in it, or the bound it exceeds.
    pub fn new(credentials: Vec<CredentialQuery>, sets: Vec<CredentialSet>) -> Result<Self, QueryError> {
        bound(Part::Credentials, credentials.len(), 1..=MAX_QUERIES)?; // [VP-DCQ-01a]
        bound(Part::CredentialSets, sets.len(), 0..=MAX_QUERIES)?;
        bound(Part::Claims, credentials.iter().map(|query| query.claims.len()).sum(), 0..=MAX_ALL_CLAIMS)?;
        let mut ids = BTreeSet::new();
        for query in &credentials {
            if !ids.insert(&query.id) {
                return Err(QueryError::SameId(query.id.clone())); // [VP-DCQ-01b]
            }
            query.make_sense()?;
        }
        for set in &sets {
            bound(Part::Options, set.options.len(), 1..=MAX_QUERIES)?;
            for option in &set.options {
                bound(Part::Options, option.len(), 1..=MAX_QUERIES)?;
                if let Some(id) = option.iter().find(|id| !ids.contains(id)) {
                    return Err(QueryError::UnknownQuery(id.clone())); // [VP-DCQ-04]
                }
            }
        }
        Ok(Self { credentials, sets })
    }

    /// The credential queries, in order.
    pub fn credentials(&self) -> &[CredentialQuery] {
        &self.credentials
    }

    /// The credential sets, in order; none means that every credential query is to be answered.
    pub fn sets(&self) -> &[CredentialSet] {
        &self.sets
    }

    /// The credential query of this name.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|query| query.id.as_str() == id)
    }

    /// The credential sets; of a query without any, one that asks for every credential query [OpenID4VP 1.0 §6.4.2].
    pub(crate) fn combinations(&self) -> Vec<CredentialSet> {
        if !self.sets.is_empty() {
            return self.sets.clone();
        }
        let all = self.credentials.iter().map(|query| query.id.clone()).collect();
        vec![CredentialSet { options: vec![all], required: true }]
    }
}

impl CredentialQuery {
    /// A query for one credential, bound to its holder, with nothing shown that can be withheld.
    pub const fn new(id: QueryId, wanted: Wanted) -> Self {
        Self {
            id,
            wanted,
            count: Count::One,
            binding: Binding::Required,
            authorities: Vec::new(),
            claims: Vec::new(),
            claim_sets: Vec::new(),
        }
    }

    /// The elements of an mdoc that are asked for, as namespace and identifier; in any of its claim sets.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.claims.iter().filter_map(|claim| match claim.path.steps() {
            [ClaimStep::Name(namespace), ClaimStep::Name(element)] => {
                Some((namespace.as_str(), element.as_str()))
            }
            _ => None,
        })
    }

    fn make_sense(&self) -> Result<(), QueryError> {
        self.wanted.make_sense()?;
        bound(Part::TrustedAuthorities, self.authorities.len(), 0..=MAX_META)?;
        for authority in &self.authorities {
            bound(Part::TrustedAuthorities, authority.values.len(), 1..=MAX_META)?;
            texts(Part::TrustedAuthorities, authority.values.iter().chain([&authority.kind]))?;
        }
        bound(Part::Claims, self.claims.len(), 0..=MAX_CLAIMS)?;
        let (mut paths, mut ids) = (BTreeSet::new(), BTreeSet::new());
        for claim in &self.claims {
            if !paths.insert(&claim.path) {
                return Err(QueryError::SamePath(claim.path.clone())); // [VP-DCQ-03b]
            }
            if claim.id.as_ref().is_some_and(|id| !ids.insert(id)) {
                return Err(QueryError::SameId(self.id.clone()));
            }
            claim.make_sense(matches!(self.wanted, Wanted::Mdoc { .. }))?;
        }
        bound(Part::ClaimSets, self.claim_sets.len(), 0..=MAX_CLAIMS)?;
        if !self.claim_sets.is_empty() && (self.claims.is_empty() || ids.len() < self.claims.len()) {
            return Err(QueryError::Malformed(Part::ClaimSets)); // [VP-DCQ-03c]
        }
        for set in &self.claim_sets {
            bound(Part::ClaimSets, set.len(), 1..=MAX_CLAIMS)?;
            if let Some(id) = set.iter().find(|id| !ids.contains(id)) {
                return Err(QueryError::UnknownClaim(id.clone())); // [VP-DCQ-03d]
            }
        }
        Ok(())
    }
}

impl Wanted {
    /// The format as written in a query.
    pub fn format(&self) -> &str {
        match self {
            Self::SdJwtVc { .. } => Format::SdJwtVc.as_str(),
            Self::Mdoc { .. } => Format::Mdoc.as_str(),
            Self::JwtVc { .. } => Format::JwtVc.as_str(),
            Self::LdpVc { .. } => Format::LdpVc.as_str(),
            Self::Unknown { format, .. } => format,
        }
    }

    fn make_sense(&self) -> Result<(), QueryError> {
        match self {
            Self::SdJwtVc { types } => {
                bound(Part::Meta, types.len(), 1..=MAX_META)?; // [VP-DCQ-02]
                texts(Part::Meta, types)
            }
            Self::Mdoc { doctype } => texts(Part::Meta, [doctype]),
            Self::JwtVc { types } | Self::LdpVc { types } => {
                bound(Part::Meta, types.len(), 1..=MAX_META)?;
                types.iter().try_for_each(|types| {
                    bound(Part::Meta, types.len(), 1..=MAX_META)?;
                    texts(Part::Meta, types)
                })
            }
            Self::Unknown { format, .. } => texts(Part::Format, [format]),
        }
    }
}

impl ClaimQuery {
    /// A query for the claim at `path`, whatever its value.
    pub const fn new(path: ClaimPath) -> Self {
        Self { id: None, path, values: Vec::new(), retained: None }
    }

    fn make_sense(&self, mdoc: bool) -> Result<(), QueryError> {
        if mdoc && !matches!(self.path.steps(), [ClaimStep::Name(_), ClaimStep::Name(_)]) {
            return Err(QueryError::Malformed(Part::Path)); // [VP-DCQ-09c]
        }
        bound(Part::Values, self.values.len(), 0..=MAX_CLAIMS)?;
        self.values.iter().try_for_each(|value| match value {
            Value::String(text) if text.len() > MAX_TEXT => Err(QueryError::TooMuch(Part::Values)),
            Value::String(_) | Value::Bool(_) => Ok(()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(()),
            _ => Err(QueryError::Malformed(Part::Values)), // [VP-DCQ-07b]
        })
    }
}

/// Refuses a list with too few or too many entries.
fn bound(part: Part, length: usize, allowed: std::ops::RangeInclusive<usize>) -> Result<(), QueryError> {
    if length < *allowed.start() {
        return Err(QueryError::Malformed(part));
    }
    if length > *allowed.end() { Err(QueryError::TooMuch(part)) } else { Ok(()) } // [VP-DCQ-12]
}

fn texts<'a>(part: Part, texts: impl IntoIterator<Item = &'a String>) -> Result<(), QueryError> {
    texts.into_iter().try_for_each(|text| bound(part, text.len(), 1..=MAX_TEXT))
}

impl Format {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SdJwtVc => "dc+sd-jwt",
            Self::Mdoc => "mso_mdoc",
            Self::JwtVc => "jwt_vc_json",
            Self::LdpVc => "ldp_vc",
        }
    }
}

impl QueryId {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for QueryId {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if text.is_empty() || text.len() > MAX_TEXT || !text.bytes().all(allowed) {
            return Err(QueryError::Malformed(Part::Id)); // [VP-DCQ-01c]
        }
        Ok(Self(text.to_owned()))
    }
}

impl Borrow<str> for QueryId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for QueryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClaimQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ClaimQuery");
        shown.field("id", &self.id).field("path", &self.path).field("values", &self.values.len());
        shown.field("retained", &self.retained).finish()
    }
}
