//! A whole valid election with as many voters as wanted, as a static export: nobody waits for wallets, because the
//! prover knows all their secrets. Everything but the trustees' answers at the tally follows from the number of voters.

mod ballots;
mod folder;
mod office;
mod voters;

pub(super) use folder::Folder;

use super::machine::Cores;
use anyhow::{Context as _, ensure};
use cpu_time::ProcessTime;
use folder::GrowingLog;
use office::Office;
use sinpyo_voting::{
    audit::{Examined, Machine as _, OneThread, examine},
    ballots::Settings,
    election::done,
    event::{Body, Closing, FrozenDistrict, RingsMade, Role},
    form::to_hex,
    manifest::Manifest,
};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use voters::{OPTIONS, Registered, Voters};

/// Makes the record of `count` voters in `folder`.
///
/// # Errors
/// The folder holds a log, cannot be written, or the election goes wrong.
pub(super) fn make(count: u32, folder: &Path) -> anyhow::Result<()> {
    let (cores, began) = (Cores::new(), ProcessTime::now());
    let office = Office::new(count.into())?;
    let voters = Voters { election: office.election, count };
    let mut maker = Maker { voters, office, log: GrowingLog::create(folder)?, cores };
    let (manifest, seen) = maker.call()?;
    let registered = voters::register(voters, &maker.office, &mut maker.log, &maker.cores)?;
    let settings = maker.open(manifest, &seen, &registered)?;
    let draft = folder.join("ballots.draft");
    ballots::cast(voters, &registered, &settings, &mut maker.log, &maker.cores, &draft)?;
    drop((registered, settings, seen));
    let (made, busy) = (maker.cores.elapsed(), began.elapsed());
    maker.tally()?;
    let head = maker.log.head();
    println!(
        "{count} ballots in {}: {} entries, root {}, made in {:.0} s ({:.0} s of processor time), tallied by {} trustees in {:.0} s",
        folder.display(),
        head.size,
        to_hex(head.root.as_bytes()),
        made.as_secs_f64(),
        busy.as_secs_f64(),
        office::TRUSTEES,
        maker.cores.elapsed().saturating_sub(made).as_secs_f64()
    );
    Ok(())
}

struct Maker {
    voters: Voters,
    office: Office,
    log: GrowingLog,
    cores: Cores,
}

impl Maker {
    fn say(&mut self, by: Role, body: Body) -> anyhow::Result<()> {
        let event = self.office.sign(by, body)?;
        self.log.append(event).map(drop)
    }

    fn publish(&mut self) -> anyhow::Result<()> {
        self.log.publish(&self.office.log, &self.office.log_signer)
    }

    /// Manifest and key ceremony, by the trustees' own program; what they saw at its end.
    fn call(&mut self) -> anyhow::Result<(Arc<Manifest>, Examined)> {
        let body = self.office.manifest(self.voters.count);
        let manifest = Arc::new(Manifest::parse(&body)?);
        self.say(Role::Host, Body::Manifest(body))?;
        loop {
            self.publish()?;
            let seen = examine(self.log.folder(), &OneThread, &mut self.office.entropy)?;
            let mut said = Vec::new();
            for custody in &self.office.custodies {
                let owed = custody.owed(&seen, &mut self.office.entropy)?;
                said.extend(owed.bodies.into_iter().map(|body| (custody.number.number(), body)));
            }
            if said.is_empty() {
                let ceremony = seen.ceremony.as_ref().context("no ceremony")?;
                self.say(Role::Host, Body::CeremonyDone(done(ceremony)?))?;
                return Ok((manifest, seen));
            }
            for (trustee, body) in said {
                self.say(Role::Trustee(trustee), body)?;
            }
        }
    }

    /// Freeze, beacon, rings, open.
    fn open(
        &mut self,
        manifest: Arc<Manifest>,
        seen: &Examined,
        registered: &Registered,
    ) -> anyhow::Result<Settings> {
        let count = self.voters.count.into();
        let frozen = FrozenDistrict { id: "d1".to_owned(), legal: count, registered: count };
        self.say(Role::Registrar, Body::Freeze(vec![frozen]))?;
        let mut values = Vec::new();
        for custody in &self.office.custodies {
            values.push((custody.number.number(), *custody.keys(seen)?.beacon().expose()));
        }
        for (trustee, value) in &values {
            self.say(Role::Trustee(*trustee), Body::Beacon(*value))?;
        }
        let beacon = registered.roll.beacon(&self.voters.election, &manifest, &values);
        let rings = Arc::new(registered.roll.rings(&self.voters.election, &manifest, beacon)?);
        let (count, root) = (rings.count(), rings.root());
        let made = RingsMade { beacon: beacon.0, rings: count, root, without: Vec::new() };
        self.say(Role::Registrar, Body::Rings(made))?;
        let keys = seen.ceremony.as_ref().context("no ceremony")?.seen().joint_keys()?;
        let settings = Settings::new(self.voters.election, manifest, &keys, rings)?;
        self.say(Role::Host, Body::Open(settings.context().0))?;
        Ok(settings)
    }

    /// Closes; every trustee audits the record and opens the sums; the result.
    fn tally(&mut self) -> anyhow::Result<()> {
        let closing = Closing { ballots: self.voters.count.into(), size: self.log.head().size };
        self.say_after(Role::Board, Body::Close(closing))?;
        self.publish()?;
        let seen = examine(self.log.folder(), &self.cores, &mut self.office.entropy)?;
        let tally = seen.tally.as_ref().context("the election did not close")?;
        let (mut shares, mut said) = (BTreeMap::new(), Vec::new());
        for custody in &self.office.custodies {
            let number = custody.number.number();
            for body in custody.owed(&seen, &mut self.office.entropy)?.bodies {
                if let Body::TallyShare(share) = &body {
                    shares.insert((number, share.group), tally.verify_share(number, share)?);
                }
                said.push((number, body));
            }
        }
        let result = tally.result(&shares)?;
        let counts =
            result.groups.first().and_then(|group| group.contests.first()).map(|contest| &contest.counts);
        ensure!(counts == Some(&self.expected()), "the result is not what was cast");
        for (trustee, body) in said {
            self.say_after(Role::Trustee(trustee), body)?;
        }
        self.say_after(Role::Host, Body::Result(result))?;
        self.publish()
    }

    fn say_after(&mut self, by: Role, body: Body) -> anyhow::Result<()> {
        let event = self.office.sign_after(by, body)?;
        self.log.append(event).map(drop)
    }

    /// What was cast, by option.
    fn expected(&self) -> Vec<u64> {
        let mut counts = vec![0; OPTIONS];
        for number in 0..self.voters.count {
            let place = usize::from(self.voters.choice(number)).checked_sub(1);
            if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
                *count += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ballot::audit;
    use std::fs;

    #[test]
    fn a_record_passes_the_audit_until_a_ballot_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        make(300, folder.path()).unwrap();
        audit::one(folder.path()).unwrap();
        // The log is said to be there already.
        assert!(make(300, folder.path()).is_err());
        let bundle = folder.path().join("tile/entries/001");
        let mut bytes = fs::read(&bundle).unwrap();
        let last = bytes.len() - 40;
        bytes[last] ^= 1;
        fs::write(&bundle, bytes).unwrap();
        assert!(audit::one(folder.path()).is_err());
    }
}
