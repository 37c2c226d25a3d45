//! did:tlog: what the log takes, what it refuses and by which rule, and what others can check without it.

use crate::world::{self, World, by, document, log_key, origin, start, update_key};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, Service, VerificationMethod},
    jcs, json,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::{
    Signatory,
    data_integrity::{ProofOptions, sign},
};
use sinpyo_registry::{
    Operation,
    did_tlog::{Control, DidVersion, ResolutionProof, UpdateKey, create, deactivate, rotate, update},
    engine::{LogEngine, MAX_SUBMISSION},
};
use sinpyo_testkit::key;
use sinpyo_tlog::note::LogKey;

/// Changes a signed operation and signs it again with update key `seed`, hashes included if `rehash` says over what.
fn forge(
    operation: &Operation<DidVersion>,
    seed: u8,
    change: impl FnOnce(&mut Map<String, Value>),
) -> Vec<u8> {
    let mut op = json::parse_object(operation.as_bytes()).unwrap();
    op.remove("proof");
    change(&mut op);
    signed(op, seed)
}

fn signed(op: Map<String, Value>, seed: u8) -> Vec<u8> {
    let secret = key(Algorithm::Es256, seed);
    let name = secret.verifying_key().to_multikey().to_string();
    let method = format!("did:key:{name}#{name}").parse().unwrap();
    let public = secret.verifying_key().clone();
    let options = ProofOptions::new(sinpyo_core::document::VerificationRelationship::AssertionMethod);
    let op = sign(op, &options, &KeySigner::new(method, secret), &public).unwrap();
    jcs::canonicalize_object(&op)
}

/// Recomputes the chain hash of version `number` after `previous`, by the words of the specification.
fn rehash(op: &mut Map<String, Value>, number: u64, previous: &str) {
    op.insert("versionId".into(), json!(previous));
    let digest = sinpyo_crypto::hash::sha256(&jcs::canonicalize_object(op));
    let hash = multibase::encode(multibase::Base::Base58Btc, [&[0x12, 0x20][..], &digest].concat());
    op.insert("versionId".into(), json!(format!("{number}-{hash}")));
}

fn resolve(world: &World, did: &Did, selector: &VersionSelector) -> Result<Resolved, String> {
    let ledger = world.ledger();
    let answer = ledger.resolve(did, selector);
    let proof = ledger.prove(did, selector);
    match (answer, proof) {
        (Ok(resolved), Ok(proof)) => {
            // Whoever has only the text of the proof and the log's key sees the same.
            let proof: ResolutionProof = proof.to_string().parse().unwrap();
            let proven = proof.verify(&log_key().0, did, selector).unwrap();
            assert_eq!(proven.resolved(), &resolved);
            Ok(resolved)
        }
        (Err(error), Err(_)) => Err(error.code().to_owned()),
        (answer, proof) => panic!("{answer:?} but {proof:?}"),
    }
}

#[test]
fn a_did_is_created_updated_rotated_and_deactivated() {
    let world = World::new();
    let did = world.organisation(7);
    world.later(10);
    let first = world.head(&did);
    let second = by(7, update(&first, &origin(), &document(&did, 70), None));
    world.submit(second).unwrap();
    world.later(10);
    let rotated =
        world.submit(by(7, rotate(&world.head(&did), &origin(), Control::by(&update_key(8))))).unwrap();
    assert_eq!(rotated.version.number(), 3);
    world.later(10);
    world.submit(by(8, deactivate(&world.head(&did), &origin()))).unwrap();

    let latest = resolve(&world, &did, &VersionSelector::Latest).unwrap();
    assert!(latest.metadata.deactivated);
    assert_eq!(latest.document, DidDocument::new(did.clone()));
    assert_eq!(latest.metadata.created, Some(start()));
    let first_again = resolve(&world, &did, &VersionSelector::Id(first.version().to_string())).unwrap();
    assert_eq!(first_again.document, document(&did, 7));
    assert_eq!(first_again.metadata.superseded.unwrap().unix(), start().unix() + 10);
    assert!(!first_again.metadata.deactivated);
}

#[test]
fn a_version_is_found_by_the_time_of_the_ledger() {
    let world = World::new();
    world.later(100);
    let did = world.organisation(7);
    world.later(100);
    world.submit(by(7, update(&world.head(&did), &origin(), &document(&did, 70), None))).unwrap();
    // Two versions in one second: the later one is in force.
    world.submit(by(7, update(&world.head(&did), &origin(), &document(&did, 71), None))).unwrap();
    let at = |seconds: i64| {
        let time = sinpyo_core::time::Timestamp::from_unix(start().unix() + seconds).unwrap();
        resolve(&world, &did, &VersionSelector::Time(time)).map(|resolved| resolved.document)
    };
    assert_eq!(at(99), Err("TLOG-35".to_owned()));
    assert_eq!(at(100), Ok(document(&did, 7)));
    assert_eq!(at(199), Ok(document(&did, 7)));
    assert_eq!(at(200), Ok(document(&did, 71)));
    assert_eq!(at(1_000_000), Ok(document(&did, 71)));
}

#[test]
fn an_unknown_did_or_version_is_refused() {
    let world = World::new();
    let did = world.organisation(7);
    let other = world::create(9, Control::by(&update_key(9))).fact().did.clone();
    assert_eq!(resolve(&world, &other, &VersionSelector::Latest), Err("TLOG-34".into()));
    assert_eq!(
        resolve(&world, &"did:web:example.com".parse().unwrap(), &VersionSelector::Latest),
        Err("TLOG-34".into())
    );
    let version = world.head(&did).version().to_string();
    for id in [
        String::new(),
        "1".into(),
        version.replacen('1', "2", 1),
        version.replacen('1', "01", 1),
        format!("{version}x"),
    ] {
        assert_eq!(resolve(&world, &did, &VersionSelector::Id(id.clone())), Err("TLOG-35".into()), "{id}");
    }
    let wrong_hash = format!("1-{}", did.method_specific_id());
    assert_eq!(resolve(&world, &did, &VersionSelector::Id(wrong_hash)), Err("TLOG-35".into()));
}

#[test]
fn what_no_checkpoint_commits_to_is_not_resolved() {
    let world = World::new();
    let ledger = world.ledger();
    let operation = world::create(7, Control::by(&update_key(7)));
    let did = operation.fact().did.clone();
    let sequenced = ledger.submit(operation).unwrap();
    assert_eq!(ledger.resolve(&did, &VersionSelector::Latest).unwrap_err().code(), "TLOG-34");
    let Err(sinpyo_registry::AnchorError::NotYet(sequenced)) = ledger.anchored(sequenced) else {
        panic!("anchored without a checkpoint");
    };
    ledger.checkpoint().unwrap();
    assert_eq!(ledger.resolve(&did, &VersionSelector::Latest).unwrap().document, document(&did, 7));
    let anchored = ledger.anchored(sequenced).unwrap();
    let proven = anchored.proof().verify(&log_key().0).unwrap();
    assert_eq!((proven.index(), anchored.get().did.clone()), (2, did));
}

/// The identifier and the hashes by the words of the specification, computed here a second time.
#[test]
fn the_identifier_certifies_the_first_operation() {
    let operation = world::create(7, Control::by(&update_key(7)));
    let did = operation.fact().did.clone();
    let scid = did.method_specific_id();
    let text = String::from_utf8(operation.as_bytes().to_vec()).unwrap();
    let mut op = json::parse_object(text.replace(scid, "{SCID}").as_bytes()).unwrap();
    op.remove("proof");
    op.insert("versionId".into(), json!("{SCID}"));
    let digest = sinpyo_crypto::hash::sha256(&jcs::canonicalize_object(&op));
    assert_eq!(scid, multibase::encode(multibase::Base::Base58Btc, [&[0x12, 0x20][..], &digest].concat()));
    let mut op = json::parse_object(operation.as_bytes()).unwrap();
    let version = op["versionId"].clone();
    op.remove("proof");
    rehash(&mut op, 1, scid);
    assert_eq!(op["versionId"], version);
}

#[test]
fn another_identifier_than_the_hash_is_refused() {
    let world = World::new();
    let operation = world::create(7, Control::by(&update_key(7)));
    let scid = operation.fact().did.method_specific_id().to_owned();
    let other = world::create(8, Control::by(&update_key(8))).fact().did.method_specific_id().to_owned();
    let text = String::from_utf8(operation.as_bytes().to_vec()).unwrap().replace(&scid, &other);
    let mut op = json::parse_object(text.as_bytes()).unwrap();
    op.remove("proof");
    rehash(&mut op, 1, &other);
    assert_eq!(world.append(&signed(op, 7)), Err("TLOG-05".into()));
    let changed = forge(&operation, 7, |op| {
        op["document"] = Value::Object(document(&operation.fact().did, 9).to_json());
        rehash(op, 1, &scid);
    });
    assert_eq!(world.append(&changed), Err("TLOG-05".into()));
    assert!(world.append(operation.as_bytes()).is_ok(), "control");
}

#[test]
fn an_update_is_chained_to_its_own_did() {
    let world = World::new();
    let (did, other) = (world.organisation(7), world.organisation(8));
    let honest = by(7, update(&world.head(&did), &origin(), &document(&did, 70), None));
    // Chained to the other DID's version.
    let forged = forge(&honest, 7, |op| rehash(op, 2, world.head(&other).version().as_str()));
    assert_eq!(world.append(&forged), Err("TLOG-06".into()));
    let forged = forge(&honest, 7, |op| {
        op["document"] = Value::Object(document(&did, 71).to_json());
    });
    assert_eq!(world.append(&forged), Err("TLOG-06".into()));
    assert!(world.append(honest.as_bytes()).is_ok(), "control");
}

#[test]
fn versions_are_numbered_without_gaps() {
    let world = World::new();
    let did = world.organisation(7);
    let head = world.head(&did);
    let honest = by(7, update(&head, &origin(), &document(&did, 70), None));
    let jump = forge(&honest, 7, |op| rehash(op, 3, head.version().as_str()));
    assert_eq!(world.append(&jump), Err("TLOG-07".into()));
    let stranger = world::create(9, Control::by(&update_key(9)));
    let unknown = forge(&honest, 7, |op| {
        let text = String::from_utf8(jcs::canonicalize_object(op)).unwrap();
        let text = text.replace(did.method_specific_id(), stranger.fact().did.method_specific_id());
        *op = json::parse_object(text.as_bytes()).unwrap();
        rehash(op, 2, head.version().as_str());
    });
    assert_eq!(world.append(&unknown), Err("TLOG-09".into()));
    assert!(world.append(honest.as_bytes()).is_ok(), "control");
}

#[test]
fn of_two_updates_on_one_version_the_first_wins() {
    let world = World::new();
    let did = world.organisation(7);
    let head = world.head(&did);
    let first = by(7, update(&head, &origin(), &document(&did, 70), None));
    let second = by(7, update(&head, &origin(), &document(&did, 71), None));
    assert!(world.append(first.as_bytes()).is_ok());
    assert_eq!(world.append(second.as_bytes()), Err("TLOG-08".into()));
    // An older signed operation again, under another signature so that it is not the same submission.
    world.submit(by(7, update(&world.head(&did), &origin(), &document(&did, 72), None))).unwrap();
    let replayed = forge(&first, 7, |_| {});
    assert_eq!(world.append(&replayed), Err("TLOG-08".into()));
    assert_eq!(world.ledger().resolve(&did, &VersionSelector::Latest).unwrap().document, document(&did, 72));
}

#[test]
fn only_an_update_key_updates() {
    let world = World::new();
    let did = world.organisation(7);
    let draft = || update(&world.head(&did), &origin(), &document(&did, 70), None);
    assert_eq!(world.append(by(8, draft()).as_bytes()), Err("TLOG-12".into()));
    // A new key does not vouch for itself.
    let seized = rotate(&world.head(&did), &origin(), Control::by(&update_key(8)));
    assert_eq!(world.append(by(8, seized).as_bytes()), Err("TLOG-12".into()));
    let mut op = json::parse_object(by(7, draft()).as_bytes()).unwrap();
    let forged = json::parse_object(by(8, draft()).as_bytes()).unwrap();
    op["proof"]["proofValue"] = forged["proof"]["proofValue"].clone();
    assert_eq!(world.append(&jcs::canonicalize_object(&op)), Err("TLOG-11".into()));
    // The first operation is signed by a key that it lists.
    let foreign = by(9, create(&origin(), Control::by(&update_key(10)), |did| document(did, 9)).unwrap());
    assert_eq!(world.append(foreign.as_bytes()), Err("TLOG-12".into()));
    assert!(world.append(by(7, draft()).as_bytes()).is_ok(), "control");
}

#[test]
fn nothing_follows_a_deactivation() {
    let world = World::new();
    let did = world.organisation(7);
    let head = world.head(&did);
    let late = by(7, update(&head, &origin(), &document(&did, 70), None));
    world.submit(by(7, deactivate(&head, &origin()))).unwrap();
    assert_eq!(world.append(late.as_bytes()), Err("TLOG-10".into()));
    let after = by(7, rotate(&world.head(&did), &origin(), Control::by(&update_key(7))));
    assert_eq!(world.append(after.as_bytes()), Err("TLOG-10".into()));
}

/// The document with key `seed` revoked at `revoked`, named `name`.
fn with_key(did: &Did, name: &str, seed: u8, revoked: Option<&str>) -> DidDocument {
    let method = VerificationMethod {
        id: did.key(name).unwrap(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(key(Algorithm::Ed25519, seed).verifying_key().to_multikey()),
        revoked: revoked.map(|time| time.parse().unwrap()),
    };
    document(did, 7).with_key(method, &[])
}

#[test]
fn a_revoked_key_stays_revoked() {
    const REVOKED: Option<&str> = Some("2026-11-22T00:00:00Z");
    let world = World::new();
    let did = world.organisation(7);
    let next = |document: &DidDocument| by(7, update(&world.head(&did), &origin(), document, None));
    world.submit(next(&with_key(&did, "old", 70, None))).unwrap();
    world.submit(next(&with_key(&did, "old", 70, REVOKED))).unwrap();
    for (what, refused) in [
        ("dropped", document(&did, 7)),
        ("in use again", with_key(&did, "old", 70, None)),
        ("exchanged", with_key(&did, "old", 71, REVOKED)),
        ("under another name", with_key(&did, "new", 70, REVOKED)),
        ("revoked later", with_key(&did, "old", 70, Some("2026-11-22T00:00:01Z"))),
    ] {
        assert_eq!(world.append(next(&refused).as_bytes()), Err("TLOG-24".into()), "{what}");
    }
    world.submit(next(&with_key(&did, "old", 70, Some("2026-11-21T00:00:00Z")))).unwrap();
    // Several versions on it is still there, and since the earlier time.
    world.submit(by(7, rotate(&world.head(&did), &origin(), Control::by(&update_key(8))))).unwrap();
    let late = by(8, update(&world.head(&did), &origin(), &with_key(&did, "old", 70, REVOKED), None));
    assert_eq!(world.append(late.as_bytes()), Err("TLOG-24".into()));
    world.submit(by(8, deactivate(&world.head(&did), &origin()))).unwrap();
}

#[test]
fn the_name_of_a_key_means_one_key() {
    let world = World::new();
    let did = world.organisation(7);
    let next = |document: &DidDocument| by(7, update(&world.head(&did), &origin(), document, None));
    world.submit(next(&with_key(&did, "second", 70, None))).unwrap();
    let exchanged =
        [with_key(&did, "second", 71, None), with_key(&did, "second", 71, Some("2026-11-22T00:00:00Z"))];
    for refused in exchanged {
        assert_eq!(world.append(next(&refused).as_bytes()), Err("TLOG-25".into()));
    }
    world.submit(next(&document(&did, 7))).unwrap();
}

type Change = fn(&mut Map<String, Value>, &Did);

#[test]
fn a_deactivation_leaves_nothing_behind() {
    let world = World::new();
    let did = world.organisation(7);
    let head = world.head(&did);
    let honest = by(7, deactivate(&head, &origin()));
    let changes: [Change; 4] = [
        |op, did| op["document"] = Value::Object(document(did, 7).to_json()),
        |op, _| op["parameters"]["updateKeys"] = json!([UpdateKey::new(&update_key(7)).as_str()]),
        |op, _| op["parameters"]["nextKeyHashes"] = json!([UpdateKey::new(&update_key(8)).hash().as_str()]),
        |op, _| op["parameters"]["deactivated"] = json!(false),
    ];
    for change in changes {
        let forged = forge(&honest, 7, |op| {
            change(op, &did);
            rehash(op, 2, head.version().as_str());
        });
        assert_eq!(world.append(&forged), Err("TLOG-18".into()));
    }
    assert!(world.append(honest.as_bytes()).is_ok(), "control");
}

/// A DID whose next update key, number 8, was announced.
fn announced(world: &World) -> Did {
    let control = Control::by(&update_key(7)).announcing(&update_key(8));
    world.submit(world::create(7, control)).unwrap().did
}

#[test]
fn an_announced_key_takes_over() {
    let world = World::new();
    let did = announced(&world);
    let next = Control::by(&update_key(8)).announcing(&update_key(9));
    world.submit(by(8, rotate(&world.head(&did), &origin(), next))).unwrap();
    // Deactivation reveals the announced key by signing with it.
    world.submit(by(9, deactivate(&world.head(&did), &origin()))).unwrap();
    assert!(resolve(&world, &did, &VersionSelector::Latest).unwrap().metadata.deactivated);
}

#[test]
fn announced_keys_must_be_listed() {
    let world = World::new();
    let did = announced(&world);
    let head = world.head(&did);
    let omitted = by(7, update(&head, &origin(), &document(&did, 70), None));
    assert_eq!(world.append(omitted.as_bytes()), Err("TLOG-13".into()));
    let omitted = by(8, update(&head, &origin(), &document(&did, 70), None));
    assert_eq!(world.append(omitted.as_bytes()), Err("TLOG-13".into()));
    let honest = by(8, rotate(&head, &origin(), Control::by(&update_key(8)).announcing(&update_key(9))));
    let forged = forge(&honest, 8, |op| {
        op["parameters"].as_object_mut().unwrap().remove("nextKeyHashes");
        rehash(op, 2, head.version().as_str());
    });
    assert_eq!(world.append(&forged), Err("TLOG-13".into()));
    // The key of the version before signs no more, and gives nobody a deactivation.
    let by_old = by(7, rotate(&head, &origin(), Control::by(&update_key(8)).announcing(&update_key(9))));
    assert_eq!(world.append(by_old.as_bytes()), Err("TLOG-12".into()));
    assert_eq!(world.append(by(7, deactivate(&head, &origin())).as_bytes()), Err("TLOG-12".into()));
    assert!(world.append(honest.as_bytes()).is_ok(), "control");
}

#[test]
fn only_announced_keys_may_be_listed() {
    let world = World::new();
    let did = announced(&world);
    let head = world.head(&did);
    for control in [
        Control::by(&update_key(7)).announcing(&update_key(9)),
        Control::by(&update_key(10)).announcing(&update_key(9)),
        Control {
            update_keys: vec![UpdateKey::new(&update_key(8)), UpdateKey::new(&update_key(10))],
            next_key_hashes: Vec::new(),
            recovery_keys: None,
        },
    ] {
        let operation = by(8, rotate(&head, &origin(), control));
        assert_eq!(world.append(operation.as_bytes()), Err("TLOG-14".into()));
    }
}

#[test]
fn a_key_that_was_shown_is_not_announced_again() {
    let world = World::new();
    let did = announced(&world);
    for again in [7, 8] {
        let control = Control::by(&update_key(8)).announcing(&update_key(again));
        let operation = by(8, rotate(&world.head(&did), &origin(), control));
        assert_eq!(world.append(operation.as_bytes()), Err("TLOG-15".into()), "key {again}");
    }
    let itself = world::create(9, Control::by(&update_key(9)).announcing(&update_key(9)));
    assert_eq!(world.append(itself.as_bytes()), Err("TLOG-15".into()));
}

#[test]
fn update_keys_are_distinct_and_usable() {
    let world = World::new();
    let operation = world::create(7, Control::by(&update_key(7)));
    // Of algorithms without suite: whoever listed one alone would have lost the DID.
    let [ml_dsa_65, p_521] = [Algorithm::MlDsa65, Algorithm::Es512]
        .map(|algorithm| key(algorithm, 9).verifying_key().to_multikey().to_string());
    let key = UpdateKey::new(&update_key(7));
    let hash = key.hash();
    let many: Vec<String> = (0..17).map(|seed| UpdateKey::new(&update_key(seed)).to_string()).collect();
    for parameters in [
        json!({"updateKeys": [key.as_str(), ml_dsa_65]}),
        json!({"updateKeys": [key.as_str(), p_521]}),
        json!({"updateKeys": [key.as_str()], "recoveryKeys": [ml_dsa_65]}),
        json!({}),
        json!({"updateKeys": []}),
        json!({"updateKeys": [key.as_str(), key.as_str()]}),
        json!({"updateKeys": ["z6Mk"]}),
        json!({"updateKeys": [hash.as_str()]}),
        json!({"updateKeys": [key.as_str()], "nextKeyHashes": [key.as_str()]}),
        json!({"updateKeys": [key.as_str()], "nextKeyHashes": [hash.as_str(), hash.as_str()]}),
        // Not of the alphabet; not a SHA-256 multihash.
        json!({"updateKeys": [key.as_str()], "nextKeyHashes": [format!("zQm0{}", &hash.as_str()[4..])]}),
        json!({"updateKeys": [key.as_str()], "nextKeyHashes": [format!("zQm{}", "z".repeat(44))]}),
    ] {
        let forged = forge(&operation, 7, |op| op["parameters"] = parameters.clone());
        assert!(
            matches!(world.append(&recertified(&forged, 7)).unwrap_err().as_str(), "TLOG-16"),
            "{parameters}"
        );
    }
    let forged = forge(&operation, 7, |op| op["parameters"] = json!({"updateKeys": many}));
    assert_eq!(world.append(&recertified(&forged, 7)), Err("TLOG-03".into()));
}

/// Gives a changed first operation the identifier that it certifies, so that only the change is wrong with it.
fn recertified(bytes: &[u8], seed: u8) -> Vec<u8> {
    let mut op = json::parse_object(bytes).unwrap();
    op.remove("proof");
    let scid = op["did"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    op.insert("versionId".into(), json!("{SCID}"));
    let text = String::from_utf8(jcs::canonicalize_object(&op)).unwrap().replace(&scid, "{SCID}");
    let digest = sinpyo_crypto::hash::sha256(text.as_bytes());
    let scid = multibase::encode(multibase::Base::Base58Btc, [&[0x12, 0x20][..], &digest].concat());
    let mut op = json::parse_object(text.replace("{SCID}", &scid).as_bytes()).unwrap();
    rehash(&mut op, 1, &scid);
    signed(op, seed)
}

#[test]
fn the_document_holds_nothing_but_keys_and_addresses() {
    let world = World::new();
    let operation = world::create(7, Control::by(&update_key(7)));
    let did = operation.fact().did.to_string();
    let changes: [fn(&mut Value, &str); 23] = [
        |document, _| document["name"] = json!("홍길동"),
        |document, _| document["verificationMethod"][0]["note"] = json!("홍길동"),
        |document, _| document["service"][0]["phone"] = json!("010-0000-0000"),
        |document, _| {
            document["service"][0]["serviceEndpoint"] = json!({"uri": "https://a.example", "name": "홍길동"});
        },
        |document, _| document["service"][0]["serviceEndpoint"] = json!("mailto:hong@example.com"),
        |document, _| document["service"][0]["type"] = json!("Hong Gildong"),
        |document, _| document["alsoKnownAs"] = json!(["홍길동"]),
        |document, _| document["@context"] = json!(["https://www.w3.org/ns/did/v1"]),
        |document, _| document["verificationMethod"][0]["controller"] = json!("did:example:other"),
        |document, did| document["verificationMethod"][0]["id"] = json!(format!("{did}#hong%20gildong")),
        |document, did| document["authentication"] = json!([format!("{did}#absent")]),
        |document, _| document["verificationMethod"][0] = json!(null),
        // One id leads to one thing.
        |document, _| {
            let service = document["service"][0].clone();
            document["service"].as_array_mut().unwrap().push(service);
        },
        |document, _| document["service"][0]["id"] = document["verificationMethod"][0]["id"].clone(),
        |document, _| document["alsoKnownAs"] = json!(["https://a.example/", "https://a.example/"]),
        // Places, and nothing about anybody there.
        |document, _| endpoint(document, "https://a.example/?rrn=900101-1234567"),
        |document, _| endpoint(document, "https://a.example/#hong"),
        |document, _| endpoint(document, "https://hong:pw@a.example/"),
        |document, _| endpoint(document, "https://hong@a.example"),
        |document, _| endpoint(document, "https:///path"),
        |document, _| document["alsoKnownAs"] = json!(["https://a.example?tel=010"]),
        |document, _| document["alsoKnownAs"] = json!(["did:web:a.example?tel=010"]),
        |document, did| services(document, did, 17),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let forged = forge(&operation, 7, |op| change(&mut op["document"], &did));
        assert_eq!(world.append(&recertified(&forged, 7)), Err("TLOG-17".into()), "change {number}");
    }
    let other = forge(&operation, 7, |op| op["document"]["id"] = json!("did:example:other"));
    assert_eq!(world.append(&recertified(&other, 7)), Err("TLOG-17".into()));
    assert!(world.append(&recertified(operation.as_bytes(), 7)).is_ok(), "control");
    let fine = forge(&operation, 7, |op| {
        services(&mut op["document"], &did, 16);
        endpoint(&mut op["document"], "https://a.example:8443/@shop/a%20b;v=1");
    });
    assert!(world.append(&recertified(&fine, 7)).is_ok(), "control");
}

fn endpoint(document: &mut Value, endpoint: &str) {
    document["service"][0]["serviceEndpoint"] = json!(endpoint);
}

fn services(document: &mut Value, did: &str, count: usize) {
    let service = |number| {
        let id = format!("{did}#s{number}");
        json!({"id": id, "type": "A", "serviceEndpoint": "https://a.example"})
    };
    document["service"] = (0..count).map(service).collect();
}

/// A placeholder left in the text would give two operations one identifier.
#[test]
fn no_second_operation_has_the_same_identifier() {
    let world = World::new();
    let operation = by(
        7,
        create(&origin(), Control::by(&update_key(7)), |did| {
            let endpoint = json!(format!("https://a.example/{}", did.method_specific_id()));
            document(did, 7).with_service(Service { id: format!("{did}#own"), kind: "Own".into(), endpoint })
        })
        .unwrap(),
    );
    let scid = operation.fact().did.method_specific_id().to_owned();
    let second = forge(&operation, 7, |op| {
        op["document"]["service"][1]["serviceEndpoint"] = json!("https://a.example/{SCID}");
        rehash(op, 1, &scid);
    });
    assert_eq!(world.append(&second), Err("TLOG-17".into()));
    assert!(world.append(operation.as_bytes()).is_ok(), "control");
}

#[test]
fn an_operation_has_its_members_and_no_other() {
    let world = World::new();
    let operation = world::create(7, Control::by(&update_key(7)));
    let changes: [fn(&mut Map<String, Value>); 6] = [
        |op| drop(op.insert("name".into(), json!("홍길동"))),
        |op| op["parameters"]["portable"] = json!(true),
        |op| drop(op.remove("document")),
        |op| op["versionId"] = json!("1"),
        |op| op["type"] = json!("person"),
        |op| op["parameters"]["updateKeys"] = json!("z6Mk"),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let forged = forge(&operation, 7, change);
        assert_eq!(world.append(&forged), Err("TLOG-03".into()), "change {number}");
    }
    let mut op = json::parse_object(operation.as_bytes()).unwrap();
    op["proof"]["domain"] = json!("홍길동");
    assert_eq!(world.append(&jcs::canonicalize_object(&op)), Err("TLOG-03".into()));
}

#[test]
fn an_operation_for_another_log_is_refused() {
    let world = World::new();
    let elsewhere = "ledger.example/2027".parse().unwrap();
    let operation = by(7, create(&elsewhere, Control::by(&update_key(7)), |did| document(did, 7)).unwrap());
    assert_eq!(world.append(operation.as_bytes()), Err("TLOG-04".into()));
}

#[test]
fn what_is_not_strict_json_is_refused() {
    let world = World::new();
    let text = String::from_utf8(world::create(7, Control::by(&update_key(7))).as_bytes().to_vec()).unwrap();
    for bytes in [
        "x".to_owned(),
        "[]".into(),
        text.replacen('{', "{\"type\":\"did\",", 1),
        text[..text.len() - 1].into(),
        text.replacen("\"type\":\"did\"", "\"type\":\"did\",\"n\":9007199254740993", 1),
    ] {
        assert_eq!(world.append(bytes.as_bytes()), Err("TLOG-01".into()), "{bytes:.80}");
    }
    assert_eq!(world.append(text.replacen('{', "{ ", 1).as_bytes()), Err("TLOG-02".into()));
    let members = json::parse_object(text.as_bytes()).unwrap();
    let reordered: Vec<String> =
        members.iter().rev().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    assert_eq!(world.append(format!("{{{}}}", reordered.join(",")).as_bytes()), Err("TLOG-02".into()));
    assert_eq!(world.append(&[0xff; 10]), Err("TLOG-01".into()));
    assert!(world.append(text.as_bytes()).is_ok(), "control");
}

#[test]
fn a_long_operation_is_refused() {
    let world = World::new();
    assert_eq!(world.append(&vec![b' '; MAX_SUBMISSION + 1]), Err("LOG-06".into()));
    // The fold refuses it too, for those who replay a log of somebody else's.
    let fold = sinpyo_registry::Fold::new(origin());
    let at = sinpyo_registry::engine::Position { index: 2, time: start() };
    let state = world.engine.state().unwrap();
    let long = vec![b' '; MAX_SUBMISSION + 1];
    let refusal = sinpyo_registry::engine::Sequencing::sequence(&fold, &*state, at, &long).unwrap_err();
    assert_eq!(refusal.code(), Some("TLOG-20"));
    // In an entry, which may be longer, as well: by a byte. What it says is looked at afterwards.
    for (length, expected) in [(MAX_SUBMISSION, "TLOG-04"), (MAX_SUBMISSION + 1, "TLOG-20")] {
        let op = |pad: usize| format!("{{\"log\":\"{}\"}}", "a".repeat(pad));
        let op = op(length - op(0).len());
        let entry = format!("{{\"op\":{op},\"time\":\"{}\",\"v\":1}}", start());
        let refusal = sinpyo_registry::engine::Sequencing::replay(&fold, &*state, 2, entry.as_bytes());
        assert_eq!(refusal.unwrap_err().code(), Some(expected), "{length}");
    }
}

#[test]
fn a_version_beyond_the_last_is_refused() {
    // The state as after 10,000 versions, written by hand: only the number matters.
    struct Late(Vec<u8>);
    impl sinpyo_registry::engine::StateView for Late {
        fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, sinpyo_registry::engine::EngineError> {
            Ok(if key == b"log" {
                Some(b"did:tlog:root".to_vec())
            } else if key.starts_with(b"did/") {
                Some(self.0.clone())
            } else {
                None
            })
        }
    }
    let world = World::new();
    let did = world.organisation(7);
    let state = world.engine.state().unwrap();
    let bytes = state.get(format!("did/{did}").as_bytes()).unwrap().unwrap();
    let late = Late(String::from_utf8(bytes).unwrap().replace("\"1-z", "\"10000-z").into_bytes());
    let head = sinpyo_registry::did_tlog::DidHead::read(&late, &did).unwrap().unwrap();
    let next = by(7, update(&head, &origin(), &document(&did, 70), None));
    let at = sinpyo_registry::engine::Position { index: 9, time: start() };
    let fold = sinpyo_registry::Fold::new(origin());
    let refusal =
        sinpyo_registry::engine::Sequencing::sequence(&fold, &late, at, next.as_bytes()).unwrap_err();
    assert_eq!(refusal.code(), Some("TLOG-19"));
}

#[test]
fn a_state_that_cannot_be_read_accepts_nothing() {
    struct Broken;
    impl sinpyo_registry::engine::StateView for Broken {
        fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, sinpyo_registry::engine::EngineError> {
            if key == b"log" {
                Ok(Some(b"did:tlog:root".to_vec()))
            } else {
                Err(sinpyo_registry::engine::EngineError::Stopped)
            }
        }
    }
    let operation = world::create(7, Control::by(&update_key(7)));
    let at = sinpyo_registry::engine::Position { index: 9, time: start() };
    let fold = sinpyo_registry::Fold::new(origin());
    let refusal = sinpyo_registry::engine::Sequencing::sequence(&fold, &Broken, at, operation.as_bytes());
    assert!(matches!(refusal, Err(sinpyo_registry::engine::Refusal::Engine(_))));
}

/// A signer that answers later, such as a phone, gets the bytes to sign and hands back the signature.
#[test]
fn a_remote_signer_signs_in_two_steps() {
    let world = World::new();
    let secret = key(Algorithm::Es256, 7);
    let public = secret.verifying_key().clone();
    let elsewhere = "did:example:phone#key".parse().unwrap();
    let prepare = || {
        let draft = create(&origin(), Control::by(&public), |did| document(did, 7)).unwrap();
        draft.prepare(Signatory { key_id: &elsewhere, key: &public }).unwrap()
    };
    let waiting = prepare();
    let signature = secret.sign(waiting.signing_input()).unwrap();
    assert!(world.submit(waiting.attach(&signature).unwrap()).is_ok());
    let foreign = key(Algorithm::Es256, 8).sign(prepare().signing_input()).unwrap();
    assert!(prepare().attach(&foreign).is_err());
}

#[test]
fn keys_of_every_suite_control_a_did() {
    let world = World::new();
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519, Algorithm::MlDsa44] {
        let secret = key(algorithm, 50);
        let public = secret.verifying_key().clone();
        let draft = create(&origin(), Control::by(&public), |did| document(did, 7)).unwrap();
        let signer = KeySigner::new("did:example:any#name".parse().unwrap(), secret);
        let did = world.submit(draft.sign(&signer, &public).unwrap()).unwrap().did;
        world.submit(deactivate(&world.head(&did), &origin()).sign(&signer, &public).unwrap()).unwrap();
        assert!(resolve(&world, &did, &VersionSelector::Latest).unwrap().metadata.deactivated, "{algorithm}");
    }
}

/// A proof with each part changed, none of which another log's key or another DID can use.
#[test]
fn a_changed_proof_is_refused() {
    let world = World::new();
    let did = world.organisation(7);
    world.submit(by(7, update(&world.head(&did), &origin(), &document(&did, 70), None))).unwrap();
    let other = world.organisation(8);
    let proof = world.ledger().prove(&did, &VersionSelector::Latest).unwrap();
    let text = proof.to_string();
    let verify = |text: &str, key: &LogKey| -> Result<(), String> {
        let proof: ResolutionProof =
            text.parse().map_err(|error: sinpyo_registry::BundleError| error.code().to_owned())?;
        proof.verify(key, &did, &VersionSelector::Latest).map(drop).map_err(|error| error.code().to_owned())
    };
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        verify(&value.to_string(), &log_key().0)
    };
    assert_eq!(verify(&text, &log_key().0), Ok(()), "control");
    let stranger = LogKey::new(origin(), key(Algorithm::Ed25519, 99).verifying_key().clone()).unwrap();
    assert_eq!(verify(&text, &stranger), Err("LOG-13".into()));
    assert_eq!(changed(&|proof| proof["entries"][2]["index"] = json!(4)), Err("TLOG-32".into()));
    assert_eq!(
        changed(&|proof| proof["entries"][1]["path"][0] = proof["entries"][1]["path"][1].clone()),
        Err("TLOG-32".into())
    );
    assert_eq!(
        changed(&|proof| drop(proof["entries"].as_array_mut().unwrap().remove(1))),
        Err("TLOG-33".into())
    );
    assert_eq!(
        changed(&|proof| drop(proof["entries"].as_array_mut().unwrap().remove(0))),
        Err("TLOG-33".into())
    );
    assert_eq!(changed(&|proof| proof["entries"].as_array_mut().unwrap().reverse()), Err("TLOG-31".into()));
    assert_eq!(changed(&|proof| proof["extra"] = json!(1)), Err("TLOG-31".into()));
    assert_eq!(changed(&|proof| proof["entries"][0]["path"] = json!(["AA"])), Err("TLOG-31".into()));
    assert_eq!(
        changed(&|proof| {
            let entry = proof["entries"][1]["entry"]
                .as_str()
                .unwrap()
                .replace("organisation.example", "organisation.evil.example");
            proof["entries"][1]["entry"] = json!(entry);
        }),
        Err("TLOG-32".into())
    );
    assert_eq!(proof.verify(&log_key().0, &other, &VersionSelector::Latest).unwrap_err().code(), "TLOG-34");
    for cut in (0..text.len()).step_by(97) {
        assert!(verify(&text[..cut], &log_key().0).is_err(), "cut at {cut}");
    }
}

#[test]
fn the_log_is_opened_once() {
    let world = World::new();
    let opening =
        format!("{{\"log\":\"{}\",\"root\":\"did:example:mallory\",\"type\":\"log\"}}", world::ORIGIN);
    assert_eq!(world.append(opening.as_bytes()), Err("TLOG-21".into()));
    let fresh = sinpyo_store::MemoryLog::new(
        sinpyo_registry::Fold::new(origin()),
        sinpyo_testkit::FixedClock(start()),
    );
    let early =
        fresh.append(vec![world::create(7, Control::by(&update_key(7))).as_bytes().to_vec()]).remove(0);
    assert_eq!(early.unwrap_err().code(), Some("TLOG-21"));
}
