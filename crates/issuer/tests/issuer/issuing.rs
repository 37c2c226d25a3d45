//! Credentials as verifiers get them.

use crate::world::{NOW, World, at, disclosures, identity, key, object, payload};
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::Holder,
    document::VerificationRelationship::{AssertionMethod, Authentication},
    jwk::PublicJwk,
    status::{StatusEntry, StatusPurpose},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_issuer::{
    Catalogue, ClaimType, Format, Identifier, IssueError, Issuer, IssuerOptions, Lifetime, Order, Profile,
};
use std::{num::NonZeroUsize, time::Duration};

fn resident() -> Value {
    json!({"family_name": "남궁", "given_name": "나래아름누리", "birth_date": "2007-07-02", "region_sido": "99",
        "region_sigungu": "99110", "postal_code": "64001", "road_address": "누리대로 12, 101동 1203호"})
}

#[test]
fn a_credential_verifies_and_states_what_was_ordered() {
    let mut world = World::new();
    let issued = world.issue("K01", resident()).unwrap();
    let credential = world.verified(&issued);
    assert_eq!(credential.types()[0].as_str(), "urn:sinpyo:credential:ResidentCredential");
    assert_eq!(credential.issuer(), "did:web:issuer.example");
    let mut expected = resident();
    expected["age_over_14"] = json!(true);
    expected["age_over_18"] = json!(true);
    expected["age_over_19"] = json!(false);
    assert_eq!(credential.claims(), expected.as_object().unwrap());
    assert_eq!(credential.issued_at(), Some(at("2026-07-01T03:00:00Z")));
    assert_eq!(credential.validity().until, Some(at("2027-07-01T02:59:59Z")));
    let status = StatusEntry::Token { list: "https://issuer.example/status/0".into(), index: 7 };
    assert_eq!(credential.status(), [status]);
    assert_eq!(issued.held, [ClaimPath::name("birth_date"), ClaimPath::name("road_address")]);
}

#[test]
fn a_name_in_conjoining_jamo_is_signed_in_composed_form() {
    let mut world = World::new();
    let decomposed = "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}"; // 한별
    let issued = world.issue("K04", json!({"given_name": decomposed, "family_name": "가ㆍ나"})).unwrap();
    let claims = world.verified(&issued).claims().clone();
    assert_eq!((&claims["given_name"], &claims["family_name"]), (&json!("한별"), &json!("가ㆍ나")));
}

#[test]
fn hidden_claims_appear_nowhere_in_plain_text() {
    let mut world = World::new();
    let wire = world.issue("K01", resident()).unwrap().wire;
    let signed = Value::Object(payload(&wire)).to_string();
    for (name, value) in object(resident()) {
        // As a JSON string: two digits by themselves also stand in random digests.
        let value = value.to_string();
        for text in [&wire, &signed] {
            assert!(!text.contains(&name) && !text.contains(&value), "{name}");
        }
    }
    assert!(!signed.contains("age_over"));
    // Neither does an unsalted hash: every digest is that of a disclosure with 128 bits of salt.
    for disclosure in disclosures(&wire) {
        assert_eq!(disclosure[0].as_str().unwrap().len(), 22);
    }
}

#[test]
fn debug_output_shows_no_value() {
    let mut world = World::new();
    let issued = world.issue("K01", resident()).unwrap();
    let (catalogue, claims) = (Catalogue::bundled().unwrap(), object(resident()));
    let order = Order { profile: catalogue.by_id("K01").unwrap(), claims: &claims, until: None };
    let values = claims.values().map(|value| value.as_str().unwrap());
    let parts = issued.wire.split(['.', '~']).filter(|part| !part.is_empty());
    let unspeakable: Vec<_> = values.chain(parts).collect();
    let shown: [(&str, &dyn std::fmt::Debug, &str); 2] =
        [("Order", &order, "given_name"), ("Issued", &issued, "birth_date")];
    for (name, value, told) in shown {
        let debug = format!("{value:?}");
        assert!(debug.starts_with(name) && debug.contains(told), "{debug}");
        for text in &unspeakable {
            assert!(!debug.contains(text), "{text} in {debug}");
        }
    }
}

#[test]
fn the_number_of_digests_does_not_tell_which_claims_exist() {
    let count = |world: &mut World, claims| {
        payload(&world.issue("K01", claims).unwrap().wire)["_sd"].as_array().unwrap().len()
    };
    let mut world = World::new();
    // K01 has eleven claims, none of which is always shown.
    for claims in [resident(), json!({"family_name": "김"}), json!({"birth_date": "2000-01-01"})] {
        assert_eq!(count(&mut world, claims), 11);
    }
    let options = IssuerOptions { digest_unit: NonZeroUsize::new(16).unwrap(), ..IssuerOptions::default() };
    let mut uniform = World::with(Algorithm::Es256, options, |_| ());
    assert_eq!(count(&mut uniform, resident()), 16);
    let fields = uniform.issue("K14", json!({"customer_ref": "c-1", "identity_assured": true})).unwrap();
    assert_eq!(payload(&fields.wire)["_sd"].as_array().unwrap().len(), 16);
    assert_eq!(payload(&fields.wire)["customer_ref"], "c-1");
    let none = uniform.issue("K14", json!({"customer_ref": "c-1"})).unwrap();
    assert_eq!(payload(&none.wire)["_sd"].as_array().unwrap().len(), 16, "nor that none does");
}

#[test]
fn copies_of_a_batch_cannot_be_linked() {
    let mut world = World::new();
    let catalogue = Catalogue::bundled().unwrap();
    let (profile, claims) = (catalogue.by_id("K01").unwrap(), object(resident()));
    let order = Order { profile, claims: &claims, until: None };
    let recipients: Vec<_> = (0..20).map(|number| world.recipient(profile, number)).collect();
    let copies = world.issuer.issue_batch(&order, &recipients, at(NOW), &mut world.entropy).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for copy in &copies {
        let payload = payload(&copy.wire);
        let digests = payload["_sd"].as_array().unwrap().iter().map(Value::to_string);
        let salts = disclosures(&copy.wire).into_iter().map(|disclosure| disclosure[0].to_string());
        let own = [payload["cnf"].to_string(), payload["status"].to_string()];
        for item in digests.chain(salts).chain(own) {
            assert!(seen.insert(item.clone()), "{item} occurs twice");
        }
        // The times are those of everybody who was served within the hour.
        let hour = at("2026-07-01T03:00:00Z").unix();
        assert_eq!((&payload["iat"], &payload["nbf"]), (&json!(hour), &json!(hour)));
        assert_eq!(payload["exp"], json!(at("2027-07-01T03:00:00Z").unix()));
        assert!(!payload.contains_key("jti") && !payload.contains_key("sub"));
        world.verified(copy);
    }
    assert_eq!(copies.len(), 20);

    for same in [(0, 1), (1, 0)] {
        let mut linked = [world.recipient(profile, 0), world.recipient(profile, 1)];
        if same == (0, 1) {
            linked[1].holder = linked[0].holder.clone();
        } else {
            linked[1].status = linked[0].status.clone();
        }
        let error = world.issuer.issue_batch(&order, &linked, at(NOW), &mut world.entropy).unwrap_err();
        assert_eq!(error.code(), "ISS-15");
    }
}

#[test]
fn a_key_that_the_document_does_not_authorise_cannot_issue() {
    let options = IssuerOptions::default();
    let refused = |signer: KeySigner, own: &_| Issuer::new(signer, own, options).unwrap_err().code();

    let (signer, for_login) = identity(Algorithm::Es256, &[Authentication]);
    assert_eq!(refused(signer, &for_login), "ISS-09");

    let (_, own) = identity(Algorithm::Es256, &[AssertionMethod]);
    for (id, algorithm) in [
        ("did:web:issuer.example#key-2", Algorithm::Es256),
        ("did:web:other.example#key-1", Algorithm::Es256),
        ("did:web:issuer.example#key-1", Algorithm::Ed25519),
    ] {
        let signer = KeySigner::new(id.parse().unwrap(), key(1, algorithm));
        assert_eq!(refused(signer, &own), "ISS-09", "{id}");
    }

    // The same name and algorithm, another key: found out at the first signature.
    let stranger = KeySigner::new("did:web:issuer.example#key-1".parse().unwrap(), key(2, Algorithm::Es256));
    let mut world = World::new();
    world.issuer = Issuer::new(stranger, &own, options).unwrap();
    assert_eq!(world.issue("K01", resident()).unwrap_err().code(), "JWS-17");
}

#[test]
fn a_superseded_or_deactivated_document_cannot_issue() {
    for deactivated in [true, false] {
        let (signer, mut own) = identity(Algorithm::Es256, &[AssertionMethod]);
        own.metadata.deactivated = deactivated;
        own.metadata.superseded = (!deactivated).then(|| at(NOW));
        let error = Issuer::new(signer, &own, IssuerOptions::default()).unwrap_err();
        assert_eq!(error.code(), "ISS-10");
    }
}

#[test]
fn no_credential_is_older_than_the_document_and_the_accreditation() {
    let issued_at = |updated: &str, accredited: Option<&str>| {
        let options = IssuerOptions { accredited_since: accredited.map(at), ..IssuerOptions::default() };
        let mut world =
            World::with(Algorithm::Es256, options, |own| own.metadata.updated = Some(at(updated)));
        let issued = world.issue("K01", resident())?;
        let credential = world.verified(&issued);
        assert_eq!(credential.validity().from, credential.issued_at());
        // The end does not betray the exact moment either.
        assert_eq!(credential.validity().until, Some(at("2027-07-01T02:59:59Z")));
        Ok::<_, IssueError>(credential.issued_at().unwrap().to_string())
    };
    assert_eq!(issued_at("2026-06-01T00:00:00Z", None).unwrap(), "2026-07-01T03:00:00Z");
    assert_eq!(issued_at("2026-07-01T03:10:00Z", None).unwrap(), "2026-07-01T03:10:00Z");
    let later = issued_at("2026-07-01T03:10:00Z", Some("2026-07-01T03:20:00Z"));
    assert_eq!(later.unwrap(), "2026-07-01T03:20:00Z");
    // Now is 03:25:45; a minute of disagreement between clocks is borne.
    assert!(issued_at("2026-07-01T03:26:45Z", None).is_ok());
    assert_eq!(issued_at("2026-07-01T03:26:46Z", None).unwrap_err().code(), "ISS-11");
}

#[test]
fn a_credential_ends_when_its_profile_says() {
    let mut world = World::new();
    let mut end = |id: &str, claims: Value, until: Option<&str>| {
        let issued = world.issue_until(id, claims, until)?;
        let validity = world.verified(&issued).validity();
        Ok::<_, IssueError>(validity.until.map(|until| until.to_string()))
    };
    let role = || json!({"session_id": "s1", "role": "trustee"});
    // The session's own end is not rounded.
    let session = end("K03", role(), Some("2026-07-03T09:30:00Z")).unwrap();
    assert_eq!(session.as_deref(), Some("2026-07-03T09:29:59Z"));
    let shorter = end("K01", resident(), Some("2026-07-03T09:30:00Z")).unwrap();
    assert_eq!(shorter.as_deref(), Some("2026-07-03T08:59:59Z"));
    let historic = json!({"item": "002999000017", "quality_grade": "1++", "yield_grade": "A", "graded_on": "2026-06-30"});
    assert_eq!(end("K20", historic, None).unwrap(), None);
    for (id, claims, until) in [
        ("K03", role(), None),
        ("K03", role(), Some("2026-07-01T03:25:45Z")),
        ("K01", resident(), Some("2027-07-01T04:00:00Z")),
        ("K01", resident(), Some("2026-07-01T03:59:59Z")),
    ] {
        assert_eq!(end(id, claims, until).unwrap_err().code(), "ISS-12", "{id} {until:?}");
    }
}

#[test]
fn a_short_credential_is_not_rounded_away() {
    let mut world = World::new();
    let did_key = format!("did:key:{}", key(5, Algorithm::Ed25519).verifying_key().to_multikey());
    let claims = json!({"pseudonym_key": did_key, "vehicle_class": "car"});
    let issued = world.issue("K59", claims).unwrap();
    // PT1H: five minutes is a twelfth.
    let credential = world.verified(&issued);
    assert_eq!(credential.issued_at(), Some(at("2026-07-01T03:25:00Z")));
    assert_eq!(credential.validity().until, Some(at("2026-07-01T04:24:59Z")));
}

#[test]
fn only_the_status_entries_of_the_profile_are_accepted() {
    let world = World::new();
    let catalogue = Catalogue::bundled().unwrap();
    let (profile, claims) = (catalogue.by_id("K01").unwrap(), object(resident()));
    let order = Order { profile, claims: &claims, until: None };
    let token = |index| StatusEntry::Token { list: "https://a.example".into(), index };
    let bitstring = StatusEntry::Bitstring {
        list: "https://a.example".into(),
        index: 1,
        purpose: StatusPurpose::Revocation,
        messages: None,
    };
    for status in [vec![], vec![token(1), token(2)], vec![bitstring.clone()]] {
        let mut recipient = world.recipient(profile, 1);
        recipient.status = status;
        let error = world.issuer.issue(&order, &recipient, at(NOW), &mut world.entropy.clone()).unwrap_err();
        assert_eq!(error.code(), "ISS-13");
    }
    // A W3C credential that can be suspended stands in two lists.
    let options = IssuerOptions { format: Format::VcJwt, ..IssuerOptions::default() };
    let w3c = World::with(Algorithm::Es256, options, |_| ());
    let mut recipient = w3c.recipient(profile, 1);
    assert!(w3c.issuer.issue(&order, &recipient, at(NOW), &mut w3c.entropy.clone()).is_ok());
    recipient.status = vec![bitstring];
    let error = w3c.issuer.issue(&order, &recipient, at(NOW), &mut w3c.entropy.clone()).unwrap_err();
    assert_eq!(error.code(), "ISS-13");
}

#[test]
fn a_holder_is_bound_by_a_sound_key_of_its_own() {
    let world = World::new();
    let catalogue = Catalogue::bundled().unwrap();
    let (profile, claims) = (catalogue.by_id("K01").unwrap(), object(resident()));
    let order = Order { profile, claims: &claims, until: None };
    let issue = |holder: Holder| {
        let recipient = sinpyo_issuer::Recipient { holder, ..world.recipient(profile, 1) };
        world.issuer.issue(&order, &recipient, at(NOW), &mut world.entropy.clone())
    };
    let off_curve = json!({"kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43)});
    let off_curve = PublicJwk::from_members(object(off_curve)).unwrap();
    let issuers_own = key(1, Algorithm::Es256).verifying_key().to_jwk();
    for holder in [
        Holder::Key(off_curve),
        Holder::Key(issuers_own),
        Holder::Did("did:web:holder.example".parse().unwrap()),
        Holder::Bearer,
    ] {
        assert_eq!(issue(holder).unwrap_err().code(), "ISS-14");
    }
    // A key name of the wallet's would link copies.
    let plain = key(3, Algorithm::Es256).verifying_key().to_jwk();
    let mut named = plain.members().clone();
    named.insert("kid".into(), json!("my wallet"));
    let issued = issue(Holder::Key(PublicJwk::from_members(named).unwrap())).unwrap();
    assert_eq!(world.verified(&issued).holder(), &Holder::Key(plain));
}

#[test]
fn w3c_formats_verify_and_leave_held_claims_out() {
    for (format, algorithm) in [
        (Format::VcJwt, Algorithm::Es256),
        (Format::VcJwt, Algorithm::MlDsa65),
        (Format::DataIntegrity, Algorithm::Es256),
        (Format::DataIntegrity, Algorithm::Es384),
        (Format::DataIntegrity, Algorithm::Ed25519),
        (Format::DataIntegrity, Algorithm::MlDsa44),
        (Format::DataIntegrityStatements, Algorithm::Es256),
        (Format::DataIntegrityStatements, Algorithm::Es384),
        (Format::DataIntegrityStatements, Algorithm::Ed25519),
    ] {
        let mut world = World::with(algorithm, IssuerOptions { format, ..IssuerOptions::default() }, |_| ());
        let issued = world.issue("K01", resident()).unwrap();
        let credential = world.verified(&issued);
        assert_eq!(credential.claims()["given_name"], "나래아름누리");
        assert_eq!(credential.claims()["age_over_18"], true);
        let holder = key(1007, Algorithm::Es256).verifying_key().to_multikey();
        assert_eq!(credential.holder(), &Holder::Did(format!("did:key:{holder}").parse().unwrap()));
        assert_eq!((credential.status().len(), issued.held.as_slice()), (2, [].as_slice()));
        assert_eq!(issued.to_json().is_object(), format != Format::VcJwt);
        let text = if format == Format::VcJwt {
            Value::Object(payload(&issued.wire)).to_string()
        } else {
            issued.wire
        };
        for held in ["birth_date", "2007-07-02", "road_address", "누리대로"] {
            assert!(!text.contains(held), "{format:?} {held}");
        }
    }
}

#[test]
fn a_profile_supplied_at_run_time_issues_a_credential_that_verifies() {
    let profile = Profile::from_json(
        r#"{"id": "X1", "type": "LibraryCard", "display": {"ko": "도서관 회원증", "en": "Library card"},
            "issuer": {"ko": "가람도서관", "en": "Garam Library"}, "validity": "P6M", "status": "SL1",
            "claims": [
              {"name": "branch", "type": "enum{garam,nuri}", "disclosure": "always",
               "display": {"ko": "분관", "en": "Branch"}},
              {"name": "member_no", "type": "string(8)", "disclosure": "selective",
               "display": {"ko": "회원번호", "en": "Member number"}},
              {"name": "age_over_14", "type": "bool", "disclosure": "predicate",
               "display": {"ko": "만 14세 이상", "en": "Age 14 or over"}}]}"#
            .as_bytes(),
    )
    .unwrap();
    let mut world = World::new();
    let card = json!({"branch": "nuri", "member_no": "00001234", "birth_date": "2012-07-01"});
    let issued = world.issue_profile(&profile, card, None).unwrap();
    let credential = world.verified(&issued);
    assert_eq!(credential.types()[0].as_str(), "urn:sinpyo:credential:LibraryCard");
    let expected = json!({"branch": "nuri", "member_no": "00001234", "age_over_14": true});
    assert_eq!(credential.claims(), expected.as_object().unwrap());
    let error = world.issue_profile(&profile, json!({"branch": "seoul"}), None).unwrap_err();
    assert_eq!(error.code(), "ISS-04");
}

#[test]
fn every_profile_of_the_catalogue_issues_a_credential_that_verifies() {
    let mut world = World::new();
    for profile in Catalogue::bundled().unwrap().profiles() {
        let claims = profile.claims().iter().map(|claim| (claim.name.clone(), sample(&claim.kind)));
        let mut claims: serde_json::Map<_, _> = claims.collect();
        if let Some(born) = claims.get_mut("birth_date") {
            *born = json!("2000-01-01");
        }
        let until = (profile.lifetime() == Lifetime::Given).then_some("2026-12-31T15:00:00Z");
        let issued = world.issue_profile(profile, Value::Object(claims.clone()), until).unwrap();
        assert_eq!(world.verified(&issued).claims(), &claims, "{}", profile.id());
    }
}

/// A value of each type.
fn sample(kind: &ClaimType) -> Value {
    match kind {
        ClaimType::Text { min, .. } => json!("가".repeat(usize::from(*min))),
        ClaimType::Bool => json!(true),
        ClaimType::Date => json!("2026-06-30"),
        ClaimType::DateTime => json!("2026-06-30T00:00:00Z"),
        ClaimType::Year => json!(2026),
        ClaimType::Period => json!("2026-01-01/2026-06-30"),
        ClaimType::Interval => json!("2026-07-01T00:00:00Z/2026-07-01T01:00:00Z"),
        ClaimType::Integer { max, .. } => json!(max),
        ClaimType::Decimal { .. } => json!("0.5"),
        ClaimType::Fraction => json!("1/2"),
        ClaimType::Digits(count) => json!("9".repeat(usize::from(*count))),
        ClaimType::Code => json!("J00"),
        ClaimType::Choice(words) => json!(words[0]),
        ClaimType::Range => {
            json!({"first": "REC-202606-F990001-000001", "last": "REC-202606-F990001-000100"})
        }
        ClaimType::Scope => json!({"service": "post.login", "type": "urn:x", "claims": [["family_name"]]}),
        ClaimType::Shares => json!([{"payee": "a", "basis_points": 10_000}]),
        ClaimType::Fields => json!({"항목": "값", "count": 1}),
        ClaimType::List(element) => json!([sample(element), sample(element)]),
        ClaimType::Identifier(kind) => json!(identifier(*kind)),
    }
}

/// The fictional samples of the synthetic data specification.
fn identifier(kind: Identifier) -> String {
    match kind {
        Identifier::Organisation | Identifier::Did => "did:web:org.example".into(),
        Identifier::DidKey => format!("did:key:{}", key(5, Algorithm::Es256).verifying_key().to_multikey()),
        Identifier::Business => "000-82-00011".into(),
        Identifier::Corporation => "000021-0000014".into(),
        Identifier::Cattle => "002999000017".into(),
        Identifier::Lot => "L02607040001001".into(),
        Identifier::Parcel => "9911010100100120003".into(),
        Identifier::CustomsCode => "P000000000018".into(),
        Identifier::Vehicle => "KR9SY1234SZZZZ001".into(),
        Identifier::Container => "ZZZU0000010".into(),
        Identifier::Work => "KRZZZ2600001".into(),
        Identifier::Sha256 => "0".repeat(64),
        Identifier::Point => "A".repeat(43),
        Identifier::Signature => "AAAA".into(),
        Identifier::CredentialType => "urn:sinpyo:credential:ResidentCredential".into(),
        Identifier::Any | Identifier::Opaque => "F990001".into(),
    }
}

#[test]
fn rounding_follows_the_option() {
    let day = IssuerOptions { time_unit: Duration::from_hours(24), ..IssuerOptions::default() };
    let mut world = World::with(Algorithm::Es256, day, |_| ());
    let issued = world.issue("K01", resident()).unwrap();
    assert_eq!(world.verified(&issued).issued_at(), Some(at("2026-07-01T00:00:00Z")));
}
