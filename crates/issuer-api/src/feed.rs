//! Streams of events.

use crate::{
    core::Core,
    offer::{self, Stage},
};
use http::Response;
use serde_json::json;
use sinpyo_core::time::Timestamp;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    audit::Log,
    event::{self, Event},
    lang::{Lang, Say, say},
};
use std::{sync::Arc, time::Duration};

/// How long one connection is kept; its reader comes again by itself.
const LIFE: Duration = Duration::from_mins(10);

/// A stream of events for one reader.
#[derive(Debug)]
pub struct Feed {
    core: Arc<Core>,
    tenant: String,
    until: Timestamp,
    about: About,
}

#[derive(Debug)]
enum About {
    /// What happens at a tenant, from this place of its log on.
    Log { last: String },
    /// How far the offer of a page is.
    Offer { page: String, lang: Lang, told: Option<&'static str> },
}

impl Feed {
    /// How often [`Feed::next`] is called.
    pub const EVERY: Duration = Duration::from_secs(1);

    pub(crate) fn of_log(core: &Arc<Core>, tenant: &str, last: Option<&str>, now: Timestamp) -> Self {
        let last = last.map_or_else(|| Log::start(now), str::to_owned);
        Self {
            core: Arc::clone(core),
            tenant: tenant.to_owned(),
            until: now.plus(LIFE),
            about: About::Log { last },
        }
    }

    pub(crate) fn of_offer(
        core: &Arc<Core>,
        (tenant, page): (&str, &str),
        lang: Lang,
        now: Timestamp,
    ) -> Self {
        let about = About::Offer { page: page.to_owned(), lang, told: None };
        Self { core: Arc::clone(core), tenant: tenant.to_owned(), until: now.plus(LIFE), about }
    }

    /// The head of the response.
    pub fn head(&self) -> Response<()> {
        event::stream()
    }

    /// What there is to be sent now, maybe nothing; none if the stream is over.
    ///
    /// # Errors
    /// The state cannot answer. The reader comes again.
    pub fn next(&mut self, now: Timestamp) -> Result<Option<Vec<u8>>, Unavailable> {
        if now >= self.until {
            return Ok(None);
        }
        let mut frames = Vec::new();
        match &mut self.about {
            About::Log { last } => {
                let log = Log { state: &*self.core.state, owner: &self.tenant };
                for entry in log.since(last, now)? {
                    frames.extend_from_slice(format!("id: {}\n", entry.id).as_bytes());
                    Event { name: "event", id: None, data: &entry.line }.write(&mut frames);
                    *last = entry.id;
                }
            }
            About::Offer { page, lang, told } => {
                let found = offer::of_page(&self.core, &self.tenant, page, now)?;
                let stage = match found {
                    Some((_, offer)) => offer.stage(&self.core, &self.tenant, now)?,
                    None => Stage::Withdrawn,
                };
                if *told != Some(stage.name()) {
                    let (state, text) = words(stage);
                    let data = json!({ "state": state, "text": text.of(*lang) }).to_string();
                    Event { name: "state", id: None, data: &data }.write(&mut frames);
                    *told = Some(stage.name());
                }
            }
        }
        Ok(Some(frames))
    }
}

/// What a page says about an offer, and in which style.
pub(crate) const fn words(stage: Stage) -> (&'static str, Say) {
    match stage {
        Stage::Open => ("waiting", say("지갑을 기다리고 있습니다.", "Waiting for your wallet.")),
        Stage::Waiting => (
            "waiting",
            say(
                "기관에서 확인하는 중입니다. 지갑으로 미리 받아 두면 확인이 끝나는 대로 담깁니다.",
                "The institution is still checking. Accept it in your wallet now; it arrives when they are done.",
            ),
        ),
        Stage::Issued => ("done", say("자격증명을 지갑에 담았습니다.", "The credential is in your wallet.")),
        Stage::Withdrawn => ("failed", say("취소된 발급 안내입니다.", "This offer was withdrawn.")),
        Stage::Expired => (
            "failed",
            say(
                "사용할 수 있는 시간이 지났습니다. 기관에 새로 요청해 주세요.",
                "This offer has expired. Please ask the institution for a new one.",
            ),
        ),
    }
}
