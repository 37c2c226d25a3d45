//! `sinpyo-registry-api`: whole HTTP requests to a registry, and the count of them.

use super::{
    OK, SKIPPED, World,
    registry::{as_organisation, origin},
    target, vcapi,
};
use crate::{Outcome, Target};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::Value;
use sinpyo_core::time::Timestamp;
use sinpyo_registry_api::{Admission, Answer, Api, Budget, LimitSettings, Limits, Rate, RuleId, Settings};
use std::{cell::RefCell, collections::BTreeMap, net::IpAddr, str};

pub(super) const TARGETS: &[Target] =
    &[target("registry-api/answer", requests, ask), target("registry-api/limits", crowds, count)];

thread_local! {
    static REGISTRY: RefCell<World> = RefCell::new(World::new());
}

/// Longest answer: of entries, of which the last may be the longest.
const MOST: usize = 4 << 20;

/// Every request is answered as HTTP has it, and never with the server's fault; the log grows by what is acknowledged.
pub(crate) fn ask(input: &[u8]) -> Outcome {
    REGISTRY.with_borrow_mut(|world| {
        let Some(request) = vcapi::parse(input) else { return SKIPPED };
        let before = world.size();
        let (outcome, acknowledged) = ask_in(world, &request);
        let grown = world.size() - before;
        assert_eq!(grown, u64::from(acknowledged), "what is acknowledged is on the log");
        if grown > 0 {
            *world = World::new();
        }
        outcome
    })
}

fn ask_in(world: &World, request: &Request<Vec<u8>>) -> (Outcome, bool) {
    // Whoever is admitted, or a creation would never reach the log.
    let settings = Settings { admission: Admission::Open, ..Settings::default() };
    let ledger = world.ledger();
    let api = Api { settings: &settings, ledger: &ledger, engine: &world.engine };
    let _budget = Budget::of(request);
    let response = match api.answer(request, world.now) {
        Answer::Whole(response) => response,
        Answer::Stream(stream) => {
            check_headers(stream.head.headers());
            let mut cursor = stream.cursor;
            for _ in 0..4 {
                let heard = (api.events(&mut cursor).expect("memory"), cursor.next());
                assert!(heard.0.len() <= MOST);
                str::from_utf8(&heard.0).expect("text");
            }
            assert!(api.events(&mut cursor).expect("memory").is_empty(), "the stream repeats itself");
            return (OK, false);
        }
    };
    check_headers(response.headers());
    let (status, body) = (response.status(), response.body());
    assert!(body.len() <= MOST, "{} bytes", body.len());
    let is_bare = request.method() == Method::HEAD || matches!(status.as_u16(), 204 | 304);
    assert!(!is_bare || body.is_empty(), "a body where none can be");
    let resolves = request.uri().path().starts_with("/1.0/identifiers/");
    let excused = resolves && status == StatusCode::NOT_IMPLEMENTED;
    assert!(!status.is_server_error() || excused, "{status} {}", String::from_utf8_lossy(body));
    (outcome_of(&response, is_bare), status == StatusCode::CREATED)
}

/// What every answer says about itself.
fn check_headers(headers: &HeaderMap) {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|own| own == value);
    assert!(is("x-content-type-options", "nosniff") && is("referrer-policy", "no-referrer"));
    assert!(headers.contains_key("content-security-policy") && headers.contains_key("cache-control"));
}

/// A refusal names its rule to the operator and to the peer alike.
fn outcome_of(response: &Response<Vec<u8>>, is_bare: bool) -> Outcome {
    if let Some(RuleId(rule)) = response.extensions().get() {
        let problem: Option<Value> = serde_json::from_slice(response.body()).ok();
        let named = problem.as_ref().and_then(|problem| problem.get("rule")?.as_str());
        assert!(is_bare || named == Some(rule), "a refusal without its rule");
        assert!(!response.status().is_success());
        return rule;
    }
    match response.status().as_u16() {
        200..300 => OK,
        304 => "304",
        400 => "400",
        404 => "404",
        406 => "406",
        410 => "410",
        501 => "501",
        _ => "other",
    }
}

fn requests() -> Vec<Vec<u8>> {
    let world = World::new();
    let get = |path: &str| format!("GET {path}\naccept: */*\n\n").into_bytes();
    let post = |body: &[u8]| [b"POST /operations\ncontent-type: application/json\n\n", body].concat();
    let mut seeds: Vec<Vec<u8>> = world.pending.iter().map(|operation| post(operation)).collect();
    let (root, did) = (&world.root, &world.recovered);
    let digest = sinpyo_registry::person::erase(&origin(), root, 0);
    seeds.push(post(as_organisation(root, 1, digest).as_bytes()));
    for path in [
        "/",
        "/openapi.json",
        "/health",
        "/log",
        "/checkpoint",
        "/tile/0/000.p/6",
        "/tile/entries/000.p/6",
        "/operations/3/proof",
        "/entries?from=1&limit=3",
        "/consistency?from=2&to=9",
        "/events?from=2",
    ] {
        seeds.push(get(path));
    }
    for path in [
        format!("/dids/{did}"),
        format!("/heads/{did}"),
        format!("/1.0/identifiers/{did}?versionTime=2026-11-22T00:00:00Z"),
        format!("/1.0/identifiers/{did}%3Fservice=a&relativeRef=%2Fb"),
        format!("/status-digests/{}?list=https%3A%2F%2Fa.example%2F1", world.organisation),
        format!(
            "/accreditations/{}?right=issue:urn:sinpyo:credential:ResidentCredential",
            world.organisation
        ),
        "/1.0/identifiers/did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".to_owned(),
        "/1.0/identifiers/did:web:a.example".to_owned(),
    ] {
        seeds.push(get(&path));
    }
    let options =
        format!("POST /1.0/identifiers/{did}\ncontent-type: application/json\n\n{{\"versionNumber\":1}}");
    seeds.push(options.into_bytes());
    seeds.push(b"GET /events\nlast-event-id: 3\n\n".to_vec());
    seeds.push(b"GET /checkpoint\nif-none-match: *\n\n".to_vec());
    seeds.push(b"HEAD /checkpoint\n\n".to_vec());
    seeds.push(b"OPTIONS /operations\norigin: https://b.example\n\n".to_vec());
    seeds
}

fn crowds() -> Vec<Vec<u8>> {
    let one = [1, 0, 0, 255].repeat(3);
    let many = (0..=255).flat_map(|peer| [peer, 1, 0, 3]).collect();
    let later = (0..60).flat_map(|second| [7, 2, second, 90]).collect();
    vec![one, many, later]
}

/// Four bytes at a time: who, what for, how many seconds later, how often. Nobody gets more than burst and rate allow;
/// who is told to wait a second gets in after it; who is refused where few are remembered would be where all are.
fn count(input: &[u8]) -> Outcome {
    let (submit, read) = (Rate { burst: 20, per_second: 2 }, Rate { burst: 50, per_second: 10 });
    let of = |peers| Limits::new(LimitSettings { submit, read, peers });
    let (mut all, mut few) = (of(1 << 16), of(4));
    let mut now = Timestamp::from_unix(1_795_319_100).expect("a time");
    let start = now;
    let mut admitted: BTreeMap<(IpAddr, Budget), i64> = BTreeMap::new();
    let mut outcome = OK;
    for chunk in input.chunks_exact(4).take(512) {
        let &[who, what, later, times] = chunk else { continue };
        now = now.plus(std::time::Duration::from_secs(later.into()));
        let address: IpAddr = match what & 4 {
            0 => [192, 0, 2, who].into(),
            _ => [0x2001, 0xdb8, 0, who.into(), 1, 2, 3, times.into()].into(),
        };
        // Addresses of one IPv6 network are one peer.
        let peer: IpAddr =
            if what & 4 == 0 { address } else { [0x2001, 0xdb8, 0, who.into(), 0, 0, 0, 0].into() };
        let (budget, rate) = if what & 1 == 0 { (Budget::Submit, submit) } else { (Budget::Read, read) };
        for _ in 0..times {
            let (by_all, by_few) = (all.admit(address, budget, now), few.admit(address, budget, now));
            assert!(by_few.is_ok() || by_all.is_err(), "who is forgotten is held longer");
            let count = admitted.entry((peer, budget)).or_default();
            let Err(refused) = by_all else {
                *count += 1;
                let most = i64::from(rate.burst) + i64::from(rate.per_second) * (now.unix() - start.unix());
                assert!(*count <= most, "{count} of {most}");
                continue;
            };
            outcome = refused.code();
            now = now.plus(refused.retry_after);
            assert!(all.admit(address, budget, now).is_ok(), "waiting does not help");
            *count += 1;
            let _same = few.admit(address, budget, now);
            break;
        }
    }
    outcome
}
