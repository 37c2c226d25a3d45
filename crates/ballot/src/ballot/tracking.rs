//! What a voter is shown, and can look for in the log (§10).

use crate::hash::Transcript;
use std::fmt;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const CHARACTERS: usize = 20;

/// The first 20 characters, 100 bits, of the base32 form of `H("tracking", ballot)`. Shown as five groups of four.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackingCode([u8; CHARACTERS]);

impl TrackingCode {
    /// The code of a ballot's bytes.
    pub fn of(ballot: &[u8]) -> Self {
        Self::of_digest(&digest(ballot))
    }

    /// The code of `H("tracking", ballot)`.
    // [BAL-27]
    pub(crate) fn of_digest(digest: &[u8; 64]) -> Self {
        let mut code = [0; CHARACTERS];
        // Five bytes give eight characters; the last group is used by half.
        for (five, eight) in digest.chunks(5).zip(code.chunks_mut(8)) {
            let bits = five.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
            for (place, character) in (0u32..8).rev().zip(eight) {
                let index = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
                *character = ALPHABET.get(index).copied().unwrap_or_default();
            }
        }
        Self(code)
    }

    /// Reads 20 characters, with or without spaces and hyphens between them, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let characters: Vec<u8> = text
            .bytes()
            .filter(|byte| !matches!(byte, b' ' | b'-'))
            .map(|byte| byte.to_ascii_lowercase())
            .collect();
        let code: [u8; CHARACTERS] = characters.try_into().ok()?;
        code.iter().all(|character| ALPHABET.contains(character)).then_some(Self(code))
    }

    /// The 20 characters.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// `H("tracking", ballot)`.
pub(crate) fn digest(ballot: &[u8]) -> [u8; 64] {
    Transcript::new("tracking").field(ballot).hash()
}

impl fmt::Display for TrackingCode {
    /// Five groups of four, with spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, four) in self.0.chunks(4).enumerate() {
            let space = if number == 0 { "" } else { " " };
            write!(f, "{space}{}", str::from_utf8(four).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl fmt::Debug for TrackingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrackingCode({self})")
    }
}
