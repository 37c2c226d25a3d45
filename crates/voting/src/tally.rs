//! Groups, openings and the result (§12).

mod groups;

pub use groups::{Group, groups};

use crate::{
    event::{Cell, ResultContest, ResultGroup, TallyResult, TallyShare, Withheld},
    manifest::Manifest,
};
use sinpyo_ballot::{
    ceremony::{JointKeys, TrusteeKeys, TrusteeNumber},
    group::{Group as _, Ristretto},
    hash::Transcript,
    tally::{self, CountError, Counter, DecryptError, Opening, OpeningError, ShareError, Sum, VerifiedShare},
};
use sinpyo_core::key::Entropy;
use std::{collections::BTreeMap, sync::Arc};

/// What is to be opened: recomputed from the log by whoever holds this, and never taken from anybody.
#[derive(Clone, Debug)]
pub struct Tally {
    manifest: Arc<Manifest>,
    keys: JointKeys<Ristretto>,
    context: [u8; 64],
    groups: Vec<(Group, Sum<Ristretto>)>,
}

impl Tally {
    pub(crate) const fn new(
        manifest: Arc<Manifest>,
        keys: JointKeys<Ristretto>,
        context: [u8; 64],
        groups: Vec<(Group, Sum<Ristretto>)>,
    ) -> Self {
        Self { manifest, keys, context, groups }
    }

    /// All groups, in order: their numbers are their places.
    pub fn groups(&self) -> impl Iterator<Item = (u32, &Group)> {
        (0..).zip(self.groups.iter().map(|(group, _)| group))
    }

    /// The groups that are opened.
    pub fn opened(&self) -> impl Iterator<Item = (u32, &Group)> {
        self.groups().filter(|(_, group)| !group.withheld)
    }

    /// The keys.
    pub const fn keys(&self) -> &JointKeys<Ristretto> {
        &self.keys
    }

    /// A digest of all sums. A trustee keeps the first that it gave shares of, and gives none of any other: two
    /// sums that differ by one ballot would show that ballot.
    pub fn digest(&self) -> [u8; 64] {
        let transcript = Transcript::new("tally-sums").field(&self.context);
        let sums = self.groups.iter().fold(transcript, |transcript, (_, sum)| {
            let beta: Vec<_> = sum.beta().iter().map(Ristretto::encode).collect();
            transcript.field(&Ristretto::encode(sum.alpha())).list(&beta)
        });
        sums.hash()
    }

    /// What the shares of a group are about.
    ///
    /// # Errors
    /// There is no such group; it is below the floor.
    pub fn opening(&self, group: u32) -> Result<Opening<'_, Ristretto>, ShareRefusal> {
        let place = usize::try_from(group).ok().and_then(|place| self.groups.get(place));
        let (plan, sum) = place.ok_or(ShareRefusal::Group)?;
        if plan.withheld {
            return Err(ShareRefusal::Withheld); // [VOT-26]
        }
        Opening::new(&self.keys, self.context, group, sum.clone(), self.manifest.floor)
            .map_err(ShareRefusal::Opening)
    }

    /// A trustee's shares of a group. Only of sums that this program added up itself.
    ///
    /// # Errors
    /// There is no such group, it is below the floor, or the keys are of another ceremony.
    pub fn share(
        &self,
        group: u32,
        keys: &TrusteeKeys<Ristretto>,
        entropy: &mut dyn Entropy,
    ) -> Result<TallyShare, ShareRefusal> {
        let opening = self.opening(group)?;
        let share = opening.share(keys, entropy).map_err(ShareRefusal::Decrypt)?;
        let cell = |(share, proof): ([u8; 32], Vec<u8>)| Some(Cell { share, proof: proof.try_into().ok()? });
        let cells: Option<Vec<Cell>> = share.cells().map(cell).collect();
        let (ballots, districts) = self.heading(group).ok_or(ShareRefusal::Group)?;
        Ok(TallyShare { ballots, cells: cells.ok_or(ShareRefusal::Cells)?, districts, group })
    }

    /// What a tally share of `group` must say about it.
    pub fn heading(&self, group: u32) -> Option<(u64, Vec<String>)> {
        let (plan, _) = self.groups.get(usize::try_from(group).ok()?)?;
        Some((plan.ballots, self.names(plan)))
    }

    fn names(&self, group: &Group) -> Vec<String> {
        let name = |district: &u32| self.manifest.district(*district).map(|district| district.id.clone());
        group.districts.iter().filter_map(name).collect()
    }

    /// Checks a trustee's shares of a group.
    ///
    /// # Errors
    /// What it says of the group is not so, or a proof does not hold: the trustee is named.
    pub fn verify_share(
        &self,
        trustee: u32,
        share: &TallyShare,
    ) -> Result<VerifiedShare<Ristretto>, ShareRefusal> {
        if self.heading(share.group) != Some((share.ballots, share.districts.clone())) {
            return Err(ShareRefusal::Heading); // [AUD-09]
        }
        self.verify_cells(trustee, share)
    }

    /// Checks the cells alone.
    pub(crate) fn verify_cells(
        &self,
        trustee: u32,
        share: &TallyShare,
    ) -> Result<VerifiedShare<Ristretto>, ShareRefusal> {
        let number = TrusteeNumber::new(trustee).ok_or(ShareRefusal::Cells)?;
        let cells = share.cells.iter().map(|cell| (cell.share.as_slice(), cell.proof.as_slice()));
        let shares = tally::TallyShare::<Ristretto>::from_bytes(number, cells).ok_or(ShareRefusal::Cells)?;
        self.opening(share.group)?.verify(&shares).map_err(ShareRefusal::Share) // [VOT-15]
    }

    /// The counts of a group.
    ///
    /// # Errors
    /// There are fewer than `t` shares, or a count lies outside 0 to the group's ballots.
    pub fn count(
        &self,
        group: u32,
        shares: &[VerifiedShare<Ristretto>],
    ) -> Result<ResultGroup, ResultRefusal> {
        let opening = self.opening(group).map_err(ResultRefusal::Opening)?;
        let (plan, _) = usize::try_from(group)
            .ok()
            .and_then(|place| self.groups.get(place))
            .ok_or(ResultRefusal::Opening(ShareRefusal::Group))?;
        let most = u32::try_from(plan.ballots).unwrap_or(u32::MAX);
        let counts = opening.count(shares, &Counter::new(most)).map_err(ResultRefusal::Count)?; // [VOT-21]
        let mut rest = counts.as_slice();
        let mut contests = Vec::new();
        for contest in self.manifest.contests_of(plan.style) {
            let (own, after) = rest.split_at_checked(contest.options.len()).ok_or(ResultRefusal::Options)?;
            rest = after;
            let chosen = own.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
            let blank = plan.ballots.checked_sub(chosen).ok_or(ResultRefusal::Options)?;
            contests.push(ResultContest { blank, counts: own.to_vec(), id: contest.id.clone() });
        }
        Ok(ResultGroup { ballots: plan.ballots, contests, districts: self.names(plan) })
    }

    /// The result, from the verified shares of each trustee: those of the first `t` trustees that gave all.
    ///
    /// # Errors
    /// Fewer than `t` trustees gave shares of every group, or a count lies outside its bounds.
    pub fn result(
        &self,
        shares: &BTreeMap<(u32, u32), VerifiedShare<Ristretto>>,
    ) -> Result<TallyResult, ResultRefusal> {
        let threshold = usize::try_from(self.keys.threshold()).unwrap_or(usize::MAX);
        let gave_all =
            |trustee: &u32| self.opened().all(|(group, _)| shares.contains_key(&(*trustee, group)));
        let all = self.keys.qualified().map(TrusteeNumber::number);
        let trustees: Vec<u32> = all.filter(gave_all).take(threshold).collect();
        if trustees.len() < threshold {
            return Err(ResultRefusal::TooFew { trustees: trustees.len() });
        }
        let mut groups = Vec::new();
        for (group, _) in self.opened() {
            let own = trustees.iter().filter_map(|trustee| shares.get(&(*trustee, group)).cloned());
            groups.push(self.count(group, &own.collect::<Vec<_>>())?);
        }
        Ok(TallyResult { groups, trustees, withheld: self.withheld() })
    }

    /// The groups that nobody opens.
    pub fn withheld(&self) -> Vec<Withheld> {
        let withheld = self.groups().filter(|(_, group)| group.withheld);
        withheld.map(|(_, group)| Withheld { ballots: group.ballots, districts: self.names(group) }).collect()
    }
}

/// Why a share is not given or not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShareRefusal {
    /// No such group.
    #[error("there is no such group")]
    Group,
    /// VOT-26: the group is below the floor.
    #[error("the group is withheld: it has too few ballots")]
    Withheld,
    /// What the share says about the group is not so.
    #[error("ballots or districts of the group are not as stated")]
    Heading,
    /// The cells are not shares.
    #[error("the cells are not shares")]
    Cells,
    /// The sum cannot be opened.
    #[error(transparent)]
    Opening(OpeningError),
    /// VOT-15: the share is wrong.
    #[error(transparent)]
    Share(ShareError),
    /// The keys cannot decrypt this.
    #[error(transparent)]
    Decrypt(DecryptError),
}

impl ShareRefusal {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Withheld => "VOT-26",
            Self::Opening(error) => error.code(),
            Self::Share(error) => error.code(),
            Self::Group | Self::Heading | Self::Cells | Self::Decrypt(_) => "VOT-15",
        }
    }
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResultRefusal {
    /// Fewer trustees than needed gave all their shares.
    #[error("only {trustees} trustees gave their shares of every group")]
    TooFew {
        /// How many.
        trustees: usize,
    },
    /// A group cannot be opened.
    #[error(transparent)]
    Opening(ShareRefusal),
    /// VOT-21: a count lies outside its bounds, or shares do not fit.
    #[error(transparent)]
    Count(CountError),
    /// VOT-21: more votes than ballots.
    #[error("a contest has more votes than ballots")]
    Options,
}

impl ResultRefusal {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooFew { .. } => "VOT-15",
            Self::Opening(error) => error.code(),
            Self::Count(_) | Self::Options => "VOT-21",
        }
    }
}
