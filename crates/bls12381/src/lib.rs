//! The BLS12-381 group operations that BBS needs, over blst: the one crate with unsafe code.
