//! The wallet: keys, credentials and history in memory.

use crate::{
    body,
    file::{self, OpenError, Password, SealError},
    held::{HeldCredential, HeldId},
    history::PresentationRecord,
    key::{Custody, HolderKey},
    note::Note,
};
use sinpyo_core::{
    credential::CredentialType,
    jwk::PublicJwk,
    key::{Entropy, SignError},
};
use sinpyo_crypto::{Algorithm, ParseKeyError, SigningKey, VerifyingKey, password::Cost};
use std::{collections::BTreeMap, fmt};

/// How often a wallet was sealed, to notice that an old copy of the file took the place of the last one.
///
/// The edge keeps the last number it saw outside the file, where whoever restores files does not reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(pub(crate) u64);

impl Generation {
    /// The generation that was written down as this number; 0 for a wallet never seen before.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number to write down.
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// Keys, credentials, and what was shown to whom.
///
/// Debug output shows neither keys nor claims.
pub struct Wallet {
    pub(crate) generation: Generation,
    pub(crate) cost: Cost,
    pub(crate) next_id: u64,
    /// Keys to which nothing is bound yet.
    pub(crate) unbound: Vec<HolderKey>,
    pub(crate) held: Vec<HeldCredential>,
    pub(crate) history: Vec<PresentationRecord>,
    pub(crate) notes: BTreeMap<String, Note>,
}

/// The algorithm of holder keys: every phone's secure element has it.
const HOLDER_ALGORITHM: Algorithm = Algorithm::Es256;

impl Wallet {
    /// An empty wallet.
    pub const fn new() -> Self {
        Self {
            generation: Generation(0),
            cost: Cost::DEFAULT,
            next_id: 1,
            unbound: Vec::new(),
            held: Vec::new(),
            history: Vec::new(),
            notes: BTreeMap::new(),
        }
    }

    /// Opens a sealed wallet. `newest` is the last generation seen of it.
    ///
    /// # Errors
    /// The file is no wallet, damaged, of another password, or older than `newest`.
    pub fn open(sealed: &[u8], password: &Password, newest: Generation) -> Result<Self, OpenError> {
        let (body, cost) = file::open(sealed, password)?;
        let wallet = body::read(&body, cost)?;
        if wallet.generation < newest {
            return Err(OpenError::RolledBack); // [WAL-16]
        }
        Ok(wallet)
    }

    /// Seals the wallet as its next generation, under a fresh salt and nonce and at no lesser cost than before.
    ///
    /// The edge replaces the old file atomically, and only then writes the generation down.
    ///
    /// # Errors
    /// The wallet is too large, or no key can be derived from the password.
    pub fn seal(&mut self, password: &Password, entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        self.generation.0 += 1;
        file::seal(&body::write(self)?, password, self.cost, entropy)
    }

    /// How often it was sealed.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Makes a key for one copy of a credential of type `purpose`.
    ///
    /// The issuer binds the copy to the public half, which it learns and no verifier before it is shown.
    pub fn new_key(&mut self, purpose: CredentialType, entropy: &mut dyn Entropy) -> PublicJwk {
        let key = SigningKey::generate(HOLDER_ALGORITHM, entropy);
        let public = key.verifying_key().to_jwk();
        self.unbound.push(HolderKey { purpose, custody: Custody::Wallet(key) });
        public
    }

    /// Signs `message` with an unused key of this wallet, to prove to an issuer that its private half is here.
    ///
    /// A key that a credential is bound to signs presentations and nothing else.
    ///
    /// # Errors
    /// No unused key here has this public half, or it did not sign.
    pub fn prove(&self, key: &PublicJwk, message: &[u8]) -> Result<Box<[u8]>, ProveError> {
        let wanted = VerifyingKey::from_jwk(key).map_err(|_| ProveError::NotUnused)?;
        let unused = self.unbound.iter().find(|key| *key.public() == wanted);
        match unused.map(|key| &key.custody) {
            Some(Custody::Wallet(key)) => Ok(key.sign(message)?),
            Some(Custody::Elsewhere(_)) | None => Err(ProveError::NotUnused), // [WAL-32]
        }
    }

    /// Forgets an unused key, for which no credential came.
    pub fn forget_key(&mut self, key: &PublicJwk) {
        if let Ok(key) = VerifyingKey::from_jwk(key) {
            self.unbound.retain(|unbound| *unbound.public() != key);
        }
    }

    /// Notes the public half of a key in a phone's secure element or another key store, for one copy of a credential
    /// of type `purpose`.
    ///
    /// # Errors
    /// The key is unsound, or its algorithm is not supported.
    pub fn add_key(&mut self, purpose: CredentialType, key: &PublicJwk) -> Result<(), ParseKeyError> {
        let key = VerifyingKey::from_jwk(key)?;
        self.unbound.push(HolderKey { purpose, custody: Custody::Elsewhere(key) });
        Ok(())
    }

    /// The credentials, the oldest first.
    pub fn credentials(&self) -> impl Iterator<Item = &HeldCredential> {
        self.held.iter()
    }

    /// The copy of this name.
    pub fn held(&self, id: HeldId) -> Option<&HeldCredential> {
        self.held.iter().find(|held| held.id == id)
    }

    /// Forgets a copy and its key; the history keeps what was shown of it.
    ///
    /// # Errors
    /// There is no such copy.
    pub fn remove(&mut self, id: HeldId) -> Result<(), NotHeld> {
        let position = self.held.iter().position(|held| held.id == id).ok_or(NotHeld(id))?;
        self.held.remove(position);
        Ok(())
    }

    /// What was shown to whom, the oldest first.
    pub fn history(&self) -> &[PresentationRecord] {
        &self.history
    }
}

impl Default for Wallet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.held.len();
        f.debug_struct("Wallet")
            .field("generation", &self.generation)
            .field("held", &count)
            .finish_non_exhaustive()
    }
}

/// Why a wallet does not prove that it has a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// WAL-32: no key of this wallet, or one that a credential is bound to.
    #[error("no unused key of this wallet")]
    NotUnused,
    /// The key did not sign.
    #[error("the key did not sign")]
    Refused(#[from] SignError),
}

impl ProveError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotUnused => "WAL-32",
            Self::Refused(_) => "JWS-19",
        }
    }
}

/// The wallet has no such copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the wallet holds no credential {0}")]
pub struct NotHeld(pub HeldId);
