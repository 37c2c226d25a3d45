//! How long a credential holds.

use sinpyo_core::time::{Date, Timestamp};
use std::{str::FromStr, time::Duration};

/// A length of time as ISO 8601 writes it: `P1Y`, `P90D`, `PT6H`.
///
/// Years and months follow the Korean calendar; the last day of a shorter month stands for a day that it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    months: u32,
    rest: Duration,
}

/// No credential holds longer, in months and in days.
const MAX_MONTHS: u32 = 1200;
const MAX_DAYS: u64 = 36_525;

const DAY: u64 = 86_400;

impl Term {
    /// The moment at which the term ends if it begins at `start`.
    pub fn end(self, start: Timestamp) -> Timestamp {
        let day = Date::in_korea(start);
        let into_the_day = start.unix() - day.start_in_korea().unix();
        let into_the_day = Duration::from_secs(u64::try_from(into_the_day).unwrap_or_default());
        plus_months(day, self.months).start_in_korea().plus(into_the_day).plus(self.rest)
    }
}

/// `day`, moved by `months`; the end of the calendar at most.
fn plus_months(day: Date, months: u32) -> Date {
    let text = day.to_string();
    let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap_or_default());
    let (year, month, day_of_month) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or(1), parts.next().unwrap_or(1));
    let month = year * 12 + month - 1 + months;
    // At most three days too many: 31 January and 28 February.
    (0..4)
        .map(|days| {
            format!("{:04}-{:02}-{:02}", month / 12, month % 12 + 1, day_of_month.saturating_sub(days))
        })
        .find_map(|date| date.parse().ok())
        .unwrap_or(day)
}

impl FromStr for Term {
    type Err = ParseTermError;

    fn from_str(text: &str) -> Result<Self, ParseTermError> {
        let text = text.strip_prefix('P').ok_or(ParseTermError)?;
        let (days, clock) = text.split_once('T').map_or((text, None), |(days, clock)| (days, Some(clock)));
        if days.is_empty() && clock.is_none() || clock == Some("") {
            return Err(ParseTermError);
        }
        let [years, months, days] = amounts(days, ['Y', 'M', 'D'])?;
        let [hours, minutes, seconds] = amounts(clock.unwrap_or_default(), ['H', 'M', 'S'])?;
        let rest = Duration::from_secs(u64::from(days) * DAY)
            + Duration::from_secs(u64::from(hours) * 3600 + u64::from(minutes) * 60 + u64::from(seconds));
        let months = years * 12 + months;
        let fits =
            months <= MAX_MONTHS && rest.as_secs() <= MAX_DAYS * DAY && (months > 0 || !rest.is_zero());
        if fits { Ok(Self { months, rest }) } else { Err(ParseTermError) }
    }
}

/// Numbers before their designators, in this order, each at most once.
fn amounts(mut text: &str, designators: [char; 3]) -> Result<[u32; 3], ParseTermError> {
    let mut amounts = [0; 3];
    for (amount, designator) in amounts.iter_mut().zip(designators) {
        if let Some((digits, rest)) = text.split_once(designator) {
            let fine = (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            *amount = digits.parse().ok().filter(|_| fine).ok_or(ParseTermError)?;
            text = rest;
        }
    }
    if text.is_empty() { Ok(amounts) } else { Err(ParseTermError) }
}

/// The text is no ISO 8601 duration, or none of use: nothing, or more than a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a duration of at most a hundred years")]
pub struct ParseTermError;

#[cfg(test)]
mod tests {
    use super::*;

    fn end(term: &str, start: &str) -> String {
        term.parse::<Term>().unwrap().end(start.parse().unwrap()).to_string()
    }

    #[test]
    fn a_term_ends_by_the_korean_calendar() {
        assert_eq!(end("P1Y", "2026-07-01T03:00:00Z"), "2027-07-01T03:00:00Z");
        assert_eq!(end("P3M", "2026-11-30T00:00:00Z"), "2027-02-28T00:00:00Z");
        assert_eq!(end("P1Y", "2024-02-29T00:00:00Z"), "2025-02-28T00:00:00Z");
        // 16:00 UTC on 31 January is 1 February in Korea: the month that counts is February.
        assert_eq!(end("P1M", "2026-01-31T16:00:00Z"), "2026-02-28T16:00:00Z");
        assert_eq!(end("P30D", "2026-07-01T00:00:00Z"), "2026-07-31T00:00:00Z");
        assert_eq!(end("PT6H", "2026-07-01T20:00:00Z"), "2026-07-02T02:00:00Z");
        assert_eq!(end("P1Y2M3DT4H5M6S", "2026-01-01T00:00:00Z"), "2027-03-04T04:05:06Z");
        assert_eq!(end("P100Y", "9999-12-31T00:00:00Z"), "9999-12-31T00:00:00Z");
    }

    #[test]
    fn what_is_no_term_is_refused() {
        for text in [
            "",
            "P",
            "PT",
            "1Y",
            "P1",
            "P-1Y",
            "P1.5Y",
            "P1D1Y",
            "P1Y1Y",
            "P1H",
            "PT1D",
            "P1YT",
            "P0D",
            "P101Y",
            "P99999D",
            "P9999999999Y",
            "P１Y",
            "P+1Y",
        ] {
            assert_eq!(text.parse::<Term>(), Err(ParseTermError), "{text}");
        }
    }
}
