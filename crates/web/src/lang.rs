//! In which language somebody is answered.

use crate::{cookie::Cookies, form::Fields};
use http::{HeaderMap, Uri, header};
use sinpyo_core::accreditation::LocalizedName;

/// The name of the parameter and of the cookie that choose a language.
pub const CHOICE: &str = "lang";

/// A language of our pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Ko, Self::En];

    /// Its tag [BCP 47].
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ko => "한국어",
            Self::En => "English",
        }
    }

    /// What a name says in it.
    pub fn of(self, name: &LocalizedName) -> &str {
        match self {
            Self::Ko => &name.ko,
            Self::En => &name.en,
        }
    }

    /// The language of `tag`, which may go on with a region.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// [`Lang::choose`] for a request; a query that is not readable asks for nothing.
    pub fn asked(uri: &Uri, headers: &HeaderMap) -> Self {
        Self::choose(&Fields::of_uri(uri).unwrap_or_else(|_| Fields::none()), headers)
    }

    /// What the address asks for, else what was chosen before (the cookie `lang`), else what the browser prefers, else
    /// Korean.
    pub fn choose(query: &Fields, headers: &HeaderMap) -> Self {
        let asked = query.text(CHOICE).and_then(Self::of_tag);
        let chosen = || Cookies::of(headers).plain(CHOICE).and_then(Self::of_tag);
        asked.or_else(chosen).or_else(|| preferred(headers)).unwrap_or_default()
    }
}

/// The first of our languages in the order of `Accept-Language` [RFC 9110 §12.5.4].
fn preferred(headers: &HeaderMap) -> Option<Lang> {
    let lists = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let ranges = lists.flat_map(|list| list.split(',')).take(32).filter_map(|range| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let lang = Lang::of_tag(tag.trim())?;
        let weight = weight.trim();
        let quality = if weight.is_empty() { 1000 } else { quality(weight.strip_prefix("q=")?)? };
        (quality > 0).then_some((quality, lang))
    });
    // Of equals the first counts.
    ranges.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, lang)| lang)
}

/// A weight in thousandths.
fn quality(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: u16 = format!("{part:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// A text of ours in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Say {
    /// In Korean.
    pub ko: &'static str,
    /// In English.
    pub en: &'static str,
}

/// A text in Korean and English.
pub const fn say(ko: &'static str, en: &'static str) -> Say {
    Say { ko, en }
}

impl Say {
    /// In `lang`.
    pub const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.ko,
            Lang::En => self.en,
        }
    }
}
