//! The service over its interface, in memory.
#![cfg(test)]

mod browser;
mod memory;
mod town;

mod asking;
mod ballots;
mod election;
mod hostile;
mod office;
mod own;
mod pages;
mod registration;
mod weak;
mod witnesses;
