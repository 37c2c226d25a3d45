//! Editions of status lists that were verified, kept for as long as their publishers allow.

use sinpyo_core::{
    status::{Period, StatusEntry, StatusList},
    time::Timestamp,
};
use sinpyo_proof::{KeyRing, StatusError, Unverified, VerifiedStatusList, status_token::Publisher};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// How much a [`StatusCache`] keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// Most editions.
    pub editions: usize,
    /// Most entries in all editions together. An entry takes at most one byte.
    pub entries: usize,
    /// Longest time for which an edition is used without asking for a newer one, whatever its `ttl` says.
    pub max_age: Duration,
}

impl Default for CacheLimits {
    /// 256 editions, 64 Mi entries, 5 minutes: the time that a list without `ttl` has [BSL §2.2].
    fn default() -> Self {
        Self { editions: 256, entries: 64 << 20, max_age: Duration::from_mins(5) }
    }
}

/// Verified editions of status lists, by publisher, list and time.
///
/// What is in it was verified by it: there is no way to put in anything else, and what was refused leaves no trace. It
/// gives an edition out until its `ttl`, its end or [`CacheLimits::max_age`] is over, then nothing: the caller fetches,
/// or reports [`crate::Fact::Unavailable`], and the check refuses. An edition is a fact as of
/// [`VerifiedStatusList::verified_at`].
///
/// Publishers are told apart by name. Where names are certified, a cache is for those who trust the same authorities.
#[derive(Debug)]
pub struct StatusCache {
    limits: CacheLimits,
    held: BTreeMap<(ListKey, When), Held>,
    /// In all of `held`.
    entries: usize,
    /// Counts the uses, to forget what was not used for longest.
    uses: u64,
}

/// A list as one publisher signs it and one kind of entry reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ListKey {
    publisher: Publisher,
    /// At index 0.
    entry: StatusEntry,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// Made at this time, and followed by others.
    Past(Timestamp),
    /// The newest.
    Now,
}

#[derive(Debug)]
struct Held {
    list: Arc<VerifiedStatusList>,
    entries: usize,
    used: u64,
}

impl Held {
    fn issued_at(&self) -> Timestamp {
        self.list.publication().issued_at
    }

    /// Whether it was the newest edition at `time`. It was when it was verified, and so it was ever since it was made;
    /// what came later may have replaced it before its end.
    fn was_newest(&self, time: Timestamp) -> bool {
        period(&self.list).covers(time) && time <= self.list.verified_at()
    }
}

impl StatusCache {
    /// An empty one.
    pub const fn new(limits: CacheLimits) -> Self {
        Self { limits, held: BTreeMap::new(), entries: 0, uses: 0 }
    }

    /// The edition in which `entry` may be read at `now` without asking `publisher` for a newer one.
    pub fn current(
        &mut self,
        entry: &StatusEntry,
        publisher: &Publisher,
        now: Timestamp,
    ) -> Option<Arc<VerifiedStatusList>> {
        let place = (ListKey::new(entry, publisher), When::Now);
        let list = &self.held.get(&place)?.list;
        let by_policy = list.verified_at().plus(self.limits.max_age);
        let until = list.fresh_until().map_or(by_policy, |until| until.min(by_policy));
        // A clock that was set back makes no edition fresh again.
        (list.verified_at() <= now && now <= until).then(|| self.touch(&place)).flatten() // [STS-13]
    }

    /// The edition that `publisher` gave at `time`, if it is known to have been the newest then.
    pub fn at(
        &mut self,
        entry: &StatusEntry,
        publisher: &Publisher,
        time: Timestamp,
    ) -> Option<Arc<VerifiedStatusList>> {
        let key = ListKey::new(entry, publisher);
        let newest_first = self.held.range(..=(key.clone(), When::Now)).rev();
        let mut of_list = newest_first.take_while(|((other, _), _)| *other == key);
        // Only the last one made before `time` can have been the newest then.
        let last = of_list.find(|(_, held)| held.issued_at() <= time);
        let place = last.filter(|(_, held)| held.was_newest(time)).map(|(place, _)| place.clone());
        self.touch(&place?)
    }

    /// Verifies the newest edition, as it was fetched at `now` for `entry`, and keeps it.
    ///
    /// # Errors
    /// It is refused, or older than one that was here already.
    pub fn admit(
        &mut self,
        arrived: Unverified<StatusList>,
        entry: &StatusEntry,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Arc<VerifiedStatusList>, AdmitError> {
        let list = Arc::new(arrived.verify(entry, keys, now)?);
        let place = (ListKey::new(entry, list.publisher()), When::Now);
        if let Some(held) = self.held.get(&place) {
            if list.publication().issued_at < held.issued_at() {
                return Err(AdmitError::Older); // [STS-15]
            }
            if list.publication().issued_at > held.issued_at() {
                self.retire(&place);
            }
        }
        self.keep(place, &list);
        Ok(list)
    }

    /// Verifies the edition that was fetched for `entry` as the newest of a past `time`, and keeps it.
    ///
    /// `keys` are those that the publisher had at that time.
    ///
    /// # Errors
    /// It is refused, or does not cover the time.
    pub fn admit_past(
        &mut self,
        arrived: Unverified<StatusList>,
        entry: &StatusEntry,
        keys: &KeyRing,
        time: Timestamp,
    ) -> Result<Arc<VerifiedStatusList>, AdmitError> {
        let list = Arc::new(arrived.verify(entry, keys, time)?);
        // The tolerance for clocks that differ is for the present; the past is exact.
        if !period(&list).covers(time) {
            return Err(AdmitError::OtherTime); // [STS-11]
        }
        let place = (ListKey::new(entry, list.publisher()), When::Past(list.publication().issued_at));
        if self.held.get(&place).is_none_or(|held| held.list.verified_at() < time) {
            self.keep(place, &list);
        }
        Ok(list)
    }

    /// How many editions are kept.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    fn touch(&mut self, place: &(ListKey, When)) -> Option<Arc<VerifiedStatusList>> {
        self.uses = self.uses.saturating_add(1);
        let held = self.held.get_mut(place)?;
        held.used = self.uses;
        Some(Arc::clone(&held.list))
    }

    /// What was the newest becomes a part of the past.
    fn retire(&mut self, place: &(ListKey, When)) {
        if let Some(held) = self.held.remove(place) {
            let past = (place.0.clone(), When::Past(held.issued_at()));
            self.entries = self.entries.saturating_sub(held.entries);
            self.keep(past, &held.list);
        }
    }

    fn keep(&mut self, place: (ListKey, When), list: &Arc<VerifiedStatusList>) {
        self.forget(&place);
        let entries = number_of_entries(list);
        if entries > self.limits.entries || self.limits.editions == 0 {
            return;
        }
        while self.held.len() >= self.limits.editions || self.entries + entries > self.limits.entries {
            let oldest = self.held.iter().min_by_key(|(_, held)| held.used).map(|(place, _)| place.clone());
            let Some(oldest) = oldest else { break };
            self.forget(&oldest); // [STS-16]
        }
        self.uses = self.uses.saturating_add(1);
        self.entries += entries;
        self.held.insert(place, Held { list: Arc::clone(list), entries, used: self.uses });
    }

    fn forget(&mut self, place: &(ListKey, When)) {
        if let Some(held) = self.held.remove(place) {
            self.entries = self.entries.saturating_sub(held.entries);
        }
    }
}

impl ListKey {
    fn new(entry: &StatusEntry, publisher: &Publisher) -> Self {
        Self { publisher: publisher.clone(), entry: entry.at(0) }
    }
}

fn period(list: &VerifiedStatusList) -> Period {
    let publication = list.publication();
    Period { from: publication.issued_at, until: publication.expires }
}

/// The first index that is beyond the list.
fn number_of_entries(list: &VerifiedStatusList) -> usize {
    let (mut within, mut beyond) = (0_u64, 1 << 28);
    while within < beyond {
        let middle = within.midpoint(beyond);
        if list.status(middle).is_ok() {
            within = middle + 1;
        } else {
            beyond = middle;
        }
    }
    usize::try_from(within).unwrap_or(usize::MAX)
}

/// Why an edition is not kept, and must not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdmitError {
    /// It is refused for itself.
    #[error(transparent)]
    Refused(#[from] StatusError),
    /// STS-15: somebody gives out an edition that was replaced.
    #[error("a newer edition of the status list is known")]
    Older,
    /// STS-11: the answer is about another time.
    #[error("the edition of the status list does not cover the time that was asked for")]
    OtherTime,
}

impl AdmitError {
    /// The rule that was broken, as in `spec/checks/sts.toml` and `spec/checks/stl.toml`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(error) => error.code(),
            Self::Older => "STS-15",
            Self::OtherTime => "STS-11",
        }
    }
}
