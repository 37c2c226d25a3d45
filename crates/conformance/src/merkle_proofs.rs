//! `merkle-proofs`: probes of transparency-dev/merkle. A case is a file; `wantErr` says whether the proof must be refused.

use crate::{
    given,
    report::{Report, Verdict},
};
use anyhow::{Context, Result, bail};
use multibase::Base::Base64Pad;
use serde_json::Value;
use sinpyo_tlog::merkle::{BadProof, Hash, TreeHead};
use std::path::Path;

/// Without a proof their verifier compares the roots, whatever they are, or ignores them; ours has a type for hashes.
const HASH_SIZE: &str =
    "RFC 9162 §2.1.1: a hash has the 32 bytes of SHA-256, the probe's root has another length";

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let probes = folder.join("testdata");
    let files = given::json_files(&probes)?;
    let mut report = Report::new(files.len());
    for file in files {
        let name = given::name(&probes, &file);
        let kind = name.split('/').next().unwrap_or_default();
        let verdict = given::json(&file).and_then(|probe| verdict(kind, &probe));
        report.record(name.as_str(), verdict.unwrap_or_else(|error| Verdict::Failed(format!("{error:#}"))));
    }
    Ok(report)
}

fn verdict(kind: &str, probe: &Value) -> Result<Verdict> {
    let must_fail = given::member(probe, "wantErr")?.as_bool().context("\"wantErr\" is a boolean")?;
    Ok(match (must_fail, proves(kind, probe)?) {
        (true, Err(_)) | (false, Ok(())) => Verdict::Passed,
        (true, Ok(())) => Verdict::Failed("a proof was accepted that must be refused".to_owned()),
        (false, Err(Refusal::NoHash)) if has_odd_root_and_no_proof(probe)? => {
            Verdict::Differs(HASH_SIZE.to_owned())
        }
        (false, Err(refusal)) => {
            Verdict::Failed(format!("a proof was refused that must be accepted: {refusal:?}"))
        }
    })
}

/// Why a probe proved nothing.
#[derive(Debug)]
enum Refusal {
    /// Bytes that are no hash never become an argument.
    NoHash,
    #[expect(dead_code, reason = "printed in the report")]
    Proof(BadProof),
}

/// Whether our code accepts the probe; the outer error is one of the probe's form.
fn proves(kind: &str, probe: &Value) -> Result<Result<(), Refusal>> {
    let number = |name| given::number_member(probe, name);
    let hash = |name| -> Result<Option<Hash>> { Ok(Hash::try_from(root(probe, name)?.as_slice()).ok()) };
    let Some(path) = path(probe)? else { return Ok(Err(Refusal::NoHash)) };
    let outcome = match kind {
        "inclusion" | "subtreeinclusion" => {
            let (Some(root), Some(leaf)) = (hash("root")?, hash("leafHash")?) else {
                return Ok(Err(Refusal::NoHash));
            };
            // The subtree is a tree of its own [draft-ietf-plants-merkle-tree-certs §4.3].
            let (start, end) = if kind == "inclusion" {
                (0, number("treeSize")?)
            } else {
                (number("start")?, number("end")?)
            };
            match (end.checked_sub(start), number("leafIdx")?.checked_sub(start)) {
                (Some(size), Some(index)) => {
                    TreeHead { size, root }.verify_inclusion(leaf, index, &path).map(drop)
                }
                _ => Err(BadProof::OutsideTree),
            }
        }
        "consistency" | "subtreeconsistency" => {
            let (Some(part), Some(whole)) = (hash("root1")?, hash("root2")?) else {
                return Ok(Err(Refusal::NoHash));
            };
            if kind == "consistency" {
                let older = TreeHead { size: number("size1")?, root: part };
                TreeHead { size: number("size2")?, root: whole }.verify_consistency(older, &path).map(drop)
            } else {
                let head = TreeHead { size: number("size")?, root: whole };
                head.verify_subtree(number("start")?..number("end")?, part, &path).map(drop)
            }
        }
        other => bail!("probes of kind \"{other}\" are not known"),
    };
    Ok(outcome.map_err(Refusal::Proof))
}

/// The hashes of the proof; none if one of them is no hash.
fn path(probe: &Value) -> Result<Option<Vec<Hash>>> {
    let Some(hashes) = given::member(probe, "proof")?.as_array() else { return Ok(Some(Vec::new())) };
    let mut path = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let bytes = Base64Pad.decode(hash.as_str().context("a hash is text")?)?;
        let Ok(hash) = Hash::try_from(bytes.as_slice()) else { return Ok(None) };
        path.push(hash);
    }
    Ok(Some(path))
}

fn root(probe: &Value, name: &str) -> Result<Vec<u8>> {
    Ok(Base64Pad.decode(given::text_member(probe, name)?)?)
}

fn has_odd_root_and_no_proof(probe: &Value) -> Result<bool> {
    let odd = root(probe, "root1")?.len() != 32 || root(probe, "root2")?.len() != 32;
    Ok(odd && path(probe)?.is_some_and(|path| path.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A tree of the two leaves `a` and `b`, by RFC 6962 §2.1.
    fn probe(index: u64, must_fail: bool) -> Value {
        let (a, b) = (Hash::leaf(b"a"), Hash::leaf(b"b"));
        let text = |hash: Hash| Base64Pad.encode(hash.as_bytes());
        json!({
            "leafIdx": index, "treeSize": 2, "root": text(Hash::node(a, b)), "leafHash": text(a),
            "proof": [text(b)], "wantErr": must_fail,
        })
    }

    #[test]
    fn a_probe_fails_either_way() {
        let verdict = |index, must_fail| verdict("inclusion", &probe(index, must_fail)).unwrap();
        assert_eq!(verdict(0, false), Verdict::Passed);
        assert_eq!(verdict(1, true), Verdict::Passed);
        assert!(matches!(verdict(0, true), Verdict::Failed(_)));
        assert!(matches!(verdict(1, false), Verdict::Failed(_)));
    }

    #[test]
    fn only_what_the_clauses_name_differs() {
        let short = Base64Pad.encode(b"short");
        let mut probe = json!({
            "size1": 1, "size2": 1, "root1": short, "root2": short, "proof": [], "wantErr": false,
        });
        assert_eq!(verdict("consistency", &probe).unwrap(), Verdict::Differs(HASH_SIZE.to_owned()));
        probe["proof"] = json!([Base64Pad.encode([7; 32])]);
        assert!(matches!(verdict("consistency", &probe).unwrap(), Verdict::Failed(_)));
        probe["proof"] = json!([]);
        let root = Base64Pad.encode([7; 32]);
        (probe["root1"], probe["root2"]) = (json!(root), json!(root));
        assert_eq!(verdict("consistency", &probe).unwrap(), Verdict::Passed);
        probe["size1"] = json!(0);
        assert!(matches!(verdict("consistency", &probe).unwrap(), Verdict::Failed(_)));
        assert!(verdict("something else", &probe).is_err());
    }
}
