//! Where a did:web or did:webvh is published [did:web §3.2, did:webvh 1.0 "The DID to HTTPS Transformation"].
//!
//! Stricter than the specifications on purpose: the identifier comes from strangers and becomes a request of ours. A
//! host is a name with a top-level domain, in the ASCII letters of the DNS; whatever could be an address, a name of this
//! machine or a second spelling of something is refused.

use sinpyo_core::did::Did;
use std::fmt::{self, Write as _};

/// Longest identifier, in bytes.
const MAX_LENGTH: usize = 2048;

/// Top-level names that lead to this machine or network, or not to the DNS [RFC 6761, RFC 6762, RFC 7686].
const LOCAL: [&str; 5] = ["localhost", "local", "internal", "onion", "arpa"];

/// A folder on an https server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WebLocation {
    host: Box<str>,
    port: Option<u16>,
    path: Vec<Box<str>>,
}

impl WebLocation {
    /// Reads the part of an identifier that names the place: `host[%3Aport][:segment…]`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, LocationError> {
        if text.len() > MAX_LENGTH {
            return Err(LocationError::TooLong); // [WEB-04]
        }
        let (authority, path) = match text.split_once(':') {
            Some((authority, path)) => (authority, Some(path)),
            None => (text, None),
        };
        let (host, port) = match authority.find('%') {
            Some(at) => {
                let (host, port) = authority.split_at(at);
                (host, Some(parse_port(port)?))
            }
            None => (authority, None),
        };
        check_host(host)?;
        let path = path.map_or(Ok(Vec::new()), |path| path.split(':').map(parse_segment).collect())?;
        Ok(Self { host: host.to_ascii_lowercase().into(), port, path })
    }

    /// The place of a did:web.
    ///
    /// # Errors
    /// As [`WebLocation::parse`].
    pub fn of_did_web(did: &Did) -> Result<Self, LocationError> {
        Self::parse(did.method_specific_id())
    }

    /// The URL of `file` in this folder; in `.well-known` if the place is a host alone.
    pub fn file(&self, file: &str) -> String {
        let folder = if self.path.is_empty() { ".well-known/" } else { "" };
        format!("{self}{folder}{file}")
    }

    /// The folder, without `.well-known`; ends with `/`.
    pub fn folder(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for WebLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_char('/')?;
        for segment in &self.path {
            write!(f, "{segment}/")?;
        }
        Ok(())
    }
}

/// `%3A` and a port. RFC 3986 §2.1 makes the digits of the encoding case-insensitive.
fn parse_port(text: &str) -> Result<u16, LocationError> {
    let digits = text.strip_prefix("%3A").or_else(|| text.strip_prefix("%3a")).ok_or(LocationError::Host)?; // [WEB-01]
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    match digits.parse() {
        Ok(port) if plain => Ok(port),
        _ => Err(LocationError::Port), // [WEB-02]
    }
}

/// A name of the public DNS: no address in whatever notation, since a top-level domain begins with a letter.
fn check_host(host: &str) -> Result<(), LocationError> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let (_, top) = host.rsplit_once('.').ok_or(LocationError::Host)?;
    let fine = host.len() <= 253
        && host.split('.').all(label)
        && top.starts_with(|first: char| first.is_ascii_alphabetic())
        && !LOCAL.iter().any(|local| top.eq_ignore_ascii_case(local));
    if fine { Ok(()) } else { Err(LocationError::Host) } // [WEB-01]
}

fn parse_segment(text: &str) -> Result<Box<str>, LocationError> {
    let dots_only = text.bytes().all(|byte| byte == b'.');
    if text.is_empty() || dots_only || !has_one_spelling(text) {
        return Err(LocationError::Path); // [WEB-03]
    }
    Ok(text.into())
}

/// Whether percent-encoding hides nothing that could stand there by itself, separate segments or end the path.
fn has_one_spelling(text: &str) -> bool {
    let Some(bytes) = percent_decoded(text) else { return false };
    let hidden =
        |byte: u8| byte.is_ascii_alphanumeric() || byte.is_ascii_control() || b"-._~/\\?#%:".contains(&byte);
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let Some(encoded) = rest.get(at + 1..at + 3) else { return false };
        match u8::from_str_radix(encoded, 16) {
            Ok(byte) if !hidden(byte) => {}
            _ => return false,
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    String::from_utf8(bytes).is_ok()
}

/// The bytes that a percent-encoded text stands for; `None` if an encoding is broken.
pub(crate) fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    Some(bytes)
}

/// Why an identifier names no place on the web.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// WEB-01: no host name of the public DNS: an address, a local name, or a character that no name has.
    #[error("the host is no name of the public DNS")]
    Host,
    /// WEB-02: the port is not a number from 1 to 65535 in plain digits.
    #[error("the port is malformed")]
    Port,
    /// WEB-03: an empty segment, dots, or an encoding that hides something.
    #[error("a segment of the path is refused")]
    Path,
    /// WEB-04: longer than 2,048 bytes.
    #[error("the identifier is longer than 2048 bytes")]
    TooLong,
}

impl LocationError {
    /// The rule that was broken, as in `spec/checks/web.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Host => "WEB-01",
            Self::Port => "WEB-02",
            Self::Path => "WEB-03",
            Self::TooLong => "WEB-04",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, LocationError> {
        WebLocation::parse(text).map(|location| location.file("did.json"))
    }

    #[test]
    fn the_examples_of_the_method_lead_where_it_says() {
        // did:web §3.2.
        for (id, expected) in [
            ("w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
            ("w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
            ("example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
            ("example.com%3a3000", "https://example.com:3000/.well-known/did.json"),
            // did:webvh 1.0, its name in the DNS's letters.
            ("xn--jp-cd2fp15c.xn--fsq.jp:%E7%94%A8", "https://xn--jp-cd2fp15c.xn--fsq.jp/%E7%94%A8/did.json"),
        ] {
            assert_eq!(url(id).as_deref(), Ok(expected));
        }
        let location = WebLocation::parse("example.com").unwrap();
        assert_eq!(location.folder(), "https://example.com/");
    }

    #[test]
    fn a_host_that_is_no_public_name_is_refused() {
        for host in [
            "localhost",
            "db.localhost",
            "printer.local",
            "metadata.google.internal",
            "x.onion",
            "1.0.0.127.in-addr.arpa",
            "127.0.0.1",
            "127.1",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "2130706433",
            "0x7f000001",
            "1.0x7f",
            "127.0.0.1%3a8080",
            "127%2E0%2E0%2E1",
            "127%2e0%2e0%2e1",
            "169%2E254%2E169%2E254",
            "%5B%3A%3A1%5D",
            "user%40example.com",
            "user%3Apass%40example.com",
            "example.com%2F..",
            "example.com%23",
            "example.com.",
            "example..com",
            ".example.com",
            "-a.example",
            "a-.example",
            "a_b.example",
            "%EC%8B%A0%ED%91%9C.example",
            "",
        ] {
            let error = url(host).unwrap_err();
            assert!(matches!(error, LocationError::Host | LocationError::Port), "{host}: {error:?}");
        }
        assert_eq!(url(&format!("{}.example", "a".repeat(64))), Err(LocationError::Host));
        assert_eq!(url(&format!("{}example", "a.".repeat(130))), Err(LocationError::Host));
    }

    #[test]
    fn a_port_is_a_plain_number() {
        for port in ["", "0", "00080", "080", "65536", "+80", "80a", "8 0", "80%3A81"] {
            assert_eq!(url(&format!("example.com%3A{port}")), Err(LocationError::Port), "{port}");
        }
        assert!(url("example.com%3A65535").is_ok());
    }

    #[test]
    fn a_path_has_no_empty_dotted_or_hidden_segment() {
        for path in [
            "",
            "a:",
            ":a",
            "a::b",
            ".",
            "..",
            "..:..:admin",
            "...",
            "%2E%2E",
            "%2e%2e:admin",
            ".%2e",
            "a%2Fb",
            "a%5Cb",
            "%00",
            "%0d%0a",
            "a%3Fb",
            "a%23b",
            "%25",
            "%252e%252e",
            "%61",
            "%3A",
            "a%7Eb",
            "%FF",
            "%C0%AE",
        ] {
            assert_eq!(url(&format!("example.com:{path}")), Err(LocationError::Path), "{path}");
        }
        assert!(url("example.com:.hidden:a..b:%EC%8B%A0%ED%91%9C:a%20b").is_ok());
    }

    #[test]
    fn a_very_long_identifier_is_refused() {
        assert_eq!(url(&format!("example.com:{}", "a".repeat(2048))), Err(LocationError::TooLong));
        assert!(url(&format!("example.com:{}", "a".repeat(2036))).is_ok());
    }
}
