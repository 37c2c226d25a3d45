//! `GET /openapi.json`: the description of the interface, made from the table of routes.

use crate::{route::TABLE, service::Service};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_web::{
    answer,
    openapi::{About, describe, object},
};

pub(crate) fn answer(service: &Service) -> Response<Vec<u8>> {
    let about = About {
        title: "Sinpyo Voting",
        version: env!("CARGO_PKG_VERSION"),
        description: "Elections whose public record anybody can check (spec/voting.md). Ballots are posted without login, cookie or \
            identifier; signed events carry their own authority.",
        base: service.settings.site.main().as_str(),
        schemas: schemas(),
        tokens: None,
        refusals: &[421, 503],
    };
    answer::json(StatusCode::OK, &describe(&TABLE, about))
}

fn schemas() -> Map<String, Value> {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer"});
    let any = || json!({"type": "object"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let maybe = || json!({"type": ["string", "null"]});
    let schemas = json!({
        "Nothing": any(),
        "Order": object(&["draft", "trustees"], &json!({"draft": any(), "trustees": {"type": "array", "items": any()}, "ask": {"type": ["object", "null"]}})),
        "Form": any(),
        "Next": object(&["next"], &json!({"next": text()})),
        "Elections": object(&["elections"], &json!({"elections": {"type": "array", "items": any()}})),
        "Entries": object(&["size", "entries"], &json!({"size": number(), "entries": {"type": "array", "items":
            object(&["index", "bytes"], &json!({"index": number(), "bytes": text()}))}})),
        "Summary": object(&["election", "phase", "entries", "ballots", "size"], &json!({
            "election": text(), "phase": text(), "profile": text(), "revote": text(), "floor": number(), "opens": text(),
            "closes": text(), "entries": any(), "ballots": number(), "voters": number(), "rejected": number(),
            "spoiled": number(), "registered": any(), "size": number(), "checkpoint_size": number(), "manifest": any(),
            "relay": maybe(), "asks": {"type": "boolean"},
        })),
        "Rings": object(&["beacon", "root", "count", "rings"], &json!({
            "beacon": text(), "root": text(), "count": number(), "rings": {"type": "array", "items": any()},
        })),
        "Event": object(&["body", "by", "election", "signature", "time", "type"], &json!({
            "body": any(), "by": text(), "election": text(), "signature": text(), "time": text(), "type": text(),
        })),
        "Appended": object(&["index", "repeated"], &json!({"index": number(), "repeated": {"type": "boolean"}})),
        "Receipt": object(&["index", "tracking"], &json!({"index": number(), "tracking": text(), "checkpoint": maybe()})),
        "Code": object(&["code"], &json!({"code": text()})),
        "Begun": object(&["nonce", "slot", "district", "expires", "tokens"], &json!({
            "ask": maybe(), "district": number(), "expires": text(), "nonce": text(), "replaces": {"type": "boolean"},
            "slot": text(), "tokens": number(),
        })),
        "Registration": object(&["code", "request"], &json!({
            "code": text(), "presentation": {"type": ["object", "null"]}, "request": text(),
        })),
        "Registered": object(&["index", "blind_signatures"], &json!({
            "index": number(), "credential": maybe(), "blind_signatures": texts(), "token": maybe(), "slot": text(),
            "district": number(),
        })),
        "TrusteeKeys": object(&["key", "box"], &json!({"key": text(), "box": text()})),
        "TrusteeNumber": object(&["number"], &json!({"number": number()})),
    });
    match schemas {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}
