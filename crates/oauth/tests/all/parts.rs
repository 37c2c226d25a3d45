//! Forms, addresses, nonces, descriptions.

use proptest::{collection::vec, prelude::*};
use sinpyo_core::{Secret, time::Timestamp};
use sinpyo_oauth::{
    Assertion, TxCode,
    description::Description,
    form::{Form, FormError, encode},
    nonce::{Context, NonceError, Nonces},
    url::{IssuerId, Transport, UrlError},
};
use sinpyo_state::{Change, MemoryState, State};
use sinpyo_testkit::TestEntropy;
use std::{collections::BTreeMap, time::Duration};

proptest! {
    #[test]
    fn a_form_reads_as_it_was_written(fields in vec((".{0,8}", ".{1,8}"), 0..8)) {
        let fields: BTreeMap<String, String> = fields.into_iter().collect();
        let text = encode(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let form = Form::parse(text.as_bytes()).unwrap();
        for (name, value) in &fields {
            prop_assert_eq!(form.get(name), Some(value.as_str()));
        }
    }

    #[test]
    fn no_bytes_make_a_form_panic(bytes in vec(any::<u8>(), 0..64)) {
        let _ = Form::parse(&bytes);
    }

    #[test]
    fn a_description_is_printable_ascii_without_quotes(text in ".{0,40}") {
        let described = Description::new(&text);
        let sendable = |c: char| (' '..='~').contains(&c) && c != '"' && c != '\\';
        prop_assert!(described.as_str().chars().all(sendable));
        prop_assert_eq!(described.as_str().chars().count(), text.chars().count());
    }

    #[test]
    fn no_text_makes_an_assertion_panic(text in "[A-Za-z0-9_.=-]{0,60}") {
        prop_assert!(Assertion::parse(&text).is_err());
    }
}

#[test]
fn a_form_is_read_strictly() {
    let form = Form::parse(b"a=1&b=x+y%20z&c=&&%EA%B0%80=%eb%82%98&d").unwrap();
    assert_eq!((form.get("a"), form.get("b"), form.get("가")), (Some("1"), Some("x y z"), Some("나")));
    assert_eq!((form.get("c"), form.get("d"), form.get("e")), (None, None, None));
    for (text, error) in [
        (&b"a=1&a=1"[..], FormError::Repeated),
        (b"a=1&%61=2", FormError::Repeated),
        (b"c=&c=", FormError::Repeated),
        (b"a=%", FormError::Encoding),
        (b"a=%4", FormError::Encoding),
        (b"a=%+1", FormError::Encoding),
        (b"a=%ff", FormError::Encoding),
        (b"a=\xff", FormError::Encoding),
        (b"a=%ed%95\xad", FormError::Encoding),
    ] {
        assert_eq!(Form::parse(text), Err(error), "{text:?}");
    }
    let many = (0..65).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
    assert_eq!(Form::parse(many.as_bytes()), Err(FormError::Size));
    assert_eq!(Form::parse(&vec![b'a'; (64 << 10) + 1]), Err(FormError::Size));
}

#[test]
fn issuer_identifiers_are_https_without_query_and_fragment() {
    for good in
        ["https://a.example", "https://a.example/", "https://a.example:8443/t/1", "https://a.b.example./x"]
    {
        assert_eq!(IssuerId::parse(good, Transport::Https).unwrap().as_str(), good);
    }
    for bad in [
        "",
        "a.example",
        "/t1",
        "https://",
        "https:///x",
        "https://a.example?x",
        "https://a.example/#x",
        "https://u@a.example",
        "https://a.example/가",
        "https://a.example/\n",
        "https://a.example/ x",
        &format!("https://a.example/{}", "x".repeat(2048)),
    ] {
        assert_eq!(IssuerId::parse(bad, Transport::LoopbackToo), Err(UrlError::Form), "{bad}");
    }
    for (local, allowed) in [
        ("http://127.0.0.1:8080/t1", true),
        ("http://localhost:8080", true),
        ("http://[::1]:8080", true),
        ("http://127.0.0.1.evil.example", false),
        ("http://localhost.evil.example", false),
        ("http://a.example", false),
        ("ftp://127.0.0.1", false),
    ] {
        assert_eq!(IssuerId::parse(local, Transport::Https), Err(UrlError::Transport), "{local}");
        assert_eq!(IssuerId::parse(local, Transport::LoopbackToo).is_ok(), allowed, "{local}");
    }
    assert_eq!((UrlError::Form.code(), UrlError::Transport.code()), ("OAU-05", "OAU-06"));
}

fn nonces(purpose: &'static str, server: &str) -> Nonces {
    Nonces::new(&Secret::new([3; 32]), Context { purpose, server }, Duration::from_mins(5))
}

#[test]
fn a_nonce_is_known_on_every_node_and_nowhere_else() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let entropy = &mut TestEntropy::new(4);
    let nonce = nonces("c_nonce", "https://a.example").issue(now, entropy);
    assert_ne!(nonce, nonces("c_nonce", "https://a.example").issue(now, entropy));
    let here = nonces("c_nonce", "https://a.example");
    assert!(here.check(&nonce, now).is_ok());
    assert!(here.check(&nonce, now.plus(Duration::from_secs(299))).is_ok());
    assert_eq!(here.check(&nonce, now.plus(Duration::from_mins(5))), Err(NonceError::Stale));
    assert_eq!(here.check(&nonce, now.minus(Duration::from_secs(61))), Err(NonceError::Stale));
    for (purpose, server) in [("dpop", "https://a.example"), ("c_nonce", "https://b.example")] {
        assert_eq!(nonces(purpose, server).check(&nonce, now), Err(NonceError::Unknown));
    }
    let other_key = Context { purpose: "c_nonce", server: "https://a.example" };
    let other_key = Nonces::new(&Secret::new([4; 32]), other_key, Duration::from_mins(5));
    assert_eq!(other_key.check(&nonce, now), Err(NonceError::Unknown));
    // Every character counts.
    for place in 0..nonce.len() {
        let mut bytes = nonce.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).unwrap();
        assert_eq!(here.check(&altered, now), Err(NonceError::Unknown), "{place}");
    }
    for bad in ["", "A", &nonce[1..], &format!("{nonce}A"), &format!("{nonce}=")] {
        assert_eq!(here.check(bad, now), Err(NonceError::Unknown), "{bad}");
    }
}

#[test]
fn a_nonce_is_spent_once() {
    let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let (state, here) = (MemoryState::new(), nonces("c_nonce", "https://a.example"));
    let nonce = here.issue(now, &mut TestEntropy::new(4));
    let fresh = here.check(&nonce, now).unwrap();
    assert!(!fresh.is_spent(&state, now).unwrap());
    let spend = fresh.clone().spend();
    state.commit(&[Change::from(&spend)]).unwrap();
    assert!(fresh.is_spent(&state, now.plus(Duration::from_secs(299))).unwrap());
    assert!(state.commit(&[Change::from(&spend)]).is_err());
    // It stays spent for as long as any node would let it pass.
    assert!(state.get(fresh.key(), now.plus(Duration::from_secs(359))).unwrap().is_some());
}

#[test]
fn transaction_codes_are_digits_of_even_chance() {
    let entropy = &mut TestEntropy::new(8);
    let mut seen = [0_u32; 10];
    for _ in 0..1000 {
        let code = TxCode::generate(6, entropy);
        assert_eq!(code.expose().len(), 6);
        for digit in code.expose().chars() {
            seen[usize::try_from(digit.to_digit(10).unwrap()).unwrap()] += 1;
        }
        assert!(!format!("{code:?}").contains(code.expose()));
    }
    // 6,000 digits: 600 expected of each, standard deviation 23.
    assert!(seen.iter().all(|count| (480..=720).contains(count)), "{seen:?}");
    assert_eq!(TxCode::generate(0, entropy).expose().len(), 4);
}
