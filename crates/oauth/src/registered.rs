//! Clients that the operator entered.

use crate::attestation::Attesters;
use sinpyo_crypto::VerifyingKey;
use std::sync::Arc;

/// What is known of a client.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    /// How it proves who it is.
    pub authentication: Authentication,
    /// Where its users may be sent back to.
    pub redirects: Vec<RedirectUri>,
}

/// How a client proves who it is. Shared secrets are not among the ways.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Not at all: a wallet without a provider that vouches for it.
    Public,
    /// With an assertion signed by one of its keys, `private_key_jwt`.
    PrivateKeyJwt(Vec<VerifyingKey>),
    /// Its provider, one of these and nobody else's, vouches for it, `attest_jwt_client_auth`.
    Attestation(Arc<Attesters>),
}

/// Where users may be sent back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedirectUri {
    /// To this URI, byte by byte.
    Exact(String),
    /// To this `http` URI of the user's own machine, at whatever port the wallet opened [RFC 8252 §7.3].
    Loopback(String),
}

impl RedirectUri {
    /// Whether `uri` is this one.
    pub fn allows(&self, uri: &str) -> bool {
        match self {
            Self::Exact(registered) => uri == registered, // [VCI-AUT-06f]
            Self::Loopback(registered) => {
                matches!((without_port(uri), without_port(registered)), (Some(a), Some(b)) if a == b)
            }
        }
    }
}

/// The host and the path of a URI of the loopback interface, by its address.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let rest = rest.get(host.len()..)?;
    let Some(rest) = rest.strip_prefix(':') else { return Some((host, rest)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (port, path) = rest.split_at_checked(digits)?;
    port.parse::<u16>().ok()?;
    Some((host, path))
}

/// Whether what is sent to `uri` goes over an open line.
pub(crate) fn is_open(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
}

/// Whether a browser may be sent to `uri` at all: absolute, without a fragment, and nothing that a browser would run or
/// open by itself.
pub(crate) fn is_sound(uri: &str) -> bool {
    const RUN: [&str; 8] =
        ["javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source"];
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    let mut letters = scheme.bytes();
    let is_scheme = letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte));
    is_scheme && is_plain && uri.len() <= 2048 && !RUN.iter().any(|run| scheme.eq_ignore_ascii_case(run))
}
