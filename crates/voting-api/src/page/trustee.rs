//! What a trustee does: the secrets live in a program of the trustee's own, and this page says how to run it.

use super::{Frame, phase_name};
use crate::{call::Call, manage::dossier, problem::absent, trustee::place};
use http::{Response, StatusCode};
use sinpyo_voting::{event::Kind, form::to_hex, phase::Phase};
use sinpyo_web::{
    component::{Tone, badge, card, code, facts, heading, notice},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
};

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (lang, election) = (call.lang(), call.election()?);
    let dossier = dossier(call)?;
    let at = place(&dossier, call.routed.part("invitation"));
    let at = at.ok_or_else(|| absent("VTS-41", "there is no such invitation"))?; // [VTS-41]
    let invited = dossier.trustees.get(at).ok_or_else(|| absent("VTS-41", "there is no such invitation"))?;
    let number = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
    let link = format!("{}/trustees/{}", call.service.address(&election), invited.secret);
    let command = format!("sinpyo vote trustee --serve --folder trustee-{number} --invitation {link}");
    let why = say(
        "개표 열쇠의 조각은 이 서버가 아니라 수탁자 자신의 컴퓨터에만 있어야 합니다. 그래서 작은 프로그램이 필요합니다. 아래 명령을 실행해 두면 할 일을 스스로 찾아 하고, 무엇을 했는지 알려 줍니다.",
        "Your part of the key must be on your own computer and never on this server. That takes a small program: run this command, and it finds what there is to do, does it, and tells you.",
    );
    let keep = say(
        "폴더를 지우거나 남에게 주지 마세요. 수탁자 여럿의 폴더가 사라지면 아무도 개표할 수 없고, 여럿의 폴더가 한 사람에게 모이면 표를 하나씩 열 수 있습니다.",
        "Do not delete the folder, and give it to nobody. If too many are lost nobody can count; if enough come together in one hand, single ballots can be opened.",
    );
    let state = match invited.keys {
        None => badge(Tone::Wait, say("초대를 기다리는 중", "Not accepted yet").of(lang)),
        Some(_) => badge(Tone::Good, say("수락함", "Accepted").of(lang)),
    };
    let title = say("수탁자", "Trustee").of(lang);
    let main = Html::from(heading(
        Html::foreign(invited.name.of(lang)),
        Html::foreign(dossier.draft.title.of(lang)),
    ))
    .and(el(Tag::P).with(state))
    .and(card(
        say("할 일", "What to do").of(lang),
        Html::from(el(Tag::P).with(why.of(lang))).and(code(lang, "trustee-command", &command)),
    ))
    .and(notice(Tone::Wait, keep.of(lang)))
    .and(done(call, number, lang)?);
    let frame = Frame { scripts: &["copy.js"], ..Frame::of(title, main) };
    let mut response = frame.answer(call, StatusCode::OK);
    // The address is a secret of the trustee's.
    response
        .headers_mut()
        .insert(http::header::REFERRER_POLICY, http::HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// What the log has of this trustee.
fn done(call: &Call<'_>, number: u32, lang: Lang) -> Result<Html, Refusal> {
    let election = call.election()?;
    let Some(log) = call.service.settings.logs.open(&election).map_err(crate::problem::unavailable)? else {
        return Ok(Html::new());
    };
    let kinds: [(Kind, Say); 5] = [
        (Kind::CeremonyCommit, say("열쇠 만들기: 약속", "Key ceremony: commitment")),
        (Kind::CeremonyReveal, say("열쇠 만들기: 공개", "Key ceremony: reveal")),
        (Kind::CeremonyShares, say("열쇠 만들기: 나눔", "Key ceremony: shares")),
        (Kind::Beacon, say("섞기 값 공개", "Beacon value")),
        (Kind::TallyShare, say("개표 조각", "Shares of the count")),
    ];
    let (phase, has): (Phase, Vec<bool>) = call.service.following.with(&election, &*log, |record| {
        let has = kinds.iter().map(|(kind, _)| record.senders(*kind).contains(&number)).collect();
        (record.phase(), has)
    })?;
    let line = |((_, name), has): (&(Kind, Say), &bool)| {
        let state = if *has {
            badge(Tone::Good, say("했음", "Done").of(lang))
        } else {
            badge(Tone::Plain, say("아직", "Not yet").of(lang))
        };
        (name.of(lang), Html::from(state))
    };
    let list = facts(kinds.iter().zip(&has).map(line));
    let title = format!("{} · {}", say("지금", "Now").of(lang), phase_name(phase).of(lang));
    let id = el(Tag::P).class("faint").with(to_hex(&election.0));
    Ok(card(title, Html::from(list).and(id)).into())
}
