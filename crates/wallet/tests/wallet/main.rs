//! The wallet through its public boundary.
#![cfg(test)]

mod asking;
mod file;
mod formats;
mod hold;
mod present;
mod review;
mod scene;
