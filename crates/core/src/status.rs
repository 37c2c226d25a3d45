//! Status entries and the lists they point into.
//!
//! Two formats exist; they differ in the order of bits within a byte, in compression and in text form:
//! Token Status List [draft-ietf-oauth-status-list] and Bitstring Status List [W3C VC Bitstring Status List 1.0].

mod entry;
mod history;
mod list;
mod messages;
mod problem;

pub use entry::{CredentialStatus, StatusEntry, StatusPurpose, parse_index};
pub use history::{
    Aggregation, AggregationError, HistoryError, Period, edition_at, historical_url, parse_time,
};
pub use list::{BitOrder, MAX_BYTES, StatusList, StatusListError};
pub use messages::{StatusMessages, StatusMessagesError, StatusSize};
pub use problem::bitstring_problem;
