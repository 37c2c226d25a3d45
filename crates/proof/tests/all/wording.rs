//! One way to say it: statements that were signed, written so that they are not found where they are looked for.

use crate::{
    fixture::*,
    statements::{credential as stated, options, secured},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{credential::Credential, document::VerificationRelationship::AssertionMethod, key::Signer};
use sinpyo_crypto::Algorithm;
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Profile, Unverified, Verified,
    data_integrity::{
        Cryptosuite, Earlier, Expected, ProofOptions, Securing, disclosure, secure, verify_set,
    },
};
use sinpyo_selective::Pointer;
use sinpyo_testkit::TestEntropy;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

const CREDENTIALS: &str = "https://www.w3.org/2018/credentials#";

fn issuer() -> Party {
    Party::new("did:x:issuer", Algorithm::Ed25519, 3)
}

fn document() -> Map<String, Value> {
    let mut document = stated();
    document.insert("id".into(), json!("urn:uuid:1"));
    document.insert("validUntil".into(), json!("2030-01-01T00:00:00Z"));
    document["type"] = json!(["VerifiableCredential", "AlumniCredential"]);
    document["credentialSubject"]["degree"] = json!({"type": "ExampleDegree", "name": "정보학사"});
    document.insert(
        "credentialStatus".into(),
        json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "7",
            "statusListCredential": "https://a.example/1"}),
    );
    document
}

fn over_statements() -> Map<String, Value> {
    let options = ProofOptions { expires: Some(later(4000)), ..options(None, &[]) };
    secured(document(), &issuer(), Cryptosuite::EddsaRdfc2022, &options)
}

fn read(document: &Map<String, Value>, profile: &Profile) -> Result<Credential, &'static str> {
    let text = Value::Object(document.clone()).to_string();
    let arrived =
        Unverified::<Credential>::parse_as(text.as_bytes(), profile).map_err(|error| error.code())?;
    let issuers = ring(&[&issuer(), &Party::new("did:x:second", Algorithm::Es256, 4)]);
    arrived.verify(&issuers, now()).map(Verified::into_inner).map_err(|error| error.code())
}

/// The document with a member under another name.
fn renamed(document: &Map<String, Value>, at: &str, from: &str, to: &str) -> Map<String, Value> {
    let mut document = Value::Object(document.clone());
    let members = document.pointer_mut(at).unwrap().as_object_mut().unwrap();
    let value = members.remove(from).unwrap();
    members.insert(to.to_owned(), value);
    object(document)
}

/// `document` with a time that has the datatype which its term would give it.
fn with_full_time(document: &Map<String, Value>, at: &str, from: &str, to: &str) -> Map<String, Value> {
    let mut document = Value::Object(renamed(document, at, from, to));
    let members = document.pointer_mut(at).unwrap();
    members[to] = json!({"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": members[to]});
    object(document)
}

/// Every way found to keep the signature and hide what decides.
fn rewritten(good: &Map<String, Value>) -> Vec<(&'static str, Map<String, Value>)> {
    let with = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut document = good.clone();
        change(&mut document);
        document
    };
    let full = |term: &str| format!("{CREDENTIALS}{term}");
    vec![
        ("validUntil as IRI", with_full_time(good, "", "validUntil", &full("validUntil"))),
        ("status as IRI", renamed(good, "", "credentialStatus", &full("credentialStatus"))),
        ("subject as @id", renamed(good, "/credentialSubject", "id", "@id")),
        ("document as @id", renamed(good, "", "id", "@id")),
        ("type as @type", renamed(good, "/credentialSubject/degree", "type", "@type")),
        (
            "status included",
            with(&|document| {
                let status = document.remove("credentialStatus").unwrap();
                let node = json!({"id": "urn:uuid:1", (full("credentialStatus")): status});
                document.insert("@included".into(), json!([node]));
            }),
        ),
        (
            "claims included",
            with(&|document| {
                let claims = document["credentialSubject"].take();
                document["credentialSubject"] = json!({"id": "did:x:holder"});
                document.insert("@included".into(), json!([claims]));
            }),
        ),
        (
            "nested",
            with(&|document| {
                let subject = document["credentialSubject"].as_object_mut().unwrap();
                let degree = subject.remove("degree").unwrap();
                subject.insert("@nest".into(), json!({"degree": degree}));
            }),
        ),
        ("null", with(&|document| document["credentialSubject"]["revokedAt"] = json!(null))),
        ("empty list", with(&|document| document["credentialSubject"]["disqualified"] = json!([]))),
        ("empty object", with(&|document| document["credentialSubject"]["name"] = json!({}))),
        (
            "nested context",
            with(&|document| {
                document["credentialSubject"]["@context"] =
                    json!(["https://www.w3.org/ns/credentials/examples/v2"]);
            }),
        ),
    ]
}

#[test]
fn a_statement_that_is_not_written_in_terms_is_refused() {
    let good = over_statements();
    let accepted = read(&good, &Profile::default()).unwrap();
    assert_eq!((accepted.status().len(), accepted.validity().until.is_some()), (1, true));
    for (what, document) in rewritten(&good) {
        assert_eq!(read(&document, &Profile::default()).unwrap_err(), "DI-17", "{what}");
    }
    // Over JSON text another writing is another document.
    let text = secured(document(), &issuer(), Cryptosuite::EddsaJcs2022, &options(None, &[]));
    assert!(read(&text, &Profile::default()).is_ok());
    let moved = renamed(&text, "/credentialSubject", "id", "@id");
    assert_eq!(read(&moved, &Profile::default()).unwrap_err(), "DI-10");
    // What is said about the document or its subject in two places, a reader finds half of.
    for (id, described) in [("urn:uuid:1", true), ("did:x:holder", true), ("urn:uuid:1", false)] {
        let mut document = document();
        let degree = &mut document["credentialSubject"]["degree"];
        degree["id"] = json!(id);
        if !described {
            *degree = json!({"id": id});
        }
        let document = secured(document, &issuer(), Cryptosuite::EddsaRdfc2022, &options(None, &[]));
        let expected = if described { Err("DI-17") } else { Ok(()) };
        assert_eq!(read(&document, &Profile::default()).map(drop), expected, "{id}");
    }
    // A value may say what it is.
    let mut typed = document();
    typed["credentialSubject"]["name"] = json!({"@value": "한별", "@language": "ko", "@direction": "ltr"});
    let typed = secured(typed, &issuer(), Cryptosuite::EddsaRdfc2022, &options(None, &[]));
    assert!(read(&typed, &Profile::default()).is_ok());
}

/// Where definitions in documents are used, what decides is still not evaded by its full name.
#[test]
fn what_decides_is_found_under_every_profile() {
    let good = over_statements();
    assert!(read(&good, &Profile::conformance()).is_ok());
    for (what, document) in rewritten(&good) {
        if [
            "validUntil as IRI",
            "status as IRI",
            "subject as @id",
            "document as @id",
            "status included",
            "claims included",
            "nested",
        ]
        .contains(&what)
        {
            assert_eq!(read(&document, &Profile::conformance()).unwrap_err(), "DI-17", "{what}");
        }
    }
}

#[test]
fn an_option_of_a_proof_does_not_hide_under_another_name() {
    let good = over_statements();
    for profile in [Profile::default(), Profile::conformance()] {
        for name in ["https://w3id.org/security#expiration", "expiration", "@included", "admin"] {
            let hidden = with_full_time(&good, "/proof", "expires", name);
            assert_eq!(read(&hidden, &profile).unwrap_err(), "DI-18", "{name}");
        }
    }
    let mut own_context = good;
    own_context["proof"]["@context"] = own_context["@context"].clone();
    assert!(read(&own_context, &Profile::default()).is_ok());
    for other in [json!([]), json!(["https://www.w3.org/ns/credentials/v2"])] {
        own_context["proof"]["@context"] = other;
        assert_eq!(read(&own_context, &Profile::default()).unwrap_err(), "DI-09");
    }
}

#[test]
fn a_derived_document_is_not_rewritten_either() {
    let (party, contexts) = (Party::issuer(), Contexts::bundled());
    let options = ProofOptions::new(AssertionMethod);
    let pointer = |text: &&str| Pointer::parse(text).unwrap();
    let mandatory: Vec<_> = ["/issuer", "/validUntil", "/credentialStatus", "/credentialSubject/id"]
        .iter()
        .map(pointer)
        .collect();
    let base = disclosure::Base { options: &options, mandatory: &mandatory, contexts: &contexts };
    let entropy = &mut TestEntropy::new(5);
    let prepared = disclosure::prepare(document(), &base, party.signatory(), entropy).unwrap();
    let signature = party.signer.sign(prepared.signing_input()).unwrap();
    let base = prepared.attach(&signature).unwrap();
    let derived =
        disclosure::derive(base, &[pointer(&"/credentialSubject/degree")], b"", &contexts, entropy).unwrap();
    let check = |document: Map<String, Value>| {
        let expected = Expected { purpose: AssertionMethod, challenge: None, now: now() };
        verify_set(document, &party.ring(), &expected, &Profile::default())
            .map(drop)
            .map_err(|error| error.code())
    };
    assert_eq!(check(derived.clone()), Ok(()));
    let iri = format!("{CREDENTIALS}validUntil");
    assert_eq!(check(with_full_time(&derived, "", "validUntil", &iri)), Err("DI-17"));
    assert_eq!(check(renamed(&derived, "/credentialSubject", "id", "@id")), Err("DI-17"));
}

#[test]
fn the_order_of_types_decides_nothing_unless_the_issuer_signed_it() {
    let typed = |suite, signer: &Party| {
        let mut document = stated();
        document["type"] = json!(["NameCredential", "VerifiableCredential", "AlumniCredential"]);
        (secured(document, signer, suite, &options(None, &[])), suite)
    };
    let names = |document: &Map<String, Value>| -> Vec<String> {
        read(document, &Profile::default()).unwrap().types().iter().map(ToString::to_string).collect()
    };
    let (mut statements, _) = typed(Cryptosuite::EddsaRdfc2022, &issuer());
    assert_eq!(names(&statements), ["AlumniCredential", "NameCredential"]);
    statements["type"] = json!(["AlumniCredential", "VerifiableCredential", "NameCredential"]);
    assert_eq!(names(&statements), ["AlumniCredential", "NameCredential"]);
    // Somebody else's word for the order is not the issuer's.
    let second = Party::new("did:x:second", Algorithm::Es256, 4);
    let set = secured(statements, &second, Cryptosuite::EcdsaJcs2019, &options(None, &[]));
    assert_eq!(names(&set), ["AlumniCredential", "NameCredential"]);
    let (text, _) = typed(Cryptosuite::EddsaJcs2022, &issuer());
    assert_eq!(names(&text), ["AlumniCredential", "NameCredential"]);
    let mut document = stated();
    document["type"] = json!(["VerifiableCredential", "AlumniCredential", "NameCredential"]);
    let text = secured(document, &issuer(), Cryptosuite::EddsaJcs2022, &options(None, &[]));
    assert_eq!(names(&text), ["NameCredential", "AlumniCredential"]);
}

#[test]
fn signers_of_one_set_sign_one_context() {
    let (first, second) = (issuer(), Party::new("did:x:second", Algorithm::Es256, 4));
    let keys = ring(&[&first, &second]);
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: now() };
    let check = |document: Map<String, Value>| {
        verify_set(document, &keys, &expected, &Profile::default())
            .map(|set| set.into_inner().document["@context"].clone())
            .map_err(|error| error.code())
    };
    let longest = stated()["@context"].clone();
    for (one, other) in [
        (Cryptosuite::EddsaJcs2022, Cryptosuite::EcdsaJcs2019),
        (Cryptosuite::EddsaRdfc2022, Cryptosuite::EcdsaJcs2019),
    ] {
        let plain = || {
            let mut document = stated();
            document["type"] = json!(["VerifiableCredential"]);
            document["credentialSubject"] = json!({"id": "did:x:holder", "name": "한별"});
            document
        };
        let mut whole = secured(plain(), &first, one, &options(None, &[]));
        let mut shorter = plain();
        shorter["@context"] = json!([longest[0]]);
        let shorter = secured(shorter, &second, other, &options(None, &[]));
        let longer = secured(plain(), &second, other, &options(None, &[]));
        let own = whole["proof"].clone();
        whole["proof"] = json!([own, longer["proof"]]);
        assert_eq!(check(whole.clone()), Ok(longest.clone()), "{one}");
        whole["proof"] = json!([own, shorter["proof"]]);
        assert_eq!(check(whole), Err("DI-09"), "{one}");
    }
}

/// The terms that decide have one name in every bundled context, but for an old alias that no proof may use.
#[test]
fn no_bundled_context_has_a_second_word_for_what_decides() {
    let decisive = |iri: &str| {
        iri.starts_with('@')
            || [
                "credentialStatus",
                "credentialSubject",
                "expirationDate",
                "holder",
                "issuanceDate",
                "issuer",
                "validFrom",
                "validUntil",
                "verifiableCredential",
            ]
            .iter()
            .any(|name| iri == format!("{CREDENTIALS}{name}"))
            || [
                "challenge",
                "cryptosuite",
                "domain",
                "expiration",
                "nonce",
                "previousProof",
                "proof",
                "proofPurpose",
                "proofValue",
                "verificationMethod",
            ]
            .iter()
            .any(|name| iri == format!("https://w3id.org/security#{name}"))
            || iri == "http://purl.org/dc/terms/created"
    };
    let contexts = Contexts::bundled();
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for url in contexts.urls() {
        let text: Value = serde_json::from_slice(contexts.get(url).unwrap()).unwrap();
        collect(&text["@context"], &Map::new(), &mut |term, iri| {
            let words = words.entry(iri.to_owned()).or_default();
            if decisive(iri) && !words.iter().any(|word| word == term) {
                words.push(term.to_owned());
            }
        });
    }
    words.retain(|_, words| words.len() > 1);
    let expiration = vec!["expiration".to_owned(), "expires".to_owned()];
    for (iri, mut words) in words {
        words.sort();
        assert_eq!((iri.as_str(), words), ("https://w3id.org/security#expiration", expiration.clone()));
    }
}

/// Tells of every term that `context`, or a context within, defines.
fn collect(context: &Value, outer: &Map<String, Value>, tell: &mut dyn FnMut(&str, &str)) {
    if let Value::Array(contexts) = context {
        for context in contexts {
            collect(context, outer, tell);
        }
    }
    let Value::Object(terms) = context else { return };
    let mut known = outer.clone();
    known.extend(terms.clone());
    for (term, definition) in terms.iter().filter(|(term, _)| !term.starts_with('@')) {
        let iri = definition.as_str().or_else(|| definition.get("@id")?.as_str()).unwrap_or(term);
        tell(term, &full(iri, &known, 8));
        if let Some(scoped) = definition.get("@context") {
            collect(scoped, &known, tell);
        }
    }
}

/// What `name` stands for among `terms`.
fn full(name: &str, terms: &Map<String, Value>, depth: u8) -> String {
    let of = |term: &str| {
        let definition = terms.get(term)?;
        definition.as_str().or_else(|| definition.get("@id")?.as_str()).filter(|iri| *iri != term)
    };
    match (depth, name.split_once(':'), of(name)) {
        (1.., _, Some(iri)) => full(iri, terms, depth - 1),
        (1.., Some((prefix, rest)), None) => match of(prefix) {
            Some(iri) if !rest.starts_with("//") => format!("{}{rest}", full(iri, terms, depth - 1)),
            _ => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

/// A credential whose subject knows `groups` of four who all know each other.
fn laborious(groups: usize) -> Map<String, Value> {
    let people = (0..groups * 4).map(|person| {
        let group = person / 4 * 4;
        let others = (group..group + 4).filter(|other| *other != person);
        let others: Vec<_> = others.map(|other| json!({"id": format!("_:p{other}")})).collect();
        json!({"id": format!("_:p{person}"), "knows": others})
    });
    let mut document = stated();
    let people: Vec<_> = people.collect();
    document["credentialSubject"] = json!({"id": "did:x:holder", "knows": people});
    document
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn proofs_do_not_multiply_the_work() {
    let issuer = issuer();
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: now() };
    let check = |document: Map<String, Value>| {
        let started = Instant::now();
        let code = verify_set(document, &issuer.ring(), &expected, &Profile::default())
            .map(|set| set.get().signers.len())
            .map_err(|error| error.code());
        // Unoptimised; an optimised build takes less than a tenth.
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        code
    };
    let chain = |document: Map<String, Value>, proofs: usize| {
        let names: Vec<_> = (0..proofs).map(|index| format!("urn:p:{index}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        (0..proofs).fold(document, |document, index| {
            let options = options(Some(names[index]), &names[..index]);
            let contexts = Contexts::bundled();
            let (suite, earlier) = (Cryptosuite::EddsaRdfc2022, Earlier::Kept);
            let how = Securing { suite, options: &options, contexts: &contexts, earlier };
            let prepared = secure(document, &how, issuer.signatory()).unwrap();
            let signature = issuer.signer.sign(prepared.signing_input()).unwrap();
            prepared.attach(&signature).unwrap()
        })
    };
    assert_eq!(check(chain(stated(), 4)), Ok(4));
    assert_eq!(check(chain(stated(), 5)), Err("DI-19"));
    // The first signature that does not hold ends it, before the next text is computed.
    let mut forged = chain(stated(), 5);
    forged["proof"][0]["created"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(check(forged), Err("DI-10"));
    // Twice is a text allowed to be laborious, not four times.
    assert_eq!(check(chain(laborious(8), 2)), Ok(2));
    assert_eq!(check(chain(laborious(60), 4)), Err("RDF-01"));
}
