//! The system calls behind an acknowledgement, and what follows when they fail.

use crate::crash::{Said, child, is_child, log_file, run, unsynced, variable};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
    process::{Command, Stdio},
};

/// Whether `strace` works here; where everything is required, it must.
fn has_strace() -> bool {
    let tried = Command::new("strace").args(["-f", "true"]).stderr(Stdio::null()).status();
    let works = tried.is_ok_and(|status| status.success());
    if !works {
        assert!(variable("SINPYO_REQUIRE_ALL").as_deref() != Some("1"), "strace is required");
        eprintln!("skipped: strace is not installed or not permitted");
    }
    works
}

/// What one pass over a trace found.
#[derive(Debug, Default)]
struct Trace {
    acknowledged: usize,
    /// Submissions acknowledged before a sync covered them.
    early: Vec<String>,
}

impl Trace {
    /// Reads the trace of a child, in the order in which things happened.
    ///
    /// A sync covers what was written to the write-ahead log before the sync began, from its return on.
    fn read(trace: &str) -> Self {
        let mut found = Self::default();
        let (mut written, mut synced) = (HashSet::new(), HashSet::new());
        // By thread: what the system call under way will have done when it returns 0 or more.
        let mut under_way: HashMap<&str, (bool, HashSet<&str>)> = HashMap::new();
        for line in trace.lines() {
            let (thread, call) = line.split_once(' ').unwrap();
            let call = call.trim_start();
            let to_wal = call.split(',').next().unwrap().contains("-wal>");
            if call.starts_with("pwrite64(") && to_wal {
                under_way.insert(thread, (false, submissions(call)));
            } else if (call.starts_with("fsync(") || call.starts_with("fdatasync(")) && to_wal {
                under_way.insert(thread, (true, written.clone()));
            } else if call.starts_with("write(1") && call.contains("\"ack ") {
                let told = submissions(call);
                found.acknowledged += told.len();
                let early = told.into_iter().filter(|sent| !synced.contains(sent));
                found.early.extend(early.map(str::to_owned));
            }
            if call.contains("<unfinished") || call.contains(" = -1 ") {
                continue;
            }
            match under_way.remove(thread) {
                Some((true, covered)) => synced.extend(covered),
                Some((false, content)) => written.extend(content),
                None => {}
            }
        }
        found
    }
}

/// The submissions, `r0c1n2;`, whose bytes a line shows.
fn submissions(line: &str) -> HashSet<&str> {
    let marks = line.split([' ', '\\', '"']).filter_map(|word| word.split_once(';').map(|(mark, _)| mark));
    marks.filter(|mark| mark.starts_with('r') && mark.contains('c') && mark.contains('n')).collect()
}

/// Lets a child append under strace and reads the trace.
fn traced(test: &str, prepare: impl Fn(&mut Command)) -> Trace {
    let folder = tempfile::tempdir().unwrap();
    let (said, found) = trace(test, folder.path(), prepare);
    assert_eq!(said.end, Some(160));
    said.check(folder.path());
    found
}

/// What a child of four clients and 40 steps each said in `folder`, and its trace.
fn trace(test: &str, folder: &Path, prepare: impl Fn(&mut Command)) -> (Said, Trace) {
    let trace = folder.join("trace");
    let calls = "trace=write,pwrite64,fsync,fdatasync";
    let strace = ["strace", "-f", "-y", "-s", "5000", "-e", calls, "-o", trace.to_str().unwrap()];
    let mut command = child(test, folder, 40, &strace);
    prepare(&mut command);
    let said = run(command);
    let found = Trace::read(&fs::read_to_string(trace).unwrap());
    assert_eq!(found.acknowledged, 160, "the trace shows every acknowledgement");
    (said, found)
}

#[test]
fn a_change_is_acknowledged_after_the_sync_that_covers_it() {
    if crate::state::is_child() || !has_strace() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "strace::a_change_is_acknowledged_after_the_sync_that_covers_it";
    let (said, found) = trace(test, folder.path(), |_| {});
    assert_eq!(found.early, Vec::<String>::new());
    assert!(said.errors.is_empty(), "{:?}", said.errors);
}

#[test]
fn an_acknowledgement_follows_the_sync_that_covers_it() {
    if is_child() || !has_strace() {
        return;
    }
    let found = traced("strace::an_acknowledgement_follows_the_sync_that_covers_it", |_| {});
    assert_eq!(found.early, Vec::<String>::new());
}

/// The twin of the test above: without syncing, every acknowledgement is early.
#[test]
fn without_syncing_the_same_check_fails() {
    if is_child() || !has_strace() {
        return;
    }
    let found = traced("strace::without_syncing_the_same_check_fails", unsynced);
    assert_eq!(found.early.len(), 160);
}

/// Runs a child of four clients and 40 appends each whose calls on the write-ahead log fail as `inject` says.
fn with_failures(test: &str, folder: &Path, inject: &str) -> Said {
    let wal = format!("{}-wal", log_file(folder).display());
    let (calls, _) = inject.split_once(':').unwrap();
    let (trace, inject) = (format!("trace={calls}"), format!("inject={inject}"));
    let log = folder.join("trace");
    let log = log.to_str().unwrap();
    run(child(test, folder, 40, &["strace", "-f", "-P", &wal, "-e", &trace, "-e", &inject, "-o", log]))
}

#[test]
fn after_a_failed_sync_nothing_more_is_accepted() {
    if is_child() || !has_strace() {
        return;
    }
    let test = "strace::after_a_failed_sync_nothing_more_is_accepted";
    let folder = tempfile::tempdir().unwrap();
    // From the eleventh on once only: whoever retried would be told that all is well.
    let said = with_failures(test, folder.path(), "fsync,fdatasync:error=EIO:when=11");
    let (acknowledged, refused) = (said.acknowledged.len(), said.errors.len());
    assert_eq!(acknowledged + refused, 160, "every call got an answer");
    assert!(acknowledged > 0, "ten syncs succeeded");
    let stopped = said.errors.iter().filter(|error| *error == "Stopped").count();
    assert!(stopped >= 100 && refused - stopped <= 4, "{:?}", said.errors);
    assert!(said.end >= Some(acknowledged), "reading goes on");
    said.check(folder.path());
}

#[test]
fn a_full_disk_refuses_and_the_log_goes_on_when_there_is_space() {
    if is_child() || !has_strace() {
        return;
    }
    let test = "strace::a_full_disk_refuses_and_the_log_goes_on_when_there_is_space";
    let folder = tempfile::tempdir().unwrap();
    let said = with_failures(test, folder.path(), "pwrite64:error=ENOSPC:when=60..90");
    assert!(!said.errors.is_empty(), "the disk was full for a while");
    assert!(said.errors.iter().all(|error| error == "Storage(Full)"), "{:?}", said.errors);
    assert_eq!(said.acknowledged.len() + said.errors.len(), 160);
    assert_eq!(said.end, Some(said.acknowledged.len()), "what was refused left no trace");
    said.check(folder.path());
}

/// A disk that fails, or turns read-only, for good.
#[test]
fn a_failing_disk_stops_the_log_and_reading_goes_on() {
    if is_child() || !has_strace() {
        return;
    }
    for error in ["EIO", "EROFS"] {
        let test = "strace::a_failing_disk_stops_the_log_and_reading_goes_on";
        let folder = tempfile::tempdir().unwrap();
        let said = with_failures(test, folder.path(), &format!("pwrite64:error={error}:when=60+"));
        assert_eq!(said.acknowledged.len() + said.errors.len(), 160);
        assert!(
            !said.acknowledged.is_empty() && said.errors.iter().any(|error| error == "Stopped"),
            "{error}"
        );
        assert!(said.end >= Some(said.acknowledged.len()), "{error}: reading goes on");
        said.check(folder.path());
    }
}
