//! Fifty at once: exactly one succeeds [GEN-13].

use crate::world::{CALLBACK, ISSUER, World, dpop_key, form, public, settings, token};
use http::{Request, Response};
use serde_json::json;
use sinpyo_core::time::Timestamp;
use sinpyo_jose::{KeyHint, Typ};
use sinpyo_oauth::{
    AuthorizationServer, DpopNonces, PRE_AUTHORIZED_GRANT,
    client::{Client, Redeem},
};
use sinpyo_testkit::TestEntropy;
use std::{sync::Barrier, thread, time::Duration};

const THREADS: u64 = 50;

fn proof(now: Timestamp, id: u64) -> String {
    crate::world::proof("token", now, id)
}

/// Sends one request per thread, all at once.
fn at_once(world: &World, requests: Vec<Request<Vec<u8>>>) -> Vec<Response<Vec<u8>>> {
    let barrier = Barrier::new(requests.len());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..)
            .zip(requests)
            .map(|(seed, request)| {
                let (barrier, server, now) = (&barrier, world.server(), world.now);
                scope.spawn(move || {
                    let (parts, body) = request.into_parts();
                    barrier.wait();
                    server.answer(&parts, &body, now, &mut TestEntropy::new(1000 + seed)).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn successes(answers: &[Response<Vec<u8>>]) -> usize {
    answers.iter().filter(|answer| answer.status() == 200).count()
}

/// VCI-01 of the catalogue of attacks.
#[test]
fn fifty_redemptions_of_a_pre_authorized_code_buy_one_token() {
    let mut world = World::without_nonces();
    for round in 0..20 {
        let code = world.offer(Some("1234"));
        let requests = (0..THREADS).map(|id| {
            let proof = proof(world.now, round * THREADS + id);
            let fields = [
                ("grant_type", PRE_AUTHORIZED_GRANT),
                ("client_id", "wallet"),
                ("pre-authorized_code", &code),
                ("tx_code", "1234"),
            ];
            form("token", &fields, &[("DPoP", &proof)])
        });
        let answers = at_once(&world, requests.collect());
        assert_eq!(successes(&answers), 1);
        let refused = answers.iter().filter(|answer| answer.status() != 200);
        assert!(refused.into_iter().all(|answer| crate::world::rule(answer) == "VCI-TOK-02d"));
    }
}

#[test]
fn fifty_redemptions_of_an_authorization_code_buy_one_token() {
    let mut world = World::without_nonces();
    let (metadata, key) = (world.metadata.clone(), dpop_key());
    for _ in 0..20 {
        let pkce = world.pkce();
        let mut wallet = Client::new(&metadata, public(), Some(&key));
        let code = world.code(&mut wallet, &pkce);
        let redeem = Redeem::Code { code: code.expose(), redirect_uri: CALLBACK, pkce: &pkce };
        let requests =
            (0..THREADS).map(|_| wallet.token(redeem, None, world.now, &mut world.entropy).unwrap());
        let requests = requests.collect();
        let answers = at_once(&world, requests);
        assert_eq!(successes(&answers), 1);
        // And the one that was bought is worthless: somebody else has the code.
        let bought = answers.into_iter().find(|answer| answer.status() == 200).unwrap();
        let tokens = wallet.read_tokens(&bought, world.now).unwrap();
        assert_eq!(world.call(&wallet, &tokens).unwrap_err().code(), "OAU-28");
    }
}

#[test]
fn fifty_uses_of_a_refresh_token_buy_one_token() {
    let mut settings = settings();
    settings.dpop_nonces = DpopNonces::Offered;
    settings.lifetimes.refresh = Some(Duration::from_hours(24));
    let mut world = World::with(settings);
    let (code, metadata, key) = (world.offer(None), world.metadata.clone(), dpop_key());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let tokens = world.redeem(&mut wallet, Redeem::PreAuthorized { code: &code, tx_code: None }).unwrap();
    let refresh = tokens.refresh.unwrap();
    let requests = (0..THREADS)
        .map(|_| wallet.token(Redeem::Refresh(&refresh), None, world.now, &mut world.entropy).unwrap());
    let requests = requests.collect();
    assert_eq!(successes(&at_once(&world, requests)), 1);
}

/// VCI-02 of the catalogue of attacks.
#[test]
fn fifty_guesses_at_once_are_five_guesses() {
    let mut world = World::without_nonces();
    let code = world.offer(Some("000049"));
    let requests = (0..THREADS).map(|id| {
        let (proof, guess) = (proof(world.now, id), format!("{id:06}"));
        let fields = [
            ("grant_type", PRE_AUTHORIZED_GRANT),
            ("client_id", "wallet"),
            ("pre-authorized_code", &code),
            ("tx_code", &guess),
        ];
        form("token", &fields, &[("DPoP", &proof)])
    });
    let answers = at_once(&world, requests.collect());
    let wrong = answers.iter().filter(|answer| answer.status() != 200).map(crate::world::rule);
    let counted = wrong.filter(|rule| *rule == "VCI-TOK-02c").count();
    assert!(counted <= 5, "{counted} guesses were answered");
    assert!(successes(&answers) <= 1);
    assert!(counted == 5 || successes(&answers) == 1);
}

#[test]
fn one_proof_of_possession_serves_one_of_fifty_requests() {
    let mut world = World::without_nonces();
    let claims =
        json!({"htm": "POST", "htu": format!("{ISSUER}/token"), "iat": world.now.unix(), "jti": "one"});
    let proof = token(Typ::DPOP, KeyHint::Jwk, &claims, &dpop_key());
    let requests = (0..THREADS).map(|_| {
        let code = world.offer(None);
        let fields =
            [("grant_type", PRE_AUTHORIZED_GRANT), ("client_id", "wallet"), ("pre-authorized_code", &code)];
        form("token", &fields, &[("DPoP", &proof)])
    });
    let requests = requests.collect();
    assert_eq!(successes(&at_once(&world, requests)), 1);
}

#[test]
fn a_pushed_request_begins_once_and_is_decided_once() {
    let mut world = World::without_nonces();
    let (metadata, key, pkce) = (world.metadata.clone(), dpop_key(), world.pkce());
    let mut wallet = Client::new(&metadata, public(), Some(&key));
    let url = world.begin(&mut wallet, &crate::world::order(), &pkce);
    let run = |job: &(dyn Fn(AuthorizationServer<'_>, u64) -> bool + Sync)| {
        let barrier = Barrier::new(50);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|seed| {
                    let (server, barrier) = (world.server(), &barrier);
                    scope.spawn(move || {
                        barrier.wait();
                        job(server, seed)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
        })
    };
    let now = world.now;
    let ids = std::sync::Mutex::new(Vec::new());
    let begun = run(&|server, seed| {
        let begun = server.begin(crate::world::query(&url), now, &mut TestEntropy::new(seed));
        begun.map(|interaction| ids.lock().unwrap().push(interaction.id)).is_ok()
    });
    assert_eq!(begun, 1);
    let id = ids.into_inner().unwrap().pop().unwrap();
    let decided = run(&|server, seed| {
        let authorization = crate::world::authorization();
        if seed % 2 == 0 {
            server.approve(&id, &authorization, now, &mut TestEntropy::new(seed)).is_ok()
        } else {
            server.deny(&id, now).is_ok()
        }
    });
    assert_eq!(decided, 1);
}
