//! An issuer and a holder with the same keys in every run.

use sinpyo_bbs::SecretKey;
use sinpyo_core::{
    credential::{Credential, Holder, Validity},
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::Multikey,
    key::Signer,
    resolved::Resolved,
    status::{StatusEntry, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_proof::{KeyRing, Occasion, Signatory};
use sinpyo_testkit::TestEntropy;
use std::{sync::LazyLock, time::Duration};

pub(super) const KIND: &str = "urn:sinpyo:credential:ResidentCredential";
pub(super) const AUDIENCE: &str = "decentralized_identifier:did:x:post";
pub(super) const NONCE: &str = "bm9uY2Utbm9uY2Utbm9uY2U";
pub(super) const LIST: &str = "https://status.example/1";
/// The key under which the issuer's document lists a key of each algorithm.
const ALGORITHMS: [(Algorithm, &str); 4] = [
    (Algorithm::Es256, "key-1"),
    (Algorithm::Ed25519, "key-2"),
    (Algorithm::Es384, "key-3"),
    (Algorithm::MlDsa44, "key-4"),
];

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(1_795_319_100).expect("a time")
}

pub(super) fn later(seconds: u64) -> Timestamp {
    now().plus(Duration::from_secs(seconds))
}

pub(super) fn earlier(seconds: u64) -> Timestamp {
    now().minus(Duration::from_secs(seconds))
}

pub(super) const fn occasion() -> Occasion<'static> {
    Occasion { audience: AUDIENCE, nonce: NONCE, max_age: Duration::from_mins(5) }
}

/// Somebody with a key.
pub(super) struct Party {
    pub(super) did: Did,
    pub(super) signer: KeySigner,
}

impl Party {
    fn new(did: &str, (algorithm, name): (Algorithm, &str), seed: u8) -> Self {
        let did: Did = did.parse().expect("a DID");
        let key_id = did.key(name).expect("a key id");
        Self { did, signer: KeySigner::new(key_id, sinpyo_testkit::key(algorithm, seed)) }
    }

    /// The issuer with its key of `algorithm`.
    pub(super) fn issuer(algorithm: Algorithm) -> Self {
        let named = ALGORITHMS.into_iter().find(|(known, _)| *known == algorithm);
        Self::new("did:x:issuer", named.expect("a key of this algorithm"), 1)
    }

    pub(super) fn holder() -> Self {
        Self::new("did:x:holder", (Algorithm::Es256, "key-1"), 2)
    }

    pub(super) fn key(&self) -> &VerifyingKey {
        self.signer.key().verifying_key()
    }

    pub(super) fn signatory(&self) -> Signatory<'_> {
        Signatory { key_id: self.signer.key_id(), key: self.key() }
    }

    pub(super) fn pair(&self) -> (&dyn Signer, &VerifyingKey) {
        (&self.signer, self.key())
    }

    fn method(&self) -> VerificationMethod {
        method(&self.did, self.signer.key_id().fragment(), self.key().to_multikey())
    }
}

fn method(did: &Did, name: &str, key: Multikey) -> VerificationMethod {
    VerificationMethod {
        id: did.key(name).expect("a key id"),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key),
        revoked: None,
    }
}

/// The issuer's BBS key, called `bbs`.
pub(super) static BBS: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(&mut TestEntropy::new(6)));

/// The document of the issuer, with a key of each kind.
pub(super) fn issuer_document() -> Resolved {
    let did: Did = "did:x:issuer".parse().expect("a DID");
    let all = &VerificationRelationship::ALL;
    let mut document = DidDocument::new(did.clone());
    for (algorithm, _) in ALGORITHMS {
        document = document.with_key(Party::issuer(algorithm).method(), all);
    }
    Resolved::immutable(document.with_key(method(&did, "bbs", BBS.public_key().to_multikey()), all))
}

/// Every key that signs here.
pub(super) static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let holder = Party::holder();
    let document =
        DidDocument::new(holder.did.clone()).with_key(holder.method(), &VerificationRelationship::ALL);
    let mut ring = KeyRing::new();
    ring.add(&issuer_document());
    ring.add(&Resolved::immutable(document));
    ring
});

/// A credential bound to the key `holder`.
pub(super) fn credential(holder: Holder) -> Credential {
    let is_key = matches!(holder, Holder::Key(_));
    let status = if is_key {
        StatusEntry::Token { list: LIST.to_owned(), index: 7 }
    } else {
        StatusEntry::Bitstring {
            list: LIST.to_owned(),
            index: 7,
            purpose: StatusPurpose::Revocation,
            messages: None,
        }
    };
    let builder = Credential::builder(KIND.parse().expect("a type"), "did:x:issuer")
        .holder(holder)
        .valid(Validity { from: Some(earlier(1000)), until: Some(later(1000)) })
        .issued_at(earlier(1000))
        .id("urn:uuid:7".to_owned())
        .status(status);
    let claims = serde_json::json!({
        "family_name": "김",
        "given_name": "한별",
        "birthdate": "1990-05-17",
        "age_over_18": true,
        "address": {"locality": "대구광역시", "street": "공평로 88"},
        "nationalities": ["KR", "UZ"],
    });
    builder.claims(claims.as_object().cloned().unwrap_or_default()).build()
}

/// Bound to the holder's key.
pub(super) fn for_key() -> Credential {
    credential(Holder::Key(Party::holder().key().to_jwk()))
}

/// Bound to the holder's DID.
pub(super) fn for_did() -> Credential {
    credential(Holder::Did(Party::holder().did))
}
