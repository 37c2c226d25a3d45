//! Writes the static export of a log that holds something of every kind, with entries that break rules among them, into
//! the folder that is named; prints what an auditor must find in it. For independent readers of `spec/did-tlog.md`.
//!
//! ```text
//! cargo run -p sinpyo-registry --example export -- FOLDER
//! ```

use serde_json::{Value, json};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName},
    credential::Validity,
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::to_base64url,
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner, VerifyingKey};
use sinpyo_registry::{
    Draft, Fold, Ledger, LedgerKeys, Operation,
    accreditation::{AccreditationRecord, AccreditationStatus, draft_grant, draft_status},
    audit::{ExportedEntry, audit},
    did_tlog::{Control, DidHead, DidVersion, create, deactivate, recover, update},
    engine::{LogEngine, NewEntry, Position, Refusal, Sequencing, StateView, StateWrite},
    heads::HeadsKey,
    person::{PersonSecret, admit, draft, erase},
    status_digest::{StatusDigest, publish},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{StepClock, TestEntropy, key};
use sinpyo_tlog::{
    merkle::Hash,
    note::{LogKey, Origin},
};
use std::{error::Error, path::Path, sync::Arc, time::Duration};

/// Takes what [`Fold`] refuses too: an operator who keeps no rules.
struct Lawless(Fold);

impl Sequencing for Lawless {
    fn sequence(&self, state: &dyn StateView, at: Position, op: &[u8]) -> Result<NewEntry, Refusal> {
        let time = at.time.to_string();
        let entry = [b"{\"op\":", op, b",\"time\":\"", time.as_bytes(), b"\",\"v\":1}"].concat();
        let writes = self.replay(state, at.index, &entry)?;
        Ok(NewEntry { entry, writes })
    }

    fn replay(&self, state: &dyn StateView, index: u64, entry: &[u8]) -> Result<Vec<StateWrite>, Refusal> {
        Ok(self.0.replay(state, index, entry).unwrap_or_default())
    }
}

struct Shared(Arc<StepClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A log and its clock.
struct Log {
    engine: MemoryLog,
    clock: Arc<StepClock>,
    origin: Origin,
}

type Done<T> = Result<T, Box<dyn Error>>;

impl Log {
    /// Appends, a minute after the last.
    fn add(&self, bytes: &[u8]) -> Done<u64> {
        self.clock.advance(Duration::from_mins(1));
        Ok(self.engine.append(vec![bytes.to_vec()]).pop().ok_or("no answer")??.index)
    }

    fn head(&self, did: &Did) -> Done<DidHead> {
        Ok(DidHead::read(&*self.engine.state()?, did)?.ok_or("no such DID")?)
    }

    fn organisation(&self, algorithm: Algorithm, seed: u8, control: Control) -> Done<Did> {
        let created = create(&self.origin, control, |did| document(did, seed))?;
        let operation = by(algorithm, seed, created)?;
        self.add(operation.as_bytes())?;
        Ok(operation.fact().did.clone())
    }
}

fn public(algorithm: Algorithm, seed: u8) -> VerifyingKey {
    key(algorithm, seed).verifying_key().clone()
}

/// Signs with update key `seed`.
fn by(algorithm: Algorithm, seed: u8, draft: Draft<DidVersion>) -> Done<Operation<DidVersion>> {
    let signer = KeySigner::new("did:example:any#name".parse()?, key(algorithm, seed));
    Ok(draft.sign(&signer, &public(algorithm, seed))?)
}

/// Signs as organisation `did` with assertion key `seed`.
fn of<T>(did: &Did, seed: u8, draft: Draft<T>) -> Done<Operation<T>> {
    let signer = KeySigner::new(did.key(&format!("key-{seed}"))?, key(Algorithm::Ed25519, seed));
    Ok(draft.sign(&signer, &public(Algorithm::Ed25519, seed))?)
}

fn document(did: &Did, seed: u8) -> DidDocument {
    let Ok(id) = did.key(&format!("key-{seed}")) else { return DidDocument::new(did.clone()) };
    let key = PublicKeyMaterial::Multikey(public(Algorithm::Ed25519, seed).to_multikey());
    let method = VerificationMethod { id, controller: did.clone(), key, revoked: None };
    DidDocument::new(did.clone()).with_key(method, &[VerificationRelationship::AssertionMethod])
}

fn grant(log: &Log, by: &Did, seed: u8, subject: &Did, grant: Grant) -> Done<Vec<u8>> {
    let name = LocalizedName { ko: "한국사회복지사협회".into(), en: "KASW".into() };
    let validity = Validity { from: Some(log.clock.now()), until: None };
    let stated = Accreditation { subject: subject.clone(), name, granted_by: by.clone(), grant, validity };
    Ok(of(by, seed, draft_grant(&log.origin, &stated)?)?.as_bytes().to_vec())
}

/// Organisations, their accreditations, a theft and its recovery.
fn organisations(log: &Log, root: &Did) -> Done<()> {
    use Algorithm::{Ed25519, Es256, Es384, MlDsa44};
    let others: Vec<Did> = [(Es384, 3), (Ed25519, 4), (MlDsa44, 5)]
        .into_iter()
        .map(|(kind, seed)| log.organisation(kind, seed, Control::by(&public(kind, seed))))
        .collect::<Done<_>>()?;
    let [first, second, third] = others.as_slice() else { return Err("three".into()) };
    let control = Control::by(&public(Es256, 7)).recovered_by(&public(Es256, 70));
    let victim = log.organisation(Es256, 7, control)?;
    let kinds = vec!["K04".parse()?];
    log.add(&grant(log, root, 1, &victim, Grant::Accredit { types: kinds.clone() })?)?;
    let kept = log.add(&grant(log, &victim, 7, first, Grant::Issue { types: kinds.clone() })?)?;
    let stolen = update(
        &log.head(&victim)?,
        &log.origin,
        &document(&victim, 66),
        Some(Control::by(&public(Es256, 66))),
    );
    log.add(by(Es256, 7, stolen)?.as_bytes())?;
    log.add(&grant(log, &victim, 66, second, Grant::Issue { types: kinds })?)?;
    let state = log.engine.state()?;
    let record = AccreditationRecord::of(&*state, first)?.pop().ok_or("no grant")?;
    drop(state);
    if record.position().index != kept {
        return Err("another grant".into());
    }
    log.add(of(&victim, 66, draft_status(&log.origin, &record, AccreditationStatus::Revoked))?.as_bytes())?;
    let base = DidHead::read_base(&*log.engine.state()?, &victim, 1)?.ok_or("no base")?;
    let back = recover(&base, &log.origin, base.document(), Control::by(&public(Es256, 8)));
    log.add(by(Es256, 70, back)?.as_bytes())?;
    log.add(of(&victim, 7, draft_status(&log.origin, &record, AccreditationStatus::Suspended))?.as_bytes())?;
    log.add(by(MlDsa44, 5, deactivate(&log.head(third)?, &log.origin))?.as_bytes())?;
    let digest = StatusDigest {
        by: first.clone(),
        list: "https://issuer.example/list".into(),
        version: 1,
        sha256: [7; 32],
        issued_at: log.clock.now(),
        time_to_live: Duration::from_mins(15),
    };
    log.add(of(first, 3, publish(&log.origin, digest))?.as_bytes())?;
    Ok(())
}

/// Two persons, one of them erased.
fn persons(log: &Log, root: &Did) -> Done<()> {
    let mut entries = Vec::new();
    for seed in [30, 31] {
        let own = public(Algorithm::Ed25519, seed);
        let signer = KeySigner::new("did:example:p#k".parse()?, key(Algorithm::Ed25519, seed));
        let operation = draft(&log.origin, &own, None)?.sign(&signer, &own)?;
        let secret = PersonSecret::new(operation, &mut TestEntropy::new(u64::from(seed)));
        let admitted = of(root, 1, admit(&log.origin, root, secret.commitment()))?;
        entries.push(log.add(admitted.as_bytes())?);
    }
    let last = entries.pop().ok_or("no person")?;
    log.add(of(root, 1, erase(&log.origin, root, last))?.as_bytes())?;
    Ok(())
}

/// Operations that break rules.
fn nonsense(log: &Log, root: &Did) -> Done<()> {
    let strange = update(&log.head(root)?, &log.origin, &document(root, 66), None);
    log.add(by(Algorithm::Es256, 66, strange)?.as_bytes())?;
    log.add(br#"{"log":"elsewhere.example","type":"did"}"#)?;
    log.add(br#"{"log":"ledger.example/2026","type":"none"}"#)?;
    log.add(b"17")?;
    Ok(())
}

/// A recovery by the lower of two keys to before something that the higher one did, and one that undoes an update.
fn recoveries(log: &Log) -> Done<()> {
    let kind = Algorithm::Es256;
    let control = || Control::by(&public(kind, 11));
    let two = control().recovered_by(&public(kind, 72)).recovered_by(&public(kind, 73));
    let did = log.organisation(kind, 11, two)?;
    let back = |base: &DidHead, seed| {
        by(kind, 73, recover(base, &log.origin, base.document(), Control::by(&public(kind, seed))))
    };
    let base = |number| -> Done<DidHead> {
        Ok(DidHead::read_base(&*log.engine.state()?, &did, number)?.ok_or("no base")?)
    };
    log.add(by(kind, 11, update(&log.head(&did)?, &log.origin, &document(&did, 12), None))?.as_bytes())?;
    log.add(back(&base(1)?, 11)?.as_bytes())?;
    log.add(by(kind, 11, update(&log.head(&did)?, &log.origin, &document(&did, 13), None))?.as_bytes())?;
    log.add(by(kind, 72, deactivate(&log.head(&did)?, &log.origin))?.as_bytes())?;
    log.add(back(&base(1)?, 14)?.as_bytes())?; // TLOG-28
    log.add(back(&base(2)?, 15)?.as_bytes())?; // TLOG-28
    Ok(())
}

fn main() -> Done<()> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let origin: Origin = "ledger.example/2026".parse()?;
    let clock = Arc::new(StepClock::new("2026-11-22T00:00:00Z".parse()?));
    let engine = MemoryLog::new(Lawless(Fold::new(origin.clone())), Shared(Arc::clone(&clock)));
    let log_key = LogKey::new(origin.clone(), public(Algorithm::Ed25519, 200))?;
    let signer = KeySigner::new("did:example:log#key".parse()?, key(Algorithm::Ed25519, 200));
    let heads = HeadsKey::new(&origin, public(Algorithm::Ed25519, 201))?;
    let heads_signer = KeySigner::new("did:example:log#heads".parse()?, key(Algorithm::Ed25519, 201));
    let control = Control::by(&public(Algorithm::Es256, 1)).announcing(&public(Algorithm::Es256, 2));
    let created = by(Algorithm::Es256, 1, create(&origin, control, |did| document(did, 1))?)?;
    let root = created.fact().did.clone();
    let keys = LedgerKeys::new(log_key.clone(), &signer).with_heads(heads, &heads_signer);
    let log = Log { engine, clock, origin };
    let ledger = Ledger::with_keys(&log.engine, keys, &root)?;
    log.add(created.as_bytes())?;
    organisations(&log, &root)?;
    recoveries(&log)?;
    nonsense(&log, &root)?;
    persons(&log, &root)?;
    let (next, next_heads) = (
        public(Algorithm::Ed25519, 202),
        KeySigner::new("did:example:log#next".parse()?, key(Algorithm::Ed25519, 202)),
    );
    let next = HeadsKey::new(&log.origin, next)?;
    log.add(ledger.log_keys()?.change(&signer, None, Some((&next, &next_heads)))?.as_bytes())?;
    // A key that the log gave up is nobody else's, and a line too many is no change of keys.
    for seed in [201, 202] {
        let created =
            create(&log.origin, Control::by(&public(Algorithm::Es256, 9)), |did| document(did, seed))?;
        log.add(by(Algorithm::Es256, 9, created)?.as_bytes())?; // TLOG-38
    }
    let (third, third_heads) = (
        public(Algorithm::Ed25519, 203),
        KeySigner::new("did:example:log#third".parse()?, key(Algorithm::Ed25519, 203)),
    );
    let third = HeadsKey::new(&log.origin, third)?;
    let change = ledger.log_keys()?.change(&signer, None, Some((&third, &third_heads)))?;
    let mut more: Value = serde_json::from_slice(change.as_bytes())?;
    let lines = more.get_mut("signatures").and_then(Value::as_array_mut).ok_or("no signatures")?;
    lines.extend(lines.first().cloned());
    log.add(&sinpyo_core::jcs::canonicalize(&more))?; // TLOG-40
    let checkpoint = ledger.checkpoint()?;
    sinpyo_store::export::export(&log.engine, Path::new(&folder))?;
    let entries = log.engine.entries(0..checkpoint.claimed_head().size)?;
    let entries = entries.into_iter().map(|entry| ExportedEntry { leaf: Hash::leaf(&entry), entry });
    let audited = audit(entries, &checkpoint.to_string(), &log_key)?;
    let invalid: Vec<Value> =
        audited.invalid().iter().map(|entry| json!({"index": entry.index, "code": entry.code})).collect();
    let expected = json!({
        "logKey": log_key.to_string(),
        "size": audited.head().size,
        "root": to_base64url(audited.head().root.as_bytes()),
        "stateRoot": to_base64url(audited.state_root().as_bytes()),
        "invalid": invalid,
    });
    println!("{expected:#}");
    Ok(())
}
