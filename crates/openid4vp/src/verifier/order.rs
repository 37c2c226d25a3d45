//! What a transaction is opened for.

use crate::{
    handle::Session, location::Location, request::VerifierInfo, transaction_data::TransactionDatum,
    verifier::Profile,
};
use serde_json::Value;
use sinpyo_dcql::{Query, Wanted};

/// What is asked, from whom, and what happens with the answer.
#[derive(Debug)]
pub struct Order {
    /// What is asked for.
    pub query: Query,
    /// Between which devices it goes.
    pub flow: Flow,
    /// Whether the response is encrypted.
    pub encryption: Encryption,
    /// What the holder is to agree to.
    pub transaction_data: Vec<TransactionDatum>,
    /// What others say about the verifier.
    pub verifier_info: Vec<VerifierInfo>,
    /// The browser session that the transaction belongs to. Without one, whoever has the [`crate::TransactionId`]
    /// vouches for it.
    pub session: Option<Session>,
    /// The caller's own, such as a tenant or a policy: kept, and handed back with what arrives.
    pub note: Value,
}

/// Whether a response is encrypted to a key that is made for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// It is: `direct_post.jwt`, `dc_api.jwt`.
    #[default]
    Encrypted,
    /// It is protected by the connection alone: `direct_post`, `dc_api`.
    Plain,
}

/// Between which devices a transaction goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The browser and the wallet are on one device: the wallet is opened by a link, and the browser comes back to this
    /// address with a `response_code`.
    SameDevice {
        /// Where the browser comes back to.
        return_to: Location,
    },
    /// The wallet scans the request from another screen.
    CrossDevice {
        /// What makes sure that the one with the wallet is the one at the screen.
        confirmation: Confirmation,
    },
    /// A page asks through the browser's Digital Credentials API.
    Digital {
        /// The origins of the page, without a slash at the end.
        origins: Vec<String>,
        /// How the request is signed.
        signing: Signing,
    },
}

/// What makes sure that the holder is at the screen that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Nothing: for uses in which the one at the screen gains nothing from somebody else's presentation.
    None,
    /// After the response, the screen shows a number, and the holder chooses it among three on this page, to which
    /// the wallet's browser is sent.
    Number {
        /// The page.
        page: Location,
    },
}

/// How a request over the Digital Credentials API is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Not at all: the browser says which origin asks.
    Unsigned,
    /// Under the verifier's first name.
    Signed,
    /// Under all its names.
    MultiSigned,
}

impl Order {
    /// A transaction for `query` by `flow`, with an encrypted response and nothing else.
    pub fn new(query: Query, flow: Flow) -> Self {
        Self {
            query,
            flow,
            encryption: Encryption::default(),
            transaction_data: Vec::new(),
            verifier_info: Vec::new(),
            session: None,
            note: Value::Null,
        }
    }

    /// Refuses what `profile` does not have.
    pub(super) fn check(&self, profile: Profile) -> Result<(), OrderError> {
        let known = |id: &String| self.query.credential(id).is_some();
        let mut named = self.transaction_data.iter().flat_map(TransactionDatum::credential_ids);
        let mut described = self.verifier_info.iter().flat_map(|info| info.credential_ids.iter().flatten());
        if !named.all(known) || !described.all(known) {
            return Err(OrderError::UnknownQuery); // [VP-TXD-01c]
        }
        if let Flow::Digital { origins, .. } = &self.flow
            && origins.is_empty()
        {
            return Err(OrderError::Origins); // [VP-DCA-02a]
        }
        let is_haip = |one: &Wanted| matches!(one, Wanted::SdJwtVc { .. } | Wanted::Mdoc { .. });
        match profile {
            Profile::Haip if self.encryption == Encryption::Plain => Err(OrderError::Haip), // [HAI-04]
            Profile::Haip if !self.query.credentials().iter().all(|one| is_haip(&one.wanted)) => {
                Err(OrderError::HaipFormat) // [HAI-05]
            }
            Profile::Base | Profile::Haip => Ok(()),
        }
    }
}

/// Why no transaction is opened for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// HAI-04: the response would not be encrypted.
    #[error("the profile HAIP 1.0 demands an encrypted response")]
    Haip,
    /// HAI-05: another format than SD-JWT VC and mdoc.
    #[error("the profile HAIP 1.0 has no such format")]
    HaipFormat,
    /// VP-TXD-01c: transaction data, or a statement about the verifier, name a query that there is not.
    #[error("something names a query that there is not")]
    UnknownQuery,
    /// VP-DCA-02a: no origin of a page.
    #[error("no origin is named")]
    Origins,
    /// VP-CID-03: a signed request, and no name to sign it under that wallets would believe.
    #[error("there is no name to sign the request under")]
    Unsigned,
}

impl OrderError {
    /// The rule that was broken, as in `spec/checks/vp-*.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Haip => "HAI-04",
            Self::HaipFormat => "HAI-05",
            Self::UnknownQuery => "VP-TXD-01c",
            Self::Origins => "VP-DCA-02a",
            Self::Unsigned => "VP-CID-03",
        }
    }
}
