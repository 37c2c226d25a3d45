//! Days of the calendar, as far as the generator needs them.

use std::fmt;

/// A day that exists, printed as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Date {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
}

/// The day on which the demonstration takes place.
pub(super) const REFERENCE_DAY: Date = day(2026, 11, 22);

/// The day of these numbers.
pub(super) const fn day(year: u32, month: u32, day: u32) -> Date {
    Date { year, month, day }
}

/// How many days a month has.
pub(super) const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}
