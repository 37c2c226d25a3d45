//! Text forms of bytes: base64url, multibase, and multicodec-tagged keys.

use base64::{
    Engine, alphabet,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{STANDARD, URL_SAFE_NO_PAD},
    },
};
use std::fmt;

/// Encodes as base64url without padding [RFC 4648 §5].
pub fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url; padding, whitespace and trailing bits are errors, so that each value has one text.
///
/// # Errors
/// The text is not the base64url form of any bytes.
pub fn from_base64url(text: &str) -> Result<Vec<u8>, EncodingError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| EncodingError::Base64Url) // [JSON-05]
}

/// Standard base64 whose writers disagree about padding.
const STANDARD_INDIFFERENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Encodes as standard base64 with padding [RFC 4648 §4], as `data:` URLs have it.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes standard base64, padded or not: for text that nobody signed as it stands.
///
/// # Errors
/// Any other character, trailing bits included.
pub fn from_base64(text: &str) -> Result<Vec<u8>, EncodingError> {
    STANDARD_INDIFFERENT.decode(text).map_err(|_| EncodingError::Base64)
}

/// The multibase prefixes that identity specifications use [CID 1.0 §2.4].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// `z`: base58btc, for `eddsa` and `ecdsa` proofs and Multikeys.
    Base58Btc,
    /// `u`: base64url without padding, for selective-disclosure proofs and status lists.
    Base64Url,
}

/// Encodes `bytes` with the multibase prefix of `base`.
pub fn to_multibase(base: Base, bytes: &[u8]) -> String {
    match base {
        Base::Base58Btc => multibase::encode(multibase::Base::Base58Btc, bytes),
        Base::Base64Url => format!("u{}", to_base64url(bytes)),
    }
}

/// Longest base58 text decoded: its cost grows with the square of the length. An ML-DSA-65 key has 2,670.
const MAX_BASE58: usize = 8192;

/// Decodes a multibase text that must use `base`.
///
/// # Errors
/// Another prefix, a character outside the alphabet, or more than 8,192 characters of base58.
pub fn from_multibase(base: Base, text: &str) -> Result<Vec<u8>, EncodingError> {
    match (base, text.strip_prefix(['z', 'u'])) {
        (Base::Base58Btc, Some(_)) if text.starts_with('z') && text.len() <= MAX_BASE58 => {
            multibase::decode(text).map(|(_, bytes)| bytes).map_err(|_| EncodingError::Multibase)
        }
        (Base::Base64Url, Some(digits)) if text.starts_with('u') => from_base64url(digits),
        _ => Err(EncodingError::Multibase),
    }
}

/// A public key with the multicodec that says what it is [CID 1.0 §2.2.2].
///
/// `core` does not know the codes; `sinpyo-crypto` gives them meaning and checks the key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Multikey {
    code: u64,
    key: Box<[u8]>,
}

impl Multikey {
    /// A key of the kind that `code` of the multicodec table names.
    pub fn new(code: u64, key: &[u8]) -> Self {
        Self { code, key: key.into() }
    }

    /// Parses the text form (`z6Mk…`); base58btc only, as Multikey requires.
    ///
    /// # Errors
    /// Not base58btc multibase, or the code is not a shortest-form varint below 2^63.
    pub fn parse(text: &str) -> Result<Self, EncodingError> {
        let bytes = from_multibase(Base::Base58Btc, text)?;
        let (code, key) = split_varint(&bytes).ok_or(EncodingError::Multicodec)?;
        Ok(Self { code, key: key.into() })
    }

    /// The code in the multicodec table.
    pub const fn code(&self) -> u64 {
        self.code
    }

    /// The key bytes after the code.
    pub const fn key(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Display for Multikey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = varint(self.code);
        bytes.extend_from_slice(&self.key);
        f.write_str(&to_multibase(Base::Base58Btc, &bytes))
    }
}

impl fmt::Debug for Multikey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Multikey({self})")
    }
}

/// The unsigned varint of the multiformats: seven bits a byte, least significant first.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2);
    loop {
        let low = value.to_le_bytes().first().map_or(0, |byte| byte & 0x7f);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn split_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let length = bytes.iter().take(9).position(|byte| byte & 0x80 == 0)? + 1;
    let (digits, rest) = bytes.split_at_checked(length)?;
    // The last byte of a shortest form is not zero unless it is the only one.
    if length > 1 && digits.last() == Some(&0) {
        return None;
    }
    let value = digits.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((value, rest))
}

/// The text is not an encoding of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodingError {
    /// JSON-05: not base64url without padding.
    #[error("not base64url without padding")]
    Base64Url,
    /// Not standard base64.
    #[error("not base64")]
    Base64,
    /// Another multibase prefix than the one required, or a foreign character.
    #[error("not multibase text of the required base")]
    Multibase,
    /// No multicodec in its shortest form at the start.
    #[error("no well-formed multicodec prefix")]
    Multicodec,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_has_one_text_per_value() {
        assert_eq!(from_base64url("Zg").unwrap(), b"f");
        for text in ["Zg==", "Zh", "Z", "Zg\n", "Z g", "+/8", "Zg=\u{0}"] {
            assert_eq!(from_base64url(text), Err(EncodingError::Base64Url), "{text:?}");
        }
    }

    #[test]
    fn base64_is_read_with_and_without_padding() {
        for text in ["Zg==", "Zg"] {
            assert_eq!(from_base64(text).unwrap(), b"f");
        }
        assert_eq!(to_base64(b"f"), "Zg==");
        for text in ["Zh", "Z", "Zg===", "Zg==\n", "_-"] {
            assert_eq!(from_base64(text), Err(EncodingError::Base64), "{text:?}");
        }
    }

    #[test]
    fn a_multikey_survives_the_round_trip() {
        // did:key method, ed25519 example.
        let text = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
        let key = Multikey::parse(text).unwrap();
        assert_eq!((key.code(), key.key().len()), (0xed, 32));
        assert_eq!(key.to_string(), text);
    }

    #[test]
    fn a_code_in_longer_form_is_refused() {
        let long = to_multibase(Base::Base58Btc, &[0xed, 0x81, 0x00, 1, 2, 3]);
        assert_eq!(Multikey::parse(&long), Err(EncodingError::Multicodec));
        assert_eq!(Multikey::parse("z"), Err(EncodingError::Multicodec));
        let base64 = to_multibase(Base::Base64Url, &[0xed, 0x01, 1]);
        assert_eq!(Multikey::parse(&base64), Err(EncodingError::Multibase));
        assert_eq!(
            from_multibase(Base::Base58Btc, &format!("z{}", "1".repeat(9000))),
            Err(EncodingError::Multibase)
        );
    }
}
