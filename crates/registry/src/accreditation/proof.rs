//! The proof of a right, checked without the log.

use super::{
    lookup::{AccreditationChain, LookupError, find},
    record::{AccreditationId, AccreditationRecord},
    shelf::Shelf,
};
use crate::{
    bundle::{Bundle, BundleError, MAX_ENTRIES, MAX_WEIGHT, ProvenState},
    did_tlog::{MAX_VERSIONS, history_weight, versions_before, weight},
    engine::{EngineError, LogEngine, StateView},
    fold::Fold,
    heads::{MAX_TOPICS, Recency, SignedHeads, Topic},
    log_keys::LogKeys,
    trust::TrustedLog,
};
use sinpyo_core::{accreditation::Right, did::Did, jcs, time::Timestamp};
use sinpyo_tlog::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    note::Origin,
    policy::Witnessed,
};
use std::{
    collections::{BTreeSet, VecDeque},
    fmt,
    str::FromStr,
};

/// Most organisations whose histories go into one proof.
const MAX_GRANTERS: usize = 64;

/// Most accreditations of one organisation that go into it.
const MAX_GRANTS: usize = 256;

/// Most versions of an organisation that go into it. Only the root accreditor may have more.
const MAX_HISTORY: u64 = 1_024;

/// What the entries about the log's own keys weigh at most: the opening and 100 changes.
const MAX_OF_KEYS: u64 = 1 << 19;

/// What a change of status, or the proof of a grant, weighs at most: the longest signature, and the way to the root.
const MAX_OF_CHANGE: u64 = 8_192;

/// Proof that an organisation had a right: a checkpoint; the accreditations of the organisation and of everybody on
/// the way to the root accreditor, with all changes of their status up to the checkpoint; and the DID versions of
/// all who signed them. Where strangers granted very many, the newest, and those of the root accreditor first.
///
/// That no change was left out by whoever made it is shown by one with a statement of what is newest
/// ([`AccreditationProof::verify_latest`]). Printed and parsed as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccreditationProof(Bundle);

impl AccreditationProof {
    pub(crate) fn collect(
        engine: &dyn LogEngine,
        state: &dyn StateView,
        (origin, checkpoint): (&Origin, SignedCheckpoint),
        subject: &Did,
        right: &Right,
    ) -> Result<(Self, Vec<Topic>), EngineError> {
        let size = checkpoint.claimed_head().size;
        let giving = Shelf::Right(right.clone()).newest(state, subject, MAX_GRANTS)?;
        let (indices, topics) = gather(state, size, &giving)?;
        // What was too much to gather leaves out more: nobody is handed a proof that is refused for a stranger's grant.
        let bundle = Bundle::collect(engine, checkpoint, &indices)?;
        Ok((Self(bundle.lawful(&Fold::excerpt(origin.clone()))?), topics))
    }

    pub(crate) fn stapled(self, heads: SignedHeads) -> Self {
        Self(self.0.stapled(heads))
    }

    /// Checks the proof with nothing but the log's key or a policy, and looks up whether `subject` had the right at `at`.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule, or it does not show the right.
    pub fn verify(
        &self,
        log: &dyn TrustedLog,
        subject: &Did,
        right: &Right,
        at: Timestamp,
    ) -> Result<ProvenAccreditation, LookupError> {
        self.look_up(log, (subject, right), at, None)
    }

    /// Checks moreover that the log states, at a checkpoint as recent as demanded, that nothing newer is known of the
    /// accreditations that give the right, nor of those who granted them.
    ///
    /// # Errors
    /// As for [`AccreditationProof::verify`]; [`LookupError::Stale`].
    pub fn verify_latest(
        &self,
        log: &dyn TrustedLog,
        subject: &Did,
        right: &Right,
        at: Timestamp,
        recency: &Recency<'_>,
    ) -> Result<ProvenAccreditation, LookupError> {
        self.look_up(log, (subject, right), at, Some(recency))
    }

    fn look_up(
        &self,
        log: &dyn TrustedLog,
        (subject, right): (&Did, &Right),
        at: Timestamp,
        recency: Option<&Recency<'_>>,
    ) -> Result<ProvenAccreditation, LookupError> {
        let folded = self.0.fold(log).map_err(LookupError::Proof)?;
        let chain = find(&folded.state, subject, right, at)?;
        if let Some(recency) = recency {
            folded.check_latest(chain.topics(), recency).map_err(LookupError::Stale)?;
        }
        Ok(ProvenAccreditation { chain, witnessed: folded.witnessed })
    }

    /// The state that the entries of the proof lead to.
    ///
    /// # Errors
    /// The proof is not the log's or breaks a rule.
    pub fn fold(&self, log: &dyn TrustedLog) -> Result<ProvenState, BundleError> {
        self.0.fold(log).map(ProvenState::from)
    }
}

impl AccreditationChain {
    /// What has to be the newest for the right to hold today.
    pub(crate) fn topics(&self) -> BTreeSet<Topic> {
        let of = |record: &AccreditationRecord| {
            let granter = record.accreditation().granted_by.clone();
            [Topic::Accreditation(record.id().clone()), Topic::Did(granter)]
        };
        self.records().iter().flat_map(of).collect()
    }
}

/// The entries below `size` that say by what chains those who gave the accreditations `giving` could do so, and what has
/// to be the newest for that; of the latter as much as fits into a statement.
pub(crate) fn gather(
    state: &dyn StateView,
    size: u64,
    giving: &[AccreditationRecord],
) -> Result<(BTreeSet<u64>, Vec<Topic>), EngineError> {
    let mut gathered = Gathered::new(size);
    let _fits = gathered.add(&LogKeys::read(state)?.entries_below(size).collect(), MAX_OF_KEYS);
    let root = Fold::root(state)?;
    // The root accreditor signs in every chain, and comes before whoever else granted something.
    let mut granters: VecDeque<Did> = root.iter().cloned().collect();
    if let Some(root) = &root {
        gathered.add_history(state, root, MAX_VERSIONS)?;
    }
    for record in giving {
        gathered.add_grant(record, &mut granters);
    }
    let mut seen = BTreeSet::new();
    while let Some(granter) = granters.pop_front() {
        if seen.len() >= MAX_GRANTERS || !seen.insert(granter.clone()) {
            continue;
        }
        if root.as_ref() != Some(&granter) && !gathered.add_history(state, &granter, MAX_HISTORY)? {
            continue;
        }
        for record in Shelf::Accredit.newest(state, &granter, MAX_GRANTS)? {
            gathered.add_grant(&record, &mut granters);
        }
    }
    let mut topics: Vec<Topic> = seen.into_iter().map(Topic::Did).collect();
    topics.extend(gathered.accreditations.into_iter().map(Topic::Accreditation));
    topics.truncate(MAX_TOPICS / 2); // each may add who speaks on it
    Ok((gathered.indices, topics))
}

/// The places of the entries of a proof.
struct Gathered {
    size: u64,
    indices: BTreeSet<u64>,
    weight: u64,
    accreditations: Vec<AccreditationId>,
}

impl Gathered {
    fn new(size: u64) -> Self {
        Self { size, indices: BTreeSet::from([0]), weight: 0, accreditations: Vec::new() }
    }

    /// Adds all of `more`, of this weight at most, that the checkpoint commits to, or nothing if that is too much.
    fn add(&mut self, more: &BTreeSet<u64>, weight: u64) -> bool {
        let fits = self.indices.len() + more.len() <= MAX_ENTRIES
            && self.weight.saturating_add(weight) <= MAX_WEIGHT;
        if fits {
            self.weight += weight;
            self.indices.extend(more.iter().filter(|index| **index < self.size));
        }
        fits
    }

    /// Adds the versions of `did`, if they are no more than `most`.
    ///
    /// All or nothing: by half a history, a withdrawal signed with a later key would be left out.
    fn add_history(&mut self, state: &dyn StateView, did: &Did, most: u64) -> Result<bool, EngineError> {
        let history = versions_before(state, did, self.size, most.saturating_add(1))?;
        let weight = history_weight(state, did, self.size)?;
        let long = u64::try_from(history.len()).is_ok_and(|length| length > most);
        Ok(!long && self.add(&history, weight))
    }

    /// Adds a grant with all changes of its status, and who has to be looked at next.
    fn add_grant(&mut self, record: &AccreditationRecord, granters: &mut VecDeque<Did>) {
        let changes = record.changes.iter().map(|change| change.position.index);
        let indices: BTreeSet<u64> = changes.chain([record.position.index]).collect();
        let proofs = u64::try_from(indices.len()).unwrap_or(u64::MAX).saturating_mul(MAX_OF_CHANGE);
        if self.add(&indices, weight(&jcs::canonicalize_object(&record.op)).saturating_add(proofs)) {
            self.accreditations.push(record.id.clone());
            granters.push_back(record.accreditation.granted_by.clone());
        }
    }
}

impl fmt::Display for AccreditationProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_json())
    }
}

impl FromStr for AccreditationProof {
    type Err = BundleError;

    fn from_str(text: &str) -> Result<Self, BundleError> {
        Bundle::from_json(text).map(Self)
    }
}

/// A right that a log's signed checkpoint commits to. Made by [`AccreditationProof::verify`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenAccreditation {
    chain: AccreditationChain,
    witnessed: Witnessed,
}

impl ProvenAccreditation {
    /// The accreditations that give the right.
    pub const fn chain(&self) -> &AccreditationChain {
        &self.chain
    }

    /// The checkpoint it was proven against.
    pub const fn checkpoint(&self) -> &Checkpoint {
        self.witnessed.checkpoint()
    }

    /// The checkpoint with what the witnesses say of it.
    pub const fn witnessed(&self) -> &Witnessed {
        &self.witnessed
    }
}
