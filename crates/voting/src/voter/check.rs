//! The second device: makes the ballot again out of the package, and shows what it says (§10).

use super::{
    Election, Place, Step, VoterError,
    booth::CHECK_SCHEME,
    files::{Files, Gap},
    find,
    read::signed,
    register::permit_message,
};
use crate::{
    event::Body,
    manifest::{Choice, Contest},
};
use http::Response;
use sinpyo_ballot::{
    ballot::{Header, Place as Seat, TrackingCode},
    check::{CheckPackage, CheckedBallot},
    group::Ristretto,
};
use sinpyo_blind_rsa::Variant;

/// Longest package text, in bytes: an address and what a package of profile `token` has.
const MAX_TEXT: usize = 8 << 10;

/// Checks a ballot that another device made. Nothing is sent anywhere but requests for the public record.
#[derive(Debug)]
pub struct Checking {
    place: Place,
    package: CheckPackage<Ristretto>,
    /// Which entry of the log is said to have put the voter into the roll.
    line: u64,
    files: Files,
}

/// What a ballot says, made again by another device than the one that made it.
#[derive(Debug)]
pub struct Verdict {
    ballot: CheckedBallot<Ristretto>,
    style: u16,
    slot: Option<[u8; 16]>,
}

impl Checking {
    /// Reads the text of the first device's QR code.
    ///
    /// # Errors
    /// It is none.
    pub fn begin(text: &str) -> Result<Self, VoterError> {
        let text: String = text.split_whitespace().take(64).collect();
        let rest = text.strip_prefix(CHECK_SCHEME).filter(|_| text.len() <= MAX_TEXT);
        let (at, package) = rest.and_then(|rest| rest.split_once('#')).ok_or(VoterError::Package)?;
        let (package, line) = package.split_once('.').ok_or(VoterError::Package)?;
        let (place, line) = (Place::parse(at)?, line.parse().map_err(|_| VoterError::Package)?);
        let package = CheckPackage::parse_text(package).map_err(|_| VoterError::Package)?;
        Ok(Self { files: Files::new(place.clone()), place, package, line })
    }

    /// Which election it is about: to be read first, by this device itself.
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// What to do next, with the election as this device has read it.
    ///
    /// # Errors
    /// The package makes no valid ballot of this election.
    pub fn next(&mut self, election: &Election) -> Result<Step<Verdict>, VoterError> {
        let verdict = self.check(election);
        self.files.step(verdict)
    }

    /// Takes the response.
    ///
    /// # Errors
    /// It is an error, or too long.
    pub fn supply(&mut self, response: &Response<Vec<u8>>) -> Result<(), VoterError> {
        self.files.supply(response)
    }

    fn check(&self, election: &Election) -> Result<Verdict, Gap> {
        if election.place().election() != self.place.election() {
            return Err(VoterError::OtherElection.into()); // [VTR-08]
        }
        let Header { style, place } = self.package.header();
        let ring = match place {
            Seat::Ring(index) => Some(find::ring(&self.files, election, index.0)?),
            Seat::District(_) => None,
        };
        let setting = election.setting(style)?;
        let ballot = self.package.check(&setting, ring.as_ref()).map_err(|_| VoterError::Package)?; // [VTR-14]
        if let Seat::District(district) = place {
            self.verify_permit(election, district, &ballot)?;
        }
        let slot = match ballot.commitment() {
            Some(commitment) => Some(self.slot(election, commitment)?),
            None => None,
        };
        Ok(Verdict { ballot, style, slot })
    }

    /// The slot that the registrar gave this commitment, by the entry of the log that says so.
    fn slot(&self, election: &Election, commitment: &[u8; 32]) -> Result<[u8; 16], Gap> {
        let entry = self.files.entry(self.line, election.head())?;
        match signed(&entry, election)?.body().map_err(VoterError::Event)? {
            Body::Register(line) if line.commitment == *commitment => Ok(line.slot),
            _ => Err(VoterError::Package.into()), // [VTR-14]
        }
    }

    /// That the registrar signed the tag (§13).
    fn verify_permit(
        &self,
        election: &Election,
        district: u32,
        ballot: &CheckedBallot<Ristretto>,
    ) -> Result<(), VoterError> {
        let (key, token) = (election.token_key(district), self.package.token());
        let (Some(key), Some(token)) = (key, token) else { return Err(VoterError::Package) };
        let message = permit_message(election.place().election(), district, ballot.tag());
        let prepared = Variant::PssRandomized.prepare_with(&token.randomizer, &message);
        let signed = key.verify(&prepared, &token.signature);
        signed.map(|_| ()).map_err(|_| VoterError::Package) // [VTR-14]
    }
}

impl Verdict {
    /// Must be what the first device showed before *check* was chosen.
    pub fn tracking_code(&self) -> TrackingCode {
        self.ballot.tracking_code()
    }

    /// What the ballot says: for each contest the chosen option, or none for blank.
    pub fn choices<'e>(&self, election: &'e Election) -> Vec<(&'e Contest, Option<&'e Choice>)> {
        let contests = election.manifest().contests_of(self.style);
        let chosen = |(contest, column): (&'e Contest, &u8)| {
            (contest, usize::from(*column).checked_sub(1).and_then(|place| contest.options.get(place)))
        };
        contests.zip(self.ballot.choices()).map(chosen).collect()
    }

    /// The slot that it votes for, in profile `ring`: must be the voter's own, or two voters were given one ballot.
    pub const fn slot(&self) -> Option<&[u8; 16]> {
        self.slot.as_ref()
    }
}
