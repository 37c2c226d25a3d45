//! The types that a profile gives its claims, and what values they admit.

mod composite;
mod identifier;
mod number;
mod text;

pub use identifier::Identifier;

use serde_json::Value;
use sinpyo_core::time::{Date, Timestamp};
use std::{ops::RangeInclusive, str::FromStr};

/// Longest text of a claim of type `string` without bounds, in characters.
const MAX_TEXT: u16 = 1000;
/// Longest list.
const MAX_ELEMENTS: usize = 100;
/// Integers that every JSON reader holds exactly.
const SAFE: RangeInclusive<i64> = -(1 << 53)..=1 << 53;

/// What a claim's value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimType {
    /// `string`, `string(5)`, `string(1..40)`: text of this many characters in Normalization Form C.
    Text {
        /// Fewest characters.
        min: u16,
        /// Most characters.
        max: u16,
    },
    /// `bool`.
    Bool,
    /// `date`: `YYYY-MM-DD`, a real day.
    Date,
    /// `datetime`: RFC 3339; signed in UTC, whole seconds.
    DateTime,
    /// `year`: a number of four digits.
    Year,
    /// `period`: two dates joined by `/`.
    Period,
    /// `interval`: two RFC 3339 times joined by `/`.
    Interval,
    /// `int`, `int(1..20)`: a whole number in this range, at most ±2^53.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// `decimal(10.3)`: text of at most 10 digits, at most 3 of them after the point.
    Decimal {
        /// Most digits in all.
        digits: u8,
        /// Most digits after the point.
        places: u8,
    },
    /// `fraction`: `n/d`, more than nothing and at most the whole.
    Fraction,
    /// `code(5)`: exactly this many digits.
    Digits(u8),
    /// `code`: up to 64 visible ASCII characters.
    Code,
    /// `enum{a,b}`: one of these words.
    Choice(Vec<String>),
    /// A register's identifier.
    Identifier(Identifier),
    /// `range`: `{"first", "last"}`, two identifiers.
    Range,
    /// `scope`: `{"service", "type", "claims"}`, what a verifier may ask for.
    Scope,
    /// `list(payee,basis_points)`: shares that add up to 10,000.
    Shares,
    /// `typed map per doc_type`: named texts, numbers and truth values.
    Fields,
    /// `code(5)[]`, `typed list` and so on: up to 100 of them.
    List(Box<ClaimType>),
}

impl FromStr for ClaimType {
    type Err = ParseClaimTypeError;

    fn from_str(text: &str) -> Result<Self, ParseClaimTypeError> {
        if let Some(element) = text.strip_suffix("[]") {
            return match element.parse()? {
                Self::List(_) => Err(ParseClaimTypeError),
                element => Ok(Self::List(Box::new(element))),
            };
        }
        if let Some(identifier) = Identifier::from_word(text) {
            return Ok(Self::Identifier(identifier));
        }
        match text {
            "string" => Ok(Self::Text { min: 1, max: MAX_TEXT }),
            "bool" => Ok(Self::Bool),
            "date" => Ok(Self::Date),
            "datetime" => Ok(Self::DateTime),
            "year" => Ok(Self::Year),
            "period" => Ok(Self::Period),
            "interval" => Ok(Self::Interval),
            "int" => Ok(Self::Integer { min: *SAFE.start(), max: *SAFE.end() }),
            "fraction" => Ok(Self::Fraction),
            "code" => Ok(Self::Code),
            "range" => Ok(Self::Range),
            "scope" => Ok(Self::Scope),
            "list(payee,basis_points)" => Ok(Self::Shares),
            "typed map per doc_type" => Ok(Self::Fields),
            "typed list" => Ok(Self::List(Box::new(Self::Fields))),
            other => parameterised(other).ok_or(ParseClaimTypeError), // [ISS-01]
        }
    }
}

/// `word(parameter)` and `enum{…}`.
fn parameterised(text: &str) -> Option<ClaimType> {
    if let Some(words) = text.strip_prefix("enum{").and_then(|rest| rest.strip_suffix('}')) {
        let words: Vec<String> = words.split(',').map(str::to_owned).collect();
        return words.iter().all(|word| is_code(word)).then_some(ClaimType::Choice(words));
    }
    let (word, parameter) = text.strip_suffix(')')?.split_once('(')?;
    match word {
        "string" => {
            let (min, max): (u16, u16) = bounds(parameter)?;
            (min <= max && (1..=MAX_TEXT).contains(&max)).then_some(ClaimType::Text { min, max })
        }
        "int" => {
            let (min, max): (i64, i64) = bounds(parameter)?;
            (min <= max && SAFE.contains(&min) && SAFE.contains(&max))
                .then_some(ClaimType::Integer { min, max })
        }
        "code" => parameter.parse().ok().filter(|digits| (1..=32).contains(digits)).map(ClaimType::Digits),
        "decimal" => {
            let (digits, places) = parameter.split_once('.')?;
            let (digits, places) = (digits.parse().ok()?, places.parse().ok()?);
            (places < digits && digits <= 18).then_some(ClaimType::Decimal { digits, places })
        }
        _ => None,
    }
}

/// `a..b`, or `a` for both ends.
fn bounds<T: FromStr + Copy>(text: &str) -> Option<(T, T)> {
    if let Some((min, max)) = text.split_once("..") {
        return Some((min.parse().ok()?, max.parse().ok()?));
    }
    let both = text.parse().ok()?;
    Some((both, both))
}

/// The text is no claim type of the profile language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a claim type")]
pub struct ParseClaimTypeError;

impl ClaimType {
    /// `value` as it is signed: text in Normalization Form C, identifiers and times in their one written form.
    ///
    /// # Errors
    /// Why the value is not one of this type.
    pub fn check(&self, value: &Value) -> Result<Value, ClaimError> {
        match self {
            Self::Bool => value.as_bool().map(Value::from).ok_or(ClaimError::Kind),
            Self::Integer { min, max } => number::integer(value, *min..=*max).map(Value::from),
            Self::Year => number::integer(value, 1000..=9999).map(Value::from),
            Self::Range => composite::range(value),
            Self::Scope => composite::scope(value),
            Self::Shares => composite::shares(value),
            Self::Fields => composite::fields(value),
            Self::List(element) => {
                let elements = value.as_array().ok_or(ClaimError::Kind)?;
                if elements.len() > MAX_ELEMENTS {
                    return Err(ClaimError::Length);
                }
                elements.iter().map(|value| element.check(value)).collect()
            }
            _ => self.check_text(value.as_str().ok_or(ClaimError::Kind)?).map(Value::from), // [ISS-04]
        }
    }

    /// The types whose values are written as text.
    fn check_text(&self, value: &str) -> Result<String, ClaimError> {
        match self {
            Self::Text { min, max } => text::of_length(value, *min, *max),
            Self::Date => value.parse::<Date>().map(|date| date.to_string()).map_err(|_| ClaimError::Form),
            Self::DateTime => instant(value).map(|time| time.to_string()),
            Self::Period => span(value, |end| end.parse::<Date>().map_err(|_| ClaimError::Form)),
            Self::Interval => span(value, instant),
            Self::Decimal { digits, places } => number::decimal(value, *digits, *places),
            Self::Fraction => number::fraction(value),
            Self::Digits(count) => {
                let fits = value.len() == usize::from(*count) && value.bytes().all(|b| b.is_ascii_digit());
                if fits { Ok(value.to_owned()) } else { Err(ClaimError::Form) }
            }
            Self::Code => {
                let value = text::of_length(value, 1, 64)?;
                if is_code(&value) { Ok(value) } else { Err(ClaimError::Form) }
            }
            Self::Choice(words) if words.iter().any(|word| word == value) => Ok(value.to_owned()),
            Self::Choice(_) => Err(ClaimError::Choice),
            Self::Identifier(kind) => kind.check(value),
            Self::Bool
            | Self::Integer { .. }
            | Self::Year
            | Self::Range
            | Self::Scope
            | Self::Shares
            | Self::Fields
            | Self::List(_) => Err(ClaimError::Kind),
        }
    }
}

fn instant(value: &str) -> Result<Timestamp, ClaimError> {
    value.parse().map_err(|_| ClaimError::Form)
}

/// Two ends joined by `/`, the first not after the second.
fn span<T: Ord + ToString>(
    value: &str,
    end: impl Fn(&str) -> Result<T, ClaimError>,
) -> Result<String, ClaimError> {
    let (from, until) = value.split_once('/').ok_or(ClaimError::Form)?;
    let (from, until) = (end(from)?, end(until)?);
    if from > until {
        return Err(ClaimError::Range);
    }
    Ok(format!("{}/{}", from.to_string(), until.to_string()))
}

fn is_code(word: &str) -> bool {
    (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_graphic())
}

/// Why a value is not one of its claim's type. Never carries the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Another kind of JSON value, such as a number where text belongs.
    #[error("not the kind of JSON value that the claim requires")]
    Kind,
    /// Text that is not written as the type requires, or a check digit that is wrong.
    #[error("not written as the claim requires")]
    Form,
    /// None of the words that the profile lists.
    #[error("none of the words that the profile lists")]
    Choice,
    /// A number or period outside its bounds.
    #[error("out of range")]
    Range,
    /// Too short or too long, in characters or elements.
    #[error("too short or too long")]
    Length,
    /// ISS-06: a control, zero-width or bidirectional character.
    #[error("holds a control, zero-width or bidirectional character")]
    HiddenCharacter,
    /// ISS-07: six digits, a hyphen and seven digits.
    #[error("has the shape of a resident registration number")]
    ResidentNumber,
}

impl ClaimError {
    /// The rule that was broken, as in `spec/checks/iss.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Kind | Self::Form | Self::Choice | Self::Range | Self::Length => "ISS-04",
            Self::HiddenCharacter => "ISS-06",
            Self::ResidentNumber => "ISS-07",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(kind: &str, accepted: &[Value], refused: &[(Value, ClaimError)]) {
        let parsed: ClaimType = kind.parse().unwrap();
        for value in accepted {
            assert_eq!(parsed.check(value).as_ref(), Ok(value), "{kind}");
        }
        for (value, error) in refused {
            assert_eq!(parsed.check(value), Err(*error), "{kind} {value}");
        }
    }

    #[test]
    fn a_value_of_another_type_is_refused() {
        use ClaimError as E;
        check(
            "bool",
            &[json!(true)],
            &[(json!("true"), E::Kind), (json!(1), E::Kind), (Value::Null, E::Kind)],
        );
        check("string(2..3)", &[json!("김별")], &[(json!("김"), E::Length), (json!(12), E::Kind)]);
        check("string(5)", &[json!("64001")], &[(json!("6400"), E::Length)]);
        check("code(5)", &[json!("99110")], &[(json!("9911０"), E::Form), (json!(99110), E::Kind)]);
        check("code", &[json!("J00")], &[(json!("J 00"), E::Form), (json!(""), E::Length)]);
        check("enum{1,2}", &[json!("1")], &[(json!("3"), E::Choice), (json!(1), E::Kind)]);
        check("year", &[json!(2026)], &[(json!(26), E::Range), (json!("2026"), E::Kind)]);
        check(
            "code(5)[]",
            &[json!([]), json!(["99110"])],
            &[(json!("99110"), E::Kind), (json!([1]), E::Kind)],
        );
        check("code[]", &[], &[(json!(vec!["a"; 101]), E::Length)]);
    }

    #[test]
    fn an_impossible_date_is_refused() {
        use ClaimError as E;
        check(
            "date",
            &[json!("2024-02-29")],
            &[(json!("2025-02-29"), E::Form), (json!("2024-2-9"), E::Form)],
        );
        check(
            "period",
            &[json!("2026-01-01/2026-12-31")],
            &[(json!("2026-12-31/2026-01-01"), E::Range), (json!("2026-01-01"), E::Form)],
        );
        let utc = json!("2026-07-01T00:00:00Z");
        let parsed: ClaimType = "datetime".parse().unwrap();
        assert_eq!(parsed.check(&json!("2026-07-01T09:00:00+09:00")), Ok(utc));
        check(
            "interval",
            &[json!("2026-07-01T00:00:00Z/2026-07-01T01:00:00Z")],
            &[(json!("2026/2027"), E::Form)],
        );
    }

    #[test]
    fn what_is_no_claim_type_is_refused() {
        for text in [
            "",
            "strings",
            "string()",
            "string(0)",
            "string(3..2)",
            "string(1..9999)",
            "int(5..1)",
            "int(a..b)",
            "code(0)",
            "decimal(3.3)",
            "decimal(3)",
            "enum{}",
            "enum{a,,b}",
            "enum{a",
            "code[][]",
            "typed list[]",
        ] {
            assert_eq!(text.parse::<ClaimType>(), Err(ParseClaimTypeError), "{text}");
        }
    }
}
