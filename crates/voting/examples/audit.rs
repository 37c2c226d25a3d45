//! Audits an exported record: `audit FOLDER`. Prints V1 to V14 and the proofs that were checked.

#![expect(clippy::disallowed_methods, reason = "an edge: it reads a clock")]

use sinpyo_core::key::Entropy;
use sinpyo_tlog::tile::{Resource, TileId};
use sinpyo_voting::{
    audit::{Machine, examine},
    record::{Record, RecordError},
};
use std::{
    error::Error,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

struct Folder(PathBuf);

impl Folder {
    fn read(&self, name: &str, position: u64) -> Result<Vec<u8>, RecordError> {
        fs::read(self.0.join(name)).map_err(|error| RecordError::new(position, error))
    }
}

impl Record for Folder {
    fn checkpoint(&self) -> Result<String, RecordError> {
        let text = self.read("checkpoint", 0)?;
        String::from_utf8(text).map_err(|error| RecordError::new(0, error))
    }

    fn bundle(&self, id: TileId) -> Result<Vec<u8>, RecordError> {
        self.read(&Resource::Entries(id).to_string(), id.row_range().start)
    }
}

struct Threads(Instant);

impl Machine for Threads {
    fn run(&self, count: usize, job: &(dyn Fn(usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let work = || {
            loop {
                let mine = next.fetch_add(1, Ordering::Relaxed);
                if mine >= count {
                    break;
                }
                job(mine);
            }
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(work);
            }
        });
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

struct System;

impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) {
        use std::io::Read as _;
        let read = fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(out));
        if read.is_err() {
            std::process::abort();
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    let examined = examine(&Folder(folder.into()), &Threads(Instant::now()), &mut System)?;
    for verdict in &examined.report.verdicts {
        println!("{} {:?}", verdict.check, verdict.outcome);
        if let Some(first) = &verdict.first {
            println!("    {}: {} ({} in all)", first.item, first.reason, verdict.findings);
        }
    }
    for (kind, count) in examined.report.proofs.by_name() {
        println!("{kind} {count}");
    }
    for (stage, took) in &examined.report.took {
        println!("{} {took:?}", stage.as_str());
    }
    println!(
        "{} entries, {} ballots, {}",
        examined.report.entries, examined.report.ballots, examined.report.phase
    );
    Ok(())
}
