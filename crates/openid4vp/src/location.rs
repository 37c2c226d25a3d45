//! Addresses on the web that a message names.

use std::fmt;

/// Our limit: bytes of an address.
const MAX_LENGTH: usize = 2048;

/// Which transports a program accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// `https` to a host of the public DNS.
    #[default]
    Https,
    /// Also `http` and `https` to `127.0.0.1` and `localhost`: on a developer's machine, and nowhere else.
    OrLoopback,
}

/// An absolute address: scheme, host, perhaps a port, path and query; no user, no fragment.
///
/// That the addresses behind the host are public is for whoever connects to see to.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    text: Box<str>,
    host_end: usize,
    host_start: usize,
}

impl Location {
    /// Reads an address.
    ///
    /// # Errors
    /// Another scheme, no host of the public DNS, a user, a fragment, or characters that no URI has.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, LocationError> {
        if text.len() > MAX_LENGTH
            || !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\\\"<>^`{|}".contains(&byte))
        {
            return Err(LocationError);
        }
        let (scheme, rest) = text.split_once("://").ok_or(LocationError)?;
        let authority = rest.split(['/', '?']).next().unwrap_or_default();
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        if port.is_empty() || port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(LocationError);
        }
        let is_loopback = matches!(host, "127.0.0.1" | "localhost");
        let allowed = match (scheme, transport) {
            ("https", _) if is_public_name(host) => true,
            ("https" | "http", Transport::OrLoopback) => is_loopback,
            _ => false,
        };
        if !allowed {
            return Err(LocationError); // [VP-REQ-05b]
        }
        if text.parse::<http::Uri>().is_err() {
            return Err(LocationError);
        }
        let host_start = scheme.len() + 3;
        Ok(Self { text: text.into(), host_start, host_end: host_start + host.len() })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without the port, as it was written.
    pub fn host(&self) -> &str {
        self.text.get(self.host_start..self.host_end).unwrap_or_default()
    }

    /// As a request has it.
    #[expect(clippy::expect_used, reason = "it was parsed when the location was made")]
    pub(crate) fn uri(&self) -> http::Uri {
        self.text.parse().expect("an address of HTTP")
    }

    /// Scheme, host and port: what a browser calls the origin.
    pub fn origin(&self) -> &str {
        let rest = self.text.get(self.host_end..).unwrap_or_default();
        let port = rest.find(['/', '?']).unwrap_or(rest.len());
        self.text.get(..self.host_end + port).unwrap_or_default()
    }

    /// Whether the host is `name`; letter case does not matter.
    pub fn is_at(&self, name: &str) -> bool {
        self.host().eq_ignore_ascii_case(name)
    }
}

/// A name with a dot whose last label is no number, so that no IP address passes for it.
fn is_public_name(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(label)
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !last.starts_with("0x")
        && !["localhost", "local", "internal", "onion"].contains(&last.to_ascii_lowercase().as_str())
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Path and query hold handles that open a transaction.
        write!(f, "Location({}/..)", self.origin())
    }
}

/// VP-REQ-05b: no address that is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an https address of a public host")]
pub struct LocationError;

impl LocationError {
    /// The rule that was broken, as in `spec/checks/vp-req.toml`.
    pub const fn code(&self) -> &'static str {
        "VP-REQ-05b"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_host_and_origin() {
        let at = Location::parse("https://V.example:8443/a?b=https://x.example/", Transport::Https).unwrap();
        assert_eq!((at.host(), at.origin()), ("V.example", "https://V.example:8443"));
        assert!(at.is_at("v.example") && !at.is_at("x.example"));
        let bare = Location::parse("https://v.example?q", Transport::Https).unwrap();
        assert_eq!(bare.origin(), "https://v.example");
    }

    #[test]
    fn other_addresses_are_refused() {
        for text in [
            "http://v.example/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://db.internal/",
            "https://user@v.example/",
            "https://v.example\\@w.example/",
            "https://v.example/#f",
            "https://v.example:/",
            "https://v.example:443x/",
            "https:///a",
            "https://.example/",
            "https://v.example/한",
            "ftp://v.example/",
            "//v.example/",
        ] {
            assert_eq!(Location::parse(text, Transport::Https), Err(LocationError), "{text}");
        }
        assert!(
            Location::parse(&format!("https://v.example/{}", "a".repeat(2048)), Transport::Https).is_err()
        );
    }

    #[test]
    fn a_developer_may_use_loopback() {
        for text in ["http://127.0.0.1:8080/r", "http://localhost:1/r", "https://v.example/r"] {
            assert!(Location::parse(text, Transport::OrLoopback).is_ok(), "{text}");
        }
        for text in ["http://v.example/", "http://127.0.0.2/", "http://127.0.0.1.example/"] {
            assert!(Location::parse(text, Transport::OrLoopback).is_err(), "{text}");
        }
    }
}
