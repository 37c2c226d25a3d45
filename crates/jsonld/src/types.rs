//! The types of a node, as IRIs.

use crate::{Breach, Contexts, JsonLdError, to_rdf};
use serde_json::{Map, Value, json};
use sinpyo_rdf::Term;

const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// Most types of a node that are looked at; the rest of it may be signed, and is not found by its type.
const MAX_TYPES: usize = 64;

/// The `type` of `members` as IRIs, in order, under their own `@context`: how queries name types [OpenID4VP 1.0 §B.1.1].
///
/// A type that the contexts do not define stays as it is written, as in a token, whose words need no context.
///
/// # Errors
/// A context is not known, or refused.
pub fn expanded_types(members: &Map<String, Value>, contexts: &Contexts) -> Result<Vec<String>, JsonLdError> {
    let context = members.get("@context").unwrap_or(&Value::Null);
    let types = match members.get("type") {
        Some(Value::Array(types)) => types.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let names = types.iter().filter_map(Value::as_str).take(MAX_TYPES);
    names.map(|name| expanded(name, context, contexts)).collect()
}

fn expanded(name: &str, context: &Value, contexts: &Contexts) -> Result<String, JsonLdError> {
    let mut node = Map::new();
    node.insert("@context".to_owned(), context.clone());
    node.insert("@type".to_owned(), json!([name]));
    let statements = match to_rdf(&node, contexts) {
        Ok(statements) => statements,
        Err(error) if *error.breach() == Breach::RelativeReference => return Ok(name.to_owned()),
        Err(error) => return Err(error),
    };
    let iri = statements.into_iter().find_map(|statement| match statement.object {
        Term::Iri(iri) if &*statement.predicate == TYPE => Some(iri.to_string()),
        _ => None,
    });
    Ok(iri.unwrap_or_else(|| name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(document: &Value) -> Option<Vec<String>> {
        expanded_types(document.as_object()?, &Contexts::bundled()).ok()
    }

    #[test]
    fn types_are_expanded_under_their_own_context() {
        let v2 = "https://www.w3.org/ns/credentials/v2";
        let vc = "https://www.w3.org/2018/credentials#VerifiableCredential".to_owned();
        assert_eq!(types(&json!({"@context": [v2], "type": "VerifiableCredential"})), Some(vec![vc.clone()]));
        let own = json!({"Badge": "https://example.org/ns#Badge"});
        let document =
            json!({"@context": [v2, own], "type": ["VerifiableCredential", "Badge", "urn:x:Whole"]});
        let expected = [vc, "https://example.org/ns#Badge".to_owned(), "urn:x:Whole".to_owned()];
        assert_eq!(types(&document), Some(expected.into()));
        assert_eq!(types(&json!({"@context": [v2]})), Some(vec![]));
    }

    #[test]
    fn an_unknown_context_names_no_type() {
        assert_eq!(types(&json!({"@context": ["https://unknown.example"], "type": ["Badge"]})), None);
    }
}
