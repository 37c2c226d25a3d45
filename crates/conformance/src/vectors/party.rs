//! Those who sign, and their documents.

use anyhow::Result;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    encoding::{Base, to_base64url, to_multibase},
    jcs,
    key::Signer,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey, hash::sha256};
use sinpyo_testkit::{DeterministicEs256, key};

/// Members of a JSON object.
pub(super) type Members = Map<String, Value>;

/// Somebody with one key.
pub(super) struct Party {
    pub(super) did: String,
    signer: Box<dyn Signer>,
    key: VerifyingKey,
}

impl Party {
    /// The owner of `did`, whose key `#key-1` is number `seed` of `algorithm`: ES256 or Ed25519, which sign the same
    /// way every time.
    pub(super) fn new(did: &str, algorithm: Algorithm, seed: u8) -> Result<Self> {
        let method = did.parse::<Did>()?.key("key-1")?;
        let secret = key(algorithm, seed);
        let public = secret.verifying_key().clone();
        let signer: Box<dyn Signer> = match algorithm {
            Algorithm::Es256 => Box::new(DeterministicEs256::new(method, seed)),
            _ => Box::new(KeySigner::new(method, secret)),
        };
        Ok(Self { did: did.to_owned(), signer, key: public })
    }

    /// The issuer of the credentials.
    pub(super) fn issuer() -> Result<Self> {
        Self::new("did:example:issuer", Algorithm::Es256, 1)
    }

    /// Who holds them.
    pub(super) fn holder() -> Result<Self> {
        Self::new("did:example:holder", Algorithm::Es256, 2)
    }

    /// Somebody with the issuer's name and another key.
    pub(super) fn impostor() -> Result<Self> {
        Self::new("did:example:issuer", Algorithm::Es256, 66)
    }

    /// The name of the key.
    pub(super) fn method(&self) -> String {
        format!("{}#key-1", self.did)
    }

    /// The `alg` of its tokens.
    pub(super) fn algorithm(&self) -> &'static str {
        self.key.algorithm().jose()
    }

    /// The public key as Multikey.
    pub(super) fn multikey(&self) -> String {
        self.key.to_multikey().to_string()
    }

    /// The public key as JSON Web Key.
    pub(super) fn jwk(&self) -> Value {
        Value::Object(self.key.to_jwk().members().clone())
    }

    /// The verification method.
    pub(super) fn verification_method(&self) -> Value {
        json!({
            "id": self.method(),
            "type": "Multikey",
            "controller": self.did,
            "publicKeyMultibase": self.multikey(),
        })
    }

    /// A DID document in which the key makes statements and authenticates.
    pub(super) fn document(&self) -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"],
            "id": self.did,
            "verificationMethod": [self.verification_method()],
            "authentication": [self.method()],
            "assertionMethod": [self.method()],
        })
    }

    /// A token over the texts `header` and `payload` [RFC 7515 §5.1].
    pub(super) fn token(&self, header: &str, payload: &str) -> Result<String> {
        let input = format!("{}.{}", to_base64url(header.as_bytes()), to_base64url(payload.as_bytes()));
        let signature = self.signer.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", to_base64url(&signature)))
    }

    /// The proof over `document` whose options are `options` [VC-DI-EDDSA §3.3.1, VC-DI-ECDSA §3.3.1].
    pub(super) fn proof(&self, document: &Members, mut options: Members) -> Result<Members> {
        let hashed = [&options, document].map(|members| sha256(&jcs::canonicalize_object(members)));
        let signature = self.signer.sign(hashed.as_flattened())?;
        options.insert("proofValue".to_owned(), json!(to_multibase(Base::Base58Btc, &signature)));
        Ok(options)
    }

    /// A signature over `message`.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Box<[u8]>> {
        Ok(self.signer.sign(message)?)
    }

    /// The name of the Data Integrity suite of its key.
    pub(super) fn cryptosuite(&self) -> &'static str {
        match self.key.algorithm() {
            Algorithm::Ed25519 => "eddsa-jcs-2022",
            _ => "ecdsa-jcs-2019",
        }
    }
}

/// The members of `value`, which is an object; none of anything else.
pub(super) fn members(value: Value) -> Members {
    match value {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}

/// Sets the member `name`.
pub(super) fn set(members: &mut Members, name: &str, value: impl Into<Value>) {
    members.insert(name.to_owned(), value.into());
}
