//! Whether a ballot is in the record.

use super::{Frame, local, observe, words};
use crate::{call::Call, record};
use http::{Response, StatusCode};
use sinpyo_ballot::ballot::TrackingCode;
use sinpyo_voting::form::to_hex;
use sinpyo_web::{
    component::{Tone, details, heading, notice, plain_card},
    html::{Html, Tag, el},
    lang::{Lang, say},
    problem::Refusal,
};

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (seen, log) = observe::seen(call)?;
    let (lang, election) = (call.lang(), call.election()?);
    let own = format!("/e/{}", to_hex(&election.0));
    let query = call.query()?;
    let typed = query.text("tracking").unwrap_or_default();
    let found = match TrackingCode::parse(typed) {
        None if typed.is_empty() => None,
        None => Some(
            notice(
                Tone::Bad,
                say("추적 코드는 글자 스무 개입니다.", "A tracking code has twenty characters.").of(lang),
            )
            .into(),
        ),
        Some(code) => Some(told(call, &election, &*log, &code)?),
    };
    let title = say("내 표 찾기", "Find a ballot").of(lang);
    let back = el(Tag::P)
        .with(el(Tag::A).href(&local(&own)?).with(say("← 선거로", "← Back to the election").of(lang)));
    let main = Html::from(heading(title, Html::foreign(words(&seen.manifest.title, lang))))
        .and(found)
        .and(plain_card(observe::finder(&own, lang)?))
        .and(back);
    Ok(Frame::of(title, main).answer(call, StatusCode::OK))
}

fn told(
    call: &Call<'_>,
    election: &sinpyo_ballot::generators::ElectionId,
    log: &dyn sinpyo_registry::engine::LogEngine,
    code: &TrackingCode,
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let index = match record::place(call, election, log, code.as_str()) {
        Ok(index) => index,
        Err(refusal) if refusal.status() == StatusCode::NOT_FOUND => {
            let none = say(
                "이 추적 코드의 표는 기록에 없습니다. 표를 냈는데도 없다면 지갑에서 다시 내거나 다른 중계 서버로 보내 보세요.",
                "No ballot in the record has this tracking code. If you did cast it, cast it again from your wallet, or by another relay.",
            );
            return Ok(notice(Tone::Bad, none.of(lang)).into());
        }
        Err(refusal) => return Err(refusal),
    };
    let head = match lang {
        Lang::Ko => format!("{code} – 기록의 {index}번 항목에 있습니다."),
        Lang::En => format!("{code} – it is entry {index} of the record."),
    };
    let content = match record::prove(log, index) {
        Ok(proof) => Html::from(el(Tag::P).with(head)).and(details(
            say("포함 증명 (tlog-proof)", "Proof of inclusion (tlog-proof)").of(lang),
            el(Tag::PRE).with(proof.to_string()),
        )),
        Err(_) => Html::from(el(Tag::P).with(head)).and(
            el(Tag::P).with(
                say(
                    "곧 서명된 기록 머리에 들어갑니다. 조금 뒤 다시 보세요.",
                    "The next signed head will commit to it. Look again in a moment.",
                )
                .of(lang),
            ),
        ),
    };
    Ok(notice(Tone::Good, content).into())
}
