//! What a verifier makes of an answer.

use crate::scene::{PID, candidate, pid, query, sd_jwt};
use serde_json::{Value, json};
use sinpyo_dcql::{AnswerError, Bound, Candidate, Kind, Miss, Query, QueryId};
use std::collections::BTreeMap;

fn id(text: &str) -> QueryId {
    text.parse().unwrap()
}

fn answer<const N: usize>(entries: [(&str, Vec<Candidate>); N]) -> BTreeMap<QueryId, Vec<Candidate>> {
    entries.into_iter().map(|(name, presented)| (id(name), presented)).collect()
}

fn shown() -> Candidate {
    sd_jwt(PID, &json!({"name": "한별", "age": 20, "extra": 1}))
}

fn name_and_age() -> Query {
    query(&pid(&json!({"claims": [{"path": ["name"]}, {"path": ["age"], "values": [20]}]})))
}

fn refused(query: &Query, answer: &BTreeMap<QueryId, Vec<Candidate>>, code: &str) -> AnswerError {
    let error = query.check(answer).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    error
}

#[test]
fn an_answer_to_the_whole_query_passes() {
    let answered = name_and_age().check(&answer([("pid", vec![shown()])])).unwrap();
    let claims: Vec<_> = answered.queries()["pid"][0].claims.iter().map(ToString::to_string).collect();
    assert_eq!(claims, ["name", "age"]); // not `extra`, which was not asked for
}

#[test]
fn an_entry_that_was_not_asked_for_is_refused() {
    let extra = answer([("pid", vec![shown()]), ("other", vec![shown()])]);
    assert_eq!(refused(&name_and_age(), &extra, "VP-DCQ-11a"), AnswerError::UnknownQuery(id("other")));
}

#[test]
fn another_number_of_presentations_is_refused() {
    refused(&name_and_age(), &answer([("pid", vec![])]), "VP-DCQ-11b");
    refused(&name_and_age(), &answer([("pid", vec![shown(), shown()])]), "VP-DCQ-11b");
    let several = query(&pid(&json!({"multiple": true})));
    assert!(several.check(&answer([("pid", vec![shown(), shown()])])).is_ok());
    refused(&several, &answer([("pid", vec![])]), "VP-DCQ-11b");
}

#[test]
fn a_presentation_that_does_not_fit_is_refused() {
    let query = name_and_age();
    let unfit =
        |presented: Candidate| match refused(&query, &answer([("pid", vec![presented])]), "VP-DCQ-11c") {
            AnswerError::Unfit { miss, position: 0, .. } => miss,
            other => panic!("{other}"),
        };
    assert_eq!(unfit(candidate(Kind::Mdoc { doctype: PID.into() }, &json!({}))), Miss::Format);
    assert_eq!(unfit(sd_jwt("urn:other", &json!({"name": "한별", "age": 20}))), Miss::Type);
    assert_eq!(unfit(Candidate { bound: Bound::ToNobody, ..shown() }), Miss::Unbound);
    // The wallet is not relied on to compare values.
    for claims in [json!({"name": "한별"}), json!({"name": "한별", "age": 19}), json!({"age": 20})] {
        assert!(matches!(unfit(sd_jwt(PID, &claims)), Miss::Claims { .. }));
    }
    // Of several presentations each must fit.
    let several = self::query(&pid(&json!({"multiple": true, "claims": [{"path": ["name"]}]})));
    let one_bad = answer([("pid", vec![shown(), sd_jwt(PID, &json!({}))])]);
    assert!(matches!(refused(&several, &one_bad, "VP-DCQ-11c"), AnswerError::Unfit { position: 1, .. }));
}

#[test]
fn an_answer_without_something_required_is_refused() {
    refused(&name_and_age(), &answer([]), "VP-DCQ-11d");
    let credential = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [id]}});
    let sets = query(&json!({"credentials": Value::from(["a", "b", "c"].map(credential).to_vec()),
        "credential_sets": [{"options": [["a", "b"], ["c"]]}, {"options": [["b"]], "required": false}]}));
    let of = |types: &[&str]| -> BTreeMap<_, _> {
        types.iter().map(|kind| (id(kind), vec![sd_jwt(kind, &json!({}))])).collect()
    };
    for good in [&["a", "b"][..], &["c"], &["b", "c"]] {
        assert!(sets.check(&of(good)).is_ok(), "{good:?}");
    }
    for bad in [&[][..], &["a"], &["b"]] {
        assert_eq!(refused(&sets, &of(bad), "VP-DCQ-11d"), AnswerError::Incomplete { set: 0 });
    }
    // Without sets all is required.
    let all = query(&json!({"credentials": Value::from(["a", "b"].map(credential).to_vec())}));
    assert!(all.check(&of(&["a", "b"])).is_ok());
    refused(&all, &of(&["a"]), "VP-DCQ-11d");
}
