//! The steps of one suite and key.

use super::altered;
use crate::{expect, given};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    document::VerificationRelationship::AssertionMethod,
    encoding::{Base, Multikey, from_multibase, to_base64url, to_multibase},
    jcs, json,
    key::{Signer, Verifier},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey, hash};
use sinpyo_proof::{
    Signatory, Verified,
    data_integrity::{self, Expected, ProofOptions, Secured, VerifyProofError},
};
use std::path::Path;

/// Where the steps of a suite and key are.
pub(super) struct Part {
    /// Folder of the steps.
    pub(super) steps: &'static str,
    /// File of the key pair.
    pub(super) key_pair: &'static str,
    /// Member of that file with the private key.
    pub(super) private: &'static str,
    /// A public key of the same kind that is not the signer's: the examples of the did:key method.
    pub(super) stranger: &'static str,
}

/// What the steps start from.
pub(super) struct Steps {
    document: Map<String, Value>,
    config: Map<String, Value>,
    created: Timestamp,
    signer: KeySigner,
    stranger: VerifyingKey,
    signature: Vec<u8>,
}

impl Steps {
    /// Reads the inputs of a part of the set in `folder`.
    pub(super) fn read(folder: &Path, part: &Part) -> Result<Self> {
        let pair = given::json(&folder.join(part.key_pair))?;
        let key = signing_key(
            given::text_member(&pair, "publicKeyMultibase")?,
            given::text_member(&pair, part.private)?,
        )?;
        let files = given::entries(&folder.join(part.steps))?;
        let find = |step: &str| {
            let file =
                files.iter().find(|file| given::name(&folder.join(part.steps), file).starts_with(step));
            file.with_context(|| format!("no {step} in {}", part.steps))
        };
        let config = given::json(find("proofConfig")?)?;
        let key_id = given::text_member(&config, "verificationMethod")?.parse()?;
        Ok(Self {
            document: json::parse_object(&given::bytes(&folder.join("unsigned.json"))?)?,
            created: given::text_member(&config, "created")?.parse()?,
            config: given::object(&config)?.clone(),
            signer: KeySigner::new(key_id, key),
            stranger: VerifyingKey::from_multikey(&Multikey::parse(part.stranger)?)?,
            signature: given::hex(&given::text(find("sigHex")?)?)?,
        })
    }

    /// Compares what we compute for a step with what its file holds.
    pub(super) fn check(&self, file: &Path) -> Result<()> {
        let step = file.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
        let stated = given::text(file)?;
        let stated = stated.trim_end();
        let (document, config) =
            (jcs::canonicalize_object(&self.document), jcs::canonicalize_object(&self.config));
        let is = |name: &str| step.starts_with(name);
        if is("canonDoc") {
            expect::same_bytes("canonical document", &document, stated.as_bytes())
        } else if is("proofCanon") {
            expect::same_bytes("canonical configuration", &config, stated.as_bytes())
        } else if is("docHash") {
            expect::same_bytes("hash of the document", &self.hash(&document), &given::hex(stated)?)
        } else if is("proofHash") {
            expect::same_bytes("hash of the configuration", &self.hash(&config), &given::hex(stated)?)
        } else if is("combinedHash") {
            expect::same_bytes("bytes to sign", &self.signing_input()?, &given::hex(stated)?)
        } else if is("proofConfig") {
            self.configuration(stated)
        } else if is("sigHex") {
            self.signature(&given::hex(stated)?)
        } else if is("sigBTC58") {
            expect::same("proof value", to_multibase(Base::Base58Btc, &self.signature).as_str(), stated)?;
            expect::same_bytes("signature", &from_multibase(Base::Base58Btc, stated)?, &self.signature)
        } else if is("signed") {
            self.signed(&json::parse_object(stated.as_bytes())?)
        } else {
            bail!("a step that is not known")
        }
    }

    /// The options that we make for the configuration are the configuration.
    fn configuration(&self, stated: &str) -> Result<()> {
        let mut proof = self.secure()?.remove("proof").context("a signed document has a proof")?;
        let value = proof.as_object_mut().and_then(|proof| proof.remove("proofValue"));
        value.context("a proof has a value")?;
        expect::same("configuration", &proof, &json::parse(stated.as_bytes())?)
    }

    fn signature(&self, stated: &[u8]) -> Result<()> {
        let message = self.signing_input()?;
        let accepted = self.key().verify(&message, stated)?;
        expect::same_bytes("signed bytes", accepted.bytes(), &message)?;
        let other = self.hash(&message);
        expect::refused("the signature over other bytes", &self.key().verify(&other, stated))?;
        if self.key().algorithm() == Algorithm::Ed25519 {
            expect::same_bytes("our signature", &self.signer.sign(&message)?, stated)?;
        }
        Ok(())
    }

    fn signed(&self, stated: &Map<String, Value>) -> Result<()> {
        let opened = self.verify(stated.clone(), self.key())?.into_inner();
        expect::same("signed document", &opened.document, &self.document)?;
        expect::same("verification method", &opened.key_id, self.signer.key_id())?;
        let ours = self.secure()?;
        if self.key().algorithm() == Algorithm::Ed25519 {
            expect::same("our signed document", &ours, stated)?;
        }
        self.verify(ours, self.key()).context("our signed document")?;
        let refuses = |what: &str, rule: &str, copy: &Map<String, Value>, key: &VerifyingKey| {
            let refusal = self.verify(copy.clone(), key).err();
            expect::refused_by(what, rule, refusal.map(|error| error.code()))
        };
        for altered in altered::copies(stated, &self.signature)? {
            refuses(altered.place, altered.rule, &altered.copy, self.key())?;
        }
        refuses("another key", "DI-10", stated, &self.stranger)
    }

    fn verify(
        &self,
        secured: Map<String, Value>,
        key: &VerifyingKey,
    ) -> Result<Verified<Secured>, VerifyProofError> {
        let expected = Expected { purpose: AssertionMethod, challenge: None, now: self.created };
        data_integrity::verify(secured, key, &expected)
    }

    /// The document with a proof of our own.
    fn secure(&self) -> Result<Map<String, Value>> {
        Ok(data_integrity::sign(self.document.clone(), &self.options(), &self.signer, self.key())?)
    }

    fn signing_input(&self) -> Result<Vec<u8>> {
        let signatory = Signatory { key_id: self.signer.key_id(), key: self.key() };
        let prepared = data_integrity::prepare(self.document.clone(), &self.options(), signatory)?;
        Ok(prepared.signing_input().to_vec())
    }

    fn options(&self) -> ProofOptions {
        ProofOptions { created: Some(self.created), ..ProofOptions::new(AssertionMethod) }
    }

    const fn key(&self) -> &VerifyingKey {
        self.signer.key().verifying_key()
    }

    fn hash(&self, bytes: &[u8]) -> Vec<u8> {
        match self.key().algorithm() {
            Algorithm::Es384 => hash::sha384(bytes).to_vec(),
            _ => hash::sha256(bytes).to_vec(),
        }
    }
}

/// The key of a pair of Multikeys, which must belong together.
fn signing_key(public: &str, private: &str) -> Result<SigningKey> {
    let mut jwk = VerifyingKey::from_multikey(&Multikey::parse(public)?)?.to_jwk().members().clone();
    jwk.insert("d".to_owned(), json!(to_base64url(Multikey::parse(private)?.key())));
    Ok(SigningKey::from_private_jwk(&Secret::new(Value::Object(jwk).to_string()))?)
}
