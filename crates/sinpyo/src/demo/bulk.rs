//! The same in bulk, with a stopwatch.

use super::{
    Stage,
    people::claims_of,
    rogue::{self, Answer, Rogue, envelope},
    services::SERVICES,
    world::Orgs,
};
use crate::{
    asking::{self, Verdict},
    facts::Facts,
    import::Imported,
    issuing::Desk,
    os::OsEntropy,
};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use sinpyo_core::key::Verifier;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_verifier::{Answer as Arrived, Policy};
use std::time::{Duration, Instant};

/// Rates over a number of holders.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) holders: usize,
    issue: Duration,
    verify: Duration,
    check: Duration,
    raw: Duration,
}

impl Rates {
    pub(super) fn to_json(self) -> Value {
        let count = u32::try_from(self.holders).map_or(f64::MAX, f64::from);
        let rate = |time: Duration| (count / time.as_secs_f64()).round();
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / count;
        json!({
            "issue_per_s": rate(self.issue),
            "verify_per_s": rate(self.verify),
            "raw_p256_us": (micros(self.raw) * 10.0).round() / 10.0,
            "verify_ratio": (micros(self.check) / micros(self.raw) * 100.0).round() / 100.0,
            "holders": self.holders,
        })
    }
}

/// Issues to `holders` holders, and has each visit the voting registrar.
///
/// Issuing takes a durable status entry for each; verifying asks, answers and redeems a durable challenge for each. The
/// ratio compares the check alone, two signatures, with one raw signature.
pub(super) fn run(stage: &Stage<'_>, orgs: &Orgs, imported: &Imported, holders: usize) -> Result<Rates> {
    let (issue, rogues) = issue(stage, orgs, imported, holders)?;
    let service = SERVICES[2];
    let home = stage.home;
    let bar = stage.voice.progress(holders, "확인", "verifying");
    let mut facts = Facts::new(home, home.trust()?, home.now());
    let (mut verify, mut check) = (Duration::ZERO, Duration::ZERO);
    let queries = service.queries(stage)?.into_iter().map(|mut query| {
        query.claims.iter_mut().for_each(|claim| claim.values.clear());
        query
    });
    let queries: Vec<_> = queries.collect();
    for rogue in &rogues {
        let asked = Instant::now();
        let request = service.ask(stage, orgs, queries.clone())?;
        verify += asked.elapsed();
        let show = ["age_over_18", "region_sigungu"];
        let answer = envelope(&rogue.present(&Answer::honest(&request, &show, home.now())?)?);
        let examined = Instant::now();
        let verdict = asking::examine(home, &request, &answer, &mut facts)?;
        verify += examined.elapsed();
        if let Verdict::Refused(refusal) = verdict {
            bail!("a good presentation was refused: {} {}", refusal.code, refusal.reason);
        }
        check += time_check(&request, &answer, &mut facts, home.now())?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Rates { holders, issue, verify, check, raw: raw(holders)? })
}

fn issue(
    stage: &Stage<'_>,
    orgs: &Orgs,
    imported: &Imported,
    holders: usize,
) -> Result<(Duration, Vec<Rogue>)> {
    let profile = stage.home.profile("K01")?;
    let mut desk = Desk::open(stage.home, &orgs.moi, ("K01", &profile))?;
    let rows: Vec<_> = imported.residents.values().map(|row| claims_of(&profile, row)).collect();
    if rows.is_empty() {
        bail!("the input has no residents");
    }
    let bar = stage.voice.progress(holders, "대량 발급", "issuing in bulk");
    let mut time = Duration::ZERO;
    let mut rogues = Vec::with_capacity(holders);
    for claims in rows.iter().cycle().take(holders) {
        rogues.push(Rogue::with(|key| {
            let started = Instant::now();
            let issued = desk.issue(claims, key, None)?;
            time += started.elapsed();
            Ok(issued.wire)
        })?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let started = Instant::now();
    desk.publish()?;
    Ok((time + started.elapsed(), rogues))
}

/// The time of the check alone: everything it needs is at hand, and no store is asked.
fn time_check(
    request: &str,
    answer: &[u8],
    facts: &mut Facts<'_>,
    now: sinpyo_core::time::Timestamp,
) -> Result<Duration> {
    let request = rogue::read(request)?;
    let policy = Policy::new(request.verifier.clone(), request.service.clone(), request.queries.clone());
    let challenge = policy.challenge_for(request);
    let started = Instant::now();
    let mut check = challenge.check(Arrived::parse(answer)?, now)?;
    while let Some(need) = check.need() {
        check.supply(&facts.fetch(&need)?)?;
    }
    drop(check.finish()?);
    Ok(started.elapsed())
}

/// As many raw verifications of distinct messages under a parsed key.
fn raw(count: usize) -> Result<Duration> {
    let key = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let signed = (0..count).map(|number| {
        let message = format!("{number:0>400}").into_bytes();
        let signature = key.sign(&message)?;
        Ok((message, signature))
    });
    let signed: Vec<_> = signed.collect::<Result<_>>()?;
    let started = Instant::now();
    for (message, signature) in &signed {
        let _ = key.verifying_key().verify(message, signature)?;
    }
    Ok(started.elapsed())
}
