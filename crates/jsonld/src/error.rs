//! Why a document has no statements, and where.

use std::fmt;

/// Why a document has no statements.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{breach} at {}", if .path.is_empty() { "the top of the document" } else { .path })]
pub struct JsonLdError {
    path: String,
    breach: Box<Breach>,
}

impl JsonLdError {
    pub(crate) fn new(path: String, breach: Breach) -> Self {
        Self { path, breach: Box::new(breach) }
    }

    /// The JSON pointer [RFC 6901] of the offending place; of the `@context`, if that is at fault.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn breach(&self) -> &Breach {
        &self.breach
    }

    /// The rule that was broken, as in `spec/checks/jld.toml`.
    pub fn code(&self) -> &'static str {
        self.breach.code()
    }

    /// The error code of JSON-LD 1.1 API §9.6, if the specification has one: it lets pass, or drops with a
    /// warning, some of what safe mode refuses.
    pub fn json_ld_code(&self) -> Option<&'static str> {
        match &*self.breach {
            Breach::Syntax(code) | Breach::Context(code) => Some(code.as_str()),
            Breach::UnknownContext(_) => Some("loading remote context failed"),
            _ => None,
        }
    }
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// JLD-01: a context that is not in the set. Nothing is ever fetched.
    #[error("the context {0:?} is not in the set of known contexts")]
    UnknownContext(String),
    /// JLD-02: a context that JSON-LD refuses.
    #[error("the context is refused: {0}")]
    Context(ErrorCode),
    /// JLD-03: a document that JSON-LD refuses.
    #[error("not JSON-LD: {0}")]
    Syntax(ErrorCode),
    /// JLD-04: a property that no context defines; JSON-LD would drop it, unsigned.
    #[error("the property is not defined by a context")]
    UndefinedTerm,
    /// JLD-05: a reference (`@id`, `@type`, graph name, object) that is not absolute.
    #[error("the reference is not an absolute IRI")]
    RelativeReference,
    /// JLD-06: a value that JSON-LD would drop, unsigned.
    #[error("the value would be dropped")]
    DroppedValue,
    /// JLD-07: a language tag that is none.
    #[error("not a language tag")]
    LanguageTag,
    /// JLD-08: a property that is a blank node.
    #[error("the property is a blank node")]
    BlankPredicate,
    /// JLD-09: a term or a reference in the form that is reserved for keywords.
    #[error("a word in the form reserved for keywords")]
    Reserved,
    /// JLD-10: more statements, depth or context than is processed.
    #[error("the document exceeds the limit of {0}")]
    Limit(Limit),
}

impl Breach {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownContext(_) => "JLD-01",
            Self::Context(ErrorCode::ProtectedTermRedefinition | ErrorCode::InvalidContextNullification) => {
                "JLD-11"
            }
            Self::Context(_) => "JLD-02",
            Self::Syntax(_) => "JLD-03",
            Self::UndefinedTerm => "JLD-04",
            Self::RelativeReference => "JLD-05",
            Self::DroppedValue => "JLD-06",
            Self::LanguageTag => "JLD-07",
            Self::BlankPredicate => "JLD-08",
            Self::Reserved => "JLD-09",
            Self::Limit(_) => "JLD-10",
        }
    }
}

/// A bound of this implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Nesting of the document.
    Depth,
    /// Statements and blank nodes.
    Statements,
    /// Number and size of the contexts written in the document.
    InlineContexts,
    /// Work of processing contexts, their nesting and the chains of their terms.
    ContextWork,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "nesting",
            Self::Statements => "statements",
            Self::InlineContexts => "contexts in the document",
            Self::ContextWork => "context processing",
        })
    }
}

macro_rules! error_codes {
    ($($name:ident = $text:literal),* $(,)?) => {
        /// An error code [JSON-LD 1.1 API §9.6 `JsonLdErrorCode`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ErrorCode { $(#[doc = $text] $name),* }

        impl ErrorCode {
            /// The specification's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

error_codes! {
    CollidingKeywords = "colliding keywords",
    ConflictingIndexes = "conflicting indexes",
    ContextOverflow = "context overflow",
    CyclicIriMapping = "cyclic IRI mapping",
    InvalidBaseDirection = "invalid base direction",
    InvalidBaseIri = "invalid base IRI",
    InvalidContainerMapping = "invalid container mapping",
    InvalidContextEntry = "invalid context entry",
    InvalidContextNullification = "invalid context nullification",
    InvalidDefaultLanguage = "invalid default language",
    InvalidIdValue = "invalid @id value",
    InvalidImportValue = "invalid @import value",
    InvalidIncludedValue = "invalid @included value",
    InvalidIndexValue = "invalid @index value",
    InvalidIriMapping = "invalid IRI mapping",
    InvalidKeywordAlias = "invalid keyword alias",
    InvalidLanguageMapValue = "invalid language map value",
    InvalidLanguageMapping = "invalid language mapping",
    InvalidLanguageTaggedString = "invalid language-tagged string",
    InvalidLanguageTaggedValue = "invalid language-tagged value",
    InvalidLocalContext = "invalid local context",
    InvalidNestValue = "invalid @nest value",
    InvalidPrefixValue = "invalid @prefix value",
    InvalidPropagateValue = "invalid @propagate value",
    InvalidProtectedValue = "invalid @protected value",
    InvalidRemoteContext = "invalid remote context",
    InvalidReverseProperty = "invalid reverse property",
    InvalidReversePropertyMap = "invalid reverse property map",
    InvalidReversePropertyValue = "invalid reverse property value",
    InvalidReverseValue = "invalid @reverse value",
    InvalidScopedContext = "invalid scoped context",
    InvalidSetOrListObject = "invalid set or list object",
    InvalidTermDefinition = "invalid term definition",
    InvalidTypeMapping = "invalid type mapping",
    InvalidTypeValue = "invalid type value",
    InvalidTypedValue = "invalid typed value",
    InvalidValueObject = "invalid value object",
    InvalidValueObjectValue = "invalid value object value",
    InvalidVersionValue = "invalid @version value",
    InvalidVocabMapping = "invalid vocab mapping",
    KeywordRedefinition = "keyword redefinition",
    ProtectedTermRedefinition = "protected term redefinition",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
