//! Which instructions this program was built for.
//!
//! When it runs, the portable build chooses AVX2 for what is secret, and `sinpyo-lanes` AVX-512 with 52-bit
//! multiplications for what is public; more comes only with `-C target-cpu=native`. Both are measured: `cargo xtask
//! bench ballot` builds this package twice.

/// Whether the program was built for more than the portable set.
pub(super) const IS_NATIVE: bool = cfg!(target_feature = "avx2");

/// Built in, as far as the arithmetic can use it.
const BUILT_FOR: [(&str, bool); 4] = [
    ("avx2", cfg!(target_feature = "avx2")),
    ("avx512f", cfg!(target_feature = "avx512f")),
    ("avx512ifma", cfg!(target_feature = "avx512ifma")),
    ("avx512vl", cfg!(target_feature = "avx512vl")),
];

/// The row's name in this build.
pub(super) const fn name(name: &'static str) -> &'static str {
    match (IS_NATIVE, name.as_bytes()) {
        (true, b"ballot prove") => "ballot prove, native",
        (true, b"ballot verify alone") => "ballot verify alone, native",
        (true, b"ballot verify batch") => "ballot verify batch, native",
        _ => name,
    }
}

/// What this build uses, for the screen.
pub(super) fn features() -> String {
    let built: Vec<&str> = BUILT_FOR.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    let found = detected();
    match built.as_slice() {
        [] => format!(
            "built portably; this processor has {found}, of which avx2, and for public points avx512ifma, is chosen when the program runs"
        ),
        built => format!("built for {}; this processor has {found}", built.join(" ")),
    }
}

#[cfg(target_arch = "x86_64")]
fn detected() -> String {
    let all = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
        ("avx512ifma", is_x86_feature_detected!("avx512ifma")),
        ("avx512vl", is_x86_feature_detected!("avx512vl")),
    ];
    let found: Vec<&str> = all.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
    if found.is_empty() { "none of them".to_owned() } else { found.join(" ") }
}

#[cfg(not(target_arch = "x86_64"))]
fn detected() -> String {
    "other instructions than x86-64".to_owned()
}
