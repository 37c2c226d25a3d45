//! Where other people's test vectors are.

use std::{env, path::PathBuf};

/// The folder of the third-party vector set `set` under the folder that `SINPYO_VECTORS` names.
///
/// `None`, with one line on stderr, if the variable is unset: the test then passes without having run.
///
/// # Panics
/// `SINPYO_REQUIRE_ALL=1` and the variable is unset; or it is set and the set is not there.
#[expect(clippy::disallowed_methods, reason = "test harness: finding the vectors is its job")]
pub fn vectors(set: &str) -> Option<PathBuf> {
    let Ok(root) = env::var("SINPYO_VECTORS") else {
        assert!(
            env::var("SINPYO_REQUIRE_ALL").as_deref() != Ok("1"),
            "SINPYO_VECTORS is not set and SINPYO_REQUIRE_ALL=1 requires {set}"
        );
        eprintln!("skipped: SINPYO_VECTORS is not set ({set})");
        return None;
    };
    let folder = PathBuf::from(root).join(set);
    assert!(folder.is_dir(), "SINPYO_VECTORS has no folder {set}");
    Some(folder)
}
