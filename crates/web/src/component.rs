//! The pieces that pages are made of: one design, from a phone of 360 px upwards.

mod flow;
mod input;
mod table;

pub use flow::{Step, code, live, number_match, qr_card, steps};
pub use input::{Choice, Field, FieldKind, FormBox, hidden, input_errors};
pub use table::{Column, table};

use crate::{
    href::{Href, Picture},
    html::{Attr, Element, Flag, Html, Tag, el},
    lang::Lang,
};

/// What a piece says by its colour; its words say it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    Plain,
    /// In order.
    Good,
    /// Not yet, or not for now.
    Wait,
    /// Not in order.
    Bad,
}

impl Tone {
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Wait => "wait",
            Self::Bad => "bad",
        }
    }
}

/// The head of a page: its `h1`, and a sentence below.
pub fn heading(title: impl Into<Html>, lead: impl Into<Html>) -> Element {
    let lead = lead.into();
    let lead = (!lead.is_empty()).then(|| el(Tag::P).class("lead").with(lead));
    el(Tag::DIV).class("heading").with(el(Tag::H1).with(title)).with(lead)
}

/// A card under a heading of the second rank.
pub fn card(title: impl Into<Html>, content: impl Into<Html>) -> Element {
    el(Tag::SECTION).class("card").with(el(Tag::H2).with(title)).with(content)
}

/// A card that its content explains.
pub fn plain_card(content: impl Into<Html>) -> Element {
    el(Tag::SECTION).class("card").with(content)
}

/// Terms and what they are.
pub fn facts<T: Into<Html>, D: Into<Html>>(pairs: impl IntoIterator<Item = (T, D)>) -> Element {
    let pair =
        |(term, value): (T, D)| el(Tag::DIV).with(el(Tag::DT).with(term)).with(el(Tag::DD).with(value));
    el(Tag::DL).class("facts").with(pairs.into_iter().map(pair).collect::<Html>())
}

/// A word about a state.
pub fn badge(tone: Tone, text: impl Into<Html>) -> Element {
    el(Tag::SPAN).class("badge").data("tone", tone.name()).with(text)
}

/// A sentence that stands out.
pub fn notice(tone: Tone, content: impl Into<Html>) -> Element {
    let role = if tone == Tone::Bad { "alert" } else { "note" };
    el(Tag::DIV).class("notice").data("tone", tone.name()).attr(Attr::ROLE, role).with(content)
}

/// How much a button stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// What most people want to do here. At most one of a page.
    Primary,
    /// Anything else.
    Secondary,
    /// What takes something away from somebody.
    Danger,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Secondary => "button",
            Self::Danger => "button danger",
        }
    }
}

/// A button that sends its form.
pub fn button(weight: Weight, label: impl Into<Html>) -> Element {
    el(Tag::BUTTON).class(weight.class()).with(label)
}

/// A link that looks like a button.
pub fn link_button(weight: Weight, href: &Href, label: impl Into<Html>) -> Element {
    el(Tag::A).class(weight.class()).href(href).with(label)
}

/// Buttons beside each other, below each other on a phone.
pub fn actions(buttons: impl Into<Html>) -> Element {
    el(Tag::DIV).class("actions").with(buttons)
}

/// What can be opened: for what few need to see.
pub fn details(summary: impl Into<Html>, content: impl Into<Html>) -> Element {
    let summary = el(Tag::SUMMARY).with(summary);
    el(Tag::DETAILS).class("details").with(summary).with(el(Tag::DIV).with(content))
}

/// A credential as its holder knows it.
#[derive(Clone, Debug)]
pub struct CredentialCard<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Who issued it.
    pub issuer: &'a str,
    /// The issuer's sign.
    pub logo: Option<Picture>,
    /// Its state, as a [`badge`].
    pub state: Html,
    /// Where it is looked at.
    pub href: Option<Href>,
}

impl From<CredentialCard<'_>> for Html {
    fn from(card: CredentialCard<'_>) -> Self {
        let logo = card.logo.as_ref().map(|logo| {
            let image = el(Tag::IMG).class("logo").src(logo).attr(Attr::ALT, "");
            image.attr(Attr::WIDTH, "40").attr(Attr::HEIGHT, "40")
        });
        let name = Self::foreign(card.name);
        let name = match &card.href {
            Some(href) => el(Tag::A).href(href).with(name).into(),
            None => name,
        };
        let words = el(Tag::DIV)
            .class("words")
            .with(el(Tag::P).class("name").with(name))
            .with(el(Tag::P).class("issuer").with(Self::foreign(card.issuer)));
        el(Tag::ARTICLE).class("credential").with(logo).with(words).with(card.state).into()
    }
}

/// Korean time is ahead of UTC by so much, all year.
const KOREAN_TIME: std::time::Duration = std::time::Duration::from_hours(9);

/// A time as the clocks of the people who read our pages show it, which are Korean, and for machines.
pub fn time(at: sinpyo_core::time::Timestamp, lang: Lang) -> Element {
    let shown = at.plus(KOREAN_TIME).to_string().replace('T', " ").replace('Z', "");
    let (shown, _seconds) = shown.rsplit_once(':').unwrap_or((&shown, ""));
    let zone = match lang {
        Lang::Ko => " (한국 시간)",
        Lang::En => " KST",
    };
    el(Tag::TIME).attr(Attr::DATETIME, &at.to_string()).with(shown).with(zone)
}

/// Text for those who hear the page.
pub fn unseen(text: impl Into<Html>) -> Element {
    el(Tag::SPAN).class("unseen").with(text)
}

fn hidden_if(element: Element, is_hidden: bool) -> Element {
    element.flag_if(Flag::Hidden, is_hidden)
}
