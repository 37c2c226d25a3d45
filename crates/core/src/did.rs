//! Decentralized identifiers and the URLs built on them.

use std::{fmt, str::FromStr};

/// No identifier we accept is longer; a did:jwk of an ML-DSA-65 key has about 4,000 bytes.
const MAX_LENGTH: usize = 8192;

/// A DID: `did:<method>:<id>`, without path, query or fragment [DID Core §3.1].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Did(Box<str>);

impl Did {
    /// The whole identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The method name, as `tlog` in `did:tlog:z6…`.
    pub fn method(&self) -> &str {
        self.0.split(':').nth(1).unwrap_or_default()
    }

    /// The part after the method name.
    pub fn method_specific_id(&self) -> &str {
        self.0.splitn(3, ':').nth(2).unwrap_or_default()
    }

    /// The DID URL of the verification method that this DID's document names `fragment`.
    ///
    /// # Errors
    /// `fragment` is empty or holds characters that a fragment cannot.
    pub fn key(&self, fragment: &str) -> Result<KeyId, ParseDidError> {
        format!("{self}#{fragment}").parse()
    }
}

impl FromStr for Did {
    type Err = ParseDidError;

    fn from_str(text: &str) -> Result<Self, ParseDidError> {
        match did_length(text)? {
            length if length == text.len() => Ok(Self(text.into())),
            _ => Err(ParseDidError::Character),
        }
    }
}

/// A DID with whatever path, query and fragment follow it [DID Core §3.2].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DidUrl {
    url: Box<str>,
    did_length: usize,
}

impl DidUrl {
    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The DID before the path, query and fragment.
    pub fn did(&self) -> Did {
        Did(self.url.get(..self.did_length).unwrap_or_default().into())
    }

    /// What follows `#`.
    pub fn fragment(&self) -> Option<&str> {
        self.url.split_once('#').map(|(_, fragment)| fragment)
    }

    /// The path, with its leading `/`; empty if there is none.
    pub fn path(&self) -> &str {
        let rest = self.url.get(self.did_length..).unwrap_or_default();
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    /// The undecoded values of `name` in the query, in order.
    pub fn parameter<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let before_fragment = self.url.split('#').next().unwrap_or_default();
        let query = before_fragment.split_once('?').map_or("", |(_, query)| query);
        query.split('&').filter_map(move |pair| match pair.split_once('=') {
            Some((key, value)) if key == name => Some(value),
            _ => None,
        })
    }
}

impl FromStr for DidUrl {
    type Err = ParseDidError;

    fn from_str(text: &str) -> Result<Self, ParseDidError> {
        let did_length = did_length(text)?;
        let rest = text.get(did_length..).unwrap_or_default();
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !path.is_empty() && !path.starts_with('/') {
            return Err(ParseDidError::Character);
        }
        for part in [path, query, fragment] {
            all_url_characters(part)?;
        }
        Ok(Self { url: text.into(), did_length })
    }
}

/// A DID URL that names exactly one verification method: a DID and a fragment, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(DidUrl);

impl KeyId {
    /// The whole URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The DID in whose document the verification method stands.
    pub fn did(&self) -> Did {
        self.0.did()
    }

    /// The name of the method within its document.
    pub fn fragment(&self) -> &str {
        self.0.fragment().unwrap_or_default()
    }
}

impl FromStr for KeyId {
    type Err = ParseDidError;

    fn from_str(text: &str) -> Result<Self, ParseDidError> {
        let url: DidUrl = text.parse()?;
        let only_a_fragment = url.as_str().as_bytes().get(url.did_length) == Some(&b'#');
        if !only_a_fragment || url.fragment().is_none_or(str::is_empty) {
            return Err(ParseDidError::NotAKeyId);
        }
        Ok(Self(url))
    }
}

/// Why a text is no DID, DID URL or key identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseDidError {
    /// It does not begin with `did:`.
    #[error("a DID begins with \"did:\"")]
    Scheme,
    /// The method name is empty or has characters other than `a`–`z` and `0`–`9`.
    #[error("the DID method name is not lower-case letters and digits")]
    Method,
    /// Nothing, or an empty last segment, follows the method name.
    #[error("the DID has no method-specific identifier")]
    MethodSpecificId,
    /// A character that its place in the syntax does not allow, or a broken percent-encoding.
    #[error("the DID holds a character that the syntax does not allow")]
    Character,
    /// Longer than 8,192 bytes.
    #[error("the DID is longer than 8192 bytes")]
    TooLong,
    /// A DID URL, but not of the form `did:…#fragment`.
    #[error("not a DID followed by a fragment")]
    NotAKeyId,
}

/// Length of the DID at the start of `text`, by the ABNF of DID Core §3.1.
fn did_length(text: &str) -> Result<usize, ParseDidError> {
    if text.len() > MAX_LENGTH {
        return Err(ParseDidError::TooLong);
    }
    let rest = text.strip_prefix("did:").ok_or(ParseDidError::Scheme)?;
    let (method, rest) = rest.split_once(':').ok_or(ParseDidError::Method)?;
    if method.is_empty() || !method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
        return Err(ParseDidError::Method);
    }
    let id = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if id.is_empty() || id.ends_with(':') {
        return Err(ParseDidError::MethodSpecificId);
    }
    check_characters(id, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'))?;
    Ok(text.len() - rest.len() + id.len())
}

/// `pchar`, `/` and `?` of RFC 3986, which is what paths, queries and fragments are made of.
fn all_url_characters(text: &str) -> Result<(), ParseDidError> {
    check_characters(text, |b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&b))
}

fn check_characters(text: &str, allowed: impl Fn(u8) -> bool) -> Result<(), ParseDidError> {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let fine = match byte {
            b'%' => {
                [bytes.next(), bytes.next()].iter().flatten().filter(|b| b.is_ascii_hexdigit()).count() == 2
            }
            _ => allowed(byte),
        };
        if !fine {
            return Err(ParseDidError::Character);
        }
    }
    Ok(())
}

macro_rules! prints_itself {
    ($($type:ty),*) => { $(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )* };
}
prints_itself!(Did, DidUrl, KeyId);

#[cfg(test)]
mod tests {
    use super::*;
    use ParseDidError as E;

    #[test]
    fn splits_what_the_syntax_allows() {
        let url: DidUrl = "did:web:example.com%3A3000:a/path?versionId=1&x=2#key-1".parse().unwrap();
        assert_eq!(url.did().as_str(), "did:web:example.com%3A3000:a");
        assert_eq!(url.did().method(), "web");
        assert_eq!(url.did().method_specific_id(), "example.com%3A3000:a");
        assert_eq!((url.path(), url.fragment()), ("/path", Some("key-1")));
        assert_eq!(url.parameter("versionId").collect::<Vec<_>>(), ["1"]);
        assert!("did:a::b".parse::<Did>().is_ok());
    }

    #[test]
    fn refuses_with_the_rule() {
        for (text, error) in [
            ("", E::Scheme),
            ("DID:a:b", E::Scheme),
            ("did:", E::Method),
            ("did::x", E::Method),
            ("did:Key:x", E::Method),
            ("did:key:", E::MethodSpecificId),
            ("did:key:a:", E::MethodSpecificId),
            ("did:key:a b", E::Character),
            ("did:key:a%4", E::Character),
            ("did:key:a%zz", E::Character),
            ("did:key:김", E::Character),
            ("did:key:a#b", E::Character),
        ] {
            assert_eq!(text.parse::<Did>(), Err(error), "{text}");
        }
        assert_eq!("did:a:b".repeat(2000).parse::<Did>(), Err(E::TooLong));
        assert_eq!("did:a:b/c#d#e".parse::<DidUrl>(), Err(E::Character));
        for text in ["did:a:b", "did:a:b#", "did:a:b?x#k", "did:a:b/p#k"] {
            assert_eq!(text.parse::<KeyId>(), Err(E::NotAKeyId), "{text}");
        }
    }
}
