//! Cookies [RFC 6265bis].

use crate::site::Transport;
use http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// The cookies of a request.
#[derive(Clone, Copy, Debug)]
pub struct Cookies<'h>(&'h HeaderMap);

impl<'h> Cookies<'h> {
    /// Those of `headers`.
    pub const fn of(headers: &'h HeaderMap) -> Self {
        Self(headers)
    }

    /// The value of our cookie `name`; none if there are several, of which one must be somebody else's.
    pub fn get(self, name: &str, transport: Transport) -> Option<&'h str> {
        match transport {
            // Only this host, by TLS, can have set one of this prefix.
            Transport::Tls => self.plain(&format!("__Host-{name}")), // [HTTP-08]
            Transport::Plain => self.plain(name),
        }
    }

    /// The value of the cookie of exactly this name, which anybody may have set.
    pub(crate) fn plain(self, name: &str) -> Option<&'h str> {
        let lines = self.0.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }
}

/// The header that sets a cookie which scripts do not see and other sites' forms do not bring.
///
/// `life` of none lasts as long as the browser; of zero, it is forgotten. None if `name` or `value` is no token.
pub fn set_cookie(
    name: &str,
    value: &str,
    life: Option<Duration>,
    transport: Transport,
) -> Option<HeaderValue> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    if name.is_empty() || !name.bytes().chain(value.bytes()).all(plain) {
        return None;
    }
    let life = life.map(|life| format!("; Max-Age={}", life.as_secs())).unwrap_or_default();
    let text = match transport {
        // [HTTP-08]
        Transport::Tls => format!("__Host-{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{life}"),
        Transport::Plain => format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{life}"),
    };
    HeaderValue::from_str(&text).ok()
}
