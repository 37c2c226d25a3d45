//! Who may look at the files.

use crate::kept::{append, clock, private_folder};
use sinpyo_registry::engine_suite::Counting;
use sinpyo_store::{
    SqliteLog, SqlitePersonStore, SqliteState, SqliteWitnessStore,
    backup::{Kind, back_up, restore},
};
use sinpyo_tlog::witness::WitnessStore as _;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// All that SQLite has written: the names of what lies there, each of its owner alone.
fn private_files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = file.file_name().into_string().unwrap();
        if file.path().extension().is_none_or(|kind| kind != "lock") {
            assert_eq!(mode(&file.path()), 0o600, "{name}");
            names.push(name);
        }
    }
    names.sort();
    names
}

/// SECURITY SEC-03.
#[test]
fn files_and_backups_are_their_owners_alone() {
    let folder = private_folder();
    let path = |name: &str| folder.path().join(name);
    let log = SqliteLog::open(&path("log"), Counting, clock()).unwrap();
    append(&log, "+key an entry");
    let persons = SqlitePersonStore::open(&path("persons")).unwrap();
    let witnesses = SqliteWitnessStore::open(&path("witnesses")).unwrap();
    assert_eq!(witnesses.latest(&"log.example".parse().unwrap()).unwrap(), None);
    let state = SqliteState::open(&path("state")).unwrap();
    let kinds = [
        ("log", Kind::Log),
        ("persons", Kind::Persons),
        ("witnesses", Kind::Witnesses),
        ("state", Kind::State),
    ];
    for (name, kind) in kinds {
        let (copy, back) = (path(&format!("{name}-copy")), path(&format!("{name}-back")));
        // While it runs, too.
        back_up(kind, &path(name), &copy, &mut |_| drop(private_files(folder.path()))).unwrap();
        restore(kind, &copy, &back, &mut |_| {}).unwrap();
        let names = private_files(folder.path());
        for expected in
            [name.to_owned(), format!("{name}-wal"), format!("{name}-copy"), format!("{name}-back")]
        {
            assert!(names.contains(&expected), "{expected} in {names:?}");
        }
    }
    drop((log, persons, witnesses, state));
}

/// SECURITY SEC-03.
#[test]
fn persons_are_not_kept_where_others_can_look() {
    let folder = private_folder();
    let [open, private] = ["open", "private"].map(|name| folder.path().join(name));
    let make = |path: &Path, mode| {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    make(&private, 0o700);
    make(&open, 0o755);
    let kept = private.join("persons");
    drop(SqlitePersonStore::open(&kept).unwrap());
    for mode in [0o755, 0o750, 0o701, 0o707] {
        fs::set_permissions(&open, Permissions::from_mode(mode)).unwrap();
        let refused = SqlitePersonStore::open(&open.join("persons")).unwrap_err();
        assert_eq!(refused.code(), Some("STO-36"), "{mode:o}");
        let copied = back_up(Kind::Persons, &kept, &open.join("copy"), &mut |_| {}).unwrap_err();
        let restored = restore(Kind::Persons, &kept, &open.join("copy"), &mut |_| {}).unwrap_err();
        assert_eq!((copied.code(), restored.code()), (Some("STO-36"), Some("STO-36")));
        assert_eq!(fs::read_dir(&open).unwrap().count(), 0, "nothing was written");
    }
    // What is public may lie anywhere.
    assert!(SqliteLog::open(&open.join("log"), Counting, clock()).is_ok());
    fs::set_permissions(&open, Permissions::from_mode(0o700)).unwrap();
    back_up(Kind::Persons, &kept, &open.join("copy"), &mut |_| {}).unwrap();
}
