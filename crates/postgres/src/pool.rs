//! Connections for those who read, and for changes that are one statement.

use crate::{
    admission::{Node, locked},
    error::PgError,
    session::Session,
};
use std::{
    ops::Deref,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Most connections of a node that read, and most of them that hold a view of the state. Who holds a view may read
/// beside it; nobody who only reads waits for another connection, so that there is always one who ends.
const MOST: usize = 16;
const MOST_VIEWS: usize = 8;
/// How often a server that has no connection left is asked whether it has one.
const AGAIN: Duration = Duration::from_millis(100);

/// Connections that only read, opened when they are needed.
#[derive(Debug)]
pub(crate) struct Readers {
    node: Arc<Node>,
    connections: Mutex<Connections>,
    /// Whoever waits for a connection to read, and whoever waits for a view: each return wakes one of each.
    reads: Condvar,
    views: Condvar,
}

#[derive(Debug, Default)]
struct Connections {
    idle: Vec<Session>,
    leased: usize,
    views: usize,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// One answer.
    Read,
    /// A view, beside which its holder may read.
    View,
}

impl Readers {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node, connections: Mutex::default(), reads: Condvar::new(), views: Condvar::new() }
    }

    /// Runs `read` on a connection of its own; once more on a new one if the server had closed it.
    pub(crate) fn read<T>(&self, read: impl Fn(&Session) -> Result<T, PgError>) -> Result<T, PgError> {
        self.with(Use::Read, |lease| read(lease)).map(|(value, _)| value)
    }

    /// A connection with the value of the first read on it.
    pub(crate) fn with<T>(
        &self,
        purpose: Use,
        first: impl Fn(&Session) -> Result<T, PgError>,
    ) -> Result<(T, Lease<'_>), PgError> {
        let mut lease = self.lease(purpose)?;
        match first(&lease) {
            Err(PgError::Unavailable(_)) if lease.is_closed() => {
                // The server went away, and the other idle connections with it.
                self.forget_idle();
                lease.session = Some(self.node.connect()?);
                let value = first(&lease)?;
                Ok((value, lease))
            }
            outcome => outcome.map(|value| (value, lease)),
        }
    }

    /// Closes the connections that nobody uses.
    pub(crate) fn forget_idle(&self) {
        locked(&self.connections).idle.clear();
    }

    /// A connection, which the server may have closed meanwhile.
    pub(crate) fn lease(&self, purpose: Use) -> Result<Lease<'_>, PgError> {
        let is_view = purpose == Use::View;
        let free = |connections: &mut Connections| {
            connections.leased == MOST || is_view && connections.views == MOST_VIEWS
        };
        let returned = if is_view { &self.views } else { &self.reads };
        let waiting =
            returned.wait_timeout_while(locked(&self.connections), self.node.options.patience, free);
        let (mut connections, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(PgError::late());
        }
        connections.leased += 1;
        connections.views += usize::from(is_view);
        // An old primary that was only cut off still answers, with what was.
        connections.idle.retain(|session| self.node.superseded(session).is_none());
        let session = connections.idle.pop();
        drop(connections);
        let mut lease = Lease { readers: self, purpose, session };
        if lease.session.is_none() {
            lease.session = Some(self.another()?);
        }
        Ok(lease)
    }

    /// A new connection; where the server has none left for this node, because there are many nodes or few connections,
    /// one that somebody returns.
    fn another(&self) -> Result<Session, PgError> {
        let mut waited = Duration::ZERO;
        loop {
            match self.node.connect() {
                Err(error) if error.is_crowded() && waited < self.node.options.patience => {} // [PGL-22]
                outcome => return outcome,
            }
            let none = |connections: &mut Connections| connections.idle.is_empty();
            let returned = self.reads.wait_timeout_while(locked(&self.connections), AGAIN, none);
            let (mut connections, _) = returned.unwrap_or_else(PoisonError::into_inner);
            if let Some(session) = connections.idle.pop() {
                return Ok(session);
            }
            waited += AGAIN;
        }
    }
}

/// A reading connection, borrowed from [`Readers`].
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    readers: &'a Readers,
    purpose: Use,
    /// `None` only while it is made and dropped.
    session: Option<Session>,
}

impl Deref for Lease<'_> {
    type Target = Session;

    #[expect(clippy::expect_used, reason = "the session leaves in `drop` only")]
    fn deref(&self) -> &Session {
        self.session.as_ref().expect("a lease holds its session")
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        // A view ends its transaction; where that fails, the connection ends with it.
        let usable = |session: &Session| self.purpose == Use::Read || session.batch("ROLLBACK").is_ok();
        let session = self.session.take().filter(|session| session.is_open() && usable(session));
        let mut connections = locked(&self.readers.connections);
        connections.leased -= 1;
        connections.views -= usize::from(self.purpose == Use::View);
        connections.idle.extend(session);
        drop(connections);
        self.readers.reads.notify_one();
        self.readers.views.notify_one();
    }
}
