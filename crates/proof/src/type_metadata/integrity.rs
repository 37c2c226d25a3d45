//! Subresource integrity of documents that a credential refers to [SRI, SD-JWT VC §7].

use super::TypeMetadataError;
use base64::{Engine, engine::general_purpose::STANDARD};
use sinpyo_crypto::hash::{sha256, sha384, sha512};

/// Checks `document` against `metadata`, one or several hashes in standard base64 such as `sha256-…`.
///
/// Of hashes of several strengths only the strongest counts; of several of that strength one must fit.
///
/// # Errors
/// No hash of a known kind, or none that fits.
pub fn check(document: &[u8], metadata: &str) -> Result<(), TypeMetadataError> {
    let known = |item: &str| {
        // Options after a question mark are for browsers.
        let (kind, digest) = item.split_once('-')?;
        let digest = digest.split('?').next().unwrap_or_default();
        let (strength, hash): (_, Vec<u8>) = match kind {
            "sha256" => (256, sha256(document).to_vec()),
            "sha384" => (384, sha384(document).to_vec()),
            "sha512" => (512, sha512(document).to_vec()),
            _ => return None,
        };
        Some((strength, STANDARD.decode(digest).is_ok_and(|digest| digest == hash)))
    };
    let known: Vec<_> = metadata.split_ascii_whitespace().filter_map(known).collect();
    let strongest = known.iter().map(|(strength, _)| *strength).max();
    let strongest = strongest.ok_or(TypeMetadataError::Integrity)?; // [VCT-03]
    if known.contains(&(strongest, true)) { Ok(()) } else { Err(TypeMetadataError::Integrity) } // [VCT-03]
}
