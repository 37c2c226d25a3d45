//! Parameters that are no request, and those that are.

use crate::world::{members, query};
use serde_json::{Value, json};
use sinpyo_openid4vp::{Request, RequestError, ResponseMode, Transport, WalletErrorCode};

fn good() -> Value {
    json!({
        "client_id": "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": "https://verifier.example/response",
        "nonce": "n-0S6_WzA2Mj",
        "state": "af0ifjsldkj",
        "dcql_query": query().to_json(),
        "client_metadata": {"vp_formats_supported": {"dc+sd-jwt": {}}},
        "transaction_data": ["e30"],
        "verifier_info": [{"format": "jwt", "data": "eyJ", "credential_ids": ["pid"]}],
        "unknown": {"is": "ignored"},
    })
}

fn read(value: Value) -> Result<Request, RequestError> {
    Request::from_json(&members(value), Transport::Https)
}

fn with(name: &str, value: Value) -> Value {
    let mut changed = good();
    changed[name] = value;
    changed
}

fn without(name: &str) -> Value {
    let mut changed = members(good());
    changed.remove(name);
    Value::Object(changed)
}

#[test]
fn a_request_is_read_and_written_alike() {
    let request = read(good()).unwrap();
    assert_eq!(request.response_mode.name(), "direct_post");
    assert_eq!(request.verifier_info[0].credential_ids.as_deref(), Some(["pid".to_owned()].as_slice()));
    assert_eq!(read(Value::Object(request.to_json())).unwrap(), request);
    let mut expected = good();
    expected.as_object_mut().unwrap().remove("unknown");
    assert_eq!(Value::Object(request.to_json()), expected);
    assert_eq!(
        read(with("response_mode", "dc_api.jwt".into())).unwrap().response_mode,
        ResponseMode::DcApiJwt
    );
}

#[test]
fn missing_and_malformed_parameters_are_refused() {
    for (wire, code) in [
        (without("response_type"), "VP-REQ-01a"),
        (with("response_type", "code".into()), "VP-REQ-01a"),
        (with("response_type", "vp_token id_token".into()), "VP-REQ-01a"),
        (without("dcql_query"), "VP-REQ-01b"),
        (with("scope", "com.example.pid".into()), "VP-REQ-01b"),
        (with("dcql_query", json!({"credentials": []})), "VP-DCQ-01a"),
        (without("response_mode"), "VP-REQ-01e"),
        (with("response_mode", "fragment".into()), "VP-REQ-01e"),
        (without("response_uri"), "VP-REQ-01d"),
        (with("response_uri", 1.into()), "VP-REQ-01d"),
        (with("response_uri", "http://verifier.example/".into()), "VP-REQ-05b"),
        (with("redirect_uri", "https://verifier.example/".into()), "VP-RSP-03"),
        (without("nonce"), "VP-REQ-02"),
        (with("nonce", "".into()), "VP-REQ-02"),
        (with("nonce", "a b".into()), "VP-REQ-02"),
        (with("nonce", "a/b".into()), "VP-REQ-02"),
        (with("nonce", "a".repeat(257).into()), "VP-REQ-02"),
        (with("state", "".into()), "VP-REQ-01d"),
        (with("client_id", "verifier.example".into()), "VP-CID-01"),
        (with("client_metadata", "{}".into()), "VP-REQ-07"),
        (with("transaction_data", json!([])), "VP-TXD-01b"),
        (with("transaction_data", "e30".into()), "VP-TXD-01b"),
        (with("transaction_data", json!([{}])), "VP-TXD-01b"),
        (with("verifier_info", json!([])), "VP-REQ-10"),
        (with("verifier_info", json!([{"format": "jwt"}])), "VP-REQ-10"),
        (with("verifier_info", json!([{"format": "jwt", "data": 1}])), "VP-REQ-10"),
        (
            with("verifier_info", json!([{"format": "jwt", "data": "", "credential_ids": ["other"]}])),
            "VP-REQ-10",
        ),
        (with("expected_origins", json!([])), "VP-REQ-01d"),
    ] {
        assert_eq!(read(wire.clone()).unwrap_err().code(), code, "{wire}");
    }
}

#[test]
fn a_refusal_has_its_name_in_the_protocol() {
    let mut scope = members(without("dcql_query"));
    scope.insert("scope".to_owned(), "com.example.pid".into());
    let scope = read(Value::Object(scope)).unwrap_err();
    assert_eq!((scope.code(), scope.reply()), ("VP-REQ-01c", WalletErrorCode::InvalidScope));
    let data = read(with("transaction_data", json!(1))).unwrap_err();
    assert_eq!(data.reply(), WalletErrorCode::InvalidTransactionData);
    assert_eq!(read(without("nonce")).unwrap_err().reply(), WalletErrorCode::InvalidRequest);
}

/// OVP-10 of the catalogue of attacks.
#[test]
fn paths_that_select_nothing_are_refused() {
    let path = |path: Value| {
        let claims = json!([{"path": path}]);
        let query = json!({"credentials": [{"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}, "claims": claims}]});
        read(with("dcql_query", query)).map(drop)
    };
    assert!(path(json!(["a", 0, null])).is_ok());
    for bad in [
        json!([]),
        json!([-1]),
        json!([1.5]),
        json!([18_446_744_073_709_551_615_u64]),
        json!([{}]),
        json!("a"),
    ] {
        let refused = path(bad.clone()).unwrap_err();
        assert_eq!(refused.reply(), WalletErrorCode::InvalidRequest, "{bad}");
    }
}
