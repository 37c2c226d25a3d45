//! `sinpyo-jose`: signed and encrypted tokens.

use super::{OK, now, target, x509};
use crate::{Outcome, Target};
use serde_json::{Map, Value, json};
use sinpyo_core::key::Signer;
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_jose::{
    HeaderRules, JwtHeader, KeyHint, Typ, UnverifiedJwt,
    jwe::{ContentEncryption, Decrypter, EncryptedMessage, Parties, Recipient, encrypt},
    key_thumbprint, sign, thumbprint,
};
use sinpyo_testkit::{TestEntropy, key};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] =
    &[target("jose/jwt", tokens, verify), target("jose/jwe", messages, decrypt)];

/// Everything a protocol here signs with.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519];

fn claims() -> Map<String, Value> {
    let now = now().unix();
    let claims = json!({"iss": "https://a.example", "aud": ["b", "c"], "iat": now, "exp": now + 60,
        "nonce": "n-1", "sub_jwk": {"kty": "OKP"}, "deep": [[[{"a": null}]]], "성": "김"});
    claims.as_object().cloned().unwrap_or_default()
}

/// A token of `typ` by key 1 of `algorithm`.
pub(super) fn token(
    typ: Typ,
    hint: KeyHint<'_>,
    algorithm: Algorithm,
    claims: &Map<String, Value>,
) -> String {
    let signer = KeySigner::new("did:x:y#k".parse().expect("a key id"), key(algorithm, 1));
    let pair: (&dyn Signer, _) = (&signer, signer.key().verifying_key());
    sign(JwtHeader::new(typ, hint), claims, pair).expect("a signature")
}

fn tokens() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let chain = vec![x509::certificate()];
    for algorithm in ALGORITHMS {
        for (typ, hint) in [
            (Typ::DPOP, KeyHint::Jwk),
            (Typ::CREDENTIAL_PROOF, KeyHint::Kid("did:x:y#k")),
            (Typ::REQUEST, KeyHint::X5c(&chain)),
            (Typ::ABSENT, KeyHint::None),
        ] {
            seeds.push(token(typ, hint, algorithm, &claims()).into_bytes());
        }
    }
    seeds
}

/// What verifies says what was signed, and its key's thumbprint is that of its own JWK.
fn verify(input: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(input);
    let rules = [HeaderRules::EXACTLY_ONE, HeaderRules::BARE];
    let mut outcome = OK;
    for rules in rules {
        match UnverifiedJwt::parse(&text, &Typ::ALL, &rules) {
            Err(error) => outcome = error.code(),
            Ok(arrived) => return check(&text, rules, &arrived),
        }
    }
    outcome
}

fn check(text: &str, rules: HeaderRules, arrived: &UnverifiedJwt) -> Outcome {
    let hint = arrived.hint();
    let _read =
        (hint.kid(), hint.key_id().is_ok(), hint.x5c(), hint.claimed_issuer(), hint.claimed_key("sub_jwk"));
    if let Some(jwk) = hint.jwk() {
        let _any = thumbprint(jwk);
        if let Ok(key) = sinpyo_crypto::VerifyingKey::from_jwk(jwk) {
            assert_eq!(thumbprint(&key.to_jwk()), Ok(key_thumbprint(&key)));
        }
    }
    let mut outcome = OK;
    for algorithm in ALGORITHMS {
        let again = UnverifiedJwt::parse(text, &Typ::ALL, &rules).expect("it was read before");
        match again.verify(key(algorithm, 1).verifying_key(), &ALGORITHMS) {
            Ok(verified) => {
                assert_eq!(*verified.claims(), claims(), "claims that nobody signed");
                verified.times().expect("the times that were signed");
                assert_eq!(verified.audiences().collect::<Vec<_>>(), ["b", "c"]);
                return OK;
            }
            Err(error) => outcome = error.code(),
        }
    }
    outcome
}

static DECRYPTER: LazyLock<Decrypter> = LazyLock::new(|| {
    Decrypter::new(&key(Algorithm::Es256, 5), Some("enc-1"), &ContentEncryption::ALL).expect("a key on P-256")
});

const PAYLOADS: [&[u8]; 2] = [b"{\"vp_token\":{\"pid\":[\"eyJ\"]}}", b""];

fn messages() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut entropy = TestEntropy::new(8);
    for encryption in ContentEncryption::ALL {
        for payload in PAYLOADS {
            let recipient = Recipient::from_jwk(&DECRYPTER.public_jwk(), encryption).expect("a recipient");
            for parties in [Parties::default(), Parties { apu: b"Alice", apv: b"Bob" }] {
                let text = encrypt(payload, &recipient, parties, &mut entropy).expect("a message");
                seeds.push(text.into_bytes());
            }
        }
    }
    seeds
}

/// What decrypts is what was encrypted: whoever mutates a message does not know its key.
pub(crate) fn decrypt(input: &[u8]) -> Outcome {
    let text = String::from_utf8_lossy(input);
    let message = match EncryptedMessage::parse(&text) {
        Ok(message) => message,
        Err(error) => return error.code(),
    };
    match message.decrypt(&DECRYPTER) {
        Ok(decrypted) => {
            assert!(PAYLOADS.contains(&decrypted.payload.as_slice()), "content that nobody encrypted");
            assert!(matches!((&*decrypted.apu, &*decrypted.apv), (b"", b"") | (b"Alice", b"Bob")));
            OK
        }
        Err(error) => error.code(),
    }
}
