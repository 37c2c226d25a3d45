//! The record of the result, for printing and signing.

use super::observe::Seen;
use super::result::Announced;
use super::{Frame, chart::grouped, observe, result, verdicts, words};
use crate::call::Call;
use http::{Response, StatusCode};
use sinpyo_voting::{form::to_hex, manifest::Manifest};
use sinpyo_web::{
    component::{Tone, card, facts, heading, notice, time},
    html::{Attr, Flag, Html, Tag, el},
    lang::{Lang, say},
    problem::Refusal,
};

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (seen, log) = observe::seen(call)?;
    let (lang, election) = (call.lang(), call.election()?);
    let announced = observe::announced_of(call, &*log)?;
    let title = say("선거록", "Record of the election").of(lang);
    let manifest = &seen.manifest;
    let head = log.checkpoint().map_err(|error| crate::problem::failed(&error))?;
    let head = head.map(|head| head.to_string()).unwrap_or_default();
    let named = summary(call, &seen, announced.as_ref())?;
    let outcome = match &announced {
        Some(announced) => result::tables(announced, manifest, lang),
        None => notice(
            Tone::Wait,
            say("아직 결과를 공고하지 않았습니다.", "No result has been announced yet.").of(lang),
        )
        .into(),
    };
    let withdrawn = observe::withdrawn(call, &*log, manifest)?;
    let print = el(Tag::BUTTON)
        .class("button primary")
        .attr(Attr::TYPE, "button")
        .data("print", "")
        .flag(Flag::Hidden)
        .with(say("인쇄", "Print").of(lang));
    let head_said = match lang {
        Lang::Ko => "이 기록의 서명된 머리입니다. 종이에 적힌 이 값과 공개 기록을 맞춰 볼 수 있습니다.",
        Lang::En => "The signed head of the record: the paper and the public record can be compared by it.",
    };
    let main = Html::from(heading(title, Html::foreign(words(&manifest.title, lang))))
        .and(el(Tag::P).class("actions").with(print))
        .and(card(say("개요", "Summary").of(lang), named))
        .and(card(say("결과", "Result").of(lang), outcome))
        .and(withdrawn)
        .and(card(say("검증", "Audit").of(lang), verdicts::show(call, &election)))
        .and(card(
            say("기록의 머리", "Head of the record").of(lang),
            Html::from(el(Tag::P).class("hint").with(head_said)).and(el(Tag::PRE).with(head)),
        ))
        .and(card(say("수탁자 서명", "Signatures of the trustees").of(lang), signatures(manifest, lang)));
    let frame = Frame { scripts: &["print.js"], ..Frame::of(title, main) };
    Ok(frame.answer(call, StatusCode::OK))
}

/// The numbers of the election.
fn summary(call: &Call<'_>, seen: &Seen, announced: Option<&Announced>) -> Result<Html, Refusal> {
    let (lang, election, manifest) = (call.lang(), call.election()?, &seen.manifest);
    let legal: u64 = manifest.districts.iter().map(|district| district.legal).sum();
    let registered: u64 = seen.districts.iter().map(|(registered, _)| registered).sum();
    let named = facts([
        (say("선거", "Election").of(lang), Html::foreign(words(&manifest.title, lang))),
        (say("식별자", "Identifier").of(lang), Html::from(to_hex(&election.0))),
        (
            say("기간", "From, to").of(lang),
            Html::from(time(manifest.opens, lang)).and(" – ").and(time(manifest.closes, lang)),
        ),
        (say("법정 명부", "Legal roll").of(lang), Html::from(grouped(legal))),
        (say("등록한 유권자", "Registered").of(lang), Html::from(grouped(registered))),
        (say("투표한 유권자", "Voted").of(lang), Html::from(grouped(seen.voters))),
        (say("받은 표", "Ballots taken").of(lang), Html::from(grouped(seen.ballots))),
        (say("거부한 표", "Ballots refused").of(lang), Html::from(grouped(seen.refused_count))),
        (
            say("결과 공고", "Announced").of(lang),
            announced.map(|announced| Html::from(time(announced.at, lang))).unwrap_or_default(),
        ),
    ]);
    Ok(named.into())
}

/// A line for the hand of each trustee.
fn signatures(manifest: &Manifest, lang: Lang) -> Html {
    let names: Html = manifest
        .trustees
        .iter()
        .map(|trustee| {
            el(Tag::LI).with(Html::foreign(words(&trustee.name, lang))).with(" ____________________")
        })
        .collect();
    el(Tag::OL).with(names).into()
}
