//! What issuances, withdrawals and repetitions that meet do to each other.

use crate::world::{TestLookup, Token, World, at, bare_settings, holder, parsed, proof};
use http::Response;
use serde_json::{Value, json};
use sinpyo_core::{did::Did, key::Entropy, resolved::Resolved, time::Timestamp};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_oauth::AuthorizationServer;
use sinpyo_openid4vci::{
    issuer::{Desk, DeskRefusal, Issuance, Issuer, Order, standing},
    proof::Lookup,
};
use sinpyo_state::{
    Change, CommitError, Key, MemoryState, OwnedChange, Record, Space, State, Unavailable, Version,
};
use std::{
    fmt,
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

const GIVEN_OUT: Space = Space::new("test.given_out");

/// Issues without ever standing in its own way, and counts how often it is asked.
struct EasyDesk<'a> {
    asked: AtomicUsize,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send + 'a>>>,
}

impl<'a> EasyDesk<'a> {
    fn new() -> Self {
        Self { asked: AtomicUsize::new(0), meanwhile: Mutex::default() }
    }

    fn meanwhile(act: impl FnOnce() + Send + 'a) -> Self {
        Self { meanwhile: Mutex::new(Some(Box::new(act))), ..Self::new() }
    }
}

impl fmt::Debug for EasyDesk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EasyDesk")
    }
}

impl Desk for EasyDesk<'_> {
    fn issue(&self, _: &Order<'_>, _: Timestamp, entropy: &mut dyn Entropy) -> Result<Issuance, DeskRefusal> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let act = self.meanwhile.lock().unwrap().take();
        if let Some(act) = act {
            act();
        }
        let mut serial = [0; 16];
        entropy.fill(&mut serial);
        let serial = format!("{serial:02x?}");
        let changes = vec![OwnedChange::insert(Key::named(GIVEN_OUT, &serial), "", None)];
        Ok(Issuance::Ready { credentials: vec![json!(serial)], reference: None, changes })
    }
}

/// Takes its time, as a disk does.
#[derive(Debug)]
struct SlowState(&'static MemoryState);

impl State for SlowState {
    fn get(&self, key: &Key, now: Timestamp) -> Result<Option<Record>, Unavailable> {
        self.0.get(key, now)
    }

    fn page(
        &self,
        space: Space,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, Unavailable> {
        self.0.page(space, after, limit, now)
    }

    fn events(&self, stream: &Key, after: Version, limit: usize) -> Result<Vec<Vec<u8>>, Unavailable> {
        self.0.events(stream, after, limit)
    }

    #[expect(clippy::disallowed_methods, reason = "a disk takes its time")]
    fn commit(&self, changes: &[Change<'_>]) -> Result<(), CommitError> {
        thread::sleep(Duration::from_millis(20));
        self.0.commit(changes)
    }

    fn sweep(&self, before: Timestamp) -> Result<u64, Unavailable> {
        self.0.sweep(before)
    }
}

fn ask_at(
    (world, desk, state): (&World, &dyn Desk, &dyn State),
    (token, request): (&Token, &Value),
    seconds: i64,
) -> Response<Vec<u8>> {
    let authorization = AuthorizationServer { settings: &world.server, state };
    let issuer =
        Issuer { settings: &world.settings, authorization, state, desk, lookup: &TestLookup, signer: None };
    let (parts, body) = token.post("credential", request).into_parts();
    issuer.answer(&parts, &body, at(seconds), &mut world.entropy()).unwrap()
}

fn request(world: &World, seed: u8) -> Value {
    json!({ "credential_configuration_id": "resident", "proofs": world.jwt_proofs(&[seed]) })
}

fn given_out(world: &World) -> usize {
    world.state.page(GIVEN_OUT, None, 1000, at(0)).unwrap().len()
}

#[test]
fn a_hundred_requests_at_once_do_not_stand_in_each_others_way() {
    let world = World::new();
    let (token, desk, state) = (world.token("kim", &["resident"]), EasyDesk::new(), SlowState(world.state));
    let requests: Vec<Value> = (1..=100).map(|seed| request(&world, seed)).collect();
    let barrier = Barrier::new(requests.len());
    let statuses: Vec<u16> = thread::scope(|scope| {
        let (world, token, desk, state, barrier) = (&world, &token, &desk, &state, &barrier);
        let threads: Vec<_> = requests
            .iter()
            .map(|request| {
                scope.spawn(move || {
                    barrier.wait();
                    ask_at((world, desk, state), (token, request), 0).status().as_u16()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses, [200; 100]);
    assert_eq!(given_out(&world), 100);
    // The first issuance to a person makes the record that all others keep.
    let asked = desk.asked.load(Ordering::SeqCst);
    assert!(asked <= 200, "the desk signed {asked} times for a hundred credentials");
}

#[test]
fn a_withdrawal_does_not_concern_the_same_handle_at_another_issuer() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let neighbour = bare_settings("https://issuer.example/neighbour");
    let held = |issuer| standing::Held { issuer, subject: "kim", configuration_id: "resident" };
    standing::withdraw(world.state, held(&neighbour), || Ok(Vec::new())).unwrap();
    let desk = EasyDesk::new();
    let status =
        |seed| ask_at((&world, &desk, world.state), (&token, &request(&world, seed)), 0).status().as_u16();
    assert_eq!(status(1), 200);
    standing::withdraw(world.state, held(&world.settings), || Ok(Vec::new())).unwrap();
    assert_eq!(status(2), 400);
    standing::restore(world.state, held(&neighbour), || Ok(Vec::new())).unwrap();
    assert_eq!(status(3), 400, "the neighbour does not lift it");
    standing::restore(world.state, held(&world.settings), || Ok(Vec::new())).unwrap();
    assert_eq!(status(4), 200);
}

#[test]
fn the_handle_of_a_person_does_not_name_records() {
    let (world, desk) = (World::new(), EasyDesk::new());
    let token = world.token("kim", &["resident"]);
    assert_eq!(ask_at((&world, &desk, world.state), (&token, &request(&world, 1)), 0).status(), 200);
    let standing = world.state.page(Space::new("vci.standing"), None, 10, at(0)).unwrap();
    let guessed = Key::secret(Space::new("vci.standing"), b"kim\0resident");
    assert_eq!(standing.len(), 1);
    assert_ne!(standing[0].0, guessed, "whoever guesses the handle does not find the record");
}

/// Revoking sees what was committed before the mark, and nothing is committed behind it.
#[test]
fn a_withdrawal_that_is_refused_marks_nobody() {
    let (world, desk) = (World::new(), EasyDesk::new());
    let token = world.token("kim", &["resident"]);
    let held = standing::Held { issuer: &world.settings, subject: "kim", configuration_id: "resident" };
    assert!(standing::withdraw(world.state, held, || Err(Unavailable)).is_err());
    assert_eq!(ask_at((&world, &desk, world.state), (&token, &request(&world, 1)), 0).status(), 200);
    let seen = Mutex::new(Vec::new());
    standing::withdraw(world.state, held, || {
        seen.lock().unwrap().push(given_out(&world));
        Ok(Vec::new())
    })
    .unwrap();
    assert_eq!(seen.into_inner().unwrap(), [1, 1], "once to see that it can be done, once behind the mark");
}

/// While a repetition is under way, the response that it found stale is swept, and somebody else repeats the request.
#[test]
fn a_repetition_does_not_issue_twice_when_the_response_was_swept_meanwhile() {
    let world = World::new();
    let (token, easy) = (world.token("kim", &["resident"]), EasyDesk::new());
    let of_all = [request(&world, 1), request(&world, 1), request(&world, 1)];
    let [first, second, third] = &of_all;
    let minute = 61;
    assert_eq!(ask_at((&world, &easy, world.state), (&token, first), 0).status(), 200);
    let between = Mutex::new(None);
    let desk = EasyDesk::meanwhile(|| {
        world.state.sweep(at(minute)).unwrap();
        let response = ask_at((&world, &easy, world.state), (&token, second), minute);
        *between.lock().unwrap() = Some(parsed(&response));
    });
    let last = parsed(&ask_at((&world, &desk, world.state), (&token, third), minute));
    drop(desk);
    assert!(last["credentials"].is_array());
    assert_eq!(Some(last), between.into_inner().unwrap(), "the one is the repetition of the other");
    assert_eq!(given_out(&world), 2, "at the beginning, and once after the grace");
}

/// Counts how often a proof makes it look.
#[derive(Debug, Default)]
struct CountingLookup(AtomicUsize);

impl Lookup for CountingLookup {
    fn holder(&self, did: &Did) -> Option<Resolved> {
        self.0.fetch_add(1, Ordering::SeqCst);
        TestLookup.holder(did)
    }
}

#[test]
fn proofs_are_checked_once_however_often_others_come_first() {
    let world = World::new();
    let token = world.token("kim", &["resident"]);
    let signer = holder(1);
    let multikey = signer.key().verifying_key().to_multikey();
    let id = format!("did:key:{multikey}#{multikey}");
    let header = JwtHeader::new(Typ::CREDENTIAL_PROOF, KeyHint::Kid(&id));
    let proof = sign(header, &world.claims(), (&signer, signer.key().verifying_key())).unwrap();
    let request = json!({ "credential_configuration_id": "resident", "proofs": { "jwt": [proof] } });
    let desk = EasyDesk::meanwhile(|| {
        let other = request_of(&world, 2);
        assert_eq!(ask_at((&world, &EasyDesk::new(), world.state), (&token, &other), 0).status(), 200);
    });
    let lookup = CountingLookup::default();
    let issuer = Issuer { desk: &desk, lookup: &lookup, ..world.issuer() };
    let (parts, body) = token.post("credential", &request).into_parts();
    let response = issuer.answer(&parts, &body, at(0), &mut world.entropy()).unwrap();
    assert_eq!(response.status(), 200, "{}", String::from_utf8_lossy(response.body()));
    assert_eq!(desk.asked.load(Ordering::SeqCst), 2, "the first issuance to kim came between");
    assert_eq!(lookup.0.load(Ordering::SeqCst), 1);
}

fn request_of(world: &World, seed: u8) -> Value {
    let proofs = json!({ "jwt": [proof(&world.claims(), &holder(seed), None)] });
    json!({ "credential_configuration_id": "resident", "proofs": proofs })
}
