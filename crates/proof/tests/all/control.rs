//! What controls acceptance: it is not hidden, not passed over, and not somebody else's.

use crate::fixture::*;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, Holder, Presentation},
    encoding::to_base64url,
    key::Signer,
    vcdm,
};
use sinpyo_crypto::{Algorithm, hash::sha256};
use sinpyo_proof::{
    HolderBinding, Unverified, Verified,
    data_integrity::Cryptosuite,
    document::{self, Kind},
    vc_sd_jwt, vp,
};
use sinpyo_testkit::TestEntropy;

const KID: &str = "did:x:issuer#key-1";

/// What `change` makes of a credential of the holder.
fn payload(change: impl Fn(&mut Map<String, Value>)) -> Value {
    let mut members = vcdm::credential_to_json(&credential_for(Holder::Did(Party::holder().did)), &[]);
    change(&mut members);
    Value::Object(members)
}

/// The claims in every container of JOSE and COSE.
fn containers(payload: &Value) -> [Vec<u8>; 3] {
    let issuer = Party::issuer();
    let header = |typ: &str| json!({"alg": "ES256", "typ": typ, "kid": KID});
    let members = object(payload.clone());
    let cose = document::prepare_cose(Kind::Credential, &members, KID, issuer.key());
    [
        token(&issuer, &header("vc+jwt"), payload).into_bytes(),
        format!("{}~", token(&issuer, &header("vc+sd-jwt"), payload)).into_bytes(),
        cose.sign(&issuer.signer).unwrap().to_bytes(),
    ]
}

fn read(wire: &[u8]) -> Result<Credential, &'static str> {
    let arrived = Unverified::<Credential>::parse(wire).map_err(|error| error.code())?;
    let verified = arrived.verify(&Party::issuer().ring(), now());
    verified.map(Verified::into_inner).map_err(|error| error.code())
}

/// What becomes of a presentation by `presenter`.
fn presented(presenter: &Party, wire: &[u8]) -> Result<Holder, &'static str> {
    let prepared =
        vp::prepare(vp::presentation(&presenter.did, &[wire]), AUDIENCE, NONCE, now(), presenter.signatory());
    let signature = presenter.signer.sign(prepared.signing_input()).unwrap();
    let wire = prepared.attach(&signature).unwrap();
    let keys = ring(&[&Party::issuer(), presenter]);
    let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
    match arrived.verify(&keys, HolderBinding::Required(occasion()), now()) {
        Ok(presentation) => Ok(presentation.get().credentials[0].holder().clone()),
        Err(error) => Err(error.code()),
    }
}

fn thief() -> Party {
    Party::new("did:x:thief", Algorithm::Es256, 9)
}

#[test]
fn a_confirmed_key_is_never_nobodys() {
    let key = Party::holder().key().to_jwk();
    let confirmed = |members: &mut Map<String, Value>| {
        members.insert("cnf".into(), json!({"jwk": key.members()}));
    };
    for wire in containers(&payload(|_| ())) {
        assert_eq!(presented(&Party::holder(), &wire), Ok(Holder::Did(Party::holder().did)));
        assert_eq!(presented(&thief(), &wire), Err("VCJ-13"));
    }
    let bearer = payload(|members| {
        confirmed(members);
        members["credentialSubject"].as_object_mut().unwrap().remove("id");
    });
    for wire in containers(&bearer).iter().chain(&containers(&payload(confirmed))) {
        assert_eq!(read(wire).unwrap().holder(), &Holder::Key(key.clone()));
        for presenter in [thief(), Party::holder()] {
            assert_eq!(presented(&presenter, wire), Err("VCJ-13"));
        }
    }
    // The subject is not lost beside the key.
    let both = read(&containers(&payload(confirmed))[0]).unwrap();
    assert_eq!(both.claims()["id"], json!("did:x:holder"));
    for cnf in [json!({"jwk": {}}), json!({"kid": "a"}), json!(null)] {
        for wire in containers(&payload(|members| drop(members.insert("cnf".into(), cnf.clone())))) {
            assert_eq!(read(&wire).unwrap_err(), "VCJ-07", "{cnf}");
        }
    }
}

#[test]
fn the_claims_of_a_message_are_those_of_a_token() {
    for (name, value, code) in [
        ("exp", json!(1), "JWS-14"),
        ("exp", json!("1"), "JWS-13"),
        ("nbf", json!(99_999_999_999_u64), "JWS-15"),
        ("iat", json!(99_999_999_999_u64), "JWS-15"),
        ("iss", json!("did:x:other"), "VCJ-09"),
        ("sub", json!("did:x:other"), "VCJ-09"),
    ] {
        for wire in containers(&payload(|members| drop(members.insert(name.into(), value.clone())))) {
            assert_eq!(read(&wire).unwrap_err(), code, "{name} {value}");
        }
    }
    for (name, value) in [("exp", json!(later(5).unix())), ("iss", json!("did:x:issuer"))] {
        for wire in containers(&payload(|members| drop(members.insert(name.into(), value.clone())))) {
            assert!(read(&wire).is_ok(), "{name}");
        }
    }
}

#[test]
fn who_the_subject_is_cannot_be_withheld() {
    let issuer = Party::issuer();
    let credential = credential_for(Holder::Did(Party::holder().did));
    let issue = |path: &str| {
        let hidden = [path.parse().unwrap()];
        let concealment = concealment(&hidden);
        vc_sd_jwt::issue(&credential, &[], &concealment, issuer.pair(), &mut TestEntropy::new(1))
            .map_err(|error| error.code())
    };
    for path in ["credentialSubject", "credentialSubject.id"] {
        assert_eq!(issue(path).unwrap_err(), "SDJ-10", "{path}");
        let members = vcdm::credential_to_json(&credential, &[]);
        let hidden = [path.parse().unwrap()];
        let (concealment, entropy) = (concealment(&hidden), &mut TestEntropy::new(1));
        let prepared =
            document::prepare_sd_jwt(Kind::Credential, members, &concealment, (KID, issuer.key()), entropy);
        assert_eq!(prepared.unwrap_err().code(), "SDJ-10", "{path}");
    }
    assert!(read(issue("credentialSubject.family_name").unwrap().as_bytes()).is_ok());
}

/// `payload` with a digest of `disclosure` where `place` says, disclosed and withheld.
fn hidden(disclosure: &Value, place: impl Fn(&mut Value, &str)) -> [Result<Credential, &'static str>; 2] {
    let text = to_base64url(disclosure.to_string().as_bytes());
    let mut payload = payload(|_| ());
    place(&mut payload, &to_base64url(&sha256(text.as_bytes())));
    let header = json!({"alg": "ES256", "typ": "vc+sd-jwt", "kid": KID});
    let token = token(&Party::issuer(), &header, &payload);
    [format!("{token}~{text}~"), format!("{token}~")].map(|wire| read(wire.as_bytes()))
}

#[test]
fn what_controls_acceptance_is_visible_to_its_last_part() {
    const SALT: &str = "c2FsdHNhbHRzYWx0c2FsdA";
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "7", "statusListCredential": "https://a.example/1"});
    let element = json!([SALT, entry]);
    let refused = |what: [Result<Credential, &'static str>; 2]| what.map(|read| read.map(drop).unwrap_err());
    assert_eq!(
        refused(hidden(&element, |payload, digest| payload["credentialStatus"] = json!([{"...": digest}]))),
        ["SDJ-10"; 2]
    );
    assert_eq!(
        refused(hidden(&json!([SALT, "statusListIndex", "7"]), |payload, digest| {
            payload["credentialStatus"] = json!({"type": "BitstringStatusListEntry", "_sd": [digest]});
        })),
        ["SDJ-10"; 2]
    );
    assert_eq!(
        refused(hidden(&json!([SALT, "Other"]), |payload, digest| {
            payload["type"] = json!(["VerifiableCredential", "Base", {"...": digest}]);
        })),
        ["SDJ-10"; 2]
    );
    // The subject's name, disclosed or not, and a subject as an element.
    let id = json!([SALT, "id", "did:x:holder"]);
    assert_eq!(
        refused(hidden(&id, |payload, digest| {
            payload["credentialSubject"] = json!({"a": 1, "_sd": [digest]});
        })),
        ["SDJ-10"; 2]
    );
    assert_eq!(
        refused(hidden(&json!([SALT, {"id": "did:x:holder"}]), |payload, digest| {
            payload["credentialSubject"] = json!([{"...": digest}]);
        })),
        ["SDJ-10"; 2]
    );
    // Beside a name, claims may be withheld.
    let shown = hidden(&json!([SALT, "nickname", "별"]), |payload, digest| {
        payload["credentialSubject"]["_sd"] = json!([digest]);
    });
    assert_eq!(shown.map(|read| read.unwrap().claims().contains_key("nickname")), [true, false]);
}

#[test]
fn a_presentation_holds_at_most_sixteen_documents_over_statements() {
    let issuer = Party::new("did:x:issuer", Algorithm::Ed25519, 3);
    let document = crate::statements::secured(
        crate::statements::credential(),
        &issuer,
        Cryptosuite::EddsaRdfc2022,
        &crate::statements::options(None, &[]),
    );
    let wire = Value::Object(document).to_string();
    let holder = Party::holder();
    let present = |count: usize| {
        let presentation = vp::presentation(&holder.did, &vec![wire.clone(); count]);
        let prepared = vp::prepare(presentation, AUDIENCE, NONCE, now(), holder.signatory());
        let signature = holder.signer.sign(prepared.signing_input()).unwrap();
        let wire = prepared.attach(&signature).unwrap();
        let arrived = Unverified::<Presentation>::parse(wire.as_bytes()).unwrap();
        let keys = ring(&[&issuer, &holder]);
        arrived
            .verify(&keys, HolderBinding::Required(occasion()), now())
            .map(|presentation| presentation.get().credentials.len())
            .map_err(|error| error.code())
    };
    assert_eq!(present(16), Ok(16));
    assert_eq!(present(17), Err("DI-19"));
}
