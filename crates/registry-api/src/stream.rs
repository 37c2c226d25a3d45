//! `GET /events`: what is appended and published, as it comes [HTML server-sent events].

use crate::{
    Api, Call,
    log::{entry_json, read},
    problem,
    query::malformed,
};
use http::Response;
use serde_json::json;
use sinpyo_registry::engine::EngineError;
use sinpyo_web::{
    answer::allow_anyone,
    event::{self, Event},
    problem::Refusal,
};

/// Most entries of one [`Api::events`].
const MOST: u64 = 64;

/// A stream that begins.
#[derive(Debug)]
pub struct Stream {
    /// What is sent first.
    pub head: Response<()>,
    /// Where the stream stands: for [`Api::events`].
    pub cursor: Cursor,
}

/// How far somebody has heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    next: u64,
    checkpoint: Option<String>,
}

impl Cursor {
    /// Before the entry at `index`, and before any checkpoint.
    pub const fn at(index: u64) -> Self {
        Self { next: index, checkpoint: None }
    }

    /// Index of the next entry.
    pub const fn next(&self) -> u64 {
        self.next
    }
}

/// Begins where the request says; if it does not, with what comes next.
pub(crate) fn begin(call: &Call<'_>) -> Result<Stream, Refusal> {
    let next = match call.headers.get("last-event-id") {
        Some(last) => {
            let last: Option<u64> = last.to_str().ok().and_then(|text| text.parse().ok());
            last.and_then(|last| last.checked_add(1)).ok_or_else(|| malformed("Last-Event-ID"))?
        }
        None => match call.query.optional("from")? {
            Some(from) => from,
            None => call.api.engine.head().map_err(|error| problem::failed(&error))?.size,
        },
    };
    let mut head = event::stream();
    allow_anyone(&mut head);
    Ok(Stream { head, cursor: Cursor::at(next) })
}

impl Api<'_> {
    /// What somebody at `cursor` has not heard yet, and moves the cursor past it: the checkpoint if it changed, and
    /// entries, at most 64 or about 1 MiB. Nothing if there is nothing new.
    ///
    /// An event `entry` has the index as its id, and a JSON object of index and text; an event `checkpoint` has one with
    /// the signed note, and the number of entries that wait for the next.
    ///
    /// # Errors
    /// The engine failed.
    pub fn events(&self, cursor: &mut Cursor) -> Result<Vec<u8>, EngineError> {
        let size = self.engine.head()?.size;
        let mut frames = Vec::new();
        let end = cursor.next.saturating_add(MOST).min(size); // [RGA-13]
        for (index, entry) in read(self.engine, cursor.next.min(end)..end)? {
            let data = entry_json(index, &entry).to_string();
            Event { name: "entry", id: Some(index), data: &data }.write(&mut frames);
            cursor.next = index.saturating_add(1);
        }
        let published = self
            .engine
            .checkpoint()?
            .map(|checkpoint| (checkpoint.claimed_head().size, checkpoint.to_string()));
        if let Some((covered, text)) = published.filter(|(_, text)| cursor.checkpoint.as_ref() != Some(text))
        {
            let data = json!({"checkpoint": text, "unpublished": size.saturating_sub(covered)}).to_string();
            Event { name: "checkpoint", id: None, data: &data }.write(&mut frames);
            cursor.checkpoint = Some(text);
        }
        Ok(frames)
    }
}
