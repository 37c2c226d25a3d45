//! What every operation has in common: its outer form.
//!
//! An operation is a JSON object in canonical form with a known set of members. Anything else is refused, because
//! what the log does not understand it would keep for ever (nothing personal on the ledger, not even by accident).

use serde_json::{Map, Value};
use sinpyo_core::{
    did::{Did, KeyId},
    document::VerificationRelationship,
    encoding::{Base, from_multibase, to_multibase},
    jcs,
    json::{self, JsonError},
    time::Timestamp,
};
use sinpyo_crypto::{VerifyingKey, hash::sha256};
use sinpyo_proof::data_integrity::{self, Expected, VerifyProofError};

use crate::engine::MAX_SUBMISSION;
use sinpyo_tlog::note::Origin;

/// Members of a proof that an operation may carry.
const PROOF: [&str; 5] = ["type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"];

/// Reads an operation: strict JSON, canonical, an object.
///
/// # Errors
/// The rule that the bytes break.
pub(crate) fn parse(bytes: &[u8]) -> Result<Map<String, Value>, FormError> {
    if bytes.len() > MAX_SUBMISSION {
        return Err(FormError::TooLong); // [TLOG-20]
    }
    let members = json::parse_object(bytes).map_err(FormError::Json)?; // [TLOG-01]
    if jcs::canonicalize_object(&members) != bytes {
        return Err(FormError::NotCanonical); // [TLOG-02]
    }
    Ok(members)
}

/// `multibase(base58btc, multihash(sha2-256, bytes))`: how identifiers and chain hashes are written.
pub(crate) fn multihash(bytes: &[u8]) -> String {
    to_multibase(Base::Base58Btc, &[&[0x12, 0x20][..], &sha256(bytes)].concat())
}

/// Whether `text` has the form that [`multihash`] writes.
pub(crate) fn is_multihash(text: &str) -> bool {
    // 34 bytes that begin with 0x12 have 46 characters in base58; not all such characters are such bytes.
    let decoded = || from_multibase(Base::Base58Btc, text);
    text.len() == 47
        && text.starts_with("zQm")
        && decoded().is_ok_and(|bytes| bytes.len() == 34 && bytes.starts_with(&[0x12, 0x20]))
}

/// The members of an object, read one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> Members<'a> {
    /// Refuses members that are neither in `required` nor in `optional`, and missing ones of `required`.
    pub(crate) fn exactly(
        self,
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, FormError> {
        let known = |name: &str| required.iter().chain(optional).any(|known| *known == name);
        if self.0.keys().any(|name| !known(name)) {
            return Err(FormError::UnknownMember); // [TLOG-03]
        }
        match required.iter().find(|name| !self.0.contains_key(**name)) {
            Some(missing) => Err(FormError::Member(missing)),
            None => Ok(self),
        }
    }

    pub(crate) fn text(self, name: &'static str) -> Result<&'a str, FormError> {
        self.0.get(name).and_then(Value::as_str).ok_or(FormError::Member(name))
    }

    pub(crate) fn parsed<T: std::str::FromStr>(self, name: &'static str) -> Result<T, FormError> {
        self.text(name)?.parse().map_err(|_| FormError::Member(name))
    }

    /// A time in the one form that we print.
    pub(crate) fn time(self, name: &'static str) -> Result<Timestamp, FormError> {
        let time: Timestamp = self.parsed(name)?;
        if time.to_string() == self.text(name)? { Ok(time) } else { Err(FormError::Member(name)) }
    }

    pub(crate) fn object(self, name: &'static str) -> Result<Members<'a>, FormError> {
        self.0.get(name).and_then(Value::as_object).map(Members).ok_or(FormError::Member(name))
    }

    pub(crate) fn number(self, name: &'static str) -> Result<u64, FormError> {
        self.0.get(name).and_then(Value::as_u64).ok_or(FormError::Member(name))
    }

    /// A list of at most `most` texts; `None` if the member is absent.
    pub(crate) fn texts(self, name: &'static str, most: usize) -> Result<Option<Vec<&'a str>>, FormError> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        let list = value.as_array().filter(|list| list.len() <= most).ok_or(FormError::Member(name))?;
        let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
        texts.map(Some).ok_or(FormError::Member(name))
    }
}

/// Checks that an operation is meant for the log `origin`.
pub(crate) fn check_origin(members: Members<'_>, origin: &Origin) -> Result<(), FormError> {
    if members.text("log")? == origin.as_str() { Ok(()) } else { Err(FormError::ForeignLog) } // [TLOG-04]
}

/// The DID of a member.
pub(crate) fn did(members: Members<'_>, name: &'static str) -> Result<Did, FormError> {
    members.parsed(name)
}

/// The verification method that the operation's proof names: where to look for the key.
pub(crate) fn signer(op: &Map<String, Value>) -> Result<KeyId, FormError> {
    Members(op).object("proof")?.exactly(&PROOF, &["created"])?;
    data_integrity::claimed_key(op).map_err(FormError::Proof)
}

/// Checks the proof of an operation as of ledger time `at` with a key that the caller found authorised.
pub(crate) fn check_proof(
    op: &Map<String, Value>,
    key: &VerifyingKey,
    at: Timestamp,
) -> Result<(), FormError> {
    let expected = Expected { purpose: VerificationRelationship::AssertionMethod, challenge: None, now: at };
    data_integrity::verify(op.clone(), key, &expected).map_err(FormError::Proof)?; // [TLOG-11]
    Ok(())
}

/// Why an operation was refused before its meaning was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// TLOG-01: not strict JSON, for instance a member named twice.
    #[error("the operation is not strict JSON")]
    Json(#[source] JsonError),
    /// TLOG-02: JSON, but not in the canonical form of RFC 8785.
    #[error("the operation is not in canonical form")]
    NotCanonical,
    /// TLOG-03: a member is missing or has the wrong form.
    #[error("member \"{0}\" of the operation is missing or malformed")]
    Member(&'static str),
    /// TLOG-03: a member that the operation does not have.
    #[error("the operation has a member that its schema does not know")]
    UnknownMember,
    /// TLOG-04: signed for another log.
    #[error("the operation was made for another log")]
    ForeignLog,
    /// TLOG-11: the proof does not verify.
    #[error("the operation's proof is refused")]
    Proof(#[source] VerifyProofError),
    /// TLOG-20: longer than 65,000 bytes.
    #[error("the operation is longer than 65000 bytes")]
    TooLong,
}

impl FormError {
    /// The rule that was broken, as in `spec/checks/tlog.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => "TLOG-01",
            Self::NotCanonical => "TLOG-02",
            Self::Member(_) | Self::UnknownMember => "TLOG-03",
            Self::ForeignLog => "TLOG-04",
            Self::Proof(_) => "TLOG-11",
            Self::TooLong => "TLOG-20",
        }
    }
}
