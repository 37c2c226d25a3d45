//! Proofs over credentials and presentations: SD-JWT, JOSE and Data Integrity.

use std::time::Duration;

mod unverified;
mod verified;

pub mod data_integrity;
pub mod jws;
pub mod sd_jwt;
pub mod sd_jwt_vc;
pub mod vc_di;
pub mod vc_jwt;
pub mod vp;

pub mod request_object;
pub mod status_token;

mod binding;
mod credential;
mod keys;
mod signing;

pub use binding::{HolderBinding, Occasion};
pub use credential::{CredentialError, IssueError};
pub use keys::{KeyError, KeyRing};
pub use request_object::RequestObjectError;
pub use signing::{SignError, Signatory};
pub use status_token::{StatusError, VerifiedStatusList};
pub use unverified::{Arrives, Hint, ParseWireError, Profile, Unverified};
pub use verified::Verified;
pub use vp::PresentationError;

/// How far two clocks may disagree.
pub const CLOCK_SKEW: Duration = Duration::from_mins(1);
