//! The first eight bytes of a ballot.

use super::ParseBallotError;
use crate::ring::RingIndex;

const VERSION: u8 = 1;
const RING: u8 = 0;
const TOKEN: u8 = 1;

/// What a ballot says of itself before anything else is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// The style, by its place in the manifest.
    pub style: u16,
    /// Where its voter belongs.
    pub place: Place,
}

/// Where a voter belongs: a ring, or in profile `token` a district.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Profile `ring` (§8).
    Ring(RingIndex),
    /// Profile `token` (§13): the district, by its place in the manifest.
    District(u32),
}

impl Header {
    /// How many bytes.
    pub const LENGTH: usize = 8;

    /// Reads the header of a whole ballot.
    ///
    /// # Errors
    /// There are fewer than eight bytes, or version or flags are not known.
    pub const fn parse(ballot: &[u8]) -> Result<Self, ParseBallotError> {
        let Some((&[version, s0, s1, p0, p1, p2, p3, flags], _)) = ballot.split_first_chunk() else {
            return Err(ParseBallotError::Length);
        };
        // [BAL-04]
        if version != VERSION {
            return Err(ParseBallotError::Version);
        }
        let number = u32::from_le_bytes([p0, p1, p2, p3]);
        let place = match flags {
            RING => Place::Ring(RingIndex(number)),
            TOKEN => Place::District(number),
            _ => return Err(ParseBallotError::Flags),
        };
        Ok(Self { style: u16::from_le_bytes([s0, s1]), place })
    }

    /// Its bytes.
    pub const fn to_bytes(self) -> [u8; Self::LENGTH] {
        let [s0, s1] = self.style.to_le_bytes();
        let (number, flags) = match self.place {
            Place::Ring(ring) => (ring.0, RING),
            Place::District(district) => (district, TOKEN),
        };
        let [p0, p1, p2, p3] = number.to_le_bytes();
        [VERSION, s0, s1, p0, p1, p2, p3, flags]
    }
}
