//! Evidence that the log lied about what is newest, and what an operator finds in a damaged file.

use crate::{Town, served::Served, shown};
use sinpyo_core::{did::Did, time::Clock as _};
use sinpyo_registry::{
    Fold, Ledger, LedgerKeys,
    heads::{HeadsKey, Topic},
};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::note::{LogKey, Note};
use std::fs;

#[derive(Debug, Clone, Copy)]
struct Wall;

impl sinpyo_core::time::Clock for Wall {
    fn now(&self) -> sinpyo_core::time::Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        sinpyo_core::time::Timestamp::from_unix(i64::try_from(since.as_secs()).unwrap()).unwrap()
    }
}

#[test]
fn a_statement_that_the_logs_entries_deny_is_proven_to_be_a_lie() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    let created =
        town.ok(&format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    let did: Did = created["did"].as_str().unwrap().parse().unwrap();
    town.ok("did rotate post --home post");
    assert!(server.terminate().success());
    let (signer, heads) = (town.operators("log-key.jwk"), town.operators("heads-key.jwk"));
    let key = town.log_key();
    let heads_key = HeadsKey::new(key.name(), heads.key().verifying_key().clone()).unwrap();
    let log = SqliteLog::open(&town.path("srv/ledger.db"), Fold::new(key.name().clone()), Wall).unwrap();
    let keys = LedgerKeys::new(key.clone(), &signer).with_heads(heads_key, &heads);
    let ledger = Ledger::with_keys(&log, keys, &town.read("srv/root").trim().parse().unwrap()).unwrap();
    let honest = ledger.state_heads([Topic::Did(did.clone())], Wall.now()).unwrap().to_string();
    let honest = honest.parse::<Note>().unwrap().unverified_text().to_owned();
    let lie = honest.replace(honest.lines().last().unwrap(), &format!("did {did} none"));
    let name = format!("{}/heads", key.name()).parse().unwrap();
    let public = LogKey::new(name, heads.key().verifying_key().clone()).unwrap();
    let lie = Note::new(&lie, vec![public.sign(&lie, &heads).unwrap()]).unwrap().to_string();
    let evidence = ledger.contradict(&ledger.checkpoint().unwrap(), &lie.parse().unwrap()).unwrap().unwrap();
    let evidence = evidence.to_string();
    town.write("lie.json", &evidence);
    let check = "ledger equivocation lie.json --log-key srv/log.vkey";
    let told = town.ok(check);
    assert_eq!((&told["about"], &told["stated"]), (&format!("did {did}").into(), &serde_json::Value::Null));
    // An honest statement in its place proves nothing, nor does a file that is none.
    let mut cleared: serde_json::Value = serde_json::from_str(&evidence).unwrap();
    cleared["heads"] = ledger.state_heads([Topic::Did(did)], Wall.now()).unwrap().to_string().into();
    town.write("lie.json", &cleared.to_string());
    assert_eq!(town.refused(check), "TLOG-39");
    town.write("lie.json", "{}");
    town.refused(check);
}

#[test]
fn a_damaged_log_is_found_by_its_operator() {
    let town = Town::founded();
    let server = Served::start(town.folder(), "registry --open-creation --data srv");
    town.ok(&format!("did create post --ko 우정 --en Post --home post --registry {}", server.url));
    // While it is served, too.
    assert_eq!(town.ok("ledger verify --home srv")["size"], 3);
    let newest = shown(&server).to_string();
    assert!(server.terminate().success());
    let file = town.path("srv/ledger.db");
    let whole = fs::read(&file).unwrap();
    let mut bytes = whole.clone();
    let at = bytes.windows(6).position(|six| six == b"#key-1").unwrap();
    bytes[at + 5] = b'7';
    fs::write(&file, bytes).unwrap();
    assert!(town.fails("ledger verify --home srv").contains("damaged"));
    fs::write(&file, whole).unwrap();
    town.ok("ledger verify --home srv");
    // Sound in itself, and less than was published.
    town.write("srv/published", &newest.replace("\n3\n", "\n4\n"));
    assert!(town.fails("ledger verify --home srv").contains("older copy"));
}
