use crate::world::{World, header, now, refused};
use http::{Method, Request};
use serde_json::Value;
use sinpyo_registry_api::{Answer, Budget};
use std::time::Duration;

fn send(world: &World, method: &str, path: &str) -> http::Response<Vec<u8>> {
    world.whole(&Request::builder().method(method).uri(path).body("").unwrap())
}

#[test]
fn what_is_not_there_is_not_found() {
    let world = World::new();
    for path in [
        "/nothing",
        "/checkpoint/",
        "/checkpoint/x",
        "/explorer/none.js",
        "/explorer/../Cargo.toml",
        "//",
        "/.git/config",
    ] {
        assert_eq!(refused(&send(&world, "GET", path)), (404, "RGA-01"), "{path}");
    }
    let problem: Value = serde_json::from_slice(send(&world, "GET", "/nothing").body()).unwrap();
    assert_eq!(
        (problem["detail_ko"].as_str(), problem["mend"].as_str()),
        (Some("규칙"), Some("mend it")),
        "the catalogue's"
    );
}

/// SECURITY WEB-11: nothing changes by another method.
#[test]
fn a_method_that_a_path_does_not_take_is_refused() {
    let world = World::new();
    for (method, path, allow) in [
        ("GET", "/operations", "OPTIONS, POST"),
        ("DELETE", "/operations", "OPTIONS, POST"),
        ("POST", "/checkpoint", "OPTIONS, GET, HEAD"),
        ("PUT", "/tile/0/000.p/1", "OPTIONS, GET, HEAD"),
        ("PATCH", "/1.0/identifiers/did:tlog:a", "OPTIONS, GET, HEAD, POST"),
    ] {
        let response = send(&world, method, path);
        assert_eq!(
            (refused(&response), header(&response, "allow")),
            ((405, "RGA-02"), allow),
            "{method} {path}"
        );
    }
    assert_eq!(world.size(), 2);
}

#[test]
fn head_is_get_without_the_body() {
    let world = World::new();
    for path in ["/checkpoint", "/log", "/", "/explorer/explorer.js", "/openapi.json", "/nothing"] {
        let (get, head) = (send(&world, "GET", path), send(&world, "HEAD", path));
        assert_eq!((head.status(), head.body().len()), (get.status(), 0), "{path}");
        assert_eq!(header(&head, "content-length"), get.body().len().to_string(), "{path}");
        assert_eq!(header(&head, "content-type"), header(&get, "content-type"), "{path}");
    }
}

/// SECURITY WEB-07: public data for every page, nothing with credentials, and no submitting from other origins.
#[test]
fn other_origins_read_and_do_not_submit() {
    let world = World::new();
    for (path, anyone) in
        [("/checkpoint", "*"), ("/entries?from=0", "*"), ("/consistency?from=2&to=9", "*"), ("/", "")]
    {
        let asked = Request::get(path).header("origin", "https://evil.example").body("").unwrap();
        let response = world.whole(&asked);
        assert_eq!(header(&response, "access-control-allow-origin"), anyone, "{path}");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
    }
    let ask = |path: &str| {
        let preflight =
            Request::options(path).header("origin", "null").header("access-control-request-method", "POST");
        world.whole(&preflight.body("").unwrap())
    };
    let open = ask("/checkpoint");
    assert_eq!(
        (open.status().as_u16(), header(&open, "access-control-allow-methods")),
        (204, "OPTIONS, GET, HEAD")
    );
    let closed = ask("/operations");
    assert_eq!((closed.status().as_u16(), header(&closed, "access-control-allow-origin")), (204, ""));
    assert_eq!(header(&closed, "allow"), "OPTIONS, POST");
}

/// SECURITY WEB-08, WEB-18: on pages, data and refusals alike; and nobody learns which software this is.
#[test]
fn every_answer_has_its_security_headers() {
    let world = World::new();
    for path in
        ["/", "/checkpoint", "/healthz", "/nothing", "/operations", "/explorer/explorer.css", "/entries"]
    {
        let response = send(&world, "GET", path);
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{path}");
        let policy = header(&response, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert!(!response.headers().contains_key("server") && !response.headers().contains_key("set-cookie"));
    }
}

/// SECURITY WEB-06: what headers say about the host or the peer reaches no answer.
#[test]
fn headers_about_host_and_peer_change_nothing() {
    let world = World::new();
    for path in ["/openapi.json", "/log", "/", "/checkpoint", "/nothing"] {
        let plain = send(&world, "GET", path);
        let lying = Request::get(path)
            .header("host", "evil.example")
            .header("forwarded", "for=192.0.2.1;host=evil.example;proto=http")
            .header("x-forwarded-for", "192.0.2.1")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "http");
        assert_eq!(world.whole(&lying.body("").unwrap()).body(), plain.body(), "{path}");
    }
    assert_eq!(world.json("/openapi.json")["servers"][0]["url"], "https://ledger.example");
}

#[test]
fn the_description_names_every_path() {
    let world = World::new();
    let description = world.json("/openapi.json");
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() >= 17);
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
                "{method} {path}"
            );
            // What is described is there: with some value in its place, nothing is refused as unknown.
            let (before, after) = path.split_once('{').unwrap_or((path, "}"));
            let filler = if path.contains('{') { "x" } else { "" };
            let path = [before, filler, after.split_once('}').unwrap().1].concat();
            let request =
                Request::builder().method(method.to_uppercase().as_str()).uri(&path).body("").unwrap();
            if let Answer::Whole(response) = world.api().answer(&request, now()) {
                assert_ne!(response.status(), 405, "{method} {path}");
            }
        }
    }
}

#[test]
fn submitting_and_reading_are_different_budgets() {
    let of = |method: Method, path: &str| {
        Budget::of(&Request::builder().method(method).uri(path).body(()).unwrap())
    };
    assert_eq!(of(Method::POST, "/operations"), Budget::Submit);
    assert_eq!(of(Method::POST, "/operations?x"), Budget::Submit);
    assert_eq!(of(Method::GET, "/operations"), Budget::Read);
    assert_eq!(of(Method::POST, "/1.0/identifiers/did:tlog:a"), Budget::Read);
    for path in ["/dids/did:tlog:a", "/dids/did:tlog:a/proof", "/accreditations/did:tlog:a?right=issue:A"] {
        assert_eq!(of(Method::GET, path), Budget::Prove, "{path}");
    }
    let world = World::new();
    let refusal = world.api().too_often(Duration::from_secs(3));
    assert_eq!((refused(&refusal), header(&refusal, "retry-after")), ((429, "RGA-07"), "3"));
}

/// SECURITY WEB-16: whatever is asked, the answer is not a failure of the server.
#[test]
fn no_request_makes_the_server_fail() {
    let world = World::new();
    let starts = [
        "/",
        "/tile/",
        "/operations/",
        "/1.0/identifiers/",
        "/dids/",
        "/heads/",
        "/accreditations/",
        "/status-digests/",
        "/explorer/",
    ];
    let ends = [
        "%",
        "%00",
        "%ff%fe",
        "..",
        "a?right=issue:",
        "did:tlog:%0d%0aX:1",
        "did:tlog:x?at=9999-99-99",
        "?from=%2B1&to=1e9&q=%3Cscript%3E",
        &"9".repeat(4000),
    ];
    for (start, end) in starts.iter().flat_map(|start| ends.iter().map(move |end| (start, end))) {
        let Ok(request) = Request::get(format!("{start}{end}")).body("") else { continue };
        let Answer::Whole(response) = world.api().answer(&request, now()) else { continue };
        assert!(
            response.status().as_u16() < 500 || response.status() == 501,
            "{start}{end}: {}",
            response.status()
        );
        for value in response.headers().values() {
            assert!(!value.as_bytes().iter().any(|byte| *byte == b'\r' || *byte == b'\n'));
        }
    }
}
