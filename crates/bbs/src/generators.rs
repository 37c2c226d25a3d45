//! The points that messages are bound to.
//!
//! A suite's generators never change, and hashing one to the curve costs more than using it in a
//! verification, so each is made once per process. They live in seven chunks that are filled when first needed:
//! readers take no lock, and a peer that names many messages makes the cache grow to its bound and no further.

use crate::suite::Suite;
use sinpyo_bls12381::{FixedBase, G1};
use std::sync::OnceLock;

/// The most messages that one signature covers: 2,047.
///
/// Our bound, not the specification's: the largest proof costs some thirty times what one of 30 messages does.
pub const MAX_MESSAGES: usize = 2047;

const FIRST_CHUNK: usize = 32;
/// 32 + 32 + 64 + … + 1,024 = 2,048: one for the domain and one for each message.
const CHUNKS: usize = 7;

/// A generator with what is computed from it over and over.
pub(crate) struct Generator {
    pub(crate) base: FixedBase,
    pub(crate) octets: [u8; G1::BYTES],
}

/// `create_generators` of one suite [§4.1.1], and `P1` [§7.2].
pub(crate) struct Generators {
    suite: Suite,
    p1: OnceLock<FixedBase>,
    chunks: [OnceLock<Chunk>; CHUNKS],
}

struct Chunk {
    generators: Box<[Generator]>,
    end: Chain,
}

impl Generators {
    pub(crate) fn of(suite: Suite) -> &'static Self {
        static SHA256: Generators = Generators::new(Suite::Sha256);
        static SHAKE256: Generators = Generators::new(Suite::Shake256);
        match suite {
            Suite::Sha256 => &SHA256,
            Suite::Shake256 => &SHAKE256,
        }
    }

    const fn new(suite: Suite) -> Self {
        Self { suite, p1: OnceLock::new(), chunks: [const { OnceLock::new() }; CHUNKS] }
    }

    /// The fixed point `P1` that every signature starts from.
    pub(crate) fn p1(&self) -> &FixedBase {
        self.p1.get_or_init(|| {
            let mut chain = Chain::new(self.suite, "BP_MESSAGE_GENERATOR_SEED");
            chain.next(self.suite).base
        })
    }

    /// `Q_1` and the generators of `messages` messages, of which there are at most [`MAX_MESSAGES`].
    pub(crate) fn first(&'static self, messages: usize) -> Vec<&'static Generator> {
        (0..CHUNKS).flat_map(|index| self.chunk(index)).take(messages.saturating_add(1)).collect()
    }

    fn chunk(&self, index: usize) -> &[Generator] {
        self.filled(index).map_or(&[], |chunk| &chunk.generators)
    }

    fn filled(&self, index: usize) -> Option<&Chunk> {
        let slot = self.chunks.get(index)?;
        Some(slot.get_or_init(|| {
            let before = index.checked_sub(1).and_then(|before| self.filled(before));
            let mut chain = before
                .map_or_else(|| Chain::new(self.suite, "MESSAGE_GENERATOR_SEED"), |chunk| chunk.end.clone());
            let size = FIRST_CHUNK << index.saturating_sub(1);
            let generators = (0..size).map(|_| chain.next(self.suite)).collect();
            Chunk { generators, end: chain }
        }))
    }
}

const SEED: usize = 48;

/// The state between one generator and the next.
#[derive(Clone)]
struct Chain {
    value: [u8; SEED],
    count: u64,
}

impl Chain {
    fn new(suite: Suite, seed: &str) -> Self {
        let value = suite.expander().expand(&suite.separator(seed), &suite.separator("SIG_GENERATOR_SEED_"));
        Self { value, count: 0 }
    }

    fn next(&mut self, suite: Suite) -> Generator {
        self.count += 1;
        let input = [&self.value[..], &self.count.to_be_bytes()].concat();
        self.value = suite.expander().expand(&input, &suite.separator("SIG_GENERATOR_SEED_"));
        let point = suite.expander().hash_to_g1(&self.value, &suite.separator("SIG_GENERATOR_DST_"));
        Generator { base: FixedBase::new(&point), octets: point.to_compressed() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_testkit::{from_hex, vectors};
    use std::fs;

    #[test]
    fn generators_are_those_of_the_draft() {
        let Some(folder) = vectors("bbs-draft") else { return };
        for (suite, name) in [(Suite::Sha256, "bls12-381-sha-256"), (Suite::Shake256, "bls12-381-shake-256")]
        {
            let text = fs::read(folder.join(name).join("generators.json")).unwrap();
            let fixture: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let point = |value: &serde_json::Value| from_hex(value.as_str().unwrap());
            let generators = Generators::of(suite);
            assert_eq!(generators.p1().point().to_compressed()[..], point(&fixture["P1"]));
            let messages = fixture["MsgGenerators"].as_array().unwrap();
            let made = generators.first(messages.len());
            assert_eq!(made[0].octets[..], point(&fixture["Q1"]));
            assert_eq!(made.len(), messages.len() + 1);
            for (made, expected) in made[1..].iter().zip(messages) {
                assert_eq!(made.octets[..], point(expected));
            }
        }
    }

    #[test]
    fn chunks_continue_each_other_and_end_at_the_bound() {
        let all = Generators::of(Suite::Sha256).first(usize::MAX);
        assert_eq!(all.len(), MAX_MESSAGES + 1);
        let mut chain = Chain::new(Suite::Sha256, "MESSAGE_GENERATOR_SEED");
        assert!(all.iter().take(100).all(|generator| generator.octets == chain.next(Suite::Sha256).octets));
        let mut distinct: Vec<_> = all.iter().map(|generator| generator.octets).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), all.len());
    }
}
