//! Texts that an issuer's metadata puts before people.

use serde_json::Value;

/// Longest text that is shown, in characters.
const MAX_SHOWN: usize = 200;

/// A text of somebody else, made fit to stand among ours: one line, of bounded length, without characters that hide or
/// reorder others.
pub fn safe_text(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_deceptive(*c)).map(|c| if c.is_whitespace() { ' ' } else { c });
    let mut shown: String = visible.take(MAX_SHOWN).collect();
    shown.truncate(shown.trim_end().len());
    shown
}

/// Controls, and the format characters that change direction or are not seen.
fn is_deceptive(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    invisible || (c.is_control() && !c.is_whitespace())
}

/// How a type or a claim is called in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    /// The language tag.
    pub locale: String,
    /// The name.
    pub label: String,
    /// More words.
    pub description: Option<String>,
}

impl Display {
    /// Reads an entry whose name is the member `label`; early drafts called the locale `lang`.
    pub(super) fn read(entry: &Value, label: &str) -> Option<Self> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let locale = text("locale").or_else(|| text("lang")).filter(|locale| is_language_tag(locale))?;
        Some(Self {
            locale: locale.to_owned(),
            label: safe_text(text(label)?),
            description: text("description").map(safe_text),
        })
    }
}

/// Whether a text could be a language tag [RFC 5646 §4.4.1]: it stands in what people are shown, too.
fn is_language_tag(text: &str) -> bool {
    (1..=35).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') // [VCT-10]
}

/// The entry for `locale`: of the same tag, else of the same language, else the first.
pub(super) fn for_locale<'d>(entries: &'d [Display], locale: &str) -> Option<&'d Display> {
    let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let same = entries.iter().find(|entry| entry.locale.eq_ignore_ascii_case(locale));
    let related = || entries.iter().find(|entry| language(&entry.locale) == language(locale));
    same.or_else(related).or(entries.first())
}
