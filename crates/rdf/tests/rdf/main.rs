//! N-Quads and canonicalisation, through the public boundary.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod laws;
mod nquads;
mod oracle;
mod poison;
mod relabel;
mod sample;
mod speed;
mod w3c;
