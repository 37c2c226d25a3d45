//! What goes wrong, and how it is made to.

mod database;

use crate::{
    arguments::Engine,
    client::draw,
    proxy::Weather,
    report::Count,
    sabotage::WallClock,
    soak::Stage,
    trace::{DiskFault, Trace},
    web,
};
use anyhow::Result;
use sinpyo_core::time::Clock as _;
use sinpyo_testkit::TestEntropy;
use std::{thread, time::Duration};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL, and a new process.
    Kill,
    /// SIGTERM, and a new process.
    Restart,
    /// Connections are reset in the middle of a request.
    CutRequests,
    /// Connections are reset when the answer begins.
    CutAnswers,
    /// Bytes trickle.
    Slow,
    /// Writes find no room; there is room again afterwards, and the server goes on by itself.
    DiskFull,
    /// A sync fails: the server must take nothing more, because nobody knows what the disk holds.
    SyncFails,
    /// The clock goes back an hour, and forward again.
    ClockBack,
    /// The database's primary is killed and a standby promoted; the old one comes back as a copy.
    PrimaryKilled,
    /// No standby answers: nothing new may be acknowledged.
    StandbysCut,
    /// After a promotion the old primary comes back as a primary.
    OldPrimaryBack,
}

impl Fault {
    /// Those that `engine` is put through.
    pub(crate) const fn of(engine: Engine) -> &'static [Self] {
        match engine {
            Engine::Sqlite => &[
                Self::Kill,
                Self::Restart,
                Self::CutRequests,
                Self::CutAnswers,
                Self::Slow,
                Self::ClockBack,
                Self::DiskFull,
                Self::SyncFails,
            ],
            Engine::Postgres => &[
                Self::Kill,
                Self::Restart,
                Self::CutRequests,
                Self::CutAnswers,
                Self::Slow,
                Self::ClockBack,
                Self::PrimaryKilled,
                Self::StandbysCut,
                Self::OldPrimaryBack,
            ],
        }
    }

    /// As in the report.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9",
            Self::Restart => "SIGTERM",
            Self::CutRequests => "request cut",
            Self::CutAnswers => "answer cut",
            Self::Slow => "slow network",
            Self::DiskFull => "disk full",
            Self::SyncFails => "sync fails",
            Self::ClockBack => "clock back",
            Self::PrimaryKilled => "primary killed",
            Self::StandbysCut => "standbys cut",
            Self::OldPrimaryBack => "old primary back",
        }
    }

    /// Makes the fault, undoes it, and waits until the service works again.
    ///
    /// # Errors
    /// The harness cannot make it here, or the server does not start any more.
    pub(crate) fn make(self, stage: &mut Stage<'_>) -> Result<Count> {
        let felt = match self {
            Self::Kill => {
                stage.kill()?;
                stage.start()?;
                1
            }
            Self::Restart => {
                stage.stop()?;
                stage.start()?;
                1
            }
            Self::CutRequests => weather(stage, Weather::CutRequests),
            Self::CutAnswers => weather(stage, Weather::CutAnswers),
            Self::Slow => weather(stage, Weather::Slow),
            Self::DiskFull => disk(stage, DiskFault::Full)?,
            Self::SyncFails => sync_fails(stage)?,
            Self::ClockBack => clock_back(stage)?,
            Self::PrimaryKilled => database::primary_killed(stage)?,
            Self::StandbysCut => database::standbys_cut(stage)?,
            Self::OldPrimaryBack => database::old_primary_back(stage)?,
        };
        if let Err(error) = stage.admits() {
            stage.load.complain(format!("after {}: {error:#}", self.name()));
            stage.kill()?;
            stage.start()?;
        }
        Ok(Count { times: felt.min(1), felt })
    }
}

/// How long a fault lasts that ends by itself.
const SPELL: Duration = Duration::from_millis(700);
/// How long the server has to meet a fault of the disk.
const MEET: Duration = Duration::from_secs(3);
/// Within it, what was acknowledged before a sync failed has reached the clients.
const SETTLE: Duration = Duration::from_millis(500);
/// libfaketime looks for a new offset every second.
const CLOCK: Duration = Duration::from_millis(1_500);

fn weather(stage: &mut Stage<'_>, weather: Weather) -> u64 {
    stage.proxy.change(weather);
    thread::sleep(SPELL);
    stage.proxy.change(Weather::Clear)
}

fn disk(stage: &mut Stage<'_>, fault: DiskFault) -> Result<u64> {
    let number = draw(&mut stage.entropy, u64::MAX);
    let output = stage.folder.join(format!("strace-{number}"));
    Trace::attach(stage.server_id()?, fault, &output)?.until_felt(MEET)
}

fn sync_fails(stage: &mut Stage<'_>) -> Result<u64> {
    let felt = disk(stage, DiskFault::SyncFails)?;
    thread::sleep(SETTLE);
    let before = stage.load.admitted();
    thread::sleep(SETTLE);
    if felt > 0 && stage.load.admitted() > before && !stage.has_ended() {
        stage.load.complain("the server acknowledged after a sync had failed".to_owned());
    }
    if !stage.has_ended() && draw(&mut stage.entropy, 2) == 0 {
        stage.stop()?;
    } else {
        stage.kill()?;
    }
    stage.start()?;
    Ok(felt)
}

/// Counts what is acknowledged while the server's clock is seen to be wrong.
fn clock_back(stage: &mut Stage<'_>) -> Result<u64> {
    stage.installation.clock.put("-3600")?;
    thread::sleep(CLOCK);
    let before = stage.load.admitted();
    thread::sleep(CLOCK);
    let felt = stage.load.admitted() - before;
    let date = web::get(stage.proxy.address(), "/checkpoint").ok().and_then(|answer| answer.date);
    let wrong = date.is_some_and(|date| is_wrong(&date, &WallClock.now().to_string()));
    stage.installation.clock.put("+0")?;
    Ok(if wrong { felt } else { 0 })
}

/// Whether `Sun, 22 Nov 2026 10:36:13 GMT` is another time of day than `2026-11-22T10:36:14Z`, by more than a second.
///
/// A server that writes its date once a second may go on writing the last one until its clock has caught up.
fn is_wrong(date: &str, now: &str) -> bool {
    let seconds = |time: Option<&str>| -> Option<u32> {
        time?.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u32>().ok()?))
    };
    match (seconds(date.get(17..25)), seconds(now.get(11..19))) {
        (Some(date), Some(now)) => date.abs_diff(now) > 1,
        _ => false,
    }
}

/// The faults in the order in which they come: every kind once, in an order drawn for each round.
#[derive(Debug)]
pub(crate) struct Plan {
    kinds: &'static [Fault],
    round: Vec<Fault>,
}

impl Plan {
    /// Nothing drawn yet.
    pub(crate) const fn new(engine: Engine) -> Self {
        Self { kinds: Fault::of(engine), round: Vec::new() }
    }

    /// The next fault.
    pub(crate) fn next(&mut self, entropy: &mut TestEntropy) -> Option<Fault> {
        if self.round.is_empty() {
            self.round.extend(self.kinds);
        }
        let place = draw(entropy, self.round.len().try_into().ok()?);
        Some(self.round.swap_remove(place.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_still_or_is_an_hour_behind_is_wrong() {
        let now = "2026-11-22T10:36:14Z";
        for (date, wrong) in [
            ("Sun, 22 Nov 2026 10:36:14 GMT", false),
            ("Sun, 22 Nov 2026 10:36:13 GMT", false),
            ("Sun, 22 Nov 2026 10:36:12 GMT", true),
            ("Sun, 22 Nov 2026 09:36:14 GMT", true),
            ("no date at all, and none to see", false),
        ] {
            assert_eq!(is_wrong(date, now), wrong, "{date}");
        }
    }

    #[test]
    fn each_round_has_every_kind_once_and_the_seed_decides_the_order() {
        for engine in [Engine::Sqlite, Engine::Postgres] {
            let rounds = |seed| -> Vec<Fault> {
                let (mut plan, mut entropy) = (Plan::new(engine), TestEntropy::new(seed));
                (0..3 * Fault::of(engine).len()).filter_map(|_| plan.next(&mut entropy)).collect()
            };
            let drawn = rounds(1);
            assert_eq!(drawn, rounds(1));
            assert_ne!(drawn, rounds(2));
            for round in drawn.chunks(Fault::of(engine).len()) {
                assert!(Fault::of(engine).iter().all(|fault| round.contains(fault)), "{round:?}");
            }
        }
    }
}
