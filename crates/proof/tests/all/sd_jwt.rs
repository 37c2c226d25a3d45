//! SD-JWT VCs as our issuer makes them and our holder shows them.

use crate::fixture::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Presentation},
    encoding::from_base64url,
    key::Signer,
};
use sinpyo_proof::{
    CredentialError, HolderBinding, Unverified,
    jws::Typ,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm, Expected, Holding, SdJwtError, issue, verify},
    sd_jwt_vc,
};
use sinpyo_testkit::TestEntropy;
use std::{collections::BTreeSet, num::NonZeroUsize, time::Duration};

const TYP: Typ = Typ::application("example+sd-jwt");

fn holding(wire: &str) -> Holding {
    Holding::parse(wire, &[Typ::SD_JWT_VC]).unwrap()
}

fn shown(paths: &[Value]) -> String {
    let paths: Vec<ClaimPath> = paths.iter().cloned().map(path).collect();
    let selection = holding(&issued_by(&Party::issuer())).select(&paths).unwrap();
    selection.bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap()
}

fn present(
    wire: &str,
    binding: HolderBinding<'_>,
    at: sinpyo_core::time::Timestamp,
) -> Result<Presentation, &'static str> {
    let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).map_err(|error| error.code())?;
    let verified = arrived.verify(&Party::issuer().ring(), binding, at).map_err(|error| error.code())?;
    Ok(verified.into_inner())
}

fn required(wire: &str) -> Result<Presentation, &'static str> {
    present(wire, HolderBinding::Required(occasion()), now())
}

/// The parsed payload of the issuer's token.
fn issuer_payload(wire: &str) -> Value {
    let part = wire.split(['.', '~']).nth(1).unwrap();
    serde_json::from_slice(&from_base64url(part).unwrap()).unwrap()
}

#[test]
fn a_credential_survives_issuance_and_verification() {
    for credential in [credential(), with_status()] {
        let wire = sd_jwt_vc::issue(
            &credential,
            &concealment(&selective()),
            Party::issuer().pair(),
            &mut TestEntropy::new(1),
        );
        let arrived = Unverified::<Credential>::parse(wire.unwrap().as_bytes()).unwrap();
        let verified = arrived.verify(&Party::issuer().ring(), now()).unwrap();
        assert_eq!(verified.get(), &credential);
        assert_eq!(verified.verified_at(), now());
    }
}

#[test]
fn a_bound_presentation_shows_what_was_chosen_and_nothing_else() {
    let wire = shown(&[json!(["age_over_18"]), json!(["address", "district"])]);
    let presentation = required(&wire).unwrap();
    assert_eq!(
        Value::Object(presentation.credentials[0].claims().clone()),
        json!({"age_over_18": true, "address": {"district": "중구"}, "nationalities": []})
    );
    let binding = presentation.binding.unwrap();
    assert_eq!(
        (binding.audience.as_str(), binding.nonce.as_str(), binding.signed_at),
        (AUDIENCE, NONCE, now())
    );
}

#[test]
fn one_flipped_bit_anywhere_in_a_presentation_is_refused() {
    for wire in flips(&shown(&[json!(["age_over_18"])])) {
        assert!(required(&wire).is_err(), "{wire}");
    }
}

#[test]
fn a_truncated_presentation_is_refused() {
    let wire = shown(&[json!(["age_over_18"]), json!(["birthdate"])]);
    for length in 0..wire.len() {
        assert!(required(&wire[..length]).is_err(), "{length}");
    }
}

/// SDJ-02 of the catalogue: whether binding is needed is never decided by what was sent.
#[test]
fn a_stripped_key_binding_is_refused() {
    let wire = shown(&[json!(["age_over_18"])]);
    let stripped = &wire[..=wire.rfind('~').unwrap()];
    assert_eq!(required(stripped).unwrap_err(), "SDJ-02");
    assert_eq!(required(stripped.trim_end_matches('~')).unwrap_err(), "SDJ-12");
    assert!(present(stripped, HolderBinding::NotWanted, now()).is_ok());
    assert_eq!(present(&wire, HolderBinding::NotWanted, now()).unwrap_err(), "SDJ-11");
}

/// SDJ-03 of the catalogue.
#[test]
fn a_changed_set_of_disclosures_is_refused() {
    let wire = shown(&[json!(["age_over_18"]), json!(["birthdate"]), json!(["given_name"])]);
    let parts: Vec<_> = wire.split('~').collect();
    let [jwt, a, b, c, kb] = parts[..] else { panic!("{} parts", parts.len()) };
    let all = issued_by(&Party::issuer());
    let other = all.split('~').find(|text| !wire.contains(text) && !text.is_empty()).unwrap();
    for parts in [vec![jwt, a, b, kb], vec![jwt, b, a, c, kb], vec![jwt, a, b, c, other, kb], vec![jwt, kb]] {
        assert_eq!(required(&parts.join("~")).unwrap_err(), "SDJ-03");
    }
    assert_eq!(required(&[jwt, a, b, c, "", kb].join("~")).unwrap_err(), "SDJ-03");
}

/// SDJ-12 of the catalogue: the key is the one in the issuer-signed `cnf`.
#[test]
fn a_key_binding_by_anybody_else_is_refused() {
    let selected = || holding(&issued_by(&Party::issuer())).select(&[]).unwrap();
    for stranger in [Party::issuer(), Party::impostor()] {
        let wire = selected().bind(AUDIENCE, NONCE, now(), stranger.pair()).unwrap();
        assert_eq!(required(&wire).unwrap_err(), "SDJ-12");
    }
    let bearer = sd_jwt_vc::issue(
        &credential_for(Holder::Bearer),
        &concealment(&[]),
        Party::issuer().pair(),
        &mut TestEntropy::new(1),
    )
    .unwrap();
    let wire =
        holding(&bearer).select(&[]).unwrap().bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap();
    assert_eq!(required(&wire).unwrap_err(), "SDJ-12");
}

#[test]
fn a_confirmation_that_is_no_public_key_is_refused() {
    let header = json!({"alg": "ES256", "typ": "dc+sd-jwt", "kid": "did:x:issuer#key-1"});
    let with_cnf = |cnf: Value| {
        let wire =
            token(&Party::issuer(), &header, &json!({"vct": KIND, "iss": "did:x:issuer", "cnf": cnf})) + "~";
        holding(&wire).select(&[]).unwrap().bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap()
    };
    let jwk = json!(Party::holder().key().to_jwk().members());
    assert!(required(&with_cnf(json!({"jwk": jwk}))).is_ok());
    let mut private = jwk.clone();
    private["d"] = json!("AA");
    let mut off_curve = jwk;
    off_curve["x"] = off_curve["y"].clone();
    for cnf in [
        json!({"jwk": private}),
        json!({"jwk": off_curve}),
        json!({"jkt": "AA"}),
        json!({"kid": "a"}),
        json!("a"),
    ] {
        assert_eq!(required(&with_cnf(cnf)).unwrap_err(), "SDJ-12");
    }
}

/// SDJ-13 of the catalogue.
#[test]
fn a_key_binding_for_another_occasion_is_refused() {
    let bound = |audience: &str, nonce: &str, at| {
        let selection = holding(&issued_by(&Party::issuer())).select(&[]).unwrap();
        required(&selection.bind(audience, nonce, at, Party::holder().pair()).unwrap())
    };
    assert!(bound(AUDIENCE, NONCE, now()).is_ok());
    assert!(bound(AUDIENCE, NONCE, earlier(360)).is_ok());
    assert!(bound(AUDIENCE, NONCE, later(60)).is_ok());
    for at in [earlier(361), later(61), earlier(86_400), later(86_400)] {
        assert_eq!(bound(AUDIENCE, NONCE, at).unwrap_err(), "SDJ-15", "{at}");
    }
    for nonce in ["", "other", &NONCE.to_uppercase(), &NONCE[1..]] {
        assert_eq!(bound(AUDIENCE, nonce, now()).unwrap_err(), "SDJ-13", "{nonce}");
    }
    for audience in
        ["", "did:x:post", "decentralized_identifier:did:x:post/", "decentralized_identifier:did:x:pos"]
    {
        assert_eq!(bound(audience, NONCE, now()).unwrap_err(), "SDJ-14", "{audience}");
    }
}

/// JOS-11 and SDJ-13: claims of the wrong form are never taken for absent or equal.
#[test]
fn a_malformed_key_binding_claim_is_refused() {
    let selected = holding(&issued_by(&Party::issuer())).select(&[]).unwrap().unbound();
    let hash = sinpyo_core::encoding::to_base64url(&sinpyo_crypto::hash::sha256(selected.as_bytes()));
    let good = json!({"iat": now().unix(), "aud": AUDIENCE, "nonce": NONCE, "sd_hash": hash});
    let bound = |header: Value, claims: Value| {
        required(&format!("{selected}{}", token(&Party::holder(), &header, &claims)))
    };
    let header = json!({"alg": "ES256", "typ": "kb+jwt"});
    assert!(bound(header.clone(), good.clone()).is_ok());
    for (name, value) in [
        ("aud", json!([AUDIENCE])),
        ("aud", json!([AUDIENCE, "other"])),
        ("aud", json!([])),
        ("aud", json!({})),
        ("nonce", json!(1)),
        ("nonce", json!(null)),
        ("sd_hash", json!(null)),
        ("iat", json!("1795319100")),
        ("iat", json!(1.5)),
        ("exp", json!("never")),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        assert_eq!(bound(header.clone(), claims).unwrap_err(), "SDJ-16", "{name}");
    }
    for name in ["iat", "aud", "nonce", "sd_hash"] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(bound(header.clone(), claims).unwrap_err(), "SDJ-16", "{name}");
    }
    let jwk = json!(Party::holder().key().to_jwk().members());
    assert_eq!(
        bound(json!({"alg": "ES256", "typ": "kb+jwt", "jwk": jwk}), good.clone()).unwrap_err(),
        "SDJ-12"
    );
    assert_eq!(bound(json!({"alg": "ES256", "typ": "JWT"}), good).unwrap_err(), "SDJ-12");
}

#[test]
fn an_expired_or_future_credential_is_refused() {
    let wire = shown(&[]);
    let at = |at| {
        present(
            &wire,
            HolderBinding::Required(sinpyo_proof::Occasion {
                max_age: Duration::from_secs(10_000),
                ..occasion()
            }),
            at,
        )
        .map(|_| ())
    };
    assert_eq!(at(later(1060)), Ok(()));
    assert_eq!(at(later(1061)), Err("JWS-14"));
    assert_eq!(at(earlier(1061)), Err("SDJ-15"));
    let unbound = issued_by(&Party::issuer());
    let arrived = Unverified::<Credential>::parse(unbound.as_bytes()).unwrap();
    assert_eq!(arrived.verify(&Party::issuer().ring(), earlier(1061)).unwrap_err().code(), "JWS-15");
}

#[test]
fn registered_claims_of_the_wrong_form_are_refused() {
    let header = json!({"alg": "ES256", "typ": "dc+sd-jwt", "kid": "did:x:issuer#key-1"});
    let good = json!({"vct": KIND, "iss": "did:x:issuer"});
    let code = |claims: &Value| {
        let wire = token(&Party::issuer(), &header, claims) + "~";
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
        arrived.verify(&Party::issuer().ring(), now()).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(code(&good), Ok(()));
    let mut with_status = good.clone();
    with_status["status"] = json!({"status_list": {"idx": 1, "uri": "https://a"}});
    assert_eq!(code(&with_status), Ok(()));
    for (name, value, rule) in [
        ("vct", json!(null), "VCJ-07"),
        ("vct", json!("two words"), "VCJ-07"),
        ("iss", json!(null), "VCJ-07"),
        ("iss", json!("did:x:other"), "VCJ-06"),
        ("iss", json!("did:x:issuer "), "VCJ-06"),
        ("cnf", json!({"jkt": "AA"}), "VCJ-07"),
        ("jti", json!(1), "VCJ-07"),
        ("status", json!({"status_list": {"idx": "1", "uri": "https://a"}}), "VCJ-07"),
        ("status", json!({"status_list": {"idx": -1, "uri": "https://a"}}), "VCJ-07"),
        ("status", json!({"status_list": {"idx": 1}}), "VCJ-07"),
        ("status", json!({"other": {}}), "VCJ-08"),
        ("status", json!({}), "VCJ-08"),
        ("status", json!({"status_list": {"idx": 1, "uri": "https://a"}, "other": {}}), "VCJ-08"),
        ("exp", json!("1795319100"), "JWS-13"),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        assert_eq!(code(&claims), Err(rule), "{name}");
    }
}

#[test]
fn the_earlier_type_is_read_only_where_the_profile_says_so() {
    let header = json!({"alg": "ES256", "typ": "vc+sd-jwt", "kid": "did:x:issuer#key-1"});
    let wire = token(&Party::issuer(), &header, &json!({"vct": KIND, "iss": "did:x:issuer"})) + "~";
    // Under this type stands a W3C credential now, which this is not.
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
    assert_eq!(arrived.verify(&Party::issuer().ring(), now()).unwrap_err().code(), "VCJ-01");
    let arrived =
        Unverified::<Credential>::parse_as(wire.as_bytes(), &sinpyo_proof::Profile::legacy()).unwrap();
    assert!(arrived.verify(&Party::issuer().ring(), now()).is_ok());
}

#[test]
fn control_claims_cannot_be_hidden() {
    let issuer = Party::issuer();
    for name in ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"] {
        let hidden = [ClaimPath::name(name)];
        let error =
            sd_jwt_vc::issue(&credential(), &concealment(&hidden), issuer.pair(), &mut TestEntropy::new(1))
                .unwrap_err();
        assert_eq!(error.code(), "SDJ-10", "{name}");
        // An issuer that does it nevertheless is not believed.
        let claims = json!({"vct": KIND, "iss": "did:x:issuer", "nbf": 1, "exp": later(9).unix(), "vct#integrity": "a", "aka_vcts": [],
            "cnf": {"jwk": issuer.key().to_jwk().members()}, "status": {"status_list": {"idx": 1, "uri": "https://a"}}});
        let wire = issue(
            Typ::SD_JWT_VC,
            object(claims),
            &concealment(&hidden),
            issuer.pair(),
            &mut TestEntropy::new(1),
        );
        let arrived = Unverified::<Credential>::parse(wire.unwrap().as_bytes()).unwrap();
        let error = arrived.verify(&issuer.ring(), now()).unwrap_err();
        assert!(matches!(error, CredentialError::SdJwt(SdJwtError::MustBeVisible)), "{name}: {error}");
    }
}

#[test]
fn an_issuer_speaks_only_for_itself() {
    let other = Party::new("did:x:other", sinpyo_crypto::Algorithm::Es256, 5);
    let error = sd_jwt_vc::issue(&credential(), &concealment(&[]), other.pair(), &mut TestEntropy::new(1))
        .unwrap_err();
    assert_eq!(error.code(), "VCJ-06");
}

#[test]
fn a_claim_that_cannot_be_written_is_refused_at_issuance() {
    let issuer = Party::issuer();
    let issue = |claims: Value, hidden: &[ClaimPath]| {
        issue(TYP, object(claims), &concealment(hidden), issuer.pair(), &mut TestEntropy::new(1))
            .unwrap_err()
            .code()
    };
    for name in ["_sd", "...", "_sd_alg"] {
        assert_eq!(issue(json!({ name: 1 }), &[]), "SDJ-07");
        assert_eq!(issue(json!({"a": [{ name: 1 }]}), &[]), "SDJ-07");
    }
    assert_eq!(issue(json!({"a": 1}), &[ClaimPath::name("b")]), "SDJ-17");
    for name in ["iss", "exp", "vct", "cnf", "status", "iat", "jti", "aka_vcts"] {
        let disguised = Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
            .holder(Holder::Bearer)
            .valid(sinpyo_core::credential::Validity::default())
            .claim(name, 1)
            .build();
        let error = sd_jwt_vc::issue(&disguised, &concealment(&[]), issuer.pair(), &mut TestEntropy::new(1));
        assert_eq!(error.unwrap_err().code(), "VCJ-11", "{name}");
    }
    let did_bound = credential_for(Holder::Did(Party::holder().did));
    let error =
        sd_jwt_vc::issue(&did_bound, &concealment(&[]), issuer.pair(), &mut TestEntropy::new(1)).unwrap_err();
    assert_eq!(error.code(), "VCJ-11");
}

/// SDJ-19 of the catalogue: two copies of one credential have nothing secret in common.
#[test]
fn no_salt_or_digest_repeats_in_a_batch() {
    let mut entropy = TestEntropy::new(4);
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let wire =
            sd_jwt_vc::issue(&credential(), &concealment(&selective()), Party::issuer().pair(), &mut entropy)
                .unwrap();
        for disclosure in wire.split('~').skip(1).filter(|text| !text.is_empty()) {
            let parts: Vec<Value> = serde_json::from_slice(&from_base64url(disclosure).unwrap()).unwrap();
            let salt = parts[0].as_str().unwrap().to_owned();
            assert_eq!(from_base64url(&salt).unwrap().len(), 16);
            assert!(seen.insert(salt));
        }
        for digest in issuer_payload(&wire)["_sd"].as_array().unwrap() {
            assert!(seen.insert(digest.as_str().unwrap().to_owned()));
        }
    }
}

#[test]
fn decoys_fill_the_lists_and_order_tells_nothing() {
    for (multiple, expected) in [(1, 5), (4, 8), (10, 10)] {
        let selective = selective();
        let concealment = Concealment {
            decoys: Decoys::FillTo(NonZeroUsize::new(multiple).unwrap()),
            ..concealment(&selective)
        };
        let wire =
            sd_jwt_vc::issue(&credential(), &concealment, Party::issuer().pair(), &mut TestEntropy::new(1))
                .unwrap();
        let payload = issuer_payload(&wire);
        let digests: Vec<_> =
            payload["_sd"].as_array().unwrap().iter().map(|d| d.as_str().unwrap()).collect();
        assert_eq!(digests.len(), expected);
        assert!(digests.is_sorted());
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
        assert_eq!(arrived.verify(&Party::issuer().ring(), now()).unwrap().get(), &credential());
    }
}

#[test]
fn a_credential_that_hides_nothing_does_not_tell_so() {
    let concealment =
        Concealment { decoys: Decoys::FillTo(NonZeroUsize::new(5).unwrap()), ..concealment(&[]) };
    let wire =
        sd_jwt_vc::issue(&credential(), &concealment, Party::issuer().pair(), &mut TestEntropy::new(1))
            .unwrap();
    assert_eq!(issuer_payload(&wire)["_sd"].as_array().unwrap().len(), 5);
    let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
    assert_eq!(arrived.verify(&Party::issuer().ring(), now()).unwrap().get(), &credential());
}

#[test]
fn every_hash_algorithm_is_written_and_read() {
    let issuer = Party::issuer();
    for (algorithm, name) in [
        (DigestAlgorithm::Sha256, "sha-256"),
        (DigestAlgorithm::Sha384, "sha-384"),
        (DigestAlgorithm::Sha512, "sha-512"),
    ] {
        let selective = selective();
        let concealment = Concealment { algorithm, ..concealment(&selective) };
        let wire =
            sd_jwt_vc::issue(&credential(), &concealment, issuer.pair(), &mut TestEntropy::new(1)).unwrap();
        assert_eq!(issuer_payload(&wire)["_sd_alg"], name);
        let selection = holding(&wire).select(&[ClaimPath::name("birthdate")]).unwrap();
        let bound = selection.bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap();
        assert_eq!(required(&bound).unwrap().credentials[0].claims()["birthdate"], "1990-05-17");
    }
}

#[test]
fn a_holders_remote_key_signs_in_two_steps() {
    let holder = Party::holder();
    let selection = holding(&issued_by(&Party::issuer())).select(&[]).unwrap();
    let prepared = selection.prepare_binding(AUDIENCE, NONCE, now(), holder.key());
    let signature = holder.signer.sign(prepared.signing_input()).unwrap();
    assert!(required(&prepared.attach(&signature).unwrap()).is_ok());
}

fn any_claims() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..1000).prop_map(Value::from),
        "[가-힣a-z]{8}".prop_map(Value::from)
    ];
    let tree = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 1..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    });
    prop::collection::btree_map("[a-z]{4,8}", tree, 1..6).prop_map(|members| members.into_iter().collect())
}

/// Every path to a member or element below `value`.
fn paths_below(value: &Value, here: &mut Vec<Value>, all: &mut Vec<ClaimPath>) {
    let steps: Vec<(Value, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (json!(name), value)).collect(),
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, value)| (json!(index), value)).collect()
        }
        _ => Vec::new(),
    };
    for (step, value) in steps {
        here.push(step);
        all.push(path(json!(here)));
        paths_below(value, here, all);
        here.pop();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_issued_is_what_is_verified(claims in any_claims(), choice in any::<u64>(), seed in any::<u64>()) {
        let mut all = Vec::new();
        paths_below(&Value::Object(claims.clone()), &mut Vec::new(), &mut all);
        let hidden: Vec<_> = (0..).zip(all).filter(|(bit, _)| choice >> (bit % 64) & 1 == 1).map(|(_, path)| path).collect();
        let issuer = Party::issuer();
        let wire = issue(TYP, claims.clone(), &concealment(&hidden), issuer.pair(), &mut TestEntropy::new(seed)).unwrap();
        let expected = Expected { typ: TYP, holder_binding: HolderBinding::NotWanted, now: now() };
        let opened = verify(&wire, issuer.key(), &expected).unwrap().into_inner();
        prop_assert_eq!(&opened.claims, &claims);
        let holding = Holding::parse(&wire, &[TYP]).unwrap();
        prop_assert_eq!(holding.claims(), &claims);
        prop_assert_eq!(holding.hidden().count(), hidden.len());
        // Choosing everything sends everything.
        let everything: Vec<_> = claims.keys().map(|name| ClaimPath::name(name)).collect();
        let all_shown = holding.select(&everything).unwrap().unbound();
        let opened = verify(&all_shown, issuer.key(), &expected).unwrap().into_inner();
        prop_assert_eq!(&opened.claims, &claims);
    }
}
