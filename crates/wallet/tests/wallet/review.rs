//! Which requests reach the holder.

use crate::scene::*;
use serde_json::{Value, json};
use sinpyo_core::{
    accreditation::Accreditation,
    claims::ClaimPath,
    request::{BeyondScope, PresentationRequest, RequestError},
};
use sinpyo_crypto::KeySigner;
use sinpyo_proof::{RequestObjectError, request_object};
use sinpyo_wallet::{Accredited, AskError, Asker, CopyUse, Mismatch, ReviewError, Wallet};

#[test]
fn a_choice_says_who_asks_for_what_and_what_stays_hidden() {
    let choice = reviewed(&wallet(1), &request(POST, &[json!(["given_name"])])).unwrap();
    assert_eq!(*choice.asker(), Asker::Did(did(POST)));
    let Accredited { name, service } = choice.accredited().unwrap();
    assert_eq!((name.ko.as_str(), name.en.as_str()), ("우정사업본부", "Korea Post"));
    assert_eq!(service.as_str(), "post.login");
    let [answer] = choice.answers()[..] else { panic!("one query, one answer") };
    assert_eq!(answer.asked(), [ClaimPath::name("given_name")]);
    let chosen = answer.chosen();
    assert_eq!((chosen.kind.as_str(), chosen.issuer.as_str(), chosen.copy), (KIND, ISSUER, CopyUse::Fresh));
    assert_eq!(chosen.visible, ["issuing_office", "languages"].map(ClaimPath::name));
    let mut hidden: Vec<_> = chosen.hidden.iter().map(ToString::to_string).collect();
    hidden.sort();
    let expected = [
        "address",
        "address.road",
        "address.road.name",
        "address.road.number",
        "address.sido",
        "age_over_18",
        "birth_date",
        "family_name",
        "languages[0]",
        "languages[1]",
        "languages[2]",
    ];
    assert_eq!(hidden, expected);
}

#[test]
fn a_request_beyond_the_service_code_is_refused_before_any_choice() {
    let resolved = Organisation::new(POST).resolved();
    let narrow = accreditation(POST, &[json!(["age_over_18"])]);
    // The wallet is empty: that the scope is named, and not the lack of a credential, shows what came first.
    let refused = |request: &PresentationRequest, accreditation: Option<&Accreditation>| {
        review(&Wallet::new(), signed(request), &resolved, (accreditation, at(0))).unwrap_err()
    };
    let asks_more = request(POST, &[json!(["age_over_18"]), json!(["given_name"])]);
    let error = refused(&asks_more, Some(&narrow));
    assert_eq!(error, Refused::Ask(AskError::Scope(BeyondScope::Claim(ClaimPath::name("given_name")))));
    assert_eq!(error.code(), "WAL-01");
    let modest = request(POST, &[json!(["age_over_18"])]);
    assert_eq!(refused(&modest, None).code(), "WAL-01");
    assert_eq!(refused(&modest, Some(&for_everything(BANK))).code(), "WAL-01");
    assert_eq!(refused(&modest, Some(&narrow)).code(), "WAL-03");
}

#[test]
fn an_accreditation_out_of_force_is_none() {
    let resolved = Organisation::new(POST).resolved();
    let mut lapsed = for_everything(POST);
    lapsed.validity.until = Some(at(-1));
    let request = request(POST, &[json!(["given_name"])]);
    let error = review(&wallet(1), signed(&request), &resolved, (Some(&lapsed), at(0))).unwrap_err();
    assert_eq!((error.code(), error), ("WAL-02", Refused::Ask(AskError::Lapsed)));
}

#[test]
fn a_request_that_is_not_the_verifiers_own_is_refused() {
    let wallet = wallet(1);
    let post = Organisation::new(POST);
    let request = request(POST, &[json!(["given_name"])]);
    let claims = Value::Object(request.to_json());
    let accreditation = for_everything(POST);
    let code = |text: &str| match parsed(text) {
        Err(error) => error.code(),
        Ok(request) => match review(&wallet, request, &post.resolved(), (Some(&accreditation), at(0))) {
            Err(error) => error.code(),
            Ok(_) => "accepted",
        },
    };
    let by = |signer: &KeySigner, header: Value| code(&token(&header, &claims, signer));
    let authentication = post.did.key("1").unwrap();
    let good = header("oauth-authz-req+jwt", &authentication);
    assert_eq!(by(&post.authentication, good.clone()), "accepted");

    // Unsigned, wrongly signed, signed with the verifier's other key, or another kind of token.
    let unsigned = token(&json!({"alg": "none", "typ": "oauth-authz-req+jwt"}), &claims, &post.statements);
    assert_eq!(code(&format!("{}.", unsigned.rsplit_once('.').unwrap().0)), "JWS-09");
    assert_eq!(by(&post.statements, good.clone()), "JWS-11");
    let statements = header("oauth-authz-req+jwt", &post.did.key("0").unwrap());
    assert_eq!(by(&post.statements, statements), "DID-02");
    assert_eq!(by(&post.authentication, header("kb+jwt", &authentication)), "JWS-04");
    assert_eq!(by(&post.authentication, header("JWT", &authentication)), "JWS-04");

    // Somebody else's key: unknown here, or known but not that of the verifier named.
    let bank = Organisation::new(BANK);
    let foreign = header("oauth-authz-req+jwt", &bank.did.key("1").unwrap());
    assert_eq!(by(&bank.authentication, foreign.clone()), "JWS-16");
    let as_bank = parsed(&token(&foreign, &claims, &bank.authentication)).unwrap();
    let error = review(&wallet, as_bank, &bank.resolved(), (Some(&accreditation), at(0))).unwrap_err();
    assert_eq!(error.code(), "JWS-20");
}

#[test]
fn a_request_out_of_time_is_refused() {
    let (wallet, resolved) = (wallet(1), Organisation::new(POST).resolved());
    let request = request(POST, &[json!(["given_name"])]);
    let code =
        |now| match review(&wallet, signed(&request), &resolved, (Some(&for_everything(POST)), at(now))) {
            Err(error) => error.code(),
            Ok(_) => "accepted",
        };
    // Issued at 0, until 300, and clocks may differ by 60 seconds.
    assert_eq!([-61, -60, 359, 360].map(code), ["JWS-15", "accepted", "accepted", "JWS-14"]);
}

#[test]
fn a_changed_request_is_refused() {
    let (wallet, resolved) = (wallet(1), Organisation::new(POST).resolved());
    let signer = Organisation::new(POST).authentication;
    let request = request(POST, &[json!(["given_name"])]);
    let token = request_object::sign(&request, (&signer, signer.key().verifying_key())).unwrap();
    for position in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[position] ^= 1;
        let Ok(changed) = String::from_utf8(changed) else { continue };
        let Ok(changed) = parsed(&changed) else { continue };
        let review = review(&wallet, changed, &resolved, (Some(&for_everything(POST)), at(0)));
        assert!(review.is_err(), "byte {position}");
    }
}

#[test]
fn what_cannot_be_answered_is_said_before_the_holder_is_asked() {
    let wallet = wallet(1);
    let miss = |request: &PresentationRequest| match reviewed(&wallet, request) {
        Err(Refused::Review(ReviewError::Unanswerable { misses })) => {
            let [missed] = misses.as_slice() else { panic!("one query") };
            assert_eq!(missed.query.as_str(), "resident");
            missed.miss.clone()
        }
        other => panic!("{other:?}"),
    };
    let given_name = || ClaimPath::name("given_name");
    let mut asks = request(POST, &[json!(["given_name"])]);
    asks.queries[0].claims[0].values = vec![json!("한결")];
    assert_eq!(miss(&asks), Mismatch::OtherValue(given_name()));
    asks.queries[0].claims[0].values =
        vec![json!("한결"), json!("\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}")];
    assert!(reviewed(&wallet, &asks).is_ok());

    let absent = json!(["address", "zip"]);
    assert_eq!(miss(&request(POST, std::slice::from_ref(&absent))), Mismatch::NoClaim(path(&absent)));
    let mut late = request(POST, &[json!(["given_name"])]);
    (late.issued_at, late.expires_at) = (at(90_000), at(90_300));
    let resolved = Organisation::new(POST).resolved();
    let error =
        review(&wallet, signed(&late), &resolved, (Some(&for_everything(POST)), at(90_000))).unwrap_err();
    let Refused::Review(ReviewError::Unanswerable { misses }) = &error else { panic!("{error:?}") };
    assert_eq!(misses[0].miss, Mismatch::NotInForce);
    assert_eq!(error.code(), "WAL-03");
}

#[test]
fn a_withheld_claim_is_never_offered() {
    let mut wallet = Wallet::new();
    let mut entropy = sinpyo_testkit::TestEntropy::new(3);
    let key = wallet.new_key(kind(), &mut entropy);
    let wire = issued(sinpyo_core::credential::Holder::Key(key), claims(), &mut entropy);
    let withheld = [json!(["birth_date"]), json!(["address", "road", "number"]), json!(["languages", 1])];
    wallet.hold(received(&wire), withheld.iter().map(path).collect()).unwrap();
    // Itself, what it is part of, and what could be it.
    for asked in [
        json!(["birth_date"]),
        json!(["address", "road", "number"]),
        json!(["address", "road"]),
        json!(["address"]),
        json!(["languages", 1]),
        json!(["languages", null]),
        json!(["languages"]),
    ] {
        let error = reviewed(&wallet, &request(POST, std::slice::from_ref(&asked))).unwrap_err();
        assert_eq!(error.code(), "WAL-04", "{asked}");
    }
    for asked in [json!(["address", "road", "name"]), json!(["address", "sido"]), json!(["languages", 0])] {
        assert!(reviewed(&wallet, &request(POST, &[asked])).is_ok());
    }
}

#[test]
fn two_queries_of_one_name_are_refused() {
    let mut asks = request(POST, &[json!(["given_name"])]);
    asks.queries.push(asks.queries[0].clone());
    let error = reviewed(&wallet(1), &asks).unwrap_err();
    // It is not even read as a request.
    let malformed = RequestError::Member("dcql_query");
    assert_eq!(error, Refused::Ask(AskError::Request(RequestObjectError::Request(malformed))));
}

#[test]
fn copies_are_one_candidate_and_different_credentials_are_several() {
    let mut wallet = wallet(3);
    let mut other = claims();
    other.insert("given_name".into(), json!("새별"));
    let newest = hold(&mut wallet, other, 50);
    let choice = reviewed(&wallet, &request(POST, &[json!(["given_name"])])).unwrap();
    let [answer] = choice.answers()[..] else { panic!("one query, one answer") };
    assert_eq!(answer.chosen().held, newest);
    let [older] = answer.others() else { panic!("three copies are one candidate") };
    let older = older.held;
    let choice = choice.prefer(older).unwrap();
    assert_eq!(choice.answers()[0].chosen().held, older);
    assert_eq!(choice.prefer(sinpyo_wallet::HeldId::new(77)).unwrap_err().code(), "WAL-06");
}
