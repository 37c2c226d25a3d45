//! The did:webvh twin of a did:tlog: written here, read by the reader that the vectors of others test.

use crate::{
    keys::{key, update_key},
    tlog::{World, control, document, origin},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    resolved::{Resolved, VersionSelector},
    time::Timestamp,
};
use sinpyo_registry::did_tlog::{self, Control};
use sinpyo_resolver::{
    VersionQuery,
    did_webvh::{
        DidLog, DraftEntry, DraftError, Entry, Parameters,
        twin::{self, Side, TwinDraftError, TwinError, Twins, check_twin},
    },
};
use std::time::Duration;

const PLACE: &str = "office.example:registry";

fn signed(draft: DraftEntry, seed: u8) -> Entry {
    let key = key(seed);
    let prepared = draft.prepare(key.verifying_key()).unwrap();
    let signature = key.sign(prepared.signing_input()).unwrap();
    prepared.attach(&signature).unwrap()
}

fn created(world: &World) -> DidLog {
    let draft = twin::create(PLACE, &update_key(1), &world.newest(), world.now()).unwrap();
    DidLog::start(signed(draft, 1), world.now()).unwrap()
}

fn missing(log: &DidLog, world: &World) -> Vec<Resolved> {
    twin::since(log, |selector| world.ledger().resolve(world.did(), selector)).unwrap()
}

/// The log with entries for all that it lacks.
fn followed(mut log: DidLog, world: &World) -> DidLog {
    let versions = missing(&log, world);
    while let Some(draft) = twin::follow(&log, &versions, world.now()).unwrap() {
        log = log.append(signed(draft, 1), world.now()).unwrap();
    }
    log
}

fn id(log: &DidLog) -> sinpyo_core::did::Did {
    log.versions()[0].entry().state()["id"].as_str().unwrap().parse().unwrap()
}

/// What a stranger reads of the published file.
fn read_at(log: &DidLog, time: Option<Timestamp>, now: Timestamp) -> Resolved {
    let read = DidLog::read(log.to_jsonl().as_bytes(), now);
    assert_eq!(read.error(), None);
    let query = VersionQuery { time, ..VersionQuery::default() };
    read.resolve(&id(log), &query).unwrap().into_resolved()
}

fn checked(log: &DidLog, world: &World) -> Result<Twins, TwinError> {
    check_twin(&world.newest(), &read_at(log, None, world.now()))
}

/// An organisation whose did:tlog names its twin, a minute after it was made, and the twin that has followed.
fn twins() -> (World, DidLog) {
    let world = World::new();
    let log = created(&world);
    world.later(60);
    world.update(&twin::naming(&document(world.did(), 1), &id(&log)).unwrap());
    let log = followed(log, &world);
    (world, log)
}

#[test]
fn a_twin_says_what_its_did_tlog_says() {
    let (world, log) = twins();
    let (did, twin) = (world.did(), id(&log));
    // Written by hand from spec/did-tlog.md §12: the same under the other name, addresses untouched.
    let key =
        sinpyo_testkit::key(sinpyo_crypto::Algorithm::Es256, 1).verifying_key().to_multikey().to_string();
    let expected = json!({
        "@context": ["https://www.w3.org/ns/did/v1", "https://www.w3.org/ns/cid/v1"],
        "id": twin.as_str(),
        "alsoKnownAs": [did.as_str()],
        "verificationMethod": [{
            "id": format!("{twin}#key-1"),
            "type": "Multikey",
            "controller": twin.as_str(),
            "publicKeyMultibase": key,
        }],
        "authentication": [format!("{twin}#key-1")],
        "assertionMethod": [format!("{twin}#key-1")],
        "service": [{
            "id": format!("{twin}#site"),
            "type": "LinkedDomains",
            "serviceEndpoint": format!("https://office.example/of/{did}"),
        }],
    });
    let states: Vec<_> =
        log.versions().iter().map(|version| Value::Object(version.entry().state().clone())).collect();
    assert_eq!(states, [expected.clone(), expected]);
    let twins = checked(&log, &world).unwrap();
    assert_eq!((twins.tlog(), twins.webvh(), twins.since()), (did, &twin, world.now()));
    let named = twin::naming(&world.newest().document, &twin).unwrap();
    assert_eq!((named.also_known_as(), &named), (&[twin.to_string()][..], &world.newest().document));
    // Nothing more to say.
    assert_eq!(twin::follow(&log, &missing(&log, &world), world.now()), Ok(None));
}

/// `versionTime` means the same on both sides, however late the twin was written.
#[test]
fn a_twin_that_catches_up_has_the_times_of_the_ledger() {
    let (world, log) = twins();
    let mut times = vec![world.now()];
    for seed in 2..6 {
        world.later(100);
        world.update(&twin::naming(&document(world.did(), seed), &id(&log)).unwrap());
        times.push(world.now());
    }
    world.later(1000);
    assert_eq!(missing(&log, &world).len(), 5);
    let log = followed(log, &world);
    assert_eq!(log.versions().len(), 6);
    for (number, time) in times.iter().enumerate() {
        for time in [*time, time.plus(Duration::from_secs(99))] {
            let webvh = read_at(&log, Some(time), world.now());
            let of = |number: usize| world.resolved(&VersionSelector::Time(times[number]));
            assert!(check_twin(&of(number), &webvh).is_ok(), "{time}");
            assert!(check_twin(&of((number + 1) % times.len()), &webvh).is_err(), "{time}");
        }
    }
}

#[test]
fn who_is_not_named_is_no_twin() {
    let world = World::new();
    let log = created(&world);
    assert_eq!(checked(&log, &world), Err(TwinError::Unnamed(Side::Tlog)));
    world.later(60);
    world.update(&twin::naming(&document(world.did(), 1), &id(&log)).unwrap());
    // A did:webvh that the did:tlog does not name says the same, and one that is named says it of another.
    let impostor = created(&world);
    assert_ne!(id(&impostor), id(&log));
    assert_eq!(checked(&impostor, &world), Err(TwinError::Unnamed(Side::Tlog)));
    assert_eq!(checked(&impostor, &world).unwrap_err().code(), "WVH-19");
    let log = followed(log, &world);
    assert!(checked(&log, &world).is_ok());
    world.later(1);
    let mut state = log.versions()[1].entry().state().clone();
    state.insert("alsoKnownAs".into(), json!(["did:tlog:zQmOther"]));
    assert_eq!(checked(&altered(&log, state, &world), &world), Err(TwinError::Unnamed(Side::Webvh)));
}

/// The log with one more entry, by the true key, that says `state`.
fn altered(log: &DidLog, state: Map<String, Value>, world: &World) -> DidLog {
    let draft = log.update(&Parameters::default(), state, world.now()).unwrap();
    log.clone().append(signed(draft, 1), world.now()).unwrap()
}

/// Whoever holds the twin's key, or its web server, adds nothing to the did:tlog.
#[test]
fn keys_and_services_are_the_same_or_refused() {
    let (world, log) = twins();
    world.later(1);
    let check = |change: &dyn Fn(&mut Value)| {
        let mut state = Value::Object(log.versions()[1].entry().state().clone());
        change(&mut state);
        checked(&altered(&log, state.as_object().unwrap().clone(), &world), &world).map(|_| ())
    };
    let twin = id(&log);
    let other = json!(update_key(2).as_str());
    let second = json!({"id": format!("{twin}#two"), "type": "Multikey", "controller": twin.as_str(),
        "publicKeyMultibase": other});
    let service = json!({"id": "#two", "type": "LinkedDomains", "serviceEndpoint": "https://thief.example"});
    let push = |list: &mut Value, value: &Value| list.as_array_mut().unwrap().push(value.clone());
    assert_eq!(check(&|_| {}), Ok(()));
    // The same in another form, and what the method itself would have added.
    assert_eq!(check(&|state| state["service"][0]["id"] = json!("#site")), Ok(()));
    let files = |folder: &str| json!({"id": "#files", "type": "relativeRef", "serviceEndpoint": folder});
    let folder = files("https://office.example/registry/");
    assert_eq!(check(&|state| push(&mut state["service"], &folder)), Ok(()));
    assert_eq!(check(&|state| state["authentication"][0] = json!("#key-1")), Ok(()));
    let keys: [&dyn Fn(&mut Value); 9] = [
        &|state| state["verificationMethod"][0]["publicKeyMultibase"] = other.clone(),
        &|state| state["verificationMethod"][0]["revoked"] = json!("2026-11-22T00:00:00Z"),
        &|state| state["verificationMethod"][0]["controller"] = json!(world.did().as_str()),
        &|state| push(&mut state["verificationMethod"], &second),
        &|state| push(&mut state["assertionMethod"], &second),
        &|state| state["assertionMethod"] = json!([]),
        &|state| state["keyAgreement"] = json!(["#key-1"]),
        &|state| state["verificationMethod"] = json!([]),
        &|state| {
            state["verificationMethod"][0]["id"] = json!("#key-9");
            state["assertionMethod"] = json!(["#key-9"]);
            state["authentication"] = json!(["#key-9"]);
        },
    ];
    for (number, change) in keys.into_iter().enumerate() {
        assert_eq!(check(change), Err(TwinError::Keys), "{number}");
    }
    let services: [&dyn Fn(&mut Value); 5] = [
        &|state| push(&mut state["service"], &service),
        &|state| state["service"][0]["serviceEndpoint"] = json!("https://thief.example"),
        &|state| state["service"][0]["type"] = json!("Other"),
        &|state| state["service"] = json!([]),
        &|state| push(&mut state["service"], &files("https://thief.example/")),
    ];
    for (number, change) in services.into_iter().enumerate() {
        assert_eq!(check(change), Err(TwinError::Services), "{number}");
    }
    assert_eq!(TwinError::Keys.code(), "WVH-20");
}

#[test]
fn a_twin_that_lags_is_behind_and_not_equal() {
    let (world, log) = twins();
    world.later(100);
    // Even if nothing but the update keys changed.
    let head = world.head();
    world.submit(1, did_tlog::rotate(&head, &origin(), Control::by(&control(1))));
    let behind = checked(&log, &world).unwrap_err();
    assert_eq!((behind, behind.code()), (TwinError::Behind { since: world.now() }, "WVH-22"));
    assert!(checked(&followed(log, &world), &world).is_ok());
}

#[test]
fn two_versions_in_one_second_make_two_seconds_or_one_entry() {
    let (world, log) = twins();
    let twin = id(&log);
    let change = |seed| world.update(&twin::naming(&document(world.did(), seed), &twin).unwrap());
    // In the second of the twin's last entry: wait for the next one.
    change(2);
    assert_eq!(checked(&log, &world), Err(TwinError::Keys));
    let until = world.now().plus(Duration::from_secs(1));
    let early = twin::follow(&log, &missing(&log, &world), world.now());
    assert_eq!(early, Err(TwinDraftError::Early { until }));
    world.later(1);
    let log = followed(log, &world);
    assert_eq!((log.versions().len(), log.versions()[2].entry().time()), (3, until));
    assert!(checked(&log, &world).is_ok());
    // In another second: only the last was ever in force.
    world.later(9);
    change(3);
    change(4);
    let log = followed(log, &world);
    assert_eq!(log.versions().len(), 4);
    assert!(checked(&log, &world).is_ok());
    // A ledger whose clock is ahead of ours is waited for.
    world.later(9);
    change(5);
    let ours = world.now().minus(Duration::from_secs(3));
    let early = twin::follow(&log, &missing(&log, &world), ours);
    assert_eq!(early, Err(TwinDraftError::Early { until: world.now() }));
    let early = twin::create(PLACE, &update_key(1), &world.newest(), ours);
    assert_eq!(early, Err(TwinDraftError::Early { until: world.now() }));
}

#[test]
fn what_goes_out_of_use_does_so_on_both_sides() {
    let (world, log) = twins();
    let before = checked(&log, &world).unwrap();
    let active = (world.newest(), read_at(&log, None, world.now()));
    let other = created(&world);
    world.later(100);
    world.submit(1, did_tlog::deactivate(&world.head(), &origin()));
    assert_eq!(checked(&log, &world).unwrap_err().code(), "WVH-22");
    assert_eq!(
        twin::create(PLACE, &update_key(1), &world.newest(), world.now()),
        Err(TwinDraftError::Deactivated)
    );
    // A twin that goes on after that, by an entry of its own.
    world.later(1);
    let going_on = altered(&log, log.versions()[1].entry().state().clone(), &world);
    assert_eq!(checked(&going_on, &world), Err(TwinError::Deactivated(Side::Tlog)));
    let log = followed(log, &world);
    assert_eq!(checked(&log, &world), Err(TwinError::OutOfUse));
    assert_eq!(log.versions()[2].entry().state().get("verificationMethod"), None);
    let (tlog, webvh) = (world.newest(), read_at(&log, None, world.now()));
    assert_eq!(before.clone().retired(&tlog, &webvh).unwrap().twins(), &before);
    assert_eq!(before.clone().retired(&tlog, &active.1), Err(TwinError::Deactivated(Side::Tlog)));
    assert_eq!(before.clone().retired(&active.0, &webvh), Err(TwinError::Deactivated(Side::Webvh)));
    assert_eq!(before.clone().retired(&active.0, &active.1), Err(TwinError::InUse));
    let other = read_at(&other, None, world.now());
    assert_eq!(before.clone().retired(&webvh, &tlog), Err(TwinError::Unnamed(Side::Tlog)));
    assert_eq!(before.retired(&tlog, &other), Err(TwinError::Unnamed(Side::Webvh)));
    // A did:webvh that is out of use stands for nobody.
    assert_eq!(check_twin(&active.0, &webvh), Err(TwinError::Deactivated(Side::Webvh)));
    let done = twin::follow(&log, &missing(&log, &world), world.now());
    assert_eq!(done, Ok(None));
}

#[test]
fn a_twin_follows_a_recovery() {
    let (world, log) = twins();
    let base = world.head();
    world.later(100);
    let twin = id(&log);
    let named = |seed| twin::naming(&document(world.did(), seed), &twin).unwrap();
    world.update(&named(66));
    let log = followed(log, &world);
    assert!(checked(&log, &world).is_ok());
    world.later(100);
    let control = Control::by(&control(1));
    world.submit(9, did_tlog::recover(&base, &origin(), &named(1), control));
    assert_eq!(checked(&log, &world).unwrap_err().code(), "WVH-22");
    let log = followed(log, &world);
    assert_eq!(log.versions().len(), 4);
    assert!(checked(&log, &world).is_ok());
}

#[test]
fn a_twin_does_not_go_back_or_follow_another() {
    let (world, log) = twins();
    let old = world.newest();
    world.later(100);
    world.update(&twin::naming(&document(world.did(), 2), &id(&log)).unwrap());
    let superseded = world.resolved(&VersionSelector::Id(old.metadata.version_id.unwrap()));
    let refused = |versions: &[Resolved]| twin::follow(&log, versions, world.now()).unwrap_err();
    assert_eq!(refused(&[]), TwinDraftError::Superseded);
    assert_eq!(refused(&[world.newest(), superseded.clone()]), TwinDraftError::Superseded);
    assert_eq!(
        twin::create(PLACE, &update_key(1), &superseded, world.now()),
        Err(TwinDraftError::Superseded)
    );
    let webvh = read_at(&log, None, world.now());
    assert_eq!(refused(std::slice::from_ref(&webvh)), TwinDraftError::Foreign);
    assert_eq!(refused(&[webvh, world.newest()]), TwinDraftError::Foreign);
    let mut nameless = log.versions()[1].entry().state().clone();
    nameless.remove("alsoKnownAs");
    let nameless = altered(&log, nameless, &world);
    let refused = twin::follow(&nameless, &[world.newest()], world.now().plus(Duration::from_secs(9)));
    assert_eq!(refused, Err(TwinDraftError::Foreign));
    let local = twin::create("localhost", &update_key(1), &world.newest(), world.now());
    assert!(matches!(local, Err(TwinDraftError::Location(_))));
    // A log that announces keys has to list them: not by itself.
    let announcing =
        Parameters { next_key_hashes: Some(vec![update_key(2).hash()]), ..Parameters::default() };
    let state = log.versions()[1].entry().state().clone();
    let at = log.versions()[1].entry().time().plus(Duration::from_secs(1));
    let draft = log.update(&announcing, state, at).unwrap();
    let log = log.append(signed(draft, 1), world.now()).unwrap();
    let refused = twin::follow(&log, &missing(&log, &world), world.now());
    assert_eq!(refused, Err(TwinDraftError::Draft(DraftError::Announced)));
}

#[test]
fn only_a_did_tlog_and_a_did_webvh_are_twins() {
    let (world, log) = twins();
    let (tlog, webvh) = (world.newest(), read_at(&log, None, world.now()));
    assert!(check_twin(&tlog, &webvh).is_ok());
    let undated = Resolved::immutable(webvh.document.clone());
    for (one, other) in [(&webvh, &tlog), (&tlog, &tlog), (&webvh, &webvh), (&tlog, &undated)] {
        assert_eq!(check_twin(one, other).unwrap_err().code(), "WVH-23");
    }
}
