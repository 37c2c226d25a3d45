//! Public keys in JSON [RFC 7517].

use serde_json::{Map, Value};

/// Members that only a private or symmetric key has [RFC 7518 §6, RFC 8037 §2, ML-DSA for JOSE].
const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A JSON Web Key that holds no private member. Whether it is a sound key is for `sinpyo-crypto` to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk(Map<String, Value>);

impl PublicJwk {
    /// Takes `members` as a public key.
    ///
    /// # Errors
    /// There is no key type, or a private member.
    pub fn from_members(members: Map<String, Value>) -> Result<Self, JwkError> {
        if members.get("kty").and_then(Value::as_str).is_none_or(|kty| kty == "oct") {
            return Err(JwkError::KeyType); // [JSON-08]
        }
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkError::PrivateMember); // [JSON-07]
        }
        Ok(Self(members))
    }

    /// The text member `name`, such as `kty`, `crv` or `x`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// All members.
    pub const fn members(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// The object is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// `kty` is missing, not text, or `oct`.
    #[error("not an asymmetric JSON Web Key")]
    KeyType,
    /// JSON-07: a private member stands in what was offered as a public key.
    #[error("the JSON Web Key holds a private member")]
    PrivateMember,
}

impl JwkError {
    /// The rule that was broken, as in `spec/checks/json.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::KeyType => "JSON-08",
            Self::PrivateMember => "JSON-07",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn jwk(value: &Value) -> Result<PublicJwk, JwkError> {
        PublicJwk::from_members(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_private_member_is_refused() {
        assert!(jwk(&json!({"kty":"EC","crv":"P-256","x":"","y":""})).is_ok());
        for name in PRIVATE {
            assert_eq!(jwk(&json!({"kty":"EC", name: "AA"})), Err(JwkError::PrivateMember), "{name}");
        }
        assert_eq!(jwk(&json!({"kty":"oct"})), Err(JwkError::KeyType));
        assert_eq!(jwk(&json!({})), Err(JwkError::KeyType));
    }
}
