//! The ballot as a function of its secrets: the wallet and the second device compute it in the same way.

use super::masks::{Masks, Published};
use super::rows;
use crate::ballot::{Header, Parts, Responses, Token};
use crate::challenge::Binding;
use crate::check::Shown;
use crate::group::{Element, Field, Group};
use crate::hash::Transcript;
use crate::ring::Ring;
use crate::setting::Setting;
use crate::verify::{powers, tag_power};
use zeroize::Zeroizing;

/// What a ballot says and everything that it is made from, but the opening of the voter's commitment.
pub(crate) struct Statement<'a, G: Group> {
    pub(crate) setting: &'a Setting<G>,
    pub(crate) binding: Binding<'a>,
    pub(crate) ring: Option<&'a Ring<G>>,
    pub(crate) position: u32,
    pub(crate) choices: &'a [u8],
    /// `b`.
    pub(crate) seed: &'a [u8; 32],
    /// `w`.
    pub(crate) fresh: &'a [u8; 32],
    /// `s`.
    pub(crate) tag_secret: &'a G::Scalar,
}

/// How `X_0` and `zr` are made.
pub(crate) enum Opening<'a, G: Group> {
    /// From `r`.
    Known(&'a G::Scalar),
    /// They are given; the proof must then hold with them.
    Given {
        /// `X_0`.
        first: G::PointBytes,
        /// `zr`.
        response: G::Scalar,
    },
    /// There is no ring.
    Absent,
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

impl<G: Group> Statement<'_, G> {
    /// `ρ`: the encryption's randomness.
    pub(crate) fn encryption(&self) -> Zeroizing<G::Scalar> {
        let transcript = self.binding.bind(Transcript::secret("rho").field(self.seed));
        Zeroizing::new(transcript.field(self.choices).scalar::<G>())
    }

    /// Computes the ballot (§9.2).
    pub(crate) fn make(&self, opening: &Opening<'_, G>) -> Draft<G> {
        let shape = self.setting.shape();
        let chosen = rows::one_hot(shape, self.position, self.choices);
        let encryption = self.encryption();
        let published = self.publish(&chosen, &encryption);
        let mut masks = Masks::derive(self, &published);
        if let Opening::Known(opening) = opening {
            masks.own(opening);
        }
        let witness = Witness { chosen, encryption, masks };
        let mut parts = self.first_message(&witness, published, opening);
        let first = self.binding.first::<G>(&parts);
        parts.beta_first = G::encode(&self.beta_first(&witness, first.powers()));
        let challenge = first.second(&parts.beta_first);
        Draft { responses: self.respond(&witness, challenge, opening), parts }
    }

    fn publish(&self, chosen: &[G::Scalar], encryption: &G::Scalar) -> Published<G> {
        let votes = self.setting.shape().options_of(chosen);
        let encrypt = |(vote, key)| G::encode(&(G::mul_base(vote) + G::mul(key, encryption)));
        Published {
            tag: G::encode(&G::mul(&self.setting.bases.tag, self.tag_secret)),
            alpha: G::encode(&G::mul_base(encryption)),
            beta: votes.zip(self.setting.keys()).map(encrypt).collect(),
        }
    }

    /// All points but `T1`, for which the identity stands.
    fn first_message(
        &self,
        witness: &Witness<G>,
        published: Published<G>,
        opening: &Opening<'_, G>,
    ) -> Parts<G::PointBytes> {
        let (rows, masks) = self.commit_rows(witness);
        Parts {
            tag: published.tag,
            alpha: published.alpha,
            beta: published.beta,
            masks: G::encode(&masks),
            rows: G::encode(&rows),
            ring: self.commit_ring(witness, opening),
            tag_first: G::encode(&G::mul(&self.setting.bases.tag, &witness.masks.tag)),
            alpha_first: G::encode(&G::mul_base(&witness.masks.encryption)),
            beta_first: G::encode(&G::Point::identity()),
        }
    }

    /// `B` and `A`.
    fn commit_rows(&self, witness: &Witness<G>) -> (G::Point, G::Point) {
        let bases = &self.setting.bases;
        let points: Vec<_> = bases.left.iter().chain(&bases.right).chain([&bases.blinding]).copied().collect();
        let commit = |left: &mut dyn Iterator<Item = G::Scalar>, right: &mut dyn Iterator<Item = G::Scalar>, blinding| {
            let mut scalars = Zeroizing::new(Vec::with_capacity(points.len()));
            scalars.extend(left.chain(right).chain([blinding]));
            G::sum_of_products(&scalars, &points)
        };
        let two = G::Scalar::ONE + G::Scalar::ONE;
        let (chosen, columns) = (&witness.chosen, &witness.masks.columns);
        let mut crossed = chosen.iter().zip(columns).map(|(chosen, mask)| *mask * (G::Scalar::ONE - two * *chosen));
        let mut squares = columns.iter().map(|mask| -(*mask * *mask));
        let rows = commit(&mut chosen.iter().copied(), &mut crossed, witness.masks.rows);
        let masks = commit(&mut columns.iter().copied(), &mut squares, witness.masks.masks);
        (rows, masks)
    }

    /// `X_0 … X_{D-1}`: over all positions, whatever the voter's.
    fn commit_ring(&self, witness: &Witness<G>, opening: &Opening<'_, G>) -> Vec<G::PointBytes> {
        let Some(ring) = self.ring else { return Vec::new() };
        let (shape, bases) = (self.setting.shape(), &self.setting.bases);
        let digits: Vec<_> =
            shape.digits_of(&witness.chosen).zip(shape.digits_of(&witness.masks.columns)).collect();
        let planes = rows::coefficients(digits.into_iter());
        let mut points = Vec::with_capacity(planes.len());
        for (number, (plane, blinding)) in planes.iter().zip(&witness.masks.ring).enumerate() {
            let point = match (number, opening) {
                (0, Opening::Given { first, .. }) => *first,
                (0, _) => {
                    let blinded = G::mul(&bases.blinding, blinding) + G::mul(&bases.secret, &witness.masks.tag);
                    G::encode(&(G::sum_of_products(plane, ring.points()) + blinded))
                }
                (_, _) => G::encode(&(G::sum_of_products(plane, ring.points()) + G::mul(&bases.blinding, blinding))),
            };
            points.push(point);
        }
        points
    }

    /// `T1 = (Σ e^i·a_i)·G + τ·(Σ e^i·K_i)`.
    fn beta_first(&self, witness: &Witness<G>, powers: impl Iterator<Item = G::Scalar>) -> G::Point {
        let masks = self.setting.shape().options_of(&witness.masks.columns);
        let mut votes = Zeroizing::new(G::Scalar::ZERO);
        let mut scalars = Zeroizing::new(Vec::with_capacity(self.setting.keys().len()));
        for (power, mask) in powers.zip(masks) {
            *votes += power * *mask;
            scalars.push(power * witness.masks.encryption);
        }
        G::mul_base(&votes) + G::sum_of_products(&scalars, self.setting.keys())
    }

    fn respond(&self, witness: &Witness<G>, x: G::Scalar, opening: &Opening<'_, G>) -> Responses<G> {
        let masks = &witness.masks;
        let shape = self.setting.shape();
        let columns = shape.rows_of(&witness.chosen).zip(shape.rows_of(&masks.columns));
        let masked = columns.flat_map(|(chosen, masks)| chosen.iter().zip(masks).skip(1));
        let last = tag_power(self.setting, x);
        let response = match opening {
            Opening::Known(opening) => {
                let blindings = powers(x).zip(&masks.ring).map(|(power, blinding)| power * *blinding);
                **opening * last - blindings.sum::<G::Scalar>()
            }
            Opening::Given { response, .. } => *response,
            Opening::Absent => G::Scalar::ZERO,
        };
        Responses {
            masked: masked.map(|(chosen, mask)| *chosen * x + *mask).collect(),
            rows: masks.rows * x + masks.masks,
            encryption: *witness.encryption * x + masks.encryption,
            tag: *self.tag_secret * last - masks.tag,
            opening: response,
        }
    }
}

impl<G: Group> Draft<G> {
    /// `X_0` and `zr`, which the second device is given; nothing in profile `token`.
    pub(crate) fn shown(&self, position: u32) -> Option<Shown<G>> {
        let first = *self.parts.ring.first()?;
        Some(Shown::Ring { position, first, response: self.responses.opening })
    }

    /// The ballot's bytes (§§8, 13).
    pub(crate) fn to_bytes(&self, header: Header, token: Option<&Token>) -> Vec<u8> {
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
