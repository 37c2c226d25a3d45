//! The points of a ballot, as encodings or decoded.

use crate::setting::Shape;

/// One value for each point of a ballot, in the order of §8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts<T> {
    /// `T`.
    pub(crate) tag: T,
    /// `α`.
    pub(crate) alpha: T,
    /// `β_1 … β_m`.
    pub(crate) beta: Vec<T>,
    /// `A`.
    pub(crate) masks: T,
    /// `B`.
    pub(crate) rows: T,
    /// `X_0 … X_{D-1}`.
    pub(crate) ring: Vec<T>,
    /// `Y0`.
    pub(crate) tag_first: T,
    /// `T0`.
    pub(crate) alpha_first: T,
    /// `T1`.
    pub(crate) beta_first: T,
}

impl<T: Copy> Parts<T> {
    /// Takes them one after the other from `next`.
    pub(super) fn read<E>(shape: &Shape, mut next: impl FnMut() -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            tag: next()?,
            alpha: next()?,
            beta: (0..shape.options()).map(|_| next()).collect::<Result<_, _>>()?,
            masks: next()?,
            rows: next()?,
            ring: (0..shape.digits()).map(|_| next()).collect::<Result<_, _>>()?,
            tag_first: next()?,
            alpha_first: next()?,
            beta_first: next()?,
        })
    }

    /// The same parts in another form, unless one of them has none.
    pub(crate) fn try_map<U>(&self, mut form: impl FnMut(&T) -> Option<U>) -> Option<Parts<U>> {
        Some(Parts {
            tag: form(&self.tag)?,
            alpha: form(&self.alpha)?,
            beta: self.beta.iter().map(&mut form).collect::<Option<_>>()?,
            masks: form(&self.masks)?,
            rows: form(&self.rows)?,
            ring: self.ring.iter().map(&mut form).collect::<Option<_>>()?,
            tag_first: form(&self.tag_first)?,
            alpha_first: form(&self.alpha_first)?,
            beta_first: form(&self.beta_first)?,
        })
    }

    /// All of them in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        [&self.tag, &self.alpha]
            .into_iter()
            .chain(&self.beta)
            .chain([&self.masks, &self.rows])
            .chain(&self.ring)
            .chain([&self.tag_first, &self.alpha_first, &self.beta_first])
    }
}
