//! The set of contexts that documents may name.

use crate::{
    active::Active,
    bundled,
    error::{Breach, ErrorCode, JsonLdError},
    iri,
    memo::Memo,
    process::{Budget, How, Origin, Processor},
};
use serde_json::Value;
use sinpyo_core::json::{self, JsonError};
use sinpyo_crypto::hash;
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

/// Longest context that is registered, in bytes.
const MAX_LENGTH: usize = 1 << 20;

/// The contexts that documents may name: the bundled ones and those an administrator registered.
///
/// Nothing is fetched: a document that names another context is refused. What a chain of these contexts
/// makes of the words is worked out once and remembered, within bounds, for later documents.
pub struct Contexts {
    documents: HashMap<Arc<str>, Arc<Document>>,
    initial: Arc<Active>,
    memo: Memo,
}

/// A registered context.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) id: u64,
    pub(crate) url: Arc<str>,
    /// The value of its `@context` member.
    pub(crate) context: Value,
    bytes: Cow<'static, [u8]>,
    digest: [u8; 32],
}

impl Contexts {
    /// The bundled contexts.
    pub fn bundled() -> Arc<Self> {
        static BUNDLED: LazyLock<Arc<Contexts>> = LazyLock::new(|| {
            let documents = bundled::FILES.iter().filter_map(|file| {
                // A test reads every bundled file, so that none is left out here.
                let document = Document::read(file.url, Cow::Borrowed(file.bytes)).ok()?;
                Some((Arc::clone(&document.url), Arc::new(document)))
            });
            Arc::new(Contexts::of(documents.collect()))
        });
        Arc::clone(&BUNDLED)
    }

    /// These contexts and one more: an administrator's registration of `text` under `url`.
    ///
    /// # Errors
    /// The URL is none or stands for other bytes already; the text is no strict JSON or no context that
    /// JSON-LD accepts.
    pub fn with(&self, url: &str, text: &[u8]) -> Result<Self, RegisterContextError> {
        if !iri::is_absolute(url) {
            return Err(RegisterContextError::Url);
        }
        if text.len() > MAX_LENGTH {
            return Err(RegisterContextError::TooLong); // [JLD-12]
        }
        if self.get(url).is_some_and(|known| known != text) {
            return Err(RegisterContextError::Taken); // [JLD-12]
        }
        let document = Document::read(url, Cow::Owned(text.to_owned()))?;
        let mut documents = self.documents.clone();
        documents.insert(Arc::clone(&document.url), Arc::new(document));
        let contexts = Self::of(documents);
        contexts.check(url).map_err(|breach| {
            RegisterContextError::Context(JsonLdError::new("/@context".to_owned(), breach))
        })?;
        Ok(contexts)
    }

    /// The bytes that stand under `url`.
    pub fn get(&self, url: &str) -> Option<&[u8]> {
        self.documents.get(url).map(|document| &*document.bytes)
    }

    /// The SHA-256 digest of the bytes that stand under `url`.
    pub fn digest(&self, url: &str) -> Option<[u8; 32]> {
        self.documents.get(url).map(|document| document.digest)
    }

    /// The URLs of the set, in no order.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().map(|url| &**url)
    }

    pub(crate) fn document(&self, url: &str) -> Result<&Arc<Document>, Breach> {
        self.documents.get(url).ok_or_else(|| Breach::UnknownContext(url.to_owned())) // [JLD-01]
    }

    pub(crate) const fn initial(&self) -> &Arc<Active> {
        &self.initial
    }

    pub(crate) const fn memo(&self) -> &Memo {
        &self.memo
    }

    fn of(documents: HashMap<Arc<str>, Arc<Document>>) -> Self {
        Self { documents, initial: Arc::new(Active::initial()), memo: Memo::default() }
    }

    /// Processes the context under `url` by itself.
    fn check(&self, url: &str) -> Result<(), Breach> {
        let mut processor = Processor { contexts: self, budget: &mut Budget::new() };
        let origin = Origin { url: None, via: None, pinned: true };
        processor.apply_named(Active::initial(), url, &origin, How::EMBEDDED).map(drop)
    }
}

impl fmt::Debug for Contexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.urls()).finish()
    }
}

impl Document {
    fn read(url: &str, bytes: Cow<'static, [u8]>) -> Result<Self, RegisterContextError> {
        let mut members = json::parse_object(&bytes).map_err(RegisterContextError::Json)?;
        let context = members.remove("@context").ok_or_else(|| {
            let breach = Breach::Context(ErrorCode::InvalidRemoteContext);
            RegisterContextError::Context(JsonLdError::new(String::new(), breach))
        })?;
        let digest = hash::sha256(&bytes);
        Ok(Self { id: crate::active::next_id(), url: url.into(), context, bytes, digest })
    }
}

/// Why a context was not registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterContextError {
    /// No absolute URL.
    #[error("a context is registered under an absolute URL")]
    Url,
    /// JLD-12: longer than 1 MiB.
    #[error("the context is longer than 1 MiB")]
    TooLong,
    /// JLD-12: the URL stands for other bytes. A context never changes under what was signed with it.
    #[error("the URL stands for another context already")]
    Taken,
    /// No strict JSON object.
    #[error("the context cannot be read")]
    Json(#[source] JsonError),
    /// No context that JSON-LD accepts.
    #[error("the context is refused")]
    Context(#[source] JsonLdError),
}

impl RegisterContextError {
    /// The rule that was broken, as in `spec/checks/`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Url | Self::TooLong | Self::Taken => "JLD-12",
            Self::Json(error) => error.code(),
            Self::Context(error) => error.code(),
        }
    }
}
