//! A disk that is really full: a file system of four mebibytes that only a child sees.

use crate::{
    crash::{child, child_folder, log_file, variable},
    kept::{append, audit, clock},
};
use sinpyo_registry::{
    engine::{AppendError, EngineError, LogEngine},
    engine_suite::Counting,
};
use sinpyo_store::{SqliteLog, StorageError};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Runs what follows with a small file system mounted on the first argument.
const MOUNTED: [&str; 5] =
    ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=4m none \"$0\" && exec \"$@\""];

/// Whether we may mount; where everything is required, we must.
fn can_mount(folder: &Path) -> bool {
    let [program, arguments @ ..] = MOUNTED;
    let tried = Command::new(program).args(arguments).arg(folder).arg("true").stderr(Stdio::null()).status();
    let works = tried.is_ok_and(|status| status.success());
    if !works {
        assert!(variable("SINPYO_REQUIRE_ALL").as_deref() != Some("1"), "mounting is required");
        eprintln!("skipped: a file system cannot be mounted here");
    }
    works
}

/// SECURITY LED-05: refusals while the disk is full, reading goes on, and writing by itself once there is space.
#[test]
fn a_full_disk_refuses_reads_and_recovers() {
    if let Some(folder) = child_folder() {
        return fill(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    if !can_mount(folder.path()) {
        return;
    }
    let mounted = [&MOUNTED[..], &[folder.path().to_str().unwrap()]].concat();
    let mut child = child("disk::a_full_disk_refuses_reads_and_recovers", folder.path(), 0, &mounted);
    let output = child.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(!log_file(folder.path()).exists(), "the child had a file system of its own");
}

fn fill(folder: &Path) {
    let (path, ballast) = (log_file(folder), folder.join("ballast"));
    let log = SqliteLog::open(&path, Counting, clock()).unwrap();
    fs::write(&ballast, vec![0; 2 << 20]).unwrap();
    let submission = |n: u64| format!("+key{} n{n} {}", n % 9, "x".repeat(2_000)).into_bytes();
    let mut accepted = 0;
    let refused = loop {
        match log.append(vec![submission(accepted)]).remove(0) {
            Ok(appended) => assert_eq!(appended.index, accepted),
            Err(refused) => break refused,
        }
        accepted += 1;
        assert!(accepted < 10_000, "the disk never filled up");
    };
    let AppendError::Engine(EngineError::Storage(cause)) = refused else { panic!("{refused:?}") };
    assert_eq!(cause.downcast_ref(), Some(&StorageError::Full));
    assert_eq!(log.head().unwrap().size, accepted);
    assert_eq!(
        log.entries(0..accepted).unwrap().len(),
        usize::try_from(accepted).unwrap(),
        "reading goes on"
    );
    fs::remove_file(ballast).unwrap();
    let goes_on = String::from_utf8(submission(accepted)).unwrap();
    assert_eq!(append(&log, &goes_on), accepted, "the same handle, without help");
    drop(log);
    let log = SqliteLog::open(&path, Counting, clock()).unwrap();
    assert_eq!(u64::try_from(audit(&log, &path).len()).unwrap(), accepted + 1);
}
