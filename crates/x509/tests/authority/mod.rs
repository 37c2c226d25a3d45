//! Certificates made for the tests, by `rcgen`.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, DnValue,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
    SignatureAlgorithm, date_time_ymd,
};
use sinpyo_core::time::Timestamp;
use sinpyo_x509::{Chain, ChainError, Purpose, Roots, VerifiedLeaf};

/// An authority: its certificate, and the key to issue more.
pub(crate) type Authority = CertifiedIssuer<'static, KeyPair>;

/// The time of every test that does not say another. All certificates are valid then, from 2026 to 2028.
pub(crate) fn now() -> Timestamp {
    "2027-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, DnValue::PrintableString("KR".try_into().unwrap()));
    name.push(DnType::CommonName, common);
    name
}

fn params(common: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = name(common);
    (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 1, 1));
    params
}

/// What an authority's certificate says.
pub(crate) fn of_authority(common: &str) -> CertificateParams {
    let mut params = params(common);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// What a signer's certificate says: two names and every extended key usage that a purpose asks for.
pub(crate) fn of_leaf() -> CertificateParams {
    let mut params = params("signer");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        [6, 2].map(|last| ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, last])).to_vec();
    params.subject_alt_names = vec![
        SanType::DnsName("Issuer.example".try_into().unwrap()),
        SanType::URI("https://issuer.example/7".try_into().unwrap()),
    ];
    params
}

pub(crate) fn key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(algorithm).unwrap()
}

pub(crate) fn p256() -> KeyPair {
    key(&PKCS_ECDSA_P256_SHA256)
}

pub(crate) fn root() -> Authority {
    root_with(of_authority("root"))
}

pub(crate) fn root_with(params: CertificateParams) -> Authority {
    CertifiedIssuer::self_signed(params, p256()).unwrap()
}

pub(crate) fn below(issuer: &Authority, params: CertificateParams) -> Authority {
    CertifiedIssuer::signed_by(params, p256(), issuer).unwrap()
}

/// The DER of a leaf with a new P-256 key.
pub(crate) fn leaf(issuer: &Authority, params: &CertificateParams) -> Vec<u8> {
    params.signed_by(&p256(), issuer).unwrap().der().to_vec()
}

pub(crate) fn der(authority: &Authority) -> Vec<u8> {
    authority.der().to_vec()
}

pub(crate) fn roots(authorities: &[&Authority]) -> Roots {
    Roots::new(authorities.iter().map(|authority| authority.der())).unwrap()
}

/// The verdict on `chain` for a signer, at the usual time.
pub(crate) fn check(chain: &[Vec<u8>], roots: &Roots) -> Result<VerifiedLeaf, ChainError> {
    check_for(&Purpose::Signer, chain, roots)
}

pub(crate) fn check_for(
    purpose: &Purpose,
    chain: &[Vec<u8>],
    roots: &Roots,
) -> Result<VerifiedLeaf, ChainError> {
    Chain::from_x5chain(chain)?.verify(roots, now(), purpose)
}
