//! `sinpyo conformance …`: the command line that the W3C suite for VC-JOSE-COSE drives.
//!
//! Its inputs name keys and issuers by plain https URLs, so it signs and verifies with the key it is given. Not for real
//! credentials.

use super::Done;
use crate::{
    files::{self, Access},
    os::{OsEntropy, SystemClock},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    Secret,
    claims::ClaimPath,
    credential::{Credential, Presentation},
    encoding::{from_base64, to_base64},
    json,
    jwk::PublicJwk,
    time::{Clock, Timestamp},
    vcdm::{self, Version},
};
use sinpyo_crypto::{SigningKey, VerifyingKey};
use sinpyo_proof::{
    HolderBinding, KeyRing, Profile, Unverified,
    document::{self, Kind},
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
};
use std::path::PathBuf;

const MAX_INPUT: u64 = 1 << 20;
/// CBOR tag 18, with which a `COSE_Sign1` message begins.
const SIGN1: u8 = 0xd2;

/// Runs other people's suites.
#[derive(Debug, Subcommand)]
pub(crate) enum ConformanceCommand {
    /// Issue or verify as the W3C suite for VC-JOSE-COSE asks; writes `{"result","data"}`.
    #[command(subcommand)]
    JoseCose(JoseCose),
}

#[derive(Debug, Subcommand)]
pub(crate) enum JoseCose {
    /// Secure a document.
    #[command(
        after_help = "Example:\n  sinpyo conformance jose-cose issue --input credential.json --key vm.json \
                            --feature credential_sdjwt --sd '[\"credentialSubject.name\"]' --output out.json"
    )]
    Issue(Job),
    /// Verify a secured document.
    Verify(Job),
}

#[derive(Debug, Args)]
pub(crate) struct Job {
    /// The document, or the secured one.
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// A verification method with `publicKeyJwk` and, to issue, `secretKeyJwk`.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What is to be made or checked.
    #[arg(long, value_enum)]
    feature: Feature,
    /// What the holder may withhold: a JSON array of paths such as `a.b` and `c[0]`.
    #[arg(long, value_name = "PATHS")]
    sd: Option<String>,
    /// Where to write the result.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// The time at which to verify; by default the present.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Feature {
    CredentialJose,
    CredentialSdjwt,
    CredentialCose,
    PresentationJose,
    PresentationSdjwt,
    PresentationCose,
}

impl Feature {
    const fn kind(self) -> Kind {
        match self {
            Self::CredentialJose | Self::CredentialSdjwt | Self::CredentialCose => Kind::Credential,
            Self::PresentationJose | Self::PresentationSdjwt | Self::PresentationCose => Kind::Presentation,
        }
    }

    const fn is_cose(self) -> bool {
        matches!(self, Self::CredentialCose | Self::PresentationCose)
    }

    const fn is_sd_jwt(self) -> bool {
        matches!(self, Self::CredentialSdjwt | Self::PresentationSdjwt)
    }
}

/// A document that breaks a rule: the suite's `failure`, as against an `error` of ours.
struct Failure(String);

pub(crate) fn run(command: &ConformanceCommand) -> Result<Done> {
    let ConformanceCommand::JoseCose(command) = command;
    let (job, outcome) = match command {
        JoseCose::Issue(job) => (job, issue(job)),
        JoseCose::Verify(job) => (job, verify(job)),
    };
    let result = match outcome {
        Ok(Ok(data)) => json!({"result": "success", "data": data}),
        Ok(Err(Failure(why))) => json!({"result": "failure", "data": why}),
        Err(error) => json!({"result": "error", "data": format!("{error:#}")}),
    };
    files::replace(&job.output, result.to_string().as_bytes(), Access::Public)?;
    Ok(Done::Accepted)
}

fn issue(job: &Job) -> Result<Result<Value, Failure>> {
    let document = object(&job.input)?;
    let method = object(&job.key)?;
    let secret = method.get("secretKeyJwk").context("the key file has no secretKeyJwk")?;
    let signer = SigningKey::from_private_jwk(&Secret::new(without_kid(secret)?.to_string()))?;
    let kid = method.get("id").and_then(Value::as_str).context("the key file has no id")?;
    if let Err(failure) = check(&document, job.feature.kind()) {
        return Ok(Err(failure));
    }
    let (kind, key) = (job.feature.kind(), signer.verifying_key());
    if job.feature.is_cose() {
        let prepared = document::prepare_cose(kind, &document, kid, key);
        let signature = signer.sign(prepared.signing_input())?;
        let message = prepared.attach(&signature)?;
        return Ok(Ok(json!(to_base64(&message.to_bytes()))));
    }
    let prepared = if job.feature.is_sd_jwt() {
        let selective = job.sd.as_deref().map(paths).transpose()?.unwrap_or_default();
        let algorithm = DigestAlgorithm::Sha256;
        let concealment = Concealment { selective: &selective, decoys: Decoys::None, algorithm };
        match document::prepare_sd_jwt(kind, document, &concealment, (kid, key), &mut OsEntropy) {
            Ok(prepared) => prepared,
            Err(error) => return Ok(Err(Failure(error.to_string()))),
        }
    } else {
        document::prepare_jwt(kind, &document, kid, key)
    };
    let signature = signer.sign(prepared.signing_input())?;
    Ok(Ok(json!(prepared.attach(&signature)?)))
}

/// What the suite forbids at issue beyond the data model: members that no context of ours means.
fn check(document: &Map<String, Value>, kind: Kind) -> Result<(), Failure> {
    const CREDENTIAL: [&str; 17] = [
        "@context",
        "id",
        "type",
        "name",
        "description",
        "issuer",
        "validFrom",
        "validUntil",
        "credentialSubject",
        "credentialStatus",
        "credentialSchema",
        "refreshService",
        "termsOfUse",
        "evidence",
        "relatedResource",
        "confidenceMethod",
        "renderMethod",
    ];
    const PRESENTATION: [&str; 6] =
        ["@context", "id", "type", "verifiableCredential", "holder", "termsOfUse"];
    let (known, breaches) = match kind {
        Kind::Credential => (&CREDENTIAL[..], vcdm::credential_breaches(document, Version::V2)),
        Kind::Presentation => (&PRESENTATION[..], vcdm::presentation_breaches(document, Version::V2)),
    };
    if let Some(name) = document.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(Failure(format!("member \"{name}\" is not of the data model")));
    }
    match breaches.first() {
        Some(breach) => Err(Failure(format!("{} at {}", breach.rule.code(), breach.pointer))),
        None => Ok(()),
    }
}

fn verify(job: &Job) -> Result<Result<Value, Failure>> {
    let method = object(&job.key)?;
    let public = method.get("publicKeyJwk").context("the key file has no publicKeyJwk")?;
    let Value::Object(members) = without_kid(public)? else { bail!("publicKeyJwk is no object") };
    let keys = KeyRing::only(VerifyingKey::from_jwk(&PublicJwk::from_members(members)?)?);
    let now: Timestamp = match &job.now {
        Some(now) => now.parse()?,
        None => SystemClock.now(),
    };
    let text = files::read(&job.input, MAX_INPUT)?;
    let Some(wire) = wire(job.feature, text.trim_ascii()) else {
        return Ok(Err(Failure("the input is not in the container that was named".to_owned())));
    };
    let profile = Profile::conformance();
    let verified = match job.feature.kind() {
        Kind::Credential => verify_credential(&wire, &profile, &keys, now),
        Kind::Presentation => verify_presentation(&wire, &profile, &keys, now),
    };
    Ok(verified.map(Value::Object))
}

/// The bytes of the container that `feature` names. Another is refused: a tool that takes whatever comes would call an
/// unsecured document verified.
fn wire(feature: Feature, text: &[u8]) -> Option<Vec<u8>> {
    if feature.is_cose() {
        let bytes = from_base64(str::from_utf8(text).ok()?).ok()?;
        return (bytes.first() == Some(&SIGN1)).then_some(bytes);
    }
    let is_sd_jwt = text.contains(&b'~');
    let is_token = !text.starts_with(b"{") && text.split(|byte| *byte == b'.').nth(2).is_some();
    (is_token && is_sd_jwt == feature.is_sd_jwt()).then(|| text.to_vec())
}

fn verify_credential(
    wire: &[u8],
    profile: &Profile,
    keys: &KeyRing,
    now: Timestamp,
) -> Result<Map<String, Value>, Failure> {
    let arrived = Unverified::<Credential>::parse_as(wire, profile);
    let arrived = arrived.map_err(|error| Failure(format!("{}: {error}", error.code())))?;
    let verified = arrived.verify_document(keys, now);
    Ok(verified.map_err(|error| Failure(format!("{}: {error}", error.code())))?.into_inner())
}

fn verify_presentation(
    wire: &[u8],
    profile: &Profile,
    keys: &KeyRing,
    now: Timestamp,
) -> Result<Map<String, Value>, Failure> {
    let arrived = Unverified::<Presentation>::parse_as(wire, profile);
    let arrived = arrived.map_err(|error| Failure(format!("{}: {error}", error.code())))?;
    let verified =
        arrived.verify_document(keys, &HolderBinding::Partial { audience: None, nonce: None }, now);
    Ok(verified.map_err(|error| Failure(format!("{}: {error}", error.code())))?.into_inner())
}

fn object(path: &std::path::Path) -> Result<Map<String, Value>> {
    let text = files::read(path, MAX_INPUT)?;
    json::parse_object(&text).with_context(|| format!("{} is refused", path.display()))
}

/// The suite names its keys by thumbprint; only what defines a key is read.
fn without_kid(jwk: &Value) -> Result<Value> {
    let mut members = jwk.as_object().context("a JWK is an object")?.clone();
    members.remove("kid");
    Ok(Value::Object(members))
}

/// Paths as the suite writes them: names joined by dots, indexes in brackets.
fn paths(text: &str) -> Result<Vec<ClaimPath>> {
    let listed: Vec<String> = serde_json::from_str(text).context("--sd is no JSON array of texts")?;
    let step = |word: &str| word.parse::<u64>().map_or_else(|_| json!(word), |index| json!(index));
    let path = |text: &String| {
        let words = text.split(['.', '[']).map(|word| word.trim_end_matches(']'));
        ClaimPath::from_json(&words.map(step).collect())
    };
    listed.iter().map(path).collect::<Result<_, _>>().context("--sd names no path")
}
