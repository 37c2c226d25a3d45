//! The check of an answer, through the public boundary: one good world, and everything that can be wrong with it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test")]

use serde_json::{Value, json};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    claims::ClaimPath,
    credential::{Credential, CredentialType, Holder, Validity},
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as Relationship,
    },
    key::Signer,
    request::{ClaimQuery, CredentialQuery},
    resolved::{Resolved, VersionSelector},
    status::{BitOrder, StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::{
    KeyRing, Signatory, Unverified,
    jws::Typ,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm, Holding},
    sd_jwt_vc,
    status_token::{self, Publication},
};
use sinpyo_testkit::{TestEntropy, key};
use sinpyo_verifier::{Accepted, Answer, Fact, Known, Need, Policy, VerifyError, WithoutStatus};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

const ISSUER: u8 = 1;
const HOLDER: u8 = 2;
const LIST: &str = "https://issuer.example/status/1";
const KIND: &str = "urn:sinpyo:credential:ResidentCredential";

/// Everything that a test may spoil.
struct World {
    issuer: Did,
    accredited: bool,
    scope: Vec<&'static str>,
    claims: Value,
    asked: Vec<ClaimQuery>,
    shown: Vec<&'static str>,
    status: Option<u8>,
    list: &'static str,
    list_signer: u8,
    available: bool,
    fact_age: Duration,
    kind: &'static str,
    without_status: WithoutStatus,
    answered_after: Duration,
    newest: fn(Resolved) -> Resolved,
}

impl World {
    fn good() -> Self {
        Self {
            issuer: "did:x:issuer".parse().unwrap(),
            accredited: true,
            scope: vec!["age_over_18", "given_name", "region_sigungu"],
            claims: json!({"age_over_18": true, "given_name": "한별", "region_sigungu": "98130", "family_name": "김"}),
            asked: vec![asks("age_over_18", &[json!(true)]), asks("region_sigungu", &[])],
            shown: vec!["age_over_18", "region_sigungu"],
            status: Some(0),
            list: LIST,
            list_signer: ISSUER,
            available: true,
            fact_age: Duration::ZERO,
            kind: KIND,
            without_status: WithoutStatus::Refuse,
            answered_after: Duration::from_secs(5),
            newest: |resolved| resolved,
        }
    }

    fn policy(&self) -> Policy {
        let query =
            CredentialQuery { id: "resident".into(), types: vec![kind(KIND)], claims: self.asked.clone() };
        let policy =
            Policy::new("did:x:registrar".parse().unwrap(), "vote.register".parse().unwrap(), vec![query]);
        Policy { without_status: self.without_status, ..policy }
    }

    fn credential(&self) -> String {
        let holder = Holder::Key(key(Algorithm::Es256, HOLDER).verifying_key().to_jwk());
        let mut credential = Credential::builder(kind(self.kind), self.issuer.as_str())
            .holder(holder)
            .valid(Validity {
                from: Some(start()),
                until: Some(start().plus(Duration::from_hours(24 * 365))),
            })
            .issued_at(start())
            .claims(self.claims.as_object().unwrap().clone());
        if self.status.is_some() {
            credential = credential.status(StatusEntry::Token { list: LIST.into(), index: 7 });
        }
        let selective: Vec<_> =
            self.claims.as_object().unwrap().keys().map(|name| ClaimPath::name(name)).collect();
        let concealment =
            Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
        let signer = signer(&self.issuer, ISSUER);
        let key = signer.key().verifying_key().clone();
        sd_jwt_vc::issue(&credential.build(), &concealment, (&signer, &key), &mut TestEntropy::new(9))
            .unwrap()
    }

    fn answer(&self, policy: &Policy, challenge: &sinpyo_verifier::Challenge, at: Timestamp) -> Value {
        let holding = Holding::parse(&self.credential(), &[Typ::SD_JWT_VC]).unwrap();
        let paths: Vec<_> = self.shown.iter().map(|name| ClaimPath::name(name)).collect();
        let signer = signer(&"did:x:holder".parse().unwrap(), HOLDER);
        let public = signer.key().verifying_key().clone();
        let request = challenge.request();
        let bound =
            holding.select(&paths).unwrap().bind(&request.audience(), &request.nonce, at, (&signer, &public));
        json!({"vp_token": {policy.queries.first().unwrap().id.clone(): [bound.unwrap()]}})
    }

    fn fact(&self, need: &Need, now: Timestamp) -> Known {
        let fact = match need {
            _ if !self.available => Fact::Unavailable,
            Need::Document { did, version } => {
                let mut resolved = document(did, ISSUER);
                if *version == VersionSelector::Latest {
                    resolved = (self.newest)(resolved);
                }
                Fact::Document(Arc::new(KeyRing::of(&resolved)))
            }
            Need::Accreditation { subject, right, .. } => {
                Fact::Accreditation(self.accreditation(subject, right))
            }
            Need::StatusList { entry, issuer } => {
                Fact::StatusList(Arc::new(self.status_list(entry, issuer, now)))
            }
            other => panic!("unforeseen need {other:?}"),
        };
        Known { fact, as_of: now.minus(self.fact_age) }
    }

    fn accreditation(&self, subject: &Did, right: &Right) -> Option<Arc<Accreditation>> {
        let grant = match right {
            Right::Issue(kind) if self.accredited => Grant::Issue { types: vec![kind.clone()] },
            Right::Issue(_) => return None,
            Right::Request(service) => Grant::Request {
                service: service.clone(),
                scope: BTreeMap::from([(
                    kind(KIND),
                    self.scope.iter().map(|name| ClaimPath::name(name)).collect(),
                )]),
            },
        };
        let name = LocalizedName { ko: "기관".into(), en: "Organisation".into() };
        let validity = Validity::default();
        Some(Arc::new(Accreditation {
            subject: subject.clone(),
            name,
            granted_by: did("root"),
            grant,
            validity,
        }))
    }

    fn status_list(
        &self,
        entry: &StatusEntry,
        issuer: &Did,
        now: Timestamp,
    ) -> sinpyo_proof::VerifiedStatusList {
        let mut list = StatusList::new(4, BitOrder::LeastFirst, 100).unwrap();
        list.set(7, self.status.unwrap()).unwrap();
        let publisher = if self.list_signer == ISSUER { issuer.clone() } else { did("stranger") };
        let signer = signer(&publisher, self.list_signer);
        let publication = Publication { uri: self.list.into(), issued_at: now, expires: None, ttl: None };
        let public = signer.key().verifying_key().clone();
        let signatory = Signatory { key_id: signer.key_id(), key: &public };
        let prepared = status_token::prepare(&list, &publication, signatory);
        let signature = signer.sign(prepared.signing_input()).unwrap();
        let token = prepared.attach(&signature).unwrap();
        let named = StatusEntry::Token { list: self.list.into(), index: entry.index() };
        let ring = KeyRing::of(&document(&publisher, self.list_signer));
        Unverified::<StatusList>::parse(token.as_bytes()).unwrap().verify(&named, &ring, now).unwrap()
    }

    fn run(&self) -> Result<Accepted, VerifyError> {
        let (policy, now) = (self.policy(), start().plus(self.answered_after));
        let challenge = policy.challenge(start(), &mut TestEntropy::new(3));
        let answer = self.answer(&policy, &challenge, now);
        let mut check = challenge.check(Answer::parse(answer.to_string().as_bytes())?, now)?;
        while let Some(need) = check.need() {
            check.supply(&self.fact(&need, now))?;
        }
        check.finish()
    }

    fn refused(&self) -> &'static str {
        self.run().expect_err("refused").code()
    }
}

fn start() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn did(name: &str) -> Did {
    format!("did:x:{name}").parse().unwrap()
}

fn kind(name: &str) -> CredentialType {
    name.parse().unwrap()
}

fn asks(name: &str, values: &[Value]) -> ClaimQuery {
    ClaimQuery { path: ClaimPath::name(name), values: values.to_vec() }
}

fn signer(did: &Did, seed: u8) -> KeySigner {
    KeySigner::new(did.key("k").unwrap(), key(Algorithm::Es256, seed))
}

fn document(did: &Did, seed: u8) -> Resolved {
    let method = VerificationMethod {
        id: did.key("k").unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Es256, seed).verifying_key().to_multikey()),
        revoked: None,
    };
    Resolved::immutable(DidDocument::new(did.clone()).with_key(method, &[Relationship::AssertionMethod]))
}

/// The document with the key number `seed` under the name `name`, perhaps revoked.
fn with_key(resolved: &Resolved, name: &str, seed: u8, revoked: Option<Timestamp>) -> Resolved {
    let did = resolved.did();
    let method = VerificationMethod {
        id: did.key(name).unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Es256, seed).verifying_key().to_multikey()),
        revoked,
    };
    Resolved::immutable(DidDocument::new(did.clone()).with_key(method, &[]))
}

#[test]
fn a_key_that_was_revoked_since_signs_nothing() {
    let newest = |newest| World { newest, ..World::good() };
    assert_eq!(newest(|resolved| with_key(&resolved, "k", ISSUER, Some(start()))).refused(), "DID-04");
    assert_eq!(newest(|resolved| with_key(&resolved, "other", ISSUER, Some(start()))).refused(), "DID-04");
    assert_eq!(
        newest(|resolved| with_key(&resolved, "k", 9, None)).refused(),
        "DID-01",
        "the name of another key"
    );
    assert!(newest(|resolved| with_key(&resolved, "k", ISSUER, None)).run().is_ok());
    assert!(newest(|resolved| with_key(&resolved, "k2", 9, None)).run().is_ok(), "retired, not revoked");
}

#[test]
fn an_issuer_that_is_out_of_use_states_nothing() {
    let newest = |mut resolved: Resolved| {
        resolved.metadata.deactivated = true;
        resolved
    };
    assert_eq!(World { newest, ..World::good() }.refused(), "DID-05");
}

#[test]
fn another_container_than_the_one_asked_for_is_refused() {
    let encode = |part: &[u8]| sinpyo_core::encoding::to_base64url(part);
    let header = encode(br#"{"alg":"ES256","typ":"vp+jwt","kid":"did:x:issuer#k"}"#);
    let token = format!("{header}.{}.{}", encode(b"{}"), encode(&[0; 64]));
    for presentation in [token, r#"{"type":"VerifiablePresentation"}"#.to_owned(), "no token".to_owned()] {
        let answer = json!({"vp_token": {"resident": [presentation]}}).to_string();
        let challenge = World::good().policy().challenge(start(), &mut TestEntropy::new(3));
        let check = challenge.check(Answer::parse(answer.as_bytes()).unwrap(), start()).unwrap();
        assert_eq!(check.finish().unwrap_err().code(), "VP-19");
    }
}

#[test]
fn what_meets_the_policy_is_accepted() {
    let accepted = World::good().run().unwrap();
    let credential = accepted.credential("resident").unwrap();
    assert_eq!(credential.claim(&ClaimPath::name("age_over_18")), Some(&json!(true)));
    assert_eq!(credential.claim(&ClaimPath::name("family_name")), None);
    assert_eq!(accepted.credentials().count(), 1);
}

#[test]
fn an_answer_of_another_shape_is_refused() {
    for wire in [
        "",
        "{}",
        "[]",
        r#"{"vp_token":"x"}"#,
        r#"{"vp_token":{"resident":"x"}}"#,
        r#"{"vp_token":{"resident":[]}}"#,
        r#"{"vp_token":{"resident":["a",1]}}"#,
        r#"{"vp_token":{},"vp_token":{}}"#,
    ] {
        assert_eq!(Answer::parse(wire.as_bytes()).unwrap_err().code(), "VP-01", "{wire}");
    }
}

#[test]
fn an_answer_to_other_queries_is_refused() {
    let world = World::good();
    let policy = world.policy();
    for name in ["other", "resident2"] {
        let challenge = policy.challenge(start(), &mut TestEntropy::new(3));
        let mut answer = world.answer(&policy, &challenge, start());
        let token = answer.pointer_mut("/vp_token").unwrap().as_object_mut().unwrap();
        let presentation = token.remove("resident").unwrap();
        token.insert(name.to_owned(), presentation);
        let answer = Answer::parse(answer.to_string().as_bytes()).unwrap();
        assert_eq!(challenge.check(answer, start()).unwrap_err().code(), "VP-02");
    }
}

#[test]
fn an_expired_request_is_not_answered() {
    let late = World { answered_after: Duration::from_secs(301), ..World::good() };
    assert_eq!(late.refused(), "VP-03");
    let in_time = World { answered_after: Duration::from_mins(5), ..World::good() };
    assert!(in_time.run().is_ok());
}

#[test]
fn an_issuer_without_a_did_is_refused() {
    let world = World::good();
    let refused = |header: Value, payload: Value| {
        let challenge = world.policy().challenge(start(), &mut TestEntropy::new(3));
        let encode = |part: &Value| sinpyo_core::encoding::to_base64url(part.to_string().as_bytes());
        let signature = sinpyo_core::encoding::to_base64url(&[0; 64]);
        let token = format!("{}.{}.{signature}~", encode(&header), encode(&payload));
        let answer = json!({"vp_token": {"resident": [token]}}).to_string();
        let check = challenge.check(Answer::parse(answer.as_bytes()).unwrap(), start()).unwrap();
        // Nothing about it is verified, or fetched for it, before that shows.
        assert_eq!(check.need(), None);
        check.finish().unwrap_err().code()
    };
    let header = |kid: &str| json!({"typ": "dc+sd-jwt", "alg": "ES256", "kid": kid});
    assert_eq!(refused(header("did:x:a#k"), json!({"iss": "https://issuer.example", "iat": 1})), "VP-20");
    assert_eq!(refused(header("did:x:a#k"), json!({"iss": "did:x:b", "iat": 1})), "VP-04");
    assert_eq!(refused(header("k"), json!({"iss": "did:x:b", "iat": 1})), "VP-04");
    assert_eq!(refused(header("did:x:a#k"), json!({"iat": 1})), "VP-20");
}

#[test]
fn another_type_is_refused() {
    assert_eq!(World { kind: "urn:sinpyo:credential:Other", ..World::good() }.refused(), "VP-05");
}

#[test]
fn an_issuer_without_accreditation_is_refused() {
    assert_eq!(World { accredited: false, ..World::good() }.refused(), "VP-06");
}

#[test]
fn a_withdrawn_credential_is_refused() {
    for (value, code) in [(1, "VP-07"), (2, "VP-08"), (3, "VP-09"), (12, "VP-09")] {
        assert_eq!(World { status: Some(value), ..World::good() }.refused(), code);
    }
}

#[test]
fn a_credential_without_status_is_refused() {
    let without = World { status: None, ..World::good() };
    assert_eq!(without.refused(), "VP-10");
    assert!(World { without_status: WithoutStatus::AcceptUntilExpiry, ..without }.run().is_ok());
}

#[test]
fn another_status_list_is_refused() {
    assert_eq!(World { list: "https://issuer.example/status/2", ..World::good() }.refused(), "VP-11");
    assert_eq!(World { list_signer: 8, ..World::good() }.refused(), "VP-11");
}

#[test]
fn an_unavailable_fact_refuses() {
    assert_eq!(World { available: false, ..World::good() }.refused(), "VP-12");
}

#[test]
fn a_stale_fact_refuses() {
    assert_eq!(World { fact_age: Duration::from_hours(25), ..World::good() }.refused(), "VP-13");
    assert!(World { fact_age: Duration::from_hours(23), ..World::good() }.run().is_ok());
}

#[test]
fn a_claim_that_is_not_shown_refuses() {
    assert_eq!(World { shown: vec!["age_over_18"], ..World::good() }.refused(), "VP-14");
}

#[test]
fn hangul_is_compared_after_normalisation() {
    let asking = |name: &str| World {
        asked: vec![asks("given_name", &[json!(name)])],
        shown: vec!["given_name"],
        ..World::good()
    };
    let decomposed = "\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}";
    assert!(asking("한별").run().is_ok() && asking(decomposed).run().is_ok());
    // Halfwidth jamo, compatibility jamo and a near name look alike and are others.
    for look_alike in ["\u{ffbe}\u{ffc2}\u{ffa4}\u{ffb2}\u{ffca}\u{ffa9}", "ㅎㅏㄴㅂㅕㄹ", "한볕"] {
        assert_eq!(asking(look_alike).refused(), "VP-15", "{look_alike}");
    }
}

#[test]
fn a_false_age_asks_for_a_fresh_credential() {
    let claims = json!({"age_over_18": false, "region_sigungu": "98130"});
    assert_eq!(World { claims, ..World::good() }.refused(), "VP-16");
}

#[test]
fn a_verifier_may_not_use_what_it_may_not_ask() {
    assert_eq!(World { scope: vec!["age_over_18"], ..World::good() }.refused(), "WAL-01");
}

#[test]
fn a_check_does_not_end_early() {
    let world = World::good();
    let policy = world.policy();
    let check = || {
        let challenge = policy.challenge(start(), &mut TestEntropy::new(3));
        let answer = world.answer(&policy, &challenge, start()).to_string();
        challenge.check(Answer::parse(answer.as_bytes()).unwrap(), start()).unwrap()
    };
    assert_eq!(check().finish().unwrap_err().code(), "VP-17");
    let mut refused = check();
    refused.supply(&world.fact(&refused.need().unwrap(), start())).unwrap();
    let wrong = Known { fact: Fact::Accreditation(None), as_of: start() };
    assert_eq!(refused.supply(&wrong).unwrap_err().code(), "VP-17");
    assert_eq!(refused.finish().unwrap_err().code(), "VP-17", "a refused answer cannot be finished");
}
