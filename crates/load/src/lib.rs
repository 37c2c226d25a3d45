//! Drives served issuers and verifiers with whole flows: under load, in races, and while they are killed.
//!
//! [`flow`] is a wallet over the machines of `sinpyo-openid4vci` and `sinpyo-openid4vp`, [`manage`] the institution's
//! program, [`web`] the connections of both, [`node`] a server as a process, [`town`] an issuer and a verifier with the
//! ledger that they need. On these stand [`load`], [`races`] and [`kill`], which judge by what wallets hold and by what the
//! services themselves count.

pub mod kill;
pub mod load;
pub mod races;

pub mod town;

pub mod flow;
pub mod manage;
pub mod node;
pub mod web;

pub mod os;

mod arrivals;
mod contest;
mod measure;
mod prepare;
