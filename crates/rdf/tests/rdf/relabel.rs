//! Other labels than the canonical ones.

use serde_json::Value;
use sinpyo_core::Secret;
use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::mac::hmac_sha256;
use sinpyo_rdf::{HashAlgorithm, Limit, RelabelError, canonicalize, nquads, relabel};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

/// The label map of ecdsa-sd-2023: the HMAC of each canonical label [VC-DI-ECDSA §3.4.3].
#[test]
fn the_w3c_vectors_of_ecdsa_sd_are_met() {
    let Some(folder) = sinpyo_testkit::vectors("vc-di-ecdsa") else { return };
    // `SDKeyMaterial.json` of the set.
    let key: Vec<u8> = (0..32).map(|n: u8| (n % 16) * 0x11).collect();
    let key = Secret::new(key);
    for case in ["prc", "employ"] {
        let lines = |name: &str| -> Vec<String> {
            let path = folder.join("ecdsa-sd-2023").join(case).join(name);
            let lines: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            serde_json::from_value(lines).unwrap()
        };
        let dataset = nquads::parse(&lines("addBaseDocCanon.json").concat()).unwrap();
        let canonical = canonicalize(&dataset, HashAlgorithm::Sha256, Limit::default()).unwrap();
        assert!(canonical.lines().eq(lines("addBaseDocCanon.json")));

        let hidden = |label: &Arc<str>| format!("u{}", to_base64url(&hmac_sha256(&key, label.as_bytes())));
        let labels =
            canonical.labels().iter().map(|(from, to)| (Arc::clone(from), hidden(to).into())).collect();
        let relabelled = relabel(&dataset, &labels).unwrap();
        let expected = lines("addBaseDocHMACCanon.json").concat();
        assert_eq!(nquads::write_sorted(&relabelled).unwrap(), expected);
    }
}

#[test]
fn a_map_that_lacks_a_node_or_joins_two_is_refused() {
    let dataset = nquads::parse("_:a <urn:p> _:b _:c .\n").unwrap();
    let run = |labels: &[(&str, &str)]| {
        let labels: BTreeMap<_, _> = labels.iter().map(|&(from, to)| (from.into(), to.into())).collect();
        relabel(&dataset, &labels).map(|dataset| nquads::write(&dataset).unwrap())
    };
    // Exchanged, and one for a node that is not there.
    let exchanged = run(&[("a", "b"), ("b", "a"), ("c", "c"), ("d", "e")]);
    assert_eq!(exchanged.unwrap(), "_:b <urn:p> _:a _:c .\n");
    let cases = [
        (run(&[("b", "x"), ("c", "y")]), RelabelError::Unlabelled, "RDF-06"),
        (run(&[("a", "x"), ("c", "y")]), RelabelError::Unlabelled, "RDF-06"),
        (run(&[("a", "x"), ("b", "y")]), RelabelError::Unlabelled, "RDF-06"),
        (run(&[("a", "x"), ("b", "y"), ("c", "z .\n")]), RelabelError::Malformed, "RDF-07"),
        (run(&[("a", "x"), ("b", "y"), ("c", "x")]), RelabelError::Shared, "RDF-08"),
    ];
    for (result, refused, code) in cases {
        assert_eq!(result, Err(refused));
        assert_eq!(refused.code(), code);
    }
}
