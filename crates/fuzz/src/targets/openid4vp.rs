//! `sinpyo-openid4vp`: requests, and what answers them.

use super::{OK, SKIPPED, dcql, jose::token, now, people, target, texts};
use crate::{Outcome, Target};
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_crypto::{
    Algorithm,
    aead::SealingKey,
    hash::{sha256, sha384, sha512},
};
use sinpyo_dcql::Query;
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_openid4vp::{
    ClientId, ClientMetadata, DigitalProtocol, DigitalRequest, Location, Request, SELF_ISSUED,
    TransactionDatum, TransactionType, TransactionTypes, Transport, VpToken, WalletErrorCode,
    verifier::{
        Asking, Confirmation, Flow, Handled, Lifetimes, Order, Profile, RequestUriMethod, Settings, Verifier,
    },
    wallet::{Asked, Invitation, Response, Trust, receive_digital},
};
use sinpyo_state::MemoryState;
use sinpyo_testkit::TestEntropy;
use sinpyo_web::form::percent_encoded;
use sinpyo_x509::Roots;
use std::{str, sync::LazyLock};

pub(super) const TARGETS: &[Target] = &[
    target("openid4vp/request", requests, read_request),
    target("openid4vp/invitation", links, invite),
    target("openid4vp/digital-request", digital, ask_digitally),
    target("openid4vp/client-metadata", client_metadata, read_client_metadata),
    target("openid4vp/location", locations, read_location),
    target("openid4vp/vp-token", vp_tokens, read_vp_token),
    target("openid4vp/transaction-data", transactions, read_transaction),
    target("openid4vp/transaction-type", transaction_types, read_transaction_type),
    target("openid4vp/response", responses, respond),
];

const VERIFIER: &str = "decentralized_identifier:did:x:issuer";
const ORIGIN: &str = "https://shop.example";

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn read_object(input: &[u8]) -> Option<Map<String, Value>> {
    sinpyo_core::json::parse_object(input).ok()
}

fn datum() -> String {
    to_base64url(json!({"type": "payment", "credential_ids": ["pid"], "amount": "1"}).to_string().as_bytes())
}

fn query() -> Value {
    json!({"credentials": [{"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]})
}

fn parameters() -> Value {
    let jwk = json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "use": "enc", "kid": "1",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    json!({"response_type": "vp_token", "response_mode": "direct_post.jwt", "client_id": VERIFIER, "aud": SELF_ISSUED,
        "response_uri": "https://verifier.example/r/1", "nonce": people::NONCE, "state": "s", "dcql_query": query(),
        "client_metadata": {"jwks": {"keys": [jwk]}, "encrypted_response_enc_values_supported": ["A256GCM"],
            "vp_formats_supported": {"dc+sd-jwt": {"sd-jwt_alg_values": ["ES256"]}}},
        "transaction_data": [datum()], "iat": now().unix(), "exp": now().unix() + 60,
        "verifier_info": [{"format": "service_code", "data": "post.login", "credential_ids": ["pid"]}]})
}

fn digital_parameters() -> Value {
    let mut parameters = parameters();
    parameters["response_mode"] = "dc_api.jwt".into();
    parameters["expected_origins"] = json!([ORIGIN]);
    let members = parameters.as_object_mut().expect("an object");
    members.remove("response_uri");
    members.remove("state");
    parameters
}

fn requests() -> Vec<Vec<u8>> {
    let mut all = parameters();
    all["dcql_query"] = dcql::example();
    [parameters(), digital_parameters(), all].iter().map(|one| one.to_string().into_bytes()).collect()
}

/// Requests are written and read again unchanged.
pub(crate) fn read_request(input: &[u8]) -> Outcome {
    let Some(members) = read_object(input) else { return SKIPPED };
    match Request::from_json(&members, Transport::Https) {
        Ok(request) => {
            let written = request.to_json();
            let again = Request::from_json(&written, Transport::Https);
            let again = again.unwrap_or_else(|error| panic!("written and refused: {} {error}", error.code()));
            assert_eq!(again.to_json(), written);
            OK
        }
        Err(error) => error.code(),
    }
}

fn signed(claims: Value) -> String {
    token(Typ::REQUEST, KeyHint::Kid("did:x:issuer#key-1"), Algorithm::Es256, &object(claims))
}

fn links() -> Vec<Vec<u8>> {
    let place = "https://verifier.example/r/1";
    let unsigned = [
        ("client_id", format!("redirect_uri:{place}")),
        ("response_type", "vp_token".to_owned()),
        ("response_mode", "direct_post".to_owned()),
        ("response_uri", place.to_owned()),
        ("nonce", people::NONCE.to_owned()),
        ("dcql_query", query().to_string()),
    ];
    let unsigned: Vec<String> =
        unsigned.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
    let mut links = texts(&[
        &format!("openid4vp://?{}", unsigned.join("&")),
        "openid4vp://?client_id=x509_hash:abc&request_uri=https%3A%2F%2Fv.example%2Fr&request_uri_method=post",
    ]);
    links.push(format!("haip-vp://?client_id={VERIFIER}&request={}", signed(parameters())).into_bytes());
    links
}

static DOCUMENTS: LazyLock<[sinpyo_core::resolved::Resolved; 1]> =
    LazyLock::new(|| [people::issuer_document()]);
static NO_ROOTS: LazyLock<Roots> = LazyLock::new(Roots::default);

fn trust() -> Trust<'static> {
    Trust { roots: &NO_ROOTS, documents: &*DOCUMENTS, attesters: &[], transport: Transport::Https }
}

/// What was signed is what is asked, and nothing is sent but to a public host over TLS.
pub(super) fn invite(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    match Invitation::parse(text, Transport::Https) {
        Ok(Invitation::Fetch(reference)) => {
            let (request, _) = reference.fetch(&Map::new(), &mut TestEntropy::new(1));
            assert_eq!(request.uri().scheme_str(), Some("https"));
            "reference"
        }
        Ok(Invitation::Unsigned(asked)) => {
            answer(&asked);
            OK
        }
        Ok(Invitation::Signed(signed)) => match signed.authenticate(&trust(), now()) {
            Ok(asked) => {
                let expected =
                    Request::from_json(&object(parameters()), Transport::Https).expect("our request");
                assert!(*asked.request() == expected, "a request that nobody signed");
                answer(&asked);
                OK
            }
            Err(error) => error.code(),
        },
        Err(error) => error.code(),
    }
}

/// Any request can be answered and declined.
fn answer(asked: &Asked) {
    let presentations = VpToken::parse(json!({"pid": ["x~"]})).expect("presentations");
    let mut entropy = TestEntropy::new(2);
    let declined = asked.decline(WalletErrorCode::AccessDenied, &mut entropy).expect("it is short");
    let answered = asked.answer(&presentations, &mut entropy).expect("it is short");
    for response in [declined, answered] {
        if let Response::Post(request) = response {
            let to = asked.request().response_mode.response_uri().expect("a place");
            assert_eq!(request.uri().to_string().trim_end_matches('/'), to.as_str().trim_end_matches('/'));
        }
    }
}

fn digital() -> Vec<Vec<u8>> {
    let token = signed(digital_parameters());
    let mut parts = token.split('.');
    let mut part = || parts.next().unwrap_or_default();
    let (protected, payload, signature) = (part(), part(), part());
    let _unused = (protected, signature);
    let all = [
        json!({"protocol": "openid4vp-v1-unsigned", "data": digital_parameters()}),
        json!({"protocol": "openid4vp-v1-signed", "data": {"request": token}}),
        json!({"protocol": "openid4vp-v1-multisigned", "data": {"request": {"payload": payload,
            "signatures": [{"protected": protected, "signature": signature}]}}}),
    ];
    all.iter().map(|one| one.to_string().into_bytes()).collect()
}

/// A signed request over the Digital Credentials API says what was signed.
fn ask_digitally(input: &[u8]) -> Outcome {
    let Some(mut members) = read_object(input) else { return SKIPPED };
    let named = members.get("protocol").and_then(Value::as_str).and_then(DigitalProtocol::from_name);
    let (Some(protocol), Some(Value::Object(data))) = (named, members.remove("data")) else { return SKIPPED };
    match receive_digital(DigitalRequest { protocol, data }, ORIGIN, &trust(), now()) {
        Ok(asked) => {
            if protocol != DigitalProtocol::Unsigned {
                let expected = Request::from_json(&object(digital_parameters()), Transport::Https);
                assert!(*asked.request() == expected.expect("our request"), "a request that nobody signed");
            }
            assert_eq!(asked.expectation().audience, format!("origin:{ORIGIN}"));
            answer(&asked);
            OK
        }
        Err(error) => error.code(),
    }
}

fn client_metadata() -> Vec<Vec<u8>> {
    let some = parameters().get("client_metadata").cloned().unwrap_or_default();
    vec![some.to_string().into_bytes(), b"{}".to_vec()]
}

/// What is read stays as it is when it is written again.
fn read_client_metadata(input: &[u8]) -> Outcome {
    let Some(members) = read_object(input) else { return SKIPPED };
    match ClientMetadata::from_json(&members) {
        Ok(read) => {
            let again = ClientMetadata::from_json(&read.to_json()).expect("what was written is read");
            assert_eq!(again.to_json(), read.to_json());
            let recipients = (read.recipient().is_some(), again.recipient().is_some());
            assert_eq!(recipients.0, recipients.1, "a key was lost");
            OK
        }
        Err(error) => error.code(),
    }
}

fn locations() -> Vec<Vec<u8>> {
    texts(&[
        "https://verifier.example/r/1?x=y",
        "https://a.example:8443",
        VERIFIER,
        "x509_san_dns:a.example",
        "http://127.0.0.1:80/",
    ])
}

/// An address stays what it was; so does the name of a client.
fn read_location(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    if let Ok(id) = ClientId::parse(text) {
        assert_eq!(id.as_str(), text);
        assert_eq!(format!("{}:{}", id.prefix().name(), id.name()), text);
    }
    match Location::parse(text, Transport::Https) {
        Ok(location) => {
            let uri: http::Uri = location.as_str().parse().expect("a URI");
            assert_eq!(location.as_str(), text);
            assert_eq!(uri.host(), Some(location.host()), "two readings of a host");
            assert_eq!(uri.scheme_str(), Some("https"));
            OK
        }
        Err(error) => error.code(),
    }
}

fn vp_tokens() -> Vec<Vec<u8>> {
    vec![json!({"pid": ["eyJ~", {"type": []}], "한": ["x"]}).to_string().into_bytes()]
}

/// Presentations are written and read again unchanged.
pub(crate) fn read_vp_token(input: &[u8]) -> Outcome {
    let Ok(value) = sinpyo_core::json::parse(input) else { return SKIPPED };
    match VpToken::parse(value) {
        Ok(token) => {
            assert_eq!(VpToken::parse(Value::Object(token.to_json())).as_ref(), Ok(&token));
            OK
        }
        Err(error) => error.code(),
    }
}

fn payment() -> Value {
    json!({"type": "payment", "label": {"ko": "결제", "en": "Payment"}, "fields": {
        "amount": {"label": {"ko": "금액", "en": "Amount"}, "kind": "text"},
        "count": {"label": {"ko": "수", "en": "Count"}, "kind": "count", "most": 5, "optional": true},
        "by": {"label": {"ko": "방법", "en": "By"}, "kind": "one-of", "values": ["a", "b"], "optional": true}}})
}

fn types() -> TransactionTypes {
    TransactionTypes::new().with(TransactionType::from_json(&object(payment())).expect("a type"))
}

fn transactions() -> Vec<Vec<u8>> {
    let full = json!({"type": "payment", "credential_ids": ["pid"], "amount": "1", "count": 3, "by": "a",
        "transaction_data_hashes_alg": ["sha-384", "sha-256"]});
    vec![
        full.to_string().into_bytes(),
        br#"{"type":"payment","credential_ids":["pid"],"amount":"1"}"#.to_vec(),
    ]
}

/// The members that are the same in every type, and say nothing of what is agreed to.
const UNTOLD: [&str; 3] = ["type", "credential_ids", "transaction_data_hashes_alg"];

/// What is hashed is the string that was sent, and all of it is shown.
fn read_transaction(input: &[u8]) -> Outcome {
    let query = Query::from_json(&query()).expect("a query");
    let text = to_base64url(input);
    match TransactionDatum::parse(&text, &types(), &query) {
        Ok(datum) => {
            assert_eq!(datum.as_str(), text);
            assert!(datum.credential_ids().iter().all(|id| id == "pid"), "a query that there is not");
            let members = read_object(input).expect("it was read");
            let is_told = |name: &str| !UNTOLD.contains(&name);
            let told = members.iter().filter(|(name, _)| is_told(name)).map(|(_, value)| value);
            let shown = datum.shown();
            assert!(shown.iter().map(|(_, value)| *value).eq(told), "every member is shown, as it is");
            let hash = match datum.hash_algorithm().name() {
                "sha-256" => sha256(text.as_bytes()).to_vec(),
                "sha-384" => sha384(text.as_bytes()).to_vec(),
                _ => sha512(text.as_bytes()).to_vec(),
            };
            assert_eq!(datum.hash(), to_base64url(&hash));
            OK
        }
        Err(error) => error.code(),
    }
}

fn transaction_types() -> Vec<Vec<u8>> {
    vec![payment().to_string().into_bytes()]
}

fn read_transaction_type(input: &[u8]) -> Outcome {
    let Some(members) = read_object(input) else { return SKIPPED };
    match TransactionType::from_json(&members) {
        Ok(read) => {
            assert_eq!(members.get("type").and_then(Value::as_str), Some(read.name()));
            OK
        }
        Err(_) => "refused",
    }
}

static SETTINGS: LazyLock<[Settings; 2]> = LazyLock::new(|| {
    [Profile::Base, Profile::Haip].map(|profile| Settings {
        base: Location::parse("https://verifier.example/vp", Transport::Https).expect("an address"),
        profile,
        method: RequestUriMethod::Get,
        lifetimes: Lifetimes::default(),
        sealing: SealingKey::new(&Secret::new([7; 32])),
        transport: Transport::Https,
    })
});

/// A verifier that waits for one answer, the same each time, and what the wallet was asked.
fn waiting(state: &MemoryState) -> (Verifier<'_>, Asked) {
    let verifier = Verifier { settings: &SETTINGS[0], identities: &[], state };
    let flow = Flow::CrossDevice { confirmation: Confirmation::None };
    let order = Order::new(Query::from_json(&query()).expect("a query"), flow);
    let opened = verifier.open(&order, now(), &mut TestEntropy::new(6)).expect("a transaction");
    let Asking::Link(link) = opened.asking else { panic!("a link") };
    let invitation = Invitation::parse(&link.to_uri("openid4vp://"), Transport::Https).expect("our link");
    let Invitation::Unsigned(asked) = invitation else { panic!("an unsigned request") };
    (verifier, *asked)
}

fn responses() -> Vec<Vec<u8>> {
    let state = MemoryState::new();
    let (_, asked) = waiting(&state);
    let mut entropy = TestEntropy::new(7);
    let presentations = VpToken::parse(json!({"pid": ["eyJ~"]})).expect("presentations");
    let answers = [
        asked.answer(&presentations, &mut entropy),
        asked.decline(WalletErrorCode::AccessDenied, &mut entropy),
    ];
    answers
        .into_iter()
        .map(|response| match response.expect("a response") {
            Response::Post(request) => request.into_body(),
            Response::Digital(_) => panic!("a post"),
        })
        .collect()
}

/// What arrives is bound to the transaction for which it came.
pub(super) fn respond(input: &[u8]) -> Outcome {
    let state = MemoryState::new();
    let (verifier, asked) = waiting(&state);
    let to = asked.request().response_mode.response_uri().expect("a place").as_str();
    let request = http::Request::post(to).header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(input.to_vec()).expect("a request");
    match verifier.handle(&request, now(), &mut TestEntropy::new(8)) {
        Some(Handled::Arrived(arrived)) => {
            assert_eq!(arrived.expectation, asked.expectation());
            OK
        }
        Some(Handled::Answer(response)) => {
            assert!(!response.status().is_server_error());
            "answered"
        }
        Some(Handled::Refused(response, refusal)) => {
            assert!(response.status().is_client_error());
            refusal.code()
        }
        None => "elsewhere",
    }
}
