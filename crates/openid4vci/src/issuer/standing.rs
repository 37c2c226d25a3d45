//! Whether somebody is issued anything at all.
//!
//! Revoking reads what was issued and revokes it; a renewal that is in flight meanwhile would come out unrevoked. So
//! every issuance touches one record of the person and the configuration, and so does every withdrawal: whichever
//! commits second finds that its view is stale and decides anew. [VCI-LIF-02]

use super::{
    IssuerRefusal,
    records::{STANDING, stale},
};
use sinpyo_state::{Key, OwnedChange, State, Unavailable, retrying};

/// JSON texts.
const ISSUED: &[u8] = b"\"issued\"";
const WITHDRAWN: &[u8] = b"\"withdrawn\"";

/// One kind of credential of one person.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// The person: the handle in authorizations.
    pub subject: &'a str,
    /// The configuration.
    pub configuration_id: &'a str,
}

impl Held<'_> {
    fn key(&self) -> Key {
        Key::secret(STANDING, format!("{}\0{}", self.subject, self.configuration_id).as_bytes())
    }

    /// The change that every issuance makes; refused if nothing is issued any more.
    pub(super) fn issuing(&self, state: &dyn State) -> Result<OwnedChange, IssuerRefusal> {
        let key = self.key();
        match stale(state, &key)? {
            Some(record) if record.data == WITHDRAWN => Err(IssuerRefusal::Denied), // [VCI-LIF-02]
            found => Ok(put(key, found.map(|record| record.version), ISSUED)),
        }
    }
}

/// Withdraws what somebody was issued, and refuses every further issuance until [`restore`].
///
/// `revoke` reads what was issued and says what is to be changed; it is called anew whenever something was issued
/// meanwhile. All is committed at once.
///
/// # Errors
/// That of `revoke`, or the memory does not answer.
pub fn withdraw(
    state: &dyn State,
    held: Held<'_>,
    revoke: impl FnMut() -> Result<Vec<OwnedChange>, Unavailable>,
) -> Result<(), Unavailable> {
    mark(state, held, WITHDRAWN, revoke)
}

/// Lets things be issued again. `reinstate` says what else is to be changed.
///
/// # Errors
/// That of `reinstate`, or the memory does not answer.
pub fn restore(
    state: &dyn State,
    held: Held<'_>,
    reinstate: impl FnMut() -> Result<Vec<OwnedChange>, Unavailable>,
) -> Result<(), Unavailable> {
    mark(state, held, ISSUED, reinstate)
}

fn mark(
    state: &dyn State,
    held: Held<'_>,
    standing: &'static [u8],
    mut more: impl FnMut() -> Result<Vec<OwnedChange>, Unavailable>,
) -> Result<(), Unavailable> {
    let key = held.key();
    retrying(|| {
        // The standing is read before what was issued: what comes between makes the commit fail.
        let found = stale(state, &key)?;
        let mut changes = more()?;
        changes.push(put(key.clone(), found.map(|record| record.version), standing));
        Ok(state.commit_owned(&changes))
    })
}

fn put(key: Key, version: Option<sinpyo_state::Version>, data: &[u8]) -> OwnedChange {
    match version {
        None => OwnedChange::insert(key, data, None),
        Some(version) => OwnedChange::replace(key, version, data, None),
    }
}
