//! Finding the own ring, voting, and what is proven of it.

use super::*;

#[test]
fn a_voter_registers_votes_and_proves_that_the_ballot_is_in_the_log() {
    for kind in [Kind::Ring, Kind::Token] {
        let (mut world, mut wallets) = opened(kind);
        let wallet = &mut wallets[0];
        assert_eq!(wallet.voter.tokens(), 2);
        let tracking = wallet.vote(&mut world, &[2, 0]).unwrap();
        assert_eq!(wallet.voter.tokens(), 1);
        let receipt = &wallet.voter.receipts()[0];
        assert_eq!((receipt.tracking(), receipt.state()), (tracking.as_str(), ReceiptState::Promised));
        let election = wallet.read(&mut world).unwrap();
        assert_eq!((election.phase(), election.is_weak()), (Phase::Open, kind == Kind::Token));
        wallet.confirm(&mut world, &election).unwrap();
        assert_eq!(wallet.voter.receipts()[0].state(), ReceiptState::Proven);
        let index = wallet.voter.receipts()[0].index();
        let entry = world.log.entries(index..index + 1).unwrap().remove(0);
        assert_eq!(sinpyo_ballot::ballot::TrackingCode::of(&entry).as_str(), tracking);
    }
}

#[test]
fn what_goes_to_the_ballot_box_names_nobody() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let relay = relay_of(&world, "https://relay.example");
    world.relay = Some(relay.clone());
    // The board named none while they registered.
    let election = wallets[0].read(&mut world).unwrap();
    wallets[0].voter.agree(&election);
    wallets[0].vote(&mut world, &[1, 1]).unwrap();
    // `World::cast` refuses every header but the token and the type of the body.
    let posts: Vec<_> = world.asked.iter().filter(|asked| asked.starts_with("POST")).collect();
    assert_eq!(posts, [&format!("POST {relay}")]);
    let own = to_hex(wallets[0].voter.slot().unwrap());
    assert!(!world.asked.iter().any(|asked| asked.contains(&own)));
}

#[test]
fn whole_rings_are_fetched_and_all_of_the_district_where_they_are_few() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    wallets[0].booth(&mut world).unwrap();
    let rings: Vec<_> = world.asked.iter().filter(|asked| asked.contains("rings/")).collect();
    assert_eq!(rings, ["GET rings/0", "GET rings/1"]);
}

#[test]
fn in_a_large_district_the_own_ring_is_found_without_asking_anybody() {
    let mut world = World::registering(Kind::Ring);
    world.crowd(70);
    let mut wallets: Vec<Wallet> = (1..4).map(|seed| Wallet::new(&world, seed)).collect();
    for wallet in &mut wallets {
        let code = world.line();
        wallet.register(&mut world, &code).unwrap();
    }
    world.open();
    assert!(world.rosters.len() > 16);
    for wallet in &mut wallets {
        world.asked.clear();
        wallet.vote(&mut world, &[1, 0]).unwrap();
        let rings = world.asked.iter().filter(|asked| asked.contains("rings/")).count();
        assert_eq!(rings, 1);
    }
}

#[test]
fn a_voter_can_vote_again_and_each_ballot_costs_a_token() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let first = wallets[0].vote(&mut world, &[1, 1]).unwrap();
    let second = wallets[0].vote(&mut world, &[1, 1]).unwrap();
    assert_ne!(first, second);
    assert_eq!(wallets[0].voter.receipts().len(), 2);
    let refused = wallets[0].vote(&mut world, &[1, 1]).unwrap_err();
    assert!(matches!(refused, VoterError::NoToken), "{refused}");
    assert!(!wallets[0].voter.is_posting());
}

#[test]
fn an_unanswered_ballot_is_sent_again_byte_for_byte() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let (election, filled) = wallets[0].fill(&mut world, &[1, 0]);
    filled.cast(&mut wallets[0].voter, &election).unwrap();
    let Step::Send(first) = Casting::new().next(&wallets[0].voter, &election).unwrap() else { panic!() };
    world.answer(&first);
    let size = world.log.head().unwrap().size;
    // Nobody heard the answer; the wallet was closed and opened.
    wallets[0].voter = Voter::read(&wallets[0].voter.write()).unwrap();
    let Step::Send(again) = Casting::new().next(&wallets[0].voter, &election).unwrap() else { panic!() };
    assert_eq!(first.body(), again.body());
    wallets[0].send(&mut world, &election).unwrap();
    assert_eq!(world.log.head().unwrap().size, size);
    assert!(!wallets[0].voter.is_posting());
}

#[test]
fn a_receipt_for_another_ballot_is_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let other = wallets[1].vote(&mut world, &[2, 1]).unwrap();
    let before = world.checkpoint().to_string();
    let (election, filled) = wallets[0].fill(&mut world, &[1, 1]);
    filled.cast(&mut wallets[0].voter, &election).unwrap();
    let lie = json!({"checkpoint": null, "index": wallets[1].voter.receipts()[0].index(), "tracking": other});
    world.lies.insert("ballots".into(), (201, lie.to_string().into()));
    let refused = wallets[0].send(&mut world, &election).unwrap_err();
    assert!(matches!(refused, VoterError::Receipt), "{refused}");
    assert!(wallets[0].voter.is_posting(), "it is sent again");
    world.lies.clear();
    wallets[0].send(&mut world, &election).unwrap();
    // The head does not have it yet, and then has it.
    world.lies.insert("log/checkpoint".into(), (200, before.into()));
    let passing = wallets[0].confirm(&mut world, &election).unwrap_err();
    assert!(matches!(passing, VoterError::NotYet) && passing.is_passing(), "{passing}");
    world.lies.clear();
    // It is promised at the place of the other ballot.
    let own = wallets[0].voter.receipts()[0].index();
    let record = wallets[0]
        .voter
        .write()
        .expose()
        .replace(&format!("receipt {own} "), &format!("receipt {} ", wallets[1].voter.receipts()[0].index()));
    let mut misled = Wallet { voter: Voter::read(&Secret::new(record)).unwrap(), ..Wallet::new(&world, 8) };
    let refused = misled.confirm(&mut world, &election).unwrap_err();
    assert!(matches!(refused, VoterError::Receipt), "{refused}");
    wallets[0].confirm(&mut world, &election).unwrap();
    assert_eq!(wallets[0].voter.receipts()[0].state(), ReceiptState::Proven);
    // Nobody was asked about the own ballot by its name.
    let tracking = wallets[0].voter.receipts()[0].tracking();
    assert!(!world.asked.iter().any(|asked| asked.contains(tracking)));
}

#[test]
fn a_board_that_refuses_a_ballot_ends_it() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let (election, filled) = wallets[0].fill(&mut world, &[1, 1]);
    filled.cast(&mut wallets[0].voter, &election).unwrap();
    world.patience = true;
    world.lies.insert("ballots".into(), (409, json!({"code": "closed"}).to_string().into()));
    assert!(wallets[0].send(&mut world, &election).unwrap_err().is_passing(), "it says when to come back");
    world.patience = false;
    for (status, ends) in [(503, false), (429, false), (409, true)] {
        world.lies.insert("ballots".into(), (status, json!({"code": "closed"}).to_string().into()));
        let refused = wallets[0].send(&mut world, &election).unwrap_err();
        assert_eq!(refused.is_passing(), !ends, "{refused}");
        assert_eq!(wallets[0].voter.is_posting(), !ends);
    }
}

#[test]
fn choices_of_another_ballot_are_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let (_, booth) = wallets[0].booth(&mut world).unwrap();
    for columns in [vec![], vec![1], vec![1, 1, 1], vec![3, 0], vec![0, 2]] {
        assert!(booth.fill(&Choices::new(columns), &mut wallets[0].entropy).is_err());
    }
}
