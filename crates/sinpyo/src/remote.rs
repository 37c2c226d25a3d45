//! Other people's servers that this installation was told about: registries, witnesses, mirrors.

pub(crate) mod peer;
pub(crate) mod tiles;
