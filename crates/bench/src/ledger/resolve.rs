//! A log of DIDs: taking them in, and resolving one of them with the proof.

use super::{Folder, Scale, sample};
use crate::{
    clock::{median, microseconds, timed},
    os::{OsEntropy, WallClock},
    row::{Figures, Report, Row},
};
use anyhow::{Context as _, ensure};
use rusqlite::Connection;
use sinpyo_core::{
    did::{Did, KeyId},
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    key::{Signer as _, Verifier as _},
    resolved::{Resolved, VersionSelector},
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{
    Fold, Ledger, Operation,
    did_tlog::{self, Control, DidVersion, ResolutionProof},
    engine::LogEngine,
};
use sinpyo_store::SqliteLog;
use sinpyo_tlog::{
    merkle::Hash,
    note::{LogKey, Origin},
};
use std::{hint::black_box, path::Path, time::Duration};

const BATCH: usize = 1_000;
/// Resolved before anything is measured, as in a service that runs: a third of what is measured.
const MEASURED: usize = 10_000;

/// Measures the rows `admit did operations` and `resolve did`.
pub(super) fn measure(report: &mut Report, folder: &Folder, scale: Scale) {
    eprintln!("admit did operations; resolve did");
    match rows(folder, scale) {
        Ok(rows) => rows.into_iter().for_each(|row| report.add(row)),
        Err(error) => report.fail("admit did operations; resolve did", &error),
    }
}

/// Admitted: operations per second, each with its signature checked and durable, in batches. Resolved: p50 of the
/// document and its proof, from the DID. The proof's text is then parsed and verified with the log's key alone, which
/// is timed apart.
fn rows(folder: &Folder, scale: Scale) -> anyhow::Result<[Row; 2]> {
    let origin: Origin = "bench.example/ledger".parse()?;
    let signer = signer(Algorithm::Ed25519)?;
    let key = LogKey::new(origin.clone(), signer.key().verifying_key().clone())?;
    let engine = SqliteLog::open(&folder.file("dids.sqlite"), Fold::new(origin.clone()), WallClock)?;
    let ledger = Ledger::open(&engine, key, &signer, &"did:example:root".parse()?)?;
    let (dids, admitted) = fill(&engine, &origin, scale.dids())?;
    ledger.checkpoint()?;
    let raw = Raw::copy(&engine, &folder.file("raw.sqlite"))?;
    let chosen: Vec<&Did> = sample(dids.len().min(MEASURED), scale.dids())
        .into_iter()
        .map(|number| dids.get(usize::try_from(number)?).context("no such DID"))
        .collect::<anyhow::Result<_>>()?;
    let (warming, measured) = chosen.split_at(chosen.len() / 3);
    for did in warming {
        look_up(&ledger, did)?;
    }
    let (mut values, mut baselines, mut verifications) = (Vec::new(), Vec::new(), Vec::new());
    for (did, place) in measured.iter().zip(sample(measured.len(), scale.dids())) {
        baselines.push(timed(|| raw.read(place))?.1);
        let ((resolved, proof), time) = timed(|| look_up(&ledger, did))?;
        values.push(time);
        verifications.push(verify(&ledger, did, &resolved, &proof.to_string())?);
    }
    eprintln!("  verifying the proof: p50 {:.1} us", microseconds(median(verifications)?));
    let fs = Some(folder.file_system().to_owned());
    let resolved =
        Figures { value: microseconds(median(values)?), baseline: microseconds(median(baselines)?) };
    Ok([
        Row {
            name: "admit did operations",
            figures: admitted,
            unit: "/s",
            baseline_name: "raw ES256 verify, one core",
            inputs: dids.len(),
            file_system: fs.clone(),
            target: None,
        },
        Row {
            name: "resolve did",
            figures: resolved,
            unit: "us",
            baseline_name: "one SQLite point read, its leaf hash and 17 node hashes",
            inputs: measured.len(),
            file_system: fs,
            target: None,
        },
    ])
}

fn look_up(ledger: &Ledger<'_>, did: &Did) -> anyhow::Result<(Resolved, ResolutionProof)> {
    let newest = VersionSelector::Latest;
    Ok((ledger.resolve(did, &newest)?, ledger.prove(did, &newest)?))
}

fn verify(ledger: &Ledger<'_>, did: &Did, resolved: &Resolved, proof: &str) -> anyhow::Result<Duration> {
    let (proven, time) = timed(|| {
        let proof: ResolutionProof = proof.parse()?;
        Ok(proof.verify(ledger.key(), did, &VersionSelector::Latest)?)
    })?;
    ensure!(proven.resolved() == resolved, "the proof is of another document");
    Ok(time)
}

fn signer(algorithm: Algorithm) -> anyhow::Result<KeySigner> {
    let name: KeyId = "did:example:bench#key".parse()?;
    Ok(KeySigner::new(name, SigningKey::generate(algorithm, &mut OsEntropy)))
}

/// Creates `count` DIDs, each with a key of its own; how many of them were admitted per second.
fn fill(engine: &SqliteLog, origin: &Origin, count: u64) -> anyhow::Result<(Vec<Did>, Figures)> {
    let (mut dids, mut batch) = (Vec::new(), Vec::with_capacity(BATCH));
    let mut time = Duration::ZERO;
    for _ in 0..count {
        let operation = create(origin)?;
        dids.push(operation.fact().did.clone());
        batch.push(operation.as_bytes().to_vec());
        if batch.len() == BATCH {
            let batch = std::mem::take(&mut batch);
            let (answers, taken) = timed(|| Ok(engine.append(batch)))?;
            answers.into_iter().collect::<Result<Vec<_>, _>>()?;
            time += taken;
        }
    }
    ensure!(engine.head()?.size == count + 1, "not every DID was created");
    let value = f64::from(u32::try_from(count)?) / time.as_secs_f64();
    Ok((dids, Figures { value, baseline: raw_verifications()? }))
}

/// Signatures that one core verifies in a second.
fn raw_verifications() -> anyhow::Result<f64> {
    const COUNT: u32 = 2_000;
    let signer = signer(Algorithm::Es256)?;
    let signature = signer.sign(b"raw")?;
    let key = signer.key().verifying_key();
    let ((), time) = timed(|| (0..COUNT).try_for_each(|_| Ok(key.verify(b"raw", &signature).map(drop)?)))?;
    Ok(f64::from(COUNT) / time.as_secs_f64())
}

fn create(origin: &Origin) -> anyhow::Result<Operation<DidVersion>> {
    let signer = signer(Algorithm::Es256)?;
    let key = signer.key().verifying_key();
    let mut named = Ok(());
    let draft = did_tlog::create(origin, Control::by(key), |did| {
        let document = DidDocument::new(did.clone());
        match did.key("key-1") {
            Ok(id) => {
                let key = PublicKeyMaterial::Multikey(key.to_multikey());
                let method = VerificationMethod { id, controller: did.clone(), key, revoked: None };
                document.with_key(method, &[AssertionMethod])
            }
            Err(error) => {
                named = Err(error);
                document
            }
        }
    })?;
    named?;
    Ok(draft.sign(&signer, key)?)
}

/// The same entries in a plain table.
struct Raw(Connection);

impl Raw {
    fn copy(engine: &SqliteLog, path: &Path) -> anyhow::Result<Self> {
        let mut db = Connection::open(path)?;
        db.execute_batch("CREATE TABLE entry (position INTEGER PRIMARY KEY, data BLOB NOT NULL)")?;
        let transaction = db.transaction()?;
        for (position, data) in (0_i64..).zip(engine.entries(0..engine.head()?.size)?) {
            transaction
                .prepare_cached("INSERT INTO entry (position, data) VALUES (?1, ?2)")?
                .execute((position, data))?;
        }
        transaction.commit()?;
        Ok(Self(db))
    }

    /// What no resolution with a proof can do without.
    fn read(&self, place: u64) -> anyhow::Result<()> {
        let place = i64::try_from(place)?;
        let mut select = self.0.prepare_cached("SELECT data FROM entry WHERE position = ?1")?;
        let data: Vec<u8> = select.query_row([place], |row| row.get(0))?;
        let leaf = Hash::leaf(&data);
        black_box((0..17).fold(leaf, |hash, _| Hash::node(hash, leaf)));
        Ok(())
    }
}
