//! What an issuer is asked for, and what it gives.

use super::{Format, IssueError, IssuerOptions};
use crate::{Lifetime, Profile, StatusKind};
use serde_json::{Map, Value};
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Holder, Validity},
    status::{StatusEntry, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use std::{fmt, time::Duration};

/// What a credential, or a batch of alike ones, is to state.
///
/// Debug output names the claims and shows no value.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// What kind of credential.
    pub profile: &'a Profile,
    /// What the source system knows, by claim. See [`crate::Profile`] for which claims there are; age predicates
    /// follow from `birth_date`.
    pub claims: &'a Map<String, Value>,
    /// When it ends, where the profile leaves that to the issuer; elsewhere an earlier end than the profile's.
    pub until: Option<Timestamp>,
}

impl fmt::Debug for Order<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("profile", &self.profile.id())
            .field("claims", &self.claims.keys().collect::<Vec<_>>())
            .field("until", &self.until)
            .finish()
    }
}

/// To whom one copy goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The key it is bound to, fresh for every copy. In W3C formats it becomes a did:key.
    pub holder: Holder,
    /// Its own entry in the status lists, as [`crate::ListSeries::status`] gives it; empty if the profile has none.
    pub status: Vec<StatusEntry>,
}

/// One issued credential.
///
/// Debug output shows nothing of the credential itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The credential as it is sent: a token, an SD-JWT, a JSON object as text, or an mdoc (`IssuerSigned`) in base64url.
    pub wire: String,
    /// The claims in it that the wallet must not offer to anybody.
    pub held: Vec<ClaimPath>,
}

impl Issued {
    /// The credential as protocols in JSON carry it: a text, or the object of a Data Integrity proof
    /// [OpenID4VCI 1.0 §8.3].
    pub fn to_json(&self) -> Value {
        let object = serde_json::from_str(&self.wire).map(Value::Object);
        object.unwrap_or_else(|_| Value::from(self.wire.as_str())) // [VCI-CRS-03]
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued").field("held", &self.held).finish_non_exhaustive()
    }
}

/// When the credential is issued, and from when to when it holds.
///
/// All copies ordered within one unit of time get the same times.
pub(super) fn times(
    order: &Order<'_>,
    options: &IssuerOptions,
    floor: Option<Timestamp>,
    now: Timestamp,
) -> Result<Validity, IssueError> {
    if floor.is_some_and(|floor| floor > now.plus(sinpyo_proof::CLOCK_SKEW)) {
        return Err(IssueError::ClockBehind); // [ISS-11]
    }
    let unit = match order.profile.lifetime() {
        Lifetime::For(term) => {
            let seconds = term.end(now).unix() - now.unix();
            options.time_unit.min(Duration::from_secs(u64::try_from(seconds / 12).unwrap_or_default()))
        }
        Lifetime::Given | Lifetime::Unlimited => options.time_unit,
    };
    let rounded = now.rounded_down(unit);
    let from = floor.map_or(rounded, |floor| rounded.max(floor)); // [ISS-11]
    // The last moment that belongs to the validity: the end itself is the first that does not.
    let last = |end: Timestamp| end.minus(Duration::from_secs(1));
    let asked = order.until;
    let until = match order.profile.lifetime() {
        Lifetime::For(term) => {
            let end = term.end(from).rounded_down(unit);
            let asked = asked.map(|asked| asked.rounded_down(unit));
            if asked.is_some_and(|asked| asked > end) {
                return Err(IssueError::End); // [ISS-12]
            }
            Some(asked.unwrap_or(end))
        }
        // The end of a session or a contract is the same for all who take part: it is not rounded.
        Lifetime::Given => Some(asked.ok_or(IssueError::End)?), // [ISS-12]
        Lifetime::Unlimited => asked.map(|asked| asked.rounded_down(unit)),
    };
    if until.is_some_and(|until| until <= from.max(now)) {
        return Err(IssueError::End); // [ISS-12]
    }
    Ok(Validity { from: Some(from), until: until.map(last) })
}

/// Whether the entries are those that a credential of this kind has in this format.
pub(super) fn check_status(
    kind: StatusKind,
    format: Format,
    status: &[StatusEntry],
) -> Result<(), IssueError> {
    use StatusPurpose::{Message, Revocation, Suspension};
    let purposes: Option<Vec<StatusPurpose>> = status
        .iter()
        .map(|entry| match entry {
            StatusEntry::Bitstring { purpose, .. } => Some(*purpose),
            StatusEntry::Token { .. } => None,
        })
        .collect();
    let fits = match (kind, format) {
        (StatusKind::ShortLived | StatusKind::Once | StatusKind::EventVersion, _) => status.is_empty(),
        (_, Format::SdJwtVc | Format::Mdoc) => matches!(status, [StatusEntry::Token { .. }]),
        (StatusKind::Revocable, _) => {
            matches!(purposes.as_deref(), Some([Revocation] | [Revocation, Message]))
        }
        (StatusKind::Suspendable, _) => {
            matches!(purposes.as_deref(), Some([Revocation, Suspension] | [Revocation, Suspension, Message]))
        }
    };
    if fits { Ok(()) } else { Err(IssueError::Status) } // [ISS-13]
}

/// The holder as the format writes it. Only the members that define the key are kept: a `kid` of the wallet's would
/// link copies.
pub(super) fn holder(holder: &Holder, format: Format, issuer: &VerifyingKey) -> Result<Holder, IssueError> {
    match (holder, format) {
        (Holder::Key(jwk), _) => {
            let key = VerifyingKey::from_jwk(jwk).map_err(|_| IssueError::Holder)?; // [ISS-14]
            if key == *issuer {
                return Err(IssueError::Holder); // [ISS-14]
            }
            if !format.is_w3c() {
                return Ok(Holder::Key(key.to_jwk()));
            }
            let did = format!("did:key:{}", key.to_multikey()).parse();
            did.map(Holder::Did).map_err(|_| IssueError::Holder)
        }
        (Holder::Did(_), Format::SdJwtVc | Format::Mdoc) | (Holder::Bearer, Format::Mdoc) => {
            Err(IssueError::Holder)
        } // [ISS-14]
        (Holder::Did(did), _) => Ok(Holder::Did(did.clone())),
        (Holder::Bearer, _) => Ok(Holder::Bearer),
    }
}
