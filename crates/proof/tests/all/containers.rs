//! SD-JWT, COSE and envelopes around W3C credentials and presentations.

use crate::fixture::*;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Presentation},
    json,
    jwk::PublicJwk,
    key::Signer,
    time::Timestamp,
    vcdm::CONTEXT_V2,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_proof::{
    HolderBinding, KeyRing, Profile, Unverified, Verified, data_integrity,
    jws::Typ,
    sd_jwt::{self, Holding},
    vc_cose, vc_di, vc_jwt, vc_sd_jwt, vp,
};
use sinpyo_testkit::{TestEntropy, vectors};
use std::{fs, path::Path};

fn held() -> Credential {
    credential_for(Holder::Did(Party::holder().did))
}

fn paths(names: &[&str]) -> Vec<ClaimPath> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn sd_jwt(party: &Party) -> String {
    let hidden = paths(&["credentialSubject.family_name", "credentialSubject.given_name", "id"][..2]);
    vc_sd_jwt::issue(&held(), &[], &concealment(&hidden), party.pair(), &mut TestEntropy::new(1)).unwrap()
}

fn code_under(wire: &[u8], keys: &KeyRing, profile: &Profile) -> Result<Credential, &'static str> {
    let arrived = Unverified::<Credential>::parse_as(wire, profile).map_err(|error| error.code())?;
    arrived.verify(keys, now()).map(Verified::into_inner).map_err(|error| error.code())
}

fn code(wire: &[u8]) -> Result<Credential, &'static str> {
    code_under(wire, &Party::issuer().ring(), &Profile::default())
}

#[test]
fn a_w3c_credential_survives_sd_jwt_and_cose() {
    let (issuer, impostor) = (Party::issuer(), Party::impostor());
    assert_eq!(code(sd_jwt(&issuer).as_bytes()), Ok(held()));
    assert_eq!(code(sd_jwt(&impostor).as_bytes()), Err("JWS-11"));
    let cose = |party: &Party| vc_cose::issue(&held(), &[], party.pair()).unwrap();
    assert_eq!(code(&cose(&issuer)), Ok(held()));
    assert_eq!(code(&cose(&impostor)), Err("COS-18"));
    for position in 0..cose(&issuer).len() {
        let mut flipped = cose(&issuer);
        flipped[position] ^= 1;
        assert!(code(&flipped).is_err(), "{position}");
    }
}

#[test]
fn the_holder_of_a_w3c_sd_jwt_withholds_what_the_issuer_let_it() {
    let wire = sd_jwt(&Party::issuer());
    let holding = Holding::parse(&wire, &[Typ::VC_SD_JWT]).unwrap();
    let shown = holding.select(&paths(&["credentialSubject.given_name"])).unwrap().unbound();
    let credential = code(shown.as_bytes()).unwrap();
    assert_eq!(credential.claims().get("given_name"), Some(&json!("한별")));
    assert_eq!(credential.claims().get("family_name"), None);
    // What controls acceptance cannot be hidden, nor is it believed if it was.
    for name in ["@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus"] {
        let hidden = [ClaimPath::name(name)];
        let error = vc_sd_jwt::issue(
            &held(),
            &[],
            &concealment(&hidden),
            Party::issuer().pair(),
            &mut TestEntropy::new(1),
        );
        assert_eq!(error.unwrap_err().code(), "SDJ-10", "{name}");
    }
    let issuer = Party::issuer();
    let members = sinpyo_core::vcdm::credential_to_json(&held(), &[]);
    let hidden = [ClaimPath::name("validUntil")];
    let entropy = &mut TestEntropy::new(1);
    let wire = sd_jwt::issue(Typ::VC_SD_JWT, members, &concealment(&hidden), issuer.pair(), entropy).unwrap();
    assert_eq!(code(wire.as_bytes()), Err("SDJ-10"));
}

#[test]
fn the_headers_of_a_cose_credential_are_checked() {
    use sinpyo_cose::{Header, Payload, Sign1};
    let issuer = Party::issuer();
    let payload = Value::Object(sinpyo_core::vcdm::credential_to_json(&held(), &[])).to_string();
    let with = |typ: Option<&str>, content: Option<&str>, kid: &str, payload: &str| {
        let header = Header {
            typ: typ.map(str::to_owned),
            content_type: content.map(str::to_owned),
            kid: Some(kid.as_bytes().to_vec()),
            x5chain: Vec::new(),
        };
        let prepared = Sign1::prepare(&header, Payload::Attached(payload.as_bytes()), &[], issuer.key());
        code(&prepared.sign(&issuer.signer).unwrap().to_bytes()).map(drop)
    };
    let (typ, content, kid) = (Some("application/vc+cose"), Some("application/vc"), "did:x:issuer#key-1");
    assert_eq!(with(typ, content, kid, &payload), Ok(()));
    for other in [None, Some("application/vp+cose"), Some("vc+cose"), Some("application/vc+jwt")] {
        assert_eq!(with(other, content, kid, &payload), Err("COS-16"), "{other:?}");
    }
    for other in [None, Some("application/vp"), Some("vc")] {
        assert_eq!(with(typ, other, kid, &payload), Err("COS-16"), "{other:?}");
    }
    assert_eq!(with(typ, content, "key-1", &payload), Err("JWS-09"));
    assert_eq!(with(typ, content, "did:x:other#key-1", &payload), Err("JWS-16"));
    assert_eq!(with(typ, content, kid, "{\"a\":1,\"a\":2}"), Err("JSON-01"));
    assert_eq!(with(typ, content, kid, &payload.replace("did:x:issuer", "did:x:other")), Err("VCJ-06"));
}

/// The credential in every form, enveloped.
fn enveloped(media: &str, content: &str) -> Vec<u8> {
    let id = format!("data:{media},{content}");
    json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": id})
        .to_string()
        .into_bytes()
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}

#[test]
fn an_envelope_holds_what_it_says() {
    let issuer = Party::issuer();
    let jwt = vc_jwt::issue(&held(), &[], issuer.pair()).unwrap();
    let (sd_jwt, vct) = (sd_jwt(&issuer), issued_by(&issuer));
    let cose = base64(&vc_cose::issue(&held(), &[], issuer.pair()).unwrap());
    for (media, content) in [
        ("application/vc+jwt", jwt.as_str()),
        ("application/vc+jwt;base64", &base64(jwt.as_bytes())),
        ("application/vc+sd-jwt", &sd_jwt),
        ("application/vc+cose;base64", &cose),
    ] {
        assert_eq!(code(&enveloped(media, content)), Ok(held()), "{media}");
    }
    assert_eq!(code(&enveloped("application/dc+sd-jwt", &vct)), Ok(credential()));
    for (media, content) in [
        ("application/vc+sd-jwt", &jwt),
        ("application/vc+jwt", &sd_jwt),
        ("application/vc+sd-jwt", &vct),
        ("application/dc+sd-jwt", &sd_jwt),
        ("application/vc+cose", &cose),
        ("application/vc+cose;base64", &jwt),
        ("application/vc+jwt;charset=utf-8", &jwt),
        ("application/json", &jwt),
        ("application/jwt", &jwt),
        ("", &jwt),
    ] {
        let refused = code(&enveloped(media, content)).unwrap_err();
        assert!(matches!(refused, "VCJ-14" | "JWS-01" | "JWS-04" | "SDJ-01"), "{media}: {refused}");
    }
    let early = enveloped("application/jwt", &jwt);
    assert_eq!(code_under(&early, &issuer.ring(), &Profile::legacy()), Ok(held()));
}

#[test]
fn a_presentation_carries_credentials_in_every_form() {
    let (issuer, holder) = (Party::issuer(), Party::holder());
    let keys = ring(&[&issuer, &holder]);
    let forms: [Vec<u8>; 4] = [
        vc_jwt::issue(&held(), &[], issuer.pair()).unwrap().into_bytes(),
        Value::Object(vc_di::issue(&held(), &[], issuer.pair()).unwrap()).to_string().into_bytes(),
        sd_jwt(&issuer).into_bytes(),
        vc_cose::issue(&held(), &[], issuer.pair()).unwrap(),
    ];
    let presentation = vp::presentation(&holder.did, &forms);
    let check = |wire: &[u8]| {
        let arrived = Unverified::<Presentation>::parse(wire).map_err(|error| error.code())?;
        let verified = arrived.verify(&keys, HolderBinding::Required(occasion()), now());
        verified.map(|verified| verified.into_inner().credentials).map_err(|error| error.code())
    };
    let all = Ok(vec![held(); 4]);
    let prepared = vp::prepare(presentation.clone(), AUDIENCE, NONCE, now(), holder.signatory());
    let signature = holder.signer.sign(prepared.signing_input()).unwrap();
    let jwt = prepared.attach(&signature).unwrap();
    assert_eq!(check(jwt.as_bytes()), all);
    let prepared = vp::prepare_cose(presentation.clone(), AUDIENCE, NONCE, now(), holder.signatory());
    let cose = prepared.sign(&holder.signer).unwrap().to_bytes();
    assert_eq!(check(&cose), all);
    let options = vp::proof_options(AUDIENCE, NONCE, now());
    let object = data_integrity::sign(presentation.clone(), &options, &holder.signer, holder.key()).unwrap();
    assert_eq!(check(Value::Object(object).to_string().as_bytes()), all);
    let mut bound = presentation;
    for (name, value) in [("aud", json!(AUDIENCE)), ("nonce", json!(NONCE)), ("iat", json!(now().unix()))] {
        bound.insert(name.into(), value);
    }
    let entropy = &mut TestEntropy::new(1);
    let hidden = paths(&["verifiableCredential"]);
    let sd = sd_jwt::issue(Typ::VP_SD_JWT, bound, &concealment(&hidden), holder.pair(), entropy).unwrap();
    assert_eq!(check(sd.as_bytes()), all);

    for (media, content) in [("vp+jwt", jwt.clone()), ("vp+cose;base64", base64(&cose)), ("vp+sd-jwt", sd)] {
        let id = format!("data:application/{media},{content}");
        let envelope = json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiablePresentation", "id": id});
        assert_eq!(check(envelope.to_string().as_bytes()), all, "{media}");
    }
    // A credential is not taken for a presentation of itself.
    assert_eq!(check(&forms[0]), Err("JWS-04"));
    assert_eq!(check(&forms[3]), Err("COS-16"));
}

#[test]
fn what_is_known_of_an_occasion_is_checked() {
    let (issuer, holder) = (Party::issuer(), Party::holder());
    let keys = ring(&[&issuer, &holder]);
    let forms = [vc_jwt::issue(&held(), &[], issuer.pair()).unwrap()];
    let made_long_ago = earlier(100_000);
    let presentation = vp::presentation(&holder.did, &forms);
    let prepared = vp::prepare(presentation.clone(), AUDIENCE, NONCE, made_long_ago, holder.signatory());
    let signature = holder.signer.sign(prepared.signing_input()).unwrap();
    let jwt = prepared.attach(&signature).unwrap();
    let options = vp::proof_options(AUDIENCE, NONCE, made_long_ago);
    let object = data_integrity::sign(presentation, &options, &holder.signer, holder.key()).unwrap();
    let object = Value::Object(object).to_string();
    for (wire, [other_audience, other_nonce]) in [(&jwt, ["VCJ-16", "VCJ-17"]), (&object, ["DI-06", "DI-07"])]
    {
        let check = |audience, nonce| {
            let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
            let verified = arrived.verify(&keys, HolderBinding::Partial { audience, nonce }, now());
            verified.map(|verified| verified.into_inner().binding.is_some()).map_err(|error| error.code())
        };
        // It binds to nothing that a service could rely on.
        assert_eq!(check(None, None), Ok(false));
        assert_eq!(check(Some(AUDIENCE), Some(NONCE)), Ok(false));
        assert_eq!(check(Some("other"), None), Err(other_audience));
        assert_eq!(check(None, Some("other")), Err(other_nonce));
        let strict = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
        let refused = strict.verify(&keys, HolderBinding::Required(occasion()), now()).unwrap_err();
        assert_eq!(refused.code(), "VCJ-18");
    }
}

/// The suite's five keys by their thumbprints.
fn suite_key(root: &Path, kid: &str) -> Option<VerifyingKey> {
    for name in ["p256", "p384", "p521", "ed25519", "did-ed25519"] {
        let method = json::parse_object(&fs::read(root.join(format!("vm-{name}.json"))).unwrap()).unwrap();
        let jwk = method.get("publicKeyJwk").unwrap().as_object().unwrap();
        if jwk.get("kid").and_then(Value::as_str) == Some(kid) {
            let mut members: Map<String, Value> = jwk.clone();
            members.remove("kid");
            return VerifyingKey::from_jwk(&PublicJwk::from_members(members).unwrap()).ok();
        }
    }
    None
}

/// What a fixture says about its key, and when it was made.
fn claimed(wire: &[u8]) -> (String, Timestamp) {
    let never: Timestamp = "2024-12-15T12:00:00Z".parse().unwrap();
    if wire.first() == Some(&0xd2) {
        let message = sinpyo_cose::Sign1::parse(wire).unwrap();
        return (String::from_utf8(message.hint().kid.clone().unwrap()).unwrap(), never);
    }
    let mut parts = str::from_utf8(wire).unwrap().split('.');
    let mut part = || {
        let part = parts.next().unwrap();
        json::parse_object(&sinpyo_core::encoding::from_base64url(part).unwrap()).unwrap()
    };
    let (header, payload) = (part(), part());
    let at = payload.get("iat").and_then(Value::as_i64).and_then(Timestamp::from_unix);
    (header["kid"].as_str().unwrap().to_owned(), at.unwrap_or(never))
}

/// The bytes of a fixture: COSE messages are in base64, with or without its padding.
fn fixture(path: &Path) -> Option<Vec<u8>> {
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    let text = fs::read_to_string(path).unwrap();
    let text = text.trim();
    if path.file_stem().unwrap().to_str().unwrap().contains("-cose-") {
        let bytes = STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()?;
        return (bytes.first() == Some(&0xd2)).then_some(bytes);
    }
    Some(text.as_bytes().to_vec())
}

#[test]
fn vc_jose_cose_fixtures() {
    let Some(root) = vectors("vc-jose-cose-testsuite-input") else { return };
    let profile = Profile::conformance();
    let mut seen = 0;
    for file in fs::read_dir(&root).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        seen += 1;
        let Some(wire) = fixture(&path) else {
            assert_eq!(name, "credential-cose-minimal-not-base64");
            continue;
        };
        let (kid, at) = claimed(&wire);
        let keys = KeyRing::only(suite_key(&root, &kid).unwrap_or_else(|| panic!("{name}: no key {kid}")));
        let outcome = if name.starts_with("credential") {
            let arrived = Unverified::<Credential>::parse_as(&wire, &profile).map_err(|error| error.code());
            arrived.and_then(|it| it.verify_document(&keys, at).map_err(|error| error.code()))
        } else {
            let binding = HolderBinding::Partial { audience: None, nonce: None };
            let arrived = Unverified::<Presentation>::parse_as(&wire, &profile).map_err(|error| error.code());
            arrived.and_then(|it| it.verify_document(&keys, &binding, at).map_err(|error| error.code()))
        };
        let bad = name.contains("bad") || name.contains("vc-vp-claims");
        assert_eq!(outcome.is_err(), bad, "{name}: {outcome:?}");
    }
    assert_eq!(seen, 23);
}
