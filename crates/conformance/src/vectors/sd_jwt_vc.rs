//! SD-JWT VCs as their issuer signs them, and every rule that one can break.

mod broken;

use super::{
    case::{Case, NOW, NOW_TEXT},
    party::Party,
    sd_jwt::{Draft, KIND, digest},
};
use anyhow::{Context, Result};
use broken::REFUSED;
use serde_json::{Value, json};
use sinpyo_core::encoding::{from_base64url, to_base64url};
use sinpyo_crypto::Algorithm;

pub(super) fn cases() -> Result<Vec<Case>> {
    let issuer = Party::issuer()?;
    let mut cases = issued()?;
    for (name, rule, source, change) in REFUSED {
        let mut draft = Draft::usual(&issuer);
        change(&mut draft);
        cases.push(Case::refused((name, rule, source), given(&issuer), draft.sign(&issuer)?));
    }
    cases.extend(altered(&issuer)?);
    Ok(cases)
}

/// Credentials that are accepted.
fn issued() -> Result<Vec<Case>> {
    let acceptance = |name, source, draft: &Draft, issuer: &Party, claims: Value| -> Result<Case> {
        let facts = json!({"issuer": issuer.did, "type": KIND, "claims": claims});
        let title = (name, &["SDJ-05", "JWS-11"][..], source);
        Ok(Case::accepted(title, given(issuer), draft.sign(issuer)?, facts))
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

    let mut deepest = Draft::new(&issuer);
    nested(&mut deepest, 63);
    let mut claims = (0..62).fold(json!({}), |inner, _| json!({"inner": inner}));
    claims = json!({"country": "KR", "inner": claims});
    cases.push(acceptance("64-levels", "RFC 9901 §4.2.6", &deepest, &issuer, claims)?);
    Ok(cases)
}

/// `count` disclosures, each of a claim of the one before, around an empty object.
fn nested(draft: &mut Draft, count: usize) {
    let mut value = json!({});
    let mut digest = String::new();
    for _ in 0..count {
        let disclosure = json!([draft.salt(), "inner", value]);
        digest = draft.disclose(&disclosure);
        value = json!({"_sd": [digest]});
    }
    draft.refer(&digest);
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
        (("signature-flipped", "JWS-11", "RFC 7515 §5.2"), usual.around(&flipped(&token)?)),
        (("signature-of-another-payload", "JWS-11", "RFC 7515 §5.2"), usual.around(&spliced.join("."))),
        (("signature-by-another-key", "JWS-11", "RFC 7515 §5.2"), usual.sign(&Party::impostor()?)?),
        (
            ("key-binding-that-nobody-asked-for", "SDJ-11", "RFC 9901 §7.3"),
            usual.around(&token) + &key_binding,
        ),
    ];
    let mut cases: Vec<_> =
        cases.into_iter().map(|(title, wire)| Case::refused(title, given(issuer), wire)).collect();
    let title = ("issuer-unresolved", "JWS-16", "DID Core §7");
    cases.push(Case::refused(title, given(&Party::holder()?), usual.around(&token)));
    Ok(cases)
}

/// The token with one bit of its signature flipped.
fn flipped(token: &str) -> Result<String> {
    let (signed, signature) = token.rsplit_once('.').context("a token has a signature")?;
    let mut signature = from_base64url(signature)?;
    signature.iter_mut().take(1).for_each(|byte| *byte ^= 1);
    Ok(format!("{signed}.{}", to_base64url(&signature)))
}

fn given(known: &Party) -> Value {
    json!({"now": NOW_TEXT, "documents": [known.document()]})
}
