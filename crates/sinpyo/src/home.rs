//! The folder in which an installation keeps its ledger, keys and records.

use crate::{
    files::{self, Access},
    log_keys::LogSigners,
    os::SharedClock,
    persons,
    published::Published,
    registry::{Opened, Own, Pin, Registry as _, Remote},
    say::Voice,
    serve::registry::ServedLog,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{
    did::Did,
    time::{Clock, Timestamp},
};
use sinpyo_issuer::{Catalogue, Profile};
use sinpyo_registry::{Fold, Ledger, TrustedLog, heads::Recency};
use sinpyo_store::{SqliteLog, SqliteState};
use sinpyo_tlog::{
    note::{LogKey, Origin},
    policy::Policy,
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

/// Name of the log of an installation that was not told another.
const ORIGIN: &str = "sinpyo.example/ledger";

/// How old the word of a registry elsewhere may be, if nobody asks for less.
const MAX_AGE: Duration = Duration::from_mins(1);

/// The file with the accreditation root.
pub(crate) const ROOT: &str = "root";

/// The file with the operation that creates its DID, if that was made elsewhere.
pub(crate) const ROOT_OPERATION: &str = "root-operation.json";

/// An opened installation. One process has it at a time; others wait, but not for ever.
#[derive(Debug)]
pub(crate) struct Home {
    folder: PathBuf,
    clock: SharedClock,
    books: Books,
    /// Challenges, status entries, and whatever else happens once.
    pub(crate) state: SqliteState,
    /// The bundled profiles.
    pub(crate) catalogue: Catalogue,
    lock: File,
}

/// The ledger that an installation works with.
#[derive(Debug)]
enum Books {
    /// Its own.
    Own(Box<OwnLog>),
    /// One that somebody else serves.
    Remote(Box<Remote>),
    /// One that there is not yet.
    Planned(Origin),
}

/// A log in this folder, with its key.
#[derive(Debug)]
struct OwnLog {
    log: SqliteLog,
    signers: LogSigners,
    published: Published,
}

/// Which registry to work with, if not the installation's own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elsewhere<'a> {
    /// Where it is served.
    pub(crate) registry: Option<&'a str>,
    /// By which policy its checkpoints are believed.
    pub(crate) policy: Option<&'a Path>,
    /// The name of a log that there is not yet: operations are drafted for it.
    pub(crate) planned: Option<&'a str>,
    /// How old its word, and that of its witnesses, may be.
    pub(crate) max_age: Duration,
}

impl Default for Elsewhere<'_> {
    fn default() -> Self {
        Self { registry: None, policy: None, planned: None, max_age: MAX_AGE }
    }
}

impl Home {
    /// Opens the installation in `folder`; a new one gets a log key.
    pub(crate) fn open(folder: &Path, clock: SharedClock) -> Result<Self> {
        Self::open_with(folder, clock, Elsewhere::default(), Voice::quiet())
    }

    /// Opens the installation in `folder` with the registry that it relies on, or shall rely on from now on.
    pub(crate) fn open_with(
        folder: &Path,
        clock: SharedClock,
        elsewhere: Elsewhere<'_>,
        voice: Voice,
    ) -> Result<Self> {
        for part in ["", "organisations", "status"] {
            files::private_folder(&folder.join(part))?;
        }
        let lock = files::lock(&folder.join(".lock"))?;
        let books = match (elsewhere.planned, pinned(folder, elsewhere, voice)?) {
            (Some(_), Some(pin)) => bail!("this installation uses {} already", pin.url()),
            (Some(origin), None) => Books::Planned(origin.parse().context("not a name for a log")?),
            (None, Some(pin)) => {
                Books::Remote(Box::new(Remote::connect(pin.no_older_than(elsewhere.max_age), voice)?))
            }
            (None, None) => Books::Own(Box::new(OwnLog::open(folder, &clock)?)),
        };
        let state = SqliteState::open(&folder.join("events.db")).context("cannot open what is remembered")?;
        let catalogue = Catalogue::bundled().context("the bundled profiles are malformed")?;
        let home = Self { folder: folder.to_owned(), clock, books, state, catalogue, lock };
        persons::tidy(&home)?;
        Ok(home)
    }

    /// The current time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// The log with its keys, to be served for as long as the returned lock lives.
    pub(crate) fn into_served(self, root: Did, policy: Policy) -> Result<(File, ServedLog)> {
        let Books::Own(own) = self.books else { bail!("{NOT_HERE}") };
        let OwnLog { log, signers, published } = *own;
        let root = (root, root_operation_in(&self.folder)?);
        Ok((self.lock, ServedLog { engine: Box::new(log), signers, published, root, policy }))
    }

    fn own(&self) -> Result<&OwnLog> {
        match &self.books {
            Books::Own(own) => Ok(own),
            Books::Remote(_) | Books::Planned(_) => bail!("{NOT_HERE}"),
        }
    }

    /// The log's engine, if the log is here.
    pub(crate) fn log(&self) -> Result<&SqliteLog> {
        Ok(&self.own()?.log)
    }

    /// The key that checks the log's checkpoints, if the log is here.
    pub(crate) fn log_key(&self) -> Result<&LogKey> {
        Ok(&self.own()?.signers.key)
    }

    /// The name of the log.
    pub(crate) fn origin(&self) -> &Origin {
        match &self.books {
            Books::Own(own) => own.signers.key.name(),
            Books::Remote(remote) => remote.origin(),
            Books::Planned(origin) => origin,
        }
    }

    /// Whose checkpoints are believed.
    pub(crate) fn trust(&self) -> Result<&dyn TrustedLog> {
        match &self.books {
            Books::Own(own) => Ok(&own.signers.key),
            Books::Remote(remote) => Ok(remote.trust()),
            Books::Planned(origin) => bail!("there is no log {origin} yet"),
        }
    }

    /// How recent the registry's proofs have to be at `now`.
    pub(crate) fn demanded_recency(&self, now: Timestamp) -> Recency<'_> {
        match &self.books {
            // Nobody stands between.
            Books::Own(_) | Books::Planned(_) => Recency::default(),
            Books::Remote(remote) => remote.recency(now),
        }
    }

    /// Whether the log is known to name a key that states what is newest.
    pub(crate) fn log_names_heads(&self) -> bool {
        match &self.books {
            Books::Own(_) | Books::Planned(_) => false,
            Books::Remote(remote) => remote.names_heads(),
        }
    }

    /// Looks whether a registry elsewhere only grew, also since this process began.
    pub(crate) fn look_again(&self) -> Result<()> {
        match &self.books {
            Books::Remote(remote) => remote.look_again(),
            Books::Own(_) | Books::Planned(_) => Ok(()),
        }
    }

    /// The registry, wherever it is.
    pub(crate) fn registry(&self) -> Result<Opened<'_>> {
        match &self.books {
            Books::Own(own) => {
                let (ledger, now) = (self.ledger()?, self.now());
                Ok(Opened::Own(Box::new(Own {
                    engine: &own.log,
                    ledger,
                    voice: (&own.signers, &own.published),
                    now,
                })))
            }
            Books::Remote(remote) => Ok(Opened::Remote(remote)),
            Books::Planned(origin) => bail!("there is no log {origin} yet"),
        }
    }

    /// The accreditation root: the first organisation of this installation.
    pub(crate) fn root(&self) -> Result<Option<Did>> {
        root_in(&self.folder)
    }

    /// Makes `did` the accreditation root of this installation's own ledger, if that has none.
    pub(crate) fn appoint_root_if_first(&self, did: &Did) -> Result<()> {
        match &self.books {
            Books::Own(_) if self.root()?.is_none() => {
                files::create(&self.path(ROOT), did.as_str().as_bytes(), Access::Public)
            }
            Books::Own(_) | Books::Remote(_) | Books::Planned(_) => Ok(()),
        }
    }

    /// The ledger, if it is here.
    pub(crate) fn ledger(&self) -> Result<Ledger<'_>> {
        let Some(root) = self.root()? else {
            bail!("the ledger is empty; begin with: sinpyo did create <name> --ko … --en …");
        };
        let own = self.own()?;
        own.published.announce(&own.signers, &own.log)?;
        let ledger =
            Ledger::with_keys(&own.log, own.signers.keys(), &root).context("cannot open the ledger")?;
        // A new log has its first entry now.
        own.published.announce(&own.signers, &own.log)?;
        Ok(ledger)
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

/// The accreditation root of the log whose keys are in `folder`.
pub(crate) fn root_in(folder: &Path) -> Result<Option<Did>> {
    let path = folder.join(ROOT);
    if !path.exists() {
        return Ok(None);
    }
    let text = String::from_utf8(files::read(&path, 1024)?).context("the file root is no text")?;
    Ok(Some(text.trim().parse().context("the file root holds no DID")?))
}

/// The operation that creates it, if that was made elsewhere.
pub(crate) fn root_operation_in(folder: &Path) -> Result<Option<Vec<u8>>> {
    let path = folder.join(ROOT_OPERATION);
    if path.exists() { files::read(&path, 1 << 16).map(Some) } else { Ok(None) }
}

/// Why a command is refused that needs the log itself.
const NOT_HERE: &str = "this installation uses a registry elsewhere; run the command where the log is";

impl OwnLog {
    fn open(folder: &Path, clock: &SharedClock) -> Result<Self> {
        let signers = LogSigners::open(folder, &ORIGIN.parse().context("the name of the log")?)?;
        let fold = Fold::new(signers.key.name().clone());
        let published = Published::in_folder(folder)?;
        let log = SqliteLog::open(&folder.join("ledger.db"), fold, clock.clone());
        let log = log.context("cannot open the ledger")?;
        published.check(&log)?;
        Ok(Self { log, signers, published })
    }
}

/// The registry to rely on; `None` for the installation's own.
fn pinned(folder: &Path, elsewhere: Elsewhere<'_>, voice: Voice) -> Result<Option<Pin>> {
    let kept = Pin::kept(folder)?;
    match (elsewhere.registry, kept) {
        (Some(url), Some(pin)) if !pin.is_at(url)? => {
            bail!("this installation uses {} already; give the other one a --home of its own", pin.url())
        }
        (None, None) => Ok(None),
        (_, Some(pin)) => Ok(Some(match elsewhere.policy {
            Some(file) => pin.with_policy(file)?,
            None => pin,
        })),
        (Some(_), None) if folder.join("ledger.db").exists() => {
            bail!("this installation has a ledger of its own; use another --home for one elsewhere")
        }
        (Some(url), None) => {
            let (pin, named) = Pin::new(folder, url, elsewhere.policy)?;
            if let Some(key) = named {
                voice.tell(
                    &format!("처음 연결: 레지스트리가 밝힌 키를 기억합니다. 다른 경로로 확인하세요: {key}"),
                    &format!("first use: relying on the key that the registry names; compare it with: {key}"),
                );
            }
            Ok(Some(pin))
        }
    }
}
