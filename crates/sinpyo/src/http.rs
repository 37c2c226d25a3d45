//! The one way out: an HTTP client that cannot be sent where an attacker wants it [STANDARDS GEN-08].
//!
//! https only; every address a name resolves to is checked, and only the checked addresses are connected to, so that a
//! second lookup cannot change the answer; redirects are few and checked like the first URL; size and time are bounded.
//! A client for development reaches this machine too, also by plain http, and no other that is not public.

use http::{Request, Response};
use reqwest::{
    Client, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use url::Host;

const MAX_REDIRECTS: usize = 3;
const TIMEOUT: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(5);

/// Which servers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Public ones, by https.
    Public,
    /// Those and, for development, this machine.
    ThisMachineToo,
}

/// A client that fetches public documents and speaks to public servers.
#[derive(Debug)]
pub(crate) struct GuardedClient {
    client: Client,
    /// Follows nothing: the answer to a message is its recipient's own.
    direct: Client,
    reach: Reach,
    /// Whether the last lookup found no public address: the client's own error does not say.
    refused: Arc<AtomicBool>,
}

/// Why a document was not fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FetchError {
    /// CLI-01: not an https URL with a host.
    #[error("only https URLs are fetched")]
    NotHttps,
    /// CLI-02: the host is, or resolves to, an address that is not public.
    #[error("the host has no public address")]
    PrivateAddress,
    /// CLI-03: the answer is longer than the caller allows.
    #[error("the answer is longer than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// CLI-04: the server answered with something other than success.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// CLI-05: no connection, no TLS, too slow, or too many redirects.
    #[error("the document could not be fetched")]
    Transport(#[source] reqwest::Error),
}

impl FetchError {
    /// The rule that was broken, as in `spec/checks/cli.toml`.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NotHttps => "CLI-01",
            Self::PrivateAddress => "CLI-02",
            Self::TooLong { .. } => "CLI-03",
            Self::Status(_) => "CLI-04",
            Self::Transport(_) => "CLI-05", // [CLI-05]
        }
    }
}

impl GuardedClient {
    /// A client with the guards of this module, which reaches public servers.
    pub(crate) fn new() -> Result<Self, FetchError> {
        Self::reaching(Reach::Public)
    }

    /// A client with the guards of this module.
    pub(crate) fn reaching(reach: Reach) -> Result<Self, FetchError> {
        // A second installation fails and changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let redirects = redirect::Policy::custom(move |attempt| match admit(attempt.url(), reach) {
            Ok(()) if attempt.previous().len() <= MAX_REDIRECTS => attempt.follow(),
            _ => attempt.stop(),
        });
        let refused = Arc::new(AtomicBool::new(false));
        let build = |redirects| {
            Client::builder()
                .https_only(reach == Reach::Public)
                .no_proxy()
                .referer(false)
                .redirect(redirects)
                .timeout(TIMEOUT)
                // Our own servers close a connection that rests for 10 s: one that may be about to close is not used again.
                .pool_idle_timeout(IDLE)
                .dns_resolver(Arc::new(PublicResolver { refused: Arc::clone(&refused), reach }))
                .build()
                .map_err(FetchError::Transport)
        };
        let (client, direct) = (build(redirects)?, build(redirect::Policy::none())?);
        Ok(Self { client, direct, reach, refused })
    }

    /// The answer to `request`, whatever its status; its body has at most `limit` bytes. Redirects are answers too.
    pub(crate) async fn send(
        &self,
        request: Request<Vec<u8>>,
        limit: usize,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|_| FetchError::NotHttps)?;
        admit(&url, self.reach)?;
        let request = self.direct.request(parts.method, url).headers(parts.headers).body(body);
        let mut received = self.sent(request).await?;
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = received.status();
        *answer.headers_mut() = std::mem::take(received.headers_mut());
        while let Some(chunk) = received.chunk().await.map_err(FetchError::Transport)? {
            take(answer.body_mut(), &chunk, limit)?;
        }
        Ok(answer)
    }

    async fn sent(&self, request: reqwest::RequestBuilder) -> Result<reqwest::Response, FetchError> {
        self.refused.store(false, Ordering::Relaxed);
        let sent = request.send().await;
        if sent.is_err() && self.refused.load(Ordering::Relaxed) {
            return Err(FetchError::PrivateAddress);
        }
        sent.map_err(FetchError::Transport)
    }

    /// The body at `url`, at most `limit` bytes.
    pub(crate) async fn get(&self, url: &str, accept: &str, limit: usize) -> Result<Vec<u8>, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::NotHttps)?;
        admit(&url, self.reach)?;
        let mut response = self.sent(self.client.get(url).header("accept", accept)).await?;
        check_status(response.status())?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(FetchError::Transport)? {
            take(&mut body, &chunk, limit)?;
        }
        Ok(body)
    }
}

/// Only an answer with success is a document; a redirect that was not followed is none.
fn check_status(status: StatusCode) -> Result<(), FetchError> {
    if status.is_success() { Ok(()) } else { Err(FetchError::Status(status.as_u16())) } // [CLI-04]
}

/// Adds a piece of the answer, up to `limit` bytes in all.
fn take(body: &mut Vec<u8>, chunk: &[u8], limit: usize) -> Result<(), FetchError> {
    if body.len() + chunk.len() > limit {
        return Err(FetchError::TooLong { limit }); // [CLI-03]
    }
    body.extend_from_slice(chunk);
    Ok(())
}

/// https, and no address literal that is not public; or this machine, where that may be reached.
fn admit(url: &Url, reach: Reach) -> Result<(), FetchError> {
    let is_here = reach == Reach::ThisMachineToo && is_this_machine(url);
    let is_fit = url.scheme() == "https" || (is_here && url.scheme() == "http");
    if !is_fit || !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::NotHttps); // [CLI-01]
    }
    if is_here {
        return Ok(());
    }
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(_)) => return Ok(()),
        None => return Err(FetchError::NotHttps),
    };
    if is_public(literal) { Ok(()) } else { Err(FetchError::PrivateAddress) } // [CLI-02]
}

/// Whether the URL says so by itself: no lookup is believed.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The name resolves to no address that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the host has no public address")]
struct NoPublicAddress;

struct PublicResolver {
    refused: Arc<AtomicBool>,
    reach: Reach,
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let refused = Arc::clone(&self.refused);
        let is_here = self.reach == Reach::ThisMachineToo && name.as_str() == "localhost";
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fit =
                |address: &SocketAddr| is_public(address.ip()) || (is_here && address.ip().is_loopback());
            let public: Vec<SocketAddr> = found.filter(fit).collect(); // [CLI-02]
            if public.is_empty() {
                refused.store(true, Ordering::Relaxed);
                return Err(Box::new(NoPublicAddress).into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether the address can be reached from anywhere on the internet [IANA special-purpose registries].
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || address.is_documentation();
    !special
        && !address.is_private()
        && !address.is_loopback()
        && !address.is_link_local()
        && !address.is_multicast()
        && !address.is_broadcast()
}

/// Only global unicast (`2000::/3`), less what embeds or reserves other addresses.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let special = match first {
        // Teredo, benchmarking, ORCHID; documentation.
        0x2001 => second < 0x0200 || second == 0x0db8,
        // 6to4 embeds an IPv4 address.
        0x2002 => true,
        // Documentation.
        0x3fff => second < 0x1000,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_not_public_is_refused() {
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2001:4860::8888"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn only_https_to_public_hosts_is_fetched() {
        let admitted =
            |url: &str| admit(&Url::parse(url).unwrap(), Reach::Public).map_err(|error| error.code());
        assert_eq!(admitted("https://status.example/list/1"), Ok(()));
        assert_eq!(admitted("http://status.example/"), Err("CLI-01"));
        assert_eq!(admitted("file:///etc/passwd"), Err("CLI-01"));
        assert_eq!(admitted("https://user@status.example/"), Err("CLI-01"));
        assert_eq!(admitted("https://127.0.0.1/"), Err("CLI-02"));
        assert_eq!(admitted("https://[::1]/"), Err("CLI-02"));
        assert_eq!(admitted("https://2130706433/"), Err("CLI-02"));
        assert_eq!(admitted("https://0x7f.1/"), Err("CLI-02"));
    }

    #[test]
    fn for_development_this_machine_is_reached_and_no_other_that_is_not_public() {
        let admitted =
            |url: &str| admit(&Url::parse(url).unwrap(), Reach::ThisMachineToo).map_err(|error| error.code());
        for url in ["http://127.0.0.1:8080/", "http://[::1]/", "http://localhost/", "https://127.0.0.1/"] {
            assert_eq!(admitted(url), Ok(()), "{url}");
        }
        assert_eq!(admitted("http://issuer.example/"), Err("CLI-01"));
        assert_eq!(admitted("http://10.0.0.1/"), Err("CLI-01"));
        assert_eq!(admitted("https://10.0.0.1/"), Err("CLI-02"));
        assert_eq!(admitted("http://user@127.0.0.1/"), Err("CLI-01"));
        assert_eq!(admitted("http://localhost.example/"), Err("CLI-01"));
    }

    #[tokio::test]
    async fn a_name_that_resolves_to_loopback_is_refused() {
        let client = GuardedClient::new().unwrap();
        let error = client.get("https://localhost/", "application/json", 10).await.unwrap_err();
        assert_eq!(error.code(), "CLI-02", "{error:?}");
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_an_error() {
        let client = GuardedClient::new().unwrap();
        let error = client.get("https://nowhere.invalid/", "application/json", 10).await.unwrap_err();
        assert_eq!(error.code(), "CLI-05", "{error:?}");
    }

    #[test]
    fn a_long_or_unsuccessful_answer_is_an_error() {
        let mut body = Vec::new();
        take(&mut body, b"12345", 8).unwrap();
        take(&mut body, b"678", 8).unwrap();
        assert_eq!(take(&mut body, b"9", 8).unwrap_err().code(), "CLI-03");
        assert_eq!(body, b"12345678");
        assert!(check_status(StatusCode::OK).is_ok());
        for status in [StatusCode::FOUND, StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR] {
            assert_eq!(check_status(status).unwrap_err().code(), "CLI-04");
        }
    }
}
