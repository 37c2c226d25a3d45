//! Getting into the roll.

use super::*;

#[test]
fn an_unanswered_registration_is_sent_again_and_gets_the_same_answer() {
    for kind in [Kind::Ring, Kind::Token] {
        let mut world = World::registering(kind);
        let mut wallet = Wallet::new(&world, 1);
        let code = world.line();
        let at = format!("{SERVICE}/e/{}/register", to_hex(&world.election.0));
        let election = wallet.read(&mut world).unwrap();
        let mut flow = Registering::begin(normal_code(&code));
        loop {
            match flow.next(&wallet.voter).unwrap() {
                RegisterStep::Send(request) if request.uri().to_string() == at => {
                    world.answer(&request);
                    break;
                }
                RegisterStep::Send(request) => {
                    let response = world.answer(&request);
                    flow.supply(&mut wallet.voter, &election, &response).unwrap();
                }
                RegisterStep::Ask => {
                    let holder = Wallet::new(&world, 9);
                    flow.agree(&mut wallet.voter, &election, (&holder, None), &mut wallet.entropy).unwrap();
                }
                RegisterStep::Keep => flow.kept().unwrap(),
                RegisterStep::Done => panic!("nobody answered"),
            }
        }
        wallet.voter = Voter::read(&wallet.voter.write()).unwrap();
        let mut flow = Registering::resume(&wallet.voter).unwrap();
        let RegisterStep::Send(request) = flow.next(&wallet.voter).unwrap() else { panic!() };
        let response = world.answer(&request);
        flow.supply(&mut wallet.voter, &election, &response).unwrap();
        assert!(wallet.voter.is_registered());
        assert_eq!(wallet.voter.tokens(), 2);
        wallet.read(&mut world).unwrap();
    }
}

#[test]
fn nothing_is_sent_that_was_not_kept() {
    let mut world = World::registering(Kind::Ring);
    let mut wallet = Wallet::new(&world, 1);
    let code = world.line();
    let election = wallet.read(&mut world).unwrap();
    let mut flow = Registering::begin(normal_code(&code));
    let RegisterStep::Send(request) = flow.next(&wallet.voter).unwrap() else { panic!() };
    let response = world.answer(&request);
    flow.supply(&mut wallet.voter, &election, &response).unwrap();
    let holder = Wallet::new(&world, 9);
    flow.agree(&mut wallet.voter, &election, (&holder, None), &mut wallet.entropy).unwrap();
    assert!(matches!(flow.next(&wallet.voter).unwrap(), RegisterStep::Keep));
    assert!(matches!(flow.next(&wallet.voter).unwrap(), RegisterStep::Keep));
}

#[test]
fn a_wrong_code_is_refused_and_another_can_be_typed() {
    let mut world = World::registering(Kind::Ring);
    let mut wallet = Wallet::new(&world, 1);
    let refused = wallet.register(&mut world, "nothing").unwrap_err();
    assert!(matches!(refused, VoterError::Refused(Refusal::Code)), "{refused}");
    let code = world.line();
    wallet.register(&mut world, &code.to_lowercase()).unwrap();
}

#[test]
fn a_registrar_that_answers_something_else_is_found_out() {
    for kind in [Kind::Ring, Kind::Token] {
        let mut world = World::registering(kind);
        let mut wallet = Wallet::new(&world, 1);
        let code = world.line();
        let begin = json!({"ask": null, "district": 2, "expires": "2026-11-22T04:00:00Z", "nonce": "09".repeat(32),
                           "replaces": false, "slot": "01".repeat(16), "tokens": 2});
        world.lies.insert("register/begin".into(), (200, begin.to_string().into()));
        let refused = wallet.register(&mut world, &code).unwrap_err();
        assert!(matches!(refused, VoterError::Registrar), "no such district: {refused}");
        world.lies.clear();
        let good = sinpyo_core::encoding::to_base64url(&[1; 256]);
        let signatures = [vec![], vec![good.clone()], vec![good.clone(), good.clone()]];
        for signatures in signatures {
            let lie = json!({"blind_signatures": signatures, "credential": null, "index": 1, "token": good});
            world.lies.insert("register".into(), (201, lie.to_string().into()));
            let mut wallet = Wallet::new(&world, 1);
            let refused = wallet.register(&mut world, &code).unwrap_err();
            assert!(matches!(refused, VoterError::Registrar), "{refused}");
            assert!(!wallet.voter.is_registered());
        }
    }
}

#[test]
fn a_registrar_that_puts_another_commitment_into_the_slot_is_found_out() {
    let mut world = World::registering(Kind::Ring);
    let mut wallets: Vec<Wallet> = (1..3).map(|seed| Wallet::new(&world, seed)).collect();
    for wallet in &mut wallets {
        let code = world.line();
        wallet.register(&mut world, &code).unwrap();
    }
    wallets[0].read(&mut world).unwrap();
    // As if the other's entry were the own one: another slot and another commitment.
    let record = wallets[0].voter.write();
    let lines = wallets.iter().map(|wallet| wallet.voter.write().expose().clone()).collect::<Vec<_>>();
    let line = |text: &String| text.lines().find(|line| line.starts_with("slot ")).unwrap().to_owned();
    let lied = record.expose().replace(&line(&lines[0]), &line(&lines[1]));
    let voter = Voter::read(&Secret::new(lied)).unwrap();
    let refused = Wallet { voter, ..Wallet::new(&world, 7) }.read(&mut world).unwrap_err();
    assert!(matches!(refused, VoterError::NotInRoll), "{refused}");
}

#[test]
fn who_is_struck_from_the_roll_is_told_before_voting() {
    let mut world = World::registering(Kind::Ring);
    let mut wallets: Vec<Wallet> = (1..4).map(|seed| Wallet::new(&world, seed)).collect();
    for wallet in &mut wallets {
        let code = world.line();
        wallet.register(&mut world, &code).unwrap();
    }
    let slot = *wallets[0].voter.slot().unwrap();
    world.strike(slot);
    world.open();
    let election = wallets[0].read(&mut world).unwrap();
    let refused = wallets[0].find(&mut world, &election).unwrap_err();
    assert!(matches!(refused, VoterError::NotInRoll), "{refused}");
    wallets[1].booth(&mut world).unwrap();
}

#[test]
fn links_are_read_and_other_texts_are_not() {
    let at = format!("{SERVICE}/e/{}", "07".repeat(32));
    let host = "ab".repeat(32);
    let link = VoterLink::parse(&format!(" sinpyo-vote:{at}?host={host}&code=ab2c-d3\n")).unwrap();
    assert_eq!(link.place.address(), at);
    assert_eq!(link.place.host().unwrap(), &[0xab; 32]);
    assert_eq!(link.code.unwrap().expose(), "AB2CD3");
    assert_eq!(VoterLink::parse(&link.place.link()).unwrap().place, link.place);
    assert!(VoterLink::parse(&format!("{at}/")).unwrap().place.host().is_none());
    for bad in [
        String::new(),
        "https://vote.example/".into(),
        at.replace("07", "0G"),
        format!("ftp://vote.example/e/{}", "07".repeat(32)),
        format!("sinpyo-vote:{at}?host=ab"),
        format!("{at}{}", " ".repeat(3) + "x"),
        format!("{at}{}", "x".repeat(3000)),
    ] {
        assert!(VoterLink::parse(&bad).is_err(), "{bad}");
    }
}
