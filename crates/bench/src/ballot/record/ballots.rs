//! Ballots in mass, ring by ring, and in the order of voters when they are read.

use super::{
    folder::GrowingLog,
    voters::{Registered, Voters},
};
use crate::ballot::machine::Cores;
use anyhow::Context as _;
use sinpyo_ballot::{
    group::Ristretto,
    hazmat::bulk::{BallotSecrets, BulkProver, BulkRing},
    ring::{Ring, Roster},
};
use sinpyo_voting::{audit::Machine as _, ballots::Settings};
use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::FileExt as _,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Makes the ballot of every voter and appends them all. Which ring comes next in the log has nothing to do with the
/// rings' order, as when people vote.
pub(super) fn cast(
    voters: Voters,
    registered: &Registered,
    settings: &Settings,
    log: &mut GrowingLog,
    cores: &Cores,
    draft: &Path,
) -> anyhow::Result<()> {
    let setting = settings.setting(0).context("no style")?;
    let file = File::options().read(true).write(true).create_new(true).open(draft)?;
    let length = setting.shape().ballot_length::<Ristretto>();
    let booth = Booth { voters, registered, prover: BulkProver::new(setting), file: &file, length };
    booth.fill(settings.rings().rosters(), cores)?;
    let mut reader = std::io::BufReader::with_capacity(1 << 20, File::open(draft)?);
    for number in 0..voters.count {
        let mut ballot = vec![0; length];
        reader.read_exact(&mut ballot)?;
        log.append(ballot)?;
        if number % 65_536 == 0 {
            cores.tell(("appended", None), number.into(), voters.count.into());
        }
    }
    Ok(fs::remove_file(draft)?)
}

struct Booth<'a> {
    voters: Voters,
    registered: &'a Registered,
    prover: BulkProver<'a, Ristretto>,
    file: &'a File,
    length: usize,
}

impl Booth<'_> {
    fn fill(&self, rosters: &[Roster<Ristretto>], cores: &Cores) -> anyhow::Result<()> {
        let (done, failed) = (AtomicU64::new(0), Mutex::new(None));
        cores.run(rosters.len(), &|job| {
            let Some(roster) = rosters.get(job) else { return };
            match self.ring(roster) {
                Ok(made) => {
                    let done = done.fetch_add(made, Ordering::Relaxed).saturating_add(made);
                    cores.tell(("ballots made", None), done, self.voters.count.into());
                }
                Err(error) => *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error),
            }
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    /// The ballots of one ring, each at its voter's place in the file.
    fn ring(&self, roster: &Roster<Ristretto>) -> anyhow::Result<u64> {
        let ring = Ring::new(roster.clone())?;
        let numbers = &self.registered.numbers;
        let opened = BulkRing::new(&ring, |commitment| Some(self.voters.secret(*numbers.get(commitment)?)));
        let mut made = 0;
        for (position, commitment) in (0..).zip(roster.commitments().iter().take(roster.voters())) {
            let number = *numbers.get(commitment).context("a voter whom nobody registered")?;
            let choices = [self.voters.choice(number)];
            let draw = |what| self.voters.bytes(what, number);
            let secrets = BallotSecrets { seed: draw("ballot"), fresh: draw("fresh"), key: draw("cast") };
            let ballot = self.prover.prove(&opened, position, &choices, &secrets)?;
            self.file.write_all_at(&ballot, u64::from(number) * u64::try_from(self.length)?)?;
            made += 1;
        }
        Ok(made)
    }
}
