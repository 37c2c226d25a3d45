//! Who asks.

use sinpyo_core::did::Did;
use std::{fmt, str::FromStr};

/// Who asks for a presentation, by what was proven about it [OpenID4VP 1.0 §5.9.3].
///
/// Made from a client identifier by whoever has authenticated the request; nothing here checks a signature.
/// Its text is the full client identifier, with its prefix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// The controller of a DID (`decentralized_identifier:`).
    Did(Did),
    /// The holder of a certificate for this host (`x509_san_dns:`).
    Host(String),
    /// The holder of the certificate with this SHA-256, base64url (`x509_hash:`).
    Certificate(String),
    /// Whoever receives the answer at this address; nothing was signed (`redirect_uri:`).
    Address(String),
    /// Who was named so by an attestation that the wallet trusts (`verifier_attestation:`).
    Attested(String),
    /// An entity of a federation (`openid_federation:`).
    Federated(String),
    /// A page of this origin, says the browser (`origin:`).
    Origin(String),
    /// Who was registered with the wallet beforehand, under a name without a prefix.
    Registered(String),
}

/// Longest client identifier, in bytes.
const MAX_LENGTH: usize = 2048;

impl Asker {
    /// Whether an answer with this audience goes to this asker, and to nobody else.
    pub fn is_addressed_by(&self, audience: &str) -> bool {
        audience == self.to_string() // [WAL-27]
    }

    fn name(&self) -> &str {
        match self {
            Self::Did(did) => did.as_str(),
            Self::Host(name)
            | Self::Certificate(name)
            | Self::Address(name)
            | Self::Attested(name)
            | Self::Federated(name)
            | Self::Origin(name)
            | Self::Registered(name) => name,
        }
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self {
            Self::Did(_) => "decentralized_identifier:",
            Self::Host(_) => "x509_san_dns:",
            Self::Certificate(_) => "x509_hash:",
            Self::Address(_) => "redirect_uri:",
            Self::Attested(_) => "verifier_attestation:",
            Self::Federated(_) => "openid_federation:",
            Self::Origin(_) => "origin:",
            Self::Registered(_) => "",
        };
        write!(f, "{prefix}{}", self.name())
    }
}

impl FromStr for Asker {
    type Err = ParseAskerError;

    /// Reads a full client identifier.
    fn from_str(text: &str) -> Result<Self, ParseAskerError> {
        if text.len() > MAX_LENGTH || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(ParseAskerError);
        }
        let (prefix, name) = text.split_once(':').unwrap_or(("", text));
        if name.is_empty() {
            return Err(ParseAskerError);
        }
        let name = name.to_owned();
        Ok(match prefix {
            "decentralized_identifier" => Self::Did(name.parse().map_err(|_| ParseAskerError)?),
            "x509_san_dns" => Self::Host(name),
            "x509_hash" => Self::Certificate(name),
            "redirect_uri" => Self::Address(name),
            "verifier_attestation" => Self::Attested(name),
            "openid_federation" => Self::Federated(name),
            "origin" => Self::Origin(name),
            _ => Self::Registered(text.to_owned()),
        })
    }
}

/// The text is no client identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a client identifier")]
pub struct ParseAskerError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_identifier_is_read_and_written_with_its_prefix() {
        for (text, expected) in [
            ("decentralized_identifier:did:x:post", Asker::Did("did:x:post".parse().unwrap())),
            ("x509_san_dns:post.example", Asker::Host("post.example".into())),
            (
                "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
                Asker::Certificate("Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk".into()),
            ),
            ("redirect_uri:https://post.example/cb", Asker::Address("https://post.example/cb".into())),
            ("verifier_attestation:post", Asker::Attested("post".into())),
            ("openid_federation:https://post.example", Asker::Federated("https://post.example".into())),
            ("origin:https://post.example", Asker::Origin("https://post.example".into())),
            ("post-office", Asker::Registered("post-office".into())),
            // Known prefixes only; the text before a colon is not otherwise looked at.
            ("https://post.example", Asker::Registered("https://post.example".into())),
        ] {
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
            assert_eq!(expected.to_string(), text);
            assert!(expected.is_addressed_by(text) && !expected.is_addressed_by("x509_san_dns:evil.example"));
            assert!(!expected.is_addressed_by("origin:https://evil.example"), "{text}");
        }
        for text in ["", "x509_hash:", "decentralized_identifier:post", "a b", "a\nb"] {
            assert_eq!(text.parse::<Asker>(), Err(ParseAskerError), "{text}");
        }
    }
}
