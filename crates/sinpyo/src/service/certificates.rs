//! Certificates of organisations: chains for their signing keys, the roots that are trusted here, and an authority for
//! development that nobody else trusts.

use crate::{
    files::{self, Access},
    home::Home,
    office::Organisation,
};
use anyhow::{Context, Result, bail};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SignatureAlgorithm,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use sinpyo_core::encoding::from_base64url;
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_x509::{Chain, Purpose, Roots, SigningChain};
use std::{
    fs,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const MAX_PEM: u64 = 1 << 20;
const FOLDER: &str = "certificates";
const ROOTS: &str = "certificates/roots";
const AUTHORITY: &str = "certificates/authority.pem";
const AUTHORITY_KEY: &str = "certificates/authority.key";
/// Years that certificates of the authority for development are good for.
const YEARS: i32 = 3;
/// Signs mobile security objects [ISO/IEC 18013-5 §B.1.4].
const DOCUMENT_SIGNER: [u64; 6] = [1, 0, 18013, 5, 1, 2];

/// What a development certificate is for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// Host names at which the organisation is reached.
    pub(crate) hosts: &'a [String],
    /// Whether it may sign mobile documents.
    pub(crate) document_signer: bool,
}

/// Makes the authority for development, unless it is there, and trusts it here. Returns where its certificate is.
pub(crate) fn authority(home: &Home) -> Result<PathBuf> {
    folders(home)?;
    let path = home.path(AUTHORITY);
    if !path.exists() {
        let key = KeyPair::generate().context("cannot make a key")?;
        let mut params = params(home, "Sinpyo development authority")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let made = params.self_signed(&key).context("cannot make a certificate")?;
        let text = Zeroizing::new(key.serialize_pem());
        files::replace(&home.path(AUTHORITY_KEY), text.as_bytes(), Access::Private)?;
        files::create(&path, made.pem().as_bytes(), Access::Public)?;
    }
    let own = home.path(ROOTS).join("authority.pem");
    files::replace(&own, &files::read(&path, MAX_PEM)?, Access::Public)?;
    Ok(path)
}

/// Certifies the signing key of `organisation` for development.
pub(crate) fn certify(home: &Home, organisation: &Organisation, wanted: &Wanted<'_>) -> Result<PathBuf> {
    authority(home)?;
    let key = Zeroizing::new(files::read_private(&home.path(AUTHORITY_KEY))?);
    let key = KeyPair::from_pem(std::str::from_utf8(&key)?).context("the authority's key is damaged")?;
    let mut params = params(home, "Sinpyo development authority")?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let issuer = Issuer::new(params, key);
    let made = leaf(home, organisation, wanted)?
        .signed_by(&Certified::key(organisation.signer.key().verifying_key())?, &issuer)
        .context("cannot make a certificate")?;
    keep(home, organisation, made.pem().as_bytes())
}

/// Takes over a chain, the certificate of the organisation's signing key first and its trust anchor left out.
pub(crate) fn import(home: &Home, organisation: &Organisation, chain: &[u8]) -> Result<PathBuf> {
    folders(home)?;
    keep(home, organisation, chain)
}

/// Trusts the certificates in a PEM file, under `name`, for whoever has no DID.
pub(crate) fn trust(home: &Home, name: &str, pem: &[u8]) -> Result<PathBuf> {
    folders(home)?;
    Roots::new(ders(pem)?).context("not certificates of authorities")?;
    let path = home.path(ROOTS).join(format!("{name}.pem"));
    files::create(&path, pem, Access::Public)?;
    Ok(path)
}

/// The chain of the organisation's signing key, if it has one.
pub(crate) fn chain_of(home: &Home, organisation: &Organisation) -> Result<Option<SigningChain>> {
    let path = chain_file(home, organisation);
    if !path.exists() {
        return Ok(None);
    }
    let chain = signing_chain(organisation, &files::read(&path, MAX_PEM)?);
    chain.map(Some).with_context(|| format!("{} is of no use", path.display()))
}

/// The roots that are trusted in the installation at `home`.
pub(crate) fn roots(home: &Path) -> Result<Roots> {
    let mut trusted = Vec::new();
    let folder = home.join(ROOTS);
    if folder.exists() {
        for file in fs::read_dir(&folder).context("cannot read the folder of trusted roots")? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "pem") {
                trusted.extend(ders(&files::read(&path, MAX_PEM)?)?);
            }
        }
    }
    Roots::new(trusted).context("a trusted root is no certificate of an authority")
}

fn keep(home: &Home, organisation: &Organisation, pem: &[u8]) -> Result<PathBuf> {
    signing_chain(organisation, pem)?;
    let roots = roots(home.folder())?;
    // Whoever else trusts the chain knows that better; what is made here is for the roots that are here.
    if let Err(error) = Chain::from_x5chain(&ders(pem)?)?.verify(&roots, home.now(), &Purpose::Signer) {
        tracing::warn!(code = error.code(), %error, "no root that is trusted here leads to the certificate");
    }
    let path = chain_file(home, organisation);
    files::replace(&path, pem, Access::Public)?;
    Ok(path)
}

fn signing_chain(organisation: &Organisation, pem: &[u8]) -> Result<SigningChain> {
    let key = organisation.signer.key().verifying_key();
    SigningChain::new(ders(pem)?, key).context("the chain cannot be signed with")
}

fn ders(pem: &[u8]) -> Result<Vec<Vec<u8>>> {
    let read = CertificateDer::pem_slice_iter(pem).map(|der| der.map(|der| der.to_vec()));
    let ders: Vec<_> = read.collect::<Result<_, _>>().context("not certificates in PEM form")?;
    if ders.is_empty() {
        bail!("the file holds no certificate in PEM form");
    }
    Ok(ders)
}

fn chain_file(home: &Home, organisation: &Organisation) -> PathBuf {
    home.path(FOLDER).join(format!("{}.pem", organisation.name))
}

fn folders(home: &Home) -> Result<()> {
    files::private_folder(&home.path(FOLDER))?;
    files::private_folder(&home.path(ROOTS))
}

fn params(home: &Home, name: &str) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).context("cannot describe a certificate")?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CountryName, "KR");
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    let today = home.now().date().to_string();
    let mut parts = today.split('-');
    let (year, month) = (parts.next().context("a year")?, parts.next().context("a month")?);
    let (year, month): (i32, u8) = (year.parse()?, month.parse()?);
    params.not_before = rcgen::date_time_ymd(year, month, 1);
    params.not_after = rcgen::date_time_ymd(year + YEARS, month, 1);
    Ok(params)
}

fn leaf(home: &Home, organisation: &Organisation, wanted: &Wanted<'_>) -> Result<CertificateParams> {
    let mut params = params(home, &organisation.names.en)?;
    let hosts = wanted.hosts.iter().map(|host| Ok(SanType::DnsName(host.as_str().try_into()?)));
    let did = SanType::URI(organisation.did().as_str().try_into().context("the DID as a name")?);
    params.subject_alt_names = hosts.chain([Ok(did)]).collect::<Result<_>>()?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    if wanted.document_signer {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNER.to_vec())];
    }
    Ok(params)
}

/// A public key as certificates have it.
struct Certified {
    point: Vec<u8>,
    algorithm: &'static SignatureAlgorithm,
}

impl Certified {
    fn key(key: &VerifyingKey) -> Result<Self> {
        let algorithm = match key.algorithm() {
            Algorithm::Es256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Algorithm::Es384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            _ => bail!("the authority for development certifies P-256 and P-384 keys"),
        };
        let jwk = key.to_jwk();
        let coordinate = |name: &str| {
            let text = jwk.members().get(name).and_then(serde_json::Value::as_str);
            text.and_then(|text| from_base64url(text).ok()).context("the key has no coordinates")
        };
        // Uncompressed [SEC 1 §2.3.3].
        let point = [vec![4], coordinate("x")?, coordinate("y")?].concat();
        Ok(Self { point, algorithm })
    }
}

impl PublicKeyData for Certified {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}
