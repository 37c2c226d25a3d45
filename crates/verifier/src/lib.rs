//! Asks for presentations and accepts those that meet a policy.
//!
//! A [`Policy`] makes a [`Challenge`]; its request goes to the holder. The [`Answer`] is checked by a machine that does
//! no input or output: it says what it [`Need`]s, the caller fetches it, and at the end there is an [`Accepted`] or a
//! [`VerifyError`] that names the rule. Which ledger, which protocol and which network stand behind the facts, this
//! crate does not know.

mod answer;
mod challenge;
mod check;
mod error;
mod need;
mod policy;
mod query;
mod status_cache;

pub use answer::Answer;
pub use challenge::Challenge;
pub use check::{Accepted, Check};
pub use error::VerifyError;
pub use need::{Fact, Known, Need};
pub use policy::{Policy, WithoutStatus};
pub use status_cache::{AdmitError, CacheLimits, StatusCache};

/// The example in the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
