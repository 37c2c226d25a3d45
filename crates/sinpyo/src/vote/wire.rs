//! The way to a voting service: requests as `http` has them, answered while the caller waits.

use crate::remote::peer::base_url;
use anyhow::{Context, Result, bail};
use http::{Request, Response, StatusCode, header};
use reqwest::{Client, Url, redirect};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

/// Longest time for one request: a ballot waits for its batch.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a busy service is asked again.
const STUBBORN: Duration = Duration::from_mins(5);
/// Longest answer.
const MAX_ANSWER: usize = 64 << 20;

/// A client without cookies that follows no redirect.
#[derive(Debug)]
pub(crate) struct Wire {
    client: Client,
    runtime: Runtime,
}

impl Wire {
    /// Connects nothing yet.
    pub(crate) fn new() -> Result<Self> {
        Self::from_address(None)
    }

    /// Speaks from an address of this machine's own.
    pub(crate) fn from_address(local: Option<IpAddr>) -> Result<Self> {
        // A second installation fails and changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .referer(false)
            .redirect(redirect::Policy::none())
            // Our own servers close a connection that rests for 10 s: one that may be about to close is not used again.
            .pool_idle_timeout(Duration::from_secs(5))
            .tcp_nodelay(true)
            .local_address(local)
            .timeout(PATIENCE)
            .build()
            .context("cannot make an HTTP client")?;
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot start a client")?;
        Ok(Self { client, runtime })
    }

    /// The answer, whatever its status.
    pub(crate) fn send(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        let url = request.uri().to_string();
        // https, or http on this machine.
        let _ = base_url(url.split(['?', '#']).next().unwrap_or_default())?;
        let url = Url::parse(&url).with_context(|| format!("{url} is no address"))?;
        self.runtime.block_on(async {
            let sent = self.client.request(request.method().clone(), url.clone());
            let sent = sent.headers(request.headers().clone()).body(request.body().clone()).send().await;
            let mut received = sent.with_context(|| format!("{url} does not answer"))?;
            let mut answer = Response::new(Vec::new());
            *answer.status_mut() = received.status();
            *answer.headers_mut() = std::mem::take(received.headers_mut());
            while let Some(chunk) = received.chunk().await? {
                if answer.body().len() + chunk.len() > MAX_ANSWER {
                    bail!("the answer of {url} is too long"); // [CLI-03]
                }
                answer.body_mut().extend_from_slice(&chunk);
            }
            Ok(answer)
        })
    }

    /// As [`Wire::send`], and the same again while the service is busy or asks to wait.
    pub(crate) fn send_patiently(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        let begun = Instant::now();
        loop {
            let answered = self.send(request);
            let wait = match &answered {
                Ok(answer) => match answer.status() {
                    StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE => retry_after(answer),
                    _ => return answered,
                },
                Err(_) => Duration::from_millis(500),
            };
            if begun.elapsed() + wait > STUBBORN {
                return answered;
            }
            std::thread::sleep(wait);
        }
    }
}

fn retry_after(answer: &Response<Vec<u8>>) -> Duration {
    let asked = answer.headers().get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    Duration::from_secs(asked.unwrap_or(1_u64).min(30)).max(Duration::from_millis(200))
}

/// What a problem answer says, for people.
pub(crate) fn problem(answer: &Response<Vec<u8>>) -> String {
    let text = String::from_utf8_lossy(answer.body());
    let text: String = text.chars().filter(|char| !char.is_control()).take(400).collect();
    format!("status {}: {text}", answer.status().as_u16())
}
