//! The issuer: one key of one DID, and what it signs.

mod issue;
mod order;
mod publish;

pub(crate) use issue::CLAIMS_CONTEXT;
pub use issue::IssueError;
pub use order::{Issued, Order, Recipient};
pub use publish::{Cadence, PublishError, PublishedList};

use sinpyo_core::{
    did::Did, document::VerificationRelationship::AssertionMethod, key::Signer, resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{KeyError, KeyRing, issuer_key::CertifiedSignatory};
use sinpyo_x509::SigningChain;
use std::{num::NonZeroUsize, time::Duration};

/// In what form credentials are issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// SD-JWT VC (`dc+sd-jwt`): the holder decides claim by claim.
    SdJwtVc,
    /// Mobile document (`mso_mdoc`): the holder decides element by element. For profiles that say how.
    Mdoc,
    /// W3C credential as `vc+jwt`. Whoever sees it sees all of its claims, so held ones are left out.
    VcJwt,
    /// W3C credential with the JCS Data Integrity proof of the key's algorithm. Shows all, as `VcJwt`.
    DataIntegrity,
    /// The same with a proof over its statements (`ecdsa-rdfc-2019`, `eddsa-rdfc-2022`).
    DataIntegrityStatements,
}

impl Format {
    /// Whether credentials are W3C credentials: bound to a DID, and signed by the key of one.
    pub const fn is_w3c(self) -> bool {
        matches!(self, Self::VcJwt | Self::DataIntegrity | Self::DataIntegrityStatements)
    }
}

/// How an issuer issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerOptions {
    /// The form of its credentials.
    pub format: Format,
    /// Times in credentials are rounded down to multiples of this, so that they tell no copies apart. A credential
    /// that holds less than twelve times as long gets a twelfth of its term instead.
    pub time_unit: Duration,
    /// The hidden claims of a credential are as many as the profile has, filled up with decoys, and then up to a
    /// multiple of this number: the count tells neither which claims exist nor, if it is large, which profile.
    pub digest_unit: NonZeroUsize,
    /// No credential says that it was issued before this moment: the ledger time since which the issuer is
    /// accredited. Rounding would otherwise put the issue before the right to it.
    pub accredited_since: Option<Timestamp>,
}

impl Default for IssuerOptions {
    fn default() -> Self {
        Self {
            format: Format::SdJwtVc,
            time_unit: Duration::from_hours(1),
            digest_unit: NonZeroUsize::MIN,
            accredited_since: None,
        }
    }
}

/// One that issues credentials, under its DID or as the one whom its certificate names.
///
/// It stands for one version of its own document: make a new one when the document changes.
#[derive(Debug)]
pub struct Issuer<S> {
    signer: S,
    key: VerifyingKey,
    identity: Identity,
    /// Nothing is issued before this moment.
    floor: Option<Timestamp>,
    options: IssuerOptions,
}

/// As whom an issuer signs.
#[derive(Debug)]
enum Identity {
    Did(Did),
    Certified { name: String, chain: SigningChain },
    Both { did: Did, chain: SigningChain },
}

/// Whom a certificate is used for.
#[derive(Clone, Copy, Debug)]
pub enum Certified<'a> {
    /// The owner of this `https` URL.
    Url(&'a str),
    /// The subject of this DID, whose document authorises the certified key, so that readers may go by either.
    Did(&'a Resolved),
}

impl<S: Signer> Issuer<S> {
    /// An issuer that signs with `signer`; `own` is the current version of its document.
    ///
    /// # Errors
    /// Verifiers would not accept what it signs: the document does not authorise the key for statements, is out of
    /// use, or was followed by another version. The format needs a certificate.
    pub fn new(signer: S, own: &Resolved, options: IssuerOptions) -> Result<Self, NewIssuerError> {
        if options.format == Format::Mdoc {
            return Err(NewIssuerError::Format); // [ISS-29]
        }
        let key = authorised(&signer, own)?;
        let identity = Identity::Did(own.did().clone());
        Ok(Self { signer, key, identity, floor: floor(own, options), options })
    }

    /// An issuer that signs with `signer`, whose key is certified by `chain`, in the name of `whom`. The certificates
    /// travel with mobile documents and Status List Tokens, and with the SD-JWT VCs of a URL; those of a DID name the
    /// method instead.
    ///
    /// # Errors
    /// As [`Issuer::new`]; the certificate does not name `whom` or is for another key; the format needs a DID.
    pub fn certified(
        signer: S,
        chain: SigningChain,
        whom: Certified<'_>,
        options: IssuerOptions,
    ) -> Result<Self, NewIssuerError> {
        let (name, key_id) = match whom {
            Certified::Url(_) if options.format.is_w3c() => return Err(NewIssuerError::Format), // [ISS-29]
            Certified::Url(url) if url.starts_with("https://") => (url, None),
            Certified::Url(_) => return Err(NewIssuerError::Name), // [ISS-28]
            Certified::Did(own) => (own.did().as_str(), Some(signer.key_id())),
        };
        if !(CertifiedSignatory { chain: &chain, key_id }).speaks_for(name) {
            return Err(NewIssuerError::Name); // [ISS-28]
        }
        if chain.key().algorithm().name() != signer.algorithm() {
            return Err(NewIssuerError::Algorithm); // [ISS-09]
        }
        let key = chain.key().clone();
        // Rounding would otherwise put the issue before the certificate.
        let certified_since = Some(chain.not_before());
        let (identity, floor) = match whom {
            Certified::Url(url) => {
                let identity = Identity::Certified { name: url.to_owned(), chain };
                (identity, certified_since.max(options.accredited_since))
            }
            Certified::Did(own) if authorised(&signer, own)? == key => {
                let identity = Identity::Both { did: own.did().clone(), chain };
                (identity, certified_since.max(floor(own, options)))
            }
            Certified::Did(_) => return Err(NewIssuerError::Name), // [ISS-28]
        };
        Ok(Self { signer, key, identity, floor, options })
    }

    /// Its name in credentials: its DID or URL.
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::Did(did) | Identity::Both { did, .. } => did.as_str(),
            Identity::Certified { name, .. } => name,
        }
    }

    /// Its DID, if it is named by one.
    pub const fn did(&self) -> Option<&Did> {
        match &self.identity {
            Identity::Did(did) | Identity::Both { did, .. } => Some(did),
            Identity::Certified { .. } => None,
        }
    }

    /// The same if its certificate is its only name: what is signed under a DID and has a place for the method's name
    /// brings no certificate [SD-JWT VC §3.5].
    fn by_url(&self) -> Option<CertifiedSignatory<'_>> {
        self.by_certificate().filter(|signatory| signatory.key_id.is_none())
    }

    /// The key by which it signs with certificates, if it does.
    fn by_certificate(&self) -> Option<CertifiedSignatory<'_>> {
        match &self.identity {
            Identity::Did(_) => None,
            Identity::Certified { chain, .. } => Some(CertifiedSignatory { chain, key_id: None }),
            Identity::Both { chain, .. } => {
                Some(CertifiedSignatory { chain, key_id: Some(self.signer.key_id()) })
            }
        }
    }
}

/// The key of `signer`, if `own` authorises it for statements and is in force.
fn authorised(signer: &impl Signer, own: &Resolved) -> Result<VerifyingKey, NewIssuerError> {
    if own.metadata.deactivated || own.metadata.superseded.is_some() {
        return Err(NewIssuerError::OutOfDate); // [ISS-10]
    }
    let ring = KeyRing::of(own);
    let key = ring.authorised_key(signer.key_id(), AssertionMethod).map_err(NewIssuerError::Key)?; // [ISS-09]
    if key.algorithm().name() != signer.algorithm() {
        return Err(NewIssuerError::Algorithm); // [ISS-09]
    }
    Ok(key.clone())
}

/// Before when nothing is issued under `own`.
fn floor(own: &Resolved, options: IssuerOptions) -> Option<Timestamp> {
    own.metadata.updated.or(own.metadata.created).max(options.accredited_since)
}

/// Why somebody cannot issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NewIssuerError {
    /// ISS-09: the document does not let the key make statements.
    #[error("the issuer's document does not authorise the signing key for statements")]
    Key(#[source] KeyError),
    /// ISS-09: the signer uses another algorithm than the key in the document.
    #[error("the signer does not use the algorithm of the key in the document")]
    Algorithm,
    /// ISS-10: the document is deactivated or superseded.
    #[error("the issuer's document is not the current one, or out of use")]
    OutOfDate,
    /// ISS-28: the certificate names somebody else, or is for another key than the issuer's document has.
    #[error("the certificate is not the issuer's")]
    Name,
    /// ISS-29: mobile documents need a certificate, W3C credentials a DID.
    #[error("credentials of this format are signed by another kind of issuer")]
    Format,
}

impl NewIssuerError {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Key(_) | Self::Algorithm => "ISS-09",
            Self::OutOfDate => "ISS-10",
            Self::Name => "ISS-28",
            Self::Format => "ISS-29",
        }
    }
}
