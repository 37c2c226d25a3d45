//! Accreditations and status digests: who may say what, as of when, and what others can check without the log.

use crate::world::{ORIGIN, World, as_organisation, by, document, log_key, origin, update_key};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    claims::ClaimPath,
    credential::Validity,
    did::Did,
    jcs, json,
    time::Timestamp,
};
use sinpyo_crypto::hash::sha256;
use sinpyo_proof::data_integrity::{ProofOptions, sign};
use sinpyo_registry::{
    Operation,
    accreditation::{
        AccreditationProof, AccreditationStatus, AccreditationVersion, draft_grant, draft_status,
    },
    did_tlog::{Control, rotate, update},
    status_digest::{StatusDigest, publish},
};
use std::{collections::BTreeMap, time::Duration};

pub(crate) fn issue(kind: &str) -> Grant {
    Grant::Issue { types: vec![kind.parse().unwrap()] }
}

pub(crate) fn accredit(kinds: &[&str]) -> Grant {
    Grant::Accredit { types: kinds.iter().map(|kind| kind.parse().unwrap()).collect() }
}

fn request(service: &str, kind: &str) -> Grant {
    let scope = BTreeMap::from([(kind.parse().unwrap(), vec![ClaimPath::name("age_over_18")])]);
    Grant::Request { service: service.parse().unwrap(), scope }
}

pub(crate) fn accreditation(world: &World, granted_by: &Did, subject: &Did, grant: Grant) -> Accreditation {
    Accreditation {
        subject: subject.clone(),
        name: LocalizedName { ko: "한국사회복지사협회".into(), en: "KASW".into() },
        granted_by: granted_by.clone(),
        grant,
        validity: Validity {
            from: Some(world.now()),
            until: Some(world.now().plus(Duration::from_hours(365 * 24))),
        },
    }
}

/// Granted by organisation number `seed`.
pub(crate) fn granted(
    world: &World,
    (by, seed): (&Did, u8),
    subject: &Did,
    grant: Grant,
) -> Operation<AccreditationVersion> {
    as_organisation(by, seed, draft_grant(&origin(), &accreditation(world, by, subject, grant)).unwrap())
}

pub(crate) fn change_status(
    world: &World,
    (by, seed): (&Did, u8),
    version: &AccreditationVersion,
    to: AccreditationStatus,
) -> Result<AccreditationVersion, String> {
    let record = world.ledger().accreditation_record(&version.id).unwrap().unwrap();
    let operation = as_organisation(by, seed, draft_status(&origin(), &record, to));
    world.submit(operation).map_err(|error| error.code().unwrap().to_owned())
}

/// Looks up in the ledger and in a proof; both must agree.
pub(crate) fn lookup(
    world: &World,
    subject: &Did,
    right: &Right,
    at: Timestamp,
) -> Result<usize, &'static str> {
    let ledger = world.ledger();
    let proof = ledger.prove_accreditation(subject, right).unwrap();
    let proof: AccreditationProof = proof.to_string().parse().unwrap();
    let proven = proof.verify(&log_key().0, subject, right, at);
    match (ledger.accreditation(subject, right, at), proven) {
        (Ok(chain), Ok(proven)) => {
            assert_eq!(proven.chain(), &chain);
            Ok(chain.records().len())
        }
        (Err(error), Err(proven)) => {
            assert_eq!(error.code(), proven.code());
            Err(error.code())
        }
        (live, proven) => panic!("{live:?} but {proven:?}"),
    }
}

pub(crate) fn may_issue(kind: &str) -> Right {
    Right::Issue(kind.parse().unwrap())
}

#[test]
fn a_chain_of_accreditations_gives_a_right() {
    let world = World::new();
    let (ministry, issuer, other) = (world.organisation(2), world.organisation(3), world.organisation(4));
    world.submit(granted(&world, (&world.root, 1), &ministry, accredit(&["K04", "K01"]))).unwrap();
    world.submit(granted(&world, (&ministry, 2), &issuer, issue("K04"))).unwrap();
    world.submit(granted(&world, (&ministry, 2), &other, request("donation.licence", "K04"))).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Ok(2));
    assert_eq!(
        lookup(&world, &other, &Right::Request("donation.licence".parse().unwrap()), world.now()),
        Ok(2)
    );
    assert_eq!(lookup(&world, &issuer, &may_issue("K01"), world.now()), Err("ACC-12"));
    assert_eq!(lookup(&world, &other, &may_issue("K04"), world.now()), Err("ACC-12"));
    assert_eq!(lookup(&world, &ministry, &may_issue("K04"), world.now()), Err("ACC-12"));
    let record = world.ledger().accreditation(&issuer, &may_issue("K04"), world.now()).unwrap();
    assert_eq!(record.accreditation().unwrap().name.ko, "한국사회복지사협회");
}

#[test]
fn a_right_ends_where_its_period_or_status_ends() {
    let world = World::new();
    let issuer = world.organisation(3);
    let start = world.now();
    let version = world.submit(granted(&world, (&world.root, 1), &issuer, issue("K04"))).unwrap();
    let root = (&world.root.clone(), 1);
    world.later(100);
    let suspended = world.now();
    change_status(&world, root, &version, AccreditationStatus::Suspended).unwrap();
    world.later(100);
    let reinstated = world.now();
    change_status(&world, root, &version, AccreditationStatus::Active).unwrap();
    world.later(100);
    let ended = world.now();
    let second = Duration::from_secs(1);
    assert_eq!(change_status(&world, root, &version, AccreditationStatus::Ended).unwrap().version, 4);
    for (at, expected) in [
        (start.minus(second), Err("ACC-13")),
        (start, Ok(1)),
        (suspended.minus(second), Ok(1)),
        (suspended, Err("ACC-13")),
        (reinstated.minus(second), Err("ACC-13")),
        (reinstated, Ok(1)),
        (ended.minus(second), Ok(1)),
        (ended, Err("ACC-13")),
        (start.plus(Duration::from_hours(366 * 24)), Err("ACC-13")),
    ] {
        assert_eq!(lookup(&world, &issuer, &may_issue("K04"), at), expected, "{at}");
    }
    for status in [AccreditationStatus::Active, AccreditationStatus::Suspended, AccreditationStatus::Ended] {
        assert_eq!(change_status(&world, root, &version, status), Err("ACC-10".into()), "{status:?}");
    }
    assert_eq!(change_status(&world, root, &version, AccreditationStatus::Revoked).unwrap().version, 5);
    for status in [AccreditationStatus::Active, AccreditationStatus::Ended, AccreditationStatus::Revoked] {
        assert_eq!(change_status(&world, root, &version, status), Err("ACC-10".into()), "{status:?}");
    }
}

/// An issuer whose right was withdrawn cannot help itself by dating what it issues back.
#[test]
fn a_withdrawal_counts_for_every_time() {
    let world = World::new();
    let (ministry, issuer) = (world.organisation(2), world.organisation(3));
    let root = (&world.root.clone(), 1);
    let link = world.submit(granted(&world, root, &ministry, accredit(&[]))).unwrap();
    let version = world.submit(granted(&world, (&ministry, 2), &issuer, issue("K04"))).unwrap();
    let direct = world.submit(granted(&world, root, &issuer, issue("K05"))).unwrap();
    let before = world.now();
    world.later(10);
    change_status(&world, root, &direct, AccreditationStatus::Suspended).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K05"), before), Ok(1), "a suspension begins");
    world.later(10);
    change_status(&world, root, &direct, AccreditationStatus::Revoked).unwrap();
    for at in [before, world.now()] {
        assert_eq!(lookup(&world, &issuer, &may_issue("K05"), at), Err("ACC-13"), "{at}");
    }
    // The same along the chain: an end keeps what was, a withdrawal takes it.
    change_status(&world, root, &link, AccreditationStatus::Ended).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), before), Ok(2));
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Err("ACC-14"));
    change_status(&world, root, &link, AccreditationStatus::Revoked).unwrap();
    for at in [before, world.now()] {
        assert_eq!(lookup(&world, &issuer, &may_issue("K04"), at), Err("ACC-14"), "{at}");
    }
    let record = world.ledger().accreditation_record(&version.id).unwrap().unwrap();
    assert!(record.is_in_effect(before), "its own status is untouched");
}

#[test]
fn a_chain_breaks_with_any_of_its_links() {
    let world = World::new();
    let (ministry, issuer) = (world.organisation(2), world.organisation(3));
    let link = world.submit(granted(&world, (&world.root, 1), &ministry, accredit(&[]))).unwrap();
    world.submit(granted(&world, (&ministry, 2), &issuer, issue("K04"))).unwrap();
    let before = world.now();
    world.later(10);
    change_status(&world, (&world.root.clone(), 1), &link, AccreditationStatus::Revoked).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Err("ACC-14"));
    // A second link holds the chain again, and the proof still replays the grant made under the first.
    world.submit(granted(&world, (&world.root, 1), &ministry, accredit(&["K04"]))).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Ok(2));
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), before), Err("ACC-14"), "not for before it");
}

/// Who lost a part of its power still gives what it kept, also where it had passed on more.
#[test]
fn what_remains_of_a_power_holds_the_chain() {
    let world = World::new();
    let (ministry, agency, issuer) = (world.organisation(2), world.organisation(3), world.organisation(4));
    let root = (&world.root.clone(), 1);
    let both = world.submit(granted(&world, root, &ministry, accredit(&["K04", "K05"]))).unwrap();
    world.submit(granted(&world, (&ministry, 2), &agency, accredit(&["K04", "K05"]))).unwrap();
    for kind in ["K04", "K05"] {
        world.submit(granted(&world, (&agency, 3), &issuer, issue(kind))).unwrap();
    }
    world.submit(granted(&world, root, &ministry, accredit(&["K04"]))).unwrap();
    world.later(10);
    change_status(&world, root, &both, AccreditationStatus::Ended).unwrap();
    assert_eq!(lookup(&world, &issuer, &may_issue("K04"), world.now()), Ok(3));
    assert_eq!(lookup(&world, &issuer, &may_issue("K05"), world.now()), Err("ACC-14"));
}

#[test]
fn nobody_passes_on_more_than_was_given() {
    let world = World::new();
    let (ministry, agency, issuer) = (world.organisation(2), world.organisation(3), world.organisation(4));
    let try_to = |by: (&Did, u8), subject: &Did, grant| {
        world.append(granted(&world, by, subject, grant).as_bytes()).map(drop)
    };
    assert_eq!(try_to((&ministry, 2), &issuer, issue("K04")), Err("ACC-03".into()), "nothing given yet");
    try_to((&world.root, 1), &ministry, accredit(&["K04"])).unwrap();
    assert_eq!(try_to((&ministry, 2), &issuer, issue("K01")), Err("ACC-03".into()));
    assert_eq!(try_to((&ministry, 2), &agency, accredit(&[])), Err("ACC-03".into()));
    assert_eq!(try_to((&ministry, 2), &agency, accredit(&["K04", "K01"])), Err("ACC-03".into()));
    assert_eq!(try_to((&ministry, 2), &agency, request("a.b", "K01")), Err("ACC-03".into()));
    // The right to issue is no right to let others issue.
    try_to((&world.root, 1), &agency, issue("K04")).unwrap();
    assert_eq!(try_to((&agency, 3), &issuer, issue("K04")), Err("ACC-03".into()));
    assert_eq!(try_to((&issuer, 4), &issuer, issue("K04")), Err("ACC-03".into()), "itself");
    assert_eq!(try_to((&ministry, 2), &issuer, issue("K04")), Ok(()), "control");
}

#[test]
fn an_accreditation_is_signed_by_who_grants_it() {
    let world = World::new();
    let (ministry, issuer) = (world.organisation(2), world.organisation(3));
    let draft =
        || draft_grant(&origin(), &accreditation(&world, &world.root, &issuer, issue("K04"))).unwrap();
    // The ministry's key, a key that the root's document does not have, and the root's update key.
    assert_eq!(world.append(as_organisation(&ministry, 2, draft()).as_bytes()), Err("ACC-02".into()));
    assert_eq!(world.append(as_organisation(&world.root, 2, draft()).as_bytes()), Err("ACC-02".into()));
    let mut op = json::parse_object(as_organisation(&world.root, 1, draft()).as_bytes()).unwrap();
    op["proof"]["verificationMethod"] = json!("did:key:z6Mk#z6Mk");
    assert_eq!(world.append(&jcs::canonicalize_object(&op)), Err("ACC-02".into()));
    let mut op = json::parse_object(as_organisation(&world.root, 1, draft()).as_bytes()).unwrap();
    let value = op["proof"]["proofValue"].as_str().unwrap().to_owned();
    op["proof"]["proofValue"] = json!(format!("z{}", &value[2..]));
    assert_eq!(world.append(&jcs::canonicalize_object(&op)), Err("TLOG-11".into()));
    let version = world.submit(as_organisation(&world.root, 1, draft())).unwrap();
    // Neither the subject nor a third party changes the status.
    let record = world.ledger().accreditation_record(&version.id).unwrap().unwrap();
    let stranger =
        as_organisation(&issuer, 3, draft_status(&origin(), &record, AccreditationStatus::Revoked));
    assert_eq!(world.append(stranger.as_bytes()), Err("ACC-02".into()));
    let pretender = resigned(&stranger, &issuer, 3, |op| op["by"] = json!(issuer.as_str()));
    assert_eq!(world.append(&pretender), Err("ACC-02".into()));
}

/// A key speaks for an organisation while it stands in its document, and no longer; what it said stays said.
#[test]
fn a_key_grants_while_it_is_in_the_document() {
    let world = World::new();
    let issuer = world.organisation(3);
    let by_old_key = granted(&world, (&world.root, 1), &issuer, issue("K04"));
    let late = granted(&world, (&world.root, 1), &issuer, issue("K05"));
    world.submit(by_old_key).unwrap();
    let head = world.head(&world.root);
    world.submit(by(1, update(&head, &origin(), &document(&world.root, 90), None))).unwrap();
    assert_eq!(world.append(late.as_bytes()), Err("ACC-02".into()));
    world.submit(granted(&world, (&world.root, 90), &issuer, issue("K06"))).unwrap();
    world.submit(by(1, rotate(&world.head(&world.root), &origin(), Control::by(&update_key(91))))).unwrap();
    for (kind, expected) in [("K04", Ok(1)), ("K05", Err("ACC-12")), ("K06", Ok(1))] {
        assert_eq!(lookup(&world, &issuer, &may_issue(kind), world.now()), expected);
    }
}

/// Signs again what was changed in a signed operation.
pub(crate) fn resigned<T>(
    operation: &Operation<T>,
    by: &Did,
    seed: u8,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Vec<u8> {
    let mut op = json::parse_object(operation.as_bytes()).unwrap();
    op.remove("proof");
    change(&mut op);
    if op["type"] == "accreditation" {
        op.remove("id");
        let hash = [&[0x12, 0x20][..], &sha256(&jcs::canonicalize_object(&op))].concat();
        op.insert("id".into(), json!(multibase::encode(multibase::Base::Base58Btc, hash)));
    }
    let secret = sinpyo_testkit::key(sinpyo_crypto::Algorithm::Ed25519, seed);
    let public = secret.verifying_key().clone();
    let signer = sinpyo_crypto::KeySigner::new(by.key(&format!("key-{seed}")).unwrap(), secret);
    let options = ProofOptions::new(sinpyo_core::document::VerificationRelationship::AssertionMethod);
    jcs::canonicalize_object(&sign(op, &options, &signer, &public).unwrap())
}

#[test]
fn a_malformed_accreditation_is_refused() {
    let world = World::new();
    let issuer = world.organisation(3);
    let honest = granted(&world, (&world.root, 1), &issuer, issue("K04"));
    let day_before = world.now().minus(Duration::from_secs(24 * 3600 + 1)).to_string();
    let long = "가".repeat(121);
    let cases: [(&str, &str, Value); 17] = [
        ("ACC-04", "grant", json!({})),
        ("ACC-04", "grant", json!({"vote": {}})),
        ("ACC-04", "grant", json!({"issue": {"types": []}})),
        ("ACC-04", "grant", json!({"issue": {"types": ["K 04"]}})),
        ("ACC-04", "grant", json!({"issue": {"types": ["K04"]}, "accredit": {"types": []}})),
        ("ACC-04", "grant", json!({"request": {"service": "a.b", "scope": {}}})),
        ("ACC-04", "grant", json!({"request": {"service": "a.b", "scope": {"K04": []}}})),
        ("ACC-04", "grant", json!({"request": {"service": "a.b", "scope": {"K04": ["name"]}}})),
        ("TLOG-03", "grant", json!({"request": {"service": "A B", "scope": {"K04": [["name"]]}}})),
        ("TLOG-03", "grant", json!({"issue": {"types": ["K04"], "note": "x"}})),
        ("ACC-05", "name", json!({"ko": "", "en": "KASW"})),
        ("ACC-05", "name", json!({"ko": "한국\n협회", "en": "KASW"})),
        ("ACC-05", "name", json!({"ko": long, "en": "KASW"})),
        ("TLOG-03", "name", json!({"ko": "협회", "en": "KASW", "ceo": "홍길동"})),
        ("ACC-06", "validFrom", json!(day_before)),
        ("ACC-06", "validUntil", json!("2026-11-21T00:00:00Z")),
        ("TLOG-03", "validFrom", json!("2026-11-22T09:00:00+09:00")),
    ];
    for (code, member, value) in cases {
        let forged = resigned(&honest, &world.root, 1, |op| op[member] = value.clone());
        assert_eq!(world.append(&forged), Err(code.into()), "{member}: {value}");
    }
    let forged = resigned(&honest, &world.root, 1, |op| drop(op.insert("note".into(), json!("홍길동"))));
    assert_eq!(world.append(&forged), Err("TLOG-03".into()));
    let forged = resigned(&honest, &world.root, 1, |op| op["subject"] = json!("did:example:person"));
    assert_eq!(world.append(&forged), Err("TLOG-03".into()));
    let forged = resigned(&honest, &world.root, 1, |op| op["log"] = json!("ledger.example/2027"));
    assert_eq!(world.append(&forged), Err("TLOG-04".into()));
    let text = String::from_utf8(honest.as_bytes().to_vec()).unwrap();
    assert_eq!(world.append(text.replace("KASW", "KASX").as_bytes()), Err("ACC-01".into()));
    assert!(world.append(&resigned(&honest, &world.root, 1, |_| {})).is_ok(), "control");
}

#[test]
fn an_accreditation_exists_once() {
    let world = World::new();
    let issuer = world.organisation(3);
    let honest = granted(&world, (&world.root, 1), &issuer, issue("K04"));
    world.append(honest.as_bytes()).unwrap();
    // The same bytes are the same submission; the same statement under another key's signature is another one.
    let head = world.head(&world.root);
    world.submit(by(1, update(&head, &origin(), &document(&world.root, 90), None))).unwrap();
    let again = resigned(&honest, &world.root, 90, |_| {});
    assert_eq!(world.append(&again), Err("ACC-07".into()));
}

#[test]
fn changes_of_status_follow_each_other() {
    let world = World::new();
    let issuer = world.organisation(3);
    let root = (&world.root.clone(), 1);
    let version = world.submit(granted(&world, root, &issuer, issue("K04"))).unwrap();
    let record = world.ledger().accreditation_record(&version.id).unwrap().unwrap();
    let suspend =
        as_organisation(root.0, 1, draft_status(&origin(), &record, AccreditationStatus::Suspended));
    let skipping = resigned(&suspend, root.0, 1, |op| op["version"] = json!(3));
    assert_eq!(world.append(&skipping), Err("ACC-09".into()));
    assert_eq!(
        change_status(&world, root, &version, AccreditationStatus::Active),
        Err("ACC-09".into()),
        "no change"
    );
    let unknown =
        resigned(&suspend, root.0, 1, |op| op["accreditation"] = json!(root.0.method_specific_id()));
    assert_eq!(world.append(&unknown), Err("ACC-08".into()));
    let other = resigned(&suspend, root.0, 1, |op| op["status"] = json!("paused"));
    assert_eq!(world.append(&other), Err("TLOG-03".into()));
    world.append(suspend.as_bytes()).unwrap();
    change_status(&world, root, &version, AccreditationStatus::Active).unwrap();
    // The old suspension does not come back under another signature.
    let head = world.head(root.0);
    world.submit(by(1, update(&head, &origin(), &document(root.0, 90), None))).unwrap();
    assert_eq!(world.append(&resigned(&suspend, root.0, 90, |_| {})), Err("ACC-09".into()));
}

#[test]
fn a_changed_accreditation_proof_is_refused() {
    let world = World::new();
    let (ministry, issuer) = (world.organisation(2), world.organisation(3));
    world.submit(granted(&world, (&world.root, 1), &ministry, accredit(&[]))).unwrap();
    world.submit(granted(&world, (&ministry, 2), &issuer, issue("K04"))).unwrap();
    let right = may_issue("K04");
    let text = world.ledger().prove_accreditation(&issuer, &right).unwrap().to_string();
    let verify = |proof: &Value| -> Result<(), &'static str> {
        let proof: AccreditationProof =
            proof.to_string().parse().map_err(|error: sinpyo_registry::BundleError| error.code())?;
        proof.verify(&log_key().0, &issuer, &right, world.now()).map(drop).map_err(|error| error.code())
    };
    let proof: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(verify(&proof), Ok(()), "control");
    let count = proof["entries"].as_array().unwrap().len();
    assert_eq!(count, 5, "opening, root, ministry, two grants");
    for missing in 0..count {
        let mut shorter = proof.clone();
        shorter["entries"].as_array_mut().unwrap().remove(missing);
        let expected = if missing == count - 1 { Err("ACC-12") } else { Err("TLOG-33") };
        assert_eq!(verify(&shorter), expected, "without {missing}");
    }
    let mut forged = proof.clone();
    forged["entries"][4]["entry"] =
        json!(proof["entries"][4]["entry"].as_str().unwrap().replace("K04", "K01"));
    assert_eq!(verify(&forged), Err("TLOG-32"));
}

fn digest(by: &Did, version: u64) -> StatusDigest {
    StatusDigest {
        by: by.clone(),
        list: "https://issuer.example/status/1".into(),
        version,
        sha256: sha256(&version.to_be_bytes()),
        issued_at: crate::world::start(),
        time_to_live: Duration::from_mins(15),
    }
}

#[test]
fn status_digests_rise_by_one() {
    let world = World::new();
    let issuer = world.organisation(3);
    let submit = |version, seed| {
        let operation = as_organisation(&issuer, seed, publish(&origin(), digest(&issuer, version)));
        world.append(operation.as_bytes()).map(drop)
    };
    assert_eq!(submit(2, 3), Err("ACC-21".into()));
    assert_eq!(submit(0, 3), Err("ACC-21".into()));
    submit(1, 3).unwrap();
    submit(2, 3).unwrap();
    assert_eq!(submit(4, 3), Err("ACC-21".into()));
    let list = "https://issuer.example/status/1";
    let record = world.ledger().status_digest(&issuer, list).unwrap().unwrap();
    assert_eq!(record.digest, digest(&issuer, 2));
    assert_eq!(world.ledger().status_digest(&world.root, list).unwrap(), None);
}

#[test]
fn a_status_digest_is_signed_by_the_lists_issuer() {
    let world = World::new();
    let (issuer, other) = (world.organisation(3), world.organisation(4));
    let draft = || publish(&origin(), digest(&issuer, 1));
    assert_eq!(world.append(as_organisation(&other, 4, draft()).as_bytes()), Err("ACC-20".into()));
    assert_eq!(world.append(as_organisation(&issuer, 4, draft()).as_bytes()), Err("ACC-20".into()));
    let honest = as_organisation(&issuer, 3, draft());
    let text = String::from_utf8(honest.as_bytes().to_vec()).unwrap();
    assert_eq!(world.append(text.replace("900", "901").as_bytes()), Err("TLOG-11".into()));
    for (member, value) in [
        ("list", json!("http://issuer.example/status/1")),
        ("list", json!("https://issuer.example/홍길동")),
        ("sha256", json!("AAAA")),
        ("ttl", json!(-1)),
        ("iat", json!("today")),
        ("note", json!("x")),
    ] {
        let forged = resigned(&honest, &issuer, 3, |op| drop(op.insert(member.into(), value.clone())));
        assert_eq!(world.append(&forged), Err("TLOG-03".into()), "{member}: {value}");
    }
    let foreign = resigned(&honest, &issuer, 3, |op| op["log"] = json!(format!("{ORIGIN}x")));
    assert_eq!(world.append(&foreign), Err("TLOG-04".into()));
    assert!(world.append(honest.as_bytes()).is_ok(), "control");
}
