//! The parts of a document that pointers select [VC-DI-ECDSA §3.4.11–3.4.13].

use crate::pointer::{MAX_POINTERS, Pointer, PointerError, index};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Which parts of one document are selected.
///
/// On the way to a selected part each object keeps what makes it the same node: its identifier, its types
/// and its context.
#[derive(Debug, Default)]
pub(crate) struct Selection(Option<Part>);

#[derive(Debug)]
enum Part {
    Whole,
    Members(BTreeMap<String, Part>),
    /// Skipped items leave no gap.
    Items(BTreeMap<usize, Part>),
}

/// What becomes of an identifier that is a blank node's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlankLabels {
    /// For counting statements: the label says which node of the whole document this is.
    Keep,
    /// For showing: a label is no data of its own, and would be one more thing to recognise a holder by.
    Drop,
}

impl Selection {
    /// Adds what `pointers` select in `document`.
    pub(crate) fn add(
        &mut self,
        pointers: &[Pointer],
        document: &Map<String, Value>,
    ) -> Result<(), PointerError> {
        if pointers.len() > MAX_POINTERS {
            return Err(PointerError::TooMany); // [SDI-06]
        }
        for (number, pointer) in pointers.iter().enumerate() {
            let root = self.0.get_or_insert_with(|| Part::Members(BTreeMap::new()));
            mark(root, document, pointer).ok_or(PointerError::Unresolved(number))?; // [SDI-05]
        }
        Ok(())
    }

    /// The selected parts of `document`; `None` if nothing is selected.
    ///
    /// `document` is the one that the pointers were resolved in, or differs from it by added members only.
    pub(crate) fn apply(
        &self,
        document: &Map<String, Value>,
        labels: BlankLabels,
    ) -> Option<Map<String, Value>> {
        match self.0.as_ref()? {
            Part::Members(parts) => Some(selected_members(document, parts, labels)),
            Part::Whole | Part::Items(_) => Some(document.clone()),
        }
    }
}

/// Marks the part that `pointer` leads to; `None` if it leads to nothing.
fn mark(root: &mut Part, document: &Map<String, Value>, pointer: &Pointer) -> Option<()> {
    let mut tokens = pointer.tokens();
    let Some(first) = tokens.next() else {
        *root = Part::Whole;
        return Some(());
    };
    let mut value = document.get(&*first)?;
    let mut part = member(root, first.into_owned(), value);
    for token in tokens {
        match value {
            Value::Object(members) => {
                value = members.get(&*token)?;
                part = part.and_then(|part| member(part, token.into_owned(), value));
            }
            Value::Array(items) => {
                let index = index(&token)?;
                value = items.get(index)?;
                part = part.and_then(|part| item(part, index, value));
            }
            _ => return None,
        }
    }
    if let Some(part) = part {
        *part = Part::Whole;
    }
    Some(())
}

/// The part of an object's member; `None` if the object is selected as a whole already.
fn member<'p>(part: &'p mut Part, name: String, value: &Value) -> Option<&'p mut Part> {
    match part {
        Part::Members(parts) => Some(parts.entry(name).or_insert_with(|| Part::none_of(value))),
        Part::Whole | Part::Items(_) => None,
    }
}

/// The part of an array's item; `None` if the array is selected as a whole already.
fn item<'p>(part: &'p mut Part, index: usize, value: &Value) -> Option<&'p mut Part> {
    match part {
        Part::Items(parts) => Some(parts.entry(index).or_insert_with(|| Part::none_of(value))),
        Part::Whole | Part::Members(_) => None,
    }
}

impl Part {
    fn none_of(value: &Value) -> Self {
        match value {
            Value::Object(_) => Self::Members(BTreeMap::new()),
            Value::Array(_) => Self::Items(BTreeMap::new()),
            _ => Self::Whole,
        }
    }
}

/// Recursion is as deep as the pointers are long, and they were resolved in a document of bounded depth.
fn selected(value: &Value, part: &Part, labels: BlankLabels) -> Value {
    match (part, value) {
        (Part::Members(parts), Value::Object(members)) => {
            Value::Object(selected_members(members, parts, labels))
        }
        (Part::Items(parts), Value::Array(items)) => {
            let chosen = parts.iter().filter_map(|(index, part)| Some((items.get(*index)?, part)));
            Value::Array(chosen.map(|(item, part)| selected(item, part, labels)).collect())
        }
        _ => value.clone(),
    }
}

fn selected_members(
    source: &Map<String, Value>,
    parts: &BTreeMap<String, Part>,
    labels: BlankLabels,
) -> Map<String, Value> {
    let mut selection = identity(source, labels);
    for (name, part) in parts {
        if let (true, Some(value)) = (name != "@context", source.get(name)) {
            selection.insert(name.clone(), selected(value, part, labels));
        }
    }
    selection
}

/// What stays of every object on the way [VC-DI-ECDSA §3.4.12], also under the keywords' own names, and with
/// the context that gives the members their meaning.
fn identity(source: &Map<String, Value>, labels: BlankLabels) -> Map<String, Value> {
    let is_blank = |value: &Value| value.as_str().is_some_and(|id| id.starts_with("_:"));
    let kept = |name: &str| {
        let value = source.get(name)?;
        let is_id = name == "id" || name == "@id";
        let dropped = is_id && labels == BlankLabels::Drop && is_blank(value);
        (!dropped).then(|| (name.to_owned(), value.clone()))
    };
    ["@context", "id", "@id", "type", "@type"].into_iter().filter_map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Map<String, Value> {
        let document = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", {"x": "y"}],
            "id": "_:root", "type": ["A", "B"], "name": "n",
            "subject": {"id": "did:example:a", "type": "T", "age": 7, "born": null,
                        "list": [{"v": 0}, {"v": 1}, {"id": "_:l", "v": 2, "w": [3, 4, 5]}]},
        });
        document.as_object().unwrap().clone()
    }

    fn select(pointers: &[&str], labels: BlankLabels) -> Result<Option<Value>, PointerError> {
        let pointers: Vec<_> = pointers.iter().map(|text| Pointer::parse(text).unwrap()).collect();
        let (document, mut selection) = (document(), Selection::default());
        selection.add(&pointers, &document)?;
        Ok(selection.apply(&document, labels).map(Value::Object))
    }

    fn check(pointers: &[&str], mut expected: Value) {
        expected["@context"] = document()["@context"].clone();
        expected["type"] = json!(["A", "B"]);
        assert_eq!(select(pointers, BlankLabels::Drop).unwrap(), Some(expected), "{pointers:?}");
    }

    #[test]
    fn each_object_on_the_way_keeps_its_identity() {
        check(&["/name"], json!({"name": "n"}));
        check(&["/subject/age"], json!({"subject": {"id": "did:example:a", "type": "T", "age": 7}}));
        check(&["/subject/born"], json!({"subject": {"id": "did:example:a", "type": "T", "born": null}}));
        assert_eq!(select(&[], BlankLabels::Drop).unwrap(), None);
        assert_eq!(select(&[""], BlankLabels::Drop).unwrap(), Some(document().into()));
        let kept = select(&["/name"], BlankLabels::Keep).unwrap().unwrap();
        assert_eq!(kept["id"], "_:root");
    }

    #[test]
    fn skipped_items_leave_no_gap() {
        let subject = |list: Value| json!({"subject": {"id": "did:example:a", "type": "T", "list": list}});
        check(&["/subject/list/2/w/1", "/subject/list/0"], subject(json!([{"v": 0}, {"w": [4]}])));
        check(
            &["/subject/list/2/w/2", "/subject/list/2/w/0", "/subject/list/2/w/2"],
            subject(json!([{"w": [3, 5]}])),
        );
    }

    #[test]
    fn the_order_of_pointers_does_not_matter() {
        let whole = json!({"subject": document()["subject"]});
        check(&["/subject", "/subject/list/2/w/1"], whole.clone());
        check(&["/subject/list/2/w/1", "/subject"], whole);
        assert_eq!(select(&["/name", ""], BlankLabels::Keep), select(&["", "/name"], BlankLabels::Keep));
        check(&["/@context/1", "/name"], json!({"name": "n"}));
    }

    #[test]
    fn a_pointer_that_leads_to_nothing_is_refused() {
        for pointer in [
            "/missing",
            "/name/0",
            "/subject/list/3",
            "/subject/list/-",
            "/subject/list/00",
            "/subject/list/v",
            "/subject/0",
            "/",
            "/subject/",
            "/subject/age/x",
            "/Name",
        ] {
            assert_eq!(
                select(&["/name", pointer], BlankLabels::Drop),
                Err(PointerError::Unresolved(1)),
                "{pointer}"
            );
        }
        // Also below a part that is selected as a whole.
        assert_eq!(select(&["", "/missing"], BlankLabels::Drop), Err(PointerError::Unresolved(1)));
        assert_eq!(
            select(&["/subject", "/subject/list/3"], BlankLabels::Drop),
            Err(PointerError::Unresolved(1))
        );
    }

    #[test]
    fn more_pointers_than_the_limit_are_refused() {
        assert!(select(&["/name"; 256], BlankLabels::Drop).is_ok());
        assert_eq!(select(&["/name"; 257], BlankLabels::Drop), Err(PointerError::TooMany));
    }
}
