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
    ("vc-di-eddsa", "eddsa-rdfc-2022/canonDocDataInt.txt", "Alumni Credential", "Alumnus Credential"),
    ("vc-di-eddsa", "eddsa-rdfc-2022/employ/proofHashDataInt.txt", "a", "b"),
    ("vc-di-eddsa", "eddsa-rdfc-2022/employ/signedDataInt.json", "1999-07-17", "1999-07-18"),
    ("vc-di-eddsa", "Ed25519Signature2020/signedEdSig.json", "5678", "5679"),
    ("vc-di-eddsa", "Ed25519Signature2020/proofCanonEdSig.txt", "2023", "2024"),
    ("vc-di-eddsa", "proof-set-chain/signedProofSet2.json", "z2scr94", "z2scr95"),
    ("vc-di-eddsa", "proof-set-chain/proofChainTempDoc2.json", "\"previousProof\"", "\"previous\""),
    ("vc-di-eddsa", "proof-set-chain/proofChainConfigSigned1.json", "zWaPe", "zWaPf"),
    ("vc-di-ecdsa", "ecdsa-rdfc-2019-p384/combinedHashECDSAP384.txt", "1", "2"),
    ("vc-di-ecdsa", "ecdsa-sd-2023/prc/addBaseDocHMACCanon.json", "Arcadia", "Utopia"),
    ("vc-di-ecdsa", "ecdsa-sd-2023/prc/addBaseTransform.json", "\"/issuer\"", "\"/validFrom\""),
    ("vc-di-ecdsa", "ecdsa-sd-2023/prc/addHashData.json", "9c5c9b", "9c5c9c"),
    ("vc-di-ecdsa", "ecdsa-sd-2023/prc/derivedAdjSignatures.json", "fd91ec", "fd91ed"),
    (
        "vc-di-ecdsa",
        "ecdsa-sd-2023/employ/derivedGroupIndexes.json",
        "\"combinedIndexes\":[0,",
        "\"combinedIndexes\":[",
    ),
    ("vc-di-ecdsa", "ecdsa-sd-2023/employ/derivedRevealDocument.json", "2019-12-03", "2019-12-04"),
    ("vc-di-ecdsa", "ecdsa-sd-2023/prc/verifyNQuads.json", "Arcadia", "Utopia"),
    ("vc-di-bbs", "addBaseDocCanon.json", "Earth101", "Earth102"),
    ("vc-di-bbs", "addHashData.json", "555de0", "555de1"),
    ("vc-di-bbs", "derivedAdjIndexes.json", "[3,4,5", "[3,4,6"),
    ("vc-di-bbs", "prc/verifyDerivedProofValue.json", "96ac5f", "96ac5e"),
    ("vc-di-bbs", "BBSKeyMaterial.json", "66d36e", "66d36f"),
    ("vc-di-bbs", "Pseudonym/derivedRevealDocument.json", "\"proofValue\"", "\"proofValues\""),
    (
        "vc-di-assertion-inputs",
        "inputs/eddsa-rdfc-2022/2.0-previousProofStringOk-SimpleSigned2.json",
        "z2TSv",
        "z2TSw",
    ),
    ("vc-di-assertion-inputs", "tests/fixtures/issuedVc.json", "eddsa-2022", "eddsa-rdfc-2022"),
    ("vc-di-assertion-inputs", "tests/fixtures/keys/ecdsa/p256KeyPair.json", "z42twTcN", "z42twTcM"),
    ("didwebvh", "basic-update/java/did.jsonl", "example.com", "example.org"),
    ("didwebvh", "deactivate/ts/resolutionResult.json", "\"deactivated\": true", "\"deactivated\": false"),
    ("didwebvh", "negative-zero-witness-threshold/ts/did.jsonl", "\"threshold\":0", "\"threshold\":1"),
    ("didwebvh", "python-error-suite/resolver-suite.json", "notFound", "invalidDid"),
    ("vcdm2-testsuite-input", "credential-ok.json", "VerifiableCredential", "Verifiable"),
    ("vcdm2-testsuite-input", "credential-no-type-fail.json", "{", "{\"type\":[\"VerifiableCredential\"],"),
    ("vcdm2-testsuite-input", "presentation-holder-fail.json", "\"holder\"", "\"name\""),
    ("vc-jose-cose-testsuite-input", "credential-jose-minimal.txt", ".", ".A"),
    ("vc-jose-cose-testsuite-input", "vm-p521.json", "\"d\"", "\"e\""),
    ("vc-jose-cose-testsuite-input", "presentation-single.json", "VerifiablePresentation", "Presentation"),
    ("did-core-fixtures", "did-key-2020-db.json", "\"representation\"", "\"represented\""),
    ("did-core-fixtures", "resolver-spruce-key.json", "invalidDidErrorOutcome", "notFoundErrorOutcome"),
    ("didresolution", "did-schema.json", "\"required\": [", "\"required\": [\"nothing\", "),
    ("rdf-canon", "rdfc10/test020-rdfc10.nq", "_:c14n0", "_:c14n9"),
    ("rdf-canon", "rdfc10/test075-rdfc10map.json", "c14n0", "c14n9"),
    ("rdf-canon", "manifest.jsonld", "rdfc:RDFC10NegativeEvalTest", "rdfc:RDFC10EvalTest"),
    (
        "json-ld-api",
        "tests/expand-negative-manifest.jsonld",
        "keyword redefinition",
        "invalid term definition",
    ),
    ("contexts", "index.json", "59955ced", "59955cee"),
    ("contexts", "npm/w3id_org_vdl_v1.jsonld", "DriversLicense", "DriverLicence"),
    ("bbs-draft", "bls12-381-sha-256/generators.json", "a9ec65b7", "a9ec65b8"),
    ("bbs-draft", "bls12-381-shake-256/h2s.json", "\"scalar\": \"", "\"scalar\": \"00"),
    ("bbs-draft", "bls12-381-sha-256/proof/proof002.json", "\"valid\": true", "\"valid\": false"),
    ("bbs-draft", "bls12-381-shake-256/signature/signature001.json", "\"header\": \"", "\"header\": \"00"),
    ("token-status-list", "cases.json", "\"25460\": 1", "\"25461\": 1"),
    ("token-status-list", "status_list_encoding4_cbor.hex", "62697473", "62697474"),
    ("token-status-list", "status_list_encoding8_json.json", "\"bits\": 8", "\"bits\": 4"),
    ("bitstring-status-list", "generated-digitalbazaar-2.0.1.json", "131072", "131080"),
];

/// Sets of which more than 2 % rest on clauses, and how many: what concerns other processors than ours, and results
/// that contradict those of other implementations in the set.
const MANY_CLAUSES: [(&str, usize); 2] = [("json-ld-api", 32), ("didwebvh", 4)];

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
        // At most 2 % of a set may rest on a clause, and only options of bbs-2023 may be left out.
        let differences = report.differences().count();
        let allowed = MANY_CLAUSES.iter().find(|(name, _)| *name == set.name);
        let allowed = allowed.map_or(report.cases() / 50, |(_, allowed)| *allowed);
        assert!(differences <= allowed, "{}: {differences}", set.name);
        assert!(
            report.skips().all(|(case, _)| set.name == "vc-di-bbs" && case.contains('/')),
            "{}",
            set.name
        );

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
