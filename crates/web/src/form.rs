//! Fields of a form and of a query [WHATWG URL §5, `application/x-www-form-urlencoded`].

use crate::problem::Refusal;
use http::{HeaderMap, Uri, header};
use sinpyo_core::Secret;
use std::{fmt, str::FromStr};
use zeroize::Zeroize;

const MEDIA: &str = "application/x-www-form-urlencoded";

/// How much a form may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormLimits {
    /// Bytes, as sent.
    pub bytes: usize,
    /// Fields.
    pub fields: usize,
}

impl Default for FormLimits {
    /// 64 KiB and 128 fields.
    fn default() -> Self {
        Self { bytes: 64 << 10, fields: 128 }
    }
}

/// Names and values, decoded. No name twice.
pub struct Fields(Secret<Values>);

#[derive(Default)]
struct Values(Vec<(String, String)>);

impl Zeroize for Values {
    fn zeroize(&mut self) {
        self.0.iter_mut().for_each(|(_, value)| value.zeroize());
    }
}

/// Why a form is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// HTTP-04: the body is not called a form.
    #[error("the body is not called application/x-www-form-urlencoded")]
    Media,
    /// HTTP-05: it is longer than is read, or has more fields.
    #[error("the form is too long")]
    TooLong,
    /// HTTP-05: what is sent does not decode to text.
    #[error("the form is not readable")]
    Malformed,
    /// HTTP-05: a field is there twice.
    #[error("the form names a field twice")]
    Twice,
}

impl FormError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Media => "HTTP-04",
            Self::TooLong | Self::Malformed | Self::Twice => "HTTP-05",
        }
    }

    /// The status to answer with.
    pub const fn status(&self) -> http::StatusCode {
        match self {
            Self::Media => http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLong => http::StatusCode::PAYLOAD_TOO_LARGE,
            Self::Malformed | Self::Twice => http::StatusCode::BAD_REQUEST,
        }
    }
}

impl Fields {
    /// The fields of a body that says that it is a form.
    ///
    /// # Errors
    /// It does not say so, or is not one.
    pub fn of_body(headers: &HeaderMap, body: &[u8], limits: FormLimits) -> Result<Self, FormError> {
        let mut types = headers.get_all(header::CONTENT_TYPE).iter();
        let media = types.next().filter(|_| types.next().is_none()).and_then(|value| value.to_str().ok());
        let essence = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(MEDIA) {
            return Err(FormError::Media); // [HTTP-04]
        }
        Self::parse(body, limits)
    }

    /// The fields of a query, without its question mark.
    ///
    /// # Errors
    /// It is not readable.
    pub fn of_query(query: &str) -> Result<Self, FormError> {
        Self::parse(query.as_bytes(), FormLimits::default())
    }

    /// The fields of the query of an address.
    ///
    /// # Errors
    /// It is not readable.
    pub fn of_uri(uri: &Uri) -> Result<Self, Refusal> {
        Self::of_query(uri.query().unwrap_or_default())
            .map_err(|error| Refusal::because(error.status(), error.code(), &error))
    }

    /// None.
    pub const fn none() -> Self {
        Self(Secret::new(Values(Vec::new())))
    }

    fn parse(bytes: &[u8], limits: FormLimits) -> Result<Self, FormError> {
        if bytes.len() > limits.bytes {
            return Err(FormError::TooLong); // [HTTP-05]
        }
        let text = str::from_utf8(bytes).map_err(|_| FormError::Malformed)?;
        let mut fields = Values::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = |text: &str| percent_decoded(&text.replace('+', " ")).ok_or(FormError::Malformed);
            let (name, value) = (decoded(name)?, decoded(value)?);
            if fields.0.iter().any(|(other, _)| *other == name) {
                return Err(FormError::Twice); // [HTTP-05]
            }
            if fields.0.len() == limits.fields {
                return Err(FormError::TooLong); // [HTTP-05]
            }
            fields.0.push((name, value));
        }
        Ok(Self(Secret::new(fields)))
    }

    /// The value of `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.expose().0.iter();
        fields.find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name` in its type.
    ///
    /// # Errors
    /// It is there, and is none of that type.
    pub fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, T::Err> {
        self.text(name).map(str::parse).transpose()
    }

    /// All of them, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.expose().0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// What a percent-encoded text stands for; none if a `%` is not followed by two hexadecimal digits, or it is no text.
pub fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// `text` as one value of a query: everything but unreserved characters is percent-encoded [RFC 3986 §2.3].
pub fn percent_encoded(text: &str) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}
