//! Operations on a did:tlog put together by the words of `spec/did-tlog.md` §3 and §4, apart from the code that the
//! registry drafts them with.

use super::party::{Members, Party, members, set};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_core::{
    encoding::{Base, to_multibase},
    jcs, json,
};
use sinpyo_crypto::{Algorithm, hash::sha256};

/// The name of the log.
pub(super) const ORIGIN: &str = "ledger.example/2026";
const PLACEHOLDER: &str = "{SCID}";

/// The members of an operation without its proof.
#[derive(Clone, Debug)]
pub(super) struct Unsigned(pub(super) Members);

/// The first operation of a DID [§4.2]. `document` names the DID `did:tlog:{SCID}`.
pub(super) fn create(parameters: Value, document: Value) -> Result<Unsigned> {
    let mut op = unchained(&format!("did:tlog:{PLACEHOLDER}"), parameters, document);
    set(&mut op, "versionId", PLACEHOLDER);
    let text = String::from_utf8(jcs::canonicalize_object(&op))?;
    let scid = multihash(text.as_bytes());
    let op = json::parse_object(text.replace(PLACEHOLDER, &scid).as_bytes())?;
    Ok(Unsigned(op).chained(1, &scid))
}

/// The operation that follows `previous` [§4.3].
pub(super) fn next(previous: &Unsigned, parameters: Value, document: Value) -> Result<Unsigned> {
    let op = unchained(previous.did()?, parameters, document);
    Ok(Unsigned(op).chained(previous.number()? + 1, previous.version()?))
}

fn unchained(did: &str, parameters: Value, document: Value) -> Members {
    let mut op = members(json!({"type": "did", "did": did, "log": ORIGIN}));
    set(&mut op, "parameters", parameters);
    set(&mut op, "document", document);
    op
}

impl Unsigned {
    /// With the name of version `number` after version `previous` [§4.2 step 3, §4.3].
    pub(super) fn chained(mut self, number: u64, previous: &str) -> Self {
        set(&mut self.0, "versionId", previous);
        let version = format!("{number}-{}", multihash(&jcs::canonicalize_object(&self.0)));
        set(&mut self.0, "versionId", version);
        self
    }

    pub(super) fn did(&self) -> Result<&str> {
        self.text("did")
    }

    /// The name of the version that it makes.
    pub(super) fn version(&self) -> Result<&str> {
        self.text("versionId")
    }

    pub(super) fn number(&self) -> Result<u64> {
        let (number, _) = self.version()?.split_once('-').context("a version has a number")?;
        Ok(number.parse()?)
    }

    fn text(&self, name: &str) -> Result<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .with_context(|| format!("an operation has the member {name}"))
    }

    /// The canonical text, signed with update key `seed` [§4.1].
    pub(super) fn sign(&self, seed: u8) -> Result<String> {
        self.sign_as(seed, &update_key(seed)?)
    }

    /// As [`Unsigned::sign`], with a proof that claims to be by `named`.
    pub(super) fn sign_as(&self, seed: u8, named: &str) -> Result<String> {
        let signer = holder_of(seed)?;
        let options = members(json!({
            "type": "DataIntegrityProof", "cryptosuite": signer.cryptosuite(), "proofPurpose": "assertionMethod",
            "verificationMethod": format!("did:key:{named}#{named}"),
        }));
        let proof = signer.proof(&self.0, options)?;
        let mut op = self.0.clone();
        set(&mut op, "proof", proof);
        Ok(String::from_utf8(jcs::canonicalize_object(&op))?)
    }
}

/// Update keys 1 to 99 are P-256 keys, the others Ed25519 keys.
fn holder_of(seed: u8) -> Result<Party> {
    let algorithm = if seed < 100 { Algorithm::Es256 } else { Algorithm::Ed25519 };
    Party::new("did:example:controller", algorithm, seed)
}

/// Update key `seed` as Multikey.
pub(super) fn update_key(seed: u8) -> Result<String> {
    Ok(holder_of(seed)?.multikey())
}

/// The announcement of update key `seed` [§4.1].
pub(super) fn announcement(seed: u8) -> Result<String> {
    Ok(multihash(update_key(seed)?.as_bytes()))
}

/// A document of `did` with one key for statements, number `seed` of Ed25519.
pub(super) fn document(did: &str, seed: u8) -> Result<Value> {
    let key = Party::new("did:example:any", Algorithm::Ed25519, seed)?.multikey();
    let id = format!("{did}#key-{seed}");
    Ok(json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"],
        "id": did,
        "verificationMethod": [{"id": id, "type": "Multikey", "controller": did, "publicKeyMultibase": key}],
        "assertionMethod": [id],
    }))
}

/// The document of a DID that is being created.
pub(super) fn first_document(seed: u8) -> Result<Value> {
    document(&format!("did:tlog:{PLACEHOLDER}"), seed)
}

/// The entry of `operation` at ledger time `time` [§3].
pub(super) fn entry(operation: &str, time: &str) -> String {
    format!(r#"{{"op":{operation},"time":"{time}","v":1}}"#)
}

/// `multibase(base58btc, 0x12 0x20 ‖ SHA-256(bytes))` [§1].
fn multihash(bytes: &[u8]) -> String {
    to_multibase(Base::Base58Btc, &[&[0x12, 0x20][..], &sha256(bytes)].concat())
}
