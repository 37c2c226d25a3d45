//! `sinpyo service token`: what a program does by itself, for whoever tries a management interface by hand.

use crate::{
    files,
    os::{OsEntropy, SystemClock},
    remote::peer::{PeerClient, base_url},
    say::Voice,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Map, Value, json};
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy as _, time::Clock as _};
use sinpyo_crypto::SigningKey;
use sinpyo_jose::{JwtHeader, KeyHint, Typ, prepare};
use sinpyo_oauth::{ASSERTION_TYPE, form};
use std::{path::PathBuf, time::Duration};

/// How long an assertion is good for.
const LIFE: Duration = Duration::from_mins(1);
const PATIENCE: Duration = Duration::from_secs(10);
const MAX_ANSWER: usize = 64 << 10;
const FORM: &str = "application/x-www-form-urlencoded";

/// Options of `sinpyo service token`.
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// Address of the service.
    url: String,
    /// Name of the client.
    #[arg(long, value_name = "NAME")]
    client: String,
    /// Its private key as a JWK, in a file that nobody else can read.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What the token is to permit; all that the client may, if nothing is named.
    #[arg(long, value_delimiter = ',')]
    scopes: Vec<String>,
}

/// Gets a token by a signed assertion (`private_key_jwt`), and prints it.
pub(super) fn run(options: &Token, voice: Voice) -> Result<()> {
    let url = base_url(&options.url)?.join("manage/token").context("not the address of a service")?;
    let key = SigningKey::from_private_jwk(&Secret::new(files::read_private(&options.key)?));
    let assertion = assertion(options, url.as_str(), &key.context("the file holds no private key")?)?;
    let scope = options.scopes.join(" ");
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", &assertion),
    ];
    if !scope.is_empty() {
        fields.push(("scope", &scope));
    }
    let reply = PeerClient::new(PATIENCE)?.post(&url, FORM, form::encode(fields).as_bytes(), MAX_ANSWER)?;
    let answer: Map<String, Value> = serde_json::from_slice(&reply.body).unwrap_or_default();
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    match (reply.status, text("access_token")) {
        (200, Some(token)) => {
            voice.report(&Value::Object(answer.clone()), token);
            Ok(())
        }
        (status, _) => bail!("no token: {status} {}", text("error_description").unwrap_or_default()),
    }
}

fn assertion(options: &Token, audience: &str, key: &SigningKey) -> Result<String> {
    let now = SystemClock.now();
    let mut once = [0; 16];
    OsEntropy.fill(&mut once);
    let claims = [
        ("iss", json!(options.client)),
        ("sub", json!(options.client)),
        ("aud", json!(audience)),
        ("jti", json!(to_base64url(&once))),
        ("iat", json!(now.unix())),
        ("exp", json!(now.plus(LIFE).unix())),
    ];
    let claims = claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let prepared = prepare(JwtHeader::new(Typ::JWT, KeyHint::None), &claims, key.verifying_key());
    let signature = key.sign(prepared.signing_input()).context("the key does not sign")?;
    prepared.attach(&signature).context("the key does not sign")
}
