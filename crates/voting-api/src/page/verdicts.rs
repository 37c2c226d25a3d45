//! What the last audit said.

use crate::call::Call;
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::encoding::to_base64;
use sinpyo_voting::audit::{Check, Outcome, Verdict};
use sinpyo_web::{
    component::{Column, Tone, badge, table, time},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

const fn what(check: Check) -> Say {
    match check {
        Check::Manifest => say("공고와 정해진 범위", "Manifest and its bounds"),
        Check::Ceremony => say("수탁자의 열쇠", "The trustees' keys"),
        Check::Context => say("선거의 문맥 값", "The election's context"),
        Check::Roll => say("명부, 섞기, 링", "Roll, beacon, rings"),
        Check::Log => say("기록과 서명, 증인", "The log, signatures, witnesses"),
        Check::Ballots => say("모든 표의 증명", "The proof of every ballot"),
        Check::Rejected => say("거부한 표의 이유", "Reasons of refused ballots"),
        Check::Tags => say("한 사람 한 표", "One vote for each voter"),
        Check::Groups => say("묶음과 합계", "Groups and sums"),
        Check::Shares => say("수탁자의 개표 조각", "The trustees' shares"),
        Check::Counts => say("수의 일치", "Counts add up"),
        Check::Spoiled => say("확인하고 버린 표", "Spoiled ballots"),
        Check::WriteIn => say("직접 쓰는 안건 없음", "No write-in contest"),
        Check::Result => say("공고한 결과", "The result as announced"),
    }
}

fn row(verdict: &Verdict, lang: Lang) -> Vec<Html> {
    let (tone, outcome) = match verdict.outcome {
        Outcome::Passed => (Tone::Good, say("이상 없음", "Passed")),
        Outcome::Failed => (Tone::Bad, say("문제 있음", "Failed")),
        Outcome::NotReached => (Tone::Plain, say("아직", "Not yet")),
    };
    let first = verdict.first.as_ref().map(|finding| format!(" {}: {}", finding.item, finding.reason));
    let outcome = Html::from(badge(tone, outcome.of(lang))).and(first.map(|first| Html::foreign(&first)));
    vec![verdict.check.name().into(), what(verdict.check).of(lang).into(), outcome]
}

/// The table of V1 to V14, if an audit was run here.
pub(super) fn show(call: &Call<'_>, election: &ElectionId) -> Html {
    let lang = call.lang();
    let Some(audited) = call.service.audits.last(election) else {
        let none = say(
            "이 서버는 개표 뒤에 스스로 검증을 돌리고 결과를 여기에 보입니다. 누구나 언제든 직접 돌릴 수 있습니다.",
            "This server runs an audit after the count and shows it here. Anybody can run one at any time.",
        );
        return el(Tag::P).with(none.of(lang)).into();
    };
    let columns = [
        Column::Head(say("검사", "Check").of(lang)),
        Column::Plain(say("무엇을", "What").of(lang)),
        Column::Plain(say("결과", "Outcome").of(lang)),
    ];
    let rows: Vec<Vec<Html>> = audited.report.verdicts.iter().map(|verdict| row(verdict, lang)).collect();
    let told = match lang {
        Lang::Ko => format!("기록의 처음 {}개 항목을 이 서버가 검증한 결과: ", audited.head.size),
        Lang::En => format!("As this server audited the first {} entries: ", audited.head.size),
    };
    let told = el(Tag::P).class("hint").with(told).with(time(audited.at, lang));
    let compare = say(
        "그 기록의 해시. 직접 검증하면 같은 값이 나와야 합니다:",
        "The hash of that record, as your own audit must say it:",
    );
    let root = el(Tag::CODE).with(to_base64(audited.head.root.as_bytes()));
    let compare = el(Tag::P).class("hint").with(compare.of(lang)).with(" ").with(root);
    Html::from(told).and(compare).and(table("V1–V14", &columns, rows))
}
