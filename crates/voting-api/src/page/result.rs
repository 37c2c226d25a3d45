//! The result as it was announced.

use super::{
    chart::{bar, grouped, percent},
    words,
};
use crate::{call::Call, problem::failed};
use serde_json::{Map, Value};
use sinpyo_core::time::Timestamp;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_voting::{
    event::{Kind, UnverifiedEvent, Withdrawal},
    manifest::Manifest,
};
use sinpyo_web::{
    component::{Column, table},
    html::{Html, Tag, el},
    lang::{Lang, say},
    problem::Refusal,
};

/// What the event says.
pub(super) struct Announced {
    pub(super) at: Timestamp,
    body: Map<String, Value>,
}

/// The event at `index`.
pub(super) fn event(log: &dyn LogEngine, index: u64) -> Result<UnverifiedEvent, Refusal> {
    let entries = log.entries(index..index.saturating_add(1)).map_err(|error| failed(&error))?;
    let event = entries.first().and_then(|entry| UnverifiedEvent::parse(entry).ok());
    event.ok_or_else(|| failed(&EngineError::Corrupt { index }))
}

/// The result of the path's election, once there is one.
pub(super) fn announced(call: &Call<'_>, log: &dyn LogEngine) -> Result<Option<Announced>, Refusal> {
    let place = call.service.following.with(&call.election()?, log, |record| record.newest(Kind::Result))?;
    let Some(index) = place else { return Ok(None) };
    let event = event(log, index)?;
    Ok(Some(Announced { at: event.claimed_time(), body: event.claimed_body().clone() }))
}

/// Who withdrew.
pub(super) fn withdrawals(call: &Call<'_>, log: &dyn LogEngine) -> Result<Vec<Withdrawal>, Refusal> {
    let places = call.service.following.with(&call.election()?, log, |record| {
        record.places.get(Kind::Withdraw.as_str()).cloned().unwrap_or_default()
    })?;
    let mut withdrawals = Vec::new();
    for index in places {
        let event = event(log, index)?;
        let text = |name: &str| {
            let text = event.claimed_body().get(name).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| failed(&EngineError::Corrupt { index }))
        };
        withdrawals.push(Withdrawal {
            contest: text("contest")?,
            option: text("option")?,
            reason: text("reason")?,
        });
    }
    Ok(withdrawals)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A number of the result: the log takes none without it.
fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// The names of the districts of a group.
fn districts(group: &Value, manifest: &Manifest, lang: Lang) -> Html {
    let mut names = Html::new();
    for (at, id) in list(group, "districts").iter().filter_map(Value::as_str).enumerate() {
        let district = manifest.districts.iter().find(|district| district.id == id);
        let name = district.map_or(id, |district| words(&district.name, lang));
        names = if at == 0 { names } else { names.and(", ") }.and(Html::foreign(name));
    }
    names
}

/// The tables of all groups.
pub(super) fn tables(announced: &Announced, manifest: &Manifest, lang: Lang) -> Html {
    let body = Value::Object(announced.body.clone());
    let mut tables = Html::new();
    for group in list(&body, "groups") {
        let ballots = number(group, "ballots");
        let heading = el(Tag::H3).with(districts(group, manifest, lang)).with(match lang {
            Lang::Ko => format!(" · 센 표 {}", grouped(ballots)),
            Lang::En => format!(" · {} ballots counted", grouped(ballots)),
        });
        tables = tables.and(heading);
        for contest in list(group, "contests") {
            tables = tables.and(contest_table(contest, ballots, manifest, lang));
        }
    }
    for group in list(&body, "withheld") {
        let told = match lang {
            Lang::Ko => format!("표가 {}장뿐이어서 열지 않았습니다: ", number(group, "ballots")),
            Lang::En => format!("Not opened, as there are only {} ballots: ", number(group, "ballots")),
        };
        tables = tables.and(el(Tag::P).with(told).with(districts(group, manifest, lang)));
    }
    tables
}

fn contest_table(counted: &Value, ballots: u64, manifest: &Manifest, lang: Lang) -> Html {
    let id = counted.get("id").and_then(Value::as_str).unwrap_or_default();
    let Some(contest) = manifest.contests.iter().find(|contest| contest.id == id) else { return Html::new() };
    let columns = [
        Column::Head(say("후보", "Candidate").of(lang)),
        Column::Number(say("표", "Votes").of(lang)),
        Column::Plain(say("비율", "Share").of(lang)),
    ];
    let row = |name: Html, votes: u64| {
        vec![
            name,
            grouped(votes).into(),
            Html::from(bar(votes, ballots)).and(" ").and(percent(votes, ballots)),
        ]
    };
    let votes = list(counted, "counts").iter().map(|votes| votes.as_u64().unwrap_or(0));
    let mut rows: Vec<Vec<Html>> = contest
        .options
        .iter()
        .zip(votes)
        .map(|(option, votes)| row(Html::foreign(words(&option.name, lang)), votes))
        .collect();
    rows.push(row(say("기권(백지)", "Blank").of(lang).into(), number(counted, "blank")));
    table(words(&contest.title, lang), &columns, rows).into()
}
