//! Text as people's names and addresses are written.

use super::ClaimError;
use sinpyo_core::claims::nfc;

/// Longest text that is normalised at all, in bytes. The longest claim of the catalogue has 1,000 characters.
const MAX_BYTES: usize = 8192;

/// `text` in Normalization Form C, if it is fit to be signed.
///
/// Look-alikes (`·` and `ㆍ`, `0` and `０`) are kept as they are: the issuer states what the register says.
pub(super) fn checked(text: &str) -> Result<String, ClaimError> {
    if text.len() > MAX_BYTES {
        return Err(ClaimError::Length);
    }
    let text = nfc(text); // [ISS-05]
    if text.chars().any(is_hidden) {
        return Err(ClaimError::HiddenCharacter); // [ISS-06]
    }
    if holds_resident_number(&text) {
        return Err(ClaimError::ResidentNumber); // [ISS-07]
    }
    Ok(text)
}

/// [`checked`] text of `min` to `max` characters.
pub(super) fn of_length(text: &str, min: u16, max: u16) -> Result<String, ClaimError> {
    let text = checked(text)?;
    let fits = (usize::from(min)..=usize::from(max)).contains(&text.chars().count());
    if fits { Ok(text) } else { Err(ClaimError::Length) }
}

/// Control characters, bidirectional controls, and characters that show nothing: two values that look the same
/// to a person must not differ by these.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{feff}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether six digits and seven digits stand together, with nothing or only hyphens and spaces between them.
///
/// That is the shape of a resident registration number. Whether it is one is deliberately not computed: nothing
/// here reads, checks or makes such numbers. Digits of every script count, or full-width ones would pass.
fn holds_resident_number(text: &str) -> bool {
    let (mut previous, mut run) = (0, 0);
    for c in text.chars().chain(['.']) {
        if c.is_numeric() {
            run += 1;
            continue;
        }
        if run == 13 || (previous, run) == (6, 7) {
            return true;
        }
        if run > 0 {
            (previous, run) = (run, 0);
        }
        if !is_separator(c) {
            previous = 0;
        }
    }
    false
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_signed_in_normalization_form_c() {
        // 김한별 spelled with conjoining jamo: 9 code points, 3 after normalisation.
        let decomposed = "\u{1100}\u{1175}\u{11b7}\u{1112}\u{1161}\u{11ab}\u{1107}\u{1167}\u{11af}";
        assert_eq!(of_length(decomposed, 3, 3).unwrap(), "김한별");
        assert_eq!(of_length(decomposed, 4, 9), Err(ClaimError::Length));
    }

    #[test]
    fn look_alikes_stay_as_they_are() {
        for text in ["가·나", "가ㆍ나", "가・나", "가ᆞ나", "１２", "뷁똠", "O'NEIL-LEE ANNA", "=1+1", "南宮"]
        {
            assert_eq!(checked(text).unwrap(), text);
        }
    }

    #[test]
    fn hidden_characters_are_refused() {
        for hidden in [
            "\0",
            "\n",
            "\u{7f}",
            "\u{85}",
            "\u{ad}",
            "\u{200b}",
            "\u{200d}",
            "\u{200e}",
            "\u{200f}",
            "\u{202e}",
            "\u{2066}",
            "\u{2060}",
            "\u{feff}",
            "\u{3164}",
            "\u{115f}",
            "\u{e0041}",
        ] {
            assert_eq!(checked(&format!("김{hidden}별")), Err(ClaimError::HiddenCharacter), "{hidden:?}");
        }
    }

    #[test]
    fn the_shape_of_a_resident_number_is_refused() {
        for text in [
            "000000-0000000",
            "0000000000000",
            "번호 000000-0000000 입니다",
            "000000 - 0000000",
            "000000–0000000",
            "０００００0-0000000",
            "가000000\u{a0}0000000나",
        ] {
            assert_eq!(checked(text), Err(ClaimError::ResidentNumber), "{text}");
        }
        for text in [
            "010-0123-4567",
            "000000-000000",
            "0000000-0000000",
            "000000/0000000",
            "00000000000000",
            "9911010100100120003",
            "1-9900001",
            "000000-00000000",
        ] {
            assert!(checked(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_endless_text_is_refused_before_it_is_normalised() {
        assert_eq!(checked(&"\u{1100}".repeat(1 << 20)), Err(ClaimError::Length));
    }
}
