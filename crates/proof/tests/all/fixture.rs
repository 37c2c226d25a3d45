//! The people of the tests.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Validity},
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::to_base64url,
    key::Signer,
    resolved::Resolved,
    status::StatusEntry,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_proof::{
    KeyRing, Occasion, Signatory,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc,
};
use sinpyo_testkit::TestEntropy;
use std::time::Duration;

pub(crate) const AUDIENCE: &str = "decentralized_identifier:did:x:post";
pub(crate) const NONCE: &str = "bm9uY2Utbm9uY2Utbm9uY2U";
pub(crate) const KIND: &str = "urn:sinpyo:credential:ResidentCredential";

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_319_100).unwrap()
}

pub(crate) fn later(seconds: u64) -> Timestamp {
    now().plus(Duration::from_secs(seconds))
}

pub(crate) fn earlier(seconds: u64) -> Timestamp {
    now().minus(Duration::from_secs(seconds))
}

pub(crate) fn occasion() -> Occasion<'static> {
    Occasion { audience: AUDIENCE, nonce: NONCE, max_age: Duration::from_mins(5) }
}

/// Somebody with one key.
pub(crate) struct Party {
    pub(crate) did: Did,
    pub(crate) signer: KeySigner,
}

impl Party {
    pub(crate) fn new(did: &str, algorithm: Algorithm, seed: u8) -> Self {
        Self::named(did, "key-1", algorithm, seed)
    }

    /// Somebody whose key has this name.
    pub(crate) fn named(did: &str, name: &str, algorithm: Algorithm, seed: u8) -> Self {
        let did: Did = did.parse().unwrap();
        let signer = KeySigner::new(did.key(name).unwrap(), sinpyo_testkit::key(algorithm, seed));
        Self { did, signer }
    }

    /// The document of one controller with the keys of all `parties`.
    pub(crate) fn together(parties: &[&Self]) -> Resolved {
        let document = DidDocument::new(parties[0].did.clone());
        let with = |document: DidDocument, party: &&Self| {
            document.with_key(party.method(), &VerificationRelationship::ALL)
        };
        Resolved::immutable(parties.iter().fold(document, with))
    }

    fn method(&self) -> VerificationMethod {
        VerificationMethod {
            id: self.signer.key_id().clone(),
            controller: self.did.clone(),
            key: PublicKeyMaterial::Multikey(self.key().to_multikey()),
            revoked: None,
        }
    }

    pub(crate) fn issuer() -> Self {
        Self::new("did:x:issuer", Algorithm::Es256, 1)
    }

    pub(crate) fn holder() -> Self {
        Self::new("did:x:holder", Algorithm::Es256, 2)
    }

    /// Somebody else with the issuer's name and another key.
    pub(crate) fn impostor() -> Self {
        Self::new("did:x:issuer", Algorithm::Es256, 66)
    }

    pub(crate) fn key(&self) -> &VerifyingKey {
        self.signer.key().verifying_key()
    }

    pub(crate) fn signatory(&self) -> Signatory<'_> {
        Signatory { key_id: self.signer.key_id(), key: self.key() }
    }

    pub(crate) fn pair(&self) -> (&dyn Signer, &VerifyingKey) {
        (&self.signer, self.key())
    }

    pub(crate) fn document(&self, relationships: &[VerificationRelationship]) -> Resolved {
        Resolved::immutable(DidDocument::new(self.did.clone()).with_key(self.method(), relationships))
    }

    /// A ring in which the key may be used for everything.
    pub(crate) fn ring(&self) -> KeyRing {
        KeyRing::of(&self.document(&VerificationRelationship::ALL))
    }
}

/// A ring with the keys of all `parties`.
pub(crate) fn ring(parties: &[&Party]) -> KeyRing {
    let mut ring = KeyRing::new();
    for party in parties {
        ring.add(&party.document(&VerificationRelationship::ALL));
    }
    ring
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn claims() -> Map<String, Value> {
    object(json!({
        "family_name": "김",
        "given_name": "한별",
        "birthdate": "1990-05-17",
        "age_over_18": true,
        "address": {"locality": "대구광역시", "district": "중구", "street": "공평로 88"},
        "nationalities": ["KR", "UZ"],
    }))
}

pub(crate) fn credential() -> Credential {
    credential_for(Holder::Key(Party::holder().key().to_jwk()))
}

pub(crate) fn credential_for(holder: Holder) -> Credential {
    Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
        .holder(holder)
        .valid(Validity { from: Some(earlier(1000)), until: Some(later(1000)) })
        .issued_at(earlier(1000))
        .claims(claims())
        .build()
}

/// As [`credential`], with a status.
pub(crate) fn with_status() -> Credential {
    let entry = StatusEntry::Token { list: "https://status.example/1".into(), index: 7 };
    Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
        .holder(Holder::Key(Party::holder().key().to_jwk()))
        .valid(Validity { from: Some(earlier(1000)), until: Some(later(1000)) })
        .issued_at(earlier(1000))
        .id("urn:uuid:7".into())
        .status(entry)
        .claims(claims())
        .build()
}

#[expect(clippy::needless_pass_by_value, reason = "the cases are written in place")]
pub(crate) fn path(value: Value) -> ClaimPath {
    ClaimPath::from_json(&value).unwrap()
}

/// Every claim of [`claims`] by itself, the address member by member within a disclosure, the nationalities one by one.
pub(crate) fn selective() -> Vec<ClaimPath> {
    [
        json!(["family_name"]),
        json!(["given_name"]),
        json!(["birthdate"]),
        json!(["age_over_18"]),
        json!(["address"]),
        json!(["address", "locality"]),
        json!(["address", "district"]),
        json!(["address", "street"]),
        json!(["nationalities", null]),
    ]
    .map(path)
    .to_vec()
}

pub(crate) fn concealment(selective: &[ClaimPath]) -> Concealment<'_> {
    Concealment { selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 }
}

/// [`credential`] as an SD-JWT VC of `issuer`.
pub(crate) fn issued_by(issuer: &Party) -> String {
    sd_jwt_vc::issue(&credential(), &concealment(&selective()), issuer.pair(), &mut TestEntropy::new(1))
        .unwrap()
}

/// A token over any header and payload, signed by `party`.
pub(crate) fn token(party: &Party, header: &Value, payload: &Value) -> String {
    let input = format!(
        "{}.{}",
        to_base64url(header.to_string().as_bytes()),
        to_base64url(payload.to_string().as_bytes())
    );
    let signature = party.signer.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", to_base64url(&signature))
}

/// Every way to flip the lowest bit of one character, where the result is still text.
pub(crate) fn flips(wire: &str) -> impl Iterator<Item = String> {
    (0..wire.len()).filter_map(|position| {
        let mut bytes = wire.as_bytes().to_vec();
        *bytes.get_mut(position)? ^= 1;
        String::from_utf8(bytes).ok()
    })
}
