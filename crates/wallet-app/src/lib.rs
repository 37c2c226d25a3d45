//! The holder's wallet for other people's issuers and verifiers, and the local web application around it: bytes in and
//! bytes out.
//!
//! [`Receive`] and [`Present`] lead one offer or one request from its link to its end, [`Vote`] a voter from a notice to a
//! receipt, and [`CheckVote`] a ballot of another device to a verdict. They say what they need of the world ([`Need`]),
//! when the holder decides, and when the wallet must be sealed and kept; commands drive them just as [`WalletApp`] does,
//! which shows them as pages.
//!
//! What it promises: before the holder agrees, no code is spent and nothing is sent but requests for what is to be shown;
//! declining sends nothing; an answer is sent, and a credential acknowledged, only after the wallet that remembers it was
//! kept. One browser is let in, by an address that works once; no other page, port or host drives the wallet, reads it or
//! frames it. What a voter chooses is forgotten when the ballot is cast or given to a second device, and a ballot that was
//! checked is never cast.
//!
//! What it refuses to do: fetch, store or tell the time by itself ([`Vault`] is the edge's); show what an issuer sent
//! before its signature holds; answer a verifier that names a service it is not registered for; authorise what it cannot
//! show. Nothing of [`misbehave`] happens unless a fault is asked for by name. Not built: attestations by a wallet
//! provider, the browser's Digital Credentials API (a page on loopback is nobody's wallet there), getting new copies by
//! refresh tokens, and issuances that outlive the process.
//!
//! ```
//! use sinpyo_oauth::url::Transport;
//! use sinpyo_wallet::Wallet;
//! use sinpyo_wallet_app::{Need, Next, Receive, Rules, World};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = Rules::new(Transport::Https, "my-wallet");
//! let offer = "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22%3A%22https%3A%2F%2Fissuer.example\
//!     %22%2C%22credential_configuration_ids%22%3A%5B%22resident%22%5D%7D";
//! let mut flow = Receive::begin(offer, &rules)?;
//! # let entropy = &mut sinpyo_testkit::TestEntropy::new(1);
//! # let now = "2026-11-22T03:45:00Z".parse()?;
//! let mut world = World { wallet: &mut Wallet::new(), rules: &rules, now, entropy };
//! // The edge sends it, supplies the response, and asks again.
//! let Next::Need(Need::Http(request)) = flow.next(&mut world)? else { return Err("a request".into()) };
//! assert_eq!(request.uri(), "https://issuer.example/.well-known/openid-credential-issuer");
//! # Ok(())
//! # }
//! ```

mod app;
mod page;

mod flow;
mod need;
mod present;
mod receive;
mod trust;
mod vault;
mod vote;

pub mod misbehave;

pub use app::{MAX_BODY, Pending, Settings, Step, WalletApp};
pub use flow::{Next, World};
pub use need::{Found, Need, Standing};
pub use page::trouble::Typed;
pub use present::{Claimant, Decision, Inquiry, Present, PresentFlowError, PresentOutcome, Silence};
pub use receive::{Agreed, Receive, ReceiveFlowError};
pub use trust::Rules;
pub use vault::{Vault, VaultError};
pub use vote::{At, CheckVote, Sending, Vote, VoteFlowError};
