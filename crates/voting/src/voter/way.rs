//! How a ballot gets to the board: straight, or through a relay that somebody else runs.

use super::{VoterError, link::Place};

/// What stands between the address of an election and the place that takes its ballots.
const BALLOTS: &str = "/ballots";

/// How a ballot gets to the board.
///
/// The board's summary names it, and nobody signs that: a board could name another relay to each voter, and tell their
/// ballots apart by it. So a relay's address has nothing in it that could differ from voter to voter but its host, and
/// the host is shown to the voter, and kept: another one later is not taken without asking. [VTR-18]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Straight: the board sees from where.
    Board,
    /// Through this relay.
    Relay(Relay),
}

/// A relay for the ballots of one election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// The election as the relay has it: only ballots are sent there.
    place: Place,
}

impl Way {
    /// The host of the relay, and its port unless it is the usual one.
    pub fn relay(&self) -> Option<&str> {
        match self {
            Self::Board => None,
            Self::Relay(relay) => Some(relay.place.site()),
        }
    }

    /// The address that ballots of the election at `board` are posted to.
    pub(super) fn address(&self, board: &Place) -> String {
        match self {
            Self::Board => board.below("ballots"),
            Self::Relay(relay) => relay.address(),
        }
    }
}

impl Relay {
    /// Reads the address that ballots of the election at `board` are to be posted to:
    /// `<scheme>://<host>[:<port>]/e/<the same election>/ballots`, and a host or port other than the board's.
    pub(super) fn parse(address: &str, board: &Place) -> Result<Self, VoterError> {
        let place = address.strip_suffix(BALLOTS).ok_or(VoterError::Relay)?;
        let is_exact = !place.ends_with('/');
        let place = Place::parse(place).map_err(|_| VoterError::Relay)?;
        let is_other = place.site() != board.site() && place.election() == board.election();
        if is_exact && is_other { Ok(Self { place }) } else { Err(VoterError::Relay) } // [VTR-18]
    }

    /// The address that ballots are posted to.
    pub(super) fn address(&self) -> String {
        self.place.below("ballots")
    }
}
