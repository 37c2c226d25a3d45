//! The ballot's bytes (§8; of profile `token`, §13).

mod header;
mod lock;
mod parts;
mod tracking;

pub use header::{Header, Place};
pub(crate) use lock::{CastKey, CastLock, KEY_LENGTH};
pub(crate) use parts::Parts;
pub use tracking::TrackingCode;

use crate::group::{Encoding, Group};
use crate::hash::Transcript;
use crate::ring::RingIndex;
use crate::setting::Shape;

/// A ballot that arrived. Its length, header and scalars are right; nothing is known of its points and its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedBallot<G: Group> {
    /// As it arrived; empty if a second device made it.
    bytes: Vec<u8>,
    header: Header,
    pub(crate) lock: CastLock,
    /// `H("tracking", body, λ)`.
    pub(crate) digest: [u8; 64],
    pub(crate) encodings: Parts<G::PointBytes>,
    pub(crate) responses: Responses<G>,
    token: Option<Token>,
}

/// The scalars of a ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Responses<G: Group> {
    /// `f`, row by row, without column 0.
    pub(crate) masked: Vec<G::Scalar>,
    /// `zA`.
    pub(crate) rows: G::Scalar,
    /// `zρ`.
    pub(crate) encryption: G::Scalar,
    /// `zs`.
    pub(crate) tag: G::Scalar,
    /// `zr`; zero in profile `token`.
    pub(crate) opening: G::Scalar,
}

/// The registrar's blind signature of a tag, in profile `token` (§13). Its check is the caller's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The 32 bytes before the message [RFC 9474 §4].
    pub randomizer: [u8; 32],
    /// RSABSSA-SHA384-PSS-Randomized.
    pub signature: Vec<u8>,
}

impl Token {
    /// What stands in the place of `ringRoot` in profile `token`.
    pub fn root(&self, district: u32) -> [u8; 32] {
        let transcript = Transcript::new("token").number(district).field(&self.randomizer);
        crate::hash::half(&transcript.field(&self.signature).hash())
    }
}

impl<G: Group> UnverifiedBallot<G> {
    /// Reads the ballot of a style with this shape. [`Header::parse`] tells the style before.
    ///
    /// # Errors
    /// The length, the version, the flags or a scalar are wrong.
    pub fn parse(bytes: &[u8], shape: &Shape) -> Result<Self, ParseBallotError> {
        // [BAL-03]
        if bytes.len() != shape.ballot_length::<G>() {
            return Err(ParseBallotError::Length);
        }
        let (body, key) = bytes.split_last_chunk().ok_or(ParseBallotError::Length)?;
        Ok(Self { bytes: bytes.to_vec(), ..Self::locked(body, CastLock::of(key), shape)? })
    }

    /// The ballot of a second device, which has `λ` in the place of `κ`: it can be verified and not be cast.
    pub(crate) fn locked(body: &[u8], lock: CastLock, shape: &Shape) -> Result<Self, ParseBallotError> {
        let header = Header::parse(body)?;
        if matches!(header.place, Place::District(_)) != shape.signature_length().is_some() {
            return Err(ParseBallotError::Flags);
        }
        let mut reader = Reader(body);
        let _ = reader.take(Header::LENGTH)?;
        let encodings = Parts::read(shape, || {
            G::PointBytes::from_slice(reader.take(G::PointBytes::LENGTH)?).ok_or(ParseBallotError::Length)
        })?;
        let responses = Responses::read(shape, &mut reader)?;
        let token = shape.signature_length().map(|length| Token::read(length, &mut reader)).transpose()?;
        let digest = tracking::digest(body, &lock);
        Ok(Self { bytes: Vec::new(), header, lock, digest, encodings, responses, token })
    }

    /// Style, and ring or district.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The ring that it was made in, in profile `ring`.
    pub const fn ring(&self) -> Option<RingIndex> {
        match self.header.place {
            Place::Ring(ring) => Some(ring),
            Place::District(_) => None,
        }
    }

    /// `T`, the same in all ballots of one voter. Not yet known to be the encoding of a point.
    pub const fn tag(&self) -> &G::PointBytes {
        &self.encodings.tag
    }

    /// `α`: no two ballots that were made rightly have one, so it names a spoiled ballot that is cast after all. Not yet
    /// known to be the encoding of a point.
    pub const fn alpha(&self) -> &G::PointBytes {
        &self.encodings.alpha
    }

    /// The token, in profile `token`.
    pub const fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// The ballot as it arrived.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What its voter was shown.
    pub fn tracking_code(&self) -> TrackingCode {
        TrackingCode::of_digest(&self.digest)
    }
}

impl<G: Group> Responses<G> {
    fn read(shape: &Shape, reader: &mut Reader<'_>) -> Result<Self, ParseBallotError> {
        let mut scalar = || {
            let bytes = G::ScalarBytes::from_slice(reader.take(G::ScalarBytes::LENGTH)?);
            // [BAL-05]
            bytes.and_then(|bytes| G::decode_scalar(&bytes)).ok_or(ParseBallotError::Scalar)
        };
        let masked = (0..shape.masked_columns()).map(|_| scalar()).collect::<Result<_, _>>()?;
        let (rows, encryption, tag) = (scalar()?, scalar()?, scalar()?);
        let opening = if shape.digits() == 0 { crate::group::Field::ZERO } else { scalar()? };
        Ok(Self { masked, rows, encryption, tag, opening })
    }
}

impl Token {
    fn read(length: usize, reader: &mut Reader<'_>) -> Result<Self, ParseBallotError> {
        let (randomizer, _) = reader.take(32)?.split_first_chunk().ok_or(ParseBallotError::Length)?;
        Ok(Self { randomizer: *randomizer, signature: reader.take(length)?.to_vec() })
    }
}

/// What is left of a ballot being read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ParseBallotError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(ParseBallotError::Length)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// Why bytes are not a ballot: reason `encoding` of §11.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseBallotError {
    /// BAL-03: shorter or longer than a ballot of its style.
    #[error("the length is not that of a ballot of this style")]
    Length,
    /// BAL-04: the version is not 1.
    #[error("the version is not known")]
    Version,
    /// BAL-04: the flags are not those of the election's profile.
    #[error("the flags are not those of the profile")]
    Flags,
    /// BAL-05: a scalar is not less than the group's order.
    #[error("a scalar is not canonical")]
    Scalar,
}

impl ParseBallotError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length => "BAL-03",
            Self::Version | Self::Flags => "BAL-04",
            Self::Scalar => "BAL-05",
        }
    }
}

#[cfg(test)]
mod tests;
