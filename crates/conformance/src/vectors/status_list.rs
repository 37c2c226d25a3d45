//! Status lists of both formats. The packed lists are those of the specifications.

use super::{
    case::{Case, NOW, NOW_TEXT},
    party::{Members, Party, members, set},
};
use anyhow::Result;
use serde_json::{Value, json};

const URI: &str = "https://issuer.example/status/1";
/// Token Status List §4.1: twelve entries of two bits: 1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3.
const TWO_BITS: &str = "eNo76fITAAPfAgc";
/// BSL, appendix A.1: 131,072 zeros.
const ZEROS: &str = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
/// The same with entry 5 set, and 16 zeros, each packed by `gzip` of Python.
const FIFTH: &str = "uH4sIAAAAAAACA-3BIQEAAAACIIP_NzvDAjQAAAAAAAAAAAAAAAAAAADA2wC5foOwAEAAAA";
const SHORT: &str = "uH4sIAAAAAAACA2NgAAD_EtlBAgAAAA";

type Change = fn(&mut Members);

/// Name, rule, section, what the publisher does wrong with a token.
const TOKENS: [(&str, &str, &str, Change); 11] = [
    ("another-list", "STL-02", "Token Status List §8.3 step 4", |claims| {
        set(claims, "sub", "https://issuer.example/status/2");
    }),
    ("no-list", "STL-03", "Token Status List §5.1", |claims| drop(claims.remove("status_list"))),
    ("no-time", "STL-03", "Token Status List §5.1", |claims| drop(claims.remove("iat"))),
    ("time-to-live-of-nothing", "STL-03", "Token Status List §5.1", |claims| set(claims, "ttl", 0)),
    ("another-issuer", "STL-03", "policy", |claims| set(claims, "iss", "did:example:ministry")),
    ("three-bits", "STS-05", "Token Status List §4.1", |claims| pack(claims, 3, TWO_BITS)),
    ("not-packed", "STS-03", "Token Status List §4.1", |claims| pack(claims, 2, "yUT5")),
    ("padded", "STS-04", "Token Status List §4.2", |claims| pack(claims, 2, "eNo76fITAAPfAgc=")),
    ("expired", "JWS-14", "Token Status List §8.3 step 4", |claims| set(claims, "exp", NOW - 60)),
    ("exp-as-text", "JWS-13", "RFC 7519 §4.1.4", |claims| set(claims, "exp", (NOW + 1).to_string())),
    ("issued-in-the-future", "JWS-15", "RFC 7519 §4.1.6", |claims| set(claims, "iat", NOW + 61)),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let issuer = Party::issuer()?;
    let list = token(&issuer, &claims(), "statuslist+jwt")?;
    let mut cases = Vec::new();
    for (name, index, status) in [
        ("valid", 2, "valid"),
        ("revoked", 0, "revoked"),
        ("suspended", 1, "suspended"),
        ("other", 3, "other"),
    ] {
        cases.push(acceptance((name, "Token Status List §8.3"), list.clone(), &entry(index), status)?);
    }
    let beyond = ("beyond-the-range", "STS-01", "Token Status List §8.3");
    cases.push(refusal(beyond, list.clone(), &entry(12))?);
    for (name, rule, source, change) in TOKENS {
        let mut claims = claims();
        change(&mut claims);
        cases.push(refusal((name, rule, source), token(&issuer, &claims, "statuslist+jwt")?, &entry(2))?);
    }
    let other_typ = token(&issuer, &claims(), "jwt")?;
    cases.push(refusal(("wrong-typ", "JWS-04", "Token Status List §5.1"), other_typ, &entry(2))?);
    let forged = token(&Party::impostor()?, &claims(), "statuslist+jwt")?;
    cases.push(refusal(("another-key", "JWS-11", "RFC 7515 §5.2"), forged, &entry(2))?);
    let other_format = ("token-for-a-bitstring", "STL-01", "BSL §3.2");
    cases.push(refusal(other_format, list, &bit(0, "revocation"))?);
    cases.extend(bitstrings(&issuer)?);
    Ok(cases)
}

/// The same for Bitstring Status List credentials.
fn bitstrings(issuer: &Party) -> Result<Vec<Case>> {
    let list = |encoded: &str| bitstring(issuer, URI, encoded);
    let accept = |name, index, encoded, status| {
        acceptance((name, "BSL §3.2"), list(encoded)?, &bit(index, "revocation"), status)
    };
    let refuse = |name, rule, source, list, entry| refusal((name, rule, source), list, entry);
    let elsewhere = bitstring(issuer, "https://issuer.example/status/2", ZEROS)?;
    Ok(vec![
        accept("bitstring-valid", 131_071, ZEROS, "valid")?,
        accept("bitstring-revoked", 5, FIFTH, "revoked")?,
        accept("bitstring-neighbour-of-a-revoked-one", 4, FIFTH, "valid")?,
        refuse(
            "bitstring-beyond-the-range",
            "STS-01",
            "BSL §3.2",
            list(ZEROS)?,
            &bit(131_072, "revocation"),
        )?,
        refuse("bitstring-too-short", "STL-05", "BSL §2.2", list(SHORT)?, &bit(0, "revocation"))?,
        refuse("bitstring-another-purpose", "STL-04", "BSL §3.2", list(ZEROS)?, &bit(0, "suspension"))?,
        refuse("bitstring-another-list", "STL-02", "BSL §3.2", elsewhere, &bit(0, "revocation"))?,
        refuse(
            "bitstring-without-multibase",
            "STS-04",
            "BSL §2.2",
            list(&ZEROS.replacen('u', "", 1))?,
            &bit(0, "revocation"),
        )?,
        refuse("bitstring-not-packed", "STS-03", "BSL §2.2", list("uAAAA")?, &bit(0, "revocation"))?,
        refuse("bitstring-for-a-token", "STL-01", "Token Status List §8.3", list(ZEROS)?, &entry(0))?,
    ])
}

fn claims() -> Members {
    let mut claims = members(json!({
        "sub": URI, "iss": "did:example:issuer", "iat": NOW - 10, "exp": NOW + 1000, "ttl": 43200,
    }));
    pack(&mut claims, 2, TWO_BITS);
    claims
}

fn pack(claims: &mut Members, bits: u8, list: &str) {
    set(claims, "status_list", json!({"bits": bits, "lst": list}));
}

fn token(issuer: &Party, claims: &Members, typ: &str) -> Result<String> {
    let header = json!({"alg": issuer.algorithm(), "typ": typ, "kid": issuer.method()});
    issuer.token(&header.to_string(), &json!(claims).to_string())
}

/// A list in a credential [BSL §2.2], secured as `vc+jwt`.
fn bitstring(issuer: &Party, uri: &str, encoded: &str) -> Result<String> {
    let credential = members(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": uri,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": issuer.did,
        "validFrom": "2026-11-22T03:00:00Z", "validUntil": "2026-11-23T03:00:00Z",
        "credentialSubject": {
            "id": format!("{uri}#list"), "type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }));
    token(issuer, &credential, "vc+jwt")
}

/// What a credential says about its status in a Token Status List.
fn entry(index: u64) -> Value {
    json!({"status_list": {"uri": URI, "idx": index}})
}

/// What a credential says about its status in a Bitstring Status List.
fn bit(index: u64, purpose: &str) -> Value {
    json!({
        "type": "BitstringStatusListEntry", "statusPurpose": purpose,
        "statusListIndex": index.to_string(), "statusListCredential": URI,
    })
}

fn acceptance(
    (name, source): (&'static str, &'static str),
    input: String,
    entry: &Value,
    status: &str,
) -> Result<Case> {
    let issuer = Party::issuer()?;
    let facts = json!({"status": status, "publisher": issuer.did});
    Ok(Case::accepted((name, &["STS-01", "STL-02"], source), given(&issuer, entry), input, facts))
}

fn refusal(title: (&'static str, &'static str, &'static str), input: String, entry: &Value) -> Result<Case> {
    Ok(Case::refused(title, given(&Party::issuer()?, entry), input))
}

fn given(issuer: &Party, entry: &Value) -> Value {
    json!({"now": NOW_TEXT, "documents": [issuer.document()], "status": entry})
}
