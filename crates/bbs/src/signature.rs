//! Signing and verifying all messages.

use crate::{
    generators::{Generator, Generators, MAX_MESSAGES},
    key::{PublicKey, SecretKey, read_point, read_scalar},
    suite::Suite,
    transcript::domain,
};
use sinpyo_bls12381::{
    DecodePointError, FixedBase, G1, PreparedG2, Scalar, pairings_are_equal, sum_of_products,
    sum_of_products_secret,
};
use std::fmt;
use zeroize::Zeroizing;

/// A signature over a header and messages: `A = (P1 + Q_1·domain + Σ H_i·m_i) / (SK + e)`, and `e`.
///
/// To show it is to be recognised by it; show a [`crate::Proof`] instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(crate) a: G1,
    pub(crate) e: Scalar,
}

impl Signature {
    /// Length of the encoding in bytes.
    pub const BYTES: usize = G1::BYTES + Scalar::BYTES;

    /// Reads the 80-byte form [§4.2.4.3, `octets_to_signature`].
    ///
    /// # Errors
    /// Another length, a point that is not canonical, outside the subgroup or the identity, or `e` outside
    /// 1 … r − 1.
    pub fn from_octets(mut octets: &[u8]) -> Result<Self, ParseSignatureError> {
        // [BBS-02]
        if octets.len() != Self::BYTES {
            return Err(ParseSignatureError::Length);
        }
        let a = read_point(&mut octets).map_err(ParseSignatureError::Point)?;
        let e = read_scalar(&mut octets).ok_or(ParseSignatureError::Scalar)?;
        Ok(Self { a, e })
    }

    /// The 80-byte form.
    pub fn to_octets(&self) -> [u8; Self::BYTES] {
        let mut octets = [0; Self::BYTES];
        let (a, e) = octets.split_at_mut(G1::BYTES);
        a.copy_from_slice(&self.a.to_compressed());
        e.copy_from_slice(&self.e.to_be_bytes());
        octets
    }
}

impl SecretKey {
    /// Signs `header` and `messages`, in this order [§3.5.1 `Sign`]. Deterministic.
    ///
    /// # Errors
    /// More than [`MAX_MESSAGES`] messages.
    pub fn sign(&self, suite: Suite, header: &[u8], messages: &[&[u8]]) -> Result<Signature, SignError> {
        // [BBS-06]
        if messages.len() > MAX_MESSAGES {
            return Err(SignError::TooManyMessages);
        }
        let generators = Generators::of(suite);
        let bases = generators.first(messages.len());
        let domain = domain(suite, &self.public, &bases, header);
        let messages = suite.message_scalars(messages.iter().copied());

        let mut input = Zeroizing::new(Vec::with_capacity((messages.len() + 2) * Scalar::BYTES));
        for scalar in [&self.scalar].into_iter().chain(&messages).chain([&domain]) {
            input.extend_from_slice(&*Zeroizing::new(scalar.to_be_bytes()));
        }
        let e = suite.hash_to_scalar(&input);
        let inverse = (&self.scalar + &e).invert().ok_or(SignError::Degenerate)?;
        let one = Scalar::reduce(&[1]);
        let b = sum_of_products_secret(&b_terms(generators.p1(), &bases, &one, &domain, &messages));
        let a = b.times(&inverse);
        if a.is_identity() || e.is_zero() { Err(SignError::Degenerate) } else { Ok(Signature { a, e }) }
    }
}

/// The terms of `B = P1 + Q_1·domain + Σ H_i·m_i`.
pub(crate) fn b_terms<'t>(
    p1: &'t FixedBase,
    bases: &[&'t Generator],
    one: &'t Scalar,
    domain: &'t Scalar,
    messages: &'t [Scalar],
) -> Vec<(&'t FixedBase, &'t Scalar)> {
    let scalars = [domain].into_iter().chain(messages);
    let products = bases.iter().map(|generator| &generator.base).zip(scalars);
    [(p1, one)].into_iter().chain(products).collect()
}

impl PublicKey {
    /// Checks that this key's owner signed `header` and exactly these `messages` in this order [§3.5.2 `Verify`].
    ///
    /// # Errors
    /// See [`VerifySignatureError`].
    pub fn verify<'m>(
        &self,
        suite: Suite,
        signature: &Signature,
        header: &'m [u8],
        messages: &'m [&'m [u8]],
    ) -> Result<Signed<'m>, VerifySignatureError> {
        // [BBS-06]
        if messages.len() > MAX_MESSAGES {
            return Err(VerifySignatureError::TooManyMessages);
        }
        let generators = Generators::of(suite);
        let bases = generators.first(messages.len());
        let domain = domain(suite, self, &bases, header);
        let scalars = suite.message_scalars(messages.iter().copied());

        // e(A, W + P2·e) = e(B, P2) is e(A, W) = e(B − A·e, P2): one sum, and both right-hand points prepared.
        let (one, minus_e, a) = (Scalar::reduce(&[1]), -&signature.e, FixedBase::new(&signature.a));
        let mut terms = b_terms(generators.p1(), &bases, &one, &domain, &scalars);
        terms.push((&a, &minus_e));
        let right = sum_of_products(&terms);
        // [BBS-04]
        if pairings_are_equal((&signature.a, self.prepared()), (&right, PreparedG2::generator())) {
            Ok(Signed { header, messages })
        } else {
            Err(VerifySignatureError::BadSignature)
        }
    }
}

/// A header and messages that a key's owner is proven to have signed.
#[must_use]
pub struct Signed<'m> {
    header: &'m [u8],
    messages: &'m [&'m [u8]],
}

impl<'m> Signed<'m> {
    /// The signed header.
    pub const fn header(&self) -> &'m [u8] {
        self.header
    }

    /// All signed messages, in order.
    pub const fn messages(&self) -> &'m [&'m [u8]] {
        self.messages
    }
}

impl fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").finish_non_exhaustive()
    }
}

/// Why bytes are not a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseSignatureError {
    /// BBS-02: not 80 bytes.
    #[error("a signature has 80 bytes")]
    Length,
    /// BBS-02: not a usable point.
    #[error("the signature's point is not a point of the group")]
    Point(#[source] DecodePointError),
    /// BBS-02: zero, or not below the group order.
    #[error("the signature's scalar is out of range")]
    Scalar,
}

impl ParseSignatureError {
    /// The rule that refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length | Self::Point(_) | Self::Scalar => "BBS-02",
        }
    }
}

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// BBS-06: more than [`MAX_MESSAGES`].
    #[error("more than {MAX_MESSAGES} messages")]
    TooManyMessages,
    /// These inputs hash to a value that cannot be signed, which happens with probability 2^-255.
    #[error("the messages cannot be signed with this key")]
    Degenerate,
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifySignatureError {
    /// BBS-06: more than [`MAX_MESSAGES`].
    #[error("more than {MAX_MESSAGES} messages")]
    TooManyMessages,
    /// BBS-04: made by another key, or over another header or other messages.
    #[error("the signature does not verify")]
    BadSignature,
}

impl VerifySignatureError {
    /// The rule that refused.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooManyMessages => "BBS-06",
            Self::BadSignature => "BBS-04",
        }
    }
}
