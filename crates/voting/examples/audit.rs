//! Audits an exported record: `audit FOLDER`. Prints V1 to V14 and the proofs that were checked.

use sinpyo_core::key::Entropy;
use sinpyo_tlog::tile::{Resource, TileId};
use sinpyo_voting::{
    audit::{OneThread, examine},
    record::{Record, RecordError},
};
use std::{error::Error, fs, path::PathBuf};

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
    let examined = examine(&Folder(folder.into()), &OneThread, &mut System)?;
    for verdict in &examined.report.verdicts {
        println!("{} {:?}", verdict.check, verdict.outcome);
        if let Some(first) = &verdict.first {
            println!("    {}: {} ({} in all)", first.item, first.reason, verdict.findings);
        }
    }
    for (kind, count) in examined.report.proofs.by_name() {
        println!("{kind} {count}");
    }
    println!(
        "{} entries, {} ballots, {}",
        examined.report.entries, examined.report.ballots, examined.report.phase
    );
    Ok(())
}
