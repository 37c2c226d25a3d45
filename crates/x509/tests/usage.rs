//! What a proven leaf may be used for, and what it may call itself.
#![cfg(test)]

mod authority;

use authority::{
    below, check, check_for, der, key, leaf, name, now, of_authority, of_leaf, root, root_with, roots,
};
use rcgen::{
    CertificateParams, CertificateRevocationListParams, CustomExtension, DnType, DnValue,
    ExtendedKeyUsagePurpose, GeneralSubtree, KeyPair, KeyUsagePurpose, NameConstraints,
    PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, RevokedCertParams,
    RsaKeySize, SanType, SerialNumber, date_time_ymd,
};
use sinpyo_crypto::Algorithm;
use sinpyo_x509::{ChainError, Purpose, RootError, Roots};

fn dns(host: &str) -> SanType {
    SanType::DnsName(host.try_into().unwrap())
}

fn other(oid: &[u64]) -> ExtendedKeyUsagePurpose {
    ExtendedKeyUsagePurpose::Other(oid.to_vec())
}

/// The rule that a change to the leaf of a root breaks.
#[track_caller]
fn refused(purpose: &Purpose, change: impl FnOnce(&mut CertificateParams)) -> ChainError {
    let (root, mut params) = (root(), of_leaf());
    check_for(purpose, &[leaf(&root, &params)], &roots(&[&root])).unwrap();
    change(&mut params);
    check_for(purpose, &[leaf(&root, &params)], &roots(&[&root])).unwrap_err()
}

/// OVP-23 of the catalogue of attacks.
#[test]
fn a_name_outside_the_constraints_is_refused() {
    let constraints = NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("example".to_owned())],
        excluded_subtrees: vec![GeneralSubtree::DnsName("secret.example".to_owned())],
    };
    let mut params = of_authority("constrained");
    params.name_constraints = Some(constraints);
    let constrained_root = root_with(params.clone());
    let root = root();
    let constrained = below(&root, params);
    for (host, allowed) in [
        ("issuer.example", true),
        ("deep.issuer.example", true),
        ("issuer.other", false),
        ("secret.example", false),
        ("a.secret.example", false),
        // Would stand for a.secret.example too.
        ("*.secret.example", false),
        ("notexample", false),
    ] {
        let mut params = of_leaf();
        params.subject_alt_names = vec![dns(host)];
        let by_root = check(&[leaf(&constrained_root, &params)], &roots(&[&constrained_root]));
        let by_authority = check(&[leaf(&constrained, &params), der(&constrained)], &roots(&[&root]));
        for verdict in [by_root, by_authority] {
            assert_eq!(verdict.err(), (!allowed).then_some(ChainError::NameConstraints), "{host}");
        }
    }
}

#[test]
fn an_unknown_critical_extension_is_refused() {
    let extension = |critical| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 410, 99], vec![5, 0]);
        extension.set_criticality(critical);
        extension
    };
    let error = refused(&Purpose::Signer, |params| params.custom_extensions.push(extension(true)));
    assert_eq!(error, ChainError::CriticalExtension);

    let root = root();
    for critical in [false, true] {
        let mut params = of_authority("middle");
        params.custom_extensions.push(extension(critical));
        let middle = below(&root, params);
        let verdict = check(&[leaf(&middle, &of_leaf()), der(&middle)], &roots(&[&root]));
        assert_eq!(verdict.err(), critical.then_some(ChainError::CriticalExtension));
    }
    let mut harmless = of_leaf();
    harmless.custom_extensions.push(extension(false));
    check(&[leaf(&root, &harmless)], &roots(&[&root])).unwrap();
}

#[test]
fn a_certificate_for_web_servers_or_readers_signs_no_statement() {
    use ExtendedKeyUsagePurpose::{ClientAuth, Other, ServerAuth};
    let reader = || Other(vec![1, 0, 18013, 5, 1, 6]);
    let root = root();
    let verdict = |usages: Vec<ExtendedKeyUsagePurpose>| {
        let mut params = of_leaf();
        params.extended_key_usages = usages;
        check(&[leaf(&root, &params)], &roots(&[&root])).err()
    };
    for usages in [vec![ServerAuth], vec![ServerAuth, ClientAuth], vec![reader()]] {
        assert_eq!(verdict(usages), Some(ChainError::ExtendedUsage));
    }
    for usages in [vec![], vec![ServerAuth, Other(vec![1, 3, 6, 1, 5, 5, 7, 3, 36])]] {
        assert_eq!(verdict(usages), None);
    }
}

#[test]
fn a_purpose_asks_for_its_extended_usage() {
    let ours = Purpose::SignerWith("1.3.6.1.5.5.7.3.30".parse().unwrap());
    for (purpose, oid) in [
        (Purpose::DocumentSigner, &[1, 0, 18013, 5, 1, 2][..]),
        (Purpose::Reader, &[1, 0, 18013, 5, 1, 6]),
        (ours, &[1, 3, 6, 1, 5, 5, 7, 3, 30]),
    ] {
        let root = root();
        let verdict = |usages: Vec<ExtendedKeyUsagePurpose>| {
            let mut params = of_leaf();
            params.extended_key_usages = usages;
            check_for(&purpose, &[leaf(&root, &params)], &roots(&[&root])).err()
        };
        assert_eq!(verdict(vec![other(oid)]), None);
        assert_eq!(verdict(vec![ExtendedKeyUsagePurpose::ServerAuth, other(oid)]), None);
        for usages in [
            vec![],
            vec![ExtendedKeyUsagePurpose::ServerAuth],
            vec![ExtendedKeyUsagePurpose::Any],
            vec![other(&[1, 0, 18013, 5, 1, 20])],
            vec![other(&oid[..5])],
        ] {
            assert_eq!(verdict(usages), Some(ChainError::ExtendedUsage));
        }
    }
    assert!("1.3.x".parse::<sinpyo_x509::ExtendedUsage>().is_err());
}

/// An authority that lists extended usages may issue for those only.
#[test]
fn an_authority_that_lists_usages_is_held_to_them() {
    let root = root();
    let oid = [1, 0, 18013, 5, 1, 2];
    for (usages, allowed) in [
        (vec![], true),
        (vec![other(&oid)], true),
        (vec![ExtendedKeyUsagePurpose::Any], true),
        (vec![ExtendedKeyUsagePurpose::ServerAuth], false),
    ] {
        let mut params = of_authority("middle");
        params.extended_key_usages = usages;
        let middle = below(&root, params);
        let chain = [leaf(&middle, &of_leaf()), der(&middle)];
        let verdict = check_for(&Purpose::DocumentSigner, &chain, &roots(&[&root]));
        assert_eq!(verdict.err(), (!allowed).then_some(ChainError::ExtendedUsage));
        check(&chain, &roots(&[&root])).unwrap();
    }
}

#[test]
fn a_leaf_that_may_not_sign_is_refused() {
    for usages in [vec![KeyUsagePurpose::KeyAgreement], vec![KeyUsagePurpose::ContentCommitment]] {
        let error = refused(&Purpose::Signer, |params| params.key_usages = usages);
        assert_eq!(error, ChainError::KeyUsage);
    }
    let (root, mut silent) = (root(), of_leaf());
    silent.key_usages.clear();
    check(&[leaf(&root, &silent)], &roots(&[&root])).unwrap();
}

#[test]
fn a_certified_key_without_an_algorithm_is_refused() {
    let root = root();
    let certify = |pair: &KeyPair| {
        let certificate = of_leaf().signed_by(pair, &root).unwrap();
        check(&[certificate.der().to_vec()], &roots(&[&root])).map(|leaf| leaf.key().algorithm())
    };
    assert_eq!(certify(&key(&PKCS_ECDSA_P256_SHA256)).unwrap(), Algorithm::Es256);
    assert_eq!(certify(&key(&PKCS_ECDSA_P384_SHA384)).unwrap(), Algorithm::Es384);
    assert_eq!(certify(&key(&PKCS_ED25519)).unwrap(), Algorithm::Ed25519);
    let rsa = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
    assert_eq!(certify(&rsa).unwrap_err().code(), "X5C-14");
}

/// OVP-23 of the catalogue of attacks.
#[test]
fn a_common_name_and_a_wildcard_name_no_host() {
    let root = root();
    let names = |alternative: Vec<SanType>| {
        let mut params = of_leaf();
        params.distinguished_name = name("common.example");
        params.subject_alt_names = alternative;
        check(&[leaf(&root, &params)], &roots(&[&root])).unwrap().dns_names().to_vec()
    };
    assert!(names(vec![]).is_empty());
    assert!(names(vec![dns("*.example")]).is_empty());
    assert_eq!(names(vec![dns("*.example"), dns("A.Example"), dns("b.example")]), ["a.example", "b.example"]);
}

#[test]
fn a_document_signer_has_the_country_of_its_root() {
    let country = |code: &str| DnValue::PrintableString(code.try_into().unwrap());
    let abroad = refused(&Purpose::DocumentSigner, |params| {
        params.distinguished_name.push(DnType::CountryName, country("JP"));
    });
    assert_eq!(abroad, ChainError::Country);
    let nowhere = refused(&Purpose::DocumentSigner, |params| {
        params.distinguished_name.remove(DnType::CountryName);
    });
    assert_eq!(nowhere, ChainError::Country);
    // For other purposes the country says nothing.
    let (root, mut params) = (root(), of_leaf());
    params.distinguished_name.push(DnType::CountryName, country("JP"));
    assert_eq!(check(&[leaf(&root, &params)], &roots(&[&root])).unwrap().country(), Some("JP"));
}

fn list(issuer: &authority::Authority, next_update: i32, serials: &[u64]) -> Vec<u8> {
    let revoked = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2026, 6, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 12, 1),
        next_update: date_time_ymd(next_update, 1, 2),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: serials.iter().map(revoked).collect(),
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}

#[test]
fn revocation_lists_decide_where_they_are_given() {
    let (root, namesake) = (root(), root());
    let mut params = of_authority("middle");
    params.serial_number = Some(SerialNumber::from(8_u64));
    let middle = below(&root, params);
    let mut params = of_leaf();
    params.serial_number = Some(SerialNumber::from(7_u64));
    let chain = [leaf(&middle, &params), der(&middle)];
    let verdict =
        |lists: &[Vec<u8>]| check(&chain, &roots(&[&root]).with_revocation_lists(lists).unwrap()).err();
    assert_eq!(verdict(&[]), None);
    assert_eq!(verdict(&[list(&root, 2027, &[]), list(&middle, 2027, &[8])]), None);
    assert_eq!(verdict(&[list(&root, 2027, &[7]), list(&middle, 2027, &[7])]), Some(ChainError::Revoked));
    assert_eq!(verdict(&[list(&root, 2027, &[8]), list(&middle, 2027, &[])]), Some(ChainError::Revoked));
    // No list, an old list and a list of somebody else say nothing, and nothing is not good enough.
    let unknown = Some(ChainError::RevocationUnknown);
    assert_eq!(verdict(&[list(&root, 2027, &[])]), unknown);
    assert_eq!(verdict(&[list(&middle, 2027, &[])]), unknown);
    assert_eq!(verdict(&[list(&namesake, 2027, &[]), list(&middle, 2027, &[])]), unknown);
    let error = roots(&[&root]).with_revocation_lists([b"no list"]).unwrap_err();
    assert_eq!((error, error.code()), (RootError::RevocationList, "X5C-18"));
}

#[test]
fn an_old_revocation_list_says_nothing() {
    let root = root();
    let chain = [leaf(&root, &of_leaf())];
    let trusted = |list: Vec<u8>| -> Roots { roots(&[&root]).with_revocation_lists([list]).unwrap() };
    check(&chain, &trusted(list(&root, 2027, &[]))).unwrap();
    let later = sinpyo_x509::Chain::from_x5chain(&chain).unwrap().verify(
        &trusted(list(&root, 2027, &[])),
        now().plus(std::time::Duration::from_hours(48)),
        &Purpose::Signer,
    );
    assert_eq!(later.unwrap_err(), ChainError::RevocationUnknown);
}
