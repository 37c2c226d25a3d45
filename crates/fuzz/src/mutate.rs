//! The same havoc for the same seed.

mod json;

use std::ops::Range;

/// Longest input that mutation makes of smaller ones, in bytes.
pub const MAX_LENGTH: usize = 1 << 17;

/// A generator of numbers that are only meant to differ [splitmix64].
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Numbers that depend on `seed` only.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if there is none.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.roll().checked_rem(end).unwrap_or(0)).unwrap_or(0)
    }

    /// One of `items`.
    pub fn pick<'i, T>(&mut self, items: &'i [T]) -> Option<&'i T> {
        items.get(self.below(items.len()))
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.roll().to_le_bytes();
        byte
    }

    /// A range within `length`, more often short than long.
    fn range(&mut self, length: usize) -> Range<usize> {
        let start = self.below(length);
        let most = if self.below(4) == 0 { length } else { 16 };
        let end = length.min(start + 1 + self.below(most));
        start..end.max(start)
    }
}

/// Texts and bytes that parsers know, beside the bytes that they fear.
const TOKENS: [&[u8]; 40] = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\n",
    b"\r\n",
    b"\t",
    b" ",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[]",
    b"{}",
    b"null",
    b"true",
    b"-0",
    b"1e400",
    b"9007199254740993",
    b"18446744073709551616",
    b"-1",
    b"\\u0000",
    b"\\ud800",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"~",
    b".",
    b"%00",
    b"%2e%2e%2f",
    b"did:key:z",
    b"#",
    b"?",
    b"://",
    b"_:b0",
    b"@context",
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x30\x84\xff\xff\xff\xff",
    b"\xd2\x84",
];

/// Numbers around which length fields break.
const NUMBERS: [u64; 14] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    u64::MAX >> 1,
    u64::MAX,
];

/// A new input made of `input` and parts of `others`.
pub fn mutate(input: &[u8], others: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    if let Some(changed) = json::mutate(input, others, dice) {
        return changed;
    }
    let mut bytes = input.to_vec();
    for _ in 0..=dice.below(4) {
        step(&mut bytes, others, dice);
    }
    bytes.truncate(MAX_LENGTH.max(input.len()));
    bytes
}

fn step(bytes: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    let length = bytes.len();
    match dice.below(10) {
        0 | 1 => {
            let bit = 1 << dice.below(8);
            if let Some(byte) = bytes.get_mut(dice.below(length)) {
                *byte ^= bit;
            }
        }
        2 => {
            let value = dice.byte();
            if let Some(byte) = bytes.get_mut(dice.below(length)) {
                *byte = value;
            }
        }
        3 => overwrite_number(bytes, dice),
        4 => drop(bytes.drain(dice.range(length))),
        5 => bytes.truncate(dice.below(length + 1)),
        6 => {
            let token = dice.pick(&TOKENS).copied().unwrap_or_default();
            insert(bytes, dice.below(length + 1), token);
        }
        7 => {
            let part = bytes.get(dice.range(length)).unwrap_or_default().to_vec();
            let times = if dice.below(8) == 0 { 1 + dice.below(64) } else { 1 };
            insert(bytes, dice.below(length + 1), &part.repeat(times));
        }
        8 => {
            let token = dice.pick(&TOKENS).copied().unwrap_or_default();
            let range = dice.range(length);
            bytes.splice(range, token.iter().copied());
        }
        _ => {
            let other = dice.pick(others).map(Vec::as_slice).unwrap_or_default();
            let part = other.get(dice.range(other.len())).unwrap_or_default();
            let range = dice.range(length);
            bytes.splice(range, part.iter().copied());
        }
    }
}

fn overwrite_number(bytes: &mut [u8], dice: &mut Dice) {
    let number = dice.pick(&NUMBERS).copied().unwrap_or_default();
    let width = 1 << dice.below(4);
    let (little, big) = (number.to_le_bytes(), number.to_be_bytes());
    let text = if dice.below(2) == 0 { little.get(..width) } else { big.get(8 - width..) };
    let start = dice.below(bytes.len());
    for (byte, new) in bytes.iter_mut().skip(start).zip(text.unwrap_or_default()) {
        *byte = *new;
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_inputs_and_they_differ() {
        let seeds = [br#"{"a":[1,2,{"b":"c"}]}"#.to_vec(), b"\xd2\x84\x43\xa1\x01\x26".to_vec(), Vec::new()];
        let run = |seed| {
            let mut dice = Dice::new(seed);
            let inputs = seeds.iter().cycle().take(3_000);
            inputs.map(|input| mutate(input, &seeds, &mut dice)).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let mut distinct = run(1);
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() > 1_000, "{}", distinct.len());
        assert!(distinct.iter().all(|input| input.len() <= MAX_LENGTH));
        assert!(distinct.iter().any(|input| serde_json::from_slice::<serde_json::Value>(input).is_ok()));
    }
}
