//! One step of the anchorer: read the log, compare, anchor, see how final it is.

use crate::{
    chain::{Chain, ChainError, Finality, SiteError},
    contract::{AnchoredHead, anchor_call},
    lag::{Lag, LagWatch},
    log::{LogReader, ReadLogError},
    memory::{Memory, MemoryError},
    plan::{Conflict, Grown, Relation, relate},
    send::{Call, Mined, SendError, Sender},
};
use sinpyo_tlog::merkle::{Hash, TreeHead};
use std::time::Duration;

/// Brings a log's heads to its contract. Calling [`Anchorer::step`] again is always right, whatever went wrong before.
#[derive(Debug)]
pub struct Anchorer {
    log: LogReader,
    chain: Chain,
    sender: Sender,
    memory: Memory,
    /// The finality at which an entry counts as anchored.
    goal: Finality,
    watch: LagWatch,
    /// What the chain held last time.
    before: Option<TreeHead>,
    rest: Rest,
}

/// Whether to send now. A transaction that failed in its block was paid for; a node that lies could ask for one at
/// every look.
#[derive(Debug, Default)]
struct Rest {
    until: Duration,
    length: Duration,
}

impl Rest {
    const FIRST: Duration = Duration::from_mins(1);
    const LONGEST: Duration = Duration::from_hours(1);

    /// Twice as long as the last time, until one succeeds.
    fn after(&mut self, sent: &Result<Mined, SendError>, now: Duration) {
        match sent {
            Ok(_) => *self = Self::default(),
            Err(SendError::Reverted) => {
                self.length = self.length.saturating_mul(2).clamp(Self::FIRST, Self::LONGEST);
                self.until = now.saturating_add(self.length);
            }
            Err(_) => {} // cost nothing
        }
    }
}

impl Anchorer {
    /// An anchorer that has not looked at anything yet.
    pub fn new(log: LogReader, chain: Chain, sender: Sender, memory: Memory, goal: Finality) -> Self {
        let (watch, rest) = (LagWatch::default(), Rest::default());
        Self { log, chain, sender, memory, goal, watch, before: None, rest }
    }

    /// How far the chain is behind what has been seen of the log. `now` counts from any fixed moment.
    pub fn lag(&self, now: Duration) -> Lag {
        self.watch.lag(now)
    }

    /// Looks at log and chain once and anchors what is new.
    ///
    /// # Errors
    /// Log or chain could not be used. A conflict is an error too: nothing is anchored then.
    pub async fn step(&mut self, now: Duration) -> Result<Progress, StepError> {
        // The log first, so that a rewritten log is noticed, and the lag grows, while the chain is away.
        let log = self.log.checkpoint().await.map_err(StepError::Log)?.checkpoint().head();
        let remembered = self.check_against_memory(log).await?;
        if remembered.is_some() {
            self.keep(log)?;
        }
        self.watch.log_at(log.size, now);
        let contract = self.chain.contract().await.map_err(StepError::Site)?;
        let before = or_empty(contract.head_to_follow().await)?;
        let reorganised = self.before.filter(|last| last.size > before.size);
        self.before = Some(before);
        let next = self.next(before, log).await?;
        // The first head that is ever kept is one that the chain agrees with.
        self.keep(log)?;
        let mined = match next {
            Some(step) if now >= self.rest.until => {
                let call = Call::To(contract.address(), anchor_call(&step));
                let sent = self.sender.send(self.chain.provider(), &call).await;
                self.rest.after(&sent, now);
                let mined = sent.map_err(StepError::Send)?;
                self.before = Some(log);
                Some(mined)
            }
            Some(_) | None => None,
        };
        let mut heads = [before; 3];
        for (head, finality) in heads.iter_mut().zip([Finality::Latest, Finality::Safe, Finality::Final]) {
            *head = or_empty(contract.head_at(finality).await)?;
            if finality == self.goal {
                self.watch.chain_at(head.size, now);
            }
        }
        let [latest, safe, last] = heads;
        Ok(Progress { log, latest, safe, last, mined, reorganised })
    }

    /// A log that contradicts what it showed before is refused even if the chain is away or has forgotten.
    async fn check_against_memory(&self, log: TreeHead) -> Result<Option<Grown>, StepError> {
        let Some(last) = self.memory.recall().map_err(StepError::Memory)? else { return Ok(None) };
        let path = self.growth(last, log).await?;
        Grown::check(last, log, &path).map(Some).map_err(StepError::Conflict)
    }

    fn keep(&self, log: TreeHead) -> Result<(), StepError> {
        if self.memory.recall().map_err(StepError::Memory)? == Some(log) {
            return Ok(());
        }
        self.memory.keep(log).map_err(StepError::Memory)
    }

    /// What to anchor; `None` if the chain has it.
    async fn next(&self, chain: TreeHead, log: TreeHead) -> Result<Option<Grown>, StepError> {
        if relate(chain, log).map_err(StepError::Conflict)? == Relation::Same {
            return Ok(None);
        }
        let path = self.growth(chain, log).await?;
        Grown::check(chain, log, &path).map(Some).map_err(StepError::Conflict)
    }

    async fn growth(&self, older: TreeHead, newer: TreeHead) -> Result<Vec<Hash>, StepError> {
        match relate(older, newer).map_err(StepError::Conflict)? {
            Relation::Grown if older.size > 0 => self.log.growth(older, newer).await.map_err(StepError::Log),
            Relation::Grown | Relation::Same => Ok(Vec::new()),
        }
    }
}

/// The head; the empty tree where the contract did not exist.
fn or_empty(found: Result<Option<AnchoredHead>, ChainError>) -> Result<TreeHead, StepError> {
    let empty = TreeHead { size: 0, root: Hash::of_empty_tree() };
    Ok(found.map_err(StepError::Chain)?.map_or(empty, |AnchoredHead { head, .. }| head))
}

/// What a step found and did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The log's checkpoint.
    pub log: TreeHead,
    /// What the contract holds in the newest block that every node has.
    pub latest: TreeHead,
    /// What it holds in the newest safe block.
    pub safe: TreeHead,
    /// What it holds in the newest final block.
    pub last: TreeHead,
    /// The transaction that anchored, if there was something to anchor.
    pub mined: Option<Mined>,
    /// What the chain held before it was reorganised.
    pub reorganised: Option<TreeHead>,
}

/// Why a step did not get to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StepError {
    /// The log could not be read, or its checkpoint does not meet the policy.
    #[error(transparent)]
    Log(ReadLogError),
    /// The log contradicts what it said before.
    #[error(transparent)]
    Conflict(Conflict),
    /// The node's chain or contract is another one.
    #[error(transparent)]
    Site(SiteError),
    /// The node was of no use.
    #[error(transparent)]
    Chain(ChainError),
    /// The anchor did not get into a block.
    #[error(transparent)]
    Send(SendError),
    /// The file with the last head could not be used.
    #[error(transparent)]
    Memory(MemoryError),
}

impl StepError {
    /// The rule that was broken, as in `spec/checks/`; `None` if something failed and nobody broke a rule.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Log(error) => error.code(),
            Self::Conflict(conflict) => Some(conflict.code()),
            Self::Site(error) => error.code(),
            Self::Chain(error) => error.code(),
            Self::Send(error) => error.code(),
            Self::Memory(_) => None,
        }
    }
}
