//! An issuer, its document and its lists, all from one seed.

use serde_json::{Map, Value};
use sinpyo_core::{
    credential::{Credential, Holder},
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::from_base64url,
    resolved::Resolved,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_issuer::{
    Allocated, Catalogue, Format, IssueError, Issued, Issuer, IssuerOptions, ListForm, ListSeries, Order,
    Profile, Recipient,
};
use sinpyo_proof::{KeyRing, Unverified};
use sinpyo_testkit::TestEntropy;

pub(crate) const NOW: &str = "2026-07-01T03:25:45Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    let Value::Object(members) = value else { panic!("not an object: {value}") };
    members
}

pub(crate) fn key(seed: u64, algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm, &mut TestEntropy::new(seed))
}

/// A signer and the document that authorises it for `relationships`.
pub(crate) fn identity(
    algorithm: Algorithm,
    relationships: &[VerificationRelationship],
) -> (KeySigner, Resolved) {
    let id: sinpyo_core::did::KeyId = "did:web:issuer.example#key-1".parse().unwrap();
    let key = key(1, algorithm);
    let method = VerificationMethod {
        id: id.clone(),
        controller: id.did(),
        key: PublicKeyMaterial::Multikey(key.verifying_key().to_multikey()),
        revoked: None,
    };
    let document = DidDocument::new(id.did()).with_key(method, relationships);
    (KeySigner::new(id, key), Resolved::immutable(document))
}

pub(crate) struct World {
    pub(crate) issuer: Issuer<KeySigner>,
    pub(crate) keys: KeyRing,
    pub(crate) format: Format,
    pub(crate) entropy: TestEntropy,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Algorithm::Es256, IssuerOptions::default(), |_| ())
    }

    pub(crate) fn with(
        algorithm: Algorithm,
        options: IssuerOptions,
        change: impl FnOnce(&mut Resolved),
    ) -> Self {
        let (signer, mut own) = identity(algorithm, &[VerificationRelationship::AssertionMethod]);
        change(&mut own);
        let keys = KeyRing::of(&own);
        let issuer = Issuer::new(signer, &own, options).unwrap();
        Self { issuer, keys, format: options.format, entropy: TestEntropy::new(99) }
    }

    /// A recipient with the key and the status entry of this number.
    pub(crate) fn recipient(&self, profile: &Profile, number: u64) -> Recipient {
        let holder = Holder::Key(key(1000 + number, Algorithm::Es256).verifying_key().to_jwk());
        let form = if self.format == Format::SdJwtVc { ListForm::Token } else { ListForm::Bitstring };
        let status = ListSeries::new("https://issuer.example/status", form, profile.status(), 131_072)
            .map(|series| series.status(Allocated { list: 0, index: number }))
            .unwrap_or_default();
        Recipient { holder, status }
    }

    pub(crate) fn issue(&mut self, id: &str, claims: Value) -> Result<Issued, IssueError> {
        self.issue_until(id, claims, None)
    }

    pub(crate) fn issue_until(
        &mut self,
        id: &str,
        claims: Value,
        until: Option<&str>,
    ) -> Result<Issued, IssueError> {
        self.issue_profile(Catalogue::bundled().unwrap().by_id(id).unwrap(), claims, until)
    }

    pub(crate) fn issue_profile(
        &mut self,
        profile: &Profile,
        claims: Value,
        until: Option<&str>,
    ) -> Result<Issued, IssueError> {
        let claims = object(claims);
        let order = Order { profile, claims: &claims, until: until.map(at) };
        let recipient = self.recipient(profile, 7);
        self.issuer.issue(&order, &recipient, at(NOW), &mut self.entropy)
    }

    /// The credential as a verifier sees it when everything is disclosed.
    pub(crate) fn verified(&self, issued: &Issued) -> Credential {
        let arrived = Unverified::<Credential>::parse(issued.wire.as_bytes()).unwrap();
        arrived.verify(&self.keys, at(NOW)).unwrap().into_inner()
    }
}

/// The payload of the JWT at the start of `wire`.
pub(crate) fn payload(wire: &str) -> Map<String, Value> {
    let payload = wire.split('.').nth(1).unwrap();
    object(serde_json::from_slice(&from_base64url(payload).unwrap()).unwrap())
}

/// The decoded disclosures of an SD-JWT.
pub(crate) fn disclosures(wire: &str) -> Vec<Value> {
    let parts = wire.split('~').skip(1).filter(|part| !part.is_empty());
    parts.map(|part| serde_json::from_slice(&from_base64url(part).unwrap()).unwrap()).collect()
}
