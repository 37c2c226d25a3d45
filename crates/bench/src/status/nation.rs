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
use sinpyo_proof::{Unverified, status_token};
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

    /// The rows.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = self.sizes.rows();
        let all = |times: &[Duration]| milliseconds(times.iter().sum());
        let middle = |times: &[Duration]| milliseconds(median(times.to_vec()).unwrap_or_default());
        let (publish, pack) = (self.publish.as_slice(), self.pack.as_slice());
        let of = |name, unit, value, baseline_name, baseline| {
            row(name, unit, publish.len(), value, (baseline_name, baseline))
        };
        rows.extend([
            of("status publish list", "ms", middle(publish), "packing alone", middle(pack)),
            of("status publish all", "ms", all(publish), "packing alone", all(pack)),
            of("status revoke one", "ms", milliseconds(self.revoke), "publishing all lists", all(publish)),
            of("status memory", "MiB", self.grown, "all lists unpacked", unpacked(3)),
        ]);
        rows
    }
}

fn row(
    name: &'static str,
    unit: &'static str,
    inputs: usize,
    value: f64,
    (baseline_name, baseline): (&'static str, f64),
) -> Row {
    let figures = Figures { value, baseline };
    Row { name, figures, unit, baseline_name, inputs, file_system: None, target: None }
}

/// All credentials at `bits` each, in MiB.
fn unpacked(bits: u32) -> f64 {
    mebibytes(usize::try_from(CREDENTIALS.div_ceil(8)).unwrap_or_default()) * f64::from(bits)
}

impl Sizes {
    fn rows(&self) -> Vec<Row> {
        let (revoked, suspended) = (REVOKED_SHARE, SUSPENDED_SHARE);
        let [jwt, cwt, revocations, suspensions] =
            [&self.jwt, &self.cwt, &self.revocations, &self.suspensions];
        let inputs = jwt.len();
        let bytes = |names: [&'static str; 3], sizes: &[usize], shares: &[f64]| {
            let figures =
                [sizes.iter().min().copied(), median(sizes.to_vec()).ok(), sizes.iter().max().copied()];
            let entropy = ("entropy of the statuses", entropy_bytes(shares));
            let bytes = |size: Option<usize>| {
                size.and_then(|size| u32::try_from(size).ok()).map_or(f64::NAN, f64::from)
            };
            let rows = names.into_iter().zip(figures);
            rows.map(|(name, size)| row(name, "B", inputs, bytes(size), entropy)).collect::<Vec<_>>()
        };
        let total = |name, sizes: &[&Vec<usize>]| {
            let total = mebibytes(sizes.iter().copied().flatten().sum());
            row(name, "MiB", inputs, total, ("two bits for each credential", unpacked(2)))
        };
        let both = [revoked, suspended];
        [
            bytes(["status jwt bytes min", "status jwt bytes", "status jwt bytes max"], jwt, &both),
            bytes(["status cwt bytes min", "status cwt bytes", "status cwt bytes max"], cwt, &both),
            bytes(
                ["status revocation vc min", "status revocation vc", "status revocation vc max"],
                revocations,
                &[revoked],
            ),
            bytes(
                ["status suspension vc min", "status suspension vc", "status suspension vc max"],
                suspensions,
                &[suspended],
            ),
            vec![
                total("status jwt total", &[jwt]),
                total("status cwt total", &[cwt]),
                total("status vc total", &[revocations, suspensions]),
            ],
        ]
        .concat()
    }

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
        status_token::Publisher::Did(publisher.tokens.did().context("no DID")?.clone()),
    );
    let (fetched, end) = (now()?, now()?.plus(CADENCE.ttl));
    let admit = |cache: &mut StatusCache, wire: &str, at| -> anyhow::Result<CredentialStatus> {
        let list = cache.admit(Unverified::parse(wire.as_bytes())?, entry, &publisher.keys, at)?;
        Ok(list.status(entry.index())?)
    };
    ensure!(admit(&mut cache, old, fetched)? == CredentialStatus::Valid, "revoked too early");
    let cached = cache.current(entry, &did, end).context("forgotten before its ttl was over")?;
    ensure!(cached.status(entry.index())? == CredentialStatus::Valid, "an edition changed");
    let after = end.plus(Duration::from_secs(1));
    ensure!(cache.current(entry, &did, after).is_none(), "used after its ttl was over");
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
