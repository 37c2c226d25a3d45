//! The examples of the specification.

use crate::world::members;
use serde_json::{Map, Value, json};
use sinpyo_core::json as strict;
use sinpyo_dcql::Query;
use sinpyo_openid4vp::{ClientMetadata, Prefix, Request, Transport, VpToken, WalletErrorCode};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn folder() -> Option<PathBuf> {
    Some(sinpyo_testkit::vectors("openid4vp-examples")?.join("1.0"))
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

/// The examples abbreviate a query as `{...}`: put one of theirs there.
fn with_query(text: &str, query: &str) -> Map<String, Value> {
    let shortened =
        ["{ ... }", "{...}"].into_iter().fold(text.to_owned(), |text, short| text.replace(short, query));
    strict::parse_object(shortened.as_bytes()).unwrap()
}

#[test]
fn the_requests_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let query = text(&folder, "query_lang/simple.json");
    let mut did = with_query(&text(&folder, "request/request_object_client_id_did.json"), &query);
    // It is one for a redirect, which is not supported: the response is to be posted.
    assert_eq!(Request::from_json(&did, Transport::Https).unwrap_err().code(), "VP-REQ-01e");
    let to = did.remove("redirect_uri").unwrap();
    did.extend([("response_uri".to_owned(), to), ("response_mode".to_owned(), "direct_post".into())]);
    let request = Request::from_json(&did, Transport::Https).unwrap();
    let id = request.client_id.unwrap();
    assert_eq!((id.prefix(), id.name()), (Prefix::DecentralizedIdentifier, "did:example:123"));
    assert_eq!(request.nonce, "n-0S6_WzA2Mj");

    for file in ["signed_request_payload.json", "signed_request_payload_compact.json"] {
        let payload = with_query(&text(&folder, &format!("digital_credentials_api/{file}")), &query);
        let request = Request::from_json(&payload, Transport::Https).unwrap();
        assert_eq!(request.expected_origins, ["https://origin1.example.com", "https://origin2.example.com"]);
        assert_eq!(request.query, Query::parse(query.as_bytes()).unwrap());
        // Its key has no `alg`, and cannot be used [OpenID4VP 1.0 §8.3].
        assert!(request.client_metadata.recipient().is_none());
    }
}

#[test]
fn the_metadata_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    for (file, format) in [
        ("mso_mdoc_verifier_metadata.json", "mso_mdoc"),
        ("sd_jwt_vc_verifier_metadata.json", "dc+sd-jwt"),
        ("w3c_jwt_verifier_metadata.json", "jwt_vc_json"),
        ("w3c_ldp_verifier_metadata.json", "ldp_vc"),
    ] {
        let metadata =
            strict::parse_object(text(&folder, &format!("client_metadata/{file}")).as_bytes()).unwrap();
        let read = ClientMetadata::from_json(&metadata).unwrap();
        assert!(read.formats().contains_key(format));
        assert_eq!(read.to_json()["vp_formats_supported"], metadata["vp_formats_supported"]);
    }
}

#[test]
fn the_queries_of_the_specification_make_requests() {
    let Some(folder) = folder() else { return };
    let mut count = 0;
    let queries =
        fs::read_dir(folder.join("query_lang")).unwrap().chain(fs::read_dir(folder.join("request")).unwrap());
    for file in queries.map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.starts_with("request_") {
            continue;
        }
        let query = strict::parse(&fs::read(&file).unwrap()).unwrap();
        let wire = json!({
            "response_type": "vp_token", "response_mode": "dc_api", "nonce": "n-0S6_WzA2Mj", "dcql_query": query,
        });
        let request = Request::from_json(&members(wire), Transport::Https).unwrap();
        assert_eq!(Request::from_json(&request.to_json(), Transport::Https).unwrap(), request, "{name}");
        count += 1;
    }
    assert_eq!(count, 9);
}

#[test]
fn the_responses_of_the_specification_are_read() {
    let Some(folder) = folder() else { return };
    let error = strict::parse(text(&folder, "digital_credentials_api/error_invalid_request.json").as_bytes())
        .unwrap();
    let code = WalletErrorCode::from_name(error["error"].as_str().unwrap());
    assert_eq!(code, Some(WalletErrorCode::InvalidRequest));
    let presentation = strict::parse(text(&folder, "response/ldp_vc.json").as_bytes()).unwrap();
    let sd_jwt = text(&folder, "sd_jwt_vcld/01/sd_jwt_presentation.txt");
    let token = VpToken::parse(json!({"example_ldp_vc": [presentation], "sd": [sd_jwt.trim()]})).unwrap();
    assert_eq!(token.presentations()["example_ldp_vc"][0]["challenge"], Value::Null);
    assert_eq!(token.presentations()["example_ldp_vc"][0]["proof"]["challenge"], "n-0S6_WzA2Mj");
    for file in ["jwt_vc.json", "kb_jwt_unsecured.json"] {
        let claims = strict::parse_object(text(&folder, &format!("response/{file}")).as_bytes()).unwrap();
        assert_eq!(
            (&claims["nonce"], &claims["aud"]),
            (&json!("n-0S6_WzA2Mj"), &json!("x509_san_dns:client.example.org"))
        );
    }
}
