//! Codes of public keys in the multicodec table, as did:key and Multikey write them.
//!
//! The second group is for keys that are recognised and that nothing here verifies with.

/// Ed25519, 32 bytes.
pub const ED25519_PUB: u64 = 0xed;
/// P-256, compressed point.
pub const P256_PUB: u64 = 0x1200;
/// P-384, compressed point.
pub const P384_PUB: u64 = 0x1201;
/// P-521, compressed point.
pub const P521_PUB: u64 = 0x1202;
/// ML-DSA-44, 1,312 bytes.
pub const MLDSA_44_PUB: u64 = 0x1210;
/// ML-DSA-65, 1,952 bytes.
pub const MLDSA_65_PUB: u64 = 0x1211;

/// secp256k1, compressed point; no algorithm here.
pub const SECP256K1_PUB: u64 = 0xe7;
/// BLS12-381 G2, 96 bytes: the keys of `sinpyo-bbs`; no algorithm here.
pub const BLS12_381_G2_PUB: u64 = 0xeb;
/// X25519, 32 bytes, for key agreement; no algorithm here.
pub const X25519_PUB: u64 = 0xec;
