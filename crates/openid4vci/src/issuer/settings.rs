//! How a credential issuer is configured.

use crate::{
    address::{AddressError, CredentialIssuerId, WebAddress},
    configuration::Configuration,
    display::Displays,
    metadata::{IssuerMetadata, RequestEncryption, ResponseEncryption},
    proof::Attesters,
};
use sinpyo_core::Secret;
use sinpyo_crypto::{
    aead::SealingKey,
    mac::{self, HkdfContext},
};
use sinpyo_jose::jwe::{ALGORITHM, ContentEncryption, Decrypter};
use sinpyo_oauth::{
    nonce::{Context, Nonces},
    url::Transport,
};
use std::{collections::BTreeMap, fmt, time::Duration};

/// Life of a nonce.
const NONCE: Duration = Duration::from_mins(5);

/// A credential issuer, that is one tenant's. The same settings on every node make the nodes one issuer.
pub struct IssuerSettings {
    /// Its identifier, and the address that its endpoints stand under.
    pub id: CredentialIssuerId,
    /// Which addresses it may have.
    pub transport: Transport,
    /// Who gives tokens, as metadata name them; empty if the issuer does so itself.
    pub authorization_servers: Vec<String>,
    /// What it issues.
    pub configurations: BTreeMap<String, Configuration>,
    /// How it is called and shown.
    pub displays: Displays,
    /// Most keys of one request; below 2, batches are not offered.
    pub batch_size: usize,
    /// To which keys requests can be encrypted.
    pub decrypters: Vec<Decrypter>,
    /// Whether requests in clear are refused. Counts if there are keys.
    pub request_encryption: Encryption,
    /// Whether requests that ask for no encrypted response are refused. Counts if there are keys: whoever asks for an
    /// encrypted response must be able to encrypt the request.
    pub response_encryption: Encryption,
    /// Who may say where holders keep their keys.
    pub attesters: Attesters,
    /// How long everything lives.
    pub lifetimes: Lifetimes,
    nonces: Nonces,
    sealing: SealingKey,
    naming: Secret<[u8; 32]>,
}

/// Whether a message must be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Encryption {
    /// It may be.
    #[default]
    Offered,
    /// It must be.
    Required,
}

/// How long everything lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A response that may have been lost: a request that is repeated meanwhile gets it again. Zero: never.
    pub grace: Duration,
    /// Credentials that are not ready, or not fetched.
    pub transaction: Duration,
    /// The wish to hear what became of credentials.
    pub notification: Duration,
    /// Signed metadata.
    pub metadata: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            grace: Duration::from_mins(1),
            transaction: Duration::from_hours(24 * 30),
            notification: Duration::from_hours(24 * 30),
            metadata: Duration::from_hours(24),
        }
    }
}

impl IssuerSettings {
    /// An issuer that issues nothing yet, to one key at a time. `master` is the service's key, the same on every node.
    pub fn new(id: CredentialIssuerId, master: &Secret<[u8; 32]>) -> Self {
        let nonces = Nonces::new(master, Context { purpose: "c_nonce", server: id.as_str() }, NONCE); // [VCI-NON-02]
        let derived = |purpose: &str| {
            let info = format!("sinpyo openid4vci {purpose}\0{id}");
            mac::hkdf_sha256(master, HkdfContext { salt: &[], info: info.as_bytes() })
        };
        let (sealing, naming) = (derived("records"), derived("names"));
        Self {
            id,
            transport: Transport::Https,
            authorization_servers: Vec::new(),
            configurations: BTreeMap::new(),
            displays: Displays::none(),
            batch_size: 1,
            decrypters: Vec::new(),
            request_encryption: Encryption::default(),
            response_encryption: Encryption::default(),
            attesters: Attesters::default(),
            lifetimes: Lifetimes::default(),
            nonces,
            sealing: SealingKey::new(&sealing),
            naming,
        }
    }

    /// What it publishes.
    ///
    /// # Errors
    /// An endpoint would have no acceptable address: the transport is stricter than the identifier's was.
    pub fn metadata(&self) -> Result<IssuerMetadata, AddressError> {
        let endpoint = |name| WebAddress::parse(&self.id.endpoint(name), self.transport);
        let binds = self.configurations.values().any(|one| one.binding.is_some());
        let content = || ContentEncryption::ALL.map(|enc| enc.name().to_owned()).to_vec();
        let encrypts = !self.decrypters.is_empty();
        let request = encrypts.then(|| RequestEncryption {
            keys: self.decrypters.iter().map(Decrypter::public_jwk).collect(),
            content: content(),
            required: self.request_encryption == Encryption::Required,
        });
        let response = encrypts.then(|| ResponseEncryption {
            agreement: vec![ALGORITHM.to_owned()],
            content: content(),
            required: self.response_encryption == Encryption::Required,
        });
        Ok(IssuerMetadata {
            issuer: self.id.clone(),
            authorization_servers: self.authorization_servers.clone(),
            credential_endpoint: endpoint("credential")?,
            nonce_endpoint: binds.then(|| endpoint("nonce")).transpose()?, // [VCI-NON-03]
            deferred_endpoint: Some(endpoint("deferred_credential")?),
            notification_endpoint: Some(endpoint("notification")?),
            request_encryption: request,
            response_encryption: response,
            batch_size: self.batch_size.max(1),
            displays: self.displays.clone(),
            configurations: self.configurations.clone(),
        })
    }

    /// What HAIP 1.0 §4 demands of the metadata and is not so; empty if nothing.
    pub fn haip_gaps(&self) -> Vec<HaipGap> {
        let mut gaps = Vec::new();
        for (id, configuration) in &self.configurations {
            if configuration.scope.is_none() {
                gaps.push(HaipGap::Scope(id.clone())); // [HAI-02]
            }
            let Some(binding) = &configuration.binding else { continue };
            let es256 = |proof: &str| {
                let algorithms = binding.proofs.get(proof).map(|demand| demand.algorithms.as_slice());
                algorithms.is_some_and(|names| names.iter().any(|name| name == "ES256"))
            };
            if !(es256("jwt") || es256("attestation")) {
                gaps.push(HaipGap::Proof(id.clone())); // [HAI-03]
            }
        }
        let attested = self.attesters.roots.is_some() || !self.attesters.keys.is_empty();
        if !attested {
            gaps.push(HaipGap::Attesters); // [HAI-03]
        }
        gaps
    }

    pub(crate) const fn nonces(&self) -> &Nonces {
        &self.nonces
    }

    /// What stands for `name` among the names of records: nobody guesses it back, and another issuer has another one.
    pub(crate) fn pseudonym(&self, name: &str) -> [u8; 32] {
        mac::hmac_sha256(&self.naming, name.as_bytes())
    }

    pub(crate) const fn sealing(&self) -> &SealingKey {
        &self.sealing
    }
}

impl fmt::Debug for IssuerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerSettings").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Something that HAIP 1.0 demands and an issuer is not configured for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HaipGap {
    /// HAI-02: the configuration has no scope.
    #[error("the configuration {0} has no scope")]
    Scope(String),
    /// HAI-03: the configuration takes neither of the proof types that can carry a key attestation, with ES256.
    #[error("the configuration {0} takes neither jwt nor attestation proofs with ES256")]
    Proof(String),
    /// HAI-03: nobody may attest keys.
    #[error("nobody is trusted to attest keys")]
    Attesters,
}

impl HaipGap {
    /// The rule in `spec/checks/hai.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Scope(_) => "HAI-02",
            Self::Proof(_) | Self::Attesters => "HAI-03",
        }
    }
}
