//! The members of one object, sorted by what they stand for.

use crate::{
    active::{Active, Definition, Name, Read},
    error::{Breach, ErrorCode, JsonLdError},
    keyword::Keyword,
    path::Path,
};
use serde_json::{Map, Value};
use std::{borrow::Cow, sync::Arc};

/// A member that stands for a keyword.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a Value,
}

/// A member that stands for a property.
#[derive(Clone, Debug)]
pub(crate) struct Property<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a Value,
    pub(crate) definition: Option<&'a Definition>,
    pub(crate) predicate: Cow<'a, Arc<str>>,
}

/// The members of one object.
#[derive(Debug, Default)]
pub(crate) struct Entries<'a> {
    pub(crate) id: Option<Slot<'a>>,
    pub(crate) value: Option<Slot<'a>>,
    pub(crate) language: Option<Slot<'a>>,
    pub(crate) direction: Option<Slot<'a>>,
    pub(crate) index: Option<Slot<'a>>,
    pub(crate) list: Option<Slot<'a>>,
    pub(crate) set: Option<Slot<'a>>,
    pub(crate) graph: Option<Slot<'a>>,
    pub(crate) reverse: Option<Slot<'a>>,
    pub(crate) types: Vec<Slot<'a>>,
    pub(crate) included: Vec<Slot<'a>>,
    pub(crate) nests: Vec<Slot<'a>>,
    pub(crate) properties: Vec<Property<'a>>,
    /// The object itself.
    pub(crate) object: Option<&'a Map<String, Value>>,
}

impl<'a> Entries<'a> {
    /// Sorts the members of `object` by what they mean in `context`.
    pub(crate) fn of(
        context: &'a Active,
        object: &'a Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<Self, JsonLdError> {
        let mut entries =
            Self { properties: Vec::with_capacity(object.len()), object: Some(object), ..Self::default() };
        for (key, value) in object {
            let slot = Slot { key, value };
            let sorted = match context.term(key) {
                Some(definition @ Definition { name: Name::Iri(iri), .. }) => {
                    entries.push(slot, Some(definition), Cow::Borrowed(iri));
                    Ok(())
                }
                Some(definition) => entries.sort(slot, Some(definition), definition.name.clone()),
                None if key == "@context" => Ok(()),
                None => entries.sort(slot, None, context.expand(key, Read::Vocab)),
            };
            sorted.map_err(|breach| path.member(key).error(breach))?;
        }
        Ok(entries)
    }

    /// Whether the object says anything that becomes a statement.
    pub(crate) fn has_content(&self) -> bool {
        let Self { types, properties, graph, reverse, included, nests, .. } = self;
        let several = !(types.is_empty() && properties.is_empty() && included.is_empty() && nests.is_empty());
        several || graph.is_some() || reverse.is_some()
    }

    /// Whether the object is a graph object: nothing but `@graph`, `@id` and `@index`.
    pub(crate) fn is_graph(&self) -> bool {
        let Self { types, properties, reverse, included, nests, .. } = self;
        let several = !(types.is_empty() && properties.is_empty() && included.is_empty() && nests.is_empty());
        self.graph.is_some() && reverse.is_none() && !several
    }

    fn push(&mut self, slot: Slot<'a>, definition: Option<&'a Definition>, predicate: Cow<'a, Arc<str>>) {
        self.properties.push(Property { key: slot.key, value: slot.value, definition, predicate });
    }

    fn sort(&mut self, slot: Slot<'a>, definition: Option<&'a Definition>, name: Name) -> Result<(), Breach> {
        let keyword = match name {
            Name::Iri(iri) => {
                self.push(slot, definition, Cow::Owned(iri));
                return Ok(());
            }
            Name::Keyword(keyword) => keyword,
            Name::Blank(_) => return Err(Breach::BlankPredicate), // [JLD-08]
            Name::Reserved => return Err(Breach::Reserved),       // [JLD-09]
            Name::Null | Name::Relative(_) => return Err(Breach::UndefinedTerm), // [JLD-04]
        };
        let repeated = match keyword {
            Keyword::Type => Some(&mut self.types),
            Keyword::Included => Some(&mut self.included),
            Keyword::Nest => Some(&mut self.nests),
            _ => None,
        };
        if let Some(slots) = repeated {
            slots.push(slot);
            return Ok(());
        }
        let place = match keyword {
            Keyword::Id => &mut self.id,
            Keyword::Value => &mut self.value,
            Keyword::Language => &mut self.language,
            Keyword::Direction => &mut self.direction,
            Keyword::Index => &mut self.index,
            Keyword::List => &mut self.list,
            Keyword::Set => &mut self.set,
            Keyword::Graph => &mut self.graph,
            Keyword::Reverse => &mut self.reverse,
            _ => return Err(Breach::UndefinedTerm),
        };
        match place.replace(slot) {
            None => Ok(()),
            Some(_) => Err(Breach::Syntax(ErrorCode::CollidingKeywords)), // [JLD-03]
        }
    }
}
