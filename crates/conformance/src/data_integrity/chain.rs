//! Sets and chains of proofs. All of them are by Ed25519 keys, so that each is made again and compared.

use super::keys;
use crate::{expect, given};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};
use sinpyo_core::{document::VerificationRelationship::AssertionMethod, json};
use sinpyo_crypto::SigningKey;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Profile, Signatory,
    data_integrity::{self, Cryptosuite, Earlier, Expected, ProofOptions, ProofSetError, Securing},
};
use std::path::Path;

/// A proof that is added: its kind and number in the names of files, its key, and what it is added to and gives.
struct Link {
    name: &'static str,
    key: &'static str,
    before: &'static str,
    after: &'static str,
}

const LINKS: [Link; 4] = [
    Link { name: "Set.1", key: "keyPair1", before: "unsigned.json", after: "signedProofSet1.json" },
    Link { name: "Set.2", key: "keyPair2", before: "signedProofSet1.json", after: "signedProofSet2.json" },
    Link {
        name: "Chain.1",
        key: "keyPair3",
        before: "proofChainTempDoc1.json",
        after: "signedProofChain1.json",
    },
    Link {
        name: "Chain.2",
        key: "keyPair4",
        before: "signedProofChain1.json",
        after: "signedProofChain2.json",
    },
];

/// How many proofs a signed document carries.
const SIGNED: [(&str, usize); 5] = [
    ("signedProofSet1.json", 1),
    ("signedProofSet2.json", 2),
    ("proofChainTempDoc1.json", 2),
    ("signedProofChain1.json", 3),
    ("signedProofChain2.json", 4),
];

/// Checks the file `name`.
pub(super) fn check(folder: &Path, name: &str) -> Result<()> {
    if let Some((_, count)) = SIGNED.iter().find(|(signed, _)| *signed == name) {
        return signed(folder, name, *count);
    }
    match name {
        "multiKeyPairs.json" => {
            let pairs = given::json(&folder.join(name))?;
            for link in &LINKS {
                keys::signing_key(given::member(&pairs, link.key)?)?;
            }
            Ok(())
        }
        "unsigned.json" => {
            let parent = folder.parent().context("the set has a folder")?;
            expect::same("document", &object(folder, name)?, &object(parent, name)?)
        }
        // Its one proof vouches for proofs that are not there.
        "proofChainTempDoc2.json" => {
            let refusal = verify(object(folder, name)?).err();
            expect::refused_by(
                "a chain without its beginning",
                "DI-12",
                refusal.as_ref().map(ProofSetError::code),
            )
        }
        _ => configuration(folder, name),
    }
}

/// `proof{Set,Chain}Config[Signed]N.json`: the proof that we add is this one.
fn configuration(folder: &Path, name: &str) -> Result<()> {
    let is_signed = name.contains("Signed");
    let link = LINKS.iter().find(|link| {
        let (kind, number) = link.name.split_once('.').unwrap_or_default();
        name.starts_with(&format!("proof{kind}Config")) && name.ends_with(&format!("{number}.json"))
    });
    let Some(link) = link else { bail!("a file that is not known") };
    let stated = object(folder, name)?;
    let mut proof = last_proof(&add(folder, link)?)?;
    if !is_signed {
        proof.remove("proofValue").context("a proof has a value")?;
    }
    expect::same("proof", &proof, &stated)
}

/// A signed document is what we make of the one before it, and verifies; without one of its proofs, or with an altered
/// one, it does not.
fn signed(folder: &Path, name: &str, count: usize) -> Result<()> {
    let stated = object(folder, name)?;
    if let Some(link) = LINKS.iter().find(|link| link.after == name) {
        expect::same("our signed document", &add(folder, link)?, &stated)?;
    }
    let opened = verify(stated.clone())?;
    expect::same("number of signers", &opened, &count)?;
    let proofs = proofs(&stated)?;
    for position in 0..proofs.len() {
        let rule = |alter: &dyn Fn(&mut Vec<Value>) -> Option<()>| {
            let mut others = proofs.clone();
            alter(&mut others).context("an alteration applies")?;
            let mut copy = stated.clone();
            copy.insert("proof".to_owned(), Value::Array(others));
            Ok::<_, anyhow::Error>(verify(copy).err().map(|error| error.code()))
        };
        let names_it = |proof: &Value| {
            let id = proofs.get(position).and_then(|proof| proof.get("id"));
            id.is_some_and(|id| match proof.get("previousProof") {
                Some(Value::Array(names)) => names.contains(id),
                name => name == Some(id),
            })
        };
        let created = rule(&|others| {
            let proof = others.get_mut(position)?.as_object_mut()?;
            proof.insert("created".to_owned(), "2023-02-24T23:36:37Z".into()).map(drop)
        })?;
        expect::refused_by("an altered proof", "DI-10", created)?;
        let without = rule(&|others| {
            others.remove(position);
            Some(())
        })?;
        match (proofs.iter().any(names_it), proofs.len()) {
            (true, _) => expect::refused_by("a stripped chain", "DI-12", without)?,
            (false, 1) => expect::refused_by("a document without a proof", "DI-14", without)?,
            // What nobody vouches for can be taken away; how many must be there is policy.
            (false, _) => ensure!(without.is_none(), "proof {position} cannot be left out: {without:?}"),
        }
    }
    Ok(())
}

/// The document of `link` with one proof more.
fn add(folder: &Path, link: &Link) -> Result<Map<String, Value>> {
    let (kind, number) = link.name.split_once('.').context("a name has two parts")?;
    let config = given::json(&folder.join(format!("proof{kind}Config{number}.json")))?;
    let pairs = given::json(&folder.join("multiKeyPairs.json"))?;
    let key: SigningKey = keys::signing_key(given::member(&pairs, link.key)?)?;
    let previous = match config.get("previousProof") {
        None => Vec::new(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(name) => vec![name.as_str().context("a name is text")?.to_owned()],
    };
    let options = ProofOptions {
        id: config.get("id").and_then(Value::as_str).map(str::to_owned),
        created: Some(given::text_member(&config, "created")?.parse()?),
        previous,
        ..ProofOptions::new(AssertionMethod)
    };
    let contexts = Contexts::bundled();
    let how = Securing {
        suite: Cryptosuite::EddsaRdfc2022,
        options: &options,
        contexts: &contexts,
        earlier: Earlier::Kept,
    };
    let key_id = given::text_member(&config, "verificationMethod")?.parse()?;
    let signatory = Signatory { key_id: &key_id, key: key.verifying_key() };
    let prepared = data_integrity::secure(object(folder, link.before)?, &how, signatory)?;
    let signature = key.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}

/// How many signed; the keys are those of the did:keys that the proofs name.
fn verify(secured: Map<String, Value>) -> Result<usize, ProofSetError> {
    let ring = keys::ring(data_integrity::claimed_keys(&secured)).unwrap_or_default();
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: keys::LATER };
    let verified = data_integrity::verify_set(secured, &ring, &expected, &Profile::default())?;
    Ok(verified.into_inner().signers.len())
}

fn object(folder: &Path, name: &str) -> Result<Map<String, Value>> {
    Ok(json::parse_object(&given::bytes(&folder.join(name))?)?)
}

fn proofs(secured: &Map<String, Value>) -> Result<Vec<Value>> {
    match secured.get("proof") {
        Some(Value::Array(proofs)) => Ok(proofs.clone()),
        Some(one) => Ok(vec![one.clone()]),
        None => bail!("the document has no proof"),
    }
}

fn last_proof(secured: &Map<String, Value>) -> Result<Map<String, Value>> {
    let proof = proofs(secured)?.pop().context("the document has a proof")?;
    Ok(given::object(&proof)?.clone())
}
