//! Who is asked, how often at once: one server that keeps us waiting holds up nobody who asks another, and what many want
//! is looked up once.

use std::{
    collections::HashMap,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

/// Questions to one server at once, and to all.
const OF_ONE: usize = 4;
const OF_ALL: usize = 32;
/// Longest time that a question waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);
/// A server that fails after so long is slow, and is left alone for a while.
const SLOW: Duration = Duration::from_secs(2);
const ALONE: Duration = Duration::from_secs(30);
/// Most slow servers that are remembered.
const MOST: usize = 4096;

/// The questions that are being asked.
#[derive(Debug, Default)]
pub(super) struct Turns {
    going: Mutex<Going>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Going {
    servers: HashMap<String, usize>,
    slow: HashMap<String, Instant>,
}

impl Turns {
    /// Asks the server of `url`; `None` if it is too busy with us, or was too slow a moment ago.
    pub(super) fn ask<T, E>(&self, url: &str, ask: impl FnOnce() -> Result<T, E>) -> Option<Result<T, E>> {
        let server = server_of(url);
        let (until, mut going) = (Instant::now() + PATIENCE, self.going());
        loop {
            if going.slow.get(server).is_some_and(|since| since.elapsed() < ALONE) {
                return None; // [CLI-32]
            }
            let all: usize = going.servers.values().sum();
            if all < OF_ALL && going.servers.get(server).is_none_or(|count| *count < OF_ONE) {
                break;
            }
            let left = until.checked_duration_since(Instant::now())?;
            going = self.changed.wait_timeout(going, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        *going.servers.entry(server.to_owned()).or_default() += 1;
        drop(going);
        let (begun, asking) = (Instant::now(), Asking { turns: self, server });
        let answer = ask();
        if answer.is_err() && begun.elapsed() >= SLOW {
            let slow = &mut self.going().slow;
            if slow.len() >= MOST {
                slow.retain(|_, since| since.elapsed() < ALONE);
            }
            if slow.len() < MOST {
                slow.insert(server.to_owned(), Instant::now());
            }
        }
        drop(asking);
        Some(answer)
    }

    fn going(&self) -> MutexGuard<'_, Going> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Asking<'t> {
    turns: &'t Turns,
    server: &'t str,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut going = self.turns.going();
        if let Some(count) = going.servers.get_mut(self.server) {
            *count = count.saturating_sub(1);
        }
        going.servers.retain(|_, count| *count > 0);
        drop(going);
        self.turns.changed.notify_all();
    }
}

/// What is being looked up, by name.
#[derive(Debug)]
pub(super) struct Shared<T>(Mutex<HashMap<String, Arc<OnceLock<T>>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Shared<T> {
    /// What `look` finds; whoever wants the same meanwhile waits for it and gets it too, whether it can be kept or not.
    pub(super) fn find(&self, name: &str, look: impl FnOnce() -> T) -> T {
        let going = Arc::clone(self.going().entry(name.to_owned()).or_default());
        let found = going.get_or_init(look).clone();
        // Whoever comes from now on looks anew.
        let mut all = self.going();
        if all.get(name).is_some_and(|other| Arc::ptr_eq(other, &going)) {
            all.remove(name);
        }
        found
    }

    fn going(&self) -> MutexGuard<'_, HashMap<String, Arc<OnceLock<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Scheme, host and port.
fn server_of(url: &str) -> &str {
    let path = url.find("://").map_or(0, |at| at + 3);
    let length = url.get(path..).and_then(|rest| rest.find(['/', '?', '#']));
    length.and_then(|length| url.get(..path + length)).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, thread};

    #[test]
    fn a_server_that_answers_nothing_holds_up_nobody_else() {
        let turns = Turns::default();
        thread::scope(|scope| {
            let (begun, has_begun) = mpsc::channel();
            let mut held = Vec::new();
            for _ in 0..OF_ONE {
                let (stop, stopped) = mpsc::channel::<()>();
                held.push(stop);
                let (turns, begun) = (&turns, begun.clone());
                scope.spawn(move || {
                    turns.ask("https://tarpit.example:9/did.json", || {
                        begun.send(()).unwrap();
                        stopped.recv()
                    })
                });
            }
            for _ in 0..OF_ONE {
                has_begun.recv().unwrap();
            }
            assert!(turns.ask("https://tarpit.example:9/other", || Ok::<_, ()>(())).is_none());
            let clock = Instant::now();
            assert_eq!(turns.ask("https://honest.example/did.json", || Ok::<_, ()>(1)), Some(Ok(1)));
            assert!(clock.elapsed() < PATIENCE);
            // They fail, after longer than is borne.
            held.clear();
        });
        let clock = Instant::now();
        assert!(turns.ask("https://tarpit.example:9/did.json", || Ok::<_, ()>(())).is_none());
        assert!(clock.elapsed() < PATIENCE);
    }

    #[test]
    fn what_many_want_is_looked_up_once_for_all() {
        const MANY: usize = 8;
        let shared = Shared::default();
        let (finish, finished) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let (begun, has_begun) = mpsc::channel();
            let shared = &shared;
            let first = scope.spawn(move || {
                shared.find("list", || {
                    begun.send(()).unwrap();
                    let _ = finished.recv();
                    1
                })
            });
            has_begun.recv().unwrap();
            let others: Vec<_> = (1..MANY).map(|_| scope.spawn(|| shared.find("list", || 2))).collect();
            assert_eq!(shared.find("other", || 3), 3, "who wants something else does not wait");
            // All of them wait once each holds what is to come, beside the map.
            while shared.going().get("list").map_or(0, Arc::strong_count) <= MANY {
                thread::yield_now();
            }
            drop(finish);
            assert_eq!(first.join().unwrap(), 1);
            assert!(others.into_iter().all(|other| other.join().unwrap() == 1));
        });
        assert_eq!(shared.find("list", || 4), 4, "whoever comes later looks anew");
        assert!(shared.going().is_empty());
    }
}
