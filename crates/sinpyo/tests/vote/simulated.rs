//! `sinpyo vote simulate`, and what can be done with what it leaves.

use crate::support::{json_of, sinpyo};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Output},
};

const CHOICES: [u8; 20] = [1, 2, 3, 0, 1, 1, 2, 3, 3, 3, 0, 1, 2, 2, 2, 1, 4, 1, 0, 3];
/// Votes for blank and options 1 to 5.
const MEANT: [u64; 6] = [3, 6, 5, 5, 1, 0];

/// The last line says that everything was as it should be.
fn expect_fine(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let line = json_of(output);
    let members: Vec<&String> = line.as_object().unwrap().keys().collect();
    let documented = [
        "audit",
        "bytes_per_ballot",
        "cast",
        "duplicates",
        "rejected",
        "result_ok",
        "us_per_ballot",
        "voters",
    ];
    assert_eq!(members, documented);
    let audit = line["audit"].as_object().unwrap();
    let names: BTreeSet<String> = (1..=14).map(|number| format!("V{number}")).collect();
    assert_eq!(audit.keys().cloned().collect::<BTreeSet<_>>(), names);
    assert!(audit.values().all(|holds| holds == true), "{line}");
    // One of the twenty votes twice at once, one votes again.
    let counts = ["voters", "cast", "rejected", "duplicates"].map(|name| line[name].as_u64().unwrap());
    assert_eq!((counts, line["result_ok"].as_bool()), ([20, 22, 100, 2], Some(true)));
    line
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let output = sinpyo(folder, arguments);
    (output.status.code().unwrap(), json_of(&output))
}

/// Lets the trustees open the sums again: each with a process and its own folder.
fn shares(folder: &Path, trustees: &[u8]) -> Vec<String> {
    let one = |trustee: &u8| {
        let own = folder.join(format!("trustees/{trustee}"));
        let output = sinpyo(&own, &["vote", "trustee", "--folder", ".", "--shares-of", "../../record"]);
        let name = format!("shares-{trustee}.jsonl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(folder.join(&name), output.stdout).unwrap();
        name
    };
    trustees.iter().filter(|trustee| folder.join(format!("trustees/{trustee}")).exists()).map(one).collect()
}

fn opened(folder: &Path, shares: &[String]) -> (i32, Value) {
    let mut arguments = vec!["vote", "tally", "--record", "record", "--json"];
    arguments.extend(shares.iter().flat_map(|file| ["--shares", file]));
    run(folder, &arguments)
}

/// Blank and counts of the only group.
fn counts(result: &Value) -> Vec<u64> {
    let contest = &result["groups"][0]["contests"][0];
    let counts = contest["counts"].as_array().unwrap().iter();
    std::iter::once(&contest["blank"]).chain(counts).map(|count| count.as_u64().unwrap()).collect()
}

#[test]
fn an_election_is_held_audited_and_opened_by_any_three_of_five() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("choices"), CHOICES.map(|choice| choice.to_string()).join("\n")).unwrap();
    let arguments = [
        "vote",
        "simulate",
        "--voters",
        "20",
        "--choices",
        "choices",
        "--keep",
        "kept",
        "--closes-after",
        "60",
        "--json",
    ];
    expect_fine(&sinpyo(folder.path(), &arguments));
    let kept = folder.path().join("kept");
    let (code, audited) = run(&kept, &["vote", "audit", "record", "--json"]);
    assert_eq!((code, counts(&audited["result"])), (0, MEANT.to_vec()), "{audited}");
    refuse_what_was_not_meant(&kept, &audited);
    let five = shares(&kept, &[1, 2, 3, 4, 5]);
    assert_eq!(opened(&kept, &five).0, 0);
    // Any two folders are lost.
    for lost in [[1_u8, 2], [2, 4], [4, 5]] {
        let others: Vec<u8> = (1..=5).filter(|trustee| !lost.contains(trustee)).collect();
        let (code, result) = opened(&kept, &shares(&kept, &others));
        assert_eq!((code, counts(&result["result"])), (0, MEANT.to_vec()), "without {lost:?}");
    }
    for lost in [1, 4] {
        fs::remove_dir_all(kept.join(format!("trustees/{lost}"))).unwrap();
    }
    assert_eq!(opened(&kept, &shares(&kept, &[1, 2, 3, 4, 5])).0, 0);
    // A third one.
    fs::remove_dir_all(kept.join("trustees/5")).unwrap();
    let rest = shares(&kept, &[1, 2, 3, 4, 5]);
    assert_eq!(rest.len(), 2);
    let (code, result) = opened(&kept, &rest);
    assert_eq!((code, &result["result"]), (1, &Value::Null), "{result}");
    refuse_what_is_changed(&kept);
}

/// A record without fault, and what it must not be taken for.
fn refuse_what_was_not_meant(kept: &Path, audited: &Value) {
    let host = audited["host"].as_str().unwrap();
    let audit = |more: &[&str]| {
        let (code, told) = run(kept, &[&["vote", "audit", "record", "--json"], more].concat());
        (code, told["checks"]["V5"].as_bool())
    };
    assert_eq!(audit(&["--host", host, "--head", "record/checkpoint"]), (0, Some(true)));
    assert_eq!(audit(&["--host", &"f".repeat(64)]), (1, Some(false)));
    let text = fs::read_to_string(kept.join("record/checkpoint")).unwrap();
    let (name, others) = text.split_once('\n').unwrap();
    let size = audited["head"]["size"].as_u64().unwrap();
    for (what, head) in [
        ("of another log", format!("{name}0\n{others}")),
        ("longer than the record", text.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1)),
    ] {
        fs::write(kept.join("head"), head).unwrap();
        assert_eq!(audit(&["--head", "head"]), (1, Some(false)), "{what}");
    }
    let told = sinpyo(kept, &["vote", "audit", "record"]);
    let told = String::from_utf8(told.stdout).unwrap();
    for name in ["election", "host", "log"] {
        assert!(told.contains(audited[name].as_str().unwrap()), "{told}");
    }
}

/// A share that is another's, and a record in which a byte is another.
fn refuse_what_is_changed(kept: &Path) {
    let (two, three) = (kept.join("shares-2.jsonl"), kept.join("shares-3.jsonl"));
    let text = fs::read_to_string(&two).unwrap().replace("trustee/2", "trustee/3");
    fs::write(&three, text).unwrap();
    let names = ["shares-2.jsonl".to_owned(), "shares-3.jsonl".to_owned(), "shares-1.jsonl".to_owned()];
    let mut arguments = vec!["vote", "tally", "--record", "record"];
    arguments.extend(names.iter().flat_map(|file| ["--shares", file]));
    assert_eq!(sinpyo(kept, &arguments).status.code(), Some(2), "the signature is another trustee's");
    let entries = kept.join("record/tile/entries/000.p");
    let bundle = fs::read_dir(&entries).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&bundle).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let (code, audited) = run(kept, &["vote", "audit", "record", "--json"]);
    assert_eq!((code, &audited["checks"]["V5"]), (1, &Value::Bool(false)), "{audited}");
    assert!(audited["bad"]["V5"]["reason"].is_string());
}

#[test]
fn an_election_without_a_public_roll_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["vote", "simulate", "--voters", "20", "--profile", "token", "--closes-after", "60", "--json"];
    expect_fine(&sinpyo(folder.path(), &arguments));
}

#[test]
fn no_process_opens_a_file_in_another_trustees_folder() {
    let is_there = Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success());
    if !is_there {
        assert!(std::env::var_os("SINPYO_REQUIRE_ALL").is_none(), "strace is not there");
        eprintln!("skipped: strace is not there");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // -y writes beside each descriptor which file it is, and beside AT_FDCWD where the process works.
    let mut command = Command::new("strace");
    command.args(["-ff", "-y", "--seccomp-bpf", "-e", "trace=openat,openat2,open", "-o", "trace"]);
    command.arg(env!("CARGO_BIN_EXE_sinpyo"));
    command.args([
        "vote",
        "simulate",
        "--voters",
        "4",
        "--hostile",
        "0",
        "--keep",
        "kept",
        "--closes-after",
        "60",
    ]);
    let output = command.current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // A file for each thread.
    let traces = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    let traces = traces.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("trace."));
    let trace: String = traces.map(|path| fs::read_to_string(path).unwrap()).collect();
    let mut seen = BTreeSet::new();
    for line in trace.lines() {
        // `openat(AT_FDCWD</…/trustees/3>, "./.lock", O_WRONLY|O_CREAT|O_CLOEXEC, 0666) = 3</…/trustees/3/.lock>`
        let Some((call, opened)) = line.rsplit_once(" = ") else { continue };
        let trustee_of = |text: &str| {
            let rest = text.split("/trustees/").nth(1)?;
            rest.chars().next().filter(char::is_ascii_digit)
        };
        let (at, file) = (call.split("AT_FDCWD<").nth(1).unwrap_or_default(), opened);
        let at = trustee_of(at.split('>').next().unwrap_or_default());
        match (at, trustee_of(file)) {
            (Some(own), Some(of)) => {
                assert_eq!(own, of, "{line}");
                seen.insert(of);
            }
            // What the program was started with by whoever founded the folder: its log.
            (None, Some(_)) => assert!(file.contains("program.log"), "{line}"),
            (Some(_), None) => {
                assert!(!file.contains("/kept/board") && !file.contains("/kept/home"), "{line}");
            }
            (None, None) => {}
        }
    }
    assert_eq!(seen, BTreeSet::from(['1', '2', '3', '4', '5']), "each worked in its own folder");
}
