//! Whole flows at a rate.

use crate::{
    arrivals::Plan,
    measure::{Samples, Summary, Timed},
    town::{Engine, Service, Town},
};
use crate::{
    flow::{Phone, Pocket},
    manage::Tenant,
    node::Usage,
    web::{Http, Leg},
};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, time::Duration};

/// What every request keeps to.
const MOST_P50: Duration = Duration::from_millis(50);
const MOST_P99: Duration = Duration::from_millis(300);
/// What each server keeps to.
const MOST_MEMORY: u64 = 300 << 20;
/// Errors that are kept: the first ones tell.
const KEPT: usize = 5;

/// What came of it.
#[derive(Debug)]
pub struct Report {
    engine: &'static str,
    rate: u32,
    wallets: u16,
    flows: u64,
    completed: u64,
    errors: Vec<String>,
    failed: u64,
    took: Duration,
    /// What the services say that they did.
    issued: u64,
    accepted: u64,
    samples: Samples,
    /// By server.
    usage: BTreeMap<String, Usage>,
}

/// One wallet with the connections that it uses.
struct Worker {
    phone: Phone,
    web: Timed,
    completed: u64,
    failed: u64,
    errors: Vec<String>,
}

/// Runs flows at `rate` for `length` against services on `engine`.
///
/// # Errors
/// The services cannot be started or asked. What goes wrong in flows is in the report.
pub fn run(town: &Town, engine: &Engine, (wallets, length, rate): (u16, Duration, u32)) -> Result<Report> {
    let mut web = Http::new(town.nodes(), 0);
    let issuer = town.log_in(Service::Issuer, &mut web)?;
    let verifier = town.log_in(Service::Verifier, &mut web)?;
    let before = (town.issued(&issuer, &mut web)?, town.accepted(&verifier, &mut web)?);
    let workers = (1..=wallets).map(|number| Worker {
        phone: town.phone(),
        web: Timed::new(Http::new(town.nodes(), number)),
        completed: 0,
        failed: 0,
        errors: Vec::new(),
    });
    let plan = Plan::over(rate, length);
    let (workers, took) = plan.run(workers.collect(), |worker, due| {
        worker.web.due(due);
        match worker.flow(town, &issuer, &verifier) {
            Ok(()) => worker.completed += 1,
            Err(error) => {
                worker.failed += 1;
                worker.errors.push(format!("{error:#}"));
            }
        }
    });
    let usage = town.usage()?;
    let issued = town.issued(&issuer, &mut web)?.saturating_sub(before.0);
    let accepted = town.accepted(&verifier, &mut web)?.saturating_sub(before.1);
    let mut report = Report {
        engine: engine.name(),
        rate,
        wallets,
        flows: plan.count,
        completed: 0,
        errors: Vec::new(),
        failed: 0,
        took,
        issued,
        accepted,
        samples: Samples::default(),
        usage,
    };
    for worker in workers {
        report.completed += worker.completed;
        report.failed += worker.failed;
        report.errors.extend(worker.errors);
        report.samples.merge(worker.web.samples);
    }
    report.errors.truncate(KEPT);
    Ok(report)
}

impl Worker {
    /// Offer, token, nonce, credential, request, response, result; with keys that no other flow has.
    fn flow(&mut self, town: &Town, issuer: &Tenant, verifier: &Tenant) -> Result<()> {
        let web = &mut self.web;
        let offered = issuer.offer(&town.order(), web).context("offer")?;
        let proposal = self.phone.discover(&offered.link, web).context("discovery")?;
        let mut pocket = Pocket::new();
        self.phone.receive(&proposal, offered.code.as_deref(), &mut pocket, web).context("issuance")?;
        let opened = verifier.open(&town.question(), web).context("request")?;
        self.phone.present(&opened.link, &mut pocket, web).context("presentation")?;
        verifier.result(&opened.id, None, web).context("result")?;
        Ok(())
    }
}

impl Report {
    /// Whether everything kept to its limits.
    pub fn passed(&self) -> bool {
        let counts = [self.completed, self.issued, self.accepted];
        let memory = self.usage.values().all(|usage| usage.memory <= MOST_MEMORY);
        let quick = self.samples.by_leg().values().all(is_quick);
        self.flows > 0 && counts.iter().all(|count| *count == self.flows) && memory && quick
    }

    /// Flows a second that were completed.
    fn throughput(&self) -> f64 {
        let completed = u32::try_from(self.completed).unwrap_or(u32::MAX);
        f64::from(completed) / self.took.as_secs_f64().max(0.001)
    }

    /// For machines.
    pub fn to_json(&self) -> Value {
        let legs: BTreeMap<&str, Value> =
            self.samples.by_leg().iter().map(|(leg, summary)| (leg.name(), summary_json(summary))).collect();
        let usage = |usage: &Usage| json!({ "memory_bytes": usage.memory, "processor_seconds": usage.processor.as_secs_f64() });
        let servers: BTreeMap<_, _> = self.usage.iter().map(|(name, used)| (name, usage(used))).collect();
        json!({
            "passed": self.passed(), "engine": self.engine, "rate": self.rate, "wallets": self.wallets,
            "flows": self.flows, "completed": self.completed, "failed": self.failed, "errors": self.errors,
            "issued": self.issued, "accepted": self.accepted, "seconds": self.took.as_secs_f64(),
            "flows_per_second": self.throughput(), "requests": legs,
            "all_requests": summary_json(&self.samples.all()), "servers": servers,
            "limits": { "p50_ms": 50, "p99_ms": 300, "memory_bytes": MOST_MEMORY },
        })
    }
}

fn is_quick(summary: &Summary) -> bool {
    summary.p50 <= MOST_P50 && summary.p99 <= MOST_P99
}

fn summary_json(summary: &Summary) -> Value {
    let [p50, p99, most] = [summary.p50, summary.p99, summary.most].map(milliseconds);
    json!({ "count": summary.count, "p50_ms": p50, "p99_ms": p99, "max_ms": most })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flows, completed, failed, issued, accepted, rate, .. } = self;
        writeln!(f, "{:<18}{:>8} {:>9} {:>9} {:>9}", "request", "count", "p50 ms", "p99 ms", "max ms")?;
        let mut line = |name: &str, summary: &Summary| {
            let [p50, p99, most] = [summary.p50, summary.p99, summary.most].map(milliseconds);
            let late = if is_quick(summary) { "" } else { "  too slow" };
            writeln!(f, "{name:<18}{:>8} {p50:>9.1} {p99:>9.1} {most:>9.1}{late}", summary.count)
        };
        for (leg, summary) in self.samples.by_leg() {
            line(Leg::name(leg), &summary)?;
        }
        line("all", &self.samples.all())?;
        for (name, usage) in &self.usage {
            let (memory, processor) = (usage.memory >> 20, usage.processor.as_secs_f64());
            writeln!(f, "{name}: {memory} MiB at most, {processor:.1} s of processor time")?;
        }
        writeln!(
            f,
            "{} on {}: {flows} flows due at {rate}/s, {completed} completed ({:.1}/s), {failed} failed; \
             the servers count {issued} credentials issued, {accepted} presentations accepted",
            if self.passed() { "passed" } else { "FAILED" },
            self.engine,
            self.throughput(),
        )?;
        self.errors.iter().try_for_each(|error| writeln!(f, "  {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(spoil: impl FnOnce(&mut Report)) -> Report {
        let mut samples = Samples::default();
        samples.add(Leg::Token, MOST_P50);
        let memory = Usage { memory: MOST_MEMORY, processor: Duration::from_secs(1) };
        let mut report = Report {
            engine: "sqlite",
            rate: 1,
            wallets: 1,
            flows: 1,
            completed: 1,
            errors: Vec::new(),
            failed: 0,
            took: Duration::from_secs(1),
            issued: 1,
            accepted: 1,
            samples,
            usage: BTreeMap::from([("issuer 1".to_owned(), memory)]),
        };
        spoil(&mut report);
        report
    }

    #[test]
    fn everything_that_is_promised_is_needed() {
        let good = report(|_| {});
        assert!(good.passed());
        assert_eq!(good.to_json()["requests"]["token"]["p50_ms"], 50.0);
        assert!(good.to_string().contains("passed on sqlite"));
        let spoils: [fn(&mut Report); 7] = [
            |report| report.completed = 0,
            |report| report.issued = 2,
            |report| report.accepted = 0,
            |report| report.samples.add(Leg::Nonce, MOST_P50 + Duration::from_millis(1)),
            |report| {
                (0..98).for_each(|_| report.samples.add(Leg::Nonce, Duration::ZERO));
                (0..2).for_each(|_| report.samples.add(Leg::Nonce, MOST_P99 + Duration::from_millis(1)));
            },
            |report| report.usage.values_mut().for_each(|usage| usage.memory += 1),
            |report| (report.flows, report.completed, report.issued, report.accepted) = (0, 0, 0, 0),
        ];
        for (number, spoil) in spoils.into_iter().enumerate() {
            let bad = report(spoil);
            assert!(!bad.passed(), "{number}");
            assert!(bad.to_string().contains("FAILED"), "{number}");
        }
    }
}
