//! The parent's side: starts a child for one target, and says what ended it.

use anyhow::Context;
use serde_json::{Value, json};
use sinpyo_fuzz::run::{Finding, Scratch, unhex};
use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long one input may take before the child is ended; much longer than the limit, which the child itself watches.
const HANG: Duration = Duration::from_secs(20);
/// The address space of a child, in KiB: what allocates more is aborted, and named.
const ADDRESS_SPACE: u64 = 4 << 20;

/// What a child has to do.
pub(crate) struct Work<'w> {
    pub(crate) name: &'w str,
    pub(crate) seconds: u64,
    pub(crate) seed: u64,
    pub(crate) is_bomb: bool,
}

/// Runs `work` in a child. What ended the child early is a finding like the others.
pub(crate) fn supervise(work: &Work<'_>) -> anyhow::Result<Value> {
    let started = Instant::now();
    let scratch = env::temp_dir().join(format!("sinpyo-fuzz-{}-{}", process::id(), file_name(work.name)));
    let mut child = spawn(work, &scratch)?;
    let mut stdout = child.stdout.take().context("a pipe")?;
    let reader = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let status = watch(&mut child, &scratch)?;
    let text = reader.join().ok().context("the reader ended")??;
    let last = Scratch::last(&scratch).unwrap_or_default();
    let _left_over = fs::remove_file(&scratch);
    let report = serde_json::from_str(&text).ok().filter(|_| status.is_some_and(|status| status.success()));
    let mut result = report.unwrap_or_else(|| {
        let (kind, what) = match status {
            None => ("hang", format!("no answer within {} s", HANG.as_secs())),
            Some(status) => ("abort", status.to_string()),
        };
        let finding = Finding { kind, what, input: last.1 };
        json!({"executions": last.0, "outcomes": {}, "findings": [finding.to_json()]})
    });
    if let Some(members) = result.as_object_mut() {
        members.insert("target".to_owned(), json!(work.name));
        members.insert("seconds".to_owned(), json!(started.elapsed().as_secs_f64()));
    }
    save(work, &mut result)?;
    Ok(result)
}

/// A child whose address space the shell has bounded.
fn spawn(work: &Work<'_>, scratch: &Path) -> anyhow::Result<Child> {
    let script = format!("ulimit -v {ADDRESS_SPACE}; ulimit -c 0; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(env::current_exe()?);
    command.arg("--child").args(["--target", work.name]).arg("--scratch").arg(scratch);
    command.args(["--seconds", &work.seconds.to_string(), "--seed", &work.seed.to_string()]);
    if work.is_bomb {
        command.arg("--bombs");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("a child process")
}

/// Waits for the child; ends it, and answers `None`, if one input takes too long.
fn watch(child: &mut Child, scratch: &Path) -> anyhow::Result<Option<ExitStatus>> {
    let mut seen = (u64::MAX, Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let number = Scratch::number(scratch);
        if number != seen.0 {
            seen = (number, Instant::now());
        } else if seen.1.elapsed() > HANG {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Keeps the input of each finding in a file, and names it.
fn save(work: &Work<'_>, result: &mut Value) -> anyhow::Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    let findings = result.get_mut("findings").and_then(Value::as_array_mut);
    for (number, finding) in findings.into_iter().flatten().enumerate() {
        let input = finding.get("input").and_then(Value::as_str).and_then(unhex).unwrap_or_default();
        let file = folder.join(format!("{}-{}-{number}", file_name(work.name), work.seed));
        fs::create_dir_all(&folder)?;
        fs::write(&file, input)?;
        if let Some(members) = finding.as_object_mut() {
            members.insert("file".to_owned(), json!(file.display().to_string()));
        }
    }
    Ok(())
}

/// `name` as a part of a file's name.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}
