//! Who a verifier says it is, and how that is to be proven [OpenID4VP 1.0 §5.9].

use std::fmt;

/// Our limit: bytes of a client identifier.
const MAX_LENGTH: usize = 2048;

/// A `client_id` with its prefix, whole: it is the audience of every presentation and is never shortened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId {
    text: Box<str>,
    prefix: Prefix,
}

/// The part before the first colon: what kind of name follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `redirect_uri`: the place where the response goes. Proves nothing else; requests are unsigned.
    RedirectUri,
    /// `x509_san_dns`: a host name in the certificate that signs.
    X509SanDns,
    /// `x509_hash`: SHA-256 of the certificate that signs, as base64url.
    X509Hash,
    /// `decentralized_identifier`: a DID whose document authorises the key that signs.
    DecentralizedIdentifier,
    /// `verifier_attestation`: the `sub` of an attestation that names the key that signs.
    VerifierAttestation,
}

impl Prefix {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RedirectUri => "redirect_uri",
            Self::X509SanDns => "x509_san_dns",
            Self::X509Hash => "x509_hash",
            Self::DecentralizedIdentifier => "decentralized_identifier",
            Self::VerifierAttestation => "verifier_attestation",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::RedirectUri,
            Self::X509SanDns,
            Self::X509Hash,
            Self::DecentralizedIdentifier,
            Self::VerifierAttestation,
        ];
        all.into_iter().find(|prefix| prefix.name() == name)
    }
}

impl ClientId {
    /// The identifier `name` of the kind `prefix`.
    pub fn new(prefix: Prefix, name: &str) -> Self {
        Self { text: format!("{}:{name}", prefix.name()).into(), prefix }
    }

    /// Reads a `client_id`. The prefix ends at the first colon, whatever follows.
    ///
    /// # Errors
    /// Nobody is registered here beforehand, so that a name without one of the known prefixes is nobody's.
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ClientIdError::Malformed);
        }
        let (prefix, name) = text.split_once(':').ok_or(ClientIdError::Unregistered)?;
        if prefix == "origin" {
            return Err(ClientIdError::Reserved); // [VP-CID-01b]
        }
        let prefix = Prefix::from_name(prefix).ok_or(ClientIdError::Unregistered)?; // [VP-CID-01]
        if name.is_empty() {
            return Err(ClientIdError::Malformed);
        }
        Ok(Self { text: text.into(), prefix })
    }

    /// All of it: what presentations are addressed to.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The kind of name.
    pub const fn prefix(&self) -> Prefix {
        self.prefix
    }

    /// The name behind the prefix.
    pub fn name(&self) -> &str {
        self.text.get(self.prefix.name().len() + 1..).unwrap_or_default()
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a `client_id` names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientIdError {
    /// VP-CID-01: no prefix, or one that is not supported.
    #[error("the client identifier has no prefix that is supported, and no client is registered here")]
    Unregistered,
    /// VP-CID-01b: `origin`, which verifiers must not use in requests.
    #[error("the client identifier uses a reserved prefix")]
    Reserved,
    /// VP-CID-01c: empty behind the prefix, too long, or not printable ASCII.
    #[error("the client identifier is malformed")]
    Malformed,
}

impl ClientIdError {
    /// The rule that was broken, as in `spec/checks/vp-cid.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unregistered => "VP-CID-01",
            Self::Reserved => "VP-CID-01b",
            Self::Malformed => "VP-CID-01c", // [VP-CID-01c]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_ends_at_the_first_colon() {
        let id = ClientId::parse("decentralized_identifier:did:web:example.org%3A8443").unwrap();
        assert_eq!(id.prefix(), Prefix::DecentralizedIdentifier);
        assert_eq!(id.name(), "did:web:example.org%3A8443");
        let id = ClientId::parse("redirect_uri:https://v.example/cb?x=a:b").unwrap();
        assert_eq!((id.prefix(), id.name()), (Prefix::RedirectUri, "https://v.example/cb?x=a:b"));
        assert_eq!(id, ClientId::new(Prefix::RedirectUri, "https://v.example/cb?x=a:b"));
    }

    #[test]
    fn names_without_a_known_prefix_are_refused() {
        for text in [
            "verifier.example",
            "https://verifier.example",
            "did:web:verifier.example",
            "openid_federation:https://verifier.example",
            "X509_hash:abc",
            " x509_hash:abc",
        ] {
            let refused = ClientId::parse(text).unwrap_err();
            assert!(matches!(refused, ClientIdError::Unregistered | ClientIdError::Malformed), "{text}");
        }
        assert_eq!(ClientId::parse("origin:https://v.example").unwrap_err().code(), "VP-CID-01b");
        for text in ["x509_hash:", "x509_hash:a b", "x509_san_dns:신표.example"] {
            assert_eq!(ClientId::parse(text).unwrap_err().code(), "VP-CID-01c", "{text}");
        }
        let long = format!("x509_hash:{}", "a".repeat(MAX_LENGTH));
        assert_eq!(ClientId::parse(&long), Err(ClientIdError::Malformed));
    }
}
