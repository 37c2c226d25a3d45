//! The weighted sum of many ballots' equations.

use crate::group::{Field, Group};
use crate::ring::{Ring, RingIndex};
use crate::setting::Setting;
use crate::verify::{Opened, products, tag_power};
use crate::wide::Wide;
use std::collections::BTreeMap;

/// The sum being collected: scalars of the shared bases, and the ballots' own points with theirs.
pub(super) struct BatchSum<'b, G: Group> {
    setting: &'b Setting<G>,
    rings: BTreeMap<RingIndex, RingSum<'b, G>>,
    /// Of `P_c`, to be subtracted.
    left: Vec<Wide>,
    /// Of `Q_c`, to be subtracted.
    right: Vec<Wide>,
    /// Of `K_i`.
    keys: Vec<G::Scalar>,
    /// Of `G`.
    base: G::Scalar,
    /// Of `Gs`.
    secret: G::Scalar,
    /// Of `H`.
    blinding: G::Scalar,
    /// Of `U`.
    tag: G::Scalar,
    scalars: Vec<G::Scalar>,
    points: Vec<&'b G::Public>,
}

/// Of the commitments of one ring, to be subtracted.
struct RingSum<'b, G: Group> {
    ring: &'b Ring<G>,
    sums: Vec<Wide>,
}

impl<'b, G: Group> BatchSum<'b, G> {
    pub(super) fn new(setting: &'b Setting<G>) -> Self {
        let columns = setting.shape().columns();
        Self {
            setting,
            rings: BTreeMap::new(),
            left: vec![Wide::ZERO; columns],
            right: vec![Wide::ZERO; columns],
            keys: vec![G::Scalar::ZERO; setting.keys().len()],
            base: G::Scalar::ZERO,
            secret: G::Scalar::ZERO,
            blinding: G::Scalar::ZERO,
            tag: G::Scalar::ZERO,
            scalars: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Adds the five residuals of a ballot, each times its weight. The signs are such that `A`, `T0`, `T1`, `X_0`
    /// and `Y0` have scalars of 128 bits, which cost half.
    pub(super) fn add(&mut self, ballot: &'b Opened<'b, G>, weights: [u128; 5]) {
        let [rows, alpha, beta, ring, tag] = weights;
        self.add_rows(ballot, rows);
        self.add_alpha(ballot, G::Scalar::from(alpha));
        self.add_beta(ballot, G::Scalar::from(beta));
        self.add_ring(ballot, G::Scalar::from(ring));
        self.add_tag(ballot, G::Scalar::from(tag));
    }

    fn point(&mut self, scalar: G::Scalar, point: &'b G::Public) {
        self.scalars.push(scalar);
        self.points.push(point);
    }

    /// (E1)
    fn add_rows(&mut self, ballot: &'b Opened<'b, G>, weight: u128) {
        let (x, scalar) = (ballot.challenge, G::Scalar::from(weight));
        let weight = G::scalar_limbs(&scalar);
        for ((f, left), right) in ballot.columns.iter().zip(&mut self.left).zip(&mut self.right) {
            left.add_product(&weight, &G::scalar_limbs(f));
            right.add_product(&weight, &G::scalar_limbs(&(*f * (x - *f))));
        }
        self.blinding -= scalar * ballot.ballot.responses.rows;
        self.point(scalar, &ballot.points.masks);
        self.point(scalar * x, &ballot.points.rows);
    }

    /// (E2)
    fn add_alpha(&mut self, ballot: &'b Opened<'b, G>, weight: G::Scalar) {
        self.base -= weight * ballot.ballot.responses.encryption;
        self.point(weight * ballot.challenge, &ballot.points.alpha);
        self.point(weight, &ballot.points.alpha_first);
    }

    /// (E3)
    fn add_beta(&mut self, ballot: &'b Opened<'b, G>, weight: G::Scalar) {
        let (encryption, challenge) =
            (weight * ballot.ballot.responses.encryption, weight * ballot.challenge);
        let options = self.setting.shape().options_of(&ballot.columns);
        let mut votes = G::Scalar::ZERO;
        let own = ballot.points.beta.iter().zip(options).zip(&mut self.keys);
        for (power, ((beta, f), key)) in ballot.first.powers().zip(own) {
            votes += power * *f;
            *key -= encryption * power;
            self.scalars.push(challenge * power);
            self.points.push(beta);
        }
        self.base -= weight * votes;
        self.point(weight, &ballot.points.beta_first);
    }

    /// (E4): the products over the digits, split into a lower and a higher half whose products are added unreduced.
    fn add_ring(&mut self, ballot: &'b Opened<'b, G>, weight: G::Scalar) {
        let Some(ring) = ballot.ring else { return };
        let shape = self.setting.shape();
        let digits: Vec<&[G::Scalar]> = shape.digits_of(&ballot.columns).collect();
        let (lower, higher) = digits.split_at(digits.len() / 2);
        let lower: Vec<_> = products(lower, G::Scalar::ONE).iter().map(G::scalar_limbs).collect();
        let higher = products(higher, weight);
        let sums = self.rings.entry(ring.roster().index());
        let sums =
            &mut sums.or_insert_with(|| RingSum { ring, sums: vec![Wide::ZERO; shape.ring_size()] }).sums;
        for (high, sums) in higher.iter().zip(sums.chunks_mut(lower.len())) {
            let high = G::scalar_limbs(high);
            for (sum, low) in sums.iter_mut().zip(&lower) {
                sum.add_product(&high, low);
            }
        }
        self.secret += weight * ballot.ballot.responses.tag;
        self.blinding += weight * ballot.ballot.responses.opening;
        let mut scalar = weight;
        for point in &ballot.points.ring {
            self.point(scalar, point);
            scalar *= ballot.challenge;
        }
    }

    /// (E5)
    fn add_tag(&mut self, ballot: &'b Opened<'b, G>, weight: G::Scalar) {
        self.tag += weight * ballot.ballot.responses.tag;
        self.point(weight, &ballot.points.tag_first);
        self.point(-(weight * tag_power(self.setting, ballot.challenge)), &ballot.points.tag);
    }

    /// The sum; the identity when every ballot's equations hold.
    pub(super) fn total(mut self) -> G::Point {
        for ring in self.rings.values() {
            self.scalars.extend(ring.sums.iter().map(|sum| -sum.reduce::<G>()));
            self.points.extend(ring.ring.public());
        }
        let bases = self.setting.public();
        self.scalars.extend(self.left.iter().chain(&self.right).map(|sum| -sum.reduce::<G>()));
        self.points.extend(bases.left.iter().chain(&bases.right));
        self.scalars.extend(self.keys);
        self.points.extend(&bases.keys);
        self.scalars.extend([self.base, self.secret, self.blinding, self.tag]);
        self.points.extend([&bases.base, &bases.secret, &bases.blinding, &bases.tag]);
        G::sum_of_public(&self.scalars, &self.points)
    }
}
