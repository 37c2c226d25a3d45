//! Data Integrity proofs over statements [VC-DI-EDDSA §3.2, VC-DI-ECDSA §3.2 and §3.5, VC-DI-BBS §3].
//!
//! The statements are written out here: no JSON-LD is processed to make a case. No node lacks a name, so that labels are
//! of no account in the suites of selective disclosure.

use super::{
    case::{Case, NOW_TEXT},
    party::{Members, Party, members, set},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use sinpyo_bbs as bbs;
use sinpyo_core::encoding::{Base, to_multibase};
use sinpyo_cose::cbor::{Map as CborMap, Value as Cbor};
use sinpyo_crypto::{Algorithm, hash::sha256};
use sinpyo_testkit::TestEntropy;

const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
const CREDENTIAL: &str = "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33";
const CREATED: &str = "2026-11-22T03:44:00Z";

/// Name, rule, section, and what somebody did to the document and its proof.
type Change = fn(&mut Members, &mut Members);
const REFUSED: [(&str, &str, &str, Change); 8] = [
    ("member-changed", "DI-10", "VC-DI §4.4", |document, _| set(document, "name", "이")),
    ("member-removed", "DI-10", "VC-DI §4.4", |document, _| drop(document.remove("name"))),
    ("option-changed", "DI-10", "VC-DI §4.4", |_, proof| set(proof, "created", "2026-11-22T03:43:59Z")),
    ("another-suite", "DI-10", "VC-DI §4.4", |_, proof| set(proof, "cryptosuite", "eddsa-jcs-2022")),
    ("another-purpose", "DI-03", "VC-DI §4.4", |_, proof| set(proof, "proofPurpose", "authentication")),
    ("term-undefined", "JLD-04", "VCDM 2.0 §4.3", |document, _| set(document, "undefined", "이")),
    ("context-inline", "DI-13", "VC-DI §2.4.1", |document, _| {
        set(document, "@context", json!([CONTEXT, {"name": "https://other.example/name"}]));
    }),
    ("previous-proof-missing", "DI-12", "VC-DI §4.4", |_, proof| set(proof, "previousProof", "urn:uuid:1")),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (name, suite, algorithm, source) in [
        ("eddsa-rdfc-2022", "eddsa-rdfc-2022", Algorithm::Ed25519, "VC-DI-EDDSA §3.2"),
        ("ecdsa-rdfc-2019", "ecdsa-rdfc-2019", Algorithm::Es256, "VC-DI-ECDSA §3.2"),
    ] {
        let party = Party::new("did:example:issuer", algorithm, 1)?;
        cases.push(accepted((name, &["DI-02", "DI-10"], source), &party, rdfc(&party, suite)?, document()));
    }
    let party = Party::new("did:example:issuer", Algorithm::Ed25519, 1)?;
    for (name, rule, source, change) in REFUSED {
        let (mut document, mut proof) = (document(), rdfc(&party, "eddsa-rdfc-2022")?);
        change(&mut document, &mut proof);
        let input = secured(document, proof);
        cases.push(Case::refused((name, rule, source), given(&party.document()), input));
    }
    let stranger = Party::new("did:example:issuer", Algorithm::Ed25519, 66)?;
    let forged = secured(document(), rdfc(&stranger, "eddsa-rdfc-2022")?);
    cases.push(Case::refused(("another-key", "DI-10", "VC-DI §4.4"), given(&party.document()), forged));
    cases.extend(ecdsa_sd()?);
    cases.extend(bbs()?);
    Ok(cases)
}

fn document() -> Members {
    members(json!({
        "@context": [CONTEXT], "id": CREDENTIAL, "type": ["VerifiableCredential"], "name": "김",
        "issuer": "did:example:issuer", "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:holder"},
    }))
}

/// The statements of [`document`], in order.
fn statements() -> [String; 5] {
    const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
    const VC: &str = "https://www.w3.org/2018/credentials#";
    [
        format!("<{CREDENTIAL}> <{TYPE}> <{VC}VerifiableCredential> .\n"),
        format!("<{CREDENTIAL}> <https://schema.org/name> \"김\" .\n"),
        format!("<{CREDENTIAL}> <{VC}credentialSubject> <did:example:holder> .\n"),
        format!("<{CREDENTIAL}> <{VC}issuer> <did:example:issuer> .\n"),
        format!(
            "<{CREDENTIAL}> <{VC}validFrom> \
             \"2026-01-01T00:00:00Z\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
        ),
    ]
}

fn options(suite: &str, method: &str) -> Members {
    members(json!({
        "type": "DataIntegrityProof", "cryptosuite": suite, "verificationMethod": method,
        "proofPurpose": "assertionMethod", "created": CREATED,
    }))
}

/// The hash of the statements of [`options`].
fn options_hash(suite: &str, method: &str) -> [u8; 32] {
    const SEC: &str = "https://w3id.org/security#";
    let statements = format!(
        "_:c14n0 <http://purl.org/dc/terms/created> \"{CREATED}\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n\
         _:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{SEC}DataIntegrityProof> .\n\
         _:c14n0 <{SEC}cryptosuite> \"{suite}\"^^<{SEC}cryptosuiteString> .\n\
         _:c14n0 <{SEC}proofPurpose> <{SEC}assertionMethod> .\n\
         _:c14n0 <{SEC}verificationMethod> <{method}> .\n"
    );
    sha256(statements.as_bytes())
}

/// A proof by `party` over the whole document.
fn rdfc(party: &Party, suite: &str) -> Result<Members> {
    let message = [options_hash(suite, &party.method()), sha256(statements().concat().as_bytes())].concat();
    let mut proof = options(suite, &party.method());
    set(&mut proof, "proofValue", to_multibase(Base::Base58Btc, &party.sign(&message)?));
    Ok(proof)
}

fn secured(mut document: Members, proof: Members) -> String {
    set(&mut document, "proof", proof);
    Value::Object(document).to_string()
}

fn given(issuer: &Value) -> Value {
    json!({"now": NOW_TEXT, "documents": [issuer], "purpose": "assertionMethod"})
}

fn accepted(
    title: (&'static str, &[&'static str], &'static str),
    party: &Party,
    proof: Members,
    document: Members,
) -> Case {
    let facts = json!({"document": document, "verificationMethods": [party.method()]});
    Case::accepted(title, given(&party.document()), secured(document, proof), facts)
}

/// A `proofValue`: which kind it is, and its parts.
fn proof_value(kind: u8, parts: Vec<Cbor>) -> String {
    let bytes = [&[0xd9, 0x5d, kind][..], &Cbor::Array(parts).to_bytes()].concat();
    to_multibase(Base::Base64Url, &bytes)
}

fn numbers(list: &[u64]) -> Cbor {
    Cbor::Array(list.iter().map(|number| Cbor::from(*number)).collect())
}

fn joined(statements: &[String], indexes: &[usize]) -> String {
    indexes.iter().filter_map(|index| statements.get(*index)).cloned().collect()
}

/// Type and issuer are mandatory; name, subject and start of validity are shown.
fn ecdsa_sd() -> Result<Vec<Case>> {
    const SUITE: &str = "ecdsa-sd-2023";
    let issuer = Party::issuer()?;
    let ephemeral = Party::new("did:example:ephemeral", Algorithm::Es256, 40)?;
    let statements = statements();
    let key = sinpyo_core::encoding::from_multibase(Base::Base58Btc, &ephemeral.multikey())?;
    let mandatory = sha256(joined(&statements, &[0, 3]).as_bytes());
    let message = [&options_hash(SUITE, &issuer.method())[..], &key, &mandatory].concat();
    let shown = statements.iter().enumerate().filter(|(index, _)| ![0, 3].contains(index));
    let signatures: Vec<Cbor> = shown
        .map(|(_, line)| Ok(Cbor::from(ephemeral.sign(line.as_bytes())?.as_ref())))
        .collect::<Result<_>>()?;
    let signature = issuer.sign(&message)?;
    let value = |kind: u8, signatures: &[Cbor], mandatory: &[u64]| {
        let parts = vec![
            Cbor::from(signature.as_ref()),
            Cbor::from(key.as_slice()),
            Cbor::Array(signatures.to_vec()),
            Cbor::Map(CborMap::new()),
            numbers(mandatory),
        ];
        let mut proof = options(SUITE, &issuer.method());
        set(&mut proof, "proofValue", proof_value(kind, parts));
        proof
    };
    let good = value(1, &signatures, &[0, 3]);
    let title = (SUITE, &["SDI-21", "SDI-23"][..], "VC-DI-ECDSA §3.6.7");
    let mut cases = vec![accepted(title, &issuer, good.clone(), document())];
    let swapped: Vec<Cbor> = signatures.iter().rev().cloned().collect();
    let fewer = signatures.get(1..).context("three signatures")?;
    let mut renamed = document();
    set(&mut renamed, "name", "이");
    for (title, document, proof) in [
        (("sd-base-as-derived", "SDI-11", "VC-DI-ECDSA §3.4.6"), document(), value(0, &signatures, &[0, 3])),
        (("sd-signatures-swapped", "SDI-23", "VC-DI-ECDSA §3.6.7"), document(), value(1, &swapped, &[0, 3])),
        (("sd-signature-missing", "SDI-18", "VC-DI-ECDSA §3.6.7"), document(), value(1, fewer, &[0, 3])),
        (("sd-other-mandatory", "SDI-21", "VC-DI-ECDSA §3.6.7"), document(), value(1, &signatures, &[0, 4])),
        (("sd-statement-changed", "SDI-23", "VC-DI-ECDSA §3.6.7"), renamed, good),
    ] {
        cases.push(Case::refused(title, given(&issuer.document()), secured(document, proof)));
    }
    Ok(cases)
}

/// Type and issuer are mandatory; the name is withheld, the others are shown.
fn bbs() -> Result<Vec<Case>> {
    const OCCASION: &[u8] = b"nonce";
    let shown = Shown::prove(OCCASION)?;
    let mut nameless = document();
    nameless.remove("name");
    let good = shown.proof(3, &[1, 2], OCCASION);
    let facts = json!({"document": nameless, "verificationMethods": [METHOD]});
    let input = secured(nameless.clone(), good.clone());
    let given = given(&shown.issuer);
    let title = (BBS, &["SDI-24"][..], "VC-DI-BBS §3.3.7");
    let mut cases = vec![Case::accepted(title, given.clone(), input, facts)];
    let mut issued_later = nameless.clone();
    set(&mut issued_later, "validFrom", "2026-01-02T00:00:00Z");
    for (title, document, proof) in [
        (("bbs-base-as-derived", "SDI-11", "VC-DI-BBS §3.2.4"), &nameless, shown.proof(2, &[1, 2], OCCASION)),
        (("bbs-feature-option", "SDI-13", "VC-DI-BBS §3.2.6"), &nameless, shown.proof(5, &[1, 2], OCCASION)),
        (("bbs-other-indexes", "SDI-24", "VC-DI-BBS §3.3.7"), &nameless, shown.proof(3, &[0, 2], OCCASION)),
        (
            ("bbs-another-occasion", "SDI-24", "VC-DI-BBS §3.3.7"),
            &nameless,
            shown.proof(3, &[1, 2], b"other"),
        ),
        (("bbs-statement-changed", "SDI-24", "VC-DI-BBS §3.3.7"), &issued_later, good),
    ] {
        cases.push(Case::refused(title, given.clone(), secured(document.clone(), proof)));
    }
    Ok(cases)
}

const BBS: &str = "bbs-2023";
const METHOD: &str = "did:example:issuer#key-1";

/// What a holder shows under `bbs-2023`, and the document of the issuer.
struct Shown {
    issuer: Value,
    octets: Vec<u8>,
}

impl Shown {
    fn prove(occasion: &[u8]) -> Result<Self> {
        let key = bbs::SecretKey::generate(&mut TestEntropy::new(70));
        let public = key.public_key();
        let issuer = json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"],
            "id": "did:example:issuer",
            "verificationMethod": [{
                "id": METHOD, "type": "Multikey", "controller": "did:example:issuer",
                "publicKeyMultibase": public.to_multikey().to_string(),
            }],
            "assertionMethod": [METHOD],
        });
        let [kind, name, subject, issued_by, from] = statements();
        let mandatory = sha256([kind, issued_by].concat().as_bytes());
        let header = [options_hash(BBS, METHOD), mandatory].concat();
        let messages = [name.as_bytes(), subject.as_bytes(), from.as_bytes()];
        let signature = key.sign(bbs::Suite::Sha256, &header, &messages)?;
        let selection = bbs::Selection {
            header: &header,
            presentation_header: occasion,
            messages: &messages,
            disclosed: &[1, 2],
        };
        let mut entropy = TestEntropy::new(71);
        let octets = public.prove(bbs::Suite::Sha256, &signature, &selection, &mut entropy)?.to_octets();
        Ok(Self { issuer, octets })
    }

    /// The proof as one of `kind` that says it shows these messages on this occasion.
    fn proof(&self, kind: u8, selected: &[u64], occasion: &[u8]) -> Members {
        let parts = vec![
            Cbor::from(self.octets.as_slice()),
            Cbor::Map(CborMap::new()),
            numbers(&[0, 2]),
            numbers(selected),
            Cbor::from(occasion),
        ];
        let mut proof = options(BBS, METHOD);
        set(&mut proof, "proofValue", proof_value(kind, parts));
        proof
    }
}
