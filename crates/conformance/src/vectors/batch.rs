//! Credentials that are verified together: the input is one SD-JWT VC a line. A batch is accepted if each of them is, and
//! refused by the rule that refuses the first that is not.

use super::{
    case::{Case, NOW_TEXT},
    party::Party,
    sd_jwt::{Draft, KIND},
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;

const SOURCE: &str = "RFC 9901 §7.1";

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, algorithm) in [("ed25519", Algorithm::Ed25519), ("es256", Algorithm::Es256)] {
        let issuer = Party::new("did:example:issuer", algorithm, 1)?;
        let good = (0..8).map(|number| numbered(&issuer, number)).collect::<Result<Vec<_>>>()?;
        let facts: Value = (0..8)
            .map(|number| {
                json!({"issuer": issuer.did, "type": KIND, "claims": {"country": "KR", "number": number}})
            })
            .collect();
        let title = (name, &["JWS-11"][..], SOURCE);
        cases.push(Case::accepted(title, given(&issuer), good.join("\n"), facts));
        let impostor = Party::new("did:example:issuer", algorithm, 66)?;
        let names = match algorithm {
            Algorithm::Ed25519 => ["ed25519-one-forged", "ed25519-signatures-swapped"],
            _ => ["es256-one-forged", "es256-signatures-swapped"],
        };
        let mut forged = good.clone();
        forged.splice(5..6, [numbered(&impostor, 5)?]);
        let swapped = swapped(&good);
        for (name, batch) in names.into_iter().zip([forged, swapped]) {
            cases.push(Case::refused((name, "JWS-11", SOURCE), given(&issuer), batch.join("\n")));
        }
    }
    Ok(cases)
}

fn numbered(issuer: &Party, number: u64) -> Result<String> {
    let mut draft = Draft::new(issuer);
    draft.claim("number", number);
    draft.sign(issuer)
}

/// The signatures of the third and the fourth credential in each other's place: their sum is as before.
fn swapped(batch: &[String]) -> Vec<String> {
    let cut = |index: usize| batch.get(index).and_then(|text| text.rsplit_once('.')).unwrap_or_default();
    let ((third, its), (fourth, other)) = (cut(2), cut(3));
    let mut swapped = batch.to_vec();
    swapped.splice(2..4, [format!("{third}.{other}"), format!("{fourth}.{its}")]);
    swapped
}

fn given(known: &Party) -> Value {
    json!({"now": NOW_TEXT, "documents": [known.document()]})
}
