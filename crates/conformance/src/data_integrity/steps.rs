//! The steps of one suite, document and key.

use super::{altered, keys};
use crate::{expect, given};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use sinpyo_core::{
    document::VerificationRelationship::AssertionMethod,
    encoding::{Base, from_multibase, to_multibase},
    jcs, json,
    key::{Signer, Verifier},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey, hash};
use sinpyo_jsonld::{Contexts, to_rdf};
use sinpyo_proof::{
    KeyRing, Profile, Signatory,
    data_integrity::{
        self, Cryptosuite, Earlier, Expected, PreparedProof, ProofOptions, ProofSetError, SecuredSet,
        Securing, Transformation,
    },
};
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize};
use std::path::Path;

/// Where the steps of a suite, document and key are.
pub(super) struct Part {
    /// Folder of the steps.
    pub(super) steps: &'static str,
    suite: Cryptosuite,
    /// File of the document.
    document: &'static str,
    /// File of the key pair.
    key_pair: &'static str,
}

impl Part {
    pub(super) const fn of(
        steps: &'static str,
        suite: Cryptosuite,
        document: &'static str,
        key_pair: &'static str,
    ) -> Self {
        Self { steps, suite, document, key_pair }
    }
}

/// What the steps start from.
pub(super) struct Steps {
    suite: Cryptosuite,
    document: Map<String, Value>,
    config: Map<String, Value>,
    created: Timestamp,
    signer: KeySigner,
    signature: Vec<u8>,
}

impl Steps {
    /// Reads the inputs of a part of the set in `folder`.
    pub(super) fn read(folder: &Path, part: &Part) -> Result<Self> {
        let key = keys::signing_key(&given::json(&folder.join(part.key_pair))?)?;
        let files = given::entries(&folder.join(part.steps))?;
        let find = |step: &str| {
            let file =
                files.iter().find(|file| given::name(&folder.join(part.steps), file).starts_with(step));
            file.with_context(|| format!("no {step} in {}", part.steps))
        };
        let config = given::json(find("proofConfig")?)?;
        let key_id = given::text_member(&config, "verificationMethod")?.parse()?;
        let mut document = json::parse_object(&given::bytes(&folder.join(part.document))?)?;
        if part.suite == Cryptosuite::Ed25519Signature2020 {
            // Here the document was given the context of the proof before it was signed.
            let context = given::member(&config, "@context")?;
            document.insert("@context".to_owned(), context.clone());
        }
        Ok(Self {
            suite: part.suite,
            document,
            created: given::text_member(&config, "created")?.parse()?,
            config: given::object(&config)?.clone(),
            signer: KeySigner::new(key_id, key),
            signature: given::hex(&given::text(find("sigHex")?)?)?,
        })
    }

    /// Compares what we compute for a step with what its file holds.
    pub(super) fn check(&self, file: &Path) -> Result<()> {
        let step = file.file_name().and_then(|name| name.to_str()).context("a file has a name")?;
        let whole = given::text(file)?;
        let stated = whole.trim_end();
        let (document, config) = (self.canonical(&self.document)?, self.canonical(&self.config)?);
        let is = |name: &str| step.starts_with(name);
        if is("canonDoc") {
            expect::same_bytes("canonical document", document.trim_ascii_end(), stated.as_bytes())
        } else if is("proofCanon") {
            expect::same_bytes("canonical configuration", config.trim_ascii_end(), stated.as_bytes())
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

    fn canonical(&self, members: &Map<String, Value>) -> Result<Vec<u8>> {
        if self.suite.transformation() == Transformation::Jcs {
            return Ok(jcs::canonicalize_object(members));
        }
        let hash = match self.key().algorithm() {
            Algorithm::Es384 => HashAlgorithm::Sha384,
            _ => HashAlgorithm::Sha256,
        };
        let canonical = canonicalize(&to_rdf(members, &Contexts::bundled())?, hash, Limit::default())?;
        Ok(canonical.into_nquads().into_bytes())
    }

    /// The options that we make for the configuration are the configuration.
    fn configuration(&self, stated: &str) -> Result<()> {
        let stated = json::parse_object(stated.as_bytes())?;
        if !self.makeable() {
            return expect::same("configuration", &self.config, &stated);
        }
        let mut proof = self.secure()?.remove("proof").context("a signed document has a proof")?;
        let proof = proof.as_object_mut().context("one proof")?;
        proof.remove("proofValue").context("a proof has a value")?;
        // Under RDF the context of the document counts without being written.
        if self.suite.transformation() == Transformation::Rdfc {
            let context = self.document.get("@context").context("a document has a context")?;
            proof.insert("@context".to_owned(), context.clone());
        }
        expect::same("configuration", proof, &stated)
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
        let ring = keys::ring([self.signer.key_id().clone()])?;
        let opened = self.verify(stated.clone(), &ring)?;
        expect::same("signed document", &opened.document, &self.document)?;
        let signers: Vec<_> = opened.signers.iter().map(|signer| (&signer.key_id, signer.suite)).collect();
        expect::same("signers", &signers, &vec![(self.signer.key_id(), self.suite)])?;
        if self.makeable() {
            let ours = self.secure()?;
            if self.key().algorithm() == Algorithm::Ed25519 {
                expect::same("our signed document", &ours, stated)?;
            }
            self.verify(ours, &ring).context("our signed document")?;
        }
        let refuses = |what: &str, rule: &str, copy: &Map<String, Value>, ring: &KeyRing| {
            let refusal = self.verify(copy.clone(), ring).err();
            expect::refused_by(what, rule, refusal.as_ref().map(ProofSetError::code))
        };
        for altered in altered::copies(stated, self.suite, &self.signature)? {
            refuses(altered.place, altered.rule, &altered.copy, &ring)?;
        }
        let stranger = KeyRing::only(keys::stranger(self.key().algorithm())?);
        refuses("another key", "DI-10", stated, &stranger)
    }

    fn verify(&self, secured: Map<String, Value>, ring: &KeyRing) -> Result<SecuredSet, ProofSetError> {
        let expected = Expected { purpose: AssertionMethod, challenge: None, now: self.created };
        let profile = if self.makeable() { Profile::default() } else { Profile::legacy() };
        Ok(data_integrity::verify_set(secured, ring, &expected, &profile)?.into_inner())
    }

    /// Whether we make proofs of the suite, rather than only verify them.
    fn makeable(&self) -> bool {
        self.suite != Cryptosuite::Ed25519Signature2020
    }

    /// The document with a proof of our own.
    fn secure(&self) -> Result<Map<String, Value>> {
        let prepared = self.prepare()?;
        let signature = self.signer.sign(prepared.signing_input())?;
        Ok(prepared.attach(&signature)?)
    }

    fn signing_input(&self) -> Result<Vec<u8>> {
        if self.makeable() {
            return Ok(self.prepare()?.signing_input().to_vec());
        }
        let hashes = [self.canonical(&self.config)?, self.canonical(&self.document)?];
        Ok(hashes.map(|bytes| self.hash(&bytes)).concat())
    }

    fn prepare(&self) -> Result<PreparedProof> {
        let options = ProofOptions { created: Some(self.created), ..ProofOptions::new(AssertionMethod) };
        let contexts = Contexts::bundled();
        let how = Securing {
            suite: self.suite,
            options: &options,
            contexts: &contexts,
            earlier: Earlier::Replaced,
        };
        let signatory = Signatory { key_id: self.signer.key_id(), key: self.key() };
        Ok(data_integrity::secure(self.document.clone(), &how, signatory)?)
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
