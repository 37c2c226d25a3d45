//! The page of a request: for the browser that opened it first, and no other.

use super::{
    Frame,
    visit::{self, Browser},
    words::{self, View},
};
use crate::{
    asked::{Asked, Matching, Mode},
    call::Call,
    feed::Feed,
    problem::unavailable,
    record::RequestRecord,
};
use http::{Method, Response, StatusCode};
use serde_json::Value;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_dcql::Wanted;
use sinpyo_state::{CommitError, Unavailable};
use sinpyo_web::{
    answer::{empty, see_other},
    component::{
        FormBox, Step, Tone, Weight, actions, button, card, details, facts, heading, link_button, live,
        notice, number_match, plain_card, qr_card, steps,
    },
    href::Href,
    html::{Attr, Flag, Html, Tag, el},
    lang::Lang,
    problem::Refusal,
    qr::qr,
};

/// What a page is made of.
struct Sheet<'s> {
    asked: &'s Asked,
    record: &'s RequestRecord,
    /// The path of the page.
    path: String,
    token: String,
    lang: Lang,
}

/// Shows how far the request is.
pub(super) fn show(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (page, id) = visit::of_path(call, &desk)?;
    // Whoever only asks what is there, or reads ahead, has not opened the page.
    if call.request.method() == Method::HEAD || call.request.headers().contains_key("sec-purpose") {
        return Ok(empty(StatusCode::NO_CONTENT)); // [VSV-10]
    }
    let browser = Browser::of(call, entropy);
    let mut record = visit::owned(&desk, &id, &browser, entropy)?;
    let now = call.world.now;
    let is_open = now.unix() < record.expires;
    let mut progress = desk.progress(&id, &record)?;
    if View::of(&progress, is_open) == View::Renew {
        if let Some(renewed) = desk.rotate(&id, entropy)? {
            record = renewed;
        }
        progress = desk.progress(&id, &record)?;
    }
    let view = View::of(&progress, is_open);
    let asked = desk.kept(&record)?;
    let sheet = Sheet {
        asked: &asked,
        record: &record,
        path: format!("/{}/r/{}", tenant.id, page.expose()),
        token: call.service.forms.token(&browser.session),
        lang: call.lang(),
    };
    let rule = progress.end.as_ref().and_then(|end| end.rule.as_deref());
    let main = sheet.main(view, rule).ok_or_else(|| unavailable(Unavailable))?;
    let frame = Frame { scripts: &["live.js", "digital.js"], ..Frame::of(&tenant, words::ASK, main) };
    Ok(browser.told(call, frame.answer(call, StatusCode::OK)))
}

/// Tells the page how far the request is.
pub(super) fn events(call: &Call<'_>) -> Result<Feed, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (page, id) = visit::of_path(call, &desk)?;
    visit::still_owned(call, &desk, &id)?;
    Ok(Feed::of_page(call, tenant.id.clone(), id, &page))
}

/// Goes over from the browser's wallet to a QR code.
pub(super) fn switch(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (page, id) = visit::of_path(call, &desk)?;
    let browser = Browser::of(call, entropy);
    visit::form(call, &browser.session)?;
    let record = visit::still_owned(call, &desk, &id)?;
    let path = format!("/{}/r/{}", tenant.id, page.expose());
    if record.mode == Mode::DcApi {
        let asked = desk.kept(&record)?;
        let life = Timestamp::from_unix(record.expires).map_or(0, |ends| ends.unix() - call.world.now.unix());
        let life = std::time::Duration::from_secs(u64::try_from(life).unwrap_or(0));
        let order = (&asked, Mode::CrossDevice);
        let (transaction, link) = desk.open(&id, order, life, entropy)?;
        let (mut record, version) = desk.request(&id)?;
        (record.mode, record.transaction, record.link) = (Mode::CrossDevice, transaction, link);
        match desk.replace(&desk.records(), &id, (&record, version), entropy)? {
            // Somebody pressed twice: what came first is what the page shows.
            Ok(()) | Err(CommitError::Conflict { .. }) => {}
            Err(_) => return Err(unavailable(Unavailable)),
        }
    }
    see_other(&path).map_err(|error| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error))
}

/// Sends the browser back to where it came from.
pub(super) fn back(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (_, id) = visit::of_path(call, &desk)?;
    let record = visit::still_owned(call, &desk, &id)?;
    let address = desk.kept(&record)?.return_to;
    let address = address.ok_or_else(|| crate::problem::absent("VSV-04", "the request has no way back"))?;
    super::confirm::to(&address, &[("request", id.as_str())])
}

impl Sheet<'_> {
    /// The page; none if a text of it cannot be shown, which the order has ruled out.
    fn main(&self, view: View, rule: Option<&str>) -> Option<Html> {
        let lang = self.lang;
        let body = match view {
            View::Ask | View::Renew => self.ask()?,
            View::Busy | View::Returning => Html::from(plain_card(self.live(view)?)),
            View::Number(number) => {
                let number = number_match(lang, &format!("{number:02}"));
                plain_card(Html::from(number).and(self.live(view)?)).into()
            }
            View::Accepted => plain_card(
                Html::from(notice(Tone::Good, words::DONE.of(lang)))
                    .and(self.way_back(words::GO_ON.of(lang))),
            )
            .into(),
            View::Declined => self.declined(),
            View::Refused => plain_card(
                Html::from(notice(Tone::Bad, words::refused(rule).of(lang)))
                    .and(self.way_back(words::BACK.of(lang))),
            )
            .into(),
            View::Expired => plain_card(
                Html::from(notice(Tone::Wait, words::EXPIRED.of(lang)))
                    .and(self.way_back(words::BACK.of(lang))),
            )
            .into(),
        };
        let lead = match &self.asked.purpose {
            Some(purpose) => Html::foreign(lang.of(purpose)),
            None => Html::new(),
        };
        let title = match view {
            View::Ask | View::Renew | View::Busy => words::ASK,
            other => other.told(),
        };
        Some(
            Html::from(steps(&self.steps(view)))
                .and(heading(title.of(lang), lead))
                .and(body)
                .and(self.what(view)),
        )
    }

    fn steps(&self, view: View) -> Vec<Step<'static>> {
        let lang = self.lang;
        let at = match view {
            View::Ask | View::Renew => 0,
            View::Busy => 1,
            View::Number(_) | View::Returning => 2,
            View::Accepted => 4,
            View::Declined | View::Refused | View::Expired => 3,
        };
        let has_number = self.record.mode == Mode::CrossDevice
            && self.asked.matching == Matching::Number
            && !matches!(view, View::Declined | View::Refused | View::Expired);
        let names = [
            (0, Some(words::FIRST_SCAN)),
            (1, Some(words::STEP_WALLET)),
            (2, has_number.then_some(words::STEP_NUMBER)),
            (3, Some(words::STEP_DONE)),
        ];
        let step = |(place, name): (i32, Option<sinpyo_web::lang::Say>)| {
            let name = name?.of(lang);
            Some(match place.cmp(&at) {
                std::cmp::Ordering::Less => Step::Done(name),
                std::cmp::Ordering::Equal => Step::Now(name),
                std::cmp::Ordering::Greater => Step::Later(name),
            })
        };
        names.into_iter().filter_map(step).collect()
    }

    fn live(&self, view: View) -> Option<Html> {
        let (shown, lang) = (view.name(), self.lang.tag());
        let events = Href::local(&format!("{}/events?shown={shown}&lang={lang}", self.path)).ok()?;
        Some(live(self.lang, &events, view.told().of(self.lang)).into())
    }

    /// What the wallet is asked by.
    fn ask(&self) -> Option<Html> {
        let lang = self.lang;
        let live = self.live(View::Ask)?;
        Some(match self.record.mode {
            Mode::CrossDevice => {
                let link = Href::wallet(&self.record.link).ok()?;
                let open = Some((&link, words::OPEN.of(lang)));
                let scan = match qr(&self.record.link, words::QR.of(lang)) {
                    Ok(image) => Html::from(qr_card(image, words::SCAN.of(lang), open)),
                    // An unsigned request stands in its link as a whole, and some are too long to scan.
                    Err(_) => actions(link_button(Weight::Primary, &link, words::OPEN.of(lang))).into(),
                };
                plain_card(scan.and(live)).into()
            }
            Mode::SameDevice => {
                let link = Href::wallet(&self.record.link).ok()?;
                let open = actions(link_button(Weight::Primary, &link, words::OPEN.of(lang)));
                plain_card(Html::from(el(Tag::P).with(words::ON_DEVICE.of(lang))).and(open).and(live)).into()
            }
            Mode::DcApi => {
                let button = button(Weight::Primary, words::DIGITAL.of(lang)).attr(Attr::TYPE, "button");
                let told = el(Tag::P).attr(Attr::ROLE, "status").attr(Attr::ARIA_LIVE, "polite");
                let place = el(Tag::DIV)
                    .data("digital", &self.record.link)
                    .data("action", &format!("{}/digital", self.path))
                    .data("absent", words::DIGITAL_ABSENT.of(lang))
                    .data("waiting", View::Ask.told().of(lang))
                    .data("failed", words::DIGITAL_FAILED.of(lang))
                    .with(actions(button.flag_if(Flag::Hidden, true)))
                    .with(told);
                let action = Href::local(&format!("{}/switch", self.path)).ok()?;
                let by_qr = FormBox {
                    action: &action,
                    token: &self.token,
                    fields: Html::new(),
                    submit: words::BY_QR.of(lang),
                    weight: Weight::Secondary,
                    beside: Html::new(),
                };
                plain_card(Html::from(place).and(by_qr).and(live)).into()
            }
        })
    }

    fn declined(&self) -> Html {
        let lang = self.lang;
        let ways: Html = words::NO_CREDENTIAL.iter().map(|way| el(Tag::LI).with(way.of(lang))).collect();
        let told = notice(Tone::Wait, words::NOTHING_SENT.of(lang));
        let body = Html::from(told).and(el(Tag::UL).with(ways)).and(self.way_back(words::BACK.of(lang)));
        plain_card(body).into()
    }

    /// A way back, if the order names one.
    fn way_back(&self, label: &str) -> Option<Html> {
        self.asked.return_to.as_ref()?;
        let back = Href::local(&format!("{}/back", self.path)).ok()?;
        Some(actions(link_button(Weight::Primary, &back, label)).into())
    }

    /// What the order calls a type or a claim, in the reader's language.
    fn label<'l>(&'l self, own: &'l str) -> &'l str {
        self.asked.labels.get(own).map_or(own, |label| self.lang.of(label))
    }

    /// What is asked for, as far as the query says it.
    fn what(&self, view: View) -> Html {
        let lang = self.lang;
        let asked = self.asked.query.credentials().iter().map(|one| {
            let kind = match &one.wanted {
                Wanted::SdJwtVc { types } => types.iter().map(|kind| short(kind)).collect::<Vec<_>>(),
                Wanted::Mdoc { doctype } => vec![doctype.as_str()],
                Wanted::JwtVc { types } | Wanted::LdpVc { types } => {
                    types.iter().flatten().map(|kind| short(kind)).collect()
                }
                Wanted::Unknown { format, .. } => vec![format.as_str()],
            };
            let kind: Vec<&str> = kind.into_iter().map(|kind| self.label(kind)).collect();
            let claims: Vec<String> =
                one.claims.iter().map(|claim| self.label(&last(&claim.path.to_json())).to_owned()).collect();
            let claims = if claims.is_empty() { words::WHOLE.of(lang).to_owned() } else { claims.join(", ") };
            (Html::foreign(&kind.join(", ")), Html::foreign(&claims))
        });
        let kept = self.asked.evidence.map(|life| {
            let days = (life.as_secs() / 86_400).to_string();
            el(Tag::P).class("faint").with(words::with(words::RETENTION, lang, &days))
        });
        let list = Html::from(facts(asked.collect::<Vec<_>>())).and(kept);
        match view {
            View::Ask | View::Renew | View::Busy | View::Declined => card(words::WHAT.of(lang), list).into(),
            _ => details(words::WHAT.of(lang), list).into(),
        }
    }
}

/// The last part of a type's name: all of it that a person can read.
fn short(kind: &str) -> &str {
    kind.rsplit(['/', ':', '#']).find(|part| !part.is_empty()).unwrap_or(kind)
}

/// The name of a claim: the last name of its path.
fn last(path: &Value) -> String {
    let parts = path.as_array().map(Vec::as_slice).unwrap_or_default();
    parts.iter().rev().find_map(Value::as_str).unwrap_or_default().to_owned()
}
