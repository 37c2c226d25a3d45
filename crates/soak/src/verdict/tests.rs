use super::*;
use crate::{
    client::{Client, Identity, Load},
    journal::Journal,
    sabotage,
    stand_in::StandIn,
};
use sinpyo_registry::engine::LogEngine as _;
use std::{sync::mpsc::sync_channel, thread, time::Duration};
use tempfile::TempDir;

/// Two clients at `server` for a moment; their journals.
fn journals(folder: &TempDir, server: &StandIn, seed: u64) -> Vec<PathBuf> {
    let load = Load::default();
    let ((to_first, first), (to_second, second)) = (sync_channel(8), sync_channel(8));
    thread::scope(|scope| {
        for (number, inbox, next) in [(0, first, to_second), (1, second, to_first)] {
            let identity = Identity { number, seed, folder: folder.path() };
            let client = Client::new(identity, &load, (server.address, &server.key), (inbox, next)).unwrap();
            scope.spawn(|| client.run().unwrap());
        }
        while load.admitted() < 250 || load.repeated() < 10 {
            thread::sleep(Duration::from_millis(1));
        }
        load.stop();
    });
    assert_eq!(load.complaints(), Vec::<String>::new());
    (0..2).map(|number| journal::path(folder.path(), number)).collect()
}

fn judged(journals: &[PathBuf], server: &StandIn) -> Verdict {
    judge(journals, server.address, &server.key).unwrap()
}

#[test]
fn an_honest_log_keeps_its_word() {
    let (folder, server) = (tempfile::tempdir().unwrap(), StandIn::start());
    let journals = journals(&folder, &server, 1);
    let verdict = judged(&journals, &server);
    assert!(verdict.is_good(), "{verdict:?}");
    assert!(verdict.acknowledged >= 200 && verdict.checkpoints >= 2, "{verdict:?}");
    assert_eq!(verdict.entries, verdict.acknowledged + 1);
}

#[test]
fn a_log_without_what_it_acknowledged_has_lost_it() {
    let (folder, server) = (tempfile::tempdir().unwrap(), StandIn::start());
    let journals = journals(&folder, &server, 2);
    let mut journal = Journal::create(folder.path(), 2).unwrap();
    journal.sent(b"{\"never\":1}").unwrap();
    journal.acknowledged(5).unwrap();
    let more = [&journals[..], &[journal::path(folder.path(), 2)]].concat();
    let verdict = judged(&more, &server);
    assert_eq!((verdict.lost, verdict.doubled, verdict.split), (1, 0, 0), "{verdict:?}");
}

#[test]
fn an_acknowledgement_of_another_place_is_a_loss() {
    let (folder, server) = (tempfile::tempdir().unwrap(), StandIn::start());
    journals(&folder, &server, 3);
    let entry = server.log.entries(7..8).unwrap().remove(0);
    let mut journal = Journal::create(folder.path(), 2).unwrap();
    journal.sent(parts(&entry).unwrap().0).unwrap();
    journal.acknowledged(8).unwrap();
    let verdict = judged(&[journal::path(folder.path(), 2)], &server);
    assert_eq!((verdict.lost, verdict.doubled, verdict.split), (1, 0, 0), "{verdict:?}");
}

#[test]
fn an_entry_that_stands_twice_is_doubled() {
    let (folder, server) = (tempfile::tempdir().unwrap(), StandIn::start());
    let journals = journals(&folder, &server, 4);
    sabotage::again(&*server.log).unwrap();
    let verdict = judged(&journals, &server);
    assert_eq!((verdict.lost, verdict.doubled, verdict.split), (0, 1, 0), "{verdict:?}");
}

#[test]
fn two_acknowledgements_with_two_places_are_doubled() {
    let (folder, server) = (tempfile::tempdir().unwrap(), StandIn::start());
    let mut journals = journals(&folder, &server, 5);
    let entry = server.log.entries(9..10).unwrap().remove(0);
    for (number, index) in [(2, 9), (3, 10)] {
        let mut journal = Journal::create(folder.path(), number).unwrap();
        journal.sent(parts(&entry).unwrap().0).unwrap();
        journal.acknowledged(index).unwrap();
        journals.push(journal::path(folder.path(), number));
    }
    assert_eq!(judged(&journals, &server).doubled, 1);
}

#[test]
fn a_checkpoint_of_another_history_is_a_split() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, fork) = (StandIn::start(), StandIn::start());
    let ours = journals(&folder, &server, 6);
    let theirs = journals(&other, &fork, 7);
    let checkpoints_only = Journal::create(folder.path(), 9).unwrap();
    let path = journal::path(folder.path(), 9);
    drop(checkpoints_only);
    let text = std::fs::read_to_string(&theirs[0]).unwrap();
    let seen: Vec<&str> = text.lines().filter(|line| line.starts_with("saw")).collect();
    std::fs::write(&path, seen.join("\n")).unwrap();
    let verdict = judged(&[&ours[..], &[path]].concat(), &server);
    assert!(verdict.split > 0 && verdict.lost == 0 && verdict.doubled == 0, "{verdict:?}");
}

#[test]
fn an_entry_is_taken_apart_at_its_last_time() {
    let entry = b"{\"op\":{\"note\":\",\\\"time\\\":\\\"\"},\"time\":\"2026-01-01T00:00:00Z\",\"v\":1}";
    let (operation, time) = parts(entry).unwrap();
    assert_eq!(operation, b"{\"note\":\",\\\"time\\\":\\\"\"}");
    assert_eq!(time, b"2026-01-01T00:00:00Z");
    for other in [&b""[..], b"{}", b"{\"op\":{},\"v\":1}", b"{\"op\":{},\"time\":\"x\",\"v\":2}"] {
        assert_eq!(parts(other), None);
    }
}
