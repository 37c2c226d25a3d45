//! What people read about a credential.

use crate::logo::Logo;
use sinpyo_core::{accreditation::LocalizedName, claims::ClaimPath};

/// Longest name that is kept, in characters.
const MAX_NAME: usize = 120;
/// Most claims that have a label.
const MAX_LABELS: usize = 128;

/// Names of a credential, its issuer and its claims, as the issuer published them: plain text that cannot change how the
/// text around it is read.
///
/// A claim of the issuer about itself: shown beside the proven issuer, never in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Display {
    name: LocalizedName,
    issuer: LocalizedName,
    labels: Vec<(ClaimPath, LocalizedName)>,
    logo: Option<Logo>,
}

impl Display {
    /// Takes names as they came. Characters that are not shown, or that turn the direction of text, are left out, and
    /// what is too long is cut.
    pub fn new(
        name: &LocalizedName,
        issuer: &LocalizedName,
        labels: impl IntoIterator<Item = (ClaimPath, LocalizedName)>,
    ) -> Self {
        let labels = labels.into_iter().take(MAX_LABELS).map(|(path, label)| (path, safe(&label)));
        Self { name: safe(name), issuer: safe(issuer), labels: labels.collect(), logo: None }
    }

    /// With the credential's sign, if there is one.
    #[must_use]
    pub fn with_logo(self, logo: Option<Logo>) -> Self {
        Self { logo, ..self }
    }

    /// The credential's name.
    pub const fn name(&self) -> &LocalizedName {
        &self.name
    }

    /// The issuer's name.
    pub const fn issuer(&self) -> &LocalizedName {
        &self.issuer
    }

    /// The credential's sign.
    pub const fn logo(&self) -> Option<&Logo> {
        self.logo.as_ref()
    }

    /// The label of each claim that has one.
    pub fn labels(&self) -> &[(ClaimPath, LocalizedName)] {
        &self.labels
    }

    /// The label of the claim at `path`.
    pub fn label(&self, path: &ClaimPath) -> Option<&LocalizedName> {
        self.labels.iter().find(|(labelled, _)| labelled == path).map(|(_, label)| label)
    }
}

fn safe(name: &LocalizedName) -> LocalizedName {
    let safe = |text: &str| {
        text.chars().filter(|c| !is_unseen(*c)).take(MAX_NAME).collect::<String>().trim().to_owned()
    };
    LocalizedName { ko: safe(&name.ko), en: safe(&name.en) } // [WAL-25]
}

/// Controls, marks of direction, and characters of no width [Unicode UAX #9 §2, UTS #39].
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> LocalizedName {
        LocalizedName { ko: text.to_owned(), en: text.to_owned() }
    }

    #[test]
    fn a_name_cannot_change_how_the_text_around_it_is_read() {
        let path = ClaimPath::name("a");
        let label = (path.clone(), name("이름\u{200b}\u{0}"));
        let display = Display::new(&name(" 신분\u{202e}증\r\n"), &name(&"가".repeat(500)), [label]);
        assert_eq!(display.name(), &name("신분증"));
        assert_eq!(display.issuer().ko.chars().count(), MAX_NAME);
        assert_eq!(display.label(&path), Some(&name("이름")));
        assert_eq!(display.label(&ClaimPath::name("b")), None);
        let labels = (0..500).map(|n| (ClaimPath::name(&n.to_string()), name("x")));
        assert_eq!(Display::new(&name("a"), &name("b"), labels).labels().len(), MAX_LABELS);
    }
}
