//! Verifier and wallet through their public boundary.
#![cfg(test)]

mod world;

mod authenticate;
mod coverage;
mod digital;
mod fetch;
mod fixation;
mod parameters;
mod posted;
mod transaction_data;
mod vectors;
