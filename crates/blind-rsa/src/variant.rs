//! The four variants, and messages made ready for one of them.

use crate::pss::DIGEST;
use sinpyo_core::key::Entropy;
use std::fmt;

/// A variant of the protocol [RFC 9474 §5].
///
/// A randomised one is right for every message; the deterministic ones only where messages cannot be guessed,
/// or keys are known to be well made. One key serves one variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// RSABSSA-SHA384-PSS-Randomized: the one to take.
    PssRandomized,
    /// RSABSSA-SHA384-PSSZERO-Randomized: no salt in the signature.
    PssZeroRandomized,
    /// RSABSSA-SHA384-PSS-Deterministic: nothing before the message.
    PssDeterministic,
    /// RSABSSA-SHA384-PSSZERO-Deterministic: neither; a message has one signature.
    PssZeroDeterministic,
}

impl Variant {
    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PssRandomized => "RSABSSA-SHA384-PSS-Randomized",
            Self::PssZeroRandomized => "RSABSSA-SHA384-PSSZERO-Randomized",
            Self::PssDeterministic => "RSABSSA-SHA384-PSS-Deterministic",
            Self::PssZeroDeterministic => "RSABSSA-SHA384-PSSZERO-Deterministic",
        }
    }

    /// Makes `message` ready to be signed: a randomised variant puts 32 random bytes before it [RFC 9474 §4.1].
    pub fn prepare(self, message: &[u8], entropy: &mut dyn Entropy) -> Prepared {
        let mut randomizer = [0; Prepared::RANDOMIZER];
        if self.is_randomized() {
            entropy.fill(&mut randomizer);
        }
        self.prepare_with(&randomizer, message)
    }

    /// What [`Variant::prepare`] made of `message` when it drew `randomizer`, for whoever got both; a
    /// deterministic variant does without.
    pub fn prepare_with(self, randomizer: &[u8; Prepared::RANDOMIZER], message: &[u8]) -> Prepared {
        let randomizer: &[u8] = if self.is_randomized() { randomizer } else { &[] };
        Prepared { variant: self, bytes: [randomizer, message].concat() }
    }

    /// The number under which it is kept.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::PssRandomized => 0,
            Self::PssZeroRandomized => 1,
            Self::PssDeterministic => 2,
            Self::PssZeroDeterministic => 3,
        }
    }

    /// The variant that is kept under `number`.
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::PssRandomized),
            1 => Some(Self::PssZeroRandomized),
            2 => Some(Self::PssDeterministic),
            3 => Some(Self::PssZeroDeterministic),
            _ => None,
        }
    }

    pub(crate) const fn is_randomized(self) -> bool {
        matches!(self, Self::PssRandomized | Self::PssZeroRandomized)
    }

    /// Bytes of salt in the encoded message.
    pub(crate) const fn salt_length(self) -> usize {
        match self {
            Self::PssRandomized | Self::PssDeterministic => DIGEST,
            Self::PssZeroRandomized | Self::PssZeroDeterministic => 0,
        }
    }
}

/// A message as a variant signs it: the randomizer, if it has one, and the message.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    variant: Variant,
    bytes: Vec<u8>,
}

impl Prepared {
    /// Length of the randomizer in bytes.
    pub const RANDOMIZER: usize = 32;

    /// The variant it is for.
    pub const fn variant(&self) -> Variant {
        self.variant
    }

    /// Randomizer and message, joined.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The random bytes before the message; a deterministic variant has none.
    pub fn randomizer(&self) -> Option<&[u8; Self::RANDOMIZER]> {
        self.variant.is_randomized().then(|| self.bytes.first_chunk()).flatten()
    }

    /// The bytes of a prepared message; `None` if they have no place for the randomizer.
    pub(crate) fn from_bytes(variant: Variant, bytes: &[u8]) -> Option<Self> {
        let complete = !variant.is_randomized() || bytes.len() >= Self::RANDOMIZER;
        complete.then(|| Self { variant, bytes: bytes.to_vec() })
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The message may be a ballot's.
        f.debug_struct("Prepared").field("variant", &self.variant).finish_non_exhaustive()
    }
}
