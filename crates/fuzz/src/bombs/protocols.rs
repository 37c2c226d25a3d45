//! Bombs for the protocols: tokens, queries, offers, forms and requests to the services.

use super::{Bomb, bomb};
use crate::targets::{self, protocols as read};
use serde_json::{Value, json};
use sinpyo_core::encoding::to_base64url;

pub(super) const BOMBS: &[Bomb] = &[
    bomb("dcql: 1,000 credentials", || credentials(1_000), read::query, "VP-DCQ-12"),
    bomb("dcql: 100,000 claims", many_claims, read::query, "VP-DCQ-12"),
    bomb("dcql: 100,000 claim sets", many_claim_sets, read::query, "VP-DCQ-12"),
    bomb("dcql: 100,000 options of sets", many_sets, read::query, "VP-DCQ-12"),
    bomb("vp_token: 10,000 queries", || entries(10_000), read::vp_token, "VP-RSP-01b"),
    bomb("vp_token: 10,000 presentations", presentations, read::vp_token, "VP-RSP-01c"),
    bomb("offer: 1 MiB", || vec![b' '; 1 << 20], read::offer, "VCI-OFF-08"),
    bomb("offer link: 1 MiB", long_link, read::offer_link, "VCI-OFF-08"),
    bomb("jwe: with zip", zipped, read::jwe, "JOE-05"),
    bomb("jwe: 16 MiB", || [&b"e30.."[..], &vec![b'A'; 16 << 20], b".A.A"].concat(), read::jwe, "JOE-09"),
    bomb("jwt: 10,000 arrays deep", || nested(10_000), read::jwt, "JWS-02"),
    bomb("jwt: 2 MiB", || vec![b'A'; 2 << 20], read::jwt, "JWS-10"),
    bomb("jwt: x5c of 1,000 certificates", || certified(1_000), read::certified, "X5C-01"),
    bomb("oauth: a form of 100,000 fields", || fields(100_000), read::oauth_form, "OAU-02"),
    bomb("web: a form of 100,000 fields", || fields(100_000), read::web_form, "HTTP-05"),
    bomb("web: a form of 16,000 empty names", || b"=&".repeat(16_000), read::web_form, "HTTP-05"),
    bomb("metadata: 10,000 configurations", || read::metadata_of(10_000), read::metadata, "VCI-MET-03"),
    bomb("metadata: 1,000 configurations", || read::metadata_of(1_000), read::metadata, "ok"),
    bomb("credential request: 10,000 proofs", || proofs(10_000), read::request, "VCI-CRQ-02"),
    bomb(
        "issuer-api: 100 proofs with attestations of 100 keys, without a token",
        attestations,
        targets::ask_issuer,
        "refused",
    ),
    bomb(
        "issuer-api: a body of 1 MiB",
        || body("https://issuer.example/busan/credential", 1 << 20),
        targets::ask_issuer,
        "refused",
    ),
    bomb(
        "issuer-api: a token form of 100,000 fields",
        || form("https://issuer.example/busan/token"),
        targets::ask_issuer,
        "refused",
    ),
    bomb(
        "verifier-api: a response of 100,000 fields",
        || form("https://verifier.example/posts/vp/x/response/y"),
        targets::ask_verifier,
        "VSV-09",
    ),
    bomb(
        "verifier-api: a body of 8 MiB",
        || body("https://verifier.example/manage/token", 8 << 20),
        targets::ask_verifier,
        "HTTP-15",
    ),
];

fn credentials(count: usize) -> Vec<u8> {
    let one =
        |index| json!({"id": format!("c{index}"), "format": "mso_mdoc", "meta": {"doctype_value": "d"}});
    json!({"credentials": (0..count).map(one).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// A query for one credential, with further `members`.
fn query(members: Value) -> Vec<u8> {
    let mut one = json!({"id": "x", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}});
    if let (Some(one), Value::Object(members)) = (one.as_object_mut(), members) {
        one.extend(members);
    }
    json!({"credentials": [one]}).to_string().into_bytes()
}

fn many_claims() -> Vec<u8> {
    let claims: Vec<Value> =
        (0..100_000).map(|index| json!({"id": format!("i{index}"), "path": ["a", index]})).collect();
    query(json!({"claims": claims}))
}

fn many_claim_sets() -> Vec<u8> {
    let sets = vec![json!(["a", "b"]); 100_000];
    query(json!({"claims": [{"id": "a", "path": ["a"]}, {"id": "b", "path": ["b"]}], "claim_sets": sets}))
}

fn many_sets() -> Vec<u8> {
    let credential = json!({"id": "x", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}});
    json!({"credentials": [credential], "credential_sets": [{"options": vec![json!(["x"]); 100_000]}]})
        .to_string()
        .into_bytes()
}

fn entries(count: usize) -> Vec<u8> {
    let all: serde_json::Map<_, _> = (0..count).map(|index| (format!("q{index}"), json!(["x~"]))).collect();
    Value::Object(all).to_string().into_bytes()
}

fn presentations() -> Vec<u8> {
    json!({"q": vec!["x~"; 10_000]}).to_string().into_bytes()
}

fn long_link() -> Vec<u8> {
    format!("openid-credential-offer://?credential_offer={}", "%20".repeat(350_000)).into_bytes()
}

fn zipped() -> Vec<u8> {
    let header = json!({"alg": "ECDH-ES", "enc": "A128GCM", "zip": "DEF", "epk": {"kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}});
    let part = |bytes: &[u8]| to_base64url(bytes);
    format!(
        "{}..{}.{}.{}",
        part(header.to_string().as_bytes()),
        part(&[0; 12]),
        part(&[0; 100]),
        part(&[0; 16])
    )
    .into_bytes()
}

fn nested(depth: usize) -> Vec<u8> {
    let header =
        format!(r#"{{"alg":"ES256","typ":"dpop+jwt","x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    format!("{}.e30.AAAA", to_base64url(header.as_bytes())).into_bytes()
}

fn certified(count: usize) -> Vec<u8> {
    let certificate = sinpyo_core::encoding::to_base64(&targets::certificate());
    let header = json!({"alg": "ES256", "typ": "oauth-authz-req+jwt", "x5c": vec![certificate; count]});
    format!("{}.e30.AAAA", to_base64url(header.to_string().as_bytes())).into_bytes()
}

fn fields(count: usize) -> Vec<u8> {
    let all: Vec<String> = (0..count).map(|index| format!("f{index}=1")).collect();
    all.join("&").into_bytes()
}

fn proofs(count: usize) -> Vec<u8> {
    json!({"credential_identifier": "i", "proofs": {"jwt": vec!["a.b.c"; count]}}).to_string().into_bytes()
}

/// A post to `address`.
fn post(address: &str, media: &str, body: &[u8]) -> Vec<u8> {
    let host = address.split('/').nth(2).unwrap_or_default();
    [format!("POST {address}\nhost: {host}\ncontent-type: {media}\n\n").as_bytes(), body].concat()
}

/// 100 proofs, each with an attestation of 100 keys, from somebody without a token.
fn attestations() -> Vec<u8> {
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let attestation = to_base64url(json!({"attested_keys": vec![jwk; 100]}).to_string().as_bytes());
    let header = json!({"alg": "ES256", "typ": "openid4vci-proof+jwt", "key_attestation": format!("e30.{attestation}.AAAA")});
    let proof = format!("{}.e30.AAAA", to_base64url(header.to_string().as_bytes()));
    let body =
        json!({"credential_configuration_id": "K01-sd-jwt", "proofs": {"jwt": vec![proof; 100]}}).to_string();
    post("https://issuer.example/busan/credential", "application/json", body.as_bytes())
}

fn body(address: &str, length: usize) -> Vec<u8> {
    post(address, "application/json", &vec![b'['; length])
}

fn form(address: &str) -> Vec<u8> {
    post(address, "application/x-www-form-urlencoded", &fields(100_000))
}
