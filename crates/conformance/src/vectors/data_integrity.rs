//! Data Integrity proofs over canonical JSON [VC-DI 1.0 §4].

use super::{
    case::{Case, NOW_TEXT},
    party::{Members, Party, members, set},
};
use anyhow::Result;
use serde_json::{Value, json};
use sinpyo_crypto::Algorithm;

const DOMAIN: &str = "https://post.example";
const CHALLENGE: &str = "bm9uY2Utbm9uY2Utbm9uY2U";

/// When a rule is broken: in the options before signing, or in document and proof after it.
enum Change {
    Signed(fn(&mut Members)),
    Altered(fn(&mut Members, &mut Members)),
}
use Change::{Altered, Signed};

/// Name, rule, section, what is wrong.
const REFUSED: [(&str, &str, &str, Change); 24] = [
    ("another-type", "DI-01", "VC-DI §2.1", Signed(|options| set(options, "type", "Ed25519Signature2020"))),
    (
        "created-malformed",
        "DI-01",
        "VC-DI §2.1",
        Signed(|options| set(options, "created", "22 November 2026")),
    ),
    ("two-domains", "DI-06", "VC-DI §2.1", Signed(|options| set(options, "domain", json!([DOMAIN, "x"])))),
    ("suite-unknown", "DI-02", "VC-DI §4.4", Signed(|options| set(options, "cryptosuite", "eddsa-jcs-2099"))),
    (
        "suite-of-another-key",
        "DI-02",
        "VC-DI-ECDSA §3.3",
        Signed(|options| {
            set(options, "cryptosuite", "ecdsa-jcs-2019");
        }),
    ),
    (
        "another-purpose",
        "DI-03",
        "VC-DI §4.4",
        Signed(|options| set(options, "proofPurpose", "authentication")),
    ),
    ("no-purpose", "DI-03", "VC-DI §2.1", Signed(|options| drop(options.remove("proofPurpose")))),
    (
        "created-in-the-future",
        "DI-04",
        "VC-DI §2.1",
        Signed(|options| {
            set(options, "created", "2026-11-22T03:46:01Z");
        }),
    ),
    ("expired", "DI-05", "VC-DI §2.1", Signed(|options| set(options, "expires", "2026-11-22T03:43:59Z"))),
    (
        "another-domain",
        "DI-06",
        "VC-DI §4.4",
        Signed(|options| set(options, "domain", "https://bank.example")),
    ),
    ("no-domain", "DI-06", "VC-DI §4.4", Signed(|options| drop(options.remove("domain")))),
    (
        "another-challenge",
        "DI-07",
        "VC-DI §4.4",
        Signed(|options| {
            set(options, "challenge", "YW5vdGhlci1ub25jZS1hbm90aGVy");
        }),
    ),
    ("no-challenge", "DI-07", "VC-DI §4.4", Signed(|options| drop(options.remove("challenge")))),
    ("no-proof-value", "DI-08", "VC-DI §2.1", Altered(|_, proof| drop(proof.remove("proofValue")))),
    (
        "proof-value-in-base64url",
        "DI-08",
        "VC-DI-EDDSA §3.3.2",
        Altered(|_, proof| {
            set(proof, "proofValue", "uAAAA");
        }),
    ),
    (
        "context-replaced",
        "DI-09",
        "VC-DI-EDDSA §3.3.2",
        Altered(|document, _| {
            set(document, "@context", json!(["https://stranger.example/v1"]));
        }),
    ),
    (
        "context-put-in-front",
        "DI-09",
        "VC-DI-EDDSA §3.3.2",
        Altered(|document, _| {
            let contexts = json!(["https://stranger.example/v1", "https://www.w3.org/ns/credentials/v2"]);
            set(document, "@context", contexts);
        }),
    ),
    ("member-changed", "DI-10", "VC-DI §4.4", Altered(|document, _| set(document, "number", 1.25))),
    ("member-added", "DI-10", "VC-DI §4.4", Altered(|document, _| set(document, "extra", Value::Null))),
    ("member-removed", "DI-10", "VC-DI §4.4", Altered(|document, _| drop(document.remove("text")))),
    ("text-normalised", "DI-10", "RFC 8785 §3.1", Altered(|document, _| set(document, "text", "신표"))),
    (
        "option-changed",
        "DI-10",
        "VC-DI §4.4",
        Altered(|_, proof| set(proof, "created", "2026-11-22T03:44:59Z")),
    ),
    ("option-added", "DI-10", "VC-DI §4.4", Altered(|_, proof| set(proof, "nonce", "1"))),
    ("proof-chain", "DI-11", "VC-DI §2.1.2", Altered(|_, proof| set(proof, "previousProof", "urn:uuid:1"))),
];

pub(super) fn cases() -> Result<Vec<Case>> {
    let party = Party::new("did:example:issuer", Algorithm::Ed25519, 1)?;
    let mut cases = Vec::new();
    for (name, algorithm) in [("eddsa-jcs-2022", Algorithm::Ed25519), ("ecdsa-jcs-2019", Algorithm::Es256)] {
        let party = Party::new("did:example:issuer", algorithm, 1)?;
        let proof = party.proof(&document(), options(&party))?;
        cases.push(acceptance(name, secured(document(), proof.into()), &party));
    }
    // Nobody vouches for contexts that were appended after signing; the signed ones come back.
    let mut appended = document();
    let contexts = json!(["https://www.w3.org/ns/credentials/v2", "https://appended.example/v1"]);
    set(&mut appended, "@context", contexts);
    let proof = party.proof(&document(), options(&party))?;
    cases.push(acceptance("context-appended", secured(appended, proof.clone().into()), &party));

    for (name, rule, source, change) in REFUSED {
        let (mut document, mut options) = (document(), options(&party));
        if let Signed(change) = change {
            change(&mut options);
        }
        let mut proof = party.proof(&document, options)?;
        if let Altered(change) = change {
            change(&mut document, &mut proof);
        }
        cases.push(Case::refused((name, rule, source), given(&party), secured(document, proof.into())));
    }
    let set_of_proofs = json!([proof, proof]);
    cases.push(Case::refused(
        ("proof-set", "DI-11", "VC-DI §2.1.1"),
        given(&party),
        secured(document(), set_of_proofs),
    ));
    let stranger = Party::new("did:example:issuer", Algorithm::Ed25519, 66)?;
    let forged = stranger.proof(&document(), options(&stranger))?;
    cases.push(Case::refused(
        ("another-key", "DI-10", "VC-DI §4.4"),
        given(&party),
        secured(document(), forged.into()),
    ));
    Ok(cases)
}

/// The text is decomposed: a verifier that normalises sees other bytes than were signed.
fn document() -> Members {
    members(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "Operation", "number": 1.5, "list": [1, null, true],
        "text": "\u{1109}\u{1175}\u{11ab}\u{1111}\u{116d}",
    }))
}

fn options(party: &Party) -> Members {
    members(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "DataIntegrityProof", "cryptosuite": party.cryptosuite(), "verificationMethod": party.method(),
        "proofPurpose": "assertionMethod", "created": "2026-11-22T03:44:00Z", "expires": "2026-11-22T03:50:00Z",
        "domain": DOMAIN, "challenge": CHALLENGE,
    }))
}

fn secured(mut document: Members, proof: Value) -> String {
    set(&mut document, "proof", proof);
    Value::Object(document).to_string()
}

fn acceptance(name: &'static str, input: String, known: &Party) -> Case {
    let facts = json!({"document": document(), "verificationMethod": known.method()});
    let checks = ["DI-02", "DI-03", "DI-06", "DI-07", "DI-09", "DI-10"];
    Case::accepted((name, &checks, "VC-DI §4.4"), given(known), input, facts)
}

fn given(known: &Party) -> Value {
    json!({
        "now": NOW_TEXT, "documents": [known.document()], "purpose": "assertionMethod",
        "challenge": {"domain": DOMAIN, "challenge": CHALLENGE},
    })
}
