//! The verifier as a service: two nodes over one memory, every step taken by the other node than the one before.
#![cfg(test)]

mod admin;
mod flow;
mod formats;
mod issuer;
mod manage;
mod page;
mod race;
mod tenants;
mod world;
