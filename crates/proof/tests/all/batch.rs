//! Many credentials at once: the verdicts of one by one.

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::{
    credential::{Credential, Holder},
    encoding::{from_base64url, to_base64url},
};
use sinpyo_crypto::Algorithm;
use sinpyo_proof::{KeyRing, Unverified, Verified, batch, vc_cose, vc_di, vc_jwt};

type Verdict = Result<Credential, &'static str>;

/// One by one.
fn single(wire: &[u8], keys: &KeyRing) -> Verdict {
    let verified = Unverified::<Credential>::parse(wire).unwrap().verify(keys, now());
    verified.map(Verified::into_inner).map_err(|error| error.code())
}

fn together(wires: &[Vec<u8>], keys: &KeyRing) -> Vec<Verdict> {
    let arrived = wires.iter().map(|wire| Unverified::<Credential>::parse(wire).unwrap()).collect();
    let verdict = |result: Result<Verified<Credential>, sinpyo_proof::CredentialError>| {
        result.map(Verified::into_inner).map_err(|error| error.code())
    };
    batch::verify(arrived, keys, now()).into_iter().map(verdict).collect()
}

fn flip_signature(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = from_base64url(signature.trim_end_matches('~')).unwrap();
    bytes[3] ^= 1;
    let tail = if signature.ends_with('~') { "~" } else { "" };
    format!("{input}.{}{tail}", to_base64url(&bytes))
}

/// Good and bad credentials of every container, each beside the verdict that it gets alone.
fn corpus(issuer: &Party) -> Vec<Vec<u8>> {
    let held = credential_for(Holder::Did(Party::holder().did));
    let jwt = vc_jwt::issue(&held, &[], issuer.pair()).unwrap();
    let object = Value::Object(vc_di::issue(&held, &[], issuer.pair()).unwrap());
    let mut changed = object.clone();
    changed["validFrom"] = json!("2020-01-01T00:00:00Z");
    let header =
        json!({"alg": issuer.key().algorithm().jose(), "typ": "vc+jwt", "kid": "did:x:issuer#key-1"});
    vec![
        jwt.clone().into_bytes(),
        flip_signature(&jwt).into_bytes(),
        issued_by(issuer).into_bytes(),
        object.to_string().into_bytes(),
        changed.to_string().into_bytes(),
        vc_cose::issue(&held, &[], issuer.pair()).unwrap(),
        // Authentic and refused for what it says.
        token(issuer, &header, &json!({"vc": {}})).into_bytes(),
        // Of somebody nobody resolved.
        vc_jwt::issue(&held, &[], Party::new("did:x:issuer", issuer.key().algorithm(), 9).pair())
            .unwrap()
            .into_bytes(),
    ]
}

#[test]
fn a_batch_has_the_verdicts_of_one_by_one() {
    for algorithm in [Algorithm::Ed25519, Algorithm::Es256] {
        let issuer = Party::new("did:x:issuer", algorithm, 1);
        let keys = issuer.ring();
        let corpus = corpus(&issuer);
        let alone: Vec<_> = corpus.iter().map(|wire| single(wire, &keys)).collect();
        assert_eq!(alone.iter().filter(|verdict| verdict.is_ok()).count(), 4);
        assert_eq!(together(&corpus, &keys), alone);
        assert_eq!(together(&[], &keys), []);
        // Hidden among enough good ones that they are checked together.
        let good = &corpus[0];
        let crowd: Vec<_> =
            (0..300).map(|index| if index % 37 == 5 { &corpus[index / 37] } else { good }.clone()).collect();
        let verdicts = together(&crowd, &keys);
        for (index, verdict) in verdicts.iter().enumerate() {
            let expected = if index % 37 == 5 { &alone[index / 37] } else { &alone[0] };
            assert_eq!(verdict, expected, "{index}");
        }
        let nobody = KeyRing::new();
        assert!(together(&corpus, &nobody).iter().all(|verdict| verdict == &Err("JWS-16")));
    }
}

#[cfg(feature = "rayon")]
#[test]
fn every_core_comes_to_the_same_verdicts() {
    let issuer = Party::new("did:x:issuer", Algorithm::Ed25519, 1);
    let keys = issuer.ring();
    let corpus = corpus(&issuer);
    let crowd: Vec<_> = (0..1000).map(|index| corpus[index * 7 % corpus.len()].clone()).collect();
    let arrived = crowd.iter().map(|wire| Unverified::<Credential>::parse(wire).unwrap()).collect();
    let parallel = batch::verify_in_parallel(arrived, &keys, now());
    let parallel: Vec<Verdict> = parallel
        .into_iter()
        .map(|result| result.map(Verified::into_inner).map_err(|error| error.code()))
        .collect();
    assert_eq!(parallel, together(&crowd, &keys));
}
