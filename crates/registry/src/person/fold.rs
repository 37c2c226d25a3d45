//! How admissions and erasures change the state.

use super::{Commitment, PersonError};
use crate::{
    accreditation,
    did_tlog::Recoveries,
    engine::{EngineError, Position, StateView, StateWrite},
    fold::{AssertionKeyError, assertion_key, split},
    form::{self, Members},
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    accreditation::{ParseServiceCodeError, Right},
    did::Did,
    time::Timestamp,
};

/// The right to admit persons: that to ask under this service code.
///
/// # Errors
/// Never for this code.
pub fn admission_right() -> Result<Right, ParseServiceCodeError> {
    "registry.admission".parse().map(Right::Request)
}

/// What the state keeps of an admitted person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonEntry {
    commitment: Commitment,
    by: Did,
    erased: bool,
    void: bool,
}

impl PersonEntry {
    /// The commitment.
    pub const fn commitment(&self) -> Commitment {
        self.commitment
    }

    /// Who admitted the person.
    pub const fn by(&self) -> &Did {
        &self.by
    }

    /// Whether operation and salt were deleted.
    pub const fn is_erased(&self) -> bool {
        self.erased
    }

    /// Whether the admission counts for nothing, because a thief of the organisation's keys made it.
    pub const fn is_void(&self) -> bool {
        self.void
    }

    /// The person that entry `index` admitted.
    ///
    /// # Errors
    /// The engine failed, or the state is damaged.
    pub fn read(state: &dyn StateView, index: u64) -> Result<Option<Self>, EngineError> {
        let Some(bytes) = state.get(&entry_key(index))? else { return Ok(None) };
        let mut entry = Self::from_bytes(&bytes).ok_or(EngineError::CorruptState)?;
        entry.void = Recoveries::read(state, &entry.by)?.void(index);
        Ok(Some(entry))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            commitment: value.get("commitment")?.as_str()?.parse().ok()?,
            by: value.get("by")?.as_str()?.parse().ok()?,
            erased: value.get("erased")?.as_bool()?,
            void: false,
        })
    }

    fn write(&self, index: u64) -> StateWrite {
        let value = json!({
            "commitment": self.commitment.to_string(),
            "by": self.by.as_str(),
            "erased": self.erased,
        });
        StateWrite { key: entry_key(index), value: Some(value.to_string().into_bytes()) }
    }
}

/// 20 digits, so that the keys have the order of the log.
fn entry_key(index: u64) -> Vec<u8> {
    format!("person/{index:020}").into_bytes()
}

fn commitment_key(commitment: &Commitment) -> Vec<u8> {
    format!("commitment/{commitment}").into_bytes()
}

/// The state that the admission `op` at position `at` leads to.
pub(crate) fn admit(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
    root: &Did,
) -> Result<Vec<StateWrite>, PersonError> {
    let members =
        Members(op).exactly(&["type", "by", "commitment", "log", "proof"], &[]).map_err(PersonError::Form)?;
    let commitment: Commitment = members.text("commitment").map_err(PersonError::Form)?.parse()?;
    let by = check_signed(state, at, op)?;
    if by != *root {
        let right = admission_right().map_err(|_| PersonError::Stranger)?;
        match accreditation::find(state, &by, &right, at.time) {
            Ok(_) => {}
            Err(accreditation::LookupError::Engine(error)) => return Err(PersonError::Engine(error)),
            Err(_) => return Err(PersonError::Stranger), // [TLOG-42]
        }
    }
    if state.get(&commitment_key(&commitment)).map_err(PersonError::Engine)?.is_some() {
        return Err(PersonError::Exists); // [TLOG-43]
    }
    let entry = PersonEntry { commitment, by, erased: false, void: false };
    let known = StateWrite { key: commitment_key(&commitment), value: Some(Vec::new()) };
    Ok(vec![entry.write(at.index), known])
}

/// The state that the erasure `op` at position `at` leads to.
pub(crate) fn erase(
    state: &dyn StateView,
    at: Position,
    op: &Map<String, Value>,
    root: &Did,
) -> Result<Vec<StateWrite>, PersonError> {
    let members =
        Members(op).exactly(&["type", "by", "entry", "log", "proof"], &[]).map_err(PersonError::Form)?;
    let index = members.number("entry").map_err(PersonError::Form)?;
    let by = check_signed(state, at, op)?;
    let entry = PersonEntry::read(state, index).map_err(PersonError::Engine)?;
    let mut entry = entry.filter(|entry| !entry.erased).ok_or(PersonError::Unknown)?; // [TLOG-44]
    if by != entry.by && by != *root {
        return Err(PersonError::Stranger);
    }
    entry.erased = true;
    Ok(vec![entry.write(index)])
}

/// The organisation that `op` names, which signed it with an assertion key that it has now.
fn check_signed(state: &dyn StateView, at: Position, op: &Map<String, Value>) -> Result<Did, PersonError> {
    let by = form::did(Members(op), "by").map_err(PersonError::Form)?;
    let signer = form::signer(op).map_err(PersonError::Form)?;
    if signer.did() != by {
        return Err(PersonError::Stranger);
    }
    let key = assertion_key(state, &signer).map_err(|error| match error {
        AssertionKeyError::Unauthorised => PersonError::Stranger,
        AssertionKeyError::Engine(error) => PersonError::Engine(error),
    })?;
    form::check_proof(op, &key, at.time).map_err(PersonError::Form)?;
    Ok(by)
}

/// Who admitted what, and when, by the words of an entry.
pub(super) fn admission_of(entry: &[u8]) -> Option<(Did, Commitment, Timestamp)> {
    let (op, time) = split(entry).ok()?;
    let members = Members(&op);
    let admission = members.text("type").ok()? == "person";
    let (by, commitment) = (members.parsed("by").ok()?, members.parsed("commitment").ok()?);
    admission.then_some((by, commitment, time))
}
