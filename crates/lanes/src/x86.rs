//! The arithmetic, for processors with the instructions `IFMA` of AVX-512.
//!
//! Every function here may be called only where [`detected`] said yes, which the compiler checks but for the calls
//! from `lib.rs`.

mod curve;
mod digits;
mod encoding;
mod field;
mod multiply;
mod root;
mod totals;
mod vector;

pub(crate) use encoding::decode;
pub(crate) use multiply::sum_of_products;
pub(crate) use totals::{add, encodings, merge};

/// Whether the processor has, and the operating system keeps, what the functions here need.
pub(crate) fn detected() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512dq")
        && std::arch::is_x86_feature_detected!("avx512vl")
        && std::arch::is_x86_feature_detected!("avx512ifma")
}
