//! Registration codes: what a voter is given on paper, once.

use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_state::{Key, Space};

const SPACE: Space = Space::new("voting.code");

/// Letters and digits that nobody takes for one another: 32 of them, five bits each.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Letters of a code: 80 bits, which nobody guesses through a form that counts.
const LENGTH: usize = 16;

/// A new code.
pub(crate) fn draw(entropy: &mut dyn Entropy) -> Secret<String> {
    let mut random = [0; LENGTH];
    entropy.fill(&mut random);
    let letter = |byte: &u8| char::from(LETTERS.get(usize::from(byte & 31)).copied().unwrap_or(b'A'));
    Secret::new(random.iter().map(letter).collect())
}

/// The code as somebody typed it: case, spaces and hyphens do not count. Offices that make codes of their own may use
/// all letters and digits but 0 and 1, and at least as many.
pub(crate) fn parse(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(|char| !matches!(char, ' ' | '-')).collect();
    let plain = plain.to_ascii_uppercase();
    let known = plain.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'9').contains(&byte));
    (known && (LENGTH..=64).contains(&plain.len())).then_some(plain)
}

/// As it is printed: in groups of four.
pub(crate) fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// Where what is known of a code is kept: under its digest.
pub(crate) fn key(election: &ElectionId, code: &str) -> Key {
    Key::secret(SPACE, &[&election.0, code.as_bytes()].concat()) // [VTS-22]
}

/// The key of a code whose record has this name.
pub(crate) fn stored(name: String) -> Key {
    Key::stored(SPACE, name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_testkit::TestEntropy;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = draw(&mut TestEntropy::new(3));
        let shown = grouped(code.expose());
        assert_eq!(shown.len(), LENGTH + 3);
        assert_eq!(parse(&shown.to_lowercase()).as_ref(), Some(code.expose()));
        assert_eq!(parse(&shown.replace('-', " ")).as_ref(), Some(code.expose()));
        for wrong in ["", "ABCD-EFGH-JKLM-NP2", "ABCD-EFGH-JKLM-NP01", "ABCD-EFGH-JKLM-NPQ가"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_code_in_two_elections_is_two() {
        let (one, other) = (ElectionId([1; 32]), ElectionId([2; 32]));
        assert_ne!(key(&one, "ABCD"), key(&other, "ABCD"));
    }
}
