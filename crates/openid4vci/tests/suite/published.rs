//! What an issuer publishes.

use crate::world::{ISSUER, World, at, configuration, parsed};
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_core::Secret;
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_jose::{HeaderRules, KeyHint, Typ, UnverifiedJwt};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    configuration::Configuration,
    display::{Displays, Languages},
    issuer::{Encryption, IssuerSettings, MetadataSigner},
    metadata::IssuerMetadata,
};
use sinpyo_testkit::{TestEntropy, key};

const METADATA: &str = "https://issuer.example/.well-known/openid-credential-issuer/tenant";

fn get(world: &World, uri: &str, headers: &[(&str, &str)]) -> Option<Response<Vec<u8>>> {
    let mut request = Request::builder().uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, body) = request.body(Vec::new()).unwrap().into_parts();
    world.issuer().answer(&parts, &body, at(0), &mut TestEntropy::new(1))
}

/// Regression 8.
#[test]
fn metadata_stand_under_the_inserted_path_and_no_other() {
    let world = World::new();
    let response = get(&world, METADATA, &[]).unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/json".parse().unwrap())
    );
    let metadata = parsed(&response);
    assert_eq!(metadata["credential_issuer"], ISSUER);
    assert_eq!(metadata["credential_endpoint"], format!("{ISSUER}/credential"));
    for other in [
        "https://issuer.example/.well-known/openid-credential-issuer",
        "https://issuer.example/.well-known/openid-credential-issuer/tenant/",
        "https://issuer.example/.well-known/openid-credential-issuer/other",
        "https://issuer.example/tenant/.well-known/openid-credential-issuer",
    ] {
        assert!(get(&world, other, &[]).is_none(), "{other}");
    }
    let read = IssuerMetadata::parse(response.body(), &world.settings.id, Transport::Https).unwrap();
    assert_eq!(read.configurations, world.settings.configurations);
    assert_eq!(read.batch_size, 5);
}

#[test]
fn metadata_of_another_issuer_are_discarded() {
    let world = World::new();
    let body = get(&world, METADATA, &[]).unwrap().into_body();
    for other in ["https://issuer.example", "https://issuer.example/tenant/", "https://issuer.example/Tenant"]
    {
        let other = CredentialIssuerId::parse(other, Transport::Https).unwrap();
        let error = IssuerMetadata::parse(&body, &other, Transport::Https).unwrap_err();
        assert_eq!(error.code(), "VCI-MET-02");
    }
    let spoilt = |name: &str, value: Value| {
        let mut members: Value = serde_json::from_slice(&body).unwrap();
        members[name] = value;
        let text = members.to_string();
        IssuerMetadata::parse(text.as_bytes(), &world.settings.id, Transport::Https).unwrap_err().code()
    };
    assert_eq!(spoilt("credential_endpoint", json!("http://issuer.example/c")), "VCI-OFF-02");
    assert_eq!(spoilt("credential_endpoint", Value::Null), "VCI-MET-01");
    assert_eq!(spoilt("nonce_endpoint", json!("https://127.0.0.1/n")), "VCI-OFF-08");
    assert_eq!(spoilt("batch_credential_issuance", json!({ "batch_size": 1 })), "VCI-MET-01");
    assert_eq!(spoilt("display", json!([{ "locale": "ko" }, { "locale": "KO" }])), "VCI-MET-05");
    assert_eq!(spoilt("credential_configurations_supported", json!([])), "VCI-MET-01");
}

#[test]
fn one_unusable_configuration_does_not_spoil_the_others() {
    let world = World::new();
    let mut members = parsed(&get(&world, METADATA, &[]).unwrap());
    let all = &mut members["credential_configurations_supported"];
    all["broken"] = json!({ "format": "dc+sd-jwt" });
    all["foreign"] = json!({ "format": "urn:example:format", "vct": 1 });
    let text = members.to_string();
    let read = IssuerMetadata::parse(text.as_bytes(), &world.settings.id, Transport::Https).unwrap();
    assert!(!read.configurations.contains_key("broken"));
    assert_eq!(read.configurations["foreign"].format.name(), "urn:example:format");
    assert!(read.configurations.contains_key("resident"));
}

#[test]
fn names_come_in_the_language_that_is_wanted() {
    let world = World::new();
    let names = |accept: Option<&str>| {
        let headers: Vec<_> = accept.iter().map(|accept| ("accept-language", *accept)).collect();
        let response = get(&world, METADATA, &headers).unwrap();
        let display = &parsed(&response)["credential_configurations_supported"]["resident"]["credential_metadata"]
            ["display"];
        let names = display.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), response.headers()["content-language"].to_str().unwrap().to_owned())
    };
    let both = (vec!["주민 증명".to_owned(), "Resident".to_owned()], "en, ko".to_owned());
    assert_eq!(names(None), both);
    assert_eq!(names(Some("fr")), both);
    assert_eq!(names(Some("*")), both);
    let korean = (vec!["주민 증명".to_owned()], "ko".to_owned());
    for accept in ["ko", "ko-KR", "en;q=0.5, ko-KR;q=0.9", "fr, ko;q=0.1", "KO"] {
        assert_eq!(names(Some(accept)), korean, "{accept}");
    }
    assert_eq!(names(Some("ko;q=0, en")).1, "en");
    assert_eq!(names(Some("ko;q=1.5, en;q=abc, en-GB;q=0.3")).1, "en");
}

#[test]
fn each_language_has_one_display() {
    let parse = |value: Value| Displays::parse(&value).map_err(|error| error.code());
    let both = json!([{ "name": "가", "locale": "ko" }, { "name": "a", "locale": "en-US" }, { "name": "x" }]);
    let displays = parse(both).unwrap();
    assert_eq!(displays.choose(&Languages::accept("en")).unwrap().name(), Some("a"));
    assert_eq!(displays.choose(&Languages::accept("de")).unwrap().name(), Some("x"));
    for bad in [
        json!([{ "locale": "ko" }, { "locale": "ko" }]),
        json!([{ "name": "a" }, { "name": "b" }]),
        json!([{ "locale": "한국어" }]),
        json!([{ "locale": "k" }]),
        json!([{ "locale": "" }]),
        json!({ "name": "a" }),
        json!(["a"]),
    ] {
        assert_eq!(parse(bad), Err("VCI-MET-05"));
    }
}

/// The address of the logo that is kept of `uri`.
fn logo(uri: &str) -> Option<String> {
    let displays = Displays::parse(&json!([{ "name": "a", "logo": { "uri": uri } }])).unwrap();
    displays.choose(&Languages::any()).unwrap().logo().map(str::to_owned)
}

#[test]
fn a_logo_is_an_image_from_the_web_or_in_the_text() {
    for good in
        ["https://issuer.example/logo.png", "data:image/png;base64,AA==", "data:image/svg+xml;base64,AA=="]
    {
        assert_eq!(logo(good).as_deref(), Some(good));
    }
}

#[test]
fn what_could_run_or_read_something_is_no_logo() {
    for bad in [
        "http://issuer.example/a.png",
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
    ] {
        assert_eq!(logo(bad), None, "{bad}");
    }
}

#[test]
fn metadata_are_signed_for_those_who_ask() {
    let world = World::new();
    let signer = KeySigner::new("did:x:issuer#1".parse().unwrap(), key(Algorithm::Es256, 220));
    let chain = [vec![1, 2, 3]];
    let ask = |accept: &str, with_signer: bool| {
        let mut issuer = world.issuer();
        let hint = KeyHint::X5c(&chain);
        let signs = MetadataSigner { signer: &signer, key: signer.key().verifying_key(), hint };
        issuer.signer = with_signer.then_some(signs);
        let request = Request::builder().uri(METADATA).header("accept", accept).body(Vec::new()).unwrap();
        let (parts, body) = request.into_parts();
        issuer.answer(&parts, &body, at(0), &mut TestEntropy::new(1)).unwrap()
    };
    let signed = ask("application/jwt", true);
    assert_eq!(signed.headers()["content-type"], "application/jwt");
    let text = str::from_utf8(signed.body()).unwrap();
    let token = UnverifiedJwt::parse(text, &[Typ::ISSUER_METADATA], &HeaderRules::CERTIFIED).unwrap();
    let token = token.verify(signer.key().verifying_key(), &[Algorithm::Es256]).unwrap();
    let mut claims = token.into_claims();
    assert_eq!(claims.remove("sub"), Some(json!(ISSUER)));
    assert_eq!(claims.remove("iat"), Some(json!(at(0).unix())));
    assert_eq!(claims.remove("exp"), Some(json!(at(86_400).unix())));
    let plain = ask("application/json", true);
    assert_eq!(Value::Object(claims), parsed(&plain), "all parameters, at the top level");
    for accept in ["*/*", "application/json", "application/jwt;q=0, application/json"] {
        assert_eq!(ask(accept, true).headers()["content-type"], "application/json", "{accept}");
    }
    assert_eq!(ask("application/jwt", false).headers()["content-type"], "application/json");
}

#[test]
fn binding_methods_and_proof_types_come_together() {
    let world = World::new();
    let metadata = parsed(&get(&world, METADATA, &[]).unwrap());
    let all = metadata["credential_configurations_supported"].as_object().unwrap();
    for (id, one) in all {
        let methods = one.get("cryptographic_binding_methods_supported").is_some();
        assert_eq!(methods, one.get("proof_types_supported").is_some(), "{id}");
    }
    // The member is there if keys must be attested, even without a level, and absent if they need not be.
    let jwt = |id: &str| &all[id]["proof_types_supported"]["jwt"];
    assert!(jwt("resident").get("key_attestations_required").is_none());
    assert!(jwt("attested")["key_attestations_required"].is_object());
    let mut empty = all["attested"].clone();
    empty["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({});
    let read = configuration(&empty);
    assert!(read.binding.as_ref().unwrap().proofs["jwt"].attestation.is_some());
    assert_eq!(read.to_json(&Languages::any()), empty);
}

#[test]
fn each_format_names_its_type_in_its_own_members() {
    let parse = |value: Value| Configuration::parse(value.as_object().unwrap()).map_err(|error| error.code());
    for good in [
        json!({ "format": "dc+sd-jwt", "vct": "urn:a" }),
        json!({ "format": "mso_mdoc", "doctype": "a.b", "credential_signing_alg_values_supported": [-7, -9] }),
        json!({ "format": "jwt_vc_json", "credential_definition": { "type": ["A"] } }),
        json!({ "format": "ldp_vc", "credential_definition": { "@context": ["https://a"], "type": ["A"] } }),
    ] {
        assert_eq!(parse(good.clone()).unwrap().to_json(&Languages::any()), good);
    }
    for bad in [
        json!({ "format": "dc+sd-jwt" }),
        json!({ "format": "dc+sd-jwt", "doctype": "a" }),
        json!({ "format": "mso_mdoc", "vct": "a" }),
        json!({ "format": "jwt_vc_json", "credential_definition": { "type": [] } }),
        json!({ "format": "jwt_vc_json", "type": ["A"] }),
        json!({ "format": "ldp_vc", "credential_definition": { "type": ["A"] } }),
        json!({ "vct": "urn:a" }),
    ] {
        assert_eq!(parse(bad), Err("VCI-MET-09"));
    }
}

#[test]
fn encryption_is_published_with_named_keys() {
    let world = World::new();
    let plain = parsed(&get(&world, METADATA, &[]).unwrap());
    assert!(plain.get("credential_request_encryption").is_none());
    assert!(plain.get("credential_response_encryption").is_none());
    let mut world = World::new().with_encryption();
    world.settings.request_encryption = Encryption::Required;
    let metadata = parsed(&get(&world, METADATA, &[]).unwrap());
    let request = &metadata["credential_request_encryption"];
    assert_eq!(request["encryption_required"], true);
    assert_eq!(request["jwks"]["keys"][0]["kid"], "enc-1");
    assert_eq!(request["jwks"]["keys"][0]["alg"], "ECDH-ES");
    assert!(request["jwks"]["keys"][0].get("d").is_none());
    let response = &metadata["credential_response_encryption"];
    assert_eq!(response["alg_values_supported"], json!(["ECDH-ES"]));
    assert_eq!(response["encryption_required"], false);
    for part in [request, response] {
        let mut names: Vec<_> = part["enc_values_supported"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one.as_str().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["A128GCM", "A256GCM"]);
        assert!(part.get("zip_values_supported").is_none());
    }
}

#[test]
fn batches_and_the_nonce_endpoint_are_published_if_there_are_any() {
    let mut world = World::new();
    let metadata = parsed(&get(&world, METADATA, &[]).unwrap());
    assert_eq!(metadata["batch_credential_issuance"], json!({ "batch_size": 5 }));
    assert_eq!(metadata["nonce_endpoint"], format!("{ISSUER}/nonce"));
    world.settings.batch_size = 1;
    world.settings.configurations.retain(|id, _| id == "bearer");
    let metadata = parsed(&get(&world, METADATA, &[]).unwrap());
    assert!(metadata.get("batch_credential_issuance").is_none());
    assert!(metadata.get("nonce_endpoint").is_none());
}

#[test]
fn what_haip_demands_is_told() {
    let world = World::new();
    assert_eq!(world.settings.haip_gaps(), []);
    let id = CredentialIssuerId::parse(ISSUER, Transport::Https).unwrap();
    let mut bare = IssuerSettings::new(id, &Secret::new([7; 32]));
    bare.configurations = world.settings.configurations.clone();
    let resident = bare.configurations.get_mut("resident").unwrap();
    resident.scope = None;
    resident.binding.as_mut().unwrap().proofs.retain(|name, _| name == "di_vp");
    let gaps: Vec<String> = bare.haip_gaps().iter().map(|gap| format!("{} {gap}", gap.code())).collect();
    assert_eq!(
        gaps,
        [
            "HAI-02 the configuration resident has no scope",
            "HAI-03 the configuration resident takes neither jwt nor attestation proofs with ES256",
            "HAI-03 nobody is trusted to attest keys",
        ]
    );
}
