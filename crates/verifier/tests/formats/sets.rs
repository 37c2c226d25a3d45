//! Whether the answer answers the whole query.

use crate::fixture::*;
use serde_json::{Value, json};

/// A presentation that another holder's key signed.
fn forged() -> String {
    let credential = resident(held_key()).status(entry(7)).build();
    let selected = select(&issue(&credential), &["given_name"]);
    let token = bind(&selected, |claims| drop(claims.insert("sd_hash".into(), json!("AAAA"))));
    assert_eq!(Scene::new().code(&json!({"resident": [token]})), "SDJ-03");
    token
}

/// A presentation that answers another challenge.
fn replayed() -> String {
    let credential = resident(held_key()).status(entry(7)).build();
    let selected = select(&issue(&credential), &["given_name"]);
    bind(&selected, |claims| drop(claims.insert("nonce".into(), json!("the nonce of yesterday"))))
}

fn two(sets: Option<Value>) -> Scene {
    let credentials = [name_query("a"), name_query("b")];
    Scene::asking(match sets {
        Some(sets) => json!({"credentials": credentials, "credential_sets": sets}),
        None => json!({"credentials": credentials}),
    })
}

/// OVP-04 of the catalogue of attacks.
#[test]
fn a_missing_credential_refuses() {
    let shown = shown_name();
    assert_eq!(two(None).code(&json!({"a": [shown]})), "VP-DCQ-11d");
    assert_eq!(two(None).code(&json!({})), "VP-DCQ-11d");
    assert_eq!(two(None).code(&json!({"a": [shown], "b": [shown]})), "ok");
    let either = || two(Some(json!([{"options": [["a"], ["b"]]}])));
    assert_eq!(either().code(&json!({"b": [shown]})), "ok");
    assert_eq!(either().code(&json!({})), "VP-DCQ-11d");
    let optional = || two(Some(json!([{"options": [["a"]]}, {"options": [["b"]], "required": false}])));
    assert_eq!(optional().code(&json!({"a": [shown]})), "ok");
    assert_eq!(optional().code(&json!({"b": [shown]})), "VP-DCQ-11d");
}

/// OVP-06 of the catalogue of attacks, and regression 1.
#[test]
fn an_answer_holds_what_was_asked_for_and_no_more() {
    let scene = Scene::new();
    let shown = shown_name();
    assert_eq!(scene.code(&json!({"resident": [shown], "other": [shown]})), "VP-02");
    assert_eq!(scene.code(&json!({"resident": [shown, shown]})), "VP-DCQ-11b");
    for malformed in [json!([]), json!(shown), json!({}), json!(null), json!([[]]), json!([1]), json!([null])]
    {
        assert_eq!(scene.code(&json!({"resident": malformed})), "VP-01", "{malformed}");
    }
    let many = vec![shown.as_str(); 65];
    let mut query = name_query("resident");
    query["multiple"] = json!(true);
    let several = Scene::asking(json!({"credentials": [query]}));
    assert_eq!(several.code(&json!({"resident": many})), "VP-01");
    assert_eq!(several.code(&json!({"resident": many.get(..3).unwrap()})), "ok");
    let long = "a".repeat(3 << 20);
    assert_eq!(several.code(&json!({"resident": [long]})), "VP-01");
}

/// [VP-VAL-01]
#[test]
fn a_bad_presentation_is_dropped_and_the_rest_evaluated() {
    let (good, bad) = (shown_name(), forged());
    let mut query = name_query("resident");
    query["multiple"] = json!(true);
    let several = Scene::asking(json!({"credentials": [query]}));
    let verdict = several.verdict(&json!({"resident": [bad, good, bad]})).unwrap();
    let dropped: Vec<_> =
        verdict.dropped.iter().map(|one| (one.query.as_str(), one.position, one.error.code())).collect();
    assert_eq!(dropped, [("resident", 0, "SDJ-03"), ("resident", 2, "SDJ-03")]);
    assert_eq!(verdict.into_result().unwrap().shown("resident").len(), 1);
    // Nothing is left: the reason is that of what was dropped.
    assert_eq!(several.code(&json!({"resident": [bad]})), "SDJ-03");
    assert_eq!(Scene::new().code(&json!({"resident": [bad]})), "SDJ-03");
    // What was optional is simply absent.
    let optional = two(Some(json!([{"options": [["a"]]}, {"options": [["b"]], "required": false}])));
    let verdict = optional.verdict(&json!({"a": [good], "b": [bad]})).unwrap();
    assert_eq!((verdict.code(), verdict.dropped.len()), (None, 1));
    let accepted = verdict.into_result().unwrap();
    assert!(accepted.credential("a").is_some() && accepted.credential("b").is_none());
    assert_eq!(optional.code(&json!({"a": [bad], "b": [good]})), "SDJ-03");
}

/// [VP-VAL-01] The deliberate exception.
#[test]
fn another_nonce_refuses_the_whole_answer() {
    let optional = two(Some(json!([{"options": [["a"]]}, {"options": [["b"]], "required": false}])));
    let answer = json!({"a": [shown_name()], "b": [replayed()]});
    let verdict = optional.verdict(&answer).unwrap();
    assert_eq!((verdict.code(), verdict.dropped.len()), (Some("SDJ-13"), 0));
}

#[test]
fn nothing_is_fetched_for_an_answer_that_is_lost() {
    let mut check = two(None).start(&json!({"a": [shown_name()], "b": ["no token"]})).unwrap();
    assert_eq!(check.need(), None);
    let known = sinpyo_verifier::Known { fact: sinpyo_verifier::Fact::Unavailable, as_of: now() };
    assert_eq!(check.supply(&known).unwrap_err().code(), "VP-17");
    assert_eq!(two(None).code(&json!({"a": [shown_name()], "b": ["no token"]})), "VP-19");
}

#[test]
fn what_cannot_be_looked_up_drops_a_presentation() {
    let mut check = Scene::new().start(&json!({"resident": [shown_name()]})).unwrap();
    assert!(check.need().is_some());
    let known = sinpyo_verifier::Known { fact: sinpyo_verifier::Fact::Unavailable, as_of: now() };
    check.supply(&known).unwrap();
    assert_eq!(check.need(), None);
    let verdict = check.conclude();
    assert_eq!(verdict.code(), Some("VP-12"));
    assert_eq!(verdict.dropped.len(), 1);
}

/// OVP-05 of the catalogue of attacks.
#[test]
fn another_credential_than_was_asked_for_is_refused() {
    let asking = |change: fn(&mut Value)| {
        let mut query = name_query("resident");
        change(&mut query);
        Scene::asking(json!({"credentials": [query]})).code(&json!({"resident": [shown_name()]}))
    };
    assert_eq!(asking(|_| {}), "ok");
    assert_eq!(asking(|query| query["meta"]["vct_values"] = json!(["urn:example:Other"])), "VP-05");
    assert_eq!(asking(|query| query["claims"] = json!([{"path": ["age_over_18"]}])), "VP-14");
    assert_eq!(asking(|query| query["claims"][0]["values"] = json!(["한솔"])), "VP-15");
    assert_eq!(
        asking(|query| {
            query["format"] = json!("jwt_vc_json");
            query["meta"] = json!({"type_values": [[KIND]]});
        }),
        "VP-19"
    );
    assert_eq!(
        asking(|query| {
            query["claims"] =
                json!([{"id": "x", "path": ["age_over_18"]}, {"id": "y", "path": ["given_name"]}]);
            query["claim_sets"] = json!([["x"], ["y"]]);
        }),
        "ok"
    );
}
