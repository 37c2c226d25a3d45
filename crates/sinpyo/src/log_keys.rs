//! The keys with which the log of an installation speaks.

use crate::{
    files::{self, Access},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{Secret, did::KeyId};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey};
use sinpyo_registry::{LedgerKeys, heads::HeadsKey};
use sinpyo_tlog::{
    checkpoint::{SignCheckpointError, SignedCheckpoint},
    merkle::TreeHead,
    note::{LogKey, Origin},
};
use std::{fs, path::Path};

const LOG_KEY: &str = "log-key.jwk";
const HEADS_KEY: &str = "heads-key.jwk";
/// The key that the log had before; it signs beside the present one until verifiers have learnt of that.
const OLD_KEY: &str = "log-key.old.jwk";
/// The key that the log is to have; it is here alone while a change is under way.
const NEXT_KEY: &str = "log-key.next.jwk";
/// The same for the key that states what is newest.
const NEXT_HEADS_KEY: &str = "heads-key.next.jwk";
const PUBLIC: &str = "log.vkey";
const MAX_KEY: u64 = 4096;

/// The keys of one log.
#[derive(Debug)]
pub(crate) struct LogSigners {
    /// Checks checkpoints.
    pub(crate) key: LogKey,
    pub(crate) signer: KeySigner,
    /// States which versions are newest; a log that was made without such a key has none.
    pub(crate) heads: Option<(HeadsKey, KeySigner)>,
    /// Signs checkpoints as well, around a change of keys.
    pub(crate) also: Option<(LogKey, KeySigner)>,
}

impl LogSigners {
    /// Reads the keys in `folder`; if there are none, makes those of a new log called `origin`.
    pub(crate) fn open(folder: &Path, origin: &Origin) -> Result<Self> {
        finish_change(folder)?;
        if !folder.join(LOG_KEY).exists() {
            if folder.join(PUBLIC).exists() {
                bail!("{} lacks the log's private key {LOG_KEY}", folder.display());
            }
            for name in [HEADS_KEY, LOG_KEY] {
                make(&folder.join(name))?;
            }
        }
        let signer = read(&folder.join(LOG_KEY))?;
        // The log keeps the name that it was made with.
        let named = public(folder)?;
        let name = named.as_ref().map_or(origin, LogKey::name).clone();
        let key = LogKey::new(name, signer.key().verifying_key().clone());
        let key = key.context("the log key is not Ed25519")?;
        let heads = folder.join(HEADS_KEY);
        let heads = if heads.exists() {
            let signer = read(&heads)?;
            let key = HeadsKey::new(key.name(), signer.key().verifying_key().clone());
            Some((key.context("the heads key is not Ed25519")?, signer))
        } else {
            None
        };
        let mut also = None;
        for name in [OLD_KEY, NEXT_KEY] {
            if folder.join(name).exists() {
                let other = second(&folder.join(name), key.name())?;
                also = if other.0 == key { also } else { Some(other) };
            }
        }
        // A change of keys ends with this file; another key than the one before is not announced for that.
        let was_before = also.as_ref().is_some_and(|(also, _)| named.as_ref() == Some(also));
        if named.is_none() || (was_before && !folder.join(NEXT_KEY).exists()) {
            announce(folder, &key)?;
        }
        Ok(Self { key, signer, heads, also })
    }

    /// The key that the log is to have next; it is made if there is none.
    pub(crate) fn next(folder: &Path, origin: &Origin) -> Result<(LogKey, KeySigner)> {
        let path = folder.join(NEXT_KEY);
        // With both of them there, a change was broken off, and goes on.
        if folder.join(OLD_KEY).exists() && !path.exists() {
            bail!("the key before this one still signs; end that first: sinpyo ledger retire-key");
        }
        if !path.exists() {
            make(&path)?;
        }
        second(&path, origin)
    }

    /// The next key takes the place of the present one, which from now on is the old one.
    pub(crate) fn change(folder: &Path, next: &LogKey) -> Result<()> {
        // In this order each step leaves a folder that opens: the log knows the next key already, and there is always a
        // present one.
        let old = Secret::new(files::read_private(&folder.join(LOG_KEY))?);
        files::replace(&folder.join(OLD_KEY), old.expose(), Access::Private)?;
        take_into_use(folder)?;
        announce(folder, next)
    }

    /// The key that is to state next what is newest; it is made if there is none.
    pub(crate) fn next_heads(folder: &Path, origin: &Origin) -> Result<(HeadsKey, KeySigner)> {
        let path = folder.join(NEXT_HEADS_KEY);
        if !path.exists() {
            make(&path)?;
        }
        let signer = read(&path)?;
        let key = HeadsKey::new(origin, signer.key().verifying_key().clone());
        Ok((key.context("the heads key is not Ed25519")?, signer))
    }

    /// It takes the place of the present one.
    pub(crate) fn change_heads(folder: &Path) -> Result<()> {
        fs::rename(folder.join(NEXT_HEADS_KEY), folder.join(HEADS_KEY)).context("cannot keep the new key")
    }

    /// The old key signs no more.
    pub(crate) fn retire(folder: &Path) -> Result<()> {
        let path = folder.join(OLD_KEY);
        if !path.exists() {
            bail!("there is no old key");
        }
        fs::remove_file(path).context("cannot remove the old key")
    }

    /// Reads the keys in `folder`, if there are any.
    pub(crate) fn kept(folder: &Path) -> Result<Option<Self>> {
        let Some(named) = public(folder)? else { return Ok(None) };
        Self::open(folder, named.name()).map(Some)
    }

    /// The keys as a ledger wants them.
    pub(crate) fn keys(&self) -> LedgerKeys<'_> {
        let keys = LedgerKeys::new(self.key.clone(), &self.signer);
        let keys = match &self.heads {
            Some((key, signer)) => keys.with_heads(key.clone(), signer),
            None => keys,
        };
        match &self.also {
            Some((key, signer)) => keys.also_signing(key.clone(), signer),
            None => keys,
        }
    }

    /// States with all keys that the log has `head`.
    pub(crate) fn sign(&self, head: TreeHead) -> Result<SignedCheckpoint, SignCheckpointError> {
        let checkpoint = SignedCheckpoint::sign(head, &self.key, &self.signer)?;
        let Some((key, signer)) = &self.also else { return Ok(checkpoint) };
        let second = SignedCheckpoint::sign(head, key, signer)?;
        checkpoint.with_signatures(second.signatures().iter().cloned()).map_err(SignCheckpointError::Note)
    }
}

/// The public key in the folder.
fn public(folder: &Path) -> Result<Option<LogKey>> {
    let path = folder.join(PUBLIC);
    if !path.exists() {
        return Ok(None);
    }
    let text = String::from_utf8(files::read(&path, MAX_KEY)?).context("the log key is no text")?;
    text.trim().parse().map(Some).context("the file log.vkey holds no log key")
}

fn announce(folder: &Path, key: &LogKey) -> Result<()> {
    files::replace(&folder.join(PUBLIC), format!("{key}\n").as_bytes(), Access::Public)
}

/// The next key takes the place of whatever is there.
fn take_into_use(folder: &Path) -> Result<()> {
    fs::rename(folder.join(NEXT_KEY), folder.join(LOG_KEY)).context("cannot keep the new key")?;
    files::make_durable(folder)
}

/// A folder with an old key and a next one and none between them was left so by a change that was broken off.
fn finish_change(folder: &Path) -> Result<()> {
    let is_there = |name: &str| folder.join(name).exists();
    if !is_there(LOG_KEY) && is_there(OLD_KEY) && is_there(NEXT_KEY) { take_into_use(folder) } else { Ok(()) }
}

fn second(path: &Path, origin: &Origin) -> Result<(LogKey, KeySigner)> {
    let signer = read(path)?;
    let key = LogKey::new(origin.clone(), signer.key().verifying_key().clone());
    Ok((key.context("the log key is not Ed25519")?, signer))
}

fn make(path: &Path) -> Result<()> {
    let key = SigningKey::generate(Algorithm::Ed25519, &mut OsEntropy);
    files::create(path, key.to_private_jwk().expose().as_bytes(), Access::Private)
}

fn read(path: &Path) -> Result<KeySigner> {
    let text = Secret::new(files::read_private(path)?);
    let key = SigningKey::from_private_jwk(&text);
    let key = key.with_context(|| format!("{} holds no private key", path.display()))?;
    // Notes name the log, not a verification method; a signer has to have one all the same.
    let multikey = key.verifying_key().to_multikey();
    let id: KeyId =
        format!("did:key:{multikey}#{multikey}").parse().context("the name of a key of the log")?;
    Ok(KeySigner::new(id, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder at the beginning of a change of keys, the present key and the next.
    fn changing() -> (tempfile::TempDir, LogKey, LogKey) {
        let folder = tempfile::tempdir().unwrap();
        let origin = "log.example/1".parse().unwrap();
        let old = LogSigners::open(folder.path(), &origin).unwrap().key;
        let next = LogSigners::next(folder.path(), &origin).unwrap().0;
        (folder, old, next)
    }

    /// Opens the folder as after a crash, gives the command again, and opens it for good.
    fn goes_on(folder: &Path, old: &LogKey, next: &LogKey) {
        let signers = LogSigners::kept(folder).unwrap().unwrap();
        assert!(signers.key == *old || signers.key == *next);
        let both = [Some(&signers.key), signers.also.as_ref().map(|(key, _)| key)];
        assert!(both.contains(&Some(old)) && both.contains(&Some(next)));
        if signers.key == *old {
            assert_eq!(LogSigners::next(folder, old.name()).unwrap().0, *next);
            LogSigners::change(folder, next).unwrap();
        }
        let signers = LogSigners::kept(folder).unwrap().unwrap();
        assert_eq!((&signers.key, &signers.also.unwrap().0), (next, old));
        assert_eq!(public(folder).unwrap().unwrap(), *next);
        assert!(LogSigners::next(folder, old.name()).is_err());
        LogSigners::retire(folder).unwrap();
        assert!(LogSigners::kept(folder).unwrap().unwrap().also.is_none());
    }

    #[test]
    fn a_change_of_keys_that_is_broken_off_leaves_a_folder_that_opens_and_goes_on() {
        let (folder, old, next) = changing();
        goes_on(folder.path(), &old, &next);
        // After the copy of the old key.
        let (folder, old, next) = changing();
        let at = |name: &str| folder.path().join(name);
        fs::copy(at(LOG_KEY), at(OLD_KEY)).unwrap();
        goes_on(folder.path(), &old, &next);
        // Before the public key is announced.
        let (folder, old, next) = changing();
        let at = |name: &str| folder.path().join(name);
        fs::copy(at(LOG_KEY), at(OLD_KEY)).unwrap();
        fs::rename(at(NEXT_KEY), at(LOG_KEY)).unwrap();
        goes_on(folder.path(), &old, &next);
        // As earlier versions could leave it.
        let (folder, old, next) = changing();
        let at = |name: &str| folder.path().join(name);
        fs::rename(at(LOG_KEY), at(OLD_KEY)).unwrap();
        goes_on(folder.path(), &old, &next);
    }

    #[test]
    fn another_key_in_the_folder_is_not_announced_as_the_logs() {
        let (folder, old, _) = changing();
        let (thief, ..) = changing();
        fs::copy(thief.path().join(LOG_KEY), folder.path().join(LOG_KEY)).unwrap();
        let _opened = LogSigners::kept(folder.path());
        assert_eq!(public(folder.path()).unwrap().unwrap(), old);
    }
}
