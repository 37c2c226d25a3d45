//! The meanings of a Bitstring Status List's values, as a credential states them.

use serde_json::{Value, json};

/// Bits of one value of a Bitstring Status List (`statusSize`): 1 to 8 here; the specification sets no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusSize(u8);

impl StatusSize {
    /// What an entry has that says nothing about it.
    pub const ONE: Self = Self(1);

    /// A size of `bits`; none if that is not 1 to 8.
    pub const fn new(bits: u8) -> Option<Self> {
        if matches!(bits, 1..=8) { Some(Self(bits)) } else { None }
    }

    /// How many bits.
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// What each value of an entry stands for (`statusMessage`): as many texts as there are values [BSL §2.1].
///
/// The texts are for developers. They are not to be shown to people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusMessages {
    size: StatusSize,
    texts: Vec<String>,
}

impl StatusMessages {
    /// The text of value 0, of value 1, and so on.
    ///
    /// # Errors
    /// There are not 2, 4, 8, … or 256 of them.
    pub fn new(texts: Vec<String>) -> Result<Self, StatusMessagesError> {
        let sizes = (1..=8).filter_map(StatusSize::new);
        let size = sizes.into_iter().find(|size| 1_usize << size.bits() == texts.len());
        Ok(Self { size: size.ok_or(StatusMessagesError::Number)?, texts }) // [STS-07]
    }

    /// Reads the members `statusSize` and `statusMessage` of an entry; none if it has one bit and no messages.
    ///
    /// # Errors
    /// The member that is malformed, missing or contradicts the other.
    pub fn from_json(
        size: Option<&Value>,
        messages: Option<&Value>,
    ) -> Result<Option<Self>, StatusMessagesError> {
        let size = match size.map(Value::as_u64) {
            None => StatusSize::ONE,
            Some(None | Some(0)) => return Err(StatusMessagesError::Size), // [STS-07]
            Some(Some(bits)) => {
                let known = u8::try_from(bits).ok().and_then(StatusSize::new);
                known.ok_or(StatusMessagesError::TooLarge)? // [STS-07]
            }
        };
        let messages = match messages {
            None if size == StatusSize::ONE => return Ok(None),
            Some(Value::Array(messages)) if messages.len() == 1 << size.bits() => messages,
            _ => return Err(StatusMessagesError::Number), // [STS-07]
        };
        let mut texts = vec![None; messages.len()];
        for message in messages {
            let text = |name: &str| message.get(name).and_then(Value::as_str);
            let value = text("status").and_then(hexadecimal).ok_or(StatusMessagesError::Message)?;
            let place = texts.get_mut(usize::from(value)).ok_or(StatusMessagesError::Message)?;
            let text = text("message").ok_or(StatusMessagesError::Message)?;
            if place.replace(text.to_owned()).is_some() {
                return Err(StatusMessagesError::Message); // [STS-07]
            }
        }
        let texts = texts.into_iter().collect::<Option<_>>().ok_or(StatusMessagesError::Message)?;
        Ok(Some(Self { size, texts }))
    }

    /// The member `statusMessage`.
    pub fn to_json(&self) -> Value {
        let message =
            |(value, text): (usize, &String)| json!({"status": format!("{value:#x}"), "message": text});
        self.texts.iter().enumerate().map(message).collect()
    }

    /// Bits of a value.
    pub const fn size(&self) -> StatusSize {
        self.size
    }

    /// The text of value 0, of value 1, and so on.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// What `value` stands for; none if it needs more bits than an entry has.
    pub fn message(&self, value: u8) -> Option<&str> {
        self.texts.get(usize::from(value)).map(String::as_str)
    }
}

/// One byte as `0x` and one or two hexadecimal digits.
fn hexadecimal(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("0x")?;
    let fine = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if fine { u8::from_str_radix(digits, 16).ok() } else { None }
}

/// Why a status entry's values have no meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusMessagesError {
    /// `statusSize` is no positive number.
    #[error("the size of a status is not a positive number of bits")]
    Size,
    /// `statusSize` is above 8: this library reads no such list.
    #[error("a status of more than 8 bits is not supported")]
    TooLarge,
    /// There is not one message for each value.
    #[error("there is not one status message for each value")]
    Number,
    /// A message has no value of its own, or no text.
    #[error("a status message is malformed")]
    Message,
}

impl StatusMessagesError {
    /// The rule that was broken, as in `spec/checks/sts.toml`.
    pub const fn code(&self) -> &'static str {
        "STS-07"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four() -> Value {
        json!([{"status": "0x0", "message": "pending"}, {"status": "0x1", "message": "accepted"},
            {"status": "0x2", "message": "rejected", "colour": "red"}, {"status": "0x3", "message": "undefined"}])
    }

    #[test]
    fn the_messages_of_the_specifications_example() {
        let read = StatusMessages::from_json(Some(&json!(2)), Some(&four())).unwrap().unwrap();
        assert_eq!((read.size().bits(), read.message(2), read.message(4)), (2, Some("rejected"), None));
        let again = StatusMessages::from_json(Some(&json!(2)), Some(&read.to_json()));
        assert_eq!(again, Ok(Some(read)));
        assert_eq!(StatusMessages::from_json(None, None), Ok(None));
        assert_eq!(StatusMessages::from_json(Some(&json!(1)), None), Ok(None));
        let two = json!([{"status": "0x01", "message": "set"}, {"status": "0x00", "message": "unset"}]);
        let read = StatusMessages::from_json(None, Some(&two)).unwrap().unwrap();
        assert_eq!((read.size(), read.message(1)), (StatusSize::ONE, Some("set")));
    }

    #[test]
    fn messages_that_leave_a_value_open_are_refused() {
        use StatusMessagesError::{Message, Number, Size, TooLarge};
        let swap = |position: usize, message: Value| {
            let mut messages = four();
            messages[position] = message;
            messages
        };
        for (size, messages, error) in [
            (json!(0), None, Size),
            (json!(-1), None, Size),
            (json!("2"), Some(four()), Size),
            (json!(2.5), Some(four()), Size),
            (json!(9), None, TooLarge),
            (json!(u64::MAX), None, TooLarge),
            (json!(2), None, Number),
            (json!(1), Some(four()), Number),
            (json!(3), Some(four()), Number),
            (json!(2), Some(json!({})), Number),
            (json!(2), Some(swap(3, json!({"status": "0x2", "message": "again"}))), Message),
            (json!(2), Some(swap(3, json!({"status": "0x4", "message": "beyond"}))), Message),
            (json!(2), Some(swap(3, json!({"status": 3, "message": "a number"}))), Message),
            (json!(2), Some(swap(3, json!({"status": "3", "message": "no prefix"}))), Message),
            (json!(2), Some(swap(3, json!({"status": "0x+3", "message": "a sign"}))), Message),
            (json!(2), Some(swap(3, json!({"status": "0x3"}))), Message),
            (json!(2), Some(swap(3, json!("0x3"))), Message),
        ] {
            assert_eq!(StatusMessages::from_json(Some(&size), messages.as_ref()), Err(error), "{size}");
        }
        for count in [0, 1, 3, 5, 257, 512] {
            assert_eq!(StatusMessages::new(vec![String::new(); count]), Err(Number), "{count}");
        }
        assert!(StatusMessages::new(vec![String::new(); 256]).is_ok());
        assert_eq!((StatusSize::new(0), StatusSize::new(9)), (None, None));
        assert_eq!(Size.code(), "STS-07");
    }
}
