//! OAuth 2.0 as wallets and issuers of credentials use it: an authorization server, the wallet's half, and tokens for our
//! own services [RFC 6749, RFC 9126, RFC 7636, RFC 9449, OpenID4VCI 1.0 §5–6, HAIP 1.0 §4].
//!
//! What it promises: a code, a request URI and a refresh token buy something once, whatever comes at the same time, on
//! any number of nodes; what was refused consumed nothing but a guess. Tokens are opaque and revoked at once. A peer
//! learns the protocol's error and printable ASCII; the operator learns the rule ([`Rule`]).
//!
//! What it refuses to do: send a browser to an address that was not registered or pushed by an authenticated client, take
//! authorization requests from the browser itself, take shared secrets, and let long-lived tokens go to whoever holds them.
//!
//! ```
//! use sinpyo_core::{Secret, time::Timestamp};
//! use sinpyo_oauth::{Authorization, AuthorizationServer, Granted, PreAuthorized, ServerSettings, TxCode};
//! use sinpyo_oauth::url::{IssuerId, Transport};
//! use sinpyo_state::{MemoryState, State};
//! # use sinpyo_testkit::TestEntropy;
//! # let entropy = &mut TestEntropy::new(1);
//!
//! let issuer = IssuerId::parse("https://issuer.example/tenant", Transport::Https)?;
//! let settings = ServerSettings::new(issuer, &Secret::new([7; 32]));
//! let state = MemoryState::new();
//! let server = AuthorizationServer { settings: &settings, state: &state };
//!
//! let authorization = Authorization {
//!     subject: "row-17".to_owned(),
//!     configurations: vec![Granted { configuration_id: "pid".to_owned(), identifiers: vec!["pid-17".to_owned()] }],
//! };
//! let tx_code = TxCode::generate(6, entropy);
//! let order = PreAuthorized { authorization, tx_code: Some(&tx_code), lifetime: std::time::Duration::from_mins(10) };
//! let now = "2026-11-22T00:00:00Z".parse::<Timestamp>()?;
//! let (code, changes) = server.pre_authorize(order, now, entropy);
//! state.commit_owned(&changes)?; // together with whatever else the offer needs
//! assert!(code.as_str().len() >= 43);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod authorization;
mod server;
mod settings;

mod assertion;
mod attestation;
mod dpop;
mod proof_key;
mod refusal;
mod registered;

pub mod access;
pub mod client;
pub mod description;
pub mod form;
pub mod nonce;
pub mod url;

pub use assertion::{ASSERTION_TYPE, Assertion, AssertionError, Identified};
pub use attestation::{AttestationError, Attesters};
pub use authorization::{Authorization, DetailsError, Granted, Naming};
pub use dpop::DpopError;
pub use refusal::{ClientFault, GrantFault, Refusal, RequestFault, Rule};
pub use registered::{Authentication, RedirectUri, RegisteredClient};
pub use server::{
    Admitted, AuthorizationServer, BeginError, DecideError, FamilyId, Interaction, InteractionId,
    NotAdmitted, PRE_AUTHORIZED_GRANT, PreAuthorized, PreAuthorizedCode, TokenId, TxCode,
};
pub use settings::{
    Anonymous, Challenges, Dpop, DpopNonces, Lifetimes, Locations, MAX_BEARER, MAX_CODE, MAX_PRE_AUTHORIZED,
    MAX_PUSHED, MAX_REFRESH, ServerSettings, Unregistered,
};
