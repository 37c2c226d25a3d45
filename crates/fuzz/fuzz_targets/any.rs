//! The entry for libFuzzer: `SINPYO_FUZZ_TARGET` names the target.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sinpyo_fuzz::{Target, targets};
use std::{env, sync::LazyLock};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = env::var("SINPYO_FUZZ_TARGET").unwrap_or_default();
    targets::named(&name).unwrap_or_else(|| {
        let names: Vec<_> = targets::all().iter().map(|target| target.name).collect();
        eprintln!("SINPYO_FUZZ_TARGET must name one of {}", names.join(", "));
        std::process::exit(2)
    })
});

fuzz_target!(|input: &[u8]| {
    let _outcome = (TARGET.run)(input);
});
