//! Context processing [JSON-LD 1.1 API §4.1].

use crate::{
    active::{Active, Direction, Local, Name, Read, next_id},
    contexts::Contexts,
    define::Definer,
    error::{Breach, ErrorCode, Limit},
    iri,
    keyword::Keyword,
};
use serde_json::{Map, Number, Value};
use std::{borrow::Cow, sync::Arc};

/// Terms that are defined or carried over while the contexts of one document are processed.
const MAX_WORK: usize = 400_000;
/// Contexts written in one document.
const MAX_INLINE: usize = 256;
/// JSON values and bytes of text in all of them.
const MAX_INLINE_SIZE: usize = 256 << 10;
/// Bytes of an IRI that a context puts before others: what it makes of short words takes room for each of them.
const MAX_IRI: usize = 512;
/// Contexts that name contexts.
const MAX_CHAIN: usize = 16;
/// Scoped contexts within scoped contexts.
const MAX_NESTING: usize = 32;

/// What one document may spend on contexts.
#[derive(Debug)]
pub(crate) struct Budget {
    work: usize,
    inline: usize,
    inline_size: usize,
    nesting: usize,
}

impl Budget {
    pub(crate) const fn new() -> Self {
        Self { work: MAX_WORK, inline: MAX_INLINE, inline_size: MAX_INLINE_SIZE, nesting: MAX_NESTING }
    }

    pub(crate) fn spend(&mut self, work: usize) -> Result<(), Breach> {
        take(&mut self.work, work, Limit::ContextWork)
    }

    /// Counts a context that is written in the document.
    pub(crate) fn spend_inline(&mut self, context: &Value) -> Result<(), Breach> {
        take(&mut self.inline, 1, Limit::InlineContexts)?;
        take(&mut self.inline_size, size(context), Limit::InlineContexts)
    }
}

fn take(left: &mut usize, amount: usize, limit: Limit) -> Result<(), Breach> {
    *left = left.checked_sub(amount).ok_or(Breach::Limit(limit))?; // [JLD-10]
    Ok(())
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len(),
        Value::Array(elements) => 1 + elements.iter().map(size).sum::<usize>(),
        Value::Object(members) => {
            1 + members.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>()
        }
        _ => 1,
    }
}

/// Where a context was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// The URL of the registered context that it is part of.
    pub(crate) url: Option<&'a Arc<str>>,
    /// The contexts that were named on the way here.
    pub(crate) via: Option<&'a Origin<'a>>,
    pub(crate) pinned: bool,
}

impl Origin<'_> {
    fn chain(&self) -> impl Iterator<Item = &Origin<'_>> {
        std::iter::successors(Some(self), |origin| origin.via)
    }
}

/// How a context is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub(crate) override_protected: bool,
    pub(crate) propagate: bool,
    pub(crate) validate_scoped: bool,
}

impl How {
    /// As a `@context` member is.
    pub(crate) const EMBEDDED: Self =
        Self { override_protected: false, propagate: true, validate_scoped: true };
    /// As the context of a property is.
    pub(crate) const PROPERTY: Self = Self { override_protected: true, ..Self::EMBEDDED };
    /// As the context of a type is.
    pub(crate) const TYPE: Self = Self { propagate: false, ..Self::EMBEDDED };
}

/// Processes contexts against one set, within one budget.
#[derive(Debug)]
pub(crate) struct Processor<'a> {
    pub(crate) contexts: &'a Contexts,
    pub(crate) budget: &'a mut Budget,
}

impl Processor<'_> {
    /// Applies the context that stands in the document or in a registered context.
    pub(crate) fn apply(
        &mut self,
        active: &Arc<Active>,
        local: &Value,
        origin: &Origin<'_>,
        how: How,
    ) -> Result<Arc<Active>, Breach> {
        take(&mut self.budget.nesting, 1, Limit::ContextWork)?;
        let result = self.apply_nested(active, local, origin, how);
        self.budget.nesting += 1;
        result
    }

    /// Applies a scoped context.
    pub(crate) fn apply_scoped(
        &mut self,
        active: &Arc<Active>,
        local: &Local,
        how: How,
    ) -> Result<Arc<Active>, Breach> {
        let origin = Origin { url: local.base.as_ref(), via: None, pinned: local.pinned };
        self.apply(active, &local.value, &origin, how)
    }

    fn apply_nested(
        &mut self,
        active: &Arc<Active>,
        local: &Value,
        origin: &Origin<'_>,
        how: How,
    ) -> Result<Arc<Active>, Breach> {
        self.budget.spend(1 + active.terms.len())?;
        let mut result = Active { pinned: active.pinned && origin.pinned, ..(**active).clone() };
        let propagate = match local.get("@propagate") {
            None => how.propagate,
            Some(Value::Bool(said)) => *said,
            Some(_) => return Err(Breach::Context(ErrorCode::InvalidPropagateValue)),
        };
        if !propagate && result.previous.is_none() {
            result.previous = Some(Arc::clone(active));
        }
        let items = match local {
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        for item in items {
            match item {
                Value::Null => result = nullified(result, how, propagate)?,
                Value::String(url) => result = self.apply_named(result, url, origin, how)?,
                Value::Object(members) => self.apply_members(&mut result, members, origin, how)?,
                _ => return Err(Breach::Context(ErrorCode::InvalidLocalContext)),
            }
        }
        result.id = next_id();
        result.index_words();
        Ok(Arc::new(result))
    }

    /// A context named by its URL: only if it is in the set.
    pub(crate) fn apply_named(
        &mut self,
        active: Active,
        reference: &str,
        origin: &Origin<'_>,
        how: How,
    ) -> Result<Active, Breach> {
        let url = match origin.url {
            Some(base) => Cow::Owned(iri::resolve(base, reference)),
            None => Cow::Borrowed(reference),
        };
        if !how.validate_scoped && origin.chain().any(|earlier| earlier.url.is_some_and(|u| **u == *url)) {
            return Ok(active);
        }
        if origin.chain().count() > MAX_CHAIN {
            return Err(Breach::Context(ErrorCode::ContextOverflow));
        }
        let document = self.contexts.document(&url)?;
        let inner = Origin { url: Some(&document.url), via: Some(origin), pinned: origin.pinned };
        let how = How { validate_scoped: how.validate_scoped, ..How::EMBEDDED };
        let result = self.apply(&Arc::new(active), &document.context, &inner, how)?;
        Ok(Arc::unwrap_or_clone(result))
    }

    fn apply_members(
        &mut self,
        result: &mut Active,
        members: &Map<String, Value>,
        origin: &Origin<'_>,
        how: How,
    ) -> Result<(), Breach> {
        let fail = |code| Err(Breach::Context(code)); // [JLD-02]
        if members.get("@version").is_some_and(|version| !is_version_1_1(version)) {
            return fail(ErrorCode::InvalidVersionValue);
        }
        let merged;
        let members = match members.get("@import") {
            None => members,
            Some(Value::String(url)) => {
                merged = self.imported(url, members, origin)?;
                &merged
            }
            Some(_) => return fail(ErrorCode::InvalidImportValue),
        };
        // A registered context never sets the base of the documents that use it.
        if let (Some(base), None) = (members.get("@base"), origin.url) {
            result.base = new_base(result, base)?;
        }
        if let Some(vocab) = members.get("@vocab") {
            result.vocab = new_vocab(result, vocab)?;
        }
        let made = [&result.base, &result.vocab].into_iter().flatten();
        made.into_iter().try_for_each(|iri| check_length(iri))?;
        if let Some(language) = members.get("@language") {
            result.language = match language {
                Value::Null => None,
                Value::String(tag) if iri::is_language_tag(tag) => Some(tag.to_ascii_lowercase().into()),
                Value::String(_) => return Err(Breach::LanguageTag), // [JLD-07]
                _ => return fail(ErrorCode::InvalidDefaultLanguage),
            };
        }
        if let Some(direction) = members.get("@direction") {
            result.direction = parse_direction(direction)?;
        }
        if members.get("@propagate").is_some_and(|said| !said.is_boolean()) {
            return fail(ErrorCode::InvalidPropagateValue);
        }
        let protected = match members.get("@protected") {
            None => false,
            Some(Value::Bool(said)) => *said,
            Some(_) => return fail(ErrorCode::InvalidProtectedValue),
        };
        self.budget.spend(members.len())?;
        Definer::new(self, result, members, (origin, how)).define_all(protected)
    }

    /// The members of the context that `@import` names, under those that name it.
    fn imported(
        &mut self,
        reference: &str,
        members: &Map<String, Value>,
        origin: &Origin<'_>,
    ) -> Result<Map<String, Value>, Breach> {
        let url =
            origin.url.map_or(Cow::Borrowed(reference), |base| Cow::Owned(iri::resolve(base, reference)));
        let document = self.contexts.document(&url)?;
        let Value::Object(imported) = &document.context else {
            return Err(Breach::Context(ErrorCode::InvalidRemoteContext));
        };
        if imported.contains_key("@import") {
            return Err(Breach::Context(ErrorCode::InvalidContextEntry));
        }
        self.budget.spend(imported.len())?;
        let mut merged = imported.clone();
        merged.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(merged)
    }
}

/// Refuses an IRI that would be a burden as the start of others.
pub(crate) fn check_length(iri: &str) -> Result<(), Breach> {
    if iri.len() > MAX_IRI {
        return Err(Breach::Limit(Limit::ContextWork)); // [JLD-10]
    }
    Ok(())
}

fn nullified(result: Active, how: How, propagate: bool) -> Result<Active, Breach> {
    if !how.override_protected && result.terms.values().any(|definition| definition.protected) {
        return Err(Breach::Context(ErrorCode::InvalidContextNullification)); // [JLD-11]
    }
    let pinned = result.pinned;
    let previous = (!propagate).then(|| Arc::new(result));
    Ok(Active { pinned, previous, ..Active::initial() })
}

fn is_version_1_1(version: &Value) -> bool {
    version.as_number().is_some_and(|number| Number::from_f64(1.1).as_ref() == Some(number))
}

fn new_base(active: &Active, base: &Value) -> Result<Option<Arc<str>>, Breach> {
    let reference = match base {
        Value::Null => return Ok(None),
        Value::String(reference) => reference,
        _ => return Err(Breach::Context(ErrorCode::InvalidBaseIri)),
    };
    if iri::is_absolute(reference) {
        return Ok(Some(reference.as_str().into()));
    }
    let resolved = active.base.as_ref().map(|base| iri::resolve(base, reference));
    match resolved.filter(|iri| iri::is_absolute(iri)) {
        Some(iri) => Ok(Some(iri.into())),
        None => Err(Breach::Context(ErrorCode::InvalidBaseIri)),
    }
}

fn new_vocab(active: &Active, vocab: &Value) -> Result<Option<Arc<str>>, Breach> {
    match vocab {
        Value::Null => Ok(None),
        Value::String(text) => match active.expand(text, Read::VocabOrDocument) {
            Name::Iri(iri) => Ok(Some(iri)),
            Name::Blank(label) => Ok(Some(format!("_:{label}").into())),
            // `_:` alone starts blank-node properties, which are refused where they are used.
            Name::Relative(text) if &*text == "_:" => Ok(Some(text)),
            // A relative vocabulary makes properties that mean nothing outside this document.
            Name::Relative(_) | Name::Null | Name::Keyword(_) | Name::Reserved => {
                Err(Breach::Context(ErrorCode::InvalidVocabMapping))
            }
        },
        _ => Err(Breach::Context(ErrorCode::InvalidVocabMapping)),
    }
}

/// The value of a `@direction` entry.
pub(crate) fn parse_direction(value: &Value) -> Result<Option<Direction>, Breach> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if Direction::parse(text).is_some() => Ok(Direction::parse(text)),
        _ => Err(Breach::Context(ErrorCode::InvalidBaseDirection)),
    }
}

/// Whether `name` is one of the entries of a context that define no term.
pub(crate) fn is_context_entry(name: &str) -> bool {
    matches!(
        Keyword::parse(name),
        Some(
            Keyword::Base
                | Keyword::Direction
                | Keyword::Import
                | Keyword::Language
                | Keyword::Propagate
                | Keyword::Protected
                | Keyword::Version
                | Keyword::Vocab
        )
    )
}
