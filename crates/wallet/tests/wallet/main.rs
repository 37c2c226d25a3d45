//! The wallet through its public boundary.
#![cfg(test)]

mod file;
mod hold;
mod present;
mod review;
mod scene;
