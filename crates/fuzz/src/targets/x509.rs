//! `sinpyo-x509`: chains of certificates.

use super::{OK, SKIPPED, target};
use crate::{Outcome, Target};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, date_time_ymd,
};
use serde_json::Value;
use sinpyo_core::{encoding::from_base64url, time::Timestamp};
use sinpyo_crypto::Algorithm;
use sinpyo_x509::{Chain, Purpose, Roots};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] =
    &[target("x509/chain", chains, verify_chain), target("x509/roots", certificates, read_root)];

/// Number `seed` of ES256, in the form that `rcgen` reads [RFC 5958, RFC 5915].
fn key_pair(seed: u8) -> KeyPair {
    let key = sinpyo_testkit::key(Algorithm::Es256, seed);
    let jwk: Value = serde_json::from_str(key.to_private_jwk().expose()).expect("a private JWK");
    let d =
        from_base64url(jwk.get("d").and_then(Value::as_str).expect("an EC key has d")).expect("base64url");
    let point = key.verifying_key().to_sec1().expect("a point");
    let head =
        b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\
        \x03\x01\x07\x04\x6d\x30\x6b\x02\x01\x01\x04\x20";
    let der = [&head[..], &d, b"\xa1\x44\x03\x42\x00", &point].concat();
    KeyPair::from_pkcs8_der_and_sign_algo(&der.as_slice().into(), &PKCS_ECDSA_P256_SHA256)
        .expect("a key pair")
}

fn now() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().expect("a time")
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, "KR");
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 1, 1));
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn leaf() -> CertificateParams {
    let mut params = params("signer");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
    params.subject_alt_names = vec![
        SanType::DnsName("issuer.example".try_into().expect("a name")),
        SanType::URI("https://issuer.example/7".try_into().expect("a URI")),
    ];
    params
}

/// A root, an authority below it and a leaf.
struct Pki {
    root: Vec<u8>,
    middle: Vec<u8>,
    leaf: Vec<u8>,
}

static PKI: LazyLock<Pki> = LazyLock::new(|| {
    let root = CertifiedIssuer::self_signed(authority("root"), key_pair(1)).expect("a root");
    let middle = CertifiedIssuer::signed_by(authority("middle"), key_pair(2), &root).expect("an authority");
    let leaf = leaf().signed_by(&key_pair(3), &middle).expect("a leaf");
    Pki { root: root.der().to_vec(), middle: middle.der().to_vec(), leaf: leaf.der().to_vec() }
});

static ROOTS: LazyLock<Roots> = LazyLock::new(|| Roots::new([&PKI.root]).expect("a root"));

/// A certificate of the right form.
pub(crate) fn certificate() -> Vec<u8> {
    PKI.leaf.clone()
}

/// A certificate is two bytes of length and its DER.
fn join(certificates: &[&[u8]]) -> Vec<u8> {
    let one = |der: &&[u8]| {
        let length = u16::try_from(der.len()).expect("a short certificate");
        [&length.to_be_bytes()[..], der].concat()
    };
    certificates.iter().flat_map(one).collect()
}

fn split(mut input: &[u8]) -> Vec<&[u8]> {
    let mut certificates = Vec::new();
    while let Some((length, rest)) = input.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (der, after) = rest.split_at(length);
        certificates.push(der);
        input = after;
    }
    certificates
}

fn chains() -> Vec<Vec<u8>> {
    vec![join(&[&PKI.leaf, &PKI.middle]), join(&[&PKI.leaf]), join(&[&PKI.middle, &PKI.root])]
}

/// A chain that leads to the root certifies the leaf's key.
fn verify_chain(input: &[u8]) -> Outcome {
    let certificates = split(input);
    let text = String::from_utf8_lossy(input);
    let _as_text = Chain::from_x5c(&text.split(',').collect::<Vec<_>>());
    let chain = match Chain::from_x5chain(&certificates) {
        Ok(chain) => chain,
        Err(error) => return error.code(),
    };
    match chain.verify(&ROOTS, now(), &Purpose::Signer) {
        Ok(leaf) => {
            assert_eq!(leaf.key(), sinpyo_testkit::key(Algorithm::Es256, 3).verifying_key());
            let names: Vec<&str> = leaf.dns_names().iter().map(String::as_str).collect();
            assert_eq!((names, leaf.country()), (vec!["issuer.example"], Some("KR")));
            OK
        }
        Err(error) => error.code(),
    }
}

fn certificates() -> Vec<Vec<u8>> {
    vec![PKI.root.clone(), PKI.middle.clone(), PKI.leaf.clone()]
}

fn read_root(input: &[u8]) -> Outcome {
    if input.is_empty() {
        return SKIPPED;
    }
    match Roots::new([input]) {
        Ok(roots) => {
            if let Ok(chain) = Chain::from_x5chain(&[&PKI.leaf, &PKI.middle]) {
                let _verdict = chain.verify(&roots, now(), &Purpose::Signer);
            }
            OK
        }
        Err(error) => error.code(),
    }
}
