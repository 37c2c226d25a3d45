//! Credential offers and the links that carry them.

use crate::world::{ISSUER, World, at, parsed};
use http::Request;
use serde_json::{Value, json};
use sinpyo_oauth::{form, url::Transport};
use sinpyo_openid4vci::offer::{InputMode, Offer, OfferError, OfferLink, PRE_AUTHORIZED, Scheme};
use sinpyo_state::State;
use std::time::Duration;

fn offer(value: &Value) -> Result<Offer, OfferError> {
    Offer::parse(value.to_string().as_bytes(), Transport::Https)
}

fn link(query: &[(&str, &str)]) -> Result<OfferLink, OfferError> {
    let query = form::encode(query.iter().copied());
    OfferLink::parse(&format!("openid-credential-offer://?{query}"), Transport::Https)
}

fn pre_authorized(tx_code: Option<Value>) -> Value {
    let mut grant = json!({ "pre-authorized_code": "c" });
    if let Some(tx_code) = tx_code {
        grant["tx_code"] = tx_code;
    }
    json!({
        "credential_issuer": ISSUER,
        "credential_configuration_ids": ["resident"],
        "grants": { PRE_AUTHORIZED: grant },
    })
}

#[test]
fn a_link_carries_exactly_one_of_offer_and_reference() {
    let inline = pre_authorized(None).to_string();
    assert!(matches!(link(&[("credential_offer", &inline)]), Ok(OfferLink::Inline(_))));
    let there = ("credential_offer_uri", "https://issuer.example/o/1");
    assert!(matches!(link(&[there]), Ok(OfferLink::Reference(_))));
    for query in [
        vec![],
        vec![("other", "x")],
        vec![("credential_offer", inline.as_str()), there],
        vec![there, there],
        vec![("credential_offer", &inline), ("credential_offer", &inline)],
    ] {
        assert_eq!(link(&query).unwrap_err().code(), "VCI-OFF-01", "{query:?}");
    }
}

#[test]
fn both_schemes_open_the_wallet_and_no_other() {
    let Ok(OfferLink::Inline(offer)) = link(&[("credential_offer", &pre_authorized(None).to_string())])
    else {
        panic!("an offer")
    };
    for scheme in [Scheme::OpenId, Scheme::Haip] {
        let link = offer.link(scheme);
        let Ok(OfferLink::Inline(again)) = OfferLink::parse(&link, Transport::Https) else {
            panic!("{link}")
        };
        assert_eq!(again.to_json(), offer.to_json());
        // Some software writes one slash, or none.
        assert!(OfferLink::parse(&link.replace("://", ":"), Transport::Https).is_ok());
        let foreign = link.replace(&scheme.to_string(), "openid4vp://");
        assert_eq!(OfferLink::parse(&foreign, Transport::Https).unwrap_err().code(), "VCI-OFF-09");
    }
}

#[test]
fn a_reference_is_https() {
    for uri in ["http://issuer.example/o", "javascript:alert(1)", "https://127.0.0.1/o", "file:///etc/passwd"]
    {
        assert!(link(&[("credential_offer_uri", uri)]).is_err(), "{uri}");
    }
}

#[test]
fn an_offer_names_an_issuer_and_configurations_once() {
    let good = pre_authorized(None);
    assert!(offer(&good).is_ok());
    let spoilt = |member: &str, value: Value| {
        let mut offer = good.clone();
        offer[member] = value;
        offer
    };
    for bad in [
        spoilt("credential_issuer", json!("http://issuer.example")),
        spoilt("credential_issuer", json!("https://issuer.example/?a=b")),
        spoilt("credential_issuer", json!("https://issuer.example/#a")),
        spoilt("credential_issuer", json!(1)),
        spoilt("credential_configuration_ids", json!([])),
        spoilt("credential_configuration_ids", json!(["a", "a"])),
        spoilt("credential_configuration_ids", json!("resident")),
        spoilt("credential_configuration_ids", json!([1])),
        json!({}),
    ] {
        assert_eq!(offer(&bad).unwrap_err().code(), "VCI-OFF-02", "{bad}");
    }
    assert!(offer(&spoilt("surprise", json!({ "x": [1] }))).is_ok(), "unknown members are ignored");
}

/// VCI-18 of the catalogue of attacks.
#[test]
fn an_offer_that_injects_is_refused() {
    for issuer in [
        "https://localhost",
        "https://h.kr/../a",
        "https://u:p@h.kr",
        "https://169.254.169.254",
        "https://a@h.kr",
    ] {
        let mut bad = pre_authorized(None);
        bad["credential_issuer"] = json!(issuer);
        assert_eq!(offer(&bad).unwrap_err().code(), "VCI-OFF-08", "{issuer}");
    }
    let mut long = pre_authorized(None);
    long["padding"] = json!("x".repeat(1 << 20));
    assert_eq!(offer(&long).unwrap_err().code(), "VCI-OFF-08");
    let twice = br#"{"credential_issuer":"https://a.kr","credential_issuer":"https://b.kr"}"#;
    assert_eq!(Offer::parse(twice, Transport::Https).unwrap_err().code(), "JSON-01");
}

#[test]
fn grants_may_be_missing_or_empty() {
    let mut bare = pre_authorized(None);
    bare["grants"] = json!({});
    assert!(offer(&bare).unwrap().grants.is_empty());
    bare.as_object_mut().unwrap().remove("grants");
    assert!(offer(&bare).unwrap().grants.is_empty());
    bare["grants"] = json!([]);
    assert!(offer(&bare).is_err());
    let unknown = json!({ "urn:example:other": { "x": 1 } });
    bare["grants"] = unknown;
    assert!(offer(&bare).unwrap().grants.is_empty());
}

#[test]
fn an_empty_tx_code_object_asks_for_a_code() {
    let prompt = |tx_code: Option<Value>| -> Result<_, OfferError> {
        Ok(offer(&pre_authorized(tx_code))?.grants.pre_authorized.unwrap().tx_code)
    };
    assert_eq!(prompt(None).unwrap(), None);
    let empty = prompt(Some(json!({}))).unwrap().unwrap();
    assert_eq!((empty.input_mode, empty.length), (InputMode::Numeric, None));
    let text = prompt(Some(json!({ "input_mode": "text", "length": 6 }))).unwrap().unwrap();
    assert_eq!((text.input_mode, text.length), (InputMode::Text, Some(6)));
    assert!(prompt(Some(json!({ "description": "가".repeat(300) }))).is_ok());
    let long = prompt(Some(json!({ "description": "a".repeat(301) })));
    assert_eq!(long.unwrap_err().code(), "VCI-OFF-06");
    for bad in
        [json!("1234"), json!({ "input_mode": "emoji" }), json!({ "length": -1 }), json!({ "length": 999 })]
    {
        assert!(prompt(Some(bad)).is_err());
    }
}

#[test]
fn an_offer_by_reference_is_fetched_until_it_expires() {
    let world = World::new();
    let offer = offer(&pre_authorized(Some(json!({})))).unwrap();
    let entropy = &mut sinpyo_testkit::TestEntropy::new(3);
    let published = world.issuer().publish(&offer, Duration::from_mins(10), at(0), entropy).unwrap();
    let get = |uri: &str, method: &str, now| {
        world.send(Request::builder().method(method).uri(uri).body(Vec::new()).unwrap(), now)
    };
    let address = published.address.as_str();
    assert_eq!(get(address, "GET", at(1)).status(), 404, "not before it is committed");
    world.state.commit_owned(&published.changes).unwrap();
    for _ in 0..2 {
        let response = get(address, "GET", at(1));
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert_eq!(parsed(&response), offer.to_json());
    }
    assert_eq!(get(address, "GET", at(600)).status(), 404, "it expires");
    assert_eq!(get(address, "POST", at(1)).status(), 405);
    assert_eq!(get(&format!("{ISSUER}/credential-offer/guess"), "GET", at(1)).status(), 404);
    // 256 bits of the address are secret, and neither they nor the code are in the memory.
    let secret = address.rsplit('/').next().unwrap();
    assert_eq!(secret.len(), 43);
    let records = world.state.page(sinpyo_state::Space::new("vci.offer"), None, 10, at(1)).unwrap();
    let (key, record) = &records[0];
    assert!(!key.name().contains(secret));
    assert!(!String::from_utf8_lossy(&record.data).contains("pre-authorized_code"));
    // The link to it is short enough for a QR code, and reads as the reference.
    let link = Scheme::Haip.link_to(&published.address);
    let Ok(OfferLink::Reference(read)) = OfferLink::parse(&link, Transport::Https) else { panic!("{link}") };
    assert_eq!(read, published.address);
}
