//! Public keys as X.509 has them: `SubjectPublicKeyInfo` [RFC 5280 §4.1.2.7].
//!
//! DER writes each value in one way, and of the keys known here none needs a length of two bytes: what is
//! read is three fixed shapes, compared byte by byte.

use crate::{Algorithm, ParseKeyError, VerifyingKey};

/// `id-ecPublicKey` with `secp256r1` [RFC 5480 §2.1.1].
const P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// `id-ecPublicKey` with `secp384r1` [RFC 5480 §2.1.1].
const P384: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
/// `id-Ed25519` [RFC 8410 §3].
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

impl VerifyingKey {
    /// Parses the DER of a `SubjectPublicKeyInfo` with a P-256, P-384 or Ed25519 key; an ECDSA point may be
    /// compressed.
    ///
    /// # Errors
    /// Another algorithm or curve, anything but DER, or key bytes that the algorithm refuses.
    pub fn from_spki(der: &[u8]) -> Result<Self, ParseKeyError> {
        let content = unwrap(der, SEQUENCE).ok_or(ParseKeyError::Unsupported)?; // [KEY-01]
        let known = [(Algorithm::Es256, P256), (Algorithm::Es384, P384), (Algorithm::Ed25519, ED25519)];
        let known = known.into_iter().find_map(|(name, header)| Some((name, content.strip_prefix(header)?)));
        let (algorithm, bits) = known.ok_or(ParseKeyError::Unsupported)?; // [KEY-01]
        // The first byte says how many bits of the last one are unused: none.
        let key = unwrap(bits, BIT_STRING).and_then(|bits| bits.strip_prefix(&[0]));
        let key = key.ok_or(ParseKeyError::Length)?; // [KEY-02]
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 => Self::from_sec1(algorithm, key),
            Algorithm::Ed25519 | Algorithm::Es512 | Algorithm::MlDsa44 | Algorithm::MlDsa65 => {
                Self::from_bytes(algorithm, key)
            }
        }
    }

    /// The key as the DER of a `SubjectPublicKeyInfo`, an ECDSA point uncompressed; `None` for ES512 and ML-DSA.
    pub fn to_spki(&self) -> Option<Vec<u8>> {
        let (header, key) = match self.algorithm() {
            Algorithm::Es256 => (P256, self.to_sec1()?),
            Algorithm::Es384 => (P384, self.to_sec1()?),
            Algorithm::Ed25519 => (ED25519, self.to_bytes().into_owned()),
            Algorithm::Es512 | Algorithm::MlDsa44 | Algorithm::MlDsa65 => return None,
        };
        wrap(SEQUENCE, &[header, &wrap(BIT_STRING, &[&[0], &key[..]].concat())?].concat())
    }
}

/// The content of the one element that `der` is, if it has `tag` and is shorter than 128 bytes.
fn unwrap(der: &[u8], tag: u8) -> Option<&[u8]> {
    let (header, content) = der.split_first_chunk::<2>()?;
    (*header == [tag, short_length(content)?]).then_some(content)
}

fn wrap(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    Some([&[tag, short_length(content)?], content].concat())
}

fn short_length(content: &[u8]) -> Option<u8> {
    u8::try_from(content.len()).ok().filter(|length| *length < 0x80)
}
