//! Operations that are refused, each by the one rule that it breaks.

use super::{
    super::{
        case::Case,
        history::{ORIGIN, Unsigned, create, document, first_document, next, update_key},
        party::{Members, members, set},
    },
    World, bare, deactivation, given, listed,
};
use anyhow::Result;
use serde_json::json;

impl World {
    /// Operations that are not of the form of §4.1.
    pub(super) fn forms(&self) -> Result<Vec<Case>> {
        let honest = next(&self.plain, json!({}), document(self.plain.did()?, 22)?)?;
        let text = honest.sign(7)?;
        let changed = |change: fn(&mut Unsigned)| {
            let mut op = honest.clone();
            change(&mut op);
            op.chained(2, self.plain.version()?).sign(7)
        };
        let purpose = text.replace("assertionMethod\",\"proofV", "authentication\",\"proofV");
        let noted = changed(|op| set(&mut op.0, "note", "hello"))?;
        let without_parameters = changed(|op| drop(op.0.remove("parameters")))?;
        let unknown_parameter = changed(|op| set(&mut op.0, "parameters", json!({"portable": true})))?;
        let foreign = changed(|op| set(&mut op.0, "log", "ledger.example/2027"))?;
        let named = changed(|op| document_of(op, |document| set(document, "name", "홍길동")))?;
        let of_another = changed(|op| document_of(op, |document| set(document, "id", "did:example:a")))?;
        let opening = json!({"log": ORIGIN, "root": self.plain.did()?, "type": "log"}).to_string();
        let cases = [
            ("member-twice", "TLOG-01", "did:tlog §4.1", text.replacen('{', r#"{"did":"did:tlog:x","#, 1)),
            ("not-canonical", "TLOG-02", "did:tlog §4.1", text.replacen('{', "{ ", 1)),
            ("unknown-member", "TLOG-03", "did:tlog §4.1", noted),
            ("missing-member", "TLOG-03", "did:tlog §4.1", without_parameters),
            ("unknown-parameter", "TLOG-03", "did:tlog §4.1", unknown_parameter),
            ("foreign-log", "TLOG-04", "did:tlog §4.1", foreign),
            ("proof-for-another-purpose", "TLOG-11", "did:tlog §4.1", purpose),
            ("proof-by-another-key", "TLOG-11", "did:tlog §4.1", honest.sign_as(8, &update_key(7)?)?),
            ("document-with-a-name", "TLOG-17", "did:tlog §4.1", named),
            ("document-of-another-did", "TLOG-17", "did:tlog §4.1", of_another),
            ("second-opening", "TLOG-21", "did:tlog §3", opening),
        ];
        Ok(cases.into_iter().map(|case| refusal(case, &self.entries)).collect())
    }

    /// Operations that do not continue a history [§4.2, §4.3, §4.5].
    pub(super) fn chains(&self) -> Result<Vec<Case>> {
        let (did, other) = (self.plain.did()?, self.announced.version()?);
        let update = |seed| next(&self.plain, json!({}), document(did, seed)?);
        let stranger = create(json!({"updateKeys": [update_key(9)?]}), first_document(30)?)?;
        let mut renamed = stranger.clone();
        set(&mut renamed.0, "document", document(stranger.did()?, 31)?);
        let scid = stranger.did()?.trim_start_matches("did:tlog:").to_owned();
        let unknown = next(&stranger, json!({}), document(stranger.did()?, 31)?)?;
        let stale = self.and(&update(22)?.sign(7)?);
        let ended = next(&self.plain, deactivation(), bare(did))?;
        let over = self.and(&ended.sign(7)?);
        let revived = next(&ended, listed(7, None)?, document(did, 20)?)?;
        let keeps_a_key = next(&self.plain, deactivation(), document(did, 20)?)?;
        let half =
            next(&self.plain, json!({"deactivated": true, "updateKeys": [update_key(7)?]}), bare(did))?;
        let born_dead = create(deactivation(), bare("did:tlog:{SCID}"))?;
        let swapped = update(22)?.chained(2, other);
        let skipped = update(22)?.chained(3, self.plain.version()?);
        let again = next(&ended, deactivation(), bare(did))?;
        let now = &self.entries;
        let cases = [
            ("another-identifier", "TLOG-05", "did:tlog §4.2", renamed.chained(1, &scid).sign(9)?, now),
            ("wrong-previous-version", "TLOG-06", "did:tlog §4.3", swapped.sign(7)?, now),
            ("version-skipped", "TLOG-07", "did:tlog §4.3", skipped.sign(7)?, now),
            ("version-that-exists", "TLOG-08", "did:tlog §4.3", update(23)?.sign(7)?, &stale),
            ("unknown-did", "TLOG-09", "did:tlog §4.3", unknown.sign(9)?, now),
            ("update-after-deactivation", "TLOG-10", "did:tlog §4.5", revived.sign(7)?, &over),
            ("deactivated-twice", "TLOG-10", "did:tlog §4.5", again.sign(7)?, &over),
            ("deactivation-with-a-document", "TLOG-18", "did:tlog §4.5", keeps_a_key.sign(7)?, now),
            ("deactivation-with-an-update-key", "TLOG-18", "did:tlog §4.5", half.sign(7)?, now),
            ("created-deactivated", "TLOG-18", "did:tlog §4.5", born_dead.sign(7)?, now),
        ];
        let refused = |(name, rule, source, input, entries): (_, _, _, _, &Vec<String>)| {
            refusal((name, rule, source, input), entries)
        };
        Ok(cases.into_iter().map(refused).collect())
    }

    /// Operations under keys that may not make them [§4.2, §4.3].
    pub(super) fn keys(&self) -> Result<Vec<Case>> {
        let did = self.plain.did()?;
        let updated = |parameters| next(&self.plain, parameters, document(did, 20)?);
        let created = |parameters| create(parameters, first_document(30)?);
        let seven = update_key(7)?;
        let twice = json!({"updateKeys": [seven, seven]});
        let none = json!({"updateKeys": []});
        let cases = [
            ("strangers-key", "TLOG-12", "did:tlog §4.3", updated(json!({}))?.sign(9)?),
            ("key-that-lists-itself", "TLOG-12", "did:tlog §4.3", updated(listed(9, None)?)?.sign(9)?),
            ("created-by-an-unlisted-key", "TLOG-12", "did:tlog §4.2", created(listed(9, None)?)?.sign(10)?),
            ("no-update-keys", "TLOG-16", "did:tlog §4.2", created(json!({}))?.sign(9)?),
            ("update-key-twice", "TLOG-16", "did:tlog §4.1", updated(twice)?.sign(7)?),
            ("update-keys-emptied", "TLOG-16", "did:tlog §4.2", updated(none)?.sign(7)?),
        ];
        Ok(cases.into_iter().map(|case| refusal(case, &self.entries)).collect())
    }

    /// Operations that do not keep to the announcement of key 8 [§4.4].
    pub(super) fn announcements(&self) -> Result<Vec<Case>> {
        let did = self.announced.did()?;
        let updated = |parameters| next(&self.announced, parameters, document(did, 21)?);
        let (eight, nine) = (update_key(8)?, update_key(9)?);
        let ended = next(&self.announced, deactivation(), bare(did))?;
        let no_keys = json!({"nextKeyHashes": []});
        let no_announcements = json!({"updateKeys": [eight]});
        let one_more = json!({"updateKeys": [eight, nine], "nextKeyHashes": []});
        let cases = [
            ("old-key-after-announcement", "TLOG-12", updated(listed(8, Some(9))?)?.sign(7)?),
            ("deactivated-by-the-old-key", "TLOG-12", ended.sign(7)?),
            ("update-keys-omitted", "TLOG-13", updated(no_keys)?.sign(8)?),
            ("announcements-omitted", "TLOG-13", updated(no_announcements)?.sign(8)?),
            ("unannounced-key", "TLOG-14", updated(one_more)?.sign(8)?),
            ("announced-itself", "TLOG-15", updated(listed(8, Some(8))?)?.sign(8)?),
            ("announced-a-revealed-key", "TLOG-15", updated(listed(8, Some(7))?)?.sign(8)?),
        ];
        let refused = |(name, rule, input)| refusal((name, rule, "did:tlog §4.4", input), &self.entries);
        Ok(cases.into_iter().map(refused).collect())
    }
}

/// Changes the document of `op`.
fn document_of(op: &mut Unsigned, change: fn(&mut Members)) {
    let mut document = members(op.0.remove("document").unwrap_or_default());
    change(&mut document);
    set(&mut op.0, "document", document);
}

fn refusal(
    (name, rule, source, input): (&'static str, &'static str, &'static str, String),
    entries: &[String],
) -> Case {
    Case::refused((name, rule, source), given(entries), input)
}
