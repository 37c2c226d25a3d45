//! The command line and the servers of the one decentralized identity.

mod http;
mod import;
mod os;

fn main() {}
