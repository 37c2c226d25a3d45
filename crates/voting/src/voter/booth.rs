//! Making a ballot, and choosing what becomes of it (§§9.2, 10).

use super::{
    Election, VoterError,
    find::Found,
    link::Place,
    record::{Posting, Standing, Voter},
};
use crate::manifest::Contest;
use sinpyo_ballot::{
    ballot::{Token, TrackingCode},
    credential::VoterSecret,
    group::Ristretto,
    prove::{BallotSeed, Eligibility, PreparedBallot, prove},
    setting::Setting,
};
use sinpyo_core::{Secret, key::Entropy};
use std::fmt;
use zeroize::Zeroize;

/// Begins the text that the second device reads.
pub(super) const CHECK_SCHEME: &str = "sinpyo-vote-check:";

/// One column for each contest of the style: 0 is blank, `i` the i-th option. Erased on drop, and never printed.
pub struct Choices(Vec<u8>);

impl Choices {
    /// What was chosen. Whether the style has it, [`Booth::fill`] says.
    pub const fn new(columns: Vec<u8>) -> Self {
        Self(columns)
    }

    /// The columns.
    pub fn columns(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Choices {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Choices(..)")
    }
}

/// Where one voter makes ballots of one election.
pub struct Booth {
    place: Place,
    setting: Setting<Ristretto>,
    secret: VoterSecret<Ristretto>,
    district: u32,
    /// Which entry of the log put the voter into the roll.
    line: u64,
    standing: BoothStanding,
}

enum BoothStanding {
    Ring(Box<Found>),
    Token(Token),
}

impl Booth {
    /// Enters, with the own ring in profile `ring` and without one in profile `token`.
    ///
    /// # Errors
    /// The voter is not in the roll, or the election not open.
    pub fn enter(election: &Election, voter: &Voter, found: Option<Found>) -> Result<Self, VoterError> {
        let Standing::Registered(line) = &voter.standing else { return Err(VoterError::OutOfOrder) };
        let district = election.manifest().district(line.district).ok_or(VoterError::Context)?;
        let standing = match (found, &line.permit) {
            (Some(found), None) => BoothStanding::Ring(Box::new(found)),
            (None, Some(permit)) => BoothStanding::Token(token(permit)?),
            _ => return Err(VoterError::OutOfOrder),
        };
        Ok(Self {
            place: election.place().clone(),
            setting: election.setting(district.style)?,
            secret: VoterSecret::derive(&voter.seed, voter.place().election()),
            district: line.district,
            line: line.index,
            standing,
        })
    }

    /// The contests to choose in, in the order of the ballot.
    pub fn contests<'e>(&self, election: &'e Election) -> impl Iterator<Item = &'e Contest> {
        election.manifest().contests_of(self.setting.style())
    }

    /// Makes the ballot, in constant time. Its tracking code is to be shown before the voter decides.
    ///
    /// # Errors
    /// The choices are not those of the style.
    pub fn fill(&self, choices: &Choices, entropy: &mut dyn Entropy) -> Result<Filled, BoothError> {
        let eligibility = match &self.standing {
            BoothStanding::Ring(found) => Eligibility::Ring { ring: &found.ring, position: found.position },
            BoothStanding::Token(token) => Eligibility::Token { district: self.district, token },
        };
        let seed = BallotSeed::fresh(entropy);
        let ballot = prove(&self.setting, eligibility, &self.secret, choices.columns(), seed, entropy);
        let ballot = ballot.map_err(|_| BoothError)?; // [VTR-17]
        Ok(Filled { ballot, place: self.place.clone(), line: self.line })
    }
}

impl fmt::Debug for Booth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Booth").field("place", &self.place).finish_non_exhaustive()
    }
}

fn token(permit: &Secret<Vec<u8>>) -> Result<Token, VoterError> {
    let (randomizer, signature) = permit.expose().split_first_chunk().ok_or(VoterError::Record)?;
    Ok(Token { randomizer: *randomizer, signature: signature.to_vec() })
}

/// VTR-17: the choices are not those of the ballot's style.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the choices are not those of the ballot")]
pub struct BoothError;

impl BoothError {
    /// The rule that was broken, as in `spec/checks/vtr.toml`.
    pub const fn code(self) -> &'static str {
        "VTR-17"
    }
}

/// A ballot that was made, and whose voter decides: cast or check. Either uses it up, so that no ballot that was checked
/// is ever cast, and dropping it erases it.
pub struct Filled {
    ballot: PreparedBallot<Ristretto>,
    place: Place,
    line: u64,
}

impl Filled {
    /// What the voter notes before deciding.
    pub const fn tracking_code(&self) -> TrackingCode {
        self.ballot.tracking_code()
    }

    /// Casts it: the record gets the ballot and the admission token that pays for it, and is to be kept before anything is
    /// sent. What could prove the vote is erased here.
    ///
    /// # Errors
    /// Another ballot is still on its way, or no admission token is left.
    pub fn cast(self, voter: &mut Voter, election: &Election) -> Result<(), VoterError> {
        if voter.is_posting() {
            return Err(VoterError::OutOfOrder);
        }
        let Standing::Registered(line) = &mut voter.standing else { return Err(VoterError::OutOfOrder) };
        let token = match election.admission_key() {
            Some(_) => Some(line.tokens.pop().ok_or(VoterError::NoToken)?), // [VTR-15]
            None => None,
        };
        voter.posting = Some(Posting { ballot: self.ballot.cast(), token });
        // One that was seen before stays until the voter agrees to another.
        let _ = voter.way.get_or_insert_with(|| election.way().clone());
        Ok(())
    }

    /// Gives it to the second device, as the text of a QR code. It cannot be cast any more.
    pub fn check(self) -> Checked {
        let tracking = self.ballot.tracking_code();
        let package = self.ballot.check().to_text();
        let text = format!("{CHECK_SCHEME}{}#{}.{}", self.place.address(), package.expose(), self.line);
        let text = Secret::new(text);
        Checked { tracking, text }
    }
}

impl fmt::Debug for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filled(..)")
    }
}

/// A ballot that is checked instead of cast. It proves a vote that was never cast, and tells the voter's tag: it is for
/// the voter's own second device, and erased when it is dropped.
#[derive(Debug)]
pub struct Checked {
    tracking: TrackingCode,
    text: Secret<String>,
}

impl Checked {
    /// What the second device must show too.
    pub const fn tracking_code(&self) -> TrackingCode {
        self.tracking
    }

    /// The text of the QR code.
    pub const fn text(&self) -> &Secret<String> {
        &self.text
    }
}
