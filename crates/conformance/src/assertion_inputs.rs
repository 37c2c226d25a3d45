//! `vc-di-assertion-inputs`: the inputs of the Data Integrity assertion suite. A case is a file.
//!
//! Signed credentials verify, or are refused, as their names say; unsigned ones are signed with the suite's keys, under
//! every suite that fits, and verify.

use crate::{
    data_integrity::keys::{self, LATER},
    expect, given,
    report::Report,
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use sinpyo_bbs::SecretKey;
use sinpyo_core::{
    did::{Did, KeyId},
    document::VerificationRelationship::AssertionMethod,
    encoding::Multikey,
    json,
    vcdm::CONTEXT_V1,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Profile, Signatory,
    data_integrity::{
        self, Cryptosuite, Earlier, Expected, ProofOptions, ProofSetError, SecuredSet, Securing,
        disclosure::{self, Base},
    },
};
use sinpyo_selective::Pointer;
use sinpyo_testkit::TestEntropy;
use std::path::Path;

/// The suites, with the file of a key that fits.
const SUITES: [(Cryptosuite, &str); 8] = [
    (Cryptosuite::EddsaRdfc2022, "eddsa/p25519KeyPair.json"),
    (Cryptosuite::EddsaJcs2022, "eddsa/p25519KeyPair.json"),
    (Cryptosuite::EcdsaRdfc2019, "ecdsa/p256KeyPair.json"),
    (Cryptosuite::EcdsaRdfc2019, "ecdsa/p384KeyPair.json"),
    (Cryptosuite::EcdsaJcs2019, "ecdsa/p256KeyPair.json"),
    (Cryptosuite::EcdsaJcs2019, "ecdsa/p384KeyPair.json"),
    (Cryptosuite::EcdsaSd2023, "ecdsa/p256KeyPair.json"),
    (Cryptosuite::Bbs2023, "bbs/Bls12381G2KeyPair.json"),
];

/// The rule that refuses an input, by what its name says of `previousProof`.
const REFUSALS: [(&str, &str); 4] = [
    ("ArrayMissingFail", "DI-12"),
    ("StringMissingFail", "DI-12"),
    ("MissingFail", "DI-12"),
    ("NotStringFail", "DI-01"),
];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let files = given::json_files(folder)?;
    let mut report = Report::new(files.len());
    for file in files {
        let name = given::name(folder, &file);
        let outcome = json::parse_object(&given::bytes(&file)?);
        let outcome = outcome.map_err(Into::into).and_then(|document| check(folder, &name, document));
        report.record(name, outcome);
    }
    Ok(report)
}

fn check(folder: &Path, name: &str, document: Map<String, Value>) -> Result<()> {
    if name.starts_with("inputs/") {
        return input(name, document);
    }
    if name.starts_with("tests/fixtures/keys/") {
        let plain = json::parse_object(&given::bytes(&folder.join("validVc.json"))?)?;
        let key = Key::read(&Value::Object(document))?;
        let mut used = 0;
        for (suite, _) in SUITES.iter().filter(|(_, file)| name.ends_with(file)) {
            secures(&key, *suite, plain.clone(), [&[], &[]])?;
            used += 1;
        }
        ensure!(used > 0, "a key that no suite uses");
        return Ok(());
    }
    if name.starts_with("tests/fixtures/credentials/") {
        let document = Value::Object(document);
        let mut credential = given::object(given::member(&document, "credential")?)?.clone();
        let pointers = [
            pointers(given::member(&document, "mandatoryPointers")?)?,
            pointers(given::member(&document, "selectivePointers")?)?,
        ];
        if is_v1(&credential) {
            credential.insert("issuanceDate".to_owned(), json!("2024-01-01T00:00:00Z"));
        }
        for (suite, file) in SUITES {
            let key = Key::read(&given::json(&folder.join("tests/fixtures/keys").join(file))?)?;
            credential.insert("issuer".to_owned(), json!(key.did().as_str()));
            secures(&key, suite, credential.clone(), [&pointers[0], &pointers[1]]).context(suite.name())?;
        }
        return Ok(());
    }
    match name {
        "validVc.json" => {
            for (suite, file) in SUITES {
                let key = Key::read(&given::json(&folder.join("tests/fixtures/keys").join(file))?)?;
                secures(&key, suite, document.clone(), [&[], &[]]).context(suite.name())?;
            }
            Ok(())
        }
        // By a suite of a draft that became two.
        "tests/fixtures/issuedVc.json" => expect::refused_by(
            "eddsa-2022",
            "DI-02",
            verify(document).err().as_ref().map(ProofSetError::code),
        ),
        _ => bail!("a file that is not known"),
    }
}

fn input(name: &str, document: Map<String, Value>) -> Result<()> {
    let outcome = verify(document.clone());
    if name.contains("Ok-") {
        expect::same("signers", &outcome?.signers.len(), &2)?;
        let mut altered = document;
        altered.insert("type".to_owned(), json!(["VerifiableCredential"]));
        return expect::refused_by(
            "an altered input",
            "DI-10",
            verify(altered).err().map(|error| error.code()),
        );
    }
    let (_, rule) =
        REFUSALS.iter().find(|(what, _)| name.contains(what)).context("a verdict that is not known")?;
    expect::refused_by("the input", rule, outcome.err().map(|error| error.code()))
}

/// A document that we secure verifies, whole or derived, and its altered copy does not.
fn secures(
    key: &Key,
    suite: Cryptosuite,
    document: Map<String, Value>,
    [mandatory, selective]: [&[Pointer]; 2],
) -> Result<()> {
    let mut secured = key.secure(suite, document, mandatory)?;
    if matches!(suite, Cryptosuite::EcdsaSd2023 | Cryptosuite::Bbs2023) {
        expect::refused("a base proof as derived", &verify(secured.clone()))?;
        // Something has to be shown.
        let issuer = [Pointer::parse("/issuer")?];
        let selective = if selective.is_empty() { &issuer } else { selective };
        let contexts = Contexts::bundled();
        secured = disclosure::derive(secured, selective, b"", &contexts, &mut TestEntropy::new(2))?;
    }
    verify(secured.clone())?;
    secured.insert("issuer".to_owned(), json!("did:example:another"));
    expect::refused("an altered issuer", &verify(secured))
}

fn verify(secured: Map<String, Value>) -> Result<SecuredSet, ProofSetError> {
    let ring = keys::ring(data_integrity::claimed_keys(&secured)).unwrap_or_default();
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: LATER };
    Ok(data_integrity::verify_set(secured, &ring, &expected, &Profile::conformance())?.into_inner())
}

/// A key pair of the suite.
enum Key {
    Signing(KeyId, SigningKey),
    Bbs(KeyId, SecretKey),
}

impl Key {
    fn read(pair: &Value) -> Result<Self> {
        let key_id: KeyId = given::text_member(pair, "id")?.parse()?;
        let secret = Multikey::parse(given::text_member(pair, "secretKeyMultibase")?)?;
        let public = Multikey::parse(given::text_member(pair, "publicKeyMultibase")?)?;
        if sinpyo_bbs::PublicKey::from_multikey(&public).is_ok() {
            let secret = SecretKey::from_octets(secret.key())?;
            expect::same("public key", &secret.public_key().to_multikey(), &public)?;
            return Ok(Self::Bbs(key_id, secret));
        }
        Ok(Self::Signing(key_id, keys::signing_key(pair)?))
    }

    fn did(&self) -> Did {
        let (Self::Signing(key_id, _) | Self::Bbs(key_id, _)) = self;
        key_id.did()
    }

    fn secure(
        &self,
        suite: Cryptosuite,
        mut document: Map<String, Value>,
        mandatory: &[Pointer],
    ) -> Result<Map<String, Value>> {
        let options = ProofOptions { created: Some(LATER), ..ProofOptions::new(AssertionMethod) };
        let contexts = Contexts::bundled();
        if is_v1(&document)
            && let Some(list) = document.get_mut("@context").and_then(Value::as_array_mut)
        {
            // The first version of the data model does not define the terms of proofs.
            list.push(json!("https://w3id.org/security/data-integrity/v2"));
        }
        let base = Base { options: &options, mandatory, contexts: &contexts };
        let mut entropy = TestEntropy::new(1);
        match self {
            Self::Bbs(key_id, secret) => {
                Ok(disclosure::sign_bbs(document, &base, (key_id, secret), &mut entropy)?)
            }
            Self::Signing(key_id, key) => {
                let signatory = Signatory { key_id, key: key.verifying_key() };
                if suite == Cryptosuite::EcdsaSd2023 {
                    ensure!(key.algorithm() == Algorithm::Es256, "a P-256 key is needed");
                    let prepared = disclosure::prepare(document, &base, signatory, &mut entropy)?;
                    let signature = key.sign(prepared.signing_input())?;
                    return Ok(prepared.attach(&signature)?);
                }
                let how =
                    Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Replaced };
                let prepared = data_integrity::secure(document, &how, signatory)?;
                let signature = key.sign(prepared.signing_input())?;
                Ok(prepared.attach(&signature)?)
            }
        }
    }
}

/// The pointers of a list. One of them lacks its slash, and is refused as it is.
fn pointers(list: &Value) -> Result<Vec<Pointer>> {
    let mut pointers = Vec::new();
    for text in given::array(list)? {
        let text = text.as_str().context("a pointer is text")?;
        match Pointer::parse(text) {
            Err(_) if !text.starts_with('/') => pointers.push(Pointer::parse(&format!("/{text}"))?),
            parsed => pointers.push(parsed?),
        }
    }
    Ok(pointers)
}

fn is_v1(document: &Map<String, Value>) -> bool {
    document.get("@context").and_then(|context| context.get(0)?.as_str()) == Some(CONTEXT_V1)
}
