//! Making an SD-JWT.

use super::{
    DigestAlgorithm,
    disclosure::{ALGORITHM, DIGESTS, ELEMENT, disclosure_text, is_reserved, salt},
};
use crate::{
    SignError, Signatory,
    jws::{PreparedToken, Typ},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep},
    key::{Entropy, Signer},
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint};
use std::num::NonZeroUsize;

/// Which claims are hidden behind hashes, and how.
#[derive(Clone, Copy, Debug)]
pub struct Concealment<'a> {
    /// Claims that the holder may withhold one by one: members, or array elements by index or all of them. A path
    /// and a path below it give a disclosure within a disclosure.
    pub selective: &'a [ClaimPath],
    /// Hashes without a claim.
    pub decoys: Decoys,
    /// How disclosures are hashed.
    pub algorithm: DigestAlgorithm,
}

/// Hashes of nothing, which hide how many claims an object has [RFC 9901 §4.2.5].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoys {
    /// None: the number of hashes is the number of claims.
    None,
    /// Each object's list of hashes is filled up to a multiple of this number; that of the credential itself also if
    /// nothing in it is hidden. Arrays get none: a decoy among
    /// elements would need a position.
    FillTo(NonZeroUsize),
}

/// Hides `claims` as `concealment` says and prepares the issuer's token over the rest.
///
/// # Errors
/// A path selects nothing, or a claim has a name that the format reserves.
pub fn prepare(
    typ: Typ,
    claims: Map<String, Value>,
    concealment: &Concealment<'_>,
    signatory: Signatory<'_>,
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, ConcealError> {
    let header = JwtHeader::new(typ, KeyHint::Kid(signatory.key_id.as_str()));
    prepare_under(header, claims, concealment, signatory.key, entropy)
}

/// As [`prepare`], under any header.
pub(crate) fn prepare_under(
    header: JwtHeader<'_>,
    claims: Map<String, Value>,
    concealment: &Concealment<'_>,
    key: &VerifyingKey,
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, ConcealError> {
    if concealment.selective.iter().any(|path| path.select(&claims).is_empty()) {
        return Err(ConcealError::NoSuchClaim); // [SDJ-17]
    }
    let mut concealing =
        Concealing { concealment, entropy, path: Vec::new(), disclosures: String::from("~") };
    let mut payload = concealing.object(claims)?;
    let after = concealing.disclosures;
    payload.insert(ALGORITHM.to_owned(), json!(concealment.algorithm.name()));
    let token = sinpyo_jose::prepare(header, &payload, key);
    Ok(token.between(String::new(), after))
}

/// Hides `claims` as `concealment` says and signs the rest with `signer`, whose public half is `key`.
///
/// # Errors
/// As [`prepare`], and the signer refused or signed with another key.
pub fn issue(
    typ: Typ,
    claims: Map<String, Value>,
    concealment: &Concealment<'_>,
    (signer, key): (&dyn Signer, &VerifyingKey),
    entropy: &mut dyn Entropy,
) -> Result<String, ConcealError> {
    let signatory = Signatory { key_id: signer.key_id(), key };
    Ok(prepare(typ, claims, concealment, signatory, entropy)?.sign(signer)?)
}

struct Concealing<'a> {
    concealment: &'a Concealment<'a>,
    entropy: &'a mut dyn Entropy,
    /// Where in the claims we are.
    path: Vec<ClaimStep>,
    /// The disclosures made so far, each followed by a tilde.
    disclosures: String,
}

impl Concealing<'_> {
    fn value(&mut self, value: Value) -> Result<Value, ConcealError> {
        match value {
            Value::Object(members) => self.object(members).map(Value::Object),
            Value::Array(elements) => self.array(elements).map(Value::Array),
            scalar => Ok(scalar),
        }
    }

    fn object(&mut self, members: Map<String, Value>) -> Result<Map<String, Value>, ConcealError> {
        let mut visible = Map::new();
        let mut digests = Vec::new();
        for (name, value) in members {
            if is_reserved(&name) {
                return Err(ConcealError::ReservedName); // [SDJ-07]
            }
            self.path.push(ClaimStep::Name(name.clone()));
            let value = self.value(value)?;
            if self.is_selective() {
                digests.push(self.conceal(Some(&name), &value));
            } else {
                visible.insert(name, value);
            }
            self.path.pop();
        }
        // An empty list at the top would tell that none of the optional claims exists.
        let fill_empty = self.path.is_empty() && matches!(self.concealment.decoys, Decoys::FillTo(_));
        if !digests.is_empty() || fill_empty {
            self.add_decoys(&mut digests);
            // The order of digests must not tell the order of claims.
            digests.sort_unstable();
            visible.insert(DIGESTS.to_owned(), json!(digests));
        }
        Ok(visible)
    }

    fn array(&mut self, elements: Vec<Value>) -> Result<Vec<Value>, ConcealError> {
        let mut visible = Vec::with_capacity(elements.len());
        for (index, element) in elements.into_iter().enumerate() {
            self.path.push(ClaimStep::Index(index));
            let element = self.value(element)?;
            visible.push(if self.is_selective() {
                let digest = self.conceal(None, &element);
                json!({ ELEMENT: digest })
            } else {
                element
            });
            self.path.pop();
        }
        Ok(visible)
    }

    /// Whether the claim at the current path is to be hidden.
    fn is_selective(&self) -> bool {
        self.concealment.selective.iter().any(|path| {
            path.steps().len() == self.path.len()
                && path.steps().iter().zip(&self.path).all(|(wanted, here)| match wanted {
                    ClaimStep::Every => matches!(here, ClaimStep::Index(_)),
                    exact => exact == here,
                })
        })
    }

    /// Adds a disclosure and gives its digest.
    fn conceal(&mut self, name: Option<&str>, value: &Value) -> String {
        let text = disclosure_text(name, value, self.entropy);
        let digest = self.concealment.algorithm.digest(&text);
        self.disclosures.push_str(&text);
        self.disclosures.push('~');
        digest
    }

    fn add_decoys(&mut self, digests: &mut Vec<String>) {
        let Decoys::FillTo(multiple) = self.concealment.decoys else { return };
        while digests.is_empty() || !digests.len().is_multiple_of(multiple.get()) {
            digests.push(self.concealment.algorithm.digest(&salt(self.entropy)));
        }
    }
}

/// Why an SD-JWT was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConcealError {
    /// SDJ-17: a path to be hidden selects no claim.
    #[error("a path to be hidden selects no claim")]
    NoSuchClaim,
    /// SDJ-07: a claim is named `_sd`, `_sd_alg` or `...`.
    #[error("a claim has a name that the format reserves")]
    ReservedName,
    /// SDJ-10: a claim that controls acceptance was to be hidden.
    #[error("a claim was to be hidden that must always be visible")]
    MustBeVisible,
    /// It was not signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl ConcealError {
    /// The rule that was broken, as in `spec/checks/sdj.toml` or `jws.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchClaim => "SDJ-17",
            Self::ReservedName => "SDJ-07",
            Self::MustBeVisible => "SDJ-10",
            Self::Sign(error) => error.code(),
        }
    }
}
