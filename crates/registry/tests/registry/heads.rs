//! What is newest: stated, stapled, stale, and lied about.

use crate::{
    accreditation::{change_status, granted, issue, may_issue},
    world::{World, by, document, heads_key, log_key, origin, update_key},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sinpyo_core::{did::Did, jcs, resolved::VersionSelector};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    accreditation::{AccreditationProof, AccreditationStatus},
    did_tlog::{Control, ResolutionProof, update},
    heads::{HeadEquivocation, HeadsKey, Recency, SignedHeads, Topic},
};
use sinpyo_testkit::key;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    note::{LogKey, Note},
};
use std::time::Duration;

const LATEST: VersionSelector = VersionSelector::Latest;

fn updated(world: &World, did: &Did, seed: u8) {
    world.submit(by(7, update(&world.head(did), &origin(), &document(did, seed), None))).unwrap();
}

fn stapled(world: &World, did: &Did) -> ResolutionProof {
    world.ledger().prove_latest(did, &LATEST, world.now()).unwrap()
}

fn code(proof: &ResolutionProof, did: &Did, recency: &Recency<'_>) -> Option<&'static str> {
    proof.verify_latest(&log_key().0, did, &LATEST, recency).err().map(|error| error.code())
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

/// The proof with another statement, or with the entries that `keep` wants.
fn edited(proof: &str, heads: Option<&SignedHeads>, keep: impl Fn(usize) -> bool) -> String {
    let mut value: Value = serde_json::from_str(proof).unwrap();
    if let Some(heads) = heads {
        value["heads"] = json!(heads.to_string());
    }
    let mut number = 0;
    value["entries"].as_array_mut().unwrap().retain(|_| {
        number += 1;
        keep(number - 1)
    });
    String::from_utf8(jcs::canonicalize(&value)).unwrap()
}

/// SECURITY LOG-04.
#[test]
fn a_superseded_version_is_refused_as_stale() {
    let world = World::new();
    let did = world.organisation(7);
    let old = stapled(&world, &did);
    assert_eq!(code(&old, &did, &Recency::default()), None);
    updated(&world, &did, 70);
    let ledger = world.ledger();
    let newer = ledger.checkpoint().unwrap();
    let seen = newer.verify(&log_key().0).unwrap();
    // Genuine, with a valid inclusion proof, and the newest once.
    assert!(old.verify(&log_key().0, &did, &LATEST).is_ok());
    assert_eq!(code(&old, &did, &Recency::default().not_before(&seen)), Some("TLOG-37"));
    let new = stapled(&world, &did);
    assert_eq!(code(&new, &did, &Recency::default().not_before(&seen)), None);
    // The newer version left out under the newer checkpoint.
    let short: ResolutionProof = edited(&new.to_string(), None, |number| number < 2).parse().unwrap();
    assert_eq!(
        short.verify(&log_key().0, &did, &LATEST).unwrap().resolved().document,
        document(&did, 7),
        "an inclusion proof does not show what is newest"
    );
    assert_eq!(code(&short, &did, &Recency::default()), Some("TLOG-37"));
    // The old statement under the newer checkpoint.
    let statement: Value = serde_json::from_str(&old.to_string()).unwrap();
    let statement: SignedHeads = statement["heads"].as_str().unwrap().parse().unwrap();
    let mixed: ResolutionProof = edited(&new.to_string(), Some(&statement), |_| true).parse().unwrap();
    assert_eq!(code(&mixed, &did, &Recency::default()), Some("TLOG-36"));
    // A proof without a statement says nothing about what is newest.
    let plain = ledger.prove(&did, &LATEST).unwrap();
    assert_eq!(code(&plain, &did, &Recency::default()), Some("TLOG-36"));
}

#[test]
fn an_old_statement_is_refused() {
    let world = World::new();
    let did = world.organisation(7);
    let proof = stapled(&world, &did);
    let minute = Duration::from_mins(1);
    let at = |seconds| world.now().plus(Duration::from_secs(seconds));
    assert_eq!(code(&proof, &did, &Recency::default().within(minute, at(60))), None);
    assert_eq!(code(&proof, &did, &Recency::default().within(minute, at(61))), Some("TLOG-37"));
    let early = world.now().minus(Duration::from_secs(61));
    assert_eq!(code(&proof, &did, &Recency::default().within(minute, early)), Some("TLOG-37"));
}

#[test]
fn a_fork_of_what_was_seen_is_refused() {
    let (world, other) = (World::new(), World::new());
    let did = world.organisation(7);
    other.organisation(8);
    let seen = other.ledger().checkpoint().unwrap().verify(&log_key().0).unwrap();
    let recency = Recency::default().not_before(&seen);
    assert_eq!(code(&stapled(&world, &did), &did, &recency), Some("LOG-08"));
}

#[test]
fn only_the_heads_key_states_what_is_newest() {
    let world = World::new();
    let (did, other) = (world.organisation(7), world.organisation(8));
    let proof = stapled(&world, &did).to_string();
    let value: Value = serde_json::from_str(&proof).unwrap();
    let honest: SignedHeads = value["heads"].as_str().unwrap().parse().unwrap();
    let text = text_of(&honest);
    assert_eq!(signed(&text, 201), honest, "control");
    let elsewhere = text.replace("ledger.example/2026\n", "ledger.example/2027\n");
    let unknown = text.replace(did.as_str(), other.as_str());
    for (statement, case) in [
        (signed(&text, 200), "the log's key"),
        (signed(&text, 7), "a stranger's key"),
        (signed(&elsewhere, 201), "another log"),
        (signed(&unknown, 201), "another DID"),
    ] {
        let forged: ResolutionProof = edited(&proof, Some(&statement), |_| true).parse().unwrap();
        assert_eq!(code(&forged, &did, &Recency::default()), Some("TLOG-36"), "{case}");
    }
    for broken in [
        text.replace("did:tlog heads 1", "did:tlog heads 2"),
        text.replace("\ndid ", "\ndod "),
        format!("{text}{}", text.lines().last().unwrap()),
        text.replace(" 2 1-", " 02 1-"),
        text.split_inclusive('\n').take(4).collect(),
    ] {
        let line = honest.to_string().split("\n\n").nth(1).unwrap().to_owned();
        assert_eq!(format!("{broken}\n{line}").parse::<SignedHeads>().unwrap_err().code(), "TLOG-36");
    }
    // A statement is no checkpoint, and a checkpoint no statement, whoever signed.
    assert!(honest.to_string().parse::<SignedCheckpoint>().is_err());
    let checkpoint = world.ledger().checkpoint().unwrap().to_string();
    assert!(checkpoint.parse::<SignedHeads>().is_err());
    assert!(log_key().0.to_string().parse::<HeadsKey>().is_err());
    assert_eq!(heads_key().0.to_string().parse::<HeadsKey>().unwrap(), heads_key().0);
}

#[test]
fn a_lie_about_what_is_newest_is_evidence() {
    let world = World::new();
    let did = world.organisation(7);
    let first = world.head(&did).version().to_string();
    updated(&world, &did, 70);
    let ledger = world.ledger();
    let honest = ledger.state_heads([Topic::Did(did.clone())], world.now()).unwrap();
    let checkpoint = ledger.checkpoint().unwrap();
    assert!(ledger.contradict(&checkpoint, &honest).unwrap().is_none());

    let text = text_of(&honest);
    let line = text.lines().last().unwrap();
    for lie in [format!("did {did} 2 {first}"), format!("did {did} none"), line.replace("2-zQm", "9-zQm")] {
        let lie = signed(&text.replace(line, &lie), 201);
        let evidence = ledger.contradict(&checkpoint, &lie).unwrap().unwrap().to_string();
        let evidence: HeadEquivocation = evidence.parse().unwrap();
        let proven = evidence.verify(&log_key().0).unwrap();
        assert_eq!(proven.topic(), &Topic::Did(did.clone()));
        assert_eq!(proven.found().index, 3);
        // Under another log's key, or with an honest statement, it shows nothing.
        let stranger = LogKey::new(origin(), key(Algorithm::Ed25519, 9).verifying_key().clone()).unwrap();
        assert_eq!(evidence.verify(&stranger).unwrap_err().code(), "LOG-13");
        let cleared: HeadEquivocation =
            edited(&evidence.to_string(), Some(&honest), |_| true).parse().unwrap();
        assert_eq!(cleared.verify(&log_key().0).unwrap_err().code(), "TLOG-39");
    }
    // Without the version that was stated, nothing shows that the other came later.
    let lie = signed(&text.replace(line, &format!("did {did} 2 {first}")), 201);
    let evidence = ledger.contradict(&checkpoint, &lie).unwrap().unwrap().to_string();
    let short: HeadEquivocation = edited(&evidence, None, |number| number != 2).parse().unwrap();
    assert_eq!(short.verify(&log_key().0).unwrap_err().code(), "TLOG-39");
    assert!(evidence.parse::<HeadEquivocation>().unwrap().verify(&log_key().0).is_ok());
}

/// Nobody makes an honest operator a liar by leaving a recovery out.
#[test]
fn what_a_recovery_set_aside_is_no_evidence() {
    let world = World::new();
    let control = Control::by(&update_key(7)).recovered_by(&update_key(70));
    let did = world.submit(crate::world::create(7, control)).unwrap().did;
    updated(&world, &did, 66);
    let base = world.ledger().recoverable(&did, 1).unwrap().unwrap();
    let draft =
        sinpyo_registry::did_tlog::recover(&base, &origin(), base.document(), Control::by(&update_key(8)));
    world.submit(by(70, draft)).unwrap();
    let ledger = world.ledger();
    let honest = ledger.state_heads([Topic::Did(did.clone())], world.now()).unwrap();
    let checkpoint = ledger.checkpoint().unwrap();
    assert!(ledger.contradict(&checkpoint, &honest).unwrap().is_none());
    let none = signed(
        &text_of(&honest).replace(text_of(&honest).lines().last().unwrap(), &format!("did {did} none")),
        201,
    );
    let evidence = ledger.contradict(&checkpoint, &none).unwrap().unwrap();
    assert_eq!(evidence.verify(&log_key().0).unwrap().found().version.split('-').next(), Some("2"));
}

#[test]
fn a_right_is_shown_to_be_the_newest() {
    let world = World::new();
    let issuer = world.organisation(3);
    let root = (&world.root.clone(), 1);
    let right = may_issue("K04");
    let version = world.submit(granted(&world, root, &issuer, issue("K04"))).unwrap();
    let prove = || -> AccreditationProof {
        let proof = world.ledger().prove_accreditation_latest(&issuer, &right, world.now()).unwrap();
        proof.to_string().parse().unwrap()
    };
    let check = |proof: &AccreditationProof, at, recency: &Recency<'_>| {
        let proven = proof.verify_latest(&log_key().0, &issuer, &right, at, recency);
        proven.map(|proven| proven.chain().records().len()).map_err(|error| error.code())
    };
    let granted_at = world.now();
    let old = prove();
    assert_eq!(check(&old, granted_at, &Recency::default()), Ok(1));
    world.later(100);
    let suspended_at = world.now();
    change_status(&world, root, &version, AccreditationStatus::Suspended).unwrap();
    let seen = world.ledger().checkpoint().unwrap().verify(&log_key().0).unwrap();
    assert_eq!(check(&old, world.now(), &Recency::default().not_before(&seen)), Err("TLOG-37"));
    let suspended = prove();
    assert_eq!(check(&suspended, world.now(), &Recency::default()), Err("ACC-13"));
    // The suspension left out by whoever hands the proof on.
    let without = edited(&suspended.to_string(), None, |number| number != 3).parse().unwrap();
    assert_eq!(check(&without, world.now(), &Recency::default()), Err("TLOG-37"));
    world.later(100);
    change_status(&world, root, &version, AccreditationStatus::Active).unwrap();
    world.later(100);
    let proof = prove();
    let second = Duration::from_secs(1);
    for (at, expected) in [
        (granted_at.minus(second), Err("ACC-13")),
        (granted_at, Ok(1)),
        (suspended_at.minus(second), Ok(1)),
        (suspended_at, Err("ACC-13")),
        (suspended_at.plus(Duration::from_secs(99)), Err("ACC-13")),
        (suspended_at.plus(Duration::from_secs(100)), Ok(1)),
        (world.now(), Ok(1)),
    ] {
        assert_eq!(check(&proof, at, &Recency::default()), expected, "{at}");
    }
}

proptest! {
    /// No text panics, and none but a statement is taken for one.
    #[test]
    fn no_text_is_taken_for_a_statement(text in "[a-z0-9:/ \\n—-]{0,200}") {
        prop_assert!(text.parse::<SignedHeads>().is_err());
        prop_assert!(text.parse::<HeadEquivocation>().is_err());
        prop_assert!(text.parse::<HeadsKey>().is_err());
    }
}
