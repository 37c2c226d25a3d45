//! One target in one process, for some seconds.

use crate::{
    Limits, Outcome, Target, gauge,
    mutate::{Dice, mutate},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs::File,
    io,
    os::unix::fs::FileExt,
    panic::{self, AssertUnwindSafe},
    path::Path,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

/// Executions between two looks at the peak of memory.
const STRIDE: usize = 64;
/// Most inputs that are kept for having broken a rule for the first time.
const MAX_CORPUS: usize = 4_096;
/// The stack that parsers get: a server's threads have no more.
const STACK: usize = 2 << 20;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `panic`, `slow`, `memory`, `wrong`; from outside the process also `abort` and `hang`.
    pub kind: &'static str,
    /// What happened, without the input; equal for equal causes.
    pub what: String,
    /// The input.
    pub input: Vec<u8>,
}

impl Finding {
    /// As a line that [`crate::run::Finding::from_json`] reads.
    pub fn to_json(&self) -> Value {
        json!({"kind": self.kind, "what": self.what, "input": hex(&self.input)})
    }

    /// What [`Finding::to_json`] wrote.
    pub fn from_json(value: &Value) -> Option<Self> {
        let kinds = ["panic", "slow", "memory", "wrong", "abort", "hang"];
        let kind = value.get("kind")?.as_str()?;
        let kind = kinds.into_iter().find(|known| *known == kind)?;
        let input = unhex(value.get("input")?.as_str()?)?;
        Some(Self { kind, what: value.get("what")?.as_str()?.to_owned(), input })
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What [`hex`] wrote.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits?.chunks(2).map(byte).collect()
}

/// Where the input at hand is written before it is run, for whoever finds this process dead.
#[derive(Debug)]
pub struct Scratch(File);

impl Scratch {
    /// Makes or empties the file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn create(path: &Path) -> io::Result<Self> {
        File::create(path).map(Self)
    }

    pub(crate) fn note(&self, number: u64, input: &[u8]) {
        let length = u64::try_from(input.len()).unwrap_or(u64::MAX);
        let mut bytes = Vec::with_capacity(16 + input.len());
        bytes.extend(number.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(input);
        let _best_effort = self.0.write_all_at(&bytes, 0);
    }

    /// The number of the last input; 0 if there is none.
    pub fn number(path: &Path) -> u64 {
        let mut number = [0; 8];
        let read = File::open(path).and_then(|file| file.read_exact_at(&mut number, 0));
        if read.is_ok() { u64::from_le_bytes(number) } else { 0 }
    }

    /// The number of the last input, and the input.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn last(path: &Path) -> io::Result<(u64, Vec<u8>)> {
        let bytes = std::fs::read(path)?;
        let Some((number, rest)) = bytes.split_first_chunk() else { return Ok((0, Vec::new())) };
        let Some((length, rest)) = rest.split_first_chunk() else { return Ok((0, Vec::new())) };
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        Ok((u64::from_le_bytes(*number), rest.get(..length).unwrap_or(rest).to_vec()))
    }
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Inputs that were run.
    pub executions: u64,
    /// How often each rule was broken.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// What must not be, each once.
    pub findings: Vec<Finding>,
}

/// Runs `work` on a thread with the stack of a server's.
///
/// # Panics
/// `work` panicked outside the target.
pub fn on_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(value)) => value,
            Ok(Err(cause)) => panic::resume_unwind(cause),
            Err(error) => unreachable!("no thread: {error}"),
        }
    })
}

/// Runs the seeds of `target`, then mutations of them until `time` is over.
pub fn run(target: &Target, time: Duration, seed: u64, scratch: &Scratch) -> Report {
    let end = Instant::now() + time;
    let mut corpus = (target.seeds)();
    let mut session = Session::new(target, scratch);
    for input in corpus.clone() {
        session.warm(&input);
    }
    session.start();
    for input in corpus.clone() {
        session.execute(&input);
    }
    let seeds = corpus.len();
    let mut dice = Dice::new(seed);
    while Instant::now() < end {
        // Half of the time from the seeds, which are well-formed; then from what got somewhere new.
        let pool = if dice.below(2) == 0 { corpus.get(..seeds).unwrap_or_default() } else { &corpus[..] };
        let base = dice.pick(pool).cloned().unwrap_or_default();
        let input = mutate(&base, &corpus, &mut dice);
        if session.execute(&input) && corpus.len() < MAX_CORPUS {
            corpus.push(input);
        }
    }
    session.check_memory();
    session.report
}

struct Session<'s> {
    target: &'s Target,
    scratch: &'s Scratch,
    report: Report,
    recent: VecDeque<Vec<u8>>,
    peak_before: Option<u64>,
    causes: BTreeSet<String>,
}

impl<'s> Session<'s> {
    fn new(target: &'s Target, scratch: &'s Scratch) -> Self {
        panic::set_hook(Box::new(remember_panic));
        let report = Report::default();
        Self { target, scratch, report, recent: VecDeque::new(), peak_before: None, causes: BTreeSet::new() }
    }

    /// Runs `input` unmeasured: what is made once and kept is made now.
    fn warm(&mut self, input: &[u8]) {
        self.scratch.note(0, input);
        let _measured_later = attempt(self.target, input);
    }

    fn start(&mut self) {
        gauge::forget_peak();
        self.peak_before = gauge::peak_kib();
    }

    /// Runs `input`; whether it broke a rule for the first time.
    fn execute(&mut self, input: &[u8]) -> bool {
        self.report.executions += 1;
        self.scratch.note(self.report.executions, input);
        self.recent.push_back(input.to_vec());
        let watch = gauge::Stopwatch::start();
        let outcome = attempt(self.target, input);
        let limit = Duration::from_millis(self.target.limits.milliseconds);
        if watch.elapsed() > limit {
            // Once more: the first time may have been a page fault too many.
            let watch = gauge::Stopwatch::start();
            let _again = attempt(self.target, input);
            if watch.elapsed() > limit {
                self.find("slow", format!("more than {} ms", limit.as_millis()), input);
            }
        }
        let is_new = match outcome {
            Ok(outcome) => {
                let count = self.report.outcomes.entry(outcome).or_default();
                *count += 1;
                *count == 1
            }
            Err(cause) => {
                self.find("panic", cause, input);
                false
            }
        };
        if self.recent.len() >= STRIDE {
            self.check_memory();
        }
        is_new
    }

    /// Looks whether memory grew too much, and with which of the recent inputs.
    fn check_memory(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        let Limits { kib, .. } = self.target.limits;
        if !has_grown(self.peak_before, kib) {
            return;
        }
        let mut named = false;
        for input in recent {
            gauge::forget_peak();
            let before = gauge::peak_kib();
            let _same_as_before = attempt(self.target, &input);
            if has_grown(before, kib) {
                self.find("memory", format!("more than {kib} KiB"), &input);
                named = true;
            }
        }
        if !named {
            self.find("memory", format!("more than {kib} KiB in {STRIDE} calls together"), &[]);
        }
        self.start();
    }

    fn find(&mut self, kind: &'static str, what: String, input: &[u8]) {
        // A panic is told from another by its place: what it says may depend on the input.
        let cause = what.split(": ").next().unwrap_or_default();
        if self.causes.insert(format!("{kind} {cause}")) {
            self.report.findings.push(Finding { kind, what, input: input.to_vec() });
        }
    }
}

fn has_grown(before: Option<u64>, limit: u64) -> bool {
    before.zip(gauge::peak_kib()).is_some_and(|(before, now)| now.saturating_sub(before) > limit)
}

/// The message and place of the last panic.
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

fn remember_panic(info: &panic::PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let message = info.payload_as_str().unwrap_or_default();
    let message: String = message.chars().take(300).collect();
    if let Ok(mut last) = LAST_PANIC.lock() {
        *last = format!("{place}: {message}");
    }
}

/// Runs `input`; the panic if there was one.
fn attempt(target: &Target, input: &[u8]) -> Result<Outcome, String> {
    panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)))
        .map_err(|_| LAST_PANIC.lock().map(|last| last.clone()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brittle(input: &[u8]) -> Outcome {
        assert!(input.len() != 3, "three bytes");
        if input.is_empty() { "empty" } else { "ok" }
    }

    const BRITTLE: Target =
        Target { name: "test/brittle", seeds: || vec![vec![1; 8]], run: brittle, limits: Limits::USUAL };

    #[test]
    fn a_panic_is_found_once_with_its_input() {
        let path = std::env::temp_dir().join(format!("sinpyo-fuzz-test-{}", std::process::id()));
        let scratch = Scratch::create(&path).unwrap();
        let report = run(&BRITTLE, Duration::from_millis(300), 1, &scratch);
        let (number, _) = Scratch::last(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(number, report.executions);
        // Other tests of this process fill its memory: only panics are this one's.
        let panics: Vec<_> = report.findings.iter().filter(|finding| finding.kind == "panic").collect();
        let [finding] = panics[..] else { panic!("{:?}", report.findings) };
        assert_eq!(finding.input.len(), 3);
        assert!(finding.what.contains("three bytes"), "{}", finding.what);
        assert_eq!(Finding::from_json(&finding.to_json()).as_ref(), Some(finding));
        assert!(report.outcomes.contains_key("empty"));
    }
}
