//! The way to a voting service: requests as `http` has them, answered while the caller waits.

use crate::remote::peer::{base_url, straight};
use anyhow::{Context, Result};
use http::{Request, Response, StatusCode, header};
use reqwest::{Client, Url};
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
        let client = straight()
            .tcp_nodelay(true)
            .local_address(local)
            .timeout(PATIENCE)
            .build()
            .context("cannot make an HTTP client")?;
        let runtime = Builder::new_current_thread().enable_all().build().context("cannot start a client")?;
        Ok(Self { client, runtime })
    }

    /// The answer, whatever its status; the same again while nobody answers, or the service is busy or asks to wait.
    pub(crate) fn send_patiently(&self, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        let url = address(request)?;
        let (begun, mut is_told) = (Instant::now(), false);
        loop {
            let answered = self.exchange(&url, request);
            let wait = match &answered {
                Ok(Some(answer)) if is_busy(answer.status()) => retry_after(answer),
                Ok(_) => return whole(answered?, &url),
                Err(error) => {
                    if !std::mem::replace(&mut is_told, true) {
                        eprintln!("sinpyo: {error:#}; asking again for {} s", STUBBORN.as_secs());
                    }
                    Duration::from_millis(500)
                }
            };
            if begun.elapsed() + wait > STUBBORN {
                return whole(answered?, &url);
            }
            std::thread::sleep(wait);
        }
    }

    /// The answer; nothing if it is too long.
    fn exchange(&self, url: &Url, request: &Request<Vec<u8>>) -> Result<Option<Response<Vec<u8>>>> {
        self.runtime.block_on(async {
            let sent = self.client.request(request.method().clone(), url.clone());
            let sent = sent.headers(request.headers().clone()).body(request.body().clone()).send().await;
            let mut received = sent.with_context(|| format!("{url} does not answer"))?;
            let mut answer = Response::new(Vec::new());
            *answer.status_mut() = received.status();
            *answer.headers_mut() = std::mem::take(received.headers_mut());
            while let Some(chunk) = received.chunk().await? {
                if answer.body().len() + chunk.len() > MAX_ANSWER {
                    return Ok(None);
                }
                answer.body_mut().extend_from_slice(&chunk);
            }
            Ok(Some(answer))
        })
    }
}

/// Where a request goes: https, or http on this machine.
fn address(request: &Request<Vec<u8>>) -> Result<Url> {
    let text = request.uri().to_string();
    let (place, _) = text.split_once(['?', '#']).unwrap_or((&text, ""));
    let _ = base_url(place)?;
    Url::parse(&text).with_context(|| format!("{text} is no address"))
}

fn whole(answer: Option<Response<Vec<u8>>>, url: &Url) -> Result<Response<Vec<u8>>> {
    answer.with_context(|| format!("the answer of {url} is too long")) // [CLI-03]
}

fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_asked_is_not_asked_again() {
        let wire = Wire::new().unwrap();
        for address in ["http://vote.example.kr/e/00", "http://10.0.0.1/e/00", "ftp://127.0.0.1/e/00"] {
            let begun = Instant::now();
            let request = Request::get(address).body(Vec::new()).unwrap();
            assert!(wire.send_patiently(&request).is_err(), "{address}");
            assert!(begun.elapsed() < Duration::from_secs(30), "{address}");
        }
    }
}
