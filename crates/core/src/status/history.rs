//! What a list said at a time, and which lists an issuer has.

use super::StatusEntry;
use crate::{json, time::Timestamp};
use serde_json::{Value, json};

/// The time that an edition of a list speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// When it was made (`iat`, `validFrom`).
    pub from: Timestamp,
    /// From when on it says nothing (`exp`, `validUntil`).
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether the edition says what was true at `time`. One without an end says nothing about any particular time.
    pub fn covers(&self, time: Timestamp) -> bool {
        self.from <= time && self.until.is_some_and(|until| time < until)
    }
}

/// Where to ask what `entry`'s list said at `time`: `?time=` in Unix seconds [Token Status List §8.4], `?timestamp=` as
/// a date and time [BSL §3.2].
pub fn historical_url(entry: &StatusEntry, time: Timestamp) -> String {
    let (list, fragment) = entry.list().split_once('#').unwrap_or((entry.list(), ""));
    let joint = if list.contains('?') { '&' } else { '?' };
    let query = match entry {
        StatusEntry::Token { .. } => format!("time={}", time.unix()),
        StatusEntry::Bitstring { .. } => format!("timestamp={time}"),
    };
    let hash = if fragment.is_empty() { "" } else { "#" };
    format!("{list}{joint}{query}{hash}{fragment}")
}

/// Reads the value of `time` in a request for a Token Status List: Unix seconds.
///
/// # Errors
/// Not a decimal number, or outside the years that a [`Timestamp`] has.
pub fn parse_time(value: &str) -> Result<Timestamp, HistoryError> {
    let seconds = super::parse_index(value).and_then(|seconds| i64::try_from(seconds).ok());
    seconds.and_then(Timestamp::from_unix).ok_or(HistoryError::Malformed) // [STS-08]
}

/// Which of the kept editions answers a request for `time`: the newest of those that cover it.
///
/// # Errors
/// None does.
pub fn edition_at<T>(
    editions: impl IntoIterator<Item = (Period, T)>,
    time: Timestamp,
) -> Result<T, HistoryError> {
    let covering = editions.into_iter().filter(|(period, _)| period.covers(time));
    let newest = covering.max_by_key(|(period, _)| period.from);
    newest.map(|(_, edition)| edition).ok_or(HistoryError::Unknown) // [STS-10]
}

/// Why a request for the past has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// STS-08: the time is not one.
    #[error("the time is not a number of seconds")]
    Malformed,
    /// STS-09: no past editions are kept.
    #[error("past editions of the status list are not kept")]
    Unsupported,
    /// STS-10: no edition covers the time.
    #[error("no edition of the status list covers the time")]
    Unknown,
}

impl HistoryError {
    /// The rule that was broken, as in `spec/checks/sts.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "STS-08",
            Self::Unsupported => "STS-09", // [STS-09]
            Self::Unknown => "STS-10",
        }
    }

    /// The HTTP status that says so [Token Status List §8.4].
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::Unsupported => 501,
            Self::Unknown => 404,
        }
    }
}

/// Most lists that one aggregation document names.
const MAX_LISTS: usize = 100_000;

/// The lists of an issuer, for those who fetch them all beforehand [Token Status List §9].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregation {
    /// Where each list is.
    pub lists: Vec<String>,
}

impl Aggregation {
    /// Reads the document.
    ///
    /// # Errors
    /// Not a JSON object whose `status_lists` is an array of URLs, or more than 100,000 of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, AggregationError> {
        let document = json::parse_object(bytes).map_err(|_| AggregationError)?;
        let lists = document.get("status_lists").and_then(Value::as_array).ok_or(AggregationError)?;
        if lists.len() > MAX_LISTS {
            return Err(AggregationError); // [STS-12]
        }
        let url = |list: &Value| list.as_str().filter(|list| is_url(list)).map(str::to_owned);
        lists.iter().map(url).collect::<Option<_>>().map(|lists| Self { lists }).ok_or(AggregationError)
    }

    /// The document.
    pub fn to_json(&self) -> Value {
        json!({"status_lists": self.lists})
    }
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// STS-12: the bytes are no aggregation document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of status lists")]
pub struct AggregationError;

impl AggregationError {
    /// The rule that was broken, as in `spec/checks/sts.toml`.
    pub const fn code(&self) -> &'static str {
        "STS-12"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::StatusPurpose;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    fn period(from: i64, until: i64) -> Period {
        Period { from: at(from), until: Some(at(until)) }
    }

    #[test]
    fn the_newest_edition_that_covers_a_time_answers() {
        let editions = [(period(100, 300), 'a'), (period(200, 400), 'b'), (period(600, 700), 'c')];
        for (time, expected) in [
            (99, Err(HistoryError::Unknown)),
            (100, Ok('a')),
            (199, Ok('a')),
            (200, Ok('b')),
            (399, Ok('b')),
            (400, Err(HistoryError::Unknown)),
            (600, Ok('c')),
            (700, Err(HistoryError::Unknown)),
        ] {
            assert_eq!(edition_at(editions, at(time)), expected, "{time}");
        }
        let endless = Period { from: at(0), until: None };
        assert_eq!(edition_at([(endless, ())], at(1)), Err(HistoryError::Unknown));
    }

    #[test]
    fn a_time_is_a_number_of_seconds() {
        assert_eq!(parse_time("1686925000"), Ok(at(1_686_925_000)));
        for text in ["", "-1", "1e9", "2023-06-16T14:16:40Z", "01", "1.5", "99999999999999999999"] {
            assert_eq!(parse_time(text), Err(HistoryError::Malformed), "{text}");
        }
        let statuses = [HistoryError::Malformed, HistoryError::Unsupported, HistoryError::Unknown]
            .map(|error| (error.http_status(), error.code()));
        assert_eq!(statuses, [(400, "STS-08"), (501, "STS-09"), (404, "STS-10")]);
    }

    #[test]
    fn the_past_is_asked_for_as_each_format_says() {
        let list = "https://a.example/1".to_owned();
        let token = |list: &str| StatusEntry::Token { list: list.into(), index: 1 };
        assert_eq!(historical_url(&token(&list), at(1_686_925_000)), "https://a.example/1?time=1686925000");
        assert_eq!(historical_url(&token("https://a.example/?l=1"), at(5)), "https://a.example/?l=1&time=5");
        assert_eq!(historical_url(&token("https://a.example/1#x"), at(5)), "https://a.example/1?time=5#x");
        let purpose = StatusPurpose::Revocation;
        let bitstring = StatusEntry::Bitstring { list, index: 1, purpose, messages: None };
        assert_eq!(historical_url(&bitstring, at(0)), "https://a.example/1?timestamp=1970-01-01T00:00:00Z");
    }

    #[test]
    fn an_aggregation_is_a_list_of_addresses() {
        let text = br#"{"status_lists":["https://a.example/1","https://a.example/2"],"other":1}"#;
        let read = Aggregation::parse(text).unwrap();
        assert_eq!(read.lists, ["https://a.example/1", "https://a.example/2"]);
        assert_eq!(Aggregation::parse(read.to_json().to_string().as_bytes()), Ok(read));
        let many = json!({"status_lists": vec!["https://a.example/1"; MAX_LISTS + 1]}).to_string();
        for text in [
            "",
            "[]",
            "{}",
            r#"{"status_lists":"https://a.example/1"}"#,
            r#"{"status_lists":[1]}"#,
            r#"{"status_lists":["file:///etc/passwd"]}"#,
            r#"{"status_lists":["https://"]}"#,
            r#"{"status_lists":["https://a.example/ 1"]}"#,
            r#"{"status_lists":[],"status_lists":[]}"#,
            &many,
        ] {
            let error = Aggregation::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.code(), "STS-12", "{}", text.get(..40).unwrap_or(text));
        }
    }
}
