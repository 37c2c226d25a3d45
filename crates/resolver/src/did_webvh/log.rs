//! A history, as far as it verifies.

use super::{
    Entry, UpdateKey, VersionId, WebvhDid, WebvhError, WitnessProofs, Witnesses,
    entry::{claimed_time, entry_hash, self_certifying_id},
    parameters::{Active, Said},
};
use crate::fetch::MAX_ANSWER;
use serde_json::{Map, Value};
use sinpyo_core::{document::VerificationRelationship, time::Timestamp};
use sinpyo_proof::{
    CLOCK_SKEW,
    data_integrity::{self, Cryptosuite, Expected},
};

/// Most proofs that one entry may carry.
const MAX_PROOFS: usize = 16;

/// The verified part of a log, and why it ends where it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidLog {
    pub(super) versions: Vec<Version>,
    pub(super) broken: Option<Broken>,
}

/// One verified entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    entry: Entry,
    pub(super) did: WebvhDid,
    pub(super) active: Active,
    /// Who has to have approved the entry.
    pub(super) witnesses: Witnesses,
}

/// Where the log stops being valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) error: WebvhError,
    /// When the first invalid entry says that it was made, if it says so.
    pub(super) claimed_time: Option<Timestamp>,
}

impl Version {
    /// The entry.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The name of the version.
    pub const fn id(&self) -> &VersionId {
        self.entry.id()
    }

    /// The keys that may sign the next entry; if keys are announced, only those can be listed and sign it.
    pub fn update_keys(&self) -> &[UpdateKey] {
        &self.active.update_keys
    }
}

impl DidLog {
    /// Reads `did.jsonl`, and verifies entry after entry as of `now`. What comes after the first invalid one is not
    /// looked at.
    pub fn read(bytes: &[u8], now: Timestamp) -> Self {
        let mut log = Self { versions: Vec::new(), broken: None };
        if bytes.len() > MAX_ANSWER {
            log.broken = Some(Broken { error: WebvhError::TooLong, claimed_time: None }); // [WVH-18]
            return log;
        }
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            if let Err(error) = Entry::parse(line).and_then(|entry| log.push(entry, now)) {
                log.broken = Some(Broken { error, claimed_time: claimed_time(line) });
                return log;
            }
        }
        if log.versions.is_empty() {
            log.broken = Some(Broken { error: WebvhError::Entry, claimed_time: None }); // [WVH-02]
        }
        log
    }

    /// A log of one entry.
    ///
    /// # Errors
    /// The entry is no valid first entry.
    pub fn start(entry: Entry, now: Timestamp) -> Result<Self, WebvhError> {
        let mut log = Self { versions: Vec::new(), broken: None };
        log.push(entry, now)?;
        Ok(log)
    }

    /// The log with one more entry. Whether its witnesses approve is [`DidLog::witnessed`]'s question.
    ///
    /// # Errors
    /// The entry does not fit, or the log was not valid to its end.
    pub fn append(mut self, entry: Entry, now: Timestamp) -> Result<Self, WebvhError> {
        if let Some(broken) = self.broken {
            return Err(broken.error);
        }
        self.push(entry, now)?;
        Ok(self)
    }

    /// The verified versions, oldest first.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Why the log is not valid to its end, if it is not.
    pub fn error(&self) -> Option<&WebvhError> {
        self.broken.as_ref().map(|broken| &broken.error)
    }

    /// Whether any version needs approvals by witnesses.
    pub fn needs_witnesses(&self) -> bool {
        self.versions.iter().any(|version| !version.witnesses.is_nobody())
    }

    /// The log up to the first version that too few of its witnesses approved.
    #[must_use]
    pub fn witnessed(mut self, proofs: &WitnessProofs, now: Timestamp) -> Self {
        let approvals = proofs.approvals(&self.versions, now);
        let approved = |(index, version): (usize, &Version)| {
            let by = |key: &&UpdateKey| approvals.get(*key).is_some_and(|newest| *newest >= index);
            version.witnesses.keys().iter().filter(by).count() >= version.witnesses.threshold()
        };
        let unapproved = self.versions.iter().enumerate().position(|version| !approved(version));
        if let Some(index) = unapproved {
            let claimed_time = self.versions.get(index).map(|version| version.entry.time());
            self.versions.truncate(index);
            self.broken = Some(Broken { error: WebvhError::Unwitnessed, claimed_time }); // [WVH-12]
        }
        self
    }

    /// The text of `did.jsonl`.
    pub fn to_jsonl(&self) -> String {
        self.versions.iter().map(|version| version.entry.to_line()).collect()
    }

    fn push(&mut self, entry: Entry, now: Timestamp) -> Result<(), WebvhError> {
        let version = match self.versions.last() {
            None => first(entry, now)?,
            Some(previous) => next(previous, entry, now)?,
        };
        self.versions.push(version);
        Ok(())
    }
}

fn first(entry: Entry, now: Timestamp) -> Result<Version, WebvhError> {
    let active = Active::first(Said::read(entry.parameters())?)?;
    if entry.id().number() != 1 {
        return Err(WebvhError::Number); // [WVH-05]
    }
    check_time(&entry, now)?;
    if self_certifying_id(entry.members(), &active.scid)? != *active.scid {
        return Err(WebvhError::Scid); // [WVH-03]
    }
    check_hash(&entry, &active.scid)?;
    let did = did_of(&entry, &active)?;
    check_proofs(&entry, &active.update_keys, now)?;
    Ok(Version { witnesses: active.witness.clone(), entry, did, active })
}

fn next(previous: &Version, entry: Entry, now: Timestamp) -> Result<Version, WebvhError> {
    if previous.active.deactivated {
        return Err(WebvhError::Deactivated); // [WVH-15]
    }
    let active = previous.active.then(Said::read(entry.parameters())?)?;
    if previous.id().number().checked_add(1) != Some(entry.id().number()) {
        return Err(WebvhError::Number); // [WVH-05]
    }
    if entry.time() <= previous.entry.time() {
        return Err(WebvhError::Time); // [WVH-06]
    }
    check_time(&entry, now)?;
    check_hash(&entry, previous.id().as_str())?;
    let did = did_of(&entry, &active)?;
    check_move(previous, &entry, &did, &active)?;
    // Announced keys sign the entry that lists them; without announcements the keys of the entry before sign.
    let signers =
        if previous.active.announces() { &active.update_keys } else { &previous.active.update_keys };
    check_proofs(&entry, signers, now)?;
    // A new list of witnesses is in charge from the next entry on, unless there was none.
    let witnesses =
        if previous.active.witness.is_nobody() { &active.witness } else { &previous.active.witness };
    Ok(Version { witnesses: witnesses.clone(), entry, did, active })
}

fn check_time(entry: &Entry, now: Timestamp) -> Result<(), WebvhError> {
    if entry.time() <= now.plus(CLOCK_SKEW) { Ok(()) } else { Err(WebvhError::Time) } // [WVH-06]
}

fn check_hash(entry: &Entry, previous: &str) -> Result<(), WebvhError> {
    if entry_hash(entry.members(), previous) == entry.id().hash() { Ok(()) } else { Err(WebvhError::Chain) } // [WVH-04]
}

/// The DID that the document of the entry is about; its hash is the one that the first entry certifies.
fn did_of(entry: &Entry, active: &Active) -> Result<WebvhDid, WebvhError> {
    let id = entry.state().get("id").and_then(Value::as_str).ok_or(WebvhError::ForeignState)?;
    let did = WebvhDid::parse(id)?;
    if *did.scid() == *active.scid { Ok(did) } else { Err(WebvhError::ForeignState) } // [WVH-14]
}

/// A DID that may move says in the new document where it comes from.
fn check_move(previous: &Version, entry: &Entry, did: &WebvhDid, active: &Active) -> Result<(), WebvhError> {
    if did.did() == previous.did.did() {
        return Ok(());
    }
    let names = entry.state().get("alsoKnownAs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let names_the_old = names.iter().any(|name| name == previous.did.did().as_str());
    if active.portable && names_the_old { Ok(()) } else { Err(WebvhError::ForeignState) } // [WVH-14]
}

/// Every proof of the entry is by one of `signers`, and there is one.
fn check_proofs(entry: &Entry, signers: &[UpdateKey], now: Timestamp) -> Result<(), WebvhError> {
    let proofs = entry.proofs();
    if !(1..=MAX_PROOFS).contains(&proofs.len()) {
        return Err(WebvhError::Proof(None)); // [WVH-09]
    }
    for proof in proofs {
        check_proof(entry.members(), proof, now, |key| signers.contains(key))?;
    }
    Ok(())
}

/// Checks one proof over `members`, whatever proof they carry, by a key that is `admitted`. The key is the answer.
pub(super) fn check_proof(
    members: &Map<String, Value>,
    proof: &Value,
    now: Timestamp,
    admitted: impl Fn(&UpdateKey) -> bool,
) -> Result<UpdateKey, WebvhError> {
    let mut secured = members.clone();
    secured.insert("proof".to_owned(), proof.clone());
    let method = data_integrity::claimed_key(&secured).map_err(|error| WebvhError::Proof(Some(error)))?;
    let signer = UpdateKey::of_method(&method)?;
    if !admitted(&signer) {
        return Err(WebvhError::Stranger); // [WVH-10]
    }
    if proof.get("cryptosuite").and_then(Value::as_str) != Some(Cryptosuite::EddsaJcs2022.name()) {
        return Err(WebvhError::Proof(None)); // [WVH-09]
    }
    let key = signer.verifying_key().map_err(|_| WebvhError::Stranger)?;
    let expected = Expected { purpose: VerificationRelationship::AssertionMethod, challenge: None, now };
    data_integrity::verify(secured, &key, &expected).map_err(|error| WebvhError::Proof(Some(error)))?; // [WVH-09]
    Ok(signer)
}
