//! Names, texts and logos in several languages [VCI 1.0 §12.2.4], and which of them a reader wants.

use crate::member::{self, Object, Unfit};
use serde_json::{Value, json};

/// One `display` array: for each language one object, at most one for none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Displays(Vec<Display>);

/// How something is called and shown in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Display {
    locale: Option<String>,
    members: Object,
}

impl Displays {
    /// None.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Takes an array of objects, each with a `name` and its own `locale` [BCP 47].
    ///
    /// # Errors
    /// Not such an array, or two objects for one language.
    pub fn parse(value: &Value) -> Result<Self, DisplayError> {
        let mut displays: Vec<Display> = Vec::new();
        for object in value.as_array().ok_or(DisplayError::Shape)? {
            let members = object.as_object().ok_or(DisplayError::Shape)?.clone();
            let locale = member::text(&members, "locale").map_err(|Unfit(_)| DisplayError::Shape)?;
            if !locale.is_none_or(is_language_tag) {
                return Err(DisplayError::Language);
            }
            let locale = locale.map(str::to_owned);
            let same = |other: &Display| match (&other.locale, &locale) {
                (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
                (one, other) => one == other,
            };
            if displays.iter().any(same) {
                return Err(DisplayError::Twice); // [VCI-MET-05]
            }
            displays.push(Display { locale, members });
        }
        Ok(Self(displays))
    }

    /// All of them, as they were given.
    pub fn to_json(&self) -> Value {
        self.0.iter().map(|display| Value::Object(display.members.clone())).collect()
    }

    /// Those for `wanted`: all of them without a wish, else the one that fits best.
    pub fn to_json_in(&self, wanted: &Languages) -> Value {
        match self.choose(wanted) {
            Some(display) if !wanted.is_empty() => json!([display.members]),
            _ => self.to_json(),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that fits `wanted` best: a language of the list in its order, else the one without a language, else the
    /// first.
    pub fn choose(&self, wanted: &Languages) -> Option<&Display> {
        let fitting = |tag: &String| self.0.iter().find(|display| display.speaks(tag));
        let chosen = wanted.0.iter().find_map(fitting);
        chosen.or_else(|| self.0.iter().find(|display| display.locale.is_none())).or_else(|| self.0.first())
    }

    /// The languages there are.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|display| display.locale.as_deref())
    }
}

impl Display {
    /// The language, if one is named.
    pub fn locale(&self) -> Option<&str> {
        self.locale.as_deref()
    }

    /// What it is called.
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// A text member, such as `description` or `background_color`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// Where the logo is (https or `data:`); to be drawn where no script runs and nothing is fetched from inside.
    pub fn logo(&self) -> Option<&str> {
        let uri = self.members.get("logo")?.get("uri")?.as_str()?;
        let is_image = ["data:image/png;", "data:image/svg+xml;", "data:image/svg+xml,", "https://"];
        is_image.iter().any(|start| uri.starts_with(start)).then_some(uri) // [VCI-MET-10]
    }

    /// All members.
    pub const fn members(&self) -> &Object {
        &self.members
    }

    fn speaks(&self, wanted: &str) -> bool {
        self.locale.as_ref().is_some_and(|locale| speaks(locale, wanted))
    }
}

/// Lookup by RFC 4647 §3.4 both ways: `ko` finds `ko-KR`, and `ko-KR` finds `ko`.
fn speaks(locale: &str, wanted: &str) -> bool {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    locale.eq_ignore_ascii_case(wanted)
        || (primary(locale) == primary(wanted) && (!locale.contains('-') || !wanted.contains('-')))
}

fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().is_some_and(|first| {
        (2..=8).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    primary
        && subtags.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// The languages that somebody reads, the dearest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(Vec<String>);

/// Most languages of one header that are looked at.
const MAX_LANGUAGES: usize = 16;

impl Languages {
    /// From an `Accept-Language` header [RFC 9110 §12.5.4]; what is malformed in it is left out.
    pub fn accept(header: &str) -> Self {
        let mut wanted: Vec<(u16, String)> =
            header.split(',').take(MAX_LANGUAGES).filter_map(range).collect();
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Self(wanted.into_iter().map(|(_, tag)| tag).collect())
    }

    /// No wish.
    pub const fn any() -> Self {
        Self(Vec::new())
    }

    /// Whether there is no wish.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The best of `available` for these wishes, or none if none of them is wished.
    pub(crate) fn best<'a>(&self, available: &'a [String]) -> Option<&'a str> {
        let find = |wanted: &String| {
            let exact = available.iter().find(|tag| tag.eq_ignore_ascii_case(wanted));
            exact.or_else(|| available.iter().find(|tag| speaks(tag, wanted)))
        };
        self.0.iter().find_map(find).map(String::as_str)
    }
}

/// A language and its weight in thousandths.
fn range(part: &str) -> Option<(u16, String)> {
    let (tag, weight) = part.split_once(';').map_or((part, None), |(tag, rest)| (tag, Some(rest)));
    let weight = match weight {
        None => 1000,
        Some(text) => weight_of(text.trim().strip_prefix("q=")?)?,
    };
    let tag = tag.trim();
    (weight > 0 && is_language_tag(tag)).then(|| (weight, tag.to_owned()))
}

fn weight_of(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "1" if thousandths == 0 => Some(1000),
        "0" => Some(thousandths),
        _ => None,
    }
}

/// Why an array is no `display`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisplayError {
    /// Not an array of objects.
    #[error("display is not an array of objects")]
    Shape,
    /// VCI-MET-05: not a language tag.
    #[error("a locale is no language tag")]
    Language,
    /// VCI-MET-05: two objects for one language.
    #[error("two displays are for one language")]
    Twice,
}

impl DisplayError {
    /// The rule in `spec/checks/vci-met.toml`.
    pub const fn code(&self) -> &'static str {
        "VCI-MET-05"
    }
}
