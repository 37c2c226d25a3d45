//! The wallet's prover executes as many instructions whatever it hides. Here in a small ring, because tests are built
//! without optimisation; `sinpyo-bench ballot --constant-time` counts in a ring of 1,024.

use std::process::Command;

/// Whether valgrind is there; where everything has to be, its absence is a failure.
fn has_valgrind() -> bool {
    let found =
        Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
    let required = std::env::var("SINPYO_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(found || !required, "valgrind is not there (Debian: valgrind)");
    found
}

#[test]
fn the_prover_executes_the_same_instructions_for_every_position_and_choice() {
    if !has_valgrind() {
        eprintln!("skipped: valgrind is not there");
        return;
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_sinpyo-bench"));
    let output = command.args(["ballot", "--constant-time", "--quick"]).output().unwrap();
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(told.contains("equal in 12 runs"), "{told}");
}
