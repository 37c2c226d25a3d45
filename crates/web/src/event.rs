//! Server-sent events [WHATWG HTML §9.2].

use crate::answer::secured;
use http::{HeaderValue, Response, header};

/// What is sent when there was nothing else for a while: a comment, so that neither side takes the other for gone.
pub const HEARTBEAT: &[u8] = b":\n\n";

/// The head of a stream of events.
pub fn stream() -> Response<()> {
    let mut head = Response::new(());
    head.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    secured(head)
}

/// One event, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// Its name.
    pub name: &'static str,
    /// What the reader sends as `Last-Event-ID` when it comes again.
    pub id: Option<u64>,
    /// What it says, as one JSON text or several lines.
    pub data: &'a str,
}

impl Event<'_> {
    /// Appends the event to `frames`. A line break in its data begins a new `data` line, and so never a field.
    pub fn write(&self, frames: &mut Vec<u8>) {
        if let Some(id) = self.id {
            frames.extend_from_slice(format!("id: {id}\n").as_bytes());
        }
        frames.extend_from_slice(format!("event: {}\n", self.name).as_bytes());
        // [HTTP-16]
        for line in self.data.replace("\r\n", "\n").split(['\n', '\r']) {
            frames.extend_from_slice(format!("data: {line}\n").as_bytes());
        }
        frames.push(b'\n');
    }
}
