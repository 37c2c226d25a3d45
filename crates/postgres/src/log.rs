//! The log in PostgreSQL.

use crate::{
    admission::{Content, Node, locked},
    cache::TileCache,
    commit::Committer,
    confirm::Confirmations,
    error::{OpenError, PgError, Unfit},
    options::PgOptions,
    pool::{Lease, Readers, Use},
    session::Servers,
    tables::{self, StoredHead, damaged},
    verify::{Damage, VerifyError},
    walk,
    writer::{Done, Submission, Work, Writer},
};
use sinpyo_core::time::Clock;
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{
    AppendError, Appended, EngineError, LogEngine, MAX_SUBMISSION, PublishError, Sequencing, StateView,
};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{self, TreeHead},
    tile::{ExpandedTile, TileId, TileNodes},
};
use std::{
    fmt,
    ops::Range,
    sync::{Arc, Mutex},
};

/// Expanded tiles in each of the two generations of the cache: 80 MiB in all.
const CACHED_TILES: usize = 2_560;

/// A ledger's log in a schema of a PostgreSQL database.
///
/// What [`LogEngine::append`] acknowledged is durable as [`crate::Mode`] says. Several nodes may have the log open
/// and append. Reads have connections of their own and do not wait for writes. What they show is durable: a head that
/// this node has not committed is believed behind a confirmed commit, and until then the log stays as it was.
///
/// Every step has the deadline of [`PgOptions::patience`], so that a call fails with
/// [`PgError::Unavailable`] or [`PgError::Unknown`] where the database does not answer. The node looks for a primary
/// again with the next call. Call it from threads, not from asynchronous code, which it would block.
pub struct PgLog {
    node: Arc<Node>,
    readers: Readers,
    writer: Committer,
    cache: TileCache,
    confirmations: Confirmations,
    sequencing: Arc<dyn Sequencing>,
    /// What [`PgLog::verify`] found.
    damage: Mutex<Option<Damage>>,
}

impl fmt::Debug for PgLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgLog")
            .field("node", &self.node)
            .field("damage", &self.damage)
            .finish_non_exhaustive()
    }
}

impl PgLog {
    /// Opens the log that `url` leads to, creating it if there is none.
    ///
    /// `url` is a libpq URL or list of `key=value`, with one host or several; connections are not encrypted. `clock`
    /// gives ledger time, which never goes back even where the clocks of nodes differ.
    ///
    /// # Errors
    /// No primary answered; the server or what it holds is refused.
    pub fn open(
        url: &str,
        options: &PgOptions,
        sequencing: impl Sequencing + 'static,
        clock: impl Clock + 'static,
    ) -> Result<Self, OpenError> {
        let node = Arc::new(Node::new(Servers::parse(url, options.patience)?, options.clone(), Content::Log));
        let session = node.connect()?;
        let sequencing: Arc<dyn Sequencing> = Arc::new(sequencing);
        let writer = Writer::new(Arc::clone(&node), session, Arc::clone(&sequencing), Box::new(clock))?;
        Ok(Self {
            writer: Committer::start(writer, options.patience).map_err(OpenError::Thread)?,
            readers: Readers::new(Arc::clone(&node)),
            cache: TileCache::new(CACHED_TILES),
            confirmations: Confirmations::default(),
            sequencing,
            damage: Mutex::default(),
            node,
        })
    }

    /// Recomputes the log and returns its head.
    ///
    /// Compared are every entry with its leaf hash and its digest, every tile, frontier and root, the published
    /// checkpoint, and the folded state with what the sequencing makes of the entries, at one moment of the log. The
    /// state is built up in memory. After damage was found, this handle appends and publishes nothing more.
    ///
    /// # Errors
    /// The first entry, or the part, that does not belong to the rest; the database could not be read.
    pub fn verify(&self) -> Result<TreeHead, VerifyError> {
        let outcome = self.recompute();
        if let Some(damage) = outcome.as_ref().err().and_then(VerifyError::damage) {
            *locked(&self.damage) = Some(damage);
        }
        outcome
    }

    fn recompute(&self) -> Result<TreeHead, VerifyError> {
        let (stored, session) = self.moment()?;
        walk::verify(&session, &stored, self.sequencing.as_ref(), self.node.options.submission_of)
    }

    /// A view of the log at one moment that is durable.
    fn moment(&self) -> Result<(StoredHead, Lease<'_>), PgError> {
        const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        // The first read fixes what all later ones see.
        let (stored, lease) = self.readers.with(Use::View, |session| {
            session.batch(BEGIN)?;
            StoredHead::load(session)
        })?;
        // What was known earlier cannot be shown in its place.
        if self.durable(stored.head)? == stored.head { Ok((stored, lease)) } else { Err(PgError::late()) } // [PGL-17]
    }

    /// The head to show where a server showed `shown`.
    fn durable(&self, shown: TreeHead) -> Result<TreeHead, PgError> {
        self.confirmations.durable(shown, &self.node, &self.readers)
    }

    /// Fails if [`PgLog::verify`] has found damage.
    fn check_sound(&self) -> Result<(), EngineError> {
        locked(&self.damage).map_or(Ok(()), |damage| Err(damage.into())) // [PGL-15]
    }
}

impl LogEngine for PgLog {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        let count = submissions.len();
        let fail =
            |error: &dyn Fn() -> EngineError| (0..count).map(|_| Err(AppendError::Engine(error()))).collect();
        if let Some(damage) = *locked(&self.damage) {
            return fail(&|| damage.into()); // [PGL-15]
        }
        if count == 0 {
            return Vec::new();
        }
        let submissions = submissions.into_iter().map(prepare).collect();
        match self.writer.call(Work::Append(submissions)) {
            Ok(Done::Appended(answers)) => answers,
            Ok(Done::Published(_)) => fail(&|| EngineError::Stopped),
            Err(error) => fail(&|| error.clone().into()),
        }
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        let before = self.node.head();
        let shown = self.readers.read(StoredHead::load)?.head;
        if let Some(seen) =
            before.filter(|seen| seen.size > shown.size || seen.size == shown.size && *seen != shown)
        {
            return Err(PgError::from(Unfit::Fork { size: seen.size }).into()); // [PGL-06]
        }
        Ok(self.durable(shown)?)
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        if range.start > range.end || !self.reaches(range.end)? {
            return Err(EngineError::OutsideLog);
        }
        Ok(self.readers.read(|session| tables::entries(session, &range))?)
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        let last = id.row_range().end - 1;
        let reached = |size| TileId::holding(id.level(), last, size).is_some();
        if !self.node.head().is_some_and(|head| reached(head.size)) && !reached(self.head()?.size) {
            return Err(EngineError::OutsideLog);
        }
        let content = self.readers.read(|session| tables::tile(session, id))?;
        content.ok_or(damaged(tables::first_leaf(id)).into())
    }

    fn expanded(&self, id: TileId) -> Result<Arc<ExpandedTile>, EngineError> {
        if let Some(tile) = self.cache.find(id) {
            return Ok(tile);
        }
        let tile = tables::expand(id, Some(self.tile(id)?))?;
        self.cache.keep(id, &tile);
        Ok(tile)
    }

    // A view is for one answer: while it lives, it has a connection and the server keeps old rows.
    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        let (_, lease) = self.moment()?;
        Ok(Box::new(CommittedState(lease)))
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        self.check_sound().map_err(PublishError::Engine)?;
        let head = checkpoint.claimed_head();
        self.check_held(head)?;
        match self.writer.call(Work::Publish(head, checkpoint.to_string())) {
            Ok(Done::Published(outcome)) => outcome,
            Ok(Done::Appended(_)) => Err(PublishError::Engine(EngineError::Stopped)),
            Err(error) => Err(PublishError::Engine(error.into())),
        }
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        let stored = self.readers.read(tables::checkpoint)?;
        let Some((head, note)) = stored else { return Ok(None) };
        if !self.reaches(head.size)? {
            return Err(PgError::late().into()); // [PGL-17]
        }
        // Written by `publish`, so that only a damaged table holds another text.
        let note = note.parse().map_err(|_| EngineError::Corrupt { index: head.size })?;
        Ok(Some(note))
    }
}

impl PgLog {
    /// Whether the log has `size` durable entries; asks the server where this node does not know it has.
    fn reaches(&self, size: u64) -> Result<bool, EngineError> {
        let known = self.node.head().is_some_and(|head| head.size >= size);
        Ok(known || self.head()?.size >= size)
    }

    /// Refuses a head that is not one that the log has or had. What a log held at a size never changes, so that
    /// the answer is still right when the checkpoint is written.
    fn check_held(&self, head: TreeHead) -> Result<(), PublishError> {
        if !self.reaches(head.size).map_err(PublishError::Engine)? {
            return Err(PublishError::Ahead); // [LOG-09]
        }
        let log: &dyn LogEngine = self;
        match merkle::root(&TileNodes::new(log, head.size), head.size) {
            Ok(root) if root == head.root => Ok(()),
            Ok(_) => Err(PublishError::Fork), // [LOG-08]
            Err(error) => Err(PublishError::Engine(EngineError::Storage(Box::new(error)))),
        }
    }
}

/// Hashes in the caller's thread; `None` for what no log takes.
fn prepare(bytes: Vec<u8>) -> Option<Submission> {
    let fits = (1..=MAX_SUBMISSION).contains(&bytes.len());
    fits.then(|| Submission { digest: sha256(&bytes), bytes })
}

/// The state at one moment; later commits do not show.
struct CommittedState<'a>(Lease<'a>);

impl StateView for CommittedState<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(tables::state(&self.0, key)?)
    }
}
