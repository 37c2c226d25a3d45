//! The HTTP binding, as the DID Resolution and did:key test suites drive it.

use serde_json::{Value, json};
use sinpyo_core::time::Timestamp;
use sinpyo_resolver::{
    Fetched, ResolveError,
    http_binding::{Answer, Options, Question, Request, Step, start},
};
use std::fs;

const KEY: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
const LEGACY: &str = r#"application/ld+json;profile="https://w3id.org/did-resolution""#;

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn step(target: &str, query: &str, accept: Option<&str>) -> Step {
    match Options::from_query(query) {
        Ok(options) => start(&Request { target, options, accept }),
        Err(problem) => panic!("{problem}"),
    }
}

fn done(step: Step) -> (Answer, Value) {
    let Step::Done(answer) = step else { panic!("nobody should have to be asked") };
    let body =
        if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body).unwrap() };
    (answer, body)
}

fn get(target: &str, query: &str, accept: &str) -> (Answer, Value) {
    done(step(target, query, Some(accept)))
}

#[test]
fn a_did_resolves_to_a_result_or_a_document() {
    for (target, accept) in
        [(KEY, "*/*"), (KEY, "application/did-resolution"), (&KEY.replace(':', "%3A"), "*/*")]
    {
        let (answer, body) = get(target, "", accept);
        assert_eq!((answer.status, answer.content_type), (200, Some("application/did-resolution")));
        assert_eq!(body["didDocument"]["id"], KEY);
        assert_eq!(body["didDocumentMetadata"], json!({}));
        // The suite looks for this text in the Content-Type of the answer.
        let content_type = body["didResolutionMetadata"]["contentType"].as_str().unwrap();
        assert!(answer.content_type.unwrap().contains(content_type));
    }
    for media_type in ["application/did", "application/did+json", "application/did+ld+json"] {
        let (answer, body) = get(KEY, "", media_type);
        assert_eq!((answer.status, answer.content_type), (200, Some(media_type)));
        assert_eq!(body["id"], KEY);
        assert_eq!(body.get("didResolutionMetadata"), None);
    }
}

#[test]
fn an_error_has_its_status_and_type() {
    for (target, query, accept, status, problem) in [
        ("", "", "*/*", 400, "INVALID_DID"),
        ("not-a-did", "", "*/*", 400, "INVALID_DID"),
        ("did:example", "", "*/*", 400, "INVALID_DID"),
        ("did:key:nonsense", "", "*/*", 400, "INVALID_DID"),
        ("did:web:127.0.0.1", "", "*/*", 400, "INVALID_DID"),
        ("%FF", "", "*/*", 400, "INVALID_DID"),
        ("did:unsupported:123456789abcdefghi", "", "*/*", 501, "METHOD_NOT_SUPPORTED"),
        (KEY, "versionId=1", "*/*", 404, "NOT_FOUND"),
        (KEY, "versionTime=yesterday", "*/*", 400, "INVALID_OPTIONS"),
        (KEY, "versionTime=2025-10-07T00:00:00.123Z", "*/*", 400, "INVALID_OPTIONS"),
        (KEY, "service=%D0%9F", "*/*", 400, "INVALID_OPTIONS"),
        (KEY, "relativeRef=file%23section", "*/*", 400, "INVALID_OPTIONS"),
        (KEY, "accept=%F0%9F%94%A5", "*/*", 400, "INVALID_OPTIONS"),
        (KEY, "", "application/x-unsupported-did-representation-99999", 406, "REPRESENTATION_NOT_SUPPORTED"),
    ] {
        let (answer, body) = get(target, query, accept);
        assert_eq!(answer.status, status, "{target}?{query}");
        assert_eq!(answer.content_type, Some("application/did-resolution"));
        let error = &body["didResolutionMetadata"]["error"];
        assert_eq!(error["type"], format!("https://www.w3.org/ns/did#{problem}"), "{target}?{query}");
        assert_eq!((&body["didDocument"], &body["didDocumentMetadata"]), (&Value::Null, &json!({})));
    }
}

#[test]
fn an_option_that_resolution_does_not_use_changes_nothing() {
    for query in [
        "service=linkedDomain",
        "relativeRef=my%2520path%2Ffile",
        "versionTime=2025-10-07T14:30:00Z",
        "x=%EA%B9%80",
    ] {
        assert_eq!(get(KEY, query, "*/*").0.status, 200, "{query}");
    }
}

#[test]
fn a_fragment_dereferences_to_a_method() {
    let url = format!("{KEY}%23{}", KEY.trim_start_matches("did:key:"));
    for target in [url.clone(), url.replace(':', "%3A")] {
        let (answer, body) = get(&target, "", "application/did-url-dereferencing");
        assert_eq!((answer.status, answer.content_type), (200, Some("application/did-url-dereferencing")));
        assert_eq!(body["contentStream"]["type"], "Multikey");
        let content_type = body["dereferencingMetadata"]["contentType"].as_str().unwrap();
        assert!(answer.content_type.unwrap().contains(content_type));
        assert_eq!(body["contentMetadata"], json!({}));
    }
    let (answer, body) = get(&url, "", "application/json");
    assert_eq!((answer.status, &body["type"]), (200, &json!("Multikey")));
    let (answer, body) = get(&format!("{KEY}%23other"), "", "application/did-url-dereferencing");
    assert_eq!((answer.status, answer.rule), (404, Some("RES-06")));
    assert_eq!(body["dereferencingMetadata"]["error"]["type"], "https://www.w3.org/ns/did#NOT_FOUND");
    assert_eq!(body["contentStream"], Value::Null);
    let (answer, _) = get("did:key:z%23%23", "", "application/did-url-dereferencing");
    assert_eq!(answer.status, 400);
    let (_, body) = get("did%3Akey%3Az%3Fa%20b", "", "application/did-url-dereferencing");
    assert_eq!(body["dereferencingMetadata"]["error"]["type"], "https://www.w3.org/ns/did#INVALID_DID_URL");
}

fn web(target: &str, query: &str, accept: &str, document: &Value) -> (Answer, Value) {
    let Step::Ask(pending) = step(target, query, Some(accept)) else { panic!("a server must be asked") };
    let Question::Fetch(request) = pending.question() else { panic!("a web server") };
    assert_eq!(request.url(), "https://a.example/.well-known/did.json");
    done(pending.fetched(&Fetched::Body(document.to_string().as_bytes()), now()))
}

#[test]
fn a_service_leads_elsewhere() {
    let document = json!({
        "id": "did:web:a.example",
        "service": [
            {"id": "#files", "type": "F", "serviceEndpoint": "https://files.example/x"},
            {"id": "#did", "type": "D", "serviceEndpoint": "did:web:b.example"},
            {"id": "#bad", "type": "B", "serviceEndpoint": "https://files.example/\r\nX: y"},
        ],
    });
    let accept = "application/did-url-dereferencing";
    for (target, query) in [
        ("did%3Aweb%3Aa.example%3Fservice%3Dfiles%26relativeRef%3D%252Fa%253Fb", ""),
        ("did:web:a.example%3Fservice=files&relativeRef=%2Fa%3Fb", ""),
    ] {
        let (answer, _) = web(target, query, accept, &document);
        assert_eq!((answer.status, answer.content_type), (303, None), "{target}");
        assert_eq!(answer.location.as_deref(), Some("https://files.example/a?b"));
        assert_eq!(answer.body, b"");
    }
    let (answer, _) = web("did:web:a.example", "service=files", accept, &document);
    assert_eq!(answer.location.as_deref(), Some("https://files.example/x"));
    assert_eq!(web("did:web:a.example", "service=files", "*/*", &document).0.status, 200);
    for (service, status) in [("did", 404), ("bad", 500), ("none", 404)] {
        let (answer, _) = web("did:web:a.example", &format!("service={service}"), accept, &document);
        assert_eq!((answer.status, answer.location), (status, None), "{service}");
    }
    let evil = "did%3Aweb%3Aa.example%3Fservice%3Dfiles%26relativeRef%3D%252F%252Fevil.example";
    assert_eq!(web(evil, "", accept, &document).0.status, 400);
}

#[test]
fn what_a_server_does_not_have_is_not_found() {
    let ask = || match step("did:web:a.example", "", None) {
        Step::Ask(pending) => *pending,
        Step::Done(answer) => panic!("{answer:?}"),
    };
    let (answer, _) = done(ask().fetched(&Fetched::Absent, now()));
    assert_eq!((answer.status, answer.rule), (404, Some("WEB-07")));
    assert_eq!(ask().unreachable().status, 404);
    let foreign = br#"{"id":"did:web:b.example"}"#;
    let (answer, body) = done(ask().fetched(&Fetched::Body(foreign), now()));
    assert_eq!((answer.status, answer.rule), (500, Some("WEB-06")));
    let error = &body["didResolutionMetadata"]["error"];
    assert_eq!(error["type"], "https://www.w3.org/ns/did#INVALID_DID_DOCUMENT");
    let members: Vec<_> = error.as_object().unwrap().keys().collect();
    assert_eq!(members, ["status", "title", "type"], "nothing of what was found is told");
}

#[test]
fn a_log_is_asked_for_its_dids() {
    let Step::Ask(pending) = step("did:tlog:zQmExample", "versionId=1-zQm", None) else { panic!("a log") };
    let Question::Log(query) = pending.question() else { panic!("a log") };
    assert_eq!(query.did().as_str(), "did:tlog:zQmExample");
    let answer = pending.resolved(Err(ResolveError::NotFound));
    assert_eq!((answer.status, answer.rule), (404, Some("RES-05")));
}

#[test]
fn a_deactivated_did_is_gone() {
    let Some(root) = sinpyo_testkit::vectors("didwebvh") else { return };
    let log = fs::read(root.join("deactivate/ts/did.jsonl")).unwrap();
    let first: Value = serde_json::from_str(String::from_utf8_lossy(&log).lines().next().unwrap()).unwrap();
    let did = first["state"]["id"].as_str().unwrap();
    let resolve = |query: &str, accept: &str| match step(did, query, Some(accept)) {
        Step::Ask(pending) => done(pending.fetched(&Fetched::Body(&log), now())),
        Step::Done(answer) => panic!("{answer:?}"),
    };
    let (answer, body) = resolve("", "application/did-resolution");
    assert_eq!(answer.status, 410);
    assert_eq!(body["didDocument"], Value::Null);
    assert_eq!(body["didDocumentMetadata"]["deactivated"], true);
    assert_eq!(resolve("", LEGACY).0.status, 410);
    let (answer, body) = resolve("versionNumber=1", "application/did-resolution");
    assert_eq!(answer.status, 200);
    assert_eq!(body["didDocumentMetadata"]["versionNumber"], 1);
    let (answer, _) = resolve("service=files", "application/did-url-dereferencing");
    assert_eq!(answer.status, 410);
}

#[test]
fn a_path_of_a_webvh_leads_to_its_files() {
    let Some(root) = sinpyo_testkit::vectors("didwebvh") else { return };
    let log = fs::read(root.join("basic-create/ts/did.jsonl")).unwrap();
    let first: Value = serde_json::from_slice(&log).unwrap();
    let did = first["state"]["id"].as_str().unwrap();
    for (path, location) in [
        ("/whois", Some("https://example.com/whois.vp")),
        ("/governance/issuers.json", Some("https://example.com/governance/issuers.json")),
        ("/a/../../etc/passwd", None),
        ("/%2e%2e/b", None),
    ] {
        let Step::Ask(pending) = step(&format!("{did}{path}"), "", None) else { panic!("a log is needed") };
        let (answer, _) = done(pending.fetched(&Fetched::Body(&log), now()));
        assert_eq!(answer.location.as_deref(), location, "{path}");
        assert_eq!(answer.status, if location.is_some() { 303 } else { 400 }, "{path}");
    }
}

#[test]
fn the_older_dialect_reports_words() {
    let key = KEY.trim_start_matches("did:key:");
    for (target, query, status, word) in [
        (KEY.trim_start_matches("did:").to_owned(), "", 400, "invalidDid"),
        (format!("did:{key}"), "", 400, "invalidDid"),
        (format!("did:key:-v4:{key}"), "", 400, "invalidDid"),
        (format!("did:key:{}", &key[1..]), "", 400, "invalidDid"),
        (format!("did:unknown:{key}"), "", 501, "methodNotSupported"),
        // An Ed25519 key of 31 bytes: the code, then fewer digits.
        ("did:key:".to_owned() + &short_key(), "", 400, "invalidPublicKeyLength"),
        (KEY.to_owned(), "publicKeyFormat=Unknown", 400, "unsupportedPublicKeyType"),
        (KEY.to_owned(), "publicKeyFormat=X25519KeyAgreementKey2020", 400, "invalidPublicKeyType"),
        (
            KEY.to_owned(),
            "publicKeyFormat=X25519KeyAgreementKey2020&enableExperimentalPublicKeyTypes=true",
            400,
            "unsupportedPublicKeyType",
        ),
    ] {
        let (answer, body) = get(&target, query, LEGACY);
        assert_eq!(answer.status, status, "{target}?{query}");
        assert_eq!(body["didResolutionMetadata"]["error"], word, "{target}?{query}");
        assert_eq!((&body["didDocument"], &body["didDocumentMetadata"]), (&json!({}), &json!({})));
        assert!(body["@context"].is_string());
    }
    let (_, body) = get("did%3Akey%3Aabc%23a%20b", "", LEGACY);
    assert_eq!(body["didDereferencingMetadata"]["error"], "invalidDidUrl");
    let (answer, body) = get(KEY, "publicKeyFormat=Ed25519VerificationKey2020", LEGACY);
    assert_eq!(answer.status, 200);
    assert_eq!(body["didDocument"]["verificationMethod"][0]["type"], "Ed25519VerificationKey2020");
}

fn short_key() -> String {
    sinpyo_core::encoding::Multikey::new(0xed, &[7; 31]).to_string()
}

#[test]
fn documents_have_the_shape_that_the_suites_want() {
    let Some(root) = sinpyo_testkit::vectors("did-core-fixtures") else { return };
    // What another implementation's fixture says of the same kind of DID: these members, in these forms.
    let fixture: Value =
        serde_json::from_slice(&fs::read(root.join("did-key-2020-db.json")).unwrap()).unwrap();
    let theirs = &fixture[fixture["dids"][0].as_str().unwrap()]["didDocumentDataModel"]["properties"];
    let did = theirs["id"].as_str().unwrap();
    let (_, ours) = get(did, "", "application/did");
    for member in ["authentication", "assertionMethod", "capabilityInvocation", "capabilityDelegation"] {
        assert_eq!(ours[member], theirs[member], "{member}");
    }
    let (ours, theirs) = (&ours["verificationMethod"][0], &theirs["verificationMethod"][0]);
    for member in ["id", "controller", "publicKeyMultibase"] {
        assert_eq!(ours[member], theirs[member], "{member}");
    }
}
