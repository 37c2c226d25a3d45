//! Histories of did:webvh, put together by the words of its specification, version 1.0. The input is `did.jsonl`.

use super::{
    case::{Case, NOW_TEXT},
    party::{Members, Party, members, set},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_core::{
    encoding::{Base, to_multibase},
    jcs, json,
};
use sinpyo_crypto::{Algorithm, hash::sha256};

const PLACEHOLDER: &str = "{SCID}";
const TIMES: [&str; 3] = ["2026-11-22T03:00:00Z", "2026-11-22T03:10:00Z", "2026-11-22T03:20:00Z"];

/// Entries of one DID, and the names of their versions.
#[derive(Clone, Debug)]
struct History {
    did: String,
    entries: Vec<Members>,
}

pub(super) fn cases() -> Result<Vec<Case>> {
    let plain = History::new(&keys(1), 1)?;
    let announced = History::new(&announcing(1, Some(2))?, 1)?;
    let updated = plain.then(&json!({}), 1, TIMES[1], 1)?;
    let ended = updated.then(&json!({"updateKeys": [], "deactivated": true}), 1, TIMES[2], 2)?;
    let rotated = announced.then(&announcing(2, Some(3))?, 2, TIMES[1], 1)?;
    let mut cases = vec![
        plain.accepted("create", &["WVH-03", "WVH-04"], 1)?,
        updated.accepted("update", &["WVH-04", "WVH-10"], 2)?,
        ended.accepted("deactivate", &["WVH-15"], 3)?,
        rotated.accepted("announced-key-revealed", &["WVH-11"], 2)?,
    ];
    let mut other_hash = plain.clone();
    let first = other_hash.entries.first_mut().context("an entry")?;
    set(first, "state", json!({"id": plain.did, "alsoKnownAs": ["urn:x"]}));
    let mut unchained = updated.clone();
    let second = unchained.entries.get_mut(1).context("two entries")?;
    set(second, "versionTime", TIMES[2]);
    for (name, rule, source, history) in [
        ("first-entry-altered", "WVH-03", "did:webvh §3.7.3", other_hash),
        ("entry-altered", "WVH-04", "did:webvh §3.7.4", unchained),
        ("signed-by-a-stranger", "WVH-10", "did:webvh §3.7.5", plain.then(&json!({}), 66, TIMES[1], 1)?),
        (
            "time-goes-back",
            "WVH-06",
            "did:webvh §3.6.1",
            plain.then(&json!({}), 1, "2026-11-22T02:59:59Z", 1)?,
        ),
        (
            "parameter-unknown",
            "WVH-08",
            "did:webvh §3.7.1",
            plain.then(&json!({"colour": "red"}), 1, TIMES[1], 1)?,
        ),
        (
            "announced-key-ignored",
            "WVH-11",
            "did:webvh §3.7.7",
            announced.then(&announcing(9, None)?, 9, TIMES[1], 1)?,
        ),
        (
            "entry-after-the-end",
            "WVH-15",
            "did:webvh §3.6.4",
            ended.then(&json!({}), 1, "2026-11-22T03:30:00Z", 3)?,
        ),
    ] {
        cases.push(Case::refused((name, rule, source), history.given(), history.text()));
    }
    Ok(cases)
}

fn party(seed: u8) -> Result<Party> {
    Party::new("did:example:controller", Algorithm::Ed25519, seed)
}

fn keys(seed: u8) -> Value {
    json!({"updateKeys": [party(seed).map(|party| party.multikey()).unwrap_or_default()]})
}

/// Control by key `seed`, which announces `next` or ends the practice.
fn announcing(seed: u8, next: Option<u8>) -> Result<Value> {
    let hash = |seed| -> Result<String> { Ok(multihash(party(seed)?.multikey().as_bytes())) };
    let announced = next.map(hash).transpose()?;
    Ok(json!({"updateKeys": [party(seed)?.multikey()], "nextKeyHashes": Vec::from_iter(announced)}))
}

/// `base58btc(multihash)` without the prefix of multibase [did:webvh §3.7.3].
fn multihash(bytes: &[u8]) -> String {
    let text = to_multibase(Base::Base58Btc, &[&[0x12, 0x20][..], &sha256(bytes)].concat());
    text.trim_start_matches('z').to_owned()
}

impl History {
    /// A first entry with `parameters`, signed with key `seed`.
    fn new(parameters: &Value, seed: u8) -> Result<Self> {
        let mut parameters = members(parameters.clone());
        set(&mut parameters, "method", "did:webvh:1.0");
        set(&mut parameters, "scid", PLACEHOLDER);
        let did = format!("did:webvh:{PLACEHOLDER}:office.example");
        let entry = members(json!({
            "versionId": PLACEHOLDER, "versionTime": TIMES[0], "parameters": parameters,
            "state": {"@context": ["https://www.w3.org/ns/did/v1"], "id": did},
        }));
        let text = String::from_utf8(jcs::canonicalize_object(&entry))?;
        let scid = multihash(text.as_bytes());
        let entry = json::parse_object(text.replace(PLACEHOLDER, &scid).as_bytes())?;
        let history = Self { did: did.replace(PLACEHOLDER, &scid), entries: Vec::new() };
        history.with(entry, (1, &scid), seed)
    }

    /// The history with one more entry after entry `number`.
    fn then(&self, parameters: &Value, seed: u8, time: &str, number: u64) -> Result<Self> {
        let last = self.entries.last().context("a history has entries")?;
        let previous = last.get("versionId").and_then(Value::as_str).context("a version has a name")?;
        let state = last.get("state").context("an entry has a document")?;
        let entry = members(json!({
            "versionId": previous, "versionTime": time, "parameters": parameters, "state": state,
        }));
        self.with(entry, (number + 1, previous), seed)
    }

    /// Chains the entry to the one before, and signs it [did:webvh §3.7.4].
    fn with(&self, mut entry: Members, (number, previous): (u64, &str), seed: u8) -> Result<Self> {
        set(&mut entry, "versionId", previous);
        let version = format!("{number}-{}", multihash(&jcs::canonicalize_object(&entry)));
        set(&mut entry, "versionId", version);
        let signer = party(seed)?;
        let key = signer.multikey();
        let options = members(json!({
            "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod",
            "verificationMethod": format!("did:key:{key}#{key}"), "created": entry.get("versionTime"),
        }));
        let proof = signer.proof(&entry, options)?;
        set(&mut entry, "proof", json!([proof]));
        let mut longer = self.clone();
        longer.entries.push(entry);
        Ok(longer)
    }

    fn text(&self) -> String {
        let lines = self.entries.iter().map(|entry| Value::Object(entry.clone()).to_string());
        lines.flat_map(|line| [line, "\n".to_owned()]).collect()
    }

    fn given(&self) -> Value {
        json!({"now": NOW_TEXT, "did": self.did})
    }

    fn accepted(&self, name: &'static str, checks: &[&'static str], number: u64) -> Result<Case> {
        let newest = self.entries.last().context("a history has entries")?;
        let ended = newest.get("parameters").and_then(|parameters| parameters.get("deactivated"));
        let facts = json!({
            "did": self.did, "versionId": newest.get("versionId"), "versionNumber": number,
            "deactivated": ended == Some(&Value::Bool(true)),
        });
        Ok(Case::accepted((name, checks, "did:webvh §3.7.2"), self.given(), self.text(), facts))
    }
}
