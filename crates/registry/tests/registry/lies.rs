//! Lies of an operator: each leaves evidence, and no honest operator can be made a liar.

use crate::{
    accreditation::{accredit, change_status, granted, issue, may_issue},
    world::{World, as_organisation, by, create, document, heads_key, log_key, origin, start, update_key},
};
use serde_json::{Value, json};
use sinpyo_core::{did::Did, jcs, resolved::VersionSelector};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    Ledger, LedgerKeys,
    accreditation::{AccreditationProof, AccreditationStatus},
    audit::{ExportedEntry, audit},
    did_tlog::{Control, DidHead, ResolutionProof, recover, update},
    engine::LogEngine,
    heads::{HeadEquivocation, HeadsKey, Recency, SignedHeads, Topic},
    status_digest::{StatusDigest, StatusDigestProof, publish},
};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    cosignature::CosignerKey,
    merkle::Hash,
    note::{LogKey, Note},
    policy::Policy,
};
use std::time::Duration;

const LATEST: VersionSelector = VersionSelector::Latest;
const LIST: &str = "https://a.example/list";

fn recoverable(world: &World) -> Did {
    let control = Control::by(&update_key(7)).recovered_by(&update_key(70)).recovered_by(&update_key(71));
    world.submit(create(7, control)).unwrap().did
}

/// A thief of update key 7 takes the DID over, and leaves the document as it is.
fn stolen(world: &World, did: &Did) {
    let control = Some(Control::by(&update_key(66)));
    world.submit(by(7, update(&world.head(did), &origin(), &document(did, 7), control))).unwrap();
}

fn rescued(world: &World, did: &Did) {
    let base = world.ledger().recoverable(did, 1).unwrap().unwrap();
    let draft = recover(&base, &origin(), base.document(), Control::by(&update_key(8)));
    world.submit(by(70, draft)).unwrap();
}

fn head(ledger: &Ledger<'_>, did: &Did) -> DidHead {
    ledger.head_of(did).unwrap().unwrap()
}

/// Signs `text` as a statement of heads with Ed25519 key number `seed`.
fn signed(text: &str, seed: u8) -> SignedHeads {
    let secret = key(Algorithm::Ed25519, seed);
    let name = format!("{}/heads", origin()).parse().unwrap();
    let public = LogKey::new(name, secret.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:heads#key".parse().unwrap(), secret);
    let line = public.sign(text, &signer).unwrap();
    Note::new(text, vec![line]).unwrap().to_string().parse().unwrap()
}

fn text_of(heads: &SignedHeads) -> String {
    heads.to_string().parse::<Note>().unwrap().unverified_text().to_owned()
}

/// The statement with another line about what begins with `topic`.
fn lie(heads: &SignedHeads, topic: &str, says: &str) -> SignedHeads {
    let text = text_of(heads);
    let line = text.lines().find(|line| line.starts_with(topic)).unwrap().to_owned();
    signed(&text.replace(&line, &format!("{topic} {says}")), 201)
}

/// A proof by hand: these entries under the published checkpoint.
fn bundle(ledger: &Ledger<'_>, indices: impl IntoIterator<Item = u64>, heads: &SignedHeads) -> String {
    let (mut entries, mut checkpoint) = (Vec::new(), Value::Null);
    for index in indices {
        let text = ledger.prove_entry(index).unwrap().to_string();
        let proof: Value = serde_json::from_str(&text).unwrap();
        checkpoint = proof["checkpoint"].clone();
        entries.push(proof["entries"][0].clone());
    }
    let bundle = json!({"checkpoint": checkpoint, "entries": entries, "heads": heads.to_string()});
    String::from_utf8(jcs::canonicalize(&bundle)).unwrap()
}

fn evidence(text: &str) -> Result<u64, &'static str> {
    let evidence: HeadEquivocation = text.parse().unwrap();
    evidence.verify(&log_key().0).map(|proven| proven.found().index).map_err(|error| error.code())
}

#[test]
fn an_honest_log_is_not_framed_by_leaving_out_what_was_set_aside() {
    let world = World::new();
    let (did, other) = (recoverable(&world), world.organisation(9)); // 2, 3
    let root = (&world.root.clone(), 1);
    world.submit(granted(&world, root, &did, accredit(&["K04"]))).unwrap(); // 4
    let honest = world.submit(granted(&world, (&did, 7), &other, issue("K04"))).unwrap(); // 5
    stolen(&world, &did); // 6
    change_status(&world, (&did, 7), &honest, AccreditationStatus::Suspended).unwrap(); // 7
    rescued(&world, &did); // 8
    let ledger = world.ledger();
    let heads = ledger.state_heads([Topic::Accreditation(honest.id.clone())], world.now()).unwrap();
    assert!(text_of(&heads).contains(&format!("accreditation {} 5 1", honest.id)), "the truth");
    for left_out in [None, Some(6)] {
        let entries = (0..9).filter(|index| Some(*index) != left_out);
        assert_eq!(evidence(&bundle(&ledger, entries, &heads)), Err("TLOG-39"), "without {left_out:?}");
    }
    // Entries after the recovery are evidence, which no omission explains.
    change_status(&world, (&did, 7), &honest, AccreditationStatus::Ended).unwrap(); // 9
    let ledger = world.ledger();
    let heads = ledger.state_heads([Topic::Accreditation(honest.id.clone())], world.now()).unwrap();
    let lie = lie(&heads, &format!("accreditation {}", honest.id), "5 1");
    assert_eq!(evidence(&bundle(&ledger, 0..10, &lie)), Ok(9));
}

/// The thief's version stated as the newest after the recovery; the thief's grant stated as in force.
#[test]
fn who_states_what_a_recovery_set_aside_leaves_evidence() {
    let world = World::new();
    let (did, evil) = (recoverable(&world), world.organisation(9)); // 2, 3
    let root = (&world.root.clone(), 1);
    world.submit(granted(&world, root, &did, accredit(&["K04"]))).unwrap(); // 4
    stolen(&world, &did); // 5
    let thief = world.head(&did).version().to_string();
    let grant = granted(&world, (&did, 7), &evil, issue("K04"));
    let again = grant.as_bytes().to_vec();
    let repeated = grant.clone();
    let grant = world.submit(grant).unwrap(); // 6
    rescued(&world, &did); // 7
    let ledger = world.ledger();
    let checkpoint = ledger.checkpoint().unwrap();
    let topics = [Topic::Did(did.clone()), Topic::Accreditation(grant.id.clone())];
    let honest = ledger.state_heads(topics, world.now()).unwrap();
    assert!(ledger.contradict(&checkpoint, &honest).unwrap().is_none());

    let version = lie(&honest, &format!("did {did}"), &format!("5 {thief}"));
    let proof: ResolutionProof = bundle(&ledger, [0, 2, 5], &version).parse().unwrap();
    assert!(proof.verify_latest(&log_key().0, &did, &LATEST, &Recency::default()).is_ok(), "it deceives");
    let found = ledger.contradict(&checkpoint, &version).unwrap().unwrap();
    assert_eq!(evidence(&found.to_string()), Ok(7));

    let right = lie(&honest, &format!("accreditation {}", grant.id), "6 1");
    let proof: AccreditationProof = bundle(&ledger, [0, 1, 2, 3, 4, 6, 7], &right).parse().unwrap();
    let asked = (&evil, &may_issue("K04"));
    let shown = proof.verify(&log_key().0, asked.0, asked.1, world.now());
    assert!(shown.is_ok(), "it deceives");
    let found = ledger.contradict(&checkpoint, &right).unwrap().unwrap();
    assert_eq!(evidence(&found.to_string()), Ok(7), "the recovery");
    // Without what was set aside nothing shows that the grant counts for nothing.
    assert_eq!(evidence(&bundle(&ledger, [0, 1, 2, 3, 4, 6, 7], &right)), Err("TLOG-39"));

    // The same bytes again do not count either, and who sends them is told.
    assert_eq!(world.append(&again), Ok(6));
    assert_eq!(ledger.submit(repeated).unwrap_err().code(), Some("TLOG-48"));
    assert!(ledger.is_void(6).unwrap() && ledger.is_void(5).unwrap());
    assert!(!ledger.is_void(4).unwrap() && !ledger.is_void(7).unwrap());
}

/// A list renewed very often: the proof holds its newest edition only, and so does the evidence.
#[test]
fn the_newest_edition_of_a_list_is_not_the_servers_word() {
    let world = World::new();
    let did = world.organisation(7); // 2
    let digest = |version: u64| StatusDigest {
        by: did.clone(),
        list: LIST.into(),
        version,
        sha256: [u8::try_from(version % 256).unwrap(); 32],
        issued_at: world.now(),
        time_to_live: Duration::from_mins(1),
    };
    for version in 1..=1_100 {
        let operation = as_organisation(&did, 7, publish(&origin(), digest(version)));
        world.append(operation.as_bytes()).unwrap(); // 2 + version
    }
    let ledger = world.ledger();
    let prove = || -> StatusDigestProof {
        ledger.prove_status_digest_latest(&did, LIST, world.now()).unwrap().to_string().parse().unwrap()
    };
    let proof = prove();
    assert!(proof.to_string().len() < 20_000, "{}", proof.to_string().len());
    let check = |proof: &StatusDigestProof, recency: &Recency<'_>| {
        let proven = proof.verify_latest(&log_key().0, &did, LIST, recency);
        proven.map(|proven| proven.record().digest.version).map_err(|error| error.code())
    };
    assert_eq!(check(&proof, &Recency::default()), Ok(1_100));
    assert_eq!(
        proof.verify(&log_key().0, &did, LIST).unwrap().record(),
        &ledger.status_digest(&did, LIST).unwrap().unwrap()
    );
    // An older edition, which is as genuine, with the statement.
    let text: Value = serde_json::from_str(&proof.to_string()).unwrap();
    let heads: SignedHeads = text["heads"].as_str().unwrap().parse().unwrap();
    let older: StatusDigestProof = bundle(&ledger, [0, 2, 1_101], &heads).parse().unwrap();
    assert_eq!(older.verify(&log_key().0, &did, LIST).unwrap().record().digest.version, 1_099);
    assert_eq!(check(&older, &Recency::default()), Err("TLOG-37"));
    // Under a statement that says so it is believed, and is evidence.
    let topic = format!("status-list {did} {LIST}");
    let lie = lie(&heads, &topic, "1101 1099");
    let older: StatusDigestProof = bundle(&ledger, [0, 2, 1_101], &lie).parse().unwrap();
    assert_eq!(check(&older, &Recency::default()), Ok(1_099));
    let checkpoint = ledger.checkpoint().unwrap();
    let found = ledger.contradict(&checkpoint, &lie).unwrap().unwrap();
    assert_eq!(evidence(&found.to_string()), Ok(1_102));
    assert!(ledger.contradict(&checkpoint, &heads).unwrap().is_none());
    // Nothing published, nothing proven; and an unsigned entry, or one that counts for nothing, is no edition.
    let none = ledger.prove_status_digest_latest(&did, "https://a.example/other", world.now()).unwrap();
    let none = none.verify_latest(&log_key().0, &did, "https://a.example/other", &Recency::default());
    assert_eq!(none.unwrap_err().code(), "ACC-22");
    let plain = ledger.prove_status_digest(&did, LIST).unwrap();
    assert_eq!(check(&plain, &Recency::default()), Err("TLOG-36"));
}

#[test]
fn a_thiefs_edition_is_not_the_newest() {
    let world = World::new();
    let did = recoverable(&world); // 2
    let digest = |version| StatusDigest {
        by: did.clone(),
        list: LIST.into(),
        version,
        sha256: [1; 32],
        issued_at: world.now(),
        time_to_live: Duration::from_mins(1),
    };
    world.submit(as_organisation(&did, 7, publish(&origin(), digest(1)))).unwrap(); // 3
    stolen(&world, &did); // 4
    world.submit(as_organisation(&did, 7, publish(&origin(), digest(2)))).unwrap(); // 5
    rescued(&world, &did); // 6
    let ledger = world.ledger();
    let proof = ledger.prove_status_digest_latest(&did, LIST, world.now()).unwrap();
    let proven = proof.verify_latest(&log_key().0, &did, LIST, &Recency::default()).unwrap();
    assert_eq!(proven.record().position.index, 3);
    let heads: Value = serde_json::from_str(&proof.to_string()).unwrap();
    let heads: SignedHeads = heads["heads"].as_str().unwrap().parse().unwrap();
    let lie = lie(&heads, &format!("status-list {did} {LIST}"), "5 2");
    let found = ledger.contradict(&ledger.checkpoint().unwrap(), &lie).unwrap().unwrap();
    assert_eq!(evidence(&found.to_string()), Ok(6));
}

/// Who changes the heads key after a theft changes the log key with it: then a proof that leaves the change out
/// needs a checkpoint by the old log key.
#[test]
fn a_proof_speaks_with_the_key_that_its_entries_name() {
    let world = World::new();
    let did = world.organisation(7); // 2
    let first = world.head(&did).version().to_string();
    let pair = |seed| {
        let secret = key(Algorithm::Ed25519, seed);
        let public = secret.verifying_key().clone();
        (public, KeySigner::new("did:example:next#key".parse().unwrap(), secret))
    };
    let ((log, log_signer), (heads, heads_signer)) = (pair(210), pair(211));
    let (log, heads) = (LogKey::new(origin(), log).unwrap(), HeadsKey::new(&origin(), heads).unwrap());
    let ledger = world.ledger();
    let change = ledger.log_keys().unwrap();
    let change = change.change(&world.log_signer, Some((&log, &log_signer)), Some((&heads, &heads_signer)));
    world.append(change.unwrap().as_bytes()).unwrap(); // 3
    let keys = LedgerKeys::new(log.clone(), &log_signer)
        .with_heads(heads, &heads_signer)
        .also_signing(log_key().0, &world.log_signer);
    let ledger = Ledger::with_keys(&world.engine, keys, &world.root).unwrap();
    let both = ledger.checkpoint().unwrap();
    let honest = ledger.state_heads([Topic::Did(did.clone())], world.now()).unwrap();
    let proof = ledger.prove_latest(&did, &LATEST, world.now()).unwrap();
    for trusted in [&log, &log_key().0] {
        assert!(proof.verify_latest(trusted, &did, &LATEST, &Recency::default()).is_ok());
    }
    // By the new key alone: who knows the old one only is not answered, and the omission shows.
    let new = SignedCheckpoint::sign(both.claimed_head(), &log, &log_signer).unwrap();
    let old = SignedCheckpoint::sign(both.claimed_head(), &log_key().0, &world.log_signer).unwrap();
    let with = |checkpoint: &SignedCheckpoint, entries: &[u64], heads: &SignedHeads| -> ResolutionProof {
        let mut value: Value =
            serde_json::from_str(&bundle(&ledger, entries.iter().copied(), heads)).unwrap();
        value["checkpoint"] = json!(checkpoint.to_string());
        String::from_utf8(jcs::canonicalize(&value)).unwrap().parse().unwrap()
    };
    let stolen = signed(&text_of(&honest), 201); // by the old heads key
    let check = |proof: &ResolutionProof, log: &LogKey| {
        let checked = proof.verify_latest(log, &did, &LATEST, &Recency::default());
        checked
            .map(|proven| proven.resolved().metadata.version_id.clone().unwrap())
            .map_err(|error| error.code())
    };
    assert_eq!(check(&with(&new, &[0, 2], &stolen), &log), Err("TLOG-50"));
    assert_eq!(check(&with(&new, &[0, 2, 3], &stolen), &log), Err("TLOG-36"));
    assert_eq!(check(&with(&old, &[0, 2, 3], &honest), &log_key().0), Err("TLOG-50"));
    assert_eq!(check(&with(&new, &[0, 2, 3], &honest), &log), Ok(first));
    // So does an auditor.
    let audited = |checkpoint: &SignedCheckpoint, log: &LogKey| {
        let entries = world.engine.entries(0..world.engine.head().unwrap().size).unwrap();
        let entries = entries.into_iter().map(|entry| ExportedEntry { leaf: Hash::leaf(&entry), entry });
        audit(entries, &checkpoint.to_string(), log)
            .map(|audited| audited.invalid().len())
            .map_err(|error| error.code())
    };
    assert_eq!(audited(&old, &log_key().0), Err("TLOG-50"));
    assert_eq!(audited(&both, &log_key().0), Ok(0));
    assert_eq!(audited(&new, &log), Ok(0));
}

/// A witness whose clock is wrong, or who was bought, does not keep a log fresh for ever.
#[test]
fn a_witness_from_the_future_keeps_nothing_fresh() {
    let world = World::new();
    let did = world.organisation(7);
    let secret = key(Algorithm::Ed25519, 220);
    let witness =
        CosignerKey::new("witness.example".parse().unwrap(), secret.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:witness#key".parse().unwrap(), secret);
    let policy: Policy = format!("log {}\nwitness w {witness}\nquorum w\n", log_key().0).parse().unwrap();
    let checkpoint = world.ledger().checkpoint().unwrap();
    let minute = Duration::from_mins(1);
    for (ahead, expected) in
        [(0, None), (300, None), (301, Some("TLOG-37")), (2_000_000_000, Some("TLOG-37"))]
    {
        let line = witness.cosign(&checkpoint, start().plus(Duration::from_secs(ahead)), &signer).unwrap();
        let cosigned = checkpoint.clone().with_signatures([line]).unwrap();
        world.engine.publish(&cosigned).unwrap();
        let proof = world.ledger_as_it_is().prove_latest(&did, &LATEST, world.now()).unwrap();
        let recency = Recency::default().within(minute, world.now());
        let code = proof.verify_latest(&policy, &did, &LATEST, &recency).err().map(|error| error.code());
        assert_eq!(code, expected, "{ahead}");
        // The same without a statement, for a log that makes none.
        let witnessed = policy.verify(&cosigned).unwrap();
        let alone = recency.check_checkpoint(&witnessed).err().map(|error| error.code());
        assert_eq!(alone, expected, "{ahead}");
    }
}

/// A restart while the witnesses are down leaves what they signed.
#[test]
fn the_cosignatures_outlast_a_restart() {
    let world = World::new();
    let checkpoint = world.ledger().checkpoint().unwrap();
    let secret = key(Algorithm::Ed25519, 220);
    let witness =
        CosignerKey::new("witness.example".parse().unwrap(), secret.verifying_key().clone()).unwrap();
    let signer = KeySigner::new("did:example:witness#key".parse().unwrap(), secret);
    let line = witness.cosign(&checkpoint, start(), &signer).unwrap();
    let cosigned = checkpoint.clone().with_signatures([line]).unwrap();
    world.engine.publish(&cosigned).unwrap();
    for _ in 0..2 {
        let ledger = world.ledger(); // opens it, which signs
        assert_eq!(ledger.checkpoint().unwrap(), cosigned);
        assert_eq!(world.engine.checkpoint().unwrap().unwrap(), cosigned);
    }
    // Another key of the log is added, and the cosignature stays.
    let next = key(Algorithm::Ed25519, 221);
    let public = LogKey::new(origin(), next.verifying_key().clone()).unwrap();
    let next = KeySigner::new("did:example:log#next".parse().unwrap(), next);
    let keys = LedgerKeys::new(log_key().0, &world.log_signer).also_signing(public.clone(), &next);
    let both = Ledger::with_keys(&world.engine, keys, &world.root).unwrap().checkpoint().unwrap();
    assert!(
        both.verify(&public).is_ok() && both.verify(&log_key().0).is_ok() && witness.verify(&both).is_ok()
    );
    // A larger head has its own.
    world.organisation(7);
    assert!(witness.verify(&world.ledger().checkpoint().unwrap()).is_err());
    let _ = (heads_key(), head(&world.ledger(), &world.root));
}
