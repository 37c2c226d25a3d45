//! What the crate accepts and refuses, through its public interface.

#[cfg(test)]
mod encryption;
#[cfg(test)]
mod thumbprints;
#[cfg(test)]
mod tokens;
