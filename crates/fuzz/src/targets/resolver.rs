//! `sinpyo-resolver`: DIDs, what web servers answer, requests over HTTP.

use super::{OK, SKIPPED, fixture, people, target, texts};
use crate::{Outcome, Target};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::{Did, DidUrl},
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_resolver::{
    Fetched, Resolution, ResolveError, ResolvedJson, VersionQuery,
    dereference::Target as Dereferenced,
    did_key, did_web,
    did_webvh::{
        DidLog, DraftEntry, Entry, Parameters, UpdateKey, WitnessProofs, Witnesses, create, prepare_approval,
    },
    http_binding::{Accept, Answer, Options, Question, Request, Step, start},
    resolve,
    web_location::WebLocation,
};
use std::{collections::BTreeSet, str, sync::LazyLock};

pub(super) const TARGETS: &[Target] = &[
    target("resolver/did", dids, resolve_did),
    target("resolver/did-web-document", web_documents, read_web_document),
    target("resolver/did-webvh-log", logs, read_log),
    target("resolver/did-webvh-witnesses", witness_files, read_witnesses),
    target("resolver/did-url", did_urls, dereference),
    target("resolver/http", requests, answer),
];

fn now() -> Timestamp {
    people::now()
}

fn dids() -> Vec<Vec<u8>> {
    let key = |algorithm| sinpyo_testkit::key(algorithm, 1).verifying_key().clone();
    let mut all = texts(&[
        "did:web:example.com%3A8443:user:alice",
        "did:webvh:QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL:example.com:a",
        "did:tlog:zQmXynzYcUD2SQcvJtFeiUgv81Rrgwen8jiAhS8KeW6xSzm",
    ]);
    all.extend(fixture::vectors("did"));
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384] {
        all.push(did_key::did_of(&key(algorithm)).as_str().into());
        all.push(sinpyo_resolver::did_jwk::did_of(&key(algorithm).to_jwk()).as_str().into());
    }
    all
}

/// What resolves alone has the identifier that was asked for.
fn resolve_did(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let _location = WebLocation::parse(text).map(|location| (location.file("did.json"), location.folder()));
    let Ok(did) = text.parse::<Did>() else { return "did" };
    match resolve(&did, &VersionSelector::Latest) {
        Ok(Resolution::Resolved(resolved)) => {
            assert_eq!(*resolved.did(), did);
            OK
        }
        Ok(Resolution::Fetch(query)) => {
            assert!(query.request().url().starts_with("https://"), "{}", query.request().url());
            "fetch"
        }
        Ok(Resolution::Log(_)) => "log",
        Err(error) => error.code(),
    }
}

fn web_did() -> Did {
    "did:web:a.example".parse().expect("a DID")
}

fn web_documents() -> Vec<Vec<u8>> {
    fixture::documents()
}

fn read_web_document(input: &[u8]) -> Outcome {
    match did_web::document(&web_did(), input) {
        Ok(document) => {
            assert_eq!(*document.resolved().did(), web_did());
            let _metadata = document.metadata_json();
            OK
        }
        Err(error) => error.code(),
    }
}

fn key(seed: u8) -> SigningKey {
    sinpyo_testkit::key(Algorithm::Ed25519, seed)
}

fn update_key(seed: u8) -> UpdateKey {
    UpdateKey::new(key(seed).verifying_key()).expect("an Ed25519 key")
}

fn signed(draft: DraftEntry, seed: u8) -> Entry {
    let prepared = draft.prepare(key(seed).verifying_key()).expect("an Ed25519 key");
    let signature = key(seed).sign(prepared.signing_input()).expect("a signature");
    prepared.attach(&signature).expect("our own signature")
}

fn at(day: u8) -> Timestamp {
    format!("2026-01-{day:02}T00:00:00Z").parse().expect("a time")
}

fn started(parameters: &Parameters) -> DidLog {
    let document = |did: &str| -> Map<String, Value> {
        json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": did})
            .as_object()
            .cloned()
            .unwrap_or_default()
    };
    let draft = create("example.com", parameters, at(1), document).expect("a first entry");
    DidLog::start(signed(draft, 1), now()).expect("our own entry")
}

fn followed(log: DidLog, parameters: &Parameters, (signer, day): (u8, u8)) -> DidLog {
    let state = log.versions().last().expect("a version").entry().state().clone();
    let draft = log.update(parameters, state, at(day)).expect("an update");
    log.append(signed(draft, signer), now()).expect("our own entry")
}

fn by(seed: u8) -> Parameters {
    Parameters { update_keys: Some(vec![update_key(seed)]), ..Parameters::default() }
}

/// Three entries, the second handing over to a key that the first announced.
static HANDED_OVER: LazyLock<DidLog> = LazyLock::new(|| {
    let first =
        Parameters { next_key_hashes: Some(vec![update_key(2).hash()]), portable: Some(true), ..by(1) };
    let second = Parameters { next_key_hashes: Some(Vec::new()), ttl: Some(300), ..by(2) };
    followed(followed(started(&first), &second, (2, 2)), &Parameters::default(), (2, 3))
});

/// A log whose only entry needs a witness, and that one's approval.
static WITNESSED: LazyLock<(DidLog, WitnessProofs)> = LazyLock::new(|| {
    let witnesses = Witnesses::new(1, vec![update_key(8), update_key(9)]);
    let log = started(&Parameters { witness: witnesses, ..by(1) });
    let id = log.versions().first().expect("a version").id().clone();
    let secret = key(9);
    let prepared = prepare_approval(&id, secret.verifying_key(), at(1)).expect("an Ed25519 key");
    let signature = secret.sign(prepared.signing_input()).expect("a signature");
    let mut proofs = WitnessProofs::default();
    proofs.add(&id, prepared.attach(&signature).expect("our own signature"));
    (log, proofs)
});

/// The first line of a good log.
pub(crate) fn first_entry() -> Vec<u8> {
    HANDED_OVER.to_jsonl().lines().next().unwrap_or_default().as_bytes().to_vec()
}

fn logs() -> Vec<Vec<u8>> {
    let mut logs = vec![HANDED_OVER.to_jsonl().into_bytes(), WITNESSED.0.to_jsonl().into_bytes()];
    logs.extend(fixture::vectors("did-webvh"));
    logs
}

/// The versions of the logs above.
static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let read = |log: &Vec<u8>| DidLog::read(log, now());
    let ids = |log: DidLog| {
        log.versions().iter().map(|version| version.id().as_str().to_owned()).collect::<Vec<_>>()
    };
    logs().iter().map(read).flat_map(ids).collect()
});

/// A log that was read is written as it was read; a state in it is one that was signed.
fn read_log(input: &[u8]) -> Outcome {
    let log = DidLog::read(input, now());
    let again = DidLog::read(log.to_jsonl().as_bytes(), now());
    assert_eq!(again.versions(), log.versions(), "a log is written as it was read");
    for version in log.versions() {
        let id = version.id().as_str();
        // Whoever makes a first entry makes a DID; but nobody else adds to it.
        assert!(KNOWN.contains(id) || version.id().number() == 1, "{id}");
    }
    if let Some(first) = log.versions().first()
        && let Some(did) =
            first.entry().state().get("id").and_then(Value::as_str).and_then(|id| id.parse().ok())
    {
        let _resolved = log.resolve(&did, &VersionQuery::default()).map(|resolved| resolved.metadata_json());
    }
    log.error().map_or(OK, |error| error.code())
}

fn witness_files() -> Vec<Vec<u8>> {
    texts(&[&WITNESSED.1.to_json()])
}

/// Only the witness's own approval counts.
fn read_witnesses(input: &[u8]) -> Outcome {
    let proofs = match WitnessProofs::read(input) {
        Ok(proofs) => proofs,
        Err(error) => return error.code(),
    };
    let written = proofs.to_json();
    assert_eq!(WitnessProofs::read(written.as_bytes()).expect("what is written is read"), proofs);
    let log = WITNESSED.0.clone().witnessed(&proofs, now());
    log.error().map_or(OK, |error| error.code())
}

fn did_urls() -> Vec<Vec<u8>> {
    texts(&[
        "did:web:a.example#m",
        "did:web:a.example?service=s&relativeRef=%2Fa%2Fb%3Fq#f",
        "did:web:a.example/path?versionTime=2026-01-01T00:00:00Z&hl=x",
        "did:web:a.example?versionId=1&serviceType=A",
        "did:web:a.example",
    ])
}

static DOCUMENT: LazyLock<ResolvedJson> = LazyLock::new(|| {
    let documents = web_documents();
    let document = documents.iter().find_map(|bytes| did_web::document(&web_did(), bytes).ok());
    document.expect("a document of this DID")
});

fn dereference(input: &[u8]) -> Outcome {
    let Ok(url) = str::from_utf8(input).unwrap_or_default().parse::<DidUrl>() else { return SKIPPED };
    let target = match Dereferenced::new(&url, &[("service".to_owned(), "s".to_owned())]) {
        Ok(target) => target,
        Err(error) => return error.code(),
    };
    match target.select(&DOCUMENT) {
        Ok(_) => OK,
        Err(error) => error.code(),
    }
}

/// A request: the target, the `Accept` header, and the options as a query or in JSON, a line each.
fn requests() -> Vec<Vec<u8>> {
    let key = did_key::did_of(key(1).verifying_key());
    texts(&[
        &format!("{key}\napplication/did-resolution\nversionTime=2026-01-01T00:00:00Z"),
        &format!("{key}%23{}\napplication/did-url-dereferencing\n", key.method_specific_id()),
        &format!(
            "{key}\n*/*\n{{\"publicKeyFormat\":\"JsonWebKey2020\",\"enableExperimentalPublicKeyTypes\":true}}"
        ),
        "did:web:a.example\napplication/did+ld+json, text/html;q=0.1\naccept=application%2Fdid",
        "did:webvh:QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL:example.com\n\nversionNumber=1",
        "did:tlog:zQmXynzYcUD2SQcvJtFeiUgv81Rrgwen8jiAhS8KeW6xSzm?service=a\n\nrelativeRef=%2Fa",
    ])
}

/// Every request is answered; with 500 and 501 only where the specification has them: for documents that are invalid, and
/// methods that are not supported [DID Resolution §10].
fn answer(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return SKIPPED };
    let mut lines = text.splitn(3, '\n');
    let (target, accept) = (lines.next().unwrap_or_default(), lines.next());
    let rest = lines.next().unwrap_or_default();
    let _chosen = Accept::choose(accept, None);
    let options =
        if rest.starts_with('{') { Options::from_json(rest.as_bytes()) } else { Options::from_query(rest) };
    let Ok(options) = options else { return "options" };
    let mut step = start(&Request { target, options, accept });
    for _ in 0..4 {
        step = match step {
            Step::Done(answer) => return check(&answer),
            Step::Ask(pending) => match pending.question() {
                Question::Log(_) if rest.len() % 2 == 0 => {
                    Step::Done(pending.resolved(Err(ResolveError::Absent)))
                }
                Question::Log(_) => {
                    let document: Resolved = people::issuer_document();
                    Step::Done(pending.resolved(Ok(document)))
                }
                Question::Fetch(request) => {
                    assert!(request.url().starts_with("https://"), "{}", request.url());
                    let body = web_documents().pop().unwrap_or_default();
                    pending.fetched(&Fetched::Body(&body), now())
                }
            },
        };
    }
    "endless"
}

fn check(answer: &Answer) -> Outcome {
    let status = answer.status;
    let is_specified = matches!(status, 500 | 501) && answer.rule.is_some();
    assert!((200..500).contains(&status) || is_specified, "{status}");
    if status < 300 { OK } else { "refused" }
}
