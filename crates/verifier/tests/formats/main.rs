//! The check of answers in every format, through the public boundary.
#![expect(clippy::unwrap_used, reason = "test")]

mod certificates;
mod fixture;
mod mobile;
mod sd_jwt;
mod sets;
mod transaction_data;
mod trust;
mod w3c;
