//! The examples of the specification.

use serde_json::{Value, json};
use sinpyo_core::jwk::PublicJwk;
use sinpyo_crypto::Algorithm;
use sinpyo_jose::{HeaderRules, Typ, UnverifiedJwt};
use sinpyo_oauth::url::Transport;
use sinpyo_openid4vci::{
    address::CredentialIssuerId,
    configuration::{Configuration, Format, SigningAlgorithm},
    display::Languages,
    metadata::IssuerMetadata,
    offer::{InputMode, Offer, PRE_AUTHORIZED},
    request::{CredentialRequest, RequestError},
    response::CredentialResponse,
};
use std::{fs, path::PathBuf};

fn folder() -> Option<PathBuf> {
    sinpyo_testkit::vectors("openid4vci-examples").map(|set| set.join("1.0"))
}

fn read(folder: &std::path::Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// The body of an HTTP message, line breaks within texts undone.
fn body(message: &str) -> String {
    let (_, body) = message.trim_start().split_once('{').unwrap();
    let mut inside = false;
    let mut text = String::from("{");
    for c in body.chars() {
        inside ^= c == '"';
        if !(inside && c.is_whitespace() && c != ' ') {
            text.push(c);
        }
    }
    // Lines of wrapped texts are indented.
    let mut joined = String::new();
    let mut inside = false;
    for c in text.chars() {
        inside ^= c == '"';
        if !(inside && c == ' ') {
            joined.push(c);
        }
    }
    joined
}

#[test]
fn the_offers_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let offer = |name: &str| {
        let text = read(&folder, name);
        let text =
            if text.starts_with("HTTP") { text.split_once("\n\n").unwrap().1.to_owned() } else { text };
        let offer = Offer::parse(text.as_bytes(), Transport::Https).unwrap();
        let written: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(offer.to_json(), written, "{name}");
        offer
    };
    let by_code = offer("credential_offer_authz_code.txt");
    let grant = by_code.grants.authorization_code.unwrap();
    assert_eq!(grant.issuer_state.as_deref(), Some("eyJhbGciOiJSU0Et...FYUaBy"));
    let by_reference = offer("credential_offer_by_reference.json").grants.pre_authorized.unwrap();
    assert!(by_reference.tx_code.is_some(), "an empty object asks for a code");
    assert_eq!(by_reference.code.expose(), "adhjhdjajkdkhjhdj");
    offer("credential_offer_pre-authz_code.json");
    let text = read(&folder, "credential_offer_multiple_credentials.json");
    let several = Offer::parse(text.as_bytes(), Transport::Https).unwrap();
    let prompt = several.grants.pre_authorized.as_ref().unwrap().tx_code.as_ref().unwrap();
    assert_eq!((prompt.length, prompt.input_mode), (Some(4), InputMode::Numeric));
    // Numeric is the default and is not written.
    let mut written: Value = serde_json::from_str(&text).unwrap();
    written["grants"][PRE_AUTHORIZED]["tx_code"].as_object_mut().unwrap().remove("input_mode");
    assert_eq!(several.to_json(), written);
}

#[test]
fn the_metadata_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let id = CredentialIssuerId::parse("https://credential-issuer.example.com", Transport::Https).unwrap();
    let text = read(&folder, "credential_issuer_metadata_sd_jwt_long.json");
    let metadata = IssuerMetadata::parse(text.as_bytes(), &id, Transport::Https).unwrap();
    assert_eq!(metadata.batch_size, 10);
    assert_eq!(metadata.request_encryption.as_ref().unwrap().keys.len(), 1);
    let configuration = &metadata.configurations["SD_JWT_VC_example_in_OpenID4VCI"];
    let demand = &configuration.binding.as_ref().unwrap().proofs["jwt"];
    assert_eq!(demand.attestation.as_ref().unwrap().key_storage, ["iso_18045_moderate"]);
    assert_eq!(configuration.claims.len(), 13);
    // All that is read is written again; compression is not, for we have none.
    let mut written: Value = serde_json::from_str(&text).unwrap();
    for name in ["credential_request_encryption", "credential_response_encryption"] {
        written[name].as_object_mut().unwrap().remove("zip_values_supported");
    }
    assert_eq!(Value::Object(metadata.to_json(&Languages::any())), written);
    let other = CredentialIssuerId::parse("https://other.example.com", Transport::Https).unwrap();
    assert_eq!(
        IssuerMetadata::parse(text.as_bytes(), &other, Transport::Https).unwrap_err().code(),
        "VCI-MET-02"
    );
}

#[test]
fn the_signed_metadata_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let token: String =
        read(&folder, "credential_issuer_metadata_sd_jwt_jwt.txt").split_whitespace().collect();
    let jwt = UnverifiedJwt::parse(&token, &[Typ::ISSUER_METADATA], &HeaderRules::CERTIFIED).unwrap();
    assert_eq!(jwt.hint().x5c().unwrap().len(), 1);
    assert_eq!(jwt.hint().claimed("sub"), Some("https://credential-issuer.example.com"));
    // The example's certificate is signed by its own key: our chain rules refuse it. Its key verifies the token.
    assert!(
        jwt.verify(sinpyo_testkit::key(Algorithm::Es256, 1).verifying_key(), &[Algorithm::Es256]).is_err()
    );
}

#[test]
fn the_configurations_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let configuration = |format: &str, id: &str| {
        let text = read(&folder, &format!("credential_metadata_{format}.json"));
        let all: Value = serde_json::from_str(&text).unwrap();
        let one = all["credential_configurations_supported"][id].as_object().unwrap();
        Configuration::parse(one).unwrap()
    };
    let mdoc = configuration("mso_mdoc", "org.iso.18013.5.1.mDL");
    assert_eq!(mdoc.format, Format::Mdoc { doctype: "org.iso.18013.5.1.mDL".to_owned() });
    assert_eq!(mdoc.signing, [SigningAlgorithm::Cose(-7), SigningAlgorithm::Cose(-9)]);
    assert_eq!(mdoc.displays.choose(&Languages::accept("ja")).unwrap().name(), Some("モバイル運転免許証"));
    let jwt = configuration("jwt_vc_json", "UniversityDegreeCredential");
    assert!(matches!(&jwt.format, Format::Jwt { types } if types.len() == 2));
    assert!(jwt.claims.iter().any(|claim| claim.mandatory));
    let ldp = configuration("ldp_vc", "UniversityDegree_LDP_VC");
    assert!(matches!(&ldp.format, Format::DataIntegrity { contexts, .. } if contexts.len() == 2));
    let sd_jwt = configuration("sd_jwt_vc", "SD_JWT_VC_example_in_OpenID4VCI");
    assert_eq!(sd_jwt.format.name(), "dc+sd-jwt");
    assert_eq!(sd_jwt.scope.as_deref(), Some("SD_JWT_VC_example_in_OpenID4VCI"));
}

#[test]
fn the_responses_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    for (name, is_text) in [("jwt_vc_json", true), ("ldp_vc", false), ("mso_mdoc", true), ("sd_jwt_vc", true)]
    {
        let text = body(&read(&folder, &format!("credential_response_{name}.txt")));
        let response = CredentialResponse::parse(200, text.as_bytes()).unwrap();
        let CredentialResponse::Ready { credentials, .. } = &response else { panic!("{name}") };
        assert_eq!((credentials.len(), credentials[0].is_string()), (1, is_text), "{name}");
        let written: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(response.to_json(), written);
        assert!(CredentialResponse::parse(202, text.as_bytes()).is_err(), "{name}");
    }
}

/// Regression 13.
#[test]
fn the_request_of_a_draft_is_refused() {
    let Some(folder) = folder() else { return };
    // The example names format and doctype as drafts did, and neither identifier nor configuration.
    let text = read(&folder, "credential_request_iso_mdl.json");
    assert_eq!(CredentialRequest::parse(text.as_bytes()), Err(RequestError::NotExactlyOne));
    let mut members: Value = serde_json::from_str(&text).unwrap();
    members["credential_configuration_id"] = json!("org.iso.18013.5.1.mDL");
    assert!(CredentialRequest::parse(members.to_string().as_bytes()).is_ok(), "unknown members are ignored");
}

#[test]
fn the_keys_and_details_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let keys: Value =
        serde_json::from_str(&read(&folder, "issuer_jwks.json").replace("\n        c2d", "c2d")).unwrap();
    let key = keys["jwks"]["keys"][0].as_object().unwrap().clone();
    assert_eq!(PublicJwk::from_members(key).unwrap().text("alg"), Some("ES256"));
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with("authorization_details") {
            continue;
        }
        let details: Value = serde_json::from_str(&read(&folder, &name)).unwrap();
        for entry in details.as_array().unwrap() {
            assert_eq!(entry["type"], "openid_credential", "{name}");
            let ids = json!([entry["credential_configuration_id"]]);
            let offer =
                json!({"credential_issuer": "https://i.example", "credential_configuration_ids": ids});
            assert!(Offer::parse(offer.to_string().as_bytes(), Transport::Https).is_ok(), "{name}");
        }
    }
    let token: String = read(&folder, "wallet_attestation.jwt.txt").split_whitespace().collect();
    let rules = HeaderRules::CERTIFIED;
    let wallet = UnverifiedJwt::parse(&token, &[Typ::CLIENT_ATTESTATION], &rules).unwrap();
    assert_eq!(wallet.hint().claimed("sub"), Some("https://wallet.example.com"));
    assert!(UnverifiedJwt::parse(&token, &[Typ::KEY_ATTESTATION], &rules).is_err(), "GEN-02");
}
