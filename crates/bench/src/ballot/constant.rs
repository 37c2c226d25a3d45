//! Whether the prover executes the same instructions whatever it hides: valgrind counts them.
//!
//! Equal counts do not show that the same addresses are read; that the prover reads whole rows and rings whatever it
//! hides is for a reader of its source.

use super::election::{BASE, DIGITS, Election};
use anyhow::{Context as _, bail, ensure};
use sinpyo_ballot::{
    group::{Group as _, Ristretto},
    hazmat::bulk::{BallotSecrets, BulkProver},
    prove::PreparedBallot,
};
use std::{path::Path, process::Command};

/// First argument of the process in which instructions are counted; the second is
/// `<who>-<digits>-<position>-<choice>-<seed>`.
pub(crate) const PROVE_ONCE: &str = "prove-once";

/// How large the ring is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// 1,024 voters.
    Full,
    /// 64 voters: for a build that is not optimised. The prover's code is the same.
    Small,
}

impl Size {
    const fn digits(self) -> u32 {
        match self {
            Self::Full => DIGITS,
            Self::Small => 3,
        }
    }
}

/// Position (of a smaller ring: its remainder) and choice of each run, with another voter and other randomness in each.
const CASES: [(u32, u8); 12] = [
    (0, 0),
    (0, 1),
    (0, 5),
    (1, 2),
    (3, 3),
    (4, 4),
    (255, 0),
    (256, 5),
    (511, 1),
    (682, 3),
    (1022, 2),
    (1023, 5),
];

/// Which prover is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The wallet's.
    Wallet,
    /// The one for benchmarks, whose work depends on what it hides: it must be seen.
    Bulk,
}

impl Who {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Wallet => "wallet",
            Self::Bulk => "bulk",
        }
    }
}

/// Counts, prints, compares.
///
/// # Errors
/// valgrind is not there; the wallet's prover shows what it hides, or the method would not notice.
pub(super) fn check(size: Size) -> anyhow::Result<()> {
    let mut counts = Vec::new();
    for (seed, (position, choice)) in CASES.into_iter().enumerate() {
        let position = position % BASE.pow(size.digits());
        let count = instructions(Who::Wallet, size, &format!("{position}-{choice}-{seed}"))?;
        println!("position {position:>4}, choice {choice}: {count} instructions");
        counts.push(count);
    }
    counts.dedup();
    ensure!(counts.len() == 1, "the number of instructions depends on position, choice or secrets");
    let bulk = |case| instructions(Who::Bulk, size, case);
    let (one, other) = (bulk("0-0-0")?, bulk("42-3-1")?);
    ensure!(one != other, "a prover that is not constant in time goes unnoticed");
    println!("equal in {} runs; those of the bulk prover are not ({one} and {other})", CASES.len());
    Ok(())
}

fn instructions(who: Who, size: Size, case: &str) -> anyhow::Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*counted_here*"])
        .arg(std::env::current_exe()?)
        .args([PROVE_ONCE, &format!("{}-{}-{case}", who.as_str(), size.digits())])
        .output()
        .context("valgrind did not start (Debian: valgrind)")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind: {text}");
    let line =
        text.lines().find_map(|line| line.split_once("Collected : ")).context("valgrind counted nothing")?;
    let count = line.1.trim().parse()?;
    ensure!(count > 1_000_000, "only {count} instructions were counted: not the prover's");
    Ok(count)
}

/// Makes one ballot.
///
/// # Errors
/// `case` is not one.
pub(crate) fn prove_once(case: &Path) -> anyhow::Result<()> {
    let parts: Vec<&str> = case.to_str().unwrap_or_default().split('-').collect();
    let &[who, digits, position, choice, seed] = parts.as_slice() else {
        bail!("not a case: {}", case.display())
    };
    let (position, choice, seed): (u32, u8, u64) = (position.parse()?, choice.parse()?, seed.parse()?);
    let keys: Vec<_> = (1..=5_u64).map(|key| Ristretto::mul_base(&key.into())).collect();
    let election = Election::new(&keys, digits.parse()?)?;
    if who == Who::Bulk.as_str() {
        let (prover, opened) = (BulkProver::new(&election.setting), election.opened());
        let secrets = BallotSecrets { seed: [3; 32], fresh: [4; 32], key: [5; 32] };
        let made = counted_here(|| prover.prove(&opened, position, &[choice], &secrets));
        println!("{} bytes", made?.len());
    } else {
        let voter = election.voter(position)?;
        let made = counted_here(|| election.prove(&voter, position, choice, seed));
        println!(
            "{}",
            made.as_ref().map(PreparedBallot::tracking_code).map_err(|error| anyhow::anyhow!("{error}"))?
        );
    }
    Ok(())
}

/// Counting begins and ends with this function.
#[inline(never)]
fn counted_here<T>(work: impl FnOnce() -> T) -> T {
    work()
}
