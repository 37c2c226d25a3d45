use crate::world::{World, small};
use serde_json::{Value, json};

const INSTANCES: [&str; 10] = [
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019-p256",
    "ecdsa-rdfc-2019-p384",
    "ecdsa-jcs-2019-p256",
    "ecdsa-jcs-2019-p384",
    "ecdsa-sd-2023",
    "bbs-2023",
    "status",
    "vc-jwt",
];

fn refused(world: &World, instance: &str, body: &Value) -> (u16, String, String) {
    let (status, answer) = world.post(&format!("/issuers/{instance}/credentials/issue"), body);
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    (status, text("rule"), text("pointer"))
}

#[test]
fn every_instance_issues_what_verifies() {
    let world = World::conformance();
    for instance in INSTANCES {
        let mut issued = world.issue_with(instance, &json!({}), &json!({}));
        if ["ecdsa-sd-2023", "bbs-2023"].contains(&instance) {
            assert_eq!(world.verify(&issued, &json!({})), Err("SDI-11".into()), "{instance}: a base proof");
            let options = json!({"selectivePointers": ["/issuer", "/credentialSubject/alumniOf"]});
            let (status, answer) = world
                .post("/credentials/derive", &json!({"verifiableCredential": issued, "options": options}));
            assert_eq!(status, 201, "{instance} {answer}");
            issued = answer["verifiableCredential"].clone();
            assert!(issued["credentialSubject"].get("alumniOf").is_some());
        }
        assert!(world.verify(&issued, &json!({"checks": ["proof"]})).is_ok(), "{instance}");
        let altered = issued.to_string().replace("서울", "부산");
        let altered: Value = if instance == "vc-jwt" {
            json!({"type": issued["type"], "@context": issued["@context"],
                "id": issued["id"].as_str().unwrap().replace(".eyJ", ".eyI")})
        } else {
            serde_json::from_str(&altered).unwrap()
        };
        assert!(world.verify(&altered, &json!({})).is_err(), "{instance}");
    }
}

#[test]
fn the_instances_are_listed_with_their_keys() {
    let world = World::conformance();
    let (status, listed) = world.get("/instances");
    let names: Vec<_> =
        listed.as_array().unwrap().iter().map(|one| one["instance"].as_str().unwrap()).collect();
    assert_eq!((status, names.len()), (200, INSTANCES.len() + 1));
    for instance in listed.as_array().unwrap() {
        // The prefixes of the multikeys, by kind [did:key §3.1].
        let prefix = match instance["key"].as_str().unwrap() {
            "Ed25519" => "did:key:z6Mk",
            "P-256" => "did:key:zDna",
            "P-384" => "did:key:z82L",
            _ => "did:key:zUC7",
        };
        assert!(instance["did"].as_str().unwrap().starts_with(prefix), "{instance}");
    }
}

#[test]
fn somebody_elses_credential_is_not_issued() {
    let world = World::conformance();
    let foreign = json!({"credential": small("did:example:somebody")});
    let expected = (400, "VCA-05".to_owned(), "/credential/issuer".to_owned());
    assert_eq!(refused(&world, "eddsa-rdfc-2022", &foreign), expected);
    let as_object = json!({"credential": small(&world.did("bbs-2023"))});
    assert_eq!(refused(&world, "eddsa-rdfc-2022", &as_object), expected);
    let issuer = json!({"issuer": {"id": world.did("eddsa-jcs-2022"), "name": "office"}});
    world.issue_with("eddsa-jcs-2022", &issuer, &json!({}));
}

#[test]
fn a_refusal_names_rule_place_and_mend_in_two_languages() {
    let world = World::conformance();
    let (_, answer) = world.post(
        "/issuers/eddsa-rdfc-2022/credentials/issue",
        &json!({"credential": small("did:example:somebody")}),
    );
    assert_eq!(answer["status"], 400);
    assert_eq!(answer["detail_ko"], "규칙");
    assert_eq!((&answer["mend"], &answer["mend_ko"]), (&json!("mend it"), &json!("고친다")));
    assert!(answer["type"].as_str().unwrap().starts_with("https://www.w3.org/TR/vc-data-model#"));
    for member in ["title", "title_ko", "detail", "rule", "pointer"] {
        assert!(answer[member].is_string(), "{member}");
    }
}

#[test]
fn a_pointer_that_leads_nowhere_or_is_none_is_refused() {
    let world = World::conformance();
    for instance in ["ecdsa-sd-2023", "bbs-2023"] {
        let body = |pointer: &str| json!({"credential": small(&world.did(instance)), "options": {"mandatoryPointers": [pointer]}});
        assert_eq!(refused(&world, instance, &body("/nothing")).0, 400);
        assert_eq!(refused(&world, instance, &body("issuer")).1, "SDI-04");
    }
    let instance = "eddsa-rdfc-2022";
    let body =
        json!({"credential": small(&world.did(instance)), "options": {"mandatoryPointers": ["/issuer"]}});
    assert_eq!(refused(&world, instance, &body).1, "VCA-07");
}

#[test]
fn what_no_context_defines_is_not_issued_under_any_suite() {
    let world = World::conformance();
    for instance in INSTANCES {
        let mut credential = small(&world.did(instance));
        credential["undefinedTerm"] = json!("x");
        // The examples context defines everything.
        credential["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
        credential["credentialSubject"] = json!({"id": "did:example:holder"});
        let (status, rule, pointer) = refused(&world, instance, &json!({"credential": credential}));
        assert_eq!((status, pointer.as_str()), (400, "/credential/undefinedTerm"), "{instance} {rule}");
    }
}

#[test]
fn a_wrong_digest_of_a_related_resource_is_refused() {
    let world = World::conformance();
    let resource = |digest: &str| json!({"relatedResource": [{"id": "https://www.w3.org/ns/credentials/v2", "digestSRI": digest}]});
    // The Recommendation's digest [VCDM 2.0 Appendix B.1].
    let good = resource("sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU");
    world.issue_with("eddsa-rdfc-2022", &good, &json!({}));
    let mut credential = small(&world.did("eddsa-rdfc-2022"));
    let bad = resource("sha384-AAAAjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU");
    credential["relatedResource"] = bad["relatedResource"].clone();
    let (status, rule, pointer) = refused(&world, "eddsa-rdfc-2022", &json!({"credential": credential}));
    assert_eq!((status, rule.as_str()), (400, "VCA-06"));
    assert_eq!(pointer, "/credential/relatedResource/0/digestSRI");
    let entry = good["relatedResource"][0].clone();
    credential["relatedResource"] = json!([entry, entry]);
    assert_eq!(refused(&world, "eddsa-rdfc-2022", &json!({"credential": credential})).1, "VCM-10");
    credential["relatedResource"] = json!([{"id": "https://a.example/x"}]);
    assert_eq!(refused(&world, "eddsa-rdfc-2022", &json!({"credential": credential})).1, "VCM-10");
}

#[test]
fn the_data_model_1_1_is_issued_for_conformance_only() {
    let old = json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"], "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:holder"},
    });
    let world = World::conformance();
    let issued = world.issue_with("ecdsa-rdfc-2019-p256", &old, &json!({}));
    assert_eq!(issued["@context"][1], "https://w3id.org/security/data-integrity/v2");
    assert!(world.verify(&issued, &json!({})).is_ok());
    let world = World::production();
    let mut credential = small(&world.did("ecdsa-rdfc-2019-p256"));
    credential.as_object_mut().unwrap().extend(old.as_object().unwrap().clone());
    assert_eq!(refused(&world, "ecdsa-rdfc-2019-p256", &json!({"credential": credential})).1, "VCM-01");
}

#[test]
fn definitions_in_the_document_are_for_conformance_only() {
    let context = json!({"@context": ["https://www.w3.org/ns/credentials/v2", {"grade": "https://a.example/grade"}],
        "credentialSubject": {"grade": "A"}});
    let world = World::conformance();
    assert!(world.verify(&world.issue_with("eddsa-rdfc-2022", &context, &json!({})), &json!({})).is_ok());
    let world = World::production();
    let mut credential = small(&world.did("eddsa-rdfc-2022"));
    credential.as_object_mut().unwrap().extend(context.as_object().unwrap().clone());
    assert_eq!(refused(&world, "eddsa-rdfc-2022", &json!({"credential": credential})).1, "DI-13");
}

#[test]
fn a_ten_clique_of_blank_nodes_is_refused_by_issuer_and_verifier() {
    let world = World::conformance();
    let knows =
        |i: usize| (0..10).filter(|j| *j != i).map(|j| json!({ "id": format!("_:b{j}") })).collect::<Value>();
    let nodes: Value = (0..10).map(|i| json!({"id": format!("_:b{i}"), "knows": knows(i)})).collect();
    let mut credential = small(&world.did("eddsa-rdfc-2022"));
    credential["credentialSubject"] = json!({"id": "did:example:s", "knows": nodes});
    let (status, rule, _) = refused(&world, "eddsa-rdfc-2022", &json!({"credential": credential}));
    assert_eq!(status, 400);
    assert!(rule.starts_with("RDF-"), "{rule}");
    credential["proof"] = world.issue("eddsa-rdfc-2022")["proof"].clone();
    assert_eq!(world.verify(&credential, &json!({})), Err(rule));
}

#[test]
fn what_was_issued_under_a_name_can_be_read_once_more_and_erased() {
    let world = World::conformance();
    let options = json!({"credentialId": "urn:uuid:6f1d"});
    let issued = world.issue_with("eddsa-jcs-2022", &json!({}), &options);
    let (status, kept) = world.get("/credentials/urn:uuid:6f1d");
    assert_eq!((status, &kept["verifiableCredential"]), (200, &issued));
    let again = json!({"credential": small(&world.did("eddsa-jcs-2022")), "options": options});
    assert_eq!(refused(&world, "eddsa-jcs-2022", &again).0, 409);
    assert_eq!(world.send("DELETE", "/credentials/urn%3Auuid%3A6f1d", b"").0, 202);
    assert_eq!(world.get("/credentials/urn:uuid:6f1d").0, 410);
    assert_eq!(world.get("/credentials/urn:uuid:other").0, 404);
    assert_eq!(refused(&world, "eddsa-jcs-2022", &again).1, "VCA-18", "a name is never used twice");
}

#[test]
fn a_store_that_fails_is_the_servers_fault() {
    let world = World::conformance();
    *world.memory.broken.borrow_mut() = true;
    let body = json!({"credential": small(&world.did("status"))});
    let (status, rule, _) = refused(&world, "status", &body);
    assert_eq!((status, rule.as_str()), (503, "VCA-19"));
}
