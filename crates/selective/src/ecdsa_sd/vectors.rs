//! The examples of VC-DI-ECDSA §A.7–A.8, every intermediate value, and what becomes of them when changed.

use super::{
    components::{BaseProof, DerivedProof, message},
    *,
};
use crate::{
    ProofValueError, proof_hash,
    vectors::{Example, hmac_key, pointers},
};
use serde_json::json;
use sinpyo_core::encoding::Multikey;
use sinpyo_testkit::vectors;

const KEY: &str = "zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP";

fn key() -> VerifyingKey {
    VerifyingKey::from_multikey(&Multikey::parse(KEY).unwrap()).unwrap()
}

/// Runs `check` on both examples, with the pointers that the holder chose.
fn examples(check: impl Fn(&Example, &[Pointer])) {
    for (folder, selective) in [("prc", "prCredSelective.json"), ("employ", "employSelective.json")] {
        let Some(example) = Example::read("vc-di-ecdsa", &format!("ecdsa-sd-2023/{folder}")) else { return };
        let set = vectors("vc-di-ecdsa").unwrap();
        let selective: Value = serde_json::from_slice(&std::fs::read(set.join(selective)).unwrap()).unwrap();
        check(&example, &pointers(&selective));
    }
}

#[test]
fn the_base_proof_of_the_specification_is_made() {
    examples(|example, _| {
        assert_eq!(proof_hash(&example.options(), example.contexts()).unwrap(), example.hash("proofHash"));
        assert_eq!(
            crate::statements::hash(&example.document, example.contexts()).unwrap(),
            sinpyo_crypto::hash::sha256(example.lines("addBaseDocCanon.json", "").concat().as_bytes())
        );
        let base = BaseProof::read(&example.proof_value).unwrap();
        let key = hmac_key();
        let source = Source {
            document: &example.document,
            contexts: example.contexts(),
            mandatory: &pointers(&example.file("addBaseTransform.json")["mandatoryPointers"]),
        };
        let whole = Whole::read(source, &HmacLabels(&key)).unwrap();
        let (mandatory, optional) = whole.lines();
        assert_eq!(mandatory, example.lines("addBaseTransform.json", "/mandatory/value"));
        assert_eq!(optional, example.lines("addBaseTransform.json", "/nonMandatory/value"));
        let mut all = [mandatory.clone(), optional].concat();
        all.sort_unstable();
        assert_eq!(all, example.lines("addBaseDocHMACCanon.json", ""));

        let signed = message(&example.hash("proofHash"), &base.signatures.ephemeral_key, &mandatory);
        assert_eq!(signed[..32], example.hash("proofHash"));
        assert_eq!(signed[67..], example.hash("mandatoryHash"));

        let raw = example.file("addRawBaseSignatureInfo.json");
        let ephemeral = Multikey::parse(raw["publicKey"].as_str().unwrap()).unwrap();
        let ephemeral = components::ephemeral_key(&VerifyingKey::from_multikey(&ephemeral).unwrap());
        let signature = |hex: &Value| sinpyo_testkit::from_hex(hex.as_str().unwrap()).try_into().unwrap();
        let preparation = Preparation {
            message: Vec::new(),
            ephemeral_key: ephemeral,
            hmac_key: hmac_key(),
            signatures: raw["signatures"].as_array().unwrap().iter().map(signature).collect(),
            mandatory: pointers(&raw["mandatoryPointers"]),
        };
        let issuer: [u8; 64] = signature(&raw["baseSignature"]);
        assert_eq!(preparation.attach(&issuer).unwrap(), example.proof_value);

        let proven = verify_base(&example.unsecured(&example.document), &example.proof_value, &self::key());
        let expected = Proven { mandatory: mandatory.len(), selected: all.len() - mandatory.len() };
        assert_eq!(proven.unwrap(), expected);
    });
}

#[test]
fn the_derived_proof_of_the_specification_is_made() {
    examples(|example, selective| {
        let derived = derive(&example.document, example.contexts(), &example.proof_value, selective).unwrap();
        let (document, proof_value) = example.derived();
        assert_eq!(Value::Object(derived.document), Value::Object(document));
        assert_eq!(Value::Object(example.derived().0), example.file("derivedUnsignedReveal.json"));
        assert_eq!(derived.proof_value, proof_value);

        let proof = DerivedProof::read(&proof_value).unwrap();
        let adjusted = example.file("derivedAdjMandatoryIndexes.json");
        let path = adjusted.as_object().unwrap().keys().next().unwrap().clone();
        assert_eq!(proof.mandatory, example.numbers("derivedAdjMandatoryIndexes.json", &format!("/{path}")));
    });
}

#[test]
fn the_derived_proof_of_the_specification_verifies() {
    examples(|example, _| {
        let (document, proof_value) = example.derived();
        let proof = DerivedProof::read(&proof_value).unwrap();
        let statements =
            Statements::of::<HmacLabels<'_>>(&document, example.contexts(), &proof.labels).unwrap().unwrap();
        assert_eq!(statements.lines(), example.lines("verifyNQuads.json", ""));
        let selected = example.lines("verifyCreateVerifyData.json", "/nonMandatory").len();
        let expected = Proven { mandatory: proof.mandatory.len(), selected };
        assert_eq!(verify(&example.unsecured(&document), &proof_value, &key()).unwrap(), expected);
    });
}

/// What verification says about the first example after `change` to the proof, the document and its hash.
fn refused(
    change: impl Fn(&mut DerivedProof, &mut Map<String, Value>, &mut [u8; 32]),
) -> Option<&'static str> {
    let example = Example::read("vc-di-ecdsa", "ecdsa-sd-2023/prc")?;
    let (mut document, proof_value) = example.derived();
    let (mut proof, mut hash) = (DerivedProof::read(&proof_value).unwrap(), example.hash("proofHash"));
    change(&mut proof, &mut document, &mut hash);
    let unsecured = Unsecured { proof_hash: hash, ..example.unsecured(&document) };
    Some(verify(&unsecured, &proof.write(), &key()).unwrap_err().code())
}

#[track_caller]
fn check(expected: &str, change: impl Fn(&mut DerivedProof, &mut Map<String, Value>, &mut [u8; 32])) {
    if let Some(code) = refused(change) {
        assert_eq!(code, expected);
    }
}

#[test]
fn changed_mandatory_indexes_are_refused() {
    check("SDI-18", |proof, _, _| {
        proof.mandatory.pop();
    });
    check("SDI-18", |proof, _, _| proof.mandatory.push(8));
    check("SDI-21", |proof, _, _| proof.mandatory = vec![0, 4, 5, 6]);
    check("SDI-17", |proof, _, _| proof.mandatory = vec![0, 5, 4, 7]);
    check("SDI-17", |proof, _, _| proof.mandatory = vec![0, 4, 4, 7]);
    check("SDI-17", |proof, _, _| proof.mandatory = vec![0, 4, 5, 10]);
    check("SDI-17", |proof, _, _| proof.mandatory = vec![0, 4, 5, usize::MAX]);
}

#[test]
fn a_changed_label_map_is_refused() {
    check("SDI-21", |proof, _, _| proof.labels.swap(0, 1));
    check("SDI-21", |proof, _, _| proof.labels[1][0] ^= 1);
    check("SDI-23", |proof, _, _| proof.labels[0][31] ^= 1);
    check("SDI-16", |proof, _, _| proof.labels[0] = proof.labels[1]);
    check("SDI-16", |proof, _, _| {
        proof.labels.pop();
    });
    check("SDI-16", |proof, _, _| proof.labels.push([7; 32]));
}

#[test]
fn changed_signatures_are_refused() {
    check("SDI-23", |proof, _, _| proof.signatures.statements.swap(1, 2));
    check("SDI-23", |proof, _, _| proof.signatures.statements[5][63] ^= 1);
    check("SDI-23", |proof, _, _| proof.signatures.statements[0] = [0; 64]);
    check("SDI-18", |proof, _, _| {
        proof.signatures.statements.pop();
    });
    check("SDI-18", |proof, _, _| proof.signatures.statements.push([1; 64]));
    check("SDI-21", |proof, _, _| proof.signatures.issuer[0] ^= 1);
    check("SDI-21", |proof, _, _| proof.signatures.issuer = proof.signatures.statements[0]);
    check("SDI-21", |proof, _, _| proof.signatures.ephemeral_key[34] ^= 1);
    check("SDI-21", |proof, _, _| proof.signatures.ephemeral_key[0] ^= 1);
}

#[test]
fn a_changed_document_is_refused() {
    check("SDI-23", |_, document, _| document["credentialSubject"]["birthCountry"] = json!("Utopia"));
    check("SDI-21", |_, document, _| document["issuer"]["id"] = json!("did:example:other"));
    check("SDI-18", |_, document, _| drop(document.remove("validFrom")));
    check("SDI-18", |_, document, _| drop(document.insert("name".into(), json!("Card"))));
    check("SDI-01", |_, document, _| drop(document.insert("undefined term".into(), json!("Card"))));
    check("SDI-21", |_, _, hash| hash[0] ^= 1);
}

#[test]
fn another_issuer_key_is_refused() {
    let Some(example) = Example::read("vc-di-ecdsa", "ecdsa-sd-2023/prc") else { return };
    let (document, proof_value) = example.derived();
    for (algorithm, code) in
        [(Algorithm::Es256, "SDI-21"), (Algorithm::Es384, "SDI-20"), (Algorithm::Ed25519, "SDI-20")]
    {
        let other = sinpyo_testkit::key(algorithm, 1);
        let result = verify(&example.unsecured(&document), &proof_value, other.verifying_key());
        assert_eq!(result.unwrap_err().code(), code, "{algorithm}");
    }
}

#[test]
fn an_ephemeral_key_that_is_no_point_is_refused() {
    let Some(example) = Example::read("vc-di-ecdsa", "ecdsa-sd-2023/prc") else { return };
    let issuer = sinpyo_testkit::key(Algorithm::Es256, 1);
    let (document, proof_value) = example.derived();
    // As a careless issuer would sign it: all zero, or with the multicodec of another curve.
    for bad in [[0; 35], [[0x81, 0x24, 3].as_slice(), &[7; 32]].concat().try_into().unwrap()] {
        let mut proof = DerivedProof::read(&proof_value).unwrap();
        let lines = example.lines("verifyNQuads.json", "");
        let mandatory: Vec<_> = proof.mandatory.iter().map(|index| &*lines[*index]).collect();
        proof.signatures.ephemeral_key = bad;
        let signed = issuer.sign(&message(&example.hash("proofHash"), &bad, &mandatory)).unwrap();
        proof.signatures.issuer = (*signed).try_into().unwrap();
        let result = verify(&example.unsecured(&document), &proof.write(), issuer.verifying_key());
        assert_eq!(result.unwrap_err().code(), "SDI-20");
    }
}

#[test]
fn a_base_proof_is_not_taken_for_a_derived_one() {
    examples(|example, selective| {
        let whole = example.unsecured(&example.document);
        let result = verify(&whole, &example.proof_value, &key());
        assert!(matches!(result, Err(VerifyError::ProofValue(ProofValueError::Base))));
        let (document, proof_value) = example.derived();
        let result = derive(&document, example.contexts(), &proof_value, selective);
        assert!(matches!(result, Err(DeriveError::ProofValue(ProofValueError::Derived))));
        let result = verify_base(&example.unsecured(&document), &proof_value, &key());
        assert!(matches!(result, Err(VerifyError::ProofValue(ProofValueError::Derived))));
    });
}

#[test]
fn a_changed_base_proof_is_refused() {
    examples(|example, selective| {
        let verified = |change: &dyn Fn(&mut BaseProof)| {
            let mut base = BaseProof::read(&example.proof_value).unwrap();
            change(&mut base);
            verify_base(&example.unsecured(&example.document), &base.write(), &key())
                .map_err(|error| error.code())
        };
        assert!(verified(&|_| ()).is_ok());
        assert_eq!(verified(&|base| base.signatures.issuer[9] ^= 1), Err("SDI-21"));
        assert_eq!(verified(&|base| base.signatures.statements.swap(0, 1)), Err("SDI-23"));
        assert_eq!(verified(&|base| base.hmac_key = Secret::new([9; 32])), Err("SDI-21"));
        assert_eq!(verified(&|base| base.mandatory.clear()), Err("SDI-18"));
        assert_eq!(verified(&|base| base.mandatory.push(Pointer::parse("/nothing").unwrap())), Err("SDI-08"));

        let mut other = example.document.clone();
        other.remove("validUntil");
        other.remove("validFrom");
        let result = derive(&other, example.contexts(), &example.proof_value, &selective[..0]);
        assert!(matches!(result, Err(DeriveError::OtherDocument)));
    });
}
