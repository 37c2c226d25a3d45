//! Private keys as JSON Web Keys, always inside a [`Secret`].
//!
//! A private JWK is a type of its own in one direction only: text that becomes a [`SigningKey`], or that a
//! [`SigningKey`] becomes. There is no parsed form with readable members.

use crate::{Algorithm, ParseKeyError, SigningKey, VerifyingKey};
use serde_json::{Map, Value};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    json::{self, JsonError},
    jwk::PublicJwk,
};
use zeroize::{Zeroize, Zeroizing};

impl SigningKey {
    /// Parses a private JSON Web Key: `EC` with `d` [RFC 7518 §6.2.2], `OKP` with `d` [RFC 8037 §2], `AKP`
    /// with the seed as `priv` [ML-DSA for JOSE §3]. The public members must be there and must fit.
    ///
    /// # Errors
    /// Not strict JSON; not a sound public key without the private member; the private member is missing,
    /// malformed or out of range; the halves do not belong together; `key_ops` forbids signing.
    pub fn from_private_jwk(text: &Secret<impl AsRef<[u8]> + Zeroize>) -> Result<Self, ImportKeyError> {
        let mut members = Members(json::parse_object(text.expose().as_ref()).map_err(ImportKeyError::Json)?);
        let private =
            members.take("d").or_else(|| members.take("priv")).ok_or(ImportKeyError::PrivateMember)?;
        let private = from_base64url(&private).map_err(|_| ImportKeyError::PrivateMember)?; // [KEY-08]
        let private = Zeroizing::new(private);
        members.check_key_ops()?;

        let jwk = PublicJwk::from_members(members.0.clone());
        let public = jwk.map_err(|_| ImportKeyError::Public(ParseKeyError::Member))?;
        let public = VerifyingKey::from_jwk(&public).map_err(ImportKeyError::Public)?;
        let key = Self::from_private_bytes(public.algorithm(), &private);
        let key = key.ok_or(ImportKeyError::PrivateMember)?; // [KEY-08]
        if *key.verifying_key() != public {
            return Err(ImportKeyError::Mismatch); // [KEY-09]
        }
        Ok(key)
    }

    /// The key as a private JSON Web Key, in the form that [`SigningKey::from_private_jwk`] reads.
    pub fn to_private_jwk(&self) -> Secret<String> {
        let (name, bytes) = (private_member(self.algorithm()), self.private_bytes());
        let private = Zeroizing::new(to_base64url(&bytes));
        // One allocation: growing would leave copies of the private member behind.
        let mut text = String::with_capacity(4096);
        text.push('{');
        for (name, value) in self.verifying_key().to_jwk().members() {
            push_member(&mut text, name, value.as_str().unwrap_or_default());
            text.push(',');
        }
        push_member(&mut text, name, &private);
        text.push('}');
        Secret::new(text)
    }
}

/// The member that holds the private half.
const fn private_member(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::Ed25519 => "d",
        Algorithm::MlDsa44 | Algorithm::MlDsa65 => "priv",
    }
}

/// Names, curves and base64url need no escaping in JSON.
fn push_member(text: &mut String, name: &str, value: &str) {
    for part in ["\"", name, "\":\"", value, "\""] {
        text.push_str(part);
    }
}

/// The members of a private key, wiped when dropped, on every path.
struct Members(Map<String, Value>);

impl Members {
    /// Removes the text member `name`.
    fn take(&mut self, name: &str) -> Option<Zeroizing<String>> {
        match self.0.remove(name)? {
            Value::String(text) => Some(Zeroizing::new(text)),
            _ => None,
        }
    }

    /// A private key's `key_ops` speaks of `sign`; what is left is read as a public key and must not.
    fn check_key_ops(&mut self) -> Result<(), ImportKeyError> {
        let signs = |ops: &Value| ops.as_array().is_some_and(|ops| ops.iter().any(|op| op == "sign"));
        if self.0.remove("key_ops").is_none_or(|ops| signs(&ops)) {
            Ok(())
        } else {
            Err(ImportKeyError::Public(ParseKeyError::Use)) // [KEY-06]
        }
    }
}

impl Drop for Members {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

/// Why a text did not become a signing key. No variant carries any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportKeyError {
    /// Not a strict JSON object.
    #[error("the private key is not strict JSON")]
    Json(#[source] JsonError),
    /// The public members are not a sound key by themselves.
    #[error("the public members are not a usable key")]
    Public(#[source] ParseKeyError),
    /// KEY-08: the private member is missing, malformed, of the wrong length or outside the curve's order.
    #[error("the private member is missing or unusable")]
    PrivateMember,
    /// KEY-09: the public members belong to another private key.
    #[error("the public members do not belong to the private one")]
    Mismatch,
}

impl ImportKeyError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Public(error) => error.code(),
            Self::PrivateMember => "KEY-08",
            Self::Mismatch => "KEY-09",
        }
    }
}
