//! Issuers that are trusted by their certificates.

use crate::fixture::*;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, SignatureAlgorithm, date_time_ymd,
};
use sinpyo_cose::cbor::Value;
use sinpyo_crypto::SigningKey;
use sinpyo_mdoc::{IssuerSigned, IssuerTrust, MdocIssuer, MdocSigner, VerifiedMdoc};
use sinpyo_testkit::TestEntropy;
use sinpyo_x509::Roots;

/// Our issuer's public key, for a certificate.
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

fn point(key: &SigningKey) -> Point {
    Point(key.verifying_key().to_sec1().unwrap())
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

/// A document signer's certificate, and the roots that it leads to.
fn signer_certificate(change: impl Fn(&mut CertificateParams)) -> (Vec<Vec<u8>>, Roots) {
    let mut root = params("IACA");
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root =
        CertifiedIssuer::self_signed(root, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()).unwrap();
    let mut leaf = params("document signer");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
    leaf.use_authority_key_identifier_extension = true;
    change(&mut leaf);
    let leaf = leaf.signed_by(&point(&issuer()), &root).unwrap();
    (vec![leaf.der().to_vec()], Roots::new([root.der()]).unwrap())
}

fn receive(x5chain: &[Vec<u8>], roots: &Roots) -> Result<VerifiedMdoc, &'static str> {
    let mdoc = IssuerSigned::parse(&issue_with(x5chain).to_bytes()).unwrap();
    mdoc.verify(IssuerTrust::Roots(roots), now()).map_err(|error| error.code())
}

#[test]
fn an_mdoc_is_trusted_by_the_certificate_of_its_signer() {
    let (x5chain, roots) = signer_certificate(|_| {});
    let mdoc = receive(&x5chain, &roots).unwrap();
    let MdocIssuer::Certified(leaf) = mdoc.issuer() else { panic!("a certificate") };
    assert_eq!((leaf.country(), leaf.key()), (Some("KR"), issuer().verifying_key()));
}

#[test]
fn a_certificate_that_is_not_trusted_is_refused() {
    let (x5chain, roots) = signer_certificate(|_| {});
    let (others, other_roots) = signer_certificate(|_| {});
    // A root of the same name with another key, and none.
    assert_eq!(receive(&x5chain, &other_roots).unwrap_err(), "X5C-21");
    assert_eq!(receive(&others, &roots).unwrap_err(), "X5C-21");
    assert_eq!(receive(&x5chain, &Roots::default()).unwrap_err(), "X5C-06");
    assert_eq!(receive(&[], &roots).unwrap_err(), "X5C-01");
    let (no_usage, roots) = signer_certificate(|leaf| leaf.extended_key_usages.clear());
    assert_eq!(receive(&no_usage, &roots).unwrap_err(), "X5C-12");
    let (expired, roots) = signer_certificate(|leaf| leaf.not_after = date_time_ymd(2026, 11, 20));
    assert_eq!(receive(&expired, &roots).unwrap_err(), "X5C-08");
}

#[test]
fn a_certificate_for_another_key_is_refused() {
    let (x5chain, roots) = signer_certificate(|_| {});
    let stranger = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 99);
    let (elements, device) = (elements(), device());
    let key = MdocSigner { key: stranger.verifying_key(), x5chain: &x5chain };
    let prepared = draft(&elements, &device).prepare(key, &mut TestEntropy::new(7)).unwrap();
    let mdoc = prepared.sign(&signer(sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 99))).unwrap();
    assert_eq!(mdoc.verify(IssuerTrust::Roots(&roots), now()).unwrap_err().code(), "MDC-13");
}

#[test]
fn an_mdoc_that_was_signed_outside_its_certificate_is_refused() {
    // Valid now, and not on 1 November, when the mdoc says it was signed.
    let (x5chain, roots) = signer_certificate(|leaf| leaf.not_before = date_time_ymd(2026, 11, 2));
    assert_eq!(receive(&x5chain, &roots).unwrap_err(), "MDC-09");
}

#[test]
fn a_country_that_is_not_that_of_the_certificate_is_refused() {
    let (x5chain, roots) = signer_certificate(|_| {});
    let with = |identifier, value: &str| {
        let elements = elements().with(name(identifier), Value::from(value));
        let (issuer, device) = (issuer(), device());
        let key = MdocSigner { key: issuer.verifying_key(), x5chain: &x5chain };
        let prepared = draft(&elements, &device).prepare(key, &mut TestEntropy::new(7)).unwrap();
        let mdoc = prepared.sign(&signer(self::issuer())).unwrap();
        mdoc.verify(IssuerTrust::Roots(&roots), now()).map(drop).map_err(|error| error.code())
    };
    assert_eq!(with("issuing_country", "KR"), Ok(()));
    assert_eq!(with("issuing_country", "US"), Err("MDC-18"));
    // The certificate names no state: nothing to compare with.
    assert_eq!(with("issuing_jurisdiction", "KR-11"), Ok(()));

    let state =
        |leaf: &mut CertificateParams| leaf.distinguished_name.push(DnType::StateOrProvinceName, "KR-26");
    let (x5chain, roots) = signer_certificate(state);
    let elements = elements().with(name("issuing_jurisdiction"), Value::from("KR-11"));
    let (issuer, device) = (issuer(), device());
    let key = MdocSigner { key: issuer.verifying_key(), x5chain: &x5chain };
    let prepared = draft(&elements, &device).prepare(key, &mut TestEntropy::new(7)).unwrap();
    let mdoc = prepared.sign(&signer(self::issuer())).unwrap();
    assert_eq!(mdoc.verify(IssuerTrust::Roots(&roots), now()).unwrap_err().code(), "MDC-18");
}
