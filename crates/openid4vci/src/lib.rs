//! OpenID for Verifiable Credential Issuance 1.0: issuer and wallet, bytes in and bytes out.
//!
//! What it promises: an [`issuer::Issuer`] answers every request of the protocol, for one tenant, from any number of nodes
//! on one [`State`](sinpyo_state::State); what a request changes is committed at once, with the changes of the business
//! behind it ([`issuer::Desk`]), before there is an answer. A nonce buys one response, a response that was lost is
//! delivered again, and a renewal in flight does not outrun a revocation ([`issuer::standing`]). A refused request spends
//! nothing but its proof of possession. A wallet's machines ([`wallet`]) say which request to send, are shown the
//! response, and hand over what came, unverified, with the keys it must be bound to. Every refusal names its rule.
//!
//! What it refuses to do: issue (that is the desk's), decide whom to trust, fetch anything, compress or decompress, speak
//! drafts of the protocol, and send anything over plain http but to 127.0.0.1 under a setting for development.
//!
//! ```
//! use sinpyo_oauth::url::Transport;
//! use sinpyo_openid4vci::{offer::OfferLink, wallet::Discovery};
//!
//! let link = "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22%3A%22https%3A%2F%2Fissuer.example\
//!     %2Ftenant%22%2C%22credential_configuration_ids%22%3A%5B%22resident%22%5D%7D";
//! let link = OfferLink::parse(link, Transport::Https)?;
//! let discovery = Discovery::new(link, Transport::Https);
//! let request = discovery.request().ok_or("something to fetch")?;
//! assert_eq!(request.uri(), "https://issuer.example/.well-known/openid-credential-issuer/tenant");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod issuer;
pub mod wallet;

pub mod offer;

pub mod configuration;
pub mod display;
pub mod metadata;

pub mod notification;
pub mod proof;
pub mod refusal;
pub mod request;
pub mod response;

pub mod address;

mod member;
