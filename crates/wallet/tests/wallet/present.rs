//! What leaves the wallet.

use crate::scene::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath, encoding::from_base64url, request::PresentationRequest, time::Timestamp,
};
use sinpyo_crypto::{Algorithm, hash::sha256};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_wallet::{Asker, Choice, Consent, ConsentError, CopyUse, HeldId, PresentError, Wallet};

fn choice(wallet: &Wallet, request: &PresentationRequest) -> Choice {
    reviewed(wallet, request).unwrap()
}

fn consent(wallet: &Wallet, request: &PresentationRequest) -> Consent {
    choice(wallet, request).disclose_requested()
}

fn answer(
    wallet: &mut Wallet,
    request: &PresentationRequest,
    now: Timestamp,
) -> Result<Box<[u8]>, PresentError> {
    let consent = consent(wallet, request);
    present(wallet, consent, request, now)
}

/// The SD-JWT with which `wallet` answers `request`.
fn shown(wallet: &mut Wallet, request: &PresentationRequest) -> String {
    let answer = answer(wallet, request, at(1)).unwrap();
    let mut presentations = presentations(&answer);
    assert_eq!(presentations.len(), 1);
    let (query, presentation) = presentations.remove(0);
    assert_eq!(query, "resident");
    presentation
}

/// The names of the disclosures that are shown when `paths` are asked for, and the claims that the verifier reads.
fn names(paths: &[Value]) -> (Vec<String>, Value) {
    let request = request(POST, paths);
    let shown = shown(&mut wallet(1), &request);
    let claims = verified(&shown, &request).claims().clone();
    (disclosures(&shown).into_iter().map(|(_, name)| name).collect(), Value::Object(claims))
}

#[test]
fn exactly_the_needed_disclosures_are_sent() {
    let office = "행정안전부";
    let (sent, claims) = names(&[json!(["given_name"])]);
    assert_eq!(sent, ["given_name"]);
    assert_eq!(claims, json!({"issuing_office": office, "given_name": "한별", "languages": []}));

    // A leaf of the address with its two parents, and none of their other children.
    let (mut sent, claims) = names(&[json!(["address", "road", "number"])]);
    sent.sort();
    assert_eq!(sent, ["address", "number", "road"]);
    let expected =
        json!({"issuing_office": office, "languages": [], "address": {"road": {"number": "4711"}}});
    assert_eq!(claims, expected);

    let (sent, claims) = names(&[json!(["languages", 1])]);
    assert_eq!(sent, ["en-GB"]);
    assert_eq!(claims, json!({"issuing_office": office, "languages": ["en-GB"]}));

    let (sent, claims) = names(&[]);
    assert!(sent.is_empty());
    assert_eq!(claims, json!({"issuing_office": office, "languages": []}));
}

#[test]
fn the_digests_sent_are_those_of_the_claims_asked_for() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(4);
    let key = wallet.new_key(kind(), &mut entropy);
    let wire = issued(sinpyo_core::credential::Holder::Key(key), claims(), &mut entropy);
    wallet.hold(received(&wire), Vec::new()).unwrap();
    let digests = |sd_jwt: &str, wanted: &[&str]| {
        let all = disclosures(sd_jwt).into_iter();
        let mut digests: Vec<_> = all
            .filter(|(_, name)| wanted.is_empty() || wanted.contains(&name.as_str()))
            .map(|(text, _)| sha256(text.as_bytes()))
            .collect();
        digests.sort_unstable();
        digests
    };
    let asks = [json!(["address", "road", "name"]), json!(["age_over_18"])];
    let sent = shown(&mut wallet, &request(POST, &asks));
    let expected = digests(&wire, &["address", "road", "name", "age_over_18"]);
    assert_eq!(expected.len(), 4);
    assert_eq!(digests(&sent, &[]), expected);
}

#[test]
fn an_undisclosed_value_is_nowhere_in_the_bytes_sent() {
    let sent = answer(&mut wallet(1), &request(POST, &[json!(["given_name"])]), at(1)).unwrap();
    // The control: the scan sees what was disclosed, in the form in which it was.
    assert!(contains(&sent, "한별") && contains(&sent, "행정안전부"));
    for hidden in
        ["김", "1987-06-05", "전라남도", "가람로", "4711", "ko-KR", "en-GB", "age_over_18", "birth_date"]
    {
        assert!(!contains(&sent, hidden), "{hidden}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_for_nothing_beside_it_is_sent(
        asked in proptest::sample::subsequence(selective(), 0..=10),
    ) {
        let asked: Vec<_> = asked.iter().map(ClaimPath::to_json).filter(|path| path[0] != "birth_date").collect();
        let request = request(POST, &asked);
        let sent = answer(&mut wallet(1), &request, at(1)).unwrap();
        let asked: Vec<_> = request.queries[0].claims.iter().map(|claim| claim.path.to_string()).collect();
        for (leaf, values) in [
            ("family_name", &["김"][..]),
            ("given_name", &["한별"]),
            ("birth_date", &["1987-06-05"]),
            ("age_over_18", &["age_over_18"]),
            ("address.sido", &["전라남도"]),
            ("address.road.name", &["가람로"]),
            ("address.road.number", &["4711"]),
            ("languages[]", &["ko-KR", "en-GB", "eo"]),
        ] {
            // A claim is shown if it, or something that it is part of, is asked for.
            let wanted = asked.iter().any(|asked| leaf == asked || leaf.starts_with(&format!("{asked}.")));
            for value in values {
                prop_assert_eq!(contains(&sent, &format!("\"{value}\"")), wanted, "{} of {:?}", leaf, asked);
            }
        }
    }
}

/// Whether `text` stands in `bytes`: as it is, in NFD, or within anything there that is base64url.
fn contains(bytes: &[u8], text: &str) -> bool {
    let forms = [text.to_owned(), decomposed(text)];
    let raw = String::from_utf8_lossy(bytes).into_owned();
    let not_base64url = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let decoded = raw.split(not_base64url).filter_map(|part| from_base64url(part).ok());
    let decoded: Vec<_> = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    forms.iter().any(|form| raw.contains(form) || decoded.iter().any(|part| part.contains(form)))
}

/// The canonical decomposition of Hangul syllables [Unicode 17.0 §3.12.2]; other characters stay.
fn decomposed(text: &str) -> String {
    let jamo = |base: u32, index: u32| char::from_u32(base + index).unwrap();
    let letters = |c: char| match u32::from(c).checked_sub(0xac00) {
        Some(s) if s < 11_172 => {
            let (l, v, t) = (s / 588, s % 588 / 28, s % 28);
            let last = (t > 0).then(|| jamo(0x11a7, t));
            [Some(jamo(0x1100, l)), Some(jamo(0x1161, v)), last].into_iter().flatten().collect::<Vec<_>>()
        }
        _ => vec![c],
    };
    text.chars().flat_map(letters).collect()
}

#[test]
fn the_answer_is_bound_to_the_full_client_identifier_and_the_nonce() {
    let request = request(POST, &[json!(["given_name"])]);
    let shown = shown(&mut wallet(1), &request);
    let (bound, binding) = shown.rsplit_once('~').unwrap();
    let parts: Vec<Value> = binding
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&from_base64url(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0], json!({"alg": "ES256", "typ": "kb+jwt"}));
    let sd_hash = sinpyo_core::encoding::to_base64url(&sha256(format!("{bound}~").as_bytes()));
    let expected = json!({"aud": "decentralized_identifier:did:x:post", "nonce": request.nonce,
        "iat": at(1).unix(), "sd_hash": sd_hash});
    assert_eq!(parts[1], expected);
}

#[test]
fn a_consent_is_to_exactly_what_is_asked_for() {
    let wallet = wallet(1);
    let asks = request(POST, &[json!(["given_name"]), json!(["age_over_18"])]);
    let [given_name, age, family_name] = ["given_name", "age_over_18", "family_name"].map(ClaimPath::name);
    assert!(choice(&wallet, &asks).disclose([age.clone(), given_name.clone()]).is_ok());
    let more = choice(&wallet, &asks).disclose([age.clone(), given_name.clone(), family_name.clone()]);
    assert_eq!(more.unwrap_err(), ConsentError::NotAsked(family_name));
    let less = choice(&wallet, &asks).disclose([given_name]);
    assert_eq!(less.unwrap_err(), ConsentError::LeftOut(age));
}

/// The holder key that a presentation shows.
fn holder_key(shown: &str) -> Value {
    let payload = shown.split('.').nth(1).unwrap();
    serde_json::from_slice::<Value>(&from_base64url(payload).unwrap()).unwrap()["cnf"]["jwk"].clone()
}

#[test]
fn two_verifiers_see_different_copies_while_there_are_any() {
    let mut wallet = wallet(2);
    let post = request(POST, &[json!(["given_name"])]);
    let bank = request(BANK, &[json!(["given_name"])]);
    let (first, second, again) =
        (shown(&mut wallet, &post), shown(&mut wallet, &bank), shown(&mut wallet, &post));
    assert_ne!(holder_key(&first), holder_key(&second));
    assert_eq!(holder_key(&first), holder_key(&again));
    let salts = |shown: &str| disclosures(shown).remove(0).0;
    assert_ne!(salts(&first), salts(&second));

    // A third verifier finds no unused copy, and the history says so.
    let third = "did:x:donation";
    let asks = request(third, &[json!(["given_name"])]);
    assert_eq!(choice(&wallet, &asks).answers()[0].chosen().copy, CopyUse::Linkable);
    shown(&mut wallet, &asks);
    let uses: Vec<_> = wallet
        .history()
        .iter()
        .map(|record| (record.asker.clone(), record.shown[0].held, record.shown[0].copy))
        .collect();
    let ([one, two], asker) = ([1, 2].map(HeldId::new), |text| Asker::Did(did(text)));
    assert_eq!(
        uses,
        [
            (asker(POST), one, CopyUse::Fresh),
            (asker(BANK), two, CopyUse::Fresh),
            (asker(POST), one, CopyUse::Again),
            (asker(third), one, CopyUse::Linkable)
        ]
    );
}

#[test]
fn an_unused_copy_of_another_credential_is_no_substitute() {
    let mut wallet = wallet(1);
    let ask = |verifier| request(verifier, &[json!(["given_name"])]);
    shown(&mut wallet, &ask(POST));
    let mut other = claims();
    other.insert("given_name".into(), json!("새별"));
    hold(&mut wallet, other, 50);
    let bank = ask(BANK);
    let chosen = choice(&wallet, &bank).prefer(HeldId::new(1)).unwrap();
    let answer = present(&mut wallet, chosen.disclose_requested(), &bank, at(1)).unwrap();
    let (_, presentation) = presentations(&answer).remove(0);
    assert_eq!(verified(&presentation, &bank).claims()["given_name"], "한별");
}

#[test]
fn two_consents_in_flight_do_not_take_the_same_copy() {
    let mut wallet = wallet(2);
    let (post, bank) = (request(POST, &[]), request(BANK, &[]));
    let (for_post, for_bank) = (consent(&wallet, &post), consent(&wallet, &bank));
    let for_post = prepare(&mut wallet, for_post, &post, at(1)).unwrap();
    let for_bank = prepare(&mut wallet, for_bank, &bank, at(1)).unwrap();
    assert!(wallet.history().is_empty());
    for prepared in [for_post, for_bank] {
        wallet.attach(prepared, &[]).unwrap();
    }
    let copies: Vec<_> = wallet.history().iter().map(|record| record.shown[0].held).collect();
    assert_eq!(copies, [1, 2].map(HeldId::new));
}

#[test]
fn a_consent_lapses_with_the_request_and_with_the_credential() {
    let asks = request(POST, &[json!(["given_name"])]);
    let mut wallet = wallet(1);
    let late = answer(&mut wallet, &asks, at(360)).unwrap_err();
    assert_eq!(late.code(), "WAL-07");
    let agreed = consent(&wallet, &asks);
    wallet.remove(HeldId::new(1)).unwrap();
    assert_eq!(present(&mut wallet, agreed, &asks, at(1)).unwrap_err().code(), "WAL-21");
    assert!(wallet.history().is_empty());
}

#[test]
fn a_key_in_a_phone_signs_in_two_steps() {
    let mut wallet = Wallet::new();
    let phone = key(Algorithm::Es256, 200);
    let public = phone.verifying_key().to_jwk();
    wallet.add_key(kind(), &public).unwrap();
    hold_bound_to(&mut wallet, public.clone(), claims(), &mut TestEntropy::new(5));
    let asks = request(POST, &[json!(["given_name"])]);

    let agreed = consent(&wallet, &asks);
    let prepared = prepare(&mut wallet, agreed, &asks, at(1)).unwrap();
    let requests: Vec<_> = prepared.signing_requests().collect();
    let [request] = requests.as_slice() else { panic!("one key, one request") };
    assert_eq!(*request.key, public);
    let signature = phone.sign(request.message).unwrap();
    let sent = wallet.attach(prepared, &[signature]).unwrap().into_answer();
    let (_, presentation) = presentations(&sent).remove(0);
    assert_eq!(verified(&presentation, &asks).claims()["given_name"], "한별");
    assert_eq!(wallet.history().len(), 1);

    let agreed = consent(&wallet, &asks);
    let prepared = prepare(&mut wallet, agreed, &asks, at(1)).unwrap();
    let foreign = key(Algorithm::Es256, 201).sign(b"something else").unwrap();
    let refused = wallet.attach(prepared, &[foreign]).unwrap_err();
    assert!(matches!(refused, PresentError::Signature(_)), "{refused}");
    assert_eq!(answer(&mut wallet, &asks, at(1)).unwrap_err().code(), "WAL-22");
    assert_eq!(wallet.history().len(), 1);
}

#[test]
fn debug_output_shows_no_value() {
    let mut wallet = Wallet::new();
    let phone = key(Algorithm::Es256, 200).verifying_key().to_jwk();
    wallet.add_key(kind(), &phone).unwrap();
    let held = hold_bound_to(&mut wallet, phone, claims(), &mut TestEntropy::new(5));
    let mut asks = request(POST, &[json!(["given_name"])]);
    asks.queries[0].claims[0].values = vec![json!("한별")];
    let agreed = consent(&wallet, &asks);
    let prepared = prepare(&mut wallet, agreed, &asks, at(1)).unwrap();
    let signing = prepared.signing_requests().next().unwrap();
    let mut unspeakable = vec![asks.nonce.clone(), format!("{:?}", signing.message)];
    unspeakable
        .extend(["행정안전부", "김", "한별", "1987-06-05", "전라남도", "가람로", "4711"].map(str::to_owned));
    let message = std::str::from_utf8(signing.message).unwrap();
    unspeakable.extend(message.split('.').map(str::to_owned));
    let values: [(&str, &dyn std::fmt::Debug, &str); 6] = [
        ("HeldCredential", wallet.held(held).unwrap(), KIND),
        ("Choice", &choice(&wallet, &asks), "given_name"),
        ("Consent", &consent(&wallet, &asks), "given_name"),
        ("Prepared", &prepared, "given_name"),
        ("SigningRequest", &signing, "P-256"),
        ("Wallet", &wallet, "held: 1"),
    ];
    for (name, value, told) in values {
        let debug = format!("{value:?}");
        assert!(debug.starts_with(name) && debug.contains(told), "{debug}");
        for text in &unspeakable {
            assert!(!debug.contains(text), "{text} in {debug}");
        }
    }
}

#[test]
fn a_signature_that_nobody_asked_for_is_refused() {
    let mut wallet = wallet(1);
    let asks = request(POST, &[]);
    let agreed = consent(&wallet, &asks);
    let prepared = prepare(&mut wallet, agreed, &asks, at(1)).unwrap();
    assert_eq!(prepared.signing_requests().count(), 0);
    let refused = wallet.attach(prepared, &[vec![0; 64].into_boxed_slice()]).unwrap_err();
    assert!(matches!(refused, PresentError::SignatureCount));
}
