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
    manifest::{Contest, Manifest},
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

/// What one contest comes to, in a group or in several.
#[derive(Default)]
struct Counted {
    counts: Vec<u64>,
    blank: u64,
    ballots: u64,
}

impl Counted {
    fn of(group: &Value, contest: &Value) -> Self {
        let counts = list(contest, "counts").iter().map(|votes| votes.as_u64().unwrap_or(0)).collect();
        Self { counts, blank: number(contest, "blank"), ballots: number(group, "ballots") }
    }

    fn add(&mut self, other: &Self) {
        self.counts.resize(other.counts.len().max(self.counts.len()), 0);
        self.counts.iter_mut().zip(&other.counts).for_each(|(sum, votes)| *sum = sum.saturating_add(*votes));
        self.blank = self.blank.saturating_add(other.blank);
        self.ballots = self.ballots.saturating_add(other.ballots);
    }
}

/// Contests that several groups voted on, each with the sum over them.
fn together(body: &Value, manifest: &Manifest, lang: Lang) -> Html {
    let mut tables = Html::new();
    for contest in &manifest.contests {
        let (mut sum, mut groups) = (Counted::default(), 0);
        for group in list(body, "groups") {
            let own = |counted: &&Value| counted.get("id").and_then(Value::as_str) == Some(&contest.id);
            if let Some(counted) = list(group, "contests").iter().find(own) {
                sum.add(&Counted::of(group, counted));
                groups += 1;
            }
        }
        if groups > 1 {
            tables = tables.and(contest_table(contest, &sum, lang));
        }
    }
    if tables.is_empty() {
        return tables;
    }
    let without = (!list(body, "withheld").is_empty()).then(|| {
        let told = say(
            "열지 않은 선거구의 표는 이 합에 들어 있지 않습니다.",
            "Ballots of districts that were not opened are not in these sums.",
        );
        el(Tag::P).class("hint").with(told.of(lang))
    });
    let heading = el(Tag::H3).with(say("모두 합해", "All together").of(lang));
    Html::from(heading).and(tables).and(without)
}

/// The tables of all groups, and before them their sums.
pub(super) fn tables(announced: &Announced, manifest: &Manifest, lang: Lang) -> Html {
    let body = Value::Object(announced.body.clone());
    let mut tables = together(&body, manifest, lang);
    for group in list(&body, "groups") {
        let ballots = number(group, "ballots");
        let heading = el(Tag::H3).with(districts(group, manifest, lang)).with(match lang {
            Lang::Ko => format!(" · 센 표 {}", grouped(ballots)),
            Lang::En => format!(" · {} ballots counted", grouped(ballots)),
        });
        tables = tables.and(heading);
        for contest in list(group, "contests") {
            let id = contest.get("id").and_then(Value::as_str);
            let known = manifest.contests.iter().find(|known| Some(known.id.as_str()) == id);
            let table = known.map(|known| contest_table(known, &Counted::of(group, contest), lang));
            tables = tables.and(table);
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

fn contest_table(contest: &Contest, counted: &Counted, lang: Lang) -> Html {
    let columns = [
        Column::Head(say("선택지", "Option").of(lang)),
        Column::Number(say("표", "Votes").of(lang)),
        Column::Plain(say("비율", "Share").of(lang)),
    ];
    let row = |name: Html, votes: u64| {
        vec![
            name,
            grouped(votes).into(),
            Html::from(bar(votes, counted.ballots)).and(" ").and(percent(votes, counted.ballots)),
        ]
    };
    let mut rows: Vec<Vec<Html>> = contest
        .options
        .iter()
        .zip(&counted.counts)
        .map(|(option, votes)| row(Html::foreign(words(&option.name, lang)), *votes))
        .collect();
    rows.push(row(say("기권(백지)", "Blank").of(lang).into(), counted.blank));
    table(words(&contest.title, lang), &columns, rows).into()
}
