//! Exported folders: the layout, and what is wrong with damaged ones.

use crate::{
    kept::{append, clock},
    open::signed,
};
use sinpyo_registry::engine::{LogEngine, Opaque};
use sinpyo_store::{
    MemoryLog,
    export::{Export, ExportError, ReadExportError, export},
};
use sinpyo_tlog::merkle::{Frontier, Hash, TreeHead};
use std::{fs, path::Path};

/// A log of `size` entries with a published checkpoint.
fn log(size: u64) -> MemoryLog {
    let log = MemoryLog::new(Opaque, clock());
    log.append((0..size).map(|n| format!("entry {n}").into_bytes()).collect());
    log.publish(&signed(log.head().unwrap())).unwrap();
    log
}

fn read(folder: &Path) -> Result<Vec<Vec<u8>>, ReadExportError> {
    Export::open(folder)?.entries().collect()
}

fn head_of(entries: &[Vec<u8>]) -> TreeHead {
    let mut frontier = Frontier::new();
    for entry in entries {
        frontier.append(Hash::leaf(entry));
    }
    frontier.head()
}

#[test]
fn an_export_reads_back() {
    for size in [0, 1, 255, 256, 257, 600] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("deep/er");
        let log = log(size);
        assert_eq!(export(&log, &root).unwrap(), log.head().unwrap());
        let entries = read(&root).unwrap();
        assert_eq!(entries, log.entries(0..size).unwrap());
        let open = Export::open(&root).unwrap();
        assert_eq!(open.checkpoint().claimed_head(), head_of(&entries));
    }
}

/// Names and bytes as the specification has them [C2SP tlog-tiles].
#[test]
fn the_layout_is_that_of_tlog_tiles() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(600);
    export(&log, folder.path()).unwrap();
    let length = |name: &str| fs::metadata(folder.path().join(name)).unwrap().len();
    assert_eq!(length("tile/0/000"), 8192);
    assert_eq!(length("tile/0/001"), 8192);
    assert_eq!(length("tile/0/002.p/88"), 88 * 32);
    assert_eq!(length("tile/1/000.p/2"), 64);
    let bundle = fs::read(folder.path().join("tile/entries/000")).unwrap();
    assert!(bundle.starts_with(b"\x00\x07entry 0\x00\x07entry 1"));
    assert!(fs::read(folder.path().join("tile/entries/002.p/88")).unwrap().ends_with(b"\x00\x09entry 599"));
    let text = fs::read_to_string(folder.path().join("checkpoint")).unwrap();
    assert!(text.starts_with("log.example\n600\n"), "{text}");
}

#[test]
fn an_export_grows_with_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(300);
    export(&log, folder.path()).unwrap();
    log.append((300..520).map(|n| format!("entry {n}").into_bytes()).collect());
    assert_eq!(export(&log, folder.path()).unwrap().size, 300, "no further than the checkpoint");
    log.publish(&signed(log.head().unwrap())).unwrap();
    export(&log, folder.path()).unwrap();
    assert_eq!(read(folder.path()).unwrap(), log.entries(0..520).unwrap());
}

#[test]
fn nothing_published_is_nothing_to_export() {
    let folder = tempfile::tempdir().unwrap();
    let log = MemoryLog::new(Opaque, clock());
    append(&log, "entry 0");
    assert!(matches!(export(&log, folder.path()), Err(ExportError::NothingPublished)));
    assert!(!folder.path().join("checkpoint").exists());
}

/// Exports 600 entries, changes the file `name` with `damage`, and reads.
fn damaged(name: &str, damage: impl Fn(&mut Vec<u8>)) -> (Vec<Vec<u8>>, ReadExportError) {
    let folder = tempfile::tempdir().unwrap();
    export(&log(600), folder.path()).unwrap();
    let path = folder.path().join(name);
    let mut content = fs::read(&path).unwrap();
    damage(&mut content);
    fs::write(&path, content).unwrap();
    let mut good = Vec::new();
    for entry in Export::open(folder.path()).unwrap().entries() {
        match entry {
            Ok(entry) => good.push(entry),
            Err(error) => return (good, error),
        }
    }
    panic!("{name}: damage was not noticed");
}

fn check(name: &str, damage: impl Fn(&mut Vec<u8>), expected: (&str, u64)) {
    let (good, error) = damaged(name, damage);
    assert_eq!((error.code().unwrap(), error.position().unwrap()), expected, "{name}: {error}");
    // The tiles above the leaves are complete, and compared, only later.
    let below = name.starts_with("tile/0") || name.starts_with("tile/entries");
    assert!(!below || u64::try_from(good.len()).unwrap() <= expected.1, "something in doubt was handed out");
}

#[test]
fn a_flipped_byte_is_refused_with_its_position() {
    // "entry 0" and its length take 9 bytes, ten such, then 10 bytes each to "entry 99".
    check("tile/entries/000", |bundle| bundle[9 * 10 + 10 * 5 + 3] ^= 1, ("STO-21", 15));
    check("tile/entries/002.p/88", |bundle| *bundle.last_mut().unwrap() ^= 1, ("STO-21", 599));
    check("tile/0/001", |tile| tile[32 * 3 + 31] ^= 1, ("STO-21", 256 + 3));
    check("tile/0/002.p/88", |tile| tile[0] ^= 0x80, ("STO-21", 512));
    check("tile/1/000.p/2", |tile| tile[32] ^= 1, ("STO-21", 256));
}

#[test]
fn a_bundle_that_ends_elsewhere_is_refused() {
    check("tile/entries/001", |bundle| bundle.truncate(11 * 9), ("STO-20", 256 + 9));
    check("tile/entries/001", |bundle| bundle.truncate(11 * 9 + 1), ("STO-20", 256 + 9));
    check("tile/entries/001", |bundle| bundle.truncate(11 * 9 + 5), ("STO-20", 256 + 9));
    check("tile/entries/001", |bundle| bundle.extend_from_slice(b"\x00\x01x"), ("STO-20", 512));
    check("tile/0/001", |tile| tile.truncate(8191), ("STO-21", 511));
    check("tile/0/002.p/88", |tile| tile.push(0), ("STO-21", 512));
}

#[test]
fn a_missing_file_is_refused_with_its_position() {
    for (name, position) in [
        ("tile/entries/000", 0),
        ("tile/entries/002.p/88", 512),
        ("tile/0/001", 256),
        ("tile/0/002.p/88", 512),
        ("tile/1/000.p/2", 0),
        ("checkpoint", 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        export(&log(600), folder.path()).unwrap();
        fs::remove_file(folder.path().join(name)).unwrap();
        let error = read(folder.path()).unwrap_err();
        assert_eq!((error.code(), error.position()), (Some("STO-19"), Some(position)), "{name}");
    }
}

#[test]
fn a_checkpoint_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    export(&log(3), folder.path()).unwrap();
    let path = folder.path().join("checkpoint");
    let good = fs::read(&path).unwrap();
    let claims_more =
        String::from_utf8(good.clone()).unwrap().replacen("\n3\n", "\n9223372036854775808\n", 1);
    for bad in [&b""[..], b"log.example\n3\n", &good[..good.len() - 20], b"\xff\xfe"] {
        fs::write(&path, bad).unwrap();
        assert_eq!(Export::open(folder.path()).unwrap_err().code(), Some("STO-22"));
    }
    fs::write(&path, claims_more).unwrap();
    assert_eq!(read(folder.path()).unwrap_err().code(), Some("STO-19"), "and no endless reading");
}
