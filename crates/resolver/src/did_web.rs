//! did:web: the document is a file on an https server [did:web Method].

use crate::{ResolveError, ResolvedJson, fetch::MAX_ANSWER, usable_document};
use serde_json::Value;
use sinpyo_core::{did::Did, json, resolved::Resolved};

/// The document of `did`, as its server sent it.
///
/// There is no history behind it: it says what the server says now, and nothing about yesterday.
///
/// # Errors
/// The bytes are not strict JSON, no DID document, or the document of another DID.
pub fn document(did: &Did, bytes: &[u8]) -> Result<ResolvedJson, ResolveError> {
    if bytes.len() > MAX_ANSWER {
        return Err(ResolveError::Json(json::JsonError::TooLong)); // [WEB-05]
    }
    let members = json::parse_object(bytes).map_err(ResolveError::Json)?; // [WEB-05]
    if members.get("id").and_then(Value::as_str) != Some(did.as_str()) {
        return Err(ResolveError::ForeignDocument); // [WEB-06]
    }
    let document = usable_document::read(&members, did).map_err(ResolveError::Document)?;
    Ok(ResolvedJson::new(members, Resolved::immutable(document)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> &'static str {
        document(&"did:web:a.example".parse().unwrap(), text.as_bytes()).unwrap_err().code()
    }

    #[test]
    fn a_document_keeps_what_its_controller_wrote() {
        let text = r#"{"@context":["https://www.w3.org/ns/did/v1"],"custom":{"a":[1,"김"]},"id":"did:web:a.example"}"#;
        let resolved = document(&"did:web:a.example".parse().unwrap(), text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(resolved.document()).unwrap(), text);
        assert!(resolved.metadata_json().is_empty());
    }

    #[test]
    fn the_document_of_another_did_is_refused() {
        assert_eq!(refused(r#"{"id":"did:web:b.example"}"#), "WEB-06");
        assert_eq!(refused(r#"{"id":"did:web:A.example"}"#), "WEB-06");
        assert_eq!(refused("{}"), "WEB-06");
    }

    #[test]
    fn what_is_not_strict_json_is_no_document() {
        assert_eq!(refused(r#"{"id":"did:web:a.example","id":"did:web:a.example"}"#), "WEB-05");
        assert_eq!(refused("[]"), "WEB-05");
        assert_eq!(refused("<html>"), "WEB-05");
        assert_eq!(refused(&"[".repeat(100_000)), "WEB-05");
        assert_eq!(refused(&" ".repeat(MAX_ANSWER + 1)), "WEB-05");
        assert_eq!(refused(r#"{"id":"did:web:a.example","verificationMethod":{}}"#), "WEB-05");
    }
}
