//! Hangul syllables composed (NFC) and decomposed (NFD), by the arithmetic of Unicode §3.12.

const SYLLABLES: u32 = 0xac00;
const LEADS: u32 = 0x1100;
const VOWELS: u32 = 0x1161;
const TAILS: u32 = 0x11a7;
const VOWEL_COUNT: u32 = 21;
const TAIL_COUNT: u32 = 28;

/// The text with every syllable as its letters. The other texts of the generator have no decomposition.
pub(super) fn decomposed(text: &str) -> String {
    text.chars().flat_map(letters).flatten().collect()
}

fn letters(c: char) -> [Option<char>; 3] {
    if !('가'..='힣').contains(&c) {
        return [Some(c), None, None];
    }
    let index = u32::from(c) - SYLLABLES;
    let tail = index % TAIL_COUNT;
    [
        char::from_u32(LEADS + index / (VOWEL_COUNT * TAIL_COUNT)),
        char::from_u32(VOWELS + index / TAIL_COUNT % VOWEL_COUNT),
        (tail > 0).then(|| char::from_u32(TAILS + tail)).flatten(),
    ]
}

/// The text with modern letters joined to syllables.
pub(super) fn composed(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match result.chars().next_back().and_then(|last| joined(last, c)) {
            Some(syllable) => {
                result.pop();
                result.push(syllable);
            }
            None => result.push(c),
        }
    }
    result
}

fn joined(last: char, c: char) -> Option<char> {
    let (before, this) = (u32::from(last), u32::from(c));
    if ('\u{1100}'..='\u{1112}').contains(&last) && ('\u{1161}'..='\u{1175}').contains(&c) {
        let index = (before - LEADS) * VOWEL_COUNT + (this - VOWELS);
        return char::from_u32(SYLLABLES + index * TAIL_COUNT);
    }
    let open = ('가'..='힣').contains(&last) && (before - SYLLABLES).is_multiple_of(TAIL_COUNT);
    if open && ('\u{11a8}'..='\u{11c2}').contains(&c) {
        return char::from_u32(before + (this - TAILS));
    }
    None
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization as _;

    use super::*;

    #[test]
    fn three_syllables_are_nine_letters() {
        assert_eq!(decomposed("김한별").chars().count(), 9);
        assert_eq!(composed(&decomposed("김한별")), "김한별");
    }

    #[test]
    fn every_syllable_agrees_with_unicode() {
        let all: String = ('가'..='힣').collect();
        let letters: String = all.nfd().collect();
        assert_eq!(decomposed(&all), letters);
        assert_eq!(composed(&letters), all);
    }
}
