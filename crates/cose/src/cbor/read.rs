//! Reading, within limits.

use super::{Key, Map, Value, float};

/// Deepest nesting of arrays, maps and tags.
pub const MAX_DEPTH: usize = 32;
/// Most data items, keys included: bounds the memory of the tree, which is larger than its encoding.
pub const MAX_ITEMS: usize = 1 << 16;
/// Longest input, in bytes.
pub const MAX_LENGTH: usize = 1 << 24;

/// Which encodings of a value are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The deterministic one only [RFC 8949 §4.2.1].
    Deterministic,
    /// Keys in any order, heads of any length. For what others sign as bytes, so that nothing depends on the form.
    AnyOrder,
}

pub(super) fn parse(bytes: &[u8], form: Form) -> Result<Value, CborError> {
    if bytes.len() > MAX_LENGTH {
        return Err(CborError::TooLarge); // [COS-08]
    }
    let mut reader = Reader { rest: bytes, form, items: MAX_ITEMS };
    let value = reader.value(MAX_DEPTH)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(CborError::Trailing) } // [COS-02]
}

struct Reader<'a> {
    rest: &'a [u8],
    form: Form,
    /// How many more items may come.
    items: usize,
}

/// The first bytes of an item.
struct Head {
    major: u8,
    /// Bytes of the argument that follow the first one.
    width: usize,
    argument: u64,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, CborError> {
        let head = self.head()?;
        Ok(match head.major {
            0 => Value::Unsigned(head.argument),
            1 => Value::Negative(head.argument),
            2 => Value::Bytes(self.take(head.argument)?.to_vec()),
            3 => Value::Text(self.text(head.argument)?.to_owned()),
            4 => {
                let depth = deeper(depth)?;
                let count = self.count(head.argument, 1)?;
                let mut items = Vec::with_capacity(count);
                for _ in 0..count {
                    items.push(self.value(depth)?);
                }
                Value::Array(items)
            }
            5 => Value::Map(self.map(head.argument, deeper(depth)?)?),
            6 => Value::tag(head.argument, self.value(deeper(depth)?)?),
            _ => self.simple(&head)?,
        })
    }

    fn map(&mut self, count: u64, depth: usize) -> Result<Map, CborError> {
        let count = self.count(count, 2)?;
        let mut entries: Vec<(Key, Value)> = Vec::with_capacity(count);
        for _ in 0..count {
            let key = self.key()?;
            if self.form == Form::Deterministic
                && let Some((last, _)) = entries.last()
                && *last >= key
            {
                let again = *last == key;
                return Err(if again { CborError::DuplicateKey } else { CborError::KeyOrder }); // [COS-05] [COS-06]
            }
            entries.push((key, self.value(depth)?));
        }
        match self.form {
            Form::Deterministic => Ok(Map::from_ascending(entries)),
            Form::AnyOrder => Map::from_entries(entries),
        }
    }

    fn key(&mut self) -> Result<Key, CborError> {
        let head = self.head()?;
        match head.major {
            0 => Ok(Key::Unsigned(head.argument)),
            1 => Ok(Key::Negative(head.argument)),
            2 => Ok(Key::Bytes(self.take(head.argument)?.to_vec())),
            3 => Ok(Key::Text(self.text(head.argument)?.to_owned())),
            _ => Err(CborError::Unsupported), // [COS-09]
        }
    }

    fn simple(&self, head: &Head) -> Result<Value, CborError> {
        let number = match (head.width, head.argument) {
            (0, 20) => return Ok(Value::Bool(false)),
            (0, 21) => return Ok(Value::Bool(true)),
            (0, 22) => return Ok(Value::Null),
            (2, bits) => u16::try_from(bits).ok().map(float::from_half),
            (4, bits) => u32::try_from(bits).ok().map(|bits| f64::from(f32::from_bits(bits))),
            (8, bits) => Some(f64::from_bits(bits)),
            _ => None,
        };
        let number = number.filter(|number| !number.is_nan()).ok_or(CborError::Unsupported)?; // [COS-09]
        if self.form == Form::Deterministic && float::fits_in_less(number, head.width) {
            return Err(CborError::NotShortest); // [COS-04]
        }
        Ok(Value::Float(number))
    }

    fn head(&mut self) -> Result<Head, CborError> {
        let [first, ref rest @ ..] = *self.rest else { return Err(CborError::Truncated) }; // [COS-01]
        self.rest = rest;
        let (major, low) = (first >> 5, first & 0x1f);
        let width = match low {
            0..=23 => return Ok(Head { major, width: 0, argument: low.into() }),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            31 => return Err(CborError::Indefinite), // [COS-03]
            _ => return Err(CborError::Unsupported), // [COS-09]
        };
        let bytes = self.take(width)?;
        let argument = bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
        let shortest = match width {
            1 => argument > 23,
            width => argument >> (4 * width) != 0,
        };
        // In major type 7 the argument is a float's bits, whose leading zeros say nothing.
        if self.form == Form::Deterministic && major != 7 && !shortest {
            return Err(CborError::NotShortest); // [COS-04]
        }
        let width = usize::try_from(width).unwrap_or_default();
        Ok(Head { major, width, argument })
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (taken, rest) = split.ok_or(CborError::Truncated)?; // [COS-01]
        self.rest = rest;
        Ok(taken)
    }

    fn text(&mut self, length: u64) -> Result<&'a str, CborError> {
        str::from_utf8(self.take(length)?).map_err(|_| CborError::Utf8) // [COS-10]
    }

    /// How many entries of `parts` items each to make room for. They are charged before they are read, so that nested
    /// announcements do not add up.
    fn count(&mut self, announced: u64, parts: usize) -> Result<usize, CborError> {
        let count = usize::try_from(announced).ok().filter(|count| *count <= self.rest.len() / parts);
        let count = count.ok_or(CborError::Truncated)?; // [COS-01]
        self.items = self.items.checked_sub(count * parts).ok_or(CborError::TooLarge)?; // [COS-08]
        Ok(count)
    }
}

fn deeper(depth: usize) -> Result<usize, CborError> {
    depth.checked_sub(1).ok_or(CborError::TooDeep) // [COS-07]
}

/// Why bytes are not read as CBOR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CborError {
    /// COS-01: it ends within an item.
    #[error("the CBOR item is cut short")]
    Truncated,
    /// COS-02: something follows the item.
    #[error("something follows the CBOR item")]
    Trailing,
    /// COS-03: a length that is not announced.
    #[error("a CBOR item has no definite length")]
    Indefinite,
    /// COS-04: a longer head than needed.
    #[error("a CBOR item is not in its shortest form")]
    NotShortest,
    /// COS-05: a key twice.
    #[error("a key of a CBOR map occurs twice")]
    DuplicateKey,
    /// COS-06: keys out of order.
    #[error("the keys of a CBOR map are not in deterministic order")]
    KeyOrder,
    /// COS-07: more than [`MAX_DEPTH`] levels.
    #[error("CBOR nested deeper than 32 levels")]
    TooDeep,
    /// COS-08: more than [`MAX_LENGTH`] bytes or [`MAX_ITEMS`] items.
    #[error("more CBOR than 16 MiB or 65536 items")]
    TooLarge,
    /// COS-09: a reserved head, an unassigned or undefined simple value, NaN, or a key of another kind.
    #[error("a kind of CBOR item that is not supported")]
    Unsupported,
    /// COS-10: text that is not UTF-8.
    #[error("a CBOR text string is not UTF-8")]
    Utf8,
}

impl CborError {
    /// The rule that was broken, as in `spec/checks/cos.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Truncated => "COS-01",
            Self::Trailing => "COS-02",
            Self::Indefinite => "COS-03",
            Self::NotShortest => "COS-04",
            Self::DuplicateKey => "COS-05",
            Self::KeyOrder => "COS-06",
            Self::TooDeep => "COS-07",
            Self::TooLarge => "COS-08",
            Self::Unsupported => "COS-09",
            Self::Utf8 => "COS-10",
        }
    }
}
