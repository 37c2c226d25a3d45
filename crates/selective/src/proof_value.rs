//! The `proofValue` of both suites: multibase base64url of a three-byte header and a CBOR array
//! [VC-DI-ECDSA §3.5.2–3.5.8, VC-DI-BBS §3.3].
//!
//! Read in deterministic encoding only: a proof value has one text.

use crate::pointer::{MAX_POINTERS, Pointer};
use sinpyo_core::encoding::{Base, from_multibase, to_multibase};
use sinpyo_cose::cbor::{Key, Map, Value};
use std::vec;

/// Longest text. 2,000 signatures and 256 pointers of full length need less.
const MAX_LENGTH: usize = 640 << 10;

/// The first two bytes of every header; together with the third they are a CBOR tag.
const HEADER: [u8; 2] = [0xd9, 0x5d];

/// What the third byte of the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    EcdsaSdBase,
    EcdsaSdDerived,
    BbsBase,
    BbsDerived,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::EcdsaSdBase => 0,
            Self::EcdsaSdDerived => 1,
            Self::BbsBase => 2,
            Self::BbsDerived => 3,
        }
    }

    /// Why `byte` is not what stands in the header of this kind; `None` if it is.
    const fn refusal(self, byte: u8) -> Option<ProofValueError> {
        match (self, byte) {
            (Self::EcdsaSdBase, 0)
            | (Self::EcdsaSdDerived, 1)
            | (Self::BbsBase, 2)
            | (Self::BbsDerived, 3) => None,
            (Self::EcdsaSdDerived, 0) | (Self::BbsDerived, 2) => Some(ProofValueError::Base), // [SDI-11]
            (Self::EcdsaSdBase, 1) | (Self::BbsBase, 3) => Some(ProofValueError::Derived),    // [SDI-12]
            (Self::BbsBase | Self::BbsDerived, 4..=9) => Some(ProofValueError::FeatureOption), // [SDI-13]
            _ => Some(ProofValueError::Header),                                               // [SDI-14]
        }
    }
}

/// Writes the proof value of `kind` with these components.
pub(crate) fn write(kind: Kind, components: Vec<Value>) -> String {
    let mut bytes = HEADER.to_vec();
    bytes.push(kind.byte());
    bytes.extend(Value::Array(components).to_bytes());
    to_multibase(Base::Base64Url, &bytes)
}

/// The components of a proof value, taken one after the other.
pub(crate) struct Components(vec::IntoIter<Value>);

impl Components {
    /// Opens the proof value `text`, which must be of `kind`.
    pub(crate) fn read(kind: Kind, text: &str) -> Result<Self, ProofValueError> {
        if text.len() > MAX_LENGTH {
            return Err(ProofValueError::Encoding); // [SDI-10]
        }
        let bytes = from_multibase(Base::Base64Url, text).map_err(|_| ProofValueError::Encoding)?; // [SDI-10]
        let body = match bytes.strip_prefix(&HEADER) {
            Some([byte, body @ ..]) => kind.refusal(*byte).map_or(Ok(body), Err)?,
            _ => return Err(ProofValueError::Header), // [SDI-14]
        };
        match Value::parse(body) {
            Ok(Value::Array(components)) => Ok(Self(components.into_iter())),
            _ => Err(ProofValueError::Components), // [SDI-15]
        }
    }

    /// Takes the next component.
    pub(crate) fn take<T: Component>(&mut self) -> Result<T, ProofValueError> {
        self.0.next().and_then(T::from_value).ok_or(ProofValueError::Components) // [SDI-15]
    }

    /// States that all components were taken.
    pub(crate) fn finish(mut self) -> Result<(), ProofValueError> {
        if self.0.next().is_some() {
            return Err(ProofValueError::Components); // [SDI-15]
        }
        Ok(())
    }
}

/// What a component may be.
pub(crate) trait Component: Sized {
    /// `value` as this type; `None` if it is something else.
    fn from_value(value: Value) -> Option<Self>;
}

impl Component for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl<const N: usize> Component for [u8; N] {
    fn from_value(value: Value) -> Option<Self> {
        value.as_bytes()?.try_into().ok()
    }
}

impl Component for usize {
    fn from_value(value: Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Component for Pointer {
    fn from_value(value: Value) -> Option<Self> {
        Self::parse(value.as_text()?).ok()
    }
}

/// An array of components of one kind.
pub(crate) struct List<T>(pub(crate) Vec<T>);

impl<T: Component> Component for List<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Array(items) => items.into_iter().map(T::from_value).collect::<Option<_>>().map(Self),
            _ => None,
        }
    }
}

/// The pointers to the mandatory parts.
pub(crate) struct MandatoryPointers(pub(crate) Vec<Pointer>);

impl Component for MandatoryPointers {
    fn from_value(value: Value) -> Option<Self> {
        let List(pointers) = List::from_value(value)?;
        (pointers.len() <= MAX_POINTERS).then_some(Self(pointers))
    }
}

impl MandatoryPointers {
    /// The component that says `pointers`.
    pub(crate) fn to_value(pointers: &[Pointer]) -> Value {
        Value::Array(pointers.iter().map(|pointer| Value::from(pointer.as_str())).collect())
    }
}

/// The map from the numbers of canonical labels (`c14n0` is 0) to what stands for the labels that the
/// statements were signed under. Complete by construction: the numbers are 0, 1, 2, ….
pub(crate) struct CompressedLabels<T>(pub(crate) Vec<T>);

impl<T: Component> Component for CompressedLabels<T> {
    fn from_value(value: Value) -> Option<Self> {
        let Value::Map(map) = value else { return None };
        // Ascending order is the reader's business; numbers that skip one are refused here. [SDI-15]
        let in_place = |(number, (key, value)): (usize, (Key, Value))| {
            let key = usize::try_from(key.as_u64()?).ok()?;
            if key == number { T::from_value(value) } else { None }
        };
        map.into_iter().enumerate().map(in_place).collect::<Option<_>>().map(Self)
    }
}

/// The component that says the label map `labels`.
pub(crate) fn compressed_labels(labels: impl IntoIterator<Item = Value>) -> Value {
    let mut map = Map::new();
    for (number, label) in (0_u64..).zip(labels) {
        map.insert(number, label);
    }
    Value::Map(map)
}

/// The component that says the numbers `indexes`.
pub(crate) fn numbers(indexes: &[usize]) -> Value {
    Value::Array(indexes.iter().map(|index| number(*index)).collect())
}

/// The number of a statement or label. There are at most 2,000.
pub(crate) fn number(index: usize) -> Value {
    Value::Unsigned(u64::try_from(index).unwrap_or(u64::MAX))
}

/// Why a `proofValue` is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofValueError {
    /// SDI-10: not multibase base64url, or longer than 640 KiB.
    #[error("the proof value is not multibase base64url of acceptable length")]
    Encoding,
    /// SDI-11: a base proof where a derived one is due.
    #[error("a base proof stands where a derived proof is due")]
    Base,
    /// SDI-12: a derived proof where a base proof is due.
    #[error("a derived proof stands where a base proof is due")]
    Derived,
    /// SDI-13: a feature option of `bbs-2023`.
    #[error("the feature options of bbs-2023 are not supported")]
    FeatureOption,
    /// SDI-14: another suite's header, or none.
    #[error("the header is not one of this cryptosuite")]
    Header,
    /// SDI-15: not deterministic CBOR, or not the components of this kind of proof.
    #[error("the components are not those of this kind of proof")]
    Components,
    /// SDI-16: not one label for each blank node, or one label for two.
    #[error("the label map does not give each blank node a label of its own")]
    Labels,
    /// SDI-17: indexes that do not ascend, or that lie beyond the last statement.
    #[error("the indexes do not ascend within the number of statements")]
    Indexes,
    /// SDI-18: not one signature for each statement that is not mandatory.
    #[error("the number of signatures is not that of the statements that are not mandatory")]
    Count,
}

impl ProofValueError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "SDI-10",
            Self::Base => "SDI-11",
            Self::Derived => "SDI-12",
            Self::FeatureOption => "SDI-13",
            Self::Header => "SDI-14",
            Self::Components => "SDI-15",
            Self::Labels => "SDI-16",
            Self::Indexes => "SDI-17",
            Self::Count => "SDI-18",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_core::encoding::to_base64url;

    const KINDS: [Kind; 4] = [Kind::EcdsaSdBase, Kind::EcdsaSdDerived, Kind::BbsBase, Kind::BbsDerived];

    fn read(kind: Kind, bytes: &[u8]) -> Result<Components, ProofValueError> {
        Components::read(kind, &format!("u{}", to_base64url(bytes)))
    }

    fn refused(kind: Kind, bytes: &[u8]) -> ProofValueError {
        read(kind, bytes).map(drop).unwrap_err()
    }

    #[test]
    fn each_header_has_one_meaning() {
        use ProofValueError::{Base, Derived, FeatureOption, Header};
        let table = [
            (Kind::EcdsaSdBase, [None, Some(Derived), Some(Header), Some(Header), Some(Header)]),
            (Kind::EcdsaSdDerived, [Some(Base), None, Some(Header), Some(Header), Some(Header)]),
            (Kind::BbsBase, [Some(Header), Some(Header), None, Some(Derived), Some(FeatureOption)]),
            (Kind::BbsDerived, [Some(Header), Some(Header), Some(Base), None, Some(FeatureOption)]),
        ];
        for (kind, expected) in table {
            for byte in 0..=9_u8 {
                let result = read(kind, &[0xd9, 0x5d, byte, 0x80]).map(drop).err();
                assert_eq!(result, expected[usize::from(byte.min(4))], "{kind:?} {byte}");
            }
            assert_eq!(refused(kind, &[0xd9, 0x5d, 10, 0x80]), Header);
            assert_eq!(refused(kind, &[0xd9, 0x5e, kind.byte(), 0x80]), Header);
            assert_eq!(refused(kind, &[0xd9, 0x5d]), Header);
            assert_eq!(refused(kind, &[]), Header);
        }
    }

    #[test]
    fn another_encoding_is_refused() {
        for kind in KINDS {
            let refused = |text: &str| Components::read(kind, text).map(drop).unwrap_err();
            let text = write(kind, Vec::new());
            assert!(Components::read(kind, &text).is_ok());
            for text in ["", "u", "z2V0B", &text[1..], &format!("{text}="), &text.replace('u', "U")] {
                assert!(
                    matches!(refused(text), ProofValueError::Encoding | ProofValueError::Header),
                    "{text}"
                );
            }
            assert_eq!(refused(&format!("u{}", "A".repeat(640 << 10))), ProofValueError::Encoding);
        }
    }

    #[test]
    fn anything_but_deterministic_cbor_is_refused() {
        for kind in KINDS {
            let refused = |body: &[u8]| refused(kind, &[&[0xd9, 0x5d, kind.byte()], body].concat());
            for body in [
                &[][..],                   // nothing
                &[0x80, 0x00],             // something after the array
                &[0x9f, 0xff],             // no definite length
                &[0x98, 0x00],             // a longer head than needed
                &[0xa0],                   // a map
                &[0x81],                   // an item is missing
                &[0xd9, 0x5d, 0x00, 0x80], // a second header
            ] {
                assert_eq!(refused(body), ProofValueError::Components, "{body:x?}");
            }
        }
    }

    fn take<T: Component>(value: Value) -> Result<T, ProofValueError> {
        let text = write(Kind::EcdsaSdBase, vec![value]);
        let mut components = Components::read(Kind::EcdsaSdBase, &text).unwrap();
        let taken = components.take();
        components.finish().unwrap();
        taken
    }

    #[test]
    fn components_have_their_type_and_length() {
        assert_eq!(take::<[u8; 2]>(Value::Bytes(vec![1, 2])), Ok([1, 2]));
        assert!(take::<[u8; 2]>(Value::Bytes(vec![1])).is_err());
        assert!(take::<[u8; 2]>(Value::Bytes(vec![1, 2, 3])).is_err());
        assert!(take::<[u8; 2]>(Value::from("12")).is_err());
        assert!(take::<Vec<u8>>(Value::Null).is_err());
        assert_eq!(take::<usize>(Value::Unsigned(7)), Ok(7));
        assert!(take::<usize>(Value::Negative(0)).is_err());
        assert!(take::<usize>(Value::Float(1.5)).is_err());
        assert!(take::<List<usize>>(Value::Array(vec![Value::Unsigned(1), Value::Null])).is_err());
        assert!(take::<Pointer>(Value::from("no pointer")).is_err());
        let pointers = |count| Value::Array(vec![Value::from("/a"); count]);
        assert!(take::<MandatoryPointers>(pointers(256)).is_ok());
        assert!(take::<MandatoryPointers>(pointers(257)).is_err());
    }

    #[test]
    fn labels_are_numbered_without_gaps() {
        let map = |keys: &[u64]| {
            let map = keys.iter().map(|key| (Key::Unsigned(*key), Value::Unsigned(*key))).collect();
            let map = Map::from_entries(map).unwrap();
            take::<CompressedLabels<usize>>(Value::Map(map)).map(|CompressedLabels(labels)| labels)
        };
        assert_eq!(map(&[]), Ok(vec![]));
        assert_eq!(map(&[0, 1, 2]), Ok(vec![0, 1, 2]));
        for gap in [&[1][..], &[0, 2], &[0, 1, u64::MAX]] {
            assert_eq!(map(gap), Err(ProofValueError::Components), "{gap:?}");
        }
        let negative = vec![(Key::Negative(0), Value::Unsigned(0))];
        assert!(take::<CompressedLabels<usize>>(Value::Map(Map::from_entries(negative).unwrap())).is_err());
    }

    #[test]
    fn components_are_counted() {
        let text = write(Kind::BbsBase, vec![Value::Null]);
        assert_eq!(
            Components::read(Kind::BbsBase, &text).unwrap().finish(),
            Err(ProofValueError::Components)
        );
        let mut components = Components::read(Kind::BbsBase, &write(Kind::BbsBase, vec![])).unwrap();
        assert_eq!(components.take::<usize>(), Err(ProofValueError::Components));
    }
}
