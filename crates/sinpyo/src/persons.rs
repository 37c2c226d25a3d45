//! Natural persons whom an organisation admitted: their operations and salts, in a store that forgets.
//!
//! The store lies in the home folder of the organisation, wherever the log is. Each time the folder is opened, what the
//! log says is erased is erased here too: the store may be an older copy.

use crate::{
    asking::Refusal,
    files::{self, Access},
    home::Home,
    office::Organisation,
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{encoding::to_base64url, key::Entropy as _};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::{
    EntryProof,
    engine::StateView,
    person::{self, PersonRecord, PersonSecret, PersonStore as _},
};
use sinpyo_store::SqlitePersonStore;
use std::path::Path;

/// The store.
pub(crate) const STORE: &str = "persons.db";
/// How far the log was searched for erasures, and for which entries.
const CHECKED: &str = "persons.checked";

/// The persons of an installation.
#[derive(Debug)]
pub(crate) struct Persons<'a> {
    home: &'a Home,
    store: SqlitePersonStore,
}

impl<'a> Persons<'a> {
    /// Opens the store, which is made if there is none.
    pub(crate) fn open(home: &'a Home) -> Result<Self> {
        let store = SqlitePersonStore::open(&home.path(STORE)).context("cannot open the store of persons")?;
        Ok(Self { home, store })
    }

    /// Admits the person whose operation this is, and keeps it with a fresh salt. Returns the entry.
    pub(crate) fn admit(&self, by: &Organisation, operation: Vec<u8>) -> Result<Result<u64, Refusal>> {
        let mut salt = [0; 32];
        OsEntropy.fill(&mut salt);
        let secret = match PersonSecret::from_parts(operation, salt) {
            Ok(secret) => secret,
            Err(error) => return Ok(Err(Refusal::new(error.code(), &error))),
        };
        let draft = person::admit(self.home.origin(), &by.did(), secret.commitment());
        let admission = draft.sign(&by.signer, by.signer.key().verifying_key())?;
        let entry = self.home.registry()?.submit(admission.as_bytes())?;
        self.store.put(entry, &secret)?;
        Ok(Ok(entry))
    }

    /// The record that convinces whoever knows the person by the identifier in it.
    pub(crate) fn record(&self, entry: u64) -> Result<PersonRecord> {
        let Some(secret) = self.store.get(entry)? else { bail!("nothing is kept about entry {entry}") };
        let proof: EntryProof = self.home.registry()?.entry_proof(entry)?;
        Ok(PersonRecord::new(secret, proof))
    }

    /// Announces the erasure of what stands behind `entry`, and erases it. Announced before it is done: what a crash leaves
    /// here is erased when the folder is opened again.
    pub(crate) fn erase(&self, by: &Organisation, entry: u64) -> Result<()> {
        let draft = person::erase(self.home.origin(), &by.did(), entry);
        let erasure = draft.sign(&by.signer, by.signer.key().verifying_key())?;
        self.home.registry()?.submit(erasure.as_bytes())?;
        Ok(self.store.erase(entry)?)
    }

    /// Erases what the log says is erased. Returns how many there were.
    fn tidy(&self) -> Result<usize> {
        let kept = self.store.entries()?;
        let Some(first) = kept.first() else { return Ok(0) };
        // An erasure stands after the admission. If nothing but this changed the store, what was searched is searched.
        let since = searched(self.home, &kept)?.unwrap_or(first + 1);
        let (erased, until) = self.home.registry()?.erased(&kept, since)?;
        for entry in &erased {
            self.store.erase(*entry)?;
        }
        let note = format!("{until} {}", digest(&self.store.entries()?));
        files::replace(&self.home.path(CHECKED), note.as_bytes(), Access::Private)?;
        Ok(erased.len())
    }
}

/// Erases from the store of `home`, if it has one, what the log says is erased.
pub(crate) fn tidy(home: &Home) -> Result<()> {
    if !home.path(STORE).exists() {
        return Ok(());
    }
    let erased = Persons::open(home)?.tidy().context("cannot compare the store of persons with the log")?;
    if erased > 0 {
        eprintln!("sinpyo: {erased} persons who are erased on the log were erased here");
    }
    Ok(())
}

/// The same for a folder beside a log that is at hand.
pub(crate) fn tidy_with(folder: &Path, state: &dyn StateView) -> Result<()> {
    if folder.join(STORE).exists() {
        let store =
            SqlitePersonStore::open(&folder.join(STORE)).context("cannot open the store of persons")?;
        person::reconcile(&store, state).context("cannot compare the store of persons with the log")?;
    }
    Ok(())
}

/// How far the log was searched, if the same entries were kept then.
fn searched(home: &Home, kept: &[u64]) -> Result<Option<u64>> {
    let path = home.path(CHECKED);
    if !path.exists() {
        return Ok(None);
    }
    let text = String::from_utf8(files::read(&path, 256)?).unwrap_or_default();
    let note = text.split_once(' ').filter(|(_, of)| *of == digest(kept));
    Ok(note.and_then(|(until, _)| until.parse().ok()))
}

fn digest(kept: &[u64]) -> String {
    let bytes: Vec<u8> = kept.iter().flat_map(|entry| entry.to_be_bytes()).collect();
    to_base64url(&sha256(&bytes))
}
