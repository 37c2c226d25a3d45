//! Numbers.

use super::{ClaimError, SAFE};
use serde_json::Value;
use std::ops::RangeInclusive;

pub(super) fn integer(value: &Value, range: RangeInclusive<i64>) -> Result<i64, ClaimError> {
    let number = value.as_number().ok_or(ClaimError::Kind)?.as_i64().ok_or(ClaimError::Form)?;
    if range.contains(&number) && SAFE.contains(&number) { Ok(number) } else { Err(ClaimError::Range) }
}

/// A decimal number is text: readers of JSON disagree about what a fraction is worth.
pub(super) fn decimal(value: &str, digits: u8, places: u8) -> Result<String, ClaimError> {
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return Err(ClaimError::Form),
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let only_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if whole.is_empty() || !only_digits || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(ClaimError::Form);
    }
    if fraction.len() > usize::from(places) || whole.len() > usize::from(digits - places) {
        return Err(ClaimError::Range);
    }
    Ok(value.to_owned())
}

pub(super) fn fraction(value: &str) -> Result<String, ClaimError> {
    let part = |text: &str| {
        let written_once = !text.starts_with(['0', '+']);
        text.parse::<u64>().ok().filter(|_| written_once).ok_or(ClaimError::Form)
    };
    let (numerator, denominator) = value.split_once('/').ok_or(ClaimError::Form)?;
    if part(numerator)? > part(denominator)? { Err(ClaimError::Range) } else { Ok(value.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_whole_number_stays_in_its_range() {
        assert_eq!(integer(&json!(20), 1..=20), Ok(20));
        assert_eq!(integer(&json!(21), 1..=20), Err(ClaimError::Range));
        assert_eq!(integer(&json!(1.0), 1..=20), Err(ClaimError::Form));
        assert_eq!(integer(&json!("1"), 1..=20), Err(ClaimError::Kind));
        assert_eq!(integer(&json!(u64::MAX), i64::MIN..=i64::MAX), Err(ClaimError::Form));
        assert_eq!(integer(&json!((1_i64 << 53) + 1), i64::MIN..=i64::MAX), Err(ClaimError::Range));
    }

    #[test]
    fn a_decimal_has_its_digits_and_places() {
        for text in ["0", "0.5", "-12.5", "1234567.125"] {
            assert_eq!(decimal(text, 10, 3).as_deref(), Ok(text));
        }
        for text in ["", ".", "1.", ".5", "01", "1e3", "1,5", "+1", "--1", "１"] {
            assert_eq!(decimal(text, 10, 3), Err(ClaimError::Form), "{text}");
        }
        for text in ["0.1234", "12345678"] {
            assert_eq!(decimal(text, 10, 3), Err(ClaimError::Range), "{text}");
        }
    }

    #[test]
    fn a_share_is_at_most_the_whole() {
        assert!(fraction("1/3").is_ok() && fraction("1/1").is_ok());
        for text in ["2/1", "0/1", "1/0", "1", "a/b", "01/2", "1/+2", "-1/2", "1/2/3"] {
            assert!(fraction(text).is_err(), "{text}");
        }
    }
}
