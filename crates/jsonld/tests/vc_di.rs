//! The documents of the Data Integrity specifications: their canonical statements, byte for byte.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Map, Value};
use sinpyo_jsonld::{Contexts, name_blank_nodes, to_rdf};
use sinpyo_rdf::{HashAlgorithm, Limit, canonicalize};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn canonical(document: &Map<String, Value>, algorithm: HashAlgorithm) -> String {
    let dataset = to_rdf(document, &Contexts::bundled()).unwrap();
    canonicalize(&dataset, algorithm, Limit::default()).unwrap().nquads().to_owned()
}

fn read(path: &Path) -> Map<String, Value> {
    let mut document = sinpyo_core::json::parse_object(&fs::read(path).unwrap()).unwrap();
    document.remove("proof");
    document
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// The file beside `path` whose name starts with `prefix`.
fn beside(path: &Path, prefix: &str) -> Option<PathBuf> {
    let files = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|file| file.file_name().unwrap().to_str().unwrap().starts_with(prefix))
}

#[test]
fn documents_and_proof_configurations_have_the_canonical_statements_of_the_specifications() {
    let mut compared = 0;
    for set in ["vc-di-eddsa", "vc-di-ecdsa"] {
        let Some(folder) = sinpyo_testkit::vectors(set) else { return };
        let mut files = Vec::new();
        walk(&folder, &mut files);
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap();
            let source = match () {
                () if name.starts_with("canonDoc") => beside(&file, "signed"),
                () if name.starts_with("proofCanon") => beside(&file, "proofConfig"),
                () => continue,
            };
            let expected = fs::read_to_string(&file).unwrap();
            if !expected.starts_with(['<', '_']) {
                continue; // the JCS suites
            }
            let algorithm = if name.contains("P384") { HashAlgorithm::Sha384 } else { HashAlgorithm::Sha256 };
            assert_eq!(canonical(&read(&source.unwrap()), algorithm), expected, "{}", file.display());
            compared += 1;
        }
    }
    assert_eq!(compared, 14);
}

/// The selective suites write the canonical statements as a list, and transform those of a document with
/// labels of its own.
#[test]
fn selective_documents_have_the_canonical_statements_of_the_specifications() {
    let cases = [
        ("vc-di-ecdsa", "ecdsa-sd-2023/employ"),
        ("vc-di-ecdsa", "ecdsa-sd-2023/prc"),
        ("vc-di-bbs", ""),
        ("vc-di-bbs", "prc"),
    ];
    for (set, folder) in cases {
        let Some(root) = sinpyo_testkit::vectors(set) else { return };
        let text = fs::read(root.join(folder).join("addBaseDocCanon.json")).unwrap();
        let expected: Vec<String> = serde_json::from_slice(&text).unwrap();
        let document = read(&root.join(folder).join("addSignedSDBase.json"));
        assert_eq!(canonical(&document, HashAlgorithm::Sha256), expected.concat(), "{set} {folder}");
        let named = name_blank_nodes(&document, &Contexts::bundled()).unwrap();
        assert_eq!(canonical(&named, HashAlgorithm::Sha256), expected.concat(), "named: {set} {folder}");
    }
}
