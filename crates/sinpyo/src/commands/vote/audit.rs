//! `sinpyo vote audit`

use super::Done;
use crate::{
    os::OsEntropy,
    say::Voice,
    vote::{
        identity::{Identity, Meant},
        machine::Cores,
        place::Place,
    },
};
use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value, json};
use sinpyo_voting::audit::{Check, Finding, Outcome, Report, Stage, Verdict, examine_since};
use std::{fmt::Write as _, path::PathBuf};

/// Options of the audit.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  sinpyo vote audit record\n  sinpyo vote audit https://vote.example.kr/e/0123… --json\n  sinpyo vote audit 'sinpyo-vote:https://vote.example.kr/e/0123…?host=4567…' --head checkpoint-of-yesterday"
)]
pub(crate) struct Options {
    /// The public record: a folder of tiles, the address of the election, or the voters' link. What address and link say
    /// of the election must hold for the record.
    #[arg(value_name = "PLACE")]
    place: String,
    /// Who called the election: the host's key, as the voters' link has it.
    #[arg(long, value_name = "KEY")]
    host: Option<String>,
    /// A checkpoint that was seen before, by this auditor or by a witness: the record must have grown from it.
    #[arg(long, value_name = "FILE")]
    head: Option<PathBuf>,
    /// The election is still going on: what it has not come to yet is no fault.
    #[arg(long)]
    so_far: bool,
}

pub(super) fn run(options: &Options, voice: Voice) -> Result<Done> {
    let (place, mut meant) = Meant::by(&options.place)?;
    if let Some(host) = &options.host {
        meant = meant.called_by(host)?;
    }
    if let Some(file) = &options.head {
        meant = meant.grown_from(file)?;
    }
    let record = Place::open(&place)?;
    let seen = examine_since(&record, meant.head(), &Cores::all(voice), &mut OsEntropy)?;
    let identity = Identity::of(&seen)?;
    let mut report = seen.report;
    for reason in meant.objections(&identity) {
        object(&mut report, &reason);
    }
    let mut machine = to_json(&report);
    if let Value::Object(members) = &mut machine {
        members.extend(identity.to_json().map(|(name, value)| (name.to_owned(), value)));
    }
    voice.report(&machine, &format!("{}{}", head_lines(&identity, voice), to_text(&report, voice)));
    let is_fine = if options.so_far { report.objects_to_nothing() } else { report.passed() };
    Ok(if is_fine { Done::Accepted } else { Done::Refused })
}

/// Objects to the log as a whole: before all else, a record that is another's says nothing about the one that was meant.
fn object(report: &mut Report, reason: &str) {
    for verdict in report.verdicts.iter_mut().filter(|verdict| verdict.check == Check::Log) {
        verdict.outcome = Outcome::Failed;
        verdict.findings = verdict.findings.saturating_add(1);
        verdict.first =
            Some(Finding { entry: Some(0), item: "entry 0".to_owned(), reason: reason.to_owned() });
    }
}

/// Which election it is, for people.
fn head_lines(identity: &Identity, voice: Voice) -> String {
    let mut text = String::new();
    for (ko, en, value) in identity.lines(voice.pick("ko", "en")) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<9}{value}", voice.pick(ko, en));
    }
    text
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
