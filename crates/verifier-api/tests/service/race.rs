//! Many at once, at two nodes: one of them succeeds.

use crate::{
    issuer::name_query,
    world::{Answer, Fetched, World, http_request, link},
};
use http::{Method, Request, header};
use serde_json::json;
use sinpyo_testkit::TestEntropy;
use sinpyo_verifier::Known;
use sinpyo_verifier_api::{Facts, Incoming, Service, Step, Wanted};
use sinpyo_web::problem::RuleId;
use std::{collections::BTreeMap, thread};

const MANY: usize = 32;

#[derive(Debug)]
struct Nothing;

impl Facts for Nothing {
    fn known(&self, _: &Wanted) -> Option<Known> {
        None
    }
}

/// Sends what `request` makes for each of many, all at once, to the nodes in turn.
fn all_at_once(world: &World, request: &(dyn Fn(usize) -> Request<Vec<u8>> + Sync)) -> Vec<Answer> {
    let (nodes, state, now): (&[Service; 2], _, _) = (&world.nodes, &world.state, world.now.get());
    let send = move |number: usize| {
        let told = sinpyo_verifier_api::World { state, facts: &Nothing, now };
        let mut entropy = TestEntropy::new(90_000 + u64::try_from(number).unwrap());
        let peer = "192.0.2.8".parse().unwrap();
        let request = request(number);
        match nodes[number % 2].answer(&mut Incoming::new(&request, peer), &told, &mut entropy) {
            Step::Answer(response) => Answer {
                status: response.status().as_u16(),
                rule: response.extensions().get::<RuleId>().map_or("", |rule| rule.0),
                response,
            },
            other => panic!("{other:?}"),
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..MANY).map(|number| scope.spawn(move || send(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn simple(world: &World) -> serde_json::Value {
    world.open(&json!({"query": name_query(), "number_matching": false}))
}

#[test]
fn a_result_is_handed_out_once() {
    let world = World::new();
    let opened = simple(&world);
    world.present(opened["link"].as_str().unwrap());
    let token = world.token("shop", "result");
    let path = format!("/manage/posts/requests/{}/result", opened["id"].as_str().unwrap());
    let answers = all_at_once(&world, &|_| {
        let mut request = http_request(Method::POST, &path, b"{}".to_vec(), "application/json");
        request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        request
    });
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.rule == "VP-RSP-11a"));
}

#[test]
fn a_page_has_one_owner() {
    let world = World::new();
    let opened = simple(&world);
    let page = opened["page"].as_str().unwrap();
    let answers = all_at_once(&world, &|_| http_request(Method::GET, page, vec![], "text/html"));
    let owners: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    let [owner] = owners.as_slice() else { panic!("{} owners", owners.len()) };
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.rule == "VSV-10"));
    world.present(&link(owner));
    assert_eq!(world.read(&opened["id"])["state"], "accepted");
}

#[test]
fn a_request_of_one_name_is_opened_once() {
    let world = World::new();
    let token = world.token("shop", "request");
    let body = json!({"query": name_query()}).to_string().into_bytes();
    let answers = all_at_once(&world, &|_| {
        let path = "/manage/posts/requests";
        let mut request = http_request(Method::POST, path, body.clone(), "application/json");
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        headers.insert("idempotency-key", "the one".parse().unwrap());
        request
    });
    let first = &answers[0];
    assert_eq!(first.status, 201);
    assert!(answers.iter().all(|answer| answer.response.body() == first.response.body()));
    let listed = world.manage("shop", Method::GET, "/manage/posts/requests", None).ok().json();
    assert_eq!(listed["requests"].as_array().unwrap().len(), 1);
}

/// Each waits for what is looked up for it, while the others come in.
#[test]
fn what_has_to_be_looked_up_does_not_use_up_a_request() {
    let world = World::new();
    let opened = simple(&world);
    let asked = world.asked(opened["link"].as_str().unwrap());
    let token = world.presented(&asked);
    let posts: Vec<_> = (0..100).map(|_| world.post(&asked, token.clone())).collect();
    let peer = "192.0.2.8".parse().unwrap();
    let mut waiting: Vec<_> =
        posts.iter().map(|post| (Incoming::new(post, peer), Fetched::default())).collect();
    let mut statuses = BTreeMap::new();
    while !waiting.is_empty() {
        waiting.retain_mut(|(incoming, facts)| match world.advance(&world.nodes[0], incoming, facts) {
            Some(Step::Answer(answer)) => {
                *statuses.entry(answer.status().as_u16()).or_default() += 1;
                false
            }
            Some(other) => panic!("{other:?}"),
            None => true,
        });
    }
    // Thirty are let through; one of them is the answer.
    assert_eq!(statuses, BTreeMap::from([(200, 1), (400, 29), (429, 70)]));
    assert_eq!(world.read(&opened["id"])["state"], "accepted");
}
