//! What is told as it happens.

use crate::{
    call::Call,
    desk::Desk,
    page::words::View,
    record::{PageSecret, RequestId},
    service::Service,
    tenant::{Tenant, TenantId},
    world::{Facts, Wanted, World},
};
use serde_json::json;
use sinpyo_core::time::Timestamp;
use sinpyo_state::{State, Unavailable};
use sinpyo_verifier::Known;
use sinpyo_web::{
    audit::Log,
    event::Event,
    form::Fields,
    lang::{CHOICE, Lang},
};
use std::time::Duration;

/// Longest life of a stream of what happens at a tenant: what admitted its reader may have ended.
const LIFE: Duration = Duration::from_mins(10);

/// A stream of events, and how far it was told.
#[derive(Debug)]
pub struct Feed(Source);

#[derive(Debug)]
enum Source {
    /// What happens at a tenant, from the line at this place on.
    Tenant { tenant: TenantId, last: String, ends: Timestamp },
    /// How far one request is, for the page that waits.
    Page { tenant: TenantId, id: RequestId, page: String, shown: String, lang: Lang, told: String },
}

/// What is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Poll {
    /// These frames, which may be none; ask again in a second.
    Frames(Vec<u8>),
    /// These, and then the stream ends.
    End(Vec<u8>),
}

impl Feed {
    /// What happens at `tenant` after the line at `last`; from now on, if there is none.
    pub(crate) fn of_tenant(tenant: TenantId, last: Option<&str>, now: Timestamp) -> Self {
        let plain = |id: &&str| id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic());
        let last = last.filter(plain).map_or_else(|| Log::start(now), str::to_owned);
        Self(Source::Tenant { tenant, last, ends: now.plus(LIFE) })
    }

    pub(crate) fn of_page(call: &Call<'_>, tenant: TenantId, id: RequestId, page: &PageSecret) -> Self {
        let page = format!("/{tenant}/r/{}", page.expose());
        let query = call.query().unwrap_or_else(|_| Fields::none());
        let shown = query.text("shown").unwrap_or_default().to_owned();
        Self(Source::Page { tenant, id, page, shown, lang: call.lang(), told: String::new() })
    }
}

/// Nothing: for looking at what is remembered.
#[derive(Debug)]
struct NoFacts;

impl Facts for NoFacts {
    fn known(&self, _: &Wanted) -> Option<Known> {
        None
    }
}

impl Service {
    /// What is new on `feed`.
    ///
    /// # Errors
    /// The memory cannot be reached.
    pub fn poll(&self, feed: &mut Feed, state: &dyn State, now: Timestamp) -> Result<Poll, Unavailable> {
        let world = World { state, facts: &NoFacts, now };
        let mut frames = Vec::new();
        match &mut feed.0 {
            Source::Tenant { tenant, last, ends } => {
                for entry in (Log { state, owner: tenant.as_str() }).since(last, now)? {
                    frames.extend_from_slice(format!("id: {}\n", entry.id).as_bytes());
                    Event { name: "state", id: None, data: &entry.line }.write(&mut frames);
                    *last = entry.id;
                }
                // Who goes on listening comes back with its token, which is looked at again.
                Ok(if now < *ends { Poll::Frames(frames) } else { Poll::End(frames) }) // [VSV-26]
            }
            Source::Page { tenant, id, page, shown, lang, told } => {
                let Some(tenant) = Tenant::find(tenant, state, now)? else { return Ok(Poll::End(frames)) };
                let desk = Desk { service: self, world: &world, tenant: &tenant };
                let Some((record, _)) = desk.records().request(id, now)? else {
                    return Ok(Poll::End(frames));
                };
                let progress = desk.progress(id, &record).map_err(|_| Unavailable)?;
                let view = View::of(&progress, now.unix() < record.expires);
                let is_over = view.name() != shown;
                let next = is_over.then(|| format!("{page}?{CHOICE}={}", lang.tag()));
                let data =
                    json!({"state": view.look(), "text": view.told().of(*lang), "next": next}).to_string();
                if *told != data {
                    Event { name: "state", id: None, data: &data }.write(&mut frames);
                    *told = data;
                }
                Ok(if is_over { Poll::End(frames) } else { Poll::Frames(frames) })
            }
        }
    }
}
