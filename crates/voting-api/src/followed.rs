//! The log of an election as this process has read it: what pages show, and what the registrar makes rings of.
//!
//! It follows the log entry by entry and holds nothing that the log does not say, so that it may be forgotten and read
//! again. What decides about entries is the log's own state (`sinpyo_voting`), not this.

use crate::{problem::failed, seats::Seats};
use serde_json::{Map, Value};
use sinpyo_ballot::{
    ballot::{Header, Place, TrackingCode},
    generators::ElectionId,
    ring::RingIndex,
};
use sinpyo_core::{encoding::from_base64url, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{EngineError, LogEngine};
use sinpyo_voting::{
    ballots::Reason,
    election::{Refused, Rules, Slot},
    event::{Kind, Role, UnverifiedEvent},
    form::from_hex_array,
    manifest::Manifest,
    phase::Phase,
    roll::Roll,
};
use sinpyo_web::problem::Refusal;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

/// Entries that are read at once.
const STEP: u64 = 256;

/// What one log said so far.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// Entries that were read.
    pub(crate) size: u64,
    /// The time of the newest event.
    pub(crate) last_time: Option<Timestamp>,
    pub(crate) manifest: Option<Arc<Manifest>>,
    pub(crate) manifest_body: Value,
    /// Remembers the key ceremony, whose proofs take long to check.
    pub(crate) rules: Arc<Rules>,
    /// Where the events of each kind stand, registrations and refused ballots left out.
    pub(crate) places: BTreeMap<&'static str, Vec<u64>>,
    /// Who sent events of the kinds that trustees send.
    pub(crate) trustees: BTreeMap<&'static str, Vec<u32>>,
    pub(crate) ballots: u64,
    /// Voters who have cast, by district.
    pub(crate) by_district: BTreeMap<u32, u64>,
    pub(crate) refused: Vec<u64>,
    /// Why each refused ballot is refused.
    refusals: HashMap<RefusalId, Reason>,
    pub(crate) spoiled: u64,
    /// How many lines of each district are live.
    pub(crate) live: BTreeMap<u32, u64>,
    /// The live roll, until there are rings.
    pub(crate) roll: Roll,
    /// The districts of the lines that are live.
    lines: HashMap<[u8; 16], u32>,
    /// The rings, once they are announced.
    pub(crate) seats: Option<Arc<Seats>>,
    /// The first half of a tag is enough to tell voters apart.
    voters: HashSet<[u8; 16]>,
    tracking: HashMap<u64, u64>,
}

/// Names a refused ballot: what is false once stays so, as nothing that it is checked against changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RefusalId([u8; 32]);

impl RefusalId {
    pub(crate) fn of(ballot: &[u8]) -> Self {
        Self(sha256(ballot))
    }

    /// That of an event's body: it has the ballot, or the digest of one that is too long.
    fn claimed(body: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        match text("ballot") {
            Some(ballot) => from_base64url(ballot).ok().map(|ballot| Self::of(&ballot)),
            None => from_hex_array(text("digest")?).map(Self),
        }
    }
}

impl Followed {
    /// Reads what was appended since.
    fn catch_up(&mut self, log: &dyn LogEngine) -> Result<(), EngineError> {
        let size = log.head()?.size;
        while self.size < size {
            let end = self.size.saturating_add(STEP).min(size);
            for (index, entry) in (self.size..end).zip(log.entries(self.size..end)?) {
                self.take(index, &entry).ok_or(EngineError::Corrupt { index })?;
                self.size = index.saturating_add(1);
            }
        }
        Ok(())
    }

    fn take(&mut self, index: u64, entry: &[u8]) -> Option<()> {
        if entry.first() == Some(&1) {
            return self.take_ballot(index, entry);
        }
        let event = UnverifiedEvent::parse(entry).ok()?;
        let kind = Kind::from_name(event.claimed_type())?;
        let body = event.claimed_body();
        self.last_time = self.last_time.max(Some(event.claimed_time()));
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        match kind {
            Kind::Register => {
                let district = self.manifest.as_ref()?.district_index(text("district")?)?;
                let commitment = from_hex_array(text("commitment").or_else(|| text("blinded"))?)?;
                let slot = from_hex_array(text("slot")?)?;
                self.roll.set(slot, Slot { live: true, district, commitment, index });
                if self.lines.insert(slot, district).is_none() {
                    *self.live.entry(district).or_default() += 1;
                }
                return Some(());
            }
            Kind::Strike => {
                let slot = from_hex_array(text("slot")?)?;
                if let Some(district) = self.lines.remove(&slot) {
                    self.roll.set(slot, Slot { live: false, district, commitment: [0; 32], index });
                    let live = self.live.entry(district).or_default();
                    *live = live.saturating_sub(1);
                }
            }
            Kind::Rejected => {
                self.refused.push(index);
                let reason = Reason::from_name(text("reason")?)?;
                self.refusals.insert(RefusalId::claimed(body)?, reason);
            }
            Kind::Spoiled => self.spoiled += 1,
            Kind::Manifest => {
                self.manifest = Some(Arc::new(Manifest::parse(body).ok()?));
                self.manifest_body = Value::Object(body.clone());
            }
            Kind::Rings => {
                let beacon = from_hex_array(text("beacon")?)?;
                let manifest = self.manifest.as_ref()?;
                let seats = Seats::new(&event.claimed_election(), manifest, &self.roll, beacon)?;
                self.seats = Some(Arc::new(seats));
                // From here on only the rings count.
                self.roll = Roll::default();
                self.lines = HashMap::new();
            }
            _ => {}
        }
        if let Role::Trustee(number) = event.claimed_role() {
            self.trustees.entry(kind.as_str()).or_default().push(number);
        }
        if kind != Kind::Rejected {
            self.places.entry(kind.as_str()).or_default().push(index);
        }
        Some(())
    }

    fn take_ballot(&mut self, index: u64, entry: &[u8]) -> Option<()> {
        let header = Header::parse(entry).ok()?;
        let district = self.district_of(&header);
        let tag: [u8; 16] = entry.get(8..24)?.try_into().ok()?;
        self.ballots += 1;
        if self.voters.insert(tag) {
            *self.by_district.entry(district?).or_default() += 1;
        }
        self.tracking.insert(short(TrackingCode::of(entry).as_str()), index);
        Some(())
    }

    fn district_of(&self, header: &Header) -> Option<u32> {
        match header.place {
            Place::Ring(RingIndex(ring)) => {
                self.seats.as_ref()?.rings.get(RingIndex(ring)).map(sinpyo_ballot::ring::Roster::district)
            }
            Place::District(district) => Some(district),
        }
    }

    /// Where the newest event of a kind stands.
    pub(crate) fn newest(&self, kind: Kind) -> Option<u64> {
        self.places.get(kind.as_str()).and_then(|places| places.last()).copied()
    }

    /// The trustees that sent an event of a kind.
    pub(crate) fn senders(&self, kind: Kind) -> &[u32] {
        self.trustees.get(kind.as_str()).map_or(&[], Vec::as_slice)
    }

    /// How many different voters have cast.
    pub(crate) fn voters(&self) -> usize {
        self.voters.len()
    }

    /// Live lines of a district.
    pub(crate) fn registered(&self, district: u32) -> u64 {
        self.live.get(&district).copied().unwrap_or(0)
    }

    /// How far the election is, by its events.
    pub(crate) fn phase(&self) -> Phase {
        let order = [
            (Kind::Archive, Phase::Archived),
            (Kind::Result, Phase::Tallied),
            (Kind::Close, Phase::Closed),
            (Kind::Open, Phase::Open),
            (Kind::Freeze, Phase::Frozen),
            (Kind::CeremonyDone, Phase::Registration),
            (Kind::CeremonyCommit, Phase::Ceremony),
        ];
        let reached = order.into_iter().find(|(kind, _)| self.newest(*kind).is_some());
        reached.map_or(Phase::Draft, |(_, phase)| phase)
    }

    /// Whether ballots are taken at `now`, for all that is known here: the log decides when it takes them.
    pub(crate) fn takes_ballots(&self, now: Timestamp) -> Result<(), Refused> {
        let phase = self.phase();
        let manifest = self.manifest.as_ref().filter(|_| phase == Phase::Open);
        let (opens, closes) =
            manifest.map(|manifest| (manifest.opens, manifest.closes)).ok_or(Refused::Phase { phase })?;
        if opens <= now && now < closes { Ok(()) } else { Err(Refused::Hours { opens, closes }) } // [VTS-17]
    }

    /// Why the log says that a ballot is refused, if it says so.
    pub(crate) fn refused_for(&self, ballot: &RefusalId) -> Option<Reason> {
        self.refusals.get(ballot).copied()
    }

    /// Where the ballot of a tracking code stands, if it is the one that the log has there.
    pub(crate) fn ballot(
        &self,
        code: &TrackingCode,
        log: &dyn LogEngine,
    ) -> Result<Option<u64>, EngineError> {
        let Some(index) = self.tracking.get(&short(code.as_str())).copied() else { return Ok(None) };
        let entries = log.entries(index..index.saturating_add(1))?;
        let is_it = entries.first().is_some_and(|entry| TrackingCode::of(entry).as_str() == code.as_str());
        Ok(is_it.then_some(index))
    }
}

/// The first 60 bits of a code, for finding it.
fn short(code: &str) -> u64 {
    code.bytes().take(12).fold(0, |number, byte| {
        let digit = if byte.is_ascii_digit() {
            byte.wrapping_sub(b'2').wrapping_add(26)
        } else {
            byte.wrapping_sub(b'a')
        };
        number << 5 | u64::from(digit & 31)
    })
}

/// All logs that are followed.
#[derive(Debug, Default)]
pub(crate) struct Following(Mutex<BTreeMap<ElectionId, Arc<Mutex<Followed>>>>);

impl Following {
    /// What the log of `election` says now.
    pub(crate) fn with<T>(
        &self,
        election: &ElectionId,
        log: &dyn LogEngine,
        look: impl FnOnce(&Followed) -> T,
    ) -> Result<T, Refusal> {
        let followed = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(*election).or_default())
        };
        let mut followed = followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.catch_up(log).map_err(|error| failed(&error))?;
        Ok(look(&followed))
    }
}
