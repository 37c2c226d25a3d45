//! The description of an interface [`OpenAPI` 3.1], made from the table of its routes.

use crate::route::{Content, Need, Route, Table, Verb};
use serde_json::{Map, Value, json};
use std::fmt::Debug;

/// What the table does not say of an interface.
#[derive(Clone, Debug, Default)]
pub struct About<'a> {
    /// Its name.
    pub title: &'a str,
    /// Its version.
    pub version: &'a str,
    /// What it is, and what it is not.
    pub description: &'a str,
    /// Where it is reached; empty if that is not known.
    pub base: &'a str,
    /// The schemas that routes name; that of problems is there already.
    pub schemas: Map<String, Value>,
    /// How to get a token, if it asks for them.
    pub tokens: Option<Tokens<'a>>,
    /// Statuses of refusals that any request may get.
    pub refusals: &'a [u16],
}

/// How to get a token: as a client by its own credentials [RFC 6749 §4.4].
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    /// Where.
    pub path: &'a str,
    /// What they may permit: the word, and what it means.
    pub scopes: Vec<(&'a str, &'a str)>,
}

/// The description of the interface that `table` is.
pub fn describe<O: Debug>(table: &Table<O>, about: About<'_>) -> Value {
    let mut paths = Map::new();
    for route in table.0 {
        let entry =
            paths.entry(route.path.replace("+}", "}").replace("*}", "}")).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(route.verb.name().to_lowercase(), operation(route, &about));
        }
    }
    let mut schemas = about.schemas;
    schemas.entry("Problem").or_insert_with(problem);
    let mut components = json!({"schemas": schemas});
    let mut description = json!({
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version, "description": about.description},
        "paths": paths,
    });
    if let (Some(components), Some(tokens)) = (components.as_object_mut(), &about.tokens) {
        components.insert("securitySchemes".to_owned(), security(tokens));
    }
    if let Some(members) = description.as_object_mut() {
        members.insert("components".to_owned(), components);
        if !about.base.is_empty() {
            members.insert("servers".to_owned(), json!([{"url": about.base}]));
        }
    }
    description
}

fn operation<O: Debug>(route: &Route<O>, about: &About<'_>) -> Value {
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation),
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses(route, about.refusals),
    });
    let Some(members) = operation.as_object_mut() else { return operation };
    if let Some(request) = route.request {
        members.insert("requestBody".to_owned(), json!({"required": true, "content": content(request)}));
    }
    if let (Some(_), Some(scope)) = (&about.tokens, route.scope) {
        members.insert("security".to_owned(), json!([{"bearer": [scope]}]));
    }
    operation
}

fn parameters<O>(route: &Route<O>) -> Value {
    let text = json!({"type": "string"});
    let variables = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = variables.map(
        |name| json!({"name": name.trim_end_matches(['+', '*']), "in": "path", "required": true, "schema": text}),
    );
    let in_query = route.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "required": parameter.need == Need::Required,
            "description": parameter.says,
            "schema": text,
        })
    });
    in_path.chain(in_query).collect()
}

fn responses<O>(route: &Route<O>, always: &[u16]) -> Value {
    let mut responses = Map::new();
    let (status, answer) = route.answer;
    let success = match answer {
        Some(answer) => json!({"description": "done", "content": content(answer)}),
        None => json!({"description": "done"}),
    };
    responses.insert(status.to_string(), success);
    let takes_input = route.verb != Verb::Get || route.path.contains('{') || !route.parameters.is_empty();
    for status in takes_input.then_some(&400).into_iter().chain(always).chain(route.refusals) {
        let refused = json!({"description": "refused", "content": content(route.problem)});
        responses.insert(status.to_string(), refused);
    }
    Value::Object(responses)
}

fn content(content: Content) -> Value {
    match content.schema {
        Some(schema) => json!({content.media: {"schema": reference(schema)}}),
        None => json!({content.media: {}}),
    }
}

/// A reference to the schema `name`.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema of an object with these members, of which some have to be there.
pub fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "required": required, "properties": properties})
}

fn security(tokens: &Tokens<'_>) -> Value {
    let scopes: Map<_, _> =
        tokens.scopes.iter().map(|(name, says)| ((*name).to_owned(), json!(says))).collect();
    let flow = json!({"tokenUrl": tokens.path, "scopes": scopes});
    json!({"bearer": {"type": "oauth2", "flows": {"clientCredentials": flow}}})
}

/// The schema of [`crate::problem::Problem`].
fn problem() -> Value {
    let names = ["type", "title", "title_ko", "detail", "detail_ko", "rule", "mend", "mend_ko"];
    let texts = names.into_iter().chain(["pointer"]);
    let mut properties: Map<String, Value> =
        texts.map(|name| (name.to_owned(), json!({"type": "string"}))).collect();
    properties.insert("status".to_owned(), json!({"type": "integer"}));
    json!({"type": "object", "required": names, "properties": properties})
}
