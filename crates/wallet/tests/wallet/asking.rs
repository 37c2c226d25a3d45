//! What a query may ask, and what the holder may choose.

use crate::scene::*;
use serde_json::{Value, json};
use sinpyo_core::{
    Secret,
    accreditation::{Accreditation, Grant, LocalizedName},
    claims::ClaimPath,
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
};
use sinpyo_crypto::{
    VerifyingKey,
    hash::{sha256, sha384},
};
use sinpyo_dcql::{Authority, AuthorityKind, Query, QueryId};
use sinpyo_testkit::TestEntropy;
use sinpyo_wallet::{
    AskError, Asked, Choice, CopyUse, Display, Generation, HeldId, Logo, LogoKind, Mismatch, Occasion,
    PresentError, Presentations, ReviewError, Transaction, TransactionHash, Wallet,
};

const POST_ID: &str = "decentralized_identifier:did:x:post";
const NONCE: &str = "a nonce of the verifier";

fn credential(id: &str, claims: &[Value]) -> Value {
    let mut query = json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [KIND]}});
    if !claims.is_empty() {
        query["claims"] = claims.iter().map(|path| json!({"path": path})).collect();
    }
    query
}

fn unknown(id: &str) -> Value {
    json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x:Unknown"]}})
}

fn asked(query: &Value) -> Asked {
    Asked::new(POST_ID.parse().unwrap(), None, Query::from_json(query).unwrap(), at(0)).unwrap()
}

fn choice(wallet: &Wallet, query: &Value) -> Choice {
    wallet.review(asked(query), at(0)).unwrap()
}

fn present(wallet: &mut Wallet, choice: Choice) -> Result<Presentations, PresentError> {
    let occasion = Occasion { audience: POST_ID, nonce: NONCE, handover: None };
    wallet.present(choice.disclose_requested(), &occasion, at(1))
}

fn ids(presentations: Presentations) -> Vec<String> {
    presentations.into_vp_token().keys().cloned().collect()
}

fn id(text: &str) -> QueryId {
    text.parse().unwrap()
}

#[test]
fn of_several_sets_the_holder_offers_what_is_not_required() {
    let mut wallet = wallet(1);
    let query = json!({
        "credentials": [unknown("a"), credential("b", &[json!(["given_name"])]), credential("c", &[json!(["family_name"])]),
            credential("d", &[json!(["age_over_18"])])],
        "credential_sets": [{"options": [["a"], ["b"], ["c"]]}, {"options": [["d"]], "required": false}],
    });
    // The asker's favourite that can be answered; of the optional set nothing, unless it is offered.
    let first = choice(&wallet, &query);
    assert_eq!(first.sets()[0].options, [vec![id("b")], vec![id("c")]]);
    assert_eq!((first.sets()[0].taken, first.sets()[1].taken), (Some(0), None));
    assert_eq!(first.possible().len(), 3);
    assert_eq!(ids(present(&mut wallet, first).unwrap()), ["b"]);
    let other = choice(&wallet, &query).take(0, Some(1)).unwrap().take(1, Some(0)).unwrap();
    assert_eq!(ids(present(&mut wallet, other).unwrap()), ["c", "d"]);
    for (set, option) in [(0, None), (0, Some(2)), (1, Some(1)), (2, None)] {
        assert_eq!(
            choice(&wallet, &query).take(set, option).unwrap_err().code(),
            "WAL-06",
            "{set} {option:?}"
        );
    }
    let shown: Vec<_> = wallet.history()[1].shown.iter().map(|shown| shown.claims[0].to_string()).collect();
    assert_eq!(shown, ["family_name", "age_over_18"]);
}

#[test]
fn without_something_required_nothing_is_answered_and_everything_missing_is_named() {
    let query = json!({"credentials": [credential("b", &[json!(["given_name"])]), unknown("a"), credential("c", &[json!(["zip"])])]});
    let ReviewError::Unanswerable { misses } = wallet(1).review(asked(&query), at(0)).unwrap_err() else {
        panic!()
    };
    let missed: Vec<_> = misses.iter().map(|missed| (missed.query.as_str(), missed.miss.clone())).collect();
    assert_eq!(missed, [("a", Mismatch::NoCredential), ("c", Mismatch::NoClaim(ClaimPath::name("zip")))]);
}

#[test]
fn of_several_claim_sets_the_first_that_can_be_shown_is_shown() {
    let mut wallet = wallet(1);
    let mut asks = credential("q", &[]);
    asks["claims"] = json!([{"id": "birth", "path": ["birth_date"]}, {"id": "age", "path": ["age_over_18"]},
        {"id": "name", "path": ["given_name"]}]);
    asks["claim_sets"] = json!([["birth"], ["age"], ["name"]]);
    // The date of birth is withheld.
    let choice = choice(&wallet, &json!({"credentials": [asks]}));
    assert_eq!(choice.answers()[0].asked(), [ClaimPath::name("age_over_18")]);
    let shown = present(&mut wallet, choice).unwrap().into_vp_token();
    let names: Vec<_> =
        disclosures(shown["q"][0].as_str().unwrap()).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["age_over_18"]);
}

#[test]
fn an_issuer_under_another_authority_does_not_do() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let key = wallet.new_key(kind(), &mut entropy);
    let wire = issued(sinpyo_core::credential::Holder::Key(key), claims(), &mut entropy);
    let authority = Authority { kind: AuthorityKind::KeyIdentifier, value: "AAAA".into() };
    wallet.hold(received(&wire).under(vec![authority]), vec![]).unwrap();
    let file = wallet.seal(&password(), &mut entropy).unwrap();
    let wallet = Wallet::open(&file, &password(), Generation::default()).unwrap();
    let asks = |value: &str| {
        let mut asks = credential("q", &[json!(["given_name"])]);
        asks["trusted_authorities"] = json!([{"type": "aki", "values": [value]}]);
        wallet.review(asked(&json!({"credentials": [asks]})), at(0))
    };
    assert!(asks("AAAA").is_ok());
    let Err(ReviewError::Unanswerable { misses }) = asks("BBBB") else { panic!() };
    assert_eq!(misses[0].miss, Mismatch::NotTrusted);
}

#[test]
fn an_accreditation_covers_its_subject_and_its_scope_in_every_format() {
    let ask = |query: Value, accreditation: &Accreditation| {
        let query = Query::from_json(&query).unwrap();
        Asked::new(POST_ID.parse().unwrap(), Some(accreditation), query, at(0)).map_err(|error| error.code())
    };
    let narrow = accreditation(POST, &[json!(["given_name"])]);
    let query = |claims: &[Value]| json!({"credentials": [credential("q", claims)]});
    assert!(ask(query(&[json!(["given_name"])]), &narrow).is_ok());
    assert_eq!(ask(query(&[json!(["family_name"])]), &narrow).unwrap_err(), "WAL-01");
    assert_eq!(ask(json!({"credentials": [unknown("q")]}), &narrow).unwrap_err(), "WAL-01");
    let mdoc =
        json!({"credentials": [{"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": "org.x"}}]});
    assert_eq!(ask(mdoc, &narrow).unwrap_err(), "WAL-01");
    let w3c = |types: Value| json!({"credentials": [{"id": "q", "format": "ldp_vc", "meta": {"type_values": [types]}}]});
    assert!(ask(w3c(json!(["urn:x:General", KIND])), &narrow).is_ok());
    assert_eq!(ask(w3c(json!(["urn:x:General"])), &narrow).unwrap_err(), "WAL-01");
    assert_eq!(ask(query(&[]), &accreditation(BANK, &[])).unwrap_err(), "WAL-24");
    let mut lapsed = narrow.clone();
    lapsed.validity.until = Some(at(-1));
    assert_eq!(ask(query(&[json!(["given_name"])]), &lapsed).unwrap_err(), "WAL-02");
    let issues = Accreditation { grant: Grant::Issue { types: vec![kind()] }, ..narrow };
    assert_eq!(ask(query(&[]), &issues).unwrap_err(), AskError::NotTheirs.code());
}

#[test]
fn an_asker_without_accreditation_is_shown_as_such() {
    let choice = choice(&wallet(1), &json!({"credentials": [credential("q", &[json!(["given_name"])])]}));
    assert!(choice.accredited().is_none());
    assert_eq!(choice.asker().to_string(), POST_ID);
}

#[test]
fn the_answer_goes_to_whom_the_holder_agreed_to_answer() {
    let mut wallet = wallet(1);
    let query = json!({"credentials": [credential("q", &[json!(["given_name"])])]});
    let mut to = |audience: &str| {
        let consent = choice(&wallet, &query).disclose_requested();
        wallet
            .present(consent, &Occasion { audience, nonce: NONCE, handover: None }, at(1))
            .map_err(|error| error.code())
    };
    for audience in ["did:x:post", "decentralized_identifier:did:x:bank", "", "x509_hash:did:x:post"] {
        assert_eq!(to(audience).unwrap_err(), "WAL-27", "{audience}");
    }
    assert!(to(POST_ID).is_ok());
    assert_eq!(to("origin:https://post.example").unwrap_err(), "WAL-27", "no page asked");
}

/// Over the Digital Credentials API: unsigned questions by their origin, signed ones by the page that brought them.
#[test]
fn a_page_is_answered_that_asked_and_no_other() {
    let query = json!({"credentials": [credential("q", &[json!(["given_name"])])]});
    let page = "origin:https://post.example";
    let to = |is_signed: bool, audience: &str| {
        let mut wallet = wallet(1);
        let query = Query::from_json(&query).unwrap();
        let asked = if is_signed {
            let asked = Asked::new(POST_ID.parse().unwrap(), None, query, at(0)).unwrap();
            asked.at_origin("https://post.example")
        } else {
            Asked::new(page.parse().unwrap(), None, query, at(0)).unwrap()
        };
        let consent = wallet.review(asked, at(0)).unwrap().disclose_requested();
        let occasion = Occasion { audience, nonce: NONCE, handover: None };
        wallet.present(consent, &occasion, at(1)).map(drop).map_err(|error| error.code())
    };
    for is_signed in [false, true] {
        assert_eq!(to(is_signed, page), Ok(()));
        for audience in
            ["origin:https://evil.example", "origin:https://post.example:8443", "origin:", POST_ID]
        {
            assert_eq!(to(is_signed, audience), Err("WAL-27"), "{audience}");
        }
    }
}

fn transaction(text: &str, queries: &[&str], hash: TransactionHash) -> Transaction {
    Transaction { text: text.to_owned(), queries: queries.iter().map(|query| id(query)).collect(), hash }
}

/// What the holder of a wallet signs to authorise `transactions`, by query.
fn authorised(transactions: &[Transaction]) -> Result<Value, &'static str> {
    let mut wallet = wallet(2);
    let query = json!({"credentials": [credential("a", &[json!(["given_name"])]), credential("b", &[json!(["family_name"])])]});
    let asked = asked(&query).authorising(transactions.to_vec());
    let choice = wallet.review(asked, at(0)).unwrap();
    assert_eq!(choice.transactions(), transactions);
    let tokens = present(&mut wallet, choice).map_err(|error| error.code())?.into_vp_token();
    let recorded: Vec<_> = transactions.iter().map(|transaction| transaction.text.clone()).collect();
    assert_eq!(wallet.history()[0].transactions, recorded);
    let signed = |token: &Value| {
        let (_, binding) = token[0].as_str().unwrap().rsplit_once('~').unwrap();
        let claims: Value =
            serde_json::from_slice(&from_base64url(binding.split('.').nth(1).unwrap()).unwrap()).unwrap();
        assert_eq!((claims["aud"].as_str(), claims["nonce"].as_str()), (Some(POST_ID), Some(NONCE)));
        json!([claims.get("transaction_data_hashes"), claims.get("transaction_data_hashes_alg")])
    };
    Ok(tokens.iter().map(|(query, token)| (query.clone(), signed(token))).collect())
}

#[test]
fn transaction_data_is_hashed_as_it_arrived_by_the_first_credential_that_may() {
    use TransactionHash::{Default, Sha256, Sha384};
    let hash = |text: &str| to_base64url(&sha256(text.as_bytes()));
    let none = json!([null, null]);
    assert_eq!(authorised(&[]), Ok(json!({"a": none, "b": none})));
    let two = [transaction("eyJh", &["x", "b", "a"], Default), transaction("eyJi", &["a"], Default)];
    assert_eq!(authorised(&two), Ok(json!({"a": [[hash("eyJh"), hash("eyJi")], null], "b": none})));
    let named = [transaction("eyJh", &["b"], Sha384), transaction("eyJi", &["a"], Sha256)];
    let longer = to_base64url(&sha384(b"eyJh"));
    assert_eq!(authorised(&named), Ok(json!({"a": [[hash("eyJi")], "sha-256"], "b": [[longer], "sha-384"]})));
}

#[test]
fn transaction_data_that_nothing_shown_can_authorise_is_not_dropped() {
    use TransactionHash::{Default, Sha256, Sha384};
    assert_eq!(authorised(&[transaction("eyJh", &["x"], Default)]), Err("WAL-30"));
    assert_eq!(authorised(&[transaction("eyJh", &[], Default)]), Err("WAL-30"));
    let two = [transaction("eyJh", &["a"], Sha384), transaction("eyJi", &["a"], Sha256)];
    assert_eq!(authorised(&two), Err("WAL-31"));
    let two = [transaction("eyJh", &["a"], Default), transaction("eyJi", &["a"], Sha384)];
    assert_eq!(authorised(&two), Err("WAL-31"));
}

#[test]
fn an_unused_key_proves_itself_and_a_bound_one_does_not() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let keys: Vec<PublicJwk> = (0..3).map(|_| wallet.new_key(kind(), &mut entropy)).collect();
    for key in &keys {
        let signature = wallet.prove(key, b"a proof").unwrap();
        let key = VerifyingKey::from_jwk(key).unwrap();
        assert!(sinpyo_core::key::Verifier::verify(&key, b"a proof", &signature).is_ok());
    }
    hold_bound_to(&mut wallet, keys[0].clone(), claims(), &mut entropy);
    assert_eq!(wallet.prove(&keys[0], b"a proof").unwrap_err().code(), "WAL-32");
    wallet.forget_key(&keys[1]);
    assert_eq!(wallet.prove(&keys[1], b"a proof").unwrap_err().code(), "WAL-32");
    assert!(wallet.prove(&keys[2], b"a proof").is_ok());
}

#[test]
fn notes_are_kept_sealed_and_bounded() {
    let mut wallet = Wallet::new();
    let secret = |text: &str| Secret::new(text.to_owned());
    wallet.keep_note("issuance/1", secret("{\"token\":\"열쇠\"}")).unwrap();
    wallet.keep_note("offer", secret("old")).unwrap();
    wallet.keep_note("offer", secret("new")).unwrap();
    assert!(!format!("{wallet:?}").contains("token"));
    let file = wallet.seal(&password(), &mut TestEntropy::new(1)).unwrap();
    let mut again = Wallet::open(&file, &password(), Generation::default()).unwrap();
    let notes: Vec<_> = again.notes().map(|(name, content)| (name, content.expose().as_str())).collect();
    assert_eq!(notes, [("issuance/1", "{\"token\":\"열쇠\"}"), ("offer", "new")]);
    again.drop_note("offer");
    assert!(again.note("offer").is_none() && again.note("issuance/1").is_some());
    assert_eq!(again.keep_note("long", secret(&"x".repeat((256 << 10) + 1))).unwrap_err().code(), "WAL-33");
    for n in 0..255 {
        again.keep_note(&n.to_string(), secret("")).unwrap();
    }
    assert_eq!(again.keep_note("one more", secret("")).unwrap_err().code(), "WAL-33");
    assert!(again.keep_note("issuance/1", secret("in its place")).is_ok());
}

#[test]
fn names_that_an_issuer_publishes_are_kept_and_shown() {
    let mut wallet = Wallet::new();
    let mut entropy = TestEntropy::new(1);
    let key = wallet.new_key(kind(), &mut entropy);
    let wire = issued(sinpyo_core::credential::Holder::Key(key), claims(), &mut entropy);
    let name = |ko: &str, en: &str| LocalizedName { ko: ko.to_owned(), en: en.to_owned() };
    let label = (ClaimPath::name("given_name"), name("이름", "Given name"));
    let display =
        Display::new(&name("주민\u{202e}등록증", "Resident"), &name("행정안전부", "Ministry"), [label]);
    wallet.hold(received(&wire).described(display.clone()), vec![]).unwrap();
    let file = wallet.seal(&password(), &mut entropy).unwrap();
    let wallet = Wallet::open(&file, &password(), Generation::default()).unwrap();
    assert_eq!(wallet.held(HeldId::new(1)).unwrap().display(), Some(&display));
    let choice = choice(&wallet, &json!({"credentials": [credential("q", &[json!(["given_name"])])]}));
    let shown = choice.answers()[0].chosen().display.clone().unwrap();
    assert_eq!(shown.name().ko, "주민등록증");
    assert_eq!(shown.label(&ClaimPath::name("given_name")).unwrap().en, "Given name");
}

#[test]
fn a_logo_is_kept_once_however_many_copies_have_it() {
    let svg = format!("<svg>{}</svg>", "가나다라".repeat(4096));
    let logo = Logo::new(LogoKind::Svg, svg.as_bytes()).unwrap();
    let name = LocalizedName { ko: "증".to_owned(), en: "Card".to_owned() };
    let display = Display::new(&name, &name, []).with_logo(Some(logo));
    let (mut wallet, mut entropy) = (Wallet::new(), TestEntropy::new(1));
    for _ in 0..3 {
        let key = wallet.new_key(kind(), &mut entropy);
        let wire = issued(sinpyo_core::credential::Holder::Key(key), claims(), &mut entropy);
        wallet.hold(received(&wire).described(display.clone()), vec![]).unwrap();
    }
    let file = wallet.seal(&password(), &mut entropy).unwrap();
    assert!(file.len() < 2 * svg.len(), "{}", file.len());
    let wallet = Wallet::open(&file, &password(), Generation::default()).unwrap();
    assert_eq!(wallet.credentials().filter(|held| held.display() == Some(&display)).count(), 3);
}

#[test]
fn a_file_of_version_1_opens_with_everything_in_it() {
    // Written by the program before there was a version 2: two copies, an unused key, one elsewhere, one presentation.
    let file = include_bytes!("version-1.wallet");
    let mut wallet = Wallet::open(file, &password(), Generation::new(1)).unwrap();
    let [record] = wallet.history() else { panic!("one presentation") };
    assert_eq!(record.asker.to_string(), POST_ID);
    assert_eq!(record.accredited.as_ref().unwrap().name.ko, "우정사업본부");
    assert_eq!((record.shown[0].held, record.shown[0].copy), (HeldId::new(1), CopyUse::Fresh));
    let withheld: Vec<_> = wallet.credentials().map(|held| held.withheld().to_vec()).collect();
    assert_eq!(withheld, vec![vec![ClaimPath::name("birth_date")]; 2]);
    let choice = choice(&wallet, &json!({"credentials": [credential("q", &[json!(["given_name"])])]}));
    assert_eq!(choice.answers()[0].chosen().copy, CopyUse::Again);
    present(&mut wallet, choice).unwrap();
    let again = wallet.seal(&password(), &mut TestEntropy::new(1)).unwrap();
    assert_eq!(again[8], 3);
    assert_eq!(Wallet::open(&again, &password(), Generation::new(2)).unwrap().history().len(), 2);
}
