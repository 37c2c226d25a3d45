//! Issuing, deriving and verifying through the public interface, with both suites.

#![expect(clippy::unwrap_used, reason = "test")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use sinpyo_bbs::SecretKey;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_jsonld::Contexts;
use sinpyo_selective::{
    DeriveError, Derived, Pointer, PrepareError, Proven, Unsecured, VerifyError, bbs2023, ecdsa_sd,
    proof_hash,
};
use sinpyo_testkit::TestEntropy;
use std::sync::{Arc, LazyLock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suite {
    EcdsaSd,
    Bbs,
}

const SUITES: [Suite; 2] = [Suite::EcdsaSd, Suite::Bbs];
static CONTEXTS: LazyLock<Arc<Contexts>> = LazyLock::new(Contexts::bundled);
static P256: LazyLock<SigningKey> = LazyLock::new(|| sinpyo_testkit::key(Algorithm::Es256, 1));
static BBS: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::generate(&mut TestEntropy::new(1)));
static HASH: LazyLock<[u8; 32]> = LazyLock::new(|| {
    let options = json!({
        "@context": "https://www.w3.org/ns/credentials/v2", "type": "DataIntegrityProof",
        "proofPurpose": "assertionMethod", "verificationMethod": "did:example:post#key",
    });
    proof_hash(options.as_object().unwrap(), &CONTEXTS).unwrap()
});

impl Suite {
    fn prepare(self, document: &Map<String, Value>, mandatory: &[&str]) -> Result<String, PrepareError> {
        let unsecured = unsecured(document);
        let entropy = &mut TestEntropy::new(7);
        Ok(match self {
            Self::EcdsaSd => {
                let base = ecdsa_sd::prepare(&unsecured, &pointers(mandatory), entropy)?;
                let signature = P256.sign(base.to_sign()).unwrap();
                base.attach(&signature).unwrap()
            }
            Self::Bbs => bbs2023::prepare(&unsecured, &pointers(mandatory), entropy)?.sign(&BBS).unwrap(),
        })
    }

    fn derive(
        self,
        document: &Map<String, Value>,
        base: &str,
        selective: &[&str],
    ) -> Result<Derived, DeriveError> {
        let selective = &pointers(selective);
        match self {
            Self::EcdsaSd => ecdsa_sd::derive(document, &CONTEXTS, base, selective),
            Self::Bbs => {
                let presentation = bbs2023::Presentation { selective, header: b"nonce" };
                bbs2023::derive(document, &CONTEXTS, base, &presentation, &mut TestEntropy::new(8))
            }
        }
    }

    fn verify(self, document: &Map<String, Value>, proof_value: &str) -> Result<Proven, VerifyError> {
        let unsecured = unsecured(document);
        match self {
            Self::EcdsaSd => ecdsa_sd::verify(&unsecured, proof_value, P256.verifying_key()),
            Self::Bbs => {
                bbs2023::verify(&unsecured, proof_value, &BBS.public_key()).map(|presented| presented.proven)
            }
        }
    }
}

fn unsecured(document: &Map<String, Value>) -> Unsecured<'_> {
    Unsecured { document, proof_hash: *HASH, contexts: &CONTEXTS }
}

fn pointers(texts: &[&str]) -> Vec<Pointer> {
    texts.iter().map(|text| Pointer::parse(text).unwrap()).collect()
}

/// Two equal boards and two equal sizes: blank nodes that only their labels tell apart. A list, a language map's
/// worth of texts, a value of each kind, a blank node that is named and used twice.
fn credential() -> Map<String, Value> {
    let credential = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            {
                "@vocab": "https://example.org/vocab#",
                "stations": {"@id": "https://example.org/vocab#stations", "@container": "@list"},
                "friend": {"@id": "https://example.org/vocab#friend", "@type": "@id"}
            }
        ],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "Membership"],
        "issuer": {"id": "did:example:post", "title": "issuer-title"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": "Member",
            "nickname": "secret-nickname",
            "level": 7,
            "height": 1.75,
            "active": true,
            "boards": [
                {"brand": "secret-brand", "year": 2022},
                {"brand": "secret-brand", "year": 2022},
                {"brand": "secret-other", "year": 2019, "parts": {"fin": {"size": "secret-size"}}}
            ],
            "stations": ["secret-first", "secret-second", "secret-third"],
            "said": [{"@value": "secret-hello", "@language": "en"}, {"@value": "secret-annyeong", "@language": "ko"}],
            "friend": "did:example:secret-friend"
        }
    });
    credential.as_object().unwrap().clone()
}

/// Every pointer into the subject that selects something, with the texts that it shows.
const PARTS: [(&str, &[&str]); 14] = [
    ("/credentialSubject/nickname", &["secret-nickname"]),
    ("/credentialSubject/level", &[]),
    ("/credentialSubject/height", &[]),
    ("/credentialSubject/active", &[]),
    ("/credentialSubject/boards/0", &["secret-brand"]),
    ("/credentialSubject/boards/1/brand", &["secret-brand"]),
    ("/credentialSubject/boards/1/year", &[]),
    ("/credentialSubject/boards/2/brand", &["secret-other"]),
    ("/credentialSubject/boards/2/parts/fin", &["secret-size"]),
    ("/credentialSubject/stations", &["secret-first", "secret-second", "secret-third"]),
    ("/credentialSubject/said/0", &["secret-hello"]),
    ("/credentialSubject/said/1", &["secret-annyeong"]),
    ("/credentialSubject/friend", &["secret-friend"]),
    ("/validFrom", &["2026-01-01"]),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever is selected, the derived proof verifies, shows it, and holds nothing of what is hidden.
    #[test]
    fn what_is_not_selected_does_not_appear(mask in 0_u32..1 << PARTS.len(), bbs in any::<bool>()) {
        let suite = if bbs { Suite::Bbs } else { Suite::EcdsaSd };
        let document = credential();
        let base = suite.prepare(&document, &["/issuer", "/credentialSubject/boards/2/year"]).unwrap();
        let chosen: Vec<_> = (0..).zip(PARTS).filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, part)| part).collect();
        let selective: Vec<_> = chosen.iter().map(|(pointer, _)| *pointer).collect();
        let derived = suite.derive(&document, &base, &selective).unwrap();
        let proven = suite.verify(&derived.document, &derived.proof_value).unwrap();
        prop_assert!(proven.mandatory >= 8, "{proven:?}");

        let shown = Value::Object(derived.document).to_string();
        prop_assert!(shown.contains("issuer-title") && shown.contains("2019"));
        let proof = sinpyo_core::encoding::from_base64url(&derived.proof_value[1..]).unwrap();
        let proof = String::from_utf8_lossy(&proof).into_owned();
        for (_, texts) in PARTS {
            for text in texts {
                let is_chosen = chosen.iter().any(|(_, texts)| texts.contains(text));
                prop_assert_eq!(shown.contains(text), is_chosen, "{}", text);
                prop_assert!(!proof.contains(text));
            }
        }
    }

    /// Bytes that anybody may send are refused, whatever they are.
    #[test]
    fn random_proof_values_are_refused(kind in 0_u8..10, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let bytes = [&[0xd9, 0x5d, kind], &body[..]].concat();
        let text = format!("u{}", sinpyo_core::encoding::to_base64url(&bytes));
        let document = credential();
        for suite in SUITES {
            prop_assert!(suite.verify(&document, &text).is_err());
            prop_assert!(suite.derive(&document, &text, &["/issuer"]).is_err());
        }
    }
}

#[test]
fn the_mandatory_parts_are_always_shown() {
    let document = credential();
    for suite in SUITES {
        let base = suite.prepare(&document, &["/issuer", "/validFrom"]).unwrap();
        let derived = suite.derive(&document, &base, &[]).unwrap();
        let shown = json!({
            "@context": document["@context"], "id": document["id"], "type": document["type"],
            "issuer": document["issuer"], "validFrom": document["validFrom"],
        });
        assert_eq!(Value::Object(derived.document.clone()), shown);
        let proven = suite.verify(&derived.document, &derived.proof_value).unwrap();
        assert_eq!(proven, Proven { mandatory: 5, selected: 0 });

        // Leaving one out afterwards is noticed.
        let mut less = derived.document;
        less.remove("validFrom");
        assert!(suite.verify(&less, &derived.proof_value).is_err());
    }
}

#[test]
fn a_proof_over_everything_verifies() {
    for suite in SUITES {
        for mandatory in [&[][..], &[""], &["/credentialSubject"]] {
            let document = credential();
            let base = suite.prepare(&document, mandatory).unwrap();
            let derived = suite.derive(&document, &base, &[""]).unwrap();
            assert_eq!(derived.document, document);
            assert!(suite.verify(&document, &derived.proof_value).is_ok());
        }
    }
}

#[test]
fn one_derived_proof_does_not_fit_another_document_of_the_issuer() {
    for suite in SUITES {
        let (document, mut other) = (credential(), credential());
        other["credentialSubject"]["level"] = json!(8);
        let derive = |document| {
            let base = suite.prepare(document, &["/issuer"]).unwrap();
            suite.derive(document, &base, &["/credentialSubject/level"]).unwrap()
        };
        let (first, second) = (derive(&document), derive(&other));
        assert!(suite.verify(&first.document, &first.proof_value).is_ok());
        assert!(suite.verify(&second.document, &first.proof_value).is_err());
        assert!(suite.verify(&first.document, &second.proof_value).is_err());
    }
}

#[test]
fn the_proof_options_are_bound() {
    for suite in SUITES {
        let document = credential();
        let base = suite.prepare(&document, &["/issuer"]).unwrap();
        let derived = suite.derive(&document, &base, &[]).unwrap();
        let other = Unsecured { proof_hash: [7; 32], ..unsecured(&derived.document) };
        let refused = match suite {
            Suite::EcdsaSd => ecdsa_sd::verify(&other, &derived.proof_value, P256.verifying_key()).is_err(),
            Suite::Bbs => bbs2023::verify(&other, &derived.proof_value, &BBS.public_key()).is_err(),
        };
        assert!(refused);
    }
}

#[test]
fn the_presentation_header_is_returned() {
    let document = credential();
    let base = Suite::Bbs.prepare(&document, &["/issuer"]).unwrap();
    let derived = Suite::Bbs.derive(&document, &base, &[]).unwrap();
    let presented =
        bbs2023::verify(&unsecured(&derived.document), &derived.proof_value, &BBS.public_key()).unwrap();
    assert_eq!(presented.header, b"nonce");
}

#[test]
fn two_proofs_derived_with_bbs_share_no_run_of_bytes() {
    let document = credential();
    let base = Suite::Bbs.prepare(&document, &["/issuer"]).unwrap();
    let derive = |seed| {
        let presentation = bbs2023::Presentation { selective: &[], header: b"" };
        let entropy = &mut TestEntropy::new(seed);
        let derived = bbs2023::derive(&document, &CONTEXTS, &base, &presentation, entropy).unwrap();
        sinpyo_core::encoding::from_base64url(&derived.proof_value[1..]).unwrap()
    };
    let (first, second) = (derive(1), derive(2));
    assert_eq!(first.len(), second.len());
    // Header and lengths, and the lists at the end, are equal; the proof between them is not.
    let runs: Vec<_> = first[8..].windows(8).collect();
    let shared = second[8..].windows(8).filter(|run| runs.contains(run)).count();
    assert!(shared < 32, "{shared} runs of 8 bytes");
}

#[test]
fn nothing_selected_and_nothing_mandatory_is_refused() {
    for suite in SUITES {
        let document = credential();
        let base = suite.prepare(&document, &[]).unwrap();
        let error = suite.derive(&document, &base, &[]).unwrap_err();
        assert_eq!(error.code(), "SDI-07");
        assert!(suite.derive(&document, &base, &["/issuer"]).is_ok());
    }
}

#[test]
fn a_pointer_that_leads_to_nothing_is_refused() {
    let document = credential();
    for suite in SUITES {
        for bad in ["/issuers", "/credentialSubject/boards/3", "/credentialSubject/boards/-", "/issuer/id/0"]
        {
            let error = suite.prepare(&document, &["/issuer", bad]).unwrap_err();
            assert_eq!(error.code(), Some("SDI-05"), "{bad}");
            let base = suite.prepare(&document, &["/issuer"]).unwrap();
            let error = suite.derive(&document, &base, &["/issuer", bad]).unwrap_err();
            assert_eq!(error.code(), "SDI-05", "{bad}");
        }
        // The labels that nodes are given on the way are nothing that a pointer can lead to.
        let error = suite.prepare(&document, &["/credentialSubject/@id"]).unwrap_err();
        assert_eq!(error.code(), Some("SDI-05"));
    }
}

#[test]
fn a_part_of_a_list_is_refused() {
    let document = credential();
    for suite in SUITES {
        let error = suite.prepare(&document, &["/credentialSubject/stations/1"]).unwrap_err();
        assert_eq!(error.code(), Some("SDI-09"));
        let base = suite.prepare(&document, &["/issuer"]).unwrap();
        let error = suite.derive(&document, &base, &["/credentialSubject/stations/1"]).unwrap_err();
        assert_eq!(error.code(), "SDI-09");
    }
}

#[test]
fn a_node_that_loses_its_label_is_refused_where_it_occurs_twice() {
    let mut document = credential();
    document["credentialSubject"]["boards"][0]["id"] = json!("_:board");
    document["credentialSubject"]["boards"][1] = json!({"id": "_:board", "colour": "red"});
    for suite in SUITES {
        let base = suite.prepare(&document, &["/issuer"]).unwrap();
        let colour = ["/credentialSubject/boards/1/colour"];
        let derived = suite.derive(&document, &base, &colour).unwrap();
        assert!(suite.verify(&derived.document, &derived.proof_value).is_ok());
        let both = ["/credentialSubject/boards/1/colour", "/credentialSubject/boards/0/brand"];
        assert_eq!(suite.derive(&document, &base, &both).unwrap_err().code(), "SDI-09");
    }
}

#[test]
fn a_context_of_a_part_goes_with_it() {
    let mut document = credential();
    document["@context"] = json!("https://www.w3.org/ns/credentials/v2");
    document["type"] = json!("VerifiableCredential");
    document.insert("issuer".into(), json!("did:example:post"));
    document.insert(
        "credentialSubject".into(),
        json!({
            "@context": {"employment": {"@id": "urn:example:employment"}, "hours": "urn:example:hours"},
            "employment": {"hours": 7}
        }),
    );
    for suite in SUITES {
        let base = suite.prepare(&document, &["/issuer"]).unwrap();
        let derived = suite.derive(&document, &base, &["/credentialSubject/employment/hours"]).unwrap();
        assert_eq!(derived.document["credentialSubject"], document["credentialSubject"]);
        assert!(suite.verify(&derived.document, &derived.proof_value).is_ok());
    }
}

#[test]
fn limits_hold() {
    let mut document = credential();
    for suite in SUITES {
        let many = vec!["/issuer"; 257];
        assert_eq!(suite.prepare(&document, &many).unwrap_err().code(), Some("SDI-06"));
        assert!(suite.prepare(&document, &many[..256]).is_ok());
    }
    document["credentialSubject"]["boards"] =
        (0..700).map(|year| json!({"brand": "b", "year": year})).collect();
    for suite in SUITES {
        assert_eq!(suite.prepare(&document, &["/issuer"]).unwrap_err().code(), Some("SDI-03"));
    }
    let base = Suite::EcdsaSd.prepare(&credential(), &["/issuer"]).unwrap();
    assert_eq!(Suite::EcdsaSd.derive(&document, &base, &["/issuer"]).unwrap_err().code(), "SDI-03");
}

/// Ten nodes, each linked with every other: no canonical form within the work limit.
#[test]
fn a_poison_graph_is_refused() {
    let mut document = credential();
    let label = |node: usize| json!({"@id": format!("_:n{node}")});
    let clique: Vec<_> = (0..10)
        .map(|node| {
            let links: Vec<_> = (0..10).filter(|other| *other != node).map(label).collect();
            json!({"@id": format!("_:n{node}"), "link": links})
        })
        .collect();
    document["credentialSubject"]["boards"] = Value::Array(clique);
    for suite in SUITES {
        assert_eq!(suite.prepare(&document, &["/issuer"]).unwrap_err().code(), Some("SDI-02"));
    }
}

#[test]
fn an_undefined_term_is_refused() {
    let mut document = credential();
    document["@context"] = json!("https://www.w3.org/ns/credentials/v2");
    for suite in SUITES {
        assert_eq!(suite.prepare(&document, &["/issuer"]).unwrap_err().code(), Some("SDI-01"));
    }
}

#[test]
fn a_signature_of_another_length_is_not_attached() {
    let document = credential();
    for length in [0, 63, 65, 71] {
        let base = ecdsa_sd::prepare(&unsecured(&document), &[], &mut TestEntropy::new(1)).unwrap();
        assert_eq!(base.attach(&vec![1; length]).unwrap_err().code(), "SDI-19");
    }
}
