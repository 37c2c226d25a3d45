//! `vc-di-eddsa` and `vc-di-ecdsa`: the JCS part of the W3C's vectors. A case is a file of a step, from the canonical
//! document to the signed one.
//!
//! ECDSA draws nonces, so there the signature is verified; the EdDSA one is made again and compared. Everything else
//! is compared byte by byte. The signed document is verified, and altered copies of it are refused.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    document::VerificationRelationship,
    encoding::{Base, Multikey, from_multibase, to_base64url, to_multibase},
    jcs, json,
    key::Verifier,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey, hash};
use sinpyo_proof::{
    Signatory, Verified,
    data_integrity::{self, Expected, ProofOptions, Secured, VerifyProofError},
};
use std::path::Path;

/// A folder of steps, the file with its key pair, and the private member of that file.
struct Part(&'static str, &'static str, &'static str);

const EDDSA: [Part; 1] = [Part("eddsa-jcs-2022", "keyPair.json", "privateKeyMultibase")];
const ECDSA: [Part; 2] = [
    Part("ecdsa-jcs-2019-p256", "p256KeyPair.json", "secretKeyMultibase"),
    Part("ecdsa-jcs-2019-p384", "p384KeyPair.json", "secretKeyMultibase"),
];

pub(crate) fn run_eddsa(folder: &Path) -> Result<Report> {
    run(folder, &EDDSA)
}

pub(crate) fn run_ecdsa(folder: &Path) -> Result<Report> {
    run(folder, &ECDSA)
}

fn run(folder: &Path, parts: &[Part]) -> Result<Report> {
    let folders = given::entries(folder)?;
    let jcs_folders = folders.iter().filter(|path| given::name(folder, path).contains("-jcs-"));
    let files = jcs_folders.map(|path| Ok(given::entries(path)?.len())).sum::<Result<usize>>()?;
    let mut report = Report::new(files);
    for part in parts {
        let steps = Steps::read(folder, part)?;
        for file in given::entries(&folder.join(part.0))? {
            report.record(given::name(folder, &file), steps.check(&file));
        }
    }
    Ok(report)
}

/// What the steps start from.
struct Steps {
    document: Map<String, Value>,
    config: Map<String, Value>,
    signer: KeySigner,
    signature: Vec<u8>,
}

impl Steps {
    fn read(folder: &Path, Part(steps, key_pair, secret): &Part) -> Result<Self> {
        let key_pair = given::json(&folder.join(key_pair))?;
        let public = Multikey::parse(given::text_member(&key_pair, "publicKeyMultibase")?)?;
        let private = Multikey::parse(given::text_member(&key_pair, secret)?)?;
        let mut jwk = VerifyingKey::from_multikey(&public)?.to_jwk().members().clone();
        jwk.insert("d".to_owned(), json!(to_base64url(private.key())));
        let key = SigningKey::from_private_jwk(&Secret::new(Value::Object(jwk).to_string()))?;

        let files = given::entries(&folder.join(steps))?;
        let find = |step: &str| {
            let file = files.iter().find(|file| step_of(file).is_some_and(|name| name.starts_with(step)));
            file.with_context(|| format!("no {step} in {steps}"))
        };
        let config = json::parse_object(&given::bytes(find("proofConfig")?)?)?;
        let key_id = given::text_member(&Value::Object(config.clone()), "verificationMethod")?.parse()?;
        Ok(Self {
            document: json::parse_object(&given::bytes(&folder.join("unsigned.json"))?)?,
            config,
            signer: KeySigner::new(key_id, key),
            signature: given::hex(&given::text(find("sigHex")?)?)?,
        })
    }

    fn check(&self, file: &Path) -> Result<()> {
        let stated = given::bytes(file)?;
        let (document, config) = (jcs::canonicalize_object(&self.document), jcs::canonicalize_object(&self.config));
        let hash = |bytes: &[u8]| match self.key().algorithm() {
            Algorithm::Es384 => hash::sha384(bytes).to_vec(),
            _ => hash::sha256(bytes).to_vec(),
        };
        let hex = || given::hex(&String::from_utf8_lossy(&stated));
        let step = step_of(file).context("a file has a name")?;
        let is = |name: &str| step.starts_with(name);
        if is("canonDoc") {
            expect::same_bytes("canonical document", &document, stated.trim_ascii_end())
        } else if is("proofCanon") {
            expect::same_bytes("canonical configuration", &config, stated.trim_ascii_end())
        } else if is("docHash") {
            expect::same_bytes("hash of the document", &hash(&document), &hex()?)
        } else if is("proofHash") {
            expect::same_bytes("hash of the configuration", &hash(&config), &hex()?)
        } else if is("combinedHash") {
            expect::same_bytes("bytes to sign", &self.signing_input()?, &hex()?)
        } else if is("proofConfig") {
            // Our options, written out, are the configuration that was given.
            let secured = self.secure()?;
            let mut proof = given::object(given::member(&Value::Object(secured), "proof")?)?.clone();
            proof.remove("proofValue");
            expect::same("configuration", &proof, &json::parse_object(&stated)?)
        } else if is("sigHex") {
            self.signature(&hex()?)
        } else if is("sigBTC58") {
            let text = String::from_utf8(stated)?;
            expect::same("proof value", to_multibase(Base::Base58Btc, &self.signature).as_str(), text.trim_end())?;
            expect::same_bytes("signature", &from_multibase(Base::Base58Btc, text.trim_end())?, &self.signature)
        } else if is("signed") {
            self.signed(&stated)
        } else {
            bail!("a step that is not known")
        }
    }

    fn signature(&self, stated: &[u8]) -> Result<()> {
        let message = self.signing_input()?;
        self.key().verify(&message, stated)?;
        let changed: Vec<u8> = message.iter().map(|byte| byte ^ 1).collect();
        expect::refused("the signature over other bytes", self.key().verify(&changed, stated))?;
        if self.key().algorithm() == Algorithm::Ed25519 {
            expect::same_bytes("signature", &self.signer.key().sign(&message)?, stated)?;
        }
        Ok(())
    }

    fn signed(&self, stated: &[u8]) -> Result<()> {
        let secured = json::parse_object(stated)?;
        let opened = self.verify(secured.clone(), self.key())?.into_inner();
        expect::same("signed document", &opened.document, &self.document)?;
        expect::same("verification method", &opened.key_id, sinpyo_core::key::Signer::key_id(&self.signer))?;
        if self.key().algorithm() == Algorithm::Ed25519 {
            expect::same("our signed document", &self.secure()?, &secured)?;
        }
        self.verify(self.secure()?, self.key()).context("our signed document")?;
        self.refuses_altered(&secured)
    }

    fn refuses_altered(&self, secured: &Map<String, Value>) -> Result<()> {
        let another = json!("https://another.example/#key");
        for (pointer, value) in [
            ("/name", json!("another")),
            ("/credentialSubject/id", another.clone()),
            ("/@context/0", another.clone()),
            ("/proof/@context/0", another.clone()),
            ("/proof/created", json!("2023-02-24T23:36:39Z")),
            ("/proof/proofPurpose", json!("authentication")),
            ("/proof/cryptosuite", json!("eddsa-rdfc-2022")),
            ("/proof/verificationMethod", json!("did:example:another#key")),
            ("/proof/proofValue", json!(to_multibase(Base::Base58Btc, &vec![1; self.signature.len()]))),
            ("/proof/proofValue", json!(to_multibase(Base::Base64Url, &self.signature))),
            ("/proof", json!([secured.get("proof")])),
        ] {
            let mut altered = Value::Object(secured.clone());
            let place = altered.pointer_mut(pointer).with_context(|| format!("there is no {pointer}"))?;
            ensure!(*place != value, "{pointer} is not altered");
            *place = value;
            let outcome = self.verify(given::object(&altered)?.clone(), self.key());
            expect::refused(&format!("another {pointer}"), outcome)?;
        }
        // The base point of P-256 and that of Ed25519: somebody else's keys.
        for stranger in ["zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP", "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"] {
            let stranger = VerifyingKey::from_multikey(&Multikey::parse(stranger)?)?;
            if stranger != *self.key() {
                expect::refused("another key", self.verify(secured.clone(), &stranger))?;
            }
        }
        Ok(())
    }

    fn verify(&self, secured: Map<String, Value>, key: &VerifyingKey) -> Result<Verified<Secured>, VerifyProofError> {
        let expected =
            Expected { purpose: VerificationRelationship::AssertionMethod, challenge: None, now: NOW.unwrap_or_default() };
        data_integrity::verify(secured, key, &expected)
    }
}
