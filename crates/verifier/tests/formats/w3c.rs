//! W3C presentations in both containers.

use crate::fixture::*;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, CredentialBuilder, Holder, Ready, Validity},
    did::Did,
    status::{StatusEntry, StatusPurpose},
};
use sinpyo_jose::{JwtHeader, KeyHint, Typ};
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Signatory,
    data_integrity::{self, Cryptosuite},
    vc_di, vc_jwt, vp,
};
use sinpyo_verifier::WithoutStatus;
use std::time::Duration;

const EXAMPLES: &str = "https://www.w3.org/ns/credentials/examples/v2";
const DEGREE: &str = "https://www.w3.org/ns/credentials/examples#ExampleDegreeCredential";
const SHORT: &str = "ExampleDegreeCredential";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Token,
    Object,
}

const BOTH: [Form; 2] = [Form::Token, Form::Object];

fn held_by(holder: &Party) -> CredentialBuilder<Ready> {
    credential(Holder::Did(holder.did()))
}

fn credential(holder: Holder) -> CredentialBuilder<Ready> {
    Credential::builder(SHORT.parse().unwrap(), "did:x:issuer")
        .holder(holder)
        .valid(Validity { from: Some(start()), until: Some(start().plus(Duration::from_hours(1000))) })
        .issued_at(start())
        .status(bitstring(StatusPurpose::Revocation))
        .claim("givenName", "한별")
}

fn bitstring(purpose: StatusPurpose) -> StatusEntry {
    StatusEntry::Bitstring { list: LIST.into(), index: 7, purpose, messages: None }
}

/// What a presentation is made of; a test changes one thing.
struct Made {
    form: Form,
    credentials: Vec<Credential>,
    holder: Did,
    signer: Party,
    audience: String,
    nonce: String,
}

impl Made {
    fn good(form: Form) -> Self {
        Self {
            form,
            credentials: vec![held_by(&Party::holder()).build()],
            holder: Party::holder().did(),
            signer: Party::holder(),
            audience: CLIENT.into(),
            nonce: NONCE.into(),
        }
    }

    fn answer(&self) -> Value {
        let credentials: Vec<_> = self.credentials.iter().map(|one| issued(one, self.form)).collect();
        let presentation = vp::presentation(&self.holder, &credentials);
        json!({"degree": [self.secure(presentation)]})
    }

    fn secure(&self, presentation: Map<String, Value>) -> Value {
        let signatory: Signatory<'_> = self.signer.signatory();
        match self.form {
            Form::Token => {
                let prepared = vp::prepare(presentation, &self.audience, &self.nonce, now(), signatory);
                json!(prepared.sign(&self.signer.0).unwrap())
            }
            Form::Object => {
                let options = vp::proof_options(&self.audience, &self.nonce, now());
                let signed = data_integrity::sign(presentation, &options, &self.signer.0, self.signer.key());
                Value::Object(signed.unwrap())
            }
        }
    }
}

fn issued(credential: &Credential, form: Form) -> String {
    let issuer = Party::issuer();
    match form {
        Form::Token => vc_jwt::issue(credential, &[EXAMPLES], issuer.pair()).unwrap(),
        Form::Object => {
            let how = (Cryptosuite::EcdsaRdfc2019, &*Contexts::bundled());
            let prepared = vc_di::prepare_as(credential, &[EXAMPLES], how, issuer.signatory()).unwrap();
            let signature = sinpyo_core::key::Signer::sign(&issuer.0, prepared.signing_input()).unwrap();
            Value::Object(prepared.attach(&signature).unwrap()).to_string()
        }
    }
}

fn scene(form: Form) -> Scene {
    let format = if form == Form::Token { "jwt_vc_json" } else { "ldp_vc" };
    Scene {
        accredited: vec![SHORT],
        ..Scene::asking(json!({"credentials": [{
            "id": "degree", "format": format, "meta": {"type_values": [[DEGREE]]},
            "claims": [{"path": ["credentialSubject", "givenName"]}],
        }]}))
    }
}

fn code(made: &Made) -> &'static str {
    scene(made.form).code(&made.answer())
}

#[test]
fn a_w3c_presentation_is_accepted_in_both_containers() {
    for form in BOTH {
        let verdict = scene(form).verdict(&Made::good(form).answer()).unwrap();
        assert_eq!(verdict.code(), None, "{verdict:?}");
        let accepted = verdict.into_result().unwrap();
        assert_eq!(accepted.credential("degree").unwrap().claims().get("givenName"), Some(&json!("한별")));
    }
}

/// [VP-VAL-03] and [VP-VAL-01]
#[test]
fn a_w3c_presentation_for_another_occasion_is_refused() {
    for (form, nonce, audience) in [(Form::Token, "VCJ-17", "VCJ-16"), (Form::Object, "DI-07", "DI-06")] {
        let made = Made { nonce: "another".into(), ..Made::good(form) };
        assert_eq!(code(&made), nonce);
        let verdict = scene(form).verdict(&made.answer()).unwrap();
        assert!(verdict.dropped.is_empty(), "the whole answer is refused");
        for other in ["verifier.example", "x509_san_dns:other.example", RESPONSE_URI] {
            assert_eq!(code(&Made { audience: other.into(), ..Made::good(form) }), audience, "{other}");
        }
    }
}

/// OVP-13 and OVP-14 of the catalogue of attacks.
#[test]
fn a_w3c_credential_is_shown_by_its_holder() {
    let mallory = || Party::new("mallory", 5);
    for form in BOTH {
        let signed_by_another = Made { signer: mallory(), ..Made::good(form) };
        assert_eq!(code(&signed_by_another), "VCJ-12", "{form:?}");
        let stolen = Made { signer: mallory(), holder: mallory().did(), ..Made::good(form) };
        assert_eq!(code(&stolen), "VCJ-13", "{form:?}");
        let forged = Made { signer: Party::new("holder", 5), ..Made::good(form) };
        assert_eq!(code(&forged), if form == Form::Token { "JWS-11" } else { "DI-10" });
        // A credential for nobody in particular is not bound to whoever shows it.
        let bearer = Made { credentials: vec![credential(Holder::Bearer).build()], ..Made::good(form) };
        assert_eq!(code(&bearer), "VP-24");
        let mut lenient = scene(form);
        lenient.query["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
        assert_eq!(lenient.code(&bearer.answer()), "ok");
    }
}

#[test]
fn a_w3c_credential_without_presentation_needs_leave() {
    for form in BOTH {
        let bare = issued(&held_by(&Party::holder()).build(), form);
        let bare = if form == Form::Token { json!(bare) } else { serde_json::from_str(&bare).unwrap() };
        let answer = json!({"degree": [bare]});
        let mut lenient = scene(form);
        assert!(!["ok", "VP-24"].contains(&lenient.code(&answer)), "taken for a presentation");
        lenient.query["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
        assert_eq!(lenient.code(&answer), "ok");
        lenient.accredited.clear();
        assert_eq!(lenient.code(&answer), "VP-06");
    }
}

#[test]
fn a_w3c_presentation_holds_one_credential() {
    for form in BOTH {
        let one = || held_by(&Party::holder()).build();
        assert_eq!(code(&Made { credentials: vec![one(), one()], ..Made::good(form) }), "VP-21");
        assert_eq!(code(&Made { credentials: vec![], ..Made::good(form) }), "VP-21");
    }
}

#[test]
fn a_w3c_credential_is_of_the_types_that_were_asked_for() {
    for form in BOTH {
        let asking = |types: Value| {
            let mut scene = scene(form);
            scene.query["credentials"][0]["meta"]["type_values"] = types;
            scene.code(&Made::good(form).answer())
        };
        assert_eq!(asking(json!([[DEGREE]])), "ok");
        assert_eq!(
            asking(json!([[DEGREE, "https://www.w3.org/2018/credentials#VerifiableCredential"]])),
            "ok"
        );
        assert_eq!(asking(json!([["https://other.example#Degree"], [DEGREE]])), "ok");
        // The short name is no expanded one.
        assert_eq!(asking(json!([[SHORT]])), "VP-05");
        assert_eq!(asking(json!([[DEGREE, "https://other.example#Degree"]])), "VP-05");
    }
}

/// An issuer that is accredited for one type does not make another one along with it.
#[test]
fn an_issuer_is_accredited_for_every_type() {
    for form in BOTH {
        let two = held_by(&Party::holder()).also("ExamplePersonCredential".parse().unwrap()).build();
        let made = Made { credentials: vec![two], ..Made::good(form) };
        assert_eq!(code(&made), "VP-06");
        let both = Scene { accredited: vec![SHORT, "ExamplePersonCredential"], ..scene(form) };
        assert_eq!(both.code(&made.answer()), "ok");
    }
}

#[test]
fn containers_are_not_mixed() {
    let (token, object) = (Made::good(Form::Token), Made::good(Form::Object));
    assert_eq!(scene(Form::Token).code(&object.answer()), "VP-19");
    assert_eq!(scene(Form::Object).code(&token.answer()), "VP-19");
    let holder = Party::holder().did();
    let inner = |form| issued(&held_by(&Party::holder()).build(), form);
    let mixed = token.secure(vp::presentation(&holder, &[inner(Form::Object)]));
    assert_eq!(scene(Form::Token).code(&json!({"degree": [mixed]})), "VP-19");
    let mixed = object.secure(vp::presentation(&holder, &[inner(Form::Token)]));
    assert_eq!(scene(Form::Object).code(&json!({"degree": [mixed]})), "VP-19");
    let mut lenient = scene(Form::Object);
    lenient.query["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
    let enveloped = json!({
        "@context": "https://www.w3.org/ns/credentials/v2", "type": "EnvelopedVerifiableCredential",
        "id": format!("data:application/vc+jwt,{}", inner(Form::Token)),
    });
    assert_eq!(lenient.code(&json!({"degree": [enveloped]})), "VP-19");
    let sd_jwt = json!({"degree": [shown_name()]});
    assert_eq!(scene(Form::Token).code(&sd_jwt), "VP-19");
}

#[test]
fn a_w3c_credential_that_was_withdrawn_is_refused() {
    for form in BOTH {
        let with = |purpose| {
            let credential = Credential::builder(SHORT.parse().unwrap(), "did:x:issuer")
                .holder(Holder::Did(Party::holder().did()))
                .valid(Validity { from: Some(start()), until: None })
                .issued_at(start())
                .status(bitstring(purpose))
                .claim("givenName", "한별")
                .build();
            let made = Made { credentials: vec![credential], ..Made::good(form) };
            let set = Scene { status: 1, ..scene(form) };
            let only = Scene { without_status: WithoutStatus::AcceptUntilExpiry, status: 1, ..scene(form) };
            (set.code(&made.answer()), only.code(&made.answer()))
        };
        assert_eq!(with(StatusPurpose::Revocation), ("VP-07", "VP-07"));
        assert_eq!(with(StatusPurpose::Suspension), ("VP-08", "VP-08"));
        assert_eq!(with(StatusPurpose::Message), ("VP-09", "VP-09"));
        // That a newer one can be had withdraws nothing, and says nothing about validity.
        assert_eq!(with(StatusPurpose::Refresh), ("VP-10", "ok"));
    }
}

#[test]
fn types_under_contexts_that_nobody_knows_mean_nothing() {
    let issuer = Party::issuer();
    let credential = held_by(&Party::holder()).build();
    let wire = vc_jwt::issue(&credential, &["https://unknown.example/v1"], issuer.pair()).unwrap();
    let made = Made::good(Form::Token);
    let answer = made.secure(vp::presentation(&made.holder, &[wire]));
    assert_eq!(scene(Form::Token).code(&json!({"degree": [answer]})), "VP-22");
}

/// An issuer that is accredited for one type would call it by the name of another.
#[test]
fn an_issuer_does_not_define_what_its_types_mean() {
    let issuer = Party::issuer();
    let plain = vc_jwt::issue(&held_by(&Party::holder()).build(), &[EXAMPLES], issuer.pair()).unwrap();
    let payload = sinpyo_core::encoding::from_base64url(plain.split('.').nth(1).unwrap()).unwrap();
    let mut claims: Map<String, Value> = serde_json::from_slice(&payload).unwrap();
    let made = Made::good(Form::Token);
    let mut answered = |contexts: Value| {
        claims.insert("@context".into(), contexts);
        let header = JwtHeader::new(Typ::VC_JWT, KeyHint::Kid("did:x:issuer#k"));
        let wire = sinpyo_jose::sign(header, &claims, issuer.pair()).unwrap();
        let presented = made.secure(vp::presentation(&made.holder, &[wire]));
        scene(Form::Token).code(&json!({"degree": [presented]}))
    };
    let base = "https://www.w3.org/ns/credentials/v2";
    assert_eq!(answered(json!([base, EXAMPLES])), "ok");
    assert_eq!(answered(json!([base, {SHORT: DEGREE}])), "VP-22");
    assert_eq!(answered(json!([base])), "VP-05", "not defined: the short name is all there is");
}
