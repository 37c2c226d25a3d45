//! The examples of VC-DI-BBS §A, every intermediate value, and what becomes of them when changed.

use super::{
    components::{BaseProof, DerivedProof},
    *,
};
use crate::{
    ProofValueError, proof_hash,
    vectors::{Example, hmac_key, pointers},
};
use serde_json::json;
use sinpyo_crypto::hash::sha256;
use sinpyo_testkit::{TestEntropy, from_hex, vectors};

fn material(file: &str, member: &str) -> Vec<u8> {
    let path = vectors("vc-di-bbs").unwrap().join(file);
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    from_hex(file[member].as_str().unwrap())
}

fn key() -> SecretKey {
    SecretKey::from_octets(&material("BBSKeyMaterial.json", "privateKeyHex")).unwrap()
}

/// Runs `check` on both examples, with the pointers that the holder chose.
fn examples(check: impl Fn(&Example, &[Pointer])) {
    for (folder, selective) in [("", "windSelective.json"), ("prc", "prCredSelective.json")] {
        let Some(example) = Example::read("vc-di-bbs", folder) else { return };
        let set = vectors("vc-di-bbs").unwrap();
        let selective: Value = serde_json::from_slice(&std::fs::read(set.join(selective)).unwrap()).unwrap();
        check(&example, &pointers(&selective));
    }
}

/// The scalars that the examples were made with, 48 bytes each: those of draft-irtf-cfrg-bbs-signatures §8.1,
/// but with the bare interface identifier as separator.
struct Mocked(Vec<u8>);

impl Mocked {
    fn new(count: usize) -> Self {
        let seed = material("BBSDeriveMaterial.json", "pseudoRandSeedHex");
        Self(expand_message_xmd(&seed, SUITE.api_id().as_bytes(), 48 * count))
    }
}

impl Entropy for Mocked {
    fn fill(&mut self, out: &mut [u8]) {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&std::mem::replace(&mut self.0, rest));
    }
}

/// RFC 9380 §5.3.1 with SHA-256.
fn expand_message_xmd(message: &[u8], separator: &[u8], length: usize) -> Vec<u8> {
    let suffix = [separator, &[u8::try_from(separator.len()).unwrap()]].concat();
    let asked = u16::try_from(length).unwrap().to_be_bytes();
    let first = sha256(&[&[0; 64], message, &asked, &[0], &suffix].concat());
    let (mut block, mut out) = ([0; 32], Vec::new());
    for counter in 1..=u8::try_from(length.div_ceil(32)).unwrap() {
        let mixed: Vec<u8> = first.iter().zip(block).map(|(a, b)| a ^ b).collect();
        block = sha256(&[&mixed[..], &[counter], &suffix].concat());
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    out
}

#[test]
fn the_base_proof_of_the_specification_is_made() {
    examples(|example, _| {
        assert_eq!(proof_hash(&example.options(), example.contexts()).unwrap(), example.hash("proofHash"));
        let canonical = example.lines("addBaseDocCanon.json", "").concat();
        let hash = crate::statements::hash(&example.document, example.contexts()).unwrap();
        assert_eq!(hash, sha256(canonical.as_bytes()));

        let unsecured = example.unsecured(&example.document);
        let mandatory = pointers(&example.file("addBaseTransform.json")["mandatoryPointers"]);
        let preparation = prepare_with(&unsecured, &mandatory, hmac_key()).unwrap();
        assert_eq!(preparation.messages, example.lines("addBaseTransform.json", "/nonMandatory/value"));
        assert_eq!(preparation.header[32..], example.hash("mandatoryHash"));

        let hmac_key = hmac_key();
        let source =
            Source { document: &example.document, contexts: example.contexts(), mandatory: &mandatory };
        let whole = Whole::read(source, &ShuffledLabels(&hmac_key)).unwrap();
        let (mandatory_lines, optional_lines) = whole.lines();
        assert_eq!(mandatory_lines, example.lines("addBaseTransform.json", "/mandatory/value"));
        let mut all = [mandatory_lines, optional_lines].concat();
        all.sort_unstable();
        assert_eq!(all, example.lines("addBaseDocHMACCanon.json", ""));

        assert_eq!(preparation.sign(&key()).unwrap(), example.proof_value);
        let proven = verify_base(&unsecured, &example.proof_value, &key().public_key()).unwrap();
        assert_eq!(proven.mandatory + proven.selected, all.len());
    });
}

#[test]
fn the_derived_proof_of_the_specification_is_made() {
    examples(|example, selective| {
        let header = material("BBSDeriveMaterial.json", "presentationHeaderHex");
        let (document, proof_value) = example.derived();
        let proof = DerivedProof::read(&proof_value).unwrap();
        let hidden = sinpyo_bbs::Proof::from_octets(&proof.proof).unwrap().hidden();
        let presentation = Presentation { selective, header: &header };
        let mut mocked = Mocked::new(5 + hidden);
        let derived =
            derive(&example.document, example.contexts(), &example.proof_value, &presentation, &mut mocked)
                .unwrap();
        assert_eq!(Value::Object(derived.document), Value::Object(document.clone()));
        assert_eq!(Value::Object(document), example.file("derivedUnsignedReveal.json"));
        assert_eq!(proof.mandatory, example.numbers("derivedAdjIndexes.json", "/adjMandatoryIndexes"));
        assert_eq!(proof.selected, example.numbers("derivedAdjIndexes.json", "/adjSelectiveIndexes"));
        assert_eq!(derived.proof_value, proof_value);
    });
}

#[test]
fn the_derived_proof_of_the_specification_verifies() {
    examples(|example, _| {
        let (document, proof_value) = example.derived();
        let proof = DerivedProof::read(&proof_value).unwrap();
        let presented = verify(&example.unsecured(&document), &proof_value, &key().public_key()).unwrap();
        let expected = Proven { mandatory: proof.mandatory.len(), selected: proof.selected.len() };
        assert_eq!(presented.proven, expected);
        assert_eq!(presented.header, material("BBSDeriveMaterial.json", "presentationHeaderHex"));
    });
}

/// Holder binding and pseudonyms are drafts: named and refused, whoever is asked.
#[test]
fn feature_options_are_refused() {
    for folder in ["HolderBinding", "Pseudonym", "PseudonymHB"] {
        let Some(example) = Example::read("vc-di-bbs", folder) else { return };
        let (document, derived) = example.derived();
        let result = verify(&example.unsecured(&document), &derived, &key().public_key());
        assert!(matches!(result, Err(VerifyError::ProofValue(ProofValueError::FeatureOption))), "{folder}");
        let presentation = Presentation { selective: &[], header: &[] };
        let (document, contexts) = (&example.document, example.contexts());
        let result =
            derive(document, contexts, &example.proof_value, &presentation, &mut TestEntropy::new(1));
        assert!(matches!(result, Err(DeriveError::ProofValue(ProofValueError::FeatureOption))), "{folder}");
    }
}

/// Checks that the first example is refused with the rule `expected` after `change`.
#[track_caller]
fn check(expected: &str, change: impl Fn(&mut DerivedProof, &mut Map<String, Value>, &mut [u8; 32])) {
    let Some(example) = Example::read("vc-di-bbs", "") else { return };
    let (mut document, proof_value) = example.derived();
    let (mut proof, mut hash) = (DerivedProof::read(&proof_value).unwrap(), example.hash("proofHash"));
    change(&mut proof, &mut document, &mut hash);
    let unsecured = Unsecured { proof_hash: hash, ..example.unsecured(&document) };
    let result = verify(&unsecured, &proof.write(), &key().public_key());
    assert_eq!(result.unwrap_err().code(), expected);
}

#[test]
fn changed_indexes_are_refused() {
    check("SDI-18", |proof, _, _| {
        proof.mandatory.pop();
    });
    check("SDI-24", |proof, _, _| proof.mandatory = vec![0, 1, 2, 4, 6, 8, 9, 10, 14, 15, 16, 17, 18, 19]);
    check("SDI-17", |proof, _, _| proof.mandatory.swap(0, 1));
    check("SDI-17", |proof, _, _| proof.mandatory[13] = 20);
    check("SDI-24", |proof, _, _| proof.selected[0] = 2);
    check("SDI-24", |proof, _, _| proof.selected.swap(0, 1));
    check("SDI-24", |proof, _, _| proof.selected[5] = 14);
    check("SDI-24", |proof, _, _| proof.selected[5] = usize::MAX);
    check("SDI-18", |proof, _, _| {
        proof.selected.pop();
    });
    check("SDI-18", |proof, _, _| proof.selected.push(13));
}

#[test]
fn a_changed_label_map_is_refused() {
    check("SDI-24", |proof, _, _| proof.labels.swap(0, 1));
    check("SDI-24", |proof, _, _| proof.labels[0] = 1);
    check("SDI-16", |proof, _, _| proof.labels[0] = proof.labels[1]);
    check("SDI-16", |proof, _, _| {
        proof.labels.pop();
    });
    check("SDI-16", |proof, _, _| proof.labels.push(1));
}

#[test]
fn a_changed_proof_is_refused() {
    check("SDI-24", |proof, _, _| proof.proof[300] ^= 1);
    check("SDI-24", |proof, _, _| proof.proof[0] ^= 1);
    check("SDI-24", |proof, _, _| {
        proof.proof.pop();
    });
    check("SDI-24", |proof, _, _| proof.proof.extend([1; 32]));
    check("SDI-24", |proof, _, _| proof.proof.clear());
    check("SDI-24", |proof, _, _| proof.presentation_header[0] ^= 1);
    check("SDI-24", |proof, _, _| proof.presentation_header.clear());
}

#[test]
fn a_changed_document_is_refused() {
    let boards = |document: &mut Map<String, Value>| document["credentialSubject"]["boards"].take();
    check("SDI-24", |_, document, _| {
        document["credentialSubject"]["boards"][1]["year"] = json!(2020);
    });
    check("SDI-24", |_, document, _| document["credentialSubject"]["sailNumber"] = json!("Earth102"));
    check("SDI-24", |_, document, _| document["issuer"] = json!("https://vc.example/other"));
    check("SDI-16", |_, document, _| {
        let mut kept = boards(document);
        kept.as_array_mut().unwrap().pop();
        document["credentialSubject"]["boards"] = kept;
    });
    check("SDI-17", |_, document, _| {
        document["credentialSubject"].as_object_mut().unwrap().remove("sailNumber");
    });
    check("SDI-18", |_, document, _| document["credentialSubject"]["boardMaker"] = json!("Wailea"));
    check("SDI-24", |_, _, hash| hash[31] ^= 1);
}

#[test]
fn another_issuer_key_is_refused() {
    let Some(example) = Example::read("vc-di-bbs", "prc") else { return };
    let other = SecretKey::generate(&mut TestEntropy::new(1)).public_key();
    let (document, proof_value) = example.derived();
    let result = verify(&example.unsecured(&document), &proof_value, &other);
    assert_eq!(result.unwrap_err().code(), "SDI-24");
    let result = verify_base(&example.unsecured(&example.document), &example.proof_value, &other);
    assert_eq!(result.unwrap_err().code(), "SDI-20");
}

#[test]
fn a_base_proof_is_not_taken_for_a_derived_one() {
    examples(|example, selective| {
        let whole = example.unsecured(&example.document);
        let result = verify(&whole, &example.proof_value, &key().public_key());
        assert!(matches!(result, Err(VerifyError::ProofValue(ProofValueError::Base))));
        let (document, proof_value) = example.derived();
        let presentation = Presentation { selective, header: &[] };
        let entropy = &mut TestEntropy::new(1);
        let result = derive(&document, example.contexts(), &proof_value, &presentation, entropy);
        assert!(matches!(result, Err(DeriveError::ProofValue(ProofValueError::Derived))));
    });
}

#[test]
fn a_changed_base_proof_is_refused() {
    examples(|example, selective| {
        let changed = |change: &dyn Fn(&mut BaseProof)| {
            let mut base = BaseProof::read(&example.proof_value).unwrap();
            change(&mut base);
            base.write()
        };
        let verified = |change: &dyn Fn(&mut BaseProof)| {
            let unsecured = example.unsecured(&example.document);
            verify_base(&unsecured, &changed(change), &key().public_key()).map_err(|error| error.code())
        };
        assert!(verified(&|_| ()).is_ok());
        assert_eq!(verified(&|base| base.signature[79] ^= 1), Err("SDI-21"));
        assert_eq!(verified(&|base| base.signature = [0; 80]), Err("SDI-21"));
        assert_eq!(verified(&|base| base.header[0] ^= 1), Err("SDI-21"));
        assert_eq!(verified(&|base| base.public_key[95] ^= 1), Err("SDI-20"));
        assert_eq!(verified(&|base| drop(base.mandatory.pop())), Err("SDI-21"));

        let derived = |document: &Map<String, Value>, change: &dyn Fn(&mut BaseProof)| {
            let presentation = Presentation { selective, header: &[] };
            let entropy = &mut TestEntropy::new(1);
            derive(document, example.contexts(), &changed(change), &presentation, entropy)
                .map_err(|error| error.code())
                .map(drop)
        };
        assert_eq!(derived(&example.document, &|_| ()), Ok(()));
        assert_eq!(derived(&example.document, &|base| base.header[63] ^= 1), Err("SDI-08"));
        assert_eq!(derived(&example.document, &|base| base.signature = [0; 80]), Err("SDI-22"));
        assert_eq!(derived(&example.document, &|base| base.public_key = [0; 96]), Err("SDI-22"));
        let mut other = example.document.clone();
        other.insert("issuer".into(), json!("did:example:other"));
        assert_eq!(derived(&other, &|_| ()), Err("SDI-08"));
    });
}
