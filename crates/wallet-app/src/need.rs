//! What a flow needs from the world, and what was found.

use http::{Request, Response};
use sinpyo_core::{
    accreditation::{Accreditation, Right},
    credential::Credential,
    did::Did,
    resolved::{Resolved, VersionSelector},
};

/// Something from outside. The edge finds it, and says what it found by a [`Found`].
#[derive(Debug)]
pub enum Need {
    /// The response to this request. The address came from others: the client must refuse private networks (but loopback
    /// in development), follow no redirect, and read no more than a few MiB.
    Http(Box<Request<Vec<u8>>>),
    /// The same, over a connection of its own that nothing else goes through, before or after, and without cookies: nothing
    /// may tell that whoever sends this is whoever sent something else. It is not logged.
    Apart(Box<Request<Vec<u8>>>),
    /// The document of a DID.
    Document {
        /// The DID.
        did: Did,
        /// Which version of it.
        version: VersionSelector,
    },
    /// What the registry says about a right, now.
    Accreditation {
        /// Who claims to have it.
        subject: Did,
        /// The right.
        right: Right,
    },
    /// Whether a credential is still good, by its status list.
    Standing(Box<Credential>),
}

/// What was found.
#[derive(Debug)]
pub enum Found {
    /// A response, whatever its status.
    Response(Response<Vec<u8>>),
    /// The document.
    Document(Box<Resolved>),
    /// The registry has this record.
    Accreditation(Box<Accreditation>),
    /// How the credential stands.
    Standing(Standing),
    /// There is none: the registry answered, and knows no such thing.
    Nothing,
    /// Nobody answered.
    Unreachable,
}

/// How a credential stands with its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In force.
    Good,
    /// Not for now.
    Suspended,
    /// For good.
    Revoked,
}
