//! The did:webvh twin of an organisation's did:tlog: its key, its history, and how it follows.

use crate::{
    files::{self, Access},
    home::Home,
    office::{Organisation, wait_past},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use sinpyo_core::{Secret, did::Did, time::Timestamp};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_resolver::{
    MAX_ANSWER,
    did_webvh::{
        DidLog, DraftEntry, Entry, LOG_FILE, UpdateKey, Version,
        twin::{self, TwinDraftError},
    },
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// How far the ledger's clock may be ahead of ours.
const PATIENCE: Duration = Duration::from_mins(1);

/// A twin that is written here.
#[derive(Debug)]
pub(crate) struct Twin {
    /// Short name of the organisation.
    name: String,
    log: DidLog,
    key: SigningKey,
}

impl Twin {
    /// Makes the twin that will be published at `place`, with a key of its own. The did:tlog does not name it yet.
    pub(crate) fn create(home: &Home, name: &str, place: &str) -> Result<Self> {
        let newest = Organisation::load(home, name)?.resolve(home)?;
        if home.path(log_of(name)).exists() {
            bail!("{name} has a twin already; bring it up to date with: sinpyo did twin sync {name}");
        }
        let key_file = home.path(key_of(name));
        let key = if key_file.exists() {
            // Of a run that ended before there was a history.
            read_key(&key_file)?
        } else {
            SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy)
        };
        let update_key = update_key(&key)?;
        let draft = when_due(home, |now| twin::create(place, &update_key, &newest, now))?;
        let log = DidLog::start(sign(draft, &key)?, home.now())?;
        // The key first: a history whose key is lost could never go on.
        files::replace(&key_file, key.to_private_jwk().expose().as_bytes(), Access::Private)?;
        files::private_folder(&home.path(FOLDER))?;
        files::private_folder(&home.path(format!("{FOLDER}/{name}")))?;
        let twin = Self { name: name.to_owned(), log, key };
        twin.write(home)?;
        Ok(twin)
    }

    /// The twin of the organisation of this short name; `None` if it has none.
    pub(crate) fn kept(home: &Home, name: &str) -> Result<Option<Self>> {
        let file = home.path(log_of(name));
        if !file.exists() {
            return Ok(None);
        }
        let log = DidLog::read(&read_log(&file)?, home.now());
        if let Some(error) = log.error() {
            bail!("{} is damaged: {error} ({})", file.display(), error.code());
        }
        let key = read_key(&home.path(key_of(name)))?;
        let keys = log.versions().last().map_or(&[][..], Version::update_keys);
        // A history that is over has no key any more.
        if !keys.is_empty() && !keys.contains(&update_key(&key)?) {
            bail!("{} is the history of another key", file.display());
        }
        Ok(Some(Self { name: name.to_owned(), log, key }))
    }

    /// Sees to it that the did:tlog names the twin, and lets the twin follow to its newest version.
    pub(crate) fn sync(self, home: &Home) -> Result<Self> {
        // First of all this shows whether the twin is one of this did:tlog.
        let twin = self.follow(home)?;
        let organisation = Organisation::load(home, &twin.name)?;
        let newest = organisation.resolve(home)?;
        let did = twin.did()?;
        if newest.metadata.deactivated
            || newest.document.also_known_as().iter().any(|name| name == did.as_str())
        {
            return Ok(twin);
        }
        // In a later second, so that the two bear one time.
        wait_past(home, twin.newest()?.entry().time());
        organisation.name_twin(home, &did)?;
        twin.follow(home)
    }

    fn follow(mut self, home: &Home) -> Result<Self> {
        let did = Organisation::load(home, &self.name)?.did();
        let registry = home.registry()?;
        let versions = twin::since(&self.log, |version| registry.resolve(&did, version))?;
        let before = self.log.versions().len();
        while let Some(draft) = when_due(home, |now| twin::follow(&self.log, &versions, now))? {
            self.log = self.log.append(sign(draft, &self.key)?, home.now())?;
        }
        if self.log.versions().len() != before {
            self.write(home)?;
        }
        Ok(self)
    }

    /// Its DID.
    pub(crate) fn did(&self) -> Result<Did> {
        let id = self.newest()?.entry().state().get("id").and_then(Value::as_str);
        Ok(id.context("the twin has no DID")?.parse()?)
    }

    /// How many versions it has.
    pub(crate) fn versions(&self) -> usize {
        self.log.versions().len()
    }

    /// The file to publish.
    pub(crate) fn file(&self, home: &Home) -> PathBuf {
        home.path(log_of(&self.name))
    }

    fn newest(&self) -> Result<&Version> {
        self.log.versions().last().context("the twin has no history")
    }

    fn write(&self, home: &Home) -> Result<()> {
        files::replace(&self.file(home), self.log.to_jsonl().as_bytes(), Access::Public)
    }
}

const FOLDER: &str = "twins";

fn log_of(name: &str) -> String {
    format!("{FOLDER}/{name}/{LOG_FILE}")
}

/// Beside the organisation's own keys, whose files have no second dot.
fn key_of(name: &str) -> String {
    format!("organisations/{name}.twin.jwk")
}

/// The bytes of a history or of a file that belongs to one.
pub(crate) fn read_log(file: &Path) -> Result<Vec<u8>> {
    files::read(file, u64::try_from(MAX_ANSWER)?)
}

fn read_key(file: &Path) -> Result<SigningKey> {
    let text = Secret::new(files::read_private(file)?);
    SigningKey::from_private_jwk(&text).with_context(|| format!("{} is damaged", file.display()))
}

fn update_key(key: &SigningKey) -> Result<UpdateKey> {
    UpdateKey::new(key.verifying_key()).context("the key of a did:webvh has to be an Ed25519 key")
}

fn sign(draft: DraftEntry, key: &SigningKey) -> Result<Entry> {
    let prepared = draft.prepare(key.verifying_key())?;
    let signature = key.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}

/// What `draft` makes, as soon as it can be made: did:webvh takes one entry a second.
fn when_due<T>(home: &Home, draft: impl Fn(Timestamp) -> Result<T, TwinDraftError>) -> Result<T> {
    let last = home.now().plus(PATIENCE);
    loop {
        match draft(home.now()) {
            Err(TwinDraftError::Early { until }) if until <= last => {
                wait_past(home, until.minus(Duration::from_secs(1)));
            }
            made => return Ok(made?),
        }
    }
}
