//! What an election is (§4).

mod error;
mod hash;
mod read;

pub use error::ManifestError;
pub use hash::manifest_hash;
pub use read::Reading;

use crate::{event::Role, form::Members};
use serde_json::{Map, Value};
use sinpyo_ballot::setting::{Shape, ShapeError};
use sinpyo_blind_rsa::PublicKey;
use sinpyo_core::time::Timestamp;
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::{cosignature::CosignerKey, note::LogKey};
use std::collections::BTreeMap;

/// Text by language, such as `{"en": "Kim", "ko": "김"}`.
pub type Words = BTreeMap<String, String>;

/// Which of several ballots of one voter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Revote {
    /// The newest.
    Last,
    /// The first; later ones are refused.
    First,
}

/// How voters show that they may vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// By a proof over a ring of the public roll; rings have `base^digits` members.
    Ring {
        /// `b`.
        base: u32,
        /// `D`.
        digits: u32,
    },
    /// By a blind signature of the registrar (§13). Weaker.
    Token,
}

/// An option of a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Words,
}

/// A question: choose one option, or blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// Its id.
    pub id: String,
    /// In order.
    pub options: Vec<Choice>,
    /// Its title.
    pub title: Words,
}

/// A part of the electorate that is counted by itself if it is large enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// Its id.
    pub id: String,
    /// Voters by the legal roll.
    pub legal: u64,
    /// Its name.
    pub name: Words,
    /// The style of its ballots.
    pub style: u16,
}

/// One who holds a part of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrusteeEntry {
    /// The X25519 key that shares are sealed to.
    pub sealing: [u8; 32],
    /// The key that signs.
    pub key: VerifyingKey,
    /// Its name.
    pub name: Words,
}

/// The keys of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeys {
    /// Signs the log's checkpoints.
    pub log: LogKey,
    /// May cosign them.
    pub witnesses: Vec<CosignerKey>,
    /// How many of them must have.
    pub quorum: u64,
}

/// A manifest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Manifest {
    /// The key of admission tokens; `None` if ballots need none.
    pub admission: Option<PublicKey>,
    /// Signs the board's events.
    pub board: VerifyingKey,
    /// Signs the host's events.
    pub host: VerifyingKey,
    /// Signs the registrar's events.
    pub registrar: VerifyingKey,
    /// Log and witnesses.
    pub log: LogKeys,
    /// From this time on no ballot is taken.
    pub closes: Timestamp,
    /// Before this time no ballot is taken.
    pub opens: Timestamp,
    /// In order.
    pub contests: Vec<Contest>,
    /// In order.
    pub districts: Vec<District>,
    /// The contests of each style, as places in `contests`.
    pub styles: Vec<Vec<usize>>,
    /// Smallest number of ballots whose sum is opened.
    pub floor: u64,
    /// `M`, the number of option keys.
    pub keys: u32,
    /// `t`.
    pub threshold: u32,
    /// How voters show that they may vote.
    pub profile: Profile,
    /// Which ballot counts.
    pub revote: Revote,
    /// Its title.
    pub title: Words,
    /// The keys of §13, one for each district, all of one length; `None` in profile `ring`.
    pub token: Option<Vec<PublicKey>>,
    /// In order, from 1.
    pub trustees: Vec<TrusteeEntry>,
    hash: [u8; 64],
    write_in: Option<String>,
}

impl Manifest {
    /// Reads a manifest's body and holds it to every bound of §4.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, ManifestError> {
        let reading = Self::read(body)?;
        match reading.faults.into_iter().next() {
            Some(fault) => Err(fault),
            None if reading.manifest.write_in.is_some() => Err(ManifestError::WriteIn), // [AUD-13]
            None => Ok(reading.manifest),
        }
    }

    /// Reads what can be used of a manifest, and says what is wrong with it: for auditors, who go on.
    ///
    /// # Errors
    /// Something without which nothing more can be checked is missing or malformed.
    pub fn read(body: &Map<String, Value>) -> Result<Reading, ManifestError> {
        read::read(Members(body))
    }

    /// `manifestHash` (§4).
    pub const fn hash(&self) -> &[u8; 64] {
        &self.hash
    }

    /// The contest that asks for written names, which this version does not know.
    pub fn write_in(&self) -> Option<&str> {
        self.write_in.as_deref()
    }

    /// The key of a role; `None` for a trustee that is not there.
    pub fn key_of(&self, role: Role) -> Option<&VerifyingKey> {
        match role {
            Role::Host => Some(&self.host),
            Role::Registrar => Some(&self.registrar),
            Role::Board => Some(&self.board),
            Role::Trustee(number) => self.trustee(number).map(|trustee| &trustee.key),
        }
    }

    /// The trustee of that number, from 1.
    pub fn trustee(&self, number: u32) -> Option<&TrusteeEntry> {
        self.trustees.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    /// How many trustees there are.
    pub fn trustee_count(&self) -> u32 {
        u32::try_from(self.trustees.len()).unwrap_or(u32::MAX)
    }

    /// The place of a district.
    pub fn district_index(&self, id: &str) -> Option<u32> {
        self.districts
            .iter()
            .position(|district| district.id == id)
            .and_then(|place| u32::try_from(place).ok())
    }

    /// The district at a place.
    pub fn district(&self, index: u32) -> Option<&District> {
        self.districts.get(usize::try_from(index).ok()?)
    }

    /// The key that signs the tags of a district's voters (§13), and no others.
    pub fn token_key(&self, district: u32) -> Option<&PublicKey> {
        self.token.as_ref()?.get(usize::try_from(district).ok()?)
    }

    /// The places of the districts with this style.
    pub fn districts_of(&self, style: u16) -> impl Iterator<Item = u32> {
        let all = (0..).zip(&self.districts);
        all.filter(move |(_, district)| district.style == style).map(|(index, _)| index)
    }

    /// The contests of a style, in order.
    pub fn contests_of(&self, style: u16) -> impl Iterator<Item = &Contest> {
        let places = self.styles.get(usize::from(style)).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.contests.get(*place))
    }

    /// The options of all contests of a style.
    pub fn options_of(&self, style: u16) -> usize {
        self.contests_of(style).map(|contest| contest.options.len()).sum()
    }

    /// What a ballot of a style looks like.
    ///
    /// # Errors
    /// A number is out of bounds: never so for a manifest from [`Manifest::parse`].
    pub fn shape(&self, style: u16) -> Result<Shape, ShapeError> {
        let options: Vec<usize> = self.contests_of(style).map(|contest| contest.options.len()).collect();
        match self.profile {
            Profile::Ring { base, digits } => Shape::ring(&options, base, digits),
            Profile::Token => Shape::token(&options, self.token_key(0).map_or(0, PublicKey::length)),
        }
    }

    /// The style of that number, if there is one.
    pub fn style_numbers(&self) -> impl Iterator<Item = u16> {
        (0..).take(self.styles.len())
    }

    /// Whether the districts here keep their places, styles and keys in `next`.
    pub fn keeps_districts_in(&self, next: &Self) -> bool {
        let kept = next.districts.get(..self.districts.len());
        let same = |(old, new): (&District, &District)| old.id == new.id && old.style == new.style;
        let keys = (0..).take(self.districts.len()).all(|at| self.token_key(at) == next.token_key(at));
        keys && kept.is_some_and(|kept| self.districts.iter().zip(kept).all(same))
    }

    /// Whether `next` keeps what cannot change once the ceremony began.
    pub fn binds_ceremony_of(&self, next: &Self) -> bool {
        self.keys == next.keys
            && self.threshold == next.threshold
            && self.trustees == next.trustees
            && self.profile == next.profile
    }
}
