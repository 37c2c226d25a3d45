//! `cargo xtask interop`: other people's software against ours, each in its own language.
//!
//! A group is a script that installs what it needs by its lock file and prints one JSON line per peer:
//! `{"peer","version","passed","failed","unsupported"}`. Lines without a `peer` are details and go to standard error,
//! as do those that the script writes there, each with the group's name before it. Two groups run at the same time.

use std::{
    io::{BufRead, BufReader, Read},
    panic::resume_unwind,
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::cargo::{cargo, root, succeed};

/// How many groups run at the same time: most of them wait, or keep one core busy.
const LANES: usize = 2;

/// How long the last lines of a script that has ended are waited for: what it left running may keep its standard error open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A script and its arguments. Groups of one script share a folder of packages, and run one after another.
struct Group {
    name: &'static str,
    script: &'static str,
    arguments: &'static [&'static str],
}

impl Group {
    const fn new(name: &'static str, script: &'static str, arguments: &'static [&'static str]) -> Self {
        Self { name, script, arguments }
    }
}

/// Begun in this order: those that take longest from a fresh clone are first.
static GROUPS: [Group; 12] = [
    Group::new("browser", "interop/browser/run", &[]),
    Group::new("ssi", "crates/ssi-adapter/run", &[]),
    Group::new("evm", "crates/anchor-evm/run", &[]),
    Group::new("samples", "interop/samples/run", &[]),
    Group::new("voting", "interop/voting-verifier/run", &[]),
    Group::new("vcapi", "interop/node/run", &["vcapi"]),
    Group::new("jose-cose", "interop/node/run", &["jose-cose"]),
    Group::new("node", "interop/node/run", &["peers"]),
    Group::new("oracles", "interop/node/run", &["oracle"]),
    Group::new("openid", "interop/openid/run", &[]),
    Group::new("ledger-reader", "interop/ledger-reader/run", &[]),
    Group::new("python", "interop/python/run", &[]),
];

type Peer = Map<String, Value>;

/// Runs all groups, or the one named; prints a table or, with `--json`, the array of peers.
///
/// A group that did not run, a peer that disagrees, or one that tried nothing makes the outcome a failure.
///
/// # Errors
/// On a wrong argument, or when our own programs cannot be built.
pub(crate) fn run(arguments: &[&str]) -> Result<ExitCode> {
    let (group, json) = match *arguments {
        [] => (None, false),
        ["--json"] => (None, true),
        [group, "--json"] | ["--json", group] => (Some(group), true),
        [group] if !group.starts_with('-') => (Some(group), false),
        _ => bail!("usage: cargo xtask interop [GROUP] [--json]"),
    };
    let chosen: Vec<&Group> =
        GROUPS.iter().filter(|known| group.is_none_or(|name| name == known.name)).collect();
    ensure!(!chosen.is_empty(), "groups: {}", GROUPS.each_ref().map(|group| group.name).join(", "));
    // Apart: together they have other features than alone, and the large binary would be built anew.
    succeed(&mut cargo("build --quiet --release --package sinpyo"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-conformance"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-registry --example export"))?;
    succeed(&mut cargo("build --quiet --release --package sinpyo-voting --example records"))?;
    let outcomes = in_lanes(&chosen, run_group);
    let failed: Vec<&str> = chosen
        .iter()
        .zip(&outcomes)
        .filter(|(_, outcome)| !outcome.is_fine())
        .map(|(group, _)| group.name)
        .collect();
    let peers: Vec<Peer> = outcomes.into_iter().flat_map(|outcome| outcome.peers).collect();
    if json {
        println!("{}", serde_json::to_string(&peers)?);
    } else {
        for peer in &peers {
            println!("{}", line(peer));
        }
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("interop: failed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Does the work for each group, several at the same time; what came of it, in the order of the groups.
fn in_lanes<T: Send>(groups: &[&Group], work: impl Fn(&Group) -> T + Sync) -> Vec<T> {
    let queues = queues(groups);
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut done = Vec::new();
        while let Some(queue) = queues.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(queue.iter().map(|&(place, group)| (place, work(group))));
        }
        done
    };
    let mut done: Vec<(usize, T)> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// The groups with their places, those of one script together.
fn queues<'a>(groups: &[&'a Group]) -> Vec<Vec<(usize, &'a Group)>> {
    let mut queues: Vec<Vec<(usize, &Group)>> = Vec::new();
    for (place, &group) in groups.iter().enumerate() {
        match queues.iter_mut().find(|queue| queue.iter().any(|(_, other)| other.script == group.script)) {
            Some(queue) => queue.push((place, group)),
            None => queues.push(vec![(place, group)]),
        }
    }
    queues
}

/// What a script reported.
struct Outcome {
    peers: Vec<Peer>,
    ended_well: bool,
}

impl Outcome {
    fn is_fine(&self) -> bool {
        self.ended_well && !self.peers.is_empty() && self.peers.iter().all(agrees)
    }
}

/// Runs a group, and says how long it took.
fn run_group(group: &Group) -> Outcome {
    let name = group.name;
    let start = Instant::now();
    let outcome = outcome_of(group).unwrap_or_else(|error| {
        eprintln!("[{name}] {error:#}");
        Outcome { peers: Vec::new(), ended_well: false }
    });
    let word = if outcome.is_fine() { "ok" } else { "FAILED" };
    eprintln!("interop: group {name}: {word} in {:.0} s", start.elapsed().as_secs_f64());
    outcome
}

fn outcome_of(group: &Group) -> Result<Outcome> {
    let built = root().join("target").join("release");
    let mut script = Command::new(root().join(group.script))
        .args(group.arguments)
        .current_dir(root())
        .env("SINPYO_BIN", program_at(&built, "sinpyo"))
        .env("SINPYO_BRIDGE", program_at(&built, "sinpyo-conformance"))
        .env("SINPYO_EXPORT", program_at(&built.join("examples"), "export"))
        .env("SINPYO_RECORDER", program_at(&built.join("examples"), "records"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", group.script))?;
    let output = script.stdout.take().context("it has no standard output")?;
    let details = shown(group.name, script.stderr.take().context("it has no standard error")?);
    let mut peers = Vec::new();
    for line in BufReader::new(output).lines() {
        let line = line.context("its output cannot be read")?;
        match serde_json::from_str::<Peer>(&line) {
            Ok(peer) if peer.contains_key("peer") => peers.push(peer),
            _ => eprintln!("[{}] {line}", group.name),
        }
    }
    let status = script.wait().context("it cannot be waited for")?;
    // Disconnected or too late: either way there is no more to show.
    let _ = details.recv_timeout(LAST_WORDS);
    Ok(Outcome { peers, ended_well: status.success() })
}

/// Passes lines on to standard error, with the group's name; what is returned is disconnected after the last one.
fn shown(name: &'static str, lines: impl Read + Send + 'static) -> mpsc::Receiver<()> {
    let (open, end) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(lines).split(b'\n').map_while(Result::ok) {
            eprintln!("[{name}] {}", String::from_utf8_lossy(&line));
        }
        drop(open);
    });
    end
}

fn program_at(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// Whether something was tried and nothing failed.
fn agrees(peer: &Peer) -> bool {
    let count = |name: &str| peer.get(name).and_then(Value::as_u64);
    count("failed") == Some(0) && count("passed").is_some_and(|passed| passed > 0)
}

fn line(peer: &Peer) -> String {
    let text = |name: &str| match peer.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => "?".to_owned(),
    };
    format!(
        "{:<28} {:<10} {:>6} passed {:>4} failed  unsupported: {}",
        text("peer"),
        text("version"),
        text("passed"),
        text("failed"),
        text("unsupported")
    )
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Mutex};

    use serde_json::json;

    use super::*;

    fn peer(value: &Value) -> Peer {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn a_peer_that_tried_nothing_does_not_agree() {
        assert!(agrees(&peer(&json!({"peer": "a", "passed": 3, "failed": 0}))));
        for other in [
            json!({"peer": "a", "passed": 0, "failed": 0}),
            json!({"peer": "a", "passed": 3, "failed": 1}),
            json!({"peer": "a", "passed": 3}),
            json!({"peer": "a"}),
        ] {
            assert!(!agrees(&peer(&other)), "{other}");
        }
    }

    #[test]
    fn outcomes_come_in_order_and_groups_of_one_script_one_after_another() {
        let groups = [("a", "x"), ("b", "y"), ("c", "x"), ("d", "z"), ("e", "x")];
        let groups = groups.map(|(name, script)| Group::new(name, script, &[]));
        let running = Mutex::new(HashSet::new());
        let names = in_lanes(&groups.each_ref(), |group| {
            assert!(running.lock().unwrap().insert(group.script), "{} runs twice", group.script);
            thread::yield_now();
            running.lock().unwrap().remove(group.script);
            group.name
        });
        assert_eq!(names, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn an_unknown_group_is_refused_before_anything_is_built() {
        assert!(run(&["nobody"]).is_err());
        assert!(run(&["--jsom"]).is_err());
    }
}
