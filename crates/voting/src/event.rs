//! Signed events (§3).

mod body;
mod error;
mod role;

pub use body::{
    Answer, Body, Cell, Closing, Commit, Complaint, Done, FrozenDistrict, Kind, RegisteredToken,
    Registration, Rejected, RejectedBallot, ResultContest, ResultGroup, Reveal, RingsMade, SealedShare,
    Spoiled, Strike, TallyResult, TallyShare, Withdrawal, Withheld,
};
pub use error::{EventError, SignEventError};
pub use role::Role;

use crate::form::{Members, is_normal, to_hex};
use serde_json::{Map, Value, json};
use sinpyo_ballot::generators::ElectionId;
use sinpyo_core::{encoding::to_base64url, jcs, json, key::Verifier as _, time::Timestamp};
use sinpyo_crypto::{SigningKey, VerifyingKey};

/// What is signed begins with this, so that a signature under another protocol is none here.
const DOMAIN: &[u8] = b"sinpyo-vote/1/event\0";

const MEMBERS: [&str; 6] = ["body", "by", "election", "signature", "time", "type"];

/// Longest event, in bytes: what an engine takes as a submission.
pub const MAX_EVENT: usize = sinpyo_registry::engine::MAX_SUBMISSION;

/// An event as it arrives: its outer form is right, its signature not yet checked.
#[derive(Clone, Debug)]
pub struct UnverifiedEvent {
    by: Role,
    election: ElectionId,
    time: Timestamp,
    name: String,
    body: Map<String, Value>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl UnverifiedEvent {
    /// Reads the canonical bytes of an event.
    ///
    /// # Errors
    /// Not strict JSON in canonical form with exactly the members of an event, text in NFC and numbers whole.
    pub fn parse(bytes: &[u8]) -> Result<Self, EventError> {
        if bytes.len() > MAX_EVENT {
            return Err(EventError::TooLong);
        }
        let mut object = json::parse_object(bytes).map_err(EventError::Json)?; // [VOT-41]
        if jcs::canonicalize_object(&object) != bytes {
            return Err(EventError::NotCanonical); // [VOT-41]
        }
        if !object.values().all(is_normal) {
            return Err(EventError::NotNormal); // [VOT-41]
        }
        let members = Members(&object).exactly(&MEMBERS).map_err(EventError::Form)?; // [VOT-42]
        let by = Role::parse(members.text("by").map_err(EventError::Form)?)
            .ok_or(EventError::Form(crate::form::FormError::Member("by")))?;
        let election = ElectionId(members.hex("election").map_err(EventError::Form)?);
        let time = members.time("time").map_err(EventError::Form)?;
        let name = members.text("type").map_err(EventError::Form)?.to_owned();
        let signature = members.base64url("signature").map_err(EventError::Form)?;
        object.remove("signature");
        let message = [DOMAIN, &jcs::canonicalize_object(&object)].concat();
        let Some(Value::Object(body)) = object.remove("body") else {
            return Err(EventError::Form(crate::form::FormError::Member("body")));
        };
        Ok(Self { by, election, time, name, body, message, signature })
    }

    /// Who is said to have signed.
    pub const fn claimed_role(&self) -> Role {
        self.by
    }

    /// The election it is said to be for.
    pub const fn claimed_election(&self) -> ElectionId {
        self.election
    }

    /// Its type as written.
    pub fn claimed_type(&self) -> &str {
        &self.name
    }

    /// When it is said to have been made.
    pub const fn claimed_time(&self) -> Timestamp {
        self.time
    }

    /// Its body, unchecked: for entry 0, whose key stands in it.
    pub const fn claimed_body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// Its body by its type, unchecked: for an event whose signature was checked before.
    pub(crate) fn claimed_content(&self) -> Result<Body, EventError> {
        Body::read_named(&self.name, &self.body)
    }

    /// Checks the signature with the key of the role that it names.
    ///
    /// # Errors
    /// The signature does not verify.
    pub fn verify(self, key: &VerifyingKey) -> Result<SignedEvent, EventError> {
        // [VOT-43]
        let _signed = key.verify(&self.message, &self.signature).map_err(|_| EventError::Signature)?;
        Ok(SignedEvent {
            by: self.by,
            election: self.election,
            time: self.time,
            name: self.name,
            body: self.body,
        })
    }
}

/// An event whose signature was checked. Made by [`UnverifiedEvent::verify`] only.
#[derive(Clone, Debug)]
pub struct SignedEvent {
    by: Role,
    election: ElectionId,
    time: Timestamp,
    name: String,
    body: Map<String, Value>,
}

impl SignedEvent {
    /// Who signed.
    pub const fn by(&self) -> Role {
        self.by
    }

    /// For which election.
    pub const fn election(&self) -> ElectionId {
        self.election
    }

    /// When it was made, as the signer says.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Its type as written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The body as JSON.
    pub const fn raw(&self) -> &Map<String, Value> {
        &self.body
    }

    /// The body by its type.
    ///
    /// # Errors
    /// An unknown type, a role that does not send it, or members that are missing, malformed or unknown.
    pub fn body(&self) -> Result<Body, EventError> {
        let kind = Kind::from_name(&self.name).ok_or(EventError::Type)?; // [VOT-42]
        if !kind.is_sent_by(self.by) {
            return Err(EventError::Role); // [VOT-44]
        }
        Body::read(kind, &self.body)
    }
}

/// An event to be signed.
#[derive(Clone, Debug)]
pub struct EventDraft {
    /// Who signs.
    pub by: Role,
    /// For which election.
    pub election: ElectionId,
    /// When.
    pub time: Timestamp,
    /// What it says.
    pub body: Body,
}

impl EventDraft {
    /// Signs; the canonical bytes of the event.
    ///
    /// # Errors
    /// The key cannot sign; the event would be too long for the log.
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, SignEventError> {
        let bytes = sign_raw(
            self.by,
            self.election,
            self.time,
            self.body.kind().as_str(),
            &self.body.to_json(),
            key,
        )?;
        if bytes.len() > MAX_EVENT { Err(SignEventError::TooLong) } else { Ok(bytes) }
    }
}

/// Signs whatever body it is given: [`EventDraft::sign`] for those who make a record that is wrong.
pub(crate) fn sign_raw(
    by: Role,
    election: ElectionId,
    time: Timestamp,
    name: &str,
    body: &Value,
    key: &SigningKey,
) -> Result<Vec<u8>, SignEventError> {
    let mut object = Map::new();
    object.insert("body".into(), body.clone());
    object.insert("by".into(), json!(by.to_string()));
    object.insert("election".into(), json!(to_hex(&election.0)));
    object.insert("time".into(), json!(time.to_string()));
    object.insert("type".into(), json!(name));
    let message = [DOMAIN, &jcs::canonicalize_object(&object)].concat();
    let signature = key.sign(&message).map_err(SignEventError::Key)?;
    object.insert("signature".into(), json!(to_base64url(&signature)));
    Ok(jcs::canonicalize_object(&object))
}

/// For those who make records that break a rule, to see it caught.
pub mod hazmat {
    use super::{Role, SignEventError};
    use serde_json::Value;
    use sinpyo_ballot::generators::ElectionId;
    use sinpyo_core::time::Timestamp;
    use sinpyo_crypto::SigningKey;

    /// Who signs, for which election, and when.
    #[derive(Clone, Copy, Debug)]
    pub struct Heading {
        /// Who.
        pub by: Role,
        /// For which election.
        pub election: ElectionId,
        /// When.
        pub time: Timestamp,
    }

    /// Signs any body under any type. The bytes are canonical, and nothing else about them is checked.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn sign(
        heading: &Heading,
        name: &str,
        body: &Value,
        key: &SigningKey,
    ) -> Result<Vec<u8>, SignEventError> {
        super::sign_raw(heading.by, heading.election, heading.time, name, body, key)
    }
}
