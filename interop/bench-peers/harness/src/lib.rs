//! What every peer program shares: the input credentials, the clock, the raw baseline and the report.
//!
//! A peer gives one closure per row, from wire bytes to accepted or refused. The harness checks that it accepts
//! the genuine inputs, tries it on hostile ones (what it accepts there is what it leaves out), then measures it
//! beside the raw signature check of the same messages.

mod clock;
mod data_integrity;
mod k01;
mod key;
mod poll;
mod raw;
mod report;
mod sample;
mod sd_jwt;
#[cfg(feature = "statements")]
mod statements;
mod vc_jwt;

pub use k01::{
    AUDIENCE, CLAIM_NAMES, EXPIRES_TEXT, ISSUED_TEXT, ISSUER, KID, LONG_AGO_TEXT, MANDATORY, NONCE, NOW,
    SHOWN, claims,
};
pub use key::{Alg, Key, Verifier};
pub use poll::now_or_never;
pub use raw::raw_verify;
pub use report::{Bench, Inputs, Kind, main};
#[cfg(feature = "statements")]
pub use statements::credential;
