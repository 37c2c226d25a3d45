//! Maps, always in deterministic order.

use super::{CborError, Value};
use std::cmp::Ordering;

/// A map key: the kinds that COSE, CWT and ISO 18013-5 use.
///
/// Ordered as the deterministic encodings of the keys are, byte by byte [RFC 8949 §4.2.1].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// An integer from 0 to 2^64 − 1.
    Unsigned(u64),
    /// The integer −1 − n, for the n that is held.
    Negative(u64),
    /// A byte string.
    Bytes(Vec<u8>),
    /// A text string.
    Text(String),
}

/// Major type, then the argument of the head, then the content: what the encoded bytes compare like, because a head
/// of shortest form is larger the larger its argument is.
type Rank<'a> = (u8, u64, &'a [u8]);

impl Key {
    fn rank(&self) -> Rank<'_> {
        match self {
            Self::Unsigned(number) => (0, *number, &[]),
            Self::Negative(number) => (1, *number, &[]),
            Self::Bytes(bytes) => (2, length(bytes), bytes),
            Self::Text(text) => text_rank(text),
        }
    }

    /// The text, if the key is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if the key is an integer from 0.
    pub const fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            _ => None,
        }
    }
}

fn text_rank(text: &str) -> Rank<'_> {
    (3, length(text.as_bytes()), text.as_bytes())
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        match u64::try_from(number) {
            Ok(number) => Self::Unsigned(number),
            Err(_) => Self::Negative((-1 - number).unsigned_abs()),
        }
    }
}

impl From<i32> for Key {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

impl From<u64> for Key {
    fn from(number: u64) -> Self {
        Self::Unsigned(number)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A map: no key twice, in the order in which it is written.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Map(Vec<(Key, Value)>);

impl Map {
    /// An empty map.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A map of `entries`, in whatever order they come.
    ///
    /// # Errors
    /// COS-05: a key occurs twice.
    pub fn from_entries(mut entries: Vec<(Key, Value)>) -> Result<Self, CborError> {
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        if entries.iter().zip(entries.iter().skip(1)).any(|((a, _), (b, _))| a == b) {
            return Err(CborError::DuplicateKey); // [COS-05]
        }
        Ok(Self(entries))
    }

    /// Sets `key`; what it held before comes back. Large maps are made faster by [`Map::from_entries`].
    pub fn insert(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.position(key.rank()) {
            Ok(at) => self.0.get_mut(at).map(|(_, held)| std::mem::replace(held, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// What `key` holds.
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.at(key.rank())
    }

    /// What the integer `key` holds.
    pub fn get_int(&self, key: i64) -> Option<&Value> {
        self.at(Key::from(key).rank())
    }

    /// What the text `key` holds.
    pub fn get_text(&self, key: &str) -> Option<&Value> {
        self.at(text_rank(key))
    }

    /// Takes out what `key` holds.
    pub fn remove(&mut self, key: impl Into<Key>) -> Option<Value> {
        let at = self.position(key.into().rank()).ok()?;
        Some(self.0.remove(at).1)
    }

    /// The entries in deterministic order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Key, Value)> {
        self.0.iter()
    }

    /// Number of entries.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For the reader, which found the keys to ascend.
    pub(super) const fn from_ascending(entries: Vec<(Key, Value)>) -> Self {
        Self(entries)
    }

    fn position(&self, rank: Rank<'_>) -> Result<usize, usize> {
        self.0.binary_search_by(|(key, _)| key.rank().cmp(&rank))
    }

    fn at(&self, rank: Rank<'_>) -> Option<&Value> {
        self.0.get(self.position(rank).ok()?).map(|(_, value)| value)
    }
}

impl IntoIterator for Map {
    type Item = (Key, Value);
    type IntoIter = std::vec::IntoIter<(Key, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a (Key, Value);
    type IntoIter = std::slice::Iter<'a, (Key, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
