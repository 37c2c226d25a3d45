//! The wallet with an issuer and a verifier in memory, driven as the edge and a browser drive it.
#![cfg(test)]

mod browser;
mod consent;
mod door;
mod flows;
mod hand;
mod logos;
mod misbehave;
mod offers;
mod polls;
mod registering;
mod relays;
mod vault;
mod voter;
mod votes;
mod world;
