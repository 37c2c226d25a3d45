//! The documents of signers.

use super::{
    answer::Refusal,
    arguments::{Arguments, wrong},
};
use sinpyo_core::{
    did::KeyId,
    document::DidDocument,
    resolved::{Resolved, VersionSelector},
};
use sinpyo_proof::KeyRing;
use sinpyo_resolver::{Resolution, resolve};

/// The keys that `names` call: those of did:key and did:jwk, and of the argument `documents`.
pub(super) fn key_ring(
    arguments: &Arguments,
    names: impl IntoIterator<Item = KeyId>,
) -> Result<KeyRing, Refusal> {
    let mut ring = KeyRing::new();
    for document in arguments.list("documents") {
        let members = document.as_object().ok_or_else(|| wrong("documents"))?;
        ring.add(&Resolved::immutable(DidDocument::from_json(members)?));
    }
    for name in names {
        let did = name.did();
        if !ring.knows(&did)
            && let Ok(Resolution::Resolved(resolved)) = resolve(&did, &VersionSelector::Latest)
        {
            ring.add(&resolved);
        }
    }
    Ok(ring)
}
