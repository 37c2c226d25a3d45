//! Getting into the roll, as a wallet does it.

use super::web::{call, json_of};
use anyhow::{Context as _, anyhow};
use http::{Request, header};
use serde_json::{Map, Value, json};
use sinpyo_ballot::{
    credential::{Binding, VoterSecret},
    generators::ElectionId,
    group::Ristretto,
};
use sinpyo_blind_rsa::{PublicKey, token::PendingToken};
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy as _,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, key_thumbprint, sign};
use sinpyo_load::web::Http;
use sinpyo_testkit::TestEntropy;
use sinpyo_voting::form::{from_hex_array, to_hex};

const TYP: Typ = Typ::application("sinpyo-vote-registration+jwt");

/// The roll's counter.
pub(super) struct Counter<'a> {
    /// `{origin}/e/{id}`.
    pub(super) address: &'a str,
    pub(super) election: ElectionId,
    pub(super) admission: &'a PublicKey,
}

/// The secret of a voter, which follows from its number.
pub(super) fn secret(election: &ElectionId, number: u32) -> VoterSecret<Ristretto> {
    let mut seed = [0; 32];
    TestEntropy::new((1 << 40) + u64::from(number)).fill(&mut seed);
    VoterSecret::derive(&Secret::new(seed), election)
}

impl Counter<'_> {
    /// Registers a voter and fetches `tokens` admission tokens.
    pub(super) fn register(
        &self,
        http: &mut Http,
        (number, code): (u32, &str),
        tokens: usize,
    ) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut entropy = TestEntropy::new((2 << 40) + u64::from(number));
        let terms = self.post(http, "register/begin", &json!({"code": code}))?;
        let text = |name: &str| terms.get(name).and_then(Value::as_str).with_context(|| format!("no {name}"));
        let slot: [u8; 16] = from_hex_array(text("slot")?).context("not a slot")?;
        let nonce: [u8; 32] = from_hex_array(text("nonce")?).context("not a nonce")?;
        let key = SigningKey::generate(Algorithm::Ed25519, &mut entropy);
        let print = key_thumbprint(key.verifying_key());
        let binding = Binding::new(&self.election, &slot, &Secret::new(nonce), &print);
        let own = secret(&self.election, number).register(binding, 0, &mut entropy);
        let pending =
            (0..tokens).map(|_| PendingToken::request(self.admission, &self.election.0, &mut entropy));
        let pending = pending.collect::<Result<Vec<_>, _>>()?;
        let blinded: Vec<String> =
            pending.iter().map(|(message, _)| to_base64url(message.as_bytes())).collect();
        let claims = json!({
            "blinded": blinded,
            "commitment": to_hex(&own.commitment),
            "district": 0,
            "election": to_hex(&self.election.0),
            "nonce": to_hex(&nonce),
            "proof": to_hex(&own.proof.to_bytes()),
            "slot": to_hex(&slot),
            "token": null,
        });
        let request = signed(&claims, key)?;
        let body = json!({"code": code, "presentation": null, "request": request});
        let answer = self.post(http, "register", &body)?;
        let signatures = answer.get("blind_signatures").and_then(Value::as_array).context("no tokens")?;
        let token = |((_, pending), signature): (&(_, PendingToken), &Value)| {
            let signature =
                signature.as_str().and_then(|text| from_base64url(text).ok()).context("no signature")?;
            Ok(pending.finish(&signature)?.to_bytes())
        };
        pending.iter().zip(signatures).map(token).collect()
    }

    fn post(&self, http: &mut Http, path: &str, body: &Value) -> anyhow::Result<Map<String, Value>> {
        let request = Request::post(format!("{}/{path}", self.address))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into_bytes())?;
        json_of(&call(http, request)?)
    }
}

fn signed(claims: &Value, key: SigningKey) -> anyhow::Result<String> {
    let claims = claims.as_object().context("no claims")?;
    let public = key.verifying_key().clone();
    let signer = KeySigner::new("did:web:wallet.example#key".parse()?, key);
    let header = JwtHeader::new(TYP, KeyHint::Jwk);
    sign(header, claims, (&signer, &public)).map_err(|error| anyhow!("the request was not signed: {error}"))
}
