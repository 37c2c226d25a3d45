//! A program that uses a management interface.

use crate::http::{Got, ask};
use serde_json::{Map, Value, json};
use sinpyo_core::Secret;
use sinpyo_crypto::{KeySigner, SigningKey};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// One with a token.
pub(crate) struct Program {
    base: String,
    token: String,
}

static COUNT: AtomicU64 = AtomicU64::new(0);

fn fresh() -> String {
    format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst))
}

impl Program {
    /// The client whose private key is in the file `key`, with a token for all that it may do.
    pub(crate) fn new(base: &str, key: &Path, id: &str) -> Self {
        let key = SigningKey::from_private_jwk(&Secret::new(fs::read(key).unwrap())).unwrap();
        let multikey = key.verifying_key().to_multikey();
        let signer = KeySigner::new(format!("did:key:{multikey}#{multikey}").parse().unwrap(), key);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({"iss": id, "sub": id, "aud": format!("{base}/manage/token"), "iat": now,
            "exp": now + 60, "jti": format!("{}-{now}", fresh())});
        let claims: Map<String, Value> = claims.as_object().unwrap().clone();
        let header = JwtHeader::new(Typ::CLIENT_AUTHENTICATION, KeyHint::Kid(id));
        let assertion = sign(header, &claims, (&signer, signer.key().verifying_key())).unwrap();
        let form = format!(
            "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}"
        );
        let form_type = "content-type: application/x-www-form-urlencoded".to_owned();
        let got = ask("POST", &format!("{base}/manage/token"), &[form_type], form.as_bytes());
        assert_eq!(got.status, 200, "{}", got.text());
        Self { base: base.to_owned(), token: got.json()["access_token"].as_str().unwrap().to_owned() }
    }

    pub(crate) fn get(&self, path: &str) -> Got {
        ask("GET", &format!("{}{path}", self.base), &self.headers(), b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Got {
        self.post_named(path, body, &fresh())
    }

    /// A post under an idempotency key.
    pub(crate) fn post_named(&self, path: &str, body: &Value, name: &str) -> Got {
        let mut headers = self.headers();
        headers.push("content-type: application/json".to_owned());
        headers.push(format!("idempotency-key: {name}"));
        ask("POST", &format!("{}{path}", self.base), &headers, body.to_string().as_bytes())
    }

    fn headers(&self) -> Vec<String> {
        vec![format!("authorization: Bearer {}", self.token)]
    }
}
