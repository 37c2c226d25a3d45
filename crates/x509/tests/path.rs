//! From a leaf to a root: what a path must be.
#![cfg(test)]

mod authority;

use authority::{below, check, der, key, leaf, name, of_authority, of_leaf, p256, root, root_with, roots};
use base64::{Engine, engine::general_purpose};
use rcgen::{
    BasicConstraints, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    PKCS_RSA_SHA256, RsaKeySize,
};
use sinpyo_crypto::{Algorithm, VerifyingKey, hash::sha256};
use sinpyo_x509::{Chain, ChainError, Purpose, RootError, Roots, SigningChain};

#[test]
fn a_leaf_of_a_root_is_accepted_with_what_it_says() {
    let (root, signer) = (root(), p256());
    let certificate = of_leaf().signed_by(&signer, &root).unwrap().der().to_vec();
    let verified = check(std::slice::from_ref(&certificate), &roots(&[&root])).unwrap();
    let public = VerifyingKey::from_sec1(Algorithm::Es256, signer.public_key_raw()).unwrap();
    assert_eq!(*verified.key(), public);
    assert_eq!(*verified.thumbprint(), sha256(&certificate));
    assert_eq!(verified.not_before().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(verified.not_after().to_string(), "2028-01-01T00:00:00Z");
    assert_eq!(verified.dns_names(), ["issuer.example"]);
    assert_eq!(verified.uris(), ["https://issuer.example/7"]);
    assert_eq!((verified.country(), verified.state_or_province()), (Some("KR"), None));
}

#[test]
fn intermediate_authorities_may_stand_between() {
    let root = root();
    let first = below(&root, of_authority("first"));
    let second = below(&first, of_authority("second"));
    let chain = [leaf(&second, &of_leaf()), der(&second), der(&first)];
    check(&chain, &roots(&[&root])).unwrap();
    // Nobody needs to send what the verifier trusts; a trusted intermediate authority is a root.
    check(&chain[..2], &roots(&[&first])).unwrap();
}

#[test]
fn roots_of_the_usual_algorithms_are_followed() {
    let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    for pair in [p256(), key(&PKCS_ECDSA_P384_SHA384), key(&PKCS_ED25519), rsa] {
        let root = CertifiedIssuer::self_signed(of_authority("root"), pair).unwrap();
        let good = leaf(&root, &of_leaf());
        check(std::slice::from_ref(&good), &roots(&[&root])).unwrap();
        let mut bad = good;
        let last = bad.len() - 1;
        bad[last] ^= 1;
        assert_eq!(check(&[bad], &roots(&[&root])).unwrap_err(), ChainError::Signature);
    }
}

#[test]
fn an_empty_or_endless_chain_is_refused() {
    let root = root();
    let certificate = leaf(&root, &of_leaf());
    let nine = vec![certificate; 9];
    assert_eq!(Chain::from_x5chain(&nine).unwrap_err(), ChainError::Length);
    assert_eq!(Chain::from_x5c::<String>(&[]).unwrap_err(), ChainError::Length);
    assert_eq!(Chain::from_x5c(&["AAAA"; 9]).unwrap_err().code(), "X5C-01");
    assert!(Chain::from_x5chain(&nine[..8]).is_ok());
}

#[test]
fn a_huge_certificate_is_refused() {
    let mut big = of_leaf();
    let names =
        (0..2000).map(|number| rcgen::SanType::DnsName(format!("n{number}.example").try_into().unwrap()));
    big.subject_alt_names = names.collect();
    let big = leaf(&root(), &big);
    assert!(big.len() > 16 * 1024);
    assert_eq!(Chain::from_x5chain(std::slice::from_ref(&big)).unwrap_err(), ChainError::Size);
    let text = general_purpose::STANDARD.encode(&big);
    assert_eq!(Chain::from_x5c(&[text]).unwrap_err(), ChainError::Size);
    assert_eq!(Roots::new([big]).unwrap_err().code(), "X5C-02");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let root = root();
    let certificate = leaf(&root, &of_leaf());
    let text = general_purpose::STANDARD.encode(&certificate);
    Chain::from_x5c(std::slice::from_ref(&text))
        .unwrap()
        .verify(&roots(&[&root]), authority::now(), &Purpose::Signer)
        .unwrap();
    let url_safe = general_purpose::URL_SAFE_NO_PAD.encode(&certificate);
    for text in
        [url_safe, text.replace('A', "\n"), format!("-----BEGIN CERTIFICATE-----\n{text}"), String::new()]
    {
        assert_eq!(Chain::from_x5c(&[text]).unwrap_err(), ChainError::Malformed);
    }
    for length in 0..certificate.len() {
        assert_eq!(Chain::from_x5chain(&[&certificate[..length]]).unwrap_err(), ChainError::Malformed);
    }
    let longer = [&certificate[..], &[0]].concat();
    assert_eq!(Chain::from_x5chain(&[longer]).unwrap_err(), ChainError::Malformed);
    assert_eq!(Roots::new([b"no certificate"]).unwrap_err().code(), "X5C-03");
}

/// Whatever bit is changed, the certificate is refused, and nothing panics.
#[test]
fn a_changed_bit_anywhere_is_refused() {
    let root = root();
    let (certificate, roots) = (leaf(&root, &of_leaf()), roots(&[&root]));
    for bit in 0..certificate.len() * 8 {
        let mut changed = certificate.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(check(&[changed], &roots).is_err(), "bit {bit}");
    }
}

#[test]
fn a_self_signed_leaf_is_refused() {
    let own = of_leaf().self_signed(&p256()).unwrap().der().to_vec();
    assert_eq!(check(std::slice::from_ref(&own), &roots(&[&root()])).unwrap_err(), ChainError::SelfSigned);
    // Even if it calls itself an authority and is configured as one.
    let root = root();
    assert_eq!(check(&[der(&root)], &roots(&[&root])).unwrap_err(), ChainError::SelfSigned);
    assert_eq!(ChainError::SelfSigned.code(), "X5C-04");
}

#[test]
fn a_chain_with_its_root_is_refused() {
    let root = root();
    let middle = below(&root, of_authority("middle"));
    let chain = [leaf(&middle, &of_leaf()), der(&middle), der(&root)];
    assert_eq!(check(&chain, &roots(&[&root])).unwrap_err(), ChainError::RootIncluded);
    assert_eq!(check(&chain, &roots(&[&middle])).unwrap_err(), ChainError::RootIncluded);
    check(&chain[..2], &roots(&[&root])).unwrap();
}

#[test]
fn a_chain_to_somebody_elses_root_is_refused() {
    let (ours, theirs) = (root(), root_with(of_authority("their root")));
    let middle = below(&theirs, of_authority("middle"));
    let chain = [leaf(&middle, &of_leaf()), der(&middle)];
    assert_eq!(check(&chain, &roots(&[&ours])).unwrap_err(), ChainError::UnknownIssuer);
    assert_eq!(check(&chain, &Roots::default()).unwrap_err(), ChainError::UnknownIssuer);
    assert_eq!(check(&chain[..1], &roots(&[&theirs])).unwrap_err(), ChainError::UnknownIssuer);
    // The name of our root under another key.
    let namesake = root();
    let chain = [leaf(&namesake, &of_leaf())];
    assert_eq!(check(&chain, &roots(&[&ours])).unwrap_err(), ChainError::Signature);
    check(&chain, &roots(&[&ours, &namesake])).unwrap();
}

/// OVP-23 of the catalogue of attacks.
#[test]
fn a_chain_out_of_order_is_refused() {
    let root = root();
    let first = below(&root, of_authority("first"));
    let second = below(&first, of_authority("second"));
    let stranger = below(&root, of_authority("stranger"));
    let signer = leaf(&second, &of_leaf());
    let roots = roots(&[&root]);
    for shuffled in [
        vec![signer.clone(), der(&first), der(&second)],
        vec![signer.clone(), der(&second), der(&first), der(&stranger)],
        vec![signer.clone(), der(&second), der(&stranger), der(&first)],
        vec![signer.clone(), der(&second), der(&second), der(&first)],
    ] {
        assert_eq!(check(&shuffled, &roots).unwrap_err(), ChainError::Order);
    }
    // An authority of our root's name that our root does not need.
    let chain = [leaf(&first, &of_leaf()), der(&first), der(&below(&second, of_authority("root")))];
    assert_eq!(check(&chain, &roots).unwrap_err(), ChainError::Order);
    // The leaf must come first: here it is an authority.
    assert!(check(&[der(&second), signer, der(&first)], &roots).is_err());
}

/// Seven authorities of one name that could follow each other in 5,040 orders.
#[test]
fn authorities_of_one_name_are_refused() {
    let mut last = root_with(of_authority("same"));
    let mut chain = vec![];
    for _ in 0..7 {
        last = below(&last, of_authority("same"));
        chain.insert(0, der(&last));
    }
    chain.insert(0, leaf(&last, &of_leaf()));
    assert_eq!(check(&chain, &roots(&[&root()])).unwrap_err(), ChainError::Order);
}

#[test]
fn a_certificate_outside_its_validity_is_refused() {
    let root = root();
    let middle = below(&root, of_authority("middle"));
    let chain = Chain::from_x5chain(&[leaf(&middle, &of_leaf()), der(&middle)]).unwrap();
    let at = |time: &str| chain.verify(&roots(&[&root]), time.parse().unwrap(), &Purpose::Signer);
    at("2026-01-01T00:00:00Z").unwrap();
    at("2028-01-01T00:00:00Z").unwrap();
    // The root is valid as long as the others: outside, there is none.
    assert_eq!(at("2025-12-31T23:59:59Z").unwrap_err(), ChainError::Validity);
    assert_eq!(at("2028-01-01T00:00:01Z").unwrap_err(), ChainError::Validity);
    assert_eq!(at("1969-12-31T23:59:59Z").unwrap_err(), ChainError::Validity);

    let mut expired = of_authority("expired");
    expired.not_after = rcgen::date_time_ymd(2026, 12, 31);
    let middle = below(&root, expired.clone());
    let chain = [leaf(&middle, &of_leaf()), der(&middle)];
    assert_eq!(check(&chain, &roots(&[&root])).unwrap_err(), ChainError::Validity);

    expired.distinguished_name = name("expired root");
    let old = root_with(expired);
    assert_eq!(check(&[leaf(&old, &of_leaf())], &roots(&[&old])).unwrap_err(), ChainError::UnknownIssuer);
}

#[test]
fn who_must_not_issue_is_no_issuer() {
    let root = root();
    let refused = |params| {
        let middle = below(&root, params);
        let chain = [leaf(&middle, &of_leaf()), der(&middle)];
        assert_eq!(check(&chain, &roots(&[&root])).unwrap_err(), ChainError::Authority);
    };
    for not_ca in [IsCa::NoCa, IsCa::ExplicitNoCa] {
        let mut params = of_authority("middle");
        params.is_ca = not_ca;
        refused(params);
    }
    let mut params = of_authority("middle");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign];
    refused(params);

    // An authority's certificate is no signer's.
    let mut authority = of_leaf();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(check(&[leaf(&root, &authority)], &roots(&[&root])).unwrap_err(), ChainError::Authority);
}

#[test]
fn a_path_longer_than_an_authority_allows_is_refused() {
    let limited = |common, most| {
        let mut params = of_authority(common);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(most));
        params
    };
    // The root says 1: one authority below it, not two.
    let root = root_with(limited("root", 1));
    let first = below(&root, of_authority("first"));
    let second = below(&first, of_authority("second"));
    let roots = roots(&[&root]);
    check(&[leaf(&first, &of_leaf()), der(&first)], &roots).unwrap();
    let chain = [leaf(&second, &of_leaf()), der(&second), der(&first)];
    assert_eq!(check(&chain, &roots).unwrap_err(), ChainError::Authority);

    let root = authority::root();
    let first = below(&root, limited("first", 0));
    let second = below(&first, of_authority("second"));
    let roots = authority::roots(&[&root]);
    check(&[leaf(&first, &of_leaf()), der(&first)], &roots).unwrap();
    let chain = [leaf(&second, &of_leaf()), der(&second), der(&first)];
    assert_eq!(check(&chain, &roots).unwrap_err(), ChainError::Authority);
}

#[test]
fn what_is_no_authority_is_no_root() {
    let refused = |params: rcgen::CertificateParams| {
        let certificate = params.self_signed(&p256()).unwrap();
        assert_eq!(Roots::new([certificate.der()]).unwrap_err(), RootError::NoAuthority);
    };
    refused(of_leaf());
    let mut params = of_authority("root");
    params.is_ca = IsCa::ExplicitNoCa;
    refused(params);
    let mut params = of_authority("root");
    params.key_usages = vec![KeyUsagePurpose::CrlSign];
    refused(params);
    assert_eq!(RootError::NoAuthority.code(), "X5C-17");
    assert_eq!(format!("{:?}", roots(&[&root()])), "Roots(1 certificates, 0 revocation lists)");
}

#[test]
fn a_chain_to_sign_with_is_for_the_key_and_without_its_root() {
    let root = root();
    let middle = below(&root, of_authority("middle"));
    let (ours, other) = (p256(), p256());
    let certificate = of_leaf().signed_by(&ours, &middle).unwrap().der().to_vec();
    let key = |pair: &KeyPair| {
        VerifyingKey::from_spki(&rcgen::PublicKeyData::subject_public_key_info(pair)).unwrap()
    };
    let chain = |ders: &[&Vec<u8>]| SigningChain::new(ders.iter().copied().cloned().collect(), &key(&ours));

    let (middle, root) = (der(&middle), der(&root));
    let accepted = chain(&[&certificate, &middle]).unwrap();
    assert_eq!(accepted.ders(), [certificate.clone(), middle.clone()]);
    assert_eq!(
        (accepted.dns_names(), accepted.uris()),
        (&["issuer.example".to_owned()][..], &["https://issuer.example/7".to_owned()][..],)
    );
    assert_eq!(accepted.thumbprint(), sha256(&certificate));
    assert_eq!(accepted.key(), &key(&ours));
    assert_eq!(accepted.not_before().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(accepted.not_after().to_string(), "2028-01-01T00:00:00Z");

    assert_eq!(chain(&[]), Err(ChainError::Length));
    assert_eq!(chain(&[&certificate, &middle, &root]), Err(ChainError::RootIncluded));
    assert_eq!(chain(&[&certificate, &root]), Err(ChainError::RootIncluded));
    assert_eq!(chain(&[&root]), Err(ChainError::SelfSigned));
    assert_eq!(chain(&[&middle, &certificate]), Err(ChainError::Order));
    assert_eq!(chain(&[&certificate, &certificate]), Err(ChainError::Order));
    let foreign = SigningChain::new(vec![certificate], &key(&other)).unwrap_err();
    assert_eq!((foreign, foreign.code()), (ChainError::OtherKey, "X5C-22"));
}
