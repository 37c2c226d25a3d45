//! Streams of events.

use crate::{
    Reply,
    core::Core,
    offer::{self, Stage},
    streams::{Seat, Share},
};
use http::Response;
use serde_json::json;
use sinpyo_core::time::Timestamp;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    audit::Log,
    event::{self, Event},
    lang::{Lang, Say, say},
    limit::Caller,
};
use std::{net::IpAddr, sync::Arc, time::Duration};

/// How long one connection is kept; its reader comes again by itself.
const LIFE: Duration = Duration::from_mins(10);
/// After how many milliseconds a page asks again that there was no room for: it reloads the state instead of following it.
const AGAIN: &str = "retry: 10000\n\n";

/// A stream of events for one reader.
#[derive(Debug)]
pub struct Feed {
    core: Arc<Core>,
    tenant: String,
    until: Timestamp,
    about: About,
    /// None if it is read once.
    seat: Option<Seat>,
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

    /// None if the client follows as much as it may.
    pub(crate) fn of_log(
        core: &Arc<Core>,
        (tenant, client): (&str, &str),
        last: Option<&str>,
        now: Timestamp,
    ) -> Option<Self> {
        let seat = core.streams.seat(vec![Share::Client(client.to_owned())])?;
        let last = last.map_or_else(|| Log::start(now), str::to_owned);
        Some(Self::new(core, tenant, About::Log { last }, now).at(seat))
    }

    /// How far an offer is, for `peer` who has its page: followed, or told once if too many follow.
    pub(crate) fn of_offer(
        core: &Arc<Core>,
        (tenant, page): (&str, &str),
        (lang, peer): (Lang, IpAddr),
        now: Timestamp,
    ) -> Result<Reply, Unavailable> {
        let about = About::Offer { page: page.to_owned(), lang, told: None };
        let mut feed = Self::new(core, tenant, about, now);
        let page = Share::Page(format!("{tenant}/{page}"));
        if let Some(seat) = core.streams.seat(vec![Share::Pages, page, Share::Peer(Caller::from(peer))]) {
            return Ok(Reply::Feed(feed.at(seat)));
        }
        let mut body = AGAIN.as_bytes().to_vec();
        body.extend(feed.next(now)?.unwrap_or_default());
        Ok(feed.head().map(|()| body).into()) // [ISV-21]
    }

    fn new(core: &Arc<Core>, tenant: &str, about: About, now: Timestamp) -> Self {
        let (core, tenant) = (Arc::clone(core), tenant.to_owned());
        Self { core, tenant, until: now.plus(LIFE), about, seat: None }
    }

    fn at(self, seat: Seat) -> Self {
        Self { seat: Some(seat), ..self }
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
            // Others need not wait until this one is put away.
            drop(self.seat.take());
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
                    // What is over has another page.
                    let next = (state != "waiting")
                        .then(|| format!("/{}/offer/{page}?lang={}", self.tenant, lang.tag()));
                    let data = json!({ "state": state, "text": text.of(*lang), "next": next }).to_string();
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
