//! Data Integrity over statements, sets and chains of proofs: other people's vectors and their tampered twins.

use crate::fixture::{Party, now, object, ring};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship,
        VerificationRelationship::AssertionMethod,
    },
    encoding::Multikey,
    json,
    resolved::Resolved,
};
use sinpyo_crypto::{Algorithm, hash};
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Disclosure, Generation, InlineContexts, KeyRing, Profile, ProofPolicy, Signatory, UnknownProofs,
    data_integrity::{
        Cryptosuite, Earlier, Expected, ProofOptions, SecuredSet, Securing, claimed_keys, secure, verify_set,
    },
};
use sinpyo_rdf::{HashAlgorithm, Limit};
use sinpyo_testkit::{from_hex, vectors};
use std::{fs, num::NonZeroUsize, path::Path};

pub(crate) fn read(path: &Path) -> Map<String, Value> {
    json::parse_object(&fs::read(path).unwrap()).unwrap()
}

/// The document of a did:key.
pub(crate) fn did_key(did: &Did) -> Resolved {
    let multikey = did.method_specific_id();
    let method = VerificationMethod {
        id: did.key(multikey).unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(Multikey::parse(multikey).unwrap()),
        revoked: None,
    };
    Resolved::immutable(DidDocument::new(did.clone()).with_key(method, &VerificationRelationship::ALL))
}

/// A ring with every did:key that the proofs of `secured` name.
pub(crate) fn did_keys(secured: &Map<String, Value>) -> KeyRing {
    let mut ring = KeyRing::new();
    for method in claimed_keys(secured) {
        if method.did().method() == "key" {
            ring.add(&did_key(&method.did()));
        }
    }
    ring
}

pub(crate) fn expected() -> Expected<'static> {
    Expected { purpose: AssertionMethod, challenge: None, now: now() }
}

/// The profile of the vectors: their issuers are not their signers, some define terms in place.
fn open_profile() -> Profile {
    Profile { generation: Generation::Legacy, inline_contexts: InlineContexts::Used, ..Profile::default() }
}

fn check(secured: &Map<String, Value>, profile: &Profile) -> Result<SecuredSet, &'static str> {
    let verified = verify_set(secured.clone(), &did_keys(secured), &expected(), profile);
    verified.map(sinpyo_proof::Verified::into_inner).map_err(|error| error.code())
}

fn text_of(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

/// Verifies a vector and computes each of its steps: `names` are those of the signed document, the canonical document,
/// its hash, the canonical options, their hash, and both hashes.
fn steps(folder: &Path, names: [&str; 6], algorithm: HashAlgorithm) {
    let [signed, canon_doc, doc_hash, proof_canon, proof_hash, combined] = names;
    let secured = read(&folder.join(signed));
    let verified = check(&secured, &open_profile()).unwrap_or_else(|code| panic!("{folder:?}: {code}"));
    assert_eq!(verified.signers.len(), 1);

    let contexts = Contexts::bundled();
    let hash_of = |text: &str| match algorithm {
        HashAlgorithm::Sha384 => hash::sha384(text.as_bytes()).to_vec(),
        HashAlgorithm::Sha256 => hash::sha256(text.as_bytes()).to_vec(),
    };
    let canonical = |members: &Map<String, Value>| {
        let dataset = sinpyo_jsonld::to_rdf(members, &contexts).unwrap();
        sinpyo_rdf::canonicalize(&dataset, algorithm, Limit::default()).unwrap().nquads().to_owned()
    };
    let document = canonical(&verified.document);
    assert_eq!(document, text_of(folder, canon_doc), "{folder:?}");
    assert_eq!(hash_of(&document), from_hex(text_of(folder, doc_hash).trim()));
    let mut options = object(secured["proof"].clone());
    options.remove("proofValue");
    options.insert("@context".into(), secured["@context"].clone());
    assert_eq!(canonical(&options), text_of(folder, proof_canon), "{folder:?}");
    assert_eq!(hash_of(&canonical(&options)), from_hex(text_of(folder, proof_hash).trim()));
    let both = [proof_hash, doc_hash].map(|name| text_of(folder, name).trim().to_owned()).concat();
    assert_eq!(both, text_of(folder, combined).trim());

    let signer = &verified.signers[0];
    if signer.suite != Cryptosuite::Ed25519Signature2020 {
        let key_id = signer.key_id.clone();
        let keys = did_keys(&secured);
        let signatory = Signatory { key_id: &key_id, key: keys.key(&key_id).unwrap() };
        let how = Securing {
            suite: signer.suite,
            options: &signer.options,
            contexts: &contexts,
            earlier: Earlier::Replaced,
        };
        let prepared = secure(verified.document, &how, signatory).unwrap();
        assert_eq!(prepared.signing_input(), from_hex(&both));
    }
    tampered(&secured);
}

/// Every vector that verifies has twins that do not.
fn tampered(secured: &Map<String, Value>) {
    let refused = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut changed = secured.clone();
        change(&mut changed);
        let keys = did_keys(secured);
        verify_set(changed, &keys, &expected(), &open_profile()).unwrap_err().code()
    };
    assert_eq!(refused(&|doc| drop(doc.insert("description".into(), "another".into()))), "DI-10");
    assert_eq!(refused(&|doc| doc["proof"]["created"] = json!("2023-02-24T23:36:39Z")), "DI-10");
    // The same moment is not the same text.
    assert_eq!(refused(&|doc| doc["proof"]["created"] = json!("2023-02-24T23:36:38.000Z")), "DI-10");
    assert_eq!(refused(&|doc| doc["proof"]["nonce"] = json!("a")), "DI-10");
    assert_eq!(refused(&|doc| doc["proof"]["proofPurpose"] = json!("authentication")), "DI-03");
    assert_eq!(refused(&|doc| drop(doc.remove("proof"))), "DI-01");
    // DIN-10: what is not known is never passed over.
    assert_eq!(refused(&|doc| doc["proof"]["admin"] = json!(true)), "DI-18");
}

#[test]
fn eddsa_rdfc_2022_vectors() {
    let Some(root) = vectors("vc-di-eddsa") else { return };
    let names = [
        "signedDataInt.json",
        "canonDocDataInt.txt",
        "docHashDataInt.txt",
        "proofCanonDataInt.txt",
        "proofHashDataInt.txt",
        "combinedHashDataInt.txt",
    ];
    steps(&root.join("eddsa-rdfc-2022"), names, HashAlgorithm::Sha256);
    steps(&root.join("eddsa-rdfc-2022/employ"), names, HashAlgorithm::Sha256);
    let names = names.map(|name| name.replace("DataInt", "EdSig"));
    let folder = root.join("Ed25519Signature2020");
    steps(&folder, names.each_ref().map(String::as_str), HashAlgorithm::Sha256);
    // The earlier type is read only where the profile says so.
    assert_eq!(check(&read(&folder.join("signedEdSig.json")), &Profile::default()).unwrap_err(), "DI-02");
}

#[test]
fn ecdsa_rdfc_2019_vectors() {
    let Some(root) = vectors("vc-di-ecdsa") else { return };
    for (curve, algorithm) in [("P256", HashAlgorithm::Sha256), ("P384", HashAlgorithm::Sha384)] {
        let names = [
            format!("signedECDSA{curve}.json"),
            format!("canonDocECDSA{curve}.txt"),
            format!("docHashECDSA{curve}.txt"),
            format!("proofCanonECDSA{curve}.txt"),
            format!("proofHashECDSA{curve}.txt"),
            format!("combinedHashECDSA{curve}.txt"),
        ];
        let names = names.each_ref().map(String::as_str);
        let folder = root.join(format!("ecdsa-rdfc-2019-{}", curve.to_lowercase()));
        steps(&folder, names, algorithm);
        steps(&folder.join("employ"), names, algorithm);
    }
}

#[test]
fn proof_set_and_chain_vectors() {
    let Some(root) = vectors("vc-di-eddsa") else { return };
    let file = |name: &str| read(&root.join("proof-set-chain").join(name));
    let profile = Profile::default();
    for (name, signers) in [
        ("signedProofSet1.json", 1),
        ("signedProofSet2.json", 2),
        ("signedProofChain1.json", 3),
        ("signedProofChain2.json", 4),
        ("proofChainTempDoc1.json", 2),
    ] {
        assert_eq!(check(&file(name), &profile).map(|set| set.signers.len()), Ok(signers), "{name}");
    }
    assert_eq!(check(&file("proofChainTempDoc2.json"), &profile).unwrap_err(), "DI-12");

    // Stripping: each proof of the chain that another vouches for is missed.
    let chain = file("signedProofChain2.json");
    for missing in 0..3 {
        let mut stripped = chain.clone();
        stripped["proof"].as_array_mut().unwrap().remove(missing);
        assert_eq!(check(&stripped, &profile).unwrap_err(), "DI-12", "{missing}");
    }
    // A previous proof that was exchanged, or stands there twice, is not the one that was signed.
    let mut exchanged = chain.clone();
    exchanged["proof"][0]["proofValue"] = exchanged["proof"][1]["proofValue"].clone();
    assert_eq!(check(&exchanged, &profile).unwrap_err(), "DI-10");
    let mut doubled = chain.clone();
    let first = doubled["proof"][0].clone();
    doubled["proof"].as_array_mut().unwrap().push(first);
    assert_eq!(check(&doubled, &profile).unwrap_err(), "DI-12");
    // The last one is missed by whoever knows how many there must be.
    let mut shorter = chain;
    shorter["proof"].as_array_mut().unwrap().pop();
    assert_eq!(check(&shorter, &profile).unwrap().signers.len(), 3);
    let at_least = NonZeroUsize::new(4).unwrap();
    let four = Profile { proofs: ProofPolicy { at_least, ..ProofPolicy::default() }, ..Profile::default() };
    assert_eq!(check(&shorter, &four).unwrap_err(), "DI-14");
}

#[test]
fn assertion_inputs() {
    let Some(root) = vectors("vc-di-assertion-inputs") else { return };
    let mut seen = 0;
    for file in fs::read_dir(root.join("inputs/eddsa-rdfc-2022")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let secured = read(&path);
        let outcome = check(&secured, &open_profile()).map(|set| set.signers.len());
        if name.contains("Ok") {
            assert_eq!(outcome, Ok(2), "{name}");
            // They define their terms in place: nobody who reads members may take them.
            let strict = Profile { generation: Generation::Legacy, ..Profile::default() };
            assert_eq!(check(&secured, &strict).unwrap_err(), "DI-13", "{name}");
        } else {
            assert!(matches!(outcome, Err("DI-01" | "DI-12")), "{name}: {outcome:?}");
        }
        seen += 1;
    }
    assert_eq!(seen, 12);
    let early = read(&root.join("tests/fixtures/issuedVc.json"));
    assert_eq!(check(&early, &open_profile()).unwrap_err(), "DI-02");
}

pub(crate) fn credential() -> Map<String, Value> {
    object(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": "did:x:issuer",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:x:holder", "alumniOf": "한국학교"},
    }))
}

pub(crate) fn secured(
    document: Map<String, Value>,
    party: &Party,
    suite: Cryptosuite,
    options: &ProofOptions,
) -> Map<String, Value> {
    let contexts = Contexts::bundled();
    let how = Securing { suite, options, contexts: &contexts, earlier: Earlier::Kept };
    let prepared = secure(document, &how, party.signatory()).unwrap();
    let signature = party.signer.key().sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap()
}

pub(crate) fn options(id: Option<&str>, previous: &[&str]) -> ProofOptions {
    let previous = previous.iter().map(|id| (*id).to_owned()).collect();
    ProofOptions {
        id: id.map(str::to_owned),
        previous,
        created: Some(now()),
        ..ProofOptions::new(AssertionMethod)
    }
}

pub(crate) fn code(
    document: Map<String, Value>,
    keys: &KeyRing,
    profile: &Profile,
) -> Result<usize, &'static str> {
    let verified = verify_set(document, keys, &expected(), profile);
    verified.map(|set| set.get().signers.len()).map_err(|error| error.code())
}

#[test]
fn every_suite_of_one_signature_signs_and_verifies() {
    for (algorithm, suite) in [
        (Algorithm::Es256, Cryptosuite::EcdsaRdfc2019),
        (Algorithm::Es384, Cryptosuite::EcdsaRdfc2019),
        (Algorithm::Ed25519, Cryptosuite::EddsaRdfc2022),
        (Algorithm::Es256, Cryptosuite::EcdsaJcs2019),
        (Algorithm::Es384, Cryptosuite::EcdsaJcs2019),
        (Algorithm::Ed25519, Cryptosuite::EddsaJcs2022),
        (Algorithm::MlDsa44, Cryptosuite::MlDsa44Jcs2024),
    ] {
        let (party, impostor) =
            (Party::new("did:x:issuer", algorithm, 3), Party::new("did:x:issuer", algorithm, 4));
        let document = secured(credential(), &party, suite, &options(None, &[]));
        assert_eq!(code(document.clone(), &party.ring(), &Profile::default()), Ok(1), "{suite}");
        assert_eq!(code(document, &impostor.ring(), &Profile::default()), Err("DI-10"), "{suite}");
        for other in Cryptosuite::ALL.into_iter().filter(|other| !other.fits(algorithm)) {
            let contexts = Contexts::bundled();
            let options = options(None, &[]);
            let how =
                Securing { suite: other, options: &options, contexts: &contexts, earlier: Earlier::Kept };
            assert_eq!(
                secure(credential(), &how, party.signatory()).unwrap_err().code(),
                "JWS-18",
                "{other}"
            );
        }
    }
}

/// DIN-21: a suite does not verify with a key of another.
#[test]
fn a_suite_over_statements_does_not_take_another_key() {
    let party = Party::new("did:x:issuer", Algorithm::Ed25519, 3);
    for (suite, refused) in [
        ("ecdsa-rdfc-2019", "DI-02"),
        ("eddsa-jcs-2022", "DI-10"),
        ("ecdsa-sd-2023", "DI-02"),
        ("bbs-2023", "KEY-01"),
    ] {
        let mut document = secured(credential(), &party, Cryptosuite::EddsaRdfc2022, &options(None, &[]));
        document["proof"]["cryptosuite"] = json!(suite);
        assert_eq!(code(document, &party.ring(), &Profile::default()), Err(refused), "{suite}");
    }
}

/// DIN-12: definitions that come with the document could exchange two members.
#[test]
fn a_document_that_defines_its_own_terms_is_refused() {
    let party = Party::new("did:x:issuer", Algorithm::Ed25519, 3);
    let inline = json!({"employer": "https://example.org/employer"});
    let mut at_the_top = credential();
    at_the_top["@context"].as_array_mut().unwrap().push(inline.clone());
    let mut within = credential();
    within["credentialSubject"]["@context"] = inline;
    for document in [at_the_top, within] {
        let document = secured(document, &party, Cryptosuite::EddsaRdfc2022, &options(None, &[]));
        assert_eq!(code(document.clone(), &party.ring(), &open_profile()), Ok(1));
        assert_eq!(code(document, &party.ring(), &Profile::default()), Err("DI-13"));
    }
    // Over JSON text the definitions are signed like the rest.
    let mut document = credential();
    document["@context"].as_array_mut().unwrap().push(json!({"@vocab": "https://example.org/"}));
    let document = secured(document, &party, Cryptosuite::EddsaJcs2022, &options(None, &[]));
    assert_eq!(code(document, &party.ring(), &Profile::default()), Ok(1));
    // Appended afterwards they change what is said, or nothing that is read.
    let mut poisoned = secured(credential(), &party, Cryptosuite::EddsaRdfc2022, &options(None, &[]));
    poisoned["@context"].as_array_mut().unwrap().push(json!({"alumniOf": "https://example.org/x"}));
    assert_eq!(code(poisoned.clone(), &party.ring(), &Profile::default()), Err("DI-13"));
    assert_eq!(code(poisoned, &party.ring(), &open_profile()), Err("DI-10"));
}

#[test]
fn an_undefined_term_is_refused_by_issuer_and_verifier() {
    let party = Party::new("did:x:issuer", Algorithm::Es256, 3);
    let mut document = credential();
    document["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
    document["type"] = json!(["VerifiableCredential"]);
    let contexts = Contexts::bundled();
    let options = options(None, &[]);
    let suite = Cryptosuite::EcdsaRdfc2019;
    let how = Securing { suite, options: &options, contexts: &contexts, earlier: Earlier::Kept };
    let error = secure(document.clone(), &how, party.signatory()).unwrap_err();
    assert_eq!(&error.code()[..3], "JLD");
    document["credentialSubject"] = json!({"id": "did:x:holder", "name": "한별"});
    let mut document = secured(document, &party, suite, &options);
    document["credentialSubject"]["admin"] = json!(true);
    assert_eq!(&code(document, &party.ring(), &Profile::default()).unwrap_err()[..3], "JLD");
}

#[test]
fn sets_and_chains_under_both_transformations() {
    let first = Party::new("did:x:issuer", Algorithm::Ed25519, 3);
    let second = Party::new("did:x:second", Algorithm::Es256, 4);
    let keys = ring(&[&first, &second]);
    for (one, other) in [
        (Cryptosuite::EddsaJcs2022, Cryptosuite::EcdsaJcs2019),
        (Cryptosuite::EddsaRdfc2022, Cryptosuite::EcdsaRdfc2019),
        (Cryptosuite::EddsaJcs2022, Cryptosuite::EcdsaRdfc2019),
        (Cryptosuite::EddsaRdfc2022, Cryptosuite::EcdsaJcs2019),
    ] {
        let signed = secured(credential(), &first, one, &options(Some("urn:uuid:1"), &[]));
        let chain = secured(signed.clone(), &second, other, &options(None, &["urn:uuid:1"]));
        assert_eq!(code(chain.clone(), &keys, &Profile::default()), Ok(2));
        let mut exchanged = chain.clone();
        exchanged["proof"][0] =
            secured(credential(), &second, other, &options(Some("urn:uuid:1"), &[]))["proof"].clone();
        assert_eq!(code(exchanged, &keys, &Profile::default()), Err("DI-10"));
        // A chain is not made over a proof that is not there.
        let contexts = Contexts::bundled();
        let absent = options(None, &["urn:uuid:2"]);
        let how = Securing { suite: other, options: &absent, contexts: &contexts, earlier: Earlier::Kept };
        assert_eq!(secure(signed.clone(), &how, second.signatory()).unwrap_err().code(), "DI-12");

        let set = secured(signed, &second, other, &options(None, &[]));
        assert_eq!(code(set.clone(), &keys, &Profile::default()), Ok(2));
        assert_eq!(code(set.clone(), &first.ring(), &Profile::default()), Err("JWS-16"));
        let mut one_bad = set;
        one_bad["proof"][1]["created"] = json!("2020-01-01T00:00:00Z");
        assert_eq!(code(one_bad, &keys, &Profile::default()), Err("DI-10"));
    }
}

#[test]
fn the_policy_says_which_proofs_must_be_there() {
    let first = Party::new("did:x:issuer", Algorithm::Ed25519, 3);
    let second = Party::named("did:x:issuer", "key-2", Algorithm::Es256, 4);
    let stranger = Party::new("did:x:stranger", Algorithm::Es256, 5);
    // The same key under two names is one key.
    let again = Party::named("did:x:issuer", "key-3", Algorithm::Ed25519, 3);
    let mut keys = ring(&[&stranger]);
    keys.add(&Party::together(&[&first, &second, &again]));
    let one = secured(credential(), &first, Cryptosuite::EddsaJcs2022, &options(None, &[]));
    let with_second = |party| secured(one.clone(), party, Cryptosuite::EcdsaRdfc2019, &options(None, &[]));
    let two = with_second(&second);
    let with = |proofs: ProofPolicy| Profile { proofs, ..Profile::default() };
    let twice = with(ProofPolicy { at_least: NonZeroUsize::new(2).unwrap(), ..ProofPolicy::default() });
    assert_eq!(code(one.clone(), &keys, &twice), Err("DI-14"));
    assert_eq!(code(two.clone(), &keys, &twice), Ok(2));
    // Two proofs by one key are one signer, and anybody can add a proof.
    for same in [&first, &again] {
        let same = secured(one.clone(), same, Cryptosuite::EddsaRdfc2022, &options(None, &[]));
        assert_eq!(code(same.clone(), &keys, &Profile::default()), Ok(2));
        assert_eq!(code(same, &keys, &twice), Err("DI-14"));
    }
    assert_eq!(code(with_second(&stranger), &keys, &Profile::default()), Ok(2));
    assert_eq!(code(with_second(&stranger), &keys, &twice), Err("DI-14"));
    let ecdsa = with(ProofPolicy { suites: vec![Cryptosuite::EcdsaRdfc2019], ..ProofPolicy::default() });
    assert_eq!(code(one.clone(), &keys, &ecdsa), Err("DI-14"));
    assert_eq!(code(two.clone(), &keys, &ecdsa), Ok(2));
    assert_eq!(code(with_second(&stranger), &keys, &ecdsa), Err("DI-14"));

    let mut unknown = two;
    unknown["proof"][1]["cryptosuite"] = json!("unheard-2030");
    assert_eq!(code(unknown.clone(), &keys, &Profile::default()), Err("DI-02"));
    let lenient = with(ProofPolicy { unknown: UnknownProofs::PassedOver, ..ProofPolicy::default() });
    assert_eq!(code(unknown.clone(), &keys, &lenient), Ok(1));
    unknown["proof"][0]["cryptosuite"] = json!("unheard-2030");
    assert_eq!(code(unknown, &keys, &lenient), Err("DI-14"));

    let mut crowd = one;
    crowd["proof"] = Value::Array(vec![crowd["proof"].clone(); 17]);
    assert_eq!(code(crowd.clone(), &keys, &Profile::default()), Err("DI-15"));
    crowd["proof"] = json!([]);
    assert_eq!(code(crowd, &keys, &Profile::default()), Err("DI-14"));
}

#[test]
fn selective_disclosure_vectors() {
    for (set, folders, refused_base) in [
        ("vc-di-ecdsa", &["ecdsa-sd-2023/employ", "ecdsa-sd-2023/prc"][..], "SDI-11"),
        ("vc-di-bbs", &["", "prc"][..], "SDI-11"),
    ] {
        let Some(root) = vectors(set) else { return };
        for folder in folders {
            let base = read(&root.join(folder).join("addSignedSDBase.json"));
            let derived = read(&root.join(folder).join("derivedRevealDocument.json"));
            let strict = open_profile();
            let holder = Profile { disclosure: Disclosure::Base, ..open_profile() };
            assert_eq!(check(&derived, &strict).map(|set| set.signers.len()), Ok(1), "{folder}");
            assert_eq!(check(&base, &holder).map(|set| set.signers.len()), Ok(1), "{folder}");
            // A base proof is never taken for a derived one, nor the other way round.
            assert_eq!(check(&base, &strict).unwrap_err(), refused_base, "{folder}");
            assert_eq!(check(&derived, &holder).unwrap_err(), "SDI-12", "{folder}");
            let mut changed = derived.clone();
            changed["proof"]["created"] = json!("2020-01-01T00:00:00Z");
            assert_eq!(&check(&changed, &strict).unwrap_err()[..3], "SDI");
            let mut changed = derived;
            changed["issuer"] = json!("did:example:other");
            assert_eq!(&check(&changed, &strict).unwrap_err()[..3], "SDI");
        }
    }
    let Some(root) = vectors("vc-di-bbs") else { return };
    for folder in ["HolderBinding", "Pseudonym", "PseudonymHB"] {
        let derived = read(&root.join(folder).join("derivedRevealDocument.json"));
        assert_eq!(check(&derived, &open_profile()).unwrap_err(), "SDI-13", "{folder}");
    }
}
