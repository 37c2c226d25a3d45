mod world;

use super::*;
use crate::{
    event::{Body, Role},
    form::to_hex,
    phase::Phase,
};
use serde_json::json;
use sinpyo_core::{Secret, jwk::PublicJwk, key::SignError};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_registry::engine::LogEngine as _;
use sinpyo_testkit::{TestEntropy, key};
use world::{Kind, SERVICE, World};

/// A voter with a key.
struct Wallet {
    voter: Voter,
    key: SigningKey,
    public: PublicJwk,
    entropy: TestEntropy,
}

impl Holder for Wallet {
    fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Box<[u8]>, SignError> {
        self.key.sign(message)
    }
}

impl Wallet {
    fn new(world: &World, seed: u8) -> Self {
        let mut entropy = TestEntropy::new(1000 + u64::from(seed));
        let key = key(Algorithm::Es256, seed);
        let public = key.verifying_key().to_jwk();
        Self { voter: Voter::new(world.place(), &mut entropy), key, public, entropy }
    }

    fn read(&mut self, world: &mut World) -> Result<Election, VoterError> {
        let mut reading = Reading::again(&self.voter);
        let election = world.lead(|response| {
            response.map_or(Ok(()), |response| reading.supply(&response))?;
            reading.next()
        })?;
        self.voter.saw(&election);
        Ok(election)
    }

    /// Registers; the record goes through text on the way, as it does when the wallet is closed.
    fn register(&mut self, world: &mut World, code: &str) -> Result<(), VoterError> {
        let election = self.read(world)?;
        let mut flow = Registering::begin(normal_code(code));
        loop {
            match flow.next(&self.voter)? {
                RegisterStep::Send(request) => {
                    let response = world.answer(&request);
                    flow.supply(&mut self.voter, &election, &response)?;
                }
                RegisterStep::Ask => {
                    let holder = Wallet {
                        voter: Voter::new(world.place(), &mut self.entropy),
                        key: key(Algorithm::Es256, 9),
                        public: key(Algorithm::Es256, 9).verifying_key().to_jwk(),
                        entropy: TestEntropy::new(3),
                    };
                    flow.agree(&mut self.voter, &election, (&holder, None), &mut self.entropy)?;
                }
                RegisterStep::Keep => {
                    self.voter = Voter::read(&self.voter.write()).unwrap();
                    flow.kept()?;
                }
                RegisterStep::Done => {
                    self.voter = Voter::read(&self.voter.write()).unwrap();
                    return Ok(());
                }
            }
        }
    }

    fn find(&mut self, world: &mut World, election: &Election) -> Result<Found, VoterError> {
        let mut finding = Finding::begin(election, &self.voter)?;
        world.lead(|response| {
            response.map_or(Ok(()), |response| finding.supply(&response))?;
            finding.next(election)
        })
    }

    fn booth(&mut self, world: &mut World) -> Result<(Election, Booth), VoterError> {
        let election = self.read(world)?;
        let found = if election.is_weak() { None } else { Some(self.find(world, &election)?) };
        let booth = Booth::enter(&election, &self.voter, found)?;
        Ok((election, booth))
    }

    fn fill(&mut self, world: &mut World, columns: &[u8]) -> (Election, Filled) {
        let (election, booth) = self.booth(world).unwrap();
        let filled = booth.fill(&Choices::new(columns.to_vec()), &mut self.entropy).unwrap();
        (election, filled)
    }

    fn vote(&mut self, world: &mut World, columns: &[u8]) -> Result<String, VoterError> {
        let (election, filled) = self.fill(world, columns);
        let tracking = filled.tracking_code();
        filled.cast(&mut self.voter, &election)?;
        self.voter = Voter::read(&self.voter.write()).unwrap();
        self.send(world, &election)?;
        Ok(tracking.as_str().to_owned())
    }

    fn send(&mut self, world: &mut World, election: &Election) -> Result<(), VoterError> {
        let mut casting = Casting::new();
        while let Step::Send(request) = casting.next(&self.voter, election)? {
            let response = world.answer(&request);
            casting.supply(&mut self.voter, &response)?;
        }
        Ok(())
    }

    fn confirm(&mut self, world: &mut World, election: &Election) -> Result<(), VoterError> {
        let mut confirming = Confirming::begin(&self.voter)?;
        while let Step::Send(request) = confirming.next(&mut self.voter, election)? {
            confirming.supply(&world.answer(&request))?;
        }
        Ok(())
    }
}

/// Six registered voters, which makes two rings of four, and the polls open.
fn opened(kind: Kind) -> (World, Vec<Wallet>) {
    let mut world = World::registering(kind);
    let mut wallets = Vec::new();
    for seed in 0..6 {
        let mut wallet = Wallet::new(&world, seed + 1);
        let code = world.line();
        wallet.register(&mut world, &code).unwrap();
        wallets.push(wallet);
    }
    world.open();
    world.asked.clear();
    (world, wallets)
}

fn check(world: &mut World, text: &str) -> Result<(Election, Verdict), VoterError> {
    let mut checking = Checking::begin(text)?;
    let mut reading = Reading::begin(checking.place().clone());
    let election = world.lead(|response| {
        response.map_or(Ok(()), |response| reading.supply(&response))?;
        reading.next()
    })?;
    let verdict = world.lead(|response| {
        response.map_or(Ok(()), |response| checking.supply(&response))?;
        checking.next(&election)
    })?;
    Ok((election, verdict))
}

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
    world.relay = Some("https://relay.example/box".to_owned());
    wallets[0].vote(&mut world, &[1, 1]).unwrap();
    // `World::cast` refuses every header but the token and the type of the body.
    let posts: Vec<_> = world.asked.iter().filter(|asked| asked.starts_with("POST")).collect();
    assert_eq!(posts, ["POST https://relay.example/box"]);
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
fn a_second_device_says_what_the_ballot_says_and_whose_slot_it_is() {
    for kind in [Kind::Ring, Kind::Token] {
        let (mut world, mut wallets) = opened(kind);
        let (_, filled) = wallets[0].fill(&mut world, &[2, 0]);
        let checked = filled.check();
        let size = world.log.head().unwrap().size;
        let (election, verdict) = check(&mut world, checked.text().expose()).unwrap();
        assert_eq!(verdict.tracking_code(), checked.tracking_code());
        let said: Vec<_> = verdict
            .choices(&election)
            .into_iter()
            .map(|(contest, option)| (contest.id.as_str(), option.map(|option| option.id.as_str())))
            .collect();
        assert_eq!(said, [("chair", Some("lee")), ("rule", None)]);
        let own = wallets[0].voter.slot().filter(|_| kind == Kind::Ring);
        assert_eq!(verdict.slot(), own);
        assert_eq!(world.log.head().unwrap().size, size, "nothing was cast");
        assert_eq!(wallets[0].voter.tokens(), 2, "and nothing paid");
    }
}

#[test]
fn a_package_that_was_changed_makes_no_valid_ballot() {
    for kind in [Kind::Ring, Kind::Token] {
        let (mut world, mut wallets) = opened(kind);
        let (_, filled) = wallets[0].fill(&mut world, &[2, 0]);
        let checked = filled.check();
        let text = checked.text().expose().clone();
        let (start, rest) = text.split_once('#').unwrap();
        let (package, line) = rest.split_once('.').unwrap();
        let bytes = sinpyo_core::encoding::from_base64url(package).unwrap();
        for at in (0..bytes.len()).step_by(7) {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            let bad = format!("{start}#{}.{line}", sinpyo_core::encoding::to_base64url(&bad));
            let outcome = check(&mut world, &bad);
            // Other choices, seeds and masks make another ballot that is valid, with another tracking code.
            if let Ok((_, verdict)) = outcome {
                assert_ne!(verdict.tracking_code(), checked.tracking_code(), "{at}");
            }
        }
        let other = format!("{start}#{package}.{}", line.parse::<u64>().unwrap() + 1);
        let refused = check(&mut world, &other);
        assert_eq!(refused.is_err(), kind == Kind::Ring, "another line of the roll");
        for bad in ["", "sinpyo-vote-check:", start, &text[..text.len() / 2]] {
            assert!(Checking::begin(bad).is_err(), "{bad}");
        }
    }
}

#[test]
fn a_record_is_read_as_it_was_written_and_no_other_text_is() {
    let (mut world, mut wallets) = opened(Kind::Token);
    let (election, filled) = wallets[0].fill(&mut world, &[1, 1]);
    filled.cast(&mut wallets[0].voter, &election).unwrap();
    wallets[1].vote(&mut world, &[1, 1]).unwrap();
    for wallet in &wallets {
        let text = wallet.voter.write();
        let again = Voter::read(&text).unwrap().write();
        assert_eq!(again.expose(), text.expose());
        for (number, line) in text.expose().lines().enumerate() {
            let changed = text.expose().replacen(line, &format!("{line} x"), 1);
            let read = Voter::read(&Secret::new(changed));
            assert!(read.is_err(), "line {number}: {}", line.split(' ').next().unwrap());
        }
    }
    assert!(Voter::read(&Secret::new(String::new())).is_err());
}

#[test]
fn a_record_says_nothing_about_choices() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let mut records = Vec::new();
    for columns in [[1, 1], [2, 0]] {
        let mut wallet =
            Wallet { voter: Voter::read(&wallets[0].voter.write()).unwrap(), ..Wallet::new(&world, 8) };
        let (election, filled) = wallet.fill(&mut world, &columns);
        let seed = filled.tracking_code();
        filled.cast(&mut wallet.voter, &election).unwrap();
        records.push(wallet.voter.write().expose().clone());
        assert!(!records.last().unwrap().contains(seed.as_str()));
    }
    let names = |text: &String| {
        text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&records[0]), names(&records[1]));
    assert_eq!(records[0].len(), records[1].len());
    wallets.clear();
}

#[test]
fn choices_of_another_ballot_are_refused() {
    let (mut world, mut wallets) = opened(Kind::Ring);
    let (_, booth) = wallets[0].booth(&mut world).unwrap();
    for columns in [vec![], vec![1], vec![1, 1, 1], vec![3, 0], vec![0, 2]] {
        assert!(booth.fill(&Choices::new(columns), &mut wallets[0].entropy).is_err());
    }
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
