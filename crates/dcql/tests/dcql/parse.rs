//! Reading and writing queries.

use crate::scene::{PID, pid, query};
use serde_json::{Value, json};
use sinpyo_core::claims::ClaimPath;
use sinpyo_dcql::{Binding, ClaimQuery, Count, CredentialQuery, CredentialSet, Query, QueryError, Wanted};

fn refused(value: &Value, code: &str) {
    let error = Query::from_json(value).expect_err(&value.to_string());
    assert_eq!(error.code(), code, "{error}: {value}");
}

/// `pid` with `member` set to `value`.
fn with(member: &str, value: Value) -> Value {
    let mut query = pid(&json!({"claims": [{"id": "n", "path": ["name"]}, {"id": "a", "path": ["age"]}]}));
    query["credentials"][0][member] = value;
    query
}

fn without(member: &str) -> Value {
    let mut query = pid(&json!({}));
    query["credentials"][0].as_object_mut().unwrap().remove(member).unwrap();
    query
}

#[test]
fn what_is_left_out_has_its_default() {
    let query = query(&pid(&json!({"unknown": {"member": 1}})));
    let [credential] = query.credentials() else { panic!() };
    assert_eq!((credential.count, credential.binding), (Count::One, Binding::Required));
    assert_eq!(credential.wanted, Wanted::SdJwtVc { types: vec![PID.to_owned()] });
    assert!(credential.claims.is_empty() && credential.authorities.is_empty() && query.sets().is_empty());
    assert_eq!(query.to_json(), pid(&json!({})));
}

#[test]
fn a_query_without_credentials_is_refused() {
    for value in [json!({}), json!([]), json!({"credentials": []}), json!({"credentials": [1]}), Value::Null]
    {
        refused(&value, "VP-DCQ-01a");
    }
    assert_eq!(Query::parse(b"{\"credentials\":").unwrap_err().code(), "VP-DCQ-01a");
    assert!(matches!(Query::parse(br#"{"credentials":[],"credentials":[]}"#), Err(QueryError::Json(_))));
}

#[test]
fn a_name_given_twice_is_refused() {
    let mut twice = pid(&json!({}));
    let first = twice["credentials"][0].clone();
    twice["credentials"].as_array_mut().unwrap().push(first);
    refused(&twice, "VP-DCQ-01b");
    refused(&with("claims", json!([{"id": "n", "path": ["a"]}, {"id": "n", "path": ["b"]}])), "VP-DCQ-01b");
}

#[test]
fn a_name_of_other_characters_is_refused() {
    for id in [json!(""), json!("a b"), json!("이름"), json!("a.b"), json!(7), Value::Null] {
        refused(&with("id", id), "VP-DCQ-01c");
    }
    refused(&without("id"), "VP-DCQ-01c");
    refused(&with("claims", json!([{"id": "", "path": ["a"]}])), "VP-DCQ-01c");
    query(&with("id", json!("A_z-09")));
}

#[test]
fn a_type_that_its_format_does_not_name_is_refused() {
    refused(&without("meta"), "VP-DCQ-02");
    refused(&without("format"), "VP-DCQ-02");
    for (format, good, bad) in [
        ("dc+sd-jwt", json!({"vct_values": ["a"]}), json!({"vct_values": []})),
        ("dc+sd-jwt", json!({"vct_values": ["a"]}), json!({"vct_values": "a"})),
        ("dc+sd-jwt", json!({"vct_values": ["a"]}), json!({"vct_values": ["a", 1]})),
        ("dc+sd-jwt", json!({"vct_values": ["a"]}), json!({"doctype_value": "a"})),
        ("mso_mdoc", json!({"doctype_value": "a"}), json!({"doctype_value": ""})),
        ("mso_mdoc", json!({"doctype_value": "a"}), json!({"doctype_value": ["a"]})),
        ("jwt_vc_json", json!({"type_values": [["a"]]}), json!({"type_values": ["a"]})),
        ("jwt_vc_json", json!({"type_values": [["a"]]}), json!({"type_values": [[]]})),
        ("ldp_vc", json!({"type_values": [["a"]]}), json!({"type_values": []})),
        ("ldp_vc", json!({"type_values": [["a"], ["b", "c"]]}), json!({})),
    ] {
        let of = |meta: Value| json!({"credentials": [{"id": "q", "format": format, "meta": meta}]});
        assert_eq!(query(&of(good.clone())).to_json(), of(good));
        refused(&of(bad), "VP-DCQ-02");
    }
}

#[test]
fn an_unknown_format_is_kept_and_not_refused() {
    let value = json!({"credentials": [{"id": "q", "format": "ac_vp", "meta": {"x": [1]}}]});
    assert_eq!(query(&value).to_json(), value);
    assert!(matches!(query(&value).credentials()[0].wanted, Wanted::Unknown { .. }));
}

#[test]
fn a_claim_without_a_path_is_refused() {
    for claims in [
        json!([]),
        json!({}),
        json!([{}]),
        json!([{"path": []}]),
        json!([{"path": "name"}]),
        json!([{"path": ["a", -1]}]),
        json!([{"path": ["a", 1.5]}]),
        json!([{"path": [true]}]),
        json!(["a"]),
    ] {
        refused(&with("claims", claims), "VP-DCQ-03a");
    }
}

#[test]
fn a_claim_asked_for_twice_is_refused() {
    refused(&with("claims", json!([{"path": ["a", 1]}, {"path": ["a", 1], "values": [1]}])), "VP-DCQ-03b");
    query(&with("claims", json!([{"path": ["a", 1]}, {"path": ["a", 2]}])));
}

#[test]
fn claim_sets_need_named_claims() {
    refused(&pid(&json!({"claim_sets": [["a"]]})), "VP-DCQ-03c");
    refused(&pid(&json!({"claims": [{"path": ["a"]}], "claim_sets": [["a"]]})), "VP-DCQ-03c");
    for sets in [json!([]), json!([[]]), json!(["n"]), json!([[1]])] {
        refused(&with("claim_sets", sets), "VP-DCQ-03c");
    }
    query(&with("claim_sets", json!([["n", "a"], ["a"]])));
}

#[test]
fn a_claim_set_of_unknown_claims_is_refused() {
    refused(&with("claim_sets", json!([["n"], ["n", "x"]])), "VP-DCQ-03d");
}

#[test]
fn a_credential_set_of_unknown_queries_is_refused() {
    let with_sets = |sets: Value| {
        let mut query = pid(&json!({}));
        query["credential_sets"] = sets;
        query
    };
    for sets in [
        json!([]),
        json!([{}]),
        json!([{"options": []}]),
        json!([{"options": [[]]}]),
        json!([1]),
        json!([{"options": ["pid"]}]),
        json!([{"options": [["other"]]}]),
        json!([{"options": [["pid"]], "required": "no"}]),
    ] {
        refused(&with_sets(sets), "VP-DCQ-04");
    }
    let sets = query(&with_sets(json!([{"options": [["pid"]]}, {"options": [["pid"]], "required": false}])));
    assert_eq!(sets.sets().iter().map(|set| set.required).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn values_of_another_kind_are_refused() {
    for values in [json!([]), json!("a"), json!([null]), json!([1.5]), json!([["a"]]), json!([{}])] {
        refused(&with("claims", json!([{"path": ["a"], "values": values}])), "VP-DCQ-07b");
    }
    query(&with("claims", json!([{"path": ["a"], "values": ["x", -1, true]}])));
}

#[test]
fn trusted_authorities_without_type_or_values_are_refused() {
    for entry in [
        json!({}),
        json!({"type": "aki"}),
        json!({"type": "aki", "values": []}),
        json!({"type": 1, "values": ["a"]}),
        json!({"type": "aki", "values": [1]}),
        json!("aki"),
    ] {
        refused(&with("trusted_authorities", json!([entry])), "VP-DCQ-08b");
    }
    refused(&with("trusted_authorities", json!([])), "VP-DCQ-08b");
    query(&with("trusted_authorities", json!([{"type": "of_another_kind", "values": ["a"]}])));
}

#[test]
fn a_path_into_an_mdoc_has_a_namespace_and_an_element() {
    let mdoc = |claim: Value| {
        json!({"credentials": [{"id": "m", "format": "mso_mdoc",
        "meta": {"doctype_value": "d"}, "claims": [claim]}]})
    };
    for path in [json!(["n"]), json!(["n", "e", "x"]), json!(["n", 0]), json!(["n", null])] {
        refused(&mdoc(json!({"path": path})), "VP-DCQ-09c");
    }
    refused(&mdoc(json!({"path": ["n", "e"], "intent_to_retain": 1})), "VP-DCQ-09c");
    let value = mdoc(json!({"path": ["n", "e"], "intent_to_retain": true}));
    assert_eq!(query(&value).to_json(), value);
    assert_eq!(query(&value).credentials()[0].elements().collect::<Vec<_>>(), [("n", "e")]);
}

#[test]
fn a_flag_that_is_no_boolean_is_refused() {
    for flag in ["multiple", "require_cryptographic_holder_binding"] {
        for value in [json!("true"), json!(1), Value::Null] {
            refused(&with(flag, value), "VP-DCQ-10b");
        }
    }
}

#[test]
fn what_exceeds_a_bound_is_refused() {
    let many = |count: usize, of: &dyn Fn(usize) -> Value| (0..count).map(of).collect::<Value>();
    let credential = |n: usize, claims: usize| {
        json!({"id": format!("q{n}"), "format": "dc+sd-jwt",
        "meta": {"vct_values": ["t"]}, "claims": many(claims, &|n| json!({"path": [format!("c{n}")]}))})
    };
    let credentials = |count, claims| json!({"credentials": many(count, &|n| credential(n, claims))});
    assert_eq!(query(&credentials(32, 16)).credentials().len(), 32);
    refused(&credentials(33, 1), "VP-DCQ-12");
    refused(&credentials(32, 17), "VP-DCQ-12"); // 544 claims
    refused(&credentials(1, 129), "VP-DCQ-12");
    refused(&with("claim_sets", many(129, &|_| json!(["n"]))), "VP-DCQ-12");
    refused(&with("claim_sets", json!([many(129, &|_| json!("n"))])), "VP-DCQ-12");
    refused(&with("claims", json!([{"path": ["a"], "values": many(129, &|n| json!(n))}])), "VP-DCQ-12");
    refused(&with("claims", json!([{"path": ["a"], "values": ["x".repeat(2049)]}])), "VP-DCQ-12");
    refused(&with("claims", json!([{"path": many(17, &|_| json!("a"))}])), "VP-DCQ-03a");
    refused(&with("meta", json!({"vct_values": many(65, &|n| json!(n.to_string()))})), "VP-DCQ-12");
    refused(
        &with("trusted_authorities", many(65, &|_| json!({"type": "aki", "values": ["a"]}))),
        "VP-DCQ-12",
    );
    let mut sets = credentials(1, 1);
    sets["credential_sets"] = many(33, &|_| json!({"options": [["q0"]]}));
    refused(&sets, "VP-DCQ-12");
    sets["credential_sets"] = json!([{"options": many(33, &|_| json!(["q0"]))}]);
    refused(&sets, "VP-DCQ-12");
    let long = format!("{}{}", " ".repeat(64 << 10), pid(&json!({})));
    assert_eq!(Query::parse(long.as_bytes()).unwrap_err().code(), "VP-DCQ-12");
}

#[test]
fn a_query_is_built_and_read_back() {
    let mut credential =
        CredentialQuery::new("q".parse().unwrap(), Wanted::SdJwtVc { types: vec!["t".into()] });
    let claim = ClaimQuery::new(ClaimPath::name("a"));
    credential.claims =
        vec![ClaimQuery { id: Some("a".parse().unwrap()), values: vec![json!(1)], ..claim.clone() }];
    credential.claim_sets = vec![vec!["a".parse().unwrap()]];
    credential.count = Count::Several;
    credential.binding = Binding::NotRequired;
    let set = CredentialSet { options: vec![vec!["q".parse().unwrap()]], required: false };
    let built = Query::new(vec![credential.clone()], vec![set]).unwrap();
    assert_eq!(query(&built.to_json()), built);
    credential.claims.push(claim);
    assert_eq!(Query::new(vec![credential], vec![]).unwrap_err(), QueryError::SamePath(ClaimPath::name("a")));
}

#[test]
fn what_is_asked_for_is_not_in_the_debug_output() {
    let value = with("claims", json!([{"path": ["a"], "values": ["a-secret-value"]}]));
    assert!(!format!("{:?}", query(&value)).contains("a-secret-value"));
}
