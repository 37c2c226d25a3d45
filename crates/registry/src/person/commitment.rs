use super::{PersonDid, PersonError};
use crate::{form, operation::Operation};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
};
use sinpyo_crypto::hash::Sha256;
use std::{fmt, str::FromStr};

/// What the log holds of a person's operation: `SHA-256(0x00 ‖ "p" ‖ SHA-256(salt ‖ operation))`. Printed and parsed as
/// base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Commitment([u8; 32]);

impl Commitment {
    fn to(salt: &[u8; 32], operation: &[u8]) -> Self {
        let mut inner = Sha256::new();
        inner.update(salt);
        inner.update(operation);
        let mut outer = Sha256::new();
        outer.update(b"\0p");
        outer.update(&inner.finish());
        Self(outer.finish())
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_base64url(&self.0))
    }
}

impl FromStr for Commitment {
    type Err = PersonError;

    fn from_str(text: &str) -> Result<Self, PersonError> {
        let bytes = from_base64url(text).map_err(|_| PersonError::Commitment)?; // [TLOG-41]
        let parsed = Self(bytes.try_into().map_err(|_| PersonError::Commitment)?);
        if parsed.to_string() == text { Ok(parsed) } else { Err(PersonError::Commitment) }
    }
}

/// A person's operation and its salt: what is erased, and what opens the commitment while it is not.
#[derive(Debug)]
pub struct PersonSecret {
    operation: Secret<Vec<u8>>,
    salt: Secret<[u8; 32]>,
    did: PersonDid,
}

impl PersonSecret {
    /// Salts `operation`.
    pub fn new(operation: Operation<PersonDid>, entropy: &mut dyn Entropy) -> Self {
        let mut salt = [0; 32];
        entropy.fill(&mut salt);
        let (operation, did) = operation.into_parts();
        Self { operation: Secret::new(operation), salt: Secret::new(salt), did }
    }

    /// An operation and its salt as they were kept.
    ///
    /// # Errors
    /// The operation is not a person's, or not signed by the key of the identifier that it names.
    pub fn from_parts(operation: Vec<u8>, salt: [u8; 32]) -> Result<Self, PersonError> {
        let operation = Secret::new(operation);
        let op = form::parse(operation.expose()).map_err(PersonError::Form)?;
        let did = PersonDid::read(&op)?;
        Ok(Self { operation, salt: Secret::new(salt), did })
    }

    /// What the log is to hold.
    pub fn commitment(&self) -> Commitment {
        Commitment::to(self.salt.expose(), self.operation.expose())
    }

    /// The bytes of the operation.
    pub const fn operation(&self) -> &Secret<Vec<u8>> {
        &self.operation
    }

    /// The salt.
    pub const fn salt(&self) -> &Secret<[u8; 32]> {
        &self.salt
    }

    /// What the operation states.
    pub const fn did(&self) -> &PersonDid {
        &self.did
    }
}
