//! The management interface of an issuer's or a verifier's service, as a registered program uses it.

use reqwest::Client;
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, encoding::to_base64url};
use sinpyo_crypto::SigningKey;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, prepare};
use std::{env, error::Error, fs, time::Duration, time::SystemTime};

type Answer<T> = Result<T, Box<dyn Error>>;

/// The interface of one tenant, with a token for it.
pub(crate) struct Management {
    http: Client,
    tenant: String,
    token: String,
}

impl Management {
    /// Gets a token, good for 15 minutes, for `CLIENT_ID` and its key in the file `CLIENT_KEY` (private_key_jwt, RFC 7523).
    pub(crate) async fn open(service: &str, tenant: &str) -> Answer<Self> {
        let client = env::var("CLIENT_ID")?;
        let key = SigningKey::from_private_jwk(&Secret::new(fs::read_to_string(env::var("CLIENT_KEY")?)?))?;
        let now = SystemTime::UNIX_EPOCH.elapsed()?.as_secs();
        let endpoint = format!("{service}/manage/token");
        let claims = json!({"iss": client, "sub": client, "aud": endpoint, "jti": random()?, "iat": now, "exp": now + 60});
        let claims: Map<String, Value> = serde_json::from_value(claims)?;
        let assertion = prepare(JwtHeader::new(Typ::JWT, KeyHint::None), &claims, key.verifying_key());
        let signature = key.sign(assertion.signing_input())?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion.attach(&signature)?),
        ];
        let http = Client::builder().timeout(Duration::from_secs(10)).build()?;
        let granted: Value =
            http.post(&endpoint).form(&form).send().await?.error_for_status()?.json().await?;
        let token = granted["access_token"].as_str().ok_or("no token")?.to_owned();
        Ok(Self { http, tenant: format!("{service}/manage/{tenant}"), token })
    }

    /// Orders something, once: a repetition with the same `Idempotency-Key` would get the same answer.
    pub(crate) async fn post(&self, path: &str, order: &Value) -> Answer<Value> {
        let request = self.http.post(format!("{}{path}", self.tenant)).json(order).bearer_auth(&self.token);
        let answer = request.header("Idempotency-Key", random()?).send().await?;
        let (status, body) = (answer.status(), answer.text().await?);
        if !status.is_success() {
            return Err(format!("{status}: {body}").into());
        }
        Ok(serde_json::from_str(&body)?)
    }

    /// The state of something, once it is none of `passing`.
    pub(crate) async fn state_after(&self, path: &str, passing: &[&str]) -> Answer<String> {
        loop {
            let request = self.http.get(format!("{}{path}", self.tenant)).bearer_auth(&self.token);
            let answer: Value = request.send().await?.error_for_status()?.json().await?;
            let state = answer["state"].as_str().ok_or("no state")?;
            if !passing.contains(&state) {
                return Ok(state.to_owned());
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn random() -> Answer<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(to_base64url(&bytes))
}
