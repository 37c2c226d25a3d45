//! Where audit lines are kept: a record each, so that no two requests wait for one another to write theirs.

use super::AuditLine;
use sinpyo_core::{encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable};
use std::time::Duration;

const SPACE: Space = Space::new("web.audit");
/// Seconds from which names are counted backwards, so that the newest line comes first: beyond the year 36,000.
const END: i64 = (1 << 40) - 1;
/// How old a line is before it is told to those who follow: until then nodes may still write earlier ones.
const SETTLED: Duration = Duration::from_secs(2);
/// Most lines that are told at once to somebody who was away.
const MOST: usize = 1000;
const PAGE: usize = 200;

/// The audit log of one owner, such as a tenant.
#[derive(Clone, Copy, Debug)]
pub struct Log<'a> {
    /// Where it is kept.
    pub state: &'a dyn State,
    /// Whose it is: a name without `.`.
    pub owner: &'a str,
}

/// One line, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place: those of earlier lines are greater.
    pub id: String,
    /// The line: JSON.
    pub line: String,
}

impl AuditLine {
    /// The change that writes the line into the log of `owner` for `life`: to be committed with what it tells of.
    pub fn entry(&self, owner: &str, life: Duration, entropy: &mut dyn Entropy) -> OwnedChange {
        let mut random = [0; 12];
        entropy.fill(&mut random);
        let name = format!("{owner}.{:010x}{}", END.saturating_sub(self.at.unix()), to_base64url(&random));
        OwnedChange::insert(Key::named(SPACE, &name), self.to_json(), Some(self.at.plus(life)))
    }
}

impl Log<'_> {
    /// At most `limit` lines, the newest first, leaving out those up to `after`.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn newest(
        &self,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Entry>, Unavailable> {
        let prefix = format!("{}.", self.owner);
        let after = format!("{prefix}{}", after.unwrap_or_default());
        let page = self.state.page(SPACE, Some(&after), limit, now)?;
        let entry = |(key, record): (Key, sinpyo_state::Record)| {
            let id = key.name().strip_prefix(&prefix)?.to_owned();
            Some(Entry { id, line: String::from_utf8(record.data).ok()? })
        };
        Ok(page.into_iter().map_while(entry).collect())
    }

    /// The lines that came after the one at `last`, the oldest first: at most the newest thousand, and none of the last
    /// two seconds, in which another node may still be writing.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn since(&self, last: &str, now: Timestamp) -> Result<Vec<Entry>, Unavailable> {
        let settled = Self::start(now);
        let mut after = settled.clone();
        let mut found = Vec::new();
        loop {
            let page = self.newest(Some(&after), PAGE, now)?;
            let is_last = page.len() < PAGE;
            let fresh: Vec<_> = page.into_iter().take_while(|entry| entry.id.as_str() < last).collect();
            let is_over = fresh.len() < PAGE || is_last;
            found.extend(fresh);
            match found.last() {
                Some(entry) if !is_over && found.len() < MOST => after.clone_from(&entry.id),
                _ => break,
            }
        }
        found.reverse();
        Ok(found)
    }

    /// The place at which somebody begins who wants to be told what happens from `now` on.
    pub fn start(now: Timestamp) -> String {
        format!("{:010x}", END.saturating_sub(now.minus(SETTLED).unix()))
    }
}
