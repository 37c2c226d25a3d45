//! Whether somebody is issued anything at all.
//!
//! Revoking reads what was issued and revokes it; a renewal that is in flight meanwhile would come out unrevoked. So
//! there is one record for a person and a configuration, which every issuance keeps as it read it and every withdrawal
//! changes before it reads what was issued: an issuance is committed before the mark, and then revoked with the rest, or
//! it finds the mark and is refused. Issuances do not stand in each other's way. [VCI-LIF-02]

use super::{
    IssuerRefusal, IssuerSettings,
    records::{STANDING, stale},
};
use sinpyo_state::{CommitError, Key, OwnedChange, Record, State, Unavailable, retrying};

/// JSON texts.
const ISSUED: &[u8] = b"\"issued\"";
const WITHDRAWN: &[u8] = b"\"withdrawn\"";

/// One kind of credential of one person at one issuer.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The issuer: others on the same state may know somebody else by the same handle.
    pub issuer: &'a IssuerSettings,
    /// The person: the handle in authorizations.
    pub subject: &'a str,
    /// The configuration.
    pub configuration_id: &'a str,
}

impl Held<'_> {
    fn key(&self) -> Key {
        let name = format!("{}\0{}", self.subject, self.configuration_id);
        Key::secret(STANDING, &self.issuer.pseudonym(&name)) // [VCI-LIF-03]
    }

    /// What every issuance commits; refused if nothing is issued any more.
    pub(super) fn issuing(&self, state: &dyn State) -> Result<OwnedChange, IssuerRefusal> {
        let key = self.key();
        match stale(state, &key)? {
            Some(record) if record.data == WITHDRAWN => Err(IssuerRefusal::Denied), // [VCI-LIF-02]
            Some(record) => Ok(OwnedChange::keep(key, record.version)),
            None => Ok(OwnedChange::insert(key, ISSUED, None)),
        }
    }
}

/// Withdraws what somebody was issued, and refuses every further issuance until [`restore`].
///
/// `revoke` reads what was issued and says what is to be changed. It is called once to see that it can be done, and again
/// once nothing more can be issued: what it says then is committed. After an error somebody may have been marked whose
/// credentials are not revoked yet; then do it again.
///
/// # Errors
/// That of `revoke`, or the memory does not answer.
pub fn withdraw(
    state: &dyn State,
    held: Held<'_>,
    mut revoke: impl FnMut() -> Result<Vec<OwnedChange>, Unavailable>,
) -> Result<(), Unavailable> {
    let key = held.key();
    retrying(|| {
        let mut found = stale(state, &key)?;
        if found.as_ref().is_none_or(|record| record.data != WITHDRAWN) {
            revoke()?;
            if let Err(error) = state.commit_owned(&[put(key.clone(), found.as_ref(), WITHDRAWN)]) {
                return Ok(Err(error));
            }
            found = stale(state, &key)?.filter(|record| record.data == WITHDRAWN);
        }
        // Restored in the meantime: who comes last decides.
        let Some(version) = found.map(|record| record.version) else {
            return Ok(Err(CommitError::Conflict { index: 0 }));
        };
        let mut changes = revoke()?;
        changes.push(OwnedChange::keep(key.clone(), version));
        Ok(state.commit_owned(&changes))
    })
}

/// Lets things be issued again. `reinstate` says what else is to be changed; it is called anew whenever others come first.
///
/// # Errors
/// That of `reinstate`, or the memory does not answer.
pub fn restore(
    state: &dyn State,
    held: Held<'_>,
    mut reinstate: impl FnMut() -> Result<Vec<OwnedChange>, Unavailable>,
) -> Result<(), Unavailable> {
    let key = held.key();
    retrying(|| {
        let found = stale(state, &key)?;
        let mut changes = reinstate()?;
        changes.push(match &found {
            Some(record) if record.data == ISSUED => OwnedChange::keep(key.clone(), record.version),
            found => put(key.clone(), found.as_ref(), ISSUED),
        });
        Ok(state.commit_owned(&changes))
    })
}

fn put(key: Key, found: Option<&Record>, data: &[u8]) -> OwnedChange {
    match found {
        None => OwnedChange::insert(key, data, None),
        Some(record) => OwnedChange::replace(key, record.version, data, None),
    }
}
