//! SD-JWT VCs as their holder presents them to one verifier.

use super::{
    case::{Case, NOW, NOW_TEXT},
    party::{Members, Party, members, set},
    sd_jwt::{Draft, KIND, digest},
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;

const AUDIENCE: &str = "decentralized_identifier:did:example:post";
const NONCE: &str = "bm9uY2Utbm9uY2Utbm9uY2U";
/// How long ago the holder may have signed, in seconds. Clocks may disagree by 60 more.
const MAX_AGE: i64 = 300;

/// A presentation that is about to be signed.
struct KeyBinding {
    header: Members,
    claims: Members,
}

type Change = fn(&mut KeyBinding);

/// Name, rule, section, what the holder does wrong.
const REFUSED: [(&str, &str, &str, Change); 12] = [
    ("sd-hash-of-nothing", "SDJ-03", "RFC 9901 §4.3.1", |kb| set(&mut kb.claims, "sd_hash", digest(""))),
    ("wrong-nonce", "SDJ-13", "RFC 9901 §7.3 step 5e", |kb| {
        set(&mut kb.claims, "nonce", "YW5vdGhlci1ub25jZS1hbm90aGVy");
    }),
    ("wrong-audience", "SDJ-14", "RFC 9901 §7.3 step 5e", |kb| {
        set(&mut kb.claims, "aud", "decentralized_identifier:did:example:bank");
    }),
    ("stale", "SDJ-15", "RFC 9901 §7.3 step 5d", |kb| set(&mut kb.claims, "iat", NOW - MAX_AGE - 61)),
    ("ahead", "SDJ-15", "RFC 9901 §7.3 step 5d", |kb| set(&mut kb.claims, "iat", NOW + 61)),
    ("expired", "SDJ-15", "RFC 7519 §4.1.4", |kb| set(&mut kb.claims, "exp", NOW - 60)),
    ("no-time", "SDJ-16", "RFC 9901 §4.3", |kb| drop(kb.claims.remove("iat"))),
    ("time-as-text", "SDJ-16", "RFC 9901 §4.3", |kb| set(&mut kb.claims, "iat", NOW.to_string())),
    ("no-sd-hash", "SDJ-16", "RFC 9901 §4.3", |kb| drop(kb.claims.remove("sd_hash"))),
    ("two-audiences", "SDJ-16", "RFC 9901 §4.3", |kb| set(&mut kb.claims, "aud", json!([AUDIENCE, "x"]))),
    ("wrong-typ", "SDJ-12", "RFC 9901 §4.3", |kb| set(&mut kb.header, "typ", "jwt")),
    ("key-in-the-header", "SDJ-12", "RFC 8725 §3.10", |kb| set(&mut kb.header, "jwk", json!({}))),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let (issuer, holder) = (Party::issuer()?, Party::holder()?);
    let mut cases = accepted_cases()?;
    let shown = credential(&issuer, &holder).sign(&issuer)?;
    for (name, rule, source, change) in REFUSED {
        let mut kb = key_binding(&shown, &holder);
        change(&mut kb);
        cases.push(Case::refused((name, rule, source), given(&issuer), kb.sign(&shown, &holder)?));
    }
    cases.extend(altered(&issuer, &holder)?);
    Ok(cases)
}

fn accepted_cases() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, algorithm, age) in [
        ("es256", Algorithm::Es256, 5),
        ("ed25519", Algorithm::Ed25519, 5),
        ("as-old-as-may-be", Algorithm::Es256, MAX_AGE + 60),
        ("as-far-ahead-as-may-be", Algorithm::Es256, -60),
    ] {
        let issuer = Party::new("did:example:issuer", algorithm, 1)?;
        let holder = Party::new("did:example:holder", algorithm, 2)?;
        // Of the two claims that may be withheld, the family name is.
        let mut draft = credential(&issuer, &holder);
        draft.disclosures.remove(0);
        let shown = draft.sign(&issuer)?;
        let mut kb = key_binding(&shown, &holder);
        set(&mut kb.claims, "iat", NOW - age);
        let facts = json!({
            "issuer": issuer.did, "type": KIND, "claims": {"country": "KR", "age_over_18": true},
            "holder": holder.jwk(), "audience": AUDIENCE, "nonce": NONCE, "signed": NOW - age,
        });
        let checks = ["SDJ-02", "SDJ-03", "SDJ-12", "SDJ-13", "SDJ-14", "SDJ-15"];
        let input = kb.sign(&shown, &holder)?;
        cases.push(Case::accepted((name, &checks, "RFC 9901 §7.3"), given(&issuer), input, facts));
    }
    Ok(cases)
}

/// What goes wrong around the key binding token.
fn altered(issuer: &Party, holder: &Party) -> Result<Vec<Case>> {
    let full = credential(issuer, holder);
    let shown = full.sign(issuer)?;
    let bind = |shown: &str| key_binding(shown, holder).sign(shown, holder);
    let token_of = |wire: &str| wire.rsplit_once('~').map_or("", |(_, token)| token).to_owned();
    let mut fewer = credential(issuer, holder);
    fewer.disclosures.pop();
    let fewer = fewer.sign(issuer)?;
    let mut bearer = Draft::usual(issuer);
    let unbound = bearer.sign(issuer)?;
    bearer.claim("cnf", json!({"jwk": Party::new(&holder.did, Algorithm::Es256, 3)?.jwk()}));
    let of_another = bearer.sign(issuer)?;
    let cases = [
        (("key-binding-stripped", "SDJ-02", "RFC 9901 §7.3 steps 1-2"), shown.clone()),
        (("disclosure-removed", "SDJ-03", "RFC 9901 §4.3.1"), fewer.clone() + &token_of(&bind(&shown)?)),
        (("disclosure-added", "SDJ-03", "RFC 9901 §4.3.1"), shown.clone() + &token_of(&bind(&fewer)?)),
        (("no-holder-key", "SDJ-12", "RFC 9901 §7.3 step 5a"), bind(&unbound)?),
        (("key-of-another-holder", "SDJ-12", "RFC 9901 §7.3 step 5a"), bind(&of_another)?),
        (
            ("key-of-the-issuer", "SDJ-12", "RFC 9901 §7.3 step 5a"),
            key_binding(&shown, issuer).sign(&shown, issuer)?,
        ),
        (("credential-by-another-key", "JWS-11", "RFC 7515 §5.2"), bind(&full.sign(&Party::impostor()?)?)?),
    ];
    Ok(cases.into_iter().map(|(title, wire)| Case::refused(title, given(issuer), wire)).collect())
}

/// A credential of `issuer`, bound to the key of `holder`.
fn credential(issuer: &Party, holder: &Party) -> Draft {
    let mut draft = Draft::usual(issuer);
    draft.claim("cnf", json!({"jwk": holder.jwk()}));
    draft
}

/// The key binding of `holder` over `shown` [RFC 9901 §4.3].
fn key_binding(shown: &str, holder: &Party) -> KeyBinding {
    let claims = json!({"aud": AUDIENCE, "nonce": NONCE, "iat": NOW - 5, "sd_hash": digest(shown)});
    KeyBinding {
        header: members(json!({"alg": holder.algorithm(), "typ": "kb+jwt"})),
        claims: members(claims),
    }
}

impl KeyBinding {
    fn sign(&self, shown: &str, holder: &Party) -> Result<String> {
        let token = holder.token(&json!(self.header).to_string(), &json!(self.claims).to_string())?;
        Ok(shown.to_owned() + &token)
    }
}

fn given(known: &Party) -> Value {
    let challenge = json!({"audience": AUDIENCE, "nonce": NONCE, "maxAge": MAX_AGE});
    json!({"now": NOW_TEXT, "documents": [known.document()], "challenge": challenge})
}
