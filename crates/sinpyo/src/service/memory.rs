//! Where a service remembers, and the key that all of its nodes share.

use crate::{
    files::{self, Access},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy as _,
};
use sinpyo_postgres::{Mode, PgOptions, PgState};
use sinpyo_state::State;
use sinpyo_store::SqliteState;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use zeroize::Zeroizing;

const STATE: &str = "state.db";
const KEY: &str = "service.key";

/// Where a service remembers.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Folder of the service: its memory in a SQLite file unless --database is given, and the key that its nodes share.
    #[arg(long, value_name = "DIR", required_unless_present = "database")]
    data: Option<PathBuf>,
    /// Keep the memory in PostgreSQL, for several nodes; with several hosts the primary among them. In the variable a
    /// password is not seen by whoever lists processes.
    #[arg(long, value_name = "URL", env = "SINPYO_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Refuse a database whose standbys do not confirm every commit.
    #[arg(long, requires = "database")]
    highly_available: bool,
    /// The key that the nodes share, which is made if there is none; by default service.key in --data.
    #[arg(long, value_name = "FILE", required_unless_present = "data")]
    key_file: Option<PathBuf>,
}

/// The memory of a service, opened.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Engine);

#[derive(Clone, Debug)]
enum Engine {
    File(Arc<SqliteState>),
    Database(Arc<PgState>),
}

impl Place {
    /// Opens the memory, which is made if there is none.
    pub(crate) fn open(&self) -> Result<Memory> {
        if let Some(folder) = &self.data {
            files::private_folder(folder)?;
        }
        let engine = match (&self.database, &self.data) {
            (Some(url), _) => {
                let (_, mode) = self.database().unwrap_or((url, Mode::Single));
                let state = PgState::connect(url, &PgOptions::new(mode));
                Engine::Database(Arc::new(state.context("cannot open the database")?))
            }
            (None, Some(folder)) => {
                let state = SqliteState::open(&folder.join(STATE));
                Engine::File(Arc::new(state.context("cannot open what is remembered")?))
            }
            (None, None) => bail!("--data DIR or --database URL says where the service remembers"),
        };
        Ok(Memory(engine))
    }

    /// The folder that the service remembers in, unless that is in a database.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.data.as_deref().filter(|_| self.database.is_none())
    }

    /// The folder of the service, if it has one.
    pub(crate) fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }

    /// The database that the service remembers in, and how many machines have to confirm, unless it is a folder.
    pub(crate) fn database(&self) -> Option<(&str, Mode)> {
        let mode = if self.highly_available { Mode::HighlyAvailable } else { Mode::Single };
        self.database.as_deref().map(|url| (url, mode))
    }

    /// The key that the nodes share; made if there is none.
    pub(crate) fn key(&self) -> Result<Secret<[u8; 32]>> {
        match (&self.key_file, &self.data) {
            (Some(file), _) => shared_key(file),
            (None, Some(folder)) => {
                files::private_folder(folder)?;
                shared_key(&folder.join(KEY))
            }
            (None, None) => bail!("--key-file FILE names the key that the nodes share"),
        }
    }
}

impl Memory {
    /// The memory.
    pub(crate) fn state(&self) -> &dyn State {
        match &self.0 {
            Engine::File(state) => &**state,
            Engine::Database(state) => &**state,
        }
    }

    /// The memory, for whoever keeps it.
    pub(crate) fn shared(&self) -> Arc<dyn State> {
        match &self.0 {
            Engine::File(state) => state.clone(),
            Engine::Database(state) => state.clone(),
        }
    }

    /// Why it could not answer when last it could not: for its operator.
    pub(crate) fn failure(&self) -> Option<String> {
        match &self.0 {
            Engine::File(state) => state.failure().map(|error| error.to_string()),
            Engine::Database(state) => state.failure().map(|error| error.to_string()),
        }
    }
}

/// The key in a file that nobody else may read, as base64url; made if there is none. Nodes of one service have the same.
fn shared_key(path: &Path) -> Result<Secret<[u8; 32]>> {
    if !path.exists() {
        let mut random = Zeroizing::new([0; 32]);
        OsEntropy.fill(&mut *random);
        let text = Zeroizing::new(to_base64url(&*random));
        files::create(path, text.as_bytes(), Access::Private)?;
    }
    let text = Zeroizing::new(files::read_private(path)?); // [CLI-06]
    let key = std::str::from_utf8(&text).ok().and_then(|text| from_base64url(text.trim()).ok());
    let key = key.map(Zeroizing::new).and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok());
    key.map(Secret::new).with_context(|| format!("{} holds no key of a service", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::PermissionsExt as _};

    #[test]
    fn the_key_of_a_service_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY);
        let made = shared_key(&path).unwrap();
        assert_eq!(shared_key(&path).unwrap().expose(), made.expose());
        assert_ne!(made.expose(), &[0; 32]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(shared_key(&path).unwrap_err().to_string().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for damaged in ["", "AAAA", "not base64url!"] {
            fs::write(&path, damaged).unwrap();
            assert!(shared_key(&path).unwrap_err().to_string().contains("no key of a service"), "{damaged}");
        }
    }
}
