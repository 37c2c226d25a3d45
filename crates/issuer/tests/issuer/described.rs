//! What is told about the credentials of a profile before there are any.

use serde_json::{Value, json};
use sinpyo_core::claims::ClaimPath;
use sinpyo_issuer::{Catalogue, Format, Kind, Profile, ProfileError};

#[test]
fn a_profile_is_described_in_the_words_of_each_format() {
    let catalogue = Catalogue::bundled().unwrap();
    let licence = catalogue.by_id("K04").unwrap();
    let paths = |format| {
        let description = licence.describe(format).unwrap();
        assert_eq!(
            (description.name.ko.as_str(), description.name.en.as_str()),
            ("사회복지사 자격증명", "Social worker licence")
        );
        let second = description.claims[1].clone();
        assert_eq!((second.name.ko.as_str(), second.mandatory), ("자격증 번호", false));
        (format!("{:?}", description.kind), second.path.to_json())
    };
    let own = "urn:sinpyo:credential:SocialWorkerLicenceCredential";
    let (kind, path) = paths(Format::SdJwtVc);
    assert_eq!((kind, path), (format!("{:?}", Kind::Vct(own)), json!(["licence_number"])));
    let space = "kr.sinpyo.social-worker-licence.1";
    let (kind, path) = paths(Format::Mdoc);
    assert_eq!((kind, path), (format!("{:?}", Kind::DocType(space)), json!([space, "document_number"])));
    for format in [Format::VcJwt, Format::DataIntegrity, Format::DataIntegrityStatements] {
        let (kind, path) = paths(format);
        assert!(kind.contains("https://www.w3.org/ns/credentials/v2") && kind.contains(own), "{kind}");
        assert_eq!(path, json!(["credentialSubject", "licence_number"]));
    }
    assert_eq!(catalogue.by_id("K13").unwrap().describe(Format::Mdoc), None);
}

#[test]
fn held_claims_are_described_too_and_those_of_everybody_are_mandatory() {
    let catalogue = Catalogue::bundled().unwrap();
    let described = catalogue.by_id("K02").unwrap().describe(Format::SdJwtVc).unwrap();
    let claims: Vec<_> = described.claims.iter().map(|claim| (claim.path.clone(), claim.mandatory)).collect();
    let expected =
        [("member_of", true), ("voting_member", false), ("unit", false), ("role", false), ("since", false)];
    assert_eq!(claims, expected.map(|(name, mandatory)| (ClaimPath::name(name), mandatory)));
}

#[test]
fn a_malformed_form_of_mobile_documents_is_refused() {
    let read = |mdoc: Value| {
        let claim = |name: &str| json!({"name": name, "type": "date", "disclosure": "selective", "display": {"ko": "가", "en": "a"}});
        let profile = json!({"id": "X1", "type": "LibraryCard", "display": {"ko": "증", "en": "Card"},
            "issuer": {"ko": "관", "en": "Library"}, "validity": "P1Y", "status": "SL1",
            "claims": [claim("since"), claim("until")], "mdoc": mdoc});
        Profile::from_json(profile.to_string().as_bytes())
    };
    let good = json!({"doc_type": "example.card.1", "namespace": "example.card.1", "elements": {"since": "issue_date"}});
    let profile = read(good.clone()).unwrap();
    let form = profile.mdoc().unwrap();
    assert_eq!((form.doc_type().as_str(), form.namespace()), ("example.card.1", "example.card.1"));
    assert_eq!((form.identifier("since"), form.identifier("until")), ("issue_date", "until"));
    for (member, value) in [
        ("doc_type", json!(null)),
        ("doc_type", json!("")),
        ("namespace", json!(1)),
        ("namespace", json!("a b")),
        ("namespace", json!("a".repeat(201))),
        ("elements", json!([])),
        ("elements", json!({"other": "issue_date"})),
        ("elements", json!({"since": 1})),
        ("elements", json!({"since": ""})),
        // Two claims in one element.
        ("elements", json!({"since": "until"})),
        ("elements", json!({"since": "a", "until": "a"})),
    ] {
        let mut bad = good.clone();
        bad[member] = value.clone();
        let error = ProfileError::Member { profile: "X1".into(), member: "mdoc" };
        assert_eq!(read(bad).map(drop), Err(error), "{member} {value}");
    }
    assert!(read(json!("example.card.1")).is_err() && read(json!(null)).is_err());
}
