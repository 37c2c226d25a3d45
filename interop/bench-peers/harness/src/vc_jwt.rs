//! A VC 2.0 credential as a JWT, `vc+jwt` [VC-JOSE-COSE §3.1.1].

use serde_json::{Map, Value, json};

use crate::k01::{
    EXPIRES, EXPIRES_TEXT, ISSUED, ISSUED_TEXT, ISSUER, KID, LONG_AGO, LONG_AGO_TEXT, claims, subject,
};
use crate::key::Key;
use crate::sample::{Hostile, INPUTS, Jws, Material, Sample, edit, prepend_member};

/// The credential of input `index`, without registered claims or proof.
pub(crate) fn credential(index: usize) -> Value {
    let mut subject_claims = Map::from_iter([("id".to_owned(), json!(subject(index)))]);
    subject_claims.extend(claims(index));
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "ResidentCredential"],
        "issuer": ISSUER,
        "validFrom": ISSUED_TEXT,
        "validUntil": EXPIRES_TEXT,
        "credentialSubject": subject_claims,
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": index.to_string(),
            "statusListCredential": "https://issuer.example/status/1",
        },
    })
}

/// The inputs of `vc+jwt verify`.
pub(crate) fn material(key: &Key) -> anyhow::Result<Material> {
    let samples = (0..INPUTS)
        .map(|index| {
            let jws = Token::genuine(index, key)?.sign(key)?;
            Ok(Sample { wire: jws.text, message: jws.signing_input.into_bytes(), signature: jws.signature })
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Material { samples, hostile: hostile(key)? })
}

struct Token {
    header: String,
    payload: String,
}

impl Token {
    fn genuine(index: usize, key: &Key) -> anyhow::Result<Self> {
        let header = json!({"alg": key.alg().jose(), "typ": "vc+jwt", "kid": KID}).to_string();
        let mut payload = credential(index).to_string();
        edit(&mut payload, |object| {
            object.insert("iss".to_owned(), json!(ISSUER));
            object.insert("iat".to_owned(), json!(ISSUED));
            object.insert("exp".to_owned(), json!(EXPIRES));
        })?;
        Ok(Self { header, payload })
    }

    fn sign(&self, key: &Key) -> anyhow::Result<Jws> {
        Jws::sign(&self.header, &self.payload, key)
    }
}

fn hostile(key: &Key) -> anyhow::Result<Vec<Hostile>> {
    let genuine = Token::genuine(0, key)?.sign(key)?;
    let mut hostile = vec![Hostile { check: "signature", wire: genuine.damaged() }];
    let mut add = |check, header: &[(&str, Value)], payload: &[(&str, Value)]| {
        let mut token = Token::genuine(0, key)?;
        for (text, members) in [(&mut token.header, header), (&mut token.payload, payload)] {
            edit(text, |object| {
                object.extend(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            })?;
        }
        hostile.push(Hostile { check, wire: token.sign(key)?.text });
        anyhow::Ok(())
    };
    add("header alg", &[("alg", json!("ES384"))], &[])?;
    add("header typ", &[("typ", json!("JWT"))], &[])?;
    add("header crit", &[("crit", json!(["x"])), ("x", json!(1))], &[])?;
    add("exp", &[], &[("exp", json!(LONG_AGO))])?;
    add("nbf", &[], &[("nbf", json!(EXPIRES))])?;
    add("validFrom", &[], &[("validFrom", json!(EXPIRES_TEXT))])?;
    add("validUntil", &[], &[("validUntil", json!(LONG_AGO_TEXT))])?;
    add("iss = issuer", &[], &[("iss", json!("did:web:other.example"))])?;
    add("VC 2.0 @context", &[], &[("@context", json!(["https://www.w3.org/2018/credentials/v1"]))])?;
    add("type VerifiableCredential", &[], &[("type", json!(["ResidentCredential"]))])?;

    let mut token = Token::genuine(0, key)?;
    prepend_member(&mut token.payload, r#""issuer":"did:web:other.example""#)?;
    hostile.push(Hostile { check: "duplicate JSON members", wire: token.sign(key)?.text });
    Ok(hostile)
}
