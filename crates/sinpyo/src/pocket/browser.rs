//! The way back from an authorization server: a browser on this machine comes to an address of the wallet's own.

use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

const MAX_LINE: u64 = 16 << 10;
const PATIENCE: Duration = Duration::from_secs(10);
/// Visitors that are not the browser: pages of other sites may knock.
const VISITORS: usize = 64;
const PAGE: &str =
    "<!doctype html><meta charset=utf-8><title>신표</title><p>지갑으로 돌아가세요.<p>Return to the wallet.";

/// A place on the loopback where a browser comes back to [RFC 8252 §7.3].
#[derive(Debug)]
pub(crate) struct Callback(TcpListener);

impl Callback {
    /// Takes a free port.
    pub(crate) fn open() -> Result<Self> {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on this machine")?;
        Ok(Self(listener))
    }

    /// Its address.
    pub(crate) fn url(&self) -> Result<String> {
        Ok(format!("http://{}/callback", self.0.local_addr().context("the socket has no address")?))
    }

    /// Waits for a browser, and returns the query that it brings. Whether it is an answer to our question, the flow
    /// judges.
    pub(crate) fn wait(&self) -> Result<String> {
        for _ in 0..VISITORS {
            let (mut stream, _) = self.0.accept().context("no browser came back")?;
            let _of_no_use_without = stream.set_read_timeout(Some(PATIENCE));
            let mut line = String::new();
            if BufReader::new((&stream).take(MAX_LINE)).read_line(&mut line).is_err() {
                continue;
            }
            let query = line.strip_prefix("GET /callback?").and_then(|rest| rest.split(' ').next());
            let (status, body) = if query.is_some() { ("200 OK", PAGE) } else { ("404 Not Found", "") };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
                 cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _the_browser_may_be_gone = stream.write_all(head.as_bytes());
            if let Some(query) = query {
                return Ok(query.to_owned());
            }
        }
        bail!("others came, and no browser with an answer")
    }
}
