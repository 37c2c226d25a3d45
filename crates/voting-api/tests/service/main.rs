//! The service over its interface, in memory.
#![cfg(test)]

mod town;

mod asking;
mod ballots;
mod election;
mod office;
mod pages;
mod registration;
