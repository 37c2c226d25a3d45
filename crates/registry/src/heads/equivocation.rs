//! Evidence that a log stated something as newest that was not.

use super::{HeadsError, Newest, Topic};
use crate::{
    accreditation::AccreditationRecord,
    bundle::{Bundle, BundleError, Folded},
    did_tlog::{Recoveries, bridges, version_in},
    engine::{EngineError, StateView},
    trust::TrustedLog,
};
use sinpyo_core::did::Did;
use std::{fmt, str::FromStr};

/// A statement of heads together with entries below the same checkpoint that it denies: the operator lied, or its heads
/// key is in wrong hands. Self-contained; printed and parsed as JSON, in the form of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadEquivocation(Bundle);

/// What a statement said, and what the log holds. Made by [`HeadEquivocation::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenEquivocation {
    topic: Topic,
    stated: Option<Newest>,
    found: Newest,
}

impl ProvenEquivocation {
    /// What was lied about.
    pub const fn topic(&self) -> &Topic {
        &self.topic
    }

    /// What was stated as the newest.
    pub const fn stated(&self) -> Option<&Newest> {
        self.stated.as_ref()
    }

    /// What the log had: a later entry, or the recovery by which the stated one counts for nothing.
    pub const fn found(&self) -> &Newest {
        &self.found
    }
}

impl HeadEquivocation {
    pub(crate) const fn new(bundle: Bundle) -> Self {
        Self(bundle)
    }

    /// Checks the evidence with the log's key or policy alone.
    ///
    /// # Errors
    /// It is not the log's, breaks a rule, or contradicts nothing.
    pub fn verify(&self, log: &dyn TrustedLog) -> Result<ProvenEquivocation, EquivocationError> {
        let folded = self.0.fold(log).map_err(EquivocationError::Proof)?;
        let heads = folded.heads().map_err(EquivocationError::Heads)?;
        for (topic, stated) in heads.iter() {
            // Who omits a recovery could pass off what it set aside as lawful; what was stated has to be here.
            if stated.is_some_and(|stated| folded.entry(stated.index).is_none()) {
                continue;
            }
            let author = author(&folded.state, topic).map_err(EquivocationError::Engine)?;
            let found = match (later(&folded, topic, author.as_ref(), stated)?, stated, author) {
                (None, Some(stated), Some(author)) => set_aside(&folded, &author, stated)?,
                (found, _, _) => found,
            };
            if let Some(found) = found {
                return Ok(ProvenEquivocation { topic: topic.clone(), stated: stated.cloned(), found });
            }
        }
        Err(EquivocationError::Nothing) // [TLOG-39]
    }
}

/// Who speaks on `topic`, where that is not the DID itself.
pub(crate) fn author(state: &dyn StateView, topic: &Topic) -> Result<Option<Did>, EngineError> {
    Ok(match topic {
        Topic::Did(_) => None,
        Topic::StatusList { by, .. } => Some(by.clone()),
        Topic::Accreditation(id) => {
            AccreditationRecord::read(state, id)?.map(|record| record.accreditation().granted_by.clone())
        }
    })
}

/// What the entries hold about `topic` that comes after what was stated, and counts whatever else the log holds.
fn later(
    folded: &Folded<'_>,
    topic: &Topic,
    author: Option<&Did>,
    stated: Option<&Newest>,
) -> Result<Option<Newest>, EquivocationError> {
    let found = folded.newest(topic).map_err(EquivocationError::Engine)?;
    let Some(found) = found.filter(|found| denies(stated, found)) else { return Ok(None) };
    if let Some(author) = author {
        // The author's history as it was stated. By a recovery in it that omitted entries may have made reach over
        // what was found, an honest log could be made a liar.
        let history = Topic::Did(author.clone());
        let heads = folded.heads().map_err(EquivocationError::Heads)?;
        let newest = folded.newest(&history).map_err(EquivocationError::Engine)?;
        let current = heads.newest(&history).is_ok_and(|stated| stated == newest.as_ref());
        let bridged = bridges(&folded.state, author, found.index).map_err(EquivocationError::Engine)?;
        if !current || bridged {
            return Ok(None);
        }
    } else if !matches!(topic, Topic::Did(_)) {
        return Ok(None);
    }
    Ok(Some(found))
}

/// The recovery in the entries by which what was stated counts for nothing. Nobody can make one up: it stands here with
/// what it set aside.
fn set_aside(
    folded: &Folded<'_>,
    author: &Did,
    stated: &Newest,
) -> Result<Option<Newest>, EquivocationError> {
    let recoveries = Recoveries::read(&folded.state, author).map_err(EquivocationError::Engine)?;
    let Some(index) = recoveries.containing(stated.index) else { return Ok(None) };
    let version = folded.entry(index).and_then(version_in);
    Ok(version.map(|version| Newest { index, version: version.as_str().into() }))
}

/// Whether both cannot be true.
fn denies(stated: Option<&Newest>, found: &Newest) -> bool {
    stated.is_none_or(|stated| {
        found.index > stated.index || found.index == stated.index && found.version != stated.version
    })
}

impl fmt::Display for HeadEquivocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

impl FromStr for HeadEquivocation {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        Bundle::from_json(text).map(Self)
    }
}

/// Why something is no evidence against a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EquivocationError {
    /// The entries or their checkpoint are refused.
    #[error("the entries are refused")]
    Proof(#[source] BundleError),
    /// TLOG-36: the statement is not the log's.
    #[error("the statement of heads is refused")]
    Heads(#[source] HeadsError),
    /// TLOG-39: statement and entries do not contradict each other.
    #[error("the statement and the entries do not contradict each other")]
    Nothing,
    /// The state could not be read.
    #[error(transparent)]
    Engine(EngineError),
}

impl EquivocationError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Proof(error) => error.code(),
            Self::Heads(error) => error.code(),
            Self::Nothing => "TLOG-39",
            Self::Engine(_) => "LOG-19",
        }
    }
}
