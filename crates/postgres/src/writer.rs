//! The one connection of a node that appends.

mod pending;

use crate::{
    admission::{BARRIER, Node, RELOADABLE},
    error::{PgError, Unfit},
    session::{Parameter, Session},
    tables::{self, HEAD, KNOWN, StoredHead, column, count},
};
use pending::Pending;
use sinpyo_core::time::Clock;
use sinpyo_registry::engine::{AppendError, Appended, Position, PublishError, Sequencing};
use sinpyo_tlog::{edge::Edge, merkle::TreeHead};
use std::{collections::HashMap, fmt, sync::Arc};
use tokio_postgres::Row;

/// A submission with the digest by which a repetition is known.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest: [u8; 32],
}

/// What a caller wants done.
#[derive(Debug)]
pub(crate) enum Work {
    /// Append each; `None` is one that no log takes.
    Append(Vec<Option<Submission>>),
    /// Publish a head that the log has, in a signed note.
    Publish(TreeHead, String),
}

impl Work {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Append(submissions) => submissions.iter().flatten().map(|one| one.bytes.len()).sum(),
            Self::Publish(_, note) => note.len(),
        }
    }

    fn digests(&self) -> impl Iterator<Item = &[u8]> {
        let submissions = match self {
            Self::Append(submissions) => submissions.as_slice(),
            Self::Publish(..) => &[],
        };
        submissions.iter().flatten().map(|one| one.digest.as_slice())
    }
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Done {
    Appended(Vec<Result<Appended, AppendError>>),
    Published(Result<(), PublishError>),
}

/// What the committing thread owns.
pub(crate) struct Writer {
    node: Arc<Node>,
    sequencing: Arc<dyn Sequencing>,
    clock: Box<dyn Clock>,
    session: Option<Session>,
    /// Where the log ended after the last transaction of this node. The head row decides whether it still does.
    edge: Option<Edge>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Writer {
    pub(crate) fn new(
        node: Arc<Node>,
        session: Session,
        sequencing: Arc<dyn Sequencing>,
        clock: Box<dyn Clock>,
    ) -> Result<Self, PgError> {
        let stored = StoredHead::load(&session)?;
        let edge = Some(stored.into_edge(&session)?);
        Ok(Self { node, sequencing, clock, session: Some(session), edge })
    }

    /// Does all of `group` in one transaction, which is durable when this returns.
    ///
    /// # Errors
    /// Nothing of the group is in the log; except after [`PgError::Unknown`], when it may be.
    pub(crate) fn transact(&mut self, group: Vec<Work>) -> Result<Vec<Done>, PgError> {
        let (session, begun) = self.begin(&group)?;
        let edge = self.edge.take().filter(|edge| begun.stored.is_of(edge));
        let edge = edge.map_or_else(|| self.resume(&session, begun.stored), Ok)?;
        let mut pending = Pending::new(edge, begun.known, &session);
        if self.node.head() != Some(pending.edge().frontier.head()) {
            // Another node's commit, or one of this node that was not confirmed.
            pending.needs_confirmation();
        }
        let done =
            group.into_iter().map(|work| self.perform(work, &mut pending)).collect::<Result<_, _>>()?;
        let edge = pending.write()?;
        self.node.commit(&session, "COMMIT", self.node.options.patience)?;
        // From here on the group is durable. A failure above drops the session, and the server undoes what it did.
        self.node.saw(edge.frontier.head());
        self.edge = Some(edge);
        self.session = Some(session);
        Ok(done)
    }

    /// Opens a transaction that has the log to itself, on a new connection if the old one is gone.
    fn begin(&mut self, group: &[Work]) -> Result<(Session, Begun), PgError> {
        let digests: Vec<&[u8]> = group.iter().flat_map(Work::digests).collect();
        let key = self.node.lock_key();
        let session = self.session.take();
        if let Some(session) = session.filter(|session| self.node.superseded(session).is_none()) {
            match self.begin_on(&session, key, &digests) {
                Ok(begun) => return Ok((session, begun)),
                Err(PgError::Unavailable(_)) if session.is_closed() => {}
                Err(error) => return Err(error),
            }
        }
        let session = self.node.connect()?;
        let begun = self.begin_on(&session, key, &digests)?;
        Ok((session, begun))
    }

    fn begin_on(&self, session: &Session, key: i64, digests: &[&[u8]]) -> Result<Begun, PgError> {
        let (begun, reloadable) = Begun::on(session, key, digests)?;
        self.node.still_fit(&reloadable)?; // [PGL-16]
        Ok(begun)
    }

    /// The edge of a log that another node, or this one with an unknown outcome, has appended to.
    fn resume(&self, session: &Session, stored: StoredHead) -> Result<Edge, PgError> {
        let head = stored.head;
        let edge = stored.into_edge(session)?;
        match self.node.head().filter(|seen| *seen != head) {
            Some(seen) if seen.size >= head.size || !tables::has_root(session, seen)? => {
                Err(Unfit::Fork { size: seen.size }.into()) // [PGL-06]
            }
            _ => Ok(edge),
        }
    }

    fn perform(&self, work: Work, pending: &mut Pending<'_>) -> Result<Done, PgError> {
        match work {
            Work::Append(submissions) => {
                let append = |submission: Option<Submission>| match submission {
                    Some(submission) => self.append(&submission, pending),
                    None => Ok(Err(AppendError::Length)),
                };
                submissions.into_iter().map(append).collect::<Result<_, _>>().map(Done::Appended)
            }
            Work::Publish(head, note) => pending.publish(head, &note).map(Done::Published),
        }
    }

    fn append(
        &self,
        submission: &Submission,
        pending: &mut Pending<'_>,
    ) -> Result<Result<Appended, AppendError>, PgError> {
        if let Some(index) = pending.find(&submission.digest) {
            return Ok(Ok(Appended { index, repeated: true })); // [PGL-13]
        }
        let edge = pending.edge();
        let at = Position { index: edge.frontier.size(), time: edge.next_time(self.clock.now()) };
        let sequenced = self.sequencing.sequence(pending.state(), at, &submission.bytes);
        pending.check_state()?;
        match sequenced.and_then(pending::bounded) {
            Ok(new) => pending.append(new, at, submission.digest)?,
            Err(refusal) => return Ok(Err(AppendError::Refused(refusal))),
        }
        Ok(Ok(Appended { index: at.index, repeated: false }))
    }
}

/// An open transaction that holds the log's lock, and what it has read.
struct Begun {
    stored: StoredHead,
    known: HashMap<[u8; 32], u64>,
}

impl Begun {
    /// One round trip: the server runs the five in this order, each on what was committed before it. The row is
    /// one of [`RELOADABLE`].
    fn on(session: &Session, key: i64, digests: &[&[u8]]) -> Result<(Self, Row), PgError> {
        const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
        // The server's default could fix the view of the data before the lock is had.
        const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        let (lock, head, known) =
            (session.statement(LOCK)?, session.statement(HEAD)?, session.statement(KNOWN)?);
        let reloadable = session.statement(RELOADABLE)?;
        let (key, digests): ([Parameter<'_>; 1], [Parameter<'_>; 1]) = ([&key], [&digests]);
        let client = session.client();
        let ((), _, head, known, reloadable) = session.run(async {
            tokio::try_join!(
                biased;
                client.batch_execute(BEGIN),
                client.query(&lock, &key),
                client.query_opt(&head, &[]),
                client.query(&known, &digests),
                client.query_one(&reloadable, &[]),
            )
        })?;
        let found = |row: &Row| {
            let digest = column::<&[u8]>(row, 0)?.try_into().map_err(|_| tables::damaged(0))?;
            Ok((digest, count(column(row, 1)?)?))
        };
        let stored = StoredHead::of(head.as_ref())?;
        let known = known.iter().map(found).collect::<Result<_, PgError>>()?;
        Ok((Self { stored, known }, reloadable))
    }
}

/// Makes a transaction that only repeats what it was told, or goes on from what another wrote, wait for standbys as
/// one that writes does: what is visible may not be durable yet.
fn confirm(session: &Session) -> Result<(), PgError> {
    session.batch(BARRIER) // [PGL-11]
}
