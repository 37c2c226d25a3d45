//! What the client wants to read.

use super::Problem;

const LEGACY_PROFILE: &str = "https://w3id.org/did-resolution";

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// `application/did-resolution`: a DID resolution result.
    Resolution,
    /// `application/did-url-dereferencing`: a DID URL dereferencing result.
    Dereferencing,
    /// The document or the part of it, and nothing else, under this media type.
    Content(&'static str),
    /// `application/ld+json;profile="https://w3id.org/did-resolution"`: a result in the older dialect.
    Legacy,
}

/// The media types under which documents are given out.
const CONTENT: [&str; 5] = [
    "application/did",
    "application/did+json",
    "application/did+ld+json",
    "application/json",
    "application/ld+json",
];

impl Accept {
    /// Chooses by the option `accept`, if there is one, or else by the header; the most wanted type that we have.
    ///
    /// # Errors
    /// The value is not ASCII, or names no type that we have.
    pub fn choose(header: Option<&str>, option: Option<&str>) -> Result<Self, Problem> {
        let Some(wanted) = option.or(header) else { return Ok(Self::Resolution) };
        if !wanted.is_ascii() {
            return Err(Problem::InvalidOptions); // [RES-10]
        }
        let mut ranges: Vec<(u16, &str)> = split(wanted, ',')
            .map(|range| (quality(range), range))
            .filter(|(quality, _)| *quality > 0)
            .collect();
        ranges.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        ranges.into_iter().find_map(|(_, range)| of_range(range)).ok_or(Problem::RepresentationNotSupported) // [RES-11]
    }

    /// Whether the client says that the target is to be dereferenced.
    pub(super) fn wants_dereferencing(self) -> bool {
        self == Self::Dereferencing
    }
}

fn of_range(range: &str) -> Option<Accept> {
    let mut parts = split(range, ';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    match media_type.as_str() {
        "*/*" | "application/*" | "application/did-resolution" => Some(Accept::Resolution),
        "application/did-url-dereferencing" => Some(Accept::Dereferencing),
        "application/ld+json" if parts.any(is_legacy_profile) => Some(Accept::Legacy),
        other => CONTENT.iter().find(|name| **name == other).map(|name| Accept::Content(name)),
    }
}

fn is_legacy_profile(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("profile") && value.trim().trim_matches('"') == LEGACY_PROFILE
    })
}

/// The `q` of a range, in thousandths; 0 if it is malformed.
fn quality(range: &str) -> u16 {
    let value = split(range, ';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    let Some(value) = value else { return 1000 };
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = format!("{fraction:0<3}");
    match (whole, digits.parse::<u16>()) {
        ("0", Ok(thousandths)) if digits.len() == 3 => thousandths,
        ("1", Ok(0)) if digits.len() == 3 => 1000,
        _ => 0,
    }
}

/// Splits at `separator` outside quotation marks.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |character| {
        quoted ^= character == '"';
        character == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(header: &str) -> Result<Accept, Problem> {
        Accept::choose(Some(header), None)
    }

    #[test]
    fn the_most_wanted_type_that_we_have_is_chosen() {
        assert_eq!(Accept::choose(None, None), Ok(Accept::Resolution));
        assert_eq!(chosen("*/*"), Ok(Accept::Resolution));
        assert_eq!(chosen("application/did+ld+json"), Ok(Accept::Content("application/did+ld+json")));
        assert_eq!(chosen("APPLICATION/DID"), Ok(Accept::Content("application/did")));
        let legacy = r#"application/ld+json;profile="https://w3id.org/did-resolution""#;
        assert_eq!(chosen(legacy), Ok(Accept::Legacy));
        assert_eq!(chosen("application/ld+json"), Ok(Accept::Content("application/ld+json")));
        assert_eq!(
            chosen("application/did;q=0.2, text/html, application/did-resolution;q=0.9"),
            Ok(Accept::Resolution)
        );
        assert_eq!(
            chosen("text/html;x=\",*/*\", application/did-url-dereferencing;q=0.001"),
            Ok(Accept::Dereferencing)
        );
        assert_eq!(
            Accept::choose(Some("text/html"), Some("application/did")),
            Ok(Accept::Content("application/did"))
        );
    }

    #[test]
    fn a_type_that_we_do_not_have_is_refused() {
        for header in
            ["text/html", "application/x-unsupported", "", "application/did;q=0", "application/did;q=2"]
        {
            assert_eq!(chosen(header), Err(Problem::RepresentationNotSupported), "{header}");
        }
        for header in ["Привет", "foo\u{200B}bar", "🔥"] {
            assert_eq!(chosen(header), Err(Problem::InvalidOptions), "{header}");
        }
    }
}
