//! The operator cheats: he holds the log's keys and its database, rewrites entry 500, rebuilds the tree and signs again.
//!
//! A verifier with a k-of-n policy, each witness and the monitor refuse, each on its own, as processes that share nothing
//! with him. The fourth who refuses is the contract of the chain notary: `crates/anchor-evm/tests/chain/operator.rs`.

use crate::{Town, served::Served, served::until, shown};
use serde_json::json;
use sinpyo_core::{
    did::{Did, KeyId},
    document::DidDocument,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{
    Fold, Ledger, LedgerKeys,
    did_tlog::{self, Control},
    engine::{LogEngine, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite},
    heads::HeadsKey,
};
use sinpyo_store::SqliteLog;
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{Hash, TreeHead, prove_consistency},
    note::Origin,
    policy::Policy,
    tile::TileNodes,
    witness::AddCheckpoint,
};
use std::{fs, path::Path, time::SystemTime};

const REWRITTEN: u64 = 500;
const ORGANISATIONS: u64 = 620;

struct Wall;

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        Timestamp::from_unix(i64::try_from(seconds).unwrap()).unwrap()
    }
}

/// The operation that creates the DID of organisation `seed`.
fn creation(origin: &Origin, seed: u64) -> (Did, Vec<u8>) {
    let entropy = &mut TestEntropy::new(seed);
    let [update, next] = [(); 2].map(|()| SigningKey::generate(Algorithm::Ed25519, entropy));
    let control = Control::by(update.verifying_key()).announcing(next.verifying_key());
    let draft = did_tlog::create(origin, control, |did| DidDocument::new(did.clone())).unwrap();
    let update = own(update);
    let operation = draft.sign(&update, update.key().verifying_key()).unwrap();
    (operation.fact().did.clone(), operation.as_bytes().to_vec())
}

fn own(key: SigningKey) -> KeySigner {
    let multikey = key.verifying_key().to_multikey();
    let id: KeyId = format!("did:key:{multikey}#{multikey}").parse().unwrap();
    KeySigner::new(id, key)
}

/// Fills the log in `srv` as its server would, and returns the DID in entry 500.
fn fill(town: &Town) -> Did {
    let key = town.log_key();
    let (signer, heads) = (town.operators("log-key.jwk"), town.operators("heads-key.jwk"));
    let heads_key = HeadsKey::new(key.name(), heads.key().verifying_key().clone()).unwrap();
    let keys = LedgerKeys::new(key.clone(), &signer).with_heads(heads_key, &heads);
    let log = SqliteLog::open(&town.path("srv/ledger.db"), Fold::new(key.name().clone()), Wall).unwrap();
    let ledger = Ledger::with_keys(&log, keys, &town.read("srv/root").trim().parse().unwrap()).unwrap();
    let root = fs::read(town.path("srv/root-operation.json")).unwrap();
    let created: Vec<_> = (1..=ORGANISATIONS).map(|seed| creation(key.name(), seed)).collect();
    let operations = [root].into_iter().chain(created.iter().map(|(_, operation)| operation.clone()));
    for answer in log.append(operations.collect()) {
        answer.unwrap();
    }
    let checkpoint = ledger.checkpoint().unwrap();
    assert_eq!(checkpoint.claimed_head().size, ORGANISATIONS + 2);
    town.write("srv/published", &checkpoint.to_string());
    // Entries 0 and 1 are the log's opening and its root accreditor.
    created[usize::try_from(REWRITTEN - 2).unwrap()].0.clone()
}

/// Writes entries as they are given, with the state that follows from them: what a log never does, and its owner can.
struct Forger(Fold);

impl Sequencing for Forger {
    fn sequence(&self, state: &dyn StateView, at: Position, entry: &[u8]) -> Result<NewEntry, Refusal> {
        let writes = self.0.replay(state, at.index, entry)?;
        Ok(NewEntry { entry: entry.to_vec(), writes })
    }

    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        self.0.replay(state, index, entry)
    }
}

/// Makes `folder` another history of the log with `more` entries than there were: lawful in itself, with another
/// organisation in entry 500. Returns its DID, and the way from the honest size to the new one.
fn rewrite(town: &Town, folder: &str, more: u64) -> (Did, Vec<Hash>) {
    fs::create_dir(town.path(folder)).unwrap();
    restrict(&town.path(folder));
    for name in ["log-key.jwk", "heads-key.jwk", "log.vkey", "root"] {
        fs::copy(town.path("srv").join(name), town.path(folder).join(name)).unwrap();
    }
    let origin = town.log_key().name().clone();
    let fold = || Fold::new(origin.clone());
    let honest = SqliteLog::open(&town.path("srv/ledger.db"), fold(), Wall).unwrap();
    let size = honest.head().unwrap().size;
    let mut entries = honest.entries(0..size).unwrap();
    let (attacker, operation) = creation(&origin, 10_000);
    let mut forged = |index: u64, operation: &[u8]| {
        let honest = String::from_utf8(entries[usize::try_from(index).unwrap()].clone()).unwrap();
        let time = &honest[honest.rfind(",\"time\":").unwrap()..];
        let entry = [b"{\"op\":", operation, time.as_bytes()].concat();
        if index == REWRITTEN {
            entries[usize::try_from(index).unwrap()] = entry;
        } else {
            entries.push(entry);
        }
    };
    forged(REWRITTEN, &operation);
    for seed in 20_000..20_000 + more {
        forged(size - 1, &creation(&origin, seed).1);
    }
    let log = SqliteLog::open(&town.path(folder).join("ledger.db"), Forger(fold()), Wall).unwrap();
    for answer in log.append(entries) {
        answer.unwrap();
    }
    assert_eq!(log.head().unwrap().size, size + more);
    // What his server would refuse to open, he makes it believe.
    let lie = SignedCheckpoint::sign(log.head().unwrap(), &town.log_key(), &town.operators("log-key.jwk"));
    town.write(&format!("{folder}/published"), &lie.unwrap().to_string());
    let engine: &dyn LogEngine = &log;
    (attacker, prove_consistency(&TileNodes::new(engine, size + more), size, size + more).unwrap())
}

fn restrict(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
}

/// The proof of a document as the server gives it, in a file.
fn keep_proof(town: &Town, server: &Served, did: &Did, file: &str) {
    town.write(file, &server.json(&format!("/dids/{did}/proof")).to_string());
}

/// Each witness is shown the forged checkpoint in every way that the operator can think of.
fn witnesses_refuse(witnesses: &[Served], forged: &SignedCheckpoint, honest: TreeHead, path: Vec<Hash>) {
    // His own tree's proof; no proof; a lie about what the witness knows; as if it knew nothing.
    for (old, proof) in [(honest.size, path), (honest.size, vec![]), (REWRITTEN - 1, vec![]), (0, vec![])] {
        let body = AddCheckpoint { old, proof, checkpoint: forged.clone() }.to_string();
        for witness in witnesses {
            let (status, _, answer) = witness.ask("POST", "/add-checkpoint", body.as_bytes());
            assert!(matches!(status, 409 | 422), "{status}");
            assert!(!String::from_utf8(answer).unwrap().contains('\u{2014}'), "no cosignature");
        }
    }
}

/// A court has the log's public key and the file, and nothing else.
fn convinces_a_court(town: &Town, file: &Path) {
    let court = tempfile::tempdir().unwrap();
    fs::copy(town.path("srv/log.vkey"), court.path().join("log.vkey")).unwrap();
    let examine = |text: &str, key: &str| {
        fs::write(court.path().join("file.txt"), text).unwrap();
        let arguments = ["ledger", "equivocation", "file.txt", "--log-key", key, "--json"];
        crate::support::sinpyo(court.path(), &arguments).status.code()
    };
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(examine(&text, "log.vkey"), Some(0));
    let other = key(Algorithm::Ed25519, 77);
    let other = sinpyo_tlog::note::LogKey::new(town.log_key().name().clone(), other.verifying_key().clone());
    fs::write(court.path().join("other.vkey"), other.unwrap().to_string()).unwrap();
    assert_eq!(examine(&text, "other.vkey"), Some(1));
    // Every signed line is needed: with one changed character it proves nothing.
    for (number, line) in text.lines().enumerate().filter(|(_, line)| line.contains("ledger.example")) {
        let changed = line.replace("ledger", "ladger");
        let forged: Vec<_> =
            text.lines().enumerate().map(|(at, line)| if at == number { &changed } else { line }).collect();
        assert_eq!(examine(&(forged.join("\n") + "\n"), "log.vkey"), Some(1), "{line}");
    }
}

#[test]
fn an_operator_who_rewrites_an_entry_is_refused_by_everybody_on_his_own() {
    let town = Town::founded();
    let victim = fill(&town);
    let witnesses = town.witnessed();
    let policy: Policy = town.read("policy").parse().unwrap();
    let server = Served::start(town.folder(), "registry --open-creation --data srv --policy policy");
    let (address, url) = (server.address().to_owned(), server.url.clone());
    until(std::time::Duration::from_secs(20), "a quorum", || policy.verify(&shown(&server)).is_ok());
    let honest = shown(&server).claimed_head();
    assert!(honest.size >= 600);
    // Everything in order: a verifier believes the proof, a partner resolves, the monitor is content.
    keep_proof(&town, &server, &victim, "genuine.json");
    let check =
        |file: &str, did: &Did, trust: &str| format!("ledger verify-proof {file} --did {did} {trust}");
    town.ok(&check("genuine.json", &victim, "--policy policy --max-age 60"));
    town.ok(&format!("did resolve {victim} --home partner --registry {url} --policy policy"));
    let monitor = |data: &str| format!("ledger monitor --log {url} --policy policy --data {data} --once");
    assert_eq!(town.ok(&monitor("monitor"))["replayed"], honest.size);
    server.kill();
    for (folder, more) in [("same-size", 0), ("larger", 3)] {
        let (attacker, path) = rewrite(&town, folder, more);
        let server =
            Served::at(town.folder(), &format!("registry --data {folder} --policy policy"), &address);
        until(std::time::Duration::from_secs(5), "the forgery", || {
            shown(&server).claimed_head().size == honest.size + more
        });
        let forged = shown(&server);
        assert_ne!(forged.claimed_head(), honest);
        forged.verify(&town.log_key()).unwrap();
        // (b) The witnesses.
        witnesses_refuse(&witnesses, &forged, honest, path);
        // (a) The verifier: his proof is flawless but for the quorum.
        keep_proof(&town, &server, &attacker, "forged.json");
        town.ok(&check("forged.json", &attacker, "--log-key srv/log.vkey"));
        assert_eq!(town.refused(&check("forged.json", &attacker, "--policy policy")), "WIT-13");
        assert!(server.get(&format!("/dids/{victim}")).0 == 404, "his log knows nothing of the victim");
        assert!(town.fails(&format!("did resolve {attacker} --home partner")).contains("quorum"));
        // (c) The monitor: one that remembers, and one that knows only what the witnesses saw.
        for data in ["monitor", &format!("new-{folder}")] {
            let output = town.run(&monitor(data));
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(3), "{data}: {told}");
            assert!(told.contains(r#""alarm":"equivocation""#), "{data}: {told}");
            let name = format!("equivocation-{}-{}.txt", honest.size, honest.size + more);
            convinces_a_court(&town, &town.path(data).join(name));
        }
        server.kill();
    }
    // The honest log is still the one that all of them know.
    let server = Served::at(town.folder(), "registry --open-creation --data srv --policy policy", &address);
    until(std::time::Duration::from_secs(20), "a quorum", || policy.verify(&shown(&server)).is_ok());
    town.ok(&format!("did resolve {victim} --home partner"));
    assert_eq!(server.json("/log")["size"], json!(honest.size));
}
