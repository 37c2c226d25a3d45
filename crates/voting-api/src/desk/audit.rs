//! What was done at the desk: without names of voters, without codes.

use super::{edit::part_name, owner, page, step::step_name};
use crate::{call::Call, problem::unavailable};
use http::Response;
use serde_json::Value;
use sinpyo_core::{json, time::Timestamp};
use sinpyo_web::{
    audit::{Entry, Log},
    component::{Column, heading, plain_card, table, time},
    html::Html,
    lang::{Lang, Say, say},
    problem::Refusal,
};

/// Lines that are shown.
const LINES: usize = 200;

/// What is noted, and what it is called.
const WORDS: [(&str, Say); 10] = [
    ("candidate.withdrawn", say("후보의 사퇴를 공고함", "Announced that a candidate withdrew")),
    ("account.added", say("이 선거를 볼 계정을 더함", "Let another account see the election")),
    ("code.again", say("한 줄에 새 등록 코드를 만듦", "Made a new code for one line")),
    ("codes.made", say("등록 코드를 만듦", "Made registration codes")),
    ("election.created", say("선거를 만듦", "Created the election")),
    ("election.edited", say("초안을 고침", "Edited the draft")),
    ("election.step", say("다음 단계로 넘어감", "Took a step")),
    ("roll.struck", say("명부에서 한 줄을 뺌", "Struck a line of the roll")),
    ("roll.taken", say("명부를 가져옴", "Took lines into the roll")),
    ("trustee.invited", say("수탁자를 초대함", "Invited a trustee")),
];

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let log = Log { state: &*call.service.settings.state, owner: owner(call) };
    let entries = log.newest(None, LINES, call.now).map_err(unavailable)?;
    let columns = [
        Column::Head(say("시각", "Time").of(lang)),
        Column::Plain(say("계정", "Account").of(lang)),
        Column::Plain(say("한 일", "What was done").of(lang)),
    ];
    let rows: Vec<Vec<Html>> = entries.iter().map(|entry| row(entry, lang)).collect();
    let title = say("감사 기록", "Audit log").of(lang);
    let main = Html::from(heading(
        title,
        say("유권자의 이름과 코드는 남기지 않습니다.", "Holds no names of voters, and no codes.").of(lang),
    ))
    .and(plain_card(table(title, &columns, rows)));
    page(call, title, main, &[])
}

/// A line, in words; one that cannot be read is not passed over.
fn row(entry: &Entry, lang: Lang) -> Vec<Html> {
    let read = || {
        let line = json::parse_object(entry.line.as_bytes()).ok()?;
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        let at: Timestamp = text("at")?.parse().ok()?;
        Some(vec![time(at, lang).into(), text("who")?.into(), told(text("did")?, text("part"), lang).into()])
    };
    read().unwrap_or_else(|| {
        let damaged = say("읽을 수 없는 줄", "A line that cannot be read").of(lang);
        vec!["–".into(), "–".into(), damaged.into()]
    })
}

/// What was done, in words: those of a release that had others stand as they are.
fn told(did: &str, part: Option<&str>, lang: Lang) -> String {
    let word = WORDS.iter().find(|(own, _)| *own == did).map_or(did, |(_, say)| say.of(lang));
    let name = |part| part_name(part).or_else(|| step_name(part)).map_or(part, |say| say.of(lang));
    match part {
        Some(part) => format!("{word}: {}", name(part)),
        None => word.to_owned(),
    }
}
