//! The voting service over HTTP: ballot box, registration, the pages of host and observer. Bytes in and bytes out.
//!
//! What it promises: an election's record is its log, served whole (C2SP `tlog-tiles`), and everything shown follows from
//! it. A ballot is answered when its proof was checked and it is durable; each false one is refused alone, with its reason
//! in the log. Whoever casts is not asked who they are: there is no login, no cookie and no address in the ballot box, and
//! what the registrar remembers has nothing in common with what the ballot box sees. A code registers one line, whatever
//! races.
//!
//! What it refuses to do: hold a trustee's secret, a socket, a thread or a clock; give out less than a whole ring; remember
//! a code in clear.

mod ballot_box;
mod call;
mod calling;
mod code;
mod desk;
mod dossier;
mod events;
mod followed;
mod limit;
mod live;
mod manage;
mod openapi;
mod outside;
mod page;
mod problem;
mod queue;
mod record;
mod register;
mod rings;
mod roll;
mod roll_file;
mod route;
mod seats;
mod service;
mod settings;
mod sign;
mod steps;
mod summary;
mod trustee;
mod whole;

pub use ballot_box::Cast;
pub use live::{Feed, Poll};
pub use outside::{Logs, Registrar, SharedSigner, Workers};
pub use queue::Reply;
pub use service::{MAX_BODY, Service, Step};
pub use settings::{ServiceKey, Settings};
pub use steps::TickError;
pub use whole::AuditError;
