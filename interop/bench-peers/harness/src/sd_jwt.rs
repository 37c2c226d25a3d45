//! An SD-JWT VC with five of eleven claims disclosed, with or without key binding [RFC 9901; SD-JWT VC].

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::k01::{
    AUDIENCE, CLAIM_NAMES, DISCLOSED, EXPIRES, ISSUED, ISSUER, KID, LONG_AGO, NONCE, NOW, claims, salt,
    status,
};
use crate::key::{Alg, Key};
use crate::sample::{Hostile, INPUTS, Jws, Material, Sample, edit, prepend_member};

const VCT: &str = "https://credentials.example/resident";

/// The inputs of `sd-jwt-vc verify`.
pub(crate) fn material(key: &Key) -> anyhow::Result<Material> {
    let holder = Key::generate(Alg::Es256)?;
    let samples = (0..INPUTS)
        .map(|index| {
            let token = Token::genuine(index, key, &holder)?;
            let jws = token.sign(key)?;
            Ok(Sample {
                wire: token.wire(&jws.text),
                message: jws.signing_input.into_bytes(),
                signature: jws.signature,
            })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Material { samples, hostile: hostile(key, &holder)? })
}

/// The inputs of `presentation verify`: each has a holder of its own.
pub(crate) fn presentations(key: &Key) -> anyhow::Result<Material> {
    let samples = (0..INPUTS)
        .map(|index| {
            let holder = Key::generate(Alg::Es256)?;
            let token = Token::genuine(index, key, &holder)?;
            let jws = token.sign(key)?;
            let wire = present(token.wire(&jws.text), &holder, |_, _| ())?;
            Ok(Sample { wire, message: jws.signing_input.into_bytes(), signature: jws.signature })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Material { samples, hostile: hostile_presentations(key)? })
}

/// What an issuer starts from: the plain claims of input `index`, as JSON.
pub(crate) fn order(index: usize, holder: &Value) -> Value {
    let mut order = plain(index, holder);
    order.extend(claims(index));
    Value::Object(order)
}

/// The claims that are always disclosed.
fn plain(index: usize, holder: &Value) -> Map<String, Value> {
    Map::from_iter([
        ("iss".to_owned(), json!(ISSUER)),
        ("vct".to_owned(), json!(VCT)),
        ("iat".to_owned(), json!(ISSUED)),
        ("exp".to_owned(), json!(EXPIRES)),
        ("cnf".to_owned(), json!({"jwk": holder})),
        ("status".to_owned(), status(index)),
    ])
}

struct Token {
    header: String,
    payload: String,
    disclosures: Vec<String>,
}

impl Token {
    fn genuine(index: usize, key: &Key, holder: &Key) -> anyhow::Result<Self> {
        let values = claims(index);
        let mut disclosures: Vec<String> =
            CLAIM_NAMES.iter().filter_map(|name| Some(disclosure(index, name, values.get(*name)?))).collect();
        let mut digests: Vec<String> = disclosures.iter().map(|text| hash(text)).collect();
        digests.sort_unstable();
        disclosures.truncate(DISCLOSED);
        let mut payload = plain(index, &holder.jwk()?);
        payload.insert("_sd".to_owned(), json!(digests));
        payload.insert("_sd_alg".to_owned(), json!("sha-256"));
        Ok(Self {
            header: json!({"alg": key.alg().jose(), "typ": "dc+sd-jwt", "kid": KID}).to_string(),
            payload: serde_json::to_string(&payload)?,
            disclosures,
        })
    }

    fn sign(&self, key: &Key) -> anyhow::Result<Jws> {
        Jws::sign(&self.header, &self.payload, key)
    }

    fn wire(&self, jws: &str) -> String {
        format!("{jws}~{}~", self.disclosures.join("~"))
    }

    /// Adds a digest to `_sd`.
    fn refer(&mut self, digest: String) -> anyhow::Result<()> {
        edit(&mut self.payload, |payload| {
            if let Some(digests) = payload.get_mut("_sd").and_then(Value::as_array_mut) {
                digests.push(Value::String(digest));
            }
        })
    }
}

fn disclosure(index: usize, name: &str, value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json!([salt(index, name), name, value]).to_string())
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Adds a key binding JWT, after `change` had its way with the header and the claims.
fn present(
    sd_jwt: String,
    holder: &Key,
    change: impl FnOnce(&mut Value, &mut Value),
) -> anyhow::Result<String> {
    let mut header = json!({"alg": "ES256", "typ": "kb+jwt"});
    let mut payload = json!({"iat": NOW - 5, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": hash(&sd_jwt)});
    change(&mut header, &mut payload);
    let jws = Jws::sign(&header.to_string(), &payload.to_string(), holder)?;
    Ok(sd_jwt + &jws.text)
}

fn hostile(key: &Key, holder: &Key) -> anyhow::Result<Vec<Hostile>> {
    let token = Token::genuine(0, key, holder)?;
    let mut hostile = vec![Hostile { check: "signature", wire: token.wire(&token.sign(key)?.damaged()) }];
    let mut add = |check, change: &dyn Fn(&mut Token) -> anyhow::Result<()>| {
        let mut token = Token::genuine(0, key, holder)?;
        change(&mut token)?;
        hostile.push(Hostile { check, wire: token.wire(&token.sign(key)?.text) });
        anyhow::Ok(())
    };
    let set = |text: &mut String, name: &str, value: Value| {
        edit(text, |object| {
            object.insert(name.to_owned(), value);
        })
    };
    add("header alg", &|token| set(&mut token.header, "alg", json!("ES384")))?;
    add("header typ", &|token| set(&mut token.header, "typ", json!("JWT")))?;
    add("header crit", &|token| set(&mut token.header, "crit", json!(["x"])))?;
    add("exp", &|token| set(&mut token.payload, "exp", json!(LONG_AGO)))?;
    add("nbf", &|token| set(&mut token.payload, "nbf", json!(EXPIRES)))?;
    add("vct", &|token| edit(&mut token.payload, |object| drop(object.remove("vct"))))?;
    add("_sd_alg", &|token| set(&mut token.payload, "_sd_alg", json!("sha-512")))?;
    add("duplicate JSON members", &|token| {
        prepend_member(&mut token.payload, r#""iss":"did:web:other.example""#)
    })?;
    add("unreferenced disclosures", &|token| {
        token.disclosures.push(disclosure(0, "grade", &json!(1)));
        Ok(())
    })?;
    add("repeated disclosures", &|token| {
        token.disclosures.extend(token.disclosures.first().cloned());
        Ok(())
    })?;
    add("repeated digests", &|token| {
        let undisclosed = hash(&disclosure(1, "grade", &json!(1)));
        token.refer(undisclosed.clone())?;
        token.refer(undisclosed)
    })?;
    for (check, name, value) in [
        ("reserved claim names", "_sd", json!([])),
        ("claims disclosed over plain ones", "vct", json!(VCT)),
        ("registered claims disclosed", "nbf", json!(ISSUED)),
    ] {
        add(check, &|token| {
            let extra = disclosure(0, name, &value);
            token.refer(hash(&extra))?;
            token.disclosures.push(extra);
            Ok(())
        })?;
    }
    Ok(hostile)
}

fn hostile_presentations(key: &Key) -> anyhow::Result<Vec<Hostile>> {
    let holder = Key::generate(Alg::Es256)?;
    let other = Key::generate(Alg::Es256)?;
    let token = Token::genuine(0, key, &holder)?;
    let sd_jwt = token.wire(&token.sign(key)?.text);
    let mut hostile = vec![
        Hostile { check: "presence of key binding", wire: sd_jwt.clone() },
        Hostile { check: "holder's signature", wire: present(sd_jwt.clone(), &other, |_, _| ())? },
    ];
    let mut add = |check, change: fn(&mut Value, &mut Value)| {
        hostile.push(Hostile { check, wire: present(sd_jwt.clone(), &holder, change)? });
        anyhow::Ok(())
    };
    add("key binding typ", |header, _| replace(header, "typ", json!("JWT")))?;
    add("key binding alg", |header, _| replace(header, "alg", json!("ES384")))?;
    add("aud", |_, payload| replace(payload, "aud", json!("https://other.example")))?;
    add("nonce", |_, payload| replace(payload, "nonce", json!("other")))?;
    add("sd_hash", |_, payload| replace(payload, "sd_hash", json!(hash("other"))))?;
    add("key binding age", |_, payload| replace(payload, "iat", json!(LONG_AGO)))?;
    add("key binding from the future", |_, payload| replace(payload, "iat", json!(EXPIRES)))?;
    for Hostile { check, wire } in self::hostile(key, &holder)? {
        hostile.push(Hostile { check, wire: present(wire, &holder, |_, _| ())? });
    }
    Ok(hostile)
}

fn replace(object: &mut Value, name: &str, value: Value) {
    if let Some(member) = object.get_mut(name) {
        *member = value;
    }
}
