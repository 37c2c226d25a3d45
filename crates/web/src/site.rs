//! Under which names a service is reached, and from where it lets itself be changed.

use http::{HeaderMap, HeaderValue, Method, Request, header, request::Parts};
use std::{fmt, net::IpAddr, str::FromStr};

/// How a page travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// By TLS, ours or that of a proxy before us.
    Tls,
    /// Without: on this machine, for development.
    Plain,
}

/// What comes before the body of a request.
pub fn head<B>(request: &Request<B>) -> Parts {
    let mut head = Request::new(());
    head.method_mut().clone_from(request.method());
    head.uri_mut().clone_from(request.uri());
    head.headers_mut().clone_from(request.headers());
    head.into_parts().0
}

/// The origin of a service [RFC 6454], as `https://issuer.example.kr` or `http://127.0.0.1:8080`.
///
/// Plain `http` is for addresses of the loopback and `localhost` only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    text: String,
    host_at: usize,
}

/// Not the origin of a service of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an origin: https and a host name in small letters, or http and a loopback address")]
pub struct ParseOriginError;

impl Origin {
    /// How it is reached.
    pub fn transport(&self) -> Transport {
        if self.text.starts_with("https:") { Transport::Tls } else { Transport::Plain }
    }

    /// The host and the port unless it is the usual one, as a `Host` header names them.
    pub fn authority(&self) -> &str {
        self.text.get(self.host_at..).unwrap_or_default()
    }

    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let (scheme, authority) = text.split_once("://").ok_or(ParseOriginError)?;
        let (host, port) = split_port(authority).ok_or(ParseOriginError)?;
        let is_reachable = match scheme {
            "https" => port != Some(443),
            "http" => port != Some(80) && is_loopback(host),
            _ => false,
        };
        (is_reachable && is_host(host))
            .then(|| Self { text: text.to_owned(), host_at: scheme.len() + 3 })
            .ok_or(ParseOriginError)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Origin").field(&self.text).finish()
    }
}

/// A host and a port in plain digits.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let Some(port) = port else { return Some((host, None)) };
    let plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    Some((host, Some(port.parse().ok().filter(|_| plain)?)))
}

fn is_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_name = host.split('.').all(|label| !label.is_empty() && label.bytes().all(plain));
    is_name || address(host).is_some()
}

fn address(host: &str) -> Option<IpAddr> {
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match bracketed {
        Some(host) => host.parse().ok().map(IpAddr::V6),
        None => host.parse().ok().map(IpAddr::V4),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || address(host).is_some_and(|address| address.is_loopback())
}

/// Where a service is reached: at least one origin, the first of which it gives to others.
#[derive(Clone, Debug)]
pub struct Site {
    main: Origin,
    others: Vec<Origin>,
}

/// Why a request is not for us, or not from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// HTTP-01: the request does not name one of our hosts, or names several.
    #[error("the request is for another host")]
    Host,
    /// HTTP-02: something is to change for a page of another site.
    #[error("the request comes from another site")]
    CrossSite,
    /// HTTP-03: the form does not carry the token of its reader's session.
    #[error("the form was not made for this session")]
    Token,
}

impl SiteError {
    /// The rule in `spec/checks/http.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Host => "HTTP-01",
            Self::CrossSite => "HTTP-02",
            Self::Token => "HTTP-03",
        }
    }
}

impl Site {
    /// A service at `main`, and at `others` such as its tenants' names.
    pub const fn new(main: Origin, others: Vec<Origin>) -> Self {
        Self { main, others }
    }

    /// The origin that others are told.
    pub const fn main(&self) -> &Origin {
        &self.main
    }

    /// The one of our origins that the request is for: by its `Host`, or `:authority` in HTTP/2. What proxies say in
    /// other headers is not looked at.
    ///
    /// # Errors
    /// None of ours.
    pub fn origin(&self, request: &Parts) -> Result<&Origin, SiteError> {
        let mut hosts = request.headers.get_all(header::HOST).iter();
        let named = hosts.next().map(HeaderValue::to_str).transpose().map_err(|_| SiteError::Host)?;
        if hosts.next().is_some() {
            return Err(SiteError::Host); // [HTTP-01]
        }
        let target = request.uri.authority().map(http::uri::Authority::as_str);
        let asked = match (named, target) {
            (Some(host), Some(target)) if !host.eq_ignore_ascii_case(target) => return Err(SiteError::Host),
            (host, target) => host.or(target).ok_or(SiteError::Host)?,
        };
        let mut ours = std::iter::once(&self.main).chain(&self.others);
        ours.find(|own| own.authority().eq_ignore_ascii_case(asked)).ok_or(SiteError::Host) // [HTTP-01]
    }

    /// As [`Site::origin`], and that a request which may change something comes from a page of ours, as far as its sender
    /// tells: browsers do. For what cookies decide; a request with an access token comes from anywhere.
    ///
    /// # Errors
    /// Another host, or a page of another site.
    pub fn own_page(&self, request: &Parts) -> Result<&Origin, SiteError> {
        let origin = self.origin(request)?;
        let is_reading = request.method == Method::GET || request.method == Method::HEAD;
        if is_reading || is_from(origin, &request.headers) {
            Ok(origin)
        } else {
            Err(SiteError::CrossSite) // [HTTP-02]
        }
    }
}

/// Whether the sender says that the page is of `origin`. One who says nothing at all is no browser of this decade.
fn is_from(origin: &Origin, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let sender = match (origins.next(), origins.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.as_bytes() == origin.as_str().as_bytes()),
        (Some(_), Some(_)) => Some(false),
    };
    let site = headers.get("sec-fetch-site").map(|site| matches!(site.as_bytes(), b"same-origin"));
    match (sender, site) {
        (Some(false), _) | (_, Some(false)) | (None, None) => false,
        (Some(true), _) | (None, Some(true)) => true,
    }
}
