//! The query language through its public boundary.
#![cfg(test)]

mod check;
mod fit;
mod laws;
mod matches;
mod parse;
mod scene;
mod vectors;
