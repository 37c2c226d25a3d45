use crate::world::{World, small};
use serde_json::{Value, json};

/// What each place of a good body is replaced with.
fn replacements() -> Vec<Value> {
    let deep = (0..40).fold(json!({}), |inner, _| json!({ "a": inner }));
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1.5e300),
        json!(""),
        json!("x"),
        json!("\u{0}\u{fffd}\u{202e}"),
        json!("did:key:z"),
        json!("https://www.w3.org/ns/credentials/v2"),
        json!("z".repeat(10_000)),
        json!([]),
        json!([[], {}, null]),
        json!({}),
        json!({"@id": "x", "@value": 1, "id": []}),
        json!({"@context": {"@vocab": "x:"}}),
        deep,
    ]
}

/// The pointers to every place in `value`.
fn places(value: &Value, here: &str, into: &mut Vec<String>) {
    into.push(here.to_owned());
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                places(value, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                places(value, &format!("{here}/{index}"), into);
            }
        }
        _ => {}
    }
}

fn every_mutation_is_answered(world: &World, path: &str, good: &Value) {
    let (status, answer) = world.post(path, good);
    assert!((200..300).contains(&status), "{path} {status} {answer}");
    let mut all = Vec::new();
    places(good, "", &mut all);
    for place in &all {
        for replacement in replacements() {
            let mut body = good.clone();
            *body.pointer_mut(place).unwrap() = replacement.clone();
            let (status, answer) = world.post(path, &body);
            assert!((200..500).contains(&status), "{path} {place} {replacement} {status} {answer}");
            if status >= 400 {
                assert!(answer["rule"].is_string() && answer["mend_ko"].is_string(), "{place} {answer}");
            }
        }
        let Some((parent, name)) = place.rsplit_once('/') else { continue };
        let mut body = good.clone();
        if let Some(Value::Object(members)) = body.pointer_mut(parent) {
            members.remove(&name.replace("~1", "/").replace("~0", "~"));
            assert!((200..500).contains(&world.post(path, &body).0), "{path} without {place}");
        }
    }
}

#[test]
fn no_mutation_of_a_good_body_is_the_servers_failure() {
    let world = World::conformance();
    for instance in ["eddsa-rdfc-2022", "ecdsa-jcs-2019-p256", "vc-jwt"] {
        let body = json!({"credential": small(&world.did(instance)), "options": {"mandatoryPointers": []}});
        every_mutation_is_answered(&world, &format!("/issuers/{instance}/credentials/issue"), &body);
    }
    let signed = world.issue("seoul");
    every_mutation_is_answered(
        &world,
        "/credentials/verify",
        &json!({"verifiableCredential": signed,
        "options": {"checks": ["proof", "status"]}}),
    );
    every_mutation_is_answered(
        &world,
        "/credentials/verify",
        &json!({"verifiableCredential": world.issue("vc-jwt")}),
    );
    let base = world.issue_with("ecdsa-sd-2023", &json!({}), &json!({"mandatoryPointers": ["/issuer"]}));
    let options = json!({"selectivePointers": ["/credentialSubject"]});
    every_mutation_is_answered(
        &world,
        "/credentials/derive",
        &json!({"verifiableCredential": base, "options": options}),
    );
    let presented =
        world.present("eddsa-jcs-2022", &[world.issue("eddsa-jcs-2022"), world.issue("vc-jwt")], "c");
    every_mutation_is_answered(
        &world,
        "/presentations/verify",
        &json!({"verifiablePresentation": presented,
        "options": {"challenge": "c", "domain": "post.example"}}),
    );
    let entry = signed["credentialStatus"][1].clone();
    every_mutation_is_answered(
        &world,
        "/credentials/status",
        &json!({"credentialStatus": entry, "status": true}),
    );
}

#[test]
fn nor_in_production() {
    let world = World::production();
    let instance = "ecdsa-rdfc-2019-p256";
    let body = json!({"credential": small(&world.did(instance)), "options": {"mandatoryPointers": []}});
    every_mutation_is_answered(&world, &format!("/issuers/{instance}/credentials/issue"), &body);
    every_mutation_is_answered(
        &world,
        "/credentials/verify",
        &json!({"verifiableCredential": world.issue("status")}),
    );
}
