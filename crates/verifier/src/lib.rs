//! Asks for presentations and accepts those that meet a policy.
//!
//! An [`Expectation`] is what one answer must fit: the query that was asked, the challenge, to whom the answer is bound,
//! what the holder had to authorise, and whose credentials are believed. What arrived ([`Presented`]) is checked by a
//! machine that does no input or output: it says what it [`Need`]s, the caller fetches it, and at the end there is an
//! [`Accepted`], or a [`VerifyError`] that names the rule. A [`Policy`] is one way to make an expectation: for requests
//! under a service code of a verifier that the registry knows.
//!
//! Promises: SD-JWT VC, mobile documents and both W3C containers are checked alike, and the whole query is evaluated
//! again on what was verified. What cannot be looked up refuses. How an issuer's keys are found is the transaction's
//! word ([`Trust`]), never the token's. Refuses: to know which ledger, which protocol and which network stand behind
//! the facts; to keep what was shown, unless it is asked to ([`Evidence`]).
//!
//! ```
//! use sinpyo_core::{json, time::Timestamp};
//! use sinpyo_verifier::{Accepted, Check, Expectation, Known, Need, Presented, VerifyError};
//!
//! /// Checks the `vp_token` of an answer. Not to be called twice for one expectation: the store sees to that.
//! fn check(
//!     expectation: Expectation,
//!     vp_token: &serde_json::Map<String, serde_json::Value>,
//!     fetch: impl Fn(&Need) -> Known,
//!     now: Timestamp,
//! ) -> Result<Accepted, VerifyError> {
//!     let mut check = Check::start(expectation, Presented::parse(vp_token)?, now)?;
//!     while let Some(need) = check.need() {
//!         check.supply(&fetch(&need))?;
//!     }
//!     let verdict = check.conclude();
//!     for refusal in &verdict.dropped {
//!         eprintln!("{} for query {}", refusal.error.code(), refusal.query);
//!     }
//!     verdict.into_result()
//! }
//! # use sinpyo_dcql::Query;
//! # use sinpyo_verifier::{Fact, Session};
//! # let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
//! # let query = br#"{"credentials":[{"id":"a","format":"dc+sd-jwt","meta":{"vct_values":["urn:example:Card"]}}]}"#;
//! # let origin = "https://shop.example".to_owned();
//! # let session = Session::DigitalCredentials { origin, jwk_thumbprint: None };
//! # let nonce = "sHW2zMLfvQrJ0Yk4uVh1aA".to_owned();
//! # let expectation = Expectation::new(Query::parse(query).unwrap(), session, nonce, now);
//! # let vp_token = json::parse_object(br#"{"a":["no token"]}"#).unwrap();
//! # let refused = check(expectation, &vp_token, |_| Known { fact: Fact::Unavailable, as_of: now }, now);
//! # assert_eq!(refused.unwrap_err().code(), "VP-19");
//! ```

mod answer;
mod challenge;
mod expectation;
mod policy;
mod presented;
mod trust;

mod accepted;
mod check;
mod error;
mod need;
mod shown;
mod status_cache;

mod arrival;
mod authorities;
mod fit;
mod mobile;
mod sd_jwt;
mod stage;
mod status;
mod token;
mod transaction_data;
mod w3c;

pub use accepted::{Accepted, Refusal, Verdict};
pub use answer::Answer;
pub use challenge::Challenge;
pub use check::Check;
pub use error::VerifyError;
pub use expectation::{Evidence, Expectation, Rules, Session};
pub use need::{Fact, Known, Need};
pub use policy::{Policy, WithoutStatus};
pub use presented::Presented;
pub use shown::{Identity, Shown};
pub use status_cache::{AdmitError, CacheLimits, StatusCache};
pub use trust::{CertifiedIssuers, DidIssuers, Trust};

/// The example in the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
