//! What a voter is shown, and can look for in the log (§10).

use super::CastLock;
use crate::hash::Transcript;
use std::fmt::{self, Write as _};

const CHARACTERS: usize = 20;

/// The first 20 characters, 100 bits, of the base32 form of `H("tracking", body, λ)`. Shown as five groups of four.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrackingCode([u8; CHARACTERS]);

impl TrackingCode {
    /// The code of a ballot's bytes, the cast key included. What is too short to have one has no ballot's code.
    pub fn of(ballot: &[u8]) -> Self {
        Self::of_digest(&match ballot.split_last_chunk() {
            Some((body, key)) => digest(body, &CastLock::of(key)),
            None => Transcript::new("tracking").field(ballot).hash(),
        })
    }

    /// The code of `H("tracking", body, λ)`.
    // [BAL-27]
    pub(crate) fn of_digest(digest: &[u8; 64]) -> Self {
        let mut code = [0; CHARACTERS];
        // Five bytes give eight characters; the last group is used by half.
        for (five, eight) in digest.chunks(5).zip(code.chunks_mut(8)) {
            let bits = five.iter().fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
            for (place, character) in (0u32..8).rev().zip(eight) {
                let [low, ..] = (bits >> (5 * place)).to_le_bytes();
                *character = base32(low & 31);
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
        code.iter().all(|character| matches!(character, b'a'..=b'z' | b'2'..=b'7')).then_some(Self(code))
    }

    /// The 20 characters.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "both constructors write characters of the alphabet only"
    )]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("ASCII")
    }
}

/// The character of a number below 32 [RFC 4648 §6, in lower case]. Without a branch: what is counted are the prover's
/// instructions, of which there shall be as many for every ballot.
const fn base32(number: u8) -> u8 {
    let is_digit = 25_u8.wrapping_sub(number) >> 7;
    b'a' + number - is_digit * (b'a' + 26 - b'2')
}

/// `H("tracking", body, λ)`: who has not the cast key can compute it too.
pub(super) fn digest(body: &[u8], lock: &CastLock) -> [u8; 64] {
    Transcript::new("tracking").field(body).field(&lock.0).hash()
}

impl fmt::Display for TrackingCode {
    /// Five groups of four, with spaces.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, four) in self.0.as_chunks::<4>().0.iter().enumerate() {
            if number > 0 {
                f.write_char(' ')?;
            }
            four.iter().try_for_each(|character| f.write_char(char::from(*character)))?;
        }
        Ok(())
    }
}

impl fmt::Debug for TrackingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrackingCode({self})")
    }
}
