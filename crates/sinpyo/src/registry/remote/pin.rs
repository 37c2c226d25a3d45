//! Which registry an installation relies on, and what it saw of it last: kept in the home folder.

use crate::{
    files::{self, Access},
    remote::peer::{PeerClient, base_url},
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sinpyo_core::json;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    note::{LogKey, Origin},
    policy::Policy,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

const URL: &str = "registry.url";
const POLICY: &str = "registry.policy";
const SEEN: &str = "registry.seen";
const MAX_FILE: u64 = 512 << 10;
/// Is there once the log was seen to name a key that states what is newest.
const HEADS: &str = "registry.heads";
/// The key that the registry named at first use, if that is how it is pinned.
const FIRST_USE: &str = "registry.first-use";
/// Until the installation says otherwise.
const MAX_AGE: Duration = Duration::from_mins(1);

/// A registry that this installation relies on.
#[derive(Clone, Debug)]
pub(crate) struct Pin {
    pub(super) url: Url,
    pub(super) policy: Policy,
    pub(super) max_age: Duration,
    folder: PathBuf,
}

impl Pin {
    /// The registry that is kept in `folder`, if there is one.
    pub(crate) fn kept(folder: &Path) -> Result<Option<Self>> {
        if !folder.join(URL).exists() {
            return Ok(None);
        }
        let text = String::from_utf8(files::read(&folder.join(URL), 4096)?).context("the URL is no text")?;
        let policy = Policy::parse(&files::read(&folder.join(POLICY), MAX_FILE)?);
        let policy = policy.with_context(|| format!("{POLICY} holds no policy"))?;
        Ok(Some(Self { url: base_url(text.trim())?, policy, max_age: MAX_AGE, folder: folder.to_owned() }))
    }

    /// Relies on the registry at `url` from now on: by `policy`, or by the key that it names itself now.
    ///
    /// Returns the key if that is how it came.
    pub(crate) fn new(folder: &Path, url: &str, policy: Option<&Path>) -> Result<(Self, Option<LogKey>)> {
        let url = base_url(url)?;
        let (policy, named) = if let Some(file) = policy {
            (read_policy(file)?, None)
        } else {
            let key = key_named_by(&url)?;
            (Policy::of_log(key.clone()), Some(key))
        };
        files::replace(&folder.join(POLICY), &policy.to_bytes(), Access::Public)?;
        if let Some(key) = &named {
            files::replace(&folder.join(FIRST_USE), key.to_string().as_bytes(), Access::Public)?;
        }
        files::replace(&folder.join(URL), url.as_str().as_bytes(), Access::Public)?;
        Ok((Self { url, policy, max_age: MAX_AGE, folder: folder.to_owned() }, named))
    }

    /// Where it is.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether this is the registry at `url`.
    pub(crate) fn is_at(&self, url: &str) -> Result<bool> {
        Ok(base_url(url)? == self.url)
    }

    /// Takes another policy for the same log.
    pub(crate) fn with_policy(mut self, file: &Path) -> Result<Self> {
        let policy = read_policy(file)?;
        let next = Self { policy, ..self.clone() };
        if next.origin()? != self.origin()? {
            bail!("{} is about another log than the one that was used so far", file.display()); // [CLI-16]
        }
        files::replace(&self.folder.join(POLICY), &next.policy.to_bytes(), Access::Public)?;
        if self.is_of_first_use() {
            fs::remove_file(self.folder.join(FIRST_USE)).context("cannot forget how the key came")?;
        }
        self.policy = next.policy;
        Ok(self)
    }

    /// With the oldest acceptable word of the registry and its witnesses.
    pub(crate) fn no_older_than(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// Whether the registry named its key itself at first use; otherwise somebody gave a policy.
    pub(super) fn is_of_first_use(&self) -> bool {
        self.folder.join(FIRST_USE).exists()
    }

    /// Relies on `key` in place of the one that was named at first use.
    pub(super) fn follow(&mut self, key: &LogKey) -> Result<()> {
        let policy = Policy::of_log(key.clone());
        files::replace(&self.folder.join(POLICY), &policy.to_bytes(), Access::Public)?;
        files::replace(&self.folder.join(FIRST_USE), key.to_string().as_bytes(), Access::Public)?;
        self.policy = policy;
        Ok(())
    }

    /// The log's name.
    pub(crate) fn origin(&self) -> Result<&Origin> {
        let mut names = self.policy.log_keys().map(LogKey::name);
        let name = names.next().context("the policy knows no log")?;
        if names.any(|other| other != name) {
            bail!("the policy knows several logs; an installation uses one");
        }
        Ok(name)
    }

    /// Whether the log names a key that states what is newest, as far as was ever seen here.
    pub(super) fn names_heads(&self) -> bool {
        self.folder.join(HEADS).exists()
    }

    /// Remembers that it does. It never ceases to.
    pub(super) fn remember_heads(&self) -> Result<()> {
        files::replace(&self.folder.join(HEADS), b"", Access::Public)
    }

    /// A file beside the checkpoint that was seen last.
    pub(super) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Where the checkpoint that was seen last is kept.
    pub(super) fn seen_file(&self) -> PathBuf {
        self.folder.join(SEEN)
    }

    /// The checkpoint that was seen last.
    pub(super) fn seen(&self) -> Result<Option<SignedCheckpoint>> {
        let path = self.seen_file();
        if !path.exists() {
            return Ok(None);
        }
        let text =
            String::from_utf8(files::read(&path, MAX_FILE)?).context("the last checkpoint is no text")?;
        let checkpoint = text.parse().with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Some(checkpoint))
    }

    /// Remembers a checkpoint that was checked against the last one.
    pub(super) fn remember(&self, checkpoint: &SignedCheckpoint) -> Result<()> {
        files::replace(&self.seen_file(), checkpoint.to_string().as_bytes(), Access::Public)
    }
}

fn read_policy(file: &Path) -> Result<Policy> {
    Policy::parse(&files::read(file, MAX_FILE)?).with_context(|| format!("{} is no policy", file.display()))
}

/// The key by which the registry introduces itself.
pub(super) fn key_named_by(url: &Url) -> Result<LogKey> {
    let client = PeerClient::new(Duration::from_secs(10))?;
    let reply = client.get(&url.join("log")?, 1 << 20).with_context(|| format!("cannot reach {url}"))?;
    let described = json::parse_object(&reply.body).context("this is no registry")?;
    let key = described.get("vkey").and_then(Value::as_str).context("this is no registry")?;
    key.parse().context("the registry names a malformed key")
}
