//! Ballots in mass, for benchmarks and for tests of whole elections.
//!
//! Who knows the openings of all commitments of a ring computes `Σ p_i·C_i` on the openings: 4,000 multiplications
//! of scalars take the place of 5,000 multiplications of points. The ballots are those that [`crate::prove`] makes.
//! Times and memory depend on secrets.

use crate::ballot::{CastKey, Header, Place};
use crate::challenge::Binding;
use crate::credential::VoterSecret;
use crate::group::{Field, Group};
use crate::prove::{Arithmetic, Digit, Opening, ProveError, Statement, verify_choices};
use crate::ring::Ring;
use crate::setting::Setting;
use crate::wide::Wide;
use sinpyo_core::{Secret, key::Entropy};

/// Makes ballots of one setting.
pub struct BulkProver<'a, G: Group> {
    setting: &'a Setting<G>,
    keys: Vec<G::Table>,
    tag: G::Table,
    secret: G::Table,
    blinding: G::Table,
}

/// What is drawn for one ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotSecrets {
    /// `b`.
    pub seed: [u8; 32],
    /// `w`.
    pub fresh: [u8; 32],
    /// `κ`.
    pub key: [u8; 32],
}

impl BallotSecrets {
    /// Draws them.
    pub fn draw(entropy: &mut dyn Entropy) -> Self {
        let mut draw = || {
            let mut bytes = [0; 32];
            entropy.fill(&mut bytes);
            bytes
        };
        Self { seed: draw(), fresh: draw(), key: draw() }
    }
}

/// A ring with the secrets of its voters.
pub struct BulkRing<'a, G: Group> {
    ring: &'a Ring<G>,
    voters: Vec<Option<VoterSecret<G>>>,
    tag_secrets: Vec<G::Scalar>,
    blindings: Vec<G::Scalar>,
    /// Positions that nobody can open, with their points.
    unknown: Vec<(u32, G::Point)>,
}

impl<'a, G: Group> BulkRing<'a, G> {
    /// Asks for the secret of every commitment; a pad has none.
    pub fn new(
        ring: &'a Ring<G>,
        mut secret_of: impl FnMut(&G::PointBytes) -> Option<VoterSecret<G>>,
    ) -> Self {
        let voters: Vec<_> = ring.roster().commitments().iter().map(&mut secret_of).collect();
        let scalars = |part: fn(&VoterSecret<G>) -> &G::Scalar| {
            voters.iter().map(|voter| voter.as_ref().map_or(G::Scalar::ZERO, |voter| *part(voter))).collect()
        };
        let (tag_secrets, blindings) = (scalars(VoterSecret::tag_secret), scalars(VoterSecret::blinding));
        let positions = (0u32..).zip(&voters).zip(ring.points());
        let unknown =
            positions.filter_map(|((at, voter), point)| voter.is_none().then_some((at, *point))).collect();
        Self { ring, voters, tag_secrets, blindings, unknown }
    }
}

impl<'a, G: Group> BulkProver<'a, G> {
    /// Prepares the bases.
    pub fn new(setting: &'a Setting<G>) -> Self {
        let bases = &setting.bases;
        Self {
            setting,
            keys: setting.keys().iter().map(G::table).collect(),
            tag: G::table(&bases.tag),
            secret: G::table(&bases.secret),
            blinding: G::table(&bases.blinding),
        }
    }

    /// The ballot that [`crate::prove::prove`] makes of the same secrets.
    ///
    /// # Errors
    /// The choices are not those of the style, or the position's secret is not known.
    pub fn prove(
        &self,
        ring: &BulkRing<'_, G>,
        position: u32,
        choices: &[u8],
        secrets: &BallotSecrets,
    ) -> Result<Vec<u8>, ProveError> {
        verify_choices(self.setting.shape(), choices)?;
        let voter = usize::try_from(position).ok().and_then(|position| ring.voters.get(position));
        let voter = voter.and_then(Option::as_ref).ok_or(ProveError::Opening)?;
        let roster = ring.ring.roster();
        let key = CastKey::new(Secret::new(secrets.key));
        let header = Header { style: self.setting.style(), place: Place::Ring(roster.index()) };
        let statement = Statement {
            setting: self.setting,
            binding: Binding {
                context: self.setting.context(),
                header,
                lock: key.lock(),
                root: *roster.root(),
            },
            position,
            choices,
            seed: &secrets.seed,
            fresh: &secrets.fresh,
            tag_secret: voter.tag_secret(),
        };
        let draft = statement.make(&Bulk { prover: self, ring }, &Opening::Known(voter.blinding()));
        Ok(draft.to_bytes(header, None, &key))
    }
}

struct Bulk<'a, G: Group> {
    prover: &'a BulkProver<'a, G>,
    ring: &'a BulkRing<'a, G>,
}

impl<G: Group> Arithmetic<G> for Bulk<'_, G> {
    fn tag(&self, secret: &G::Scalar) -> G::Point {
        G::mul_table(&self.prover.tag, secret)
    }

    fn open(&self, blinding: &G::Scalar, secret: &G::Scalar) -> G::Point {
        let blinded = G::mul_table(&self.prover.blinding, blinding);
        if *secret == G::Scalar::ZERO { blinded } else { blinded + G::mul_table(&self.prover.secret, secret) }
    }

    fn keys(&self, scalars: &[G::Scalar]) -> Vec<G::Point> {
        self.prover.keys.iter().zip(scalars).map(|(key, scalar)| G::mul_table(key, scalar)).collect()
    }

    fn rows(&self, scalars: &[G::Scalar]) -> G::Point {
        G::public_sum_of_products(scalars, &self.prover.setting.bases.row_points())
    }

    fn ring(&self, digits: &[Digit<'_, G::Scalar>]) -> Vec<G::Point> {
        let secrets = contract::<G>(digits, &self.ring.tag_secrets);
        let blindings = contract::<G>(digits, &self.ring.blindings);
        let known = secrets.iter().zip(&blindings).map(|(secret, blinding)| self.open(blinding, secret));
        let unknown: Vec<Vec<G::Scalar>> =
            self.ring.unknown.iter().map(|(position, _)| coefficients(digits, *position)).collect();
        let points: Vec<_> = self.ring.unknown.iter().map(|(_, point)| *point).collect();
        let sum = |(power, known)| {
            let scalars: Vec<_> = unknown.iter().filter_map(|scalars| scalars.get(power).copied()).collect();
            if scalars.is_empty() { known } else { known + G::public_sum_of_products(&scalars, &points) }
        };
        known.enumerate().map(sum).collect()
    }
}

/// `Σ_i p_{i,k}·v_i` for `k < D`, digit by digit, the lowest first: each step makes the list shorter by the base.
fn contract<G: Group>(digits: &[Digit<'_, G::Scalar>], values: &[G::Scalar]) -> Vec<G::Scalar> {
    let mut planes = vec![values.to_vec()];
    for digit in digits {
        let same = planes.iter().map(Some).chain([None]);
        let lower = [None].into_iter().chain(planes.iter().map(Some));
        planes = same.zip(lower).map(|(same, lower)| contract_plane::<G>(*digit, same, lower)).collect();
    }
    planes.pop();
    planes.into_iter().filter_map(|plane| plane.first().copied()).collect()
}

/// A new coefficient: the masks times the `same` one of before, and the chosen of the `lower` ones.
fn contract_plane<G: Group>(
    digit: Digit<'_, G::Scalar>,
    same: Option<&Vec<G::Scalar>>,
    lower: Option<&Vec<G::Scalar>>,
) -> Vec<G::Scalar> {
    let masks: Vec<_> = digit.masks.iter().map(G::scalar_limbs).collect();
    let masked = |group: &[G::Scalar]| {
        let mut sum = Wide::ZERO;
        for (value, mask) in group.iter().zip(&masks) {
            sum.add_product(&G::scalar_limbs(value), mask);
        }
        sum.reduce::<G>()
    };
    let chosen = digit.chosen.iter().take_while(|chosen| **chosen != G::Scalar::ONE).count();
    let masked = same.map(|plane| plane.chunks(masks.len()).map(masked));
    let chosen = lower.map(|plane| plane.iter().copied().skip(chosen).step_by(masks.len()));
    match (masked, chosen) {
        (Some(masked), Some(chosen)) => masked.zip(chosen).map(|(masked, chosen)| masked + chosen).collect(),
        (Some(masked), None) => masked.collect(),
        (None, Some(chosen)) => chosen.collect(),
        (None, None) => Vec::new(),
    }
}

/// `p_{i,k}` for `k < D` of one position.
fn coefficients<S: Field>(digits: &[Digit<'_, S>], position: u32) -> Vec<S> {
    let mut rest = usize::try_from(position).unwrap_or(usize::MAX);
    let mut product = vec![S::ONE];
    for Digit { chosen, masks } in digits {
        let digit = rest.checked_rem(masks.len()).unwrap_or_default();
        rest = rest.checked_div(masks.len()).unwrap_or_default();
        let of_digit = |row: &[S]| row.get(digit).copied().unwrap_or(S::ZERO);
        let (chosen, mask) = (of_digit(chosen), of_digit(masks));
        let same = product.iter().copied().chain([S::ZERO]).map(|value| value * mask);
        let lower = [S::ZERO].into_iter().chain(product.iter().copied()).map(|value| value * chosen);
        product = same.zip(lower).map(|(same, lower)| same + lower).collect();
    }
    product.pop();
    product
}

impl<G: Group> std::fmt::Debug for BulkProver<'_, G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkProver").finish_non_exhaustive()
    }
}

impl<G: Group> std::fmt::Debug for BulkRing<'_, G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BulkRing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
