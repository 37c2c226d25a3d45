//! The keywords of JSON-LD 1.1 [JSON-LD 1.1 §1.7].

/// A keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Keyword {
    Base,
    Container,
    Context,
    Direction,
    Graph,
    Id,
    Import,
    Included,
    Index,
    Json,
    Language,
    List,
    Nest,
    None,
    Prefix,
    Propagate,
    Protected,
    Reverse,
    Set,
    Type,
    Value,
    Version,
    Vocab,
}

impl Keyword {
    /// The keyword that `text` is.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(match text.strip_prefix('@')? {
            "base" => Self::Base,
            "container" => Self::Container,
            "context" => Self::Context,
            "direction" => Self::Direction,
            "graph" => Self::Graph,
            "id" => Self::Id,
            "import" => Self::Import,
            "included" => Self::Included,
            "index" => Self::Index,
            "json" => Self::Json,
            "language" => Self::Language,
            "list" => Self::List,
            "nest" => Self::Nest,
            "none" => Self::None,
            "prefix" => Self::Prefix,
            "propagate" => Self::Propagate,
            "protected" => Self::Protected,
            "reverse" => Self::Reverse,
            "set" => Self::Set,
            "type" => Self::Type,
            "value" => Self::Value,
            "version" => Self::Version,
            "vocab" => Self::Vocab,
            _ => return None,
        })
    }
}

/// Whether `text` has the form that is reserved for keywords, `"@"1*ALPHA`.
pub(crate) fn is_reserved(text: &str) -> bool {
    text.strip_prefix('@')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic()))
}
