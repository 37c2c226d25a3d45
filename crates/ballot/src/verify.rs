//! One ballot checked (§9).
