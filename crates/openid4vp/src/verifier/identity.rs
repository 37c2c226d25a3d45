//! The names under which a verifier signs.

use crate::client_id::{ClientId, Prefix};
use serde_json::{Map, Value};
use sinpyo_core::{did::KeyId, encoding::to_base64url, key::Signer};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint, SignError, Typ, prepare};
use sinpyo_x509::SigningChain;
use std::fmt;

/// One name, and the key that proves it.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The name.
    pub name: &'a Name,
    /// Holds the private key.
    pub signer: &'a dyn Signer,
    /// Its public half.
    pub key: &'a VerifyingKey,
}

/// How wallets find out whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// `x509_san_dns`: a host name of the certificate. Responses go to that host.
    Host {
        /// The host name, as in the certificate.
        host: String,
        /// The certificates of the key.
        chain: SigningChain,
    },
    /// `x509_hash`: the certificate itself.
    Certificate {
        /// The certificates of the key.
        chain: SigningChain,
    },
    /// `decentralized_identifier`: the document of the DID authorises the key for authentication.
    Did {
        /// The verification method.
        key_id: KeyId,
    },
    /// `verifier_attestation`: somebody whom wallets trust has attested the key.
    Attested {
        /// The `sub` of the attestation.
        subject: String,
        /// The attestation, a signed token.
        attestation: String,
    },
}

impl Name {
    /// The client identifier that follows from the name.
    pub fn client_id(&self) -> ClientId {
        match self {
            Self::Host { host, .. } => ClientId::new(Prefix::X509SanDns, host),
            Self::Certificate { chain } => {
                ClientId::new(Prefix::X509Hash, &to_base64url(&chain.thumbprint()))
            }
            Self::Did { key_id } => ClientId::new(Prefix::DecentralizedIdentifier, key_id.did().as_str()),
            Self::Attested { subject, .. } => ClientId::new(Prefix::VerifierAttestation, subject),
        }
    }

    fn hint(&self) -> KeyHint<'_> {
        match self {
            Self::Host { chain, .. } | Self::Certificate { chain } => KeyHint::X5c(chain.ders()),
            Self::Did { key_id } => KeyHint::Kid(key_id.as_str()),
            Self::Attested { .. } => KeyHint::None,
        }
    }
}

impl Identity<'_> {
    /// Signs a request object; `more` goes into the header.
    pub(crate) fn sign(
        &self,
        claims: &Map<String, Value>,
        more: Map<String, Value>,
    ) -> Result<String, SignError> {
        let mut header = JwtHeader::new(Typ::REQUEST, self.name.hint()); // [VP-REQ-03]
        header.members = more;
        if let Name::Attested { attestation, .. } = self.name {
            header.members.insert("jwt".to_owned(), attestation.as_str().into());
        }
        prepare(header, claims, self.key).sign(self.signer)
    }
}

impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("name", self.name).finish_non_exhaustive()
    }
}
