//! Whose DIDs the operator of a served log lets be created: a file in the log's folder, a DID on each line.
//!
//! What is on the log stays there for ever. The file is read at each creation, so that nobody has to restart a server.

use crate::files::{self, Access};
use anyhow::{Context, Result};
use sinpyo_core::did::Did;
use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
};

const FILE: &str = "admitted";
/// Changes to the list wait for each other; the folder itself belongs to the server.
const LOCK: &str = ".admitted.lock";
const MAX_FILE: u64 = 16 << 20;

/// The list of a folder.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    folder: PathBuf,
}

impl Admitted {
    /// The list in `folder`.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Whether `did` may be created. A list that cannot be read holds nobody.
    pub(crate) fn holds(&self, did: &Did) -> bool {
        match self.text() {
            Ok(text) => is_in(&text, did),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "nobody is admitted");
                false
            }
        }
    }

    /// Adds `did`. Returns whether it is new.
    pub(crate) fn add(&self, did: &Did) -> Result<bool> {
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(self.folder.join(LOCK));
        let lock = lock.with_context(|| format!("cannot open a file in {}", self.folder.display()))?;
        lock.lock().context("cannot lock the list of the admitted")?;
        let text = self.text()?;
        if is_in(&text, did) {
            return Ok(false);
        }
        let longer = format!("{text}{did}\n");
        files::replace(&self.folder.join(FILE), longer.as_bytes(), Access::Public)?;
        Ok(true)
    }

    fn text(&self) -> Result<String> {
        let path = self.folder.join(FILE);
        if !path.exists() {
            return Ok(String::new());
        }
        String::from_utf8(files::read(&path, MAX_FILE)?).context("the list of the admitted is no text")
    }
}

fn is_in(text: &str, did: &Did) -> bool {
    text.lines().any(|line| line == did.as_str())
}
