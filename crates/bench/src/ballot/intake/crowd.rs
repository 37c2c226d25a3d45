//! Many clients at a time, each with a connection and an address of its own.

use sinpyo_load::web::Http;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Does `job` for each number below `count`, `clients` at a time, until one fails.
pub(super) fn each(
    clients: u16,
    count: usize,
    job: &(dyn Fn(&mut Http, usize) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<()> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(None));
    let failure = || failed.lock().unwrap_or_else(PoisonError::into_inner);
    let work = |client: u16| {
        let mut http = Http::new(Arc::default(), client);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count || failure().is_some() {
                return;
            }
            if let Err(error) = job(&mut http, number) {
                failure().get_or_insert(error);
            }
        }
    };
    thread::scope(|scope| {
        for client in 1..=clients {
            scope.spawn(move || work(client));
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}
