//! Evidence that a log stated something as newest that was not.

use super::{HeadsError, Newest, Topic, newest};
use crate::{
    accreditation::AccreditationRecord,
    bundle::{Bundle, BundleError, Folded},
    engine::EngineError,
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

    /// What the log had.
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
            let complete = stated.is_none_or(|stated| folded.entry(stated.index).is_some());
            if !complete || !Self::author_is_current(&folded, topic)? {
                continue;
            }
            let found = folded.newest(topic).map_err(EquivocationError::Engine)?;
            if let Some(found) = found.filter(|found| denies(stated, found)) {
                return Ok(ProvenEquivocation { topic: topic.clone(), stated: stated.cloned(), found });
            }
        }
        Err(EquivocationError::Nothing) // [TLOG-39]
    }

    /// Whether the entries hold all of the history, as it was stated, of whoever speaks on `topic`.
    fn author_is_current(folded: &Folded<'_>, topic: &Topic) -> Result<bool, EquivocationError> {
        let author: Option<Did> = match topic {
            Topic::Did(_) => return Ok(true),
            Topic::StatusList { by, .. } => Some(by.clone()),
            Topic::Accreditation(id) => AccreditationRecord::read(&folded.state, id)
                .map_err(EquivocationError::Engine)?
                .map(|record| record.accreditation().granted_by.clone()),
        };
        let Some(author) = author else { return Ok(false) };
        let topic = Topic::Did(author);
        let heads = folded.heads().map_err(EquivocationError::Heads)?;
        let found = newest(&folded.state, &topic, heads.head().size).map_err(EquivocationError::Engine)?;
        Ok(heads.newest(&topic).is_ok_and(|stated| stated == found.as_ref()))
    }
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
