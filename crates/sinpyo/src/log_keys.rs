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
        if !folder.join(LOG_KEY).exists() {
            if folder.join(PUBLIC).exists() {
                bail!("{} lacks the log's private key {LOG_KEY}", folder.display());
            }
            for name in [HEADS_KEY, LOG_KEY] {
                make(&folder.join(name))?;
            }
        }
        let signer = read(&folder.join(LOG_KEY))?;
        let public = folder.join(PUBLIC);
        // The log keeps the name that it was made with.
        let name = if public.exists() {
            let text = String::from_utf8(files::read(&public, MAX_KEY)?).context("the log key is no text")?;
            let named: LogKey = text.trim().parse().context("the file log.vkey holds no log key")?;
            named.name().clone()
        } else {
            origin.clone()
        };
        let key = LogKey::new(name, signer.key().verifying_key().clone());
        let key = key.context("the log key is not Ed25519")?;
        if !public.exists() {
            files::replace(&public, format!("{key}\n").as_bytes(), Access::Public)?;
        }
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
                also = Some(second(&folder.join(name), key.name())?);
            }
        }
        Ok(Self { key, signer, heads, also })
    }

    /// The key that the log is to have next; it is made if there is none.
    pub(crate) fn next(folder: &Path, origin: &Origin) -> Result<(LogKey, KeySigner)> {
        if folder.join(OLD_KEY).exists() {
            bail!("the key before this one still signs; end that first: sinpyo ledger retire-key");
        }
        let path = folder.join(NEXT_KEY);
        if !path.exists() {
            make(&path)?;
        }
        second(&path, origin)
    }

    /// The next key takes the place of the present one, which from now on is the old one.
    pub(crate) fn change(folder: &Path, next: &LogKey) -> Result<()> {
        // In this order each step leaves a folder that opens: the log knows the next key already.
        fs::rename(folder.join(LOG_KEY), folder.join(OLD_KEY)).context("cannot keep the old key")?;
        fs::rename(folder.join(NEXT_KEY), folder.join(LOG_KEY)).context("cannot keep the new key")?;
        files::replace(&folder.join(PUBLIC), format!("{next}\n").as_bytes(), Access::Public)
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
        let public = folder.join(PUBLIC);
        if !public.exists() {
            return Ok(None);
        }
        let text = String::from_utf8(files::read(&public, MAX_KEY)?).context("the log key is no text")?;
        let named: LogKey = text.trim().parse().context("the file log.vkey holds no log key")?;
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
