//! The contexts of a secured document: which were signed, and which may be read at all.

use super::{Transformation, VerifyProofError};
use serde_json::{Map, Value};

/// Whether the context of `document` is a continuation of the one that a proof carries [VC-DI-EDDSA §3.3.2].
pub(super) fn continues_signed(
    document: &Map<String, Value>,
    proof: &Map<String, Value>,
) -> Result<(), VerifyProofError> {
    let Some(signed) = proof.get("@context") else { return Ok(()) };
    let claimed = document.get("@context").ok_or(VerifyProofError::Context)?;
    if as_list(claimed).starts_with(as_list(signed)) { Ok(()) } else { Err(VerifyProofError::Context) } // [DI-09]
}

/// Gives the document the context that was signed.
///
/// Contexts that were appended after signing are dropped with that: nobody vouches for them.
pub(super) fn take_signed(document: &mut Map<String, Value>, proof: &Map<String, Value>) {
    if let (Some(claimed), Some(signed)) = (document.get_mut("@context"), proof.get("@context"))
        && claimed != signed
    {
        *claimed = signed.clone();
    }
}

/// Refuses a set whose signers did not all sign the same context: one of them could take from the document, or add to
/// it, what the others' terms mean.
///
/// A proof over statements was made under the context that the document has.
pub(super) fn is_common<'p>(
    document: &Map<String, Value>,
    mut proofs: impl Iterator<Item = (Transformation, &'p Map<String, Value>)>,
) -> Result<(), VerifyProofError> {
    let claimed = document.get("@context");
    let mut first = None;
    let common = proofs.all(|(transformation, proof)| {
        let named = proof.get("@context");
        let signed = named.or(claimed);
        let over_text = transformation == Transformation::Jcs;
        (over_text || signed == claimed) && *first.get_or_insert(signed) == signed
    });
    if common { Ok(()) } else { Err(VerifyProofError::Context) } // [DI-09]
}

/// Whether every context in `document` is named, none written out in it.
///
/// A proof over statements covers what the terms mean, not the terms. Whoever may add definitions can exchange two
/// members and their definitions, and the proof still holds for a document that reads differently.
pub(super) fn all_named(document: &Map<String, Value>) -> bool {
    document.iter().all(|(name, value)| match name.as_str() {
        "@context" => as_list(value).iter().all(Value::is_string),
        _ => all_named_in(value),
    })
}

// Strict parsing has bounded the depth.
fn all_named_in(value: &Value) -> bool {
    match value {
        Value::Object(members) => all_named(members),
        Value::Array(elements) => elements.iter().all(all_named_in),
        _ => true,
    }
}

/// The contexts one by one.
pub(super) fn as_list(context: &Value) -> &[Value] {
    match context {
        Value::Array(contexts) => contexts,
        one => std::slice::from_ref(one),
    }
}
