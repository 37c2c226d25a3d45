//! Points in time, at the resolution of one second.

use std::{fmt, str::FromStr, time::Duration};

/// Seconds since the Unix epoch, UTC, leap seconds not counted; year 0001 to 9999.
///
/// Printed and parsed as RFC 3339 in UTC (`2026-11-22T03:45:00Z`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The edge's source of time. Functions below the edges take `now: Timestamp` and never a clock.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

const MIN: i64 = -62_135_596_800; // 0001-01-01T00:00:00Z
const MAX: i64 = 253_402_300_799; // 9999-12-31T23:59:59Z
const DAY: i64 = 86_400;

impl Timestamp {
    /// The time `seconds` after the epoch; `None` outside the years 0001 to 9999.
    pub const fn from_unix(seconds: i64) -> Option<Self> {
        if seconds < MIN || seconds > MAX { None } else { Some(Self(seconds)) }
    }

    /// Seconds since the Unix epoch.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This time and `by` more, at most the end of year 9999.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(MAX);
        Self(self.0.saturating_add(seconds).min(MAX))
    }

    /// This time less `by`, at least the start of year 0001.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(MAX);
        Self(self.0.saturating_sub(seconds).max(MIN))
    }

    /// This time with everything below a multiple of `unit` dropped, so that two issuances look alike.
    ///
    /// A `unit` under one second changes nothing.
    #[must_use]
    pub fn rounded_down(self, unit: Duration) -> Self {
        let unit = i64::try_from(unit.as_secs()).unwrap_or(DAY).max(1);
        Self((self.0 - self.0.rem_euclid(unit)).max(MIN))
    }

    /// The calendar date in the proleptic Gregorian calendar, UTC: year, month 1–12, day 1–31.
    pub fn date(self) -> Date {
        Date::from_days(self.0.div_euclid(DAY))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.0.rem_euclid(DAY);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.date(), s / 3600, s / 60 % 60, s % 60)
    }
}

impl FromStr for Timestamp {
    type Err = ParseTimeError;

    /// Parses RFC 3339 (also XML Schema `dateTimeStamp`); a fraction of a second is dropped.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let (date, rest) = text.split_at_checked(10).ok_or(ParseTimeError)?;
        let days = date.parse::<Date>()?.to_days();
        let rest = rest.strip_prefix(['T', 't']).ok_or(ParseTimeError)?;
        let (clock, rest) = rest.split_at_checked(8).ok_or(ParseTimeError)?;
        let [h1, h2, b':', m1, m2, b':', s1, s2] = *clock.as_bytes() else { return Err(ParseTimeError) };
        let (hour, minute, second) = (digits(&[h1, h2])?, digits(&[m1, m2])?, digits(&[s1, s2])?);
        if hour > 23 || minute > 59 || second > 60 {
            return Err(ParseTimeError);
        }
        let zone = skip_fraction(rest)?;
        let seconds = days * DAY + hour * 3600 + minute * 60 + second.min(59) - offset(zone)?;
        Self::from_unix(seconds).ok_or(ParseTimeError)
    }
}

fn skip_fraction(text: &str) -> Result<&str, ParseTimeError> {
    let Some(fraction) = text.strip_prefix('.') else { return Ok(text) };
    let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    if zone.len() == fraction.len() { Err(ParseTimeError) } else { Ok(zone) }
}

fn offset(zone: &str) -> Result<i64, ParseTimeError> {
    match *zone.as_bytes() {
        [b'Z' | b'z'] => Ok(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[h1, h2])?, digits(&[m1, m2])?);
            if hours > 23 || minutes > 59 {
                return Err(ParseTimeError);
            }
            let seconds = hours * 3600 + minutes * 60;
            Ok(if sign == b'+' { seconds } else { -seconds })
        }
        _ => Err(ParseTimeError),
    }
}

fn digits(text: &[u8]) -> Result<i64, ParseTimeError> {
    text.iter().try_fold(0, |number, byte| match byte {
        b'0'..=b'9' => Ok(number * 10 + i64::from(byte - b'0')),
        _ => Err(ParseTimeError),
    })
}

/// A day of the proleptic Gregorian calendar, printed and parsed as `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i64,
    month: i64,
    day: i64,
}

impl Date {
    /// The day on which somebody born on this day is `years` old, by Korean civil law (the birthday
    /// itself; a 29 February falls on 1 March in a common year).
    #[must_use]
    pub fn plus_years(self, years: u16) -> Self {
        let year = self.year + i64::from(years);
        if self.month == 2 && self.day == 29 && !is_leap(year) {
            return Self { year, month: 3, day: 1 };
        }
        Self { year, ..self }
    }

    /// The start of this day in Korea (UTC+9, no daylight saving).
    pub fn start_in_korea(self) -> Timestamp {
        Timestamp((self.to_days() * DAY - 9 * 3600).max(MIN))
    }

    /// The day on which `time` falls in Korea (UTC+9, no daylight saving).
    pub fn in_korea(time: Timestamp) -> Self {
        Self::from_days((time.unix() + 9 * 3600).div_euclid(DAY))
    }

    // Days since 1970-01-01, counting years from March so that the leap day is the last of its year.
    const fn to_days(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    const fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
            return Err(ParseTimeError);
        };
        let date =
            Self { year: digits(&[y1, y2, y3, y4])?, month: digits(&[m1, m2])?, day: digits(&[d1, d2])? };
        // An impossible day (31 April, 29 February 2025) does not survive the round trip.
        if date.year == 0 || !(1..=12).contains(&date.month) || Self::from_days(date.to_days()) != date {
            return Err(ParseTimeError);
        }
        Ok(date)
    }
}

/// The text is not a date or time in the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date or time")]
pub struct ParseTimeError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_parses() {
        for text in
            ["1970-01-01T00:00:00Z", "2026-11-22T03:45:00Z", "2000-02-29T23:59:59Z", "0001-01-01T00:00:00Z"]
        {
            assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
        }
        assert_eq!("2026-11-22T12:45:00.5+09:00".parse::<Timestamp>().unwrap().unix(), 1_795_319_100);
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-11-22",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T00:00:00",
            "2026-11-22T00:00:00.Z",
            "2026-11-22 00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-11-22T00:00:00+0900",
            "２０26-11-22T00:00:00Z",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(ParseTimeError), "{text}");
        }
    }

    #[test]
    fn a_leap_day_birthday_falls_on_the_first_of_march() {
        let born: Date = "2008-02-29".parse().unwrap();
        assert_eq!(born.plus_years(18).to_string(), "2026-03-01");
        assert_eq!(born.plus_years(20).to_string(), "2028-02-29");
    }
}
