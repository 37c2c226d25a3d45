//! Who is asked, how often at once: one server that keeps us waiting holds up nobody who asks another.

use std::{
    collections::{HashMap, HashSet},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
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
    names: HashSet<String>,
    servers: HashMap<String, usize>,
    slow: HashMap<String, Instant>,
}

/// What is being looked up; whoever wants the same waits until this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    name: String,
}

impl Turns {
    /// The turn to look `name` up; `None` if somebody else just did, after that.
    pub(super) fn take(&self, name: String) -> Option<Turn<'_>> {
        let mut going = self.going();
        if going.names.insert(name.clone()) {
            return Some(Turn { turns: self, name });
        }
        while going.names.contains(&name) {
            going = self.changed.wait(going).unwrap_or_else(PoisonError::into_inner);
        }
        None
    }

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

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.going().names.remove(&self.name);
        self.turns.changed.notify_all();
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
    fn what_somebody_looks_up_is_looked_up_once() {
        let turns = Turns::default();
        let turn = turns.take("list".to_owned()).unwrap();
        assert!(turns.take("other".to_owned()).is_some());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| turns.take("list".to_owned()).is_none());
            drop(turn);
            // Either it waited, or it came later.
            let _ = waiting.join().unwrap();
        });
        assert!(turns.take("list".to_owned()).is_some());
    }
}
