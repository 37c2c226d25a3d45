//! A served board and three trustees, as processes with folders of their own.

use super::web::{call, json_of};
use anyhow::{Context as _, ensure};
use http::{Request, header};
use serde_json::{Map, Value, json};
use sinpyo_core::key::Entropy as _;
use sinpyo_load::{
    node::{Node, Usage, free_address},
    web::Http,
};
use sinpyo_testkit::TestEntropy;
use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

const TRUSTEES: u32 = 3;
/// Longest wait for a step that others take.
const PATIENCE: Duration = Duration::from_mins(5);
const PERIOD: Duration = Duration::from_millis(200);
/// The ballot box is open for so long: longer than anything here takes.
const HOURS: Duration = Duration::from_hours(6);

/// The processes, and the election that they hold.
pub(super) struct Board {
    origin: String,
    election: String,
    token: String,
    trustees: Vec<Trustee>,
    server: Node,
    binary: PathBuf,
    folder: TempDir,
}

struct Trustee(Child);

impl Drop for Trustee {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Board {
    /// Starts the server and calls an election of one district with admission tokens; `codes` has one code for each voter.
    pub(super) fn call(binary: &Path, parent: &Path, codes: &[String]) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix_in("intake-", parent)?;
        let data = folder.path().join("board");
        private(&data)?;
        let address = free_address()?;
        let binary = binary.canonicalize().context("the binary is not there")?;
        let mut command = Command::new(&binary);
        command
            .args(["serve", "voting", "--development", "--listen", &address.to_string(), "--data"])
            .arg(&data);
        let server = Node::start(&mut command)?;
        let token = fs::read_to_string(data.join("manage.token"))?.trim().to_owned();
        let origin = format!("http://{address}");
        let mut board =
            Self { origin, election: String::new(), token, trustees: Vec::new(), server, binary, folder };
        let answer = board.manage("", ("application/json", draft(codes.len())?.to_string().into_bytes()))?;
        answer
            .get("election")
            .and_then(Value::as_str)
            .context("no election")?
            .clone_into(&mut board.election);
        for link in answer.get("trustees").and_then(Value::as_array).context("no trustees")? {
            board.start_trustee(link.as_str().context("no invitation")?)?;
        }
        let lines = (1..).zip(codes).map(|(line, code)| format!("d1,{line},{code}\n"));
        let roll = format!("district,label,code\n{}", lines.collect::<String>());
        board.manage(&format!("/{}/roll", board.election), ("text/csv", roll.into_bytes()))?;
        board.step("call")?;
        board.step("done")?;
        board.published()?;
        Ok(board)
    }

    fn start_trustee(&mut self, invitation: &str) -> anyhow::Result<()> {
        let folder = self.folder.path().join(format!("trustee-{}", self.trustees.len()));
        private(&folder)?;
        let mut command = Command::new(&self.binary);
        command.args(["vote", "trustee", "--folder", ".", "--invitation", invitation, "--serve"]);
        let log = fs::File::create(self.folder.path().join("trustees.log"))?;
        let child =
            command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()?;
        self.trustees.push(Trustee(child));
        Ok(())
    }

    /// Ends registration and waits until ballots are taken.
    pub(super) fn open(&self) -> anyhow::Result<()> {
        self.step("freeze")?;
        let begun = Instant::now();
        while self.summary()?.get("phase").and_then(Value::as_str) != Some("open") {
            ensure!(begun.elapsed() < PATIENCE, "the ballot box does not open");
            sleep(PERIOD);
        }
        self.published()
    }

    /// Waits until the published log has everything.
    pub(super) fn published(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let summary = self.summary()?;
            let number = |name: &str| summary.get(name).and_then(Value::as_u64);
            if number("size").is_some() && number("size") == number("checkpoint_size") {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "the log is not published");
            sleep(PERIOD);
        }
    }

    /// `{origin}/e/{election}`.
    pub(super) fn address(&self) -> String {
        format!("{}/e/{}", self.origin, self.election)
    }

    /// The election's number.
    pub(super) fn election(&self) -> anyhow::Result<[u8; 32]> {
        sinpyo_voting::form::from_hex_array(&self.election).context("the election has no number")
    }

    /// What the server used so far.
    pub(super) fn usage(&self) -> anyhow::Result<Usage> {
        self.server.usage()
    }

    fn summary(&self) -> anyhow::Result<Map<String, Value>> {
        let request = Request::get(format!("{}/summary", self.address())).body(Vec::new())?;
        json_of(&call(&mut Http::new(Arc::default(), 0), request)?)
    }

    /// Takes a step as soon as its time has come.
    fn step(&self, step: &str) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let body = ("application/json", b"{}".to_vec());
            match self.manage(&format!("/{}/steps/{step}", self.election), body) {
                Ok(_) => return Ok(()),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error.context(format!("step {step}"))),
                Err(_) => sleep(PERIOD),
            }
        }
    }

    fn manage(&self, path: &str, (kind, body): (&str, Vec<u8>)) -> anyhow::Result<Map<String, Value>> {
        let request = Request::post(format!("{}/manage/elections{path}", self.origin))
            .header(header::CONTENT_TYPE, kind)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .body(body)?;
        let answer = call(&mut Http::new(Arc::default(), 0), request)?;
        if answer.body().is_empty() { Ok(Map::new()) } else { json_of(&answer) }
    }
}

/// Makes a folder that nobody else reads.
fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

fn draft(voters: usize) -> anyhow::Result<Value> {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let closes = now + i64::try_from(HOURS.as_secs())?;
    let words = |text: String| json!({"ko": text, "en": text});
    let options: Vec<Value> = (1..=5).map(|number| words(format!("Option {number}"))).collect();
    let trustees: Vec<Value> = (1..=TRUSTEES).map(|number| words(format!("Trustee {number}"))).collect();
    Ok(json!({
        "draft": {
            "title": words("Intake".to_owned()), "profile": "ring", "revote": "last", "floor": 50, "threshold": 2,
            "opens": now, "closes": closes, "witnesses": [], "quorum": 0, "admission": true,
            "contests": [{"title": words("Chair".to_owned()), "options": options, "districts": []}],
            "districts": [{"name": words("District".to_owned()), "legal": voters}],
        },
        "trustees": trustees,
        "ask": null,
    }))
}

/// Codes of the form that the office draws.
pub(super) fn codes(count: u32) -> Vec<String> {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let code = |number: u32| {
        let mut random = [0; 16];
        TestEntropy::new(number.into()).fill(&mut random);
        let letter = |byte: &u8| LETTERS.get(usize::from(byte & 31)).copied().map_or('A', char::from);
        random.iter().map(letter).collect()
    };
    (0..count).map(code).collect()
}
