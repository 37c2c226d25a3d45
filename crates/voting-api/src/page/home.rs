//! The elections that are here.

use super::{Frame, local, phase_name, words};
use crate::{call::Call, followed::Followed, problem::unavailable};
use http::{Response, StatusCode};
use sinpyo_voting::form::to_hex;
use sinpyo_web::{
    component::{Tone, badge, heading, plain_card, time},
    html::{Html, Tag, el},
    lang::say,
    problem::Refusal,
};

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let logs = &call.service.settings.logs;
    let mut list = Vec::new();
    for election in logs.list().map_err(unavailable)? {
        let Some(log) = logs.open(&election).map_err(unavailable)? else { continue };
        let found = call.service.following.with(&election, &*log, |record: &Followed| {
            let manifest = record.manifest.as_ref()?;
            Some((words(&manifest.title, lang).to_owned(), record.phase(), manifest.opens, manifest.closes))
        })?;
        let Some((title, phase, opens, closes)) = found else { continue };
        let link = local(&format!("/e/{}", to_hex(&election.0)))?;
        let item = plain_card(
            Html::from(el(Tag::H2).with(el(Tag::A).href(&link).with(Html::foreign(&title))))
                .and(el(Tag::P).with(badge(Tone::Plain, phase_name(phase).of(lang))))
                .and(el(Tag::P).class("faint").with(time(opens, lang)).with(" – ").with(time(closes, lang))),
        );
        list.push((std::cmp::Reverse(opens), item));
    }
    list.sort_by_key(|(opens, _)| *opens);
    let title = say("선거", "Elections").of(lang);
    let none = list.is_empty().then(|| {
        el(Tag::P)
            .class("faint")
            .with(say("아직 공고한 선거가 없습니다.", "No election has been called yet.").of(lang))
    });
    let items: Html = list.into_iter().map(|(_, item)| item).collect();
    let host =
        el(Tag::P).with(el(Tag::A).href(&local("/admin")?).with(say("선거 주관자", "For hosts").of(lang)));
    let main = Html::from(heading(title, "")).and(none).and(items).and(host);
    Ok(Frame::of(title, main).answer(call, StatusCode::OK))
}
