//! Writes records of small elections, good ones and such with one fault each, for other verifiers: `records FOLDER`.
//!
//! `index.json` lists name, folder, expected verdicts, and for faults whether no other check may object.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "makes records for tests"
)]

#[path = "../tests/voting/mutants/mod.rs"]
mod mutants;
#[path = "../tests/voting/people.rs"]
mod people;
#[path = "../tests/voting/record_of.rs"]
mod record_of;
#[path = "../tests/voting/world/mod.rs"]
mod world;

use mutants::{Originals, of};
use serde_json::{Map, Value, json};
use sinpyo_tlog::{
    edge::Edge,
    merkle::Hash,
    tile::{EntryBundle, Resource, TileId},
};
use sinpyo_voting::{
    audit::Check,
    record::{MemoryRecord, Record as _},
};
use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let originals = Originals::new();
    let mut index = Vec::new();
    for (name, world) in
        [("usual", &originals.usual), ("first", &originals.first), ("token", &originals.token)]
    {
        export(&folder.join(name), &world.record())?;
        index.push(line(name, None));
    }
    for check in Check::ALL {
        for mutant in of(check, &originals) {
            export(&folder.join(&mutant.name), &mutant.record)?;
            index.push(line(&mutant.name, Some(mutant.check)));
        }
    }
    fs::write(folder.join("index.json"), serde_json::to_vec_pretty(&index)?)?;
    Ok(())
}

fn line(name: &str, fails: Option<Check>) -> Value {
    let expected: Map<String, Value> =
        Check::ALL.into_iter().map(|check| (check.name().to_owned(), json!(Some(check) != fails))).collect();
    json!({"expected": expected, "folder": name, "name": name, "only": true})
}

/// A static export [C2SP tlog-tiles].
fn export(folder: &Path, record: &MemoryRecord) -> Result<(), Box<dyn Error>> {
    let entries = record.entries();
    let mut edge = Edge::empty();
    let mut tiles: Vec<(TileId, Vec<u8>)> = Vec::new();
    for entry in entries {
        edge.append(Hash::leaf(entry), |id, content| {
            tiles.push((id, content.to_vec()));
            Ok::<_, std::convert::Infallible>(())
        })?;
    }
    tiles.extend(edge.take_changed().map(|(id, content)| (id, content.to_vec())));
    write(&folder.join("checkpoint"), record.checkpoint()?.as_bytes())?;
    for (id, content) in tiles {
        write(&folder.join(Resource::Tile(id).to_string()), &content)?;
        if id.level() == 0 {
            let range = id.row_range();
            let own = entries[usize::try_from(range.start)?..usize::try_from(range.end)?].to_vec();
            write(&folder.join(Resource::Entries(id).to_string()), &EntryBundle::new(own)?.to_bytes())?;
        }
    }
    Ok(())
}

fn write(path: &Path, content: &[u8]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(path.parent().ok_or("no folder")?)?;
    Ok(fs::write(path, content)?)
}
