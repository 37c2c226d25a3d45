//! What an answer may need from the world, and what the world said.

use sinpyo_core::{did::Did, resolved::Resolved, time::Timestamp};
use sinpyo_proof::KeyRing;
use sinpyo_resolver::{
    FetchAnswer, FetchQuery, Fetched, Resolution, ResolveError, ResolvedJson, VersionQuery, resolve_version,
};
use sinpyo_web::problem::{Problem, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// Most documents and lists that are fetched for one request.
pub const MAX_NEEDS: usize = 16;

/// Something that somebody has to fetch before the request can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Need {
    /// A GET over https, without credentials, to an address that is public.
    Get {
        /// The URL, as found in what was sent to us: nothing is known about it.
        url: String,
        /// The media types to ask for.
        accept: &'static str,
    },
    /// The document of a DID on a log, as far as the log proves it.
    Document {
        /// The DID.
        did: Did,
        /// Which version.
        version: VersionQuery,
    },
}

/// What came of a [`Need`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fact {
    /// The body, with success.
    Body(Vec<u8>),
    /// The server says that there is no such thing, or the log that there is no such DID.
    Absent,
    /// The document, as the log proves it.
    Document(Box<Resolved>),
    /// Nobody answered, or nobody may be asked.
    Unavailable,
}

/// Everything that was fetched for one request.
#[derive(Debug, Default)]
pub struct Facts {
    bodies: BTreeMap<String, Fact>,
    documents: BTreeMap<(Did, String), Fact>,
}

impl Facts {
    /// Takes what came of `need`.
    pub fn supply(&mut self, need: Need, fact: Fact) {
        match need {
            Need::Get { url, .. } => drop(self.bodies.insert(url, fact)),
            Need::Document { did, version } => drop(self.documents.insert((did, key(&version)), fact)),
        }
    }

    /// The document of `did`.
    pub(crate) fn document(&self, did: &Did, version: &VersionQuery) -> Option<&Fact> {
        self.documents.get(&(did.clone(), key(version)))
    }

    /// The body at `url`.
    pub(crate) fn body(&self, url: &str) -> Option<&Fact> {
        self.bodies.get(url)
    }

    /// Whether nothing was fetched.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether no more is fetched for the request.
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= MAX_NEEDS
    }

    /// How many things were fetched.
    fn len(&self) -> usize {
        self.bodies.len() + self.documents.len()
    }
}

/// Distinguishes the versions of a document.
fn key(version: &VersionQuery) -> String {
    format!("{version:?}")
}

/// Why the answer is not there.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A rule forbids it.
    Refused(Refusal),
    /// It needs these first.
    Needs(Vec<Need>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem.bad())
    }
}

/// Why a DID was not resolved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unresolved {
    /// The resolver refused.
    #[error(transparent)]
    Refused(#[from] ResolveError),
    /// Nobody answered.
    #[error("the document of the DID cannot be had at the moment")]
    Unavailable,
    /// One request names more DIDs and lists than are fetched for it.
    #[error("the request needs more documents than are fetched for one")]
    TooMany,
}

impl Unresolved {
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Refused(error) => error.code(),
            Self::Unavailable => "VCA-16", // [VCA-16]
            Self::TooMany => "VCA-17",     // [VCA-17]
        }
    }
}

/// A document, what is needed for it, or why there is none.
#[derive(Debug)]
pub(crate) enum Looked {
    Found(Box<ResolvedJson>),
    Needs(Need),
    Not(Unresolved),
}

/// Looks the document of `did` up in what is known.
pub(crate) fn look_up(did: &Did, version: &VersionQuery, facts: &Facts, now: Timestamp) -> Looked {
    let looked = match resolve_version(did, version) {
        Ok(Resolution::Resolved(resolved)) => Looked::Found(Box::new(resolved.into())),
        Ok(Resolution::Fetch(query)) => fetch(query, facts, now),
        Ok(Resolution::Log(query)) => match facts.document(query.did(), version) {
            None => Looked::Needs(Need::Document { did: did.clone(), version: version.clone() }),
            Some(Fact::Document(document)) => {
                Looked::Found(Box::new(ResolvedJson::from(document.as_ref().clone())))
            }
            Some(Fact::Absent) => Looked::Not(ResolveError::Absent.into()),
            Some(Fact::Body(_) | Fact::Unavailable) => Looked::Not(Unresolved::Unavailable),
        },
        Err(error) => Looked::Not(error.into()),
    };
    match looked {
        Looked::Needs(_) if facts.is_full() => Looked::Not(Unresolved::TooMany),
        other => other,
    }
}

/// Follows the files of a did:web or did:webvh as far as they are known.
fn fetch(mut query: FetchQuery, facts: &Facts, now: Timestamp) -> Looked {
    loop {
        let (url, accept) = (query.request().url().to_owned(), query.request().accept());
        let fetched = match facts.body(&url) {
            None => return Looked::Needs(Need::Get { url, accept }),
            Some(Fact::Body(body)) => Fetched::Body(body),
            Some(Fact::Absent) => Fetched::Absent,
            Some(Fact::Document(_) | Fact::Unavailable) => return Looked::Not(Unresolved::Unavailable),
        };
        match query.answer(&fetched, now) {
            Ok(FetchAnswer::Resolved(resolved)) => return Looked::Found(resolved),
            Ok(FetchAnswer::Fetch(next)) => query = next,
            Err(error) => return Looked::Not(error.into()),
        }
    }
}

/// The keys of `dids`; with them, why some could not be resolved.
///
/// # Errors
/// Documents that must be fetched first.
pub(crate) fn key_ring(
    dids: BTreeSet<Did>,
    facts: &Facts,
    now: Timestamp,
) -> Result<(KeyRing, BTreeMap<Did, Unresolved>), Stop> {
    let (mut ring, mut failed, mut needs) = (KeyRing::new(), BTreeMap::new(), Vec::new());
    for did in dids {
        match look_up(&did, &VersionQuery::default(), facts, now) {
            Looked::Found(document) => ring.add(document.resolved()),
            Looked::Needs(need) if needs.len() < MAX_NEEDS => needs.push(need),
            Looked::Needs(_) => drop(failed.insert(did, Unresolved::TooMany)),
            Looked::Not(why) => drop(failed.insert(did, why)),
        }
    }
    if needs.is_empty() { Ok((ring, failed)) } else { Err(Stop::Needs(needs)) }
}
