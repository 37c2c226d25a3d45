//! `GET /openapi.json`: the description of the interface, made from the table of routes.

use crate::{client::Scope, route::TABLE, service::Service};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_oauth::access::Scope as _;
use sinpyo_web::{
    answer,
    openapi::{About, Tokens, describe, object},
};

pub(crate) fn answer(service: &Service) -> Response<Vec<u8>> {
    let scopes = Scope::ALL.iter().map(|scope| (scope.name(), scope.describe())).collect();
    let about = About {
        title: "Sinpyo Verifier",
        version: env!("CARGO_PKG_VERSION"),
        description: "Requests for presentations by OpenID4VP 1.0. A request is opened here, answered by a wallet, and its \
            result fetched once. Results are verified claims with their issuers; notices and the log hold no claim.",
        base: service.settings.site.main().as_str(),
        schemas: schemas(),
        tokens: Some(Tokens { path: "/manage/token", scopes }),
        refusals: &[421, 503],
    };
    answer::json(StatusCode::OK, &describe(&TABLE, about))
}

fn schemas() -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let any = || json!({"type": "object"});
    let list = |name: &str, of: Value| {
        object(&[name], &json!({name: {"type": "array", "items": of}, "next": {"type": ["string", "null"]}}))
    };
    let names = || object(&["ko", "en"], &json!({"ko": text(), "en": text()}));
    let state =
        json!({"enum": ["waiting", "fetched", "answered", "accepted", "refused", "declined", "expired"]});
    let schemas = json!({
        "OpenApi": any(),
        "TokenRequest": object(&["grant_type", "client_assertion_type", "client_assertion"], &json!({
            "grant_type": {"const": "client_credentials"},
            "client_assertion_type": {"const": sinpyo_oauth::ASSERTION_TYPE},
            "client_assertion": text(),
            "scope": text(),
        })),
        "Token": object(&["access_token", "token_type", "expires_in"], &json!({
            "access_token": text(), "token_type": text(), "expires_in": {"type": "integer"}, "scope": text(),
        })),
        "Tenant": object(&["name"], &json!({
            "id": text(),
            "name": names(),
            "profile": {"enum": ["base", "haip"]},
            "return_to": {"type": "array", "items": text()},
            "did": {"type": ["string", "null"]},
        })),
        "Tenants": list("tenants", any()),
        "Order": order(&text, &names()),
        "Opened": object(&["id", "page", "state", "expires_at"], &json!({
            "id": text(), "page": text(), "state": text(), "link": text(), "request_uri": text(), "expires_at": text(),
        })),
        "Nothing": any(),
        "Link": object(&["link"], &json!({"link": text(), "request_uri": text()})),
        "Request": object(&["id", "state", "mode"], &json!({
            "id": text(), "state": state, "mode": text(), "service": text(),
            "number": {"type": "string", "description": "to be shown to the holder while the state is answered"}, "rule": {"type": ["string", "null"]},
            "dropped": {"type": "array", "items": any()}, "created_at": text(), "expires_at": text(), "ended_at": text(),
        })),
        "Requests": list("requests", any()),
        "Claim": object(&[], &json!({"response_code": text()})),
        "Result": result(),
        "Evidence": any(),
        "Webhook": object(&["url"], &json!({"url": text()})),
        "RegisteredWebhook": object(&["id", "url", "secret"], &json!({"id": text(), "url": text(), "secret": text()})),
        "Webhooks": list("webhooks", any()),
        "Notices": list("notices", any()),
        "AuditLines": list("lines", any()),
        "Login": object(&["name", "password", "csrf"], &json!({"name": text(), "password": text(), "csrf": text()})),
        "Form": any(),
        "WalletMetadata": object(&[], &json!({"wallet_nonce": text(), "wallet_metadata": text()})),
        "AuthorizationResponse": any(),
        "DirectPostAnswer": object(&[], &json!({"redirect_uri": text()})),
        "DigitalCredential": object(&["data"], &json!({"protocol": text(), "data": any()})),
        "Next": object(&["next"], &json!({"next": text()})),
    });
    match schemas {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}

fn result() -> Value {
    let (text, any) = (|| json!({"type": "string"}), || json!({"type": "object"}));
    object(
        &["state"],
        &json!({
            "state": {"enum": ["accepted", "refused", "declined"]},
            "rule": text(), "error": {"type": ["string", "null"]}, "at": text(),
            "credentials": {"type": "object", "additionalProperties": {"type": "array", "items":
                object(&["issuer", "types", "claims"], &json!({
                    "issuer": text(), "types": {"type": "array", "items": text()}, "claims": any(),
                    "valid_until": {"type": ["string", "null"]},
                    "authorised": {"type": "array", "items": {"type": "integer"}},
                }))}},
            "transaction_data": {"type": "array", "items": text()},
            "dropped": {"type": ["array", "null"], "items": any()},
        }),
    )
}

fn order(text: &dyn Fn() -> Value, names: &Value) -> Value {
    let mut order = object(
        &["query"],
        &json!({
            "query": {"type": "object", "description": "a DCQL query [OpenID4VP 1.0 §6]"},
            "service": text(),
            "purpose": names,
                "labels": {"type": "object", "additionalProperties": names,
                    "description": "what types and claims are called, by the last part of their names"},
            "mode": {"enum": ["same_device", "cross_device", "dc_api"], "default": "cross_device"},
            "client_id_prefix": {"enum": [
                "redirect_uri", "x509_san_dns", "x509_hash", "decentralized_identifier", "verifier_attestation",
            ]},
            "response_mode": {"enum": ["direct_post", "direct_post.jwt", "dc_api", "dc_api.jwt"]},
            "transaction_data": {"type": "array", "items": {"type": "object"}},
            "trust": {"type": "object", "additionalProperties": false, "properties": {
                "accredited": {"type": "boolean"},
                "issuers": {"type": "array", "items": text()},
                "roots": {"type": "array", "items": text(), "description": "certificates of authorities, PEM"},
            }},
            "return_to": {"type": "string", "description": "one of the tenant's addresses"},
            "keep_evidence_days": {"type": "integer", "minimum": 1},
            "expires_in": {"type": "integer", "minimum": 1, "description": "seconds"},
            "number_matching": {"type": "boolean", "default": true},
            "without_status": {"enum": ["refuse", "accept"], "default": "refuse"},
        }),
    );
    if let Some(members) = order.as_object_mut() {
        members.insert("additionalProperties".to_owned(), json!(false));
    }
    order
}
