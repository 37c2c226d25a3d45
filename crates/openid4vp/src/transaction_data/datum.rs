//! One transaction, as it is sent and as it is hashed.

use super::{
    TransactionTypes,
    kind::{Label, TransactionType},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json,
};
use sinpyo_crypto::hash::{sha256, sha384, sha512};
use sinpyo_dcql::{Binding, Query};
use std::{collections::BTreeSet, fmt};

/// Our limits: transactions of a request, and bytes of one.
const MAX_DATA: usize = 16;
const MAX_LENGTH: usize = 16 << 10;

/// A transaction that fits its type and names queries of its request. It keeps the string that it was read from or that
/// is sent: only this is hashed, never something made from it again.
#[derive(Clone, PartialEq)]
pub struct TransactionDatum {
    text: String,
    kind: TransactionType,
    members: Map<String, Value>,
    credential_ids: Vec<String>,
    hash: HashAlgorithm,
}

/// A hash function by its name in the IANA registry [OpenID4VP 1.0 §B.3.3].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// `sha-256`, which counts if none is named.
    #[default]
    Sha256,
    /// `sha-384`
    Sha384,
    /// `sha-512`
    Sha512,
}

impl HashAlgorithm {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|hash| hash.name() == name)
    }

    fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => sha256(data).to_vec(),
            Self::Sha384 => sha384(data).to_vec(),
            Self::Sha512 => sha512(data).to_vec(),
        }
    }
}

impl TransactionDatum {
    /// Writes `members`, which have `type` and `credential_ids`, as they are sent.
    ///
    /// # Errors
    /// As [`TransactionDatum::parse`].
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "members with text for names are JSON"
    )]
    pub fn new(
        members: &Map<String, Value>,
        types: &TransactionTypes,
        query: &Query,
    ) -> Result<Self, TransactionDataError> {
        Self::parse(&to_base64url(&serde_json::to_vec(members).expect("JSON")), types, query)
    }

    /// Reads one element of `transaction_data`.
    ///
    /// # Errors
    /// It is no base64url of a strict JSON object; its type is unknown, or a member is missing, unknown or wrong; it
    /// names a query that there is not, or one that proves no key; or no hash function is known.
    pub fn parse(text: &str, types: &TransactionTypes, query: &Query) -> Result<Self, TransactionDataError> {
        let malformed = TransactionDataError::Malformed;
        if text.len() > MAX_LENGTH {
            return Err(malformed);
        }
        let bytes = from_base64url(text).map_err(|_| malformed)?; // [VP-TXD-01]
        let members = json::parse_object(&bytes).map_err(|_| malformed)?;
        let kind = members.get("type").and_then(Value::as_str).and_then(|name| types.named(name));
        let kind = kind.ok_or(TransactionDataError::UnknownType)?.clone(); // [VP-TXD-02]
        kind.read(&members).ok_or(TransactionDataError::Members)?; // [VP-TXD-02a]
        let credential_ids = credential_ids(&members, query)?;
        let hash = hash_algorithm(&members)?;
        Ok(Self { text: text.to_owned(), kind, members, credential_ids, hash })
    }

    /// Reads the parameter `transaction_data`.
    ///
    /// # Errors
    /// It is no array of 1 to 16 texts, or [`TransactionDatum::parse`] refuses one.
    pub fn parse_all(
        value: &Value,
        types: &TransactionTypes,
        query: &Query,
    ) -> Result<Vec<Self>, TransactionDataError> {
        let list = value.as_array().filter(|list| (1..=MAX_DATA).contains(&list.len()));
        let list = list.ok_or(TransactionDataError::Malformed)?; // [VP-TXD-01]
        let one = |value: &Value| {
            let text = value.as_str().ok_or(TransactionDataError::Malformed)?;
            Self::parse(text, types, query)
        };
        list.iter().map(one).collect()
    }

    /// The string that is sent and hashed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its type.
    pub const fn kind(&self) -> &TransactionType {
        &self.kind
    }

    /// What the holder must be shown: the words and the value of each member.
    pub fn shown(&self) -> Vec<(&Label, &Value)> {
        self.kind.read(&self.members).unwrap_or_default()
    }

    /// The queries of which one presentation confirms it.
    pub fn credential_ids(&self) -> &[String] {
        &self.credential_ids
    }

    /// The hash function that both sides use.
    pub const fn hash_algorithm(&self) -> HashAlgorithm {
        self.hash
    }

    /// Whether the request named hash functions: then the answer names the one it used.
    pub fn names_hash_algorithm(&self) -> bool {
        self.members.contains_key("transaction_data_hashes_alg")
    }

    /// The element of `transaction_data_hashes`: base64url of the hash over the string, which is not decoded.
    pub fn hash(&self) -> String {
        to_base64url(&self.hash.digest(self.text.as_bytes())) // [VP-TXD-03]
    }
}

fn credential_ids(members: &Map<String, Value>, query: &Query) -> Result<Vec<String>, TransactionDataError> {
    let unknown = TransactionDataError::Credential;
    let ids = members.get("credential_ids").and_then(Value::as_array).filter(|ids| !ids.is_empty());
    let one = |id: &Value| {
        let id = id.as_str().ok_or(unknown)?;
        match query.credential(id).ok_or(unknown)?.binding {
            Binding::Required => Ok(id.to_owned()),
            Binding::NotRequired => Err(TransactionDataError::Unbound), // [VP-TXD-02c]
        }
    };
    let ids: Vec<_> = ids.ok_or(unknown)?.iter().map(one).collect::<Result<_, _>>()?;
    let once = ids.iter().collect::<BTreeSet<_>>().len() == ids.len();
    if once { Ok(ids) } else { Err(unknown) } // [VP-TXD-02b]
}

fn hash_algorithm(members: &Map<String, Value>) -> Result<HashAlgorithm, TransactionDataError> {
    let Some(named) = members.get("transaction_data_hashes_alg") else { return Ok(HashAlgorithm::default()) };
    let named = named.as_array().ok_or(TransactionDataError::Hash)?;
    let known = named.iter().find_map(|name| name.as_str().and_then(HashAlgorithm::from_name));
    known.ok_or(TransactionDataError::Hash) // [VP-TXD-03b]
}

impl fmt::Debug for TransactionDatum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TransactionDatum").field(&self.kind.name()).finish()
    }
}

/// Why a transaction is refused. To a verifier it is `invalid_transaction_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionDataError {
    /// VP-TXD-01: no array of base64url of strict JSON objects, or one larger than 16 KiB.
    #[error("transaction data is no array of base64url JSON objects")]
    Malformed,
    /// VP-TXD-02: of a type that nobody can show.
    #[error("transaction data is of an unknown type")]
    UnknownType,
    /// VP-TXD-02a: a member is missing, unknown or wrong.
    #[error("transaction data does not fit its type")]
    Members,
    /// VP-TXD-02b: it names no query, or one that the request does not have.
    #[error("transaction data names a credential that is not asked for")]
    Credential,
    /// VP-TXD-02c: the credential is asked for without proof of a key, which is what would confirm it.
    #[error("transaction data needs a credential that is bound to its holder")]
    Unbound,
    /// VP-TXD-03b: no hash function is known.
    #[error("transaction data names no known hash function")]
    Hash,
}

impl TransactionDataError {
    /// The rule that was broken, as in `spec/checks/vp-txd.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "VP-TXD-01",
            Self::UnknownType => "VP-TXD-02",
            Self::Members => "VP-TXD-02a",
            Self::Credential => "VP-TXD-02b",
            Self::Unbound => "VP-TXD-02c",
            Self::Hash => "VP-TXD-03b",
        }
    }
}
