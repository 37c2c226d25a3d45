//! What a voter registers (§6).
