//! A log that fails in part: what is said then is true, and may be asked for again.

use crate::{
    ballots::{open, rejected},
    town::{Town, parsed},
};
use http::{StatusCode, header};
use sinpyo_registry::engine::{AppendError, Appended, EngineError, LogEngine, PublishError, StateView};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::TreeHead, tile::TileId};
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
};

/// A log whose parts can be taken away.
pub(crate) struct WeakLog {
    log: Arc<dyn LogEngine>,
    has_views: AtomicBool,
    pub(crate) takes_entries: AtomicBool,
}

impl WeakLog {
    /// Puts one in the place of the town's log.
    pub(crate) fn of(town: &Town) -> Arc<Self> {
        let weak = Arc::new(Self { log: town.log(), has_views: true.into(), takes_entries: true.into() });
        town.logs.put(town.election, Arc::<Self>::clone(&weak));
        weak
    }
}

impl LogEngine for WeakLog {
    fn append(&self, submissions: Vec<Vec<u8>>) -> Vec<Result<Appended, AppendError>> {
        if self.takes_entries.load(SeqCst) {
            return self.log.append(submissions);
        }
        submissions.iter().map(|_| Err(AppendError::Engine(EngineError::Stopped))).collect()
    }

    fn head(&self) -> Result<TreeHead, EngineError> {
        self.log.head()
    }

    fn entries(&self, range: Range<u64>) -> Result<Vec<Vec<u8>>, EngineError> {
        self.log.entries(range)
    }

    fn tile(&self, id: TileId) -> Result<Vec<u8>, EngineError> {
        self.log.tile(id)
    }

    fn state(&self) -> Result<Box<dyn StateView + '_>, EngineError> {
        if self.has_views.load(SeqCst) { self.log.state() } else { Err(EngineError::Stopped) }
    }

    fn publish(&self, checkpoint: &SignedCheckpoint) -> Result<(), PublishError> {
        self.log.publish(checkpoint)
    }

    fn checkpoint(&self) -> Result<Option<SignedCheckpoint>, EngineError> {
        if self.has_views.load(SeqCst) { self.log.checkpoint() } else { Err(EngineError::Stopped) }
    }
}

/// A node of several has no view while it cannot be sure that what another has written is durable.
#[test]
fn who_loses_to_another_node_is_told_so_without_a_view_of_the_log() {
    let (mut town, voters) = open(2, "first");
    let [first, second] = [1, 2].map(|choice| town.prepare(&voters[0], &[choice]).cast());
    let other = town.prepare(&voters[1], &[1]).cast();
    let tokens = &voters[0].tokens;
    assert_eq!(town.cast(&first, Some(&tokens[0])).0, StatusCode::CREATED);
    let weak = WeakLog::of(&town);
    weak.has_views.store(false, SeqCst);
    let (status, answer) = town.cast(&second, Some(&tokens[0]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::FORBIDDEN, Some("token")));
    let (status, answer) = town.cast(&second, Some(&tokens[1]));
    assert_eq!((status, answer["code"].as_str()), (StatusCode::CONFLICT, Some("duplicate")));
    assert_eq!(rejected(&town).len(), 1);
    // And a ballot that is in the log is acknowledged, even if no head can be shown with it.
    let (status, answer) = town.cast(&other, Some(&voters[1].tokens[0]));
    assert_eq!((status, answer["checkpoint"].is_null()), (StatusCode::CREATED, true), "{answer}");
}

#[test]
fn that_a_ballot_is_refused_is_said_when_the_log_says_it_and_once() {
    let (mut town, voters) = open(2, "last");
    let good = town.prepare(&voters[0], &[1]).cast();
    let mut bad = town.prepare(&voters[0], &[2]).cast();
    let last = bad.len() - 32;
    bad[last] ^= 1;
    let weak = WeakLog::of(&town);
    weak.takes_entries.store(false, SeqCst);
    for (ballot, token) in [(&good, &voters[0].tokens[0]), (&bad, &voters[0].tokens[1])] {
        let response = town.send(&town.ballot_request(ballot, Some(token)));
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
        assert_eq!(parsed(&response)["rule"], "VTS-05");
    }
    assert!(rejected(&town).is_empty());
    weak.takes_entries.store(true, SeqCst);
    assert_eq!(town.cast(&good, Some(&voters[0].tokens[0])).0, StatusCode::CREATED);
    // Whoever did not hear the answer posts the same bytes again.
    for _ in 0..2 {
        let (status, answer) = town.cast(&bad, Some(&voters[0].tokens[1]));
        assert_eq!((status, answer["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("proof")));
        assert_eq!(rejected(&town).len(), 1);
        town.pass(1);
    }
}

#[test]
fn a_false_ballot_that_is_judged_after_the_close_is_answered_that_it_is_closed() {
    let (mut town, voters) = open(2, "last");
    let mut bad = town.prepare(&voters[0], &[1]).cast();
    let last = bad.len() - 32;
    bad[last] ^= 1;
    let request = town.ballot_request(&bad, Some(&voters[0].tokens[0]));
    let step = town.service.answer(&request, [192, 0, 2, 7].into(), town.now(), &mut town.entropy);
    let sinpyo_voting_api::Step::Cast(cast) = step else { panic!("{step:?}") };
    let (sender, receiver) = mpsc::channel();
    town.service.cast(cast, Box::new(move |response| sender.send(response).unwrap()));
    town.close();
    while town.service.work(town.now(), &mut town.entropy) {}
    let answer = receiver.recv().unwrap();
    assert_eq!((answer.status(), parsed(&answer)["code"].as_str()), (StatusCode::CONFLICT, Some("closed")));
    assert!(rejected(&town).is_empty());
}
