//! What a holder shows.

use super::{
    Example, Family,
    facts::{Facts, Mocked},
    lines, verify,
};
use crate::{expect, given};
use anyhow::{Context, Result};
use serde_json::{Map, Value, json};
use sinpyo_crypto::hash::sha256;
use sinpyo_proof::Disclosure;
use sinpyo_rdf::{nquads, relabel};
use sinpyo_selective::{bbs2023, ecdsa_sd, proof_hash};
use std::{collections::BTreeMap, sync::Arc};

impl Example {
    /// What we derive: the document, and the proof value.
    pub(super) fn derive(&self) -> Result<(Map<String, Value>, String)> {
        let value = self.base_proof_value()?;
        let derived = match self.family {
            Family::Ecdsa => ecdsa_sd::derive(&self.document, &self.contexts, &value, &self.selective)?,
            Family::Bbs | Family::BbsOption => {
                let material = given::json(&self.set.join("BBSDeriveMaterial.json"))?;
                let bytes = |name| given::hex(given::text_member(&material, name)?);
                let header = bytes("presentationHeaderHex")?;
                let disclosure = given::json(&self.steps.join("derivedDisclosureData.json"))?;
                let length = given::text_member(&disclosure, "bbsProof")?.len() / 2;
                let seed = bytes("pseudoRandSeedHex")?;
                let mut mocked = Mocked::new(&seed, sinpyo_bbs::Suite::Sha256.api_id(), length)?;
                let presentation = bbs2023::Presentation { selective: &self.selective, header: &header };
                bbs2023::derive(&self.document, &self.contexts, &value, &presentation, &mut mocked)?
            }
        };
        Ok((derived.document, derived.proof_value))
    }

    pub(super) fn derived(&self, stated: &Map<String, Value>) -> Result<()> {
        let (document, proof_value) = self.derive()?;
        let mut unsecured = stated.clone();
        let proof = unsecured.remove("proof").context("a derived document has a proof")?;
        expect::same("derived document", &document, &unsecured)?;
        expect::same("derived proof", proof_value.as_str(), given::text_member(&proof, "proofValue")?)?;
        let opened = verify(stated.clone(), Disclosure::Derived)?;
        expect::same("verified document", &opened, &document)?;
        for (member, value) in
            [("@context", json!(["https://www.w3.org/ns/credentials/v2"])), ("issuer", json!("did:x:a"))]
        {
            let mut altered = stated.clone();
            altered.insert(member.to_owned(), value);
            expect::refused(&format!("an altered {member}"), &verify(altered, Disclosure::Derived))?;
        }
        expect::refused("a derived proof as base", &verify(stated.clone(), Disclosure::Base))
    }

    pub(super) fn derived_facts(&self) -> Result<Facts> {
        let (_, proof_value) = self.derive()?;
        let mut facts = Facts::of_derived(&proof_value)?;
        let lines = self.derived_lines()?;
        let mandatory: Vec<usize> = serde_json::from_value(facts.get("mandatoryIndexes")?.clone())?;
        let (mut shown, mut others) = (String::new(), Vec::new());
        for (index, line) in lines.into_iter().enumerate() {
            if mandatory.contains(&index) {
                shown += &line;
            } else {
                others.push(line);
            }
        }
        let hex = |bytes: &[u8]| json!(given::to_hex(bytes));
        facts.put("nonMandatory", json!(others));
        facts.put("mandatoryHash", hex(&sha256(shown.as_bytes())));
        facts.put("proofHash", hex(&proof_hash(&self.options, &self.contexts)?));
        if self.family == Family::Ecdsa {
            // Which of the issuer's signatures were passed on.
            let base = Facts::of_base(&self.base_proof_value()?)?;
            let (all, kept) =
                (given::array(base.get("signatures")?)?, given::array(facts.get("signatures")?)?);
            let kept: Vec<_> = all
                .iter()
                .enumerate()
                .filter(|(_, one)| kept.contains(one))
                .map(|(index, _)| index)
                .collect();
            facts.put("adjSignatureIndexes", json!(kept));
        }
        Ok(facts)
    }

    /// The statements of what we derive, under the labels that its proof gives them.
    pub(super) fn derived_lines(&self) -> Result<Vec<String>> {
        let (document, proof_value) = self.derive()?;
        let facts = Facts::of_derived(&proof_value)?;
        let pairs: Vec<(String, String)> = serde_json::from_value(facts.get("labelMap")?.clone())?;
        let labels: BTreeMap<Arc<str>, Arc<str>> =
            pairs.into_iter().map(|(from, to)| (from.into(), to.into())).collect();
        let dataset = nquads::parse(&self.canonical(&document)?)?;
        Ok(lines(&nquads::write_sorted(&relabel(&dataset, &labels)?)?))
    }
}
