//! To what a presentation must be bound.

use std::{fmt, time::Duration};

/// Whether the holder must prove possession of the key that the issuer bound the credential to.
#[derive(Clone, Copy)]
pub enum HolderBinding<'a> {
    /// It must not: a proof that comes nevertheless is refused, because nobody would check it.
    NotWanted,
    /// It must, for this occasion.
    Required(Occasion<'a>),
    /// What there is of it is checked against what is known of the occasion: for tools that look at presentations made
    /// for somebody else, never for a service that is being presented to.
    Partial {
        /// For whom it must have been made, if known.
        audience: Option<&'a str>,
        /// Which challenge it must answer, if known.
        nonce: Option<&'a str>,
    },
}

/// What a holder's proof must say.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) audience: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
    /// How long ago it may have been made; none if that does not matter.
    pub(crate) max_age: Option<Duration>,
}

impl<'a> HolderBinding<'a> {
    /// What a proof must say; none if there must not be one.
    pub(crate) const fn wanted(&self) -> Option<Wanted<'a>> {
        match *self {
            Self::NotWanted => None,
            Self::Required(Occasion { audience, nonce, max_age }) => {
                Some(Wanted { audience: Some(audience), nonce: Some(nonce), max_age: Some(max_age) })
            }
            Self::Partial { audience, nonce } => Some(Wanted { audience, nonce, max_age: None }),
        }
    }
}

/// The occasion for which a presentation is asked.
///
/// Debug output does not show the challenge.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// Who asks (`aud`, `domain`).
    pub audience: &'a str,
    /// The challenge (`nonce`, `challenge`).
    pub nonce: &'a str,
    /// How long ago the holder may have signed.
    pub max_age: Duration,
}

impl fmt::Debug for HolderBinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWanted => f.write_str("NotWanted"),
            Self::Required(occasion) => f.debug_tuple("Required").field(occasion).finish(),
            Self::Partial { audience, .. } => {
                f.debug_struct("Partial").field("audience", audience).finish_non_exhaustive()
            }
        }
    }
}

impl fmt::Debug for Occasion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audience, max_age, .. } = self;
        f.debug_struct("Occasion")
            .field("audience", audience)
            .field("max_age", max_age)
            .finish_non_exhaustive()
    }
}
