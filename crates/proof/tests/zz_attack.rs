#![allow(missing_docs, unused_imports, dead_code, clippy::all, clippy::pedantic, clippy::unwrap_used)]
#[path = "all/fixture.rs"]
mod fixture;
use fixture::*;
use serde_json::{Map, Value, json};
use sinpyo_core::{
    credential::{Credential, Holder, Presentation, Validity},
    document::VerificationRelationship::{AssertionMethod, Authentication},
    key::Signer,
    status::*,
    vcdm::{self, CONTEXT_V2},
};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{data_integrity::*, *};
use sinpyo_testkit::TestEntropy;
use std::{num::NonZeroUsize, time::Instant};

fn ed(did: &str, seed: u8) -> Party {
    Party::new(did, Algorithm::Ed25519, seed)
}

fn doc() -> Map<String, Value> {
    object(json!({
        "@context": [CONTEXT_V2, "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential", "ResidentCredential"],
        "issuer": "did:x:issuer",
        "validFrom": "2020-01-01T00:00:00Z",
        "validUntil": "2021-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:x:holder", "name": "a"},
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                "statusListIndex": "7", "statusListCredential": "https://a.example/1"}
    }))
}

fn sec(
    d: Map<String, Value>,
    p: &Party,
    suite: Cryptosuite,
    purpose: sinpyo_core::document::VerificationRelationship,
    earlier: Earlier,
) -> Map<String, Value> {
    let o = ProofOptions { created: Some(now()), ..ProofOptions::new(purpose) };
    let c = Contexts::bundled();
    let how = Securing { suite, options: &o, contexts: &c, earlier };
    let prep = secure(d, &how, p.signatory()).unwrap();
    let s = p.signer.sign(prep.signing_input()).unwrap();
    prep.attach(&s).unwrap()
}

fn verify(d: &Map<String, Value>, ring: &KeyRing, profile: &Profile) -> Result<Credential, String> {
    let text = Value::Object(d.clone()).to_string();
    Unverified::<Credential>::parse_as(text.as_bytes(), profile)
        .map_err(|e| e.to_string())?
        .verify(ring, now())
        .map(Verified::into_inner)
        .map_err(|e| format!("{} {e}", e.code()))
}

#[test]
fn a1_rename_members() {
    let issuer = ed("did:x:issuer", 1);
    let good = sec(doc(), &issuer, Cryptosuite::EddsaRdfc2022, AssertionMethod, Earlier::Replaced);
    println!("A1 honest: {:?}", verify(&good, &issuer.ring(), &Profile::default()).map(|_| ()));
    let mut bad = good.clone();
    let until = bad.remove("validUntil").unwrap();
    bad.insert(
        "https://www.w3.org/2018/credentials#validUntil".into(),
        json!({"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": until}),
    );
    println!(
        "A1 until hidden: {:?}",
        verify(&bad, &issuer.ring(), &Profile::default()).map(|c| (c.validity(), c.status().len()))
    );
    let st = bad.remove("credentialStatus").unwrap();
    bad.insert("https://www.w3.org/2018/credentials#credentialStatus".into(), st);
    println!(
        "A1 status hidden: {:?}",
        verify(&bad, &issuer.ring(), &Profile::default()).map(|c| (c.validity(), c.status().len()))
    );
    bad["credentialSubject"] = json!({"@id": "did:x:holder", "name": "a"});
    println!(
        "A1 holder hidden: {:?}",
        verify(&bad, &issuer.ring(), &Profile::default()).map(|c| (
            c.validity(),
            c.status().len(),
            c.holder().clone()
        ))
    );
    // thief presents
    let thief = ed("did:x:thief", 9);
    let vp = vp::presentation(&thief.did, &[Value::Object(bad.clone()).to_string()]);
    let tok = vp::prepare(vp, AUDIENCE, NONCE, now(), thief.signatory());
    let s = thief.signer.sign(tok.signing_input().as_ref()).unwrap();
    let tok = tok.attach(&s).unwrap();
    let r = Unverified::<Presentation>::parse(tok.as_bytes()).unwrap().verify(
        &ring(&[&issuer, &thief]),
        HolderBinding::Required(occasion()),
        now(),
    );
    println!(
        "A1 thief presents: {:?}",
        r.map(|p| p.into_inner().credentials.len()).map_err(|e| format!("{} {e}", e.code()))
    );
}

#[test]
fn a1b_sd() {
    use sinpyo_proof::data_integrity::disclosure::*;
    use sinpyo_selective::Pointer;
    let issuer = Party::issuer();
    let c = Contexts::bundled();
    let o = ProofOptions::new(AssertionMethod);
    let m: Vec<Pointer> =
        ["/issuer", "/validFrom", "/validUntil", "/credentialStatus", "/credentialSubject/id", "/type"]
            .iter()
            .map(|t| Pointer::parse(t).unwrap())
            .collect();
    let base = Base { options: &o, mandatory: &m, contexts: &c };
    let prep = prepare(doc(), &base, issuer.signatory(), &mut TestEntropy::new(5)).unwrap();
    let s = issuer.signer.key().sign(prep.signing_input()).unwrap();
    let b = prep.attach(&s).unwrap();
    let mut d =
        derive(b, &[Pointer::parse("/credentialSubject/name").unwrap()], b"", &c, &mut TestEntropy::new(5))
            .unwrap();
    let until = d.remove("validUntil").unwrap();
    d.insert(
        "https://www.w3.org/2018/credentials#validUntil".into(),
        json!({"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": until}),
    );
    let st = d.remove("credentialStatus").unwrap();
    d.insert("https://www.w3.org/2018/credentials#credentialStatus".into(), st);
    d["credentialSubject"] = json!({"@id": "did:x:holder", "name": "a"});
    println!(
        "A1b sd: {:?}",
        verify(&d, &issuer.ring(), &Profile::default()).map(|c| (
            c.validity(),
            c.status().len(),
            c.holder().clone()
        ))
    );
}

fn fresh() -> Map<String, Value> {
    let mut d = doc();
    d["validUntil"] = json!("2036-01-01T00:00:00Z");
    d
}

#[test]
fn a4_policy() {
    let issuer = ed("did:x:issuer", 1);
    let thief = Party::new("did:x:thief", Algorithm::MlDsa44, 9);
    let d = sec(fresh(), &issuer, Cryptosuite::EddsaJcs2022, AssertionMethod, Earlier::Replaced);
    let d2 = sec(d.clone(), &thief, Cryptosuite::MlDsa44Jcs2024, AssertionMethod, Earlier::Kept);
    let r = ring(&[&issuer, &thief]);
    let p = Profile {
        proofs: ProofPolicy {
            suites: vec![Cryptosuite::MlDsa44Jcs2024],
            at_least: NonZeroUsize::new(2).unwrap(),
            ..ProofPolicy::default()
        },
        ..Profile::default()
    };
    println!("A4 alone: {:?}", verify(&d, &r, &p).map(|_| ()));
    println!("A4 with stranger's PQ proof: {:?}", verify(&d2, &r, &p).map(|c| c.issuer().to_owned()));
}

#[test]
fn a6_contexts() {
    let issuer = ed("did:x:issuer", 1);
    let thief = ed("did:x:thief", 9);
    let r = ring(&[&issuer, &thief]);
    let d = sec(fresh(), &issuer, Cryptosuite::EddsaJcs2022, AssertionMethod, Earlier::Replaced);
    // strip
    let mut body = d.clone();
    let issuer_proof = body.remove("proof").unwrap();
    let mut short = body.clone();
    short["@context"] = json!([CONTEXT_V2]);
    let t = sec(short, &thief, Cryptosuite::EddsaJcs2022, AssertionMethod, Earlier::Replaced);
    let mut set = body.clone();
    set.insert("proof".into(), json!([issuer_proof, t["proof"]]));
    let e = Expected { purpose: AssertionMethod, challenge: None, now: now() };
    println!(
        "A6 strip: {:?}",
        verify_set(set, &r, &e, &Profile::default())
            .map(|s| s.into_inner().document["@context"].clone())
            .map_err(|e| e.to_string())
    );
    // extend
    let mut long = body.clone();
    long["@context"].as_array_mut().unwrap().push(json!("https://w3id.org/citizenship/v3"));
    let mut t = sec(long.clone(), &thief, Cryptosuite::EddsaRdfc2022, AssertionMethod, Earlier::Replaced);
    t["proof"].as_object_mut().unwrap().insert("@context".into(), json!([]));
    let mut set = long.clone();
    set.insert("proof".into(), json!([issuer_proof, t["proof"]]));
    println!(
        "A6 extend: {:?}",
        verify_set(set, &r, &e, &Profile::default())
            .map(|s| s.into_inner().document["@context"].clone())
            .map_err(|e| e.to_string())
    );
}

#[test]
fn a7_cnf() {
    let issuer = Party::issuer();
    let thief = Party::new("did:x:thief", Algorithm::Es256, 9);
    let mut payload = Value::Object(fresh());
    payload["credentialSubject"].as_object_mut().unwrap().remove("id");
    payload["cnf"] = json!({"jwk": Party::holder().key().to_jwk().members()});
    for typ in ["vc+sd-jwt", "vc+jwt"] {
        let mut t = token(&issuer, &json!({"alg":"ES256","typ":typ,"kid":"did:x:issuer#key-1"}), &payload);
        if typ == "vc+sd-jwt" {
            t.push('~');
        }
        let env = json!({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": format!("data:application/{typ},{t}")});
        let mut vp = vp::presentation::<&str>(&thief.did, &[]);
        vp["verifiableCredential"] = json!([env]);
        let tok = vp::prepare(vp, AUDIENCE, NONCE, now(), thief.signatory());
        let s = thief.signer.sign(tok.signing_input().as_ref()).unwrap();
        let tok = tok.attach(&s).unwrap();
        let res = Unverified::<Presentation>::parse(tok.as_bytes()).unwrap().verify(
            &ring(&[&issuer, &thief]),
            HolderBinding::Required(occasion()),
            now(),
        );
        println!(
            "A7 {typ}: {:?}",
            res.map(|p| p.into_inner().credentials[0].holder().clone())
                .map_err(|e| format!("{} {e}", e.code()))
        );
    }
}

#[test]
fn a8_cost() {
    let issuer = ed("did:x:issuer", 1);
    let mut d = fresh();
    // clique of blank nodes
    for n in [6usize, 8, 10, 12] {
        let mut nodes = vec![];
        for i in 0..n {
            let links: Vec<_> =
                (0..n).filter(|j| *j != i).map(|j| json!({"id": format!("_:b{j}")})).collect();
            nodes.push(json!({"id": format!("_:b{i}"), "knows": links}));
        }
        d["credentialSubject"] = json!({"id":"did:x:holder", "list": nodes});
        let mut s = d.clone();
        let proof = json!({"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","verificationMethod":"did:x:issuer#key-1","proofPurpose":"assertionMethod","created":"2020-01-01T00:00:00Z","proofValue":"z4MXj1wBzi9jUstyPMS4jQqB6KdJaiatPkAtVtGc6bQEQEEsKTic4G7Rou3iBf9vPmT5dbkm9qsZsuVNq8HCuW1w24nhBFGkRE3cd2Uf2tfrB3N7h4mnyPp1BF3ZttHTYv3DLUPi1zMdkULiow3M1GfXkoC6DoxDUm1jmN6GBj22SjVsr6dxezRVQc7aj9TxE7JLbMH1wh5X3kA58H3DFW8rnYMakFGbca5CB2Jf6CnGQZmL7o5uJAdTwXfy2iiiyPxXEGerMhHwhjTA1mKYobyk2CpeEcmvynADfNZ5MBvcCS7m3XkFCMNUYBS9NQ3fze6vMSUPsNa6GVYmKx2x6JrdEjCk3qRMMmyjnjCMfR4pXbRMZa3i"});
        let proof1 = json!({"id":"urn:a","type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","verificationMethod":"did:x:issuer#key-1","proofPurpose":"assertionMethod","created":"2020-01-01T00:00:00Z","proofValue":"z3hJPVXm"});
        let _ = proof;
        s.insert("proof".into(), proof1);
        let t = Instant::now();
        let r = verify(&s, &issuer.ring(), &Profile::default()).map(|_| ());
        println!("A8 n={n} {:?} {:?} bytes {}", t.elapsed(), r, Value::Object(s).to_string().len());
    }
}

#[test]
fn b1_proof_expiry() {
    let issuer = ed("did:x:issuer", 1);
    let o = ProofOptions {
        created: Some(earlier(5000)),
        expires: Some(earlier(4000)),
        ..ProofOptions::new(AssertionMethod)
    };
    let c = Contexts::bundled();
    let how =
        Securing { suite: Cryptosuite::EddsaRdfc2022, options: &o, contexts: &c, earlier: Earlier::Replaced };
    let prep = secure(fresh(), &how, issuer.signatory()).unwrap();
    let s = issuer.signer.sign(prep.signing_input()).unwrap();
    let mut d = prep.attach(&s).unwrap();
    println!("B1 honest: {:?}", verify(&d, &issuer.ring(), &Profile::default()).map(|_| ()));
    let p = d["proof"].as_object_mut().unwrap();
    let e = p.remove("expires").unwrap();
    p.insert(
        "https://w3id.org/security#expiration".into(),
        json!({"@type":"http://www.w3.org/2001/XMLSchema#dateTime","@value":e}),
    );
    println!("B1 renamed: {:?}", verify(&d, &issuer.ring(), &Profile::default()).map(|_| ()));
}

#[test]
fn b2_types_order_and_nulls() {
    let issuer = ed("did:x:issuer", 1);
    let mut f = fresh();
    f["type"] = json!(["VerifiableCredential", "AlumniCredential", "NameCredential"]);
    let d = sec(f, &issuer, Cryptosuite::EddsaRdfc2022, AssertionMethod, Earlier::Replaced);
    let show = |d: &Map<String, Value>| {
        verify(d, &issuer.ring(), &Profile::default()).map(|c| {
            (
                c.types().iter().map(|t| t.as_str().to_owned()).collect::<Vec<_>>(),
                c.claims().clone(),
                c.holder().clone(),
            )
        })
    };
    println!("B2 honest {:?}", show(&d));
    let mut r = d.clone();
    r["type"] = json!(["NameCredential", "VerifiableCredential", "AlumniCredential"]);
    println!("B2 reorder {:?}", show(&r));
    let mut r = d.clone();
    r["credentialSubject"]["disqualified"] = json!([]);
    r["credentialSubject"]["revokedAt"] = json!(null);
    println!("B2 null {:?}", show(&r));
    let mut r = d.clone();
    r.insert("credentialStatus".into(), json!([]));
    println!("B2 status [] {:?}", verify(&r, &issuer.ring(), &Profile::default()).map(|c| c.status().len()));
    // reverse: claims moved under @included / @graph / @set
    let mut r = d.clone();
    r["credentialSubject"] = json!({"id":"did:x:holder"});
    r.insert("@included".into(), json!([{"id":"did:x:holder","name":"a"}]));
    println!("B2 claims hidden {:?}", show(&r));
    // status taken out of the document tree
    let mut r = d.clone();
    let st = r.remove("credentialStatus").unwrap();
    r.insert(
        "@included".into(),
        json!([{"id":"urn:uuid:1", "https://www.w3.org/2018/credentials#credentialStatus": st}]),
    );
    println!(
        "B2 status included {:?}",
        verify(&r, &issuer.ring(), &Profile::default()).map(|c| c.status().len())
    );
    // subject re-rooted: which node is 'credentialSubject' id as array
    let mut r = d.clone();
    r["credentialSubject"] = json!([{"id":"did:x:holder","name":"a"},{"id":"did:x:holder"}]);
    println!("B2 two subjects {:?}", show(&r));
}

#[test]
fn b3_cost() {
    let issuer = ed("did:x:issuer", 1);
    for (k, n) in [
        (1usize, 5usize),
        (10, 5),
        (40, 5),
        (80, 5),
        (120, 5),
        (200, 5),
        (60, 4),
        (200, 4),
        (400, 4),
        (800, 4),
    ] {
        let mut nodes = vec![];
        for g in 0..k {
            for i in 0..n {
                let links: Vec<_> =
                    (0..n).filter(|j| *j != i).map(|j| json!({"id": format!("_:b{g}x{j}")})).collect();
                nodes.push(json!({"id": format!("_:b{g}x{i}"), "knows": links}));
            }
        }
        let mut d = fresh();
        d["credentialSubject"] = json!({"id":"did:x:holder", "list": nodes});
        let mut proofs = vec![];
        for i in 0..16 {
            let prev: Vec<_> =
                (0..16).filter(|j| *j != i).map(|j| format!("urn:p:{j}")).take(1 + i % 15).collect();
            proofs.push(json!({"id":format!("urn:p:{i}"),"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","verificationMethod":"did:x:issuer#key-1","proofPurpose":"assertionMethod","previousProof":prev,"proofValue":format!("z{}", "2".repeat(86))}));
        }
        d.insert("proof".into(), json!(proofs));
        let len = Value::Object(d.clone()).to_string().len();
        let t = Instant::now();
        let r = verify(&d, &issuer.ring(), &Profile::default()).map(|_| ());
        println!("B3 k={k} n={n} {:?} {:?} bytes {len}", t.elapsed(), r);
    }
}

#[test]
fn b4_jcs_numbers() {
    // unpadded: unknown proof pass over; empty set
    let issuer = ed("did:x:issuer", 1);
    let mut d = fresh();
    d.insert("proof".into(), json!([]));
    println!("B4 empty {:?}", verify(&d, &issuer.ring(), &Profile::default()).map(|_| ()));
}

#[test]
fn c1_did_url_subject() {
    let issuer = Party::issuer();
    let thief = Party::new("did:x:thief", Algorithm::Es256, 9);
    for id in ["did:x:holder#key-1", "did:x:holder?versionId=1", "DID:x:holder", "did:X:holder", "urn:uuid:3"]
    {
        let mut payload = Value::Object(fresh());
        payload["credentialSubject"]["id"] = json!(id);
        let t = token(&issuer, &json!({"alg":"ES256","typ":"vc+jwt","kid":"did:x:issuer#key-1"}), &payload);
        let vp = vp::presentation(&thief.did, &[t]);
        let tok = vp::prepare(vp, AUDIENCE, NONCE, now(), thief.signatory());
        let s = thief.signer.sign(tok.signing_input().as_ref()).unwrap();
        let tok = tok.attach(&s).unwrap();
        let res = Unverified::<Presentation>::parse(tok.as_bytes()).unwrap().verify(
            &ring(&[&issuer, &thief]),
            HolderBinding::Required(occasion()),
            now(),
        );
        println!(
            "C1 {id}: {:?}",
            res.map(|p| p.into_inner().credentials[0].holder().clone())
                .map_err(|e| format!("{} {e}", e.code()))
        );
    }
}

#[test]
fn c2_debug_leak() {
    let issuer = Party::issuer();
    let t = token(
        &issuer,
        &json!({"alg":"ES256","typ":"vc+jwt","kid":"did:x:issuer#key-1"}),
        &json!({"secret-claim": "SECRETVALUE", "issuer": 1}),
    );
    let e = Unverified::<Credential>::parse(t.as_bytes()).unwrap().verify(&issuer.ring(), now()).unwrap_err();
    println!("C2 {e:?} {e}");
    let mut f = fresh();
    f["credentialSubject"]["SECRETVALUE <x"] = json!("SECRETVALUE");
    f["@context"] = json!([CONTEXT_V2]);
    f["credentialSubject"] = json!({"id": "SECRET VALUE bad iri", "name": "SECRETVALUE"});
    f.insert("proof".into(), json!({"type":"DataIntegrityProof","cryptosuite":"ecdsa-rdfc-2019","verificationMethod":"did:x:issuer#key-1","proofPurpose":"assertionMethod","proofValue":format!("z{}", "2".repeat(86))}));
    println!(
        "C2 {:?}",
        Unverified::<Credential>::parse(Value::Object(f.clone()).to_string().as_bytes())
            .unwrap()
            .verify(&issuer.ring(), now())
            .unwrap_err()
    );
    f["credentialSubject"] = json!({"id": "did:x:h", "SECRETNAME": "SECRETVALUE"});
    println!(
        "C2 {:?}",
        Unverified::<Credential>::parse(Value::Object(f.clone()).to_string().as_bytes())
            .unwrap()
            .verify(&issuer.ring(), now())
            .unwrap_err()
    );
    f["credentialSubject"] =
        json!({"id": "did:x:h", "name": {"@value": "SECRETVALUE", "@language": "SECRET VALUE"}});
    println!(
        "C2 {:?}",
        Unverified::<Credential>::parse(Value::Object(f.clone()).to_string().as_bytes())
            .unwrap()
            .verify(&issuer.ring(), now())
            .unwrap_err()
    );
}

#[test]
fn c3_cose_cwt_claims_and_exp() {
    // registered claims inside vc+cose are ignored
    let issuer = Party::issuer();
    let mut p = fresh();
    p.insert("exp".into(), json!(1));
    p.insert("iss".into(), json!("did:x:other"));
    p.insert("nbf".into(), json!(99999999999u64));
    p.insert("cnf".into(), json!({"jwk":{}}));
    let prep = document::prepare_cose(document::Kind::Credential, &p, "did:x:issuer#key-1", issuer.key());
    let m = prep.sign(&issuer.signer).unwrap().to_bytes();
    println!(
        "C3 cose: {:?}",
        Unverified::<Credential>::parse(&m)
            .unwrap()
            .verify(&issuer.ring(), now())
            .map(|_| ())
            .map_err(|e| e.to_string())
    );
    let t = token(
        &issuer,
        &json!({"alg":"ES256","typ":"vc+jwt","kid":"did:x:issuer#key-1"}),
        &Value::Object(p.clone()),
    );
    println!(
        "C3 jwt: {:?}",
        Unverified::<Credential>::parse(t.as_bytes())
            .unwrap()
            .verify(&issuer.ring(), now())
            .map(|_| ())
            .map_err(|e| e.to_string())
    );
}

#[test]
fn c4_status_list_rename() {
    use sinpyo_core::status::*;
    use sinpyo_proof::status_token::*;
    let issuer = ed("did:x:issuer", 1);
    let list = StatusList::new(1, BitOrder::MostFirst, 131_072).unwrap();
    let p = Publication {
        uri: "https://status.example/2".into(),
        issued_at: earlier(50000),
        expires: Some(earlier(40000)),
        ttl: None,
    };
    let cred = bitstring_credential(&list, StatusPurpose::Revocation, &p, &issuer.did).unwrap();
    let doc = vcdm::credential_to_json(&cred, &[]);
    let mut d = sec(doc, &issuer, Cryptosuite::EddsaRdfc2022, AssertionMethod, Earlier::Replaced);
    let entry = StatusEntry::Bitstring {
        list: "https://status.example/1".into(),
        index: 7,
        purpose: StatusPurpose::Revocation,
        messages: None,
    };
    let go = |d: &Map<String, Value>| {
        Unverified::<StatusList>::parse(Value::Object(d.clone()).to_string().as_bytes())
            .map_err(|e| e.to_string())?
            .verify(&entry, &issuer.ring(), now())
            .map(|l| l.status(7).unwrap())
            .map_err(|e| format!("{} {e}", e.code()))
    };
    println!("C4 honest {:?}", go(&d));
    let id = d.remove("id").unwrap();
    d.insert("@id".into(), id);
    let until = d.remove("validUntil").unwrap();
    d.insert(
        "https://www.w3.org/2018/credentials#validUntil".into(),
        json!({"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": until}),
    );
    println!("C4 expired list 2 passed for list 1: {:?}", go(&d));
}

#[test]
fn c5_vp_cost() {
    // one VP of one holder with its own did, own valid credentials, each just under the work limit
    let me = ed("did:x:thief", 9);
    let mut creds = vec![];
    for c in 0..8 {
        let (k, n) = (60, 4);
        let mut nodes = vec![];
        for g in 0..k {
            for i in 0..n {
                let links: Vec<_> =
                    (0..n).filter(|j| *j != i).map(|j| json!({"id": format!("_:b{g}x{j}")})).collect();
                nodes.push(json!({"id": format!("_:b{g}x{i}"), "knows": links}));
            }
        }
        let mut d = fresh();
        d["issuer"] = json!("did:x:thief");
        d["id"] = json!(format!("urn:c:{c}"));
        d["credentialSubject"] = json!({"id":"did:x:thief", "list": nodes});
        let mut ids: Vec<String> = vec![];
        for i in 0..16 {
            let o = ProofOptions {
                id: Some(format!("urn:p:{i}")),
                previous: ids.clone(),
                ..ProofOptions::new(AssertionMethod)
            };
            let cx = Contexts::bundled();
            let how = Securing {
                suite: Cryptosuite::EddsaRdfc2022,
                options: &o,
                contexts: &cx,
                earlier: Earlier::Kept,
            };
            let prep = secure(d, &how, me.signatory()).unwrap();
            let s = me.signer.sign(prep.signing_input()).unwrap();
            d = prep.attach(&s).unwrap();
            ids.push(format!("urn:p:{i}"));
        }
        creds.push(Value::Object(d).to_string());
    }
    let vp = vp::presentation(&me.did, &creds);
    let tok = vp::prepare(vp, AUDIENCE, NONCE, now(), me.signatory());
    let s = me.signer.sign(tok.signing_input().as_ref()).unwrap();
    let tok = tok.attach(&s).unwrap();
    let t = Instant::now();
    let r = Unverified::<Presentation>::parse(tok.as_bytes()).unwrap().verify(
        &ring(&[&me]),
        HolderBinding::Required(occasion()),
        now(),
    );
    println!(
        "C5 {} bytes {:?} {:?}",
        tok.len(),
        t.elapsed(),
        r.map(|p| p.into_inner().credentials.len()).map_err(|e| e.to_string())
    );
}

#[test]
fn c6_sd_holds() {
    // ecdsa-sd / jcs control: the same renames under JCS fail
    let issuer = ed("did:x:issuer", 1);
    let good = sec(doc(), &issuer, Cryptosuite::EddsaJcs2022, AssertionMethod, Earlier::Replaced);
    let mut bad = good.clone();
    bad["credentialSubject"] = json!({"@id": "did:x:holder", "name": "a"});
    println!("C6 jcs control {:?}", verify(&bad, &issuer.ring(), &Profile::default()).map(|_| ()));
}

#[test]
fn c7_ctx_alias() {
    // contexts of an RDFC document are not signed: swap them
    let issuer = ed("did:x:issuer", 1);
    let good = sec(fresh(), &issuer, Cryptosuite::EddsaRdfc2022, AssertionMethod, Earlier::Replaced);
    for cx in [
        "https://w3id.org/citizenship/v3",
        "https://www.w3.org/ns/credentials/undefined-terms/v2",
        "https://w3id.org/security/multikey/v1",
        "https://w3id.org/vdl/v1",
    ] {
        let mut b = good.clone();
        b["@context"].as_array_mut().unwrap().push(json!(cx));
        println!("C7 {cx} {:?}", verify(&b, &issuer.ring(), &Profile::default()).map(|_| ()));
        let mut b = good.clone();
        b["credentialSubject"]["@context"] = json!(cx);
        println!("C7 nested {cx} {:?}", verify(&b, &issuer.ring(), &Profile::default()).map(|_| ()));
    }
    // expiration alias in proof through a context
    let o = ProofOptions { expires: Some(earlier(4000)), ..ProofOptions::new(AssertionMethod) };
    let c = Contexts::bundled();
    let how =
        Securing { suite: Cryptosuite::EddsaRdfc2022, options: &o, contexts: &c, earlier: Earlier::Replaced };
    let prep = secure(fresh(), &how, issuer.signatory()).unwrap();
    let s = issuer.signer.sign(prep.signing_input()).unwrap();
    let d = prep.attach(&s).unwrap();
    for cx in ["https://w3id.org/security/multikey/v1", "https://w3id.org/security/jwk/v1"] {
        let mut b = d.clone();
        let p = b["proof"].as_object_mut().unwrap();
        let e = p.remove("expires").unwrap();
        p.insert("expiration".into(), e);
        p.insert("@context".into(), json!(cx));
        println!("C7 proof alias {cx}: {:?}", verify(&b, &issuer.ring(), &Profile::default()).map(|_| ()));
    }
}

#[test]
fn d1_sd_subject_id() {
    use sinpyo_core::claims::ClaimPath;
    let issuer = Party::issuer();
    let thief = Party::new("did:x:thief", Algorithm::Es256, 9);
    let hidden: Vec<ClaimPath> = vec!["credentialSubject.id".parse().unwrap()];
    let c = credential_for(Holder::Did(Party::holder().did));
    let sd =
        vc_sd_jwt::issue(&c, &[], &concealment(&hidden), issuer.pair(), &mut TestEntropy::new(1)).unwrap();
    let present = |sd: &str| {
        let vp = vp::presentation(&thief.did, &[sd]);
        let tok = vp::prepare(vp, AUDIENCE, NONCE, now(), thief.signatory());
        let s = thief.signer.sign(tok.signing_input().as_ref()).unwrap();
        let tok = tok.attach(&s).unwrap();
        Unverified::<Presentation>::parse(tok.as_bytes())
            .unwrap()
            .verify(&ring(&[&issuer, &thief]), HolderBinding::Required(occasion()), now())
            .map(|p| p.into_inner().credentials[0].holder().clone())
            .map_err(|e| format!("{} {e}", e.code()))
    };
    println!("D1 whole: {:?}", present(&sd));
    let cut = format!("{}~", sd.split('~').next().unwrap());
    println!("D1 id withheld: {:?}", present(&cut));
}

#[test]
fn d2_sd_status_element() {
    use sinpyo_core::encoding::to_base64url;
    let issuer = Party::issuer();
    let disc = to_base64url(json!(["c2FsdHNhbHRzYWx0c2FsdA", {"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7", "statusListCredential": "https://a.example/1"}]).to_string().as_bytes());
    let digest = to_base64url(&sinpyo_crypto::hash::sha256(disc.as_bytes()));
    let mut p = Value::Object(fresh());
    p["credentialStatus"] = json!([{"...": digest}]);
    let t = token(&issuer, &json!({"alg":"ES256","typ":"vc+sd-jwt","kid":"did:x:issuer#key-1"}), &p);
    for w in [format!("{t}~{disc}~"), format!("{t}~")] {
        println!(
            "D2 {:?}",
            Unverified::<Credential>::parse(w.as_bytes())
                .unwrap()
                .verify(&issuer.ring(), now())
                .map(|c| c.into_inner().status().len())
                .map_err(|e| format!("{} {e}", e.code()))
        );
    }
    // the same for credentialSubject
    let mut p = Value::Object(fresh());
    p.as_object_mut().unwrap().remove("credentialStatus");
    let d2 = to_base64url(json!(["c2FsdHNhbHRzYWx0c2FsdA", "VerifiableCredential2"]).to_string().as_bytes());
    let dg = to_base64url(&sinpyo_crypto::hash::sha256(d2.as_bytes()));
    p["type"] = json!(["VerifiableCredential", "Base", {"...": dg}]);
    let t = token(&issuer, &json!({"alg":"ES256","typ":"vc+sd-jwt","kid":"did:x:issuer#key-1"}), &p);
    for w in [format!("{t}~{d2}~"), format!("{t}~")] {
        println!(
            "D2 type {:?}",
            Unverified::<Credential>::parse(w.as_bytes())
                .unwrap()
                .verify(&issuer.ring(), now())
                .map(|c| c.into_inner().types()[0].to_string())
                .map_err(|e| format!("{} {e}", e.code()))
        );
    }
}

#[test]
fn e1_jsonld_cost() {
    let issuer = ed("did:x:issuer", 1);
    let proof = json!({"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","verificationMethod":"did:x:issuer#key-1","proofPurpose":"assertionMethod","proofValue":format!("z{}", "2".repeat(86))});
    let go = |name: &str, mut d: Map<String, Value>| {
        d.insert("proof".into(), proof.clone());
        let s = Value::Object(d).to_string();
        let t = Instant::now();
        let r = Unverified::<Credential>::parse(s.as_bytes()).map_err(|e| e.to_string()).and_then(|u| {
            u.verify(&issuer.ring(), now()).map(|_| ()).map_err(|e| format!("{} {e:?}", e.code()))
        });
        println!(
            "E1 {name}: {} bytes {:?} {:?}",
            s.len(),
            t.elapsed(),
            r.map_err(|e| e.chars().take(80).collect::<String>())
        );
    };
    // nested nests
    let mut d = fresh();
    let mut inner = json!({"name": "x"});
    for _ in 0..28 {
        inner = json!({"@nest": [inner.clone()], "description": "y"});
    }
    d["credentialSubject"]["@nest"] = inner;
    go("nest depth 28", d);
    let mut d = fresh();
    let mut inner = json!({"@nest": {"name": "x"}});
    for _ in 0..12 {
        inner = json!({"@nest": [inner.clone(), inner.clone()]});
    }
    d["credentialSubject"]["@nest"] = inner;
    go("nest tree 2^12", d);
    // many types, each with scoped contexts
    let mut d = fresh();
    let kinds: Vec<_> = [
        "BitstringStatusList",
        "BitstringStatusListCredential",
        "BitstringStatusListEntry",
        "DataIntegrityProof",
        "EnvelopedVerifiableCredential",
        "EnvelopedVerifiablePresentation",
        "JsonSchema",
        "JsonSchemaCredential",
        "VerifiableCredential",
        "VerifiablePresentation",
    ]
    .to_vec();
    d["credentialSubject"] = json!({"id":"did:x:holder", "list": (0..6000).map(|i| json!({"type": kinds.iter().cycle().skip(i).take(10).collect::<Vec<_>>(), "name": "a"})).collect::<Vec<_>>()});
    go("types", d);
    let mut d = fresh();
    d["credentialSubject"] = json!({"id":"did:x:holder", "list": (0..4000).map(|_| json!({"@context": ["https://w3id.org/citizenship/v3","https://w3id.org/vdl/v1","https://w3id.org/citizenship/v2","https://w3id.org/vdl/aamva/v1"], "name": "a"})).collect::<Vec<_>>()});
    go("contexts", d);
    let mut d = fresh();
    d["credentialSubject"] = json!({"id":"did:x:holder", "name": vec!["a"; 150000]});
    go("values", d);
    let mut d = fresh();
    d["credentialSubject"] =
        json!({"id":"did:x:holder", "list": (0..40000).map(|_| json!({"name":"a"})).collect::<Vec<_>>()});
    go("blank nodes", d);
    let mut d = fresh();
    let chain = |n: usize| {
        (0..n)
            .map(|i| json!({"id": format!("_:n{i}"), "knows": {"id": format!("_:n{}", (i+1)%n)}}))
            .collect::<Vec<_>>()
    };
    d["credentialSubject"] = json!({"id":"did:x:holder", "list": chain(200)});
    go("cycle 200", d);
    let mut d = fresh();
    d["credentialSubject"] = json!({"id":"did:x:holder", "list": chain(15000)});
    go("cycle 15000", d);
}

#[test]
fn e2_cbor_and_cose_garbage() {
    let issuer = Party::issuer();
    // deterministic garbage through every entry point: no panic
    let mut seed = 1u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let c = vc_cose::issue(&credential_for(Holder::Did(Party::holder().did)), &[], issuer.pair()).unwrap();
    for _ in 0..20000 {
        let mut m = c.clone();
        for _ in 0..3 {
            let i = (next() as usize) % m.len();
            m[i] = next() as u8;
        }
        if let Ok(u) = Unverified::<Credential>::parse(&m) {
            let _ = u.verify(&issuer.ring(), now()).map(|c| {
                if Some(c.get().issuer()) != Some("did:x:issuer") {
                    println!("E2 !!!")
                }
            });
        }
    }
    println!("E2 done");
}

#[test]
fn f1_type_metadata() {
    use sinpyo_proof::type_metadata::*;
    for v in [json!(5), json!(null), json!(["sha256-AAAA"]), json!("")] {
        let Ok(Some(r)) = Reference::of_claims(&object(json!({"vct": "urn:t", "vct#integrity": v}))) else { println!("F1 refused"); continue };
        println!(
            "F1 {:?} parse {:?}",
            r,
            TypeMetadata::parse(&r, br#"{"vct":"urn:t","extends":"urn:u","extends#integrity":7}"#)
                .map(|_| ())
        );
    }
    let d = br#"{"vct":"urn:t","display":[{"locale":"ko\u202e<script>","name":"x"}]}"#;
    let r = Reference { vct: "urn:t".into(), integrity: None };
    println!(
        "F1 locale {:?}",
        TypeChain::load(&r, |_| Some(&d[..])).unwrap().display("ko").map(|d| d.locale.clone())
    );
}

#[test]
fn f2_extra_signer_presentation() {
    // VP as DI set: holder proof JCS + thief proof: context strip and policy
    let issuer = ed("did:x:issuer", 1);
    let holder = ed("did:x:holder", 2);
    let thief = Party::new("did:x:thief", Algorithm::MlDsa44, 9);
    let cred = sec(fresh(), &issuer, Cryptosuite::EddsaJcs2022, AssertionMethod, Earlier::Replaced);
    let vp = vp::presentation(&holder.did, &[Value::Object(cred).to_string()]);
    let sign = |d: Map<String, Value>, p: &Party, suite, earlier| {
        let o = vp::proof_options(AUDIENCE, NONCE, now());
        let c = Contexts::bundled();
        let how = Securing { suite, options: &o, contexts: &c, earlier };
        let prep = secure(d, &how, p.signatory()).unwrap();
        let s = p.signer.sign(prep.signing_input()).unwrap();
        prep.attach(&s).unwrap()
    };
    let d = sign(vp, &holder, Cryptosuite::EddsaJcs2022, Earlier::Replaced);
    let d = sign(d, &thief, Cryptosuite::MlDsa44Jcs2024, Earlier::Kept);
    println!(
        "F2 default {:?}",
        Unverified::<Presentation>::parse(Value::Object(d.clone()).to_string().as_bytes())
            .unwrap()
            .verify(&ring(&[&issuer, &holder, &thief]), HolderBinding::Required(occasion()), now())
            .map(|p| p.into_inner().credentials.len())
            .map_err(|e| e.to_string())
    );
}
