//! A resident credential (K01) with synthetic values: eleven claims, each of which may be disclosed alone.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// The issuer.
pub const ISSUER: &str = "did:web:issuer.example";
/// The issuer's key.
pub const KID: &str = "did:web:issuer.example#key-1";
/// The verifier, in key binding.
pub const AUDIENCE: &str = "https://verifier.example";
/// The verifier's nonce, in key binding.
pub const NONCE: &str = "q1bXJx5iQ0mUyqcUjkZKUA";
/// When presentations are made and checked, where the peer lets its caller say so. In the past, because the
/// peers that read the system clock refuse a credential of the future.
pub const NOW: i64 = 1_780_000_000;
/// When credentials are issued and when they end; the system clock lies between the two.
pub(crate) const ISSUED: i64 = 1_750_000_000;
/// The same as text.
pub const ISSUED_TEXT: &str = "2025-06-15T15:06:40Z";
pub(crate) const EXPIRES: i64 = 4_102_444_800;
/// The same as text.
pub const EXPIRES_TEXT: &str = "2100-01-01T00:00:00Z";
/// Before [`ISSUED`], for hostile inputs.
pub(crate) const LONG_AGO: i64 = 1_600_000_000;
/// The same as text.
pub const LONG_AGO_TEXT: &str = "2020-09-13T12:26:40Z";

/// The claims, in the order of the catalogue; the first [`DISCLOSED`] are shown.
pub const CLAIM_NAMES: [&str; 11] = [
    "region_sido",
    "region_sigungu",
    "age_over_19",
    "family_name",
    "given_name",
    "birth_date",
    "age_over_14",
    "age_over_18",
    "region_eupmyeondong",
    "postal_code",
    "road_address",
];
pub(crate) const DISCLOSED: usize = 5;

/// What every disclosure from the credential of 27 statements shows.
pub const MANDATORY: [&str; 4] = ["/issuer", "/validFrom", "/validUntil", "/credentialStatus"];
/// What its holder chooses to show beside that.
pub const SHOWN: [&str; DISCLOSED] = [
    "/credentialSubject/region_sido",
    "/credentialSubject/region_sigungu",
    "/credentialSubject/age_over_19",
    "/credentialSubject/family_name",
    "/credentialSubject/given_name",
];

/// The subject's claims of input `index`.
#[must_use]
pub fn claims(index: usize) -> Map<String, Value> {
    let values = [
        json!("11"),
        json!("11680"),
        json!(true),
        json!("홍"),
        json!(format!("길동{index}")),
        json!(format!("19{:02}-{:02}-{:02}", 40 + index % 60, 1 + index % 12, 1 + index % 28)),
        json!(true),
        json!(true),
        json!(format!("11680{:05}", index % 100_000)),
        json!(format!("06{:03}", index % 1_000)),
        json!(format!("서울특별시 강남구 테헤란로 {}길 {}", 1 + index % 90, 1 + index)),
    ];
    CLAIM_NAMES.into_iter().map(str::to_owned).zip(values).collect()
}

/// The reference to a Token Status List of input `index`.
pub(crate) fn status(index: usize) -> Value {
    json!({"status_list": {"idx": index, "uri": "https://issuer.example/status/1"}})
}

/// The DID of the subject of input `index`.
pub(crate) fn subject(index: usize) -> String {
    format!("did:example:{}", salt(index, "subject"))
}

/// 128 bits in base64url, different for each input and purpose.
pub(crate) fn salt(index: usize, purpose: &str) -> String {
    let hash = digest(&SHA256, format!("{purpose} {index}").as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().first_chunk::<16>().unwrap_or(&[0; 16]))
}
