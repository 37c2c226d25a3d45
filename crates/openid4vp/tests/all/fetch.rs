//! Requests that are fetched, and links.

use crate::world::{World, later, link, members, now, query, same_device};
use http::{Method, header};
use serde_json::{Value, json};
use sinpyo_core::{encoding::from_base64url, json as strict};
use sinpyo_jose::{JwtHeader, KeyHint, Typ, sign};
use sinpyo_openid4vp::{
    Transport,
    verifier::{Confirmation, Encryption, Flow, Handled, Order, OrderError, Profile, RequestUriMethod},
    wallet::{Invitation, RequestedBy},
};
use sinpyo_testkit::TestEntropy;

fn order() -> Order {
    Order::new(query(), same_device())
}

fn reference(link: &str) -> sinpyo_openid4vp::wallet::Reference {
    match Invitation::parse(link, Transport::Https).unwrap() {
        Invitation::Fetch(reference) => reference,
        other => panic!("{other:?}"),
    }
}

fn claims(response: &http::Response<Vec<u8>>) -> Value {
    let text = std::str::from_utf8(response.body()).unwrap();
    let payload = text.split('.').nth(1).unwrap();
    strict::parse(&from_base64url(payload).unwrap()).unwrap()
}

#[test]
fn the_link_holds_who_asks_and_where_and_nothing_else() {
    let world = World::new();
    let text = link(&world.open(&order()));
    let (scheme, query) = text.split_once('?').unwrap();
    assert_eq!(scheme, "openid4vp://");
    let names: Vec<&str> = query.split('&').map(|pair| pair.split_once('=').unwrap().0).collect();
    assert_eq!(names, ["client_id", "request_uri"]);
    let reference = reference(&text);
    assert!(reference.client_id().as_str().starts_with("x509_hash:"));
    let handle = reference.request_uri().as_str().rsplit('/').next().unwrap();
    assert_eq!(handle.len(), 43, "256 bits");
}

#[test]
fn a_request_may_be_fetched_again_while_it_waits() {
    let world = World::new();
    let opened = world.open(&order());
    let (request, _) = reference(&link(&opened)).fetch(&members(json!({})), &mut TestEntropy::new(1));
    assert_eq!(request.method(), Method::GET);
    let [first, second] = [(); 2].map(|()| world.answered(&request));
    for response in [&first, &second] {
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/oauth-authz-req+jwt");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }
    assert_ne!(first.body(), second.body(), "signed afresh");
    assert_eq!(claims(&first), claims(&second));
    let claims = claims(&first);
    assert_eq!(
        (&claims["response_type"], &claims["aud"]),
        (&json!("vp_token"), &json!("https://self-issued.me/v2"))
    );
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);

    let late = world.run(|verifier, entropy| verifier.handle(&request, later(301), entropy)).unwrap();
    let Handled::Refused(response, refusal) = late else { panic!("expired") };
    assert_eq!((refusal.code(), response.status().as_u16()), ("VP-REQ-05a", 410));
    let asked = world.asked(&link(&opened));
    let _ = world.accept(&world.respond(&asked), json!({}));
    assert_eq!(world.refused(&request), ("VP-REQ-05a", 410), "answered");
}

#[test]
fn each_transaction_has_its_own_nonce_state_and_key() {
    let world = World::new();
    let [one, other] = [(); 2].map(|()| world.asked(&link(&world.open(&order()))));
    assert_ne!(one.request().nonce, other.request().nonce);
    assert_ne!(one.request().state, other.request().state);
    let keys = [&one, &other].map(|asked| asked.request().client_metadata.to_json()["jwks"]["keys"].clone());
    assert_ne!(keys[0], keys[1]);
    for key in keys {
        let key = key.as_array().unwrap();
        assert_eq!(key.len(), 1);
        assert_eq!(
            (&key[0]["kty"], &key[0]["crv"], &key[0]["alg"]),
            (&json!("EC"), &json!("P-256"), &json!("ECDH-ES"))
        );
        assert!(key[0]["kid"].as_str().is_some_and(|kid| !kid.is_empty()) && key[0].get("d").is_none());
    }
}

#[test]
fn a_posted_fetch_gets_the_wallets_nonce_back() {
    let mut world = World::new();
    world.settings.method = RequestUriMethod::Post;
    let opened = world.open(&order());
    let text = link(&opened);
    assert!(text.ends_with("&request_uri_method=post"));
    let metadata = members(json!({"vp_formats_supported": {}, "issuer": "https://wallet.example"}));
    let (request, fetching) = reference(&text).fetch(&metadata, &mut TestEntropy::new(1));
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.headers()[header::ACCEPT], "application/oauth-authz-req+jwt");
    let response = world.answered(&request);
    let claims = claims(&response);
    assert_eq!(claims["wallet_nonce"].as_str().unwrap().len(), 43);
    assert_eq!(claims["aud"], "https://wallet.example");
    assert!(fetching.read(&response).unwrap().authenticate(&world.trust(), now()).is_ok());

    // Another wallet's request, or one that was fetched by GET, is none for this wallet.
    let (other, fetching) = reference(&text).fetch(&metadata, &mut TestEntropy::new(2));
    let refused = fetching.read(&response).unwrap().authenticate(&world.trust(), now()).unwrap_err();
    assert_eq!(refused.code(), "VP-REQ-06");
    let (_, fetching) = reference(&text).fetch(&members(json!({})), &mut TestEntropy::new(3));
    let mut get = other.clone();
    *get.method_mut() = Method::GET;
    let bare = fetching.read(&world.answered(&get)).unwrap().authenticate(&world.trust(), now());
    assert_eq!(bare.unwrap_err().code(), "VP-REQ-06");
    let (_, fetching) = reference(&text).fetch(&members(json!({})), &mut TestEntropy::new(3));
    let refused = fetching.read(&response).unwrap().authenticate(&world.trust(), now()).unwrap_err();
    assert_eq!(refused.code(), "VP-REQ-03b", "made for a wallet of another issuer");

    for body in
        ["wallet_nonce=", "wallet_metadata=%7B", "wallet_metadata=%5B%5D", "wallet_nonce=a&wallet_nonce=b"]
    {
        let mut broken = other.clone();
        *broken.body_mut() = body.as_bytes().to_vec();
        assert_eq!(world.refused(&broken), ("VP-REQ-06b", 400), "{body}");
    }
    let mut put = other;
    *put.method_mut() = Method::PUT;
    assert_eq!(world.refused(&put), ("VP-RSP-02b", 405));
}

/// What `@openid4vc/openid4vp` writes by default.
#[test]
fn the_address_of_the_request_names_its_reader_too() {
    let world = World::new();
    let text = "openid4vp://?client_id=decentralized_identifier:did:web:verifier.example&\
                request_uri=https%3A%2F%2Fverifier.example%2Fr%2F1";
    let read = |aud: &str| {
        let (_, fetching) = reference(text).fetch(&members(json!({})), &mut TestEntropy::new(1));
        let claims = members(json!({
            "client_id": "decentralized_identifier:did:web:verifier.example", "aud": aud,
            "response_type": "vp_token", "response_mode": "direct_post", "nonce": "n-0S6_WzA2Mj",
            "response_uri": "https://verifier.example/response", "dcql_query": query().to_json(),
        }));
        let header = JwtHeader::new(Typ::REQUEST, KeyHint::Kid("did:web:verifier.example#key-1"));
        let token = sign(header, &claims, (&world.signer, world.signer.key().verifying_key())).unwrap();
        let response = http::Response::builder().header("content-type", "application/oauth-authz-req+jwt");
        let signed = fetching.read(&response.body(token.into_bytes()).unwrap()).unwrap();
        signed.authenticate(&world.trust(), now()).map(drop).map_err(|error| error.code())
    };
    assert_eq!(read("https://verifier.example/r/1"), Ok(()));
    assert_eq!(read("https://self-issued.me/v2"), Ok(()));
    assert_eq!(read("https://verifier.example/r/2"), Err("VP-REQ-03b"));
    assert_eq!(read("https://verifier.example"), Err("VP-REQ-03b"));
}

/// OVP-18 of the catalogue of attacks.
#[test]
fn only_a_signed_request_object_is_read() {
    let world = World::new();
    let text = link(&world.open(&order()));
    let fetching = || reference(&text).fetch(&members(json!({})), &mut TestEntropy::new(1));
    let good = world.answered(&fetching().0);
    let with = |change: &dyn Fn(&mut http::Response<Vec<u8>>)| {
        let mut response = good.clone();
        change(&mut response);
        fetching().1.read(&response).map(drop).unwrap_err().code()
    };
    for status in [302, 404, 201, 500] {
        assert_eq!(with(&|response| *response.status_mut() = status.try_into().unwrap()), "VP-REQ-05c");
    }
    for media_type in ["application/json", "text/html", "application/jwt"] {
        let change = |response: &mut http::Response<Vec<u8>>| {
            drop(response.headers_mut().insert(header::CONTENT_TYPE, media_type.parse().unwrap()));
        };
        assert_eq!(with(&change), "VP-REQ-05d");
    }
    assert_eq!(with(&|response| *response.body_mut() = vec![b'a'; 10 << 20]), "VP-REQ-05e");
    assert_eq!(with(&|response| *response.body_mut() = b"{}".to_vec()), "JWS-01");
    // {"alg":"none","typ":"oauth-authz-req+jwt"}: no key could have made it; {"alg":"none"}: another type.
    for (header, code) in [
        (r#"{"alg":"ES256","typ":"JWT"}"#, "JWS-04"),
        (r#"{"alg":"ES256"}"#, "JWS-04"),
        (r#"{"alg":"ES256","typ":"oauth-authz-req+jwt","jwk":{"kty":"EC"}}"#, "JWS-07"),
    ] {
        let header = sinpyo_core::encoding::to_base64url(header.as_bytes());
        assert_eq!(with(&|response| *response.body_mut() = format!("{header}.e30.AA").into_bytes()), code);
    }
}

/// OVP-19 of the catalogue of attacks.
#[test]
fn what_stands_beside_a_fetched_request_is_ignored() {
    let world = World::new();
    let opened = world.open(&order());
    let text = format!(
        "{}&response_uri=https%3A%2F%2Fattacker.example%2F&nonce=mine&dcql_query=%7B%7D&state=mine",
        link(&opened)
    );
    let asked = world.asked(&text);
    assert_ne!(asked.request().nonce, "mine");
    assert!(asked.request().response_mode.response_uri().unwrap().is_at("verifier.example"));
}

/// OVP-18 of the catalogue of attacks.
#[test]
fn malformed_links_are_refused() {
    let id = "client_id=x509_san_dns:verifier.example";
    let uri = "request_uri=https%3A%2F%2Fverifier.example%2Fr";
    for (text, code) in [
        ("openid4vp://".to_owned(), "VP-REQ-04b"),
        (format!("openid4vp://?{uri}"), "VP-REQ-04b"),
        (format!("openid4vp://?{id}&{uri}&{id}"), "VP-REQ-04b"),
        (format!("openid4vp://?{id}&{uri}#x"), "VP-REQ-04b"),
        (format!("openid4vp://?{id}&{uri}&x={}", "a".repeat(64 << 10)), "VP-REQ-04b"),
        (format!("openid4vp://?{id}&{uri}&request=a.b.c"), "VP-REQ-04c"),
        (format!("openid4vp://?{id}&{uri}&request_uri_method=put"), "VP-REQ-06a"),
        (format!("openid4vp://?{id}&request=a.b.c&request_uri_method=get"), "VP-REQ-06a"),
        (format!("openid4vp://?{id}&request_uri=http%3A%2F%2Fverifier.example%2Fr"), "VP-REQ-05b"),
        (format!("openid4vp://?{id}&request_uri=https%3A%2F%2F127.0.0.1%2Fr"), "VP-REQ-05b"),
        (format!("openid4vp://?{id}&request_uri=https%3A%2F%2F169.254.169.254%2Fr"), "VP-REQ-05b"),
        (format!("openid4vp://?client_id=verifier.example&{uri}"), "VP-CID-01"),
        (format!("openid4vp://?client_id=origin:https://v.example&{uri}"), "VP-CID-01b"),
        // Unsigned under a name that must be proven.
        (format!("openid4vp://?{id}&response_type=vp_token"), "VP-CID-04"),
        (format!("openid4vp://?{id}&request=a.b"), "JWS-01"),
    ] {
        assert_eq!(Invitation::parse(&text, Transport::Https).unwrap_err().code(), code, "{text}");
    }
    let method = format!("openid4vp://?{id}&{uri}&request_uri_method=put");
    let reply = Invitation::parse(&method, Transport::Https).unwrap_err().reply();
    assert_eq!(reply.name(), "invalid_request_uri_method");
}

#[test]
fn without_a_name_the_request_stands_in_the_link() {
    let world = World::new();
    let verifier = world.verifier(&[]);
    let mut entropy = TestEntropy::new(5);
    let opened = verifier.open(&order(), now(), &mut entropy).unwrap();
    let text = link(&opened);
    let Invitation::Unsigned(asked) = Invitation::parse(&text, Transport::Https).unwrap() else {
        panic!("an unsigned request")
    };
    let RequestedBy::Place(place) = asked.by() else { panic!("nobody but a place") };
    let audience = asked.expectation().audience;
    assert_eq!(audience, format!("redirect_uri:{}", place.as_str()));
    let handled = verifier.handle(&world.respond(&asked), now(), &mut entropy).unwrap();
    let Handled::Arrived(arrived) = handled else { panic!("presentations") };
    assert_eq!(arrived.expectation, asked.expectation());
    // The response goes to another place than the name says.
    let elsewhere = text.replace(
        "client_id=redirect_uri%3Ahttps%3A%2F%2Fverifier",
        "client_id=redirect_uri%3Ahttps%3A%2F%2Fother",
    );
    assert_ne!(elsewhere, text);
    assert_eq!(Invitation::parse(&elsewhere, Transport::Https).unwrap_err().code(), "VP-CID-05g");
    // There is nothing to fetch.
    let handle = place.as_str().rsplit('/').next().unwrap();
    let get = http::Request::get(format!("https://verifier.example/openid4vp/request/{handle}"));
    let handled = verifier.handle(&get.body(Vec::new()).unwrap(), now(), &mut entropy).unwrap();
    assert!(matches!(handled, Handled::Refused(_, refusal) if refusal.code() == "VP-REQ-05a"));
}

#[test]
fn haip_is_kept_where_it_is_demanded() {
    let mut world = World::new();
    world.settings.profile = Profile::Haip;
    assert!(world.asked(&link(&world.open(&order()))).request().response_mode.is_encrypted());
    let open = |name, order: &Order| {
        world
            .run_as(name, |verifier, entropy| verifier.open(order, now(), entropy))
            .map(drop)
            .unwrap_err()
            .code()
    };
    assert_eq!(open(&world.did, &order()), "VP-CID-03");
    assert_eq!(open(&world.host, &order()), "VP-CID-03");
    let plain = Order { encryption: Encryption::Plain, ..order() };
    assert_eq!(open(&world.certificate, &plain), "HAI-04");
    let foreign = json!({"credentials": [{"id": "a", "format": "ldp_vc", "meta": {"type_values": [["https://e.example/A"]]}}]});
    let foreign = Order { query: sinpyo_dcql::Query::from_json(&foreign).unwrap(), ..order() };
    assert_eq!(open(&world.certificate, &foreign), "HAI-05");
    let none = world.verifier(&[]).open(&order(), now(), &mut TestEntropy::new(1)).unwrap_err();
    assert_eq!(none.code(), OrderError::Unsigned.code());
}

#[test]
fn a_name_that_the_certificate_lacks_is_not_asked_under() {
    let world = World::new();
    let sinpyo_openid4vp::verifier::Name::Host { chain, .. } = &world.host else { panic!("a host") };
    let other =
        sinpyo_openid4vp::verifier::Name::Host { host: "other.example".to_owned(), chain: chain.clone() };
    let flow = Flow::CrossDevice { confirmation: Confirmation::None };
    let order = Order::new(query(), flow);
    let refused = world.run_as(&other, |verifier, entropy| verifier.open(&order, now(), entropy));
    assert_eq!(refused.unwrap_err().code(), "VP-CID-03");
}
