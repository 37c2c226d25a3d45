//! Elements and sets of them.

use crate::ParseMdocError;
use sinpyo_core::claims::nfc;
use sinpyo_cose::cbor::{Key, Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Names an element [ISO 18013-5 §7.1]. Both parts are in Unicode Normalization Form C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementName<'a> {
    /// What defines the identifier, as `org.iso.18013.5.1`.
    pub namespace: &'a str,
    /// The element within the namespace, as `family_name`.
    pub identifier: &'a str,
}

/// A set of elements, by name.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Selection(BTreeMap<String, BTreeSet<String>>);

impl Selection {
    /// The same set and one element more.
    #[must_use]
    pub fn with(mut self, name: ElementName<'_>) -> Self {
        self.0.entry(nfc(name.namespace)).or_default().insert(nfc(name.identifier));
        self
    }

    /// Whether the set holds `name`.
    pub fn contains(&self, name: ElementName<'_>) -> bool {
        self.0.get(name.namespace).is_some_and(|identifiers| identifiers.contains(name.identifier))
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = ElementName<'_>> {
        self.0.iter().flat_map(|(namespace, identifiers)| {
            identifiers.iter().map(move |identifier| ElementName { namespace, identifier })
        })
    }

    /// Reads `{ namespace: [ identifier … ] }`.
    pub(crate) fn from_map(map: &Map, member: &'static str) -> Result<Self, ParseMdocError> {
        let mut selection = Self::default();
        for (namespace, identifiers) in map {
            let namespace = namespace.as_text().ok_or(ParseMdocError::Member(member))?; // [MDC-01]
            for identifier in identifiers.as_array().ok_or(ParseMdocError::Member(member))? {
                let identifier = identifier.as_text().ok_or(ParseMdocError::Member(member))?; // [MDC-01]
                selection = selection.with(ElementName { namespace, identifier });
            }
        }
        Ok(selection)
    }

    pub(crate) fn to_map(&self) -> Map {
        let mut map = Map::new();
        for (namespace, identifiers) in &self.0 {
            let identifiers: Vec<Value> = identifiers.iter().map(|one| Value::from(one.as_str())).collect();
            map.insert(namespace.as_str(), identifiers);
        }
        map
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Elements with their values.
///
/// Debug output shows the names and no value.
#[derive(Clone, PartialEq, Default)]
pub struct Elements(BTreeMap<String, BTreeMap<String, Value>>);

impl Elements {
    /// The same elements and `name` with `value`; all text in Unicode Normalization Form C.
    #[must_use]
    pub fn with(mut self, name: ElementName<'_>, value: Value) -> Self {
        self.0.entry(nfc(name.namespace)).or_default().insert(nfc(name.identifier), normalized(value));
        self
    }

    /// The value of `name`.
    pub fn get(&self, name: ElementName<'_>) -> Option<&Value> {
        self.0.get(name.namespace)?.get(name.identifier)
    }

    /// The elements, in order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (ElementName<'_>, &Value)> {
        self.0.iter().flat_map(|(namespace, elements)| {
            elements.iter().map(move |(identifier, value)| (ElementName { namespace, identifier }, value))
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The elements of each namespace, in order.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = (&str, &BTreeMap<String, Value>)> {
        self.0.iter().map(|(namespace, elements)| (namespace.as_str(), elements))
    }

    /// Reads `{ namespace: { identifier: value … } }`, the values as they are.
    pub(crate) fn from_map(map: Map) -> Result<Self, ParseMdocError> {
        let mut all = BTreeMap::new();
        for (namespace, elements) in map {
            let Value::Map(elements) = elements else { return Err(ParseMdocError::Member("nameSpaces")) }; // [MDC-01]
            let entries = elements.into_iter().map(|(identifier, value)| Ok((name(identifier)?, value)));
            all.insert(name(namespace)?, entries.collect::<Result<_, ParseMdocError>>()?);
        }
        Ok(Self(all))
    }

    pub(crate) fn to_map(&self) -> Map {
        let mut map = Map::new();
        for (namespace, elements) in &self.0 {
            let mut inner = Map::new();
            for (identifier, value) in elements {
                inner.insert(identifier.as_str(), value.clone());
            }
            map.insert(namespace.as_str(), inner);
        }
        map
    }
}

impl std::fmt::Debug for Elements {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// A namespace or identifier as it arrived: in the one form in which names are compared.
pub(crate) fn name(key: Key) -> Result<String, ParseMdocError> {
    match key {
        Key::Text(text) => checked(text),
        _ => Err(ParseMdocError::Member("nameSpaces")), // [MDC-01]
    }
}

pub(crate) fn checked(text: String) -> Result<String, ParseMdocError> {
    if text.is_ascii() || nfc(&text) == text { Ok(text) } else { Err(ParseMdocError::Name) } // [MDC-04]
}

fn normalized(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::Text(nfc(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(normalized).collect()),
        Value::Tag(tag, inner) => Value::tag(tag, normalized(*inner)),
        Value::Map(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                let key = match key {
                    Key::Text(text) => Key::Text(nfc(&text)),
                    other => other,
                };
                out.insert(key, normalized(value));
            }
            Value::Map(out)
        }
        other => other,
    }
}
