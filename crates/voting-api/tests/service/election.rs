//! A whole election over the interface, and what its record says.

use crate::town::{Town, draft, parsed};
use http::StatusCode;
use serde_json::json;
use sinpyo_voting::audit::{Check, Outcome};

#[test]
fn an_election_runs_from_the_call_to_the_result() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let codes = town.codes(12);
    let voters: Vec<_> =
        codes.iter().zip(1..).take(6).map(|(code, seed)| town.register(code, [seed; 32])).collect();
    town.open();
    // 0 is blank: three for Kim, one for Lee, one blank, and one who changes from Park to Kim.
    for (voter, choice) in voters.iter().zip([1, 1, 2, 0, 1, 3]) {
        let prepared = town.prepare(voter, &[choice]);
        let tracking = prepared.tracking_code();
        let bytes = prepared.cast();
        let (status, receipt) = town.cast(&bytes, Some(&voter.tokens[0]));
        assert_eq!(
            (status, receipt["tracking"].as_str()),
            (StatusCode::CREATED, Some(tracking.as_str())),
            "{receipt}"
        );
        // The same bytes again: the same receipt, no second entry, and no token.
        let (status, again) = town.cast(&bytes, None);
        assert_eq!((status, &again["index"]), (StatusCode::OK, &receipt["index"]));
    }
    let changed = town.prepare(&voters[5], &[1]).cast();
    assert_eq!(town.cast(&changed, Some(&voters[5].tokens[1])).0, StatusCode::CREATED);

    town.tick();
    let tracking = sinpyo_ballot::ballot::TrackingCode::of(&changed);
    let receipt =
        town.get(&town.at(&format!("/receipts/{}", tracking.to_string().replace(' ', "-").to_uppercase())));
    assert_eq!(receipt.status(), StatusCode::OK);
    let proof: sinpyo_tlog::proof::TlogProof =
        String::from_utf8(receipt.body().clone()).unwrap().parse().unwrap();
    let policy = sinpyo_tlog::policy::Policy::of_log(town.service.log_key(&town.election).unwrap());
    let logged = proof.verify(&policy, sinpyo_tlog::merkle::Hash::leaf(&changed)).unwrap();
    assert_eq!(receipt.headers()["entry-index"], logged.index().to_string());

    let closed = town.prepare(&voters[0], &[2]).cast();
    town.close();
    let (status, refused) = town.cast(&closed, Some(&voters[0].tokens[1]));
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("closed")));
    town.trustees_work();
    town.tick();

    let summary = parsed(&town.get(&town.at("/summary")));
    assert_eq!(
        (&summary["phase"], &summary["ballots"], &summary["voters"]),
        (&json!("tallied"), &json!(7), &json!(6))
    );
    let seen = town.examined();
    assert!(seen.report.passed(), "{:?}", seen.report.verdicts);
    let result = seen.report.result.unwrap();
    assert_eq!(result.groups[0].contests[0].counts, [4, 1, 0]);
    assert_eq!(result.groups[0].contests[0].blank, 1);
}

#[test]
fn the_record_is_served_as_tiles_that_an_auditor_can_read() {
    let mut town = Town::with_keys(&draft("ring", "last"));
    let code = town.codes(3).remove(0);
    town.register(&code, [1; 32]);
    town.open();
    let checkpoint = town.get(&town.at("/log/checkpoint"));
    assert_eq!(checkpoint.headers()["access-control-allow-origin"], "*");
    let text = String::from_utf8(checkpoint.body().clone()).unwrap();
    let checkpoint: sinpyo_tlog::checkpoint::SignedCheckpoint = text.parse().unwrap();
    let size = checkpoint.verify(&town.service.log_key(&town.election).unwrap()).unwrap().head().size;
    let bundle = town.get(&town.at(&format!("/log/tile/entries/000.p/{size}")));
    assert_eq!(bundle.status(), StatusCode::OK);
    assert!(bundle.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let id = sinpyo_tlog::tile::TileId::new(0, 0, u16::try_from(size).unwrap()).unwrap();
    assert!(sinpyo_tlog::tile::EntryBundle::parse(id, bundle.body()).is_ok());
    assert_eq!(
        town.get(&town.at(&format!("/log/tile/entries/000.p/{}", size + 1))).status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(town.get(&format!("/e/{}/log/checkpoint", "ab".repeat(32))).status(), StatusCode::NOT_FOUND);

    let rings = parsed(&town.get(&town.at("/rings")));
    assert_eq!((&rings["count"], &rings["rings"][0]["voters"]), (&json!(1), &json!(1)));
    let ring = town.get(&town.at("/rings/0"));
    assert_eq!(ring.body().len(), 16 * 32);
    assert_eq!(town.get(&town.at("/rings/1")).status(), StatusCode::NOT_FOUND);
    let seen = town.examined();
    assert_eq!(seen.report.outcome(Check::Roll), Outcome::Passed);
}

#[test]
fn in_profile_token_the_registrar_signs_a_tag_it_does_not_see() {
    let mut town = Town::with_keys(&draft("token", "last"));
    let codes = town.codes(3);
    let voters: Vec<_> =
        codes.iter().zip(1..).take(2).map(|(code, seed)| town.register_token(code, [seed; 32])).collect();
    // The same blinded message is signed once: for another code the slot is another, and the log knows it.
    town.open();
    for (voter, choice) in voters.iter().zip([2, 0]) {
        let ballot = town.prepare_token(voter, &[choice]).cast();
        assert_eq!(town.cast(&ballot, Some(&voter.0.tokens[0])).0, StatusCode::CREATED);
    }
    // A token that the registrar did not sign.
    let mut forged = voters[0].1.clone();
    forged.signature[7] ^= 1;
    let forged = town.prepare_token_with(&voters[0].0, (0, &forged), &[1]).cast();
    let (status, answer) = town.cast(&forged, Some(&voters[0].0.tokens[1]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("proof")));
    town.close();
    town.trustees_work();
    town.tick();
    let seen = town.examined();
    assert!(seen.report.passed(), "{:?}", seen.report.verdicts);
    assert_eq!(seen.report.result.unwrap().groups[0].contests[0].counts, [0, 1, 0]);
}

#[test]
fn a_token_of_another_district_than_the_own_cannot_be_had() {
    let mut draft = draft("token", "last");
    let more = json!({"name": {"ko": "102동", "en": "Block 102"}, "legal": 12});
    draft["districts"].as_array_mut().unwrap().push(more);
    let mut town = Town::with_keys(&draft);
    let codes = town.codes(3);
    // Both live in the first district; the registrar does not see that one of them asks for the second.
    let honest = town.register_token(&codes[0], [1; 32]);
    let (voter, token) = town.register_token_asking(&codes[1], [2; 32], 1);
    town.open();
    let ballot = town.prepare_token(&honest, &[1]).cast();
    assert_eq!(town.cast(&ballot, Some(&honest.0.tokens[0])).0, StatusCode::CREATED);
    for (district, admission) in [(1, 0), (0, 1)] {
        let ballot = town.prepare_token_with(&voter, (district, &token), &[1]).cast();
        let (status, answer) = town.cast(&ballot, Some(&voter.tokens[admission]));
        assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("proof")));
    }
}
