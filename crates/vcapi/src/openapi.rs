//! `GET /openapi.json`: the description of the interface [`OpenAPI` 3.1], made from the table of routes.

use crate::{access::Scope, route::TABLE, settings::Settings};
use serde_json::{Map, Value, json};
use sinpyo_oauth::access::Scope as _;
use sinpyo_web::openapi::{About, Tokens, describe as description, reference};

/// The description of this server.
pub(crate) fn describe(settings: &Settings) -> Value {
    let schemas = [documents().as_slice(), &requests(), &verdicts(), &tokens()].concat();
    let scopes = || Scope::ALL.map(|scope| (scope.name(), scope.describe())).to_vec();
    let about = About {
        title: "Sinpyo VC API",
        version: env!("CARGO_PKG_VERSION"),
        description: "VCALM endpoints for issuers, verifiers and holders, and DID resolution. There are no workflows, \
            exchanges or interactions here, and presentations are not kept: GET and DELETE /presentations/{id} do not \
            exist.",
        base: &settings.base,
        schemas: schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect(),
        tokens: settings.access.as_ref().map(|_| Tokens { path: "/oauth/token", scopes: scopes() }),
        refusals: &[],
    };
    description(&TABLE, about)
}

/// An object with `required` members, and `optional` ones.
fn object(required: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let properties =
        required.iter().chain(optional).map(|(name, schema)| ((*name).to_owned(), schema.clone()));
    let names: Vec<_> = required.iter().map(|(name, _)| name).collect();
    json!({"type": "object", "required": names, "properties": properties.collect::<Map<_, _>>()})
}

/// As [`object`], of which nothing else may be a member.
fn closed(required: &[(&str, Value)], optional: &[(&str, Value)]) -> Value {
    let mut schema = object(required, optional);
    if let Some(members) = schema.as_object_mut() {
        members.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    schema
}

fn text() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn any() -> Value {
    json!({"type": "object"})
}

/// A request for `member`, with some of these `options`.
fn request(member: (&str, Value), options: &[(&str, Value)]) -> Value {
    closed(&[member], &[("options", closed(&[], options))])
}

fn occasion() -> [(&'static str, Value); 2] {
    [("challenge", text()), ("domain", text())]
}

fn credential() -> (&'static str, Value) {
    ("verifiableCredential", reference("Credential"))
}

/// What is issued, shown and found.
fn documents() -> [(&'static str, Value); 9] {
    let instance = ["instance", "did", "cryptosuite", "key"].map(|name| (name, text()));
    [
        ("Issued", object(&[credential()], &[])),
        ("Presented", object(&[("verifiablePresentation", any())], &[])),
        ("StatusListOpened", object(&[("statusListCredential", texts())], &[])),
        ("Instances", json!({"type": "array", "items": object(&instance, &[])})),
        ("Credential", any()),
        ("Resolution", any()),
        ("ResolveOptions", any()),
        ("Description", any()),
        ("StatusListRequest", closed(&[("instance", text())], &[])),
    ]
}

/// What is asked.
fn requests() -> [(&'static str, Value); 6] {
    let checks = || ("checks", json!({"type": "array", "items": {"enum": ["proof", "validity", "status"]}}));
    let [challenge, domain] = occasion();
    let with_occasion = [checks(), challenge.clone(), domain.clone()];
    let issue = [("mandatoryPointers", texts()), ("credentialId", text())];
    let derive = [("selectivePointers", texts()), ("presentationHeader", text())];
    let status = [("credentialStatus", any()), ("status", json!({"type": "boolean"}))];
    [
        ("IssueRequest", request(("credential", any()), &issue)),
        ("VerifyCredentialRequest", request(credential(), &with_occasion)),
        ("VerifyPresentationRequest", request(("verifiablePresentation", any()), &with_occasion)),
        ("DeriveRequest", request(credential(), &derive)),
        ("PresentRequest", request(("presentation", any()), &[challenge, domain])),
        ("StatusRequest", closed(&status, &[("credentialId", text())])),
    ]
}

/// What came of a verification.
fn verdicts() -> [(&'static str, Value); 2] {
    let problems = json!({"type": "array", "items": reference("Problem")});
    let verified =
        [("verified", json!({"const": true})), ("errors", problems.clone()), ("warnings", problems)];
    let not = object(&[("verified", json!({"const": false}))], &[]);
    [("Verified", object(&verified, &[])), ("NotVerified", json!({"allOf": [reference("Problem"), not]}))]
}

fn tokens() -> [(&'static str, Value); 2] {
    let asked = ["grant_type", "client_assertion_type", "client_assertion"].map(|name| (name, text()));
    let given = ["access_token", "token_type", "scope"].map(|name| (name, text()));
    [
        ("TokenRequest", object(&asked, &[("scope", text()), ("client_id", text())])),
        ("Token", object(&given, &[("expires_in", json!({"type": "integer"}))])),
    ]
}
