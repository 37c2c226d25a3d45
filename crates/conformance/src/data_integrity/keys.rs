//! The keys of the vectors.

use crate::given;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    did::{Did, KeyId},
    encoding::{Multikey, to_base64url},
    resolved::VersionSelector,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use sinpyo_proof::KeyRing;
use sinpyo_resolver::{Resolution, resolve};

/// Later than every proof of the vectors.
pub(crate) const LATER: Timestamp = match Timestamp::from_unix(1_790_000_000) {
    Some(time) => time,
    None => panic!("September 2026 is within the range"),
};

/// The key of a pair of Multikeys, which must belong together.
pub(crate) fn signing_key(pair: &Value) -> Result<SigningKey> {
    let private = pair.get("privateKeyMultibase").or_else(|| pair.get("secretKeyMultibase"));
    let private = private.and_then(Value::as_str).context("a pair has a private key")?;
    let public = Multikey::parse(given::text_member(pair, "publicKeyMultibase")?)?;
    let mut jwk = VerifyingKey::from_multikey(&public)?.to_jwk().members().clone();
    let private = Multikey::parse(private)?;
    // Some write the public half of an Ed25519 key behind the private one.
    let private = match private.key() {
        both if both.len() == 64 => both.get(..32).context("two halves")?,
        private => private,
    };
    jwk.insert("d".to_owned(), json!(to_base64url(private)));
    Ok(SigningKey::from_private_jwk(&Secret::new(Value::Object(jwk).to_string()))?)
}

/// The keys of did:keys that proofs name.
pub(crate) fn ring(names: impl IntoIterator<Item = KeyId>) -> Result<KeyRing> {
    let mut ring = KeyRing::new();
    for name in names {
        let Resolution::Resolved(resolved) = resolve(&name.did(), &VersionSelector::Latest)? else {
            bail!("{name:?} is not that of a did:key")
        };
        ring.add(&resolved);
    }
    Ok(ring)
}

/// A public key of the same kind that is not the signer's: the examples of the did:key method.
pub(crate) fn stranger(algorithm: Algorithm) -> Result<VerifyingKey> {
    let did: Did = match algorithm {
        Algorithm::Ed25519 => "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        Algorithm::Es256 => "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv",
        _ => "did:key:z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54",
    }
    .parse()?;
    Ok(VerifyingKey::from_multikey(&Multikey::parse(did.method_specific_id())?)?)
}
