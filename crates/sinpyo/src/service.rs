//! What the issuer's and the verifier's service stand on: their memory, the key that their nodes share, their
//! certificates, the organisations that they sign as, and what they look up.

pub(crate) mod certificates;
pub(crate) mod identities;
pub(crate) mod memory;
pub(crate) mod password;
mod turns;
pub(crate) mod world;
