//! How a response travels [OpenID4VP 1.0 §8.2, §8.3, §A.2].

use crate::location::Location;

/// Where the response goes, and whether it is encrypted on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// `direct_post`: posted to this address.
    DirectPost(Location),
    /// `direct_post.jwt`: encrypted and posted to this address.
    DirectPostJwt(Location),
    /// `dc_api`: handed to the page by the browser.
    DcApi,
    /// `dc_api.jwt`: encrypted, and handed to the page by the browser.
    DcApiJwt,
}

impl ResponseMode {
    /// As it is written.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DirectPost(_) => "direct_post",
            Self::DirectPostJwt(_) => "direct_post.jwt",
            Self::DcApi => "dc_api",
            Self::DcApiJwt => "dc_api.jwt",
        }
    }

    /// Where it is posted to.
    pub const fn response_uri(&self) -> Option<&Location> {
        match self {
            Self::DirectPost(to) | Self::DirectPostJwt(to) => Some(to),
            Self::DcApi | Self::DcApiJwt => None,
        }
    }

    /// Whether it is encrypted.
    pub const fn is_encrypted(&self) -> bool {
        matches!(self, Self::DirectPostJwt(_) | Self::DcApiJwt)
    }
}
