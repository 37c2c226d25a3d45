//! Status lists as their issuers publish them: signed, and checked before a status is read from them.

mod bitstring;
mod cwt;
mod jwt;

use crate::{
    credential::CredentialError,
    issuer_key::{Certificates, Claim, IssuerKeyError, Signer},
    jws::{self, JwsError, TimeError, Typ},
    keys::{KeyError, KeyRing},
    unverified::{Arrives, Unverified, Wire, cose_key},
};
use serde_json::Value;
use sinpyo_core::{
    credential::Credential,
    did::{Did, KeyId},
    status::{CredentialStatus, StatusEntry, StatusList, StatusListError, StatusPurpose, StatusSize},
    time::Timestamp,
};
use sinpyo_cose::{CoseError, cwt::ClaimError};
use sinpyo_crypto::VerifyingKey;
use std::{borrow::Cow, time::Duration};

pub use bitstring::bitstring_credential;
pub use cwt::{prepare_cwt, prepare_cwt_certified};
pub use jwt::{prepare, prepare_certified};

/// Fewest entries of a Bitstring Status List: in a shorter one a credential stands out [BSL §2.2].
pub const MIN_BITSTRING_ENTRIES: usize = 131_072;

/// What the publisher of a list says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Where the list is found; equal to the `uri` of the entries that point into it.
    pub uri: String,
    /// When this edition was made.
    pub issued_at: Timestamp,
    /// From when on this edition must not be used.
    pub expires: Option<Timestamp>,
    /// For how long an edition may be kept before a newer one is asked for.
    pub ttl: Option<Duration>,
}

/// Who published a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Publisher {
    /// The subject of a DID.
    Did(Did),
    /// Whom a certificate names, or by whose name the keys were found: a URL, a DID of which no document was read, or
    /// the certificate itself as `x509_hash:…`.
    Certified(String),
}

impl Publisher {
    /// The name, as an issuer's is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Did(did) => did.as_str(),
            Self::Certified(name) => name,
        }
    }

    fn of_name(name: &str) -> Self {
        name.parse().map_or_else(|_| Self::Certified(name.to_owned()), Self::Did)
    }
}

impl PartialEq<Did> for Publisher {
    fn eq(&self, did: &Did) -> bool {
        matches!(self, Self::Did(own) if own == did)
    }
}

impl Arrives for StatusList {
    const SD_JWT: &'static [Typ] = &[];
    const TOKEN: &'static [Typ] = &[Typ::STATUS_LIST, Typ::VC_JWT];
    const OBJECT: bool = true;
    const COSE: bool = true;
    const ENVELOPE: Option<&'static str> = Some("EnvelopedVerifiableCredential");
}

/// A status list whose publisher signed it, of the right kind for the entry it was asked for.
///
/// Made only by [`Unverified::<StatusList>::verify`].
#[derive(Debug)]
pub struct VerifiedStatusList {
    list: StatusList,
    purpose: Option<StatusPurpose>,
    publisher: Publisher,
    publication: Publication,
    at: Timestamp,
}

impl VerifiedStatusList {
    /// What the list says about the credential at `index`.
    ///
    /// # Errors
    /// The list ends before `index`: then nothing is known, and nothing is good.
    pub fn status(&self, index: u64) -> Result<CredentialStatus, StatusError> {
        let value = self.list.get(index).map_err(StatusError::List)?; // [STS-01]
        Ok(match (self.purpose, value) {
            (_, 0) => CredentialStatus::Valid,
            (None, value) => CredentialStatus::from_value(value),
            (Some(StatusPurpose::Revocation), _) => CredentialStatus::Revoked,
            (Some(StatusPurpose::Suspension), _) => CredentialStatus::Suspended,
            (Some(StatusPurpose::Refresh | StatusPurpose::Message), value) => CredentialStatus::Other(value),
        })
    }

    /// Who signed it. Whether that one may speak for the credential's issuer is for policy to say.
    pub const fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// What the publisher says about this edition.
    pub const fn publication(&self) -> &Publication {
        &self.publication
    }

    /// The moment for which it was checked.
    pub const fn verified_at(&self) -> Timestamp {
        self.at
    }

    /// Until when this edition may be used without asking for a newer one.
    pub fn fresh_until(&self) -> Option<Timestamp> {
        let by_ttl = self.publication.ttl.map(|ttl| self.at.plus(ttl));
        [by_ttl, self.publication.expires].into_iter().flatten().min()
    }
}

impl Unverified<StatusList> {
    /// Verifies the publisher's signature and that this is the list which `entry` points into.
    ///
    /// # Errors
    /// The rule that the list breaks.
    pub fn verify(
        self,
        entry: &StatusEntry,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<VerifiedStatusList, StatusError> {
        match (entry, self.wire) {
            (StatusEntry::Token { list, .. }, Wire::Token { text, token }) => {
                if token.typ() != Typ::STATUS_LIST {
                    return Err(StatusError::Kind); // [STL-01]
                }
                let issuer = token.claimed().get("iss").and_then(Value::as_str).map(str::to_owned);
                let (key, publisher) = found(Claim::of(token.header()), issuer.as_deref(), keys, now)?;
                let claims = jws::verify(token, &text, &key)?;
                jwt::read(&claims, list, publisher, now)
            }
            (StatusEntry::Token { list, .. }, Wire::Cose(message)) => {
                if message.hint().typ.as_deref() != Some(cwt::TYP) {
                    return Err(StatusError::Kind); // [STL-01]
                }
                let key_id = cose_key(&message);
                let chain = Some(message.hint().x5chain.as_slice()).filter(|chain| !chain.is_empty());
                let certificates = chain.map(Certificates::X5chain);
                let claim = Claim { kid: None, key_id: key_id.as_ref(), certificates };
                let (key, publisher) = found(claim, None, keys, now)?;
                cwt::read(&message, &key, list, publisher, now)
            }
            (StatusEntry::Bitstring { list, purpose, .. }, wire) => {
                if matches!(&wire, Wire::Token { token, .. } if token.typ() != Typ::VC_JWT) {
                    return Err(StatusError::Kind); // [STL-01]
                }
                let credential = Unverified::<Credential>::from_wire(wire, self.profile);
                let what = (*purpose, StatusSize::of(entry));
                bitstring::read(&credential.verify(keys, now)?.into_inner(), list, what, now)
            }
            (StatusEntry::Token { .. }, _) => Err(StatusError::Kind), // [STL-01]
        }
    }
}

/// The publisher's key, and who that is.
///
/// A publisher that names its DID and brings certificates is taken at its certificates' word by those who trust in their
/// roots and hold no document of the DID: who reads credentials by certificate reads their status so, too.
fn found<'k>(
    claim: Claim<'_>,
    issuer: Option<&str>,
    keys: &'k KeyRing,
    now: Timestamp,
) -> Result<(Cow<'k, VerifyingKey>, Publisher), StatusError> {
    let is_registered = issuer.is_some_and(|issuer| keys.issuer_keys(issuer).is_some());
    let named = claim.key_id.map(KeyId::did).or_else(|| issuer?.parse().ok());
    let is_unknown = named.is_some_and(|did| !keys.knows(&did));
    if let (Some(roots), true) =
        (keys.certified(), is_unknown && !is_registered && claim.certificates.is_some())
    {
        let (key, name) = claim.certified(issuer, roots, now)?;
        return Ok((Cow::Owned(key), Publisher::Certified(name)));
    }
    let (key, signer) = claim.find::<StatusError>(issuer, keys, now)?;
    Ok((key, publisher(signer)?))
}

/// Whom the signer speaks for.
fn publisher(signer: Signer) -> Result<Publisher, KeyError> {
    match signer {
        Signer::Method(method) => Ok(Publisher::Did(method.ok_or(KeyError::Unnamed)?.did())), // [JWS-09]
        // Also if it is called by a DID: no document of that has spoken for it.
        Signer::Named(name) => Ok(Publisher::Certified(name)),
    }
}

/// Why a status list is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The publisher's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No key of the publisher is found in the way that holds for it.
    #[error(transparent)]
    Publisher(#[from] IssuerKeyError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time of the token forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The COSE message is refused.
    #[error(transparent)]
    Cose(#[from] CoseError),
    /// A claim of the CWT is missing or malformed.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The credential that holds the list is refused.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The list itself cannot be read, or ends too early.
    #[error(transparent)]
    List(StatusListError),
    /// STL-01: a list of the other format, or no list.
    #[error("not a status list of the format that the credential names")]
    Kind,
    /// STL-02: a list from another place.
    #[error("the status list is not the one that the credential names")]
    OtherList,
    /// STL-03: a member is missing or malformed.
    #[error("member \"{0}\" of the status list is missing or malformed")]
    Member(&'static str),
    /// STL-04: the list speaks about something else.
    #[error("the status list has another purpose")]
    Purpose,
    /// STL-05: too few entries to hide among.
    #[error("the status list has fewer than 131072 entries")]
    TooShort,
}

impl StatusError {
    /// The rule that was broken, as in `spec/checks/stl.toml` and those of the container.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Key(error) => error.code(),
            Self::Publisher(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
            Self::Cose(error) => error.code(),
            Self::Claim(error) => error.code(),
            Self::Credential(error) => error.code(),
            Self::List(error) => error.code(),
            Self::Kind => "STL-01",
            Self::OtherList => "STL-02",
            Self::Member(_) => "STL-03",
            Self::Purpose => "STL-04",
            Self::TooShort => "STL-05",
        }
    }
}
