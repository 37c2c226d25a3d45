//! An election as events on a log of its own (`spec/voting.md`).

pub mod audit;
pub mod ballots;
pub mod election;
pub mod event;
pub mod form;
pub mod manifest;
pub mod phase;
pub mod record;
pub mod roll;
pub mod tally;
pub mod trustee;
pub mod voter;
