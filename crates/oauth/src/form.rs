//! `application/x-www-form-urlencoded`, read strictly.

use http::{HeaderMap, header};
use std::collections::BTreeMap;

/// Longest form or query that is read, in bytes.
const MAX_LENGTH: usize = 64 << 10;

/// Most fields of a form.
const MAX_FIELDS: usize = 64;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Fields by name, each at most once [RFC 6749 §3.2].
///
/// A field without a value counts as one that was not sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// Another content type than a form (its parameters, such as a charset, are ignored), or as [`Form::parse`].
    pub fn from_body(headers: &HeaderMap, body: &[u8]) -> Result<Self, FormError> {
        let mut types = headers.get_all(header::CONTENT_TYPE).iter();
        let (only, None) = (types.next(), types.next()) else { return Err(FormError::MediaType) };
        let media = only.and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next());
        if !media.is_some_and(|media| media.trim().eq_ignore_ascii_case(MEDIA_TYPE)) {
            return Err(FormError::MediaType); // [VCI-TOK-08]
        }
        Self::parse(body)
    }

    /// Reads a form, or the query of a URL.
    ///
    /// # Errors
    /// Longer than 64 KiB or more than 64 fields; not percent-encoded UTF-8; or a field occurs twice.
    pub fn parse(text: &[u8]) -> Result<Self, FormError> {
        if text.len() > MAX_LENGTH {
            return Err(FormError::Size); // [OAU-02]
        }
        // Before decoding: bytes that are no text must not become text together with escapes beside them.
        std::str::from_utf8(text).map_err(|_| FormError::Encoding)?; // [OAU-04]
        let mut fields = BTreeMap::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default()).ok_or(FormError::Encoding)?;
            let value = decode(halves.next().unwrap_or_default()).ok_or(FormError::Encoding)?; // [OAU-04]
            if fields.len() == MAX_FIELDS {
                return Err(FormError::Size); // [OAU-02]
            }
            if fields.insert(name, value).is_some() {
                return Err(FormError::Repeated); // [OAU-03]
            }
        }
        Ok(Self(fields))
    }

    /// The value of the field `name`, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Shows the names of the fields.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// Writes `fields` as a form or query.
pub fn encode<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        encode_into(&mut text, name);
        text.push('=');
        encode_into(&mut text, value);
    }
    text
}

fn encode_into(text: &mut String, part: &str) {
    for byte in part.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => {
                let digit =
                    |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase();
                text.extend(['%', digit(byte >> 4), digit(byte & 15)]);
            }
        }
    }
}

fn decode(part: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.iter();
    let digit = |rest: &mut std::slice::Iter<'_, u8>| {
        let digit = char::from(*rest.next()?).to_digit(16)?;
        u8::try_from(digit).ok()
    };
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(&mut rest)? << 4 | digit(&mut rest)?,
            byte => *byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Why a form was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// VCI-TOK-08: another content type, several, or none.
    #[error("the body is not application/x-www-form-urlencoded")]
    MediaType,
    /// OAU-02: longer than 64 KiB, or more than 64 fields.
    #[error("the form is too large")]
    Size,
    /// OAU-03: a field occurs twice.
    #[error("a parameter occurs twice")]
    Repeated,
    /// OAU-04: not UTF-8, or percent signs without two hexadecimal digits.
    #[error("the form is not percent-encoded UTF-8")]
    Encoding,
}

impl FormError {
    /// The rule that was broken, as in `spec/checks/`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MediaType => "VCI-TOK-08",
            Self::Size => "OAU-02",
            Self::Repeated => "OAU-03",
            Self::Encoding => "OAU-04",
        }
    }
}
