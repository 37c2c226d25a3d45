//! The Digital Credentials API.

use crate::world::{World, at, now, query, signer, token};
use serde_json::{Map, Value, json};
use sinpyo_mdoc::{Handover, SessionTranscript};
use sinpyo_openid4vp::{
    Channel, DigitalProtocol, DigitalRequest, Session, WalletErrorCode,
    verifier::{
        Asking, Claim, Encryption, Flow, Identity, Opened, Order, Outcome, Received, Signing, Verdict,
    },
    wallet::{Asked, RequestRefused, RequestedBy, Response, receive_digital},
};
use sinpyo_testkit::TestEntropy;

const ORIGIN: &str = "https://shop.example";

fn order(signing: Signing, encryption: Encryption) -> Order {
    let flow =
        Flow::Digital { origins: vec![ORIGIN.to_owned(), "https://www.shop.example".to_owned()], signing };
    let session = Some(Session::of("cookie"));
    Order { encryption, session, ..Order::new(query(), flow) }
}

fn request(opened: &Opened) -> DigitalRequest {
    match &opened.asking {
        Asking::Digital(request) => request.clone(),
        Asking::Link(_) => panic!("no link"),
    }
}

fn receive(world: &World, request: DigitalRequest, origin: &str) -> Result<Asked, RequestRefused> {
    receive_digital(request, origin, &world.trust(), now())
}

fn answer(asked: &Asked) -> Map<String, Value> {
    match asked.answer(&token(), &mut TestEntropy::new(77)).unwrap() {
        Response::Digital(data) => data,
        Response::Post(_) => panic!("no post"),
    }
}

fn open(world: &World, order: &Order) -> Opened {
    // Two names: that of the certificate and that of the DID.
    let identities: [Identity<'_>; 2] = [world.identity(&world.certificate), world.identity(&world.did)];
    world.verifier(&identities).open(order, now(), &mut TestEntropy::new(world.draw())).unwrap()
}

#[test]
fn a_page_gets_its_presentations() {
    let world = World::new();
    for (signing, protocol) in [
        (Signing::Unsigned, "openid4vp-v1-unsigned"),
        (Signing::Signed, "openid4vp-v1-signed"),
        (Signing::MultiSigned, "openid4vp-v1-multisigned"),
    ] {
        for encryption in [Encryption::Encrypted, Encryption::Plain] {
            let world = World::new();
            let opened = open(&world, &order(signing, encryption));
            let request = request(&opened);
            assert_eq!(request.protocol.name(), protocol);
            let asked = receive(&world, request, ORIGIN).unwrap();
            assert_eq!(matches!(asked.by(), RequestedBy::Origin(_)), signing == Signing::Unsigned);
            let data = answer(&asked);
            assert!(!data.contains_key("state"));
            let session = Session::of("cookie");
            let receive = |origin: &str, session, data: &Map<String, Value>| {
                world.run(|verifier, entropy| {
                    verifier.receive_digital((&opened.transaction, session), origin, data, now(), entropy)
                })
            };
            let Received::Presented(arrived) = receive(ORIGIN, Some(&session), &data).unwrap() else {
                panic!("presentations")
            };
            assert_eq!(arrived.expectation, asked.expectation());
            assert_eq!(arrived.expectation.audience, "origin:https://shop.example", "even if it is signed");
            assert_eq!(arrived.expectation.channel, Channel::Digital { origin: ORIGIN.to_owned() });
            let thumbprint = arrived.expectation.jwk_thumbprint;
            assert_eq!(thumbprint.is_some(), encryption == Encryption::Encrypted);
            let handover = Handover::DigitalCredentials {
                origin: ORIGIN,
                nonce: &asked.request().nonce,
                jwk_thumbprint: thumbprint.as_ref(),
            };
            let expected = SessionTranscript::new(&handover);
            assert_eq!(SessionTranscript::new(&arrived.expectation.handover()), expected);

            assert_eq!(
                receive("https://other.example", Some(&session), &data).unwrap_err().code(),
                "VP-DCA-03b"
            );
            assert_eq!(
                receive("https://shop.example/", Some(&session), &data).unwrap_err().code(),
                "VP-DCA-03b"
            );
            assert_eq!(receive(ORIGIN, None, &data).unwrap_err().code(), "VP-RSP-10b");
            let accepted = Verdict::Accepted(json!(1));
            let _ =
                world.run(|verifier, entropy| verifier.conclude(*arrived, accepted, now(), entropy)).unwrap();
            let claim =
                Claim { transaction: &opened.transaction, session: Some(&session), response_code: None };
            let result = world.run(|verifier, entropy| verifier.result(&claim, now(), entropy)).unwrap();
            assert_eq!(result, Outcome::Accepted(json!(1)));
            assert_eq!(receive(ORIGIN, Some(&session), &data).unwrap_err().code(), "VP-RSP-10b");
        }
    }
    assert_eq!(world.documents.len(), 1);
}

#[test]
fn an_unsigned_request_says_nothing_about_its_maker() {
    let world = World::new();
    let mut request = request(&open(&world, &order(Signing::Unsigned, Encryption::Plain)));
    assert!(!request.data.contains_key("client_id") && !request.data.contains_key("state"));
    request.data.insert("client_id".to_owned(), "x509_san_dns:bank.example".into());
    request.data.insert("expected_origins".to_owned(), json!(["https://bank.example"]));
    let asked = receive(&world, request, ORIGIN).unwrap();
    assert!(matches!(asked.by(), RequestedBy::Origin(origin) if origin == ORIGIN));
    assert_eq!(asked.request().client_id, None);
    assert_eq!(asked.expectation().audience, "origin:https://shop.example");
}

#[test]
fn a_signed_request_is_for_its_pages_alone() {
    let world = World::new();
    for signing in [Signing::Signed, Signing::MultiSigned] {
        let request = request(&open(&world, &order(signing, Encryption::Encrypted)));
        assert!(receive(&world, request.clone(), "https://www.shop.example").is_ok());
        for origin in ["https://other.example", "http://shop.example", "https://shop.example/", ""] {
            assert_eq!(receive(&world, request.clone(), origin).unwrap_err().code(), "VP-DCA-02", "{origin}");
        }
    }
    let none = Flow::Digital { origins: Vec::new(), signing: Signing::Signed };
    let refused =
        world.run(|verifier, entropy| verifier.open(&Order::new(query(), none), now(), entropy)).unwrap_err();
    assert_eq!(refused.code(), "VP-DCA-02a");
}

#[test]
fn names_of_several_signatures_stand_in_their_headers() {
    let world = World::new();
    let request = request(&open(&world, &order(Signing::MultiSigned, Encryption::Plain)));
    let token = &request.data["request"];
    let decoded = |text: &Value| {
        let bytes = sinpyo_core::encoding::from_base64url(text.as_str().unwrap()).unwrap();
        sinpyo_core::json::parse_object(&bytes).unwrap()
    };
    let payload = decoded(&token["payload"]);
    assert!(!payload.contains_key("client_id") && payload.contains_key("expected_origins"));
    let names: Vec<Value> = token["signatures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|signature| decoded(&signature["protected"])["client_id"].clone())
        .collect();
    assert_eq!(names.len(), 2);
    assert_eq!(names[1], "decentralized_identifier:did:web:verifier.example");

    // One good signature suffices.
    let mut half = request.clone();
    half.data["request"]["signatures"][0]["signature"] = "AAAA".into();
    let asked = receive(&world, half.clone(), ORIGIN).unwrap();
    assert!(matches!(asked.by(), RequestedBy::Did { .. }));
    half.data["request"]["signatures"][1]["signature"] = "AAAA".into();
    assert_eq!(receive(&world, half, ORIGIN).unwrap_err().code(), "JWS-11");
    let mut other = request.clone();
    other.data["request"]["payload"] = "e30".into();
    assert_eq!(receive(&world, other, ORIGIN).unwrap_err().code(), "JWS-11");
}

#[test]
fn the_shape_must_be_that_of_the_protocol() {
    let world = World::new();
    let [unsigned, signed, multi] = [Signing::Unsigned, Signing::Signed, Signing::MultiSigned]
        .map(|signing| request(&open(&world, &order(signing, Encryption::Plain))).data);
    for (protocol, data) in [
        (DigitalProtocol::Unsigned, &signed),
        (DigitalProtocol::Unsigned, &multi),
        (DigitalProtocol::Signed, &unsigned),
        (DigitalProtocol::Signed, &multi),
        (DigitalProtocol::MultiSigned, &signed),
        (DigitalProtocol::MultiSigned, &unsigned),
    ] {
        let request = DigitalRequest { protocol, data: data.clone() };
        assert_eq!(receive(&world, request, ORIGIN).unwrap_err().code(), "VP-DCA-01a");
    }
    let mut many = multi;
    let one = many["request"]["signatures"][0].clone();
    many["request"]["signatures"] = vec![one; 9].into();
    let many = DigitalRequest { protocol: DigitalProtocol::MultiSigned, data: many };
    assert_eq!(receive(&world, many, ORIGIN).unwrap_err().code(), "VP-DCA-01a");
    let mut posted = unsigned;
    posted.insert("response_mode".to_owned(), "direct_post".into());
    posted.insert("response_uri".to_owned(), at("https://shop.example/r").as_str().into());
    let posted = DigitalRequest { protocol: DigitalProtocol::Unsigned, data: posted };
    assert_eq!(receive(&world, posted, ORIGIN).unwrap_err().code(), "VP-REQ-01f");
    assert_eq!(DigitalProtocol::from_name("openid4vp"), None);
}

#[test]
fn a_request_of_another_key_is_refused() {
    let world = World::new();
    let mut other = World::new();
    other.signer = signer(9, "did:web:verifier.example#key-1");
    let request = world_request(&other);
    assert_eq!(receive(&world, request, ORIGIN).unwrap_err().code(), "JWS-11");
}

fn world_request(world: &World) -> DigitalRequest {
    let identities = [world.identity(&world.did)];
    let order = order(Signing::Signed, Encryption::Plain);
    let opened = world.verifier(&identities).open(&order, now(), &mut TestEntropy::new(4)).unwrap();
    request(&opened)
}

#[test]
fn errors_arrive_in_the_data() {
    let world = World::new();
    let opened = open(&world, &order(Signing::Unsigned, Encryption::Plain));
    let asked = receive(&world, request(&opened), ORIGIN).unwrap();
    let declined = asked.decline(WalletErrorCode::AccessDenied, &mut TestEntropy::new(1)).unwrap();
    let Response::Digital(data) = declined else { panic!("no post") };
    assert_eq!(Value::Object(data.clone()), json!({"error": "access_denied"}));
    let session = Session::of("cookie");
    let received = world.run(|verifier, entropy| {
        let transaction = (&opened.transaction, Some(&session));
        verifier.receive_digital(transaction, ORIGIN, &data, now(), entropy)
    });
    assert!(matches!(received.unwrap(), Received::Declined(_)));
    let claim = Claim { transaction: &opened.transaction, session: Some(&session), response_code: None };
    let outcome = world.run(|verifier, entropy| verifier.result(&claim, now(), entropy)).unwrap();
    assert!(matches!(outcome, Outcome::Denied(error) if error.code == Some(WalletErrorCode::AccessDenied)));
}

#[test]
fn the_errors_of_none_and_of_declined_are_one() {
    let world = World::new();
    let opened = open(&world, &order(Signing::Unsigned, Encryption::Encrypted));
    let asked = receive(&world, request(&opened), ORIGIN).unwrap();
    let decline = || match asked.decline(WalletErrorCode::AccessDenied, &mut TestEntropy::new(1)).unwrap() {
        Response::Digital(data) => data,
        Response::Post(_) => panic!("no post"),
    };
    // One error, one length, and nothing beside it: there is no way to say which.
    assert_eq!(decline()["response"].as_str().unwrap().len(), decline()["response"].as_str().unwrap().len());
}
