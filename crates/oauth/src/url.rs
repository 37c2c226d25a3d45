//! Issuer identifiers, the addresses made of them, and the comparison of addresses.

use http::Uri;
use std::fmt;

/// Which servers may be spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Transport {
    /// Those behind TLS.
    #[default]
    Https,
    /// For development: also `http` to this machine itself (`127.0.0.1`, `[::1]`, `localhost`).
    LoopbackToo,
}

/// An issuer identifier: a URL without query and fragment [RFC 8414 §2]. Compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerId {
    text: String,
    /// Where the path begins.
    path: usize,
}

/// Longest URL that is read, in bytes.
const MAX_LENGTH: usize = 2048;

impl IssuerId {
    /// Reads `text`.
    ///
    /// # Errors
    /// Not such a URL, or one that `transport` does not allow.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, UrlError> {
        check(text, transport)?;
        if text.contains('?') {
            return Err(UrlError::Form); // [OAU-05]
        }
        let start = text.find("://").map_or(0, |colon| colon + 3);
        let rest = text.get(start..).unwrap_or_default();
        Ok(Self { path: start + rest.find('/').unwrap_or(rest.len()), text: text.to_owned() })
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its path; empty, or begins with a slash.
    pub fn path(&self) -> &str {
        self.text.get(self.path..).unwrap_or_default()
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        self.text.get(..self.path).unwrap_or_default()
    }

    /// The address of the document `name`: `/.well-known/{name}` stands between host and path, and a slash at the end
    /// of the path is left out [RFC 8414 §3.1].
    pub fn well_known(&self, name: &str) -> String {
        let path = self.path();
        format!("{}/.well-known/{name}{}", self.origin(), path.strip_suffix('/').unwrap_or(path)) // [VCI-TOK-09]
    }

    /// The address of its endpoint `name`.
    pub fn endpoint(&self, name: &str) -> String {
        format!("{}/{name}", self.text.strip_suffix('/').unwrap_or(&self.text))
    }
}

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether `text` is a URL of a server that `transport` allows: no user, no fragment, printable ASCII.
///
/// # Errors
/// It is not.
pub fn check(text: &str, transport: Transport) -> Result<(), UrlError> {
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte));
    if text.len() > MAX_LENGTH || !printable {
        return Err(UrlError::Form); // [OAU-05]
    }
    let uri: Uri = text.parse().map_err(|_| UrlError::Form)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(UrlError::Form); // [OAU-05]
    };
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err(UrlError::Form); // [OAU-05]
    }
    let is_local = ["127.0.0.1", "[::1]", "localhost"].contains(&authority.host());
    let may_be_local = is_local && transport == Transport::LoopbackToo;
    match scheme {
        "https" | "http" if may_be_local => Ok(()),
        "https" if is_public_name(authority.host()) => Ok(()),
        "https" => Err(UrlError::Host), // [OAU-45]
        _ => Err(UrlError::Transport),  // [OAU-06]
    }
}

/// A name with a dot whose last label is no number, so that no IP address passes for it.
fn is_public_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    let is_local = ["localhost", "local", "internal", "onion"].contains(&last.as_str());
    host.contains('.') && !host.contains(['[', ']']) && !is_number && !is_local
}

/// Whether two texts name the same address, leaving out query and fragment [RFC 9449 §4.3 step 9, RFC 3986 §6.2].
///
/// Case of scheme and host, the default port, an empty path and the case of percent-encodings make no difference.
pub(crate) fn same_address(a: &str, b: &str) -> bool {
    matches!((normal(a), normal(b)), (Some(a), Some(b)) if a == b)
}

fn normal(text: &str) -> Option<(String, String, u16, String)> {
    let uri: Uri = text.split('#').next()?.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    let default = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let mut digits = 0;
    let path = uri.path().chars().map(|c| {
        let is_digit = digits > 0;
        digits = if c == '%' { 2 } else { digits - i32::from(is_digit) };
        if is_digit { c.to_ascii_uppercase() } else { c }
    });
    let port = authority.port_u16().unwrap_or(default);
    Some((scheme, authority.host().to_ascii_lowercase(), port, path.collect()))
}

/// Why a text is no URL of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// OAU-05: no URL with a host; or with a user, a fragment or, where there may be none, a query.
    #[error("not the URL of a server")]
    Form,
    /// OAU-45: an IP address, or a name that means something else on every machine.
    #[error("the URL names no public host")]
    Host,
    /// OAU-06: not behind TLS.
    #[error("the URL is not https")]
    Transport,
}

impl UrlError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form => "OAU-05",
            Self::Host => "OAU-45",
            Self::Transport => "OAU-06",
        }
    }
}
