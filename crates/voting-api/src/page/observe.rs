//! What everybody can see of an election, while it runs and after.

use super::{
    Frame, QueryForm,
    chart::{bar, grouped, percent},
    local, phase_name,
    result::{self, Announced},
    roster, verdicts, words,
};
use crate::{
    call::Call,
    desk::progress,
    followed::Followed,
    problem::{absent, failed},
};
use http::{Response, StatusCode};
use serde_json::Value;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_voting::{
    ballots::Reason,
    form::to_hex,
    manifest::{Manifest, Profile, Revote},
    phase::Phase,
};
use sinpyo_web::{
    component::{
        Column, Tone, Weight, badge, card, code, details, facts, heading, link_button, notice, plain_card,
        table, time,
    },
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    page::Width,
    problem::Refusal,
};
use std::sync::Arc;

/// Refused ballots that are listed.
const REFUSED: usize = 20;

/// What the pages need of a record.
pub(super) struct Seen {
    pub(super) manifest: Arc<Manifest>,
    pub(super) phase: Phase,
    pub(super) ballots: u64,
    pub(super) voters: u64,
    pub(super) spoiled: u64,
    pub(super) size: u64,
    /// Voters who registered and who have cast, by district.
    pub(super) districts: Vec<(u64, u64)>,
    refused: Vec<u64>,
    pub(super) refused_count: u64,
}

/// Looks at the election of the path.
pub(super) fn seen(call: &Call<'_>) -> Result<(Seen, Arc<dyn LogEngine>), Refusal> {
    let (election, log) = call.log()?;
    let look = |record: &Followed| {
        let manifest = record.manifest.clone()?;
        let count =
            |place: u32| (record.registered(place), record.by_district.get(&place).copied().unwrap_or(0));
        Some(Seen {
            districts: (0..).zip(&manifest.districts).map(|(place, _)| count(place)).collect(),
            manifest,
            phase: record.phase(),
            ballots: record.ballots,
            voters: u64::try_from(record.voters()).unwrap_or(u64::MAX),
            spoiled: record.spoiled,
            size: record.size,
            refused: record.refused.iter().rev().take(REFUSED).copied().collect(),
            refused_count: u64::try_from(record.refused.len()).unwrap_or(u64::MAX),
        })
    };
    let seen = call.service.following.with(&election, &*log, look)?;
    Ok((seen.ok_or_else(|| absent("VTS-03", "there is no such election"))?, log))
}

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let (seen, log) = seen(call)?;
    let (lang, election) = (call.lang(), call.election()?);
    let own = format!("/e/{}", to_hex(&election.0));
    let title = words(&seen.manifest.title, lang).to_owned();
    let lead = Html::from(time(seen.manifest.opens, lang)).and(" – ").and(time(seen.manifest.closes, lang));
    let mut main = Html::from(heading(Html::foreign(&title), lead)).and(progress(seen.phase, lang));
    if seen.phase == Phase::Open {
        let vote =
            link_button(Weight::Primary, &local(&format!("{own}/vote"))?, say("투표하기", "Vote").of(lang));
        main = main.and(el(Tag::P).class("actions").with(vote));
    }
    let announced = result::announced(call, &*log)?;
    if let Some(announced) = &announced {
        main =
            main.and(card(say("결과", "Result").of(lang), result::tables(announced, &seen.manifest, lang)));
        main = main.and(
            el(Tag::P).with(
                el(Tag::A)
                    .href(&local(&format!("{own}/record"))?)
                    .with(say("인쇄용 기록", "Record for printing").of(lang)),
            ),
        );
    }
    main = main
        .and(card(say("지금까지", "So far").of(lang), counters(&seen, &own, lang)))
        .and(card(say("선거구별 참여", "Turnout by district").of(lang), turnout(&seen, lang)))
        .and(withdrawn(call, &*log, &seen.manifest)?)
        .and(card(say("내 표 찾기", "Find a ballot").of(lang), finder(&own, lang)?))
        .and(card(
            say("이 선거의 약속", "What this election promises").of(lang),
            promises(&seen.manifest, lang),
        ))
        .and(trustees(call, &*log, &seen.manifest)?)
        .and(card(say("검증", "Audit").of(lang), verdicts::show(call, &election)))
        .and(refused(call, &*log, &seen)?)
        .and(downloads(call, &own, &seen)?);
    let frame = Frame { scripts: &["counters.js", "copy.js"], width: Width::Desk, ..Frame::of(&title, main) };
    Ok(frame.answer(call, StatusCode::OK))
}

fn counters(seen: &Seen, own: &str, lang: Lang) -> Html {
    let counter = |name: &str, value: u64| el(Tag::SPAN).data("count", name).with(grouped(value));
    let registered: u64 = seen.districts.iter().map(|(registered, _)| registered).sum();
    let counts = facts([
        (say("단계", "Phase").of(lang), Html::from(badge(Tone::Plain, phase_name(seen.phase).of(lang)))),
        (say("등록한 유권자", "Registered voters").of(lang), counter("registered", registered).into()),
        (say("투표한 유권자", "Have voted").of(lang), counter("voters", seen.voters).into()),
        (
            say("받은 표 (다시 한 표 포함)", "Ballots (with those cast again)").of(lang),
            counter("ballots", seen.ballots).into(),
        ),
        (say("거부한 표", "Refused ballots").of(lang), counter("rejected", seen.refused_count).into()),
        (say("확인하고 버린 표", "Checked and spoiled").of(lang), Html::from(grouped(seen.spoiled))),
    ]);
    el(Tag::DIV)
        .data("counters", &format!("{own}/live"))
        .data("phase", seen.phase.as_str())
        .with(counts)
        .into()
}

/// The turnout of each district: of voters, however often they cast.
fn turnout(seen: &Seen, lang: Lang) -> Html {
    let columns = [
        Column::Head(say("선거구", "District").of(lang)),
        Column::Number(say("법정 명부", "Legal roll").of(lang)),
        Column::Number(say("등록", "Registered").of(lang)),
        Column::Number(say("투표한 유권자", "Have voted").of(lang)),
        Column::Plain(say("등록 대비", "Of the registered").of(lang)),
    ];
    let row = |(district, (registered, cast)): (&sinpyo_voting::manifest::District, &(u64, u64))| {
        vec![
            Html::foreign(words(&district.name, lang)),
            grouped(district.legal).into(),
            grouped(*registered).into(),
            grouped(*cast).into(),
            Html::from(bar(*cast, *registered)).and(" ").and(percent(*cast, *registered)),
        ]
    };
    let rows: Vec<Vec<Html>> = seen.manifest.districts.iter().zip(&seen.districts).map(row).collect();
    table(say("참여", "Turnout").of(lang), &columns, rows).into()
}

/// The candidates who withdrew.
pub(super) fn withdrawn(call: &Call<'_>, log: &dyn LogEngine, manifest: &Manifest) -> Result<Html, Refusal> {
    let lang = call.lang();
    let list: Html = result::withdrawals(call, log)?
        .iter()
        .filter_map(|withdrawal| {
            let contest = manifest.contests.iter().find(|contest| contest.id == withdrawal.contest)?;
            let option = contest.options.iter().find(|option| option.id == withdrawal.option)?;
            let name = Html::foreign(words(&option.name, lang));
            Some(el(Tag::LI).with(name).with(" – ").with(Html::foreign(&withdrawal.reason)))
        })
        .collect();
    if list.is_empty() {
        return Ok(Html::new());
    }
    let told = say(
        "사퇴한 후보의 표도 세어 그대로 보여 줍니다.",
        "Votes for them are counted and shown all the same.",
    );
    let list = Html::from(el(Tag::UL).with(list)).and(el(Tag::P).class("hint").with(told.of(lang)));
    Ok(card(say("사퇴한 후보", "Withdrawn").of(lang), list).into())
}

/// Where a tracking code is typed.
pub(super) fn finder(own: &str, lang: Lang) -> Result<Html, Refusal> {
    let action = local(&format!("{own}/find"))?;
    let label = say("추적 코드 (네 글자씩 다섯 묶음)", "Tracking code (five groups of four)");
    Ok(QueryForm { action: &action, name: "tracking", label, value: "" }.html(lang))
}

/// What is promised, in plain words.
pub(super) fn promises(manifest: &Manifest, lang: Lang) -> Html {
    let line = |text: Html| el(Tag::LI).with(text);
    let secrecy: Say = match manifest.profile {
        Profile::Ring { .. } => say(
            "누가 어떤 표를 냈는지는 주관자, 명부 관리자, 수탁자가 모두 힘을 합쳐도 알 수 없습니다. 표는 링(최대 1,024명)의 누군가가 냈다는 것만 증명합니다.",
            "Nobody learns who cast which ballot, host, registrar and all trustees together included. A ballot proves only that one of a ring of up to 1,024 voters cast it.",
        ),
        Profile::Token => say(
            "누가 어떤 표를 냈는지는 알 수 없습니다. 다만 이 방식은 더 약합니다: 명부 관리자가 없는 유권자의 표를 만들어 넣어도 수를 맞춰 보는 것 말고는 알아낼 방법이 없습니다.",
            "Nobody learns who cast which ballot. But this kind is weaker: the registrar could make ballots for voters who do not exist, and nobody could see it but by the numbers.",
        ),
    };
    let revote: Say = match manifest.revote {
        Revote::Last => say(
            "마감 전에 다시 투표할 수 있고, 마지막 표만 셉니다.",
            "You may vote again until it closes; only your last ballot counts.",
        ),
        Revote::First => say("처음 낸 표만 셉니다.", "Only your first ballot counts."),
    };
    let floor = match lang {
        Lang::Ko => format!(
            "표가 {}장보다 적은 선거구는 따로 열지 않고 다른 선거구와 합쳐 셉니다. 작은 모임의 합계로 한 사람의 선택이 드러나지 않게 하기 위해서입니다.",
            manifest.floor
        ),
        Lang::En => format!(
            "A district with fewer than {} ballots is not opened by itself but added to another: the sum of a small group would show what single people chose.",
            manifest.floor
        ),
    };
    let trustees = match lang {
        Lang::Ko => format!(
            "수탁자 {}명 가운데 {}명이 있어야 합계를 열 수 있고, 합계 말고는 아무것도 열지 않습니다.",
            manifest.trustees.len(),
            manifest.threshold
        ),
        Lang::En => format!(
            "{} of {} trustees are needed to open the sums, and nothing but sums is opened.",
            manifest.threshold,
            manifest.trustees.len()
        ),
    };
    let not = say(
        "이 선거가 막지 못하는 것: 스스로 증거를 남겨 표를 파는 일, 곁에서 지켜보는 강요, 확인하지 않은 휴대전화의 거짓말. 이 방식의 증명은 아직 외부 전문가의 검토를 받지 않았습니다.",
        "What it cannot prevent: selling a vote by keeping evidence of it, coercion by somebody who watches, a phone that lies to a voter who never checks. The proofs have not been reviewed by outside experts yet.",
    );
    let list: Html = [
        line(secrecy.of(lang).into()),
        line(revote.of(lang).into()),
        line(floor.into()),
        line(trustees.into()),
    ]
    .into_iter()
    .collect();
    Html::from(el(Tag::UL).with(list)).and(notice(Tone::Plain, not.of(lang)))
}

/// Who holds the key.
fn trustees(call: &Call<'_>, log: &dyn LogEngine, manifest: &Manifest) -> Result<Html, Refusal> {
    let ceremony = roster::ceremony(call, log)?;
    Ok(ceremony.map_or_else(Html::new, |ceremony| roster::all(&ceremony, manifest, call.lang())))
}

/// The newest refused ballots, with the reasons.
fn refused(call: &Call<'_>, log: &dyn LogEngine, seen: &Seen) -> Result<Html, Refusal> {
    let lang = call.lang();
    if seen.refused.is_empty() {
        return Ok(Html::new());
    }
    let mut rows = Vec::new();
    for index in &seen.refused {
        let event = result::event(log, *index)?;
        let reason = event.claimed_body().get("reason").and_then(Value::as_str).and_then(Reason::from_name);
        let reason = reason.ok_or_else(|| failed(&EngineError::Corrupt { index: *index }))?;
        rows.push(vec![
            Html::from(index.to_string()),
            Html::from(reason_name(reason).of(lang)),
            time(event.claimed_time(), lang).into(),
        ]);
    }
    let columns = [
        Column::Number(say("기록 번호", "Entry").of(lang)),
        Column::Head(say("이유", "Reason").of(lang)),
        Column::Plain(say("시각", "Time").of(lang)),
    ];
    let list = table(say("최근에 거부한 표", "Ballots refused lately").of(lang), &columns, rows);
    Ok(plain_card(details(say("거부한 표", "Refused ballots").of(lang), list)).into())
}

/// Why a ballot was refused, in words.
const fn reason_name(reason: Reason) -> Say {
    match reason {
        Reason::Encoding => say("표의 형식이 아님", "Not a ballot"),
        Reason::Ring => say("없는 링", "No such ring"),
        Reason::Style => say("선거구와 다른 투표용지", "Not the district's ballot paper"),
        Reason::Proof => say("증명이 성립하지 않음", "The proof does not hold"),
        Reason::Tag => say("태그가 항등원", "The tag is the identity"),
        Reason::Duplicate => say("같은 사람의 두 번째 표", "The voter's second ballot"),
    }
}

/// Where the record is, for those who check it themselves.
fn downloads(call: &Call<'_>, own: &str, seen: &Seen) -> Result<Html, Refusal> {
    let lang = call.lang();
    let link = |path: &str, label: Say| -> Result<Html, Refusal> {
        Ok(el(Tag::LI).with(el(Tag::A).href(&local(&format!("{own}{path}"))?).with(label.of(lang))).into())
    };
    let list =
        link("/log/checkpoint", say("서명된 기록 머리 (checkpoint)", "Signed head of the log (checkpoint)"))?
            .and(link("/summary", say("요약 (JSON)", "Summary (JSON)"))?)
            .and(link("/rings", say("링 목록 (JSON)", "List of rings (JSON)"))?);
    let command = format!("sinpyo vote audit {}{own}", call.service.settings.site.main());
    let told = match lang {
        Lang::Ko => format!(
            "기록은 {}개 항목입니다. 아래 명령은 공개 기록만 내려받아 V1–V14를 처음부터 다시 계산합니다.",
            grouped(seen.size)
        ),
        Lang::En => format!(
            "The record has {} entries. This command reads nothing else and computes V1–V14 anew.",
            grouped(seen.size)
        ),
    };
    let content = Html::from(el(Tag::UL).with(list)).and(el(Tag::P).with(told)).and(code(
        lang,
        "audit-command",
        &command,
    ));
    Ok(card(say("직접 확인하기", "Check it yourself").of(lang), content).into())
}

/// For the printed record.
pub(super) fn announced_of(call: &Call<'_>, log: &dyn LogEngine) -> Result<Option<Announced>, Refusal> {
    result::announced(call, log)
}
