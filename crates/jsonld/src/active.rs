//! Active contexts: what the words of a document mean at one place [JSON-LD 1.1 API §4.1].

use crate::{
    iri,
    keyword::{self, Keyword},
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A processed context. Immutable once made, hence shared and remembered by its `id`.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    pub(crate) id: u64,
    /// Made of registered contexts only, so that the result may outlive the document.
    pub(crate) pinned: bool,
    pub(crate) base: Option<Arc<str>>,
    pub(crate) vocab: Option<Arc<str>>,
    pub(crate) language: Option<Arc<str>>,
    pub(crate) direction: Option<Direction>,
    pub(crate) terms: HashMap<Arc<str>, Arc<Definition>>,
    pub(crate) previous: Option<Arc<Active>>,
    /// The terms that stand for `@type`, in order, with the keyword itself.
    pub(crate) type_words: Vec<Arc<str>>,
    /// The terms that stand for `@value`, without the keyword itself.
    pub(crate) value_words: Vec<Arc<str>>,
}

/// What a term means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: Name,
    pub(crate) coercion: Coercion,
    pub(crate) container: Container,
    pub(crate) language: Said<Arc<str>>,
    pub(crate) direction: Said<Direction>,
    pub(crate) nest: Option<Arc<str>>,
    pub(crate) index: Option<Arc<str>>,
    pub(crate) scoped: Option<Arc<Local>>,
    pub(crate) prefix: bool,
    pub(crate) protected: bool,
    pub(crate) reverse: bool,
}

/// What a term says of something for which its context has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// Nothing: the default holds.
    Default,
    /// That there is none; or what it is.
    Exactly(Option<T>),
}

impl<T: Clone> Said<T> {
    /// What holds.
    pub(crate) fn or(&self, default: Option<&T>) -> Option<T> {
        match self {
            Self::Default => default.cloned(),
            Self::Exactly(said) => said.clone(),
        }
    }
}

/// A context that applies below a term or a type.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) id: u64,
    pub(crate) value: Value,
    /// The URL of the context that it was written in.
    pub(crate) base: Option<Arc<str>>,
    pub(crate) pinned: bool,
}

impl PartialEq for Local {
    /// Two are the same if they say the same; where they were written is not part of a term's meaning.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Local {}

/// What a word expands to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// Nothing: the term is mapped to null.
    Null,
    /// A word in the form of a keyword that is none.
    Reserved,
    Keyword(Keyword),
    /// An absolute IRI.
    Iri(Arc<str>),
    /// A blank node's label, without `_:`.
    Blank(Arc<str>),
    /// Anything else.
    Relative(Arc<str>),
}

impl Name {
    /// What `text` is, expanded already.
    pub(crate) fn of(text: &str) -> Self {
        match text.strip_prefix("_:") {
            Some(label) if is_label(label) => Self::Blank(label.into()),
            None if iri::is_absolute(text) => Self::Iri(text.into()),
            _ => Self::Relative(text.into()),
        }
    }
}

/// Whether N-Quads can write `label`.
fn is_label(label: &str) -> bool {
    let starts = label.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    starts
        && !label.ends_with('.')
        && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// How the values of a term are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Coercion {
    /// By their JSON type; `@none` says the same.
    Native,
    /// `@none`, which differs from [`Coercion::Native`] only in that it was said.
    Nothing,
    Id,
    Vocab,
    Json,
    Datatype(Arc<str>),
}

/// The direction of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "ltr" => Some(Self::LeftToRight),
            "rtl" => Some(Self::RightToLeft),
            _ => None,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::LeftToRight => "ltr",
            Self::RightToLeft => "rtl",
        }
    }
}

/// The `@container` of a term.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the specification's set of seven keywords, in any combination"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Container {
    pub(crate) graph: bool,
    pub(crate) id: bool,
    pub(crate) index: bool,
    pub(crate) language: bool,
    pub(crate) list: bool,
    pub(crate) set: bool,
    pub(crate) kind: bool,
}

/// How a word is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// As a property, a type or another word of the vocabulary.
    Vocab,
    /// As a reference from the document.
    Document,
    /// As a word of the vocabulary or, failing that, as a reference.
    VocabOrDocument,
}

impl Read {
    const fn is_vocab(self) -> bool {
        matches!(self, Self::Vocab | Self::VocabOrDocument)
    }
}

impl Active {
    /// The context before any context.
    pub(crate) fn initial() -> Self {
        Self {
            id: next_id(),
            pinned: true,
            base: None,
            vocab: None,
            language: None,
            direction: None,
            terms: HashMap::new(),
            previous: None,
            type_words: vec!["@type".into()],
            value_words: Vec::new(),
        }
    }

    pub(crate) fn term(&self, word: &str) -> Option<&Definition> {
        self.terms.get(word).map(|definition| &**definition)
    }

    /// IRI expansion [JSON-LD 1.1 API §5.2], without definitions that are still being made.
    pub(crate) fn expand(&self, word: &str, read: Read) -> Name {
        let defined = self.term(word).map(|definition| &definition.name);
        match defined {
            Some(name @ Name::Keyword(_)) => return name.clone(),
            Some(name) if read.is_vocab() => return name.clone(),
            _ => {}
        }
        if word.starts_with('@') {
            match Keyword::parse(word) {
                Some(keyword) => return Name::Keyword(keyword),
                None if keyword::is_reserved(word) => return Name::Reserved,
                None => {}
            }
        }
        if let Some(name) = self.expand_with_colon(word) {
            return name;
        }
        match (&self.vocab, &self.base) {
            (Some(vocab), _) if read.is_vocab() => Name::of(&format!("{vocab}{word}")),
            (_, Some(base)) if read != Read::Vocab => Name::of(&iri::resolve(base, word)),
            _ => Name::Relative(word.into()),
        }
    }

    fn expand_with_colon(&self, word: &str) -> Option<Name> {
        let (prefix, suffix) = split_at_colon(word)?;
        if prefix == "_" || suffix.starts_with("//") {
            return Some(Name::of(word));
        }
        match self.term(prefix) {
            Some(Definition { prefix: true, name: Name::Iri(iri) | Name::Relative(iri), .. }) => {
                return Some(Name::of(&format!("{iri}{suffix}")));
            }
            Some(Definition { prefix: true, name: Name::Blank(label), .. }) => {
                return Some(Name::of(&format!("_:{label}{suffix}")));
            }
            _ => {}
        }
        let name = Name::of(word);
        matches!(name, Name::Iri(_)).then_some(name)
    }

    /// The members of `object` that stand for `@type`.
    pub(crate) fn types<'a>(&self, object: &'a Map<String, Value>) -> impl Iterator<Item = &'a Value> {
        self.type_words.iter().filter_map(|word| object.get(&**word))
    }

    /// Whether `object` has a member that stands for `@value`.
    pub(crate) fn has_value(&self, object: &Map<String, Value>) -> bool {
        object.contains_key("@value") || self.value_words.iter().any(|word| object.contains_key(&**word))
    }

    /// Whether `word` stands for `keyword`.
    pub(crate) fn is(&self, word: &str, keyword: Keyword) -> bool {
        match self.term(word) {
            Some(definition) => definition.name == Name::Keyword(keyword),
            None => Keyword::parse(word) == Some(keyword),
        }
    }

    /// Brings the lists of words up to date with the terms.
    pub(crate) fn index_words(&mut self) {
        let words = |keyword| {
            let stands = move |(_, definition): &(&Arc<str>, &Arc<Definition>)| {
                definition.name == Name::Keyword(keyword)
            };
            self.terms.iter().filter(stands).map(|(word, _)| Arc::clone(word))
        };
        let mut type_words: Vec<Arc<str>> = words(Keyword::Type).collect();
        let value_words = words(Keyword::Value).collect();
        if !type_words.iter().any(|word| &**word == "@type") {
            type_words.push("@type".into());
        }
        type_words.sort();
        (self.type_words, self.value_words) = (type_words, value_words);
    }
}

/// `prefix:suffix`, the colon being neither first nor absent.
pub(crate) fn split_at_colon(word: &str) -> Option<(&str, &str)> {
    word.split_once(':').filter(|(prefix, _)| !prefix.is_empty())
}

/// A number that no other context of this process has.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
