//! What must never see a voter's secrets.

pub mod bulk;
