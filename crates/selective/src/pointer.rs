//! JSON pointers [RFC 6901].

use std::borrow::Cow;

/// Longest pointer, in bytes.
const MAX_LENGTH: usize = 1024;

/// Most pointers in one list.
pub(crate) const MAX_POINTERS: usize = 256;

/// A JSON pointer; the empty text points to the whole document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pointer(Box<str>);

impl Pointer {
    /// Parses a pointer such as `/credentialSubject/boards/0`.
    ///
    /// # Errors
    /// Text that is not empty and does not begin with `/`; a `~` that neither `0` nor `1` follows; more than
    /// 1,024 bytes.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        let well_formed = (text.is_empty() || text.starts_with('/'))
            && text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !well_formed || text.len() > MAX_LENGTH {
            return Err(PointerError::Syntax); // [SDI-04]
        }
        Ok(Self(text.into()))
    }

    /// The pointer as it was written.
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// The names and indexes on the way from the root.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(|token| {
            if token.contains('~') {
                token.replace("~1", "/").replace("~0", "~").into()
            } else {
                token.into()
            }
        })
    }
}

/// The array index that `token` writes: decimal digits without leading zeros [RFC 6901 §4].
pub(crate) fn index(token: &str) -> Option<usize> {
    let canonical =
        token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    if canonical { token.parse().ok() } else { None }
}

/// Why pointers select nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointerError {
    /// SDI-04: not a JSON pointer, or longer than 1,024 bytes.
    #[error("not a JSON pointer of acceptable length")]
    Syntax,
    /// SDI-05: the pointer at this place of its list leads to nothing in the document.
    #[error("pointer number {0} leads to nothing in the document")]
    Unresolved(usize),
    /// SDI-06: more than 256 pointers.
    #[error("more than 256 pointers")]
    TooMany,
}

impl PointerError {
    /// The rule that was broken, as in `spec/checks/sdi.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Syntax => "SDI-04",
            Self::Unresolved(_) => "SDI-05",
            Self::TooMany => "SDI-06",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        Pointer::parse(text).unwrap().tokens().map(Cow::into_owned).collect()
    }

    /// RFC 6901 §5, and the order of unescaping that §4 demands.
    #[test]
    fn tokens_are_unescaped_in_the_order_of_the_rfc() {
        assert!(tokens("").is_empty());
        assert_eq!(tokens("/foo/0"), ["foo", "0"]);
        assert_eq!(tokens("/"), [""]);
        assert_eq!(tokens("/a~1b"), ["a/b"]);
        assert_eq!(tokens("/m~0n"), ["m~n"]);
        assert_eq!(tokens("/~01"), ["~1"]);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["a", "#/a", "/a~", "/a~2", "/~/b", &format!("/{}", "a".repeat(1024))] {
            assert_eq!(Pointer::parse(text), Err(PointerError::Syntax), "{text}");
        }
        assert!(Pointer::parse(&format!("/{}", "a".repeat(1023))).is_ok());
    }

    #[test]
    fn an_index_has_one_text() {
        assert_eq!(index("0"), Some(0));
        assert_eq!(index("10"), Some(10));
        for token in ["", "-", "01", "+1", "-1", "1.0", "99999999999999999999999", "１"] {
            assert_eq!(index(token), None, "{token}");
        }
    }
}
