//! A holder shows exactly what it chose (SDJ-18 of the catalogue, N14 of the scenarios).

use crate::fixture::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    encoding::{from_base64url, to_base64url},
};
use sinpyo_proof::{
    jws::Typ,
    sd_jwt::{Holding, SelectError},
    sd_jwt_vc,
};
use sinpyo_testkit::TestEntropy;

fn holding() -> Holding {
    Holding::parse(&issued_by(&Party::issuer()), &[Typ::SD_JWT_VC]).unwrap()
}

/// The names and values in the disclosures of `wire`, sorted.
fn disclosed(wire: &str) -> Vec<String> {
    let mut shown: Vec<_> = wire
        .split('~')
        .skip(1)
        .filter(|text| !text.is_empty())
        .map(|text| {
            let parts: Vec<Value> = serde_json::from_slice(&from_base64url(text).unwrap()).unwrap();
            parts[1].as_str().unwrap().to_owned()
        })
        .collect();
    shown.sort();
    shown
}

#[expect(clippy::needless_pass_by_value, reason = "the cases are written in place")]
fn check(paths: Value, expected: &[&str]) {
    let paths: Vec<ClaimPath> = paths.as_array().unwrap().iter().cloned().map(path).collect();
    assert_eq!(disclosed(&holding().select(&paths).unwrap().unbound()), expected);
}

#[test]
fn exactly_the_needed_disclosures_are_sent() {
    check(json!([]), &[]);
    check(json!([["given_name"]]), &["given_name"]);
    check(json!([["given_name"], ["given_name"]]), &["given_name"]);
    // The parent that the claim is nested in, and no sibling.
    check(json!([["address", "district"]]), &["address", "district"]);
    // A whole object is shown whole.
    check(json!([["address"]]), &["address", "district", "locality", "street"]);
    check(json!([["nationalities", 1]]), &["UZ"]);
    check(json!([["nationalities", null]]), &["KR", "UZ"]);
    check(json!([["nationalities"]]), &["KR", "UZ"]);
    // Always visible: nothing to disclose.
    check(json!([["vct"]]), &[]);
}

#[test]
fn a_claim_that_is_not_there_cannot_be_chosen() {
    for absent in
        [json!(["phone"]), json!(["address", "zip"]), json!(["nationalities", 2]), json!(["given_name", 0])]
    {
        let error = holding().select(&[path(absent)]).unwrap_err();
        assert_eq!((error, error.code()), (SelectError, "SDJ-17"));
    }
}

#[test]
fn a_presentation_is_not_held_as_if_it_were_a_credential() {
    let bound = holding().select(&[]).unwrap().bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap();
    assert_eq!(Holding::parse(&bound, &[Typ::SD_JWT_VC]).unwrap_err().code(), "SDJ-11");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The bytes sent hold no undisclosed value, neither raw nor in the base64url of any alignment, decoded or not.
    #[test]
    fn an_undisclosed_claim_never_appears_in_the_bytes(choice in prop::collection::vec(any::<bool>(), 9), seed in any::<u64>()) {
        let marked = |number: usize| format!("비밀-{number:02}-{seed:x}-한글");
        let claims = json!({
            "c00": marked(0), "c01": marked(1), "c02": marked(2), "c03": {"c04": marked(4), "c05": marked(5)},
            "c06": [marked(6), marked(7)], "c08": {"c03": marked(8)},
        });
        let paths = [
            json!(["c00"]), json!(["c01"]), json!(["c02"]), json!(["c03"]), json!(["c03", "c04"]), json!(["c03", "c05"]),
            json!(["c06", 0]), json!(["c06", 1]), json!(["c08"]),
        ].map(path);
        let issuer = Party::issuer();
        let credential = sinpyo_core::credential::Credential::builder(KIND.parse().unwrap(), "did:x:issuer")
            .holder(sinpyo_core::credential::Holder::Key(Party::holder().key().to_jwk()))
            .valid(sinpyo_core::credential::Validity::default())
            .claims(object(claims))
            .build();
        let wire = sd_jwt_vc::issue(&credential, &concealment(&paths), issuer.pair(), &mut TestEntropy::new(seed)).unwrap();
        let chosen: Vec<_> = paths.iter().zip(&choice).filter(|(_, chosen)| **chosen).map(|(path, _)| path.clone()).collect();
        let holding = Holding::parse(&wire, &[Typ::SD_JWT_VC]).unwrap();
        let sent = holding.select(&chosen).unwrap().bind(AUDIENCE, NONCE, now(), Party::holder().pair()).unwrap();
        // What may be seen, part by part, as a reader decodes it.
        let decoded: Vec<u8> = sent.split(['.', '~']).flat_map(|part| from_base64url(part).unwrap()).collect();
        for value in [0, 1, 2, 4, 5, 6, 7, 8] {
            let shown = chosen.iter().any(|path| paths[value].is_within(path));
            prop_assert_eq!(contains(&decoded, marked(value).as_bytes()), shown, "claim {}", value);
            if !shown {
                prop_assert!(!contains(sent.as_bytes(), marked(value).as_bytes()));
                prop_assert!(!contains(sent.as_bytes(), to_base64url(marked(value).as_bytes()).as_bytes()));
            }
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
