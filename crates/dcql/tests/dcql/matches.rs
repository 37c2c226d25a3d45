//! What a wallet finds.

use crate::scene::{PID, pid, query, sd_jwt};
use serde_json::{Value, json};
use sinpyo_dcql::{Candidate, Matches, Miss, Query};

/// Queries `a` to `d` for types of these names, with `sets`.
fn letters(sets: &Value) -> Query {
    let credential = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [id]}});
    let credentials: Vec<_> = ["a", "b", "c", "d"].map(credential).into();
    query(&json!({"credentials": credentials, "credential_sets": sets}))
}

fn held(types: &[&str]) -> Vec<Candidate> {
    types.iter().map(|kind| sd_jwt(kind, &json!({}))).collect()
}

fn preferred(matches: &Matches) -> Option<String> {
    Some(matches.preferred()?.into_iter().map(sinpyo_dcql::QueryId::as_str).collect())
}

#[test]
fn without_sets_every_query_is_to_be_answered() {
    let query = query(&json!({"credentials": [
        {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["a"]}},
        {"id": "b", "format": "dc+sd-jwt", "meta": {"vct_values": ["b"]}}]}));
    let matches = query.matches(&held(&["a", "b", "a"]));
    assert!(matches.satisfiable());
    assert_eq!(preferred(&matches).unwrap(), "ab");
    let positions: Vec<_> = matches.query("a").unwrap().fits.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, [0, 2]);
    let matches = query.matches(&held(&["a"]));
    assert!(!matches.satisfiable() && matches.preferred().is_none());
    assert_eq!((&matches.queries[0].miss, &matches.queries[1].miss), (&None, &Some(Miss::Type)));
}

#[test]
fn the_first_option_that_can_be_answered_is_preferred() {
    let query = letters(&json!([{"options": [["a", "b"], ["c"], ["b", "d"]]}]));
    for (types, expected) in [
        (&["a", "b", "c"][..], Some("ab")),
        (&["a", "c"], Some("c")),
        (&["b", "c", "d"], Some("c")),
        (&["b", "d"], Some("bd")),
        (&["a", "d"], None),
        (&[], None),
    ] {
        let matches = query.matches(&held(types));
        assert_eq!(preferred(&matches).as_deref(), expected, "{types:?}");
        assert_eq!(matches.satisfiable(), expected.is_some());
    }
}

#[test]
fn nothing_is_answered_if_a_required_set_is_not() {
    let query = letters(&json!([{"options": [["a"]]}, {"options": [["b"]]}]));
    assert_eq!(preferred(&query.matches(&held(&["b", "a"]))).unwrap(), "ab");
    assert_eq!(preferred(&query.matches(&held(&["a"]))), None);
}

#[test]
fn an_optional_set_is_offered_and_not_needed() {
    let query = letters(&json!([{"options": [["a"]]}, {"options": [["b"], ["c"]], "required": false}]));
    let matches = query.matches(&held(&["a"]));
    assert_eq!(preferred(&matches).unwrap(), "a");
    assert!(matches.sets[1].options.is_empty() && !matches.sets[1].required);
    let matches = query.matches(&held(&["a", "c"]));
    assert_eq!(preferred(&matches).unwrap(), "a");
    assert_eq!(matches.sets[1].options, [vec!["c".parse().unwrap()]]);
}

#[test]
fn the_nearest_miss_is_told() {
    let asked = query(&pid(&json!({"claims": [{"path": ["a"]}, {"path": ["b"]}]})));
    let miss = |held: &[Candidate]| asked.matches(held).queries[0].miss.clone().unwrap();
    assert_eq!(miss(&[]), Miss::Nothing);
    let other = sd_jwt("urn:other", &json!({"a": 1, "b": 1}));
    assert_eq!(miss(std::slice::from_ref(&other)), Miss::Type);
    let (far, near) = (sd_jwt(PID, &json!({})), sd_jwt(PID, &json!({"b": 1})));
    for held in [vec![other.clone(), far.clone(), near.clone()], vec![near, far, other]] {
        let Miss::Claims { absent, .. } = miss(&held) else { panic!() };
        assert_eq!(absent, [sinpyo_core::claims::ClaimPath::name("a")]);
    }
}

#[test]
fn the_most_that_can_be_asked_is_answered_at_once() {
    // 32 sets of 32 options of 32 names: 32^32 combinations. Whoever made them would not return from this test.
    let ids: Vec<_> = (0..32).map(|n| format!("q{n}")).collect();
    let claims: Vec<_> = (0..16)
        .map(|n| json!({"path": ["list", null, format!("c{n}")], "values": (0..32).collect::<Vec<_>>()}))
        .collect();
    let credential = |id: &String| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [PID]}, "claims": claims});
    let set = json!({"options": vec![&ids; 32]});
    let query = query(
        &json!({"credentials": ids.iter().map(credential).collect::<Vec<_>>(), "credential_sets": vec![set; 32]}),
    );
    let element: Value =
        (0..16).map(|n| (format!("c{n}"), json!(100))).collect::<serde_json::Map<_, _>>().into();
    let held = vec![sd_jwt(PID, &json!({"list": vec![element; 64]})); 32];
    assert!(!query.matches(&held).satisfiable());
}
