//! `did:webvh:<scid>:<place>`.

use super::{WebvhError, entry::is_multihash};
use crate::web_location::WebLocation;
use sinpyo_core::did::Did;

/// The parts of a did:webvh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebvhDid {
    did: Did,
    scid: Box<str>,
    location: WebLocation,
}

impl WebvhDid {
    /// Reads a DID of this method.
    ///
    /// # Errors
    /// Another method, no hash where the hash belongs, or a place that is refused.
    pub fn parse(text: &str) -> Result<Self, WebvhError> {
        let did: Did = text.parse().map_err(|_| WebvhError::Identifier)?; // [WVH-01]
        if did.method() != "webvh" {
            return Err(WebvhError::Identifier);
        }
        let (scid, place) = did.method_specific_id().split_once(':').ok_or(WebvhError::Identifier)?;
        let location = WebLocation::parse(place).map_err(WebvhError::Location)?;
        if !is_multihash(scid) {
            return Err(WebvhError::Identifier); // [WVH-01]
        }
        Ok(Self { scid: scid.into(), location, did })
    }

    /// The DID.
    pub const fn did(&self) -> &Did {
        &self.did
    }

    /// The hash of the first entry.
    pub fn scid(&self) -> &str {
        &self.scid
    }

    /// Where the history is published.
    pub const fn location(&self) -> &WebLocation {
        &self.location
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCID: &str = "QmTYXE8TR3uLUWWrefCtFCLhdFWDBk7Eyq5DQRmiHFVAEL";

    #[test]
    fn an_identifier_begins_with_its_hash() {
        let did = WebvhDid::parse(&format!("did:webvh:{SCID}:example.com%3A3000:dids:issuer")).unwrap();
        assert_eq!(did.scid(), SCID);
        assert_eq!(did.location().file("did.jsonl"), "https://example.com:3000/dids/issuer/did.jsonl");
        for text in [
            "did:web:example.com".to_owned(),
            format!("did:webvh:{SCID}"),
            "did:webvh:example.com".to_owned(),
            "did:webvh:{SCID}:example.com".to_owned(),
            format!("did:webvh:{}:example.com", SCID.replace("Qm", "Qn")),
            format!("did:webvh:{SCID}1:example.com"),
            format!("did:webvh:{}:example.com", SCID.replace('8', "0")),
            format!("did:webvh:{SCID}:example.com#fragment"),
        ] {
            assert_eq!(WebvhDid::parse(&text).unwrap_err().code(), "WVH-01", "{text}");
        }
        let local = WebvhDid::parse(&format!("did:webvh:{SCID}:127.0.0.1"));
        assert_eq!(local.unwrap_err().code(), "WEB-01");
    }
}
