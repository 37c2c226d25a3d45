//! Operations on DIDs, drafted by those who control them.

use super::{
    DidHead,
    keys::{KeyHash, UpdateKey},
    operation::{Parameters, VersionId, entry_hash, replace, self_certifying_id},
};
use crate::operation::{Draft, Naming};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::{Did, ParseDidError},
    document::DidDocument,
    jcs, json,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_tlog::note::Origin;

/// Stands for the identifier while it is not yet known. Of the form of one, so that documents can name it; hash of
/// nothing, since it has a digit that base58 lacks.
const STAND_IN: &str = "zQm00000000000000000000000000000000000000000000";

/// The version that an operation makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DidVersion {
    /// The DID.
    pub did: Did,
    /// The version.
    pub version: VersionId,
}

/// The keys that control a DID from a version on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Who may sign the next operation; at least one, at most 16.
    pub update_keys: Vec<UpdateKey>,
    /// The announced next update keys. Once any are announced, only they can sign the next operation, which lists
    /// its keys and announces the next ones again.
    pub next_key_hashes: Vec<KeyHash>,
    /// The keys that may set operations aside for 72 hours, the highest first; at most 16, none of them an update key.
    /// `None` leaves them as they are. Once there are any, only they change them.
    pub recovery_keys: Option<Vec<UpdateKey>>,
}

impl Control {
    /// Control by `key` without announcing the next one.
    pub fn by(key: &VerifyingKey) -> Self {
        Self { update_keys: vec![UpdateKey::new(key)], next_key_hashes: Vec::new(), recovery_keys: None }
    }

    /// Adds `key` to the recovery keys, below those added before.
    #[must_use]
    pub fn recovered_by(mut self, key: &VerifyingKey) -> Self {
        self.recovery_keys.get_or_insert_default().push(UpdateKey::new(key));
        self
    }

    /// Announces `next` as the key of the next operation.
    #[must_use]
    pub fn announcing(mut self, next: &VerifyingKey) -> Self {
        self.next_key_hashes.push(UpdateKey::new(next).hash());
        self
    }

    fn parameters(self) -> Parameters {
        Parameters {
            update_keys: Some(self.update_keys),
            next_key_hashes: Some(self.next_key_hashes),
            recovery_keys: self.recovery_keys,
            deactivated: false,
        }
    }
}

/// The first operation of a new DID on the log `origin`, to be signed by one of the keys in `control`.
///
/// `document` gets the DID to write the document for; what it is called with is replaced by the real one, which is
/// the hash of the operation.
///
/// # Errors
/// [`DraftError`] if the document does not survive the replacement.
pub fn create(
    origin: &Origin,
    control: Control,
    document: impl FnOnce(&Did) -> DidDocument,
) -> Result<Draft<DidVersion>, DraftError> {
    let did: Did = format!("did:tlog:{STAND_IN}").parse().map_err(DraftError::Did)?;
    let draft = assemble(&did, origin, &control.parameters(), &document(&did));
    let scid = self_certifying_id(&draft, STAND_IN);
    let text = replace(&jcs::canonicalize_object(&draft), STAND_IN.as_bytes(), scid.as_bytes());
    let op = json::parse_object(&text).map_err(DraftError::Document)?;
    let did = format!("did:tlog:{scid}").parse().map_err(DraftError::Did)?;
    Ok(versioned(op, did, 1, &scid))
}

/// An operation that gives the DID of `head` another document, and other control if `control` says so.
///
/// To be signed by a key of `head`, or, if `head` announced keys, by an announced one that `control` lists.
pub fn update(
    head: &DidHead,
    origin: &Origin,
    document: &DidDocument,
    control: Option<Control>,
) -> Draft<DidVersion> {
    let parameters = control.map_or_else(Parameters::default, Control::parameters);
    let op = assemble(head.did(), origin, &parameters, document);
    versioned(op, head.did().clone(), head.version().number() + 1, head.version().as_str())
}

/// An operation that hands the DID of `head` over to other update keys and leaves the document as it is.
pub fn rotate(head: &DidHead, origin: &Origin, control: Control) -> Draft<DidVersion> {
    update(head, origin, head.document(), Some(control))
}

/// An operation that follows `base`, an earlier version of its DID, and sets aside all that came after it.
///
/// To be signed by a recovery key of `base` that outranks the first of them, within 72 hours of ledger time after it.
pub fn recover(
    base: &DidHead,
    origin: &Origin,
    document: &DidDocument,
    control: Control,
) -> Draft<DidVersion> {
    update(base, origin, document, Some(control))
}

/// An operation that takes the DID of `head` out of use for good.
pub fn deactivate(head: &DidHead, origin: &Origin) -> Draft<DidVersion> {
    let parameters = Parameters {
        update_keys: Some(Vec::new()),
        next_key_hashes: Some(Vec::new()),
        recovery_keys: None,
        deactivated: true,
    };
    let op = assemble(head.did(), origin, &parameters, &DidDocument::new(head.did().clone()));
    versioned(op, head.did().clone(), head.version().number() + 1, head.version().as_str())
}

fn assemble(
    did: &Did,
    origin: &Origin,
    parameters: &Parameters,
    document: &DidDocument,
) -> Map<String, Value> {
    let mut op = Map::new();
    op.insert("type".into(), json!("did"));
    op.insert("did".into(), json!(did.as_str()));
    op.insert("log".into(), json!(origin.as_str()));
    op.insert("parameters".into(), Value::Object(parameters.to_json()));
    op.insert("document".into(), Value::Object(document.to_json()));
    op
}

fn versioned(mut op: Map<String, Value>, did: Did, number: u64, previous: &str) -> Draft<DidVersion> {
    let version = VersionId::new(number, &entry_hash(&op, previous));
    op.insert("versionId".into(), json!(version.as_str()));
    Draft { op, naming: Naming::ItsOwn, fact: DidVersion { did, version } }
}

/// Why no operation could be drafted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The identifier is no DID.
    #[error("the identifier is no DID")]
    Did(#[source] ParseDidError),
    /// The document is not strict JSON.
    #[error("the document is not strict JSON")]
    Document(#[source] json::JsonError),
}
