//! Whole histories of one DID: its owner, a thief of its key, two recovery keys, and time.

use super::world::{
    as_organisation, by, control, create, document, heads_key, log_key, origin, recoverable, signer,
};
use crate::{
    Outcome,
    targets::{OK, now},
};
use sinpyo_core::{
    accreditation::{Accreditation, Grant, LocalizedName, Right},
    credential::Validity,
    did::Did,
    resolved::{Resolved, VersionSelector},
    time::{Clock, Timestamp},
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_registry::{
    Fold, Ledger, LedgerKeys, ProveLatestError,
    accreditation::{AccreditationId, AccreditationProof, draft_grant},
    audit::{ExportedEntry, audit},
    did_tlog::{self, Control, DidHead, ResolutionProof, UpdateKey},
    engine::{AppendError, Appended, LogEngine},
    heads::{Recency, Topic},
    status_digest::{StatusDigest, StatusDigestRecord, publish},
};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{StepClock, key};
use sinpyo_tlog::{checkpoint::SignedCheckpoint, merkle::Hash};
use std::{sync::Arc, time::Duration};

const KIND: &str = "urn:sinpyo:credential:ResidentCredential";
const LIST: &str = "https://a.example/list";
/// Most steps of a story.
const MOST: usize = 24;
/// Hours between two steps: at once, soon, at the end of a recovery's 72 hours, and after it.
const PAUSES: [u64; 4] = [0, 24, 72, 73];

struct ByHand(Arc<StepClock>);

impl Clock for ByHand {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

struct Story {
    engine: MemoryLog,
    clock: Arc<StepClock>,
    log: KeySigner,
    heads: KeySigner,
    did: Did,
    /// Who is granted rights.
    other: Did,
    grants: Vec<AccreditationId>,
    last: Option<(Vec<u8>, u64)>,
}

pub(super) fn stories() -> Vec<Vec<u8>> {
    // Step, pause times 8, argument times 32.
    let all: [&[u8]; 7] = [
        &[0, 5, 0, 5],
        &[1, 5, 1, 2, 0, 5],
        &[0, 1, 8 + 3, 5, 32 + 2, 32 + 7],
        &[1, 5, 16 + 2, 1, 24 + 2],
        &[4, 2, 0, 4],
        &[1, 3, 32 + 1, 2, 2, 5, 6],
        &[6, 6, 32 + 3, 0, 64 + 2, 7, 32 + 7, 4],
    ];
    all.map(<[u8]>::to_vec).to_vec()
}

/// Whatever happens, what the log answers is proven, audited and stated alike, and no honest statement is a lie.
pub(super) fn tell(input: &[u8]) -> Outcome {
    let mut story = Story::begin();
    let mut times = vec![story.clock.now()];
    let mut outcome = OK;
    for byte in input.iter().take(MOST) {
        let pause = PAUSES.get(usize::from(byte >> 3 & 3)).copied().unwrap_or_default();
        story.clock.advance(Duration::from_hours(pause));
        times.push(story.clock.now());
        outcome = story.step(byte & 7, byte >> 5);
    }
    story.check(&times);
    outcome
}

impl Story {
    fn begin() -> Self {
        let clock = Arc::new(StepClock::new(now()));
        let engine = MemoryLog::new(Fold::new(origin()), ByHand(Arc::clone(&clock)));
        let first = create(7, twice_recoverable());
        let did = first.fact().did.clone();
        let [log, heads] = [200, 201].map(|seed| signer(Algorithm::Ed25519, seed));
        let second = create(2, control(2));
        let other = second.fact().did.clone();
        let mut story = Self { engine, clock, log, heads, did, other, grants: Vec::new(), last: None };
        Ledger::with_keys(&story.engine, story.keys(), &story.did).expect("a new log");
        assert_eq!(story.append(first.as_bytes().to_vec()), OK);
        assert_eq!(story.append(second.as_bytes().to_vec()), OK);
        story
    }

    fn keys(&self) -> LedgerKeys<'_> {
        LedgerKeys::new(log_key(200), &self.log).with_heads(heads_key(201), &self.heads)
    }

    fn ledger(&self) -> Ledger<'_> {
        Ledger::reopened(&self.engine, self.keys())
    }

    fn append(&mut self, operation: Vec<u8>) -> Outcome {
        match self.engine.append(vec![operation.clone()]).remove(0) {
            Ok(Appended { index, .. }) => {
                self.last = Some((operation, index));
                OK
            }
            Err(AppendError::Engine(error)) => unreachable!("memory failed: {error}"),
            Err(refusal) => refusal.code().expect("a rule"),
        }
    }

    fn head(&self) -> DidHead {
        self.ledger().head_of(&self.did).expect("a state").expect("a DID")
    }

    /// The number of an update key that is in force.
    fn update_seed(&self) -> u8 {
        let head = self.head();
        let known = |seed: &u8| {
            head.update_keys().contains(&UpdateKey::new(key(Algorithm::Es256, *seed).verifying_key()))
        };
        [7, 8, 66].into_iter().find(known).unwrap_or(7)
    }

    fn step(&mut self, what: u8, argument: u8) -> Outcome {
        let (head, seed) = (self.head(), self.update_seed());
        let operation = match what {
            0 => by(seed, did_tlog::update(&head, &origin(), &document(&self.did, argument + 10), None)),
            1 => {
                let theirs = document(&self.did, 66);
                by(seed, did_tlog::update(&head, &origin(), &theirs, Some(control(66))))
            }
            2 | 3 => {
                let Ok(Some(base)) = self.ledger().recoverable(&self.did, u64::from(argument) + 1) else {
                    return "no base";
                };
                let recovery = if what == 2 { 70 } else { 71 };
                by(recovery, did_tlog::recover(&base, &origin(), base.document(), control(8)))
            }
            4 => by(seed, did_tlog::deactivate(&head, &origin())),
            5 => return self.publish(&head),
            6 => by(seed, did_tlog::rotate(&head, &origin(), control(seed))),
            _ if argument % 2 == 1 => return self.repeat(),
            _ => return self.grant(&head),
        };
        self.append(operation.as_bytes().to_vec())
    }

    /// A right for somebody, signed with the key of the present document.
    fn grant(&mut self, head: &DidHead) -> Outcome {
        let Some(seed) = assertion_seed(head) else { return "no key" };
        let accreditation = Accreditation {
            subject: self.other.clone(),
            name: LocalizedName { ko: "우체국".to_owned(), en: "Post".to_owned() },
            granted_by: self.did.clone(),
            grant: Grant::Issue { types: vec![KIND.parse().expect("a type")] },
            validity: Validity { from: Some(self.clock.now()), until: None },
        };
        let draft = draft_grant(&origin(), &accreditation).expect("a grant");
        let operation = as_organisation(&self.did, seed, draft);
        self.grants.push(operation.fact().id.clone());
        self.append(operation.as_bytes().to_vec())
    }

    /// A digest of a list, signed with the key of the present document.
    fn publish(&mut self, head: &DidHead) -> Outcome {
        let Some(seed) = assertion_seed(head) else { return "no key" };
        let record = self.ledger().status_digest(&self.did, LIST).expect("a state");
        let digest = StatusDigest {
            by: self.did.clone(),
            list: LIST.to_owned(),
            version: record.map_or(1, |record| record.digest.version + 1),
            sha256: [seed; 32],
            issued_at: self.clock.now(),
            time_to_live: Duration::from_hours(1),
        };
        self.append(as_organisation(&self.did, seed, publish(&origin(), digest)).as_bytes().to_vec())
    }

    /// The same bytes again are not appended again.
    fn repeat(&self) -> Outcome {
        let Some((operation, index)) = &self.last else { return "nothing" };
        let size = self.engine.head().expect("a head").size;
        let again = self.engine.append(vec![operation.clone()]).remove(0);
        assert!(again.is_ok_and(|again| again == Appended { index: *index, repeated: true }));
        assert_eq!(self.engine.head().expect("a head").size, size);
        "repeated"
    }

    fn check(&self, times: &[Timestamp]) {
        let ledger = self.ledger();
        let checkpoint = ledger.checkpoint().expect("a checkpoint");
        let entries = self.engine.entries(0..checkpoint.claimed_head().size).expect("all");
        let exported = entries.into_iter().map(|entry| ExportedEntry { leaf: Hash::leaf(&entry), entry });
        let audited = audit(exported, &checkpoint.to_string(), &log_key(200)).expect("a lawful log");
        assert!(audited.invalid().is_empty() && audited.head() == checkpoint.claimed_head());
        let state = self.engine.state().expect("a state");
        for state in [&*state, audited.state()] {
            assert_eq!(DidHead::read(state, &self.did).expect("a state"), Some(self.head()));
            let digest = StatusDigestRecord::read(state, &self.did, LIST).expect("a state");
            assert_eq!(digest, ledger.status_digest(&self.did, LIST).expect("a state"));
        }
        self.check_statements(&ledger, &checkpoint);
        self.check_right(&ledger);
        let mut selectors = vec![VersionSelector::Latest];
        selectors.extend(times.iter().map(|time| VersionSelector::Time(*time)));
        for selector in selectors {
            let live = ledger.resolve(&self.did, &selector).map_err(|error| error.code());
            assert_eq!(self.proven(&ledger, &selector), live, "{selector:?}");
        }
    }

    fn check_statements(&self, ledger: &Ledger<'_>, checkpoint: &SignedCheckpoint) {
        let list = Topic::StatusList { by: self.did.clone(), list: LIST.into() };
        let grants = self.grants.iter().cloned().map(Topic::Accreditation);
        let topics = grants.chain([Topic::Did(self.did.clone()), list]);
        for topic in topics {
            let heads = ledger.state_heads([topic.clone()], self.clock.now()).expect("a statement");
            let accused = ledger.contradict(checkpoint, &heads).expect("the log");
            assert!(accused.is_none(), "an honest log is accused over {topic}");
        }
    }

    /// Whoever has a right can prove it, and nobody else.
    fn check_right(&self, ledger: &Ledger<'_>) {
        let (right, now) = (Right::Issue(KIND.parse().expect("a type")), self.clock.now());
        let live = ledger.accreditation(&self.other, &right, now).is_ok();
        let proof = ledger.prove_accreditation_latest(&self.other, &right, now).expect("the log").to_string();
        let proof: AccreditationProof = proof.parse().expect("what is written is read");
        let proven = proof.verify_latest(&log_key(200), &self.other, &right, now, &Recency::default());
        assert_eq!(proven.is_ok(), live, "{:?}", proven.err());
    }

    /// What is proven to be the newest, as others read it.
    fn proven(&self, ledger: &Ledger<'_>, selector: &VersionSelector) -> Result<Resolved, &'static str> {
        let proof = ledger.prove_latest(&self.did, selector, self.clock.now());
        let proof = match proof {
            Ok(proof) => proof,
            Err(ProveLatestError::Resolve(error)) => return Err(error.code()),
            Err(error) => unreachable!("no proof: {error}"),
        };
        let proof: ResolutionProof = proof.to_string().parse().expect("what is written is read");
        let proven = proof.verify_latest(&log_key(200), &self.did, selector, &Recency::default());
        proven.map(|proven| proven.resolved().clone()).map_err(|error| error.code())
    }
}

/// The number of the key in a document.
fn assertion_seed(head: &DidHead) -> Option<u8> {
    head.document().methods().first()?.id.fragment().strip_prefix("key-")?.parse().ok()
}

/// Control by key 7, which key 71 outranks, and key 70 both.
fn twice_recoverable() -> Control {
    recoverable(7, 70).recovered_by(key(Algorithm::Es256, 71).verifying_key())
}
