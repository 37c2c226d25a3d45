//! Node objects: their statements, and those of the nodes that they hold.

use crate::{
    active::{Active, Coercion, Read},
    entries::{Entries, Property, Slot},
    error::{Breach, ErrorCode, JsonLdError},
    expand::{At, Expander, Given, Place, Shape, Values, Wrap, check_index},
    path::Path,
    sink::{Item, Kind, owner, words},
};
use serde_json::{Map, Value};
use sinpyo_rdf::Term;
use std::sync::Arc;

/// A node whose members are being expanded.
#[derive(Clone, Copy, Debug)]
struct Node<'a> {
    subject: &'a Term,
    graph: Option<&'a Term>,
    context: &'a Arc<Active>,
    /// The context that its types are read in.
    base: &'a Arc<Active>,
    path: &'a Path<'a>,
    members: Members,
}

/// Which way the statements of a node's members go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Members {
    Forward,
    /// Those of a `@reverse` map: the values are the subjects.
    Backward,
}

/// The objects under a nesting term, and the context that their members are read in.
#[derive(Debug)]
struct Nested<'v> {
    context: Arc<Active>,
    objects: Vec<&'v Map<String, Value>>,
}

const WRAPPED: Given = Given { id: None, kind: None, index: None, property: None, wrap: Wrap::Always };

impl Expander<'_> {
    /// Expands an object that is no value, list or set.
    pub(crate) fn node(
        &mut self,
        at: At<'_>,
        (context, base): (&Arc<Active>, &Arc<Active>),
        entries: &Entries<'_>,
    ) -> Result<Shape, JsonLdError> {
        let id = self.node_id(context, entries, at.path)?;
        Self::check_node(&at, entries)?;
        if at.place == Place::Document && entries.is_graph() && id.is_none() && entries.index.is_none() {
            let node = At { context, ..at };
            self.graph(&node, entries.graph, None)?;
            return Ok(Shape::Nothing);
        }
        let unwrapped = Given::default();
        let given = at.given.unwrap_or(&unwrapped);
        let is_wrapped = match given.wrap {
            Wrap::Never => false,
            Wrap::Always => true,
            Wrap::UnlessGraph => !entries.is_graph(),
        };
        let fail = |breach| at.path.error(breach);
        let node =
            |subject, graph| Node { subject, graph, context, base, path: at.path, members: Members::Forward };
        let named = |expander: &mut Self, id: Option<Term>| {
            let labels = &mut expander.sink.labels;
            let term = match id {
                Some(id) => labels.count().map(|_| id),
                None => labels.node(entries.object),
            };
            term.map_err(fail)
        };
        let term = if is_wrapped {
            let subject = named(self, id)?;
            let name = if let Some(id) = &given.id {
                id.clone()
            } else {
                let property = if let Place::Property(key) = at.place { key } else { "" };
                self.sink.labels.derived(owner(at.subject, property, Some(&subject))).map_err(fail)?
            };
            self.give_node(given, &name, at.graph).map_err(fail)?;
            self.members(&node(&subject, Some(&name)), entries)?;
            name
        } else {
            let id = id.or_else(|| given.id.clone());
            let is_written = id.is_some();
            let subject = named(self, id)?;
            let index =
                entries.index.and_then(|slot| slot.value.as_str()).map(Arc::from).or(given.index.clone());
            self.check_index_of(&subject, at.graph, index.filter(|_| is_written)).map_err(fail)?;
            self.give_node(given, &subject, at.graph).map_err(fail)?;
            self.members(&node(&subject, at.graph), entries)?;
            subject
        };
        self.sink.stack.push(Item { term, kind: Kind::Node });
        Ok(Shape::Single)
    }

    /// Refuses an object of which something, or everything, would be dropped.
    fn check_node(at: &At<'_>, entries: &Entries<'_>) -> Result<(), JsonLdError> {
        check_index(at, entries)?;
        if let Some(slot) = entries.language.or(entries.direction) {
            return Err(at.path.member(slot.key).error(Breach::DroppedValue)); // [JLD-06]
        }
        let is_wrapped = at.given.is_some_and(|given| given.wrap != Wrap::Never);
        let is_property = matches!(at.place, Place::Property(_));
        if (is_wrapped || !is_property) && !entries.has_content() {
            return Err(at.path.error(Breach::DroppedValue)); // [JLD-06]
        }
        Ok(())
    }

    /// The node's identifier, which may be written in a nested object.
    fn node_id(
        &mut self,
        context: &Arc<Active>,
        entries: &Entries<'_>,
        path: &Path<'_>,
    ) -> Result<Option<Term>, JsonLdError> {
        let mut id = match entries.id {
            None => None,
            Some(slot) => {
                let path = path.member(slot.key);
                let Value::String(text) = slot.value else {
                    return Err(path.error(Breach::Syntax(ErrorCode::InvalidIdValue)));
                };
                Some(self.reference(context, text, Read::Document).map_err(|breach| path.error(breach))?)
            }
        };
        for slot in &entries.nests {
            let path = path.member(slot.key);
            let Nested { context, objects } = self.nested(context, *slot, &path)?;
            for object in objects {
                let inner = Entries::of(&context, object, &path)?;
                let nested = self.node_id(&context, &inner, &path)?;
                if nested.is_some() && id.is_some() {
                    return Err(path.error(Breach::Syntax(ErrorCode::CollidingKeywords)));
                }
                id = id.or(nested);
            }
        }
        Ok(id)
    }

    /// A node has one `@index` in a graph, if it has any.
    pub(crate) fn check_index_of(
        &mut self,
        node: &Term,
        graph: Option<&Term>,
        index: Option<Arc<str>>,
    ) -> Result<(), Breach> {
        let Some(index) = index else { return Ok(()) };
        let known = self.indexes.entry((graph.cloned(), node.clone())).or_insert_with(|| Arc::clone(&index));
        if *known == index { Ok(()) } else { Err(Breach::Syntax(ErrorCode::ConflictingIndexes)) }
    }

    /// States what the map around it says of a node.
    pub(crate) fn give_node(
        &mut self,
        given: &Given,
        node: &Term,
        graph: Option<&Term>,
    ) -> Result<(), Breach> {
        if let Some(kind) = &given.kind {
            self.sink.state(node.clone(), Arc::clone(&words().kind), kind.clone(), graph)?;
        }
        if let Some((predicate, object)) = &given.property {
            self.sink.state(node.clone(), Arc::clone(predicate), object.clone(), graph)?;
        }
        Ok(())
    }

    fn members(&mut self, node: &Node<'_>, entries: &Entries<'_>) -> Result<(), JsonLdError> {
        for slot in &entries.types {
            self.types(node, *slot)?;
        }
        for property in &entries.properties {
            self.property(node, property)?;
        }
        let at = At {
            context: node.context,
            place: Place::Included,
            definition: None,
            subject: None,
            graph: node.graph,
            path: node.path,
            given: None,
            values: Values::Plain,
        };
        self.graph(&at, entries.graph, Some(node.subject))?;
        for slot in &entries.included {
            let path = node.path.member(slot.key);
            if slot.value.is_null() {
                return Err(path.error(Breach::Syntax(ErrorCode::InvalidIncludedValue)));
            }
            let mark = self.sink.stack.len();
            self.expand(At { path: &path, ..at }, slot.value)?;
            self.sink.stack.truncate(mark);
        }
        if let Some(slot) = entries.reverse {
            let path = node.path.member(slot.key);
            let Value::Object(map) = slot.value else {
                return Err(path.error(Breach::Syntax(ErrorCode::InvalidReverseValue)));
            };
            self.reverse(node, map, &path)?;
        }
        for slot in &entries.nests {
            self.nest(node, *slot)?;
        }
        Ok(())
    }

    /// The nodes of `@graph`, in the graph `name`.
    fn graph(&mut self, at: &At<'_>, slot: Option<Slot<'_>>, name: Option<&Term>) -> Result<(), JsonLdError> {
        let Some(slot) = slot else { return Ok(()) };
        let path = at.path.member(slot.key);
        let mark = self.sink.stack.len();
        let inner =
            At { place: Place::Graph, graph: name, path: &path, given: None, values: Values::Plain, ..*at };
        self.expand(inner, slot.value)?;
        self.sink.stack.truncate(mark);
        Ok(())
    }

    fn types(&mut self, node: &Node<'_>, slot: Slot<'_>) -> Result<(), JsonLdError> {
        let path = node.path.member(slot.key);
        let kinds = match slot.value {
            Value::Array(kinds) => kinds.as_slice(),
            kind => std::slice::from_ref(kind),
        };
        for (position, kind) in kinds.iter().enumerate() {
            let place = path.element(position);
            let place = if slot.value.is_array() { &place } else { &path };
            let stated = match kind {
                Value::String(text) => {
                    self.reference(node.base, text, Read::VocabOrDocument).and_then(|kind| {
                        self.sink.state(node.subject.clone(), Arc::clone(&words().kind), kind, node.graph)
                    })
                }
                _ => Err(Breach::Syntax(ErrorCode::InvalidTypeValue)),
            };
            stated.map_err(|breach| place.error(breach))?;
        }
        Ok(())
    }

    fn property(&mut self, node: &Node<'_>, property: &Property<'_>) -> Result<(), JsonLdError> {
        let path = node.path.member(property.key);
        let definition = property.definition;
        let container = definition.map(|definition| definition.container).unwrap_or_default();
        let is_wrapped = container.graph && !container.id && !container.index;
        let at = At {
            context: node.context,
            place: Place::Property(property.key),
            definition,
            subject: Some(node.subject),
            graph: node.graph,
            path: &path,
            given: is_wrapped.then_some(&WRAPPED),
            values: if container.list { Values::List } else { Values::Plain },
        };
        let mark = self.sink.stack.len();
        let is_json = definition.is_some_and(|definition| definition.coercion == Coercion::Json);
        let shape = match (definition, property.value) {
            (_, value) if is_json => self.json(&at, value)?,
            (Some(definition), Value::Object(map)) if container.language => {
                self.language_map(&at, definition, map)?
            }
            (Some(definition), Value::Object(map)) if container.index || container.id || container.kind => {
                self.index_map(&at, definition, map)?
            }
            (_, value) => self.expand(at, value)?,
        };
        if container.list && shape != Shape::Nothing {
            let is_list = self.sink.stack.last().is_some_and(|item| item.kind == Kind::List);
            if shape == Shape::Array || !is_list {
                self.fold_list(&at, mark)?;
            }
        }
        self.state_above(mark, node, property).map_err(|breach| path.error(breach))
    }

    /// Makes the statements of the values above `mark`.
    fn state_above(&mut self, mark: usize, node: &Node<'_>, property: &Property<'_>) -> Result<(), Breach> {
        let is_reverse = property.definition.is_some_and(|definition| definition.reverse);
        let is_backward = is_reverse != (node.members == Members::Backward);
        let needs_nodes = is_reverse || is_backward;
        let predicate = &property.predicate;
        for place in mark..self.sink.stack.len() {
            let Some(item) = self.sink.stack.get(place).cloned() else { break };
            if needs_nodes && item.kind != Kind::Node {
                return Err(Breach::Syntax(ErrorCode::InvalidReversePropertyValue));
            }
            let subject = node.subject.clone();
            let (subject, object) = if is_backward { (item.term, subject) } else { (subject, item.term) };
            self.sink.state(subject, Arc::clone(predicate), object, node.graph)?;
        }
        self.sink.stack.truncate(mark);
        Ok(())
    }

    fn reverse(
        &mut self,
        node: &Node<'_>,
        map: &Map<String, Value>,
        path: &Path<'_>,
    ) -> Result<(), JsonLdError> {
        let at = At {
            context: node.context,
            place: Place::Property("@reverse"),
            definition: None,
            subject: Some(node.subject),
            graph: node.graph,
            path,
            given: None,
            values: Values::Plain,
        };
        path.check_depth()?;
        let context = self.enter(&at, map)?;
        let entries = Entries::of(&context, map, path)?;
        let Entries {
            id,
            value,
            language,
            direction,
            index,
            list,
            set,
            graph,
            reverse,
            types,
            included,
            nests,
            ..
        } = &entries;
        let single = [id, value, language, direction, index, list, set, graph, reverse]
            .into_iter()
            .any(Option::is_some);
        if single || !types.is_empty() || !included.is_empty() || !nests.is_empty() {
            return Err(path.error(Breach::Syntax(ErrorCode::InvalidReversePropertyMap)));
        }
        let inner = Node { context: &context, base: &context, path, members: Members::Backward, ..*node };
        entries.properties.iter().try_for_each(|property| self.property(&inner, property))
    }

    /// The members of a nested object belong to the node around it.
    fn nest(&mut self, node: &Node<'_>, slot: Slot<'_>) -> Result<(), JsonLdError> {
        let path = node.path.member(slot.key);
        let Nested { context, objects } = self.nested(node.context, slot, &path)?;
        for object in objects {
            let entries = Entries::of(&context, object, &path)?;
            let Entries { value, language, direction, list, set, .. } = &entries;
            if [value, language, direction, list, set].into_iter().any(Option::is_some) {
                return Err(path.error(Breach::Syntax(ErrorCode::InvalidNestValue)));
            }
            self.members(&Node { context: &context, path: &path, ..*node }, &entries)?;
        }
        Ok(())
    }

    /// The objects under a nesting term, and the context that its members are read in.
    fn nested<'v>(
        &mut self,
        context: &Arc<Active>,
        slot: Slot<'v>,
        path: &Path<'_>,
    ) -> Result<Nested<'v>, JsonLdError> {
        path.check_depth()?;
        let inner = match context.term(slot.key).and_then(|definition| definition.scoped.as_ref()) {
            Some(scoped) => self.property_scoped(context, scoped, path)?,
            None => Arc::clone(context),
        };
        let values = match slot.value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let objects = values.iter().map(|value| match value {
            Value::Object(object) if !context.has_value(object) => Ok(object),
            _ => Err(path.error(Breach::Syntax(ErrorCode::InvalidNestValue))),
        });
        Ok(Nested { context: inner, objects: objects.collect::<Result<_, _>>()? })
    }
}
