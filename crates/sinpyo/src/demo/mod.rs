//! The whole story on real input: one identity, three services, fourteen refusals.

mod bulk;
mod negatives;
mod people;
mod rogue;
mod services;
mod world;

use crate::{
    cli::Demo,
    commands::Done,
    home::Home,
    import::{self, Rejected},
    os::SharedClock,
    say::Voice,
};
use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::{Value, json};
use sinpyo_core::{
    encoding::to_base64url,
    json,
    time::{Clock, Date, Timestamp},
};
use sinpyo_registry::engine::LogEngine;
use sinpyo_store::export::export;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// Fewest credentials over which rates are measured.
const MIN_BULK: usize = 200;

/// Runs the demo.
pub(crate) fn run(options: &Demo, voice: Voice) -> Result<Done> {
    let temporary = tempfile::tempdir().context("cannot create a temporary folder")?;
    let folder = options.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    if options.keep.is_some() && folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty", folder.display());
    }
    let today = today(&options.data)?;
    let clock = DemoClock::starting(today);
    let home = Home::open(&folder.join("home"), SharedClock::new(clock.clone()))?;
    let stage = Stage { home: &home, clock: &clock, today, voice, keep: options.keep.clone() };
    let outcome = play(&stage, options)?;
    if options.keep.is_some() {
        fs::write(folder.join("log.vkey"), format!("{}\n", home.log_key()?))?;
        fs::write(folder.join("outcome.json"), format!("{:#}\n", outcome.to_json()))?;
    }
    let ok = outcome.ok();
    tell(&outcome, voice);
    voice.report(
        &outcome.to_json(),
        voice.pick(
            if ok { "모두 예상대로입니다" } else { "예상과 다릅니다" },
            if ok { "everything as it should be" } else { "not as it should be" },
        ),
    );
    Ok(if ok { Done::Accepted } else { Done::Refused })
}

fn play(stage: &Stage<'_>, options: &Demo) -> Result<Outcome> {
    let (home, voice) = (stage.home, stage.voice);
    let imported = import::import(&options.data, stage.today)?;
    voice.tell(
        &format!("입력: {}행 수용, {}행 거부", imported.accepted(), imported.rejected.len()),
        &format!("input: {} rows accepted, {} refused", imported.accepted(), imported.rejected.len()),
    );
    let orgs = world::found(stage)?;
    let mut cast = people::issue_all(stage, &orgs, &imported)?;
    stage.clock.advance(Duration::from_mins(1));
    let mut accepted = Vec::new();
    for service in services::SERVICES {
        accepted.extend(services::visit(stage, &orgs, &mut cast, service, "control")?);
    }
    let orgs = world::rotate_issuer(stage, orgs)?;
    let after_rotation = services::visit(stage, &orgs, &mut cast, services::SERVICES[2], "rotated")?;
    let negatives = negatives::run(stage, &orgs, &mut cast)?;
    let rates = bulk::run(stage, &orgs, &imported, options.holders.max(MIN_BULK))?;
    let head = home.log()?.head()?;
    if let Some(keep) = &stage.keep {
        export(home.log()?, &keep.join("ledger")).context("cannot export the ledger")?;
    }
    Ok(Outcome {
        issued: cast.issued + rates.holders,
        still_valid: after_rotation.is_some() == accepted.iter().any(|shown| shown.service == "voting"),
        accepted,
        negatives,
        imported: imported.accepted(),
        rejected_as_expected: expected_rejects(&options.data)?
            .is_none_or(|expected| expected == json!(imported.rejected)),
        rejected: imported.rejected,
        ledger: json!({"size": head.size, "root": to_base64url(head.root.as_bytes())}),
        rates: rates.to_json(),
    })
}

/// Where the demo takes place.
struct Stage<'a> {
    home: &'a Home,
    clock: &'a DemoClock,
    today: Date,
    voice: Voice,
    keep: Option<PathBuf>,
}

/// The day on which the input takes place, moved on by the story: birthdays and terms do not depend on when it is run.
#[derive(Clone, Debug)]
struct DemoClock(Arc<AtomicI64>);

impl DemoClock {
    /// Nine o'clock in Korea.
    fn starting(day: Date) -> Self {
        Self(Arc::new(AtomicI64::new(day.start_in_korea().plus(Duration::from_hours(9)).unix())))
    }

    fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_secs()).unwrap_or_default(), Ordering::Relaxed);
    }
}

impl Clock for DemoClock {
    #[expect(clippy::expect_used, reason = "a day of the calendar and the hours of a story")]
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::Relaxed)).expect("a time of the calendar")
    }
}

/// The day that the input's manifest names; without one, today.
fn today(data: &Path) -> Result<Date> {
    let path = data.join("manifest.json");
    if !path.exists() {
        return Ok(Date::in_korea(crate::os::SystemClock.now()));
    }
    let manifest =
        json::parse_object(&fs::read(&path)?).with_context(|| format!("{} is malformed", path.display()))?;
    let today = manifest.get("today").and_then(Value::as_str).and_then(|today| today.parse().ok());
    today.with_context(|| format!("{} names no day", path.display()))
}

fn expected_rejects(data: &Path) -> Result<Option<Value>> {
    let path = data.join("expected-rejects.json");
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(json::parse(&fs::read(&path)?).with_context(|| format!("{} is malformed", path.display()))?))
}

/// A presentation that a service accepted.
#[derive(Clone, Debug, Serialize)]
struct Shown {
    service: &'static str,
    #[serde(rename = "type")]
    kind: String,
    disclosed: Vec<String>,
}

/// One of the standard ways in which something is wrong.
#[derive(Clone, Debug, Serialize)]
struct Negative {
    case: &'static str,
    ok: bool,
    code: &'static str,
}

/// What happened.
struct Outcome {
    issued: usize,
    accepted: Vec<Shown>,
    still_valid: bool,
    negatives: Vec<Negative>,
    imported: usize,
    rejected: Vec<Rejected>,
    rejected_as_expected: bool,
    ledger: Value,
    rates: Value,
}

impl Outcome {
    fn ok(&self) -> bool {
        self.accepted.len() == services::SERVICES.len()
            && self.still_valid
            && self.rejected_as_expected
            && self.negatives.iter().all(|negative| negative.ok)
    }

    fn to_json(&self) -> Value {
        json!({
            "ok": self.ok(),
            "issued": self.issued,
            "accepted": self.accepted,
            "negatives": self.negatives,
            "import": {"accepted": self.imported, "rejected": self.rejected},
            "ledger": self.ledger,
            "rates": self.rates,
        })
    }
}

fn tell(outcome: &Outcome, voice: Voice) {
    for negative in &outcome.negatives {
        let mark = if negative.ok { "✓" } else { "✗" };
        eprintln!("  {mark} {:<4} {}", negative.case, voice.rule(negative.code));
    }
    if !outcome.still_valid {
        voice.tell(
            "✗ 키 교체 뒤 이전 증명이 확인되지 않음",
            "✗ a credential from before the rotation no longer verifies",
        );
    }
    if !outcome.rejected_as_expected {
        voice.tell(
            "✗ 거부된 행이 expected-rejects.json과 다름",
            "✗ other rows were refused than expected-rejects.json lists",
        );
    }
}
