//! One credential and one query.

use crate::scene::{AUTHORITY, PID, arthur, candidate, paths, pid, query, sd_jwt};
use serde_json::{Value, json};
use sinpyo_core::claims::ClaimPath;
use sinpyo_dcql::{Arrays, Authority, AuthorityKind, Bound, Candidate, Fit, Kind, Miss};

fn fit(more: &Value, held: &Candidate) -> Result<Fit, Miss> {
    query(&pid(more)).credentials()[0].fit(held)
}

/// What `path`, with these values, makes of [`arthur`]: the number of missing and of unequal claims.
fn arthur_has(claim: &Value) -> Result<(), (usize, usize)> {
    match fit(&json!({"claims": [claim]}), &sd_jwt(PID, &arthur())) {
        Ok(fit) => {
            assert_eq!((fit.claims.len(), fit.claim_set), (1, None));
            Ok(())
        }
        Err(Miss::Claims { absent, unequal }) => Err((absent.len(), unequal.len())),
        Err(miss) => panic!("{miss:?}"),
    }
}

#[test]
fn a_path_selects_as_the_specification_shows() {
    for path in [
        json!(["name"]),
        json!(["address"]),
        json!(["address", "street_address"]),
        json!(["degrees", null, "type"]),
        json!(["nationalities", 1]),
        json!(["nationalities", null]),
        json!(["degrees", 0, "university"]),
    ] {
        assert_eq!(arthur_has(&json!({"path": path})), Ok(()), "{path}");
    }
}

#[test]
fn a_step_into_a_value_of_another_kind_is_an_error() {
    let absent = Err((1, 0));
    for path in [
        json!(["name", "x"]),
        json!(["name", null]),
        json!(["name", 0]),
        json!(["address", null]),
        json!(["address", 0]),
        json!(["nationalities", "x"]),
        json!(["nationalities", null, "x"]),
    ] {
        assert_eq!(arthur_has(&json!({"path": path})), absent, "{path}");
    }
    // One element of another kind is enough [§7.1 step 2].
    let mixed = sd_jwt(PID, &json!({"list": [{"a": 1}, "text"]}));
    assert!(fit(&json!({"claims": [{"path": ["list", null, "a"]}]}), &mixed).is_err());
    let some = sd_jwt(PID, &json!({"list": [{"a": 1}, {"b": 1}]}));
    assert!(fit(&json!({"claims": [{"path": ["list", null, "a"]}]}), &some).is_ok());
}

#[test]
fn a_path_that_selects_nothing_is_an_error() {
    for path in
        [json!(["x"]), json!(["address", "x"]), json!(["nationalities", 2]), json!(["degrees", null, "x"])]
    {
        assert_eq!(arthur_has(&json!({"path": path})), Err((1, 0)), "{path}");
    }
}

#[test]
fn values_match_by_type_and_value() {
    let with = |path: Value, values: Value| arthur_has(&json!({"path": path, "values": values}));
    assert_eq!(with(json!(["age"]), json!([41, 42])), Ok(()));
    assert_eq!(with(json!(["nationalities", null]), json!(["Betelgeusian"])), Ok(()));
    for (path, values) in [
        (json!(["age"]), json!(["42"])),
        (json!(["age"]), json!([true, 41])),
        (json!(["name"]), json!(["arthur dent"])),
        (json!(["name"]), json!(["Arthur"])),
        (json!(["nationalities", 0]), json!(["Betelgeusian"])),
        (json!(["address"]), json!(["Milliways"])),
    ] {
        assert_eq!(with(path.clone(), values), Err((0, 1)), "{path}");
    }
    // Text is compared in NFC, as everywhere.
    let composed = sd_jwt(PID, &json!({"name": "한별"}));
    let decomposed = "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}";
    assert!(fit(&json!({"claims": [{"path": ["name"], "values": [decomposed]}]}), &composed).is_ok());
    let whole = sd_jwt(PID, &json!({"age": 42.0}));
    assert!(fit(&json!({"claims": [{"path": ["age"], "values": [42]}]}), &whole).is_ok());
}

#[test]
fn without_claims_nothing_is_selected() {
    assert_eq!(fit(&json!({}), &sd_jwt(PID, &arthur())), Ok(Fit { claims: vec![], claim_set: None }));
}

#[test]
fn without_claim_sets_all_claims_are_needed() {
    let asked = json!({"claims": [{"path": ["name"]}, {"path": ["age"]}, {"path": ["x"]}, {"path": ["y"]}]});
    let miss = fit(&asked, &sd_jwt(PID, &arthur())).unwrap_err();
    assert_eq!(miss, Miss::Claims { absent: paths(&[json!(["x"]), json!(["y"])]), unequal: vec![] });
}

#[test]
fn the_first_claim_set_that_can_be_answered_is_taken() {
    let asked = |sets: Value| {
        json!({"claims": [
        {"id": "n", "path": ["name"]}, {"id": "a", "path": ["age"]}, {"id": "x", "path": ["x"]},
        {"id": "v", "path": ["address"], "values": ["other"]}], "claim_sets": sets})
    };
    let arthur = sd_jwt(PID, &arthur());
    let taken = fit(&asked(json!([["n", "x"], ["a"], ["n", "a"]])), &arthur).unwrap();
    assert_eq!(taken, Fit { claims: paths(&[json!(["age"])]), claim_set: Some(1) });
    // The nearest miss is that of the set which lacks least.
    let miss = fit(&asked(json!([["x", "v"], ["n", "v"]])), &arthur).unwrap_err();
    assert_eq!(miss, Miss::Claims { absent: vec![], unequal: paths(&[json!(["address"])]) });
}

#[test]
fn another_format_or_type_does_not_do() {
    let claims = json!({});
    assert_eq!(fit(&json!({}), &sd_jwt("urn:other", &claims)), Err(Miss::Type));
    assert_eq!(fit(&json!({}), &sd_jwt("URN:PID", &claims)), Err(Miss::Type));
    let extends = Kind::SdJwtVc { vct: "urn:pid:kr".into(), extends: vec![PID.into()] };
    assert!(fit(&json!({}), &candidate(extends, &claims)).is_ok());
    assert_eq!(fit(&json!({}), &candidate(Kind::Mdoc { doctype: PID.into() }, &claims)), Err(Miss::Format));
    let types = |format: &str| {
        query(&json!({"credentials": [{"id": "q", "format": format,
        "meta": {"type_values": [["a", "b"], ["c"]]}}]}))
        .credentials()[0]
            .clone()
    };
    let held = |types: &[&str]| types.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
    let jwt = |types: &[&str]| candidate(Kind::JwtVc { types: held(types) }, &claims);
    let ldp = |types: &[&str]| candidate(Kind::LdpVc { types: held(types) }, &claims);
    assert!(types("jwt_vc_json").fit(&jwt(&["b", "x", "a"])).is_ok());
    assert!(types("ldp_vc").fit(&ldp(&["c"])).is_ok());
    assert_eq!(types("ldp_vc").fit(&ldp(&["a"])), Err(Miss::Type));
    assert_eq!(types("jwt_vc_json").fit(&ldp(&["c"])), Err(Miss::Format));
    assert_eq!(types("ldp_vc").fit(&jwt(&["c"])), Err(Miss::Format));
}

#[test]
fn an_unknown_format_matches_nothing() {
    let unknown = query(&json!({"credentials": [{"id": "q", "format": "ac_vp", "meta": {}}]}));
    assert_eq!(unknown.credentials()[0].fit(&sd_jwt(PID, &json!({}))), Err(Miss::Format));
}

#[test]
fn an_authority_must_be_one_of_the_trusted() {
    let aki = json!({"trusted_authorities": [{"type": "of_another_kind", "values": [AUTHORITY]},
        {"type": "aki", "values": ["AAAA", AUTHORITY]}]});
    let under = |kind, value: &str| Candidate {
        authorities: vec![Authority { kind, value: value.to_owned() }],
        ..sd_jwt(PID, &json!({}))
    };
    assert!(fit(&aki, &under(AuthorityKind::KeyIdentifier, AUTHORITY)).is_ok());
    for other in [
        under(AuthorityKind::KeyIdentifier, "BBBB"),
        under(AuthorityKind::EtsiTrustedList, AUTHORITY),
        sd_jwt(PID, &json!({})),
    ] {
        assert_eq!(fit(&aki, &other), Err(Miss::Authority));
    }
    for (name, kind) in
        [("etsi_tl", AuthorityKind::EtsiTrustedList), ("openid_federation", AuthorityKind::OpenidFederation)]
    {
        let asked = json!({"trusted_authorities": [{"type": name, "values": ["https://a.example"]}]});
        assert!(fit(&asked, &under(kind, "https://a.example")).is_ok());
        assert_eq!(
            fit(&asked, &under(AuthorityKind::KeyIdentifier, "https://a.example")),
            Err(Miss::Authority)
        );
    }
}

#[test]
fn a_credential_bound_to_nobody_does_only_where_that_is_enough() {
    let bearer = Candidate { bound: Bound::ToNobody, ..sd_jwt(PID, &json!({})) };
    assert_eq!(fit(&json!({}), &bearer), Err(Miss::Unbound));
    let asked = json!({"require_cryptographic_holder_binding": false});
    assert!(fit(&asked, &bearer).is_ok());
    assert!(fit(&asked, &sd_jwt(PID, &json!({}))).is_ok());
}

#[test]
fn elements_before_a_presented_one_may_have_been_withheld() {
    let asked = query(&pid(&json!({"claims": [{"path": ["nationalities", 1], "values": ["NL"]}]})));
    let asked = &asked.credentials()[0];
    let thinned = |claims: Value| Candidate { arrays: Arrays::Thinned, ..sd_jwt(PID, &claims) };
    let alone = thinned(json!({"nationalities": ["NL"]}));
    assert!(asked.fit(&alone).is_err());
    assert!(asked.fit_presented(&alone).is_ok());
    // An element cannot stand after its place, and one of another value is another one.
    assert!(asked.fit_presented(&thinned(json!({"nationalities": ["A", "B", "NL"]}))).is_err());
    assert!(asked.fit_presented(&thinned(json!({"nationalities": []}))).is_err());
    // Neighbours of another kind that were shown as well do no harm.
    let deep = query(&pid(&json!({"claims": [{"path": ["list", 1, "a"]}]})));
    let deep = &deep.credentials()[0];
    for list in [json!(["x", {"a": 1}]), json!([{"a": 1}])] {
        assert!(deep.fit_presented(&thinned(json!({"list": list}))).is_ok(), "{list}");
    }
    assert!(deep.fit_presented(&thinned(json!({"list": ["x"]}))).is_err());
    // Other formats withhold no elements.
    let ldp =
        query(&json!({"credentials": [{"id": "q", "format": "ldp_vc", "meta": {"type_values": [["t"]]},
        "claims": [{"path": ["list", 1]}]}]}));
    let shown = candidate(Kind::LdpVc { types: vec!["t".into()] }, &json!({"list": [1]}));
    assert!(ldp.credentials()[0].fit_presented(&shown).is_err());
}

/// Where nothing was withheld there is nothing to guess: another element is not the one that was asked for.
#[test]
fn an_element_of_a_whole_array_stands_at_its_place() {
    let asked = query(&pid(&json!({"claims": [{"path": ["codes", 1], "values": ["B"]}]})));
    let asked = &asked.credentials()[0];
    let whole = |codes: Value| sd_jwt(PID, &json!({"codes": codes}));
    assert!(asked.fit_presented(&whole(json!(["A", "B"]))).is_ok());
    for codes in [json!(["B", "C"]), json!(["B"]), json!(["A", "C", "B"])] {
        assert!(asked.fit_presented(&whole(codes.clone())).is_err(), "{codes}");
    }
}

#[test]
fn a_claim_that_is_never_shown_counts_as_absent() {
    let asked = query(&pid(&json!({"claims": [{"id": "n", "path": ["name"]}, {"id": "a", "path": ["age"]}],
        "claim_sets": [["n"], ["a"]]})));
    let held = [sd_jwt(PID, &arthur())];
    let taken = |may_show: &dyn Fn(&ClaimPath) -> bool| {
        let matches = asked.matches_showing(&held, &|_, path| may_show(path));
        matches.queries[0].fits.first().and_then(|(_, fit)| fit.claim_set)
    };
    assert_eq!(taken(&|_| true), Some(0));
    assert_eq!(taken(&|path| *path != ClaimPath::name("name")), Some(1));
    assert_eq!(taken(&|_| false), None);
}
