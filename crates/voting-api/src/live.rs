//! Counters as they change [HTML server-sent events].

use crate::{call::Call, followed::Followed, service::Service};
use serde_json::json;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_registry::engine::LogEngine;
use sinpyo_web::{event::Event, problem::Refusal};
use std::{fmt, sync::Arc};

/// Somebody who watches an election.
pub struct Feed {
    election: ElectionId,
    log: Arc<dyn LogEngine>,
    told: Option<String>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("election", &self.election).finish_non_exhaustive()
    }
}

/// What comes of asking for news.
#[derive(Debug)]
pub enum Poll {
    /// These events; none if nothing changed.
    Frames(Vec<u8>),
    /// The log cannot be read.
    Failed,
}

pub(crate) fn begin(call: &Call<'_>) -> Result<Feed, Refusal> {
    let (election, log) = call.log()?;
    Ok(Feed { election, log, told: None })
}

impl Service {
    /// What somebody has not heard yet: ask every second.
    pub fn poll(&self, feed: &mut Feed) -> Poll {
        let count = self.following.with(&feed.election, &*feed.log, count);
        let Ok(text) = count else { return Poll::Failed };
        let mut frames = Vec::new();
        if feed.told.as_deref() != Some(&*text) {
            Event { name: "count", id: None, data: &text }.write(&mut frames);
            feed.told = Some(text);
        }
        Poll::Frames(frames)
    }
}

fn count(record: &Followed) -> String {
    let registered: u64 = record.live.values().sum();
    json!({
        "phase": record.phase().as_str(),
        "ballots": record.ballots,
        "voters": record.voters(),
        "registered": registered,
        "rejected": record.refused.len(),
        "size": record.size,
    })
    .to_string()
}
