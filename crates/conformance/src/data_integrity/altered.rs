//! Copies of a signed document, each with one thing altered.

use crate::given;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use sinpyo_core::encoding::{Base, to_multibase};
use sinpyo_proof::data_integrity::{Cryptosuite, Transformation};

/// A copy with one thing altered.
pub(super) struct Altered {
    /// What is altered, as a JSON Pointer.
    pub(super) place: &'static str,
    /// The rule that must refuse it.
    pub(super) rule: &'static str,
    /// The copy.
    pub(super) copy: Map<String, Value>,
}

/// The altered copies of `secured`, whose one proof, under `suite`, has the value `signature`.
pub(super) fn copies(
    secured: &Map<String, Value>,
    suite: Cryptosuite,
    signature: &[u8],
) -> Result<Vec<Altered>> {
    let flipped: Vec<u8> = signature.iter().enumerate().map(|(i, byte)| byte ^ u8::from(i == 0)).collect();
    let another = json!("https://another.example/context");
    let mut alterations = vec![
        ("/name", "DI-10", json!("another")),
        ("/validFrom", "DI-10", json!("2001-01-01T00:00:00Z")),
        ("/proof/created", "DI-10", json!("2023-02-24T23:36:37Z")),
        ("/proof/proofPurpose", "DI-03", json!("authentication")),
        ("/proof/type", "DI-01", json!("NobodysSignature2099")),
        ("/proof/verificationMethod", "JWS-16", json!("did:example:another#key")),
        ("/proof/proofValue", "DI-10", json!(to_multibase(Base::Base58Btc, &flipped))),
        ("/proof/proofValue", "DI-08", json!(to_multibase(Base::Base64Url, signature))),
        ("/proof", "DI-14", json!([])),
    ];
    match suite.transformation() {
        Transformation::Jcs => {
            alterations.push(("/@context/0", "DI-09", another.clone()));
            alterations.push(("/proof/@context/0", "DI-09", another));
        }
        _ => alterations.push(("/@context/0", "JLD-01", another)),
    }
    if suite != Cryptosuite::Ed25519Signature2020 {
        alterations.push(("/proof/cryptosuite", "DI-02", json!("nobodys-suite-2099")));
        alterations.push(("/proof/cryptosuite", "DI-10", json!(other(suite).name())));
    }
    let altered = |(place, rule, value)| Ok(Altered { place, rule, copy: alter(secured, place, value)? });
    alterations.into_iter().map(altered).collect()
}

/// The suite for the same keys with the other transformation.
const fn other(suite: Cryptosuite) -> Cryptosuite {
    match suite {
        Cryptosuite::EddsaJcs2022 => Cryptosuite::EddsaRdfc2022,
        Cryptosuite::EcdsaJcs2019 => Cryptosuite::EcdsaRdfc2019,
        Cryptosuite::EcdsaRdfc2019 => Cryptosuite::EcdsaJcs2019,
        _ => Cryptosuite::EddsaJcs2022,
    }
}

fn alter(secured: &Map<String, Value>, place: &str, value: Value) -> Result<Map<String, Value>> {
    let mut copy = Value::Object(secured.clone());
    let there = copy.pointer_mut(place).with_context(|| format!("the document has no {place}"))?;
    ensure!(*there != value, "{place} is not altered");
    *there = value;
    Ok(given::object(&copy)?.clone())
}
