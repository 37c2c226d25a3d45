//! Keys.

use super::{
    answer::{Answer, Refusal},
    arguments::{Arguments, wrong},
    os::OsEntropy,
};
use serde_json::{Map, Value, json};
use sinpyo_bbs as bbs;
use sinpyo_core::{
    Secret,
    did::{Did, KeyId},
    encoding::Multikey,
    jwk::PublicJwk,
    key::Signer as _,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_proof::Signatory;
use sinpyo_resolver::did_key;

/// Multicodec of BLS12-381 private keys whose public keys are in G2.
const BLS12_381_G2_PRIV: u64 = 0x130a;

/// `key.generate`.
pub(super) fn generate(arguments: &Arguments) -> Answer {
    let name = arguments.text("algorithm")?;
    if name == "BLS12-381" {
        let key = bbs::SecretKey::generate(&mut OsEntropy);
        let secret = Multikey::new(BLS12_381_G2_PRIV, key.to_octets().expose());
        let (did, method) = names(&key.public_key().to_multikey())?;
        return Ok(json!({
            "secretMultibase": secret.to_string(),
            "did": did.as_str(),
            "verificationMethod": method.as_str(),
        }));
    }
    let algorithm = Algorithm::from_jose_or_fully_specified(name).ok_or_else(|| wrong("algorithm"))?;
    let key = SigningKey::generate(algorithm, &mut OsEntropy);
    let (did, method) = names(&key.verifying_key().to_multikey())?;
    let jwk: Value = serde_json::from_str(key.to_private_jwk().expose()).unwrap_or_default();
    Ok(json!({"jwk": jwk, "did": did.as_str(), "verificationMethod": method.as_str()}))
}

/// The did:key of a key, and the name of the key in its document.
fn names(key: &Multikey) -> Result<(Did, KeyId), Refusal> {
    let did: Did = format!("did:key:{key}").parse()?;
    let method = did.key(did.method_specific_id())?;
    Ok((did, method))
}

/// A private key, with the name under which others find it.
pub(super) struct Signing(KeySigner);

impl Signing {
    /// The key in the argument `name`, called as the argument `method` says, or by its did:key.
    pub(super) fn read(arguments: &Arguments, name: &str, method: &str) -> Result<Self, Refusal> {
        let key = private_key(arguments.required(name)?, name)?;
        let key_id = if let Some(key_id) = arguments.maybe_text(method)? {
            key_id.parse()?
        } else {
            let did = did_key::did_of(key.verifying_key());
            did.key(did.method_specific_id())?
        };
        Ok(Self(KeySigner::new(key_id, key)))
    }

    pub(super) const fn public(&self) -> &VerifyingKey {
        self.0.key().verifying_key()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, Refusal> {
        Ok(self.0.key().sign(message)?)
    }

    pub(super) fn signatory(&self) -> Signatory<'_> {
        Signatory { key_id: self.0.key_id(), key: self.public() }
    }
}

/// A private JWK, or what `key.generate` answers.
pub(super) fn private_key(value: &Value, name: &str) -> Result<SigningKey, Refusal> {
    let jwk = value.get("jwk").unwrap_or(value);
    if !jwk.is_object() {
        return Err(wrong(name));
    }
    Ok(SigningKey::from_private_jwk(&Secret::new(jwk.to_string()))?)
}

/// A BBS key in multibase, or what `key.generate` answers.
pub(super) fn bbs_key(value: &Value, name: &str) -> Result<bbs::SecretKey, Refusal> {
    let text = value.get("secretMultibase").unwrap_or(value).as_str().ok_or_else(|| wrong(name))?;
    let key = Multikey::parse(text)?;
    if key.code() != BLS12_381_G2_PRIV {
        return Err(wrong(name));
    }
    Ok(bbs::SecretKey::from_octets(key.key())?)
}

/// The public JWK in `members`; private members are left aside.
pub(super) fn public_key(members: &Map<String, Value>) -> Result<VerifyingKey, Refusal> {
    let mut members = members.clone();
    for private in ["d", "priv"] {
        members.remove(private);
    }
    Ok(VerifyingKey::from_jwk(&PublicJwk::from_members(members)?)?)
}
