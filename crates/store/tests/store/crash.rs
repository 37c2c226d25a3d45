//! `kill -9`, and a disk that fails, with another process watching what was acknowledged.
//!
//! Each test is its own child: started again with [`FOLDER`] set, it appends to the log in that folder.

use crate::{
    kept::{audit, below, clock},
    open::signed,
};
use sinpyo_registry::{engine::AppendError, engine::LogEngine, engine_suite::Counting};
use sinpyo_store::{SqliteLog, hazmat};
use sinpyo_testkit::TestEntropy;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

const FOLDER: &str = "SINPYO_STORE_CHILD";
const ROUND: &str = "SINPYO_STORE_ROUND";
pub(crate) const LIMIT: &str = "SINPYO_STORE_LIMIT";
const UNSYNCED: &str = "SINPYO_STORE_UNSYNCED";
const PUBLISHES: &str = "SINPYO_STORE_PUBLISHES";

#[expect(clippy::disallowed_methods, reason = "a child process is told by its environment what to do")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// The file of the log in `folder`.
pub(crate) fn log_file(folder: &Path) -> PathBuf {
    folder.join("ledger.sqlite")
}

/// Appends from four threads and reports each step in one write; true if this process is a child.
pub(crate) fn is_child() -> bool {
    let Some(folder) = variable(FOLDER) else { return false };
    let (path, round) = (log_file(Path::new(&folder)), variable(ROUND).unwrap());
    let limit: u32 = variable(LIMIT).unwrap().parse().unwrap();
    let log = match variable(UNSYNCED) {
        Some(_) => hazmat::open_unsynced(&path, Counting, clock()).unwrap(),
        None => SqliteLog::open(&path, Counting, clock()).unwrap(),
    };
    thread::scope(|scope| {
        if variable(PUBLISHES).is_some() {
            scope.spawn(|| publish_for_ever(&log));
        }
        for client in 0..4 {
            let (log, round) = (&log, &round);
            scope.spawn(move || {
                for number in 0..limit {
                    client_step(log, &format!("+key{} r{round}c{client}n{number};", number % 50));
                }
            });
        }
    });
    // Reading goes on, whatever became of writing.
    say(&format!("end {}", log.entries(0..log.head().unwrap().size).unwrap().len()));
    true
}

fn publish_for_ever(log: &SqliteLog) {
    let mut size = 0;
    loop {
        let head = log.changed(size, Duration::MAX);
        log.publish(&signed(head)).unwrap();
        say(&format!("pub {}", head.size));
        size = head.size;
    }
}

fn client_step(log: &SqliteLog, submission: &str) {
    say(&format!("try {submission}"));
    match log.append(vec![submission.as_bytes().to_vec()]).remove(0) {
        Ok(appended) => say(&format!("ack {} {submission}", appended.index)),
        Err(AppendError::Engine(error)) => say(&format!("err {error:?}")),
        Err(refused) => panic!("{refused}"),
    }
}

pub(crate) fn say(line: &str) {
    // The parent may be gone.
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

/// This test binary, as a child that appends in `folder`.
pub(crate) fn child(test: &str, folder: &Path, limit: u32, prefix: &[&str]) -> Command {
    let me = env::current_exe().unwrap();
    let mut words = prefix.iter().map(std::ffi::OsString::from).chain([me.into()]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words).args(["--exact", test, "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env(ROUND, "0").env(LIMIT, limit.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

pub(crate) fn unsynced(command: &mut Command) {
    command.env(UNSYNCED, "1");
}

/// What a child said.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) tried: BTreeSet<String>,
    pub(crate) acknowledged: BTreeMap<u64, String>,
    pub(crate) errors: Vec<String>,
    pub(crate) end: Option<usize>,
    published: u64,
}

impl Said {
    /// Takes note of lines until there are none, or `enough` acknowledgements.
    fn listen(&mut self, child: &mut BufReader<ChildStdout>, enough: usize) {
        let mut line = String::new();
        while self.acknowledged.len() < enough && child.read_line(&mut line).unwrap() > 0 {
            // A line that the kill cut short was not said.
            if let Some(whole) = line.strip_suffix('\n') {
                self.note(whole);
            }
            line.clear();
        }
    }

    fn note(&mut self, line: &str) {
        // The harness writes `test name ... ` without an end of line before the first of ours.
        let line = line.rsplit(" ... ").next().unwrap();
        match line.split_once(' ') {
            Some(("try", submission)) => drop(self.tried.insert(submission.to_owned())),
            Some(("ack", place)) => {
                let (index, submission) = place.split_once(' ').unwrap();
                let before = self.acknowledged.insert(index.parse().unwrap(), submission.to_owned());
                assert_eq!(before, None, "an index was given out twice");
            }
            Some(("err", error)) => self.errors.push(error.to_owned()),
            Some(("pub", size)) => self.published = size.parse().unwrap(),
            Some(("end", entries)) => self.end = Some(entries.parse().unwrap()),
            _ => {}
        }
    }

    /// Opens the log and compares it with what was said.
    pub(crate) fn check(&self, folder: &Path) {
        let path = log_file(folder);
        let log = SqliteLog::open(&path, Counting, clock()).unwrap();
        let entries = audit(&log, &path);
        for (index, submission) in &self.acknowledged {
            let entry = usize::try_from(*index).ok().and_then(|index| entries.get(index));
            assert!(entry.is_some_and(|entry| entry.ends_with(submission)), "lost: {index} {submission}");
        }
        let published = log.checkpoint().unwrap().map_or(0, |published| published.claimed_head().size);
        assert!(published >= self.published, "lost: the checkpoint of size {}", self.published);
        let mut once = BTreeSet::new();
        for entry in &entries {
            let submission = entry.splitn(3, ' ').nth(2).unwrap();
            assert!(self.tried.contains(submission), "nobody sent {submission}");
            assert!(once.insert(submission), "{submission} is there twice");
        }
    }
}

/// Runs `command` to its end.
pub(crate) fn run(mut command: Command) -> Said {
    let mut child = command.spawn().unwrap();
    let mut said = Said::default();
    said.listen(&mut lines(&mut child), usize::MAX);
    child.wait().unwrap();
    said
}

fn lines(child: &mut Child) -> BufReader<ChildStdout> {
    BufReader::new(child.stdout.take().unwrap())
}

/// The folder in which this process is to act as a child.
pub(crate) fn child_folder() -> Option<PathBuf> {
    variable(FOLDER).map(PathBuf::from)
}

/// How often the tests that kill do so.
pub(crate) fn kill_rounds() -> usize {
    variable("SINPYO_KILL_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap())
}

/// Starts `test` as a child in `folder`, kills it after `enough` lines that begin with `ack `, and gives their rests.
pub(crate) fn acknowledged_by_killed(test: &str, folder: &Path, enough: usize) -> Vec<String> {
    let mut child = child(test, folder, 0, &[]).spawn().unwrap();
    let (mut output, mut line, mut said) = (lines(&mut child), String::new(), Vec::new());
    let mut killed = false;
    loop {
        if said.len() >= enough && !killed {
            child.kill().unwrap();
            killed = true;
        }
        line.clear();
        if output.read_line(&mut line).unwrap() == 0 {
            break;
        }
        let whole = line.strip_suffix('\n').map(|line| line.rsplit(" ... ").next().unwrap());
        said.extend(whole.and_then(|line| line.strip_prefix("ack ")).map(str::to_owned));
    }
    child.wait().unwrap();
    said
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    if is_child() {
        return;
    }
    let rounds = kill_rounds();
    let mut entropy = TestEntropy::new(2);
    let (mut folder, mut said) = (tempfile::tempdir().unwrap(), Said::default());
    let (mut killed_in_flight, mut published) = (0, 0);
    for round in 0..rounds {
        // A new ledger now and then: the first moments of a file are the most delicate ones.
        if round % 5 == 0 {
            (folder, said) = (tempfile::tempdir().unwrap(), Said::default());
        }
        let test = "crash::nothing_acknowledged_is_lost_when_the_process_is_killed";
        let child = child(test, folder.path(), u32::MAX, &[])
            .env(ROUND, round.to_string())
            .env(PUBLISHES, "1")
            .spawn();
        let mut child = child.unwrap();
        let mut output = lines(&mut child);
        let enough = said.acknowledged.len() + below(600, &mut entropy);
        said.listen(&mut output, enough);
        child.kill().unwrap();
        child.wait().unwrap();
        said.listen(&mut output, usize::MAX);
        killed_in_flight += usize::from(said.tried.len() > said.acknowledged.len());
        said.check(folder.path());
        published += said.published;
    }
    assert!(killed_in_flight > rounds / 2, "the kills came while appends were under way");
    assert!(published > 0, "some kills came after a checkpoint was published");
}
