//! What an issuer sent, verified, and taken into the wallet.

use crate::{
    held::{HeldCredential, HeldId},
    key::HolderKey,
    wallet::Wallet,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{
    CredentialError, KeyRing, ParseWireError, Unverified, Verified,
    jws::Typ,
    sd_jwt::{self, SdJwtError},
};
use std::{collections::BTreeSet, fmt};

/// A credential whose issuer's signature was verified, with the very bytes that it covers.
///
/// Whether the issuer is to be trusted with this type is for the holder to ask before it is held.
pub struct Received {
    credential: Verified<Credential>,
    wire: String,
    parts: sd_jwt::Holding,
}

impl Received {
    /// Verifies the SD-JWT VC that arrived with the issuer's keys.
    ///
    /// # Errors
    /// It is no SD-JWT VC, or breaks a rule of `sinpyo-proof`.
    pub fn verify(wire: &[u8], keys: &KeyRing, now: Timestamp) -> Result<Self, ReceiveError> {
        let credential = Unverified::<Credential>::parse(wire)?.verify(keys, now)?;
        let wire = String::from_utf8_lossy(wire).into_owned();
        let parts = sd_jwt::Holding::parse(&wire, &[Typ::SD_JWT_VC]).map_err(ReceiveError::Format)?; // [WAL-20]
        Ok(Self { credential, wire, parts })
    }

    /// What the issuer states.
    pub const fn credential(&self) -> &Credential {
        self.credential.get()
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("types", &self.credential().types()).finish_non_exhaustive()
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
        let Received { credential, wire, parts } = received;
        let credential = credential.into_inner();
        let plain = plain_claims(&parts);
        let seen = |path: &&ClaimPath| plain.as_ref().is_none_or(|plain| !path.select(plain).is_empty());
        if let Some(path) = withheld.iter().find(seen) {
            return Err(HoldError::Visible(path.clone())); // [WAL-23]
        }
        let key = self.take_key(&credential)?;
        let id = HeldId(self.next_id);
        self.next_id += 1;
        let shown_to = BTreeSet::new();
        self.held.push(HeldCredential { id, credential, key, wire, parts, withheld, shown_to });
        Ok(id)
    }

    fn take_key(&mut self, credential: &Credential) -> Result<HolderKey, HoldError> {
        let Holder::Key(jwk) = credential.holder() else { return Err(HoldError::NotOurs) }; // [WAL-17]
        let wanted = VerifyingKey::from_jwk(jwk).map_err(|_| HoldError::NotOurs)?;
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

/// The claims that stay visible when nothing is disclosed.
fn plain_claims(parts: &sd_jwt::Holding) -> Option<Map<String, Value>> {
    let undisclosed = parts.select(&[]).ok()?.unbound();
    let undisclosed = sd_jwt::Holding::parse(&undisclosed, &[Typ::SD_JWT_VC]).ok()?;
    Some(undisclosed.claims().clone())
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
    #[error("only an SD-JWT VC can be held")]
    Format(#[source] SdJwtError),
}

impl ReceiveError {
    /// The rule that was broken, as in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Wire(error) => error.code(),
            Self::Credential(error) => error.code(),
            Self::Format(_) => "WAL-20",
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
