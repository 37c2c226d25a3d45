//! The last checkpoint that a log published, in a file beside its key.
//!
//! A database can be put back to yesterday's, with all that it knows of itself; this file then still says what the world
//! has seen. It is written before a checkpoint is shown to anybody, and a log that does not hold it is not opened.

use crate::{
    files::{self, Access},
    log_keys::LogSigners,
};
use anyhow::{Context, Result, bail};
use sinpyo_registry::engine::LogEngine;
use sinpyo_tlog::{
    checkpoint::SignedCheckpoint,
    merkle::{TreeHead, root},
    tile::TileNodes,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

const FILE: &str = "published";
const MAX_CHECKPOINT: u64 = 256 << 10;

/// The last published checkpoint of the log whose keys are in a folder.
#[derive(Debug)]
pub(crate) struct Published {
    path: PathBuf,
    kept: Mutex<Option<TreeHead>>,
}

impl Published {
    /// Reads the file in `folder`, if there is one.
    pub(crate) fn in_folder(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE);
        let kept = if path.exists() {
            let text = String::from_utf8(files::read(&path, MAX_CHECKPOINT)?)
                .context("the checkpoint is no text")?;
            let checkpoint: SignedCheckpoint =
                text.parse().with_context(|| format!("{} is damaged", path.display()))?;
            Some(checkpoint.claimed_head())
        } else {
            None
        };
        Ok(Self { path, kept: Mutex::new(kept) })
    }

    /// What was published last, as far as is known here.
    pub(crate) fn head(&self) -> Option<TreeHead> {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what `log` holds now, before somebody signs and shows it.
    pub(crate) fn announce(&self, signers: &LogSigners, log: &dyn LogEngine) -> Result<()> {
        let head = log.head()?;
        if head.size > self.head().map_or(0, |kept| kept.size) {
            self.remember(&signers.sign(head)?)?;
        }
        Ok(())
    }

    /// Takes what `log` published for the newest that it did, on the operator's word: the note of it is lost.
    pub(crate) fn adopt(&self, signers: &LogSigners, log: &dyn LogEngine) -> Result<TreeHead> {
        if let Some(head) = self.head() {
            bail!("{} says already that the log published {} entries", self.path.display(), head.size);
        }
        let published = log.checkpoint()?.context("the log has published nothing")?;
        let keys = std::iter::once(&signers.key).chain(signers.also.as_ref().map(|(key, _)| key));
        published.verify_any(keys).context("the log was published under another key")?;
        self.remember(&published)?;
        Ok(published.claimed_head())
    }

    /// Notes that `checkpoint` is about to be shown. One that is no larger is known already.
    pub(crate) fn remember(&self, checkpoint: &SignedCheckpoint) -> Result<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let head = checkpoint.claimed_head();
        if kept.is_none_or(|kept| kept.size < head.size) {
            files::replace(&self.path, checkpoint.to_string().as_bytes(), Access::Public)?;
            *kept = Some(head);
        }
        Ok(())
    }

    /// Checks that `log` holds what was published.
    pub(crate) fn check(&self, log: &dyn LogEngine) -> Result<()> {
        let head = log.head()?;
        let Some(published) = self.head() else { return self.refuse_unless_new(head) };
        let holds = published.size <= head.size && root_at(log, published.size)? == published.root;
        if !holds {
            bail!(
                "the log has {} entries and does not hold the checkpoint of {} that it published ({}): it was put back to \
                 an older copy, or is another log. Restore a backup that has it: sinpyo ledger restore",
                head.size,
                published.size,
                self.path.display()
            ); // [CLI-17]
        }
        Ok(())
    }

    /// A log with nothing but its own first entry has shown nothing that could be lost.
    fn refuse_unless_new(&self, head: TreeHead) -> Result<()> {
        if head.size > 1 {
            bail!(
                "the log has {} entries, and {} is not there: nothing says what it published. Copy that file from where \
                 the log was served last; if it is lost: sinpyo ledger adopt",
                head.size,
                self.path.display()
            ); // [CLI-21]
        }
        Ok(())
    }

    /// Puts the note in `folder` aside: the operator states that what was published is lost.
    pub(crate) fn put_aside(folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(());
        }
        fs::rename(&path, folder.join("published.lost")).context("cannot put the file published aside")
    }
}

fn root_at(log: &dyn LogEngine, size: u64) -> Result<sinpyo_tlog::merkle::Hash> {
    root(&TileNodes::new(log, size), size).map_err(|_| anyhow::anyhow!("the log's tree cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::SystemClock;
    use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
    use sinpyo_registry::engine::Opaque;
    use sinpyo_store::MemoryLog;
    use sinpyo_tlog::note::LogKey;

    fn sign(head: TreeHead) -> SignedCheckpoint {
        let key = SigningKey::generate(Algorithm::Ed25519, &mut crate::os::OsEntropy);
        let name = LogKey::new("log.example/1".parse().unwrap(), key.verifying_key().clone()).unwrap();
        SignedCheckpoint::sign(head, &name, &KeySigner::new("did:example:log#key".parse().unwrap(), key))
            .unwrap()
    }

    #[test]
    fn a_log_is_opened_only_if_it_holds_what_was_published() {
        let folder = tempfile::tempdir().unwrap();
        let log = MemoryLog::new(Opaque, SystemClock);
        let published = Published::in_folder(folder.path()).unwrap();
        published.check(&log).unwrap();
        log.append(vec![b"a".to_vec()]).pop().unwrap().unwrap();
        published.check(&log).unwrap();
        log.append(vec![b"b".to_vec()]).pop().unwrap().unwrap();
        // Without the note nothing says that there were not more.
        assert!(published.check(&log).unwrap_err().to_string().contains("sinpyo ledger adopt"));
        published.remember(&sign(log.head().unwrap())).unwrap();
        log.append(vec![b"c".to_vec()]).pop().unwrap().unwrap();
        // A smaller one, from a slower thread, does not take its place.
        published.remember(&sign(TreeHead { size: 1, ..log.head().unwrap() })).unwrap();
        let again = Published::in_folder(folder.path()).unwrap();
        assert_eq!(again.head().unwrap().size, 2);
        again.check(&log).unwrap();
        let older = MemoryLog::new(Opaque, SystemClock);
        older.append(vec![b"a".to_vec()]).pop().unwrap().unwrap();
        assert!(again.check(&older).is_err());
        let other = MemoryLog::new(Opaque, SystemClock);
        for entry in [b"a".to_vec(), b"x".to_vec(), b"c".to_vec()] {
            other.append(vec![entry]).pop().unwrap().unwrap();
        }
        assert!(again.check(&other).is_err());
        fs::write(folder.path().join(FILE), "log.example/1\n1\n").unwrap();
        assert!(Published::in_folder(folder.path()).is_err());
    }
}
