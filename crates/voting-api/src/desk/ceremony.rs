//! The key ceremony as the host sees it.

use super::{office, push};
use crate::{call::Call, page::roster};
use sinpyo_ballot::ceremony::Phase;
use sinpyo_registry::engine::LogEngine;
use sinpyo_voting::{election::KeyCeremony, manifest::Manifest};
use sinpyo_web::{
    account::LoggedIn,
    component::{Weight, details},
    html::{Html, Tag, el},
    lang::{Say, say},
    problem::Refusal,
};
use std::sync::Arc;

/// What the trustees' programs are doing, and how to go on without those that do nothing.
pub(super) fn next(
    call: &Call<'_>,
    who: &LoggedIn,
    (log, manifest): (&dyn LogEngine, Option<&Arc<Manifest>>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let told = say(
        "수탁자들의 프로그램이 함께 열쇠를 만들고 있습니다. 모두 마치면 저절로 다음으로 넘어갑니다.",
        "The trustees' programs are making the key together. When all are done it goes on by itself.",
    );
    let (ceremony, told) = (roster::ceremony(call, log)?, Html::from(el(Tag::P).with(told.of(lang))));
    let (Some(ceremony), Some(manifest)) = (ceremony, manifest) else { return Ok(told) };
    let waiting: Vec<String> =
        ceremony.seen().waiting_for().map(|trustee| roster::name(manifest, trustee, lang)).collect();
    let waiting = if waiting.is_empty() { "–".to_owned() } else { waiting.join(", ") };
    let waiting = Html::from(say("기다리는 수탁자: ", "Waiting for: ").of(lang)).and(Html::foreign(&waiting));
    Ok(told.and(el(Tag::P).with(waiting)).and(go_on(call, who, &ceremony)?))
}

fn go_on(call: &Call<'_>, who: &LoggedIn, ceremony: &KeyCeremony) -> Result<Html, Refusal> {
    let step = |name: &str, label: Say, weight: Weight| {
        push(call, who, (&format!("{}/step/{name}", office(call)), Html::new()), (label, weight))
    };
    let end = || step("done", say("열쇠 만들기 마치기", "End the key ceremony"), Weight::Primary);
    Ok(match ceremony.seen().phase() {
        Phase::Commit => step(
            "next-reveal",
            say("기다리지 않고 공개 단계로", "Go on to reveal without the others"),
            Weight::Secondary,
        )?,
        Phase::Reveal => step(
            "next-shares",
            say("기다리지 않고 나눔 단계로", "Go on to shares without the others"),
            Weight::Secondary,
        )?,
        Phase::Shares => step(
            "next-complaints",
            say("기다리지 않고 이의 단계로", "Go on to complaints without the others"),
            Weight::Secondary,
        )?,
        Phase::Complaints => end()?.and(details(
            say("이의가 있을 때", "If there are complaints").of(call.lang()),
            step("next-answers", say("답변 단계로", "Go on to answers"), Weight::Secondary)?,
        )),
        Phase::Answers => end()?,
    })
}
