//! Wallets that their provider vouches for [VCI-WAT].

use crate::world::{
    ISSUER, World, body, changed, form, fresh, instance_key, proof, provider_key, refusal, rule, token,
};
use http::Response;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{Attesters, Authentication, Challenges, PRE_AUTHORIZED_GRANT, Unregistered};
use sinpyo_testkit::key;
use sinpyo_x509::Roots;
use std::{sync::Arc, time::Duration};

fn claims(now: Timestamp) -> Value {
    let jwk = instance_key().verifying_key().to_jwk();
    json!({"sub": "attested", "exp": now.plus(Duration::from_hours(24)).unix(), "cnf": {"jwk": jwk.members()}})
}

pub(crate) fn attestation(now: Timestamp) -> String {
    token(Typ::CLIENT_ATTESTATION, KeyHint::None, &claims(now), &provider_key())
}

fn pop_claims(world: &mut World) -> Value {
    json!({"aud": ISSUER, "iat": world.now.unix(), "jti": fresh(&mut world.entropy).to_string()})
}

/// Whom the server believes about the wallet "attested".
fn trust(world: &mut World, attesters: Attesters) {
    let known = world.settings.clients.get_mut("attested").unwrap();
    known.authentication = Authentication::Attestation(Arc::new(attesters));
}

/// That `provider` vouches for the wallet `sub`.
pub(crate) fn attestation_by(provider: &SigningKey, sub: &str, now: Timestamp) -> String {
    token(Typ::CLIENT_ATTESTATION, KeyHint::None, &changed(&claims(now), "sub", json!(sub)), provider)
}

pub(crate) fn pop_for(world: &mut World) -> String {
    pop(&pop_claims(world))
}

fn pop(claims: &Value) -> String {
    token(Typ::CLIENT_ATTESTATION_POP, KeyHint::None, claims, &instance_key())
}

fn send(world: &mut World, headers: &[(&str, &str)]) -> Response<Vec<u8>> {
    let (code, dpop) = (world.offer(None), proof("token", world.now, fresh(&mut world.entropy)));
    let headers: Vec<_> = [("DPoP", dpop.as_str())].into_iter().chain(headers.iter().copied()).collect();
    world.form("token", &[("grant_type", PRE_AUTHORIZED_GRANT), ("pre-authorized_code", &code)], &headers)
}

fn pair(world: &mut World, attestation: &str, pop: &str) -> Response<Vec<u8>> {
    send(world, &[("OAuth-Client-Attestation", attestation), ("OAuth-Client-Attestation-PoP", pop)])
}

#[test]
fn an_attested_wallet_is_let_in() {
    let mut world = World::without_nonces();
    let proof = pop(&pop_claims(&mut world));
    let now = world.now;
    body(&pair(&mut world, &attestation(now), &proof));
}

#[test]
fn an_attestation_that_breaks_a_rule_is_refused() {
    let mut world = World::without_nonces();
    let good = claims(world.now);
    let mut private = good.clone();
    private["cnf"]["jwk"]["d"] = json!("AAAA");
    for (name, value, expected) in [
        ("exp", json!(world.now.unix() - 61), "VCI-WAT-01d"),
        ("exp", Value::Null, "VCI-WAT-01d"),
        ("exp", json!("tomorrow"), "VCI-WAT-01d"),
        ("nbf", json!(world.now.unix() + 61), "VCI-WAT-01d"),
        ("sub", Value::Null, "VCI-WAT-01e"),
        ("sub", json!(""), "VCI-WAT-01e"),
        ("sub", json!("nobody"), "OAU-14"),
        ("sub", json!("wallet"), "OAU-15"),
        ("cnf", Value::Null, "VCI-WAT-01e"),
        ("cnf", json!({"jwk": {"kty": "EC"}}), "VCI-WAT-01e"),
        ("cnf", private["cnf"].clone(), "VCI-WAT-01e"),
        ("cnf", json!({"jwk": provider_key().verifying_key().to_jwk().members()}), "VCI-WAT-01g"),
    ] {
        let claims = changed(&good, name, value.clone());
        let attestation = token(Typ::CLIENT_ATTESTATION, KeyHint::None, &claims, &provider_key());
        let proof = pop(&pop_claims(&mut world));
        let answer = pair(&mut world, &attestation, &proof);
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), expected), "{name}: {value}");
    }
    let proof = pop(&pop_claims(&mut world));
    let by = |typ, hint: KeyHint<'_>, key: &SigningKey| token(typ, hint, &good, key);
    let stranger = key(Algorithm::Es256, 5);
    assert_eq!(
        rule(&pair(&mut world, &by(Typ::CLIENT_ATTESTATION, KeyHint::None, &stranger), &proof)),
        "VCI-WAT-01b"
    );
    assert_eq!(rule(&pair(&mut world, &by(Typ::JWT, KeyHint::None, &provider_key()), &proof)), "VCI-WAT-01b");
    let own_key = by(Typ::CLIENT_ATTESTATION, KeyHint::Jwk, &stranger);
    assert_eq!(
        rule(&pair(&mut world, &own_key, &proof)),
        "VCI-WAT-01b",
        "a key in the header proves nothing"
    );
    trust(&mut world, Attesters::default());
    let now = world.now;
    assert_eq!(
        rule(&pair(&mut world, &attestation(now), &proof)),
        "VCI-WAT-01c",
        "nobody is trusted by default"
    );
}

#[test]
fn a_proof_of_an_attestation_that_breaks_a_rule_is_refused() {
    let mut world = World::without_nonces();
    let now = world.now;
    let attestation = attestation(now);
    for (name, value, expected) in [
        ("aud", json!("https://issuer.example"), "VCI-WAT-01h"),
        ("aud", json!(format!("{ISSUER}/token")), "VCI-WAT-01h"),
        ("aud", json!([ISSUER, "https://other.example"]), "VCI-WAT-01h"),
        ("aud", Value::Null, "VCI-WAT-01h"),
        ("iss", json!("other"), "VCI-WAT-01e"),
        ("iat", json!(now.unix() - 181), "VCI-WAT-01i"),
        ("iat", json!(now.unix() + 61), "VCI-WAT-01i"),
        ("iat", Value::Null, "VCI-WAT-01i"),
        ("jti", Value::Null, "VCI-WAT-01j"),
        ("jti", json!("j".repeat(257)), "VCI-WAT-01j"),
    ] {
        let proof = pop(&changed(&pop_claims(&mut world), name, value.clone()));
        let answer = pair(&mut world, &attestation, &proof);
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned(), expected), "{name}: {value}");
    }
    let claims = pop_claims(&mut world);
    let foreign = token(Typ::CLIENT_ATTESTATION_POP, KeyHint::None, &claims, &provider_key());
    assert_eq!(rule(&pair(&mut world, &attestation, &foreign)), "VCI-WAT-01g");
    let mistyped = token(Typ::CLIENT_ATTESTATION, KeyHint::None, &claims, &instance_key());
    assert_eq!(rule(&pair(&mut world, &attestation, &mistyped)), "VCI-WAT-01g");

    let proof = pop(&claims);
    let (one, two) = ("OAuth-Client-Attestation", "OAuth-Client-Attestation-PoP");
    for headers in [
        vec![(one, attestation.as_str())],
        vec![(two, proof.as_str())],
        vec![(one, &attestation), (one, &attestation), (two, &proof)],
        vec![(one, &attestation), (two, &proof), (two, &proof)],
    ] {
        assert_eq!(rule(&send(&mut world, &headers)), "VCI-WAT-01a");
    }
    // Refusals have not used it up; an answer does.
    body(&pair(&mut world, &attestation, &proof));
    assert_eq!(rule(&pair(&mut world, &attestation, &proof)), "VCI-WAT-01j");
}

#[test]
fn a_challenge_is_answered_where_it_must_be() {
    let mut world = World::without_nonces();
    let now = world.now;
    let attestation = attestation(now);
    let forged = pop(&changed(&pop_claims(&mut world), "challenge", json!("made up")));
    assert_eq!(rule(&pair(&mut world, &attestation, &forged)), "VCI-WAT-01f", "even where none is needed");
    let challenge = |world: &mut World| {
        let answer = world.send(form("challenge", &[], &[]));
        assert_eq!(answer.headers()["Cache-Control"], "no-store");
        body(&answer)["attestation_challenge"].clone()
    };
    world.settings.challenges = Challenges::Required;
    let bare = pop(&pop_claims(&mut world));
    let answer = pair(&mut world, &attestation, &bare);
    assert_eq!(refusal(&answer), (400, "use_attestation_challenge".to_owned(), "VCI-WAT-01f"));
    let given = answer.headers()["OAuth-Client-Attestation-Challenge"].to_str().unwrap().to_owned();
    for challenge in [challenge(&mut world), json!(given)] {
        let proof = pop(&changed(&pop_claims(&mut world), "challenge", challenge));
        body(&pair(&mut world, &attestation, &proof));
    }
    let old = challenge(&mut world);
    world.pass(Duration::from_mins(5));
    let proof = pop(&changed(&pop_claims(&mut world), "challenge", old));
    assert_eq!(rule(&pair(&mut world, &attestation, &proof)), "VCI-WAT-01f");
    let dpop_nonce = world.server().dpop_nonce(world.now, &mut sinpyo_testkit::TestEntropy::new(3));
    let proof = pop(&changed(&pop_claims(&mut world), "challenge", json!(dpop_nonce)));
    assert_eq!(rule(&pair(&mut world, &attestation, &proof)), "VCI-WAT-01f", "a nonce is no challenge");
}

#[test]
fn an_attested_wallet_need_not_be_entered_if_the_operator_says_so() {
    let mut world = World::without_nonces();
    let claims = changed(&claims(world.now), "sub", json!("https://provider.example/wallet"));
    let attestation = token(Typ::CLIENT_ATTESTATION, KeyHint::None, &claims, &provider_key());
    let push = |world: &mut World, redirect: &str| {
        let proof = pop(&pop_claims(world));
        let fields = [
            ("response_type", "code"),
            ("client_id", "https://provider.example/wallet"),
            ("redirect_uri", redirect),
            ("scope", "identity"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ];
        let headers =
            [("OAuth-Client-Attestation", attestation.as_str()), ("OAuth-Client-Attestation-PoP", &proof)];
        world.form("par", &fields, &headers)
    };
    assert_eq!(rule(&push(&mut world, "eudi-openid4ci://authorize")), "OAU-14");
    world.settings.unregistered = Unregistered::Attested;
    assert_eq!(push(&mut world, "eudi-openid4ci://authorize").status(), 201);
    for bad in [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a.example/#x",
        "http://a.example/cb",
        "/cb",
        "cb",
    ] {
        assert_eq!(rule(&push(&mut world, bad)), "VCI-AUT-06f", "{bad}");
    }
}

/// An authority, and a chain below it for [`provider_key`]-like keys made by `rcgen`.
fn certified(now: Timestamp) -> (Roots, Vec<Vec<u8>>, SigningKey) {
    let params = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(2026, 1, 1);
        params.not_after = rcgen::date_time_ymd(2027, 1, 1);
        params
    };
    assert!(now.to_string().starts_with("2026"));
    let (authority_key, leaf_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut authority = params("authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root = authority.self_signed(&authority_key).unwrap();
    let mut leaf = params("wallet provider");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let leaf = leaf.signed_by(&leaf_key, &Issuer::new(authority, authority_key)).unwrap();
    let roots = Roots::new([root.der()]).unwrap();
    (roots, vec![leaf.der().to_vec()], signing_key(&leaf_key))
}

/// The private scalar lies at a fixed place of the PKCS#8 form of a P-256 key [RFC 5915].
fn signing_key(pair: &KeyPair) -> SigningKey {
    let der = pair.serialize_der();
    let at = der.windows(5).position(|bytes| bytes == [2, 1, 1, 4, 32]).unwrap() + 5;
    let encode = sinpyo_core::encoding::to_base64url;
    let public = sinpyo_crypto::VerifyingKey::from_sec1(Algorithm::Es256, pair.public_key_raw()).unwrap();
    let mut jwk = public.to_jwk().members().clone();
    jwk.insert("d".to_owned(), encode(&der[at..at + 32]).into());
    let text = sinpyo_core::Secret::new(Value::Object(jwk).to_string());
    SigningKey::from_private_jwk(&text).unwrap()
}

#[test]
fn an_attestation_by_certificate_leads_to_a_root() {
    let mut world = World::without_nonces();
    let (roots, chain, provider) = certified(world.now);
    trust(&mut world, Attesters { roots, ..Attesters::default() });
    let make = |chain: &[Vec<u8>], key: &SigningKey, now| {
        token(Typ::CLIENT_ATTESTATION, KeyHint::X5c(chain), &claims(now), key)
    };
    let good = make(&chain, &provider, world.now);
    let proof = pop(&pop_claims(&mut world));
    body(&pair(&mut world, &good, &proof));

    let proof = pop(&pop_claims(&mut world));
    let forged = make(&chain, &instance_key(), world.now);
    assert_eq!(rule(&pair(&mut world, &forged, &proof)), "VCI-WAT-01b");
    let (_, foreign_chain, foreign_key) = certified(world.now);
    let foreign = make(&foreign_chain, &foreign_key, world.now);
    assert_eq!(rule(&pair(&mut world, &foreign, &proof)), "VCI-WAT-01c");
    let empty = make(&[], &provider, world.now);
    assert_eq!(rule(&pair(&mut world, &empty, &proof)), "VCI-WAT-01c");
}
