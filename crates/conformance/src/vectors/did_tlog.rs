//! Operations on did:tlog as submitted, on top of the entries before, and the state that they lead to.

mod broken;

use super::{
    case::Case,
    history::{ORIGIN, Unsigned, announcement, create, document, entry, first_document, next, update_key},
};
use anyhow::Result;
use serde_json::{Value, json};

const START: &str = "2026-11-22T03:00:00Z";
const NOW: &str = "2026-11-22T03:45:00Z";

/// Two DIDs: one whose update key 7 announced nothing, one whose key 7 announced key 8.
struct World {
    plain: Unsigned,
    announced: Unsigned,
    entries: Vec<String>,
}

pub(super) fn cases() -> Result<Vec<Case>> {
    let world = World::new()?;
    let mut cases = world.lives()?;
    cases.extend(world.forms()?);
    cases.extend(world.chains()?);
    cases.extend(world.keys()?);
    cases.extend(world.announcements()?);
    Ok(cases)
}

impl World {
    fn new() -> Result<Self> {
        let plain = create(json!({"updateKeys": [update_key(7)?]}), first_document(20)?)?;
        let announced = create(listed(7, Some(8))?, first_document(21)?)?;
        let opening = json!({"log": ORIGIN, "root": plain.did()?, "type": "log"}).to_string();
        let operations = [opening, plain.sign(7)?, announced.sign(7)?];
        Ok(Self { plain, announced, entries: operations.map(|op| entry(&op, START)).to_vec() })
    }

    /// What is accepted, from the first operation to the last.
    fn lives(&self) -> Result<Vec<Case>> {
        let opening: Vec<String> = self.entries.iter().take(1).cloned().collect();
        let (did, announced) = (self.plain.did()?, self.announced.did()?);
        let both = create(json!({"updateKeys": [update_key(100)?, update_key(7)?]}), first_document(20)?)?;
        let updated = next(&self.plain, json!({}), document(did, 22)?)?;
        let rotated = next(&self.plain, listed(9, None)?, document(did, 20)?)?;
        let revealed = next(&self.announced, listed(8, Some(9))?, document(announced, 21)?)?;
        let ended = next(&revealed, deactivation(), bare(announced))?;
        let now = &self.entries;
        let after = self.and(&revealed.sign(8)?);
        Ok(vec![
            accepted(("create", "TLOG-05"), &self.plain, 7, &opening, (&[7], &[]))?,
            accepted(("create-with-announcement", "TLOG-15"), &self.announced, 7, &opening, (&[7], &[8]))?,
            accepted(("create-by-one-of-two-keys", "TLOG-12"), &both, 100, &opening, (&[100, 7], &[]))?,
            accepted(("update", "TLOG-06"), &updated, 7, now, (&[7], &[]))?,
            accepted(("rotate", "TLOG-12"), &rotated, 7, now, (&[9], &[]))?,
            accepted(("rotate-to-the-announced-key", "TLOG-14"), &revealed, 8, now, (&[8], &[9]))?,
            accepted(("deactivate", "TLOG-18"), &ended, 9, &after, (&[], &[]))?,
        ])
    }

    /// The entries, and one more with `operation`.
    fn and(&self, operation: &str) -> Vec<String> {
        [&self.entries[..], &[entry(operation, NOW)]].concat()
    }
}

/// The case that `op`, signed with update key `seed`, is appended to `entries`, after which the DID has these update
/// keys and announcements. A DID without update keys is deactivated.
fn accepted(
    (name, rule): (&'static str, &'static str),
    op: &Unsigned,
    seed: u8,
    entries: &[String],
    (keys, announced): (&[u8], &[u8]),
) -> Result<Case> {
    let keys: Vec<_> = keys.iter().map(|seed| update_key(*seed)).collect::<Result<_>>()?;
    let announced: Vec<_> = announced.iter().map(|seed| announcement(*seed)).collect::<Result<_>>()?;
    let input = op.sign(seed)?;
    let facts = json!({
        "entry": entry(&input, NOW),
        "did": op.did()?, "versionId": op.version()?, "deactivated": keys.is_empty(),
        "updateKeys": keys, "nextKeyHashes": announced, "document": op.0.get("document"),
    });
    Ok(Case::accepted((name, &[rule], "did:tlog §4"), given(entries), input, facts))
}

/// Control by update key `seed`, which announces `next` or ends the practice.
fn listed(seed: u8, next: Option<u8>) -> Result<Value> {
    let announced = next.map(announcement).transpose()?;
    Ok(json!({"updateKeys": [update_key(seed)?], "nextKeyHashes": Vec::from_iter(announced)}))
}

fn deactivation() -> Value {
    json!({"deactivated": true, "updateKeys": []})
}

/// The document of a DID without keys.
fn bare(did: &str) -> Value {
    json!({"@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"], "id": did})
}

fn given(entries: &[String]) -> Value {
    json!({"now": NOW, "log": ORIGIN, "entries": entries})
}
