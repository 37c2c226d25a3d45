//! Opening the sums of a record once more, beside the service: with whichever trustees are there.

use super::trustee::TrusteeFolder;
use crate::os::{OsEntropy, SystemClock};
use anyhow::{Context, Result, bail};
use sinpyo_core::time::Clock as _;
use sinpyo_voting::{
    audit::Examined,
    event::{Body, EventDraft, Role, TallyResult, UnverifiedEvent},
};
use std::collections::{BTreeMap, BTreeSet};

/// What a trustee says of the sums of a record that it has read itself: signed events, one for each group.
pub(crate) fn shares(folder: &mut TrusteeFolder, seen: &Examined) -> Result<Vec<Vec<u8>>> {
    if !seen.report.objects_to_nothing() {
        bail!("something is wrong with the record: sinpyo vote audit says what");
    }
    folder.check(seen)?;
    let tally = seen.tally.as_ref().context("the election is not closed")?;
    let election = seen.election().id()?.context("there is no election")?;
    let (custody, number) = (folder.custody()?, folder.number()?);
    // Never two different sums.
    if custody.opened.is_some_and(|opened| opened != tally.digest()) {
        bail!("this trustee gave shares of other sums before");
    }
    folder.opens(tally.digest())?;
    let keys = custody.keys(seen)?;
    let now = SystemClock.now();
    let time = seen.election().last_time()?.map_or(now, |last| last.max(now));
    let event = |group: u32| {
        let body = Body::TallyShare(tally.share(group, &keys, &mut OsEntropy)?);
        let draft = EventDraft { by: Role::Trustee(number), election, time, body };
        Ok(draft.sign(&folder.signing_key()?)?)
    };
    tally.opened().map(|(group, _)| event(group)).collect()
}

/// What shares made beside the service lead to.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The result, if there were enough.
    pub(crate) result: Option<TallyResult>,
    /// Trustees whose shares hold.
    pub(crate) trustees: BTreeSet<u32>,
    /// Why the others' do not, or why there is no result.
    pub(crate) faults: Vec<String>,
}

/// Opens the sums of a record with these events alone; shares in the record are left aside.
pub(crate) fn open(seen: &Examined, events: &[Vec<u8>]) -> Result<Opened> {
    let tally = seen.tally.as_ref().context("the election is not closed")?;
    let manifest = seen.manifest.as_ref().context("there is no election")?;
    let (mut good, mut trustees, mut faults) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for event in events {
        let event = UnverifiedEvent::parse(event)?;
        let (role, election) = (event.claimed_role(), event.claimed_election());
        let Role::Trustee(number) = role else { bail!("an event of the {role} is no tally share") };
        let key = manifest.key_of(role).with_context(|| format!("there is no {role}"))?;
        if seen.election().id()? != Some(election) {
            bail!("a share of {role} is of another election");
        }
        let Body::TallyShare(share) = event.verify(key)?.body()? else {
            bail!("an event of {role} is no tally share");
        };
        match tally.verify_share(number, &share) {
            Ok(verified) => {
                good.insert((number, share.group), verified);
                trustees.insert(number);
            }
            Err(refused) => faults.push(format!("{role}: {refused}")),
        }
    }
    let result = match tally.result(&good) {
        Ok(result) => Some(result),
        Err(refused) => {
            faults.push(refused.to_string());
            None
        }
    };
    Ok(Opened { result, trustees, faults })
}
