//! What ballots of an election are checked under: one setting for each style, and the rings.

use super::Reason;
use crate::{
    event::Rejected,
    manifest::{Manifest, Profile},
    roll::Rings,
};
use sinpyo_ballot::{
    ballot::{Header, ParseBallotError, Place, UnverifiedBallot},
    ceremony::JointKeys,
    generators::ElectionId,
    group::Ristretto,
    ring::{RingIndex, Roster},
    setting::{Context, Setting, SettingError, ShapeError},
    verify::{BallotError, VerifiedBallot},
};
use sinpyo_blind_rsa::Variant;
use std::sync::Arc;

/// What a token's message begins with (§13).
const TOKEN: &[u8] = b"sinpyo-vote/1/token\0";

/// All that the ballots of an election are checked under.
#[derive(Clone, Debug)]
pub struct Settings {
    election: ElectionId,
    manifest: Arc<Manifest>,
    rings: Arc<Rings>,
    context: Context,
    styles: Vec<Setting<Ristretto>>,
}

impl Settings {
    /// The settings of an election with these rings and keys, all recomputed by the caller.
    ///
    /// # Errors
    /// The manifest's numbers allow no ballots.
    pub fn new(
        election: ElectionId,
        manifest: Arc<Manifest>,
        keys: &JointKeys<Ristretto>,
        rings: Arc<Rings>,
    ) -> Result<Self, SettingsError> {
        let context = Context::new(&election, manifest.hash(), keys.hash(), &rings.root(), rings.count());
        let setting = |style: u16| {
            let shape = manifest.shape(style).map_err(SettingsError::Shape)?;
            let districts = manifest.districts_of(style);
            // [VOT-13] Generators are derived here and read from nowhere.
            Setting::new(&election, context, style, districts, shape, keys.keys())
                .map_err(SettingsError::Setting)
        };
        let styles = manifest.style_numbers().map(setting).collect::<Result<_, _>>()?;
        Ok(Self { election, manifest, rings, context, styles })
    }

    /// The election.
    pub const fn election(&self) -> &ElectionId {
        &self.election
    }

    /// The manifest.
    pub const fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The rings.
    pub const fn rings(&self) -> &Arc<Rings> {
        &self.rings
    }

    /// What every ballot is bound to, recomputed: `open` must say the same.
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The setting of a style.
    pub fn setting(&self, style: u16) -> Option<&Setting<Ristretto>> {
        self.styles.get(usize::from(style))
    }

    /// All settings, by style.
    pub fn settings(&self) -> &[Setting<Ristretto>] {
        &self.styles
    }

    /// A ring as published.
    pub fn roster(&self, ring: RingIndex) -> Option<&Roster<Ristretto>> {
        self.rings.get(ring)
    }

    /// Whether voters show by rings that they may vote.
    pub fn has_rings(&self) -> bool {
        self.manifest.profile != Profile::Token
    }

    /// Reads a ballot.
    ///
    /// # Errors
    /// The reason of §11: `encoding`, `style` or `ring`.
    pub fn parse(&self, bytes: &[u8]) -> Result<UnverifiedBallot<Ristretto>, Reason> {
        // First, whatever the header says: what is too long to keep is refused by its digest, of which an
        // auditor can tell nothing but its length.
        if bytes.len() > Rejected::MAX_KEPT {
            return Err(Reason::Encoding);
        }
        let header = Header::parse(bytes).map_err(|_| Reason::Encoding)?;
        let setting = self.setting(header.style).ok_or(Reason::Style)?;
        let parsed: Result<_, ParseBallotError> = UnverifiedBallot::parse(bytes, setting.shape());
        let ballot = parsed.map_err(|_| Reason::Encoding)?;
        let district = match header.place {
            Place::Ring(ring) => self.roster(ring).map(Roster::district),
            Place::District(district) => self.manifest.district(district).map(|_| district),
        };
        let district = district.ok_or(Reason::Ring)?;
        let style = self.manifest.district(district).map(|district| district.style);
        if style == Some(header.style) { Ok(ballot) } else { Err(Reason::Style) }
    }

    /// Whether the registrar signed the ballot's tag (§13); true in profile `ring`, where nobody signs tags.
    pub(crate) fn token_holds(&self, ballot: &UnverifiedBallot<Ristretto>) -> bool {
        let (Place::District(district), Some(token)) = (ballot.header().place, ballot.token()) else {
            return self.has_rings();
        };
        // [VOT-61] Another district's key signs nothing for this one, whatever the message says.
        let Some(key) = self.manifest.token_key(district) else { return false };
        let message = [TOKEN, &self.election.0, &district.to_le_bytes(), ballot.tag()].concat();
        let prepared = Variant::PssRandomized.prepare_with(&token.randomizer, &message);
        key.verify(&prepared, &token.signature).is_ok()
    }

    /// The district that a verified ballot is counted in.
    pub fn district_of(&self, ballot: &VerifiedBallot<Ristretto>) -> Option<u32> {
        match ballot.header().place {
            Place::Ring(ring) => self.roster(ring).map(Roster::district),
            Place::District(district) => Some(district),
        }
    }
}

impl Reason {
    /// The reason of §11 for which a check refused a ballot.
    pub const fn of(error: &BallotError) -> Self {
        match error {
            BallotError::Encoding(_) | BallotError::Point => Self::Encoding,
            BallotError::Style => Self::Style,
            BallotError::Ring => Self::Ring,
            BallotError::Tag => Self::Tag,
            BallotError::Alpha | BallotError::Proof(_) | _ => Self::Proof,
        }
    }
}

/// Why no ballots can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A number of the manifest is out of bounds.
    #[error(transparent)]
    Shape(ShapeError),
    /// The keys do not fit the styles.
    #[error(transparent)]
    Setting(SettingError),
}
