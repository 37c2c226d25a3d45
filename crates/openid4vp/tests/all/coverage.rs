//! What the specification demands and the tests of whole flows do not show by themselves.

use crate::world::{DID, World, members, now, query, same_device};
use serde_json::{Map, Value, json};
use sinpyo_dcql::Query;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_openid4vp::{
    DigitalProtocol, DigitalRequest, Request, Transport,
    verifier::{Order, Profile},
    wallet::{Asked, RequestRefused, receive_digital},
};

const ORIGIN: &str = "https://shop.example";

/// For `ORIGIN`, with one signature, by the DID of the world.
fn multi_signed(world: &World, claims: &Value) -> Result<Asked, RequestRefused> {
    let mut header = JwtHeader::new(Typ::REQUEST, KeyHint::Kid("did:web:verifier.example#key-1"));
    header.members.insert("client_id".to_owned(), format!("decentralized_identifier:{DID}").into());
    let signer = &world.signer;
    let token = sign(header, &members(claims.clone()), (signer, signer.key().verifying_key())).unwrap();
    let [protected, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let data = json!({ "request": {
        "payload": payload, "signatures": [{ "protected": protected, "signature": signature }],
    } });
    let request = DigitalRequest { protocol: DigitalProtocol::MultiSigned, data: members(data) };
    receive_digital(request, ORIGIN, &world.trust(), now())
}

fn asking() -> Value {
    json!({
        "response_type": "vp_token", "response_mode": "dc_api", "nonce": "n-0S6_WzA2Mj",
        "dcql_query": query().to_json(), "expected_origins": [ORIGIN],
    })
}

#[test]
fn names_in_the_payload_of_several_signatures_are_refused() {
    let world = World::new();
    let asked = multi_signed(&world, &asking()).unwrap();
    assert_eq!(asked.request().nonce, "n-0S6_WzA2Mj");
    for (name, value) in [
        ("client_id", json!(format!("decentralized_identifier:{DID}"))),
        ("verifier_info", json!([{ "format": "jwt", "data": "e30" }])),
    ] {
        let mut claims = asking();
        claims[name] = value;
        let refused = multi_signed(&world, &claims).unwrap_err();
        assert_eq!(refused.code(), RequestRefused::Protocol.code(), "{name}");
    }
}

fn of_format(format: &str, meta: &Value) -> Query {
    Query::from_json(&json!({ "credentials": [{ "id": "a", "format": format, "meta": meta }] })).unwrap()
}

/// What becomes of an order under HAIP.
fn ordered(query: Query) -> Result<(), &'static str> {
    let mut world = World::new();
    world.settings.profile = Profile::Haip;
    let order = Order::new(query, same_device());
    world
        .run(|verifier, entropy| verifier.open(&order, now(), entropy))
        .map(drop)
        .map_err(|error| error.code())
}

#[test]
fn sd_jwt_vcs_and_mdocs_are_asked_for_under_haip() {
    assert_eq!(
        ordered(of_format("dc+sd-jwt", &json!({ "vct_values": ["https://post.example/pid"] }))),
        Ok(())
    );
    let licence = json!({ "doctype_value": "org.iso.18013.5.1.mDL" });
    assert_eq!(ordered(of_format("mso_mdoc", &licence)), Ok(()));
}

#[test]
fn other_formats_are_not_asked_for_under_haip() {
    let types = json!({ "type_values": [["https://e.example/A"]] });
    for format in ["ldp_vc", "jwt_vc_json", "vc+sd-jwt"] {
        assert_eq!(ordered(of_format(format, &types)), Err("HAI-05"), "{format}");
    }
}

fn parameters(more: &[(&str, Value)]) -> Map<String, Value> {
    let mut all = members(asking());
    all.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    all
}

#[test]
fn unknown_parameters_of_a_request_are_passed_over() {
    let read = |more: &[(&str, Value)]| Request::from_json(&parameters(more), Transport::Https).unwrap();
    let more = [("x", json!({ "y": [null] })), ("client_metadata", json!({ "x": 1 }))];
    assert_eq!(read(&more), read(&[("client_metadata", json!({}))]));
}
