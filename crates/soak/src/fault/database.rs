//! Faults of three PostgreSQL servers.

use crate::soak::Stage;
use anyhow::{Context as _, Result};
use sinpyo_postgres::cluster::Cluster;
use std::{thread, time::Duration};

/// What was under way when a fault began has come to its end.
const SETTLE: Duration = Duration::from_millis(500);
/// How long a fault lasts then.
const SPELL: Duration = Duration::from_secs(1);

fn cluster<'a>(stage: &'a mut Stage<'_>) -> Result<&'a mut Cluster> {
    stage.cluster.as_mut().context("there is no cluster")
}

/// Kills the primary and promotes a standby; the number of the old primary.
fn fail_over(stage: &mut Stage<'_>) -> Result<usize> {
    let cluster = cluster(stage)?;
    let old = cluster.primary();
    cluster.kill(old)?;
    cluster.fail_over()?;
    Ok(old)
}

fn rejoin(stage: &mut Stage<'_>, old: usize) -> Result<()> {
    let cluster = cluster(stage)?;
    cluster.rejoin(old)?;
    Ok(cluster.wait_for_standbys(2)?)
}

/// The old primary comes back as a standby.
pub(super) fn primary_killed(stage: &mut Stage<'_>) -> Result<u64> {
    let old = fail_over(stage)?;
    stage.admits()?;
    rejoin(stage, old)?;
    Ok(1)
}

/// The old primary comes back as it was, beside the new one, for a while.
pub(super) fn old_primary_back(stage: &mut Stage<'_>) -> Result<u64> {
    let old = fail_over(stage)?;
    cluster(stage)?.start_again(old)?;
    stage.admits()?;
    thread::sleep(SPELL);
    cluster(stage)?.kill(old)?;
    rejoin(stage, old)?;
    Ok(1)
}

/// Both standbys are gone for a while.
pub(super) fn standbys_cut(stage: &mut Stage<'_>) -> Result<u64> {
    let cluster = cluster(stage)?;
    let standbys: Vec<usize> = (0..3).filter(|number| *number != cluster.primary()).collect();
    for number in &standbys {
        cluster.pause(*number)?;
    }
    thread::sleep(SETTLE);
    let before = stage.load.admitted();
    thread::sleep(SPELL);
    if stage.load.admitted() > before {
        stage.load.complain("acknowledged while no standby could have it".to_owned());
    }
    let cluster = self::cluster(stage)?;
    for number in &standbys {
        cluster.resume(*number)?;
    }
    Ok(1)
}
