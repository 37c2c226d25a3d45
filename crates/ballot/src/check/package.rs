//! What the first device shows to the second, as a QR.

use crate::ballot::{CastLock, Header, Place, Token};
use crate::group::{Encoding, Group};
use crate::setting::SIGNATURE_LENGTHS;
use sinpyo_core::{Secret, encoding};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

const VERSION: u8 = 1;

/// The secrets of a ballot that is checked and never cast. Erased on drop.
///
/// It proves the vote, and tells the voter's tag: the second device must be the voter's own. It tells neither the cast
/// key, without which nobody casts the ballot, nor `r` (in profile `token` not `s`), without which nobody makes another.
pub struct CheckPackage<G: Group> {
    pub(crate) header: Header,
    /// `λ`.
    pub(crate) lock: CastLock,
    pub(crate) shown: Shown<G>,
    pub(crate) choices: Zeroizing<Vec<u8>>,
    /// `b`.
    pub(crate) seed: Secret<[u8; 32]>,
    /// `w`.
    pub(crate) fresh: Secret<[u8; 32]>,
}

/// What the second device cannot compute.
pub(crate) enum Shown<G: Group> {
    /// `s`, the position, and `X_0` and `zr`, which hide `r`.
    Ring { secret: Secret<G::Scalar>, position: u32, first: G::PointBytes, response: G::Scalar },
    /// `T`, and `Y0` and `zs`, which hide `s`; the token, which is not public yet.
    Token { tag: G::PointBytes, first: G::PointBytes, response: G::Scalar, token: Token },
}

impl<G: Group> Shown<G> {
    pub(crate) const fn token(&self) -> Option<&Token> {
        match self {
            Self::Ring { .. } => None,
            Self::Token { token, .. } => Some(token),
        }
    }

    /// `s`, in profile `ring`.
    pub(crate) const fn secret(&self) -> Option<&G::Scalar> {
        match self {
            Self::Ring { secret, .. } => Some(secret.expose()),
            Self::Token { .. } => None,
        }
    }
}

impl<G: Group> CheckPackage<G> {
    /// Style, and ring or district.
    pub const fn header(&self) -> Header {
        self.header
    }

    /// The token, in profile `token`: to check it with the registrar's key is the caller's.
    pub const fn token(&self) -> Option<&Token> {
        self.shown.token()
    }

    /// `version ‖ header ‖ λ ‖ contests ‖ choices ‖ b ‖ w`, then `s ‖ le32(position) ‖ X_0 ‖ zr`, or
    /// `T ‖ Y0 ‖ zs ‖ randomizer ‖ signature` in profile `token`.
    pub fn to_bytes(&self) -> Secret<Vec<u8>> {
        let contests = u8::try_from(self.choices.len()).unwrap_or(u8::MAX);
        let mut bytes = Vec::with_capacity(1024);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.header.to_bytes());
        bytes.extend_from_slice(&self.lock.0);
        bytes.push(contests);
        for part in [&self.choices, self.seed.expose().as_slice(), self.fresh.expose()] {
            bytes.extend_from_slice(part);
        }
        match &self.shown {
            Shown::Ring { secret, position, first, response } => {
                bytes.extend_from_slice(G::encode_scalar(secret.expose()).as_ref());
                bytes.extend_from_slice(&position.to_le_bytes());
                bytes.extend_from_slice(first.as_ref());
                bytes.extend_from_slice(G::encode_scalar(response).as_ref());
            }
            Shown::Token { tag, first, response, token } => {
                bytes.extend_from_slice(tag.as_ref());
                bytes.extend_from_slice(first.as_ref());
                bytes.extend_from_slice(G::encode_scalar(response).as_ref());
                bytes.extend_from_slice(&token.randomizer);
                bytes.extend_from_slice(&token.signature);
            }
        }
        Secret::new(bytes)
    }

    /// Its bytes as base64url.
    pub fn to_text(&self) -> Secret<String> {
        Secret::new(encoding::to_base64url(self.to_bytes().expose()))
    }

    /// Reads what [`CheckPackage::to_bytes`] gave.
    ///
    /// # Errors
    /// The bytes are not such.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParsePackageError> {
        let mut reader = Reader(bytes);
        if reader.take(1)? != [VERSION] {
            return Err(ParsePackageError);
        }
        let header = Header::parse(reader.take(Header::LENGTH)?).map_err(|_| ParsePackageError)?;
        let lock = CastLock(reader.array()?);
        let contests = reader.take(1)?.first().copied().map_or(0, usize::from);
        let choices = Zeroizing::new(reader.take(contests)?.to_vec());
        let (seed, fresh) = (Secret::new(reader.array()?), Secret::new(reader.array()?));
        let shown = match header.place {
            Place::Ring(_) => Shown::Ring {
                secret: Secret::new(reader.scalar::<G>()?),
                position: u32::from_le_bytes(reader.array()?),
                first: reader.point::<G>()?,
                response: reader.scalar::<G>()?,
            },
            Place::District(_) => {
                let (tag, first, response) =
                    (reader.point::<G>()?, reader.point::<G>()?, reader.scalar::<G>()?);
                let (randomizer, signature) = (reader.array()?, reader.rest());
                if !SIGNATURE_LENGTHS.contains(&signature.len()) {
                    return Err(ParsePackageError);
                }
                let token = Token { randomizer, signature: signature.to_vec() };
                Shown::Token { tag, first, response, token }
            }
        };
        if reader.rest().is_empty() {
            Ok(Self { header, lock, shown, choices, seed, fresh })
        } else {
            Err(ParsePackageError)
        }
    }

    /// Reads what [`CheckPackage::to_text`] gave.
    ///
    /// # Errors
    /// The text is not such.
    pub fn parse_text(text: &str) -> Result<Self, ParsePackageError> {
        Self::parse(&Zeroizing::new(encoding::from_base64url(text).map_err(|_| ParsePackageError)?))
    }
}

impl<G: Group> Drop for CheckPackage<G> {
    fn drop(&mut self) {
        if let Shown::Ring { position, response, .. } = &mut self.shown {
            position.zeroize();
            response.zeroize();
        }
    }
}

impl<G: Group> fmt::Debug for CheckPackage<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckPackage").finish_non_exhaustive()
    }
}

/// What is left of a package being read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ParsePackageError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(ParsePackageError)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], ParsePackageError> {
        self.take(LENGTH)?.try_into().map_err(|_| ParsePackageError)
    }

    /// An encoding; whether it is that of a point shows when the ballot is verified.
    fn point<G: Group>(&mut self) -> Result<G::PointBytes, ParsePackageError> {
        G::PointBytes::from_slice(self.take(G::PointBytes::LENGTH)?).ok_or(ParsePackageError)
    }

    fn scalar<G: Group>(&mut self) -> Result<G::Scalar, ParsePackageError> {
        let bytes = G::ScalarBytes::from_slice(self.take(G::ScalarBytes::LENGTH)?);
        bytes.and_then(|bytes| G::decode_scalar(&bytes)).ok_or(ParsePackageError)
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

/// The bytes are not a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the package of a ballot to be checked")]
pub struct ParsePackageError;

impl ParsePackageError {
    /// The rule that was broken.
    pub const fn code(&self) -> &'static str {
        "BAL-25"
    }
}
