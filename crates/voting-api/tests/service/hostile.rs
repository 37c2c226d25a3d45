//! Who sends the same again and again, at the wrong moment, or from a page that is old.

use crate::{
    ballots::{open, rejected},
    browser::logged_in,
    town::{HOUR, Town, draft, parsed, service},
};
use http::{Request, StatusCode, header};
use serde_json::json;
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_tlog::cosignature::CosignerKey;
use sinpyo_voting::event::UnverifiedEvent;
use sinpyo_voting_api::Step;
use std::sync::{Arc, mpsc};

/// What is answered at once, without a check; none if the ballot waits.
fn at_once(town: &mut Town, request: &Request<Vec<u8>>) -> Option<(StatusCode, serde_json::Value)> {
    match town.service.answer(request, [192, 0, 2, 7].into(), town.now(), &mut town.entropy) {
        Step::Answer(response) => Some((response.status(), parsed(&response))),
        _ => None,
    }
}

fn spoiled(mut ballot: Vec<u8>) -> Vec<u8> {
    let last = ballot.len() - 32;
    ballot[last] ^= 1;
    ballot
}

#[test]
fn refused_bytes_again_get_neither_a_check_nor_an_entry_nor_do_they_cost_a_token() {
    let (mut town, voters) = open(2, "last");
    let good = town.prepare(&voters[0], &[1]).cast();
    let (tokens, fresh) = (&voters[0].tokens, &voters[1].tokens[0]);
    // The longest are in the log by their digest.
    let long = [&[1, 0xff, 0xff, 0, 0, 0, 0, 0][..], &vec![0x7a; 40_001]].concat();
    for (bad, token, code) in [
        (spoiled(good.clone()), &tokens[0], "proof"),
        (long, &tokens[1], "encoding"),
        (vec![], &tokens[2], "encoding"),
    ] {
        let before = rejected(&town).len();
        assert_eq!(town.cast(&bad, Some(token)).1["code"], code);
        for token in [Some(token.as_str()), None, Some(fresh.as_str())] {
            town.pass(1);
            let request = town.ballot_request(&bad, token);
            let (status, answer) = at_once(&mut town, &request).expect("no second check");
            assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(code)));
        }
        assert_eq!(rejected(&town).len(), before + 1);
    }
    assert_eq!(town.cast(&good, Some(fresh)).0, StatusCode::CREATED, "the token was not spent");
    town.tick();
    assert!(town.examined().report.objects_to_nothing());
}

#[test]
fn refused_bytes_again_are_known_without_tokens_and_by_a_server_that_began_anew() {
    let mut draft = draft("ring", "first");
    draft["admission"] = json!(false);
    let mut town = Town::with_keys(&draft);
    let codes = town.codes(2);
    let voters: Vec<_> = codes.iter().zip(1..).map(|(code, seed)| town.register(code, [seed; 32])).collect();
    town.open();
    let [first, second] = [1, 2].map(|choice| town.prepare(&voters[0], &[choice]).cast());
    assert_eq!(town.cast(&first, None).0, StatusCode::CREATED);
    assert_eq!(town.cast(&second, None).1["code"], "duplicate");
    town.service = service(Arc::clone(&town.state), Arc::clone(&town.logs), None);
    let request = town.ballot_request(&second, None);
    let (status, answer) = at_once(&mut town, &request).expect("no second check");
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("duplicate")));
    assert_eq!(rejected(&town).len(), 1);
}

#[test]
fn copies_that_wait_when_the_first_is_refused_are_answered_with_it() {
    let (mut town, voters) = open(2, "last");
    let bad = spoiled(town.prepare(&voters[0], &[1]).cast());
    let (sender, receiver) = mpsc::channel();
    let mut waiting = 0;
    for token in &voters[0].tokens {
        let request = town.ballot_request(&bad, Some(token));
        let step = town.service.answer(&request, [192, 0, 2, 7].into(), town.now(), &mut town.entropy);
        let Step::Cast(cast) = step else { panic!("{step:?}") };
        let sender = sender.clone();
        town.service.cast(cast, Box::new(move |response| sender.send(response).unwrap()));
        waiting += 1;
    }
    while town.service.work(town.now(), &mut town.entropy) {}
    let answers: Vec<_> = receiver.try_iter().collect();
    assert_eq!(answers.len(), waiting);
    assert!(answers.iter().all(|answer| parsed(answer)["code"] == "proof"));
    assert_eq!(rejected(&town).len(), 1);
}

#[test]
fn a_ballot_that_is_posted_again_while_it_waits_is_not_refused_for_good() {
    let (mut town, voters) = open(2, "first");
    let ballot = town.prepare(&voters[0], &[1]).cast();
    let request = town.ballot_request(&ballot, Some(&voters[0].tokens[0]));
    let (sender, receiver) = mpsc::channel();
    for _ in 0..2 {
        let step = town.service.answer(&request, [192, 0, 2, 7].into(), town.now(), &mut town.entropy);
        let Step::Cast(cast) = step else { panic!("{step:?}") };
        let sender = sender.clone();
        town.service.cast(cast, Box::new(move |response| sender.send(response).unwrap()));
    }
    let again = receiver.try_recv().unwrap();
    assert_eq!(again.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(again.headers().contains_key(header::RETRY_AFTER));
    while town.service.work(town.now(), &mut town.entropy) {}
    assert_eq!(receiver.try_recv().unwrap().status(), StatusCode::CREATED);
    assert_eq!(town.send(&request).status(), StatusCode::OK);
}

#[test]
fn a_district_stays_in_its_place_while_the_roll_names_it() {
    let mut town = Town::new();
    let mut browser = logged_in(&mut town);
    browser.fill(&mut town, "/admin/new", &[("ko", "동대표 선거"), ("en", "Representatives")]);
    let office = browser.here.clone();
    let districts = format!("{office}/edit/districts");
    let add = |town: &mut Town, browser: &mut crate::browser::Browser, name: &str| {
        browser.open(town, &districts);
        browser.fill(town, &districts, &[("ko", name), ("en", ""), ("legal", "12")]);
    };
    for name in ["101동", "102동", "103동"] {
        add(&mut town, &mut browser, name);
    }
    let names = |browser: &crate::browser::Browser| -> Vec<bool> {
        ["101동", "102동", "103동"].iter().map(|name| browser.page.contains(name)).collect()
    };
    // A contest that was written for d3 stays with 103동, whatever place that has.
    let contests = format!("{office}/edit/contests");
    browser.open(&mut town, &contests);
    let contest = [("ko", "회장"), ("en", ""), ("options", "김가람"), ("districts", "d3")];
    browser.fill(&mut town, &contests, &contest);
    // An upload waits, and the page with the districts is old: its button is pressed twice.
    browser.open(&mut town, &format!("{office}/roll"));
    let roll = [("text", "district,label\n102동,1호\n103동,2호\n")];
    browser.fill(&mut town, &format!("{office}/roll/text"), &roll);
    let preview = browser.here.clone();
    browser.open(&mut town, &districts);
    let old = browser.page.clone();
    browser.fill(&mut town, &districts, &[("remove", "0")]);
    assert_eq!(names(&browser), [false, true, true]);
    browser.page = old;
    browser.fill(&mut town, &districts, &[("remove", "0")]);
    assert_eq!(names(&browser), [false, true, true], "a second press takes nothing out");
    browser.open(&mut town, &contests);
    assert_eq!(names(&browser), [false, false, true]);
    // The roll that was looked at then names other places than these.
    browser.open(&mut town, &preview);
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    browser.open(&mut town, &format!("{office}/roll"));
    browser.fill(&mut town, &format!("{office}/roll/text"), &roll);
    browser.fill(&mut town, &format!("{office}/roll/take"), &[]);
    assert!(browser.page.contains("1호") && browser.page.contains("2호"));
    browser.open(&mut town, &districts);
    browser.fill(&mut town, &districts, &[("remove", "0")]);
    assert_eq!(browser.status, StatusCode::CONFLICT);
    browser.open(&mut town, &districts);
    assert_eq!(names(&browser), [false, true, true]);
}

#[test]
fn a_share_that_is_sent_again_begins_no_audit() {
    let (mut town, voters) = open(2, "last");
    let ballot = town.prepare(&voters[0], &[1]).cast();
    assert_eq!(town.cast(&ballot, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
    town.close();
    town.trustees_work();
    let log = town.log();
    let entries = log.entries(0..log.head().unwrap().size).unwrap();
    let of = |kind: &str| {
        let is =
            |entry: &&Vec<u8>| UnverifiedEvent::parse(entry).is_ok_and(|event| event.claimed_type() == kind);
        entries.iter().find(is).unwrap().clone()
    };
    // Nothing is known of the record by a server that began anew.
    town.service = service(Arc::clone(&town.state), Arc::clone(&town.logs), None);
    for kind in ["rings", "tally-share", "result"] {
        let (status, answer) = town.event(of(kind));
        assert_eq!((status, answer["repeated"].as_bool()), (StatusCode::OK, Some(true)), "{kind}: {answer}");
    }
    let page = town.at("/record?lang=en");
    let protocol = |town: &mut Town| String::from_utf8(town.get(&page).into_body()).unwrap();
    assert!(protocol(&mut town).contains("This server runs an audit"), "none was run");
    // Nor is one run where steps are taken.
    town.service.tick(town.now(), &mut town.entropy).unwrap();
    assert!(protocol(&mut town).contains("This server runs an audit"));
    assert!(town.service.audit_next(town.now(), &mut town.entropy).unwrap());
    assert!(protocol(&mut town).contains("As this server audited"));
    assert!(!town.service.audit_next(town.now(), &mut town.entropy).unwrap());
}

#[test]
fn a_closed_election_is_audited_before_the_first_share_comes() {
    let (mut town, voters) = open(2, "last");
    let ballot = town.prepare(&voters[0], &[1]).cast();
    assert_eq!(town.cast(&ballot, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
    assert!(!town.service.audit_next(town.now(), &mut town.entropy).unwrap(), "it is open");
    town.pass(24 * HOUR);
    town.service.tick(town.now(), &mut town.entropy).unwrap();
    assert!(town.service.audit_next(town.now(), &mut town.entropy).unwrap());
    assert!(!town.service.audit_next(town.now(), &mut town.entropy).unwrap());
    town.trustees_work();
    assert!(!town.service.audit_next(town.now(), &mut town.entropy).unwrap(), "the result was audited, too");
    assert_eq!(parsed(&town.get(&town.at("/summary")))["phase"], "tallied");
}

#[test]
fn a_head_is_shown_until_the_witnesses_have_cosigned_it_and_replaces_none_that_has_more() {
    let mut town = Town::new();
    let key = SigningKey::generate(Algorithm::Ed25519, &mut town.entropy);
    let witness = CosignerKey::new("witness.example".parse().unwrap(), key.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:web:witness.example#key-1".parse().unwrap(), key);
    let mut draft = draft("ring", "last");
    (draft["witnesses"], draft["quorum"]) = (json!([witness.to_string()]), json!(1));
    town.call(&draft);
    let (election, log) = (town.election, town.log());
    let service = |town: &Town| town.service.sign_head(&election, &*log).unwrap();
    let out = || log.checkpoint().unwrap().unwrap();
    // The witness is out of reach, and nothing is appended meanwhile.
    let head = service(&town).unwrap();
    town.service.publish_head(&election, &*log, &head).unwrap();
    assert!(log.checkpoint().unwrap().is_none());
    let again = service(&town).expect("the head is short of its quorum");
    let line = witness.cosign(&again, town.now(), &signer).unwrap();
    let cosigned = again.with_signatures([line]).unwrap();
    town.service.publish_head(&election, &*log, &cosigned).unwrap();
    assert!(witness.verify(&out()).is_ok());
    assert!(service(&town).is_none());
    // Another node that had no answer of the witness does not take it back.
    town.service.publish_head(&election, &*log, &head).unwrap();
    assert!(witness.verify(&out()).is_ok());
    // Nor does a larger head that nobody would believe.
    town.trustees_work();
    let larger = service(&town).unwrap();
    assert!(larger.claimed_head().size > out().claimed_head().size);
    town.service.publish_head(&election, &*log, &larger).unwrap();
    assert_eq!(out().claimed_head().size, cosigned.claimed_head().size);
    let line = witness.cosign(&larger, town.now(), &signer).unwrap();
    town.service.publish_head(&election, &*log, &larger.with_signatures([line]).unwrap()).unwrap();
    assert_eq!(out().claimed_head().size, log.head().unwrap().size);
}
