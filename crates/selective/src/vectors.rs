//! One example of the specifications, step by step, as its files give it.

use crate::{Pointer, Unsecured};
use serde_json::{Map, Value};
use sinpyo_core::{Secret, json};
use sinpyo_jsonld::Contexts;
use sinpyo_testkit::{from_hex, vectors};
use std::{fs, path::PathBuf, sync::Arc};

pub(crate) struct Example {
    folder: PathBuf,
    contexts: Arc<Contexts>,
    pub(crate) document: Map<String, Value>,
    pub(crate) proof_value: String,
}

impl Example {
    /// The example in `folder` of `set`; nothing if there are no vectors.
    pub(crate) fn read(set: &str, folder: &str) -> Option<Self> {
        let folder = vectors(set)?.join(folder);
        let (document, proof_value) = signed(read(&folder.join("addSignedSDBase.json")));
        Some(Self { folder, contexts: Contexts::bundled(), document, proof_value })
    }

    pub(crate) fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    pub(crate) fn file(&self, name: &str) -> Value {
        read(&self.folder.join(name))
    }

    /// A list of texts, or of numbered texts.
    pub(crate) fn lines(&self, name: &str, path: &str) -> Vec<String> {
        let file = self.file(name);
        let lines = file.pointer(path).unwrap().as_array().unwrap();
        lines.iter().map(|line| line.get(1).unwrap_or(line).as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn numbers(&self, name: &str, path: &str) -> Vec<usize> {
        serde_json::from_value(self.file(name).pointer(path).unwrap().clone()).unwrap()
    }

    pub(crate) fn hash(&self, member: &str) -> [u8; 32] {
        let hash = self.file("addHashData.json");
        from_hex(hash[member].as_str().unwrap()).try_into().unwrap()
    }

    pub(crate) fn options(&self) -> Map<String, Value> {
        self.file("addProofConfig.json").as_object().unwrap().clone()
    }

    /// The derived document, and its proof value.
    pub(crate) fn derived(&self) -> (Map<String, Value>, String) {
        signed(self.file("derivedRevealDocument.json"))
    }

    pub(crate) fn unsecured<'a>(&'a self, document: &'a Map<String, Value>) -> Unsecured<'a> {
        Unsecured { document, proof_hash: self.hash("proofHash"), contexts: &self.contexts }
    }
}

/// Both suites use this key in their examples.
pub(crate) fn hmac_key() -> Secret<[u8; 32]> {
    let key = from_hex("00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF");
    Secret::new(key.try_into().unwrap())
}

pub(crate) fn pointers(list: &Value) -> Vec<Pointer> {
    let texts = list.as_array().unwrap().iter();
    texts.map(|text| Pointer::parse(text.as_str().unwrap()).unwrap()).collect()
}

fn signed(document: Value) -> (Map<String, Value>, String) {
    let Value::Object(mut document) = document else { panic!("an object") };
    let proof = document.remove("proof").unwrap();
    (document, proof["proofValue"].as_str().unwrap().to_owned())
}

fn read(path: &std::path::Path) -> Value {
    json::parse(&fs::read(path).unwrap()).unwrap()
}
