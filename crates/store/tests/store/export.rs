//! Exported folders: the layout, and what is wrong with damaged ones.

use crate::{
    crash::{acknowledged_by_killed, child_folder, kill_rounds, log_file, say},
    kept::{append, below, clock},
    open::signed,
};
use sinpyo_registry::engine::{LogEngine, Opaque};
use sinpyo_store::{
    MemoryLog, SqliteLog,
    export::{Export, ExportError, ReadExportError, export},
};
use sinpyo_testkit::TestEntropy;
use sinpyo_tlog::merkle::{Frontier, Hash, TreeHead};
use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::Path,
};

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
    check("tile/entries/001", |bundle| bundle.truncate(11 * 9), ("STO-20", 256));
    check("tile/entries/001", |bundle| bundle.truncate(11 * 9 + 1), ("STO-20", 256));
    check("tile/entries/001", |bundle| bundle.truncate(11 * 9 + 5), ("STO-20", 256));
    check("tile/entries/001", |bundle| bundle.extend_from_slice(b"\x00\x01x"), ("STO-20", 256));
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

/// Lets `log` grow to `size` entries and publishes.
fn grow(log: &MemoryLog, size: u64) {
    let from = log.head().unwrap().size;
    log.append((from..size).map(|n| format!("entry {n}").into_bytes()).collect());
    log.publish(&signed(log.head().unwrap())).unwrap();
}

#[test]
fn only_what_is_new_is_written_and_outgrown_tiles_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let log = log(300);
    export(&log, folder.path()).unwrap();
    assert!(path("tile/0/001.p/44").exists() && path("tile/entries/001.p/44").exists());
    let inode = |name: &str| fs::metadata(path(name)).unwrap().ino();
    let before = ["tile/0/000", "tile/entries/000", "tile/1/000.p/1"].map(inode);
    // If it were read again, the damage would be mended.
    fs::write(path("tile/0/000"), "not read again").unwrap();
    grow(&log, 310);
    export(&log, folder.path()).unwrap();
    assert!(path("tile/0/001.p/44").exists(), "a published size that is not full yet stays");
    grow(&log, 520);
    export(&log, folder.path()).unwrap();
    assert!(!path("tile/0/001.p").exists() && !path("tile/entries/001.p").exists());
    assert_eq!(["tile/0/000", "tile/entries/000", "tile/1/000.p/1"].map(inode), before);
    assert_eq!(fs::read(path("tile/0/000")).unwrap(), b"not read again");
    assert!(path("tile/0/002.p/8").exists() && path("tile/1/000.p/2").exists());
}

#[test]
fn a_folder_of_another_log_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let ours = log(300);
    export(&ours, folder.path()).unwrap();
    let checkpoint = fs::read(folder.path().join("checkpoint")).unwrap();
    let fork = MemoryLog::new(Opaque, clock());
    append(&fork, "another beginning");
    grow(&fork, 400);
    let refused = export(&fork, folder.path()).unwrap_err();
    assert!(matches!(refused, ExportError::Foreign), "{refused:?}");
    assert_eq!(refused.code(), Some("STO-31"));
    let gone_back = export(&log(299), folder.path()).unwrap_err();
    assert!(matches!(gone_back, ExportError::Ahead { shown: 300 }), "{gone_back:?}");
    assert_eq!(gone_back.code(), Some("STO-31"));
    assert_eq!(fs::read(folder.path().join("checkpoint")).unwrap(), checkpoint);
    assert_eq!(read(folder.path()).unwrap().len(), 300);
    // The same entries under another name are another log.
    let renamed = String::from_utf8(checkpoint).unwrap().replace("log.example", "oth.example");
    fs::write(folder.path().join("checkpoint"), renamed).unwrap();
    assert_eq!(export(&ours, folder.path()).unwrap_err().code(), Some("STO-31"));
    fs::write(folder.path().join("checkpoint"), "no checkpoint").unwrap();
    assert_eq!(export(&ours, folder.path()).unwrap_err().code(), Some("STO-22"));
}

#[test]
fn one_export_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let log = log(3);
    export(&log, folder.path()).unwrap();
    let lock = fs::File::open(folder.path().join(".export.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(export(&log, folder.path()).unwrap_err().code(), Some("STO-32"));
    drop(lock);
    assert!(export(&log, folder.path()).is_ok());
}

/// A folder that others can write to does not lead the export elsewhere.
#[test]
fn links_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (root, outside) = (folder.path().join("export"), folder.path().join("outside"));
    fs::create_dir_all(root.join("tile/0")).unwrap();
    fs::create_dir(&outside).unwrap();
    let victim = outside.join("victim");
    fs::write(&victim, "untouched").unwrap();
    for name in ["tile/0/000", "tile/0/000.new", "checkpoint.new"] {
        symlink(&victim, root.join(name)).unwrap();
    }
    let log = log(300);
    export(&log, &root).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"untouched");
    assert!(root.join("tile/0/000").symlink_metadata().unwrap().is_file());
    assert_eq!(read(&root).unwrap().len(), 300);
    // A folder that is a link.
    fs::remove_dir_all(root.join("tile/entries")).unwrap();
    symlink(&outside, root.join("tile/entries")).unwrap();
    grow(&log, 400);
    assert!(matches!(export(&log, &root), Err(ExportError::File(_))));
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "nothing was written behind the link");
    let shown = Export::open(&root).unwrap().checkpoint().claimed_head().size;
    assert_eq!(shown, 300, "and nothing was promised");
}

#[test]
fn a_folder_in_the_place_of_a_file_stops_the_export() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("tile/0/000.p/3/in the way")).unwrap();
    assert!(matches!(export(&log(3), folder.path()), Err(ExportError::File(_))));
    assert!(!folder.path().join("checkpoint").exists());
    fs::write(folder.path().join("a file"), "").unwrap();
    assert!(matches!(export(&log(3), &folder.path().join("a file")), Err(ExportError::File(_))));
}

/// Appends, publishes and exports for ever, going on where the files are; true if this process is a child.
fn is_child() -> bool {
    let Some(folder) = child_folder() else { return false };
    let log = SqliteLog::open(&log_file(&folder), Opaque, clock()).unwrap();
    for size in (log.head().unwrap().size + 7..).step_by(97) {
        let from = log.head().unwrap().size;
        log.append((from..size).map(|n| format!("entry {n}").into_bytes()).collect());
        log.publish(&signed(log.head().unwrap())).unwrap();
        export(&log, &folder.join("export")).unwrap();
        say(&format!("ack {size}"));
    }
    true
}

#[test]
fn a_killed_export_is_a_log_that_its_files_bear_out() {
    if is_child() {
        return;
    }
    let mut entropy = TestEntropy::new(8);
    let mut folder = tempfile::tempdir().unwrap();
    for round in 0..kill_rounds() {
        if round % 5 == 0 {
            folder = tempfile::tempdir().unwrap();
        }
        let test = "export::a_killed_export_is_a_log_that_its_files_bear_out";
        let said = acknowledged_by_killed(test, folder.path(), 1 + below(6, &mut entropy));
        let acknowledged: u64 = said.last().unwrap().parse().unwrap();
        let root = folder.path().join("export");
        let entries = read(&root).unwrap();
        let shown = Export::open(&root).unwrap().checkpoint().claimed_head();
        assert_eq!(shown, head_of(&entries), "round {round}");
        assert!(shown.size >= acknowledged, "round {round}: {} of {acknowledged}", shown.size);
    }
}
