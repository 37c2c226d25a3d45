//! The log gives itself another key: whoever relies on the old one can follow.

use super::{Remote, object, pin, success};
use crate::say::Voice;
use anyhow::{Context, Result};
use serde_json::Value;
use sinpyo_core::{did::Did, json};
use sinpyo_registry::log_keys::LogKeys;
use sinpyo_tlog::{checkpoint::SignedCheckpoint, note::LogKey};

impl Remote {
    /// Takes the log's new key in place of the one that it named at first use, if an entry that both signed says so. For a
    /// policy that somebody gave, says what to change in it.
    ///
    /// `shown` is the registry's checkpoint; nothing in it is believed yet.
    pub(super) fn follow_change_of_keys(&mut self, shown: &SignedCheckpoint, voice: Voice) -> Result<()> {
        let lines = shown.signatures().iter().filter(|line| line.key_name() == self.origin.as_str()).count();
        let known = self.pin.policy.log_keys().filter(|key| shown.verify(key).is_ok()).count();
        if lines <= known {
            return Ok(());
        }
        let Some(next) = self.proven_next_key(shown)? else { return Ok(()) };
        if self.pin.is_of_first_use() {
            self.pin.follow(&next)?; // [CLI-18]
            voice.tell(
                &format!("원장의 키가 바뀌었습니다(이전 키와 새 키가 함께 서명한 항목): {next}"),
                &format!("the log has a new key, by an entry that the old and the new key signed: {next}"),
            );
        } else {
            voice.tell(
                &format!("원장의 키가 바뀌었습니다. 정책 파일에 다음 줄을 더하고 --policy 로 다시 주십시오: log {next}"),
                &format!("the log has a new key: add this line to the policy, and give it again with --policy: log {next}"),
            );
        }
        Ok(())
    }

    /// The key that the registry shows now, if the log's entries name it, and they continue what was seen under the old key.
    fn proven_next_key(&self, shown: &SignedCheckpoint) -> Result<Option<LogKey>> {
        let next = pin::key_named_by(&self.pin.url)?;
        let is_known = self.pin.policy.log_keys().any(|key| *key == next);
        if is_known || next.name() != &self.origin || shown.verify(&next).is_err() {
            return Ok(None);
        }
        let Some(proof) = self.full_history(&self.root_accreditor()?)? else { return Ok(None) };
        // Each change in the proof is signed by the key before it, from the one in the first entry on.
        let Ok(proven) = proof.fold(&next) else { return Ok(None) };
        if LogKeys::read(proven.state())?.log() != Some(&next) {
            return Ok(None);
        }
        // That the first entry is the log's, follows from what the old key signed.
        if proof.fold(&self.pin.policy).is_err() {
            let Some(seen) = self.pin.seen()? else { return Ok(None) };
            self.continues(&seen, proven.checkpoint())?;
        }
        Ok(Some(next))
    }

    /// Whoever the first entry names; its proof has the entries about the log's keys, as every proof has.
    fn root_accreditor(&self) -> Result<Did> {
        let query = [("from", "0".to_owned()), ("limit", "1".to_owned())];
        let answer = object(&success(self.get("entries", &query)?)?.body)?;
        let entry = answer.get("entries").and_then(|entries| entries.get(0)?.get("entry")?.as_str());
        let entry =
            json::parse_object(entry.context("the registry does not show its first entry")?.as_bytes())?;
        let root = entry.get("op").and_then(|op| op.get("root")).and_then(Value::as_str);
        root.context("the registry's first entry names no root accreditor")?.parse().context("not a DID")
    }
}
