//! Other views of a log: mirrors, and what witnesses were shown.

use super::{Alarm, Alarms};
use crate::remote::peer::{PeerClient, base_url};
use anyhow::{Context, Result, bail};
use sinpyo_core::{encoding::to_base64url, time::Timestamp};
use sinpyo_crypto::hash::sha256;
use sinpyo_tlog::{checkpoint::SignedCheckpoint, note::Origin, policy::Policy};
use std::time::Duration;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(10);
const MAX_CHECKPOINT: usize = 256 << 10;

/// Somebody who was shown the log.
#[derive(Debug)]
pub(crate) struct View {
    url: Url,
    client: PeerClient,
    /// Whether not having seen the log is in order.
    may_be_empty: bool,
    ahead: Option<Ahead>,
}

/// Somebody was shown more than the log shows.
#[derive(Clone, Copy, Debug)]
struct Ahead {
    since: Timestamp,
    /// Long enough to say so.
    told: bool,
}

impl View {
    /// The log, or a mirror of it, at `url`.
    pub(crate) fn mirror(url: &str) -> Result<Self> {
        let url = base_url(url)?.join("checkpoint")?;
        Ok(Self { url, client: PeerClient::new(PATIENCE)?, may_be_empty: false, ahead: None })
    }

    /// What the witness at `url` was shown of the log `origin`.
    pub(crate) fn witness(url: &str, origin: &Origin) -> Result<Self> {
        let name = to_base64url(&sha256(origin.as_str().as_bytes()));
        let url = base_url(url)?.join("seen/")?.join(&name)?;
        Ok(Self { url, client: PeerClient::new(PATIENCE)?, may_be_empty: true, ahead: None })
    }

    /// The checkpoint that it shows, if it shows one that the log signed.
    pub(super) fn ask(&self, policy: &Policy, alarms: &mut Alarms) -> Result<Option<SignedCheckpoint>> {
        match self.fetch() {
            Ok(None) => Ok(None),
            Ok(Some(checkpoint)) => match checkpoint.verify_any(policy.log_keys()) {
                Ok(_) => Ok(Some(checkpoint)),
                Err(error) => {
                    alarms.raise(&Alarm::Forged { reason: format!("{}: {error}", self.url) })?;
                    Ok(None)
                }
            },
            Err(error) => {
                let reason = format!("{error:#}");
                alarms.raise(&Alarm::Unreachable { source: self.url.to_string(), reason })?;
                Ok(None)
            }
        }
    }

    fn fetch(&self) -> Result<Option<SignedCheckpoint>> {
        let reply = self.client.get(&self.url, MAX_CHECKPOINT)?;
        match reply.status {
            200 => {
                let text = String::from_utf8(reply.body).context("the checkpoint is no text")?;
                Ok(Some(text.parse().context("the checkpoint is malformed")?))
            }
            404 if self.may_be_empty => Ok(None),
            status => bail!("status {status}"),
        }
    }

    /// It was shown more than the log shows: for a moment that is in order. Whether that is over.
    pub(super) fn is_ahead(
        &mut self,
        shown: &SignedCheckpoint,
        grace: Duration,
        alarms: &mut Alarms,
        now: Timestamp,
    ) -> Result<bool> {
        let size = shown.claimed_head().size;
        let since = self.ahead.map_or(now, |ahead| ahead.since);
        let is_over = since <= now.minus(grace);
        self.ahead = Some(Ahead { since, told: is_over });
        if is_over {
            alarms.raise(&Alarm::Hidden { source: self.url.to_string(), size })?; // [CLI-26]
        }
        Ok(is_over)
    }

    /// It was shown more than the log shows, for a moment only.
    pub(super) fn may_catch_up(&self) -> bool {
        self.ahead.is_some_and(|ahead| !ahead.told)
    }

    /// It was shown what the log shows.
    pub(super) const fn is_level(&mut self) {
        self.ahead = None;
    }
}
