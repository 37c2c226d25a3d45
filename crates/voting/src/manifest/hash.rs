//! The hash that the context binds ballots to.

use serde_json::{Map, Value};
use sinpyo_ballot::hash::Transcript;
use sinpyo_core::jcs;

/// `manifestHash` (§4) of a manifest's body.
pub fn manifest_hash(body: &Map<String, Value>) -> [u8; 64] {
    Transcript::new("manifest").field(&jcs::canonicalize_object(body)).hash()
}
