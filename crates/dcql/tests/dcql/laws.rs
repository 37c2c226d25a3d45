//! What holds for every query and every wallet.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sinpyo_core::claims::{ClaimPath, ClaimStep};
use sinpyo_dcql::{Arrays, Bound, Candidate, Fit, Kind, Query, QueryId};
use std::collections::BTreeMap;

/// Claims under few names, so that queries hit them.
fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        (0..3).prop_map(Value::from),
        "[xy]".prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner, 0..3)
                .prop_map(|members| members.into_iter().collect()),
        ]
    });
    prop::collection::btree_map("[ab]", value, 1..4).prop_map(|members| members.into_iter().collect())
}

fn path() -> impl Strategy<Value = Value> {
    let step = prop_oneof!["[abc]".prop_map(Value::from), (0..3).prop_map(Value::from), Just(Value::Null)];
    ("[ab]", prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(step, 1..3)])
        .prop_map(|(first, rest)| std::iter::once(Value::from(first)).chain(rest).collect())
}

fn held() -> impl Strategy<Value = Candidate> {
    (prop_oneof![4 => Just("t"), 1 => Just("u")].prop_map(str::to_owned), claims(), prop::bool::weighted(0.8))
        .prop_map(|(vct, claims, bound)| Candidate {
            kind: Kind::SdJwtVc { vct, extends: vec![] },
            claims,
            bound: if bound { Bound::ToKey } else { Bound::ToNobody },
            arrays: Arrays::Whole,
            authorities: vec![],
        })
}

/// Of what `prefer` counts, the claims and sets by position in `claims` and in the credentials.
fn credential_query() -> impl Strategy<Value = Value> {
    let claim = (path(), prop::option::weighted(0.3, prop::collection::vec(0..3, 1..3)));
    let sets = prop::collection::vec(prop::collection::vec(0..3usize, 1..3), 0..2);
    (prop::collection::btree_map("[abcd]", claim, 0..4), sets, any::<[bool; 2]>()).prop_map(
        |(claims, sets, [bound, multiple])| {
            let mut seen = std::collections::BTreeSet::new();
            let claims: Vec<_> =
                claims.into_values().filter(|(path, _)| seen.insert(path.to_string())).collect();
            let count = claims.len();
            let claims: Vec<Value> = claims
                .into_iter()
                .enumerate()
                .map(|(n, (path, values))| {
                    let mut claim = json!({"id": n.to_string(), "path": path});
                    if let Some(values) = values {
                        claim["values"] = json!(values);
                    }
                    claim
                })
                .collect();
            let mut query = json!({"format": "dc+sd-jwt", "meta": {"vct_values": ["t"]},
            "require_cryptographic_holder_binding": bound, "multiple": multiple});
            if count > 0 {
                query["claims"] = claims.into();
                if !sets.is_empty() {
                    let set = |set: &Vec<usize>| {
                        set.iter().map(|n| Value::from((n % count).to_string())).collect::<Value>()
                    };
                    query["claim_sets"] = sets.iter().map(set).collect();
                }
            }
            query
        },
    )
}

fn query() -> impl Strategy<Value = Query> {
    let option = prop::collection::vec(0..4usize, 1..3);
    let sets = prop::collection::vec((prop::collection::vec(option, 1..3), any::<bool>()), 0..3);
    (prop::collection::vec(credential_query(), 1..4), sets).prop_map(|(mut credentials, sets)| {
        let count = credentials.len();
        for (n, credential) in credentials.iter_mut().enumerate() {
            credential["id"] = json!(n.to_string());
        }
        let mut query = json!({"credentials": credentials});
        if !sets.is_empty() {
            let option = |option: &Vec<usize>| {
                option.iter().map(|n| Value::from((n % count).to_string())).collect::<Value>()
            };
            query["credential_sets"] = sets.iter().map(|(options, required)| {
                json!({"options": options.iter().map(option).collect::<Vec<_>>(), "required": required})
            }).collect();
        }
        Query::from_json(&query).unwrap()
    })
}

/// `candidate` with nothing but `kept`: what a wallet shows, elements of arrays thinned like those of an SD-JWT.
fn shown(candidate: &Candidate, kept: &[ClaimPath]) -> Candidate {
    let paths: Vec<&[ClaimStep]> = kept.iter().map(ClaimPath::steps).collect();
    let Value::Object(claims) = thin(&Value::Object(candidate.claims.clone()), &paths) else {
        unreachable!()
    };
    Candidate { claims, arrays: Arrays::Thinned, ..candidate.clone() }
}

fn thin(value: &Value, kept: &[&[ClaimStep]]) -> Value {
    if kept.iter().any(|path| path.is_empty()) {
        return value.clone();
    }
    let below = |meets: &dyn Fn(&ClaimStep) -> bool| -> Vec<&[ClaimStep]> {
        kept.iter().filter(|path| meets(&path[0])).map(|path| &path[1..]).collect()
    };
    match value {
        Value::Object(members) => members
            .iter()
            .filter_map(|(name, value)| {
                let below = below(&|step| *step == ClaimStep::Name(name.clone()));
                (!below.is_empty()).then(|| (name.clone(), thin(value, &below)))
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .filter_map(|(n, value)| {
                let below = below(&|step| matches!(step, ClaimStep::Every) || *step == ClaimStep::Index(n));
                (!below.is_empty()).then(|| thin(value, &below))
            })
            .collect(),
        other => other.clone(),
    }
}

/// The preferred answer, with the first credential that fits each query.
fn answer(query: &Query, held: &[Candidate]) -> Option<BTreeMap<QueryId, (Candidate, Fit)>> {
    let matches = query.matches(held);
    let ids = matches.preferred()?;
    let answer = ids.into_iter().map(|id| {
        let (position, fit) = &matches.query(id.as_str()).unwrap().fits[0];
        (id.clone(), (shown(&held[*position], &fit.claims), fit.clone()))
    });
    Some(answer.collect())
}

fn presented(answer: &BTreeMap<QueryId, (Candidate, Fit)>) -> BTreeMap<QueryId, Vec<Candidate>> {
    answer.iter().map(|(id, (shown, _))| (id.clone(), vec![shown.clone()])).collect()
}

proptest! {
    #[test]
    fn what_is_read_is_written(query in query()) {
        prop_assert_eq!(Query::from_json(&query.to_json()).unwrap(), query);
    }

    #[test]
    fn what_a_wallet_selects_passes_the_check(query in query(), held in prop::collection::vec(held(), 0..5)) {
        match answer(&query, &held) {
            Some(answer) => {
                let answered = query.check(&presented(&answer)).unwrap();
                prop_assert_eq!(answered.queries().len(), answer.len());
            }
            None => prop_assert!(!query.matches(&held).satisfiable()),
        }
    }

    #[test]
    fn an_answer_without_a_selected_claim_fails_the_check(
        query in query(), held in prop::collection::vec(held(), 1..5), which: prop::sample::Index,
    ) {
        let Some(answer) = answer(&query, &held) else { return Ok(()) };
        for (id, (_, fit)) in &answer {
            // With claim sets the rest may be another set; with one claim below another the other shows it.
            let credential = query.credential(id.as_str()).unwrap();
            if fit.claims.is_empty() || !credential.claim_sets.is_empty() {
                continue;
            }
            let removed = which.get(&fit.claims);
            let [ClaimStep::Name(removed), ..] = removed.steps() else { unreachable!() };
            let mut presented = presented(&answer);
            presented.get_mut(id).unwrap()[0].claims.remove(removed);
            prop_assert_eq!(query.check(&presented).unwrap_err().code(), "VP-DCQ-11c");
        }
    }

    #[test]
    fn an_answer_without_a_required_credential_fails_the_check(
        query in query(), held in prop::collection::vec(held(), 1..5),
    ) {
        let Some(answer) = answer(&query, &held) else { return Ok(()) };
        if query.sets().is_empty() {
            for id in answer.keys() {
                let mut presented = presented(&answer);
                presented.remove(id);
                prop_assert_eq!(query.check(&presented).unwrap_err().code(), "VP-DCQ-11d");
            }
        }
    }

    #[test]
    fn any_json_is_read_or_refused(text in "\\PC{0,64}", value in claims()) {
        let _refused = Query::parse(text.as_bytes());
        let _refused = Query::from_json(&Value::Object(value.clone()));
        let _refused = Query::from_json(&json!({"credentials": [value]}));
    }
}
