//! What an issuer can do wrong.

use super::{
    super::{
        case::NOW,
        party::set,
        sd_jwt::{Draft, digest},
    },
    nested,
};
use serde_json::{Value, json};

/// Breaks a rule before the issuer signs.
pub(super) type Change = fn(&mut Draft);

/// Name, rule, section, what the issuer does wrong.
pub(super) const REFUSED: [(&str, &str, &str, Change); 45] = [
    ("wrong-typ", "JWS-04", "SD-JWT VC §3.2.1", |draft| set(&mut draft.header, "typ", "jwt")),
    ("typ-of-another-draft", "VCJ-01", "SD-JWT VC §3.2.1", |draft| {
        set(&mut draft.header, "typ", "vc+sd-jwt");
    }),
    ("alg-none", "JWS-03", "RFC 8725 §3.1", |draft| set(&mut draft.header, "alg", "none")),
    ("alg-of-another-key", "JWS-03", "RFC 8725 §3.1", |draft| set(&mut draft.header, "alg", "EdDSA")),
    ("alg-symmetric", "JWS-03", "RFC 8725 §2.1", |draft| set(&mut draft.header, "alg", "HS256")),
    ("critical-header", "JWS-05", "RFC 7515 §4.1.11", |draft| set(&mut draft.header, "crit", json!(["x"]))),
    ("unencoded-payload", "JWS-06", "RFC 7797 §6", |draft| set(&mut draft.header, "b64", true)),
    ("key-in-the-header", "JWS-07", "RFC 8725 §3.10", |draft| set(&mut draft.header, "jwk", json!({}))),
    ("key-address-in-the-header", "JWS-07", "RFC 8725 §3.10", |draft| {
        set(&mut draft.header, "jku", "https://issuer.example/keys");
    }),
    ("compressed", "JWS-08", "RFC 8725 §3.6", |draft| set(&mut draft.header, "zip", "DEF")),
    ("no-kid", "JWS-09", "DID Core §3.2", |draft| drop(draft.header.remove("kid"))),
    ("kid-without-fragment", "JWS-09", "DID Core §3.2", |draft| {
        set(&mut draft.header, "kid", "did:example:issuer");
    }),
    ("kid-with-upper-case-method", "JWS-09", "DID Core §3.1", |draft| {
        set(&mut draft.header, "kid", "did:Example:issuer#key-1");
    }),
    ("kid-with-broken-percent-encoding", "JWS-09", "DID Core §3.1", |draft| {
        set(&mut draft.header, "kid", "did:example:issuer%4#key-1");
    }),
    ("exp-as-text", "JWS-13", "RFC 7519 §4.1.4", |draft| draft.claim("exp", (NOW + 1000).to_string())),
    ("exp-with-a-fraction", "JWS-13", "policy", |draft| draft.claim("exp", 1_795_320_100.5)),
    ("nbf-null", "JWS-13", "RFC 7519 §4.1.5", |draft| draft.claim("nbf", Value::Null)),
    ("expired", "JWS-14", "RFC 7519 §4.1.4", |draft| draft.claim("exp", NOW - 60)),
    ("not-yet-valid", "JWS-15", "RFC 7519 §4.1.5", |draft| draft.claim("nbf", NOW + 61)),
    ("issued-in-the-future", "JWS-15", "policy", |draft| draft.claim("iat", NOW + 61)),
    ("disclosure-padded", "SDJ-01", "RFC 9901 §4.2.1", |draft| {
        let text = "WyJzIiwiYSIsMV0=".to_owned();
        draft.refer(&digest(&text));
        draft.disclosures.push(text);
    }),
    ("digest-twice", "SDJ-04", "RFC 9901 §7.1 step 4", |draft| {
        let digest = draft.hide("given_name", json!("한별"));
        draft.refer(&digest);
    }),
    ("digest-twice-undisclosed", "SDJ-04", "RFC 9901 §7.1 step 4", |draft| {
        let digest = digest("decoy");
        draft.refer(&digest);
        draft.claim("address", json!({"_sd": [digest]}));
    }),
    ("disclosure-unreferenced", "SDJ-05", "RFC 9901 §7.1 step 5", |draft| {
        let disclosure = json!([draft.salt(), "age_over_65", true]);
        draft.disclose(&disclosure);
    }),
    ("disclosure-twice", "SDJ-05", "RFC 9901 §7.1 step 5", |draft| {
        draft.disclosures.extend_from_within(..1);
    }),
    ("name-taken", "SDJ-06", "RFC 9901 §7.1 step 3.c.ii.3", |draft| {
        drop(draft.hide("country", json!("UZ")));
    }),
    ("name-disclosed-twice", "SDJ-06", "RFC 9901 §7.1 step 3.c.ii.3", |draft| {
        draft.hide("family_name", json!("이"));
    }),
    ("name-reserved-sd", "SDJ-07", "RFC 9901 §7.1 step 3.c.ii.2", |draft| {
        drop(draft.hide("_sd", json!([])));
    }),
    ("name-reserved-dots", "SDJ-07", "RFC 9901 §7.1 step 3.c.ii.2", |draft| {
        drop(draft.hide("...", json!(1)));
    }),
    ("name-reserved-visible", "SDJ-07", "RFC 9901 §4.1", |draft| draft.claim("...", digest("decoy"))),
    ("element-in-the-place-of-a-claim", "SDJ-08", "RFC 9901 §7.1 step 3.c.ii.1", |draft| {
        let disclosure = json!([draft.salt(), "KR"]);
        let digest = draft.disclose(&disclosure);
        draft.refer(&digest);
    }),
    ("claim-in-the-place-of-an-element", "SDJ-08", "RFC 9901 §7.1 step 3.c.iii.1", |draft| {
        let disclosure = json!([draft.salt(), "nationality", "KR"]);
        let digest = draft.disclose(&disclosure);
        draft.claim("nationalities", json!([{"...": digest}]));
    }),
    ("disclosure-of-four-parts", "SDJ-08", "RFC 9901 §7.1 step 3.c.ii.1", |draft| {
        let disclosure = json!([draft.salt(), "given_name", "한별", true]);
        let digest = draft.disclose(&disclosure);
        draft.refer(&digest);
    }),
    ("digests-no-list", "SDJ-08", "RFC 9901 §4.2.4.1", |draft| draft.claim("address", json!({"_sd": "x"}))),
    ("hash-unknown", "SDJ-09", "RFC 9901 §4.1.1", |draft| draft.claim("_sd_alg", "md5")),
    ("expiry-disclosed", "SDJ-10", "SD-JWT VC §3.2.2.2", |draft| {
        draft.payload.remove("exp");
        draft.hide("exp", json!(NOW + 1000));
    }),
    ("status-disclosed", "SDJ-10", "SD-JWT VC §3.2.2.2", |draft| {
        draft.hide("status", json!({"status_list": {"uri": "https://issuer.example/status/1", "idx": 1}}));
    }),
    ("65-levels", "SDJ-21", "policy", |draft| nested(draft, 64)),
    ("disclosure-with-a-member-twice", "JSON-01", "RFC 7493 §2.3", |draft| {
        let digest = draft.disclose_text(br#"["s","address",{"a":1,"a":2}]"#);
        draft.refer(&digest);
    }),
    ("disclosure-no-json", "JSON-06", "RFC 9901 §4.2.1", |draft| {
        let digest = draft.disclose_text(br#"["s","a",1"#);
        draft.refer(&digest);
    }),
    ("issuer-of-another-name", "VCJ-06", "VCDM 2.0 §7.1", |draft| {
        draft.claim("iss", "did:example:ministry");
    }),
    ("no-type", "VCJ-07", "SD-JWT VC §3.2.2.1", |draft| drop(draft.payload.remove("vct"))),
    ("confirmation-without-key", "VCJ-07", "SD-JWT VC §3.2.2.2", |draft| {
        draft.claim("cnf", json!({"kid": "did:example:holder#key-1"}));
    }),
    ("status-without-index", "VCJ-07", "Token Status List §6.2", |draft| {
        draft.claim("status", json!({"status_list": {"uri": "https://issuer.example/status/1"}}));
    }),
    ("status-mechanism-unknown", "VCJ-08", "SD-JWT VC §3.2.2.2", |draft| {
        draft.claim("status", json!({"oracle": "https://issuer.example/ask"}));
    }),
];
