//! What the crate accepts and refuses, through its public interface.
#![cfg(test)]

mod certificates;
mod fixture;
mod issuing;
mod presenting;
mod standard;
mod transcripts;
