use crate::world::{BASE, World, small};
use serde_json::{Value, json};
use sinpyo_vcapi::Fact;

const CHECK: &str = "status";

fn checked(world: &World, credential: &Value) -> Result<(), String> {
    world.verify(credential, &json!({"checks": ["proof", CHECK]})).map(drop)
}

fn set(world: &World, entry: &Value, is_set: bool) -> (u16, Value) {
    world.post("/credentials/status", &json!({"credentialStatus": entry, "status": is_set}))
}

#[test]
fn a_status_is_in_the_list_as_soon_as_it_is_set() {
    let world = World::conformance();
    let credential = world.issue("seoul");
    let [revocation, suspension] = [0, 1].map(|i| credential["credentialStatus"][i].clone());
    assert_eq!(revocation["statusListCredential"], format!("{BASE}/status-lists/seoul/0/revocation"));
    assert_eq!(checked(&world, &credential), Ok(()));
    assert_eq!(set(&world, &suspension, true).0, 200);
    assert_eq!(checked(&world, &credential), Err("VP-08".into()));
    assert_eq!(
        set(&world, &revocation, false).0,
        200,
        "not revoked: nothing to do, and the suspension stays"
    );
    assert_eq!(checked(&world, &credential), Err("VP-08".into()));
    assert_eq!(set(&world, &suspension, false).0, 200);
    assert_eq!(checked(&world, &credential), Ok(()));
    assert_eq!(set(&world, &revocation, true).0, 200);
    assert_eq!(checked(&world, &credential), Err("VP-07".into()));
    assert_eq!(set(&world, &revocation, false).1["rule"], "ISS-26", "revocation is for good");
    let other = world.issue("seoul");
    assert_eq!(checked(&world, &other), Ok(()));
    assert!(world.fetched.borrow().is_empty(), "our own lists are not fetched");
}

#[test]
fn a_list_is_a_credential_that_verifies_and_hides_among_131072() {
    let world = World::conformance();
    world.issue("seoul");
    let (status, list) = world.get("/status-lists/seoul/0/revocation");
    assert_eq!(status, 200);
    assert!(list["type"].as_array().unwrap().contains(&json!("BitstringStatusListCredential")));
    assert_eq!(list["credentialSubject"]["statusPurpose"], "revocation");
    assert_eq!(list["id"], format!("{BASE}/status-lists/seoul/0/revocation"));
    assert!(world.verify(&list, &json!({})).is_ok());
    let text = list["credentialSubject"]["encodedList"].as_str().unwrap();
    let bits = sinpyo_core::status::StatusList::from_encoded_list(sinpyo_core::status::StatusSize::ONE, text)
        .unwrap();
    assert!(bits.len() >= 131_072);
    for absent in [
        "seoul/0/refresh",
        "seoul/7/revocation",
        "seoul/00/revocation",
        "status/0/suspension",
        "eddsa-rdfc-2022/0/revocation",
    ] {
        let (status, answer) = world.get(&format!("/status-lists/{absent}"));
        assert_eq!(status, 404, "{absent} {answer}");
    }
}

#[test]
fn a_credential_that_can_only_be_revoked_has_one_entry() {
    let world = World::conformance();
    let credential = world.issue("status");
    let entry = &credential["credentialStatus"];
    assert_eq!(entry["type"], "BitstringStatusListEntry");
    let suspension = entry["statusListCredential"].as_str().unwrap().replace("revocation", "suspension");
    let mut other = entry.clone();
    (other["statusPurpose"], other["statusListCredential"]) = (json!("suspension"), json!(suspension));
    assert_eq!(set(&world, &other, true).1["rule"], "ISS-25");
    assert_eq!(set(&world, entry, true).0, 200);
    assert_eq!(checked(&world, &credential), Err("VP-07".into()));
    let own = json!({"id": "https://a.example/s", "type": "https://a.example/Own"});
    let both = world.issue_with("status", &json!({ "credentialStatus": own }), &json!({}));
    assert_eq!((&both["credentialStatus"][0], both["credentialStatus"].as_array().unwrap().len()), (&own, 2));
}

#[test]
fn a_new_list_takes_later_credentials() {
    let world = World::conformance();
    let first = world.issue("seoul");
    let (status, opened) = world.post("/status-lists", &json!({"instance": "seoul"}));
    assert_eq!(status, 201);
    assert_eq!(opened["statusListCredential"][0], format!("{BASE}/status-lists/seoul/1/revocation"));
    let second = world.issue("seoul");
    let list = |credential: &Value| credential["credentialStatus"][0]["statusListCredential"].clone();
    assert_eq!(
        (list(&first), list(&second)),
        (json!(format!("{BASE}/status-lists/seoul/0/revocation")), opened["statusListCredential"][0].clone())
    );
    assert_eq!(set(&world, &second["credentialStatus"][0], true).0, 200);
    assert_eq!((checked(&world, &first), checked(&world, &second)), (Ok(()), Err("VP-07".into())));
    assert_eq!(world.post("/status-lists", &json!({"instance": "bbs-2023"})).0, 404);
    assert_eq!(world.post("/status-lists", &json!({})).0, 400);
}

#[test]
fn a_status_is_set_by_the_name_of_the_credential() {
    let world = World::conformance();
    let credential = world.issue_with("seoul", &json!({}), &json!({"credentialId": "urn:x:1"}));
    let body = |id: &str, purpose: &str| {
        let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": purpose});
        json!({"credentialId": id, "credentialStatus": entry, "status": true})
    };
    assert_eq!(world.post("/credentials/status", &body("urn:x:2", "revocation")).0, 404);
    assert_eq!(world.post("/credentials/status", &body("urn:x:1", "message")).1["rule"], "VCA-15");
    assert_eq!(world.post("/credentials/status", &body("urn:x:1", "suspension")).0, 200);
    assert_eq!(checked(&world, &credential), Err("VP-08".into()));
}

#[test]
fn an_entry_of_nobody_or_of_another_server_is_not_set() {
    let world = World::conformance();
    let credential = world.issue("seoul");
    let entry = &credential["credentialStatus"][0];
    let with = |name: &str, value: &str| {
        let mut entry = entry.clone();
        entry[name] = json!(value);
        set(&world, &entry, true)
    };
    assert_eq!(with("statusListIndex", "131072").1["rule"], "ISS-22");
    let free = if entry["statusListIndex"] == "5" { "6" } else { "5" };
    assert_eq!(with("statusListIndex", free).1["rule"], "ISS-24");
    assert_eq!(with("statusListIndex", "x").0, 404);
    assert_eq!(with("statusListCredential", "https://other.example/status-lists/seoul/0/revocation").0, 404);
    assert_eq!(with("statusPurpose", "suspension").0, 404);
    assert_eq!(world.post("/credentials/status", &json!({"credentialStatus": entry, "status": "1"})).0, 400);
}

#[test]
fn a_foreign_list_is_fetched_and_must_be_good() {
    let publisher = World::conformance();
    let credential = publisher.issue("seoul");
    let entry = &credential["credentialStatus"][0];
    let list = || {
        let (_, list) = publisher.get("/status-lists/seoul/0/revocation");
        Fact::Body(list.to_string().into_bytes())
    };
    let mut verifier = World::conformance();
    verifier.settings.base = "https://verifier.example".into();
    let url = entry["statusListCredential"].as_str().unwrap();
    assert_eq!(checked(&verifier, &credential), Err("VP-12".into()), "nobody answers");
    verifier.web.insert(url.into(), list());
    verifier.web.insert(url.replace("revocation", "suspension"), {
        let (_, list) = publisher.get("/status-lists/seoul/0/suspension");
        Fact::Body(list.to_string().into_bytes())
    });
    assert_eq!(checked(&verifier, &credential), Ok(()));
    assert_eq!(set(&publisher, entry, true).0, 200);
    verifier.web.insert(url.into(), list());
    assert_eq!(checked(&verifier, &credential), Err("VP-07".into()));
    verifier.web.insert(url.into(), Fact::Body(b"{}".to_vec()));
    assert!(checked(&verifier, &credential).is_err());
    let unsigned = json!(small("did:example:a"));
    verifier.web.insert(url.into(), Fact::Body(unsigned.to_string().into_bytes()));
    assert!(checked(&verifier, &credential).is_err());
}
