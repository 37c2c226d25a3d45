//! Copies of a signed document, each with one thing altered.

use crate::given;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use sinpyo_core::encoding::{Base, to_multibase};

/// A copy with one thing altered.
pub(super) struct Altered {
    /// What is altered, as a JSON Pointer.
    pub(super) place: &'static str,
    /// The rule that must refuse it.
    pub(super) rule: &'static str,
    /// The copy.
    pub(super) copy: Map<String, Value>,
}

/// The altered copies of `secured`, whose proof value is `signature`.
pub(super) fn copies(secured: &Map<String, Value>, signature: &[u8]) -> Result<Vec<Altered>> {
    let flipped: Vec<u8> = signature.iter().enumerate().map(|(i, byte)| byte ^ u8::from(i == 0)).collect();
    let another = json!("https://another.example/context");
    let alterations = [
        ("/name", "DI-10", json!("another")),
        ("/credentialSubject/id", "DI-10", json!("did:example:another")),
        ("/@context/0", "DI-09", another.clone()),
        ("/proof/@context/0", "DI-09", another),
        ("/proof/created", "DI-10", json!("2023-02-24T23:36:37Z")),
        ("/proof/proofPurpose", "DI-03", json!("authentication")),
        ("/proof/cryptosuite", "DI-02", json!("eddsa-rdfc-2022")),
        ("/proof/type", "DI-01", json!("Ed25519Signature2020")),
        ("/proof/verificationMethod", "DI-10", json!("did:example:another#key")),
        ("/proof/proofValue", "DI-10", json!(to_multibase(Base::Base58Btc, &flipped))),
        ("/proof/proofValue", "DI-08", json!(to_multibase(Base::Base64Url, signature))),
        ("/proof", "DI-11", json!([secured.get("proof")])),
    ];
    let altered = |(place, rule, value)| Ok(Altered { place, rule, copy: alter(secured, place, value)? });
    alterations.into_iter().map(altered).collect()
}

fn alter(secured: &Map<String, Value>, place: &str, value: Value) -> Result<Map<String, Value>> {
    let mut copy = Value::Object(secured.clone());
    let there = copy.pointer_mut(place).with_context(|| format!("the document has no {place}"))?;
    ensure!(*there != value, "{place} is not altered");
    *there = value;
    Ok(given::object(&copy)?.clone())
}
