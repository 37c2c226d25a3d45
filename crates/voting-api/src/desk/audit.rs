//! What was done at the desk: without names of voters, without codes.

use super::{owner, page};
use crate::{call::Call, problem::unavailable};
use http::Response;
use serde_json::Value;
use sinpyo_core::{json, time::Timestamp};
use sinpyo_web::{
    audit::Log,
    component::{Column, heading, plain_card, table, time},
    html::Html,
    lang::say,
    problem::Refusal,
};

/// Lines of one page.
const LINES: usize = 200;

pub(super) fn show(call: &Call<'_>) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let log = Log { state: &*call.service.settings.state, owner: owner(call) };
    let entries = log.newest(None, LINES, call.now).map_err(unavailable)?;
    let columns = [
        Column::Head(say("시각", "Time").of(lang)),
        Column::Plain(say("계정", "Account").of(lang)),
        Column::Plain(say("한 일", "What was done").of(lang)),
    ];
    let rows = entries.iter().filter_map(|entry| {
        let line = json::parse_object(entry.line.as_bytes()).ok()?;
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let at: Timestamp = text("at").parse().ok()?;
        let did = [text("did"), " ", text("part")].concat();
        Some(vec![time(at, lang).into(), text("who").into(), did.trim().into()])
    });
    let title = say("감사 기록", "Audit log").of(lang);
    let rows: Vec<Vec<Html>> = rows.collect();
    let main = Html::from(heading(
        title,
        say("유권자의 이름과 코드는 남기지 않습니다.", "Holds no names of voters, and no codes.").of(lang),
    ))
    .and(plain_card(table(title, &columns, rows)));
    page(call, title, main, &[])
}
