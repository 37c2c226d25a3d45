//! The roll: shown, searched, corrected until it is frozen.

pub(super) mod import;

use super::{form, local, noted, office, page, push, to, typed};
use crate::{
    call::Call,
    dossier::Dossier,
    followed::Followed,
    manage::dossier,
    page::QueryForm,
    problem::{absent, failed, unavailable},
    roll::Line,
};
use http::{Response, StatusCode};
use sinpyo_core::{claims::nfc, key::Entropy};
use sinpyo_registry::engine::EngineError;
use sinpyo_state::Unavailable;
use sinpyo_voting::{
    election::Election,
    event::{Body, Role, Strike},
    form::from_hex_array,
    phase::Phase,
};
use sinpyo_web::{
    account::LoggedIn,
    component::{Column, Tone, Weight, badge, card, details, heading, hidden, notice, plain_card, table},
    form::percent_encoded,
    html::{Attr, Html, Tag, el},
    lang::{Say, say},
    problem::Refusal,
};

/// Lines on one page.
const LINES: usize = 100;
const TITLE: Say = say("선거인 명부", "Roll");
/// Why a line is struck: the word in the record, and what it is called. [VTS-58]
const REASONS: [(&str, Say); 4] = [
    ("correction", say("정정", "Correction")),
    ("moved", say("전출", "Moved away")),
    ("not-entitled", say("선거권 없음", "Not entitled")),
    ("twice", say("두 번 올라 있음", "Entered twice")),
];

/// The roll, or what was uploaded and waits.
pub(super) fn show(call: &Call<'_>, who: &LoggedIn) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    if let Some(name) = call.query()?.text("upload") {
        return import::preview(call, who, &dossier, name);
    }
    let lang = call.lang();
    let is_frozen = is_frozen(call, &dossier)?;
    let lines = plain_card(lines(call, who, (&dossier, is_frozen))?);
    let title = heading(TITLE.of(lang), Html::foreign(dossier.draft.title.of(lang)));
    if is_frozen {
        let told =
            say("명부를 확정해서 이제 고칠 수 없습니다.", "The roll is frozen and does not change any more.");
        let main = Html::from(title).and(notice(Tone::Plain, told.of(lang))).and(lines);
        return page(call, TITLE.of(lang), main, &["roll.js"]);
    }
    let codes = (&*format!("{}/codes", office(call)), Html::new());
    let codes = push(
        call,
        who,
        codes,
        (say("코드가 없는 줄에 등록 코드 만들기", "Make codes for lines without one"), Weight::Primary),
    )?;
    let shown_once = notice(Tone::Wait, say(
        "등록 코드는 만든 직후 한 번만 보이며 저장하지 않습니다. 바로 인쇄해 나누어 주세요.",
        "Codes are shown once, just after they are made, and are not kept. Print and hand them out at once.",
    ).of(lang));
    let main = Html::from(title)
        .and(import::upload(call, who)?)
        .and(card(say("등록 코드", "Registration codes").of(lang), Html::from(shown_once).and(codes)))
        .and(lines);
    page(call, TITLE.of(lang), main, &["roll.js"])
}

/// Whether the roll of a called election changes no more.
fn is_frozen(call: &Call<'_>, dossier: &Dossier) -> Result<bool, Refusal> {
    if !dossier.settled {
        return Ok(false);
    }
    let (election, log) = call.log()?;
    let phase = call.service.following.with(&election, &*log, Followed::phase)?;
    Ok(phase >= Phase::Frozen)
}

/// The lines, or those that are searched for, a page at a time.
fn lines(call: &Call<'_>, who: &LoggedIn, (dossier, is_frozen): (&Dossier, bool)) -> Result<Html, Refusal> {
    let (lang, query) = (call.lang(), call.query()?);
    let here = format!("{}/roll", office(call));
    let after = query
        .parsed::<u32>("after")
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "HTTP-05", &"a parameter is no number"))?;
    let find = typed(&query, "find");
    let mut found = call.roll()?.found(&find, after.unwrap_or(0), LINES + 1).map_err(unavailable)?;
    let has_more = found.len() > LINES;
    found.truncate(LINES);
    let search = QueryForm {
        action: &local(&here)?,
        name: "find",
        label: say(
            "명부에서 찾기 (번호, 또는 표시의 일부)",
            "Find in the roll (a number, or a part of the label)",
        ),
        value: &find,
    };
    let columns = [
        Column::Number(say("번호", "No.").of(lang)),
        Column::Plain(say("선거구", "District").of(lang)),
        Column::Head(say("표시", "Label").of(lang)),
        Column::Plain(say("상태", "State").of(lang)),
        Column::Plain(say("할 일", "Actions").of(lang)),
    ];
    let row = |line| row(call, who, (dossier, is_frozen), line);
    let rows = found.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let is_empty = rows.is_empty() && !find.is_empty();
    let none = is_empty
        .then(|| el(Tag::P).with(say("찾는 줄이 명부에 없습니다.", "The roll has no such line.").of(lang)));
    let next = |line: &Line| {
        let asked = if find.is_empty() { String::new() } else { format!("&find={}", percent_encoded(&find)) };
        let next = local(&format!("{here}?after={}{asked}", line.number))?;
        Ok::<_, Refusal>(el(Tag::P).with(el(Tag::A).href(&next).with(say("다음 →", "Next →").of(lang))))
    };
    let more = found.last().filter(|_| has_more).map(next).transpose()?;
    let all = (!find.is_empty()).then_some(el(Tag::P)).map(|paragraph| {
        Ok::<_, Refusal>(
            paragraph
                .with(el(Tag::A).href(&local(&here)?).with(say("← 명부 전체", "← The whole roll").of(lang))),
        )
    });
    let caption = format!("{} · {}", TITLE.of(lang), dossier.lines);
    Ok(search.html(lang).and(table(&caption, &columns, rows)).and(none).and(more).and(all.transpose()?))
}

fn row(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, is_frozen): (&Dossier, bool),
    line: &Line,
) -> Result<Vec<Html>, Refusal> {
    let lang = call.lang();
    let district = dossier.draft.districts.get(line.district);
    let (tone, state) = match line {
        Line { struck: true, .. } => (Tone::Bad, say("삭제됨", "Struck")),
        Line { registered: true, .. } => (Tone::Good, say("등록함", "Registered")),
        Line { code: Some(_), .. } => (Tone::Wait, say("코드 발급", "Code given")),
        _ => (Tone::Plain, say("코드 없음", "No code")),
    };
    let number = || Html::from(hidden("line", &line.number.to_string()));
    let todo = if line.struck || is_frozen {
        Html::new()
    } else {
        let again = (&*format!("{}/codes/again", office(call)), number());
        let again = push(call, who, again, (say("새 코드", "New code"), Weight::Secondary))?;
        let label = say("사유", "Reason").of(lang);
        let option = |(word, told): &(&str, Say)| el(Tag::OPTION).attr(Attr::VALUE, word).with(told.of(lang));
        let reason = el(Tag::SELECT)
            .attr(Attr::NAME, "reason")
            .attr(Attr::ARIA_LABEL, label)
            .with(REASONS.iter().map(option).collect::<Html>());
        let public = say(
            "사유는 공개 기록에 영원히 남습니다. 이름은 남지 않습니다.",
            "The reason stands in the public record for ever; no name does.",
        );
        let hint = el(Tag::P).class("hint").with(public.of(lang));
        let strike = (&*format!("{}/roll/strike", office(call)), number().and(reason).and(hint));
        let strike = push(call, who, strike, (say("명부에서 빼기", "Strike"), Weight::Danger))?;
        again.and(details(say("정정", "Correct").of(lang), strike)).clone()
    };
    Ok(vec![
        line.number.to_string().into(),
        district.map(|district| Html::foreign(district.name.of(lang))).unwrap_or_default(),
        Html::foreign(&line.label),
        badge(tone, state.of(lang)).into(),
        todo,
    ])
}

/// Refuses changes of the roll after it was frozen.
pub(crate) fn expect_open_roll(call: &Call<'_>) -> Result<(), Refusal> {
    let Some(log) = call.service.settings.logs.open(&call.election()?).map_err(unavailable)? else {
        return Ok(());
    };
    let state = log.state().map_err(|error| failed(&error))?;
    let frozen = Election::new(&*state).phase().is_ok_and(|phase| phase > Phase::Registration);
    if frozen {
        return Err(Refusal::new(StatusCode::CONFLICT, "VTS-47", &"the roll is frozen")); // [VTS-47]
    }
    Ok(())
}

/// `POST …/roll/strike`.
pub(super) fn strike(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let line = form.parsed("line").ok().flatten().unwrap_or(0);
    let reason = typed(&form, "reason");
    let wrong =
        || Refusal::new(StatusCode::BAD_REQUEST, "VTS-58", &"a line is struck for one of a few reasons"); // [VTS-58]
    let (word, _) = REASONS.iter().find(|(word, _)| *word == reason).ok_or_else(wrong)?;
    strike_line(call, line, word, entropy)?;
    noted(call, who, "roll.struck", entropy)?;
    to(&format!("{}/roll", office(call)))
}

/// Whether a reason can stand in the public record: none can that has a part of the line's label, which may be a name.
fn is_fit_to_print(reason: &str, label: &str) -> bool {
    if REASONS.iter().any(|(word, _)| *word == reason) {
        return true;
    }
    let (reason, label) = (nfc(reason), nfc(label));
    // One character is a part of too many words.
    let part_of = |part: &str| part.chars().nth(1).is_some() && reason.contains(part);
    !reason.contains(&label) && !label.split_whitespace().any(part_of)
}

/// Strikes a line, in the log too if somebody registered for it.
pub(crate) fn strike_line(
    call: &Call<'_>,
    line: u32,
    reason: &str,
    entropy: &mut dyn Entropy,
) -> Result<(), Refusal> {
    expect_open_roll(call)?;
    let roll = call.roll()?;
    let none = || absent("VTS-48", "there is no such line, or it was struck"); // [VTS-48]
    let (told, _) = roll.line(line).map_err(unavailable)?.ok_or_else(none)?;
    if !is_fit_to_print(reason, &told.label) {
        let detail = "the reason stands in the public record for ever and has nothing of the line's label";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "VTS-58", &detail)); // [VTS-58]
    }
    let struck = roll.strike(line, entropy).map_err(unavailable)?;
    let is_struck_now = struck.is_some();
    let line = match struck {
        Some(line) => line,
        // Perhaps it was struck here, and the log was not reached: that is made good.
        None => roll.line(line).map_err(unavailable)?.ok_or_else(none)?.0,
    };
    let slot = from_hex_array::<16>(&line.slot).ok_or_else(|| unavailable(Unavailable))?;
    if call.service.settings.logs.open(&call.election()?).map_err(unavailable)?.is_none() {
        return if is_struck_now { Ok(()) } else { Err(none()) };
    }
    call.course(|course| {
        let live = {
            let state = course.log.state().map_err(|error| failed(&error))?;
            let slot = Election::new(&*state).slot(&slot).map_err(|_| failed(&EngineError::CorruptState))?;
            slot.is_some_and(|slot| slot.live)
        };
        if live {
            let strike = Strike { reason: reason.to_owned(), slot };
            course.say(Role::Registrar, Body::Strike(strike))?;
        } else if !is_struck_now {
            return Err(none());
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_nothing_of_the_label() {
        for (reason, label) in [
            ("moved", "김가람"),
            ("전출", "101동 301호"),
            ("not-entitled", "not-entitled"),
            ("두 번 올라 있음", "김 가람"),
        ] {
            assert!(is_fit_to_print(reason, label), "{reason}");
        }
        // Korean letters may come apart: NFC puts them together.
        for (reason, label) in [
            ("김가람 사망", "김가람"),
            ("김가람님 전출", "김가람 301호"),
            ("301호 전출", "김가람 301호"),
            ("\u{1100}\u{1175}\u{11b7}가람 사망", "김가람"),
            ("김", "김"),
        ] {
            assert!(!is_fit_to_print(reason, label), "{reason}");
        }
    }
}
