//! OpenID for Verifiable Presentations 1.0: verifier and wallet, bytes in and bytes out.
//!
//! What it promises: a response counts once, for the request it was made for, and its result goes to the browser session
//! that started ([`verifier`]). A wallet sends nothing before the one who asks is proven in the way that the `client_id`
//! says, and nothing to another place ([`wallet`]). Any node can serve any step: all that is remembered is in a
//! [`sinpyo_state::State`], sealed.
//!
//! What it refuses to do: verify presentations (that is `sinpyo-verifier`'s, for the [`Expectation`] that comes with
//! them), decide what a holder agrees to, fetch anything, speak drafts of the specification, and know clients that were
//! registered beforehand. Not built: responses by redirect (`fragment`, `query`), scopes that stand for queries,
//! encrypted request objects, `openid_federation`, and self-issued ID tokens.
//!
//! ```
//! use sinpyo_core::{Secret, key::Entropy, time::Timestamp};
//! use sinpyo_crypto::aead::SealingKey;
//! use sinpyo_dcql::Query;
//! use sinpyo_openid4vp::{Location, Transport, VpToken, verifier::*, wallet::{Invitation, Response}};
//! use sinpyo_state::MemoryState;
//!
//! # fn run(now: Timestamp, entropy: &mut dyn Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings {
//!     base: Location::parse("https://verifier.example/openid4vp", Transport::Https)?,
//!     profile: Profile::Base,
//!     method: RequestUriMethod::Get,
//!     lifetimes: Lifetimes::default(),
//!     sealing: SealingKey::new(&Secret::new([7; 32])),
//!     transport: Transport::Https,
//! };
//! let state = MemoryState::new();
//! // Without a name of its own, the verifier is whoever receives the response.
//! let verifier = Verifier { settings: &settings, identities: &[], state: &state };
//! let query = br#"{"credentials":[{"id":"pid","format":"dc+sd-jwt","meta":{"vct_values":["https://post.example/pid"]}}]}"#;
//! let flow = Flow::CrossDevice { confirmation: Confirmation::None };
//! let opened = verifier.open(&Order::new(Query::parse(query)?, flow), now, entropy)?;
//! let Asking::Link(link) = &opened.asking else { return Err("a link".into()) };
//!
//! // The wallet, which has scanned the link.
//! let invitation = Invitation::parse(&link.to_uri("openid4vp://"), Transport::Https)?;
//! let Invitation::Unsigned(asked) = invitation else { return Err("a request in the link".into()) };
//! let presentations = VpToken::parse(serde_json::json!({"pid": ["eyJ…~"]}))?; // made for `asked.expectation()`
//! let Response::Post(request) = asked.answer(&presentations, entropy)? else { return Err("a post".into()) };
//!
//! // The verifier, whose server got the post.
//! let Some(Handled::Arrived(arrived)) = verifier.handle(&request, now, entropy) else { return Err("a response".into()) };
//! assert_eq!(arrived.expectation, asked.expectation());
//! let verdict = Verdict::Accepted(serde_json::json!({"adult": true}));
//! let reply = verifier.conclude(*arrived, verdict, now, entropy)?;
//! assert_eq!(reply.to_response().status(), 200);
//! # Ok(())
//! # }
//! # run("2026-11-22T00:00:00Z".parse().unwrap(), &mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

mod client_id;
mod location;

mod client_metadata;
mod digital;
mod expectation;
mod request;
mod response_mode;
mod transaction_data;

mod vp_token;
mod wallet_error;

mod handle;

pub mod verifier;
pub mod wallet;

mod form;

pub use client_id::{ClientId, ClientIdError, Prefix};
pub use client_metadata::{ClientMetadata, ClientMetadataError};
pub use digital::{DigitalProtocol, DigitalRequest};
pub use expectation::{Channel, Expectation};
pub use handle::{ResponseCode, Session, TransactionId};
pub use location::{Location, LocationError, Transport};
pub use request::{Request, RequestError, SELF_ISSUED, VerifierInfo};
pub use response_mode::ResponseMode;
pub use transaction_data::{
    Field, FieldKind, HashAlgorithm, Label, ParseTypeError, Presence, TransactionDataError, TransactionDatum,
    TransactionType, TransactionTypes,
};
pub use vp_token::{VpToken, VpTokenError};
pub use wallet_error::{WalletError, WalletErrorCode};
