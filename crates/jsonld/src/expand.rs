//! Expansion [JSON-LD 1.1 API §5.1], of which every value goes straight into its statement.

use crate::{
    active::{Active, Definition, Name, Read},
    contexts::Contexts,
    entries::Entries,
    error::{Breach, ErrorCode, JsonLdError},
    keyword::Keyword,
    memo::Key,
    path::Path,
    process::Budget,
    sink::{Item, Kind, Labels, Sink, owner},
};
use serde_json::{Map, Value};
use sinpyo_rdf::Term;
use std::{collections::HashMap, sync::Arc};

/// Expands one document.
#[derive(Debug)]
pub(crate) struct Expander<'c> {
    pub(crate) contexts: &'c Contexts,
    pub(crate) known: Arc<HashMap<Key, Arc<Active>>>,
    pub(crate) found: HashMap<Key, Arc<Active>>,
    pub(crate) budget: Budget,
    pub(crate) sink: Sink,
    /// The `@index` of nodes that have one, by graph and node.
    pub(crate) indexes: HashMap<(Option<Term>, Term), Arc<str>>,
}

/// Where expansion stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) context: &'a Arc<Active>,
    pub(crate) place: Place<'a>,
    /// The definition of the property, in `context`.
    pub(crate) definition: Option<&'a Definition>,
    /// The node whose property it is.
    pub(crate) subject: Option<&'a Term>,
    pub(crate) graph: Option<&'a Term>,
    pub(crate) path: &'a Path<'a>,
    pub(crate) given: Option<&'a Given>,
    pub(crate) values: Values,
}

/// The active property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// None: the document itself.
    Document,
    Graph,
    Included,
    Property(&'a str),
}

/// What the values are part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Plain,
    List,
    /// A map whose keys say something of the values, wherefore they do not leave a type's context.
    Map,
}

/// What a map or a container says of a value.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) id: Option<Term>,
    pub(crate) kind: Option<Term>,
    pub(crate) index: Option<Arc<str>>,
    pub(crate) property: Option<(Arc<str>, Term)>,
    pub(crate) wrap: Wrap,
}

/// Whether a value becomes a graph of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wrap {
    #[default]
    Never,
    Always,
    UnlessGraph,
}

/// What a value has expanded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Nothing,
    Single,
    Array,
}

impl<'c> Expander<'c> {
    pub(crate) fn new(contexts: &'c Contexts, labels: Labels) -> Self {
        Self {
            contexts,
            known: contexts.memo().snapshot(),
            found: HashMap::new(),
            budget: Budget::new(),
            sink: Sink::new(labels),
            indexes: HashMap::new(),
        }
    }

    /// Expands a whole document.
    pub(crate) fn document(mut self, document: &Map<String, Value>) -> Result<Sink, JsonLdError> {
        let context = Arc::clone(self.contexts.initial());
        let at = At {
            context: &context,
            place: Place::Document,
            definition: None,
            subject: None,
            graph: None,
            path: &Path::ROOT,
            given: None,
            values: Values::Plain,
        };
        self.object(at, document)?;
        self.contexts.memo().add(self.found);
        Ok(self.sink)
    }

    /// Expands a value, and leaves what it comes to on the stack.
    pub(crate) fn expand(&mut self, at: At<'_>, element: &Value) -> Result<Shape, JsonLdError> {
        match element {
            Value::Null => Ok(Shape::Nothing),
            Value::Array(items) => self.array(at, items),
            Value::Object(object) => self.object(at, object),
            scalar => self.scalar(at, scalar),
        }
    }

    fn array(&mut self, at: At<'_>, items: &[Value]) -> Result<Shape, JsonLdError> {
        at.path.check_depth()?;
        for (position, item) in items.iter().enumerate() {
            let mark = self.sink.stack.len();
            let path = at.path.element(position);
            let shape = self.expand(At { path: &path, ..at }, item)?;
            if shape == Shape::Array && at.values == Values::List {
                self.fold_list(&at, mark)?;
            }
        }
        Ok(Shape::Array)
    }

    fn scalar(&mut self, at: At<'_>, value: &Value) -> Result<Shape, JsonLdError> {
        let key = check_value_place(&at)?;
        let scoped = at.definition.and_then(|definition| definition.scoped.as_ref());
        let item = match scoped {
            None => self.scalar_item(at.context, at.definition, value),
            Some(scoped) => {
                let context = self.property_scoped(at.context, scoped, at.path)?;
                self.scalar_item(&context, context.term(key), value)
            }
        };
        let item = item.map_err(|breach| at.path.error(breach))?;
        self.give(&at, &item)?;
        self.sink.stack.push(item);
        Ok(Shape::Single)
    }

    /// States what the map around it says of a value.
    pub(crate) fn give(&mut self, at: &At<'_>, item: &Item) -> Result<(), JsonLdError> {
        let Some(given) = at.given else { return Ok(()) };
        if item.kind != Kind::Node {
            let says = given.id.is_some() || given.kind.is_some() || given.property.is_some();
            let invalid = || at.path.error(Breach::Syntax(ErrorCode::InvalidValueObject));
            return if says { Err(invalid()) } else { Ok(()) };
        }
        let given_to = self.check_index_of(&item.term, at.graph, given.index.clone());
        given_to
            .and_then(|()| self.give_node(given, &item.term, at.graph))
            .map_err(|breach| at.path.error(breach))
    }

    /// Turns what stands above `mark` into one list.
    pub(crate) fn fold_list(&mut self, at: &At<'_>, mark: usize) -> Result<(), JsonLdError> {
        let Place::Property(key) = at.place else { return Err(at.path.error(Breach::DroppedValue)) };
        let owner = owner(at.subject, key, None);
        let term = self.sink.fold_list(mark, owner, at.graph).map_err(|breach| at.path.error(breach))?;
        self.sink.stack.push(Item { term, kind: Kind::List });
        Ok(())
    }

    fn object(&mut self, at: At<'_>, object: &Map<String, Value>) -> Result<Shape, JsonLdError> {
        at.path.check_depth()?;
        let base = self.enter(&at, object)?;
        let context = self.type_scoped(&base, object, at.path)?;
        let entries = Entries::of(&context, object, at.path)?;
        if entries.value.is_some() {
            self.value_object(at, (&context, &base), &entries)
        } else if let Some(slot) = entries.list.or(entries.set) {
            let is_list = entries.list.is_some();
            let both = is_list && entries.set.is_some();
            if both
                || entries.id.is_some()
                || entries.language.or(entries.direction).is_some()
                || entries.has_content()
            {
                return Err(at.path.error(Breach::Syntax(ErrorCode::InvalidSetOrListObject)));
            }
            check_index(&at, &entries)?;
            self.list_or_set(At { context: &context, ..at }, slot.key, slot.value, is_list)
        } else {
            self.node(at, (&context, &base), &entries)
        }
    }

    /// Steps 7 to 9: the context that the object's members are read in, but for its types.
    pub(crate) fn enter(
        &mut self,
        at: &At<'_>,
        object: &Map<String, Value>,
    ) -> Result<Arc<Active>, JsonLdError> {
        let mut context = match &at.context.previous {
            Some(previous) if at.values != Values::Map && leaves_type(at.context, object) => {
                Arc::clone(previous)
            }
            _ => Arc::clone(at.context),
        };
        if let Some(scoped) = at.definition.and_then(|definition| definition.scoped.as_ref()) {
            context = self.property_scoped(&context, scoped, at.path)?;
        }
        match object.get("@context") {
            Some(local) => self.embedded(context, local, at.path),
            None => Ok(context),
        }
    }

    fn list_or_set(
        &mut self,
        at: At<'_>,
        key: &str,
        value: &Value,
        is_list: bool,
    ) -> Result<Shape, JsonLdError> {
        let path = at.path.member(key);
        let definition = match at.place {
            Place::Property(property) => at.context.term(property),
            _ => None,
        };
        if !is_list {
            return self.expand(At { path: &path, definition, values: Values::Plain, ..at }, value);
        }
        check_value_place(&at)?;
        let mark = self.sink.stack.len();
        self.expand(At { path: &path, definition, values: Values::List, given: None, ..at }, value)?;
        self.fold_list(&at, mark)?;
        Ok(Shape::Single)
    }

    /// The term that a reference stands for.
    pub(crate) fn reference(&mut self, context: &Active, text: &str, read: Read) -> Result<Term, Breach> {
        match context.expand(text, read) {
            Name::Iri(iri) => Ok(Term::Iri(iri)),
            Name::Blank(label) => {
                self.sink.labels.note(&label);
                Ok(Term::Blank(label))
            }
            Name::Reserved => Err(Breach::Reserved), // [JLD-09]
            Name::Null | Name::Keyword(_) | Name::Relative(_) => Err(Breach::RelativeReference), // [JLD-05]
        }
    }
}

/// Refuses a value where only node objects make statements; gives the property otherwise.
pub(crate) fn check_value_place<'a>(at: &At<'a>) -> Result<&'a str, JsonLdError> {
    let is_wrapped = at.given.is_some_and(|given| given.wrap != Wrap::Never);
    match at.place {
        Place::Property(key) if !is_wrapped => Ok(key),
        Place::Included => Err(at.path.error(Breach::Syntax(ErrorCode::InvalidIncludedValue))),
        _ => Err(at.path.error(Breach::DroppedValue)), // [JLD-06]
    }
}

/// `@index` is no part of any statement, but must be text.
pub(crate) fn check_index(at: &At<'_>, entries: &Entries<'_>) -> Result<(), JsonLdError> {
    match entries.index {
        Some(slot) if !slot.value.is_string() => {
            Err(at.path.member(slot.key).error(Breach::Syntax(ErrorCode::InvalidIndexValue)))
        }
        _ => Ok(()),
    }
}

/// Step 7: whether an object starts a new node, for which the context of the outer node's types is not meant.
fn leaves_type(context: &Active, object: &Map<String, Value>) -> bool {
    let mut keys = object.keys();
    let is_reference =
        matches!((keys.next(), keys.next()), (Some(key), None) if context.is(key, Keyword::Id));
    !is_reference && !context.has_value(object)
}
