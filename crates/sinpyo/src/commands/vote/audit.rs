//! `sinpyo vote audit`

use super::Done;
use crate::{
    os::OsEntropy,
    say::Voice,
    vote::{machine::Cores, place::Place},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value, json};
use sinpyo_voting::audit::{Check, Finding, Outcome, Report, Stage, Verdict, examine};
use std::fmt::Write as _;

/// Options of the audit.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote audit record\n  sinpyo vote audit https://vote.example.kr/e/0123… --json"
)]
pub(crate) struct Options {
    /// The public record: a folder of tiles, or the address of the election.
    #[arg(value_name = "PLACE")]
    place: String,
    /// The election is still going on: what it has not come to yet is no fault.
    #[arg(long)]
    so_far: bool,
}

pub(super) fn run(options: &Options, voice: Voice) -> Result<Done> {
    let record = Place::open(&options.place)?;
    let report = of(&record, voice)?;
    voice.report(&to_json(&report), &to_text(&report, voice));
    let is_fine = if options.so_far { report.objects_to_nothing() } else { report.passed() };
    Ok(if is_fine { Done::Accepted } else { Done::Refused })
}

/// Audits a record on all cores.
pub(crate) fn of(record: &Place, voice: Voice) -> Result<Report> {
    let cores = Cores::all(voice);
    Ok(examine(record, &cores, &mut OsEntropy)?.report)
}

/// What became of each check, by its name; null if the election has not come to it.
pub(crate) fn checks(report: &Report) -> Value {
    let mut checks = Map::new();
    for Verdict { check, outcome, .. } in &report.verdicts {
        let value = match outcome {
            Outcome::Passed => Value::Bool(true),
            Outcome::Failed => Value::Bool(false),
            Outcome::NotReached => Value::Null,
        };
        checks.insert(check.name().to_owned(), value);
    }
    Value::Object(checks)
}

/// Seconds that an audit took, and microseconds for each ballot while ballots were checked.
fn took(report: &Report) -> (f64, f64) {
    let seconds: f64 = report.took.iter().map(|(_, took)| took.as_secs_f64()).sum();
    let ballots = report.took.iter().filter(|(stage, _)| *stage == Stage::Ballots);
    let micros: f64 = ballots.map(|(_, took)| took.as_secs_f64() * 1e6).sum();
    let count = u32::try_from(report.ballots).unwrap_or(u32::MAX);
    (seconds, if count == 0 { 0.0 } else { micros / f64::from(count) })
}

/// The report for machines: the form that the second verifier gives too.
pub(crate) fn to_json(report: &Report) -> Value {
    let bad = |verdict: &Verdict| {
        let Finding { entry, item, reason } = verdict.first.as_ref()?;
        let found = json!({"entry": entry, "item": item, "reason": reason});
        Some((verdict.check.name().to_owned(), found))
    };
    let bad: Map<String, Value> = report.verdicts.iter().filter_map(bad).collect();
    let proofs: Map<String, Value> =
        report.proofs.by_name().into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect();
    let took_of =
        |(stage, took): &(Stage, std::time::Duration)| (stage.as_str().to_owned(), json!(took.as_secs_f64()));
    let (seconds, micros) = took(report);
    let counted: u64 = report.turnout.iter().map(|district| district.counted).sum();
    json!({
        "ok": report.passed(),
        "phase": report.phase.as_str(),
        "size": report.entries,
        "ballots": report.ballots,
        "counted": counted,
        "checks": checks(report),
        "bad": bad,
        "proofs": proofs,
        "result": report.result.clone().map(|result| sinpyo_voting::event::Body::Result(result).to_json()),
        "seconds": seconds,
        "stages": report.took.iter().map(took_of).collect::<Map<String, Value>>(),
        "usPerBallot": micros,
    })
}

/// The report for people: one line for each check.
fn to_text(report: &Report, voice: Voice) -> String {
    let mut text = String::new();
    for verdict in &report.verdicts {
        let outcome = match verdict.outcome {
            Outcome::Passed => voice.pick("통과", "pass"),
            Outcome::Failed => voice.pick("실패", "FAIL"),
            Outcome::NotReached => voice.pick("아직", "not yet"),
        };
        // Writing to a string does not fail.
        let _ = write!(text, "{:<4}{outcome:<8}{}", verdict.check.name(), words(verdict.check, voice));
        if let Some(Finding { item, reason, .. }) = &verdict.first {
            let more = verdict.findings.saturating_sub(1);
            let _ = write!(text, "\n            {item}: {reason}");
            if more > 0 {
                let _ = write!(text, " ({} {more})", voice.pick("그 밖에", "and more:"));
            }
        }
        text.push('\n');
    }
    for district in &report.turnout {
        let _ = writeln!(
            text,
            "{}: {} {} · {} {} · {} {}",
            district.district,
            voice.pick("선거인", "legal roll"),
            district.legal,
            voice.pick("등록", "registered"),
            district.registered,
            voice.pick("계산된 표", "counted"),
            district.counted
        );
    }
    let proofs: Vec<String> =
        report.proofs.by_name().into_iter().map(|(name, count)| format!("{name} {count}")).collect();
    let (seconds, micros) = took(report);
    let _ = writeln!(text, "{}: {}", voice.pick("확인한 증명", "proofs checked"), proofs.join(", "));
    let _ = write!(
        text,
        "{} {} · {} {} · {seconds:.1} s · {micros:.0} µs/{}",
        voice.pick("기록", "entries"),
        report.entries,
        voice.pick("투표", "ballots"),
        report.ballots,
        voice.pick("표", "ballot")
    );
    text
}

const fn words(check: Check, voice: Voice) -> &'static str {
    let (ko, en) = match check {
        Check::Manifest => ("선거 공고와 매개변수", "manifest and parameters"),
        Check::Ceremony => ("열쇠 의식", "key ceremony"),
        Check::Context => ("공고·열쇠·명부의 결합", "context"),
        Check::Roll => ("선거인명부와 고리", "roll, beacon and rings"),
        Check::Log => ("원장의 형식·서명·순서", "the log: form, signatures, order"),
        Check::Ballots => ("모든 투표의 증명", "every ballot's proof"),
        Check::Rejected => ("거부된 표의 사유", "reasons of refusals"),
        Check::Tags => ("중복과 재투표", "tags: which ballots count"),
        Check::Groups => ("집계 단위와 합", "groups and sums"),
        Check::Shares => ("개표참관 열쇠 조각", "tally shares"),
        Check::Counts => ("득표수의 합", "counts add up"),
        Check::Spoiled => ("시험 표", "spoiled ballots"),
        Check::WriteIn => ("자유 기입 없음", "no write-in contest"),
        Check::Result => ("공표된 결과", "the result as announced"),
    };
    voice.pick(ko, en)
}
