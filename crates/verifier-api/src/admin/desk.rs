//! Requests, and how they ended.

use super::page;
use crate::{asked::Mode, call::Call, outcome::of_path, problem::unavailable, record::RequestId};
use http::Response;
use serde_json::Value;
use sinpyo_core::time::Timestamp;
use sinpyo_web::{
    component::{Column, Tone, Weight, actions, badge, facts, heading, link_button, plain_card, table, time},
    form::percent_encoded,
    href::Href,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
};

const TITLE: Say = say("요청", "Requests");
const ONE: Say = say("요청 하나", "One request");
const OLDER: Say = say("이전 요청", "Older requests");
const PAGE: usize = 50;

pub(super) fn list(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let lang = call.lang();
    let after: Option<RequestId> = call.query()?.text("after").and_then(|after| after.parse().ok());
    let found = desk.records().newest(after.as_ref(), PAGE, call.world.now).map_err(unavailable)?;
    let columns = [
        Column::Head(say("요청", "Request").of(lang)),
        Column::Plain(say("상태", "State").of(lang)),
        Column::Plain(say("거부한 규칙", "Rule that refused").of(lang)),
        Column::Plain(say("방식", "Way").of(lang)),
        Column::Plain(say("시작", "Begun").of(lang)),
    ];
    let mut rows = Vec::new();
    for (id, record) in &found {
        let members = desk.describe(id, record)?;
        let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let (tone, word) = state(text("state"), lang);
        let link = Href::local(&format!("/admin/{}/requests/{id}", tenant.id)).ok();
        let short = el(Tag::CODE).with(id.as_str().get(34..).unwrap_or_default());
        let name: Html = match link {
            Some(link) => el(Tag::A).href(&link).with(short).into(),
            None => short.into(),
        };
        rows.push(vec![
            name,
            badge(tone, word).into(),
            el(Tag::CODE).with(text("rule")).into(),
            mode(record.mode).of(lang).into(),
            Timestamp::from_unix(record.since).map(|at| time(at, lang)).into(),
        ]);
    }
    let is_full = found.len() == PAGE;
    let older = found.last().filter(|_| is_full).and_then(|(id, _)| {
        let path = format!("/admin/{}?after={}", tenant.id, percent_encoded(id.as_str()));
        let href = Href::local(&path).ok()?;
        Some(actions(link_button(Weight::Secondary, &href, OLDER.of(lang))))
    });
    let main = Html::from(heading(TITLE.of(lang), ""))
        .and(plain_card(table(TITLE.of(lang), &columns, rows)))
        .and(older);
    page(call, TITLE, Some(&tenant), main)
}

pub(super) fn one(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let lang = call.lang();
    let (id, record) = of_path(call, &desk)?;
    let members = desk.describe(&id, &record)?;
    let mut rows: Vec<(&'static str, Html)> = Vec::new();
    let mut put = |name: Say, value: Option<&Value>| {
        if let Some(text) = value.and_then(Value::as_str) {
            rows.push((name.of(lang), Html::foreign(text)));
        }
    };
    put(say("요청", "Request"), members.get("id"));
    put(say("서비스", "Service"), members.get("service"));
    put(say("시작", "Begun"), members.get("created_at"));
    put(say("만료", "Expires"), members.get("expires_at"));
    put(say("종료", "Ended"), members.get("ended_at"));
    put(say("거부한 규칙", "Rule that refused"), members.get("rule"));
    if let Some(rule) = members.get("rule").and_then(Value::as_str)
        && let Some(text) = (call.service.settings.catalogue)(rule)
    {
        rows.push((say("규칙의 뜻", "What the rule says").of(lang), say(text.ko, text.en).of(lang).into()));
    }
    let dropped = members.get("dropped").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for one in dropped {
        let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
        let told = format!("{}: {}", text("query"), text("rule"));
        rows.push((say("제외한 제시", "Left out").of(lang), Html::foreign(&told)));
    }
    rows.push((say("방식", "Way").of(lang), mode(record.mode).of(lang).into()));
    let word = members.get("state").and_then(Value::as_str).unwrap_or_default();
    let (tone, word) = state(word, lang);
    let main = Html::from(heading(ONE.of(lang), badge(tone, word))).and(plain_card(facts(rows)));
    page(call, ONE, Some(&tenant), main)
}

const fn mode(mode: Mode) -> Say {
    match mode {
        Mode::CrossDevice => say("QR 코드", "QR code"),
        Mode::SameDevice => say("같은 기기", "Same device"),
        Mode::DcApi => say("브라우저의 지갑", "Browser's wallet"),
    }
}

fn state(word: &str, lang: Lang) -> (Tone, &'static str) {
    let (tone, text) = match word {
        "waiting" => (Tone::Wait, say("대기", "Waiting")),
        "fetched" => (Tone::Wait, say("지갑이 받음", "Fetched")),
        "answered" => (Tone::Wait, say("확인 대기", "Answered")),
        "accepted" => (Tone::Good, say("승인", "Accepted")),
        "refused" => (Tone::Bad, say("거부", "Refused")),
        "declined" => (Tone::Plain, say("제시 안 함", "Declined")),
        _ => (Tone::Plain, say("만료", "Expired")),
    };
    (tone, text.of(lang))
}
