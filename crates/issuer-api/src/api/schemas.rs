//! The bodies of the management interface.

use serde_json::{Map, Value, json};

/// By the names that the table uses.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn schemas() -> Map<String, Value> {
    let text = || json!({ "type": "string" });
    let time = || json!({ "type": "string", "format": "date-time" });
    let list =
        |of: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{of}") } });
    let object = |members: Value, required: &[&str]| json!({ "type": "object", "properties": members, "required": required });
    let listed = |name: &str, of: &str| object(json!({ name: list(of) }), &[name]);
    let state = json!({ "enum": ["open", "waiting", "issued", "withdrawn", "expired"] });
    let status = json!({ "enum": ["valid", "suspended", "revoked"] });
    let names = object(json!({ "ko": text(), "en": text() }), &["ko", "en"]);
    let offer = json!({
        "id": text(), "state": state, "configurations": { "type": "array", "items": text() },
        "credentials": { "type": "array", "items": text() },
        "made_at": time(), "expires_at": time(),
    });
    let mut made = offer.clone();
    if let Some(members) = made.as_object_mut() {
        for name in ["page", "offer_uri", "link", "tx_code", "access_code"] {
            members.insert(name.to_owned(), text());
        }
    }
    let anything = || json!({ "type": "object" });
    let all = [
        (
            "TokenRequest",
            object(
                json!({ "grant_type": { "const": "client_credentials" }, "client_assertion_type": text(),
                "client_assertion": text(), "scope": text() }),
                &["grant_type", "client_assertion_type", "client_assertion"],
            ),
        ),
        (
            "Token",
            object(
                json!({ "access_token": text(), "token_type": text(), "expires_in": { "type": "integer" }, "scope": text() }),
                &["access_token", "token_type", "expires_in"],
            ),
        ),
        (
            "Tenant",
            object(
                json!({
                    "id": text(), "name": names, "identity": text(),
                    "profiles": { "type": "array", "items": text() },
                    "formats": { "type": "array", "items": { "enum": ["sd-jwt", "mdoc", "vc-jwt", "vc-di-jcs", "vc-di"] } },
                    "anonymous_wallets": { "type": "boolean" }, "dpop": { "enum": ["required", "offered"] },
                    "batch_size": { "type": "integer", "minimum": 1, "maximum": 50 },
                    "refresh_days": { "type": "integer", "minimum": 0, "maximum": 366 },
                    "wallets": { "type": "array", "items": anything() },
                    "wallet_providers": anything(), "key_attesters": anything(),
                }),
                &["id", "name"],
            ),
        ),
        ("Tenants", listed("tenants", "Tenant")),
        ("Types", object(json!({ "types": { "type": "array", "items": anything() } }), &["types"])),
        (
            "NewOffer",
            object(
                json!({
                    "configurations": { "type": "array", "items": text(), "minItems": 1 }, "claims": anything(),
                    "tx_code": { "oneOf": [{ "type": "boolean" },
                        object(json!({ "length": { "type": "integer", "minimum": 4, "maximum": 12 } }), &["length"])] },
                    "grants": { "type": "array", "items": { "enum": ["pre-authorized_code", "authorization_code"] } },
                    "expires_in": { "type": "integer", "description": "seconds; an hour otherwise" },
                    "valid_until": time(), "deferred": { "type": "boolean" },
                    "copies": { "type": "integer", "minimum": 1 },
                }),
                &["configurations", "claims"],
            ),
        ),
        ("Offer", object(offer, &["id", "state"])),
        ("MadeOffer", object(made, &["id", "state", "offer_uri", "link", "page", "expires_at"])),
        ("Offers", listed("offers", "Offer")),
        (
            "Credential",
            object(
                json!({ "id": text(), "configuration": text(), "type": text(), "offer": text(), "status": status,
                "reason": text(), "issued_at": time(), "renewed_at": time(), "copies": { "type": "integer" },
                "entries": { "type": "array", "items": anything() }, "wallet_says": text() }),
                &["id", "status"],
            ),
        ),
        ("Credentials", listed("credentials", "Credential")),
        ("NewStatus", object(json!({ "status": status, "reason": text() }), &["status"])),
        ("Audit", object(json!({ "lines": { "type": "array", "items": anything() } }), &["lines"])),
        ("NewWebhook", object(json!({ "url": text() }), &["url"])),
        (
            "MadeWebhook",
            object(json!({ "id": text(), "url": text(), "secret": text() }), &["id", "url", "secret"]),
        ),
        (
            "Webhooks",
            object(
                json!({ "webhooks": { "type": "array", "items": anything() },
                "dead": { "type": "array", "items": anything() } }),
                &["webhooks", "dead"],
            ),
        ),
    ];
    all.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
