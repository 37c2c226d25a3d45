//! SD-JWT VCs: to whom and to what they are bound.

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::{claims::ClaimPath, credential::Holder};
use sinpyo_verifier::{Evidence, Session, WithoutStatus};
use std::time::Duration;

fn answer(presentation: &str) -> Value {
    json!({"resident": [presentation]})
}

/// A presentation with a binding in which `change` changed something.
fn bound(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Value {
    let credential = resident(held_key()).status(entry(7)).build();
    answer(&bind(&select(&issue(&credential), &["given_name"]), change))
}

#[test]
fn what_answers_the_query_is_accepted() {
    let scene = Scene::new();
    let verdict = scene.verdict(&answer(&shown_name())).unwrap();
    assert!(verdict.dropped.is_empty());
    let accepted = verdict.into_result().unwrap();
    let credential = accepted.credential("resident").unwrap();
    assert_eq!(credential.claim(&ClaimPath::name("given_name")), Some(&json!("한별")));
    assert_eq!(credential.claim(&ClaimPath::name("age_over_18")), None);
    let [shown] = accepted.shown("resident") else { unreachable!("one was sent") };
    assert_eq!(shown.evidence(), None, "kept only where it is asked for");
    let sent = shown_name();
    let kept = Scene { evidence: Evidence::Kept, ..scene }.verdict(&answer(&sent)).unwrap();
    let kept = kept.into_result().unwrap();
    assert_eq!(kept.shown("resident").first().unwrap().evidence(), Some(sent.as_str()));
}

/// SECURITY OVP-01, OVP-02 and SDJ-13 of the catalogue of attacks.
#[test]
fn what_was_made_for_another_occasion_is_refused() {
    let scene = Scene::new();
    let with =
        |name: &'static str, value: Value| bound(move |claims| drop(claims.insert(name.into(), value)));
    for nonce in ["another nonce of some length", &NONCE.to_uppercase(), ""] {
        assert_eq!(scene.code(&with("nonce", json!(nonce))), "SDJ-13", "{nonce}");
    }
    let others =
        ["verifier.example", "x509_san_dns:other.example", "x509_hash:verifier.example", "", RESPONSE_URI];
    for audience in others {
        assert_eq!(scene.code(&with("aud", json!(audience))), "SDJ-14", "{audience}");
    }
    assert_eq!(scene.code(&with("aud", json!([CLIENT]))), "SDJ-16", "an array is no audience");
    let day = 24 * 3600;
    for (iat, code) in [(start().unix() - day, "SDJ-15"), (now().unix() + day, "SDJ-15")] {
        assert_eq!(scene.code(&with("iat", json!(iat))), code);
    }
    assert_eq!(scene.code(&with("iat", json!("now"))), "SDJ-16");
    for name in ["nonce", "aud", "iat", "sd_hash"] {
        let without = bound(|claims| drop(claims.remove(name)));
        assert_eq!(scene.code(&without), "SDJ-16", "{name}");
    }
    assert_eq!(scene.code(&bound(|_| {})), "ok");
}

/// Regression 7: the audience of the Digital Credentials API has a prefix and no slash at its end.
#[test]
fn the_audience_of_a_page_is_its_origin() {
    let scene = Scene {
        session: Session::DigitalCredentials {
            origin: "https://verifier.example".into(),
            jwk_thumbprint: None,
        },
        ..Scene::new()
    };
    let to = |audience: &'static str| bound(move |claims| drop(claims.insert("aud".into(), json!(audience))));
    assert_eq!(scene.code(&to("origin:https://verifier.example")), "ok");
    for other in [
        "https://verifier.example",
        "origin:https://verifier.example/",
        "origin:https://other.example",
        CLIENT,
    ] {
        assert_eq!(scene.code(&to(other)), "SDJ-14", "{other}");
    }
}

#[test]
fn whether_a_holder_must_prove_anything_is_the_querys_word() {
    let unbound = answer(&select(&issue(&resident(held_key()).status(entry(7)).build()), &["given_name"]));
    assert_eq!(Scene::new().code(&unbound), "SDJ-02");
    let mut query = name_query("resident");
    query["require_cryptographic_holder_binding"] = json!(false);
    let lenient = Scene::asking(json!({"credentials": [query]}));
    assert_eq!(lenient.code(&unbound), "ok");
    let bearer = answer(&select(&issue(&resident(Holder::Bearer).status(entry(7)).build()), &["given_name"]));
    assert_eq!(lenient.code(&bearer), "ok");
    assert_eq!(Scene::new().code(&bearer), "SDJ-02");
    // A proof that was not required and does not hold is no presentation either.
    assert_eq!(lenient.code(&answer(&shown_name())), "ok");
    let foreign = bound(|claims| drop(claims.insert("aud".into(), json!("x509_san_dns:other.example"))));
    assert_eq!(lenient.code(&foreign), "SDJ-14");
}

/// Regression 16.
#[test]
fn a_malformed_confirmation_is_refused() {
    let jwk = Party::holder().key().to_jwk();
    for cnf in [json!({"jkt": "x"}), json!({}), json!("x"), json!({"jwk": {"kty": "EC"}}), json!({"jwk": []})]
    {
        let claims = json!({"iss": "did:x:issuer", "iat": start().unix(), "vct": KIND, "cnf": cnf, "given_name": "한별"});
        let (header, issuer) =
            (json!({"typ": "dc+sd-jwt", "alg": "ES256", "kid": "did:x:issuer#k"}), Party::issuer());
        let part = |value: &Value| sinpyo_core::encoding::to_base64url(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&header), part(&claims));
        let signature = sinpyo_core::key::Signer::sign(&issuer.0, input.as_bytes()).unwrap();
        let token = format!("{input}.{}~", sinpyo_core::encoding::to_base64url(&signature));
        let code = Scene::new().code(&answer(&bind(&token, |_| {})));
        assert!(["SDJ-12", "VCJ-07"].contains(&code), "{cnf}: {code}");
    }
    // The smallest key that says what it is will do: no `kid`, no `alg`.
    assert_eq!((jwk.text("kid"), jwk.text("alg")), (None, None));
    assert_eq!(Scene::new().code(&answer(&shown_name())), "ok");
}

#[test]
fn another_format_than_was_asked_for_is_refused() {
    let scene = Scene::new();
    let token = shown_name();
    let (issuer_token, rest) = token.split_once('~').unwrap();
    let retyped = {
        let (_, tail) = issuer_token.split_once('.').unwrap();
        let header = json!({"alg": "ES256", "typ": "vc+sd-jwt", "kid": "did:x:issuer#k"}).to_string();
        format!("{}.{tail}~{rest}", sinpyo_core::encoding::to_base64url(header.as_bytes()))
    };
    let others = [
        json!(issuer_token),
        json!(retyped),
        json!("o2d2ZXJzaW9u"),
        json!({"type": "VerifiablePresentation"}),
        json!(""),
    ];
    for other in others {
        assert_eq!(scene.code(&json!({"resident": [other]})), "VP-19", "{other}");
    }
}

#[test]
fn a_withdrawn_credential_is_not_accepted() {
    for (status, code) in [(0, "ok"), (1, "VP-07"), (2, "VP-08"), (3, "VP-09")] {
        assert_eq!(Scene { status, ..Scene::new() }.code(&answer(&shown_name())), code);
    }
    let silent = bind(&select(&issue(&resident(held_key()).build()), &["given_name"]), |_| {});
    assert_eq!(Scene::new().code(&answer(&silent)), "VP-10");
    let lenient = Scene { without_status: WithoutStatus::AcceptUntilExpiry, ..Scene::new() };
    assert_eq!(lenient.code(&answer(&silent)), "ok");
    assert_eq!(Scene { status: 1, ..lenient }.code(&answer(&shown_name())), "VP-07");
}

/// TSL-04: what the publisher says about keeping counts, not what is convenient.
#[test]
fn a_status_list_is_not_kept_for_longer_than_its_publisher_says() {
    let after = |seconds| Scene { list_age: Duration::from_secs(seconds), ..Scene::new() };
    assert_eq!(after(60).code(&answer(&shown_name())), "ok");
    assert_eq!(after(61).code(&answer(&shown_name())), "VP-11");
}

#[test]
fn registered_claims_can_be_asked_for() {
    let asking = |name: &str, values: Value| {
        let mut query = name_query("resident");
        query["claims"] = json!([{"path": [name], "values": values}]);
        Scene::asking(json!({"credentials": [query]})).code(&answer(&shown_name()))
    };
    assert_eq!(asking("iss", json!(["did:x:issuer"])), "ok");
    assert_eq!(asking("vct", json!([KIND])), "ok");
    assert_eq!(asking("iat", json!([start().unix()])), "ok");
    assert_eq!(asking("iss", json!(["did:x:other"])), "VP-15");
    assert_eq!(asking("jti", json!(["x"])), "VP-14");
}

/// Regression 18: who somebody is, is never a claim alone.
#[test]
fn a_user_is_a_claim_of_an_issuer() {
    let accepted = Scene::new().verdict(&answer(&shown_name())).unwrap().into_result().unwrap();
    let shown = accepted.shown("resident").first().unwrap();
    let identity = shown.identity(&ClaimPath::name("given_name")).unwrap();
    assert_eq!((identity.issuer, identity.claim), ("did:x:issuer", &json!("한별")));
    assert_eq!(shown.identity(&ClaimPath::name("age_over_18")), None, "withheld");
    assert!(!format!("{identity:?} {shown:?} {accepted:?}").contains("한별"));
}

/// The element at index 1 is asked for; what is at another place is not it, unless something before it was withheld.
#[test]
fn an_element_at_another_place_is_no_answer() {
    let code = |codes: Value, selective: &[&str], shown: &[&str]| {
        let paths = |texts: &[&str]| -> Vec<ClaimPath> {
            texts
                .iter()
                .map(|text| ClaimPath::from_json(&serde_json::from_str(text).unwrap()).unwrap())
                .collect()
        };
        let credential = resident(held_key()).claim("codes", codes).status(entry(7)).build();
        let wire = issue_hiding(&credential, &paths(selective));
        let selected = select_paths(&wire, &paths(shown));
        let query = json!({"credentials": [{"id": "resident", "format": "dc+sd-jwt",
            "meta": {"vct_values": [KIND]}, "claims": [{"path": ["codes", 1], "values": ["B"]}]}]});
        Scene::asking(query).code(&answer(&bind(&selected, |_| {})))
    };
    assert_eq!(code(json!(["A", "B"]), &[], &[]), "ok");
    assert_ne!(code(json!(["B", "C"]), &[], &[]), "ok");
    let each = [r#"["codes",0]"#, r#"["codes",1]"#];
    assert_eq!(code(json!(["A", "B"]), &each, &[r#"["codes",1]"#]), "ok", "A was withheld");
    assert_ne!(code(json!(["B", "C"]), &each, &each), "ok", "nothing was withheld");
    assert_eq!(code(json!(["A", "B"]), &each, &each), "ok");
}
