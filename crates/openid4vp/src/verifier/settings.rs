//! What holds for every transaction of a verifier.

use crate::{
    handle::Handle,
    location::{Location, LocationError, Transport},
};
use sinpyo_crypto::aead::SealingKey;
use std::time::Duration;

/// The settings of one verifier; nodes that share its memory share them.
#[derive(Debug)]
pub struct Settings {
    /// Where its endpoints are: requests below `{base}/request/`, responses below `{base}/response/`.
    pub base: Location,
    /// How strict it is.
    pub profile: Profile,
    /// How wallets are told to fetch requests.
    pub method: RequestUriMethod,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// Seals what is remembered.
    pub sealing: SealingKey,
    /// Which addresses it may name.
    pub transport: Transport,
}

/// Which profile of the specification is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// OpenID4VP 1.0, whatever of it is supported here.
    Base,
    /// HAIP 1.0: requests signed under `x509_hash` and fetched, responses encrypted, SD-JWT VC and mdoc only.
    Haip,
}

/// `request_uri_method` [OpenID4VP 1.0 §5.10].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestUriMethod {
    /// Nothing is said: `GET`.
    Get,
    /// `POST`, by which the wallet can say what it understands and add a nonce of its own; `GET` is answered, too.
    Post,
}

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A QR code that nobody has scanned.
    pub scan: Duration,
    /// From the first fetch of a request to its response.
    pub answer: Duration,
    /// A transaction, from its opening to its response.
    pub transaction: Duration,
    /// A result that nobody has fetched, and the answer to a response that is sent again.
    pub result: Duration,
}

impl Default for Lifetimes {
    /// A minute to scan, five to answer, ten for the page, ten for the result.
    fn default() -> Self {
        Self {
            scan: Duration::from_mins(1),
            answer: Duration::from_mins(5),
            transaction: Duration::from_mins(10),
            result: Duration::from_mins(10),
        }
    }
}

impl Settings {
    /// Where the request of `handle` is fetched.
    pub(crate) fn request_uri(&self, handle: &Handle) -> String {
        format!("{}/request/{}", self.root(), handle.0.expose())
    }

    /// Where the response to the request of `handle` is posted.
    pub(crate) fn response_uri(&self, handle: &Handle) -> Result<Location, LocationError> {
        Location::parse(&format!("{}/response/{}", self.root(), handle.0.expose()), self.transport)
    }

    fn root(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// The path of the endpoints, without a slash at the end.
    pub(crate) fn path(&self) -> &str {
        self.root().strip_prefix(self.base.origin()).unwrap_or_default()
    }
}
