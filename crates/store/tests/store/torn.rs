//! What a power cut can leave behind: a write-ahead log that ends anywhere, a checkpoint half done.

use crate::kept::{append, audit, below, clock};
use sinpyo_core::key::Entropy;
use sinpyo_registry::engine_suite::Counting;
use sinpyo_store::{OpenError, SqliteLog};
use sinpyo_testkit::TestEntropy;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files of a log in the middle of its life.
struct Image {
    /// The database before any of the write-ahead log was copied into it, and after all of it was.
    before: Vec<u8>,
    after: Vec<u8>,
    wal: Vec<u8>,
    /// For each acknowledged entry: how long the write-ahead log was when the acknowledgement came.
    ends: Vec<usize>,
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn image() -> Image {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    // Closed once, so that the tables themselves are in the database.
    drop(SqliteLog::open(&path, Counting, clock()).unwrap());
    let log = SqliteLog::open(&path, Counting, clock()).unwrap();
    let wal = beside(&path, "-wal");
    let mut ends = Vec::new();
    for number in 0..300 {
        append(&log, &format!("+key{} n{number}", number % 20));
        ends.push(usize::try_from(fs::metadata(&wal).unwrap().len()).unwrap());
    }
    let (before, wal) = (fs::read(&path).unwrap(), fs::read(wal).unwrap());
    drop(log);
    Image { before, after: fs::read(&path).unwrap(), wal, ends }
}

/// Writes an image and opens it; the entries that are there.
fn entries(database: &[u8], wal: &[u8]) -> Result<Vec<String>, OpenError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    fs::write(&path, database).unwrap();
    fs::write(beside(&path, "-wal"), wal).unwrap();
    let log = SqliteLog::open(&path, Counting, clock())?;
    let entries = audit(&log, &path);
    append(&log, "+goes on");
    Ok(entries)
}

/// The entries acknowledged before byte `place` of the write-ahead log are there, whatever came of the rest.
fn check(found: Result<Vec<String>, OpenError>, image: &Image, place: usize) {
    let certain = image.ends.iter().filter(|end| **end <= place).count();
    match found {
        Ok(entries) => {
            assert!(entries.len() >= certain, "{} of {certain} entries are left", entries.len());
            for (number, entry) in entries.iter().enumerate() {
                assert!(entry.ends_with(&format!(" n{number}")), "{entry}");
            }
        }
        // A refusal that names its reason loses nothing: the files are as they were.
        Err(error) => assert!(error.code().is_some() || matches!(error, OpenError::Storage(_)), "{error:?}"),
    }
}

#[test]
fn a_write_ahead_log_that_ends_anywhere_keeps_what_is_before() {
    let (image, mut entropy) = (image(), TestEntropy::new(3));
    assert_eq!(entries(&image.before, &image.wal).unwrap().len(), 300, "undamaged");
    for _ in 0..60 {
        let place = below(image.wal.len(), &mut entropy);
        let found = entries(&image.before, &image.wal[..place]);
        assert!(found.is_ok(), "a torn tail is what power cuts leave: {found:?}");
        check(found, &image, place);
    }
}

#[test]
fn a_flipped_byte_in_the_write_ahead_log_keeps_what_is_before() {
    let (image, mut entropy) = (image(), TestEntropy::new(4));
    for _ in 0..60 {
        let place = below(image.wal.len(), &mut entropy);
        let mut wal = image.wal.clone();
        wal[place] ^= 1 << below(8, &mut entropy);
        check(entries(&image.before, &wal), &image, place);
    }
}

#[test]
fn stale_sectors_after_the_end_of_the_write_ahead_log_are_not_entries() {
    let (image, mut entropy) = (image(), TestEntropy::new(5));
    for _ in 0..30 {
        let place = below(image.wal.len(), &mut entropy);
        let mut wal = image.wal[..place].to_vec();
        let mut garbage = vec![0; below(20_000, &mut entropy)];
        entropy.fill(&mut garbage);
        wal.extend_from_slice(&garbage);
        check(entries(&image.before, &wal), &image, place);
    }
}

/// Any mixture of old and new sectors in the database is healed by the write-ahead log that is still there.
#[test]
fn a_half_written_checkpoint_loses_nothing() {
    const SECTOR: usize = 512;
    let (image, mut entropy) = (image(), TestEntropy::new(6));
    for _ in 0..40 {
        let mut database = image.before.clone();
        let longest = below(image.after.len() / SECTOR, &mut entropy) * SECTOR;
        database.resize(database.len().max(longest), 0);
        for start in (0..database.len().min(image.after.len())).step_by(SECTOR) {
            if below(2, &mut entropy) == 0 {
                let end = (start + SECTOR).min(image.after.len());
                database[start..end].copy_from_slice(&image.after[start..end]);
            }
        }
        assert_eq!(entries(&database, &image.wal).unwrap().len(), 300);
    }
}
