//! `vcdm2-testsuite-input`: the documents of the W3C's suite for the data model. A case is a document.
//!
//! They go through our HTTP interface, as the suite sends them: what is `-ok` is issued under several suites and verifies,
//! what is `-fail` is refused by the issuer and, signed by somebody less careful, by the verifier.

mod server;

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use server::Server;
use sinpyo_core::{
    document::VerificationRelationship::{AssertionMethod, Authentication},
    key::Signer as _,
    vcdm::{Version, presentation_breaches},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::data_integrity::{self, ProofOptions};
use sinpyo_resolver::did_key;
use std::path::Path;

/// Issuers of the server, by suite.
const INSTANCES: [&str; 4] =
    ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019-p384", "ecdsa-jcs-2019-p256"];

/// What only JSON-LD processing refuses. A suite over JSON text signs and verifies it, as its specification has it.
const SEEN_BY_JSON_LD: [&str; 4] = [
    "credential-redef-type-fail.json",
    "credential-redef-type2-fail.json",
    "credential-type-mapped-nonurl-fail.json",
    "credential-type-unmapped-fail.json",
];

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let server = Server::new()?;
    let files = given::json_files(folder)?;
    let mut report = Report::new(files.len());
    for file in files {
        let name = file.file_name().and_then(|name| name.to_str()).context("a file has a name")?.to_owned();
        let document = given::json(&file)?;
        let outcome = if name.starts_with("presentation") {
            presentation(&server, &name, document)
        } else {
            credential(&server, &name, document)
        };
        report.record(given::name(folder, &file), outcome);
    }
    Ok(report)
}

/// What the name of a document says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Refused,
}

impl Verdict {
    fn of(name: &str) -> Result<Self> {
        match name.rsplit('-').next() {
            Some("ok.json") => Ok(Self::Fine),
            // Beside failures, the credentials that only the presentation secures and whose issuer is not its holder.
            Some("fail.json" | "inject.json" | "mismatch.json" | "holder.json") => Ok(Self::Refused),
            _ => bail!("a name that says nothing"),
        }
    }
}

fn credential(server: &Server, name: &str, document: Value) -> Result<()> {
    let verdict = Verdict::of(name)?;
    for instance in INSTANCES {
        let filled = filled(document.clone(), name, &server.did(instance)?)?;
        let body = json!({"credential": filled});
        let (status, answer) = server.post(&format!("/issuers/{instance}/credentials/issue"), &body)?;
        match verdict {
            Verdict::Refused => ensure!(status == 400, "{instance} issued it ({status})"),
            Verdict::Fine => {
                ensure!(status == 201, "{instance} refused it: {answer}");
                let credential = given::member(&answer, "verifiableCredential")?;
                let body = json!({"verifiableCredential": credential, "options": {"checks": ["proof"]}});
                let (status, answer) = server.post("/credentials/verify", &body)?;
                ensure!(status == 200 && is_verified(&answer), "what {instance} issued: {answer}");
            }
        }
    }
    if verdict == Verdict::Refused && !SEEN_BY_JSON_LD.contains(&name) {
        let signer = careless()?;
        let filled = filled(document, name, signer.key_id().did().as_str())?;
        // A document with a proof goes as it is.
        let signed =
            if filled.get("proof").is_some() { filled } else { sign(filled, &signer, AssertionMethod)? };
        let body = json!({"verifiableCredential": signed, "options": {"checks": ["proof"]}});
        refused(server.post("/credentials/verify", &body)?)?;
    }
    Ok(())
}

fn presentation(server: &Server, name: &str, mut document: Value) -> Result<()> {
    let verdict = Verdict::of(name)?;
    let self_asserted = name.contains("self-asserted");
    if verdict == Verdict::Fine {
        let breaches = presentation_breaches(given::object(&document)?, Version::V2);
        ensure!(breaches.is_empty(), "{breaches:?}");
    }
    // The suite has its credentials issued by whom it tests, unless the case is about them.
    let about_credentials = self_asserted || (verdict == Verdict::Refused && name.contains("-vc-"));
    if !about_credentials && document.get("verifiableCredential").is_some() {
        let credentials = json!([server.issue("eddsa-rdfc-2022")?, server.issue("vc-jwt")?]);
        put(&mut document, "/verifiableCredential", credentials)?;
    }
    let verify = |presentation: &Value| {
        let body = json!({"verifiablePresentation": presentation, "options": {"checks": []}});
        server.post("/presentations/verify", &body)
    };
    match verdict {
        Verdict::Fine => {
            if self_asserted {
                // The word of the one who presents it, and signs.
                let signer = careless()?;
                let did = json!(signer.key_id().did().as_str());
                put(&mut document, "/holder", did.clone())?;
                put(&mut document, "/verifiableCredential/0/issuer", did)?;
                document = sign(document, &signer, Authentication)?;
            }
            let (status, answer) = verify(&document)?;
            ensure!(status == 200 && is_verified(&answer), "it is refused: {answer}");
            Ok(())
        }
        Verdict::Refused => {
            refused(verify(&document)?)?;
            refused(verify(&sign(document, &careless()?, Authentication)?)?)
        }
    }
}

fn refused((status, answer): (u16, Value)) -> Result<()> {
    expect::same("status", &status, &400)?;
    expect::same("verified", &answer.get("verified"), &Some(&Value::Bool(false)))
}

fn is_verified(answer: &Value) -> bool {
    answer.get("verified") == Some(&Value::Bool(true))
}

/// Replaces what is at `pointer`.
fn put(document: &mut Value, pointer: &str, value: Value) -> Result<()> {
    *document.pointer_mut(pointer).with_context(|| format!("nothing at {pointer}"))? = value;
    Ok(())
}

/// Somebody who signs anything.
fn careless() -> Result<KeySigner> {
    let key = sinpyo_testkit::key(Algorithm::Ed25519, 66);
    let did = did_key::did_of(key.verifying_key());
    Ok(KeySigner::new(did.key(did.method_specific_id())?, key))
}

fn sign(
    document: Value,
    signer: &KeySigner,
    purpose: sinpyo_core::document::VerificationRelationship,
) -> Result<Value> {
    let Value::Object(members) = document else { bail!("a document is an object") };
    let options =
        ProofOptions { created: Some("2026-01-01T00:00:00Z".parse()?), ..ProofOptions::new(purpose) };
    let signed: Map<String, Value> =
        data_integrity::sign(members, &options, signer, signer.key().verifying_key())?;
    Ok(Value::Object(signed))
}

/// The document with what the suite fills in: the issuer, and times where it writes words.
fn filled(mut document: Value, name: &str, did: &str) -> Result<Value> {
    let members = document.as_object_mut().context("a document is an object")?;
    match members.get_mut("issuer") {
        Some(Value::Object(issuer))
            if issuer.get("id").is_none_or(Value::is_string) && !name.contains("no-url") =>
        {
            issuer.insert("id".to_owned(), json!(did));
        }
        None if !name.contains("no-issuer") => drop(members.insert("issuer".to_owned(), json!(did))),
        _ => {}
    }
    for member in ["validFrom", "validUntil"] {
        match members.get(member).and_then(Value::as_str) {
            Some("PAST DATE") => drop(members.insert(member.to_owned(), json!("2020-01-01T00:00:00Z"))),
            Some("FUTURE DATE") => drop(members.insert(member.to_owned(), json!("2030-01-01T00:00:00Z"))),
            _ => {}
        }
        if members.get(member) == Some(&Value::Null) {
            members.remove(member);
        }
    }
    Ok(document)
}
