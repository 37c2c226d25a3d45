//! Putting disclosed claims back into their places [RFC 9901 §7.1].

use super::{
    DigestAlgorithm, SdJwtError,
    disclosure::{ALGORITHM, DIGESTS, Disclosure, ELEMENT},
    parts::digest_algorithm,
};
use serde_json::{Map, Value};
use sinpyo_core::json::MAX_DEPTH;
use std::collections::{HashMap, HashSet};

/// The claims of `signed` with `disclosures` in their places and every trace of the format removed.
///
/// `fixed` names the top-level claims that must not come from a disclosure.
pub(super) fn reveal<'t>(
    mut signed: Map<String, Value>,
    disclosures: impl Iterator<Item = &'t str>,
    fixed: &[&str],
) -> Result<Map<String, Value>, SdJwtError> {
    let algorithm = digest_algorithm(&signed)?;
    signed.remove(ALGORITHM);
    let mut revealing = Revealing { pending: by_digest(disclosures, algorithm)?, seen: HashSet::new() };
    let shown = revealing.object(signed, 1, fixed)?;
    if !revealing.pending.is_empty() {
        return Err(SdJwtError::Unreferenced); // [SDJ-05]
    }
    Ok(shown)
}

fn by_digest<'t>(
    disclosures: impl Iterator<Item = &'t str>,
    algorithm: DigestAlgorithm,
) -> Result<HashMap<String, Disclosure>, SdJwtError> {
    let mut pending = HashMap::new();
    for text in disclosures {
        // Of two equal disclosures at most one is referenced.
        if pending.insert(algorithm.digest(text), Disclosure::parse(text)?).is_some() {
            return Err(SdJwtError::Unreferenced); // [SDJ-05]
        }
    }
    Ok(pending)
}

struct Revealing {
    /// Disclosures whose place was not met yet.
    pending: HashMap<String, Disclosure>,
    /// Every digest met, decoys included.
    seen: HashSet<String>,
}

impl Revealing {
    fn value(&mut self, value: Value, depth: usize) -> Result<Value, SdJwtError> {
        match value {
            Value::Object(members) => self.object(members, depth, &[]).map(Value::Object),
            Value::Array(elements) => self.array(elements, depth).map(Value::Array),
            scalar => Ok(scalar),
        }
    }

    fn object(
        &mut self,
        mut members: Map<String, Value>,
        depth: usize,
        fixed: &[&str],
    ) -> Result<Map<String, Value>, SdJwtError> {
        check_depth(depth)?;
        if members.contains_key(ELEMENT) {
            return Err(SdJwtError::ReservedName); // [SDJ-07]
        }
        let digests = members.remove(DIGESTS);
        for member in members.values_mut() {
            if member.is_object() || member.is_array() {
                *member = self.value(member.take(), depth + 1)?;
            }
        }
        let digests = match digests {
            None => return Ok(members),
            Some(Value::Array(digests)) => digests,
            Some(_) => return Err(SdJwtError::Kind), // [SDJ-08]
        };
        for digest in digests {
            let Value::String(digest) = digest else { return Err(SdJwtError::Kind) };
            let Some(disclosure) = self.meet(digest)? else { continue };
            let name = disclosure.name.ok_or(SdJwtError::Kind)?; // [SDJ-08]
            if fixed.contains(&name.as_str()) {
                return Err(SdJwtError::MustBeVisible); // [SDJ-10]
            }
            if members.contains_key(&name) {
                return Err(SdJwtError::NameClash); // [SDJ-06]
            }
            members.insert(name, self.value(disclosure.value, depth + 1)?);
        }
        Ok(members)
    }

    fn array(&mut self, elements: Vec<Value>, depth: usize) -> Result<Vec<Value>, SdJwtError> {
        check_depth(depth)?;
        let mut shown = Vec::with_capacity(elements.len());
        for mut element in elements {
            let placeholder = match &mut element {
                Value::Object(members) if members.contains_key(ELEMENT) => {
                    if members.len() > 1 {
                        return Err(SdJwtError::ReservedName); // [SDJ-07]
                    }
                    members.remove(ELEMENT)
                }
                _ => None,
            };
            let value = match placeholder {
                None => element,
                Some(Value::String(digest)) => {
                    let Some(disclosure) = self.meet(digest)? else { continue };
                    if disclosure.name.is_some() {
                        return Err(SdJwtError::Kind); // [SDJ-08]
                    }
                    disclosure.value
                }
                Some(_) => return Err(SdJwtError::Kind), // [SDJ-08]
            };
            shown.push(self.value(value, depth + 1)?);
        }
        Ok(shown)
    }

    /// The disclosure that belongs where `digest` stands, if it was sent.
    fn meet(&mut self, digest: String) -> Result<Option<Disclosure>, SdJwtError> {
        let disclosure = self.pending.remove(&digest);
        if self.seen.insert(digest) { Ok(disclosure) } else { Err(SdJwtError::DuplicateDigest) } // [SDJ-04]
    }
}

/// Each JSON text is at most this deep, but disclosures can contain disclosures.
const fn check_depth(depth: usize) -> Result<(), SdJwtError> {
    if depth > MAX_DEPTH { Err(SdJwtError::TooDeep) } else { Ok(()) } // [SDJ-21]
}
