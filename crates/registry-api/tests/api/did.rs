use crate::world::{World, header, heads_key, log_key, now, organisation, refused};
use http::Request;
use serde_json::{Value, json};
use sinpyo_core::{accreditation::Right, resolved::VersionSelector};
use sinpyo_registry::{
    accreditation::{AccreditationProof, AccreditationStatus, draft_status},
    did_tlog::ResolutionProof,
    heads::{Recency, SignedHeads},
    status_digest::{StatusDigest, StatusDigestProof, publish},
};
use std::time::Duration;

#[test]
fn a_did_resolves_in_both_dialects() {
    let world = World::new();
    let path = format!("/1.0/identifiers/{}", world.root);
    let ask = |accept: &str| {
        let response = world.whole(&Request::get(&path).header("accept", accept).body("").unwrap());
        assert_eq!(response.status(), 200, "{accept}");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (header(&response, "content-type").to_owned(), body)
    };
    let (media, body) = ask("application/did-resolution");
    assert_eq!(
        (media.as_str(), &body["didDocument"]["id"]),
        ("application/did-resolution", &json!(world.root.as_str()))
    );
    let legacy = r#"application/ld+json;profile="https://w3id.org/did-resolution""#;
    let (media, body) = ask(legacy);
    assert_eq!((media.as_str(), &body["didDocument"]["id"]), (legacy, &json!(world.root.as_str())));
    let (media, body) = ask("application/did");
    assert_eq!((media.as_str(), &body["id"]), ("application/did", &json!(world.root.as_str())));
}

#[test]
fn a_did_resolves_by_version() {
    let world = World::new();
    let first = world.ledger.head_of(&world.root).unwrap().unwrap().version().to_string();
    world.grow(2);
    world.publish();
    let ask = |query: &str| {
        let response = world.get(&format!("/1.0/identifiers/{}?{query}", world.root));
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), body["didDocumentMetadata"]["versionId"].clone())
    };
    assert_eq!(ask(&format!("versionId={first}")), (200, json!(first)));
    let newest = world.ledger.head_of(&world.root).unwrap().unwrap().version().to_string();
    assert_eq!(ask(""), (200, json!(newest)));
    assert_eq!(ask("versionTime=2026-11-22T00:00:00Z"), (200, json!(newest)));
    assert_eq!(ask("versionTime=2026-11-21T23:59:59Z").0, 404);
    assert_eq!(ask("versionId=9-zQm").0, 404);
    assert_eq!(ask("versionTime=yesterday").0, 400);
}

#[test]
fn what_is_not_a_did_of_this_log_is_not_resolved() {
    let world = World::new();
    let status = |did: &str| world.get(&format!("/1.0/identifiers/{did}")).status().as_u16();
    assert_eq!(status("did:tlog:zQmb1DFGKzLGvHnQ2m4WRpQ4CBEUKFqPeDZUkoUVLwXWcJ2"), 404);
    assert_eq!(status("not-a-did"), 400);
    assert_eq!(status("did:example:123"), 501);
    // SECURITY LOG-12: nobody is asked, so that the answer is at once and no.
    assert_eq!(status("did:web:inner.example"), 501);
    let options = |body: &'static str| {
        let path = format!("/1.0/identifiers/{}", world.root);
        world.whole(&Request::post(path).body(body).unwrap())
    };
    assert_eq!(options("{}").status(), 200);
    assert_eq!(refused(&options("{")), (400, "RGA-05"));
}

#[test]
fn a_history_comes_with_the_proof_of_every_version() {
    let world = World::new();
    world.grow(2);
    world.publish();
    let answer = world.json(&format!("/dids/{}", world.root.as_str().replace(':', "%3A")));
    let numbers: Vec<_> =
        answer["versions"].as_array().unwrap().iter().map(|version| version["index"].clone()).collect();
    assert_eq!(numbers, [json!(1), json!(2), json!(3)]);
    let proof: ResolutionProof = answer["proof"].to_string().parse().unwrap();
    let proven = proof.verify(&log_key().0, &world.root, &VersionSelector::Latest).unwrap();
    let newest = proven.resolved().metadata.version_id.clone().unwrap();
    assert_eq!(answer["versions"][2]["versionId"], newest);
    assert_eq!(
        refused(&world.get("/dids/did:tlog:zQmb1DFGKzLGvHnQ2m4WRpQ4CBEUKFqPeDZUkoUVLwXWcJ2")),
        (404, "TLOG-34")
    );
    assert_eq!(refused(&world.get("/dids/hello")), (400, "RGA-05"));
}

#[test]
fn accreditations_are_listed_and_a_right_is_proven() {
    let world = World::new();
    let operation = organisation(2);
    world.post(operation.as_bytes());
    let subject = &operation.fact().did;
    world.accredit(subject, "행정안전부");
    world.publish();
    let list = world.json(&format!("/accreditations/{subject}"));
    let [record] = list["accreditations"].as_array().unwrap().as_slice() else { panic!("one: {list}") };
    assert_eq!(
        (&record["name"]["ko"], &record["inEffect"], &record["index"]),
        (&json!("행정안전부"), &json!(true), &json!(3))
    );
    assert_eq!(record["grant"], json!({"issue": ["ResidentCard"]}));

    let right = Right::Issue("ResidentCard".parse().unwrap());
    let ask = |query: &str| world.json(&format!("/accreditations/{subject}?right=issue:ResidentCard{query}"));
    let answer = ask("");
    let proof: AccreditationProof = answer["proof"].to_string().parse().unwrap();
    proof.verify(&log_key().0, subject, &right, now()).unwrap();
    assert_eq!((answer["chain"].as_array().unwrap().len(), &answer["refused"]), (1, &json!(null)));
    let before = ask("&at=2026-11-21T00:00:00Z");
    assert_eq!((&before["chain"], &before["refused"]), (&json!([]), &json!("ACC-13")));
    let other = world.json(&format!("/accreditations/{subject}?right=request:post.login"));
    assert_eq!(other["refused"], "ACC-12");
    for query in ["right=issue", "right=own:ResidentCard", "right=request:Post", "at=now"] {
        assert_eq!(
            refused(&world.get(&format!("/accreditations/{subject}?{query}"))),
            (400, "RGA-05"),
            "{query}"
        );
    }
}

#[test]
fn a_suspended_accreditation_is_shown_as_such() {
    let world = World::new();
    let operation = organisation(2);
    world.post(operation.as_bytes());
    let subject = &operation.fact().did;
    let id = world.accredit(subject, "A")["id"].as_str().unwrap().parse().unwrap();
    let record = world.ledger.accreditation_record(&id).unwrap().unwrap();
    let change =
        world.as_root(draft_status(&crate::world::origin(), &record, AccreditationStatus::Suspended));
    assert_eq!(world.post(change.as_bytes()).status(), 201);
    world.publish();
    let list = world.json(&format!("/accreditations/{subject}"));
    let record = &list["accreditations"][0];
    assert_eq!((&record["status"], &record["inEffect"]), (&json!("suspended"), &json!(false)));
    assert_eq!(record["changes"][0]["index"], json!(4));
    let answer = world.json(&format!("/accreditations/{subject}?right=issue:ResidentCard"));
    assert_eq!(answer["refused"], "ACC-13");
}

#[test]
fn the_newest_digest_of_a_status_list_is_told() {
    let world = World::stating();
    let list = "https://issuer.example/lists/1";
    let digest = StatusDigest {
        by: world.root.clone(),
        list: list.into(),
        version: 1,
        sha256: [7; 32],
        issued_at: now(),
        time_to_live: Duration::from_mins(1),
    };
    let operation = world.as_root(publish(&crate::world::origin(), digest));
    assert_eq!(world.post(operation.as_bytes()).status(), 201);
    world.publish();
    let answer = world.json(&format!("/status-digests/{}?list={list}", world.root));
    assert_eq!(
        (&answer["version"], &answer["index"], &answer["timeToLive"]),
        (&json!(1), &json!(2), &json!(60))
    );
    let proof: StatusDigestProof = answer["proof"].to_string().parse().unwrap();
    let key = &log_key().0;
    let proven = proof.verify_latest(key, &world.root, list, &Recency::default()).unwrap();
    assert_eq!((proven.record().position.index, proven.record().digest.sha256), (2, [7; 32]));
    let other = proof.verify_latest(key, &world.root, "https://issuer.example/lists/2", &Recency::default());
    assert!(other.is_err());
    let absent = world.get(&format!("/status-digests/{}?list=https://issuer.example/lists/2", world.root));
    assert_eq!(refused(&absent).0, 404);
    assert_eq!(refused(&world.get(&format!("/status-digests/{}", world.root))), (400, "RGA-05"));
}

#[test]
fn what_is_newest_is_stated_and_stapled() {
    let world = World::stating();
    let operation = organisation(2);
    world.post(operation.as_bytes());
    let subject = &operation.fact().did;
    world.accredit(subject, "A");
    world.publish();
    let head: SignedHeads =
        String::from_utf8(world.get(&format!("/heads/{}", world.root)).into_body()).unwrap().parse().unwrap();
    assert!(head.verify(&heads_key().0).is_ok());

    let history = world.json(&format!("/dids/{}", world.root));
    let proof: ResolutionProof = history["proof"].to_string().parse().unwrap();
    let newest = (&VersionSelector::Latest, &Recency::default());
    proof.verify_latest(&log_key().0, &world.root, newest.0, newest.1).unwrap();
    assert!(proof.verify_latest(&log_key().0, subject, newest.0, newest.1).is_err(), "about another DID");

    let right = Right::Issue("ResidentCard".parse().unwrap());
    let answer = world.json(&format!("/accreditations/{subject}?right=issue:ResidentCard"));
    let proof: AccreditationProof = answer["proof"].to_string().parse().unwrap();
    proof.verify_latest(&log_key().0, subject, &right, now(), &Recency::default()).unwrap();
}

#[test]
fn a_log_without_a_heads_key_states_nothing() {
    let world = World::new();
    assert_eq!(refused(&world.get(&format!("/heads/{}", world.root))), (404, "RGA-14"));
    let history = world.json(&format!("/dids/{}", world.root));
    let proof: ResolutionProof = history["proof"].to_string().parse().unwrap();
    let refused =
        proof.verify_latest(&log_key().0, &world.root, &VersionSelector::Latest, &Recency::default());
    assert_eq!(refused.unwrap_err().code(), "TLOG-36");
}
