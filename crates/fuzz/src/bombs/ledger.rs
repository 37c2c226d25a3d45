//! Bombs for the log, its witnesses, the registry and its interface.

use super::{Bomb, bomb};
use crate::{
    Outcome,
    targets::{self, ask_registry as ask},
};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::Algorithm;
use sinpyo_registry_api::{Budget, LimitSettings, Limits};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    cosignature::CosignerKey,
    equivocation::EquivocationProof,
    policy::Policy,
    proof::TlogProof,
    tile::{EntryBundle, Resource, TileId},
};
use std::{net::IpAddr, str};

pub(super) const BOMBS: &[Bomb] = &[
    bomb("policy: 256 ML-DSA witnesses in 32 groups", || grouped(Algorithm::MlDsa44), follow, "WIT-13"),
    bomb("policy: 256 Ed25519 witnesses in 32 groups", || grouped(Algorithm::Ed25519), follow, "WIT-13"),
    bomb("policy: 256 groups in each other", nested_groups, follow, "WIT-13"),
    bomb("policy: 300 groups in each other", || chain(300), follow, "WIT-11"),
    bomb("policy: a group of 500,000 members", crowd, follow, "WIT-07"),
    bomb("policy: 1,000,000 empty lines", || vec![b'\n'; 1_000_000], follow, "WIT-10"),
    bomb("policy: a line of 2 MiB", || vec![b'a'; 2 << 20], follow, "WIT-11"),
    bomb("checkpoint: an ML-DSA cosignature 63 times", || repeated(63), cosigned, "ok"),
    bomb("checkpoint: an ML-DSA cosignature 64 times", || repeated(64), cosigned, "LOG-10"),
    bomb("tlog-proof: 1,000,000 hashes", || hashes("c2sp.org/tlog-proof@v1\nindex 1\n"), proof, "WIT-15"),
    bomb("tlog-proof: 10 MB beside it", extra, proof, "WIT-15"),
    bomb("add-checkpoint: 1,000,000 hashes", || hashes("old 1\n"), targets::ask_witness, "WIT-20"),
    bomb("add-checkpoint: the log's signature 62 times", || offer(62), targets::ask_witness, "ok"),
    bomb("add-checkpoint: 5 MB of blank lines", || b"\n".repeat(5_000_000), targets::ask_witness, "WIT-20"),
    bomb("equivocation: 2 MB of blank lines", || b"\n".repeat(2_000_000), evidence, "WIT-40"),
    bomb("equivocation: 1,000,000 hashes", many_prefixes, evidence, "WIT-40"),
    bomb(
        "tile: a path of 200,000 folders",
        || [&b"tile/0/"[..], &b"x000/".repeat(200_000)].concat(),
        path,
        "LOG-29",
    ),
    bomb(
        "tile: an index of a million marks",
        || [&b"tile/0/"[..], &vec![b'x'; 1_000_000]].concat(),
        path,
        "LOG-29",
    ),
    bomb("bundle: 256 entries of 65,535 bytes", full_bundle, bundle, "ok"),
    bomb("cosigner: a key of 10 MB", long_key, cosigner, "WIT-01"),
    bomb("limits: 300,000 peers", || vec![0; 300_000], crowds, "ok"),
    bomb("registry-api: 1 MB of Accept", accepts, ask, "406"),
    bomb("registry-api: 1 MB of If-None-Match", tags, ask, "ok"),
    bomb("registry-api: 30,000 parameters", || query(&"a&".repeat(30_000)), ask, "RGA-05"),
    bomb(
        "registry-api: a parameter of 60 kB",
        || query(&format!("versionTime={}", "%39".repeat(20_000))),
        ask,
        "400",
    ),
    bomb(
        "registry-api: an operation 65,000 arrays deep",
        || post("/operations", &[b'['; 65_000]),
        ask,
        "TLOG-01",
    ),
    bomb("registry-api: an operation of 5 MB", || post("/operations", &vec![b' '; 5_000_000]), ask, "RGA-03"),
    bomb(
        "registry-api: options 65,000 arrays deep",
        || post("/1.0/identifiers/did:x:a", &[b'['; 65_000]),
        ask,
        "RGA-05",
    ),
    bomb(
        "registry-api: a path of 60 kB",
        || get(&format!("/tile/0/{}", "x000/".repeat(12_000))),
        ask,
        "RGA-06",
    ),
    bomb(
        "registry-api: a DID of 60 kB",
        || get(&format!("/dids/did:tlog:{}", "%3A".repeat(20_000))),
        ask,
        "RGA-05",
    ),
];

fn text(input: &[u8]) -> &str {
    str::from_utf8(input).unwrap_or_default()
}

fn witness(algorithm: Algorithm, number: u8) -> CosignerKey {
    let name = format!("w{number}.example").parse().expect("a name");
    CosignerKey::new(name, key(algorithm, number).verifying_key().clone()).expect("a key for it")
}

fn log_line() -> String {
    format!("log {}\n", targets::witnessed_log())
}

/// Eight witnesses a group, and all groups in one.
fn grouped(algorithm: Algorithm) -> Vec<u8> {
    let mut lines = vec![log_line()];
    lines.extend((0..=255).map(|number| format!("witness w{number} {}\n", witness(algorithm, number))));
    for group in 0..31 {
        let members: Vec<String> = (group * 8..group * 8 + 8).map(|number| format!("w{number}")).collect();
        lines.push(format!("group g{group} 5 {}\n", members.join(" ")));
    }
    let groups: Vec<String> = (0..31).map(|number| format!("g{number}")).collect();
    lines.push(format!("group all 20 {}\nquorum all\n", groups.join(" ")));
    lines.concat().into_bytes()
}

fn chain(length: usize) -> Vec<u8> {
    let first = format!("{}witness g0 {}\n", log_line(), witness(Algorithm::Ed25519, 1));
    let groups = (1..=length).map(|number| format!("group g{number} all g{}\n", number - 1));
    let lines: Vec<String> =
        [first].into_iter().chain(groups).chain([format!("quorum g{length}\n")]).collect();
    lines.concat().into_bytes()
}

fn nested_groups() -> Vec<u8> {
    chain(256)
}

fn crowd() -> Vec<u8> {
    [&b"group g any"[..], &b" a".repeat(500_000), b"\nquorum g\n"].concat()
}

/// The rule by which a checkpoint does not satisfy the policy, or there is none.
fn follow(input: &[u8]) -> Outcome {
    let policy = match Policy::parse(input) {
        Ok(policy) => policy,
        Err(error) => return error.code(),
    };
    assert_eq!(Policy::parse(&policy.to_bytes()).as_ref(), Ok(&policy));
    policy.verify(&targets::witnessed_checkpoint()).map_or_else(|error| error.code(), |_| "ok")
}

/// A checkpoint of which its witness's longest line is there `times` times, below the log's own.
fn repeated(times: usize) -> Vec<u8> {
    let text = targets::witnessed_checkpoint().to_string();
    let (body, lines) = text.split_once("\n\n").unwrap_or_default();
    let mut lines: Vec<&str> = lines.split_inclusive('\n').collect();
    lines.sort_by_key(|line| line.len());
    let longest = lines.pop().unwrap_or_default();
    format!("{body}\n\n{}{}", lines.first().copied().unwrap_or_default(), longest.repeat(times)).into_bytes()
}

fn cosigned(input: &[u8]) -> Outcome {
    let checkpoint: sinpyo_tlog::checkpoint::SignedCheckpoint = match text(input).parse() {
        Ok(checkpoint) => checkpoint,
        Err(error) => return error.code(),
    };
    let key = targets::quantum_witness();
    key.verify(&checkpoint).map_or_else(|error| error.code(), |_| "ok")
}

fn hashes(first: &str) -> Vec<u8> {
    [first.as_bytes(), &b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(1_000_000), b"\n"].concat()
}

fn extra() -> Vec<u8> {
    [&b"c2sp.org/tlog-proof@v1\nextra "[..], &b"AAAA".repeat(2_500_000), b"\nindex 1\n\n"].concat()
}

fn proof(input: &[u8]) -> Outcome {
    text(input).parse::<TlogProof>().map_or_else(|error| error.code(), |_| "ok")
}

fn offer(times: usize) -> Vec<u8> {
    let body = String::from_utf8(targets::witness_request()).expect("a request");
    let line = body.lines().last().unwrap_or_default();
    format!("{body}{}", format!("{line}\n").repeat(times - 1)).into_bytes()
}

fn many_prefixes() -> Vec<u8> {
    hashes("sinpyo equivocation v1\nprefix AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
}

fn evidence(input: &[u8]) -> Outcome {
    text(input).parse::<EquivocationProof>().map_or_else(|error| error.code(), |_| "ok")
}

fn path(input: &[u8]) -> Outcome {
    text(input).parse::<Resource>().map_or_else(|error| error.code(), |_| "ok")
}

fn full_bundle() -> Vec<u8> {
    [&[0xff, 0xff][..], &vec![b'a'; 65_535]].concat().repeat(256)
}

fn bundle(input: &[u8]) -> Outcome {
    let id = TileId::new(0, 0, 256).expect("a tile");
    match EntryBundle::parse(id, input) {
        Ok(bundle) if bundle.leaf_hashes().len() == id.length() => "ok",
        Ok(_) => "wrong",
        Err(error) => error.code(),
    }
}

fn long_key() -> Vec<u8> {
    [&b"w+00000000+"[..], &b"AAAA".repeat(2_500_000)].concat()
}

fn cosigner(input: &[u8]) -> Outcome {
    text(input).parse::<CosignerKey>().map_or_else(|error| error.code(), |_| "ok")
}

/// A peer a byte, each from another address, within one second.
fn crowds(input: &[u8]) -> Outcome {
    let now = Timestamp::from_unix(1_795_319_100).expect("a time");
    let mut limits = Limits::new(LimitSettings::default());
    let mut number = 0_u32;
    for byte in input {
        number += 1;
        let address = IpAddr::from((number + u32::from(*byte)).to_be_bytes());
        let budget = if number.is_multiple_of(2) { Budget::Submit } else { Budget::Read };
        if limits.admit(address, budget, now).is_err() {
            return "RGA-07";
        }
    }
    "ok"
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path}\n\n").into_bytes()
}

fn post(path: &str, body: &[u8]) -> Vec<u8> {
    [format!("POST {path}\ncontent-type: application/json\n\n").as_bytes(), body].concat()
}

const IDENTIFIER: &str = "/1.0/identifiers/did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn accepts() -> Vec<u8> {
    format!("GET {IDENTIFIER}\naccept: {}\n\n", "a/b;q=0.1,".repeat(100_000)).into_bytes()
}

fn tags() -> Vec<u8> {
    format!("GET /checkpoint\nif-none-match: {}\n\n", "W/\"a\",".repeat(170_000)).into_bytes()
}

fn query(parameters: &str) -> Vec<u8> {
    get(&format!("{IDENTIFIER}?{parameters}"))
}
