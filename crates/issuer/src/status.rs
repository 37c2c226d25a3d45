//! Status lists: where new credentials get their entry, and what the entries say.

mod allocate;
mod book;

pub use allocate::{AllocateError, Allocated, ListForm, ListSeries, SeriesError, Slot};
pub use book::{ReadEventError, StatusBook, StatusCommand, StatusEvent, StatusRefused};
