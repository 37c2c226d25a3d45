//! Term definitions [JSON-LD 1.1 API §4.2].

use crate::{
    active::{Active, Coercion, Container, Definition, Local, Name, Read, Said, next_id, split_at_colon},
    error::{Breach, ErrorCode, Limit},
    iri,
    keyword::{self, Keyword},
    process::{How, Origin, Processor, check_length, is_context_entry, parse_direction},
};
use serde_json::{Map, Value};
use std::{collections::HashMap, sync::Arc};

/// Terms that are defined by way of each other. A context that people wrote needs three.
const MAX_CHAIN: usize = 24;

/// Defines the terms of one context.
#[derive(Debug)]
pub(crate) struct Definer<'a, 'p> {
    processor: &'a mut Processor<'p>,
    active: &'a mut Active,
    local: &'a Map<String, Value>,
    origin: &'a Origin<'a>,
    how: How,
    protected: bool,
    /// `false` while a term is being defined.
    defined: HashMap<&'a str, bool>,
    chain: usize,
    scoped: Vec<Arc<Local>>,
}

fn fail<T>(code: ErrorCode) -> Result<T, Breach> {
    Err(Breach::Context(code)) // [JLD-02]
}

impl<'a, 'p> Definer<'a, 'p> {
    pub(crate) fn new(
        processor: &'a mut Processor<'p>,
        active: &'a mut Active,
        local: &'a Map<String, Value>,
        (origin, how): (&'a Origin<'a>, How),
    ) -> Self {
        let defined = HashMap::with_capacity(local.len());
        Self {
            processor,
            active,
            local,
            origin,
            how,
            protected: false,
            defined,
            chain: 0,
            scoped: Vec::new(),
        }
    }

    /// Defines every term of the context; `protected` is what the context says of them all.
    pub(crate) fn define_all(mut self, protected: bool) -> Result<(), Breach> {
        self.protected = protected;
        for term in self.local.keys().filter(|name| !is_context_entry(name)) {
            self.define(term)?;
        }
        self.validate_scoped()
    }

    /// Processes the scoped contexts once, so that a broken one is found even if nothing uses it.
    fn validate_scoped(self) -> Result<(), Breach> {
        if self.scoped.is_empty() {
            return Ok(());
        }
        let active = Arc::new(self.active.clone());
        let how = How { validate_scoped: false, ..How::PROPERTY };
        for local in &self.scoped {
            let origin = Origin { url: self.origin.url, via: Some(self.origin), pinned: false };
            match self.processor.apply(&active, &local.value, &origin, how) {
                Ok(_) => {}
                Err(Breach::Context(_)) => return fail(ErrorCode::InvalidScopedContext),
                Err(other) => return Err(other),
            }
        }
        Ok(())
    }

    fn define(&mut self, term: &'a str) -> Result<(), Breach> {
        match self.defined.get(term) {
            Some(true) => return Ok(()),
            Some(false) => return fail(ErrorCode::CyclicIriMapping),
            None if term.is_empty() => return fail(ErrorCode::InvalidTermDefinition),
            None => drop(self.defined.insert(term, false)),
        }
        self.chain += 1;
        if self.chain > MAX_CHAIN {
            return Err(Breach::Limit(Limit::ContextWork)); // [JLD-10]
        }
        let value = self.local.get(term).unwrap_or(&Value::Null);
        check_keyword(term, value)?;
        let previous = self.active.terms.remove(term);
        let mut definition = self.definition(term, value)?;
        if let Name::Iri(iri) | Name::Blank(iri) | Name::Relative(iri) = &definition.name {
            check_length(iri)?;
        }
        if let Some(previous) = previous.filter(|previous| previous.protected && !self.how.override_protected)
        {
            let same = Definition { protected: true, ..definition } == *previous;
            if !same {
                return fail(ErrorCode::ProtectedTermRedefinition); // [JLD-11]
            }
            definition = (*previous).clone();
        }
        self.active.terms.insert(term.into(), Arc::new(definition));
        self.defined.insert(term, true);
        self.chain -= 1;
        Ok(())
    }

    fn definition(&mut self, term: &'a str, value: &'a Value) -> Result<Definition, Breach> {
        let mut definition = Definition {
            name: Name::Null,
            coercion: Coercion::Native,
            container: Container::default(),
            language: Said::Default,
            direction: Said::Default,
            nest: None,
            index: None,
            scoped: None,
            prefix: false,
            protected: self.protected,
            reverse: false,
        };
        let entries = match value {
            Value::Null => return Ok(definition),
            Value::String(_) => None,
            Value::Object(entries) => Some(entries),
            _ => return fail(ErrorCode::InvalidTermDefinition),
        };
        if let Some(entries) = entries {
            check_entries(entries)?;
            match entries.get("@protected") {
                None => {}
                Some(Value::Bool(said)) => definition.protected = *said,
                Some(_) => return fail(ErrorCode::InvalidProtectedValue),
            }
            if let Some(coercion) = entries.get("@type") {
                definition.coercion = self.coercion(coercion)?;
            }
            if let Some(reverse) = entries.get("@reverse") {
                return self.reverse(definition, entries, reverse);
            }
        }
        let id = entries.map_or(Some(value), |entries| entries.get("@id"));
        self.name(&mut definition, term, id, entries.is_none())?;
        if let Some(entries) = entries {
            self.entries(&mut definition, term, entries)?;
        }
        Ok(definition)
    }

    fn coercion(&mut self, value: &'a Value) -> Result<Coercion, Breach> {
        let Value::String(text) = value else { return fail(ErrorCode::InvalidTypeMapping) };
        Ok(match self.expand(text, Read::Vocab)? {
            Name::Keyword(Keyword::Id) => Coercion::Id,
            Name::Keyword(Keyword::Vocab) => Coercion::Vocab,
            Name::Keyword(Keyword::Json) => Coercion::Json,
            Name::Keyword(Keyword::None) => Coercion::Nothing,
            Name::Iri(iri) => Coercion::Datatype(iri),
            _ => return fail(ErrorCode::InvalidTypeMapping),
        })
    }

    fn reverse(
        &mut self,
        definition: Definition,
        entries: &'a Map<String, Value>,
        reverse: &'a Value,
    ) -> Result<Definition, Breach> {
        if entries.contains_key("@id") || entries.contains_key("@nest") {
            return fail(ErrorCode::InvalidReverseProperty);
        }
        let Value::String(reverse) = reverse else { return fail(ErrorCode::InvalidIriMapping) };
        let name = match self.expand(reverse, Read::Vocab)? {
            name @ (Name::Iri(_) | Name::Blank(_)) => name,
            Name::Reserved => return Err(Breach::Reserved), // [JLD-09]
            _ => return fail(ErrorCode::InvalidIriMapping),
        };
        let container = match entries.get("@container") {
            None | Some(Value::Null) => Container::default(),
            Some(Value::String(text)) if text == "@set" => Container { set: true, ..Container::default() },
            Some(Value::String(text)) if text == "@index" => {
                Container { index: true, ..Container::default() }
            }
            Some(_) => return fail(ErrorCode::InvalidReverseProperty),
        };
        Ok(Definition { name, container, reverse: true, ..definition })
    }

    /// Steps 14 to 18: what the term expands to.
    fn name(
        &mut self,
        definition: &mut Definition,
        term: &'a str,
        id: Option<&'a Value>,
        simple: bool,
    ) -> Result<(), Breach> {
        match id {
            Some(Value::Null) => return Ok(()),
            Some(Value::String(id)) if id != term => {
                definition.name = self.name_by_id(term, id)?;
                let is_plain = !term.contains([':', '/']);
                definition.prefix = is_plain && simple && ends_like_a_prefix(id, &definition.name);
                return Ok(());
            }
            None | Some(Value::String(_)) => {}
            Some(_) => return fail(ErrorCode::InvalidIriMapping),
        }
        definition.name = if split_at_colon(term).is_some() {
            self.name_by_colon(term)?
        } else if term.contains('/') || term == "@type" {
            self.active.expand(term, Read::Vocab)
        } else {
            match &self.active.vocab {
                Some(vocab) => Name::of(&format!("{vocab}{term}")),
                None => Name::Null,
            }
        };
        match definition.name {
            Name::Iri(_) | Name::Blank(_) | Name::Keyword(Keyword::Type) => Ok(()),
            _ => fail(ErrorCode::InvalidIriMapping),
        }
    }

    fn name_by_id(&mut self, term: &'a str, id: &'a str) -> Result<Name, Breach> {
        let name = self.expand(id, Read::Vocab)?;
        match &name {
            Name::Keyword(Keyword::Context) => return fail(ErrorCode::InvalidKeywordAlias),
            Name::Keyword(_) | Name::Iri(_) | Name::Blank(_) => {}
            Name::Reserved => return Err(Breach::Reserved), // [JLD-09]
            Name::Null | Name::Relative(_) => return fail(ErrorCode::InvalidIriMapping),
        }
        let inner_colon = split_at_colon(term).is_some_and(|(_, suffix)| !suffix.is_empty());
        if inner_colon || term.contains('/') {
            // A term that reads as an IRI must mean that IRI. It is not in the table while it is being defined.
            self.defined.insert(term, true);
            self.define_prefix(term)?;
            if self.active.expand(term, Read::Vocab) != name {
                return fail(ErrorCode::InvalidIriMapping);
            }
        }
        Ok(name)
    }

    fn name_by_colon(&mut self, term: &'a str) -> Result<Name, Breach> {
        self.define_prefix(term)?;
        let prefixed =
            split_at_colon(term).and_then(|(prefix, suffix)| match &self.active.term(prefix)?.name {
                Name::Iri(iri) | Name::Relative(iri) => Some(Name::of(&format!("{iri}{suffix}"))),
                _ => None,
            });
        Ok(prefixed.unwrap_or_else(|| Name::of(term)))
    }

    /// Steps 19 to 25.
    fn entries(
        &mut self,
        definition: &mut Definition,
        term: &'a str,
        entries: &'a Map<String, Value>,
    ) -> Result<(), Breach> {
        if let Some(container) = entries.get("@container") {
            definition.container = parse_container(container)?;
        }
        if definition.container.kind {
            match definition.coercion {
                Coercion::Native => definition.coercion = Coercion::Id,
                Coercion::Id | Coercion::Vocab => {}
                _ => return fail(ErrorCode::InvalidTypeMapping),
            }
        }
        if let Some(index) = entries.get("@index") {
            definition.index = Some(self.index(index, definition.container)?);
        }
        if let Some(context) = entries.get("@context") {
            let local = Arc::new(Local {
                id: next_id(),
                value: context.clone(),
                base: self.origin.url.cloned(),
                pinned: self.origin.pinned,
            });
            self.scoped.push(Arc::clone(&local));
            definition.scoped = Some(local);
        }
        let has_type = entries.contains_key("@type");
        if let (Some(language), false) = (entries.get("@language"), has_type) {
            definition.language = Said::Exactly(match language {
                Value::Null => None,
                Value::String(tag) if iri::is_language_tag(tag) => Some(tag.to_ascii_lowercase().into()),
                Value::String(_) => return Err(Breach::LanguageTag), // [JLD-07]
                _ => return fail(ErrorCode::InvalidLanguageMapping),
            });
        }
        if let (Some(direction), false) = (entries.get("@direction"), has_type) {
            definition.direction = Said::Exactly(parse_direction(direction)?);
        }
        if let Some(nest) = entries.get("@nest") {
            match nest {
                Value::String(nest) if nest == "@nest" || Keyword::parse(nest).is_none() => {
                    definition.nest = Some(nest.as_str().into());
                }
                _ => return fail(ErrorCode::InvalidNestValue),
            }
        }
        match entries.get("@prefix") {
            None => {}
            Some(_) if term.contains([':', '/']) => return fail(ErrorCode::InvalidTermDefinition),
            Some(Value::Bool(true)) if matches!(definition.name, Name::Keyword(_)) => {
                return fail(ErrorCode::InvalidTermDefinition);
            }
            Some(Value::Bool(prefix)) => definition.prefix = *prefix,
            Some(_) => return fail(ErrorCode::InvalidPrefixValue),
        }
        Ok(())
    }

    fn index(&mut self, index: &'a Value, container: Container) -> Result<Arc<str>, Breach> {
        let Value::String(index) = index else { return fail(ErrorCode::InvalidTermDefinition) };
        match self.expand(index, Read::Vocab)? {
            Name::Iri(_) if container.index => Ok(index.as_str().into()),
            _ => fail(ErrorCode::InvalidTermDefinition),
        }
    }

    /// IRI expansion that first defines what it needs of the same context.
    fn expand(&mut self, word: &'a str, read: Read) -> Result<Name, Breach> {
        self.define_local(word)?;
        if self.active.term(word).is_none() {
            self.define_prefix(word)?;
        }
        Ok(self.active.expand(word, read))
    }

    fn define_prefix(&mut self, word: &'a str) -> Result<(), Breach> {
        match split_at_colon(word) {
            Some((prefix, suffix)) if prefix != "_" && !suffix.starts_with("//") => self.define_local(prefix),
            _ => Ok(()),
        }
    }

    fn define_local(&mut self, word: &'a str) -> Result<(), Breach> {
        let is_term = self.local.contains_key(word) && !is_context_entry(word);
        if is_term { self.define(word) } else { Ok(()) }
    }
}

/// Steps 4 and 5: keywords mean what they mean.
fn check_keyword(term: &str, value: &Value) -> Result<(), Breach> {
    if !term.starts_with('@') {
        return Ok(());
    }
    match Keyword::parse(term) {
        Some(Keyword::Type) => {
            let allowed = value.as_object().is_some_and(|entries| {
                !entries.is_empty()
                    && entries.iter().all(|(name, value)| match name.as_str() {
                        "@container" => value == "@set",
                        name => name == "@protected",
                    })
            });
            if allowed { Ok(()) } else { fail(ErrorCode::KeywordRedefinition) }
        }
        Some(_) => fail(ErrorCode::KeywordRedefinition),
        None if keyword::is_reserved(term) => Err(Breach::Reserved), // [JLD-09]
        None => Ok(()),
    }
}

/// Step 26: nothing but what a definition may say.
fn check_entries(entries: &Map<String, Value>) -> Result<(), Breach> {
    let known = |name: &String| {
        matches!(
            Keyword::parse(name),
            Some(
                Keyword::Id
                    | Keyword::Reverse
                    | Keyword::Container
                    | Keyword::Context
                    | Keyword::Direction
                    | Keyword::Index
                    | Keyword::Language
                    | Keyword::Nest
                    | Keyword::Prefix
                    | Keyword::Protected
                    | Keyword::Type
            )
        )
    };
    if entries.keys().all(known) { Ok(()) } else { fail(ErrorCode::InvalidTermDefinition) }
}

/// Whether a simple term may be used as a prefix: what it stands for ends in a gen-delim.
fn ends_like_a_prefix(id: &str, name: &Name) -> bool {
    match name {
        Name::Iri(iri) => iri.ends_with([':', '/', '?', '#', '[', ']', '@']),
        Name::Blank(_) => true,
        Name::Keyword(_) | Name::Null | Name::Reserved | Name::Relative(_) => id == "_:",
    }
}

/// Step 19: one keyword, or one of the combinations.
fn parse_container(value: &Value) -> Result<Container, Breach> {
    let words = match value {
        Value::Array(words) => words.as_slice(),
        word => std::slice::from_ref(word),
    };
    let mut container = Container::default();
    for word in words {
        let flag = match word.as_str() {
            Some("@graph") => &mut container.graph,
            Some("@id") => &mut container.id,
            Some("@index") => &mut container.index,
            Some("@language") => &mut container.language,
            Some("@list") => &mut container.list,
            Some("@set") => &mut container.set,
            Some("@type") => &mut container.kind,
            _ => return fail(ErrorCode::InvalidContainerMapping),
        };
        if std::mem::replace(flag, true) {
            return fail(ErrorCode::InvalidContainerMapping);
        }
    }
    let Container { graph, id, index, language, list, set, kind } = container;
    let keyed = [id, index, language, kind].into_iter().filter(|said| *said).count();
    let fits = match (list, graph) {
        (true, _) => words.len() == 1,
        (false, true) => keyed <= 1 && !language && !kind,
        (false, false) => keyed == 1 || (set && keyed == 0),
    };
    if fits { Ok(container) } else { fail(ErrorCode::InvalidContainerMapping) }
}
