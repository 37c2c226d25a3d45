//! Answers: status, headers and body.

use super::{Accept, Problem};
use crate::{
    ResolveError, ResolvedJson,
    dereference::{DereferenceError, Resource, Target},
};
use serde_json::{Map, Value, json};

const RESOLUTION: &str = "application/did-resolution";
const DEREFERENCING: &str = "application/did-url-dereferencing";
const LEGACY: &str = r#"application/ld+json;profile="https://w3id.org/did-resolution""#;
const LEGACY_CONTEXT: &str = "https://w3id.org/did-resolution/v1";
/// The media type of documents, as metadata names it.
const DOCUMENT: &str = "application/did";

/// What the server sends back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// `Content-Type`; none if there is no body.
    pub content_type: Option<&'static str>,
    /// `Location`, of a 303. Printable ASCII without spaces.
    pub location: Option<String>,
    /// The body, which is JSON.
    pub body: Vec<u8>,
    /// What went wrong, if anything did, for the operator's log: the rule, as in `spec/checks/`.
    pub rule: Option<&'static str>,
}

impl Answer {
    fn json(status: u16, content_type: &'static str, body: &Value) -> Self {
        let body = body.to_string().into_bytes();
        Self { status, content_type: Some(content_type), location: None, body, rule: None }
    }

    fn see_other(location: String) -> Self {
        Self { status: 303, content_type: None, location: Some(location), body: Vec::new(), rule: None }
    }
}

pub(super) fn success(target: &Target, accept: Accept, resolved: &ResolvedJson) -> Answer {
    if resolved.is_deactivated() {
        return deactivated(target, accept, resolved);
    }
    match target.select(resolved) {
        Ok(Resource::Document(document)) => whole_document(accept, document, resolved),
        Ok(Resource::Object(object)) => part(accept, object),
        Ok(Resource::Urls(urls)) => match urls.into_iter().find(|url| url.starts_with("http")) {
            Some(url) => Answer::see_other(url),
            // A DID is nothing that a browser can go to.
            None => Answer {
                rule: Some(DereferenceError::Endpoint.code()),
                ..refusal(accept, true, Problem::NotFound)
            },
        },
        Err(error) => Answer { rule: Some(error.code()), ..refusal(accept, true, error.into()) },
    }
}

pub(super) fn failure(target: &Target, accept: Accept, error: &ResolveError) -> Answer {
    Answer { rule: Some(error.code()), ..refusal(accept, !target.is_document(), error.into()) }
}

fn whole_document(accept: Accept, document: Map<String, Value>, resolved: &ResolvedJson) -> Answer {
    let metadata = resolved.metadata_json();
    match accept {
        Accept::Content(media_type) => Answer::json(200, media_type, &Value::Object(document)),
        Accept::Resolution => Answer::json(
            200,
            RESOLUTION,
            &json!({
                "didDocument": document,
                "didResolutionMetadata": {"contentType": DOCUMENT},
                "didDocumentMetadata": metadata,
            }),
        ),
        Accept::Dereferencing => Answer::json(
            200,
            DEREFERENCING,
            &json!({
                "contentStream": document,
                "dereferencingMetadata": {"contentType": DOCUMENT},
                "contentMetadata": metadata,
            }),
        ),
        Accept::Legacy => {
            legacy(200, &Value::Object(document), &json!({"contentType": LEGACY_DOCUMENT}), &metadata)
        }
    }
}

/// The media type of documents in the older dialect.
const LEGACY_DOCUMENT: &str = "application/did+ld+json";

/// The document of a did:key in the older dialect.
pub(super) fn legacy_document(document: Map<String, Value>) -> Answer {
    legacy(200, &Value::Object(document), &json!({"contentType": LEGACY_DOCUMENT}), &Map::new())
}

fn legacy(status: u16, document: &Value, metadata: &Value, document_metadata: &Map<String, Value>) -> Answer {
    Answer::json(
        status,
        LEGACY,
        &json!({
            "@context": LEGACY_CONTEXT,
            "didDocument": document,
            "didResolutionMetadata": metadata,
            "didDocumentMetadata": document_metadata,
        }),
    )
}

fn part(accept: Accept, object: Map<String, Value>) -> Answer {
    match accept {
        Accept::Content(media_type) => Answer::json(200, media_type, &Value::Object(object)),
        Accept::Resolution | Accept::Dereferencing => Answer::json(
            200,
            DEREFERENCING,
            &json!({
                "contentStream": object,
                "dereferencingMetadata": {"contentType": DOCUMENT},
                "contentMetadata": {},
            }),
        ),
        Accept::Legacy => Answer::json(
            200,
            LEGACY,
            &json!({
                "@context": LEGACY_CONTEXT,
                // The part stands where the document would: its suite looks nowhere else.
                "didDocument": object,
                "didDereferencingMetadata": {"contentType": LEGACY_DOCUMENT},
                "didDocumentMetadata": {},
            }),
        ),
    }
}

/// A DID out of use has metadata, and no document that anybody should use any more.
fn deactivated(target: &Target, accept: Accept, resolved: &ResolvedJson) -> Answer {
    let metadata = resolved.metadata_json();
    if accept == Accept::Legacy {
        return legacy(410, &json!({}), &json!({}), &metadata);
    }
    if accept == Accept::Dereferencing || !target.is_document() {
        let body = json!({"contentStream": null, "dereferencingMetadata": {}, "contentMetadata": metadata});
        return Answer::json(410, DEREFERENCING, &body);
    }
    let body = json!({"didDocument": null, "didResolutionMetadata": {}, "didDocumentMetadata": metadata});
    Answer::json(410, RESOLUTION, &body)
}

/// The answer that says what went wrong. `is_url` says whether more than a DID was asked for.
pub(super) fn refusal(accept: Accept, is_url: bool, problem: Problem) -> Answer {
    let status = problem.status();
    if accept == Accept::Legacy {
        let metadata = if is_url { "didDereferencingMetadata" } else { "didResolutionMetadata" };
        let body = json!({
            "@context": LEGACY_CONTEXT,
            "didDocument": {},
            metadata: {"error": problem.word()},
            "didDocumentMetadata": {},
        });
        return Answer::json(status, LEGACY, &body);
    }
    let error = json!({"type": problem.uri(), "title": problem.to_string(), "status": status});
    if accept == Accept::Dereferencing || is_url {
        let metadata = json!({"error": error});
        let body = json!({"contentStream": null, "dereferencingMetadata": metadata, "contentMetadata": {}});
        return Answer::json(status, DEREFERENCING, &body);
    }
    let metadata = json!({"error": error});
    let body = json!({"didDocument": null, "didResolutionMetadata": metadata, "didDocumentMetadata": {}});
    Answer::json(status, RESOLUTION, &body)
}
