//! `vc-jose-cose-testsuite-input`: the fixtures of the W3C's suite for VC-JOSE-COSE. A case is a file.
//!
//! The suite names its keys by thumbprint and its issuers by https URLs, so that each fixture is verified with the key it
//! was signed with. The unsigned documents are secured with every key in every container, and verify; the copies with
//! another key, another container or a flipped bit do not.

use crate::{expect, given, report::Report};
use anyhow::{Context, Result, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde_json::{Map, Value};
use sinpyo_core::{
    Secret,
    claims::ClaimPath,
    credential::{Credential, Presentation},
    encoding::from_base64url,
    json,
    jwk::PublicJwk,
    time::Timestamp,
    vcdm::{self, Version},
};
use sinpyo_cose::Sign1;
use sinpyo_crypto::{SigningKey, VerifyingKey};
use sinpyo_proof::{
    HolderBinding, KeyRing, Profile, Unverified,
    document::{self, Kind},
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
};
use sinpyo_testkit::TestEntropy;
use std::path::Path;

/// When the fixtures that say nothing of it were good: some presentations expire in December 2024.
const THEN: &str = "2024-12-15T12:00:00Z";

/// What must not be accepted, by what the names say.
const BAD: [&str; 3] = ["-bad-", "vc-vp-claims", "not-base64"];

/// The containers.
const CONTAINERS: [Container; 3] = [Container::Jwt, Container::SdJwt, Container::Cose];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Jwt,
    SdJwt,
    Cose,
}

pub(crate) fn run(folder: &Path) -> Result<Report> {
    let files = given::entries(folder)?;
    let mut methods = Vec::new();
    for file in &files {
        if given::name(folder, file).starts_with("vm-") {
            methods.push(Method::read(&given::json(file)?)?);
        }
    }
    let mut report = Report::new(files.len());
    for file in &files {
        let name = given::name(folder, file);
        let outcome = match name.rsplit_once('.') {
            Some((_, "txt")) => fixture(&name, &given::text(file)?, &methods),
            Some((stem, "json")) if stem.starts_with("vm-") => method(&given::json(file)?),
            Some((stem, "json")) => unsigned(stem, &json::parse_object(&given::bytes(file)?)?, &methods),
            _ => bail!("{name} is not known"),
        };
        report.record(name, outcome);
    }
    Ok(report)
}

/// A verification method of the suite, with its private key.
struct Method {
    id: String,
    kid: String,
    key: SigningKey,
}

impl Method {
    fn read(value: &Value) -> Result<Self> {
        let secret = given::member(value, "secretKeyJwk")?;
        Ok(Self {
            id: given::text_member(value, "id")?.to_owned(),
            kid: given::text_member(secret, "kid")?.to_owned(),
            key: SigningKey::from_private_jwk(&Secret::new(secret.to_string()))?,
        })
    }
}

/// Both halves of a key belong together, and are written as they were read.
fn method(value: &Value) -> Result<()> {
    let method = Method::read(value)?;
    let public = given::object(given::member(value, "publicKeyJwk")?)?;
    let parsed = VerifyingKey::from_jwk(&PublicJwk::from_members(public.clone())?)?;
    expect::same("public key", method.key.verifying_key(), &parsed)?;
    for (name, ours) in parsed.to_jwk().members() {
        expect::same(name, &Some(ours), &public.get(name))?;
    }
    Ok(())
}

fn kind_of(name: &str) -> Kind {
    if name.starts_with("credential") { Kind::Credential } else { Kind::Presentation }
}

fn fixture(name: &str, text: &str, methods: &[Method]) -> Result<()> {
    let bad = BAD.iter().any(|bad| name.contains(bad));
    let wire = match wire(name, text.trim()) {
        Ok(wire) => wire,
        Err(error) if bad => {
            ensure!(name.contains("not-base64"), "{error:#}");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let (kid, at) = claimed(&wire)?;
    let method = methods.iter().find(|method| method.kid == kid).with_context(|| format!("no key {kid}"))?;
    let outcome = verify(kind_of(name), &wire, method.key.verifying_key(), at);
    if bad {
        return expect::refused("the fixture", &outcome);
    }
    outcome.map_err(|code| anyhow::anyhow!("refused by {code}"))?;
    refuses_copies(kind_of(name), &wire, (method, methods), at)
}

/// The bytes of a fixture: messages are in base64, with or without its padding.
fn wire(name: &str, text: &str) -> Result<Vec<u8>> {
    if !name.contains("-cose-") {
        return Ok(text.as_bytes().to_vec());
    }
    let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok().context("not base64")?;
    ensure!(bytes.first() == Some(&0xd2), "no COSE_Sign1");
    Ok(bytes)
}

/// What a fixture says of its key, and when it was made.
fn claimed(wire: &[u8]) -> Result<(String, Timestamp)> {
    let then: Timestamp = THEN.parse()?;
    if wire.first() == Some(&0xd2) {
        let kid = Sign1::parse(wire)?.hint().kid.clone().context("a message names its key")?;
        return Ok((String::from_utf8(kid)?, then));
    }
    let mut parts = str::from_utf8(wire)?.split('.');
    let mut part = || -> Result<Value> {
        let part = from_base64url(parts.next().context("a token has three parts")?)?;
        Ok(serde_json::from_slice(&part)?)
    };
    let (header, payload) = (part()?, part()?);
    let at = payload.get("iat").and_then(Value::as_i64).and_then(Timestamp::from_unix);
    Ok((given::text_member(&header, "kid")?.to_owned(), at.unwrap_or(then)))
}

/// The verified document, or the rule that it breaks.
fn verify(
    kind: Kind,
    wire: &[u8],
    key: &VerifyingKey,
    at: Timestamp,
) -> Result<Map<String, Value>, &'static str> {
    let (keys, profile) = (KeyRing::only(key.clone()), Profile::conformance());
    match kind {
        Kind::Credential => {
            let arrived = Unverified::<Credential>::parse_as(wire, &profile).map_err(|error| error.code())?;
            Ok(arrived.verify_document(&keys, at).map_err(|error| error.code())?.into_inner())
        }
        Kind::Presentation => {
            let arrived =
                Unverified::<Presentation>::parse_as(wire, &profile).map_err(|error| error.code())?;
            let binding = HolderBinding::Partial { audience: None, nonce: None };
            Ok(arrived.verify_document(&keys, &binding, at).map_err(|error| error.code())?.into_inner())
        }
    }
}

/// Other keys do not verify it, it is nothing of the other kind, and no bit of its signature may change.
fn refuses_copies(
    kind: Kind,
    wire: &[u8],
    (method, methods): (&Method, &[Method]),
    at: Timestamp,
) -> Result<()> {
    for other in methods.iter().filter(|other| other.kid != method.kid) {
        let outcome = verify(kind, wire, other.key.verifying_key(), at);
        expect::refused("another key's copy", &outcome)?;
    }
    let other_kind = match kind {
        Kind::Credential => Kind::Presentation,
        Kind::Presentation => Kind::Credential,
    };
    // An SD-JWT of a credential is a presentation in its own right.
    if !wire.contains(&b'~') {
        let outcome = verify(other_kind, wire, method.key.verifying_key(), at);
        expect::refused("a copy of the other kind", &outcome)?;
    }
    // The middle of what is signed: every character there carries whole bits.
    let mut flipped = wire.to_vec();
    let middle = flipped.len() / 2;
    let byte = flipped.get_mut(middle).context("a fixture has bytes")?;
    *byte = if *byte == b'A' { b'B' } else { b'A' };
    expect::refused("an altered copy", &verify(kind, &flipped, method.key.verifying_key(), at))
}

fn unsigned(name: &str, document: &Map<String, Value>, methods: &[Method]) -> Result<()> {
    let kind = kind_of(name);
    let breaches = match kind {
        Kind::Credential => vcdm::credential_breaches(document, Version::V2),
        Kind::Presentation => vcdm::presentation_breaches(document, Version::V2),
    };
    ensure!(breaches.is_empty(), "{breaches:?}");
    let at: Timestamp = THEN.parse()?;
    for method in methods {
        for container in CONTAINERS {
            let wire = secure(container, kind, document, method)?;
            let verified = verify(kind, &wire, method.key.verifying_key(), at);
            let verified = verified.map_err(|code| anyhow::anyhow!("{container:?} refused by {code}"))?;
            for (name, value) in document {
                expect::same(name, &verified.get(name), &Some(value))?;
            }
            refuses_copies(kind, &wire, (method, methods), at).with_context(|| format!("{container:?}"))?;
        }
    }
    Ok(())
}

fn secure(
    container: Container,
    kind: Kind,
    document: &Map<String, Value>,
    method: &Method,
) -> Result<Vec<u8>> {
    let (kid, key) = (method.id.as_str(), method.key.verifying_key());
    match container {
        Container::Jwt => {
            let prepared = document::prepare_jwt(kind, document, kid, key);
            let signature = method.key.sign(prepared.signing_input())?;
            Ok(prepared.attach(&signature)?.into_bytes())
        }
        Container::SdJwt => {
            // Who the subject is must stay visible.
            let subject = document.get("credentialSubject").and_then(Value::as_object);
            let claims = subject.into_iter().flat_map(Map::keys).filter(|name| *name != "id");
            let selective: Vec<_> = claims
                .map(|name| ClaimPath::from_json(&serde_json::json!(["credentialSubject", name])))
                .collect::<Result<_, _>>()?;
            let algorithm = DigestAlgorithm::Sha256;
            let concealment = Concealment { selective: &selective, decoys: Decoys::None, algorithm };
            let entropy = &mut TestEntropy::new(1);
            let prepared =
                document::prepare_sd_jwt(kind, document.clone(), &concealment, (kid, key), entropy)?;
            let signature = method.key.sign(prepared.signing_input())?;
            Ok(prepared.attach(&signature)?.into_bytes())
        }
        Container::Cose => {
            let prepared = document::prepare_cose(kind, document, kid, key);
            let signature = method.key.sign(prepared.signing_input())?;
            Ok(prepared.attach(&signature)?.to_bytes())
        }
    }
}
