//! A resident credential (K01) with synthetic values: eleven claims, each of which may be shown alone.

use crate::os::OsEntropy;
use anyhow::Context as _;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Validity},
    did::KeyId,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    jwk::PublicJwk,
    resolved::Resolved,
    status::StatusEntry,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_proof::KeyRing;
use std::sync::Arc;

/// The issuer.
pub(super) const ISSUER: &str = "did:web:issuer.example";
/// The credential's type.
pub(super) const TYPE: &str = "https://credentials.example/resident";
/// The issuer's status list.
pub(super) const STATUS_LIST: &str = "https://issuer.example/status/1";
const ISSUED: i64 = 1_750_000_000;
const EXPIRES: i64 = 4_102_444_800;

/// The claims and whether they are shown.
const CLAIMS: [(&str, bool); 11] = [
    ("region_sido", true),
    ("region_sigungu", true),
    ("age_over_19", true),
    ("family_name", true),
    ("given_name", true),
    ("birth_date", false),
    ("age_over_14", false),
    ("age_over_18", false),
    ("region_eupmyeondong", false),
    ("postal_code", false),
    ("road_address", false),
];

/// When everything here is checked.
pub(super) fn now() -> anyhow::Result<Timestamp> {
    time(1_780_000_000)
}

fn time(seconds: i64) -> anyhow::Result<Timestamp> {
    Timestamp::from_unix(seconds).context("no time")
}

/// An issuer with a key made for this run.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) signer: KeySigner,
    /// Its document, parsed once, as a verifier keeps it.
    pub(super) keys: Arc<KeyRing>,
}

impl Issuer {
    pub(super) fn new(algorithm: Algorithm) -> anyhow::Result<Self> {
        let key_id: KeyId = format!("{ISSUER}#key-1").parse()?;
        let key = SigningKey::generate(algorithm, &mut OsEntropy);
        let method = VerificationMethod {
            id: key_id.clone(),
            controller: key_id.did(),
            key: PublicKeyMaterial::Multikey(key.verifying_key().to_multikey()),
            revoked: None,
        };
        let document = DidDocument::new(key_id.did()).with_key(method, &[AssertionMethod]);
        let keys = Arc::new(KeyRing::of(&Resolved::immutable(document)));
        Ok(Self { signer: KeySigner::new(key_id, key), keys })
    }

    pub(super) const fn key(&self) -> &VerifyingKey {
        self.signer.key().verifying_key()
    }
}

/// The claims that may be shown or not.
pub(super) fn selective() -> Vec<ClaimPath> {
    CLAIMS.iter().map(|(name, _)| ClaimPath::name(name)).collect()
}

/// The claims that are shown.
pub(super) fn shown() -> Vec<ClaimPath> {
    CLAIMS.iter().filter(|(_, shown)| *shown).map(|(name, _)| ClaimPath::name(name)).collect()
}

/// The names of those.
pub(super) fn shown_names() -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().filter(|(_, shown)| *shown).map(|(name, _)| *name)
}

/// The claims about resident `index`.
pub(super) fn claims(index: usize) -> Map<String, Value> {
    let value = |name| match name {
        "region_sido" => json!("11"),
        "region_sigungu" => json!("11680"),
        "family_name" => json!("홍"),
        "given_name" => json!(format!("길동{index}")),
        "birth_date" => {
            json!(format!("19{:02}-{:02}-{:02}", 40 + index % 60, 1 + index % 12, 1 + index % 28))
        }
        "region_eupmyeondong" => json!(format!("11680{:05}", index % 100_000)),
        "postal_code" => json!(format!("06{:03}", index % 1_000)),
        "road_address" => json!(format!("서울특별시 강남구 테헤란로 {}길 {}", 1 + index % 90, 1 + index)),
        _ => json!(true),
    };
    CLAIMS.iter().map(|(name, _)| ((*name).to_owned(), value(*name))).collect()
}

/// The credential of resident `index`, who holds `holder`.
pub(super) fn credential(index: usize, holder: PublicJwk) -> anyhow::Result<Credential> {
    let status = StatusEntry::Token { list: STATUS_LIST.to_owned(), index: u64::try_from(index)? };
    let validity = Validity { from: None, until: Some(time(EXPIRES)?) };
    let credential = Credential::builder(TYPE.parse()?, ISSUER)
        .holder(Holder::Key(holder))
        .valid(validity)
        .issued_at(time(ISSUED)?)
        .status(status)
        .claims(claims(index));
    Ok(credential.build())
}

/// What an issuer starts from: the same, as the claims of a token.
pub(super) fn order(index: usize, holder: &PublicJwk) -> Map<String, Value> {
    let mut order = claims(index);
    for (name, value) in [
        ("iss", json!(ISSUER)),
        ("vct", json!(TYPE)),
        ("iat", json!(ISSUED)),
        ("exp", json!(EXPIRES)),
        ("cnf", json!({"jwk": holder.members()})),
        ("status", json!({"status_list": {"idx": index, "uri": STATUS_LIST}})),
    ] {
        order.insert(name.to_owned(), value);
    }
    order
}

/// The credential of resident `index` in the W3C data model 2.0.
pub(super) fn document(index: usize) -> anyhow::Result<Map<String, Value>> {
    let mut subject = claims(index);
    subject.insert("id".to_owned(), json!(format!("did:example:resident-{index}")));
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "ResidentCredential"],
        "issuer": ISSUER,
        "validFrom": time(ISSUED)?.to_string(),
        "validUntil": time(EXPIRES)?.to_string(),
        "credentialSubject": subject,
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": index.to_string(),
            "statusListCredential": STATUS_LIST,
        },
    });
    document.as_object().cloned().context("no object")
}

/// The claims of a `vc+jwt` around [`document`].
pub(super) fn token_claims(index: usize) -> anyhow::Result<Map<String, Value>> {
    let mut claims = document(index)?;
    for (name, value) in [("iss", json!(ISSUER)), ("iat", json!(ISSUED)), ("exp", json!(EXPIRES))] {
        claims.insert(name.to_owned(), value);
    }
    Ok(claims)
}
