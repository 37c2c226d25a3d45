//! The program as it is run.

use crate::{
    node::{CHAIN, available, wait_for},
    proxy::{Act, Proxy},
    world::{ANCHORER, ORIGIN, OWNER, STRANGER, World, account, checkpoint_text},
};
use alloy::{
    eips::BlockId, primitives::hex, providers::Provider as _, rpc::types::Block,
    signers::local::PrivateKeySigner,
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use url::Url;

/// [Web3 Secret Storage Definition, test vector PBKDF2-SHA-256], password `testpassword`.
const KEYSTORE: &str = r#"{"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},
"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,
"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},
"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},
"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3}"#;
const KEYSTORE_SECRET: [u8; 32] = hex!("7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d");

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn key_file(folder: &Path, n: u8) -> PathBuf {
    let path = folder.join(format!("key{n}"));
    write_private(&path, &hex::encode([n; 32]));
    path
}

/// A command line for the world; tests add to it.
struct Line<'a> {
    world: &'a World,
    rpc: Url,
}

impl Line<'_> {
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchor-evm"));
        command.args(["--json", name, "--rpc", self.rpc.as_str(), "--timeout", "3"]);
        command
    }

    fn place(&self, name: &str) -> Command {
        let mut command = self.command(name);
        command.args(["--chain-id", &CHAIN.to_string(), "--contract", &self.world.contract.to_string()]);
        command
    }

    fn log(&self, name: &str) -> Command {
        let mut command = self.place(name);
        command.arg("--log").arg(self.world.log.folder.path());
        command.args(["--log-key", &self.world.log.key.to_string()]);
        command
    }

    fn run(&self, key: &Path) -> Command {
        let mut command = self.log("run");
        command.arg("--key").arg(key).arg("--state").arg(self.world.state.path().join("last"));
        command.args(["--patience", "1", "--interval", "1"]);
        command
    }

    fn verify(&self, checkpoint: &Path, block: &str) -> Command {
        let mut command = self.command("verify");
        command.args(["--contract", &self.world.contract.to_string(), "--block-hash", block]);
        command.args(["--log-key", &self.world.log.key.to_string()]).arg("--checkpoint").arg(checkpoint);
        command
    }
}

/// The exit status and the printed objects. Nothing that is printed holds a key.
fn outcome(command: &mut Command) -> (i32, Vec<Value>) {
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    for n in [OWNER, ANCHORER, STRANGER] {
        assert!(!text.contains(&hex::encode([n; 32])), "a key was printed");
        assert!(!text.contains(&hex::encode(KEYSTORE_SECRET)), "a key was printed");
    }
    let lines =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{text}"))).collect();
    (output.status.code().unwrap(), lines)
}

#[test]
fn a_log_is_anchored_and_checked_by_commands() {
    if !available() {
        return;
    }
    let mut world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let (owner, key) = (key_file(folder.path(), OWNER), key_file(folder.path(), ANCHORER));
    let rpc = world.node.url.clone();
    let mut deploy = Line { world: &world, rpc: rpc.clone() }.command("deploy");
    deploy.args(["--chain-id", &CHAIN.to_string(), "--origin", ORIGIN]).arg("--key").arg(owner);
    let (status, lines) = outcome(deploy.args(["--anchorer", &account(ANCHORER).address().to_string()]));
    assert_eq!((status, &lines[0]["event"]), (0, &"deployed".into()), "{lines:?}");
    world.contract = lines[0]["contract"].as_str().unwrap().parse().unwrap();
    let line = Line { world: &world, rpc };

    let first = folder.path().join("first");
    for size in [300, 700] {
        world.log.grow_to(size);
        if size == 300 {
            fs::write(&first, checkpoint_text(world.log.folder.path())).unwrap();
        }
        let (status, lines) = outcome(line.run(&key).args(["--once", "--goal", "latest"]));
        assert_eq!(
            (status, &lines[1]["event"], &lines[1]["log"]["size"]),
            (0, &"anchored".into(), &size.into())
        );
    }
    let (status, lines) = outcome(&mut line.log("status"));
    assert_eq!(
        (status, &lines[0]["entries_behind"], &lines[0]["latest"]["size"]),
        (0, &0.into(), &700.into())
    );

    let block =
        wait_for(async { world.node.provider().get_block(BlockId::latest()).await.unwrap().unwrap() });
    let block = block.header.hash.to_string();
    let current = world.log.folder.path().join("checkpoint");
    let (status, lines) = outcome(&mut line.verify(&current, &block));
    assert_eq!(
        (status, &lines[0]["event"], &lines[0]["anchored"]["size"]),
        (0, &"verified".into(), &700.into())
    );
    // The earlier checkpoint needs the log, and then holds.
    assert_eq!(outcome(&mut line.verify(&first, &block)).0, 1);
    let with_log = |checkpoint: &Path| {
        outcome(line.verify(checkpoint, &block).arg("--log").arg(world.log.folder.path()))
    };
    assert_eq!(with_log(&first).0, 0);
    let rule = |(status, lines): (i32, Vec<Value>)| (status, lines.last().unwrap()["rule"].clone());
    // A rewritten log no longer shows it; a later checkpoint is not anchored; a foreign one is not the log's.
    world.log.rewrite(500);
    assert_eq!(rule(outcome(&mut line.verify(&current, &block))), (4, "EVM-11".into()));
    world.log.grow_to(800);
    assert_eq!(rule(outcome(&mut line.verify(&current, &block))), (4, "EVM-25".into()));
    let foreign = folder.path().join("foreign");
    fs::write(&foreign, fs::read_to_string(&first).unwrap().replacen("300", "301", 1)).unwrap();
    assert_eq!(with_log(&foreign).0, 4);
    // The anchorer refuses it too, in every run.
    assert_eq!(rule(outcome(line.run(&key).arg("--once"))), (4, "EVM-12".into()));
    // A block that the node does not know.
    assert_eq!(outcome(&mut line.verify(&first, &format!("0x{}", "11".repeat(32)))).0, 1);
}

/// [EVM-06] [EVM-07]
#[test]
fn a_public_key_file_a_wrong_chain_and_a_stranger_are_refused() {
    if !available() {
        return;
    }
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    world.log.grow_to(3);
    let line = Line { world: &world, rpc: world.node.url.clone() };
    let rule = |command: &mut Command| {
        let (status, lines) = outcome(command);
        assert_eq!(status, 4, "{lines:?}");
        lines.last().unwrap()["rule"].as_str().unwrap().to_owned()
    };
    let key = key_file(folder.path(), ANCHORER);
    for mode in [0o640, 0o604, 0o660, 0o644] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(rule(line.run(&key).arg("--once")), "EVM-06");
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let stranger = key_file(folder.path(), STRANGER);
    assert_eq!(rule(line.run(&stranger).arg("--once")), "EVM-01");
    let mut wrong = line.command("accept");
    wrong.args(["--chain-id", "1", "--contract", &world.contract.to_string()]).arg("--key").arg(&key);
    assert_eq!(rule(&mut wrong), "EVM-07");
    for content in ["", "zz", "00", &"00".repeat(32), "{}"] {
        write_private(&key, content);
        assert_eq!(outcome(line.run(&key).arg("--once")).0, 1, "{content:?}");
    }
}

#[test]
fn the_role_is_handed_over_by_commands_and_a_keystore_opens() {
    if !available() {
        return;
    }
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let line = Line { world: &world, rpc: world.node.url.clone() };
    let signer = PrivateKeySigner::from_slice(&KEYSTORE_SECRET).unwrap();
    wait_for(world.node.fund(signer.address()));
    let store = folder.path().join("store");
    write_private(&store, KEYSTORE);
    let password = folder.path().join("password");
    write_private(&password, "testpassword\n");
    let mut offer = line.place("offer");
    offer.arg("--key").arg(key_file(folder.path(), OWNER));
    let (status, lines) = outcome(offer.args(["--to", &signer.address().to_string()]));
    assert_eq!((status, &lines[0]["event"]), (0, &"offered".into()));
    let accept = |password: &Path| {
        let mut accept = line.place("accept");
        outcome(accept.arg("--key").arg(&store).arg("--password-file").arg(password))
    };
    let wrong = folder.path().join("wrong");
    write_private(&wrong, "other");
    assert_eq!(accept(&wrong).0, 1);
    assert_eq!(accept(&password).0, 0);
    world.log.grow_to(3);
    let (status, _) = outcome(line.run(&key_file(folder.path(), ANCHORER)).arg("--once"));
    assert_eq!(status, 4);
    let (status, lines) = outcome(line.run(&store).arg("--once").arg("--password-file").arg(&password));
    assert_eq!((status, &lines[1]["event"]), (0, &"anchored".into()));
}

/// The alarm: by exit status, by line and by number; and it ends when the chain catches up.
#[test]
fn a_chain_that_is_behind_is_an_alarm() {
    if !available() {
        return;
    }
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::before(&world.node.url);
    let key = key_file(folder.path(), ANCHORER);
    let metrics = folder.path().join("metrics");
    let line = Line { world: &world, rpc: proxy.url.clone() };
    world.log.grow_to(50);
    let (status, lines) = outcome(line.log("status").args(["--max-entries", "49"]));
    assert_eq!((status, &lines[0]["alarm"]), (3, &true.into()));
    assert_eq!(outcome(line.log("status").args(["--max-entries", "50"])).0, 0);
    proxy.script(|_| Act::Drop);
    assert_eq!(outcome(line.run(&key).arg("--once")).0, 1);

    let mut running = line.run(&key);
    running.args(["--max-entries", "49", "--goal", "latest", "--metrics"]).arg(&metrics);
    let mut child = running.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| -> Value { serde_json::from_str(&line.unwrap()).unwrap() });
    let alarm = lines.find(|line| line["event"] == "lag-alarm").unwrap();
    assert_eq!((&alarm["entries"], &alarm["limit"]), (&50.into(), &"entries".into()));
    let trouble = lines.find(|line| line["event"] == "trouble").unwrap();
    assert!(trouble["rule"].is_null());
    let numbers = fs::read_to_string(&metrics).unwrap();
    assert!(
        numbers.contains("sinpyo_anchor_lag_entries 50\n") && numbers.contains("sinpyo_anchor_lag_alarm 1\n")
    );
    proxy.script(|_| Act::Pass);
    assert!(lines.any(|line| line["event"] == "anchored"));
    let stop = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(stop.success() && child.wait().unwrap().success());
    let numbers = fs::read_to_string(&metrics).unwrap();
    assert!(
        numbers.contains("sinpyo_anchor_chain_size_latest 50\n")
            && numbers.contains("sinpyo_anchor_lag_alarm 0\n")
    );
}

/// [EVM-26] [EVM-28] `status` through a node that lies about heads and times.
#[test]
fn a_lying_node_does_not_deceive_status() {
    if !available() {
        return;
    }
    let (world, liar) = (World::new(), World::new());
    let proxy = Proxy::before(&world.node.url);
    for size in [10, 20] {
        let _ = (world.log.grow_to(size), liar.log.grow_to(size));
        wait_for(async { liar.step(&mut liar.anchorer()).await.unwrap() });
        if size == 10 {
            wait_for(async { world.step(&mut world.anchorer()).await.unwrap() });
        }
    }
    wait_for(world.node.mine(5));
    let line = Line { world: &world, rpc: liar.node.url.clone() };
    let (status, lines) = outcome(&mut line.log("status"));
    assert_eq!((status, &lines[0]["nodes"], &lines[0]["entries_behind"]), (0, &1.into(), &0.into()));
    let second = world.node.url.to_string();
    let rule = |(status, lines): (i32, Vec<Value>)| (status, lines.last().unwrap()["rule"].clone());
    assert_eq!(rule(outcome(line.log("status").args(["--second-rpc", &second]))), (4, "EVM-26".into()));
    let key = key_file(world.state.path(), ANCHORER);
    let (status, lines) = outcome(line.run(&key).args(["--once", "--second-rpc", &second]));
    assert_eq!((status, &lines[0]["nodes"], &lines[1]["rule"]), (4, &2.into(), &"EVM-26".into()));

    let line = Line { world: &world, rpc: proxy.url.clone() };
    assert_eq!(outcome(line.log("status").args(["--second-rpc", proxy.url.as_str()])).0, 1);
    let (status, lines) = outcome(line.log("status").args(["--second-rpc", &second]));
    assert_eq!((status, &lines[0]["entries_behind"]), (0, &10.into()));
    // The block of the anchor.
    let timed = |change: fn(&mut Value)| {
        proxy.script(move |call| {
            let it = call["method"] == "eth_getBlockByNumber" && call["params"][0] == "0x2";
            if it { Act::Change(change) } else { Act::Pass }
        });
        rule(outcome(&mut line.log("status")))
    };
    assert_eq!(timed(|block| block["timestamp"] = "0x8000000000000000".into()), (4, "EVM-20".into()));
    let made_up = |block: &mut Value| {
        let mut whole: Block = serde_json::from_value(block.clone()).unwrap();
        whole.header.inner.timestamp = 1 << 63;
        block["timestamp"] = "0x8000000000000000".into();
        block["hash"] = whole.header.inner.hash_slow().to_string().into();
    };
    assert_eq!(timed(made_up), (4, "EVM-28".into()));
}

/// A node's words go to a terminal.
#[test]
fn what_a_node_says_is_printed_briefly_and_without_control_characters() {
    if !available() {
        return;
    }
    let world = World::new();
    let proxy = Proxy::before(&world.node.url);
    proxy.script(|_| Act::Error(format!("\u{1b}[2J\r\nfinal: 50 entries\n{}", "x".repeat(100_000))));
    let mut command = Line { world: &world, rpc: proxy.url.clone() }.log("status");
    let plain: Vec<_> = command.get_args().skip(1).map(ToOwned::to_owned).collect();
    let output = Command::new(env!("CARGO_BIN_EXE_anchor-evm")).args(plain).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("final: 50 entries") && text.len() < 1000, "{}", text.len());
    assert_eq!(text.lines().count(), 1);
    assert!(!text.contains('\u{1b}') && !text.contains('\r'));
    assert_eq!(outcome(&mut command).0, 1);
}
