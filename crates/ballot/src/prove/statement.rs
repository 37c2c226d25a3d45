//! The ballot as a function of its secrets: the wallet and the second device compute it in the same way.

use super::arithmetic::Arithmetic;
use super::masks::{Masks, Published};
use super::rows::{self, Digit};
use crate::ballot::{CastKey, Header, Parts, Responses, Token};
use crate::challenge::Binding;
use crate::check::Shown;
use crate::group::{Element, Field, Group};
use crate::hash::Transcript;
use crate::setting::Setting;
use crate::verify::{powers, tag_power};
use sinpyo_core::Secret;
use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// What a ballot says and everything that it is made from, but what only its voter knows.
pub(crate) struct Statement<'a, G: Group> {
    pub(crate) setting: &'a Setting<G>,
    pub(crate) binding: Binding<'a>,
    pub(crate) position: u32,
    pub(crate) choices: &'a [u8],
    /// `b`.
    pub(crate) seed: &'a [u8; 32],
    /// `w`.
    pub(crate) fresh: &'a [u8; 32],
    /// `s`; anything if the tag is given.
    pub(crate) tag_secret: &'a G::Scalar,
}

/// How that is made which needs what only the voter knows. The proof must hold with what is given.
pub(crate) enum Opening<'a, G: Group> {
    /// `X_0` and `zr` from `r`.
    Known(&'a G::Scalar),
    /// They are given.
    Given {
        /// `X_0`.
        first: G::PointBytes,
        /// `zr`.
        response: G::Scalar,
    },
    /// Profile `token`: `T`, `Y0` and `zs` from `s`.
    Tag,
    /// They are given.
    GivenTag {
        /// `T`.
        tag: G::PointBytes,
        /// `Y0`.
        first: G::PointBytes,
        /// `zs`.
        response: G::Scalar,
    },
}

/// A ballot's points and scalars.
pub(crate) struct Draft<G: Group> {
    parts: Parts<G::PointBytes>,
    responses: Responses<G>,
}

/// The secrets of the proof while it is made.
struct Witness<G: Group> {
    /// `σ`.
    chosen: Zeroizing<Vec<G::Scalar>>,
    /// `ρ`.
    encryption: Zeroizing<G::Scalar>,
    masks: Masks<G>,
}

impl<G: Group> Witness<G> {
    /// The scalars of `B`: `σ`, `a(1 - 2σ)`, `rB`.
    fn row_scalars(&self) -> Zeroizing<Vec<G::Scalar>> {
        let two = G::Scalar::ONE + G::Scalar::ONE;
        let columns = self.chosen.iter().zip(&self.masks.columns);
        let crossed = columns.map(|(chosen, mask)| *mask * (G::Scalar::ONE - two * *chosen));
        joined(self.chosen.iter().copied(), crossed, self.masks.row_blinding)
    }

    /// The scalars of `A`: `a`, `-a²`, `rA`.
    fn mask_scalars(&self) -> Zeroizing<Vec<G::Scalar>> {
        let columns = &self.masks.columns;
        joined(columns.iter().copied(), columns.iter().map(|mask| -(*mask * *mask)), self.masks.mask_blinding)
    }
}

/// One list that never grows, so that no copy of it is left behind.
fn joined<S: Field>(
    left: impl ExactSizeIterator<Item = S>,
    right: impl ExactSizeIterator<Item = S>,
    last: S,
) -> Zeroizing<Vec<S>> {
    let length = left.len().saturating_add(right.len()).saturating_add(1);
    let mut scalars = Zeroizing::new(Vec::with_capacity(length));
    scalars.extend(left.chain(right).chain([last]));
    scalars
}

impl<G: Group> Statement<'_, G> {
    /// `ρ`: the encryption's randomness.
    pub(crate) fn encryption(&self) -> Zeroizing<G::Scalar> {
        let transcript = self.binding.bind(Transcript::secret("rho").field(self.seed));
        Zeroizing::new(transcript.field(self.choices).scalar::<G>())
    }

    /// Computes the ballot (§9.2).
    pub(crate) fn make(&self, arithmetic: &impl Arithmetic<G>, opening: &Opening<'_, G>) -> Draft<G> {
        let shape = self.setting.shape();
        let chosen = rows::one_hot(shape, self.position, self.choices);
        let encryption = self.encryption();
        let mut published = self.publish(arithmetic, &chosen, &encryption);
        if let Opening::GivenTag { tag, .. } = opening {
            published.tag = *tag;
        }
        let mut masks = Masks::derive(self, &published);
        match opening {
            Opening::Known(opening) => masks.own_opening(opening),
            Opening::Tag => masks.own_tag(self.tag_secret),
            Opening::Given { .. } | Opening::GivenTag { .. } => (),
        }
        let witness = Witness { chosen, encryption, masks };
        let mut parts = self.first_message(arithmetic, &witness, published, opening);
        let first = self.binding.first::<G>(&parts);
        parts.beta_first = G::encode(&self.beta_first(arithmetic, &witness, first.powers()));
        let challenge = first.second(&parts.beta_first);
        Draft { responses: self.respond(&witness, challenge, opening), parts }
    }

    fn publish(
        &self,
        arithmetic: &impl Arithmetic<G>,
        chosen: &[G::Scalar],
        encryption: &G::Scalar,
    ) -> Published<G> {
        let masked = arithmetic.keys(&Zeroizing::new(vec![*encryption; self.setting.keys().len()]));
        let votes = self.setting.shape().options_of(chosen);
        Published {
            tag: G::encode(&arithmetic.tag(self.tag_secret)),
            alpha: G::encode(&G::mul_base(encryption)),
            beta: votes.zip(masked).map(|(vote, masked)| G::encode(&(masked + self.vote(vote)))).collect(),
        }
    }

    /// `G` when `vote` is 1, the identity when it is 0.
    fn vote(&self, vote: &G::Scalar) -> G::Point {
        G::Point::conditional_select(
            &G::Point::identity(),
            &self.setting.bases.base,
            vote.ct_eq(&G::Scalar::ONE),
        )
    }

    /// All points but `T1`, for which the identity stands.
    fn first_message(
        &self,
        arithmetic: &impl Arithmetic<G>,
        witness: &Witness<G>,
        published: Published<G>,
        opening: &Opening<'_, G>,
    ) -> Parts<G::PointBytes> {
        Parts {
            tag: published.tag,
            alpha: published.alpha,
            beta: published.beta,
            masks: G::encode(&arithmetic.rows(&witness.mask_scalars())),
            rows: G::encode(&arithmetic.rows(&witness.row_scalars())),
            ring: self.commit_ring(arithmetic, witness, opening),
            tag_first: match opening {
                Opening::GivenTag { first, .. } => *first,
                _ => G::encode(&arithmetic.tag(&witness.masks.tag)),
            },
            alpha_first: G::encode(&G::mul_base(&witness.masks.encryption)),
            beta_first: G::encode(&G::Point::identity()),
        }
    }

    /// `X_0 … X_{D-1}`: over all positions, whatever the voter's.
    fn commit_ring(
        &self,
        arithmetic: &impl Arithmetic<G>,
        witness: &Witness<G>,
        opening: &Opening<'_, G>,
    ) -> Vec<G::PointBytes> {
        let (shape, masks) = (self.setting.shape(), &witness.masks);
        let digits = shape.digits_of(&witness.chosen).zip(shape.digits_of(&masks.columns));
        let digits: Vec<_> = digits.map(|(chosen, masks)| Digit { chosen, masks }).collect();
        let zero = G::Scalar::ZERO;
        let secrets = [&masks.tag].into_iter().chain(std::iter::repeat(&zero));
        let blinded =
            masks.ring.iter().zip(secrets).map(|(blinding, secret)| arithmetic.open(blinding, secret));
        let sums = arithmetic.ring(&digits).into_iter().zip(blinded);
        let mut points: Vec<_> = sums.map(|(sum, blinded)| G::encode(&(sum + blinded))).collect();
        if let (Opening::Given { first, .. }, Some(place)) = (opening, points.first_mut()) {
            *place = *first;
        }
        points
    }

    /// `T1 = (Σ e^i·a_i)·G + τ·(Σ e^i·K_i)`.
    fn beta_first(
        &self,
        arithmetic: &impl Arithmetic<G>,
        witness: &Witness<G>,
        powers: impl Iterator<Item = G::Scalar>,
    ) -> G::Point {
        let masks = self.setting.shape().options_of(&witness.masks.columns);
        let mut votes = Zeroizing::new(G::Scalar::ZERO);
        let mut scalars = Zeroizing::new(Vec::with_capacity(self.setting.keys().len()));
        for (power, mask) in powers.zip(masks) {
            *votes += power * *mask;
            scalars.push(power * witness.masks.encryption);
        }
        arithmetic.keys(&scalars).into_iter().fold(G::mul_base(&votes), |sum, key| sum + key)
    }

    fn respond(&self, witness: &Witness<G>, x: G::Scalar, opening: &Opening<'_, G>) -> Responses<G> {
        let masks = &witness.masks;
        let shape = self.setting.shape();
        let columns = shape.rows_of(&witness.chosen).zip(shape.rows_of(&masks.columns));
        let masked = columns.flat_map(|(chosen, masks)| chosen.iter().zip(masks).skip(1));
        let last = tag_power(self.setting, x);
        let tag = match opening {
            Opening::GivenTag { response, .. } => *response,
            _ => *self.tag_secret * last - masks.tag,
        };
        let response = match opening {
            Opening::Known(opening) => {
                let blindings = powers(x).zip(&masks.ring).map(|(power, blinding)| power * *blinding);
                **opening * last - blindings.sum::<G::Scalar>()
            }
            Opening::Given { response, .. } => *response,
            Opening::Tag | Opening::GivenTag { .. } => G::Scalar::ZERO,
        };
        Responses {
            masked: masked.map(|(chosen, mask)| *chosen * x + *mask).collect(),
            rows: masks.row_blinding * x + masks.mask_blinding,
            encryption: *witness.encryption * x + masks.encryption,
            tag,
            opening: response,
        }
    }
}

impl<G: Group> Draft<G> {
    /// What the second device is given in profile `ring`: `s`, the position, `X_0` and `zr`.
    pub(crate) fn shown(&self, position: u32, secret: Secret<G::Scalar>) -> Option<Shown<G>> {
        let first = *self.parts.ring.first()?;
        Some(Shown::Ring { secret, position, first, response: self.responses.opening })
    }

    /// What it is given in profile `token`: `T`, `Y0`, `zs` and the token.
    pub(crate) fn shown_token(&self, token: Token) -> Shown<G> {
        let Parts { tag, tag_first: first, .. } = &self.parts;
        Shown::Token { tag: *tag, first: *first, response: self.responses.tag, token }
    }

    /// The ballot's bytes (§§8, 13).
    pub(crate) fn to_bytes(&self, header: Header, token: Option<&Token>, key: &CastKey) -> Vec<u8> {
        let mut bytes = self.to_body(header, token);
        bytes.extend_from_slice(key.expose());
        bytes
    }

    /// The ballot's bytes without the cast key.
    pub(crate) fn to_body(&self, header: Header, token: Option<&Token>) -> Vec<u8> {
        let mut bytes = header.to_bytes().to_vec();
        for point in self.parts.iter() {
            bytes.extend_from_slice(point.as_ref());
        }
        let responses = &self.responses;
        let ring = token.is_none().then_some(&responses.opening);
        let last = [&responses.rows, &responses.encryption, &responses.tag].into_iter().chain(ring);
        for scalar in responses.masked.iter().chain(last) {
            bytes.extend_from_slice(G::encode_scalar(scalar).as_ref());
        }
        if let Some(token) = token {
            bytes.extend_from_slice(&token.randomizer);
            bytes.extend_from_slice(&token.signature);
        }
        bytes
    }
}
