//! What an issuer sent, verified, and taken into the wallet.

use crate::{
    content::{Container, Content, W3c},
    display::Display,
    held::{HeldCredential, HeldId},
    key::HolderKey,
    wallet::Wallet,
};
use sinpyo_core::{claims::ClaimPath, credential::Credential, json, time::Timestamp, vcdm};
use sinpyo_dcql::Authority;
use sinpyo_jsonld::{JsonLdError, expanded_types};
use sinpyo_mdoc::{IssuerSigned, IssuerTrust, ParseMdocError, VerifyMdocError};
use sinpyo_proof::{
    CredentialError, KeyRing, ParseWireError, Profile, Unverified,
    jws::Typ,
    mdoc::{self, MdocError},
    sd_jwt::{self, SdJwtError},
};
use std::{collections::BTreeSet, fmt};

/// A credential whose issuer's signature was verified, with the very bytes that it covers.
///
/// Whether the issuer is to be trusted with this type is for the holder to ask before it is held.
pub struct Received {
    credential: Credential,
    content: Content,
    authorities: Vec<Authority>,
    display: Option<Display>,
}

impl Received {
    /// Verifies the SD-JWT VC that arrived with the issuer's keys.
    ///
    /// # Errors
    /// It is no SD-JWT VC, or breaks a rule of `sinpyo-proof`.
    pub fn verify(wire: &[u8], keys: &KeyRing, now: Timestamp) -> Result<Self, ReceiveError> {
        let credential = Unverified::<Credential>::parse(wire)?.verify(keys, now)?.into_inner();
        let wire = String::from_utf8_lossy(wire).into_owned();
        let parts = sd_jwt::Holding::parse(&wire, &[Typ::SD_JWT_VC]).map_err(ReceiveError::Format)?; // [WAL-20]
        Ok(Self::new(credential, Content::SdJwtVc { wire, parts }))
    }

    /// Verifies the mdoc that arrived: an `IssuerSigned` in CBOR.
    ///
    /// # Errors
    /// It is no mdoc, breaks a rule of ISO 18013-5, or has an element without a form in JSON.
    pub fn verify_mdoc(
        issuer_signed: &[u8],
        trust: IssuerTrust<'_>,
        now: Timestamp,
    ) -> Result<Self, ReceiveError> {
        let mdoc = IssuerSigned::parse(issuer_signed)?.verify(trust, now)?;
        let credential = mdoc::credential_of(&mdoc)?.into_inner();
        Ok(Self::new(credential, Content::Mdoc { wire: issuer_signed.to_vec(), mdoc: Box::new(mdoc) }))
    }

    /// Verifies the W3C credential that arrived, a token (`vc+jwt`) or an object with a Data Integrity proof, under
    /// `profile`. It is shown as a whole.
    ///
    /// # Errors
    /// It is something else, breaks a rule of `sinpyo-proof`, or names a context that nobody knows.
    pub fn verify_w3c(
        wire: &[u8],
        keys: &KeyRing,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<Self, ReceiveError> {
        let arrived = || Unverified::<Credential>::parse_as(wire, profile);
        let text = str::from_utf8(wire).map_err(|_| ReceiveError::Container)?; // [WAL-26]
        let container = match json::parse_object(wire) {
            Ok(members) if !vcdm::is_enveloped(&members) => Container::DataIntegrity,
            Err(_) if !arrived()?.is_sd_jwt() => Container::Token,
            _ => return Err(ReceiveError::Container), // [WAL-26]
        };
        let credential = arrived()?.verify(keys, now)?.into_inner();
        let document = arrived()?.verify_document(keys, now)?.into_inner();
        let types = expanded_types(&document, &profile.contexts).map_err(Box::new)?;
        Ok(Self::new(credential, Content::W3c(W3c { container, wire: text.to_owned(), document, types })))
    }

    const fn new(credential: Credential, content: Content) -> Self {
        Self { credential, content, authorities: Vec::new(), display: None }
    }

    /// With the authorities under which its issuer stands, as whoever trusted the issuer found out.
    #[must_use]
    pub fn under(self, authorities: Vec<Authority>) -> Self {
        Self { authorities, ..self }
    }

    /// With the names that its issuer published.
    #[must_use]
    pub fn described(self, display: Display) -> Self {
        Self { display: Some(display), ..self }
    }

    /// What the issuer states.
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("types", &self.credential.types()).finish_non_exhaustive()
    }
}

impl Wallet {
    /// Takes a credential that is bound to an unused key of this wallet. Claims at or below `withheld` are never
    /// shown to anybody.
    ///
    /// # Errors
    /// The credential is bound to nobody, to a key that is not ours, to a key that another copy has, or to one that
    /// was made for another type; or its issuer lets every verifier see a claim that is to be withheld.
    pub fn hold(&mut self, received: Received, withheld: Vec<ClaimPath>) -> Result<HeldId, HoldError> {
        let Received { credential, content, authorities, display } = received;
        if let Some(path) = withheld.iter().find(|path| content.always_shows(path)) {
            return Err(HoldError::Visible(path.clone())); // [WAL-23]
        }
        let key = self.take_key(&credential, &content)?;
        let id = HeldId(self.next_id);
        self.next_id += 1;
        let shown_to = BTreeSet::new();
        self.held.push(HeldCredential {
            id,
            credential,
            key,
            content,
            withheld,
            authorities,
            display,
            shown_to,
        });
        Ok(id)
    }

    fn take_key(&mut self, credential: &Credential, content: &Content) -> Result<HolderKey, HoldError> {
        let wanted = content.bound_key(credential).ok_or(HoldError::NotOurs)?; // [WAL-17]
        if self.held.iter().any(|held| *held.key.public() == wanted) {
            return Err(HoldError::KeyInUse); // [WAL-18]
        }
        let position = self.unbound.iter().position(|key| *key.public() == wanted);
        let position = position.ok_or(HoldError::NotOurs)?; // [WAL-17]
        if !self.unbound.get(position).is_some_and(|key| credential.types().contains(&key.purpose)) {
            return Err(HoldError::OtherPurpose); // [WAL-19]
        }
        Ok(self.unbound.swap_remove(position))
    }
}

/// Why what arrived is not a credential that a wallet can hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// It cannot be taken apart.
    #[error(transparent)]
    Wire(#[from] ParseWireError),
    /// It is refused as a credential.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// WAL-20: a sound credential in a container without selective disclosure.
    #[error("not an SD-JWT VC")]
    Format(#[source] SdJwtError),
    /// WAL-26: neither a token nor an object with its proof.
    #[error("a W3C credential is held as a token or with a Data Integrity proof")]
    Container,
    /// Nobody knows what its types mean.
    #[error(transparent)]
    Types(#[from] Box<JsonLdError>),
    /// It is no mdoc.
    #[error(transparent)]
    ParseMdoc(#[from] ParseMdocError),
    /// It is refused as an mdoc.
    #[error(transparent)]
    Mdoc(#[from] VerifyMdocError),
    /// An mdoc that has no form in JSON, in which queries speak of it.
    #[error(transparent)]
    Elements(#[from] MdocError),
}

impl ReceiveError {
    /// The rule that was broken, as in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wire(error) => error.code(),
            Self::Credential(error) => error.code(),
            Self::Format(_) => "WAL-20",
            Self::Container => "WAL-26",
            Self::Types(error) => error.code(),
            Self::ParseMdoc(error) => error.code(),
            Self::Mdoc(error) => error.code(),
            Self::Elements(error) => error.code(),
        }
    }
}

/// Why a verified credential is not held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HoldError {
    /// WAL-17: it is not bound to a key of this wallet.
    #[error("the credential is not bound to a key of this wallet")]
    NotOurs,
    /// WAL-18: two copies with one key could be linked by it.
    #[error("the key to which the credential is bound has a credential already")]
    KeyInUse,
    /// WAL-19: the key was made for another type.
    #[error("the key to which the credential is bound was made for another type")]
    OtherPurpose,
    /// WAL-23: the claim cannot be withheld.
    #[error("every verifier would see claim {0}, which is to be withheld")]
    Visible(ClaimPath),
}

impl HoldError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotOurs => "WAL-17",
            Self::KeyInUse => "WAL-18",
            Self::OtherPurpose => "WAL-19",
            Self::Visible(_) => "WAL-23",
        }
    }
}
