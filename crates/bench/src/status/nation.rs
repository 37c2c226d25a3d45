//! Publishing all lists, revoking one credential, publishing them again.

use super::population::{
    CADENCE, CREDENTIALS, Publisher, REVOKED_SHARE, SUSPENDED_SHARE, Shard, entropy_bytes, lists, now, series,
};
use crate::{
    clock::median,
    row::{Figures, Row},
};
use anyhow::{Context as _, ensure};
use cpu_time::ThreadTime;
use sinpyo_core::status::{CredentialStatus, StatusEntry};
use sinpyo_issuer::{Allocated, ListForm, StatusCommand};
use sinpyo_proof::Unverified;
use sinpyo_verifier::{CacheLimits, StatusCache};
use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

/// The list in which a credential is revoked.
const REVOKED_IN: u32 = 200;

/// What was measured over all lists.
pub(super) struct Nation {
    sizes: Sizes,
    /// Of publishing one list as a Status List Token in JSON.
    publish: Vec<Duration>,
    /// Of packing alone.
    pack: Vec<Duration>,
    /// From the command to the signed edition of the one list that it changes.
    revoke: Duration,
    /// By which the process grew, in MiB.
    grown: f64,
}

/// Bytes of every list in each form.
#[derive(Default)]
struct Sizes {
    jwt: Vec<usize>,
    cwt: Vec<usize>,
    revocations: Vec<usize>,
    suspensions: Vec<usize>,
}

impl Nation {
    /// Publishes all lists, revokes one credential and publishes all again.
    pub(super) fn measure() -> anyhow::Result<Self> {
        let (publisher, before) = (Publisher::new()?, peak_memory()?);
        let (mut sizes, mut publish, mut pack, mut contents) =
            (Sizes::default(), Vec::new(), Vec::new(), Vec::new());
        for number in 0..lists()? {
            let shard = Shard::new(number)?;
            let (token, time) = cpu_timed(|| token(&publisher, &shard))?;
            publish.push(time);
            pack.push(cpu_timed(|| Ok(shard.values.to_zlib()))?.1);
            contents.push(content(&token)?);
            sizes.add(&publisher, &shard, &token)?;
        }
        let (revoke, changed) = revoke_one(&publisher, &contents)?;
        ensure!(changed == [REVOKED_IN], "a revocation changed the lists {changed:?}");
        Ok(Self { sizes, publish, pack, revoke, grown: peak_memory()? - before })
    }

    /// The rows, after what they do not show went to stderr.
    pub(super) fn rows(&self) -> Vec<Row> {
        let Sizes { jwt, cwt, revocations, suspensions } = &self.sizes;
        let total = |sizes: &[usize]| mebibytes(sizes.iter().sum());
        let publish_all: Duration = self.publish.iter().sum();
        let pack_all: Duration = self.pack.iter().sum();
        let unpacked = |bits: f64| {
            bits * f64::from(u32::try_from(CREDENTIALS).unwrap_or(u32::MAX)) / 8.0 / f64::from(1 << 20)
        };
        let row = |name, unit, value, (baseline_name, baseline)| Row {
            name,
            figures: Figures { value, baseline },
            unit,
            baseline_name,
            inputs: self.publish.len(),
            file_system: None,
        };
        let bytes = |name, sizes: &[usize], pick: Pick, shares: &[f64]| {
            row(name, "B", pick.of(sizes), ("entropy of the statuses", entropy_bytes(shares)))
        };
        let all = [REVOKED_SHARE, SUSPENDED_SHARE];
        let [revoked, suspended] = all.map(|share| [share]);
        let (least, middle, most) = (Pick::Least, Pick::Middle, Pick::Most);
        vec![
            bytes("status jwt bytes min", jwt, least, &all),
            bytes("status jwt bytes", jwt, middle, &all),
            bytes("status jwt bytes max", jwt, most, &all),
            bytes("status cwt bytes min", cwt, least, &all),
            bytes("status cwt bytes", cwt, middle, &all),
            bytes("status cwt bytes max", cwt, most, &all),
            bytes("status revocation vc min", revocations, least, &revoked),
            bytes("status revocation vc", revocations, middle, &revoked),
            bytes("status revocation vc max", revocations, most, &revoked),
            bytes("status suspension vc min", suspensions, least, &suspended),
            bytes("status suspension vc", suspensions, middle, &suspended),
            bytes("status suspension vc max", suspensions, most, &suspended),
            row("status jwt total", "MiB", total(jwt), ("two bits for each credential", unpacked(2.0))),
            row("status cwt total", "MiB", total(cwt), ("two bits for each credential", unpacked(2.0))),
            row(
                "status vc total",
                "MiB",
                total(revocations) + total(suspensions),
                ("two bits for each credential", unpacked(2.0)),
            ),
            row(
                "status publish list",
                "ms",
                milliseconds(median(self.publish.clone()).unwrap_or_default()),
                ("packing alone", milliseconds(median(self.pack.clone()).unwrap_or_default())),
            ),
            row(
                "status publish all",
                "ms",
                milliseconds(publish_all),
                ("packing alone", milliseconds(pack_all)),
            ),
            row(
                "status revoke one",
                "ms",
                milliseconds(self.revoke),
                ("publishing all lists", milliseconds(publish_all)),
            ),
            row("status memory", "MiB", self.grown, ("all lists unpacked", unpacked(5.0))),
        ]
    }
}

impl Sizes {
    fn add(&mut self, publisher: &Publisher, shard: &Shard, token: &str) -> anyhow::Result<()> {
        self.jwt.push(token.len());
        self.cwt.push(publisher.tokens.publish_cwt(&shard.tokens, CADENCE, now()?)?.1.len());
        let bitstrings = publisher.bitstrings.publish(&shard.bitstrings, CADENCE, now()?)?;
        let [revocations, suspensions] = bitstrings.as_slice() else { anyhow::bail!("not two lists") };
        self.revocations.push(revocations.wire.len());
        self.suspensions.push(suspensions.wire.len());
        Ok(())
    }
}

/// Which of the sizes.
#[derive(Clone, Copy)]
enum Pick {
    Least,
    Middle,
    Most,
}

impl Pick {
    fn of(self, sizes: &[usize]) -> f64 {
        let size = match self {
            Self::Least => sizes.iter().min().copied(),
            Self::Middle => median(sizes.to_vec()).ok(),
            Self::Most => sizes.iter().max().copied(),
        };
        size.and_then(|size| u32::try_from(size).ok()).map_or(f64::NAN, f64::from)
    }
}

/// Revokes a credential of list [`REVOKED_IN`], shows that a verifier learns of it after `ttl`, and publishes all lists
/// anew: how long the one took, and which others differ from `before`.
fn revoke_one(publisher: &Publisher, before: &[u64]) -> anyhow::Result<(Duration, Vec<u32>)> {
    let mut shard = Shard::new(REVOKED_IN)?;
    let index = shard.valid;
    let entries = series(ListForm::Token)?.status(Allocated { list: REVOKED_IN, index });
    let entry = entries.first().context("no entry")?;
    ensure!(series(ListForm::Token)?.number_of(entry.list()) == Some(REVOKED_IN), "another list");
    let old = token(publisher, &shard)?;
    let (new, time) = cpu_timed(|| {
        for event in shard.tokens.decide(StatusCommand::Set { index, status: CredentialStatus::Revoked })? {
            shard.tokens.apply(&event)?;
        }
        token(publisher, &shard)
    })?;
    learn(publisher, entry, [&old, &new])?;
    let mut changed = Vec::new();
    for (number, before) in (0..lists()?).zip(before) {
        let now = if number == REVOKED_IN {
            content(&new)?
        } else {
            content(&token(publisher, &Shard::new(number)?)?)?
        };
        if now != *before {
            changed.push(number);
        }
    }
    Ok((time, changed))
}

/// A verifier that has the old edition accepts until `ttl` is over; then it asks, gets the new one, and refuses.
fn learn(publisher: &Publisher, entry: &StatusEntry, [old, new]: [&str; 2]) -> anyhow::Result<()> {
    let (mut cache, did) = (
        StatusCache::new(CacheLimits { max_age: CADENCE.lifetime, ..CacheLimits::default() }),
        publisher.tokens.did(),
    );
    let (fetched, end) = (now()?, now()?.plus(CADENCE.ttl));
    let admit = |cache: &mut StatusCache, wire: &str, at| -> anyhow::Result<CredentialStatus> {
        let list = cache.admit(Unverified::parse(wire.as_bytes())?, entry, &publisher.keys, at)?;
        Ok(list.status(entry.index())?)
    };
    ensure!(admit(&mut cache, old, fetched)? == CredentialStatus::Valid, "revoked too early");
    let cached = cache.current(entry, did, end).context("forgotten before its ttl was over")?;
    ensure!(cached.status(entry.index())? == CredentialStatus::Valid, "an edition changed");
    let after = end.plus(Duration::from_secs(1));
    ensure!(cache.current(entry, did, after).is_none(), "used after its ttl was over");
    ensure!(admit(&mut cache, new, after)? == CredentialStatus::Revoked, "not revoked");
    Ok(())
}

fn token(publisher: &Publisher, shard: &Shard) -> anyhow::Result<String> {
    let mut lists = publisher.tokens.publish(&shard.tokens, CADENCE, now()?)?;
    Ok(lists.pop().context("no list")?.wire)
}

/// What was signed. A signature differs each time.
fn content(token: &str) -> anyhow::Result<u64> {
    let (signed, _) = token.rsplit_once('.').context("no token")?;
    let mut hasher = DefaultHasher::new();
    signed.hash(&mut hasher);
    Ok(hasher.finish())
}

/// The most memory that this process ever had, in MiB.
pub(super) fn peak_memory() -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse::<f64>()? / 1024.0)
}

/// What `work` gives and how much of the thread's CPU time it took. Nothing here waits.
fn cpu_timed<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, Duration)> {
    let start = ThreadTime::now();
    let value = work()?;
    Ok((value, start.elapsed()))
}

fn mebibytes(bytes: usize) -> f64 {
    u32::try_from(bytes).map_or(f64::NAN, f64::from) / f64::from(1 << 20)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
