//! The ballot box: what it takes, what it refuses, and what it does not ask.

use crate::town::{HOST, Town, Voter, draft, parsed};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use sinpyo_state::{Change, Key, Space, State as _};
use sinpyo_voting::{
    audit::Check,
    event::{Body, EventDraft, Role, UnverifiedEvent},
};
use std::sync::mpsc;

/// An open election with so many voters.
pub(crate) fn open(voters: usize, revote: &str) -> (Town, Vec<Voter>) {
    let mut town = Town::with_keys(&draft("ring", revote));
    let codes = town.codes(voters);
    let voters = codes.iter().zip(1..).map(|(code, seed)| town.register(code, [seed; 32])).collect();
    town.open();
    (town, voters)
}

pub(crate) fn rejected(town: &Town) -> Vec<Value> {
    let log = town.log();
    let size = log.head().unwrap().size;
    let entries = log.entries(0..size).unwrap();
    let events = entries.iter().filter_map(|entry| UnverifiedEvent::parse(entry).ok());
    events
        .filter(|event| event.claimed_type() == "rejected")
        .map(|event| json!(event.claimed_body()))
        .collect()
}

#[test]
fn each_false_ballot_is_refused_alone_and_its_neighbours_are_taken() {
    let (mut town, voters) = open(6, "last");
    let mut ballots: Vec<Vec<u8>> = voters.iter().map(|voter| town.prepare(voter, &[1]).cast()).collect();
    let length = ballots[1].len();
    ballots[1][length - 1] ^= 1; // zr
    ballots[3][1] = 9; // another style
    ballots[4][3] = 7; // another ring
    let (sender, receiver) = mpsc::channel();
    for (number, (ballot, voter)) in ballots.iter().zip(&voters).enumerate() {
        let request = town.ballot_request(ballot, Some(&voter.tokens[0]));
        let step = town.service.answer(&request, [192, 0, 2, 7].into(), town.now(), &mut town.entropy);
        let sinpyo_voting_api::Step::Cast(cast) = step else { panic!("{step:?}") };
        let sender = sender.clone();
        town.service.cast(cast, Box::new(move |response| sender.send((number, response)).unwrap()));
    }
    while town.service.work(town.now(), &mut town.entropy) {}
    let mut answers: Vec<(usize, u16, Value)> = receiver
        .try_iter()
        .map(|(number, response)| (number, response.status().as_u16(), parsed(&response)["code"].clone()))
        .collect();
    answers.sort_by_key(|(number, ..)| *number);
    let codes: Vec<(u16, &str)> =
        answers.iter().map(|(_, status, code)| (*status, code.as_str().unwrap_or_default())).collect();
    assert_eq!(codes, [(201, ""), (422, "proof"), (201, ""), (422, "style"), (422, "ring"), (201, "")]);
    let mut reasons: Vec<String> =
        rejected(&town).iter().map(|body| body["reason"].as_str().unwrap().to_owned()).collect();
    reasons.sort();
    assert_eq!(reasons, ["proof", "ring", "style"]);
    town.tick();
    let seen = town.examined();
    assert!(seen.report.objects_to_nothing(), "{:?}", seen.report.verdicts);
    assert_eq!(seen.report.outcome(Check::Rejected), sinpyo_voting::audit::Outcome::Passed);
}

#[test]
fn a_token_pays_for_one_ballot_even_if_that_is_false() {
    let (mut town, voters) = open(2, "last");
    let [good, mut bad] = [1, 2].map(|choice| town.prepare(&voters[0], &[choice]).cast());
    let last = bad.len() - 32;
    bad[last] ^= 1;
    let token = voters[0].tokens[0].clone();
    let (status, answer) = town.cast(&bad, Some(&token));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("proof")));
    let (status, answer) = town.cast(&good, Some(&token));
    assert_eq!(
        (status, answer["code"].as_str(), answer["rule"].as_str()),
        (StatusCode::FORBIDDEN, Some("token"), Some("VTS-12"))
    );
    // Without one, with one of nobody's, with one that was changed.
    let mut changed = voters[0].tokens[1].clone();
    changed.replace_range(60..61, if &changed[60..61] == "A" { "B" } else { "A" });
    for token in [None, Some("AAAA"), Some(changed.as_str())] {
        let (status, answer) = town.cast(&good, token);
        assert_eq!((status, answer["rule"].as_str()), (StatusCode::FORBIDDEN, Some("VTS-18")), "{token:?}");
    }
    assert_eq!(town.cast(&good, Some(&voters[0].tokens[1])).0, StatusCode::CREATED);
}

#[test]
fn a_token_that_was_spent_on_a_ballot_the_log_never_got_is_good_for_that_ballot() {
    let (mut town, voters) = open(2, "last");
    let [lost, other] = [1, 2].map(|choice| town.prepare(&voters[0], &[choice]).cast());
    // The server died between the token and the log: what is left is the record of the token.
    let token = sinpyo_core::encoding::from_base64url(&voters[0].tokens[0]).unwrap();
    let key = town.manifest()["admission"]["key"].as_str().unwrap().to_owned();
    let key = sinpyo_blind_rsa::PublicKey::from_spki(&sinpyo_core::encoding::from_base64url(&key).unwrap())
        .unwrap();
    let token = sinpyo_blind_rsa::token::AdmissionToken::parse(&token).unwrap();
    let spent = token.verify(&key, &town.election.0).unwrap().spent();
    let key = Key::secret(Space::new("voting.token"), &[&town.election.0[..], &spent].concat());
    let digest = sinpyo_crypto::hash::sha256(&lost);
    town.state.commit(&[Change::insert(&key, &digest, None)]).unwrap();
    assert_eq!(town.cast(&other, Some(&voters[0].tokens[0])).1["rule"], "VTS-12");
    assert_eq!(town.cast(&lost, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
}

#[test]
fn in_an_election_of_first_ballots_a_second_one_is_refused_as_duplicate() {
    let (mut town, voters) = open(2, "first");
    let [first, second] = [1, 2].map(|choice| town.prepare(&voters[0], &[choice]).cast());
    assert_eq!(town.cast(&first, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
    let (status, answer) = town.cast(&second, Some(&voters[0].tokens[1]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("duplicate")));
    assert_eq!(rejected(&town)[0]["reason"], "duplicate");
}

#[test]
fn ballots_come_between_open_and_close_by_the_boards_clock() {
    let (mut town, voters) = open(2, "last");
    let [one, late] = [1, 2].map(|choice| town.prepare(&voters[0], &[choice]).cast());
    town.pass(24 * crate::town::HOUR - 1);
    assert_eq!(town.cast(&one, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
    town.pass(1);
    // Nobody has written the closing entry yet.
    let (status, answer) = town.cast(&late, Some(&voters[0].tokens[1]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("closed")));
    town.tick();
    assert_eq!(town.cast(&late, Some(&voters[0].tokens[1])).1["code"], "closed");
    assert!(rejected(&town).is_empty());
    let mut early = Town::with_keys(&draft("ring", "last"));
    let (status, answer) = early.cast(&one, Some(&voters[0].tokens[1]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("not_open")));
}

#[test]
fn a_ballot_of_another_election_is_worth_nothing_here() {
    let (mut town, voters) = open(2, "last");
    let ballot = town.prepare(&voters[0], &[1]).cast();
    let mut other = Town::seeded(2);
    other.make_keys(&draft("ring", "last"));
    assert_ne!(other.election, town.election);
    let codes = other.codes(2);
    let others: Vec<_> = codes.iter().zip(1..).map(|(code, seed)| other.register(code, [seed; 32])).collect();
    other.open();
    assert_eq!(other.cast(&ballot, Some(&voters[0].tokens[0])).1["rule"], "VTS-18");
    let (status, answer) = other.cast(&ballot, Some(&others[0].tokens[0]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("proof")));
}

#[test]
fn nothing_about_who_asks_changes_what_is_answered_or_kept() {
    let (mut town, voters) = open(1, "last");
    let ballot = town.prepare(&voters[0], &[1]).cast();
    let mut request = town.ballot_request(&ballot, Some(&voters[0].tokens[0]));
    for (name, value) in [
        ("cookie", "voting-host=AAAA"),
        ("user-agent", "marker-agent"),
        ("x-forwarded-for", "203.0.113.99"),
        ("authorization", "Bearer x"),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let response = town.send(&request);
    assert_eq!(response.status(), StatusCode::CREATED);
    assert!(response.headers().get("set-cookie").is_none());
    let entry = town
        .log()
        .entries(parsed(&response)["index"].as_u64().unwrap()..town.log().head().unwrap().size)
        .unwrap();
    assert_eq!(entry[0], ballot, "the log has the ballot and nothing else");
    // Thousands of one address: no budget is counted for ballots.
    for _ in 0..3000 {
        let request = Request::post(town.at("/ballots"))
            .header("host", HOST)
            .header("content-type", "application/octet-stream");
        let response = town.send(&request.body(ballot.clone()).unwrap());
        assert_eq!(response.status(), StatusCode::OK);
    }
}

#[test]
fn what_is_no_ballot_is_not_looked_at() {
    let (mut town, voters) = open(1, "last");
    let request =
        Request::post(town.at("/ballots")).header("host", HOST).header("content-type", "application/json");
    let response = town.send(&request.body(b"{}".to_vec()).unwrap());
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let response = town.send(&town.ballot_request(&vec![1; 70_000], Some(&voters[0].tokens[0])));
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let (status, answer) = town.cast(b"", Some(&voters[0].tokens[0]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("encoding")));
    assert_eq!(town.get(&town.at("/receipts/aaaa-bbbb-cccc-dddd-eeee")).status(), StatusCode::NOT_FOUND);
    assert_eq!(town.get(&town.at("/receipts/x")).status(), StatusCode::NOT_FOUND);
}

#[test]
fn events_of_others_are_taken_by_their_signature_alone() {
    let (mut town, _) = open(2, "last");
    let key = sinpyo_crypto::SigningKey::generate(sinpyo_crypto::Algorithm::Ed25519, &mut town.entropy);
    let close =
        Body::Close(sinpyo_voting::event::Closing { ballots: 0, size: town.log().head().unwrap().size });
    let event = EventDraft { by: Role::Board, election: town.election, time: town.now(), body: close };
    let (status, answer) = town.event(event.sign(&key).unwrap());
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::FORBIDDEN, Some("VOT-43")));
    let (status, answer) = town.event(b"{\"type\":\"close\"}".to_vec());
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("VOT-42")));
}

#[test]
fn a_share_of_another_sum_is_refused_before_the_log_has_it() {
    let (mut town, voters) = open(2, "last");
    let ballot = town.prepare(&voters[0], &[1]).cast();
    assert_eq!(town.cast(&ballot, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
    town.close();
    let seen = town.examined();
    let owed = town.trustees[0].custody.owed(&seen, &mut town.entropy).unwrap();
    let Some(Body::TallyShare(mut share)) = owed.bodies.into_iter().next() else { panic!() };
    let size = town.log().head().unwrap().size;
    share.cells.swap(0, 1);
    let event = EventDraft {
        by: Role::Trustee(1),
        election: town.election,
        time: town.now(),
        body: Body::TallyShare(share),
    };
    let bytes = event.sign(&town.trustees[0].key).unwrap();
    let (status, answer) = town.event(bytes);
    assert_eq!((status, answer["trustee"].as_u64()), (StatusCode::UNPROCESSABLE_ENTITY, Some(1)), "{answer}");
    assert_eq!(town.log().head().unwrap().size, size);
    town.trustees_work();
    assert_eq!(parsed(&town.get(&town.at("/summary")))["phase"], "tallied");
}
