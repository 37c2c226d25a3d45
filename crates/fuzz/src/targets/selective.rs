//! `sinpyo-selective`: proof values of both suites, and the documents beside them.

use super::{OK, SKIPPED, fixture, target};
use crate::{Outcome, Target};
use serde_json::{Map, Value, json};
use sinpyo_bbs::SecretKey;
use sinpyo_core::json;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jsonld::Contexts;
use sinpyo_selective::{Derived, Pointer, Proven, Unsecured, bbs2023, ecdsa_sd, proof_hash};
use sinpyo_testkit::TestEntropy;
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    target("selective/ecdsa-sd-2023", || seeds(&ECDSA_SD), read_ecdsa_sd),
    target("selective/bbs-2023", || seeds(&BBS), read_bbs),
];

/// A document in JSON beside the base proof value that was made over it, and what was derived from both.
struct Made {
    base: String,
    derived: Derived,
}

static KEY: LazyLock<SigningKey> = LazyLock::new(|| sinpyo_testkit::key(Algorithm::Es256, 1));
static SECRET: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(&mut TestEntropy::new(1)));
static HASH: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let options = json!({
        "@context": "https://www.w3.org/ns/credentials/v2", "type": "DataIntegrityProof",
        "proofPurpose": "assertionMethod", "verificationMethod": "did:x:issuer#key-1",
    });
    proof_hash(options.as_object().expect("an object"), &Contexts::bundled()).expect("options with a meaning")
});

fn unsecured<'d>(document: &'d Map<String, Value>, contexts: &'d Contexts) -> Unsecured<'d> {
    Unsecured { document, proof_hash: *HASH, contexts }
}

fn pointers(texts: &[&str]) -> Vec<Pointer> {
    texts.iter().map(|text| Pointer::parse(text).expect("a pointer")).collect()
}

const MANDATORY: [&str; 2] = ["/issuer", "/validFrom"];
const SELECTED: [&str; 2] = ["/credentialSubject/degree", "/credentialSubject/id"];

static ECDSA_SD: LazyLock<Made> = LazyLock::new(|| {
    let (document, contexts) = (fixture::selectable(), Contexts::bundled());
    let prepared =
        ecdsa_sd::prepare(&unsecured(&document, &contexts), &pointers(&MANDATORY), &mut TestEntropy::new(7));
    let prepared = prepared.expect("a document with a meaning");
    let signature = KEY.sign(prepared.to_sign()).expect("a signature");
    let base = prepared.attach(&signature).expect("our own signature");
    let derived =
        ecdsa_sd::derive(&document, &contexts, &base, &pointers(&SELECTED)).expect("a derived proof");
    Made { base, derived }
});

static BBS: LazyLock<Made> = LazyLock::new(|| {
    let (document, contexts) = (fixture::selectable(), Contexts::bundled());
    let prepared =
        bbs2023::prepare(&unsecured(&document, &contexts), &pointers(&MANDATORY), &mut TestEntropy::new(7));
    let base = prepared.expect("a document with a meaning").sign(&SECRET).expect("a signature");
    let selective = pointers(&SELECTED);
    let presentation = bbs2023::Presentation { selective: &selective, header: b"nonce" };
    let derived = bbs2023::derive(&document, &contexts, &base, &presentation, &mut TestEntropy::new(8));
    Made { base, derived: derived.expect("a derived proof") }
});

fn seeds(made: &LazyLock<Made>) -> Vec<Vec<u8>> {
    let Made { base, derived } = &**made;
    let input = |document: &Map<String, Value>, proof: &str| {
        json!({"document": document, "proof": proof, "pointers": SELECTED}).to_string().into_bytes()
    };
    vec![input(&fixture::selectable(), base), input(&derived.document, &derived.proof_value)]
}

/// The parts of an input.
struct Input {
    document: Map<String, Value>,
    proof: String,
    pointers: Vec<Pointer>,
}

fn read(input: &[u8]) -> Option<Input> {
    let mut members = json::parse_object(input).ok()?;
    let Some(Value::Object(document)) = members.remove("document") else { return None };
    let pointers = members.get("pointers")?.as_array()?.iter();
    Some(Input {
        document,
        proof: members.get("proof")?.as_str()?.to_owned(),
        pointers: pointers.filter_map(|text| Pointer::parse(text.as_str()?).ok()).collect(),
    })
}

fn read_ecdsa_sd(input: &[u8]) -> Outcome {
    let Some(Input { document, proof, pointers }) = read(input) else { return SKIPPED };
    let contexts = Contexts::bundled();
    let unsecured = unsecured(&document, &contexts);
    let based = ecdsa_sd::verify_base(&unsecured, &proof, KEY.verifying_key()).is_ok();
    if let Ok(derived) = ecdsa_sd::derive(&document, &contexts, &proof, &pointers)
        && based
    {
        let shown = Unsecured { document: &derived.document, ..unsecured };
        let verified = ecdsa_sd::verify(&shown, &derived.proof_value, KEY.verifying_key());
        assert!(verified.is_ok(), "what is derived from a good base proof verifies: {verified:?}");
    }
    check(&document, based, ecdsa_sd::verify(&unsecured, &proof, KEY.verifying_key()), &ECDSA_SD)
}

fn read_bbs(input: &[u8]) -> Outcome {
    let Some(Input { document, proof, pointers }) = read(input) else { return SKIPPED };
    let (contexts, key) = (Contexts::bundled(), SECRET.public_key());
    let unsecured = unsecured(&document, &contexts);
    let based = bbs2023::verify_base(&unsecured, &proof, &key).is_ok();
    let presentation = bbs2023::Presentation { selective: &pointers, header: b"nonce" };
    let derived = bbs2023::derive(&document, &contexts, &proof, &presentation, &mut TestEntropy::new(9));
    if let Ok(derived) = derived
        && based
    {
        let shown = Unsecured { document: &derived.document, ..unsecured };
        let verified = bbs2023::verify(&shown, &derived.proof_value, &key);
        assert!(verified.is_ok(), "what is derived from a good base proof verifies: {verified:?}");
    }
    let verified = bbs2023::verify(&unsecured, &proof, &key).map(|presented| presented.proven);
    check(&document, based, verified, &BBS)
}

/// What verifies makes the statements that were signed, and no other.
fn check(
    document: &Map<String, Value>,
    based: bool,
    verified: Result<Proven, sinpyo_selective::VerifyError>,
    made: &Made,
) -> Outcome {
    let signed = if based { &fixture::selectable() } else { &made.derived.document };
    match verified {
        _ if based => {
            assert_eq!(statements(document), statements(signed));
            OK
        }
        Ok(_) => {
            assert_eq!(statements(document), statements(signed));
            OK
        }
        Err(error) => error.code(),
    }
}

/// The canonical statements of a document; its texts may differ where they mean nothing.
fn statements(document: &Map<String, Value>) -> Option<String> {
    let dataset = sinpyo_jsonld::to_rdf(document, &Contexts::bundled()).ok()?;
    let (algorithm, limit) = (sinpyo_rdf::HashAlgorithm::Sha256, sinpyo_rdf::Limit::default());
    sinpyo_rdf::canonicalize(&dataset, algorithm, limit).ok().map(sinpyo_rdf::Canonical::into_nquads)
}
