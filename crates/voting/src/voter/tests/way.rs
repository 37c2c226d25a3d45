//! Boards that would tell voters apart by the addresses that they give them.

use super::*;

#[test]
fn an_address_that_could_be_a_voters_own_is_no_address_of_an_election() {
    let election = "07".repeat(32);
    for site in
        ["https://vote.example", "https://vote.example:8443", "http://127.0.0.1:7083", "https://[::1]:1"]
    {
        let place = Place::parse(&format!("{site}/e/{election}")).unwrap();
        assert_eq!(format!("{site}/e/{election}"), place.address());
        assert!(site.ends_with(&format!("//{}", place.site())));
    }
    for site in [
        "https://vote.example/u/7731",
        "https://vote.example/",
        "https://7731@vote.example",
        "https://:7731@vote.example",
        "https://vote.example?7731",
        "https://vote.example#7731",
        "https://",
        "https://vote.example.",
        "https://vote..example",
        "https://Vote.example",
        "https://vote.example:",
        "https://vote.example:08443",
        "https://vote.example:443",
        "http://vote.example:80",
        "https://vote.example:65536",
        "https://vote%2eexample",
        "https://127.1",
        "https://0x7f000001",
        "https://[0:0:0:0:0:0:0:1]",
        "https://[::1",
        "HTTPS://vote.example",
    ] {
        let at = format!("{site}/e/{election}");
        assert!(matches!(Place::parse(&at), Err(VoterError::Link)), "{at}");
        assert!(VoterLink::parse(&format!("sinpyo-vote:{at}")).is_err(), "{at}");
    }
}

#[test]
fn a_relay_whose_address_could_name_the_voter_is_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let fine = relay_of(&world, "https://relay.example");
    let other = fine.replace(&to_hex(&world.election.0), &"08".repeat(32));
    for relay in [
        "https://relay.example/box".to_owned(),
        fine.replace("/e/", "/v/7731/e/"),
        fine.replace("relay", "7731@relay"),
        format!("{fine}?voter=7731"),
        format!("{fine}#7731"),
        format!("{fine}/"),
        format!("{fine}/7731"),
        fine.replace("/ballots", "//ballots"),
        fine.replace("/ballots", "/receipts"),
        other,
        relay_of(&world, SERVICE),
        relay_of(&world, "https://vote.example:443"),
        String::new(),
    ] {
        world.relay = Some(relay.clone());
        let refused = wallets[0].read(&mut world).unwrap_err();
        assert!(matches!(refused, VoterError::Relay), "{relay}: {refused}");
        assert_eq!((refused.code(), refused.is_passing()), ("VTR-18", false));
    }
    world.relay = Some(fine);
    let election = wallets[0].read(&mut world).unwrap();
    assert_eq!(election.way().relay(), Some("relay.example"));
}

#[test]
fn another_relay_than_the_first_is_not_taken_without_asking() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let wallet = &mut wallets[0];
    assert_eq!(wallet.voter.way(), Some(&Way::Board));
    for base in ["https://relay.example", "https://relay-7731.example"] {
        world.relay = Some(relay_of(&world, base));
        wallet.voter = Voter::read(&wallet.voter.write()).unwrap();
        let (election, filled) = wallet.fill(&mut world, &[1, 0]);
        assert!(!wallet.voter.agrees(&election));
        filled.cast(&mut wallet.voter, &election).unwrap();
        let refused = wallet.send(&mut world, &election).unwrap_err();
        assert!(matches!(refused, VoterError::OtherWay), "{refused}");
        assert!(!world.asked.iter().any(|asked| asked.starts_with("POST")), "{:?}", world.asked);
        // The ballot waits until the voter agrees.
        wallet.voter = Voter::read(&wallet.voter.write()).unwrap();
        assert!(wallet.voter.is_posting() && !wallet.voter.agrees(&election));
        wallet.voter.agree(&election);
        wallet.send(&mut world, &election).unwrap();
        world.asked.clear();
    }
    // Straight to the board is another way too.
    world.relay = None;
    let election = wallet.read(&mut world).unwrap();
    assert!(!wallet.voter.agrees(&election));
}

#[test]
fn a_receipt_that_is_proven_later_is_remembered_until_it_is() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let wallet = &mut wallets[0];
    wallet.vote(&mut world, &[1, 0]).unwrap();
    let at = world::now();
    wallet.voter.prove_at(at);
    wallet.voter = Voter::read(&wallet.voter.write()).unwrap();
    assert_eq!(wallet.voter.proves_at(), Some(at));
    // It has one form.
    let text = wallet.voter.write().expose().clone();
    let line = format!("prove {at}\n");
    for other in [line.replace('Z', "+00:00"), line.replace('T', "t"), line.repeat(2)] {
        assert!(Voter::read(&Secret::new(text.replace(&line, &other))).is_err(), "{other}");
    }
    let election = wallet.read(&mut world).unwrap();
    wallet.confirm(&mut world, &election).unwrap();
    assert_eq!(wallet.voter.proves_at(), None);
    assert_eq!(wallet.voter.receipts()[0].state(), ReceiptState::Proven);
}
