//! Bombs that are documents: statements, contexts, disclosures, proofs, logs.

use super::{Bomb, bomb, within};
use crate::{Outcome, targets};
use serde_json::{Map, Value, json};
use sinpyo_core::{credential::Credential, did::Did, encoding::to_base64url, json, time::Timestamp};
use sinpyo_jsonld::{Contexts, to_rdf};
use sinpyo_proof::{KeyRing, Unverified, jws::Typ, sd_jwt::Holding};
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads};
use sinpyo_registry::did_tlog::ResolutionProof;
use sinpyo_resolver::{did_web, did_webvh::DidLog, did_webvh::WitnessProofs};
use sinpyo_selective::Pointer;
use sinpyo_tlog::note::Note;
use sinpyo_verifier::Answer;
use std::str;

pub(super) const BOMBS: &[Bomb] = &[
    within(bomb("rdf: W3C test074, a clique of 10", || clique(10), canonical, "RDF-01"), 50),
    bomb("rdf: a clique of 60", || clique(60), canonical, "RDF-01"),
    bomb("rdf: a ring of 2,000", || ring(2_000), canonical, "RDF-01"),
    bomb("rdf: a literal of 10 MB", || literal(10_000_000), parse_quads, "ok"),
    bomb("rdf: a literal of 1 MB of escapes", escapes, parse_quads, "ok"),
    bomb("rdf: 100,000 lines that are none", || b"<\n".repeat(100_000), parse_quads, "RDF-05"),
    within(bomb("issuer: a clique of 10", clique_document, issue, "RDF-01"), 50),
    within(bomb("verifier: a clique of 10", clique_secured, verify, "RDF-01"), 50),
    bomb("issuer: a clique of 10, selectively", clique_document, issue_selectively, "SDI-02"),
    bomb("context: a chain of 5,000 prefixes", prefix_chain, statements, "JLD-10"),
    bomb("context: scoped, doubling 14 times", doubling, statements, "JLD-10"),
    bomb("context: recursive scope", recursive_scope, statements, "ok"),
    bomb("context: 50,000 terms", || terms(50_000), statements, "JLD-10"),
    bomb("context: 1,000 contexts", contexts, statements, "JLD-10"),
    bomb(
        "context: an import of itself",
        || import("https://context.example/v1"),
        register_and_use,
        "refused",
    ),
    bomb(
        "context: an import of an unknown one",
        || import("https://unknown.example/"),
        register_and_use,
        "refused",
    ),
    bomb("context: an import in a document", import_in_document, statements, "JLD-01"),
    bomb("json-ld: 200 nodes deep", || deep_nodes(200), statements, "JSON-03"),
    bomb("json-ld: 60 nodes deep", || deep_nodes(60), statements, "ok"),
    bomb("json-ld: 200 lists deep", || deep_lists(200), statements, "JSON-03"),
    bomb("json-ld: 30 lists deep", || deep_lists(30), statements, "ok"),
    bomb("json-ld: 70,000 values", many_values, statements, "JLD-10"),
    bomb("json-ld: a vocabulary of 100 kB", long_vocabulary, statements, "JLD-10"),
    bomb("sd-jwt: 3,000 disclosures", disclosures, hold, "SDJ-21"),
    bomb("sd-jwt: a disclosure of 1 MiB", long_disclosure, hold, "SDJ-21"),
    bomb("sd-jwt: 200 disclosures in each other", nested_disclosures, hold, "SDJ-21"),
    bomb("sd-jwt: a disclosure 200 levels deep", deep_disclosure, hold, "JSON-03"),
    bomb("jws: a header of 600 kB", long_header, verify, "JWS-09"),
    bomb("jws: a token of 2 MiB", || vec![b'a'; 2 << 20], parse_credential, "JWS-10"),
    bomb("data integrity: 1,000 proofs", || proofs(1_000), verify, "DI-15"),
    bomb("data integrity: 16 proofs that vouch for each other", || proofs(16), verify, "DI-10"),
    bomb("selective: a pointer of 1 MB", || [&b"/"[..], &vec![b'a'; 1_000_000]].concat(), pointer, "SDI-04"),
    bomb("selective: a proof value of 1 MB", long_proof_value, verify, "DI-19"),
    bomb("vcapi: issuing a clique of 10", || post("issue", &clique_of_instance()), targets::ask, "RDF-01"),
    bomb(
        "vcapi: verifying a clique of 10",
        || post("verify", &clique_secured_by_instance()),
        targets::ask,
        "RDF-01",
    ),
    bomb("vcapi: verifying 200 levels", || post("verify", &b"[".repeat(200)), targets::ask, "JSON-03"),
    bomb("vcapi: verifying 2 MiB of zeros", || post("verify", &zeros(2 << 20)), targets::ask, "VCA-04"),
    bomb("verifier: an answer of 4 MiB of zeros", answer_of_zeros, answer, "VP-01"),
    bomb("registry: a note of 1 MB", || vec![b'a'; 1_000_000], note, "LOG-10"),
    bomb("registry: a proof of 100,000 entries", many_entries, resolution, "TLOG-31"),
    bomb("did:web: a document of 2 MiB", || vec![b' '; 2 << 20], web_document, "WEB-05"),
    bomb("did:web: 20,000 keys", many_keys, web_document, "WEB-05"),
    bomb("did:webvh: a log of 100,000 lines", || b"{}\n".repeat(100_000), log, "WVH-02"),
    bomb("did:webvh: the same entry 5,000 times", repeated_entry, log, "WVH-18"),
    bomb("did:webvh: a witness file of 2 MiB", || vec![b'['; 2 << 20], witnesses, "WVH-18"),
    bomb("did:webvh: 20,000 approvals", approvals, witnesses, "ok"),
];

/// What `read` says about the object in `input`, or the rule by which there is none.
fn of_object(input: &[u8], read: impl Fn(Map<String, Value>) -> Outcome) -> Outcome {
    json::parse_object(input).map_or_else(|error| error.code(), read)
}

fn text(input: &[u8]) -> &str {
    str::from_utf8(input).unwrap_or_default()
}

fn clique(size: usize) -> Vec<u8> {
    let pairs = (0..size).flat_map(|one| (0..size).map(move |other| (one, other)));
    let line = |(one, other)| format!("_:e{one} <http://example.com/p> _:e{other} .\n").into_bytes();
    pairs.flat_map(line).collect()
}

fn ring(size: usize) -> Vec<u8> {
    (0..size)
        .flat_map(|node| format!("_:e{node} <urn:p> _:e{} .\n", (node + 1) % size).into_bytes())
        .collect()
}

fn literal(length: usize) -> Vec<u8> {
    format!("<urn:s> <urn:p> \"{}\" .\n", "a".repeat(length)).into_bytes()
}

fn escapes() -> Vec<u8> {
    format!("<urn:s> <urn:p> \"{}\" .\n", "\\u00e9".repeat(170_000)).into_bytes()
}

fn parse_quads(input: &[u8]) -> Outcome {
    nquads::parse(text(input)).map_or_else(|error| error.code(), |_| "ok")
}

fn canonical(input: &[u8]) -> Outcome {
    let Ok(dataset) = nquads::parse(text(input)) else { return "quads" };
    canonicalize(&dataset, HashAlgorithm::Sha256, Limit::default())
        .map_or_else(|error| error.code(), |_| "ok")
}

/// A credential about ten nodes that all know each other.
fn clique_document() -> Vec<u8> {
    let name = |number: usize| format!("_:e{number}");
    let all: Vec<Value> = (0..10).map(|number| json!({"id": name(number)})).collect();
    let spouses: Vec<Value> = (0..10).map(|number| json!({"id": name(number), "spouse": all})).collect();
    let credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", {"spouse": {"@id": "https://example.org/spouse", "@type": "@id"}}],
        "type": ["VerifiableCredential"], "issuer": "did:x:issuer",
        "credentialSubject": {"spouse": spouses},
    });
    credential.to_string().into_bytes()
}

fn with_proof(document: &[u8], proof: Value) -> Vec<u8> {
    let mut members = json::parse_object(document).unwrap_or_default();
    members.insert("proof".to_owned(), proof);
    Value::Object(members).to_string().into_bytes()
}

fn proof(suite: &str, value: &str) -> Value {
    json!({
        "type": "DataIntegrityProof", "cryptosuite": suite, "proofPurpose": "assertionMethod",
        "verificationMethod": "did:x:issuer#key-1", "created": "2026-11-22T03:00:00Z", "proofValue": value,
    })
}

const SIGNATURE: &str =
    "z4oey5q2M3XKaxup3tmzN4DRFTLVqpLMweBrSxMY2xHX5XTYVQeVbY8nQAVHMrXFkXJpmEcqdoDwLWxaqA3Q1geV6";

fn clique_secured() -> Vec<u8> {
    with_proof(&clique_document(), proof("ecdsa-rdfc-2019", SIGNATURE))
}

fn ring_of_keys() -> &'static KeyRing {
    targets::ring()
}

fn verify(input: &[u8]) -> Outcome {
    let profile = sinpyo_proof::Profile::conformance();
    match Unverified::<Credential>::parse_as(input, &profile) {
        Ok(arrived) => {
            arrived.verify(ring_of_keys(), targets::now()).map_or_else(|error| error.code(), |_| "ok")
        }
        Err(error) => error.code(),
    }
}

fn issue(input: &[u8]) -> Outcome {
    of_object(input, targets::secure)
}

fn issue_selectively(input: &[u8]) -> Outcome {
    of_object(input, targets::secure_selectively)
}

fn statements(input: &[u8]) -> Outcome {
    let read = |document| to_rdf(&document, &Contexts::bundled()).map_or_else(|error| error.code(), |_| "ok");
    of_object(input, read)
}

fn prefix_chain() -> Vec<u8> {
    let mut terms: Map<String, Value> =
        (0..5_000).map(|number| (format!("t{number:05}"), json!(format!("t{:05}:x", number + 1)))).collect();
    terms.insert("t05000".to_owned(), json!("urn:end:"));
    json!({"@context": terms, "urn:p": 1}).to_string().into_bytes()
}

fn doubling() -> Vec<u8> {
    let both = (0..14).fold(json!({"a": "urn:a"}), |inner, _| {
        json!({"t": {"@id": "urn:t", "@context": inner}, "u": {"@id": "urn:u", "@context": inner}})
    });
    json!({"@context": both, "urn:p": 1}).to_string().into_bytes()
}

/// Types whose scoped contexts define each other again; used 60 deep.
fn recursive_scope() -> Vec<u8> {
    let inner = json!({"b": {"@id": "urn:b", "@context": {"a": "urn:a", "b": "urn:b"}}});
    let document = (0..20).fold(json!(1), |inner, _| json!({"b": {"a": inner}}));
    json!({"@context": {"a": {"@id": "urn:a", "@context": inner}, "b": {"@id": "urn:b"}}, "a": document})
        .to_string()
        .into_bytes()
}

fn terms(count: usize) -> Vec<u8> {
    let terms: Map<String, Value> =
        (0..count).map(|number| (format!("t{number}"), json!(format!("urn:{number}")))).collect();
    json!({"@context": terms, "t0": 1}).to_string().into_bytes()
}

fn contexts() -> Vec<u8> {
    json!({"@context": vec![json!({"a": "urn:a"}); 1_000], "a": 1}).to_string().into_bytes()
}

fn import(url: &str) -> Vec<u8> {
    json!({"@context": {"@version": 1.1, "@import": url, "a": "urn:a"}}).to_string().into_bytes()
}

fn register_and_use(input: &[u8]) -> Outcome {
    let url = "https://context.example/v1";
    let document = json!({"@context": url, "a": 1});
    let registered = Contexts::bundled().with(url, input);
    let used = registered.map(|known| to_rdf(document.as_object().unwrap_or(&Map::new()), &known).is_ok());
    if used.unwrap_or(false) { "ok" } else { "refused" }
}

fn import_in_document() -> Vec<u8> {
    json!({"@context": {"@import": "https://unknown.example/"}, "urn:p": 1}).to_string().into_bytes()
}

fn deep(depth: usize, wrap: impl Fn(Value) -> Value) -> Vec<u8> {
    (0..depth).fold(json!({"urn:p": 1}), |inner, _| wrap(inner)).to_string().into_bytes()
}

fn deep_nodes(depth: usize) -> Vec<u8> {
    deep(depth, |inner| json!({"urn:p": inner}))
}

fn deep_lists(depth: usize) -> Vec<u8> {
    let lists = (0..depth).fold(json!(1), |inner, _| json!({"@list": [inner]}));
    json!({"urn:p": lists}).to_string().into_bytes()
}

fn many_values() -> Vec<u8> {
    json!({"urn:p": (0..70_000).collect::<Vec<_>>()}).to_string().into_bytes()
}

fn long_vocabulary() -> Vec<u8> {
    json!({"@context": {"@vocab": format!("urn:{}", "x".repeat(100_000))}, "a": 1}).to_string().into_bytes()
}

fn sd_jwt(payload: &Value, disclosures: &[String]) -> Vec<u8> {
    let header = to_base64url(br#"{"alg":"ES256","typ":"dc+sd-jwt"}"#);
    let payload = to_base64url(payload.to_string().as_bytes());
    format!("{header}.{payload}.AA~{}~", disclosures.join("~")).into_bytes()
}

fn hold(input: &[u8]) -> Outcome {
    Holding::parse(text(input), &[Typ::SD_JWT_VC]).map_or_else(|error| error.code(), |_| "ok")
}

fn disclosures() -> Vec<u8> {
    let one = |number: usize| to_base64url(json!(["salt", format!("n{number}"), 1]).to_string().as_bytes());
    sd_jwt(&json!({}), &(0..3_000).map(one).collect::<Vec<_>>())
}

fn long_disclosure() -> Vec<u8> {
    sd_jwt(&json!({}), &[to_base64url(json!(["salt", "n", "x".repeat(1 << 20)]).to_string().as_bytes())])
}

/// Each disclosure holds the digest of the one before.
fn nested_disclosures() -> Vec<u8> {
    let digest = |text: &str| to_base64url(&sinpyo_crypto::hash::sha256(text.as_bytes()));
    let mut texts = vec![to_base64url(br#"["salt","n",1]"#)];
    for _ in 0..200 {
        let inner = texts.last().map(|text| digest(text)).unwrap_or_default();
        texts.push(to_base64url(json!(["salt", "n", {"_sd": [inner]}]).to_string().as_bytes()));
    }
    let outer = texts.last().map(|text| digest(text)).unwrap_or_default();
    sd_jwt(&json!({"_sd": [outer]}), &texts)
}

fn deep_disclosure() -> Vec<u8> {
    let deep = format!("[\"salt\",\"n\",{}{}]", "[".repeat(200), "]".repeat(200));
    sd_jwt(&json!({}), &[to_base64url(deep.as_bytes())])
}

fn parse_credential(input: &[u8]) -> Outcome {
    Unverified::<Credential>::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn long_header() -> Vec<u8> {
    let header = json!({"alg": "ES256", "typ": "vc+jwt", "x": "x".repeat(600_000)}).to_string();
    format!("{}.e30.AA", to_base64url(header.as_bytes())).into_bytes()
}

fn proofs(count: usize) -> Vec<u8> {
    let names: Vec<String> = (0..count).map(|number| format!("urn:{number}")).collect();
    let one = |number: usize| {
        let mut proof = proof("ecdsa-jcs-2019", SIGNATURE);
        if let Some(members) = proof.as_object_mut() {
            members.insert("id".to_owned(), json!(names.get(number)));
            members.insert("previousProof".to_owned(), json!(names.get(..16.min(count))));
        }
        proof
    };
    let document = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
        "issuer": "did:x:issuer", "credentialSubject": {"id": "urn:x"}});
    with_proof(document.to_string().as_bytes(), (0..count).map(one).collect())
}

fn pointer(input: &[u8]) -> Outcome {
    Pointer::parse(text(input)).map_or_else(|error| error.code(), |_| "ok")
}

fn long_proof_value() -> Vec<u8> {
    let document = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
        "issuer": "did:x:issuer", "credentialSubject": {"id": "urn:x"}});
    with_proof(
        document.to_string().as_bytes(),
        proof("ecdsa-sd-2023", &format!("u2V0B{}", "A".repeat(900_000))),
    )
}

const INSTANCE: &str = "ecdsa-rdfc-2019-p256";

/// A request of the interface about what is in `json`.
fn post(what: &str, json: &[u8]) -> Vec<u8> {
    let (path, member) = match what {
        "issue" => (format!("/issuers/{INSTANCE}/credentials/issue"), "credential"),
        _ => ("/credentials/verify".to_owned(), "verifiableCredential"),
    };
    let head = format!("POST {path}\ncontent-type: application/json\n\n{{\"{member}\":");
    [head.as_bytes(), json, b",\"options\":{}}"].concat()
}

/// The clique as a credential of the server's own instance.
fn clique_of_instance() -> Vec<u8> {
    let (issuer, _) = targets::instance_key(INSTANCE);
    let mut members = json::parse_object(&clique_document()).unwrap_or_default();
    members.insert("issuer".to_owned(), json!(issuer));
    Value::Object(members).to_string().into_bytes()
}

fn clique_secured_by_instance() -> Vec<u8> {
    let mut proof = proof("ecdsa-rdfc-2019", SIGNATURE);
    if let Some(members) = proof.as_object_mut() {
        members.insert("verificationMethod".to_owned(), json!(targets::instance_key(INSTANCE).1));
    }
    with_proof(&clique_of_instance(), proof)
}

fn zeros(length: usize) -> Vec<u8> {
    [&b"[0"[..], &b",0".repeat(length / 2 - 200), b"]"].concat()
}

fn answer_of_zeros() -> Vec<u8> {
    [b"{\"vp_token\":", &zeros(4 << 20)[..], b"}"].concat()
}

fn answer(input: &[u8]) -> Outcome {
    Answer::parse(input).map_or_else(|error| error.code(), |_| "ok")
}

fn note(input: &[u8]) -> Outcome {
    text(input).parse::<Note>().map_or_else(|error| error.code(), |_| "ok")
}

fn many_entries() -> Vec<u8> {
    let entry = |index: usize| json!({"index": index, "entry": "{}", "path": []});
    let entries: Vec<Value> = (0..100_000).map(entry).collect();
    json!({"checkpoint": targets::checkpoint(), "entries": entries}).to_string().into_bytes()
}

fn resolution(input: &[u8]) -> Outcome {
    text(input).parse::<ResolutionProof>().map_or_else(|error| error.code(), |_| "ok")
}

fn web_document(input: &[u8]) -> Outcome {
    let did: Did = "did:web:a.example".parse().expect("a DID");
    did_web::document(&did, input).map_or_else(|error| error.code(), |_| "ok")
}

fn many_keys() -> Vec<u8> {
    let method = |number: usize| json!({"id": format!("#{number}"), "type": "Multikey"});
    json!({"id": "did:web:a.example", "verificationMethod": (0..20_000).map(method).collect::<Vec<_>>()})
        .to_string()
        .into_bytes()
}

fn now() -> Timestamp {
    targets::now()
}

fn log(input: &[u8]) -> Outcome {
    DidLog::read(input, now()).error().map_or("ok", |error| error.code())
}

fn repeated_entry() -> Vec<u8> {
    let entry = targets::first_entry();
    [entry.as_slice(), b"\n"].concat().repeat(5_000)
}

fn witnesses(input: &[u8]) -> Outcome {
    WitnessProofs::read(input).map_or_else(|error| error.code(), |_| "ok")
}

fn approvals() -> Vec<u8> {
    let approval = |number: usize| json!({"versionId": format!("{number}-Qm"), "proof": []});
    (0..20_000).map(approval).collect::<Value>().to_string().into_bytes()
}
