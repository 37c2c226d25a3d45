//! An election as events on a log of its own (`spec/voting.md`): what may happen when, who counts, and the audit of the
//! public record.
//!
//! What it promises: [`election::Rules`] decides and folds in the transaction that appends, on any engine of the
//! registry, with one small record for each slot, commitment, tag and trustee; [`audit::examine`] recomputes everything
//! from the public record and says which of V1 to V14 objects to what; a trustee's program ([`trustee`]) opens only sums
//! that it added up itself, above the floor, and never two different ones.
//!
//! What it refuses to do: read a clock, open a file, start a thread, know who voted, or spend admission tokens in the
//! log's state, which must follow from the public entries alone.
//!
//! **Nobody outside this project has reviewed the composed proof of the ballots.**
//!
//! ```
//! use sinpyo_voting::{audit::{OneThread, examine}, record::MemoryRecord};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A record without a checkpoint proves nothing, and the audit says so.
//! let record = MemoryRecord::new("not a checkpoint".to_owned(), Vec::new());
//! let examined = examine(&record, &OneThread, &mut sinpyo_testkit::TestEntropy::new(1))?;
//! assert!(!examined.report.objects_to_nothing());
//! # Ok(())
//! # }
//! ```

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
