//! As whom a tenant issues: keys that the edge has.

use serde_json::Value;
use sinpyo_core::{
    did::KeyId,
    document::VerificationRelationship::AssertionMethod,
    key::{AlgorithmName, SignError, Signer},
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_issuer::{Certified, Format, Issuer, IssuerOptions, NewIssuerError};
use sinpyo_jose::KeyHint;
use sinpyo_openid4vci::{configuration::SigningAlgorithm, issuer::MetadataSigner};
use sinpyo_proof::KeyRing;
use sinpyo_x509::SigningChain;
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Knows as whom tenants issue. It is asked on each request and hands out the same [`Arc`] as long as nothing changes.
pub trait Identities: fmt::Debug + Send + Sync {
    /// The identity of this name, if there is one.
    fn identity(&self, name: &str) -> Option<Arc<Identity>>;
}

/// A signer that many share.
#[derive(Clone)]
pub struct SharedSigner(Arc<dyn Signer + Send + Sync>);

impl fmt::Debug for SharedSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedSigner").field(self.0.key_id()).finish()
    }
}

impl Signer for SharedSigner {
    fn key_id(&self) -> &KeyId {
        self.0.key_id()
    }

    fn algorithm(&self) -> AlgorithmName {
        self.0.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.0.sign(message)
    }
}

/// What makes somebody an issuer.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The current document of its DID.
    pub document: Option<Resolved>,
    /// Certificates for its key, in the name of its DID or of an `https` URL.
    pub chain: Option<SigningChain>,
    /// Since when it is accredited by the ledger, if it is: no credential says that it is older.
    pub accredited_since: Option<Timestamp>,
    /// The profiles that it may issue; none: all of them. What it issues beyond its accreditation nobody accepts.
    pub profiles: Option<Vec<String>>,
}

/// One that can issue, in the formats that its keys and certificates allow.
#[derive(Debug)]
pub struct Identity {
    issuers: BTreeMap<Format, Issuer<SharedSigner>>,
    signer: SharedSigner,
    key: VerifyingKey,
    chain: Option<SigningChain>,
    profiles: Option<Vec<String>>,
}

/// All formats, in the order in which they are offered.
const FORMATS: [Format; 5] =
    [Format::SdJwtVc, Format::Mdoc, Format::VcJwt, Format::DataIntegrity, Format::DataIntegrityStatements];

impl Identity {
    /// One that signs with `signer`.
    ///
    /// # Errors
    /// It can issue in no format; why not as SD-JWT VC.
    pub fn new(signer: Arc<dyn Signer + Send + Sync>, standing: Standing) -> Result<Self, NewIssuerError> {
        let signer = SharedSigner(signer);
        let mut issuers = BTreeMap::new();
        let mut fault = None;
        for format in FORMATS {
            match issuer(&signer, &standing, format) {
                Ok(issuer) => drop(issuers.insert(format, issuer)),
                Err(error) => drop(fault.get_or_insert(error)),
            }
        }
        let key = match (&standing.chain, &standing.document) {
            (Some(chain), _) => Some(chain.key().clone()),
            (None, Some(own)) => {
                KeyRing::of(own).authorised_key(signer.key_id(), AssertionMethod).ok().cloned()
            }
            (None, None) => None,
        };
        let Some(key) = key.filter(|_| !issuers.is_empty()) else {
            return Err(fault.unwrap_or(NewIssuerError::Name));
        };
        Ok(Self { issuers, signer, key, chain: standing.chain, profiles: standing.profiles })
    }

    pub(crate) fn issuer(&self, format: Format) -> Option<&Issuer<SharedSigner>> {
        self.issuers.get(&format)
    }

    pub(crate) fn formats(&self) -> impl Iterator<Item = Format> {
        FORMATS.into_iter().filter(|format| self.issuers.contains_key(format))
    }

    /// Its name in credentials.
    pub fn name(&self) -> &str {
        self.issuers.values().next().map_or("", Issuer::name)
    }

    pub(crate) fn may_issue(&self, profile: &str) -> bool {
        self.profiles.as_ref().is_none_or(|known| known.iter().any(|one| one == profile))
    }

    /// How its credentials are signed, as metadata say it.
    pub(crate) fn algorithm(&self, format: Format) -> SigningAlgorithm {
        let algorithm = self.key.algorithm();
        match (format, algorithm) {
            (Format::Mdoc, Algorithm::Es256) => SigningAlgorithm::Cose(-7),
            (Format::Mdoc, Algorithm::Es384) => SigningAlgorithm::Cose(-35),
            (Format::Mdoc, Algorithm::Ed25519) => SigningAlgorithm::Cose(-8),
            (Format::DataIntegrity, Algorithm::Ed25519) => {
                SigningAlgorithm::Named("eddsa-jcs-2022".to_owned())
            }
            (Format::DataIntegrity, _) => SigningAlgorithm::Named("ecdsa-jcs-2019".to_owned()),
            (Format::DataIntegrityStatements, Algorithm::Ed25519) => {
                SigningAlgorithm::Named("eddsa-rdfc-2022".to_owned())
            }
            (Format::DataIntegrityStatements, _) => SigningAlgorithm::Named("ecdsa-rdfc-2019".to_owned()),
            (Format::SdJwtVc | Format::VcJwt | Format::Mdoc, _) => {
                SigningAlgorithm::Named(algorithm.jose().to_owned())
            }
        }
    }

    /// Signs the metadata of its tenant: by its certificates, else under its DID.
    pub(crate) fn metadata_signer(&self) -> MetadataSigner<'_> {
        let hint = match &self.chain {
            Some(chain) => KeyHint::X5c(chain.ders()),
            None => KeyHint::Kid(self.signer.key_id().as_str()),
        };
        MetadataSigner { signer: &self.signer, key: &self.key, hint }
    }
}

fn issuer(
    signer: &SharedSigner,
    standing: &Standing,
    format: Format,
) -> Result<Issuer<SharedSigner>, NewIssuerError> {
    let options =
        IssuerOptions { format, accredited_since: standing.accredited_since, ..IssuerOptions::default() };
    let signer = signer.clone();
    match (&standing.chain, &standing.document) {
        (None, None) => Err(NewIssuerError::Name),
        (None, Some(own)) => Issuer::new(signer, own, options),
        (Some(chain), own) => {
            let url = chain.uris().iter().find(|uri| uri.starts_with("https://"));
            let whom = match (url, own) {
                // A certificate with a URL is for readers who go by certificates. [HAI-06]
                (Some(url), Some(_)) if format == Format::SdJwtVc => Certified::Url(url),
                (_, Some(own)) => Certified::Did(own),
                (Some(url), None) => Certified::Url(url),
                (None, None) => return Err(NewIssuerError::Name),
            };
            Issuer::certified(signer, chain.clone(), whom, options)
        }
    }
}

/// The suffix of a configuration's identifier.
pub(crate) const fn suffix(format: Format) -> &'static str {
    match format {
        Format::SdJwtVc => "sd-jwt",
        Format::Mdoc => "mdoc",
        Format::VcJwt => "vc-jwt",
        Format::DataIntegrity => "vc-di-jcs",
        Format::DataIntegrityStatements => "vc-di",
    }
}

/// The reverse of [`suffix`].
pub(crate) fn format_of(name: &Value) -> Option<Format> {
    FORMATS.into_iter().find(|format| name.as_str() == Some(suffix(*format)))
}
