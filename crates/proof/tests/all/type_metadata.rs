//! Type metadata of SD-JWT VC.

use crate::fixture::*;
use serde_json::{Value, json};
use sinpyo_core::claims::ClaimPath;
use sinpyo_proof::{
    jws::Typ,
    sd_jwt::{self, Holding},
    type_metadata::{Reference, Stage, TypeChain, check_integrity, safe_text},
};
use sinpyo_testkit::TestEntropy;
use std::collections::BTreeMap;

const CHILD: &str = "https://example.com/resident";
const PARENT: &str = "https://example.com/person";

fn reference(vct: &str) -> Reference {
    Reference { vct: vct.into(), integrity: None }
}

/// The chain of `CHILD` under these documents.
fn load(documents: &[(&str, Value)]) -> Result<TypeChain, &'static str> {
    let documents: BTreeMap<&str, Vec<u8>> =
        documents.iter().map(|(vct, document)| (*vct, document.to_string().into_bytes())).collect();
    let chain = TypeChain::load(&reference(CHILD), |vct| documents.get(vct).map(Vec::as_slice));
    chain.map_err(|error| error.code())
}

#[expect(clippy::needless_pass_by_value, reason = "the cases are written in place")]
fn child(members: Value) -> Value {
    let mut document = json!({"vct": CHILD, "extends": PARENT});
    document.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    document
}

fn parent() -> Value {
    json!({"vct": PARENT, "unheard": {"of": 1},
    "display": [{"locale": "en-US", "name": "Person"}, {"locale": "ko", "name": "사람"}],
    "claims": [
        {"path": ["family_name"], "mandatory": true, "sd": "always",
            "display": [{"locale": "ko", "label": "성"}, {"lang": "en", "label": "Family name"}]},
        {"path": ["iss"], "sd": "never"},
    ]})
}

#[test]
fn a_type_has_what_it_extends() {
    let own = json!({"claims": [{"path": ["family_name"], "mandatory": true, "sd": "always"},
        {"path": ["address", "locality"], "mandatory": true}], "display": [{"locale": "ko-KR", "name": "거주자"}]});
    let chain = load(&[(CHILD, child(own)), (PARENT, parent())]).unwrap();
    assert_eq!(chain.types().collect::<Vec<_>>(), [CHILD, PARENT]);
    let paths: Vec<_> = chain.claims().map(|claim| claim.path.to_string()).collect();
    assert_eq!(paths, ["family_name", "address.locality", "iss"]);
    assert_eq!(chain.display("ko").unwrap().label, "거주자");
    let family_name = ClaimPath::name("family_name");
    assert_eq!(chain.claim_display(&family_name, "en-GB").unwrap().label, "Family name");
    assert_eq!(chain.claim_display(&family_name, "ko-KR").unwrap().label, "성");
    assert_eq!(chain.claim_display(&family_name, "fr").unwrap().label, "성");
    assert_eq!(chain.claim_display(&ClaimPath::name("x"), "ko"), None);
}

#[test]
fn metadata_that_break_a_rule_are_refused() {
    assert_eq!(load(&[]), Err("VCT-05"));
    assert_eq!(load(&[(CHILD, child(json!({})))]), Err("VCT-05"));
    assert_eq!(load(&[(CHILD, json!({"vct": PARENT}))]), Err("VCT-02"));
    assert_eq!(load(&[(CHILD, json!({}))]), Err("VCT-02"));
    assert_eq!(load(&[(CHILD, json!([]))]), Err("JSON-06"));
    for members in [
        json!({"extends": 1}),
        json!({"claims": {}}),
        json!({"claims": [{}]}),
        json!({"claims": [{"path": []}]}),
        json!({"claims": [{"path": ["a"], "sd": "sometimes"}]}),
        json!({"claims": [{"path": ["a"], "sd": 1}]}),
        json!({"claims": [{"path": ["a"], "mandatory": "yes"}]}),
    ] {
        assert_eq!(load(&[(CHILD, child(members.clone())), (PARENT, parent())]), Err("VCT-01"), "{members}");
    }
    let many: Vec<_> = (0..257).map(|index| json!({"path": [index.to_string()]})).collect();
    assert_eq!(load(&[(CHILD, json!({"vct": CHILD, "claims": many}))]), Err("VCT-06"));
    let long = "a".repeat(300_000);
    assert_eq!(load(&[(CHILD, json!({"vct": CHILD, "description": long}))]), Err("VCT-06"));
}

#[test]
fn types_do_not_extend_each_other_without_end() {
    let circle = json!({"vct": PARENT, "extends": CHILD});
    assert_eq!(load(&[(CHILD, child(json!({}))), (PARENT, circle)]), Err("VCT-04"));
    assert_eq!(load(&[(CHILD, json!({"vct": CHILD, "extends": CHILD}))]), Err("VCT-04"));
    let chain = |length: usize| {
        let name = |index: usize| if index == 0 { CHILD.to_owned() } else { format!("urn:{index}") };
        let documents: BTreeMap<_, _> = (0..length)
            .map(|index| {
                let mut document = json!({"vct": name(index)});
                if index + 1 < length {
                    document["extends"] = json!(name(index + 1));
                }
                (name(index), document.to_string().into_bytes())
            })
            .collect();
        TypeChain::load(&reference(CHILD), |vct| documents.get(vct).map(Vec::as_slice))
            .map(|chain| chain.types().count())
            .map_err(|error| error.code())
    };
    assert_eq!(chain(8), Ok(8));
    assert_eq!(chain(9), Err("VCT-04"));
}

#[test]
fn a_type_may_narrow_what_it_extends_and_not_loosen_it() {
    let with =
        |claim: Value| load(&[(CHILD, child(json!({"claims": [claim]}))), (PARENT, parent())]).map(drop);
    assert_eq!(with(json!({"path": ["family_name"], "mandatory": true, "sd": "always"})), Ok(()));
    assert_eq!(with(json!({"path": ["other"], "sd": "never"})), Ok(()));
    for claim in [
        json!({"path": ["family_name"], "sd": "always"}),
        json!({"path": ["family_name"], "mandatory": true}),
        json!({"path": ["family_name"], "mandatory": true, "sd": "never"}),
        json!({"path": ["iss"], "sd": "always"}),
    ] {
        assert_eq!(with(claim.clone()), Err("VCT-07"), "{claim}");
    }
}

/// Digests of the empty document by FIPS 180-4.
#[test]
fn only_the_octets_that_were_meant_are_read() {
    const SHA256: &str = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const SHA384: &str = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb";
    let check =
        |document: &str, metadata: &str| check_integrity(document.as_bytes(), metadata).map_err(|e| e.code());
    assert_eq!(check("", SHA256), Ok(()));
    assert_eq!(check("", SHA384), Ok(()));
    assert_eq!(check("", &format!("{SHA256}?ct=json md5-AA==")), Ok(()));
    // Of two strengths the stronger counts, of two of one strength either.
    let wrong384 = SHA384.replace("OLBg", "AAAA");
    assert_eq!(check("", &format!("{SHA256} {wrong384}")), Err("VCT-03"));
    assert_eq!(check("", &format!("{wrong384} {SHA384}")), Ok(()));
    for metadata in
        ["", "md5-AA==", "sha256", "sha256-", &SHA256.replace('+', "-"), SHA256.trim_end_matches('=')]
    {
        assert_eq!(check("", metadata), Err("VCT-03"), "{metadata}");
    }
    assert_eq!(check(" ", SHA256), Err("VCT-03"));
    let fixed = Reference { vct: CHILD.into(), integrity: Some(SHA256.into()) };
    let document = json!({"vct": CHILD}).to_string();
    let refused = TypeChain::load(&fixed, |_| Some(document.as_bytes())).unwrap_err();
    assert_eq!(refused.code(), "VCT-03");
    let named = object(json!({"vct": CHILD, "vct#integrity": SHA256}));
    assert_eq!(Reference::of_claims(&named), Ok(Some(fixed)));
    // A hash that cannot be read is not the same as none.
    for hash in [json!(5), json!(null), json!(["sha256-AAAA"])] {
        let claims = object(json!({"vct": "urn:t", "vct#integrity": hash}));
        assert_eq!(Reference::of_claims(&claims).unwrap_err().code(), "VCT-01");
    }
}

#[test]
fn a_credential_is_compared_with_its_type() {
    let chain = |claims: Value| load(&[(CHILD, json!({"vct": CHILD, "claims": claims}))]).unwrap();
    let issuer = Party::issuer();
    let payload = object(
        json!({"vct": CHILD, "iss": "did:x:issuer", "family_name": "김", "given_name": "한별", "sex": "f"}),
    );
    let hidden = ["family_name", "given_name"].map(ClaimPath::name);
    let entropy = &mut TestEntropy::new(1);
    let issued =
        sd_jwt::issue(Typ::SD_JWT_VC, payload, &concealment(&hidden), issuer.pair(), entropy).unwrap();
    let holding = Holding::parse(&issued, &[Typ::SD_JWT_VC]).unwrap();
    let shown = holding.select(&[ClaimPath::name("given_name")]).unwrap().unbound();
    let check = |claims: &Value, wire: &str, stage| {
        chain(claims.clone()).check(wire, stage).map_err(|error| error.code())
    };
    for (claims, as_issued, as_shown) in [
        (json!([{"path": ["family_name"], "mandatory": true, "sd": "always"}]), Ok(()), Ok(())),
        (json!([{"path": ["family_name"], "mandatory": true}]), Ok(()), Ok(())),
        (json!([{"path": ["sex"], "mandatory": true, "sd": "never"}]), Ok(()), Ok(())),
        (json!([{"path": ["absent"]}]), Ok(()), Ok(())),
        // Withheld, or never stated: only the holder can tell.
        (json!([{"path": ["absent"], "mandatory": true}]), Err("VCT-08"), Ok(())),
        (json!([{"path": ["absent"], "mandatory": true, "sd": "never"}]), Err("VCT-08"), Err("VCT-08")),
        (json!([{"path": ["given_name"], "sd": "never"}]), Err("VCT-09"), Err("VCT-09")),
        (json!([{"path": ["sex"], "sd": "always"}]), Err("VCT-09"), Err("VCT-09")),
    ] {
        assert_eq!(check(&claims, &issued, Stage::Issued), as_issued, "{claims}");
        assert_eq!(check(&claims, &shown, Stage::Presented), as_shown, "{claims}");
    }
    assert_eq!(check(&json!([]), "a.b.c", Stage::Issued), Err("SDJ-01"));
}

#[test]
fn texts_of_others_do_not_deceive() {
    assert_eq!(safe_text("주민등록증"), "주민등록증");
    assert_eq!(safe_text("a\u{202e}b\u{200b}c\u{7}d"), "abcd");
    assert_eq!(safe_text("one\ntwo\tthree \r\n"), "one two three");
    assert_eq!(safe_text("\u{2066}<script>\u{2069}"), "<script>");
    assert_eq!(safe_text(&"가".repeat(1000)).chars().count(), 200);
}

#[test]
fn a_locale_is_a_language_tag_and_a_hash_is_a_text() {
    let reference = Reference { vct: "urn:t".into(), integrity: None };
    let locale = |tag: &str| {
        let document = json!({"vct": "urn:t", "display": [{"locale": tag, "name": "x"}]}).to_string();
        let chain = TypeChain::load(&reference, |_| Some(document.as_bytes())).unwrap();
        chain.display("ko").map(|display| display.locale.clone())
    };
    assert_eq!(locale("ko-KR").as_deref(), Some("ko-KR"));
    for tag in ["", "ko\u{202e}<script>", "ko_KR", &"a".repeat(36)] {
        assert_eq!(locale(tag), None, "{tag:?}");
    }
    let extends = |hash: Value| {
        let document = json!({"vct": "urn:t", "extends": "urn:u", "extends#integrity": hash}).to_string();
        sinpyo_proof::type_metadata::TypeMetadata::parse(&reference, document.as_bytes())
            .map(drop)
            .map_err(|error| error.code())
    };
    assert_eq!(extends(json!("sha256-AAAA")), Ok(()));
    assert_eq!(extends(json!(7)), Err("VCT-01"));
}
