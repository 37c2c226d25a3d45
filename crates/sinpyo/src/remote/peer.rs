//! A client for servers that the operator named. They may stand in a private network; what they answer is not believed.

use anyhow::{Context, Result, bail};
use reqwest::{Client, ClientBuilder, Response, Url, redirect};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

/// A blocking client with bounds on time and size.
#[derive(Debug)]
pub(crate) struct PeerClient {
    client: Client,
    runtime: Runtime,
    /// How long a server that is busy is asked again.
    stubborn: Duration,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

/// Longest wait that a server may ask for.
const MAX_WAIT: u64 = 60;

impl PeerClient {
    /// A client whose requests take at most `patience`.
    pub(crate) fn new(patience: Duration) -> Result<Self> {
        let client = straight()
            .connect_timeout(patience.min(Duration::from_secs(5)))
            .timeout(patience)
            .build()
            .context("cannot make an HTTP client")?;
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot start a client")?;
        Ok(Self { client, runtime, stubborn: Duration::ZERO })
    }

    /// A client that asks again when a server is busy or not there for a moment, as the server says.
    ///
    /// Only for what may be asked twice.
    pub(crate) fn patient(self) -> Self {
        Self { stubborn: Duration::from_mins(1), ..self }
    }

    /// Asks for `url`; reads at most `limit` bytes.
    pub(crate) fn get(&self, url: &Url, limit: usize) -> Result<Reply> {
        self.again_while_busy(|| {
            self.runtime.block_on(async { reply(self.client.get(url.clone()).send().await?, limit).await })
        })
    }

    /// Posts `body` to `url`; reads at most `limit` bytes.
    pub(crate) fn post(&self, url: &Url, kind: &str, body: &[u8], limit: usize) -> Result<Reply> {
        self.again_while_busy(|| {
            let request = self.client.post(url.clone()).header("content-type", kind).body(body.to_vec());
            self.runtime.block_on(async { reply(request.send().await?, limit).await })
        })
    }

    fn again_while_busy(&self, ask: impl Fn() -> Result<Reply>) -> Result<Reply> {
        let begun = Instant::now();
        loop {
            let answered = ask();
            let wait = match &answered {
                Ok(reply) if matches!(reply.status, 429 | 503) => {
                    reply.retry_after.unwrap_or(Duration::from_secs(1)).max(Duration::from_millis(200))
                }
                _ => return answered,
            };
            if begun.elapsed() + wait > self.stubborn {
                return answered;
            }
            std::thread::sleep(wait);
        }
    }
}

async fn reply(mut response: Response, limit: usize) -> Result<Reply> {
    let wait = response.headers().get("retry-after").and_then(|wait| wait.to_str().ok()?.parse().ok());
    let retry_after = wait.map(|seconds: u64| Duration::from_secs(seconds.min(MAX_WAIT)));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            bail!("the answer is longer than {limit} bytes"); // [CLI-03]
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status: response.status().as_u16(), body, retry_after })
}

/// A client that goes to the address that it is given and nowhere else: by no proxy, after no redirect, without cookies.
pub(crate) fn straight() -> ClientBuilder {
    // A second installation fails and changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .referer(false)
        .redirect(redirect::Policy::none())
        // Our own servers close a connection that rests for 10 s: one that may be about to close is not used again.
        .pool_idle_timeout(Duration::from_secs(5))
}

/// The base URL of a server: https, or http on this machine; with neither user nor query, and with a slash at its end.
pub(crate) fn base_url(text: &str) -> Result<Url> {
    let mut url = Url::parse(text).with_context(|| format!("{text} is no URL"))?;
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    };
    let scheme = match url.scheme() {
        "https" => true,
        "http" => local,
        _ => false,
    };
    if !scheme {
        bail!("{text}: a server is reached by https, or by http on this machine"); // [CLI-13]
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        bail!("{text}: the address of a server has no user, query or fragment"); // [CLI-13]
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_reached_by_https_or_on_this_machine() {
        for (text, base) in [
            ("https://ledger.example.kr", "https://ledger.example.kr/"),
            ("https://ledger.example.kr/log", "https://ledger.example.kr/log/"),
            ("http://127.0.0.1:8090", "http://127.0.0.1:8090/"),
            ("http://[::1]:1/", "http://[::1]:1/"),
            ("https://10.0.0.7/", "https://10.0.0.7/"),
        ] {
            assert_eq!(base_url(text).unwrap().as_str(), base);
        }
        for text in [
            "http://ledger.example.kr",
            "http://10.0.0.7",
            "http://127.0.0.1.example",
            "ftp://127.0.0.1",
            "https://user@ledger.example.kr",
            "https://ledger.example.kr/?a",
            "https://ledger.example.kr/#a",
            "ledger.example.kr",
        ] {
            assert!(base_url(text).is_err(), "{text}");
        }
    }
}
