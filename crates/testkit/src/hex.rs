//! Hexadecimal, in which most published vectors are written.

/// The bytes that `text` writes in hexadecimal, lower or upper case.
///
/// # Panics
/// `text` is not pairs of hexadecimal digits.
#[expect(clippy::expect_used, reason = "test harness: the text is a constant or a vector")]
pub fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.chars().map(|digit| digit.to_digit(16).expect("a hexadecimal digit"));
    let digits: Vec<u8> = digits.map(|digit| u8::try_from(digit).expect("below 16")).collect();
    let (pairs, rest) = digits.as_chunks();
    assert!(rest.is_empty(), "an odd number of digits");
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_cases() {
        assert_eq!(from_hex("00fFa5"), [0x00, 0xff, 0xa5]);
        assert!(from_hex("").is_empty());
    }
}
