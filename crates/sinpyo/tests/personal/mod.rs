//! Looks for personal data where none may be.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test")]

use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::{sha256, sha512};
use std::collections::{BTreeSet, HashMap};
use unicode_normalization::UnicodeNormalization;

/// The forms in which a value would be personal data on a ledger: as it is, composed or decomposed, in base64url or
/// hexadecimal, and hashed without salt.
pub(crate) fn leaks(value: &str) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for text in [value.to_owned(), value.nfc().collect(), value.nfd().collect()] {
        let bytes = text.as_bytes();
        for raw in [bytes.to_vec(), sha256(bytes).to_vec(), sha512(bytes).to_vec()] {
            forms.push(to_base64url(&raw).into_bytes());
            forms.push(hexadecimal(&raw));
            forms.push(raw);
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The first value of which a form stands in one of the files.
pub(crate) fn first(files: &[Vec<u8>], values: &BTreeSet<String>) -> Option<String> {
    // Every window of six bytes of the files, so that each form is one lookup and a comparison.
    let mut places: HashMap<[u8; 6], Vec<(usize, usize)>> = HashMap::new();
    for (number, file) in files.iter().enumerate() {
        for (at, window) in file.windows(6).enumerate() {
            places.entry(window.try_into().unwrap()).or_default().push((number, at));
        }
    }
    let stands = |form: &Vec<u8>| {
        let Some(start) = form.first_chunk::<6>() else { return false };
        let found = places.get(start).map(Vec::as_slice).unwrap_or_default();
        found.iter().any(|(number, at)| files[*number][*at..].starts_with(form))
    };
    values.iter().find(|value| leaks(value).iter().any(stands)).cloned()
}
