//! An election that is held for a test.

use crate::{
    http::Way,
    served::{Served, until},
    wallet::Wallet,
};
use http::{Request, Response};
use serde_json::{Value, json};
use sinpyo_voting::voter::{Election, Place};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// How it is to be.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) voters: usize,
    pub(crate) revote: &'static str,
    pub(crate) has_tokens: bool,
    pub(crate) closes_after: u64,
    /// Where the board remembers.
    pub(crate) place: String,
    /// More options of the board.
    pub(crate) more: String,
    /// The address that voters use, if not the board's own.
    pub(crate) base: Option<String>,
    /// Where the board listens.
    pub(crate) listen: String,
    /// The key of a witness who must cosign every head.
    pub(crate) witness: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            voters: 3,
            revote: "last",
            has_tokens: true,
            closes_after: 600,
            place: "--data board".to_owned(),
            more: String::new(),
            base: None,
            listen: "127.0.0.1:0".to_owned(),
            witness: None,
        }
    }
}

/// An election that is held for a test: one trustee, three options.
pub(crate) struct Hall {
    folder: TempDir,
    setup: Setup,
    board: Option<Served>,
    /// Where the board listens.
    pub(crate) address: String,
    trustee: Option<Child>,
    pub(crate) election: String,
    token: String,
    pub(crate) codes: Vec<String>,
}

impl Hall {
    /// Holds it until voters can register.
    pub(crate) fn called(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let board = serve(folder.path(), &setup, &setup.listen);
        let token = std::fs::read_to_string(folder.path().join("manage.token")).unwrap();
        let codes = (0..setup.voters).map(|voter| format!("TESTTESTTEST{}", letters(voter))).collect();
        let address = board.address().to_owned();
        let (board, trustee, election) = (Some(board), None, String::new());
        let mut hall = Self { folder, setup, board, address, trustee, election, token, codes };
        let made = hall.manage("", &hall.draft());
        hall.election = made["election"].as_str().unwrap().into();
        hall.start_trustee(made["trustees"][0].as_str().unwrap());
        let lines: Vec<String> = hall.codes.iter().map(|code| format!("d1,unit {code},{code}\n")).collect();
        let (status, _) =
            hall.sent("/roll", "text/csv", format!("district,label,code\n{}", lines.concat()).into());
        assert_eq!(status, 200);
        hall.step("call");
        hall.step("done");
        hall
    }

    /// Holds it until voters can vote; all are registered.
    pub(crate) fn open(setup: Setup) -> (Self, Vec<Wallet>, Election) {
        let hall = Self::called(setup);
        let mut wallets = hall.wallets();
        let election = hall.read(&mut wallets[0], "registration");
        for (wallet, code) in wallets.iter_mut().zip(&hall.codes) {
            wallet.register(&election, code);
        }
        hall.step("freeze");
        let election = hall.read(&mut wallets[0], "open");
        (hall, wallets, election)
    }

    /// A wallet for each line of the roll.
    pub(crate) fn wallets(&self) -> Vec<Wallet> {
        let place = self.place();
        (0..self.setup.voters)
            .map(|voter| Wallet::new(u64::try_from(voter).unwrap(), &place, self.way()))
            .collect()
    }

    fn draft(&self) -> Value {
        let now = now();
        let named = |name: &str| json!({"ko": name, "en": name});
        let witnesses = Vec::from_iter(&self.setup.witness);
        json!({
            "draft": {
                "title": named("test"), "profile": "ring", "revote": self.setup.revote, "floor": 1, "threshold": 1,
                "opens": now, "closes": now + i64::try_from(self.setup.closes_after).unwrap(),
                "contests": [{"title": named("chair"), "options": [named("a"), named("b"), named("c")], "districts": []}],
                "districts": [{"name": named("one"), "legal": self.setup.voters}],
                "witnesses": witnesses, "quorum": witnesses.len(), "admission": self.setup.has_tokens,
            },
            "trustees": [named("trustee")],
        })
    }

    fn start_trustee(&mut self, invitation: &str) {
        let folder = self.folder.path().join("trustee");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sinpyo"));
        command
            .args(["vote", "trustee", "--serve", "--folder"])
            .arg(folder)
            .args(["--invitation", invitation]);
        self.trustee = Some(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    }

    /// Where voters find the board.
    fn base(&self) -> String {
        self.setup.base.clone().unwrap_or_else(|| format!("http://{}", self.address))
    }

    /// How everybody reaches the board, whatever its address for voters is.
    pub(crate) fn way(&self) -> Way {
        Way { from: None, via: self.setup.base.as_ref().map(|_| self.address.parse().unwrap()) }
    }

    pub(crate) fn at(&self) -> String {
        format!("{}/e/{}", self.base(), self.election)
    }

    pub(crate) fn place(&self) -> Place {
        Place::parse(&self.at()).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the election's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.path().join(format!("board/elections/{}.db", self.election))
    }

    fn sent(&self, path: &str, kind: &str, body: Vec<u8>) -> (u16, Value) {
        let election = if path.is_empty() { String::new() } else { format!("/{}", self.election) };
        let request = Request::post(format!("{}/manage/elections{election}{path}", self.base()))
            .header("content-type", kind)
            .header("authorization", format!("Bearer {}", self.token))
            .body(body)
            .unwrap();
        let answer = self.way().send(&request).unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    fn manage(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.sent(path, "application/json", body.to_string().into());
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    /// Takes a step as soon as it can be taken.
    pub(crate) fn step(&self, step: &str) {
        until(Duration::from_mins(1), step, || {
            self.sent(&format!("/steps/{step}"), "application/json", b"{}".to_vec()).0 < 300
        });
    }

    pub(crate) fn get(&self, path: &str) -> Response<Vec<u8>> {
        self.way().send(&Request::get(format!("{}{path}", self.at())).body(Vec::new()).unwrap()).unwrap()
    }

    pub(crate) fn summary(&self) -> Value {
        serde_json::from_slice(self.get("/summary").body()).unwrap()
    }

    /// What a wallet reads once the election has come so far.
    pub(crate) fn read(&self, wallet: &mut Wallet, phase: &str) -> Election {
        until(Duration::from_mins(1), phase, || {
            let summary = self.summary();
            summary["phase"] == phase && summary["size"] == summary["checkpoint_size"]
        });
        wallet.read()
    }

    /// Ends the trustee's program.
    pub(crate) fn dismiss_trustee(&mut self) {
        if let Some(mut trustee) = self.trustee.take() {
            let _ = trustee.kill();
            let _ = trustee.wait();
        }
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) {
        self.board.take().unwrap().kill();
    }

    /// The same board again, at the same address.
    pub(crate) fn start_again(&mut self) {
        self.board = Some(serve(self.folder.path(), &self.setup, &self.address));
    }
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.dismiss_trustee();
    }
}

fn serve(folder: &Path, setup: &Setup, address: &str) -> Served {
    let base = setup.base.as_ref().map(|base| format!(" --base {base}")).unwrap_or_default();
    let arguments = format!(
        "voting {}{base} --development --token-file manage.token --home home {}",
        setup.place, setup.more
    );
    Served::at(folder, &arguments, address)
}

pub(crate) fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// Four letters that codes may have.
fn letters(number: usize) -> String {
    let letter = |place: u32| char::from(b'A' + u8::try_from(number / 24_usize.pow(place) % 24).unwrap());
    (0..4).map(letter).collect()
}
