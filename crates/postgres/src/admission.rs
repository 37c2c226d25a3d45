//! What a server must be before anything on it is believed.

use crate::{
    error::{PgError, Unfit},
    options::{Mode, PgOptions},
    session::{Servers, Session},
    state,
    tables::{self, StoredHead, column},
};
use sinpyo_crypto::hash::sha256;
use sinpyo_tlog::merkle::TreeHead;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_postgres::Row;

/// What a node keeps on its servers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    /// A log.
    Log,
    /// What services remember.
    State,
}

/// Tables of one kind.
#[derive(Debug)]
pub(crate) struct Tables {
    /// Name of one that is there if all are.
    pub(crate) first: &'static str,
    /// Name of the one that holds the format.
    pub(crate) format: &'static str,
    /// Reads the format.
    pub(crate) version: &'static str,
    /// The format of this release.
    pub(crate) known: i32,
    /// Creates what is not there.
    pub(crate) create: &'static [&'static str],
    /// The statements that lead from each version, beginning with 1, to the next.
    pub(crate) upgrades: &'static [&'static [&'static str]],
}

impl Content {
    const fn tables(self) -> &'static Tables {
        match self {
            Self::Log => &tables::TABLES,
            Self::State => &state::TABLES,
        }
    }
}

/// What a node knows of its log whatever server it talks to, and how it talks to servers.
#[derive(Debug)]
pub(crate) struct Node {
    servers: Servers,
    pub(crate) options: PgOptions,
    content: Content,
    seen: Mutex<Seen>,
    /// One at a time proves a server, so that a server which cannot be proven is not asked by everybody.
    proving: Mutex<()>,
    failures: AtomicU64,
}

#[derive(Debug, Default)]
struct Seen {
    /// The largest head that was durable.
    head: Option<TreeHead>,
    timeline: u32,
    /// The server, as it runs now, that proved that what it shows is durable.
    proven: Option<Incarnation>,
}

/// A server from one start to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Incarnation {
    timeline: u32,
    started: String,
}

impl Node {
    pub(crate) fn new(servers: Servers, options: PgOptions, content: Content) -> Self {
        let seen = Mutex::new(Seen { head: options.continues, ..Seen::default() });
        Self { servers, options, content, seen, proving: Mutex::default(), failures: AtomicU64::new(0) }
    }

    /// The largest head that this node knows to be durable.
    pub(crate) fn head(&self) -> Option<TreeHead> {
        locked(&self.seen).head
    }

    /// Notes a durable head.
    pub(crate) fn saw(&self, head: TreeHead) {
        let mut seen = locked(&self.seen);
        if seen.head.is_none_or(|old| old.size < head.size) {
            seen.head = Some(head);
        }
    }

    /// Why a server, also one that was believed before, is no longer the one to ask.
    pub(crate) fn superseded(&self, session: &Session) -> Option<Unfit> {
        let (found, seen) = (session.timeline(), locked(&self.seen).timeline);
        (found < seen).then_some(Unfit::Superseded { found, seen }) // [PGL-05]
    }

    /// The key of the log's advisory lock.
    pub(crate) fn lock_key(&self) -> i64 {
        let name = format!("sinpyo log {}", self.options.schema);
        sha256(name.as_bytes()).first_chunk().map_or(0, |first| i64::from_be_bytes(*first))
    }

    /// A connection to a primary that may be believed.
    pub(crate) fn connect(&self) -> Result<Session, PgError> {
        let session = Session::connect(&self.servers, self.options.patience)?;
        let row = session.row(SETTINGS, &[])?.ok_or(PgError::late())?;
        let incarnation = self.examine(&session, &row)?;
        self.prepare(&session)?;
        let failures = self.failures.load(Ordering::SeqCst);
        let _one_at_a_time = locked(&self.proving);
        if locked(&self.seen).proven.as_ref() != Some(&incarnation) {
            if self.failures.load(Ordering::SeqCst) != failures {
                // Somebody tried while this one waited: a queue of attempts would outlast everybody's patience.
                return Err(PgError::late());
            }
            // What cannot be proven now is left waiting for a standby: it has no effect, so that it may end.
            self.prove(&session).inspect_err(|_| {
                self.failures.fetch_add(1, Ordering::SeqCst);
                session.cancel();
            })?;
            let mut seen = locked(&self.seen);
            seen.timeline = seen.timeline.max(incarnation.timeline);
            seen.proven = Some(incarnation);
        }
        Ok(session)
    }

    /// Refuses a server by its version, settings and timeline.
    fn examine(&self, session: &Session, row: &Row) -> Result<Incarnation, PgError> {
        recent(column(row, 0)?)?;
        if let Some(refused) = self.superseded(session) {
            return Err(refused.into());
        }
        let available = self.options.mode == Mode::HighlyAvailable;
        let commit: &str = column(row, 1)?;
        let enough = matches!(commit, "on" | "remote_apply")
            || !available && matches!(commit, "local" | "remote_write");
        if !enough {
            return Err(Unfit::SynchronousCommit.into()); // [PGL-02]
        }
        if column::<&str>(row, 2)? != "off" {
            return Err(Unfit::Flushing { setting: "data_sync_retry" }.into()); // [PGL-03]
        }
        let reloaded = session.row(RELOADABLE, &[])?.ok_or(PgError::late())?;
        self.still_fit(&reloaded)?;
        Ok(Incarnation { timeline: session.timeline(), started: column(row, 3)? })
    }

    /// Refuses a server by a row of [`RELOADABLE`].
    pub(crate) fn still_fit(&self, row: &Row) -> Result<(), PgError> {
        for (place, setting) in FLUSHING {
            if column::<&str>(row, place)? != "on" {
                return Err(Unfit::Flushing { setting }.into()); // [PGL-03]
            }
        }
        if self.options.mode == Mode::HighlyAvailable && !names_quorum(column(row, 2)?) {
            return Err(Unfit::NoQuorum.into()); // [PGL-04]
        }
        Ok(())
    }

    /// Runs `sql`, which commits, and takes only a confirmed commit for one.
    ///
    /// The server reports a wait for standbys that was broken off as a success with a warning, and one that ended
    /// because the quorum was taken out of the settings as a plain success. It tells a session of new settings
    /// before it ends the waits, so that they show right behind the commit.
    pub(crate) fn commit(&self, session: &Session, sql: &str, limit: Duration) -> Result<(), PgError> {
        let reloadable = session.statement(RELOADABLE)?;
        session.take_warned();
        let client = session.client();
        let committed = session.run_within(limit, async {
            tokio::try_join!(biased; client.batch_execute(sql), client.query_one(&reloadable, &[]))
        });
        match committed {
            Ok(((), row)) if !session.take_warned() && self.still_fit(&row).is_ok() => Ok(()), // [PGL-16]
            _ => Err(PgError::Unknown),                                                        // [PGL-07]
        }
    }

    /// Waits until the head that the server shows is durable, and notes it.
    pub(crate) fn confirm(&self, session: &Session) -> Result<(), PgError> {
        let head = StoredHead::load(session)?.head;
        // What cannot be confirmed now is left waiting for a standby: it has no effect, so that it may end.
        self.commit(session, BARRIER, self.options.patience / 4).inspect_err(|_| session.cancel())?;
        self.saw(head);
        Ok(())
    }

    /// Sets what the statements of this crate rely on. A session's own setting outranks all others.
    fn prepare(&self, session: &Session) -> Result<(), PgError> {
        let (schema, patience) = (&self.options.schema, self.options.patience.as_millis());
        session.batch(&format!(
            "SET synchronous_commit = on; SET search_path = \"{schema}\", pg_temp; SET jit = off;
             SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;
             SET lock_timeout = {patience}; SET idle_in_transaction_session_timeout = {};",
            6 * patience
        ))
    }

    /// Makes the tables if there are none, waits until what the server shows is durable, and compares it with
    /// what was seen.
    ///
    /// A server that crashed shows transactions which no standby had confirmed. A commit that a standby confirms
    /// is behind all of them.
    fn prove(&self, session: &Session) -> Result<(), PgError> {
        self.create(session)?;
        match self.content {
            Content::Log => self.prove_log(session),
            Content::State => self.pass_barrier(session),
        }
    }

    fn pass_barrier(&self, session: &Session) -> Result<(), PgError> {
        self.commit(session, BARRIER, self.options.patience).map_err(|_| PgError::late()) // [PGL-11]
    }

    fn prove_log(&self, session: &Session) -> Result<(), PgError> {
        // In this order: what is read before is not larger than `held`, and the barrier is behind all of it.
        let seen = self.head();
        let published = tables::checkpoint(session)?.map(|(head, _)| head);
        let held = StoredHead::load(session)?.head;
        self.pass_barrier(session)?;
        for head in [published, seen].into_iter().flatten() {
            if head.size > held.size || !tables::has_root(session, head)? {
                return Err(Unfit::Fork { size: head.size }.into()); // [PGL-06]
            }
        }
        self.saw(held);
        Ok(())
    }

    /// Runs `statements` that every node may run, one node after another.
    fn define(&self, session: &Session, statements: &str) -> Result<(), PgError> {
        let key = self.lock_key();
        session.batch(&format!("BEGIN; SELECT pg_advisory_xact_lock({key}); {statements} COMMIT"))
    }

    /// Creates schema and tables where there are none, brings those of an earlier format up to date, and refuses others.
    fn create(&self, session: &Session) -> Result<(), PgError> {
        let (schema, tables) = (self.options.schema.as_str(), self.content.tables());
        let known = tables.known;
        let find =
            "SELECT to_regclass($1 || '.' || $2) IS NOT NULL, to_regclass($1 || '.' || $3) IS NOT NULL";
        let row = session.row(find, &[&schema, &tables.first, &tables.format])?.ok_or(PgError::late())?;
        let (is_there, has_format): (bool, bool) = (column(&row, 0)?, column(&row, 1)?);
        if !is_there {
            let create = tables.create.concat();
            self.define(session, &format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"; {create}"))?;
        } else if !has_format {
            return Err(Unfit::Format { found: 0, known }.into());
        }
        let row = session.row(tables.version, &[])?;
        let mut found: i32 = row.map_or(Ok(0), |row| column(&row, 0))?;
        for (version, upgrade) in (1..).zip(tables.upgrades) {
            if version == found {
                self.define(session, &upgrade.concat())?;
                found += 1;
            }
        }
        if found == known { Ok(()) } else { Err(Unfit::Format { found, known }.into()) } // [PGL-10]
    }
}

/// A commit that changes nothing and is as durable as any other.
pub(crate) const BARRIER: &str = "SELECT pg_logical_emit_message(true, 'sinpyo', 'barrier')";

/// What stays while a server runs, and `synchronous_commit`, which a session then sets for itself. After a failed
/// sync, PostgreSQL must stop and recover: a second attempt (`data_sync_retry`) may report success for pages that the
/// kernel has dropped.
const SETTINGS: &str =
    "SELECT current_setting('server_version_num')::int4, current_setting('synchronous_commit'),
    current_setting('data_sync_retry'), pg_postmaster_start_time()::text";

/// What an administrator may change while the server runs, and sessions last.
pub(crate) const RELOADABLE: &str = "SELECT current_setting('fsync'), current_setting('full_page_writes'),
    current_setting('synchronous_standby_names')";

/// Columns of [`RELOADABLE`] that must be on.
const FLUSHING: [(usize, &str); 2] = [(0, "fsync"), (1, "full_page_writes")];

/// Refuses versions that were not tried, by `server_version_num`.
const fn recent(version: i32) -> Result<(), Unfit> {
    if version < 150_000 { Err(Unfit::Version { major: version / 10_000 }) } else { Ok(()) } // [PGL-01]
}

/// Whether `names` is `ANY n (…)` with at least one standby to wait for and n of them named. `*` is no name: it takes
/// the word of anybody who receives the log, also of what can never be promoted.
fn names_quorum(names: &str) -> bool {
    let Some((head, rest)) = names.split_once('(') else { return false };
    let Some(list) = rest.trim_end().strip_suffix(')') else { return false };
    let mut words = head.split_whitespace();
    let any = words.next().is_some_and(|word| word.eq_ignore_ascii_case("any"));
    let wanted = words.next().and_then(|word| word.parse::<usize>().ok()).unwrap_or(0);
    let names = || list.split(',').map(|name| name.trim().trim_matches('"')).filter(|name| !name.is_empty());
    let named = names().count();
    any && words.next().is_none() && wanted >= 1 && named >= wanted && names().all(|name| name != "*")
}

/// The content of `mutex`, also after a panic of another holder: what we guard is whole at every step.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_before_fifteen_is_refused() {
        assert_eq!(recent(150_018), Ok(()));
        assert_eq!(recent(180_000), Ok(()));
        let refused = recent(149_999).unwrap_err();
        assert_eq!((refused, refused.code()), (Unfit::Version { major: 14 }, "PGL-01"));
    }

    #[test]
    fn only_a_quorum_is_a_quorum() {
        for good in ["ANY 1 (s1, s2)", "any 2 (s1,s2,s3)", "ANY 1(\"s 1\")"] {
            assert!(names_quorum(good), "{good}");
        }
        let bad =
            ["", "*", "s1, s2", "FIRST 1 (s1, s2)", "1 (s1, s2)", "ANY 0 (s1)", "ANY 3 (s1, s2)", "ANY 1 ()"];
        for bad in bad {
            assert!(!names_quorum(bad), "{bad}");
        }
    }

    /// Whoever receives the log, and be it into a file, would count as a standby.
    #[test]
    fn anybody_is_no_standby() {
        for bad in ["ANY 1 (*)", "ANY 1(\"*\")", "ANY 1 (s1, *)", "ANY 2 ( * , s1, s2)"] {
            assert!(!names_quorum(bad), "{bad}");
        }
    }
}
