//! Issuers: one name, one DID, one key, one way of securing.

use serde_json::{Value, json};
use sinpyo_bbs as bbs;
use sinpyo_core::{
    did::{Did, KeyId},
    key::{Entropy, Signer},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_issuer::StatusKind;
use sinpyo_proof::data_integrity::Cryptosuite;
use std::{collections::BTreeMap, fmt, str::FromStr};

/// How an instance secures what it issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// With a Data Integrity proof.
    DataIntegrity(Cryptosuite),
    /// As a token, in an `EnvelopedVerifiableCredential`.
    VcJwt,
}

/// Suites that an instance can have; the others exist for verification only, or take two keys.
const SUITES: [Suite; 8] = [
    Suite::DataIntegrity(Cryptosuite::EddsaRdfc2022),
    Suite::DataIntegrity(Cryptosuite::EddsaJcs2022),
    Suite::DataIntegrity(Cryptosuite::EcdsaRdfc2019),
    Suite::DataIntegrity(Cryptosuite::EcdsaJcs2019),
    Suite::DataIntegrity(Cryptosuite::EcdsaSd2023),
    Suite::DataIntegrity(Cryptosuite::Bbs2023),
    Suite::DataIntegrity(Cryptosuite::MlDsa44Jcs2024),
    Suite::VcJwt,
];

impl Suite {
    /// The word in `GET /instances` and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataIntegrity(suite) => suite.name(),
            Self::VcJwt => "vc-jwt",
        }
    }

    /// The kind of key that the suite signs with if nothing else is asked for.
    pub const fn usual_key(self) -> KeyKind {
        match self {
            Self::DataIntegrity(Cryptosuite::Bbs2023) => KeyKind::Bbs,
            Self::DataIntegrity(Cryptosuite::EddsaRdfc2022 | Cryptosuite::EddsaJcs2022) => {
                KeyKind::Signature(Algorithm::Ed25519)
            }
            Self::DataIntegrity(Cryptosuite::MlDsa44Jcs2024) => KeyKind::Signature(Algorithm::MlDsa44),
            Self::DataIntegrity(_) | Self::VcJwt => KeyKind::Signature(Algorithm::Es256),
        }
    }

    /// Whether the holder chooses what to show.
    pub(crate) const fn is_selective(self) -> bool {
        matches!(self, Self::DataIntegrity(Cryptosuite::EcdsaSd2023 | Cryptosuite::Bbs2023))
    }

    /// Whether the suite signs with keys of `kind`.
    pub const fn fits(self, kind: KeyKind) -> bool {
        match (self, kind) {
            (Self::DataIntegrity(Cryptosuite::Bbs2023), KeyKind::Bbs)
            | (Self::VcJwt, KeyKind::Signature(_)) => true,
            (Self::DataIntegrity(suite), KeyKind::Signature(algorithm)) => suite.fits(algorithm),
            (_, KeyKind::Bbs) => false,
        }
    }
}

impl FromStr for Suite {
    type Err = UnknownSuite;

    fn from_str(name: &str) -> Result<Self, UnknownSuite> {
        SUITES.into_iter().find(|suite| suite.name() == name).ok_or(UnknownSuite)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No suite of this name can be issued with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no suite of this name can be issued with")]
pub struct UnknownSuite;

/// What kind of key an instance has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// For signatures of one message.
    Signature(Algorithm),
    /// For BBS signatures.
    Bbs,
}

impl KeyKind {
    /// The curve, as the suites of conformance tests call the key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature(Algorithm::Es256) => "P-256",
            Self::Signature(Algorithm::Es384) => "P-384",
            Self::Signature(Algorithm::Es512) => "P-521",
            Self::Signature(Algorithm::Ed25519) => "Ed25519",
            Self::Signature(Algorithm::MlDsa44) => "ML-DSA-44",
            Self::Signature(Algorithm::MlDsa65) => "ML-DSA-65",
            Self::Bbs => "BLS12-381",
        }
    }
}

/// A private key without the name that others know it by.
#[derive(Debug)]
pub enum PrivateKey {
    /// For signatures of one message.
    Signature(SigningKey),
    /// For BBS signatures.
    Bbs(bbs::SecretKey),
}

impl PrivateKey {
    /// A new key.
    pub fn generate(kind: KeyKind, entropy: &mut dyn Entropy) -> Self {
        match kind {
            KeyKind::Signature(algorithm) => Self::Signature(SigningKey::generate(algorithm, entropy)),
            KeyKind::Bbs => Self::Bbs(bbs::SecretKey::generate(entropy)),
        }
    }

    /// Its kind.
    pub const fn kind(&self) -> KeyKind {
        match self {
            Self::Signature(key) => KeyKind::Signature(key.algorithm()),
            Self::Bbs(_) => KeyKind::Bbs,
        }
    }

    /// The name of its public half as a did:key.
    pub fn own_name(&self) -> String {
        let multikey = match self {
            Self::Signature(key) => key.verifying_key().to_multikey(),
            Self::Bbs(key) => key.public_key().to_multikey(),
        };
        format!("did:key:{multikey}#{multikey}")
    }
}

/// Whether credentials get an entry in a status list of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// They do not.
    None,
    /// They can be revoked.
    Revocable,
    /// They can be revoked and suspended.
    Suspendable,
}

impl Listing {
    const ALL: [Self; 3] = [Self::None, Self::Revocable, Self::Suspendable];

    /// The word in `GET /instances` and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Revocable => "revocable",
            Self::Suspendable => "suspendable",
        }
    }

    /// The lists that serve it; none if none do.
    pub(crate) const fn kind(self) -> Option<StatusKind> {
        match self {
            Self::None => None,
            Self::Revocable => Some(StatusKind::Revocable),
            Self::Suspendable => Some(StatusKind::Suspendable),
        }
    }
}

impl FromStr for Listing {
    type Err = UnknownListing;

    fn from_str(name: &str) -> Result<Self, UnknownListing> {
        Self::ALL.into_iter().find(|listing| listing.name() == name).ok_or(UnknownListing)
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No such kind of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a status is none, revocable or suspendable")]
pub struct UnknownListing;

/// An issuer of this server.
#[derive(Debug)]
pub struct Instance {
    suite: Suite,
    listing: Listing,
    kind: KeyKind,
    pub(crate) key: InstanceKey,
}

#[derive(Debug)]
pub(crate) enum InstanceKey {
    Signature(KeySigner),
    Bbs { key_id: KeyId, secret: bbs::SecretKey },
}

impl Instance {
    /// An issuer that signs with `key`, which others find as `key_id`; none if the suite does not sign with it, or if there
    /// were to be status lists under a suite whose proofs only holders can show.
    pub fn new(suite: Suite, listing: Listing, key_id: KeyId, key: PrivateKey) -> Option<Self> {
        let kind = key.kind();
        if !suite.fits(kind) || (suite.is_selective() && listing != Listing::None) {
            return None;
        }
        let key = match key {
            PrivateKey::Signature(key) => InstanceKey::Signature(KeySigner::new(key_id, key)),
            PrivateKey::Bbs(secret) => InstanceKey::Bbs { key_id, secret },
        };
        Some(Self { suite, listing, kind, key })
    }

    /// How it secures.
    pub const fn suite(&self) -> Suite {
        self.suite
    }

    /// Whether what it issues has a status.
    pub const fn listing(&self) -> Listing {
        self.listing
    }

    /// The verification method of its key.
    pub fn key_id(&self) -> &KeyId {
        match &self.key {
            InstanceKey::Signature(signer) => signer.key_id(),
            InstanceKey::Bbs { key_id, .. } => key_id,
        }
    }

    /// Who it is.
    pub fn did(&self) -> Did {
        self.key_id().did()
    }
}

/// The issuers of a server, by name.
#[derive(Debug, Default)]
pub struct Instances(BTreeMap<String, Instance>);

impl Instances {
    /// Adds an issuer; one of the same name is replaced.
    pub fn insert(&mut self, name: &str, instance: Instance) {
        self.0.insert(name.to_owned(), instance);
    }

    /// The issuer `name`.
    pub fn get(&self, name: &str) -> Option<&Instance> {
        self.0.get(name)
    }

    /// The issuer that is `did` and whose proofs show all of what they cover, as JSON.
    pub(crate) fn signing_as(&self, did: &str) -> Option<&Instance> {
        let signs = |instance: &&Instance| {
            instance.did().as_str() == did && !instance.suite.is_selective() && instance.suite != Suite::VcJwt
        };
        self.0.values().find(signs)
    }

    /// What `GET /instances` tells.
    pub(crate) fn to_json(&self) -> Value {
        let entry = |(name, instance): (&String, &Instance)| {
            json!({
                "instance": name,
                "did": instance.did().as_str(),
                "cryptosuite": instance.suite.name(),
                "key": instance.kind.name(),
                "status": instance.listing.name(),
            })
        };
        self.0.iter().map(entry).collect()
    }
}

/// The issuers of the conformance profile: name, suite, key, listing.
pub const CONFORMANCE: [(&str, Suite, KeyKind, Listing); 10] = {
    const P256: KeyKind = KeyKind::Signature(Algorithm::Es256);
    const P384: KeyKind = KeyKind::Signature(Algorithm::Es384);
    const ED25519: KeyKind = KeyKind::Signature(Algorithm::Ed25519);
    const EDDSA_RDFC: Suite = Suite::DataIntegrity(Cryptosuite::EddsaRdfc2022);
    const ECDSA_RDFC: Suite = Suite::DataIntegrity(Cryptosuite::EcdsaRdfc2019);
    const ECDSA_JCS: Suite = Suite::DataIntegrity(Cryptosuite::EcdsaJcs2019);
    [
        ("eddsa-rdfc-2022", EDDSA_RDFC, ED25519, Listing::None),
        ("eddsa-jcs-2022", Suite::DataIntegrity(Cryptosuite::EddsaJcs2022), ED25519, Listing::None),
        ("ecdsa-rdfc-2019-p256", ECDSA_RDFC, P256, Listing::None),
        ("ecdsa-rdfc-2019-p384", ECDSA_RDFC, P384, Listing::None),
        ("ecdsa-jcs-2019-p256", ECDSA_JCS, P256, Listing::None),
        ("ecdsa-jcs-2019-p384", ECDSA_JCS, P384, Listing::None),
        ("ecdsa-sd-2023", Suite::DataIntegrity(Cryptosuite::EcdsaSd2023), P256, Listing::None),
        ("bbs-2023", Suite::DataIntegrity(Cryptosuite::Bbs2023), KeyKind::Bbs, Listing::None),
        ("status", EDDSA_RDFC, ED25519, Listing::Revocable),
        ("vc-jwt", Suite::VcJwt, P256, Listing::None),
    ]
};
