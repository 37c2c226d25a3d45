//! Services and logs that lie.

use super::*;

#[test]
fn rings_that_are_not_those_of_the_roll_are_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let election = wallets[0].read(&mut world).unwrap();
    let honest = world.rings();
    let whole = |world: &World, number: usize| world.rosters[number].commitments().concat();
    // The list: another root, another order, one ring less, one voter more.
    for (member, value) in
        [("root", json!("00".repeat(32))), ("district", json!(1)), ("ring", json!(1)), ("voters", json!(2))]
    {
        let mut list = honest.clone();
        list["rings"][0][member] = value;
        world.lies.insert("rings".into(), (200, list.to_string().into()));
        let refused = wallets[0].find(&mut world, &election).unwrap_err();
        assert!(matches!(refused, VoterError::Context), "{member}: {refused}");
    }
    let mut list = honest.clone();
    list["rings"].as_array_mut().unwrap().pop();
    world.lies.insert("rings".into(), (200, list.to_string().into()));
    assert!(matches!(wallets[0].find(&mut world, &election), Err(VoterError::Context)));
    world.lies.clear();
    // The rings: the other one, one bit, one position less.
    let mut flipped = whole(&world, 0);
    flipped[5] ^= 1;
    let mut short = whole(&world, 0);
    short.truncate(96);
    for lie in [whole(&world, 1), flipped, short] {
        world.lies.insert("rings/0".into(), (200, lie));
        let refused = wallets[0].find(&mut world, &election).unwrap_err();
        assert!(matches!(refused, VoterError::Context), "{refused}");
    }
    world.lies.clear();
    wallets[0].find(&mut world, &election).unwrap();
}

#[test]
fn the_context_binds_manifest_keys_and_roll() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    // The host announces another context than follows from the record.
    let mut lied = World::registering(Kind::Ring);
    let code = lied.line();
    let mut wallet = Wallet::new(&lied, 1);
    wallet.register(&mut lied, &code).unwrap();
    lied.open();
    let body = Body::Open([3; 64]);
    let index = lied.force(Role::Host, body);
    lied.marks.insert("open".into(), json!(index));
    assert!(matches!(wallet.read(&mut lied), Err(VoterError::Context)));
    // The service hides that there is a rings event: nothing is open then.
    world.marks.remove("rings");
    assert_eq!(wallets[0].read(&mut world).unwrap().phase(), Phase::Frozen);
    // It points at another event.
    let freeze = world.marks["freeze"].clone();
    world.marks.insert("rings".into(), freeze);
    assert!(matches!(wallets[0].read(&mut world), Err(VoterError::Context)));
}

#[test]
fn an_election_called_by_somebody_else_is_refused() {
    let mut world = World::registering(Kind::Ring);
    let read = |place: Place, world: &mut World| {
        let mut reading = Reading::begin(place);
        world.lead(|response| {
            response.map_or(Ok(()), |response| reading.supply(&response))?;
            reading.next()
        })
    };
    let right = world.place();
    let election = read(right.clone(), &mut world).unwrap();
    assert_eq!(election.place(), &right);
    let refused = read(right.called_by([1; 32]), &mut world).unwrap_err();
    assert!(matches!(refused, VoterError::OtherElection), "{refused}");
    // Who does not know the host learns it, and keeps to it from then on.
    let bare = Place::parse(world.place().address()).unwrap();
    assert_eq!(read(bare, &mut world).unwrap().place(), &world.place());
}

#[test]
fn a_log_that_goes_back_or_forks_is_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    wallets[0].vote(&mut world, &[1, 1]).unwrap();
    wallets[0].read(&mut world).unwrap();
    let (mut older, _) = opened(Kind::Ring);
    let refused = wallets[0].read(&mut older).unwrap_err();
    assert!(matches!(refused, VoterError::WentBack), "{refused}");
    // Another history of the same length, signed and witnessed all the same.
    let (mut other, mut others) = opened(Kind::Ring);
    others[1].vote(&mut other, &[1, 1]).unwrap();
    assert_eq!(other.log.head().unwrap().size, world.log.head().unwrap().size);
    let refused = wallets[0].read(&mut other).unwrap_err();
    assert!(matches!(refused, VoterError::Forked), "{refused}");
    // The receipt under such a head proves nothing either.
    let election = wallets[0].read(&mut world).unwrap();
    world.lies.insert("log/checkpoint".into(), (200, other.checkpoint().to_string().into()));
    let refused = wallets[0].confirm(&mut world, &election).unwrap_err();
    assert!(matches!(refused, VoterError::Forked), "{refused}");
    others[1].vote(&mut other, &[1, 0]).unwrap();
    let refused = wallets[0].read(&mut other).unwrap_err();
    assert!(matches!(refused, VoterError::Forked), "{refused}");
}

#[test]
fn a_head_that_the_log_or_its_witnesses_did_not_sign_is_refused() {
    let mut world = World::registering(Kind::Ring);
    let mut wallet = Wallet::new(&world, 1);
    let text = world.checkpoint().to_string();
    let lines: Vec<&str> = text.lines().collect();
    let without = |name: &str| {
        let kept: Vec<&str> =
            lines.iter().copied().filter(|line| !line.starts_with(&format!("— {name}"))).collect();
        format!("{}\n", kept.join("\n"))
    };
    for name in ["vote.example", "witness.example"] {
        world.lies.insert("log/checkpoint".into(), (200, without(name).into_bytes()));
        let refused = wallet.read(&mut world).unwrap_err();
        assert!(matches!(refused, VoterError::Head(_) | VoterError::Log), "{name}: {refused}");
    }
    world.lies.clear();
    wallet.read(&mut world).unwrap();
}

#[test]
fn entries_that_are_not_in_the_log_are_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    world.asked.clear();
    wallets[0].read(&mut world).unwrap();
    let bundle = world.asked.iter().find(|asked| asked.contains("tile/entries/")).unwrap().clone();
    let tile = world.asked.iter().find(|asked| asked.contains("tile/0/")).unwrap().clone();
    for path in [bundle, tile] {
        let path = path.strip_prefix("GET ").unwrap().to_owned();
        let request = Request::get(format!("{}/{path}", world.place().address())).body(Vec::new()).unwrap();
        let good = world.answer(&request).into_body();
        for change in [
            |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1,
            |bytes: &mut Vec<u8>| {
                bytes.pop();
            },
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            world.lies.insert(path.clone(), (200, bad));
            let refused = wallets[0].read(&mut world).unwrap_err();
            assert!(matches!(refused, VoterError::Log | VoterError::Event(_)), "{path}: {refused}");
        }
        world.lies.clear();
    }
}

#[test]
fn keys_that_do_not_follow_from_the_ceremony_are_refused() {
    let mut world = World::registering(Kind::Ring);
    let mut wallet = Wallet::new(&world, 1);
    wallet.read(&mut world).unwrap();
    // The end of the ceremony is said to be somewhere else.
    for index in [0, 1, 3] {
        world.marks.insert("ceremony_done".into(), json!(index));
        let refused = wallet.read(&mut world).unwrap_err();
        assert!(matches!(refused, VoterError::Ceremony), "{index}: {refused}");
    }
    // It is said to be beyond the head: nothing is proven of it then.
    world.marks.insert("ceremony_done".into(), json!(100_000));
    assert_eq!(wallet.read(&mut world).unwrap().phase(), Phase::Draft);
}

#[test]
fn a_service_that_sends_too_much_is_left() {
    let mut world = World::registering(Kind::Ring);
    let mut wallet = Wallet::new(&world, 1);
    world.lies.insert("summary".into(), (200, vec![b' '; (64 << 20) + 1]));
    assert!(matches!(wallet.read(&mut world), Err(VoterError::TooMuch)));
}

#[test]
fn a_withdrawn_candidate_is_named_only_if_the_host_says_so() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let body = Body::Withdraw(crate::event::Withdrawal {
        contest: "chair".into(),
        option: "kim".into(),
        reason: "ill".into(),
    });
    let index = world.say(Role::Host, body);
    world.marks.insert("withdraw".into(), json!([index]));
    let election = wallets[0].read(&mut world).unwrap();
    let contest = &election.manifest().contests[0];
    let gone: Vec<bool> =
        contest.options.iter().map(|option| election.is_withdrawn(contest, option)).collect();
    assert_eq!(gone, [true, false]);
    world.marks.insert("withdraw".into(), json!([index - 1]));
    assert!(matches!(wallets[0].read(&mut world), Err(VoterError::Context)));
}
