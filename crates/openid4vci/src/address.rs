//! Web addresses that a wallet or an issuer acts on.

use http::Uri;
use sinpyo_oauth::url::Transport;
use std::{fmt, net::IpAddr};

/// An absolute web address without user information and fragment.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WebAddress {
    text: String,
    /// Where the path begins in the text.
    path: usize,
}

/// Longest address, in bytes.
const MAX_LENGTH: usize = 2048;

impl WebAddress {
    /// Parses an address.
    ///
    /// # Errors
    /// Another scheme than https (in development also plain http to 127.0.0.1, to no other host), a host that is no registered name, user information, a fragment, path
    /// segments of dots, or characters that have no place in a URL.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, AddressError> {
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AddressError::Malformed);
        }
        if text.contains(['#', '\\', '"', '<', '>']) {
            return Err(AddressError::Malformed);
        }
        let uri: Uri = text.parse().map_err(|_| AddressError::Malformed)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(AddressError::Malformed);
        };
        let loopback = authority.host() == "127.0.0.1" && transport == Transport::LoopbackToo;
        if !(scheme == "https" || scheme == "http" && loopback) {
            return Err(AddressError::Scheme); // [VCI-OFF-02]
        }
        if authority.as_str().contains('@') || !(loopback || is_registered_name(authority.host())) {
            return Err(AddressError::Host); // [VCI-OFF-08]
        }
        if uri.path().split('/').any(is_dots) {
            return Err(AddressError::Path);
        }
        let path = scheme.len() + 3 + authority.as_str().len();
        // `Uri` reads the scheme in any case; ours is compared byte by byte.
        if !text.starts_with("http") || text.get(path..).is_none() {
            return Err(AddressError::Scheme);
        }
        Ok(Self { text: text.to_owned(), path })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        self.text.get(..self.path).unwrap_or(&self.text)
    }

    /// What follows the origin: path and query, perhaps nothing.
    pub fn path_and_query(&self) -> &str {
        self.text.get(self.path..).unwrap_or_default()
    }

    /// The host, and the port if there is one: what people are shown.
    pub fn host(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, host)| host)
    }
}

fn is_registered_name(host: &str) -> bool {
    let is_address = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    // The URL standard reads a host whose last label is a number as an IPv4 address, whatever its form.
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
    let is_local = matches!(last, "localhost" | "local" | "internal") || !host.contains('.');
    !is_address && !is_number && !is_local
}

fn is_dots(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase().replace("%2e", ".");
    segment == "." || segment == ".."
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query may hold a secret.
        f.write_str(self.text.split('?').next().unwrap_or_default())
    }
}

/// Why a text is not an address to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not an absolute URL, or it has a fragment.
    #[error("not an absolute web address")]
    Malformed,
    /// VCI-OFF-02: another scheme than https.
    #[error("the address is not https")]
    Scheme,
    /// VCI-OFF-08: user information, an IP address or a local name.
    #[error("the address names no public host")]
    Host,
    /// Path segments that mean another path.
    #[error("the address has a path of dots")]
    Path,
    /// VCI-OFF-02: the identifier of an issuer has a query.
    #[error("an issuer's identifier has no query")]
    Query,
}

impl AddressError {
    /// The rule in `spec/checks/vci-off.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Scheme | Self::Query => "VCI-OFF-02",
            Self::Host | Self::Path => "VCI-OFF-08",
        }
    }
}

/// Where the metadata of a credential issuer are found [VCI 1.0 §12.2.2].
const WELL_KNOWN: &str = "/.well-known/openid-credential-issuer";

/// The identifier of a credential issuer: compared byte by byte [VCI 1.0 §12.2.1].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CredentialIssuerId(WebAddress);

impl CredentialIssuerId {
    /// Parses an identifier: an address without a query.
    ///
    /// # Errors
    /// As [`WebAddress::parse`], or there is a query.
    pub fn parse(text: &str, transport: Transport) -> Result<Self, AddressError> {
        if text.contains('?') {
            return Err(AddressError::Query); // [VCI-OFF-02]
        }
        WebAddress::parse(text, transport).map(Self)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, and the port if there is one.
    pub fn host(&self) -> &str {
        self.0.host()
    }

    /// Its path: empty, or one that begins with `/`.
    pub fn path(&self) -> &str {
        self.0.path_and_query()
    }

    /// The address of its metadata: the well-known path stands between host and path.
    pub fn metadata_address(&self) -> String {
        format!("{}{}", self.0.origin(), self.metadata_path()) // [VCI-MET-01]
    }

    /// The path of [`CredentialIssuerId::metadata_address`].
    pub fn metadata_path(&self) -> String {
        // A lone slash after the host is no path of its own; any other trailing slash is.
        let path = if self.path() == "/" { "" } else { self.path() };
        format!("{WELL_KNOWN}{path}")
    }

    /// The path of an endpoint of this issuer.
    pub fn endpoint_path(&self, name: &str) -> String {
        format!("{}/{name}", self.path().trim_end_matches('/'))
    }

    /// The address of an endpoint of this issuer.
    pub fn endpoint(&self, name: &str) -> String {
        format!("{}{}", self.0.origin(), self.endpoint_path(name))
    }
}

impl fmt::Display for CredentialIssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CredentialIssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialIssuerId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> Result<CredentialIssuerId, AddressError> {
        CredentialIssuerId::parse(text, Transport::Https)
    }

    #[test]
    fn the_well_known_path_is_inserted() {
        for (issuer, metadata) in [
            ("https://h.kr", "https://h.kr/.well-known/openid-credential-issuer"),
            ("https://h.kr/t1", "https://h.kr/.well-known/openid-credential-issuer/t1"),
            ("https://h.kr/t1/", "https://h.kr/.well-known/openid-credential-issuer/t1/"),
            ("https://h.kr:8443/a/b", "https://h.kr:8443/.well-known/openid-credential-issuer/a/b"),
        ] {
            assert_eq!(id(issuer).unwrap().metadata_address(), metadata);
        }
        assert_eq!(id("https://h.kr/t1").unwrap().endpoint("nonce"), "https://h.kr/t1/nonce");
    }

    #[test]
    fn an_issuer_is_https_without_query_and_fragment() {
        for text in
            ["http://h.kr", "HTTPS://h.kr", "https://h.kr?a=b", "https://h.kr/#x", "h.kr", "", "javascript:a"]
        {
            assert_eq!(id(text).unwrap_err().code(), "VCI-OFF-02", "{text}");
        }
    }

    #[test]
    fn an_address_that_names_no_public_host_is_refused() {
        for text in [
            "https://user@h.kr",
            "https://user:pass@h.kr",
            "https://localhost/x",
            "https://127.0.0.1",
            "https://2130706433",
            "https://0x7f.1",
            "https://[::1]/",
            "https://10.0.0.1",
            "https://intranet",
            "https://h.kr/../admin",
            "https://h.kr/%2e%2E/admin",
        ] {
            assert_eq!(id(text).unwrap_err().code(), "VCI-OFF-08", "{text}");
        }
    }

    #[test]
    fn plain_http_needs_the_development_setting() {
        let text = "http://127.0.0.1:8080/t1";
        assert_eq!(id(text), Err(AddressError::Scheme));
        let local = CredentialIssuerId::parse(text, Transport::LoopbackToo).unwrap();
        assert_eq!(local.metadata_address(), "http://127.0.0.1:8080/.well-known/openid-credential-issuer/t1");
        for text in ["http://127.0.0.2", "http://localhost:1", "http://h.kr", "http://127.0.0.1.h.kr"] {
            assert_eq!(
                CredentialIssuerId::parse(text, Transport::LoopbackToo),
                Err(AddressError::Scheme),
                "{text}"
            );
        }
    }
}
