//! A runner that cannot fail is worthless: each set is run on altered copies of its own vectors.

use crate::{Request, SETS, Task, run};
use std::{fs, path::Path};

/// Set, file in it, text in the file, and the text that replaces it: then at least one case fails.
const ALTERATIONS: &[(&str, &str, &str, &str)] = &[
    ("jcs", "output/arrays.json", "56", "57"),
    ("jcs", "outhex/french.txt", "70", "71"),
    ("jcs", "input/structures.json", "empty", "full"),
    ("sd-jwt", "testcases/key_binding/verified_contents.json", "Doe", "Roe"),
    ("sd-jwt", "testcases/array_data_types/user_claims.json", "42", "43"),
    ("sd-jwt", "spec-examples/simple/kb_jwt_payload.json", "1795312937", "1795312836"),
    ("sd-jwt", "testcases/settings.json", "\"key_binding_nonce\": \"1", "\"key_binding_nonce\": \"2"),
    ("sd-jwt", "spec-examples/settings.json", "b28d4MwZMjw8", "TCAER19Zvu3O"),
    ("sd-jwt", "testcases/json_serialization_general/sd_jwt_presentation.json", "signatures", "signature5"),
    ("did-key", "transmute/did-key-bls12381-case-1.json", "publicKeyJwk", "publicKeyJ"),
    ("did-key", "transmute/did-key-ed25519-case-0.json", "4f66b355", "4f66b356"),
    ("did-key", "transmute/did-key-secp256r1-case-0.json", "-zrEjEw3", "-zrEjEw4"),
    ("did-key", "transmute/did-key-secp384r1-case-2.json", "capabilityInvocation", "capabilityInvocatio"),
    ("did-key", "spec-examples.json", "did:key:z82LkvCw", "did:key:z82LkCw"),
    ("did-jwk", "spec-examples.json", "acbIQiuMs3i8", "acbIQiuMs3i9"),
    ("did-jwk", "spec-examples.json", "\"use\": \"enc\"", "\"use\": \"sig\""),
    ("multibase", "tests/basic.csv", "z7paNL19xttacUY", "z7paNL19xttacUZ"),
    ("multibase", "tests/leading_zero.csv", "\\x00yes", "yes"),
    ("multibase", "tests/case_insensitivity.csv", "f68656c6c6f", "f68656c6c6e"),
    ("json-test-suite", "test_parsing/y_structure_lonely_true.json", "true", "tru"),
    ("json-test-suite", "test_parsing/n_object_trailing_comma.json", ",", ""),
    ("json-test-suite", "test_parsing/i_number_huge_exp.json", "0.4e00", "0.4e-00"),
    ("json-test-suite", "test_transform/number_1e6.json", "6", "7"),
    (
        "ed25519-speccheck",
        "cases.json",
        "9bd9f44f4dcc75bd531b56b2cd280b0b",
        "9bd9f44f4dcc75bd531b56b2cd280b0c",
    ),
    ("ed25519-cctv", "ed25519vectors.json", "\"low_order_A\"", "\"low_order_component_A\""),
    ("ed25519-cctv", "ed25519vectors.json", "ed25519vectors 1", "ed25519vectors 2"),
    ("merkle-proofs", "testdata/inclusion/1/happy-path.json", "\"treeSize\": 8", "\"treeSize\": 4"),
    ("merkle-proofs", "testdata/consistency/3/happy-path.json", "Tju7", "Tju8"),
    ("merkle-proofs", "testdata/subtreeconsistency/1/happy-path.json", "false", "true"),
    ("merkle-proofs", "testdata/consistency/2/wrong-root1.json", "true", "false"),
    ("vc-di-eddsa", "eddsa-jcs-2022/canonDocJCS.txt", "Alumni", "alumni"),
    ("vc-di-eddsa", "eddsa-jcs-2022/docHashJCS.txt", "59b7", "59b8"),
    ("vc-di-eddsa", "eddsa-jcs-2022/sigBTC58JCS.txt", "z2Hn", "z2Hm"),
    ("vc-di-eddsa", "eddsa-jcs-2022/signedJCS.json", "5678", "5679"),
    ("vc-di-eddsa", "keyPair.json", "z3u2en7", "z3u2en8"),
    ("vc-di-ecdsa", "ecdsa-jcs-2019-p256/proofConfigJCSECDSAP256.json", "2023", "2024"),
    ("vc-di-ecdsa", "ecdsa-jcs-2019-p384/proofHashJCSECDSAP384.txt", "83e5", "83e6"),
    ("vc-di-ecdsa", "ecdsa-jcs-2019-p384/sigHexJCSECDSAP384.txt", "8b74", "8b75"),
    ("vc-di-ecdsa", "ecdsa-jcs-2019-p384/signedJCSECDSAP384.json", "School", "Pool"),
    ("token-status-list", "cases.json", "\"25460\": 1", "\"25461\": 1"),
    ("token-status-list", "status_list_encoding4_cbor.hex", "62697473", "62697474"),
    ("token-status-list", "status_list_encoding8_json.json", "\"bits\": 8", "\"bits\": 4"),
    ("bitstring-status-list", "generated-digitalbazaar-2.0.1.json", "131072", "131080"),
];

#[test]
fn an_altered_vector_makes_its_set_fail() {
    for set in &SETS {
        let Some(original) = sinpyo_testkit::vectors(set.name) else { continue };
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(set.name);
        copy(&original, &folder);
        let report = run(set, root.path());
        assert_eq!(report.failures().collect::<Vec<_>>(), [], "{}: the vectors as they are", set.name);
        assert_eq!(report.failed(), 0, "{}", set.name);
        // At most 2 % of a set may rest on a clause.
        assert!(report.differences().count() * 50 <= report.cases(), "{}", set.name);

        let alterations: Vec<_> = ALTERATIONS.iter().filter(|(name, ..)| *name == set.name).collect();
        assert!(!alterations.is_empty(), "{} has no alteration", set.name);
        for (_, file, before, after) in alterations {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(before), "{file} does not hold {before}");
            fs::write(&path, text.replace(before, after)).unwrap();
            assert!(run(set, root.path()).failed() > 0, "{}: {file} with {after} for {before}", set.name);
            fs::write(&path, text).unwrap();
        }
    }
}

/// A file that nobody runs, and one that is gone, are counted.
#[test]
fn a_set_that_is_absent_or_grew_fails() {
    for set in &SETS {
        assert!(run(set, Path::new("no such folder")).failed() > 0, "{}", set.name);
    }
    let Some(original) = sinpyo_testkit::vectors("jcs") else { return };
    let root = tempfile::tempdir().unwrap();
    copy(&original, &root.path().join("jcs"));
    fs::write(root.path().join("jcs/output/one-more.json"), "{}").unwrap();
    let jcs = SETS.iter().find(|set| set.name == "jcs").unwrap();
    assert_eq!(run(jcs, root.path()).failed(), 1);
}

#[test]
fn the_command_line_is_read_strictly() {
    let request = |words: &str| {
        let words: Vec<_> = words.split_whitespace().map(str::to_owned).collect();
        Request::parse(&words)
    };
    let run = |words: &str| match request(words) {
        Some(Request::Run(run)) => Some((run.sets.len(), run.json)),
        Some(Request::Vectors(_) | Request::Bridge) | None => None,
    };
    assert_eq!(run("run"), Some((SETS.len(), false)));
    assert_eq!(run("run --json"), Some((SETS.len(), true)));
    assert_eq!(run("run jcs did-key --json"), Some((2, true)));
    assert!(matches!(request("vectors"), Some(Request::Vectors(Task::Compare))));
    assert!(matches!(request("vectors --write"), Some(Request::Vectors(Task::Write))));
    for words in
        ["", "jcs", "run nonsense", "run --verbose", "vectors jcs", "vectors --write --write", "bridge x"]
    {
        assert!(request(words).is_none(), "{words}");
    }
}

/// Copies a folder; the copies can be written to.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copied = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &copied);
        } else {
            fs::write(&copied, fs::read(&path).unwrap()).unwrap();
        }
    }
}
