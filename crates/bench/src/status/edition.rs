//! What a verifier spends on one edition, and on one status.

use super::population::{CADENCE, Publisher, Shard, now, series};
use crate::{clock::measure_cpu, row::Row};
use anyhow::{Context as _, ensure};
use sinpyo_core::{
    encoding::from_base64url,
    key::{Authentic, Verifier as _},
    status::{CredentialStatus, StatusEntry},
};
use sinpyo_issuer::{Allocated, ListForm};
use sinpyo_proof::{Unverified, status_token};
use sinpyo_verifier::{CacheLimits, StatusCache};
use std::time::Duration;

/// Distinct editions, or distinct entries.
const INPUTS: u32 = 100;

const BASELINE: &str = "raw ES256 verify";

/// One list, published, with a verifier's view of it.
struct Edition {
    publisher: Publisher,
    shard: Shard,
    wires: Vec<String>,
}

impl Edition {
    fn new() -> anyhow::Result<Self> {
        let (publisher, shard) = (Publisher::new()?, Shard::new(0)?);
        let publish = |seconds: u32| -> anyhow::Result<String> {
            let at = now()?.plus(Duration::from_secs(seconds.into()));
            let mut lists = publisher.tokens.publish(&shard.tokens, CADENCE, at)?;
            Ok(lists.pop().context("no list")?.wire)
        };
        let wires = (0..INPUTS).map(publish).collect::<anyhow::Result<_>>()?;
        Ok(Self { publisher, shard, wires })
    }

    fn entry(&self, index: u64) -> anyhow::Result<StatusEntry> {
        let entries = series(ListForm::Token)?.status(Allocated { list: self.shard.tokens.number(), index });
        entries.into_iter().next().context("no entry")
    }

    /// Verifies one signature with the parsed key, and nothing else.
    fn raw(&self, input: usize) -> anyhow::Result<()> {
        let wire = self.wires.get(input).context("no edition")?;
        let (signed, signature) = wire.rsplit_once('.').context("no token")?;
        let signature = from_base64url(signature)?;
        let _: Authentic = self.publisher.key.verify(signed.as_bytes(), &signature)?;
        Ok(())
    }
}

/// From the bytes of an edition of 2^20 statuses to the verified list in the cache.
pub(super) fn verify(name: &'static str) -> anyhow::Result<Row> {
    let edition = Edition::new()?;
    let (entry, end) = (edition.entry(0)?, now()?.plus(CADENCE.ttl));
    let admit = |input: usize| -> anyhow::Result<()> {
        let wire = edition.wires.get(input).context("no edition")?;
        let mut cache = StatusCache::new(CacheLimits::default());
        cache.admit(Unverified::parse(wire.as_bytes())?, &entry, &edition.publisher.keys, end)?;
        Ok(())
    };
    let inputs = usize::try_from(INPUTS)?;
    let figures = measure_cpu(inputs, admit, |input| edition.raw(input))?;
    Ok(Row::of_cpu_time(name, figures, BASELINE, inputs))
}

/// One status from the cached edition.
pub(super) fn read(name: &'static str) -> anyhow::Result<Row> {
    let edition = Edition::new()?;
    let mut cache = StatusCache::new(CacheLimits::default());
    let (wire, at) = (edition.wires.first().context("no edition")?, now()?);
    cache.admit(Unverified::parse(wire.as_bytes())?, &edition.entry(0)?, &edition.publisher.keys, at)?;
    let entries = (0..INPUTS)
        .map(|index| edition.entry((index * 10_007).into()))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let did = &status_token::Publisher::Did(edition.publisher.tokens.did().context("no DID")?.clone());
    let status = |input: usize| -> anyhow::Result<()> {
        let entry = entries.get(input).context("no entry")?;
        let list = cache.current(entry, did, at).context("not cached")?;
        let status = list.status(entry.index())?;
        ensure!(Some(status) == edition.shard.tokens.status(entry.index()), "another status");
        ensure!(!matches!(status, CredentialStatus::Other(_)), "an unknown status");
        Ok(())
    };
    let inputs = entries.len();
    let figures = measure_cpu(inputs, status, |input| edition.raw(input))?;
    Ok(Row::of_cpu_time(name, figures, BASELINE, inputs))
}
