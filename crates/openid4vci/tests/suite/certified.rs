//! Signers that are known by their certificates: of metadata, of key attestations, of proofs.

use crate::world::{ISSUER, World, assert_issued, assert_refused, at, attested, holder, proof};
use http::Response;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SignatureAlgorithm, date_time_ymd,
};
use serde_json::{Map, Value, json};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    issuer::MetadataSigner,
    offer::{Offer, OfferLink},
    wallet::{Discovery, MetadataTrust},
};
use sinpyo_testkit::key;
use sinpyo_x509::Roots;
use std::sync::Arc;

/// One of our keys, as a certificate's.
struct Certified(Vec<u8>);

impl PublicKeyData for Certified {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_ECDSA_P256_SHA256
    }
}

/// A root, and the chain of a certificate that it issued for the key of `signer`.
fn chain(signer: &KeySigner) -> (Arc<Roots>, Vec<Vec<u8>>) {
    let params = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2028, 1, 1));
        params
    };
    let mut root = params("root");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap());
    let root = root.unwrap();
    let mut leaf = params("signer");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.subject_alt_names = vec![rcgen::SanType::DnsName("issuer.example".try_into().unwrap())];
    let public = signer.key().verifying_key().to_sec1().unwrap();
    let leaf = leaf.signed_by(&Certified(public), &root).unwrap();
    (Arc::new(Roots::new([root.der()]).unwrap()), vec![leaf.der().to_vec()])
}

fn signer() -> KeySigner {
    KeySigner::new("did:x:signer#1".parse().unwrap(), key(Algorithm::Es256, 230))
}

/// What a wallet that trusts `roots` makes of the signed metadata that `change` was done to.
fn discover(
    roots: Arc<Roots>,
    chain: &[Vec<u8>],
    seconds: i64,
    change: impl FnOnce(&mut Response<Vec<u8>>),
) -> Result<(), &'static str> {
    let world = World::new();
    let signer = signer();
    let offer = json!({ "credential_issuer": ISSUER, "credential_configuration_ids": ["resident"] });
    let offer = Offer::parse(offer.to_string().as_bytes(), Transport::Https).unwrap();
    let discovery = Discovery::new(OfferLink::Inline(offer), Transport::Https);
    let mut discovery = discovery.trusting(MetadataTrust::Signer(roots));
    let (parts, body) = discovery.request().unwrap().into_parts();
    let mut issuer = world.issuer();
    let hint = KeyHint::X5c(chain);
    issuer.signer = Some(MetadataSigner { signer: &signer, key: signer.key().verifying_key(), hint });
    let mut response = issuer.answer(&parts, &body, at(0), &mut world.entropy()).unwrap();
    assert_eq!(response.headers()["content-type"], "application/jwt");
    change(&mut response);
    discovery.supply(&response, at(seconds)).map_err(|error| error.code())
}

#[test]
fn signed_metadata_need_a_trusted_signer() {
    let (roots, chained) = chain(&signer());
    assert_eq!(discover(Arc::clone(&roots), &chained, 0, |_| ()), Ok(()));
    let (foreign, _) = chain(&signer());
    let code = discover(foreign, &chained, 0, |_| ()).unwrap_err();
    assert_eq!(code, "VCI-MET-04a");
    // Another key than the certificate's signed.
    let (others, of_another) = chain(&holder(1));
    assert_eq!(discover(others, &of_another, 0, |_| ()), Err("VCI-MET-04b"));
    assert_eq!(discover(Arc::clone(&roots), &chained, 86_400 + 61, |_| ()), Err("JWS-14"));
    let flipped = discover(Arc::clone(&roots), &chained, 0, |response| {
        let body = response.body_mut();
        let place = body.iter().position(|byte| *byte == b'.').unwrap() + 5;
        body[place] = if body[place] == b'A' { b'B' } else { b'A' };
    });
    assert!(flipped.is_err());
    let plain = discover(roots, &chained, 0, |response| {
        response.headers_mut().insert("content-type", "application/json".parse().unwrap());
    });
    assert_eq!(plain, Err("VCI-MET-04d"));
}

/// Whoever answers for the host leaves the signature out.
#[test]
fn unsigned_metadata_are_taken_only_where_that_is_enough() {
    let (roots, chained) = chain(&signer());
    let all = |trust: MetadataTrust, is_signed: bool| {
        let (world, signer) = (World::new(), signer());
        let offer = json!({ "credential_issuer": ISSUER, "credential_configuration_ids": ["resident"] });
        let offer = Offer::parse(offer.to_string().as_bytes(), Transport::Https).unwrap();
        let mut discovery = Discovery::new(OfferLink::Inline(offer), Transport::Https).trusting(trust);
        let mut issuer = world.issuer();
        let hint = KeyHint::X5c(&chained);
        let signing = MetadataSigner { signer: &signer, key: signer.key().verifying_key(), hint };
        issuer.signer = is_signed.then_some(signing);
        while let Some(request) = discovery.request() {
            let (parts, body) = request.into_parts();
            let response = issuer.answer(&parts, &body, at(0), &mut world.entropy()).unwrap();
            discovery.supply(&response, at(0)).map_err(|error| error.code())?;
        }
        Ok(discovery.proposal().unwrap().signed_by.is_some())
    };
    assert_eq!(all(MetadataTrust::Signer(Arc::clone(&roots)), true), Ok(true));
    assert_eq!(all(MetadataTrust::Signer(Arc::clone(&roots)), false), Err("VCI-MET-04d"));
    assert_eq!(all(MetadataTrust::SignerIfSigned(Arc::clone(&roots)), true), Ok(true));
    assert_eq!(all(MetadataTrust::SignerIfSigned(roots), false), Ok(false));
    assert_eq!(all(MetadataTrust::Host, false), Ok(false));
}

#[test]
fn signed_metadata_are_about_their_issuer() {
    let (roots, chained) = chain(&signer());
    let resigned = |typ: Typ, change: fn(&mut Map<String, Value>)| {
        discover(Arc::clone(&roots), &chained, 0, |response| {
            let text = str::from_utf8(response.body()).unwrap();
            let payload = sinpyo_core::encoding::from_base64url(text.split('.').nth(1).unwrap()).unwrap();
            let mut claims: Map<String, Value> = serde_json::from_slice(&payload).unwrap();
            change(&mut claims);
            let signer = signer();
            let header = JwtHeader::new(typ, KeyHint::X5c(&chained));
            let token = sign(header, &claims, (&signer, signer.key().verifying_key())).unwrap();
            *response.body_mut() = token.into_bytes();
        })
    };
    assert_eq!(resigned(Typ::ISSUER_METADATA, |_| ()), Ok(()));
    assert_eq!(resigned(Typ::JWT, |_| ()), Err("VCI-MET-04b"));
    let other =
        |claims: &mut Map<String, Value>| drop(claims.insert("sub".into(), json!("https://issuer.example")));
    assert_eq!(resigned(Typ::ISSUER_METADATA, other), Err("VCI-MET-04c"));
    assert_eq!(resigned(Typ::ISSUER_METADATA, |claims| drop(claims.remove("iat"))), Err("VCI-MET-04c"));
    let within = |claims: &mut Map<String, Value>| {
        claims.insert("credential_issuer".into(), json!("https://issuer.example"));
    };
    assert_eq!(resigned(Typ::ISSUER_METADATA, within), Err("VCI-MET-02"));
}

#[test]
fn keys_are_attested_by_certificate() {
    let maker = signer();
    let (roots, chained) = chain(&maker);
    let mut world = World::new();
    world.settings.attesters.roots = Some(roots);
    let ask = |ders: &[Vec<u8>]| {
        let claims = world.claims();
        let says = attested(&[1, 2], claims["nonce"].as_str());
        let header = JwtHeader::new(Typ::KEY_ATTESTATION, KeyHint::X5c(ders));
        let attestation = sign(header, &says, (&maker, maker.key().verifying_key())).unwrap();
        let proofs = json!({ "jwt": [proof(&claims, &holder(1), Some(&attestation))] });
        let request = json!({ "credential_configuration_id": "attested", "proofs": proofs });
        world.ask(&world.token("kim", &["attested"]), &request)
    };
    assert_issued(&ask(&chained), 2);
    let (_, foreign) = chain(&maker);
    assert_refused(&ask(&foreign), "invalid_proof", "VCI-PRF-04a");
}

#[test]
fn a_holder_with_a_certificate_proves_its_key() {
    let holder = signer();
    let (roots, chained) = chain(&holder);
    let mut world = World::new();
    let ask = |world: &World| {
        let header = JwtHeader::new(Typ::CREDENTIAL_PROOF, KeyHint::X5c(&chained));
        let token = sign(header, &world.claims(), (&holder, holder.key().verifying_key())).unwrap();
        let request = json!({ "credential_configuration_id": "resident", "proofs": { "jwt": [token] } });
        world.ask(&world.token("kim", &["resident"]), &request)
    };
    assert_refused(&ask(&world), "invalid_proof", "VCI-PRF-01c");
    world.settings.attesters.holders = Some(roots);
    assert_issued(&ask(&world), 1);
}
