//! Authorities and those whom they certify.

use crate::fixture::Party;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber, SignatureAlgorithm,
    date_time_ymd,
};
use sinpyo_x509::{Roots, SigningChain};
use std::sync::Arc;

/// The issuer's public key, for a certificate.
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A certificate of the issuer's key, and the authority behind it.
pub(crate) struct Certified {
    pub(crate) chain: SigningChain,
    pub(crate) roots: Arc<Roots>,
    /// By which the certificate names its authority.
    pub(crate) key_identifier: Vec<u8>,
}

fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.distinguished_name.push(DnType::CountryName, "KR");
    params.serial_number = Some(SerialNumber::from(7_u64));
    params.not_before = date_time_ymd(2026, 11, 1);
    params.not_after = date_time_ymd(2028, 1, 1);
    params
}

/// The issuer, certified by a new authority as a signer of documents and of tokens, under the URL.
pub(crate) fn certify(url: &str) -> Certified {
    let mut root = params("authority");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let key_identifier = root.key_identifier(&key);
    let root = CertifiedIssuer::self_signed(root, key).unwrap();
    let mut leaf = params("issuer");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
    leaf.use_authority_key_identifier_extension = true;
    leaf.subject_alt_names = vec![SanType::URI(url.try_into().unwrap())];
    let issuer = Party::issuer();
    let leaf = leaf.signed_by(&Point(issuer.key().to_sec1().unwrap()), &root).unwrap();
    Certified {
        chain: SigningChain::new(vec![leaf.der().to_vec()], issuer.key()).unwrap(),
        roots: Arc::new(Roots::new([root.der()]).unwrap()),
        key_identifier,
    }
}
