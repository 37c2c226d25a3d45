//! Sums, shares of their decryption, counts (§12).
