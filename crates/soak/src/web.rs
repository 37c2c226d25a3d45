//! HTTP/1.1 as the soak needs it: one request a connection, and an answer that is complete or an error.

use std::{
    io::{Error, ErrorKind, Read as _, Result, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// How long the server asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// The server's clock, as it writes it.
    pub(crate) date: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Most bytes of an answer that are read: a full bundle of long entries.
const LIMIT: u64 = 20 << 20;
const CONNECT: Duration = Duration::from_secs(1);
/// Between two pieces of an answer.
const WAIT: Duration = Duration::from_secs(5);

/// Asks for `path`.
///
/// # Errors
/// No complete answer came.
pub(crate) fn get(server: SocketAddr, path: &str) -> Result<Answer> {
    exchange(server, &format!("GET {path} HTTP/1.1\r\n"), &[])
}

/// Posts `body` as JSON to `path`.
///
/// # Errors
/// No complete answer came; whether the server acted on the request is unknown.
pub(crate) fn post(server: SocketAddr, path: &str, body: &[u8]) -> Result<Answer> {
    let length = body.len();
    let start =
        format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n");
    exchange(server, &start, body)
}

fn exchange(server: SocketAddr, start: &str, body: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&server, CONNECT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    let head = format!("{start}Host: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut bytes = Vec::new();
    stream.take(LIMIT).read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| Error::new(ErrorKind::UnexpectedEof, "the answer is not complete"))
}

/// `None` unless all of the answer is there.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = bytes.split_at_checked(end)?;
    let body = body.get(4..)?;
    let mut lines = str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let fields: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    let length: usize = field("content-length")?.parse().ok()?;
    let retry_after = field("retry-after").and_then(|value| value.parse().ok()).map(Duration::from_secs);
    let date = field("date").map(str::to_owned);
    Some(Answer { status, retry_after, date, body: body.get(..length)?.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_or_none() {
        let text = b"HTTP/1.1 429 Wait\r\nRetry-After: 2\r\nDate: now\r\nContent-Length: 3\r\n\r\nabc";
        let answer = parse(text).unwrap();
        assert_eq!((answer.status, answer.retry_after), (429, Some(Duration::from_secs(2))));
        assert_eq!((answer.date.as_deref(), &answer.body[..]), (Some("now"), &b"abc"[..]));
        for cut in 0..text.len() {
            assert!(parse(&text[..cut]).is_none(), "{cut}");
        }
    }
}
