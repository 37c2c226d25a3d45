//! A trustee's folder and program.
//!
//! The folder is the trustee's alone: its secrets lie in one file that nobody else can read, sealed under a passphrase if
//! there is one. The program reads the whole public record, checks it, and posts what its owner owes the election.

mod folder;

pub(crate) use folder::{Passphrase, TrusteeFolder};

use super::{
    machine::Cores,
    office::{number, summary, text},
    place::Place,
    wire::{Wire, problem},
};
use crate::{
    os::{OsEntropy, SystemClock},
    say::Voice,
};
use anyhow::{Context, Result, bail};
use http::{Request, StatusCode, header};
use serde_json::json;
use sinpyo_core::{
    json,
    time::{Clock as _, Timestamp},
};
use sinpyo_voting::{
    audit::{Examined, examine_since},
    event::{Body, EventDraft, Role},
    form::to_hex,
    phase::Phase,
};
use std::{thread::sleep, time::Duration};

/// How often an election is looked at.
const PERIOD: Duration = Duration::from_millis(500);
/// How far a record may be dated ahead of this computer's clock: what a board may say, and as much for clocks.
const MAX_AHEAD: Duration = Duration::from_mins(2);
/// How long until a record that could not be worked on is looked at again, and how often: ten minutes in all. What is
/// wrong with it may be mended meanwhile, by its keeper or at this computer's clock.
const MENDING: (Duration, u32) = (Duration::from_secs(30), 20);
/// How often an event is signed again because a later one came first.
const ATTEMPTS: usize = 16;

/// What a look at the election led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// How far the election is.
    pub(crate) phase: Phase,
    /// Events that were posted.
    pub(crate) posted: usize,
}

/// A trustee at work.
#[derive(Debug)]
pub(crate) struct Program {
    folder: TrusteeFolder,
    wire: Wire,
    voice: Voice,
    /// The size of the log when nothing was owed: then nothing is until it grows.
    idle_at: Option<u64>,
}

impl Program {
    pub(crate) fn new(folder: TrusteeFolder, voice: Voice) -> Result<Self> {
        Ok(Self { folder, wire: Wire::new()?, voice, idle_at: None })
    }

    /// Accepts an invitation: hands in the public keys and notes the number that comes back.
    pub(crate) fn accept(&mut self, invitation: &str) -> Result<u32> {
        let body = json!({
            "key": to_hex(self.folder.signing_key()?.verifying_key().to_multikey().key()),
            "box": to_hex(self.folder.box_key().as_bytes()),
        });
        let request = Request::post(invitation)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_string().into_bytes())?;
        let answer = self.wire.send_patiently(&request)?;
        if !answer.status().is_success() {
            bail!("the invitation was not accepted: {}", problem(&answer));
        }
        let answer = json::parse_object(answer.body()).context("the service's answer is no JSON")?;
        let number =
            u32::try_from(number(&answer, "number")?).context("the trustee's number is too large")?;
        let (address, _) = invitation.rsplit_once("/trustees/").context("this is no invitation")?;
        self.folder.join(address, number)?;
        Ok(number)
    }

    /// Works until the election has come to `until`. Nothing is posted on a record that has a fault; it is looked at
    /// again for a while.
    pub(crate) fn run(&mut self, until: Phase) -> Result<Phase> {
        let (wait, tries) = MENDING;
        let mut faults = 0;
        self.folder.address()?;
        loop {
            match self.look() {
                Ok(Look { phase, .. }) if phase >= until => return Ok(phase),
                Ok(_) => {
                    faults = 0;
                    sleep(PERIOD);
                }
                Err(error) if faults < tries => {
                    faults += 1;
                    tracing::warn!(error = format!("{error:#}"), faults, "the record was not worked on");
                    self.voice.tell(
                        &format!("지금은 일할 수 없습니다. 다시 봅니다: {error:#}"),
                        &format!("cannot work on this now, looking again: {error:#}"),
                    );
                    sleep(wait);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Looks at the election once, and posts what is owed.
    pub(crate) fn look(&mut self) -> Result<Look> {
        let address = self.folder.address()?.to_owned();
        let Some((phase, size)) = self.standing(&address)? else {
            return Ok(Look { phase: Phase::Draft, posted: 0 });
        };
        let is_quiet = matches!(phase, Phase::Registration | Phase::Open | Phase::Tallied | Phase::Archived);
        if is_quiet || size == 0 || self.idle_at == Some(size) {
            return Ok(Look { phase, posted: 0 });
        }
        let record = Place::open(&address)?;
        let cores = Cores::all(Voice::quiet());
        let seen = examine_since(&record, self.folder.head(), &cores, &mut OsEntropy)?;
        self.folder.check(&seen)?;
        expect_present(seen.election().last_time()?, SystemClock.now())?;
        let owed = self.folder.custody()?.owed(&seen, &mut OsEntropy)?;
        // Before anything is posted: this trustee works on no other history from here on. [VOT-63]
        self.folder.saw(seen.head)?;
        if let Some(opens) = owed.opens {
            self.folder.opens(opens)?;
        }
        if owed.bodies.is_empty() {
            self.idle_at = Some(size);
        }
        let posted = owed.bodies.len();
        for body in owed.bodies {
            self.post(&address, &seen, &body)?;
        }
        Ok(Look { phase, posted })
    }

    /// Phase, and size of the published log; nothing while the election is not called.
    fn standing(&self, address: &str) -> Result<Option<(Phase, u64)>> {
        let request = Request::get(format!("{address}/summary")).body(Vec::new())?;
        if self.wire.send_patiently(&request)?.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let summary = summary(&self.wire, address)?;
        let phase =
            Phase::from_name(text(&summary, "phase")?).context("the service names an unknown phase")?;
        Ok(Some((phase, number(&summary, "checkpoint_size")?)))
    }

    /// Signs and posts an event, again with a newer time while others come first.
    fn post(&self, address: &str, seen: &Examined, body: &Body) -> Result<()> {
        let name = body.kind().as_str();
        let election = seen.election().id()?.context("there is no election yet")?;
        let by = Role::Trustee(self.folder.number()?);
        let key = self.folder.signing_key()?;
        let mut refused = String::new();
        for attempt in 0..ATTEMPTS {
            let last = seen.election().last_time()?;
            let now = SystemClock.now().plus(Duration::from_secs(u64::try_from(attempt / 4)?));
            let time = last.map_or(now, |last| last.max(now));
            let event = EventDraft { by, election, time, body: body.clone() }.sign(&key)?;
            let request = Request::post(format!("{address}/events"))
                .header(header::CONTENT_TYPE, "application/json")
                .body(event)?;
            let answer = self.wire.send_patiently(&request)?;
            if answer.status().is_success() {
                self.voice.tell(&format!("보냈습니다: {name}"), &format!("posted: {name}"));
                return Ok(());
            }
            refused = problem(&answer);
            // Said before an interruption, or no longer wanted: the next look at the record tells.
            if answer.status() != StatusCode::CONFLICT {
                break;
            }
            sleep(Duration::from_millis(250));
        }
        tracing::warn!(event = name, refused, "an event was not taken");
        self.voice
            .tell(&format!("받아들여지지 않음: {name}: {refused}"), &format!("not taken: {name}: {refused}"));
        Ok(())
    }
}

/// That nothing in the record is dated ahead of this computer's clock: a board whose clock runs ahead would close the
/// ballot box before its time, and no later reader could tell.
fn expect_present(last: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match last {
        // [VOT-64]
        Some(last) if last > now.plus(MAX_AHEAD) => {
            bail!("the record is dated {last}, and this computer's clock says {now}: one of them is wrong")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_dated_ahead_of_the_own_clock_is_not_worked_on() {
        let now = Timestamp::from_unix(1_800_000_000).unwrap();
        for (ahead, fits) in [(0, true), (120, true), (121, false), (3_600, false)] {
            let last = now.plus(Duration::from_secs(ahead));
            assert_eq!(expect_present(Some(last), now).is_ok(), fits, "{ahead} s");
        }
        assert!(expect_present(None, now).is_ok());
    }
}
