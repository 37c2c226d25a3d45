//! Selective disclosure over the statements of the 27-quad credential: `ecdsa-sd-2023` and `bbs-2023`.
//!
//! Always shown: issuer, validity and status. Selected: five claims. The baseline is one raw ES256 verification in all
//! rows, so that both suites can be compared.

use super::{
    INPUTS,
    resident::{self, Issuer},
    statements,
};
use crate::{clock::measure_cpu, os::OsEntropy, row::Row};
use anyhow::{Context as _, ensure};
use serde_json::{Map, Value};
use sinpyo_bbs as bbs;
use sinpyo_core::{
    credential::Credential,
    did::KeyId,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    json,
    key::{Signer, Verifier},
    resolved::Resolved,
};
use sinpyo_crypto::Algorithm::Es256;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    KeyRing, Signatory, Unverified,
    data_integrity::{
        ProofOptions,
        disclosure::{self, Base},
    },
};
use sinpyo_selective::Pointer;
use std::hint::black_box;

/// Distinct inputs of the BBS rows, which take a millisecond each.
const BBS_INPUTS: usize = 100;
const MANDATORY: [&str; 4] = ["/issuer", "/validFrom", "/validUntil", "/credentialStatus"];
const SELECTED: [&str; 5] = ["region_sido", "region_sigungu", "age_over_19", "family_name", "given_name"];

/// Which suite a row is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Suite {
    EcdsaSd,
    Bbs,
}

/// An issuer, its keys and what it issued.
struct World {
    keys: KeyRing,
    issued: Vec<Map<String, Value>>,
    selected: Vec<Pointer>,
    raw: Raw,
}

/// What one raw verification needs.
struct Raw {
    issuer: Issuer,
    signature: Box<[u8]>,
}

const MESSAGE: [u8; 64] = [7; 64];

/// The row `… derive`.
pub(super) fn derive(name: &'static str, suite: Suite) -> anyhow::Result<Row> {
    let world = World::new(suite)?;
    let figures = measure_cpu(
        world.issued.len(),
        |index| {
            black_box(world.derive(index)?);
            Ok(())
        },
        |_| world.raw.verify(),
    )?;
    Ok(Row::of_cpu_time(name, figures, "raw es256 verify", world.issued.len()))
}

/// The row `… verify`.
pub(super) fn verify(name: &'static str, suite: Suite) -> anyhow::Result<Row> {
    let world = World::new(suite)?;
    let wires: Vec<String> = (0..world.issued.len())
        .map(|index| Ok(Value::Object(world.derive(index)?).to_string()))
        .collect::<anyhow::Result<_>>()?;
    let now = resident::now()?;
    let accept = |wire: &str| -> anyhow::Result<()> {
        let credential = Unverified::<Credential>::parse(wire.as_bytes())?.verify(&world.keys, now)?;
        ensure!(credential.get().claims().len() == SELECTED.len(), "not the claims that were shown");
        black_box(credential);
        Ok(())
    };
    let wire = |index: usize| wires.get(index).context("no such input");
    let forged = wire(0)?.replace("길동0", "길동9");
    ensure!(forged != *wire(0)? && accept(&forged).is_err(), "a forged input is accepted");
    let figures = measure_cpu(wires.len(), |index| accept(wire(index)?), |_| world.raw.verify())?;
    Ok(Row::of_cpu_time(name, figures, "raw es256 verify", wires.len()))
}

impl World {
    fn new(suite: Suite) -> anyhow::Result<Self> {
        let issuer = Issuer::new(Es256)?;
        let secret = bbs::SecretKey::generate(&mut OsEntropy);
        let key = match suite {
            Suite::EcdsaSd => issuer.key().to_multikey(),
            Suite::Bbs => secret.public_key().to_multikey(),
        };
        let key_id: KeyId = issuer.signer.key_id().clone();
        let method = VerificationMethod {
            id: key_id.clone(),
            controller: key_id.did(),
            key: PublicKeyMaterial::Multikey(key),
            revoked: None,
        };
        let document = DidDocument::new(key_id.did()).with_key(method, &[AssertionMethod]);
        let count = match suite {
            Suite::EcdsaSd => INPUTS,
            Suite::Bbs => BBS_INPUTS,
        };
        let issued =
            (0..count).map(|index| issue(index, suite, &issuer, &secret)).collect::<anyhow::Result<_>>()?;
        let selected = SELECTED.map(|name| format!("/credentialSubject/{name}"));
        let signature = issuer.signer.sign(&MESSAGE)?;
        Ok(Self {
            keys: KeyRing::of(&Resolved::immutable(document)),
            issued,
            selected: selected.iter().map(|text| Pointer::parse(text)).collect::<Result<_, _>>()?,
            raw: Raw { issuer, signature },
        })
    }

    /// What the holder shows of credential `index`, read from text as a wallet has it.
    fn derive(&self, index: usize) -> anyhow::Result<Map<String, Value>> {
        let issued = self.issued.get(index).context("no such input")?.clone();
        Ok(disclosure::derive(issued, &self.selected, &[], &Contexts::bundled(), &mut OsEntropy)?)
    }
}

impl Raw {
    fn verify(&self) -> anyhow::Result<()> {
        let _ = self.issuer.key().verify(&MESSAGE, &self.signature)?;
        Ok(())
    }
}

fn issue(
    index: usize,
    suite: Suite,
    issuer: &Issuer,
    secret: &bbs::SecretKey,
) -> anyhow::Result<Map<String, Value>> {
    let document = statements::document(index)?;
    let created = document.get("validFrom").and_then(Value::as_str).context("no date")?.parse()?;
    let options = ProofOptions { created: Some(created), ..ProofOptions::new(AssertionMethod) };
    let mandatory: Vec<Pointer> =
        MANDATORY.iter().map(|text| Pointer::parse(text)).collect::<Result<_, _>>()?;
    let contexts = Contexts::bundled();
    let base = Base { options: &options, mandatory: &mandatory, contexts: &contexts };
    let key_id = issuer.signer.key_id();
    let secured = match suite {
        Suite::EcdsaSd => {
            let signatory = Signatory { key_id, key: issuer.key() };
            let prepared = disclosure::prepare(document, &base, signatory, &mut OsEntropy)?;
            let signature = issuer.signer.sign(prepared.signing_input())?;
            prepared.attach(&signature)?
        }
        Suite::Bbs => disclosure::sign_bbs(document, &base, (key_id, secret), &mut OsEntropy)?,
    };
    Ok(json::parse_object(Value::Object(secured).to_string().as_bytes())?)
}
