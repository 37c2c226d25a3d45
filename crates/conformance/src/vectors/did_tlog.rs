//! Operations on did:tlog as submitted, on top of the entries before, and the state that they lead to.

use super::{
    case::{Case, accepted, refused},
    history::{ORIGIN, Unsigned, announcement, create, document, entry, first_document, next, update_key},
    party::{members, set},
};
use anyhow::Result;
use serde_json::{Map, Value, json};

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
        let updated = next(&self.plain, json!({}), document(self.plain.did()?, 22)?)?;
        let rotated = next(&self.plain, listed(9, None)?, document(self.plain.did()?, 20)?)?;
        let mixed = create(json!({"updateKeys": [update_key(100)?, update_key(7)?]}), first_document(20)?)?;
        let revealed = next(&self.announced, listed(8, Some(9))?, document(self.announced.did()?, 21)?)?;
        let ended = next(&revealed, deactivation(), bare(self.announced.did()?))?;
        let mut after = self.entries.clone();
        after.push(entry(&revealed.sign(8)?, NOW));
        let keys = |seed| Ok::<_, anyhow::Error>(json!([update_key(seed)?]));
        let next_key = |seed| Ok::<_, anyhow::Error>(json!([announcement(seed)?]));
        let none = json!([]);
        [
            ("create", "did:tlog §4.2", "TLOG-05", &self.plain, 7, &opening, keys(7)?, none.clone()),
            (
                "create-with-announcement",
                "did:tlog §4.4",
                "TLOG-15",
                &self.announced,
                7,
                &opening,
                keys(7)?,
                next_key(8)?,
            ),
            (
                "create-by-one-of-two-keys",
                "did:tlog §4.2",
                "TLOG-12",
                &mixed,
                100,
                &opening,
                json!([update_key(100)?, update_key(7)?]),
                none.clone(),
            ),
            ("update", "did:tlog §4.3", "TLOG-06", &updated, 7, &self.entries, keys(7)?, none.clone()),
            ("rotate", "did:tlog §4.4", "TLOG-12", &rotated, 7, &self.entries, keys(9)?, none.clone()),
            (
                "rotate-to-the-announced-key",
                "did:tlog §4.4",
                "TLOG-14",
                &revealed,
                8,
                &self.entries,
                keys(8)?,
                next_key(9)?,
            ),
            ("deactivate", "did:tlog §4.5", "TLOG-18", &ended, 9, &after, none.clone(), none),
        ]
        .into_iter()
        .map(|(name, source, rule, op, seed, entries, update_keys, next_key_hashes)| {
            let input = op.sign(seed)?;
            let facts = json!({
                "entry": entry(&input, NOW),
                "did": op.did()?, "versionId": op.version()?, "deactivated": name == "deactivate",
                "updateKeys": update_keys, "nextKeyHashes": next_key_hashes, "document": op.0.get("document"),
            });
            Ok(Case {
                name,
                source,
                checks: vec![rule],
                given: given(entries),
                input,
                expect: accepted(facts),
            })
        })
        .collect()
    }

    /// Operations that are not of the form of §4.1.
    fn forms(&self) -> Result<Vec<Case>> {
        let honest = next(&self.plain, json!({}), document(self.plain.did()?, 22)?)?;
        let text = honest.sign(7)?;
        let changed = |change: fn(&mut Unsigned)| {
            let mut op = honest.clone();
            change(&mut op);
            op.chained(2, self.plain.version()?).sign(7)
        };
        let purpose = text.replace("assertionMethod\",\"proofV", "authentication\",\"proofV");
        let cases = [
            ("member-twice", "TLOG-01", "did:tlog §4.1", text.replacen('{', r#"{"did":"did:tlog:x","#, 1)),
            ("not-canonical", "TLOG-02", "did:tlog §4.1", text.replacen('{', "{ ", 1)),
            ("unknown-member", "TLOG-03", "did:tlog §4.1", changed(|op| set(&mut op.0, "note", "hello"))?),
            ("missing-member", "TLOG-03", "did:tlog §4.1", changed(|op| drop(op.0.remove("parameters")))?),
            (
                "reserved-parameter",
                "TLOG-03",
                "did:tlog §4.1",
                changed(|op| set(&mut op.0, "parameters", json!({"recoveryKeys": []})))?,
            ),
            (
                "foreign-log",
                "TLOG-04",
                "did:tlog §4.1",
                changed(|op| set(&mut op.0, "log", "ledger.example/2027"))?,
            ),
            ("proof-for-another-purpose", "TLOG-11", "did:tlog §4.1", purpose),
            ("proof-by-another-key", "TLOG-11", "did:tlog §4.1", honest.sign_as(8, &update_key(7)?)?),
            (
                "document-with-a-name",
                "TLOG-17",
                "did:tlog §4.1",
                changed(|op| document_of(op, |document| set(document, "name", "홍길동")))?,
            ),
            (
                "document-of-another-did",
                "TLOG-17",
                "did:tlog §4.1",
                changed(|op| document_of(op, |document| set(document, "id", "did:example:a")))?,
            ),
            (
                "second-opening",
                "TLOG-21",
                "did:tlog §3",
                json!({"log": ORIGIN, "root": self.plain.did()?, "type": "log"}).to_string(),
            ),
        ];
        Ok(cases.into_iter().map(|case| refusal(case, &self.entries)).collect())
    }

    /// Operations that do not continue a history [§4.2, §4.3, §4.5].
    fn chains(&self) -> Result<Vec<Case>> {
        let (did, other) = (self.plain.did()?, self.announced.version()?);
        let update = |seed| next(&self.plain, json!({}), document(did, seed)?);
        let stranger = create(json!({"updateKeys": [update_key(9)?]}), first_document(30)?)?;
        let mut renamed = stranger.clone();
        set(&mut renamed.0, "document", document(stranger.did()?, 31)?);
        let scid = stranger.did()?.trim_start_matches("did:tlog:").to_owned();
        let unknown = next(&stranger, json!({}), document(stranger.did()?, 31)?)?;
        let mut stale = self.entries.clone();
        stale.push(entry(&update(22)?.sign(7)?, NOW));
        let ended = next(&self.plain, deactivation(), bare(did))?;
        let mut over = self.entries.clone();
        over.push(entry(&ended.sign(7)?, NOW));
        let revived = next(&ended, listed(7, None)?, document(did, 20)?)?;
        let keeps_a_key = next(&self.plain, deactivation(), document(did, 20)?)?;
        let half =
            next(&self.plain, json!({"deactivated": true, "updateKeys": [update_key(7)?]}), bare(did))?;
        let born_dead = create(deactivation(), bare("did:tlog:{SCID}"))?;
        Ok(vec![
            refusal(
                ("another-identifier", "TLOG-05", "did:tlog §4.2", renamed.chained(1, &scid).sign(9)?),
                &self.entries,
            ),
            refusal(
                (
                    "wrong-previous-version",
                    "TLOG-06",
                    "did:tlog §4.3",
                    update(22)?.chained(2, other).sign(7)?,
                ),
                &self.entries,
            ),
            refusal(
                (
                    "version-skipped",
                    "TLOG-07",
                    "did:tlog §4.3",
                    update(22)?.chained(3, self.plain.version()?).sign(7)?,
                ),
                &self.entries,
            ),
            refusal(("version-that-exists", "TLOG-08", "did:tlog §4.3", update(23)?.sign(7)?), &stale),
            refusal(("unknown-did", "TLOG-09", "did:tlog §4.3", unknown.sign(9)?), &self.entries),
            refusal(("update-after-deactivation", "TLOG-10", "did:tlog §4.5", revived.sign(7)?), &over),
            refusal(
                (
                    "deactivated-twice",
                    "TLOG-10",
                    "did:tlog §4.5",
                    next(&ended, deactivation(), bare(did))?.sign(7)?,
                ),
                &over,
            ),
            refusal(
                ("deactivation-that-keeps-a-document", "TLOG-18", "did:tlog §4.5", keeps_a_key.sign(7)?),
                &self.entries,
            ),
            refusal(
                ("deactivation-that-keeps-an-update-key", "TLOG-18", "did:tlog §4.5", half.sign(7)?),
                &self.entries,
            ),
            refusal(("created-deactivated", "TLOG-18", "did:tlog §4.5", born_dead.sign(7)?), &self.entries),
        ])
    }

    /// Operations under keys that may not make them, or that list such keys [§4.2, §4.4].
    fn keys(&self) -> Result<Vec<Case>> {
        let did = self.plain.did()?;
        let on_plain = |parameters| next(&self.plain, parameters, document(did, 20)?);
        let on_announced =
            |parameters| next(&self.announced, parameters, document(self.announced.did()?, 21)?);
        let created = |parameters| create(parameters, first_document(30)?);
        let (seven, eight) = (update_key(7)?, update_key(8)?);
        let cases = [
            ("strangers-key", "TLOG-12", "did:tlog §4.3", on_plain(json!({}))?.sign(9)?),
            ("key-that-lists-itself", "TLOG-12", "did:tlog §4.3", on_plain(listed(9, None)?)?.sign(9)?),
            ("created-by-an-unlisted-key", "TLOG-12", "did:tlog §4.2", created(listed(9, None)?)?.sign(10)?),
            (
                "old-key-after-announcement",
                "TLOG-12",
                "did:tlog §4.4",
                on_announced(listed(8, Some(9))?)?.sign(7)?,
            ),
            (
                "deactivated-by-the-old-key",
                "TLOG-12",
                "did:tlog §4.5",
                next(&self.announced, deactivation(), bare(self.announced.did()?))?.sign(7)?,
            ),
            (
                "update-keys-omitted",
                "TLOG-13",
                "did:tlog §4.4",
                on_announced(json!({"nextKeyHashes": []}))?.sign(8)?,
            ),
            (
                "announcements-omitted",
                "TLOG-13",
                "did:tlog §4.4",
                on_announced(json!({"updateKeys": [eight]}))?.sign(8)?,
            ),
            (
                "unannounced-key",
                "TLOG-14",
                "did:tlog §4.4",
                on_announced(json!({"updateKeys": [eight, update_key(9)?], "nextKeyHashes": []}))?.sign(8)?,
            ),
            ("announced-itself", "TLOG-15", "did:tlog §4.4", on_announced(listed(8, Some(8))?)?.sign(8)?),
            (
                "announced-a-revealed-key",
                "TLOG-15",
                "did:tlog §4.4",
                on_announced(listed(8, Some(7))?)?.sign(8)?,
            ),
            ("no-update-keys", "TLOG-16", "did:tlog §4.2", created(json!({}))?.sign(9)?),
            (
                "update-key-twice",
                "TLOG-16",
                "did:tlog §4.1",
                on_plain(json!({"updateKeys": [seven, seven]}))?.sign(7)?,
            ),
            (
                "update-keys-emptied",
                "TLOG-16",
                "did:tlog §4.2",
                on_plain(json!({"updateKeys": []}))?.sign(7)?,
            ),
        ];
        Ok(cases.into_iter().map(|case| refusal(case, &self.entries)).collect())
    }
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

fn document_of(op: &mut Unsigned, change: fn(&mut Map<String, Value>)) {
    let mut document = members(op.0.remove("document").unwrap_or_default());
    change(&mut document);
    set(&mut op.0, "document", document);
}

fn refusal(
    (name, rule, source, input): (&'static str, &'static str, &'static str, String),
    entries: &[String],
) -> Case {
    Case { name, source, checks: vec![rule], given: given(entries), input, expect: refused(rule) }
}

fn given(entries: &[String]) -> Value {
    json!({"now": NOW, "log": ORIGIN, "entries": entries})
}
