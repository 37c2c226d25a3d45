//! Checking an SD-JWT.

use super::{
    key_binding,
    parts::Parts,
    reveal::{Visible, reveal},
};
use crate::{
    binding::HolderBinding,
    check::{self, Checked, Signature},
    jws::{self, JwsError, TimeError, Times, Typ},
    verified::Verified,
};
use serde_json::{Map, Value};
use sinpyo_core::{credential::Binding, json::JsonError, time::Timestamp};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::Dates;
use std::fmt;

/// What the one who checks an SD-JWT requires of it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The kind of the issuer's token.
    pub typ: Typ,
    /// Whether and to what the holder must have bound it.
    pub holder_binding: HolderBinding<'a>,
    /// The present.
    pub now: Timestamp,
}

/// A verified SD-JWT.
///
/// Debug output names the claims and shows no value.
pub struct Opened {
    /// The claims, disclosed ones in their places.
    pub claims: Map<String, Value>,
    /// The times among them, already compared with the present.
    pub times: Times,
    /// To what the holder bound it; none unless that was required.
    pub binding: Option<Binding>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .field("times", &self.times)
            .field("binding", &self.binding)
            .finish()
    }
}

/// Verifies the compact form `text` with the issuer's `key`, which the caller has found by its own means.
///
/// For credentials prefer `Unverified<Credential>`, which finds the key in the issuer's document.
///
/// # Errors
/// The rule that the SD-JWT breaks.
pub fn verify(
    text: &str,
    key: &VerifyingKey,
    expected: &Expected<'_>,
) -> Result<Verified<Opened>, SdJwtError> {
    let parts = Parts::parse(text.to_owned(), &[expected.typ])?;
    let binding = &expected.holder_binding;
    parts.check_form(binding, key)?;
    let checked = check::one(parts.signature(key)).map_err(|_| JwsError::Signature)?;
    let opened = open(
        parts,
        checked,
        Kind { visible: Visible::NOTHING, dates: Dates::Numbers },
        binding,
        expected.now,
    )?;
    Ok(Verified::assert(opened, expected.now))
}

impl Parts {
    /// Refuses what cannot be accepted whatever the signature is.
    pub(crate) fn check_form(
        &self,
        holder_binding: &HolderBinding<'_>,
        key: &VerifyingKey,
    ) -> Result<(), SdJwtError> {
        if matches!(holder_binding, HolderBinding::NotWanted) && self.has_key_binding() {
            return Err(SdJwtError::KeyBindingNotWanted); // [SDJ-11]
        }
        Ok(self.issuer.header().check_algorithm(key.algorithm())?)
    }

    /// The issuer's signature, to be checked with `key`.
    pub(crate) fn signature<'a>(&'a self, key: &'a VerifyingKey) -> Signature<'a> {
        jws::signature(&self.issuer, self.text.issuer(), key)
    }
}

/// How the claims of one kind of SD-JWT are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind<'a> {
    /// What must not be selectively disclosable.
    pub(crate) visible: Visible<'a>,
    pub(crate) dates: Dates,
}

/// Reads `parts`, whose issuer's signature was checked.
pub(crate) fn open(
    parts: Parts,
    checked: Checked,
    kind: Kind<'_>,
    holder_binding: &HolderBinding<'_>,
    now: Timestamp,
) -> Result<Opened, SdJwtError> {
    let Parts { text, issuer, key_binding } = parts;
    let signed = jws::claims(issuer, checked);
    let binding = match (holder_binding, key_binding) {
        (HolderBinding::Required(_), None) => return Err(SdJwtError::KeyBindingMissing), // [SDJ-02]
        (_, token) => holder_binding.wanted().zip(token),
    };
    let check = |(wanted, token)| key_binding::check(token, &text, &signed, &wanted, now);
    let binding = binding.map(check).transpose()?;
    let claims = reveal(signed, text.disclosures(), kind.visible)?;
    let times = Times::from_claims_as(&claims, kind.dates)?;
    times.check(now)?;
    Ok(Opened { claims, times, binding })
}

/// What an SD-JWT says to everybody, and what it says with its disclosures.
pub(crate) struct Shown {
    pub(crate) plain: Map<String, Value>,
    pub(crate) disclosed: Map<String, Value>,
}

impl Shown {
    /// Reads `parts`. Nothing is verified: for looking at what is known to be authentic.
    pub(crate) fn of(parts: &Parts) -> Result<Self, SdJwtError> {
        let signed = parts.issuer.claimed();
        Ok(Self {
            plain: reveal(signed.clone(), std::iter::empty(), Visible::NOTHING)?,
            disclosed: reveal(signed.clone(), parts.text.disclosures(), Visible::NOTHING)?,
        })
    }
}

/// Why an SD-JWT is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SdJwtError {
    /// The issuer's token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time of the issuer's token forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// SDJ-01: not a token, disclosures and a key binding token between tildes.
    #[error("not a token and disclosures separated by tildes")]
    Malformed,
    /// A disclosure is not strict JSON.
    #[error("a disclosure is refused")]
    Json(#[source] JsonError),
    /// SDJ-02: the holder did not prove possession of its key.
    #[error("the key binding token is missing")]
    KeyBindingMissing,
    /// SDJ-03: the holder bound other disclosures.
    #[error("the key binding token was made for other disclosures")]
    SdHash,
    /// SDJ-04: a digest stands in two places.
    #[error("a digest occurs twice")]
    DuplicateDigest,
    /// SDJ-05: nothing refers to a disclosure.
    #[error("a disclosure is not referenced")]
    Unreferenced,
    /// SDJ-06: a disclosed name is already taken.
    #[error("a disclosed claim has the name of another claim")]
    NameClash,
    /// SDJ-07: a claim is named `_sd`, `_sd_alg` or `...`.
    #[error("a claim has a name that the format reserves")]
    ReservedName,
    /// SDJ-08: a disclosure or digest is not of the kind that its place needs.
    #[error("a disclosure is not of the kind that its place needs")]
    Kind,
    /// SDJ-09: a hash algorithm that is not supported.
    #[error("the hash algorithm of the disclosures is not supported")]
    DigestAlgorithm,
    /// SDJ-10: a claim that controls acceptance was selectively disclosable.
    #[error("a claim was disclosed that must always be visible")]
    MustBeVisible,
    /// SDJ-11: a key binding token that nobody asked for.
    #[error("a key binding token came that was not asked for")]
    KeyBindingNotWanted,
    /// SDJ-12: the issuer named no usable key of the holder.
    #[error("the issuer bound no usable key of the holder")]
    HolderKey,
    /// SDJ-12: the key binding token is not the holder's.
    #[error("the key binding token is refused")]
    KeyBindingToken(#[source] JwsError),
    /// SDJ-13: the holder answered another challenge.
    #[error("the key binding token answers another challenge")]
    Nonce,
    /// SDJ-14: the holder answered another verifier.
    #[error("the key binding token was made for another verifier")]
    Audience,
    /// SDJ-15: the holder signed too long ago, or in the future.
    #[error("the key binding token was not made just now")]
    Stale,
    /// SDJ-16: a claim of the key binding token is missing or malformed.
    #[error("claim \"{0}\" of the key binding token is missing or malformed")]
    KeyBindingClaim(&'static str),
    /// SDJ-21: longer than 1 MiB.
    #[error("the SD-JWT is longer than 1 MiB")]
    TooLong,
    /// SDJ-21: more than 1,000 disclosures.
    #[error("more than 1000 disclosures")]
    TooMany,
    /// SDJ-21: disclosures within disclosures more than 64 deep.
    #[error("disclosed claims are nested more than 64 levels deep")]
    TooDeep,
}

impl SdJwtError {
    /// The rule that was broken, as in `spec/checks/sdj.toml` or `jws.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Json(error) => error.code(),
            Self::Malformed => "SDJ-01",
            Self::KeyBindingMissing => "SDJ-02",
            Self::SdHash => "SDJ-03",
            Self::DuplicateDigest => "SDJ-04",
            Self::Unreferenced => "SDJ-05",
            Self::NameClash => "SDJ-06",
            Self::ReservedName => "SDJ-07",
            Self::Kind => "SDJ-08",
            Self::DigestAlgorithm => "SDJ-09",
            Self::MustBeVisible => "SDJ-10",
            Self::KeyBindingNotWanted => "SDJ-11",
            Self::HolderKey | Self::KeyBindingToken(_) => "SDJ-12",
            Self::Nonce => "SDJ-13",
            Self::Audience => "SDJ-14",
            Self::Stale => "SDJ-15",
            Self::KeyBindingClaim(_) => "SDJ-16",
            Self::TooLong | Self::TooMany | Self::TooDeep => "SDJ-21",
        }
    }
}
