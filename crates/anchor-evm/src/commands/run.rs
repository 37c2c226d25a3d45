//! The anchorer's loop.

use super::{chain, policy, printed, sender};
use crate::{
    Outcome,
    arguments::Run,
    report::{Line, Say, metrics, printable},
};
use anyhow::anyhow;
use sinpyo_anchor_evm::{
    anchorer::{Anchorer, Progress, StepError},
    chain::http_client,
    lag::{LagLimits, Overdue},
    log::LogReader,
    memory::{Memory, replace},
};
use std::time::{Duration, Instant};

/// Longest wait between two tries while something is broken.
const MAX_BACKOFF: Duration = Duration::from_mins(1);

pub(crate) async fn run(options: &Run, say: Say) -> anyhow::Result<Outcome> {
    let (policy, origin) = policy(&options.log.trust)?;
    let client = http_client(options.place.node.timeout())?;
    let sender = sender(&options.account, options.place.chain_id)?;
    let account = sender.account();
    let memory = Memory::new(options.state.clone(), origin.clone());
    let log = LogReader::new(options.log.log.clone(), policy, client.clone());
    let chain = chain(&options.place, origin, client)?;
    tell(
        say,
        &Line::Started {
            contract: printed(options.place.contract),
            chain_id: options.place.chain_id,
            account: printed(account),
            nodes: if options.place.second_rpc.is_some() { 2 } else { 1 },
        },
    );
    let anchorer = Anchorer::new(log, chain, sender, memory, options.goal.into());
    Loop { options, say, anchorer, start: Instant::now(), failures: 0, told: Told::default() }
        .until_stopped()
        .await
}

struct Loop<'a> {
    options: &'a Run,
    say: Say,
    anchorer: Anchorer,
    start: Instant,
    failures: u32,
    told: Told,
}

/// What was said last, so that it is not said again.
#[derive(Default)]
struct Told {
    alarm: bool,
    last: u64,
}

impl Loop<'_> {
    async fn until_stopped(mut self) -> anyhow::Result<Outcome> {
        let stopped = stop_signal();
        tokio::pin!(stopped);
        loop {
            let outcome = tokio::select! {
                biased;
                () = &mut stopped => return Ok(Outcome::Fine),
                step = self.look() => step?,
            };
            if self.options.once {
                return Ok(outcome);
            }
            tokio::select! {
                () = &mut stopped => return Ok(Outcome::Fine),
                () = tokio::time::sleep(self.pause()) => {}
            }
        }
    }

    /// One look. Only a wrong chain or contract ends the program: everything else may be better next time.
    async fn look(&mut self) -> anyhow::Result<Outcome> {
        let step = self.anchorer.step(self.start.elapsed()).await;
        let overdue = self.tell_lag()?;
        let lag = self.anchorer.lag(self.start.elapsed());
        self.failures = if step.is_ok() { 0 } else { self.failures.saturating_add(1) };
        if let Some(file) = &self.options.metrics {
            let text = metrics(step.as_ref().ok(), lag, overdue, self.failures.into());
            replace(file, text.as_bytes())?;
        }
        match step {
            Ok(progress) => self.tell_progress(&progress),
            Err(error) if self.options.once => return Err(error.into()),
            Err(StepError::Site(error)) if error.code().is_some() => {
                return Err(StepError::Site(error).into());
            }
            Err(error) => {
                let rule = error.code();
                tell(self.say, &Line::Trouble { rule, error: printable(&anyhow!(error)) });
            }
        }
        Ok(if overdue.is_some() { Outcome::Overdue } else { Outcome::Fine })
    }

    fn tell_progress(&mut self, progress: &Progress) {
        if let Some(before) = progress.reorganised {
            tell(self.say, &Line::Reorganised { before: before.into(), now: progress.latest.into() });
        }
        if let Some(mined) = &progress.mined {
            tell(self.say, &Line::anchored(progress.log, mined));
        }
        if progress.last.size != self.told.last {
            self.told.last = progress.last.size;
            let (safe, latest) = (progress.safe.size, progress.latest.size);
            tell(self.say, &Line::Final { size: progress.last.size, safe, latest });
        }
    }

    fn tell_lag(&mut self) -> anyhow::Result<Option<Overdue>> {
        let limits = limits(&self.options.limits)?;
        let lag = self.anchorer.lag(self.start.elapsed());
        let overdue = lag.over(&limits);
        match overdue {
            // Said at every look: an alarm that is missed once is not missed for good.
            Some(overdue) => tell(self.say, &Line::alarm(lag, overdue)),
            None if self.told.alarm => tell(self.say, &Line::LagOver),
            None => {}
        }
        self.told.alarm = overdue.is_some();
        Ok(overdue)
    }

    fn pause(&self) -> Duration {
        let interval = Duration::from_secs(self.options.interval.max(1));
        if self.failures == 0 {
            return interval;
        }
        let doubled = Duration::from_secs(1).saturating_mul(1 << (self.failures - 1).min(6));
        doubled.min(MAX_BACKOFF).min(interval.max(Duration::from_secs(10)))
    }
}

pub(super) fn limits(limits: &crate::arguments::Limits) -> anyhow::Result<LagLimits> {
    let seconds = limits.max_minutes.checked_mul(60).ok_or_else(|| anyhow!("too many minutes"))?;
    Ok(LagLimits { entries: limits.max_entries, waiting: Duration::from_secs(seconds) })
}

fn tell(say: Say, line: &Line) {
    say.line(line, &line.words());
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
