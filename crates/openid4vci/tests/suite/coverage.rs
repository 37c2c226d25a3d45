//! What the specification demands and the tests of whole flows do not show by themselves.

use crate::world::{ISSUER, World, assert_issued, at, parsed};
use http::Request;
use serde_json::{Value, json};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    configuration::Configuration,
    metadata::{IssuerMetadata, MAX_LENGTH},
    offer::{Offer, OfferError, PRE_AUTHORIZED},
    response::c_nonce,
};
use sinpyo_state::{Space, State};
use std::collections::BTreeSet;

const METADATA: &str = "https://issuer.example/.well-known/openid-credential-issuer/tenant";

fn published(world: &World) -> Vec<u8> {
    let request = Request::builder().uri(METADATA).body(Vec::new()).unwrap();
    world.send(request, at(0)).into_body()
}

fn read(world: &World, text: &[u8]) -> Result<IssuerMetadata, &'static str> {
    IssuerMetadata::parse(text, &world.settings.id, Transport::Https).map_err(|error| error.code())
}

fn offer(grants: &Value) -> Result<Offer, OfferError> {
    let offer = json!({
        "credential_issuer": ISSUER, "credential_configuration_ids": ["resident"], "grants": grants,
    });
    Offer::parse(offer.to_string().as_bytes(), Transport::Https)
}

#[test]
fn metadata_are_json_of_bounded_size() {
    let world = World::new();
    let mut text = published(&world);
    // White space counts, and changes nothing.
    text.resize(MAX_LENGTH, b' ');
    assert!(read(&world, &text).is_ok());
    text.push(b' ');
    assert_eq!(read(&world, &text).unwrap_err(), "VCI-MET-03");
    for other in [&b""[..], b"[]", b"<html>", b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA"] {
        assert_eq!(read(&world, other).unwrap_err(), "JSON-06");
    }
}

#[test]
fn unknown_members_of_offers_and_metadata_are_passed_over() {
    let world = World::new();
    let mut metadata: Value = serde_json::from_slice(&published(&world)).unwrap();
    let known = read(&world, metadata.to_string().as_bytes()).unwrap();
    metadata["x"] = json!({ "y": [null] });
    metadata["credential_configurations_supported"]["resident"]["x"] = json!(null);
    let read = read(&world, metadata.to_string().as_bytes()).unwrap();
    assert_eq!(read.configurations, known.configurations);

    let plain = offer(&json!({ PRE_AUTHORIZED: { "pre-authorized_code": "c" } })).unwrap();
    let more =
        json!({ PRE_AUTHORIZED: { "pre-authorized_code": "c", "x": 1 }, "urn:example:grant": { "y": 2 } });
    assert_eq!(offer(&more).unwrap().to_json(), plain.to_json());
}

#[test]
fn malformed_binding_is_refused() {
    let world = World::new();
    let metadata: Value = serde_json::from_slice(&published(&world)).unwrap();
    let good = &metadata["credential_configurations_supported"]["resident"];
    assert!(Configuration::parse(good.as_object().unwrap()).is_ok());
    for (member, bad) in [
        ("cryptographic_binding_methods_supported", json!(null)),
        ("cryptographic_binding_methods_supported", json!("jwk")),
        ("cryptographic_binding_methods_supported", json!([])),
        ("proof_types_supported", json!(null)),
        ("proof_types_supported", json!(["jwt"])),
        ("proof_types_supported", json!({ "jwt": null })),
        (
            "proof_types_supported",
            json!({ "jwt": { "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": null } }),
        ),
    ] {
        let mut one = good.clone();
        one[member] = bad;
        let refused = Configuration::parse(one.as_object().unwrap()).unwrap_err();
        assert_eq!(refused.code(), "VCI-MET-09", "{one}");
    }
}

#[test]
fn what_brings_no_nonce_is_refused() {
    assert_eq!(c_nonce(br#"{"c_nonce":"n","x":1}"#).unwrap(), "n");
    for bad in ["", "{}", "[]", r#"{"c_nonce":""}"#, r#"{"c_nonce":1}"#, r#"{"nonce":"n"}"#] {
        assert!(c_nonce(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(c_nonce(br#"{"c_nonce":"n","c_nonce":"m"}"#).is_err());
}

#[test]
fn an_issuer_state_that_is_no_text_is_refused() {
    let with = |state: Value| offer(&json!({ "authorization_code": { "issuer_state": state } }));
    let read = with(json!("s")).unwrap().grants.authorization_code.unwrap();
    assert_eq!(read.issuer_state.as_deref(), Some("s"));
    for bad in [json!(null), json!(1), json!(["s"]), json!({})] {
        assert_eq!(with(bad).unwrap_err().code(), "VCI-OFF-02");
    }
}

/// Scopes, a nonce endpoint, ES256, and both ways in which keys can be attested.
#[test]
fn what_haip_demands_is_published() {
    let world = World::new();
    let metadata: Value = serde_json::from_slice(&published(&world)).unwrap();
    assert_eq!(metadata["nonce_endpoint"], format!("{ISSUER}/nonce"));
    let all = metadata["credential_configurations_supported"].as_object().unwrap();
    assert!(!all.is_empty());
    for (id, one) in all {
        assert!(one["scope"].is_string(), "{id}");
        let Some(proofs) = one.get("proof_types_supported") else { continue };
        let of_jwt = proofs["jwt"]["proof_signing_alg_values_supported"].as_array().unwrap();
        assert!(of_jwt.contains(&json!("ES256")), "{id}");
    }
    let attested = &all["attested"]["proof_types_supported"];
    for name in ["jwt", "attestation"] {
        assert!(attested[name]["key_attestations_required"].is_object(), "{name}");
    }
    let server = Request::builder()
        .uri("https://issuer.example/.well-known/oauth-authorization-server/tenant")
        .body(Vec::new())
        .unwrap();
    let server = parsed(&world.send(server, at(0)));
    assert_eq!(server["issuer"], ISSUER);
}

/// VCI-25 of the catalogue of attacks: a flood of nonces takes no memory, and those that were given out before it stay
/// good.
#[test]
fn ten_thousand_nonces_are_kept_nowhere() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let before = world.jwt_proofs(&[1]);
    let spent = || world.state.page(Space::new("oauth.nonce"), None, 10, at(0)).unwrap().len();
    let nonces: BTreeSet<String> = (0..10_000).map(|_| world.c_nonce(at(0))).collect();
    assert_eq!((nonces.len(), spent()), (10_000, 0));
    let request = json!({ "credential_configuration_id": "resident", "proofs": before });
    assert_issued(&world.ask(&token, &request), 1);
    assert_eq!(spent(), 1, "only what was used is remembered");
}
