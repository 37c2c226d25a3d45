//! The ballot's bytes (§8).
