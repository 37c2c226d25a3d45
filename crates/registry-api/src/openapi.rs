//! `GET /openapi.json`: the description of the interface [`OpenAPI` 3.1], made from the table of routes.

use crate::{
    answer,
    route::{Need, ROUTES, Route},
    settings::Settings,
};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

/// The description of this server.
pub(crate) fn describe(settings: &Settings) -> Response<Vec<u8>> {
    let mut paths = Map::new();
    for route in &ROUTES {
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(route.method.to_lowercase(), operation(route));
        }
    }
    let mut description = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sinpyo ledger registry",
            "version": "1",
            "description": "A transparency log (C2SP tlog-tiles) of operations on DIDs, accreditations and status lists.",
        },
        "paths": paths,
        "components": {"schemas": {"Problem": problem()}},
    });
    if let (Some(members), false) = (description.as_object_mut(), settings.base.is_empty()) {
        members.insert("servers".to_owned(), json!([{"url": settings.base}]));
    }
    answer::tagged(answer::json(StatusCode::OK, &description))
}

fn operation(route: &Route) -> Value {
    let variable = route.path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    let in_path = variable
        .map(|(name, _)| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    let in_query = route.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "in": "query",
            "required": parameter.need == Need::Required,
            "description": parameter.says,
            "schema": {"type": "string"},
        })
    });
    let parameters: Value = in_path.into_iter().chain(in_query).collect();
    let (status, media) = route.answer;
    let mut responses = Map::new();
    responses.insert(status.to_string(), json!({"description": "done", "content": {media: {}}}));
    let usual: &[u16] =
        if route.path.contains('{') || !route.parameters.is_empty() { &[400, 429, 503] } else { &[429, 503] };
    let problem = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
    for status in usual.iter().chain(route.refusals) {
        responses.insert(status.to_string(), json!({"description": "refused", "content": problem}));
    }
    let mut operation = json!({
        "operationId": format!("{:?}", route.operation),
        "summary": route.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let (Some(members), "POST") = (operation.as_object_mut(), route.method) {
        let body = json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}});
        members.insert("requestBody".to_owned(), body);
    }
    operation
}

fn problem() -> Value {
    let names = ["type", "title", "title_ko", "detail", "detail_ko", "rule", "mend", "mend_ko"];
    let mut properties: Map<String, Value> =
        names.map(|name| (name.to_owned(), json!({"type": "string"}))).into_iter().collect();
    properties.insert("status".to_owned(), json!({"type": "integer"}));
    json!({"type": "object", "required": names, "properties": properties})
}
