//! Proving possession of a signature.

use crate::{
    generators::{Generators, MAX_MESSAGES},
    key::{PublicKey, random_scalar},
    proof::{Proof, divide},
    signature::{Signature, b_terms},
    suite::Suite,
    transcript::{Commitments, challenge, domain},
};
use sinpyo_bls12381::{FixedBase, G1, Scalar, sum_of_products_secret};
use sinpyo_core::key::Entropy;
use std::fmt;

/// What was signed, and what of it to show.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    /// The signed header; always shown.
    pub header: &'a [u8],
    /// What binds the proof to one presentation, such as the verifier's nonce; it was not signed.
    pub presentation_header: &'a [u8],
    /// All signed messages, in the order in which they were signed.
    pub messages: &'a [&'a [u8]],
    /// Positions in `messages` of those to show, counted from 0, ascending.
    pub disclosed: &'a [usize],
}

impl fmt::Debug for Selection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selection").field("disclosed", &self.disclosed).finish_non_exhaustive()
    }
}

impl PublicKey {
    /// Proves possession of this key's `signature`, showing what `selection` says [§3.5.3 `ProofGen`].
    ///
    /// The signature is not verified first: from a wrong one comes a proof that does not verify.
    ///
    /// # Errors
    /// See [`ProveError`].
    pub fn prove(
        &self,
        suite: Suite,
        signature: &Signature,
        selection: &Selection<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Proof, ProveError> {
        // [BBS-06]
        if selection.messages.len() > MAX_MESSAGES {
            return Err(ProveError::TooManyMessages);
        }
        let messages = suite.message_scalars(selection.messages.iter().copied());
        // [BBS-05]
        let (disclosed, hidden) = divide(&messages, selection.disclosed).ok_or(ProveError::Indexes)?;
        let disclosed: Vec<_> = selection.disclosed.iter().copied().zip(disclosed).collect();
        let random = Blinding::random(hidden.len(), entropy);
        let inverse = random.r2.invert().ok_or(ProveError::Degenerate)?;

        let generators = Generators::of(suite);
        let bases = generators.first(messages.len());
        let domain = domain(suite, self, &bases, selection.header);
        let one = Scalar::reduce(&[1]);
        let b = sum_of_products_secret(&b_terms(generators.p1(), &bases, &one, &domain, &messages));

        let d = b.times(&random.r2);
        let a_bar = signature.a.times(&(&random.r1 * &random.r2));
        let (d_base, a_base) = (FixedBase::new(&d), FixedBase::new(&a_bar));
        let b_bar = sum_of_products_secret(&[(&d_base, &random.r1), (&a_base, &-&signature.e)]);
        let t1 = sum_of_products_secret(&[(&a_base, &random.e), (&d_base, &random.r1_tilde)]);
        let (_, message_bases) = bases.split_first().ok_or(ProveError::Indexes)?;
        let (_, hidden_bases) = divide(message_bases, selection.disclosed).ok_or(ProveError::Indexes)?;
        let mut terms = vec![(&d_base, &random.r3_tilde)];
        terms.extend(hidden_bases.iter().map(|generator| &generator.base).zip(&random.messages));
        let t2 = sum_of_products_secret(&terms);

        let commitments = Commitments { a_bar, b_bar, d, t1, t2, domain };
        if [a_bar, b_bar, d].iter().any(G1::is_identity) {
            return Err(ProveError::Degenerate);
        }
        let challenge = challenge(suite, &commitments, &disclosed, selection.presentation_header);
        Ok(Proof {
            a_bar,
            b_bar,
            d,
            e: &random.e + &(&signature.e * &challenge),
            r1: &random.r1_tilde - &(&random.r1 * &challenge),
            r3: &random.r3_tilde - &(&inverse * &challenge),
            messages: random
                .messages
                .iter()
                .zip(hidden)
                .map(|(tilde, m)| tilde + &(m * &challenge))
                .collect(),
            challenge,
        })
    }
}

/// The randomness of one proof, in the order in which it is drawn [§3.6.3].
struct Blinding {
    r1: Scalar,
    r2: Scalar,
    e: Scalar,
    r1_tilde: Scalar,
    r3_tilde: Scalar,
    messages: Vec<Scalar>,
}

impl Blinding {
    fn random(hidden: usize, entropy: &mut dyn Entropy) -> Self {
        let mut next = || random_scalar(entropy);
        Self {
            r1: next(),
            r2: next(),
            e: next(),
            r1_tilde: next(),
            r3_tilde: next(),
            messages: (0..hidden).map(|_| next()).collect(),
        }
    }
}

/// Why there is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// BBS-06: more than [`MAX_MESSAGES`].
    #[error("more than {MAX_MESSAGES} messages")]
    TooManyMessages,
    /// BBS-05: the positions are not ascending positions of messages.
    #[error("the disclosed positions are not ascending positions of messages")]
    Indexes,
    /// The randomness was zero where it must not be, which happens with probability 2^-255.
    #[error("the randomness cannot be used")]
    Degenerate,
}
