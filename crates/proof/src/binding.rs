//! To what a presentation must be bound.

use std::{fmt, time::Duration};

/// Whether the holder must prove possession of the key that the issuer bound the credential to.
#[derive(Clone, Copy, Debug)]
pub enum HolderBinding<'a> {
    /// It must not: a proof that comes nevertheless is refused, because nobody would check it.
    NotWanted,
    /// It must, for this occasion.
    Required(Occasion<'a>),
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

impl fmt::Debug for Occasion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audience, max_age, .. } = self;
        f.debug_struct("Occasion")
            .field("audience", audience)
            .field("max_age", max_age)
            .finish_non_exhaustive()
    }
}
