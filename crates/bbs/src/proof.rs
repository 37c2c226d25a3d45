//! Proofs and their verification.

use crate::{
    generators::{Generators, MAX_MESSAGES},
    key::{PublicKey, read_point, read_scalar},
    suite::Suite,
    transcript::{Commitments, challenge, domain},
};
use sinpyo_bls12381::{
    DecodePointError, FixedBase, G1, PreparedG2, Scalar, pairings_are_equal, sum_of_products,
};
use std::fmt;

/// A proof that its maker holds a signature over certain messages, showing some of them.
///
/// Two proofs from one signature have nothing in common but the number of hidden messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub(crate) a_bar: G1,
    pub(crate) b_bar: G1,
    pub(crate) d: G1,
    pub(crate) e: Scalar,
    pub(crate) r1: Scalar,
    pub(crate) r3: Scalar,
    /// One response for each message that is not shown.
    pub(crate) messages: Vec<Scalar>,
    pub(crate) challenge: Scalar,
}

/// Length in bytes of a proof that hides nothing: three points, `e`, `r1`, `r3` and the challenge.
const FLOOR: usize = 3 * G1::BYTES + 4 * Scalar::BYTES;

impl Proof {
    /// Reads a proof [§4.2.4.5, `octets_to_proof`].
    ///
    /// # Errors
    /// A length that no number of messages gives, a point that is not canonical, outside the subgroup or the
    /// identity, or a scalar outside 1 … r − 1.
    pub fn from_octets(mut octets: &[u8]) -> Result<Self, ParseProofError> {
        // [BBS-03]
        let hidden = match octets.len().checked_sub(FLOOR) {
            Some(rest) if rest % Scalar::BYTES == 0 => rest / Scalar::BYTES,
            _ => return Err(ParseProofError::Length),
        };
        // [BBS-06]
        if hidden > MAX_MESSAGES {
            return Err(ParseProofError::TooManyMessages);
        }
        let mut point = || read_point(&mut octets).map_err(ParseProofError::Point);
        let (a_bar, b_bar, d) = (point()?, point()?, point()?);
        let mut scalar = || read_scalar(&mut octets).ok_or(ParseProofError::Scalar);
        let (e, r1, r3) = (scalar()?, scalar()?, scalar()?);
        let messages = (0..hidden).map(|_| scalar()).collect::<Result<_, _>>()?;
        Ok(Self { a_bar, b_bar, d, e, r1, r3, messages, challenge: scalar()? })
    }

    /// The form that is sent: 272 bytes, and 32 for each hidden message.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(FLOOR + self.messages.len() * Scalar::BYTES);
        for point in [&self.a_bar, &self.b_bar, &self.d] {
            octets.extend_from_slice(&point.to_compressed());
        }
        for scalar in [&self.e, &self.r1, &self.r3].into_iter().chain(&self.messages).chain([&self.challenge])
        {
            octets.extend_from_slice(&scalar.to_be_bytes());
        }
        octets
    }

    /// How many signed messages are not shown.
    pub const fn hidden(&self) -> usize {
        self.messages.len()
    }
}

/// What a proof is said to show.
#[derive(Clone, Copy)]
pub struct Disclosure<'m> {
    /// The signed header.
    pub header: &'m [u8],
    /// What the verifier asked to be bound to the proof.
    pub presentation_header: &'m [u8],
    /// The shown messages with their positions among the signed ones, counted from 0, ascending.
    pub messages: &'m [(usize, &'m [u8])],
}

impl fmt::Debug for Disclosure<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disclosure").finish_non_exhaustive()
    }
}

impl PublicKey {
    /// Checks that `proof` comes from this key's signature over a header and messages of which `disclosure`
    /// tells the truth, and was made for its presentation header [§3.5.4 `ProofVerify`].
    ///
    /// # Errors
    /// See [`VerifyProofError`].
    pub fn verify_proof<'m>(
        &self,
        suite: Suite,
        proof: &Proof,
        disclosure: Disclosure<'m>,
    ) -> Result<Disclosed<'m>, VerifyProofError> {
        let total = disclosure.messages.len().saturating_add(proof.hidden());
        // [BBS-06]
        if total > MAX_MESSAGES {
            return Err(VerifyProofError::TooManyMessages);
        }
        let generators = Generators::of(suite);
        let bases = generators.first(total);
        let (own, message_bases) = bases.split_first().ok_or(VerifyProofError::Indexes)?;
        let indexes: Vec<usize> = disclosure.messages.iter().map(|(index, _)| *index).collect();
        // [BBS-05]
        let (shown, hidden) = divide(message_bases, &indexes).ok_or(VerifyProofError::Indexes)?;
        let domain = domain(suite, self, &bases, disclosure.header);
        let messages = suite.message_scalars(disclosure.messages.iter().map(|(_, message)| *message));

        // T1 = Bbar·c + Abar·e^ + D·r1^
        let [a_bar, b_bar, d] = [&proof.a_bar, &proof.b_bar, &proof.d].map(FixedBase::new);
        let t1 = sum_of_products(&[(&b_bar, &proof.challenge), (&a_bar, &proof.e), (&d, &proof.r1)]);
        // T2 = (P1 + Q_1·domain + Σ H_i·m_i)·c + D·r3^ + Σ H_j·m^_j, in one sum.
        let domain_c = &domain * &proof.challenge;
        let messages_c: Vec<_> = messages.iter().map(|message| message * &proof.challenge).collect();
        let mut terms = vec![(generators.p1(), &proof.challenge), (&own.base, &domain_c), (&d, &proof.r3)];
        terms.extend(shown.iter().map(|generator| &generator.base).zip(&messages_c));
        terms.extend(hidden.iter().map(|generator| &generator.base).zip(&proof.messages));
        let t2 = sum_of_products(&terms);

        let commitments = Commitments { a_bar: proof.a_bar, b_bar: proof.b_bar, d: proof.d, t1, t2, domain };
        let disclosed: Vec<_> = indexes.into_iter().zip(&messages).collect();
        // [BBS-07]
        if challenge(suite, &commitments, &disclosed, disclosure.presentation_header) != proof.challenge {
            return Err(VerifyProofError::Challenge);
        }
        // [BBS-08]
        if !pairings_are_equal((&proof.a_bar, self.prepared()), (&proof.b_bar, PreparedG2::generator())) {
            return Err(VerifyProofError::Pairing);
        }
        Ok(Disclosed { header: disclosure.header, messages: disclosure.messages })
    }
}

/// The items at `indexes`, and the others; `None` unless the indexes ascend within bounds.
pub(crate) fn divide<'i, T>(items: &'i [T], indexes: &[usize]) -> Option<(Vec<&'i T>, Vec<&'i T>)> {
    let ascending = indexes.windows(2).all(|pair| pair.first() < pair.last());
    if !ascending || indexes.last().is_some_and(|last| *last >= items.len()) {
        return None;
    }
    let (mut shown, mut hidden) = (Vec::new(), Vec::new());
    let mut wanted = indexes.iter().peekable();
    for (index, item) in items.iter().enumerate() {
        if wanted.next_if_eq(&&index).is_some() { shown.push(item) } else { hidden.push(item) }
    }
    Some((shown, hidden))
}

/// A header and messages that a key's owner is proven to have signed, among others that stay hidden.
#[must_use]
pub struct Disclosed<'m> {
    header: &'m [u8],
    messages: &'m [(usize, &'m [u8])],
}

impl<'m> Disclosed<'m> {
    /// The signed header.
    pub const fn header(&self) -> &'m [u8] {
        self.header
    }

    /// The shown messages and their positions among all that were signed.
    pub const fn messages(&self) -> &'m [(usize, &'m [u8])] {
        self.messages
    }
}

impl fmt::Debug for Disclosed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disclosed").finish_non_exhaustive()
    }
}

/// Why bytes are not a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProofError {
    /// BBS-03: 272 bytes and 32 for each hidden message are expected.
    #[error("no number of hidden messages gives a proof of this length")]
    Length,
    /// BBS-06: more than [`MAX_MESSAGES`] hidden messages.
    #[error("more than {MAX_MESSAGES} messages")]
    TooManyMessages,
    /// BBS-03: not a usable point.
    #[error("a point of the proof is not a point of the group")]
    Point(#[source] DecodePointError),
    /// BBS-03: zero, or not below the group order.
    #[error("a scalar of the proof is out of range")]
    Scalar,
}

impl ParseProofError {
    /// The rule that refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length | Self::Point(_) | Self::Scalar => "BBS-03",
            Self::TooManyMessages => "BBS-06",
        }
    }
}

/// Why a proof was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyProofError {
    /// BBS-06: more than [`MAX_MESSAGES`], shown and hidden.
    #[error("more than {MAX_MESSAGES} messages")]
    TooManyMessages,
    /// BBS-05: the positions are not ascending positions of messages.
    #[error("the disclosed positions are not ascending positions of messages")]
    Indexes,
    /// BBS-07: made for other messages, another header or another presentation.
    #[error("the challenge does not match what is disclosed")]
    Challenge,
    /// BBS-08: the signature behind it was not made by this key.
    #[error("the proof is not of a signature by this key")]
    Pairing,
}

impl VerifyProofError {
    /// The rule that refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooManyMessages => "BBS-06",
            Self::Indexes => "BBS-05",
            Self::Challenge => "BBS-07",
            Self::Pairing => "BBS-08",
        }
    }
}
