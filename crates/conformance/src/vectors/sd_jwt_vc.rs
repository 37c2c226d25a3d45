//! SD-JWT VCs as their issuer signs them, and every rule that one can break.

use super::{
    case::{Case, NOW, NOW_TEXT, accepted, refused},
    party::{Party, set},
    sd_jwt::{Draft, KIND, digest},
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;

/// Breaks a rule before the issuer signs.
type Change = fn(&mut Draft);

/// Name, rule, section, what the issuer does wrong.
const REFUSED: [(&str, &str, &str, Change); 45] = [
    ("wrong-typ", "JWS-04", "SD-JWT VC §3.2.1", |draft| set(&mut draft.header, "typ", "jwt")),
    ("typ-of-another-draft", "JWS-04", "SD-JWT VC §3.2.1", |draft| {
        set(&mut draft.header, "typ", "vc+sd-jwt")
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
        drop(draft.hide("country", json!("UZ")))
    }),
    ("name-disclosed-twice", "SDJ-06", "RFC 9901 §7.1 step 3.c.ii.3", |draft| {
        draft.hide("family_name", json!("이"));
    }),
    ("name-reserved-sd", "SDJ-07", "RFC 9901 §7.1 step 3.c.ii.2", |draft| {
        drop(draft.hide("_sd", json!([])))
    }),
    ("name-reserved-dots", "SDJ-07", "RFC 9901 §7.1 step 3.c.ii.2", |draft| {
        drop(draft.hide("...", json!(1)))
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
    ("65-levels", "SDJ-21", "policy", nested),
    ("disclosure-with-a-member-twice", "JSON-01", "RFC 7493 §2.3", |draft| {
        let digest = draft.disclose_text(br#"["s","address",{"a":1,"a":2}]"#);
        draft.refer(&digest);
    }),
    ("disclosure-no-json", "JSON-06", "RFC 9901 §4.2.1", |draft| {
        let digest = draft.disclose_text(br#"["s","a",1"#);
        draft.refer(&digest);
    }),
    ("issuer-of-another-name", "VCJ-06", "VCDM 2.0 §7.1", |draft| {
        draft.claim("iss", "did:example:ministry")
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

/// Disclosures within disclosures, 65 deep with the credential itself.
fn nested(draft: &mut Draft) {
    let mut value = json!({});
    for _ in 0..64 {
        let disclosure = json!([draft.salt(), "inner", value]);
        value = json!({"_sd": [draft.disclose(&disclosure)]});
    }
    let digests = value.get("_sd").and_then(Value::as_array).into_iter().flatten();
    digests.filter_map(Value::as_str).for_each(|digest| draft.refer(digest));
}

pub(super) fn cases() -> Result<Vec<Case>> {
    let issuer = Party::issuer()?;
    let mut cases = issued()?;
    for (name, rule, source, change) in REFUSED {
        let mut draft = Draft::usual(&issuer);
        change(&mut draft);
        cases.push(refusal((name, rule, source), draft.sign(&issuer)?, &issuer));
    }
    cases.extend(altered(&issuer)?);
    Ok(cases)
}

/// Credentials that are accepted.
fn issued() -> Result<Vec<Case>> {
    let acceptance = |name, source, draft: &Draft, issuer: &Party, claims: Value| -> Result<Case> {
        let facts = json!({"issuer": issuer.did, "type": KIND, "claims": claims});
        let (given, input) = (given(issuer), draft.sign(issuer)?);
        Ok(Case { name, source, checks: vec!["SDJ-05", "JWS-11"], given, input, expect: accepted(facts) })
    };
    let mut cases = Vec::new();
    let shown = json!({"country": "KR", "family_name": "김", "age_over_18": true});
    for (name, algorithm) in [("es256", Algorithm::Es256), ("ed25519", Algorithm::Ed25519)] {
        let issuer = Party::new("did:example:issuer", algorithm, 1)?;
        cases.push(acceptance(name, "RFC 9901 §7.1", &Draft::usual(&issuer), &issuer, shown.clone())?);
    }
    let issuer = Party::issuer()?;
    let mut hidden = Draft::usual(&issuer);
    hidden.disclosures.clear();
    let visible = json!({"country": "KR"});
    cases.push(acceptance("nothing-disclosed", "RFC 9901 §7.1", &hidden, &issuer, visible.clone())?);

    let mut edge = Draft::new(&issuer);
    edge.claim("exp", NOW - 59);
    edge.claim("nbf", NOW + 60);
    cases.push(acceptance("times-within-clock-skew", "RFC 7519 §4.1.4", &edge, &issuer, visible)?);

    let mut deep = Draft::new(&issuer);
    let locality = json!([deep.salt(), "locality", "대구광역시"]);
    let locality = deep.disclose(&locality);
    deep.hide("address", json!({"_sd": [locality, digest("decoy")]}));
    let element = json!([deep.salt(), "KR"]);
    let element = deep.disclose(&element);
    deep.claim("nationalities", json!([{"...": element}, "UZ", {"...": digest("another decoy")}]));
    let claims =
        json!({"country": "KR", "address": {"locality": "대구광역시"}, "nationalities": ["KR", "UZ"]});
    cases.push(acceptance("disclosures-within-disclosures", "RFC 9901 §4.2.6", &deep, &issuer, claims)?);
    Ok(cases)
}

/// What somebody did to a credential after it was signed, or what is known about its signer.
fn altered(issuer: &Party) -> Result<Vec<Case>> {
    let usual = Draft::usual(issuer);
    let (header, payload) = (json!(usual.header).to_string(), json!(usual.payload).to_string());
    let token = issuer.token(&header, &payload)?;
    let rewritten = issuer.token(&header, &payload.replace("\"KR\"", "\"UZ\""))?;
    let twice = |text: &str, member: &str| text.replacen('{', &format!("{{{member},"), 1);
    let typ_twice = issuer.token(&twice(&header, r#""typ":"jwt""#), &payload)?;
    let iss_twice = issuer.token(&header, &twice(&payload, r#""iss":"did:example:ministry""#))?;
    let parts = |token: &str| -> Vec<String> { token.split('.').map(str::to_owned).collect() };
    let spliced: Vec<_> =
        parts(&rewritten).into_iter().take(2).chain(parts(&token).into_iter().skip(2)).collect();
    let bare = token.rsplit_once('.').map_or("", |(signed, _)| signed);
    let key_binding = issuer.token(r#"{"alg":"ES256","typ":"kb+jwt"}"#, "{}")?;
    let cases = [
        (("no-signature", "JWS-01", "RFC 7515 §7.1"), usual.around(bare)),
        (("padded", "JWS-01", "RFC 7515 §2"), usual.around(&format!("{token}="))),
        (("header-member-twice", "JWS-02", "RFC 7515 §4"), usual.around(&typ_twice)),
        (("payload-member-twice", "JWS-12", "RFC 7519 §4"), usual.around(&iss_twice)),
        (("signature-flipped", "JWS-11", "RFC 7515 §5.2"), usual.around(&flipped(&token))),
        (("signature-of-another-payload", "JWS-11", "RFC 7515 §5.2"), usual.around(&spliced.join("."))),
        (("signature-by-another-key", "JWS-11", "RFC 7515 §5.2"), usual.sign(&Party::impostor()?)?),
        (
            ("key-binding-that-nobody-asked-for", "SDJ-11", "RFC 9901 §7.3"),
            usual.around(&token) + &key_binding,
        ),
    ];
    let mut cases: Vec<_> = cases.into_iter().map(|(title, wire)| refusal(title, wire, issuer)).collect();
    let title = ("issuer-unresolved", "JWS-16", "DID Core §7");
    cases.push(refusal(title, usual.around(&token), &Party::holder()?));
    Ok(cases)
}

/// The token with the lowest bit of the first byte of its signature flipped.
fn flipped(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or_default();
    // The second character of base64url holds the last two bits of the first byte above four of the second.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let flip = |(position, character)| match alphabet.find(character) {
        Some(value) if position == 1 => alphabet.chars().nth(value ^ 0b01_0000).unwrap_or(character),
        _ => character,
    };
    let signature: String = signature.chars().enumerate().map(flip).collect();
    format!("{signed}.{signature}")
}

fn refusal(
    (name, rule, source): (&'static str, &'static str, &'static str),
    input: String,
    known: &Party,
) -> Case {
    Case { name, source, checks: vec![rule], given: given(known), input, expect: refused(rule) }
}

fn given(known: &Party) -> Value {
    json!({"now": NOW_TEXT, "documents": [known.document()]})
}
