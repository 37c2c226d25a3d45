//! Status lists as their issuers publish them: signed, and checked before a status is read from them.

use crate::{
    credential::CredentialError,
    jws::{self, JwsError, PreparedToken, TimeError, Times, TokenHeader, Typ},
    keys::{KeyError, KeyRing},
    signing::Signatory,
    unverified::{Arrives, Profile, Unverified, Wire},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, CredentialType, Holder, Validity},
    did::Did,
    document::VerificationRelationship::AssertionMethod,
    status::{CredentialStatus, StatusEntry, StatusList, StatusListError, StatusPurpose},
    time::Timestamp,
};
use std::time::Duration;

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

/// Prepares a Token Status List in JWT form [Token Status List §5.1].
pub fn prepare(list: &StatusList, publication: &Publication, signatory: Signatory<'_>) -> PreparedToken {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| drop(claims.insert(name.to_owned(), value));
    put("sub", json!(publication.uri));
    put("iss", json!(signatory.key_id.did().as_str()));
    put("iat", json!(publication.issued_at.unix()));
    put("status_list", json!({"bits": list.bits(), "lst": list.to_lst()}));
    if let Some(expires) = publication.expires {
        put("exp", json!(expires.unix()));
    }
    if let Some(ttl) = publication.ttl {
        put("ttl", json!(ttl.as_secs()));
    }
    jws::prepare(TokenHeader::new(Typ::STATUS_LIST, signatory), &claims, signatory.key)
}

/// The credential that holds a Bitstring Status List, to be issued by [`crate::vc_jwt`] or [`crate::vc_di`].
///
/// # Errors
/// STL-05: the list is shorter than [`MIN_BITSTRING_ENTRIES`].
pub fn bitstring_credential(
    list: &StatusList,
    purpose: StatusPurpose,
    publication: &Publication,
    issuer: &Did,
) -> Result<Credential, StatusError> {
    if list.len() < MIN_BITSTRING_ENTRIES {
        return Err(StatusError::TooShort); // [STL-05]
    }
    let kind: CredentialType = BITSTRING.parse().map_err(|_| StatusError::Member("type"))?;
    let validity = Validity { from: Some(publication.issued_at), until: publication.expires };
    let mut builder = Credential::builder(kind, issuer.as_str())
        .holder(Holder::Bearer)
        .valid(validity)
        .id(publication.uri.clone())
        .issued_at(publication.issued_at)
        .claim("type", "BitstringStatusList")
        .claim("statusPurpose", purpose.name())
        .claim("encodedList", list.to_encoded_list());
    if let Some(ttl) = publication.ttl {
        // Milliseconds here, seconds in a Token Status List.
        builder = builder.claim("ttl", json!(ttl.as_millis().min(u128::from(u32::MAX))));
    }
    Ok(builder.build())
}

const BITSTRING: &str = "BitstringStatusListCredential";

impl Arrives for StatusList {
    const SD_JWT: &'static [Typ] = &[];
    const TOKEN: &'static [Typ] = &[Typ::STATUS_LIST, Typ::VC_JWT];
    const OBJECT: bool = true;
}

/// A status list whose publisher signed it, of the right kind for the entry it was asked for.
///
/// Made only by [`Unverified::<StatusList>::verify`].
#[derive(Debug)]
pub struct VerifiedStatusList {
    list: StatusList,
    purpose: Option<StatusPurpose>,
    publisher: Did,
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
    pub const fn publisher(&self) -> &Did {
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
                let publisher = token.header().key_id()?.clone();
                let key = keys.authorised_key(&publisher, AssertionMethod)?;
                let claims = token.verify(&text, key)?;
                from_claims(&claims, list, publisher.did(), now)
            }
            (StatusEntry::Bitstring { list, purpose, .. }, wire) => {
                if matches!(&wire, Wire::Token { token, .. } if token.typ() != Typ::VC_JWT) {
                    return Err(StatusError::Kind); // [STL-01]
                }
                let credential = Unverified::<Credential>::from_wire(wire, Profile::Current);
                from_credential(&credential.verify(keys, now)?.into_inner(), list, *purpose, now)
            }
            (StatusEntry::Token { .. }, _) => Err(StatusError::Kind), // [STL-01]
        }
    }
}

/// Reads the claims of a Token Status List that is found at `uri`.
fn from_claims(
    claims: &Map<String, Value>,
    uri: &str,
    publisher: Did,
    now: Timestamp,
) -> Result<VerifiedStatusList, StatusError> {
    if claims.get("sub").and_then(Value::as_str) != Some(uri) {
        return Err(StatusError::OtherList); // [STL-02]
    }
    if claims.get("iss").is_some_and(|iss| iss.as_str() != Some(publisher.as_str())) {
        return Err(StatusError::Member("iss"));
    }
    let times = Times::from_claims(claims)?;
    times.check(now)?;
    let ttl = match claims.get("ttl").map(Value::as_u64) {
        None => None,
        Some(Some(seconds @ 1..)) => Some(Duration::from_secs(seconds)),
        Some(_) => return Err(StatusError::Member("ttl")), // [STL-03]
    };
    let packed = claims.get("status_list").ok_or(StatusError::Member("status_list"))?;
    let bits = packed.get("bits").and_then(Value::as_u64).and_then(|bits| u8::try_from(bits).ok());
    let text = packed.get("lst").and_then(Value::as_str).ok_or(StatusError::Member("lst"))?;
    let list =
        StatusList::from_lst(bits.ok_or(StatusError::Member("bits"))?, text).map_err(StatusError::List)?;
    let issued_at = times.issued_at.ok_or(StatusError::Member("iat"))?;
    let publication = Publication { uri: uri.to_owned(), issued_at, expires: times.expires, ttl };
    Ok(VerifiedStatusList { list, purpose: None, publisher, publication, at: now })
}

/// Reads a Bitstring Status List credential that is found at `uri`.
fn from_credential(
    credential: &Credential,
    uri: &str,
    purpose: StatusPurpose,
    now: Timestamp,
) -> Result<VerifiedStatusList, StatusError> {
    if !credential.types().iter().any(|kind| kind.as_str() == BITSTRING) {
        return Err(StatusError::Kind); // [STL-01]
    }
    // The credential's identifier is optional; one that is there names this list and no other.
    if credential.id().is_some_and(|id| id != uri) {
        return Err(StatusError::OtherList); // [STL-02]
    }
    let claims = credential.claims();
    if claims.get("type").and_then(Value::as_str) != Some("BitstringStatusList") {
        return Err(StatusError::Member("type")); // [STL-03]
    }
    let purposes = match claims.get("statusPurpose") {
        Some(Value::Array(purposes)) => purposes.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    if !purposes.iter().any(|name| name == purpose.name()) {
        return Err(StatusError::Purpose); // [STL-04]
    }
    let ttl = match claims.get("ttl").map(Value::as_u64) {
        None => None,
        Some(Some(milliseconds)) => Some(Duration::from_millis(milliseconds)),
        Some(None) => return Err(StatusError::Member("ttl")), // [STL-03]
    };
    let encoded = claims.get("encodedList").and_then(Value::as_str);
    let encoded = encoded.ok_or(StatusError::Member("encodedList"))?;
    let list = StatusList::from_encoded_list(1, encoded).map_err(StatusError::List)?;
    if list.len() < MIN_BITSTRING_ENTRIES {
        return Err(StatusError::TooShort); // [STL-05]
    }
    let publication = Publication {
        uri: uri.to_owned(),
        issued_at: credential.issued_at().unwrap_or(now),
        expires: credential.validity().until,
        ttl,
    };
    let publisher = credential.issuer().parse().map_err(|_| StatusError::Member("issuer"))?;
    Ok(VerifiedStatusList { list, purpose: Some(purpose), publisher, publication, at: now })
}

/// Why a status list is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The publisher's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The token is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// A time of the token forbids it.
    #[error(transparent)]
    Time(#[from] TimeError),
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
            Self::Token(error) => error.code(),
            Self::Time(error) => error.code(),
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
