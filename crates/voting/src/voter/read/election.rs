//! An election, as far as it was proven.

use super::{
    super::{Place, Refusal, VoterError, Way},
    Keys,
};
use crate::{
    event::TallyResult,
    manifest::{Choice, Contest, Manifest, Profile},
    phase::Phase,
};
use sinpyo_ballot::{
    group::Ristretto,
    ring::Beacon,
    setting::{Context, Setting},
};
use sinpyo_blind_rsa::PublicKey;
use sinpyo_tlog::{merkle::TreeHead, policy::Policy};

/// An election, as far as it was proven.
#[derive(Clone, Debug)]
pub struct Election {
    pub(super) place: Place,
    pub(super) manifest: Manifest,
    pub(super) policy: Policy,
    pub(super) head: TreeHead,
    pub(super) keys: Option<Keys>,
    pub(super) opened: Option<Opened>,
    pub(super) withdrawn: Vec<(String, String)>,
    pub(super) result: Option<TallyResult>,
    pub(super) phase: Phase,
    pub(super) way: Way,
}

/// What ballots are made and checked under.
#[derive(Clone, Debug)]
pub(in crate::voter) struct Opened {
    pub(in crate::voter) context: Context,
    pub(in crate::voter) beacon: Beacon,
    pub(in crate::voter) roll_root: [u8; 32],
    pub(in crate::voter) rings: u64,
}

impl Election {
    /// Where it is, and who called it.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// What it is.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How far it is proven to be. The service can hide the newest step; it cannot make one up.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The head that was seen.
    pub const fn head(&self) -> TreeHead {
        self.head
    }

    /// Who must have signed the log's heads.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether the registrar could sign for voters who do not exist (profile `token`).
    pub const fn is_weak(&self) -> bool {
        matches!(self.manifest.profile, Profile::Token)
    }

    /// Whether an option has withdrawn. Votes for it are still counted and shown.
    pub fn is_withdrawn(&self, contest: &Contest, option: &Choice) -> bool {
        self.withdrawn.iter().any(|(of, own)| *of == contest.id && *own == option.id)
    }

    /// The result, as the host announced it. Whether it is right, an audit says.
    pub const fn result(&self) -> Option<&TallyResult> {
        self.result.as_ref()
    }

    /// How ballots are to be sent, as the service says. What the voter agreed to is in [`Voter::way`].
    ///
    /// [`Voter::way`]: super::super::Voter::way
    pub const fn way(&self) -> &Way {
        &self.way
    }

    pub(in crate::voter) fn has_district(&self, district: u32) -> bool {
        self.manifest.district(district).is_some()
    }

    pub(in crate::voter) const fn admission_key(&self) -> Option<&PublicKey> {
        self.manifest.admission.as_ref()
    }

    pub(in crate::voter) fn token_key(&self, district: u32) -> Option<&PublicKey> {
        self.manifest.token_key(district)
    }

    pub(in crate::voter) const fn opened(&self) -> Option<&Opened> {
        self.opened.as_ref()
    }

    /// `N`.
    pub(in crate::voter) fn ring_size(&self) -> usize {
        self.manifest.shape(0).map_or(0, |shape| shape.ring_size())
    }

    /// What the ballots of a style are made and checked under, while it is open or after.
    ///
    /// # Errors
    /// It was not opened, or its numbers do not fit.
    pub fn setting(&self, style: u16) -> Result<Setting<Ristretto>, VoterError> {
        let opened = self.opened.as_ref().ok_or(VoterError::Refused(Refusal::Closed))?;
        let keys = self.keys.as_ref().ok_or(VoterError::Ceremony)?;
        let shape = self.manifest.shape(style).map_err(|_| VoterError::Context)?;
        let districts = self.manifest.districts_of(style);
        let setting =
            Setting::new(self.place.election(), opened.context, style, districts, shape, &keys.points);
        setting.map_err(|_| VoterError::Context)
    }
}
