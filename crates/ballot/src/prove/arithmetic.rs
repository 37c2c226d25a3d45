//! The multiplications of a ballot, in constant time.

use super::rows::{self, Digit};
use crate::group::Group;
use crate::ring::Ring;
use crate::setting::Setting;

/// How the points of a ballot are computed. Only [`ConstantTime`] may see a voter's secrets.
pub(crate) trait Arithmetic<G: Group> {
    /// `secret · U`.
    fn tag(&self, secret: &G::Scalar) -> G::Point;

    /// `blinding · H + secret · Gs`.
    fn open(&self, blinding: &G::Scalar, secret: &G::Scalar) -> G::Point;

    /// `scalar_i · K_i` for every option.
    fn keys(&self, scalars: &[G::Scalar]) -> Vec<G::Point>;

    /// The sum over `P`, `Q` and `H` of as many scalars.
    fn rows(&self, scalars: &[G::Scalar]) -> G::Point;

    /// `Σ_i p_{i,k}·C_i` for `k < D`, from the digit rows.
    fn ring(&self, digits: &[Digit<'_, G::Scalar>]) -> Vec<G::Point>;
}

/// For voters: no memory and no branch depends on a scalar.
pub(crate) struct ConstantTime<'a, G: Group> {
    pub(crate) setting: &'a Setting<G>,
    pub(crate) ring: Option<&'a Ring<G>>,
}

impl<G: Group> Arithmetic<G> for ConstantTime<'_, G> {
    fn tag(&self, secret: &G::Scalar) -> G::Point {
        G::mul(&self.setting.bases.tag, secret)
    }

    fn open(&self, blinding: &G::Scalar, secret: &G::Scalar) -> G::Point {
        G::sum_of_products(&[*blinding, *secret], &[self.setting.bases.blinding, self.setting.bases.secret])
    }

    fn keys(&self, scalars: &[G::Scalar]) -> Vec<G::Point> {
        self.setting.keys().iter().zip(scalars).map(|(key, scalar)| G::mul(key, scalar)).collect()
    }

    fn rows(&self, scalars: &[G::Scalar]) -> G::Point {
        G::sum_of_products(scalars, &self.setting.bases.row_points())
    }

    fn ring(&self, digits: &[Digit<'_, G::Scalar>]) -> Vec<G::Point> {
        let Some(ring) = self.ring else { return Vec::new() };
        let planes = rows::coefficients::<G::Scalar>(digits);
        planes.iter().map(|plane| G::sum_of_products(plane, ring.points())).collect()
    }
}
