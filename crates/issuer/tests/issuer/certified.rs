//! Issuing with a certificate: SD-JWT VCs, mobile documents and status lists.

use crate::world::{NOW, at, disclosures, identity, key, object};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SignatureAlgorithm,
    date_time_ymd,
};
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder},
    document::VerificationRelationship::{AssertionMethod, Authentication},
    encoding::from_base64url,
    resolved::Resolved,
    status::{CredentialStatus, StatusEntry, StatusList, StatusPurpose},
    time::Timestamp,
};
use sinpyo_cose::cbor;
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_issuer::{
    Allocated, Cadence, Catalogue, Certified, Format, IssueError, Issued, Issuer, IssuerOptions, ListForm,
    ListSeries, Order, Profile, Recipient, StatusBook, StatusCommand,
};
use sinpyo_mdoc::{ElementName, IssuerSigned, IssuerTrust, VerifiedMdoc};
use sinpyo_proof::{KeyRing, Unverified, mdoc::credential_of};
use sinpyo_testkit::TestEntropy;
use sinpyo_x509::{Roots, SigningChain};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

const URL: &str = "https://issuer.example/licences";
const DID: &str = "did:web:issuer.example";
const SPACE: &str = "kr.sinpyo.social-worker-licence.1";

/// The public half of a key of ours, to be certified.
struct Point(Vec<u8>);

impl PublicKeyData for Point {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

fn named(common: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, DnValue::PrintableString("KR".try_into().unwrap()));
    params.distinguished_name.push(DnType::CommonName, common);
    params.not_before = date_time_ymd(2026, 7, 1);
    params.not_after = date_time_ymd(2027, 7, 1);
    params
}

/// A root, and a chain of a document signer for `key` in the name of `uri`.
fn certificates(key: &VerifyingKey, uri: &str) -> (Arc<Roots>, SigningChain) {
    let mut authority = named("root");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut leaf = named("signer");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![1, 0, 18013, 5, 1, 2])];
    leaf.subject_alt_names = vec![SanType::URI(uri.try_into().unwrap())];
    leaf.use_authority_key_identifier_extension = true;
    let leaf = leaf.signed_by(&Point(key.to_sec1().unwrap()), &root).unwrap();
    let chain = SigningChain::new(vec![leaf.der().to_vec()], key).unwrap();
    (Arc::new(Roots::new([root.der()]).unwrap()), chain)
}

struct Desk {
    issuer: Issuer<KeySigner>,
    roots: Arc<Roots>,
    own: Resolved,
    catalogue: Catalogue,
    entropy: TestEntropy,
}

impl Desk {
    fn new(format: Format, whom: &str) -> Self {
        let (signer, own) = identity(Algorithm::Es256, &[AssertionMethod]);
        let (roots, chain) = certificates(signer.key().verifying_key(), whom);
        let whom = if whom == DID { Certified::Did(&own) } else { Certified::Url(whom) };
        let options = IssuerOptions { format, ..IssuerOptions::default() };
        let issuer = Issuer::certified(signer, chain, whom, options).unwrap();
        let (catalogue, entropy) = (Catalogue::bundled().unwrap(), TestEntropy::new(5));
        Self { issuer, roots, own, catalogue, entropy }
    }

    fn recipient(profile: &Profile, number: u64) -> Recipient {
        let holder = Holder::Key(key(1000 + number, Algorithm::Es256).verifying_key().to_jwk());
        Recipient { holder, status: series(profile).status(Allocated { list: 0, index: number }) }
    }

    fn issue_at(&mut self, id: &str, claims: Value, now: Timestamp) -> Result<Issued, IssueError> {
        let profile = self.catalogue.by_id(id).unwrap().clone();
        let recipient = Self::recipient(&profile, 7);
        let order = Order { profile: &profile, claims: &object(claims), until: None };
        self.issuer.issue(&order, &recipient, now, &mut self.entropy)
    }

    fn issue(&mut self, id: &str, claims: Value) -> Result<Issued, IssueError> {
        self.issue_at(id, claims, at(NOW))
    }

    fn trusting(&self) -> KeyRing {
        let mut keys = KeyRing::new();
        keys.trust_certificates(Arc::clone(&self.roots));
        keys
    }

    fn mdoc(&self, issued: &Issued) -> VerifiedMdoc {
        let mdoc = IssuerSigned::parse(&from_base64url(&issued.wire).unwrap()).unwrap();
        mdoc.verify(IssuerTrust::Roots(&self.roots), at(NOW)).unwrap()
    }
}

fn series(profile: &Profile) -> ListSeries {
    ListSeries::new("https://issuer.example/status", ListForm::Token, profile.status(), 131_072).unwrap()
}

fn licence() -> Value {
    json!({"grade": "1", "licence_number": "2026-117", "acquired_on": "2020-02-29", "family_name": "김",
        "given_name": "한별", "holds_valid_licence": true})
}

fn read(wire: &str, keys: &KeyRing) -> Result<Credential, &'static str> {
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
    arrived.verify(keys, at(NOW)).map(sinpyo_proof::Verified::into_inner).map_err(|error| error.code())
}

#[test]
fn a_certified_issuer_is_believed_by_its_certificate() {
    let mut desk = Desk::new(Format::SdJwtVc, URL);
    assert_eq!((desk.issuer.name(), desk.issuer.did()), (URL, None));
    let issued = desk.issue("K04", licence()).unwrap();
    let credential = read(&issued.wire, &desk.trusting()).unwrap();
    assert_eq!((credential.issuer(), &credential.claims()["grade"]), (URL, &json!("1")));
    assert_eq!(read(&issued.wire, &KeyRing::of(&desk.own)).unwrap_err(), "JWS-07");
    let strangers = Desk::new(Format::SdJwtVc, URL).trusting();
    assert!(read(&issued.wire, &strangers).unwrap_err().starts_with("X5C"));
}

/// [SD-JWT VC §3.5] `x5c` for a URL, `kid` for a DID, never both: readers of `x5c` refuse a DID in `iss`.
#[test]
fn an_issuer_is_found_in_one_way() {
    let mut desk = Desk::new(Format::SdJwtVc, DID);
    let issued = desk.issue("K04", licence()).unwrap();
    let header = header(&issued.wire);
    assert!(header.get("x5c").is_none() && header["kid"].as_str().unwrap().starts_with(DID), "{header}");
    assert_eq!(read(&issued.wire, &KeyRing::of(&desk.own)).unwrap().issuer(), DID);
    assert_eq!(read(&issued.wire, &desk.trusting()).unwrap_err(), "JWS-16");
    // What brings no certificate does not end with one.
    assert!(desk.issue_at("K04", licence(), at("2027-07-01T00:00:01Z")).is_ok());
    let mut desk = Desk::new(Format::SdJwtVc, URL);
    let header = self::header(&desk.issue("K04", licence()).unwrap().wire);
    assert!(header.get("kid").is_none() && header["x5c"].is_array(), "{header}");
}

fn header(wire: &str) -> Value {
    serde_json::from_slice(&from_base64url(wire.split('.').next().unwrap()).unwrap()).unwrap()
}

#[test]
fn a_certificate_that_is_not_the_issuers_makes_no_issuer() {
    let verdict = |uri: &str, whom: &dyn Fn(&Resolved) -> Option<String>, format: Format, usable: bool| {
        let relationship = if usable { AssertionMethod } else { Authentication };
        let (signer, own) = identity(Algorithm::Es256, &[relationship]);
        let (_, chain) = certificates(signer.key().verifying_key(), uri);
        let url = whom(&own);
        let whom = url.as_deref().map_or(Certified::Did(&own), Certified::Url);
        let options = IssuerOptions { format, ..IssuerOptions::default() };
        Issuer::certified(signer, chain, whom, options).map(drop).map_err(|error| error.code())
    };
    let url = |text: &'static str| move |_: &Resolved| Some(text.to_owned());
    let did = |_: &Resolved| None;
    assert_eq!(verdict(URL, &url(URL), Format::Mdoc, true), Ok(()));
    assert_eq!(verdict(DID, &did, Format::Mdoc, true), Ok(()));
    assert_eq!(verdict(URL, &url("https://issuer.example/other"), Format::Mdoc, true), Err("ISS-28"));
    assert_eq!(
        verdict("http://issuer.example", &url("http://issuer.example"), Format::Mdoc, true),
        Err("ISS-28")
    );
    assert_eq!(verdict(URL, &did, Format::Mdoc, true), Err("ISS-28"));
    assert_eq!(verdict(DID, &did, Format::Mdoc, false), Err("ISS-09"));
    // W3C credentials need a DID, and have it here.
    for format in [Format::VcJwt, Format::DataIntegrity, Format::DataIntegrityStatements] {
        assert_eq!(verdict(URL, &url(URL), format, true), Err("ISS-29"));
        assert_eq!(verdict(DID, &did, format, true), Ok(()));
    }
    // A mobile document needs a certificate.
    let (signer, own) = identity(Algorithm::Es256, &[AssertionMethod]);
    let options = IssuerOptions { format: Format::Mdoc, ..IssuerOptions::default() };
    assert_eq!(Issuer::new(signer, &own, options).unwrap_err().code(), "ISS-29");
    // The certificate of another key of the same name.
    let (signer, own) = identity(Algorithm::Es256, &[AssertionMethod]);
    let (_, chain) = certificates(key(2, Algorithm::Es256).verifying_key(), DID);
    let foreign = Issuer::certified(signer, chain, Certified::Did(&own), IssuerOptions::default());
    assert_eq!(foreign.unwrap_err().code(), "ISS-28");
}

#[test]
fn a_mobile_document_states_what_was_ordered() {
    let mut desk = Desk::new(Format::Mdoc, URL);
    let issued = desk.issue("K04", licence()).unwrap();
    assert_eq!(issued.to_json(), issued.wire);
    let mdoc = desk.mdoc(&issued);
    assert_eq!(mdoc.doc_type(), SPACE);
    let element = |identifier| mdoc.get(ElementName { namespace: SPACE, identifier });
    assert_eq!(element("family_name"), Some(&cbor::Value::from("김")));
    // Called as ISO 18013-5 calls it, and a day as it writes days.
    assert_eq!(element("document_number"), Some(&cbor::Value::from("2026-117")));
    let day = cbor::Value::Tag(1004, Box::new(cbor::Value::from("2020-02-29")));
    assert_eq!(element("issue_date"), Some(&day));
    assert_eq!(element("holds_valid_licence"), Some(&cbor::Value::Bool(true)));
    assert_eq!((element("licence_number"), element("specialty")), (None, None));
    assert_eq!(mdoc.device_key(), key(1007, Algorithm::Es256).verifying_key());
    // Rounded to the hour, and never before the certificate.
    assert_eq!(mdoc.validity().signed, at("2026-07-01T03:00:00Z"));
    assert_eq!(mdoc.validity().until, at("2027-07-01T02:59:59Z"));
    let credential = credential_of(&mdoc).unwrap().into_inner();
    let status = StatusEntry::Token { list: "https://issuer.example/status/0".into(), index: 7 };
    assert_eq!(credential.status(), [status]);
    assert_eq!(credential.claims()[SPACE]["issue_date"], "2020-02-29");
    let strangers = Desk::new(Format::Mdoc, URL);
    let again = IssuerSigned::parse(&from_base64url(&issued.wire).unwrap()).unwrap();
    assert!(again.verify(IssuerTrust::Roots(&strangers.roots), at(NOW)).is_err());
}

#[test]
fn held_claims_of_a_mobile_document_are_named_by_their_elements() {
    let mut desk = Desk::new(Format::Mdoc, URL);
    let issued = desk.issue("K01", json!({"family_name": "김", "birth_date": "2000-01-01"})).unwrap();
    assert_eq!(issued.held, [ClaimPath::name("kr.sinpyo.resident.1").member("birth_date")]);
}

#[test]
fn a_profile_without_the_form_makes_no_mobile_document() {
    let mut desk = Desk::new(Format::Mdoc, URL);
    let refused = |result: Result<Issued, IssueError>| result.unwrap_err().code();
    assert_eq!(refused(desk.issue("K13", json!({}))), "ISS-30");
    // Bound to no key, or to a DID.
    let profile = desk.catalogue.by_id("K04").unwrap().clone();
    for holder in [Holder::Bearer, Holder::Did("did:x:holder".parse().unwrap())] {
        let recipient = Recipient { holder, ..Desk::recipient(&profile, 7) };
        let order = Order { profile: &profile, claims: &object(licence()), until: None };
        let issued = desk.issuer.issue(&order, &recipient, at(NOW), &mut desk.entropy);
        assert_eq!(refused(issued), "ISS-14");
    }
    // A status that the format cannot say.
    let bitstring = StatusEntry::Bitstring {
        list: "https://issuer.example/status/0".into(),
        index: 7,
        purpose: StatusPurpose::Revocation,
        messages: None,
    };
    let recipient = Recipient { status: vec![bitstring], ..Desk::recipient(&profile, 7) };
    let order = Order { profile: &profile, claims: &object(licence()), until: None };
    assert_eq!(refused(desk.issuer.issue(&order, &recipient, at(NOW), &mut desk.entropy)), "ISS-13");
}

#[test]
fn nothing_is_issued_before_or_after_the_certificate_holds() {
    for format in [Format::SdJwtVc, Format::Mdoc] {
        let mut desk = Desk::new(format, URL);
        let mut verdict =
            |now: &str| desk.issue_at("K04", licence(), at(now)).map(drop).map_err(|error| error.code());
        assert_eq!(verdict("2026-06-30T23:58:00Z"), Err("ISS-11"));
        assert_eq!(verdict("2026-07-01T00:00:00Z"), Ok(()));
        assert_eq!(verdict("2027-07-01T00:00:00Z"), Ok(()));
        assert_eq!(verdict("2027-07-01T00:00:01Z"), Err("ISS-31"));
    }
}

/// [VCI-CRS-04] Whoever compares copies finds nothing but the claims.
#[test]
fn copies_have_nothing_in_common_but_what_they_state() {
    for format in [Format::SdJwtVc, Format::Mdoc] {
        let mut desk = Desk::new(format, URL);
        let profile = desk.catalogue.by_id("K04").unwrap().clone();
        let recipients: Vec<Recipient> = (0..4).map(|number| Desk::recipient(&profile, number)).collect();
        let order = Order { profile: &profile, claims: &object(licence()), until: None };
        let issued = desk.issuer.issue_batch(&order, &recipients, at(NOW), &mut desk.entropy).unwrap();
        let mut seen = BTreeSet::new();
        for issued in &issued {
            // Salts and random parts: 22 characters of base64url, or 32 bytes.
            let marks: Vec<String> = match format {
                Format::SdJwtVc => {
                    disclosures(&issued.wire).iter().map(|disclosure| disclosure[0].to_string()).collect()
                }
                _ => randoms(&issued.wire),
            };
            assert_eq!(marks.len(), 6);
            assert!(marks.into_iter().all(|mark| seen.insert(mark)), "{format:?}");
        }
        if format == Format::Mdoc {
            let documents: Vec<_> = issued.iter().map(|issued| desk.mdoc(issued)).collect();
            assert!(documents.iter().all(|mdoc| mdoc.validity() == documents[0].validity()));
        }
        // Two for one key, or with one entry, are linked.
        for linked in [
            vec![
                recipients[0].clone(),
                Recipient { holder: recipients[0].holder.clone(), ..recipients[1].clone() },
            ],
            vec![
                recipients[0].clone(),
                Recipient { status: recipients[0].status.clone(), ..recipients[1].clone() },
            ],
        ] {
            let refused = desk.issuer.issue_batch(&order, &linked, at(NOW), &mut desk.entropy).unwrap_err();
            assert_eq!(refused.code(), "ISS-15");
        }
    }
}

/// The random parts of the elements of an mdoc.
fn randoms(wire: &str) -> Vec<String> {
    let item = |item: &cbor::Value| {
        let cbor::Value::Tag(24, bytes) = item else { panic!("{item:?}") };
        let cbor::Value::Bytes(bytes) = &**bytes else { panic!("{bytes:?}") };
        let item = cbor::Value::parse_as(bytes, cbor::Form::AnyOrder).unwrap();
        format!("{:?}", item.as_map().unwrap().get_text("random").unwrap())
    };
    let wire = cbor::Value::parse_as(&from_base64url(wire).unwrap(), cbor::Form::AnyOrder).unwrap();
    let spaces = wire.as_map().unwrap().get_text("nameSpaces").unwrap().as_map().unwrap();
    spaces.get_text(SPACE).unwrap().as_array().unwrap().iter().map(item).collect()
}

#[test]
fn status_lists_of_a_certified_issuer_bring_its_certificate() {
    let desk = Desk::new(Format::Mdoc, URL);
    let profile = desk.catalogue.by_id("K04").unwrap();
    let mut book = StatusBook::new(series(profile), 0).unwrap();
    for command in [
        StatusCommand::Allocate { index: 7 },
        StatusCommand::Set { index: 7, status: CredentialStatus::Revoked },
    ] {
        for event in book.decide(command).unwrap() {
            book.apply(&event).unwrap();
        }
    }
    let cadence = Cadence { ttl: Duration::from_hours(12), lifetime: Duration::from_hours(48) };
    let lists = desk.issuer.publish(&book, cadence, at(NOW)).unwrap();
    let (uri, cwt) = desk.issuer.publish_cwt(&book, cadence, at(NOW)).unwrap();
    assert_eq!(uri, lists[0].uri);
    let entry = StatusEntry::Token { list: uri, index: 8 };
    for wire in [lists[0].wire.as_bytes(), cwt.as_slice()] {
        let read = |keys: &KeyRing| {
            let arrived = Unverified::<StatusList>::parse(wire).unwrap();
            arrived.verify(&entry, keys, at(NOW)).map_err(|error| error.code())
        };
        let list = read(&desk.trusting()).unwrap();
        assert_eq!(list.publisher().as_str(), URL);
        assert_eq!(list.status(7).unwrap(), CredentialStatus::Revoked);
        assert_eq!(list.status(8).unwrap(), CredentialStatus::Valid);
        assert_eq!(read(&KeyRing::of(&desk.own)).unwrap_err(), "JWS-07");
    }
}
