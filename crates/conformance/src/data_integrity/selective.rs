//! The steps of `ecdsa-sd-2023` and `bbs-2023`.

mod derived;
mod facts;
mod groups;

use super::keys;
use crate::{expect, given, report::Verdict};
use anyhow::{Context, Result, bail, ensure};
use facts::{Facts, HMAC_KEY, Scripted};
use serde_json::{Map, Value, json};
use sinpyo_bbs::SecretKey;
use sinpyo_core::{document::VerificationRelationship::AssertionMethod, jcs, json};
use sinpyo_jsonld::{Contexts, to_rdf};
use sinpyo_proof::{
    Disclosure, InlineContexts, Profile,
    data_integrity::{self, Expected, ProofSetError},
};
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize, nquads, relabel};
use sinpyo_selective::{Pointer, Unsecured, bbs2023, proof_hash};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

/// How the vectors of an example were made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Ecdsa,
    Bbs,
    /// With an option of a later draft, which we refuse.
    BbsOption,
}

/// Why steps of the options are not run.
const OPTION: &str =
    "a feature option of bbs-2023 (anonymous holder binding, pseudonyms), which we do not support";

/// One document with its base proof and what was derived from it.
pub(super) struct Example {
    family: Family,
    set: PathBuf,
    steps: PathBuf,
    document: Map<String, Value>,
    unsigned: Map<String, Value>,
    options: Map<String, Value>,
    base: Map<String, Value>,
    mandatory: Vec<Pointer>,
    selective: Vec<Pointer>,
    contexts: Arc<Contexts>,
}

impl Example {
    /// Reads the example whose steps are in `steps`; the inputs are in `set`.
    pub(super) fn read(
        family: Family,
        set: &Path,
        steps: &Path,
        (unsigned, selective): (&str, &str),
    ) -> Result<Self> {
        let object = |path: &Path| -> Result<_> { Ok(json::parse_object(&given::bytes(path)?)?) };
        let base = object(&steps.join("addSignedSDBase.json"))?;
        let mut document = base.clone();
        document.remove("proof").context("a signed document has a proof")?;
        let transform = given::json(&steps.join("addBaseTransform.json"))?;
        Ok(Self {
            family,
            set: set.to_owned(),
            document,
            unsigned: object(&set.join(unsigned))?,
            options: object(&steps.join("addProofConfig.json"))?,
            base,
            mandatory: pointers(given::member(&transform, "mandatoryPointers")?)?,
            selective: pointers(&given::json(&set.join(selective))?)?,
            contexts: Contexts::bundled(),
            steps: steps.to_owned(),
        })
    }

    /// Compares what we compute for the step `name` with what its file holds.
    pub(super) fn check(&self, name: &str) -> Verdict {
        let common = matches!(
            name,
            "addBaseDocCanon.json"
                | "addBaseDocHMACCanon.json"
                | "addBaseTransform.json"
                | "addProofConfigCanon.txt"
                | "addHashData.json"
        );
        match (self.family, name) {
            (Family::BbsOption, "addSignedSDBase.json" | "derivedRevealDocument.json") => {
                self.option_is_refused(name).into()
            }
            (Family::BbsOption, _) if !common => Verdict::Skipped(OPTION.to_owned()),
            _ => self.step(name).into(),
        }
    }

    fn step(&self, name: &str) -> Result<()> {
        if name == "addProofConfigCanon.txt" {
            let stated = given::text(&self.steps.join(name))?;
            return expect::same_bytes(
                "canonical options",
                self.canonical(&self.options)?.as_bytes(),
                stated.as_bytes(),
            );
        }
        let stated = given::json(&self.steps.join(name))?;
        match name {
            "addBaseDocCanon.json" => {
                let ours: Vec<_> = lines(&self.canonical(&self.document)?);
                expect::same("canonical statements", &json!(ours), &stated)
            }
            "addBaseDocHMACCanon.json" => {
                expect::same("labelled statements", &json!(self.labelled(&self.document)?), &stated)
            }
            "addBaseTransform.json" => {
                expect::same("statements", &stated.get("mandatoryPointers"), &Some(&texts(&self.mandatory)))?;
                let parts = [given::member(&stated, "mandatory")?, given::member(&stated, "nonMandatory")?];
                self.group(&self.mandatory, parts)
            }
            "addHashData.json" => {
                let stated_hash = |name| given::hex(given::text_member(&stated, name)?);
                let ours = proof_hash(&self.options, &self.contexts)?;
                expect::same_bytes("hash of the options", &ours, &stated_hash("proofHash")?)?;
                let (mandatory, _) = self.signed_parts(&self.mandatory)?;
                expect::same_bytes("hash of the statements", &mandatory, &stated_hash("mandatoryHash")?)
            }
            "addPointerValues.json" => self.pointer_values(&stated),
            "addProofConfig.json" => self.configuration(&stated),
            "addRawBaseSignatureInfo.json" | "derivedRecoveredBaseData.json" => {
                Facts::of_base(&self.base_proof_value()?)?.agree(&stated)
            }
            "addSignedSDBase.json" => self.base(),
            "derivedAllGroupData.json" => self.groups(&stated),
            "derivedGroupIndexes.json" => self.group_indexes(&stated),
            "derivedUnsignedReveal.json" => {
                expect::same("derived document", &json!(self.derive()?.0), &stated)
            }
            "derivedRevealDocument.json" => self.derived(given::object(&stated)?),
            "verifyNQuads.json" => expect::same("statements", &json!(self.derived_lines()?), &stated),
            "derivedAdjIndexes.json"
            | "derivedAdjMandatoryIndexes.json"
            | "derivedAdjSignatures.json"
            | "derivedDisclosureData.json"
            | "verifyDerivedProofValue.json"
            | "verifyCreateVerifyData.json" => self.derived_facts()?.agree(&stated),
            _ => bail!("a step that is not known"),
        }
    }
}

impl Example {
    fn canonical(&self, document: &Map<String, Value>) -> Result<String> {
        let dataset = to_rdf(document, &self.contexts)?;
        Ok(canonicalize(&dataset, HashAlgorithm::Sha256, Limit::default())?.into_nquads())
    }

    /// The statements of `document` under the labels that the key of the example gives them, in order.
    fn labelled(&self, document: &Map<String, Value>) -> Result<Vec<String>> {
        let dataset = nquads::parse(&self.canonical(document)?)?;
        let labels: BTreeSet<Arc<str>> = dataset.iter().flat_map(blank_labels).collect();
        let mut hashed: Vec<(Arc<str>, String)> = Vec::new();
        for label in labels {
            let key = sinpyo_core::Secret::new(HMAC_KEY);
            let hash = sinpyo_crypto::mac::hmac_sha256(&key, label.as_bytes());
            hashed.push((label, format!("u{}", sinpyo_core::encoding::to_base64url(&hash))));
        }
        if self.family != Family::Ecdsa {
            // VC-DI-BBS §3.3.2: the order of the hashes becomes the number.
            hashed.sort_by(|(_, a), (_, b)| a.cmp(b));
            for (number, (_, label)) in hashed.iter_mut().enumerate() {
                *label = format!("b{number}");
            }
        }
        let labels: BTreeMap<Arc<str>, Arc<str>> =
            hashed.into_iter().map(|(from, to)| (from, to.into())).collect();
        Ok(lines(&nquads::write_sorted(&relabel(&dataset, &labels)?)?))
    }

    /// The options are the proof of the signed document, without its value and with the document's context.
    fn configuration(&self, stated: &Value) -> Result<()> {
        let mut proof = given::object(given::member(&json!(self.base), "proof")?)?.clone();
        proof.remove("proofValue").context("a proof has a value")?;
        let context = self.document.get("@context").context("a document has a context")?;
        proof.insert("@context".to_owned(), context.clone());
        expect::same("options", &json!(proof), stated)
    }

    fn base_proof_value(&self) -> Result<String> {
        let proof = self.base.get("proof").context("a signed document has a proof")?;
        Ok(given::text_member(proof, "proofValue")?.to_owned())
    }

    /// The signed document is the unsigned one, verifies as a base and as nothing else, and is what we make if nothing
    /// is drawn.
    fn base(&self) -> Result<()> {
        // The unsigned document of one example has another description than its signed one.
        let told = |document: &Map<String, Value>| {
            let mut document = document.clone();
            document.remove("description");
            jcs::canonicalize_object(&document)
        };
        expect::same_bytes("document", &told(&self.document), &told(&self.unsigned))?;
        let opened = verify(self.base.clone(), Disclosure::Base)?;
        expect::same("verified document", &opened, &self.document)?;
        let refused = |what, secured, disclosure, rules: &[&str]| {
            let code = verify(secured, disclosure).err().map(|error| error.code());
            ensure!(code.is_some_and(|code| rules.contains(&code)), "{what}: {code:?}, not one of {rules:?}");
            Ok(())
        };
        refused("a base proof shown", self.base.clone(), Disclosure::Derived, &["SDI-11"])?;
        let mut altered = self.base.clone();
        altered.insert("validFrom".to_owned(), json!("2001-01-01T00:00:00Z"));
        refused("an altered document", altered, Disclosure::Base, &["SDI-18", "SDI-20", "SDI-21", "SDI-23"])?;
        if self.family == Family::Bbs {
            let pair = given::json(&self.set.join("BBSKeyMaterial.json"))?;
            let secret = SecretKey::from_octets(&given::hex(given::text_member(&pair, "privateKeyHex")?)?)?;
            let public = given::hex(given::text_member(&pair, "publicKeyHex")?)?;
            expect::same_bytes("public key", secret.public_key().to_octets(), &public)?;
            let proof_hash = proof_hash(&self.options, &self.contexts)?;
            let whole = Unsecured { document: &self.document, proof_hash, contexts: &self.contexts };
            let ours = bbs2023::prepare(&whole, &self.mandatory, &mut Scripted::new())?.sign(&secret)?;
            expect::same("our base proof", &ours, &self.base_proof_value()?)?;
        }
        Ok(())
    }

    /// What was made with an option is recognised and refused.
    fn option_is_refused(&self, name: &str) -> Result<()> {
        let secured = json::parse_object(&given::bytes(&self.steps.join(name))?)?;
        for disclosure in [Disclosure::Base, Disclosure::Derived] {
            let code = verify(secured.clone(), disclosure).err().map(|error| error.code());
            expect::refused_by("a feature option", "SDI-13", code)?;
        }
        Ok(())
    }
}
fn verify(secured: Map<String, Value>, disclosure: Disclosure) -> Result<Map<String, Value>, ProofSetError> {
    let ring = keys::ring(data_integrity::claimed_keys(&secured)).unwrap_or_default();
    // Some of the examples define their terms themselves.
    let profile = Profile { disclosure, inline_contexts: InlineContexts::Used, ..Profile::default() };
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: keys::LATER };
    Ok(data_integrity::verify_set(secured, &ring, &expected, &profile)?.into_inner().document)
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| format!("{line}\n")).collect()
}

fn blank_labels(quad: &sinpyo_rdf::Quad) -> Vec<Arc<str>> {
    let terms = [Some(&quad.subject), Some(&quad.object), quad.graph.as_ref()];
    let label = |term: &sinpyo_rdf::Term| match term {
        sinpyo_rdf::Term::Blank(label) => Some(Arc::clone(label)),
        _ => None,
    };
    terms.into_iter().flatten().filter_map(label).collect()
}

/// `[[index, statement]…]`, in an object that says so.
fn numbered(group: &Value) -> Result<Vec<(u64, String)>> {
    Ok(serde_json::from_value(given::member(group, "value")?.clone())?)
}

fn pointers(list: &Value) -> Result<Vec<Pointer>> {
    let texts = given::array(list)?.iter();
    texts.map(|text| Ok(Pointer::parse(text.as_str().context("a pointer is text")?)?)).collect()
}

fn texts(pointers: &[Pointer]) -> Value {
    pointers.iter().map(Pointer::as_str).collect()
}
