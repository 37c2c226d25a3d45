use super::Topic;
use crate::{
    accreditation::AccreditationRecord, did_tlog, engine::EngineError, engine::StateView,
    status_digest::StatusDigestRecord,
};

/// The last entry about a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Where it stands.
    pub index: u64,
    /// What it made: the `versionId` of a DID, or the number of a statement about an accreditation or of an edition of a
    /// list.
    pub version: Box<str>,
}

/// The last lawful entry about `topic` among the first `size` of the log. Exact also where the state is ahead of
/// `size`, and where a recovery has set entries aside since.
pub(crate) fn newest(state: &dyn StateView, topic: &Topic, size: u64) -> Result<Option<Newest>, EngineError> {
    match topic {
        Topic::Did(did) => did_tlog::newest_below(state, did, size),
        Topic::Accreditation(id) => AccreditationRecord::newest_below(state, id, size),
        Topic::StatusList { by, list } => StatusDigestRecord::newest_below(state, by, list, size),
    }
}
