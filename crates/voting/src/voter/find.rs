//! The own ring: whole, and the own commitment in it once (§7).

use super::{
    Election, Step, VoterError,
    files::{Files, Gap},
    record::Voter,
};
use crate::form::{FormError, Members, from_hex_array};
use http::Response;
use sinpyo_ballot::{
    credential::VoterSecret,
    group::{Encoding, Group as _, Ristretto},
    hash::Transcript,
    ring::{Ring, RingIndex, RingPlan, Roster},
};
use sinpyo_tlog::merkle::{Frontier, Hash};

/// With so few rings in the district all of them are fetched: then nobody learns which is the own one, and that the
/// commitment is in no other is seen and not believed.
const FEW: usize = 16;

/// The ring in which a voter is, and where.
#[derive(Debug)]
pub struct Found {
    pub(super) ring: Ring<Ristretto>,
    pub(super) position: u32,
}

impl Found {
    /// The ring.
    pub const fn ring(&self) -> &Ring<Ristretto> {
        &self.ring
    }
}

/// Looks for the own commitment.
#[derive(Debug)]
pub struct Finding {
    files: Files,
    commitment: [u8; 32],
    district: u32,
}

/// A ring as the list has it.
struct Listed {
    ring: u32,
    district: u32,
    voters: usize,
    root: [u8; 32],
    first: [u8; 64],
}

impl Finding {
    /// Begins with an election of profile `ring`, for somebody in its roll.
    ///
    /// # Errors
    /// They are not registered.
    pub fn begin(election: &Election, voter: &Voter) -> Result<Self, VoterError> {
        let district = voter.district().ok_or(VoterError::OutOfOrder)?;
        let own = VoterSecret::<Ristretto>::derive(&voter.seed, voter.place().election());
        let commitment = Ristretto::encode(&own.commitment());
        Ok(Self { files: Files::new(election.place().clone()), commitment, district })
    }

    /// What to do next.
    ///
    /// # Errors
    /// The rings are not those of the roll, or the own commitment is not in one and in one only.
    pub fn next(&mut self, election: &Election) -> Result<Step<Found>, VoterError> {
        let found = self.look(election);
        self.files.step(found)
    }

    /// Takes the response.
    ///
    /// # Errors
    /// It is an error, or too long.
    pub fn supply(&mut self, response: &Response<Vec<u8>>) -> Result<(), VoterError> {
        self.files.supply(response)
    }

    fn look(&self, election: &Election) -> Result<Found, Gap> {
        let opened = election.opened().ok_or(VoterError::Refused(super::Refusal::Closed))?;
        let listed = listed(&self.files, opened)?;
        let own: Vec<&Listed> = listed.iter().filter(|ring| ring.district == self.district).collect();
        let place = Transcript::new("shuffle").field(&opened.beacon.0).field(&self.commitment).hash();
        let likely = own.iter().rev().find(|ring| ring.first <= place).or(own.first());
        let searched = if own.len() <= FEW { own.clone() } else { likely.copied().into_iter().collect() };
        let mut found = None;
        for listed in searched {
            let roster = self.roster(listed, election)?;
            let Some(position) = roster.position_of(&self.commitment) else { continue };
            let position = u32::try_from(position).map_err(|_| VoterError::NotInRoll)?;
            if found.replace((roster, position)).is_some() {
                return Err(VoterError::NotInRoll.into()); // [VTR-12]
            }
        }
        let (roster, position) = found.ok_or(VoterError::NotInRoll)?; // [VTR-12]
        let ring = Ring::new(roster).map_err(|_| VoterError::Context)?;
        Ok(Found { ring, position })
    }

    /// A ring, whole, whose root is the one in the roll.
    fn roster(&self, listed: &Listed, election: &Election) -> Result<Roster<Ristretto>, Gap> {
        let bytes = self.files.file(&format!("rings/{}", listed.ring))?;
        roster(&bytes, listed, election).ok_or_else(|| VoterError::Context.into()) // [VTR-10]
    }
}

fn roster(bytes: &[u8], listed: &Listed, election: &Election) -> Option<Roster<Ristretto>> {
    let opened = election.opened()?;
    if bytes.len() != election.ring_size() * 32 {
        return None;
    }
    let commitments: Vec<[u8; 32]> = bytes.chunks(32).map(Encoding::from_slice).collect::<Option<_>>()?;
    // Made anew from its voters: their order, the pads and the root must come out as published.
    let plan =
        RingPlan { election: *election.place().election(), beacon: opened.beacon, size: commitments.len() };
    let voters = commitments.get(..listed.voters)?;
    let roster = plan.rings::<Ristretto>(listed.district, RingIndex(listed.ring), voters).ok()?.pop()?;
    if roster.commitments() != commitments {
        return None;
    }
    (*roster.root() == listed.root).then_some(roster)
}

/// One ring, by its number, out of the proven list: for whoever checks a ballot of it.
pub(super) fn ring(files: &Files, election: &Election, number: u32) -> Result<Ring<Ristretto>, Gap> {
    let opened = election.opened().ok_or(VoterError::Refused(super::Refusal::Closed))?;
    let listed = listed(files, opened)?;
    let listed = listed.iter().find(|listed| listed.ring == number).ok_or(VoterError::Package)?;
    let bytes = files.file(&format!("rings/{number}"))?;
    let roster = roster(&bytes, listed, election).ok_or(VoterError::Context)?;
    Ok(Ring::new(roster).map_err(|_| VoterError::Context)?)
}

/// The list of all rings, which makes the roll root that the election was opened with. [VTR-10]
fn listed(files: &Files, opened: &super::read::Opened) -> Result<Vec<Listed>, Gap> {
    let body = files.object("rings")?;
    let rings = Members(&body).each("rings", |ring| {
        let ring = ring.as_object().map(Members).ok_or(FormError::Member("rings"))?;
        Ok(Listed {
            ring: ring.small("ring")?,
            district: ring.small("district")?,
            voters: usize::try_from(ring.small("voters")?).unwrap_or(usize::MAX),
            root: ring.hex("root")?,
            first: from_hex_array(ring.text("first")?).ok_or(FormError::Member("first"))?,
        })
    });
    let rings = rings.map_err(|_| VoterError::Answer)?;
    let mut tree = Frontier::default();
    for (ring, number) in rings.iter().zip(0_u32..) {
        if ring.ring != number {
            return Err(VoterError::Context.into()); // [VTR-10]
        }
        let leaf = [ring.district.to_le_bytes().as_slice(), &number.to_le_bytes(), &ring.root].concat();
        tree.append(Hash::leaf(&leaf));
    }
    let head = tree.head();
    let fits = head.size == opened.rings && *head.root.as_bytes() == opened.roll_root;
    if fits { Ok(rings) } else { Err(VoterError::Context.into()) } // [VTR-10]
}
