//! The fixtures of the draft: every signature and every proof, in both suites.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "test")]

use serde_json::Value;
use sinpyo_bbs::{Disclosure, Proof, PublicKey, SecretKey, Selection, Signature, Suite};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_testkit::{from_hex, vectors};
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

const FOLDERS: [(Suite, &str); 2] =
    [(Suite::Sha256, "bls12-381-sha-256"), (Suite::Shake256, "bls12-381-shake-256")];

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    from_hex(value.as_str().unwrap())
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn list(value: &Value) -> Vec<Vec<u8>> {
    value.as_array().unwrap().iter().map(bytes).collect()
}

#[test]
fn the_key_is_that_of_the_draft() {
    let Some(folder) = vectors("bbs-draft") else { return };
    for (suite, name) in FOLDERS {
        let fixture = read(&folder.join(name).join("keypair.json"));
        let material = Secret::new(bytes(&fixture["keyMaterial"]));
        let key = SecretKey::derive(suite, &material, &bytes(&fixture["keyInfo"])).unwrap();
        assert_eq!(key.to_octets().expose()[..], bytes(&fixture["keyPair"]["secretKey"]));
        assert_eq!(key.public_key().to_octets()[..], bytes(&fixture["keyPair"]["publicKey"]));
    }
}

#[test]
fn signatures_are_those_of_the_draft() {
    let Some(folder) = vectors("bbs-draft") else { return };
    for (suite, name) in FOLDERS {
        let files = cases(&folder.join(name).join("signature"));
        assert_eq!(files.len(), 10);
        for file in files {
            let case = read(&file);
            let messages = list(&case["messages"]);
            let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
            let header = bytes(&case["header"]);
            let key = PublicKey::from_octets(&bytes(&case["signerKeyPair"]["publicKey"])).unwrap();
            let octets = bytes(&case["signature"]);
            let signature = Signature::from_octets(&octets).unwrap();
            assert_eq!(signature.to_octets()[..], octets);
            let verdict = key.verify(suite, &signature, &header, &messages);
            if case["result"]["valid"].as_bool().unwrap() {
                assert_eq!(verdict.unwrap().messages(), messages, "{}", file.display());
                let secret = SecretKey::from_octets(&bytes(&case["signerKeyPair"]["secretKey"])).unwrap();
                assert_eq!(secret.sign(suite, &header, &messages).unwrap(), signature, "{}", file.display());
            } else {
                assert_eq!(verdict.unwrap_err().code(), "BBS-04", "{}", file.display());
            }
        }
    }
}

/// Hands out scalars so that they survive the reduction of 48 bytes.
struct Scripted(VecDeque<Vec<u8>>);

impl Scripted {
    fn of(trace: &Value) -> Self {
        let single = ["r1", "r2", "e_tilde", "r1_tilde", "r3_tilde"].map(|name| bytes(&trace[name]));
        Self(single.into_iter().chain(list(&trace["m_tilde_scalars"])).collect())
    }
}

impl Entropy for Scripted {
    fn fill(&mut self, out: &mut [u8]) {
        let scalar = self.0.pop_front().expect("no more scalars are drawn than the fixture lists");
        let (zeros, rest) = out.split_at_mut(out.len() - scalar.len());
        zeros.fill(0);
        rest.copy_from_slice(&scalar);
    }
}

#[test]
fn proofs_are_those_of_the_draft() {
    let Some(folder) = vectors("bbs-draft") else { return };
    for (suite, name) in FOLDERS {
        let files = cases(&folder.join(name).join("proof"));
        assert_eq!(files.len(), 15);
        for file in files {
            check_proof(suite, &read(&file), &file);
        }
    }
}

fn check_proof(suite: Suite, case: &Value, file: &Path) {
    let messages = list(&case["messages"]);
    let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let indexes = case["disclosedIndexes"].as_array().unwrap().iter();
    let disclosed: Vec<usize> = indexes.map(|index| index.as_u64().unwrap().try_into().unwrap()).collect();
    let shown: Vec<(usize, &[u8])> = disclosed.iter().map(|&index| (index, messages[index])).collect();
    let (header, presentation_header) = (bytes(&case["header"]), bytes(&case["presentationHeader"]));
    let key = PublicKey::from_octets(&bytes(&case["signerPublicKey"])).unwrap();
    let octets = bytes(&case["proof"]);
    let proof = Proof::from_octets(&octets).unwrap();
    assert_eq!(proof.to_octets(), octets);

    let disclosure =
        Disclosure { header: &header, presentation_header: &presentation_header, messages: &shown };
    let verdict = key.verify_proof(suite, &proof, disclosure);
    if case["result"]["valid"].as_bool().unwrap() {
        assert_eq!(verdict.unwrap().messages(), shown, "{}", file.display());
        let signature = Signature::from_octets(&bytes(&case["signature"])).unwrap();
        let selection = Selection {
            header: &header,
            presentation_header: &presentation_header,
            messages: &messages,
            disclosed: &disclosed,
        };
        let mut entropy = Scripted::of(&case["trace"]["random_scalars"]);
        assert_eq!(
            key.prove(suite, &signature, &selection, &mut entropy).unwrap(),
            proof,
            "{}",
            file.display()
        );
        assert!(entropy.0.is_empty(), "every scalar of the fixture was drawn");
    } else {
        assert!(["BBS-05", "BBS-07", "BBS-08"].contains(&verdict.unwrap_err().code()), "{}", file.display());
    }
}
