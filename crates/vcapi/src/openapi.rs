//! `GET /openapi.json`: the description of the interface [`OpenAPI` 3.1], made from the table of routes.

use crate::{
    access::Scope,
    route::{ROUTES, Route, Schema, Verb},
    settings::Settings,
};
use serde_json::{Map, Value, json};

/// The description of this server.
pub(crate) fn describe(settings: &Settings) -> Value {
    let mut paths = Map::new();
    for route in &ROUTES {
        let path = route.path.replace("+}", "}");
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(route.verb.name().to_lowercase(), operation(route, settings.access.is_some()));
        }
    }
    let schemas: Map<_, _> = SCHEMAS.iter().map(|schema| (name(*schema), describe_schema(*schema))).collect();
    let mut components = json!({"schemas": schemas});
    if let (Some(components), Some(_)) = (components.as_object_mut(), &settings.access) {
        components.insert("securitySchemes".to_owned(), security());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sinpyo VC API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "VCALM endpoints for issuers, verifiers and holders, and DID resolution. There are no \
                workflows, exchanges or interactions here, and presentations are not kept: GET and DELETE \
                /presentations/{id} do not exist.",
        },
        "servers": [{"url": settings.base}],
        "paths": paths,
        "components": components,
    })
}

fn operation(route: &Route, asks_for_tokens: bool) -> Value {
    let variables = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| json!({"name": name.trim_end_matches('+'), "in": "path", "required": true, "schema": {"type": "string"}});
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation),
        "summary": route.summary,
        "parameters": variables.map(parameter).collect::<Vec<_>>(),
        "responses": responses(route),
    });
    let Some(members) = operation.as_object_mut() else { return operation };
    if let Some(schema) = route.request {
        let media = match schema {
            Schema::TokenRequest => "application/x-www-form-urlencoded",
            _ => "application/json",
        };
        let content = json!({"required": true, "content": {media: {"schema": reference(&name(schema))}}});
        members.insert("requestBody".to_owned(), content);
    }
    if let (true, Some(scope)) = (asks_for_tokens, route.scope) {
        members.insert("security".to_owned(), json!([{"bearer": [scope.name()]}]));
    }
    operation
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    let (status, schema) = route.answer;
    let success = match schema {
        Some(schema) => json!({
            "description": "done",
            "content": {"application/json": {"schema": reference(&name(schema))}},
        }),
        None => json!({"description": "done"}),
    };
    responses.insert(status.to_string(), success);
    let (problem, media) = if route.operation.is_verification() {
        ("NotVerified", "application/json")
    } else {
        ("Problem", "application/problem+json")
    };
    let takes_input = route.verb != Verb::Get || route.path.contains('{');
    for status in takes_input.then_some(&400).into_iter().chain(route.refusals) {
        let content = json!({media: {"schema": reference(problem)}});
        responses.insert(status.to_string(), json!({"description": "refused", "content": content}));
    }
    Value::Object(responses)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn security() -> Value {
    let scopes = Scope::ALL.map(|scope| (scope.name().to_owned(), json!(scope.describe())));
    let flow = json!({"tokenUrl": "/oauth/token", "scopes": scopes.into_iter().collect::<Map<_, _>>()});
    json!({"bearer": {"type": "oauth2", "flows": {"clientCredentials": flow}}})
}

const SCHEMAS: [Schema; 20] = [
    Schema::IssueRequest,
    Schema::Issued,
    Schema::VerifyCredentialRequest,
    Schema::VerifyPresentationRequest,
    Schema::Verified,
    Schema::NotVerified,
    Schema::DeriveRequest,
    Schema::PresentRequest,
    Schema::Presented,
    Schema::StatusRequest,
    Schema::StatusListRequest,
    Schema::StatusListOpened,
    Schema::Credential,
    Schema::Instances,
    Schema::Resolution,
    Schema::ResolveOptions,
    Schema::TokenRequest,
    Schema::Token,
    Schema::Description,
    Schema::Problem,
];

fn name(schema: Schema) -> String {
    format!("{schema:?}")
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

fn describe_schema(schema: Schema) -> Value {
    let credential = || ("verifiableCredential", reference("Credential"));
    let checks = || ("checks", json!({"type": "array", "items": {"enum": ["proof", "validity", "status"]}}));
    let [challenge, domain] = occasion();
    match schema {
        Schema::IssueRequest => {
            request(("credential", any()), &[("mandatoryPointers", texts()), ("credentialId", text())])
        }
        Schema::Issued => object(&[credential()], &[]),
        Schema::VerifyCredentialRequest => request(credential(), &[checks(), challenge, domain]),
        Schema::VerifyPresentationRequest => {
            request(("verifiablePresentation", any()), &[checks(), challenge, domain])
        }
        Schema::DeriveRequest => {
            request(credential(), &[("selectivePointers", texts()), ("presentationHeader", text())])
        }
        Schema::PresentRequest => request(("presentation", any()), &[challenge, domain]),
        Schema::Presented => object(&[("verifiablePresentation", any())], &[]),
        Schema::StatusRequest => closed(
            &[("credentialStatus", any()), ("status", json!({"type": "boolean"}))],
            &[("credentialId", text())],
        ),
        Schema::StatusListRequest => closed(&[("instance", text())], &[]),
        Schema::StatusListOpened => object(&[("statusListCredential", texts())], &[]),
        Schema::Instances => {
            let members = ["instance", "did", "cryptosuite", "key"].map(|name| (name, text()));
            json!({"type": "array", "items": object(&members, &[])})
        }
        Schema::TokenRequest => {
            let names = ["grant_type", "client_assertion_type", "client_assertion"];
            object(&names.map(|name| (name, text())), &[("scope", text()), ("client_id", text())])
        }
        Schema::Token => {
            let names = ["access_token", "token_type", "scope"];
            object(&names.map(|name| (name, text())), &[("expires_in", json!({"type": "integer"}))])
        }
        Schema::Verified | Schema::NotVerified | Schema::Problem => describe_verdict(schema),
        Schema::Credential | Schema::Resolution | Schema::ResolveOptions | Schema::Description => any(),
    }
}

fn describe_verdict(schema: Schema) -> Value {
    let problems = json!({"type": "array", "items": reference("Problem")});
    match schema {
        Schema::Verified => {
            let verified = ("verified", json!({"const": true}));
            object(&[verified, ("errors", problems.clone()), ("warnings", problems)], &[])
        }
        Schema::NotVerified => {
            json!({"allOf": [reference("Problem"), object(&[("verified", json!({"const": false}))], &[])]})
        }
        _ => {
            let names = ["type", "title", "title_ko", "detail", "detail_ko", "rule", "mend", "mend_ko"];
            let optional = [("pointer", text()), ("status", json!({"type": "integer"}))];
            object(&names.map(|name| (name, text())), &optional)
        }
    }
}
