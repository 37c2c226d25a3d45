//! A voter's record in a file: for tests and auditors, who cast without a wallet.

use super::HolderKey;
use crate::{
    files::{self, Access},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::Secret;
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_voting::voter::{Place, Voter};
use std::path::{Path, PathBuf};

/// What a voter must not lose, in a folder that nobody else can look into.
#[derive(Debug)]
pub(crate) struct VoterFile {
    record: PathBuf,
    pub(crate) voter: Voter,
    pub(crate) holder: HolderKey,
}

impl VoterFile {
    /// Opens the folder; one that is not there is made for somebody who votes at `place`.
    pub(crate) fn open(folder: &Path, place: Place) -> Result<Self> {
        files::private_folder(folder)?;
        let (record, key) = (folder.join("voter"), folder.join("holder.jwk"));
        if !key.exists() {
            let made = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
            files::create(&key, made.to_private_jwk().expose().as_bytes(), Access::Private)?;
        }
        let holder = SigningKey::from_private_jwk(&Secret::new(files::read_private(&key)?));
        let holder = HolderKey::new(holder.context("the holder's key is damaged")?)?;
        let voter = if record.exists() {
            let text =
                String::from_utf8(files::read_private(&record)?).ok().context("the record is damaged")?;
            let voter = Voter::read(&Secret::new(text))?;
            let is_called_by_another =
                place.host().zip(voter.place().host()).is_some_and(|(told, known)| told != known);
            if voter.place().address() != place.address() || is_called_by_another {
                bail!("{} is a voter's of another election: {}", folder.display(), voter.place().address());
            }
            voter
        } else {
            Voter::new(place, &mut OsEntropy)
        };
        let file = Self { record, voter, holder };
        file.keep()?;
        Ok(file)
    }

    /// Keeps the record as it is now.
    pub(crate) fn keep(&self) -> Result<()> {
        keep(&self.record, &self.voter)
    }

    /// Keeps the credential that came with registration: it is never shown when a ballot is cast.
    pub(crate) fn keep_credential(&self, credential: &str) -> Result<()> {
        let path = self.record.with_file_name("eligibility.sd-jwt");
        files::replace(&path, credential.as_bytes(), Access::Private)
    }

    /// The file of the record.
    pub(crate) fn path(&self) -> &Path {
        &self.record
    }
}

/// Keeps a record in its file.
pub(crate) fn keep(path: &Path, voter: &Voter) -> Result<()> {
    files::replace(path, voter.write().expose().as_bytes(), Access::Private)
}
