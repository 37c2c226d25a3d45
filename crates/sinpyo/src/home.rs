//! The folder in which an installation keeps its ledger, keys and records.

use crate::{
    files::{self, Access},
    os::{OsEntropy, SharedClock},
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{Secret, time::Clock};
use sinpyo_core::{
    did::{Did, KeyId},
    key::Entropy,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_issuer::{Catalogue, Profile};
use sinpyo_registry::{Fold, Ledger};
use sinpyo_store::{SqliteLog, events::EventStore};
use sinpyo_tlog::note::{LogKey, Origin};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// Name of the log of an installation that was not told another.
const ORIGIN: &str = "sinpyo.example/ledger";

/// An opened installation. One process has it at a time; others wait.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    clock: SharedClock,
    log: SqliteLog,
    log_key: LogKey,
    log_signer: KeySigner,
    /// Challenges, status entries, and whatever else happens once.
    pub(crate) events: EventStore,
    /// The bundled profiles.
    pub(crate) catalogue: Catalogue,
    _lock: File,
}

impl Home {
    /// Opens the installation in `folder`; a new one gets a log key.
    pub(crate) fn open(folder: &Path, clock: SharedClock) -> Result<Self> {
        for part in ["", "organisations", "status"] {
            files::private_folder(&folder.join(part))?;
        }
        let lock = files::lock(&folder.join(".lock"))?;
        let (log_key, log_signer) = log_key(folder)?;
        let fold = Fold::new(log_key.name().clone());
        let log = SqliteLog::open(&folder.join("ledger.db"), fold, clock.clone())
            .context("cannot open the ledger")?;
        let events = EventStore::open(&folder.join("events.db")).context("cannot open the event store")?;
        let catalogue = Catalogue::bundled().context("the bundled profiles are malformed")?;
        Ok(Self {
            folder: folder.to_owned(),
            clock,
            log,
            log_key,
            log_signer,
            events,
            catalogue,
            _lock: lock,
        })
    }

    /// The current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// The log's engine.
    pub(crate) const fn log(&self) -> &SqliteLog {
        &self.log
    }

    /// The key that checks the log's checkpoints.
    pub(crate) const fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    /// The accreditation root: the first organisation of this installation.
    pub(crate) fn root(&self) -> Result<Option<Did>> {
        let path = self.path("root");
        if !path.exists() {
            return Ok(None);
        }
        let text = String::from_utf8(files::read(&path, 1024)?).context("the file root is no text")?;
        Ok(Some(text.trim().parse().context("the file root holds no DID")?))
    }

    /// Makes `did` the accreditation root of a ledger that has none.
    pub(crate) fn appoint_root(&self, did: &Did) -> Result<()> {
        files::create(&self.path("root"), did.as_str().as_bytes(), Access::Public)
    }

    /// The ledger.
    pub(crate) fn ledger(&self) -> Result<Ledger<'_>> {
        let Some(root) = self.root()? else {
            bail!("the ledger is empty; begin with: sinpyo did create <name> --ko … --en …");
        };
        Ledger::open(&self.log, self.log_key.clone(), &self.log_signer, &root)
            .context("cannot open the ledger")
    }

    /// The bundled profile `name` (`K01`), or the one in the JSON file `name`.
    pub(crate) fn profile(&self, name: &str) -> Result<Profile> {
        if let Some(profile) = self.catalogue.by_id(name) {
            return Ok(profile.clone());
        }
        let text = files::read(Path::new(name), 1 << 20)
            .with_context(|| format!("{name} is neither a bundled profile (K01 to K62) nor a file"))?;
        Profile::from_json(&text).with_context(|| format!("{name} holds no profile"))
    }
}

/// Reads the log's key, or makes one.
fn log_key(folder: &Path) -> Result<(LogKey, KeySigner)> {
    let (secret, public) = (folder.join("log-key.jwk"), folder.join("log.vkey"));
    let origin: Origin = ORIGIN.parse().context("the name of the log")?;
    let key = if secret.exists() {
        read_key(&secret)?
    } else {
        new_key(&secret, Algorithm::Ed25519, &mut OsEntropy)?
    };
    let log_key = LogKey::new(origin, key.verifying_key().clone()).context("the log key is not Ed25519")?;
    if !public.exists() {
        files::replace(&public, format!("{log_key}\n").as_bytes(), Access::Public)?;
    }
    // Checkpoints name the log, not a verification method; a signer has to have one all the same.
    let multikey = key.verifying_key().to_multikey();
    let id: KeyId = format!("did:key:{multikey}#{multikey}").parse().context("the name of the log key")?;
    Ok((log_key, KeySigner::new(id, key)))
}

fn new_key(path: &Path, algorithm: Algorithm, entropy: &mut dyn Entropy) -> Result<SigningKey> {
    let key = SigningKey::generate(algorithm, entropy);
    files::create(path, key.to_private_jwk().expose().as_bytes(), Access::Private)?;
    Ok(key)
}

fn read_key(path: &Path) -> Result<SigningKey> {
    let text = Secret::new(files::read_private(path)?);
    SigningKey::from_private_jwk(&text).with_context(|| format!("{} holds no private key", path.display()))
}
