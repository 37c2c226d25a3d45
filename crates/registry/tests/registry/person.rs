//! Persons: commitments that say nothing, records that prove, erasures that hold.

use crate::{
    accreditation::granted,
    world::{World, as_organisation, log_key, origin},
};
use sinpyo_core::{accreditation::Grant, did::Did, key::Entropy};
use sinpyo_crypto::{Algorithm, KeySigner, hash::sha256};
use sinpyo_registry::{
    Operation,
    engine::LogEngine,
    person::{
        Commitment, MemoryPersonStore, PersonDid, PersonEntry, PersonRecord, PersonSecret, PersonStore,
        admit, draft, erase, reconcile,
    },
};
use sinpyo_testkit::{TestEntropy, key};
use std::collections::BTreeMap;

fn operation(seed: u8) -> Operation<PersonDid> {
    let secret = key(Algorithm::Ed25519, seed);
    let public = secret.verifying_key().clone();
    let signer = KeySigner::new("did:example:any#key".parse().unwrap(), secret);
    draft(&origin(), &public, None).unwrap().sign(&signer, &public).unwrap()
}

fn secret(seed: u8, salt: u64) -> PersonSecret {
    PersonSecret::new(operation(seed), &mut TestEntropy::new(salt))
}

fn admitted(world: &World, secret: &PersonSecret) -> u64 {
    let operation = as_organisation(&world.root, 1, admit(&origin(), &world.root, secret.commitment()));
    world.append(operation.as_bytes()).unwrap()
}

fn log(world: &World) -> Vec<u8> {
    let size = world.engine.head().unwrap().size;
    world.engine.entries(0..size).unwrap().concat()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// By the words of the specification.
#[test]
fn a_commitment_is_a_salted_hash() {
    let secret = secret(30, 1);
    let salted = [&secret.salt().expose()[..], secret.operation().expose()].concat();
    let expected = sha256(&[&[0, b'p'][..], &sha256(&salted)].concat());
    assert_eq!(secret.commitment().as_bytes(), &expected);
    assert_eq!(secret.commitment().to_string().parse::<Commitment>().unwrap(), secret.commitment());
    for text in ["", "AAAA", &format!("{}=", secret.commitment()), &format!("{}A", secret.commitment())] {
        assert_eq!(text.parse::<Commitment>().unwrap_err().code(), "TLOG-41", "{text}");
    }
}

/// SECURITY: what is printed into a log file names nobody.
#[test]
fn nothing_printed_for_debugging_names_a_person() {
    let public = key(Algorithm::Ed25519, 30).verifying_key().to_multikey().to_string();
    let (operation, secret) = (operation(30), secret(30, 1));
    assert!(contains(operation.as_bytes(), public.as_bytes()), "control");
    let draft = draft(&origin(), key(Algorithm::Ed25519, 30).verifying_key(), None).unwrap();
    for text in
        [format!("{operation:?}"), format!("{draft:?}"), format!("{secret:?}"), format!("{:?}", secret.did())]
    {
        assert!(!text.contains(&public) && !text.contains("did:key"), "{text}");
        assert!(!text.contains(&format!("{:?}", &public.as_bytes()[..8]).replace(['[', ']'], "")), "{text}");
    }
}

#[test]
fn a_person_shows_the_admission() {
    let world = World::new();
    let secret = secret(30, 1);
    let did = secret.did().did.clone();
    let index = admitted(&world, &secret);
    let ledger = world.ledger();
    ledger.checkpoint().unwrap();
    let record = PersonRecord::new(secret, ledger.prove_entry(index).unwrap()).to_json();
    let record: PersonRecord = record.parse().unwrap();
    let proven = record.verify(&log_key().0).unwrap();
    assert_eq!((&proven.person().did, proven.index(), proven.by()), (&did, index, &world.root));
    assert_eq!(proven.admitted_at(), world.now());

    // Another salt, another person's operation, another entry: nothing.
    let twins = [self::secret(30, 2), self::secret(31, 1)];
    for twin in twins {
        let record = PersonRecord::new(twin, ledger.prove_entry(index).unwrap());
        assert_eq!(record.verify(&log_key().0).unwrap_err().code(), "TLOG-46");
    }
    let record = PersonRecord::new(self::secret(30, 1), ledger.prove_entry(1).unwrap());
    assert_eq!(record.verify(&log_key().0).unwrap_err().code(), "TLOG-46");
    assert_eq!("{}".parse::<PersonRecord>().unwrap_err().code(), "TLOG-46");
}

#[test]
fn a_persons_operation_is_the_persons_own() {
    let (own, salt) = (operation(30), [7; 32]);
    assert!(PersonSecret::from_parts(own.as_bytes().to_vec(), salt).is_ok(), "control");
    let text = String::from_utf8(own.as_bytes().to_vec()).unwrap();
    let stranger = operation(31).fact().did.to_string();
    for forged in [
        text.replace("person-did", "did"),
        text.replacen(&own.fact().did.to_string(), &stranger, 1),
        text.replace("ledger.example", "ledgers.example"),
        text.replacen("\"log\"", "\"name\":\"홍길동\",\"log\"", 1),
        String::new(),
    ] {
        assert!(PersonSecret::from_parts(forged.clone().into_bytes(), salt).is_err(), "{forged}");
    }
}

/// LEDGER group 8: the same person twice leaves two entries that nothing relates.
#[test]
fn one_person_twice_is_not_linkable() {
    let world = World::new();
    let (first, second) = (secret(30, 1), secret(30, 2));
    assert_eq!(first.operation().expose(), second.operation().expose());
    admitted(&world, &first);
    admitted(&world, &second);
    assert_ne!(first.commitment(), second.commitment());
    let (one, other) = (first.commitment(), second.commitment());
    let shared = one.as_bytes().iter().zip(other.as_bytes());
    assert!(shared.filter(|(a, b)| a == b).count() < 8, "no common part");
    // Neither operation, identifier, key nor salt is on the log, in any encoding that we use.
    let log = log(&world);
    let did = first.did().did.to_string();
    let salt = first.salt().expose();
    for planted in [
        first.operation().expose().clone(),
        did.clone().into_bytes(),
        did.strip_prefix("did:key:").unwrap().as_bytes().to_vec(),
        salt.to_vec(),
        sinpyo_core::encoding::to_base64url(salt).into_bytes(),
        sinpyo_core::encoding::to_base64url(&sha256(first.operation().expose())).into_bytes(),
    ] {
        assert!(!contains(&log, &planted));
    }
    assert!(contains(&log, first.commitment().to_string().as_bytes()), "control");
}

#[test]
fn who_may_admit_is_accredited_for_it() {
    let world = World::new();
    let (agency, stranger) = (world.organisation(8), world.organisation(9));
    let scope =
        BTreeMap::from([("K01".parse().unwrap(), vec![sinpyo_core::claims::ClaimPath::name("age_over_18")])]);
    let grant = |service: &str| Grant::Request { service: service.parse().unwrap(), scope: scope.clone() };
    world.submit(granted(&world, (&world.root, 1), &agency, grant("registry.admission"))).unwrap();
    world.submit(granted(&world, (&world.root, 1), &stranger, grant("post.login"))).unwrap();
    let by = |did: &Did, seed: u8, secret: &PersonSecret| {
        let operation = as_organisation(did, seed, admit(&origin(), did, secret.commitment()));
        world.append(operation.as_bytes())
    };
    assert!(by(&agency, 8, &secret(30, 1)).is_ok());
    assert_eq!(by(&stranger, 9, &secret(30, 2)), Err("TLOG-42".into()));
    assert_eq!(by(&agency, 8, &secret(30, 1)).unwrap(), world.engine.head().unwrap().size - 1, "repeated");
    // In another's name, and a commitment that is there.
    let forged = as_organisation(&stranger, 9, admit(&origin(), &world.root, secret(30, 3).commitment()));
    assert_eq!(world.append(forged.as_bytes()), Err("TLOG-42".into()));
    let again = as_organisation(&world.root, 1, admit(&origin(), &world.root, secret(30, 1).commitment()));
    assert_eq!(world.append(again.as_bytes()), Err("TLOG-43".into()));
}

/// LEDGER group 8: after an erasure nothing opens the commitment, and an older copy of the store does not bring it back.
#[test]
fn an_erasure_holds_for_older_copies() {
    let world = World::new();
    let (store, backup) = (MemoryPersonStore::default(), MemoryPersonStore::default());
    let mut places = Vec::new();
    for seed in 30..33 {
        let secret = secret(seed, u64::from(seed));
        let index = admitted(&world, &secret);
        store.put(index, &secret).unwrap();
        backup.put(index, &secret).unwrap();
        places.push(index);
    }
    let kept = store.get(places[1]).unwrap().unwrap();
    assert_eq!(kept.commitment(), secret(31, 31).commitment());
    store.erase(places[1]).unwrap();
    let erasure = as_organisation(&world.root, 1, erase(&origin(), &world.root, places[1]));
    // The entry names a place and nothing of what was there.
    assert!(!contains(erasure.as_bytes(), kept.commitment().to_string().as_bytes()));
    world.append(erasure.as_bytes()).unwrap();
    let state = world.engine.state().unwrap();
    assert!(PersonEntry::read(&*state, places[1]).unwrap().unwrap().is_erased());
    assert_eq!(reconcile(&store, &*state).unwrap(), 0);
    assert_eq!(backup.entries().unwrap(), places);
    assert_eq!(reconcile(&backup, &*state).unwrap(), 1);
    assert_eq!(backup.entries().unwrap(), [places[0], places[2]]);
    assert!(backup.get(places[1]).unwrap().is_none());
    // A store with what the log does not know of is no better.
    backup.put(9_999, &secret(34, 1)).unwrap();
    assert_eq!(reconcile(&backup, &*state).unwrap(), 1);
}

#[test]
fn an_erasure_is_by_who_admitted() {
    let world = World::new();
    let index = admitted(&world, &secret(30, 1));
    let stranger = world.organisation(9);
    let by = |did: &Did, seed: u8, entry: u64| {
        world.append(as_organisation(did, seed, erase(&origin(), did, entry)).as_bytes())
    };
    assert_eq!(by(&stranger, 9, index), Err("TLOG-42".into()));
    assert_eq!(by(&world.root, 1, 0), Err("TLOG-44".into()));
    let first = by(&world.root, 1, index).unwrap();
    assert_eq!(by(&world.root, 1, index).unwrap(), first, "the same bytes: the first entry");
    assert!(format!("{:?}", secret(30, 1)).contains("Secret(..)"));
    let mut bytes = [0; 32];
    TestEntropy::new(1).fill(&mut bytes);
    assert!(!format!("{:?}", secret(30, 1)).contains(&format!("{bytes:?}")));
}
