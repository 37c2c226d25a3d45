//! Issuers that sign with certificates, as HAIP has it.

use crate::{
    fixture::*,
    issuer_key::{certified, dns},
};
use rcgen::SanType;
use sinpyo_core::{
    credential::{Credential, Holder, Validity},
    did::{Did, KeyId},
    encoding::from_base64,
    key::Signer,
    status::{BitOrder, CredentialStatus, StatusEntry, StatusList},
};
use sinpyo_proof::{
    KeyRing, Unverified, VerifiedStatusList,
    issuer_key::CertifiedSignatory,
    sd_jwt_vc,
    status_token::{Publication, Publisher, prepare_certified, prepare_cwt_certified},
};
use sinpyo_testkit::TestEntropy;
use sinpyo_x509::{Roots, SigningChain};
use std::sync::Arc;

const URL: &str = "https://issuer.example/tenant/1";
const DID: &str = "did:x:issuer";
const LIST: &str = "https://status.example/1";

fn uri(uri: &str) -> SanType {
    SanType::URI(uri.try_into().unwrap())
}

/// The issuer's key with a certificate for `names`, and a ring that trusts its root and knows no document.
fn issuer(names: Vec<SanType>) -> (SigningChain, Roots) {
    let (roots, x5c) = certified(names);
    let ders = x5c.iter().map(|text| from_base64(text).unwrap()).collect();
    (SigningChain::new(ders, Party::issuer().key()).unwrap(), roots)
}

fn trusting(roots: Roots) -> KeyRing {
    let mut ring = KeyRing::new();
    ring.trust_certificates(Arc::new(roots));
    ring
}

fn issue(chain: &SigningChain, named: &str, with_method: bool) -> Result<String, &'static str> {
    let party = Party::issuer();
    let credential = Credential::builder(KIND.parse().unwrap(), named)
        .holder(Holder::Key(Party::holder().key().to_jwk()))
        .valid(Validity { from: None, until: Some(later(1000)) })
        .claims(claims())
        .build();
    let key_id = with_method.then(|| party.signer.key_id());
    let signatory = CertifiedSignatory { chain, key_id };
    let prepared =
        sd_jwt_vc::prepare_certified(&credential, &concealment(&[]), signatory, &mut TestEntropy::new(1));
    Ok(prepared.map_err(|error| error.code())?.sign(&party.signer).unwrap())
}

fn read(wire: &str, keys: &KeyRing) -> Result<String, &'static str> {
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    let verified = arrived.verify(keys, now()).map_err(|error| error.code())?;
    Ok(verified.get().issuer().to_owned())
}

/// [HAI-06] Compact, `x5c` without the anchor, `cnf.jwk`, `exp`.
#[test]
fn a_certified_issuer_is_found_by_its_certificate() {
    for (names, issuer_name) in [(uri(URL), URL), (dns("issuer.example"), URL), (uri(DID), DID)] {
        let (chain, roots) = issuer(vec![names]);
        let wire = issue(&chain, issuer_name, issuer_name == DID).unwrap();
        let hint = Unverified::<Credential>::parse(wire.as_bytes()).unwrap().hint();
        assert_eq!(hint.claimed_issuer(), Some(issuer_name));
        let mut keys = trusting(roots);
        if issuer_name == DID {
            // By its document, though certificates are trusted; and by its certificate where that is its way.
            assert_eq!(read(&wire, &keys), Err("JWS-16"));
            assert_eq!(read(&wire, &Party::issuer().ring()), Ok(DID.to_owned()));
            let (_, foreign) = issuer(vec![uri(DID)]);
            keys.add_issuer(DID, sinpyo_proof::issuer_key::IssuerKeys::Certified(Arc::new(foreign)));
            assert_eq!(read(&wire, &keys).map_err(|code| &code[..3]), Err("X5C"));
        } else {
            assert_eq!(read(&wire, &keys), Ok(issuer_name.to_owned()));
            // Nobody trusts in certificates, or in this root.
            assert_eq!(read(&wire, &Party::issuer().ring()), Err("JWS-07"));
            let (_, foreign) = issuer(vec![uri(URL)]);
            assert_eq!(read(&wire, &trusting(foreign)).map_err(|code| &code[..3]), Err("X5C"));
        }
    }
}

#[test]
fn nobody_signs_in_a_name_that_its_certificate_lacks() {
    let (chain, _) = issuer(vec![uri(URL), uri(DID)]);
    assert_eq!(issue(&chain, "https://issuer.example/tenant/2", false), Err("VCJ-06"));
    assert_eq!(issue(&chain, "did:x:other", false), Err("VCJ-06"));
    // The method is that of the DID, or there is none.
    assert_eq!(issue(&chain, URL, true), Err("VCJ-06"));
    assert!(issue(&chain, URL, false).is_ok() && issue(&chain, DID, true).is_ok());
}

/// [SDV-02] Without `iss` the certificate says whose credential it is.
#[test]
fn an_issuer_that_names_itself_nowhere_is_its_certificates_subject() {
    let wire = |names: Vec<SanType>| {
        let (roots, x5c) = certified(names);
        let header = serde_json::json!({"alg": "ES256", "typ": "dc+sd-jwt", "x5c": x5c});
        let wire = token(&Party::issuer(), &header, &serde_json::json!({"vct": KIND})) + "~";
        (wire, trusting(roots))
    };
    let (named, keys) = wire(vec![dns("issuer.example"), uri(URL)]);
    assert_eq!(read(&named, &keys), Ok(URL.to_owned()));
    let (unnamed, keys) = wire(vec![]);
    assert!(read(&unnamed, &keys).unwrap().starts_with("x509_hash:"));
    // The way is the verifier's.
    assert_eq!(read(&named, &Party::issuer().ring()), Err("JWS-07"));
    let (_, others) = wire(vec![uri(URL)]);
    assert!(read(&named, &others).unwrap_err().starts_with("X5C"));
}

fn lists(chain: &SigningChain, publisher: &str) -> Result<[Vec<u8>; 2], &'static str> {
    lists_by((chain, None), publisher)
}

fn lists_by(
    (chain, key_id): (&SigningChain, Option<&KeyId>),
    publisher: &str,
) -> Result<[Vec<u8>; 2], &'static str> {
    let mut list = StatusList::new(1, BitOrder::LeastFirst, 64).unwrap();
    list.set(7, 1).unwrap();
    let publication =
        Publication { uri: LIST.to_owned(), issued_at: now(), expires: Some(later(100)), ttl: None };
    let signatory = CertifiedSignatory { chain, key_id };
    let jwt = prepare_certified(&list, &publication, publisher, signatory).map_err(|error| error.code())?;
    let cwt =
        prepare_cwt_certified(&list, &publication, publisher, signatory).map_err(|error| error.code())?;
    let signer = &Party::issuer().signer;
    Ok([jwt.sign(signer).unwrap().into_bytes(), cwt.sign(signer).unwrap().to_bytes()])
}

fn status(wire: &[u8], keys: &KeyRing) -> Result<VerifiedStatusList, &'static str> {
    let arrived = Unverified::<StatusList>::parse(wire).map_err(|error| error.code())?;
    let entry = StatusEntry::Token { list: LIST.to_owned(), index: 7 };
    arrived.verify(&entry, keys, now()).map_err(|error| error.code())
}

/// [HAI-06] The status token, too, has its certificate with it.
#[test]
fn a_certified_publisher_is_found_by_its_certificate() {
    let (chain, roots) = issuer(vec![uri(URL)]);
    let keys = trusting(roots);
    let (_, foreign) = issuer(vec![uri(URL)]);
    let foreign = trusting(foreign);
    for wire in lists(&chain, URL).unwrap() {
        let list = status(&wire, &keys).unwrap();
        assert_eq!(list.publisher(), &Publisher::Certified(URL.to_owned()));
        assert_eq!(list.status(7).unwrap(), CredentialStatus::Revoked);
        assert_eq!(list.status(8).unwrap(), CredentialStatus::Valid);
        assert!(status(&wire, &foreign).unwrap_err().starts_with("X5C"));
        assert_eq!(status(&wire, &Party::issuer().ring()).unwrap_err(), "JWS-07");
        for place in [wire.len() / 3, wire.len() - 10] {
            let mut changed = wire.clone();
            changed[place] ^= 1;
            assert!(status(&changed, &keys).is_err(), "{place}");
        }
    }
    assert_eq!(lists(&chain, "https://issuer.example/tenant/2").unwrap_err(), "VCJ-06");
}

/// The mdocs of an issuer are known by its certificate; their status list has its DID beside the certificate.
#[test]
fn a_publisher_whose_document_is_not_at_hand_is_found_by_its_certificate() {
    let party = Party::issuer();
    let (chain, roots) = issuer(vec![uri(DID)]);
    let keys = trusting(roots);
    let (_, foreign) = issuer(vec![uri(DID)]);
    let foreign = trusting(foreign);
    for wire in lists_by((&chain, Some(party.signer.key_id())), DID).unwrap() {
        let list = status(&wire, &keys).unwrap();
        assert_eq!(list.publisher(), &Publisher::Certified(DID.to_owned()));
        assert_eq!(list.status(7).unwrap(), CredentialStatus::Revoked);
        assert!(status(&wire, &foreign).unwrap_err().starts_with("X5C"));
        // Where the document is at hand, it has the word.
        let mut knowing = party.ring();
        knowing.trust_certificates(Arc::new(issuer(vec![uri(URL)]).1));
        assert_eq!(status(&wire, &knowing).unwrap().publisher(), &DID.parse::<Did>().unwrap());
        let mut changed = wire.clone();
        changed[wire.len() / 3] ^= 1;
        assert!(status(&changed, &keys).is_err());
    }
    // Another DID's name, with a certificate that does not have it.
    let (chain, roots) = issuer(vec![uri(URL)]);
    assert_eq!(lists_by((&chain, Some(party.signer.key_id())), DID).unwrap_err(), "VCJ-06");
    assert_eq!(status(&lists(&chain, URL).unwrap()[0], &trusting(roots)).unwrap().publisher().as_str(), URL);
}
