//! What is still to be told.

use super::{
    Notice, Webhooks,
    hook::{HookUrl, SIGNATURE},
};
use crate::answer::header_value;
use http::{Method, Request, header};
use serde_json::{Map, Value, json};
use sinpyo_core::{encoding::to_base64url, json::parse_object, key::Entropy, time::Timestamp};
use sinpyo_state::{Key, OwnedChange, Space, Unavailable, Version};
use std::time::Duration;

const QUEUE: Space = Space::new("web.notice");
const DEAD: Space = Space::new("web.notice.dead");
/// How long a node has a notice for itself once it has taken it.
const TAKEN: Duration = Duration::from_mins(1);
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// How long is tried, and how long the dead are shown.
const TRIED: Duration = Duration::from_hours(24);
const SHOWN: Duration = Duration::from_hours(24 * 30);

/// A notice that this node has taken and now sends. Whoever does not settle it leaves it to another, a minute later.
#[derive(Debug)]
#[must_use]
pub struct Delivery {
    /// What to send.
    pub request: Request<Vec<u8>>,
    key: Key,
    notice: Waiting,
}

/// How sending went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The server answered with 2xx.
    Taken,
    /// It did not, or was not reached.
    Failed,
}

/// A notice that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Which server was to be told.
    pub hook: String,
    /// What happened.
    pub event: String,
    /// To what.
    pub id: String,
    /// When.
    pub at: Timestamp,
}

/// A notice for one server, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    owner: String,
    hook: String,
    event: String,
    id: String,
    at: Timestamp,
    failures: u32,
}

impl Webhooks<'_> {
    /// The changes that tell the servers of `owner` of `notice`: to be committed with what it tells of.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn announce(
        &self,
        owner: &str,
        notice: &Notice<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let hooks = self.list(owner, notice.at)?;
        let waiting = |hook: super::Hook| Waiting {
            owner: owner.to_owned(),
            hook: hook.id,
            event: notice.event.to_owned(),
            id: notice.id.to_owned(),
            at: notice.at,
            failures: 0,
        };
        Ok(hooks.into_iter().map(|hook| waiting(hook).queued(notice.at, entropy)).collect())
    }

    /// Takes at most `limit` notices that are due.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn due(
        &self,
        limit: usize,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<Delivery>, Unavailable> {
        let mut taken = Vec::new();
        for (key, record) in self.state.page(QUEUE, None, limit, now)? {
            if !is_due(&key, now) {
                break;
            }
            let remove = OwnedChange::remove(key, record.version);
            let Some(notice) = Waiting::read(&record.data) else {
                let _another_node_was_first = self.state.commit_owned(&[remove]);
                continue;
            };
            let Some(hook) = self.kept(&notice.owner, &notice.hook, now)? else {
                let _another_node_was_first = self.state.commit_owned(&[remove]);
                continue;
            };
            let again = notice.queued(now.plus(TAKEN), entropy);
            let key = again_key(&again);
            // [HTTP-26]
            if self.state.commit_owned(&[remove, again]).is_ok() {
                let body = notice.body();
                let signature = hook.signature(&body, now);
                taken.extend(request(&hook.hook.url, body, &signature).map(|request| Delivery {
                    request,
                    key,
                    notice,
                }));
            }
        }
        Ok(taken)
    }

    /// Ends a delivery: it is done with, or due again later, or dead.
    ///
    /// # Errors
    /// The engine cannot answer. The notice will then be sent once more.
    pub fn settle(
        &self,
        delivery: Delivery,
        sent: Sent,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> Result<(), Unavailable> {
        let Delivery { key, mut notice, .. } = delivery;
        let mut changes = vec![OwnedChange::remove(key, Version(1))];
        if sent == Sent::Failed {
            let wait = Duration::from_secs(1 << notice.failures.min(12)).min(LONGEST_WAIT);
            notice.failures = notice.failures.saturating_add(1);
            changes.push(if now.plus(wait) < notice.at.plus(TRIED) {
                notice.queued(now.plus(wait), entropy)
            } else {
                notice.buried(now, entropy) // [HTTP-27]
            });
        }
        match self.state.commit_owned(&changes) {
            Err(sinpyo_state::CommitError::Unavailable(error)) => Err(error),
            // After more than a minute another node has taken it over.
            _ => Ok(()),
        }
    }

    /// At most `limit` notices of `owner` that were given up in the last month.
    ///
    /// # Errors
    /// The engine cannot answer.
    pub fn dead(&self, owner: &str, limit: usize, now: Timestamp) -> Result<Vec<Dead>, Unavailable> {
        let prefix = format!("{owner}.");
        let page = self.state.page(DEAD, Some(&prefix), limit, now)?;
        let ours = page.into_iter().take_while(|(key, _)| key.name().starts_with(&prefix));
        let dead =
            |notice: Waiting| Dead { hook: notice.hook, event: notice.event, id: notice.id, at: notice.at };
        Ok(ours.filter_map(|(_, record)| Waiting::read(&record.data)).map(dead).collect())
    }
}

impl Waiting {
    /// The change that keeps it until it is `due`.
    fn queued(&self, due: Timestamp, entropy: &mut dyn Entropy) -> OwnedChange {
        let name = format!("{:012}.{}", due.unix().max(0), random(entropy));
        OwnedChange::insert(Key::named(QUEUE, &name), self.to_json(), None)
    }

    fn buried(&self, now: Timestamp, entropy: &mut dyn Entropy) -> OwnedChange {
        let name = format!("{}.{}", self.owner, random(entropy));
        OwnedChange::insert(Key::named(DEAD, &name), self.to_json(), Some(now.plus(SHOWN)))
    }

    fn to_json(&self) -> String {
        let Self { owner, hook, event, id, at, failures } = self;
        json!({"owner": owner, "hook": hook, "event": event, "id": id, "at": at.unix(), "failures": failures})
            .to_string()
    }

    fn read(data: &[u8]) -> Option<Self> {
        let members: Map<String, Value> = parse_object(data).ok()?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            owner: text("owner")?,
            hook: text("hook")?,
            event: text("event")?,
            id: text("id")?,
            at: Timestamp::from_unix(members.get("at")?.as_i64()?)?,
            failures: u32::try_from(members.get("failures")?.as_u64()?).ok()?,
        })
    }

    /// What the server is told.
    fn body(&self) -> String {
        json!({"event": self.event, "id": self.id, "at": self.at.to_string()}).to_string() // [HTTP-25]
    }
}

fn request(url: &HookUrl, body: String, signature: &str) -> Option<Request<Vec<u8>>> {
    Request::builder()
        .method(Method::POST)
        .uri(url.as_str())
        .header(header::CONTENT_TYPE, "application/json")
        .header(SIGNATURE, header_value(signature).ok()?)
        .body(body.into_bytes())
        .ok()
}

fn random(entropy: &mut dyn Entropy) -> String {
    let mut random = [0; 12];
    entropy.fill(&mut random);
    to_base64url(&random)
}

fn is_due(key: &Key, now: Timestamp) -> bool {
    let due = key.name().split('.').next().and_then(|due| due.parse::<i64>().ok());
    due.is_none_or(|due| due <= now.unix())
}

fn again_key(change: &OwnedChange) -> Key {
    sinpyo_state::Change::from(change).key().clone()
}
