//! Which statements pointers select.
//!
//! What is selected shows in what is signed: a base proof prepared with some pointers as the mandatory ones covers the
//! hash of the statements that they select, and under `bbs-2023` each other statement as a message.

use super::{Example, Family, facts::Scripted, numbered};
use crate::{expect, given};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sinpyo_core::jcs;
use sinpyo_crypto::hash::sha256;
use sinpyo_selective::{Pointer, Unsecured, bbs2023, ecdsa_sd, proof_hash};

impl Example {
    /// What a base proof with `mandatory` pointers signs: the hash of the statements that they select and, under
    /// `bbs-2023`, the others.
    pub(super) fn signed_parts(&self, mandatory: &[Pointer]) -> Result<(Vec<u8>, Option<Vec<String>>)> {
        let proof_hash = proof_hash(&self.options, &self.contexts)?;
        let whole = Unsecured { document: &self.document, proof_hash, contexts: &self.contexts };
        let mut entropy = Scripted::new();
        if self.family == Family::Ecdsa {
            let prepared = ecdsa_sd::prepare(&whole, mandatory, &mut entropy)?;
            let (options, rest) = prepared.to_sign().split_at_checked(32).context("a hash")?;
            expect::same_bytes("signed options", options, &proof_hash)?;
            return Ok((rest.get(35..).context("a key and a hash")?.to_vec(), None));
        }
        let prepared = bbs2023::prepare(&whole, mandatory, &mut entropy)?;
        let (options, rest) = prepared.header().split_at_checked(32).context("a hash")?;
        expect::same_bytes("signed options", options, &proof_hash)?;
        let messages = prepared.messages();
        let messages = messages.into_iter().map(|message| String::from_utf8_lossy(message).into_owned());
        Ok((rest.to_vec(), Some(messages.collect())))
    }

    /// The statements that `pointers` select, and those that they do not, are these.
    pub(super) fn group(&self, pointers: &[Pointer], [matching, others]: [&Value; 2]) -> Result<()> {
        let all = self.labelled(&self.document)?;
        let (matching, others) = (numbered(matching)?, numbered(others)?);
        let mut together: Vec<_> = matching.iter().chain(&others).cloned().collect();
        together.sort();
        let ours: Vec<_> = (0..).zip(all).collect();
        expect::same("all statements", &ours, &together)?;
        let (hash, messages) = self.signed_parts(pointers)?;
        let text = |group: &[(u64, String)]| group.iter().map(|(_, line)| line.clone()).collect::<Vec<_>>();
        expect::same_bytes("selected statements", &hash, &sha256(text(&matching).concat().as_bytes()))?;
        match messages {
            Some(messages) => expect::same("other statements", &messages, &text(&others)),
            None => Ok(()),
        }
    }

    pub(super) fn groups(&self, stated: &Value) -> Result<()> {
        expect::same("statements", &json!(self.labelled(&self.document)?), given::member(stated, "nquads")?)?;
        let groups = given::member(stated, "groups")?;
        let combined: Vec<Pointer> = self.mandatory.iter().chain(&self.selective).cloned().collect();
        for (name, pointers) in
            [("selective", &self.selective), ("mandatory", &self.mandatory), ("combined", &combined)]
        {
            let group = given::member(groups, name)?;
            let parts = [given::member(group, "matching")?, given::member(group, "nonMatching")?];
            self.group(pointers, parts).context(name)?;
        }
        Ok(())
    }

    /// The indexes of the groups, and those that our derived proof has by them.
    pub(super) fn group_indexes(&self, stated: &Value) -> Result<()> {
        let of = |name: &str| -> Result<Vec<u64>> {
            Ok(serde_json::from_value(given::member(stated, name)?.clone())?)
        };
        let all = self.labelled(&self.document)?;
        let combined: Vec<Pointer> = self.mandatory.iter().chain(&self.selective).cloned().collect();
        for (name, pointers) in [
            ("mandatoryIndexes", &self.mandatory),
            ("selectiveIndexes", &self.selective),
            ("combinedIndexes", &combined),
        ] {
            let mut selected = String::new();
            for index in of(name)? {
                selected += all.get(usize::try_from(index)?).context("an index names a statement")?;
            }
            let (hash, _) = self.signed_parts(pointers)?;
            expect::same_bytes(name, &hash, &sha256(selected.as_bytes()))?;
        }
        let mandatory = of("mandatoryIndexes")?;
        let others: Vec<u64> = (0..).take(all.len()).filter(|index| !mandatory.contains(index)).collect();
        expect::same("other statements", &others, &of("nonMandatoryIndexes")?)
    }

    pub(super) fn pointer_values(&self, stated: &Value) -> Result<()> {
        let document = Value::Object(self.unsigned.clone());
        let entries = given::array(stated)?;
        ensure!(!entries.is_empty(), "nothing is stated");
        for entry in entries {
            let pointer = given::text_member(entry, "pointer")?;
            let value = given::member(entry, "value")?;
            let found = document
                .pointer(pointer)
                .or_else(|| document.pointer("/credentialSubject")?.pointer(pointer));
            let found = found.with_context(|| format!("{pointer} leads nowhere"))?;
            expect::same_bytes(pointer, &jcs::canonicalize(found), &jcs::canonicalize(value))?;
            let selects =
                |pointer: &Pointer| pointer.as_str().ends_with(entry["pointer"].as_str().unwrap_or("?"));
            ensure!(self.mandatory.iter().any(selects), "{pointer} is not mandatory");
        }
        Ok(())
    }
}
