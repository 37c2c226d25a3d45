//! Markup that text cannot break out of [WHATWG HTML].
//!
//! An [`Html`] is made of elements and of text. Text is escaped when it enters, whoever wrote it; there is no way to put
//! in markup as a string. Elements and attributes are constants: none of them runs script, and addresses have types of
//! their own ([`Href`], [`Picture`]).

use crate::href::{Href, Picture};
use std::fmt;

/// A piece of a page.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Nothing.
    pub const fn new() -> Self {
        Self(String::new())
    }

    /// Text that somebody else wrote: kept apart, so that its direction and its marks do not reach what is around it.
    pub fn foreign(text: &str) -> Self {
        el(Tag::BDI).with(text).into()
    }

    /// This, and then `more`.
    #[must_use]
    pub fn and(mut self, more: impl Into<Self>) -> Self {
        self.0.push_str(&more.into().0);
        self
    }

    /// Whether there is nothing.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Html").field(&self.0.len()).finish()
    }
}

impl From<&str> for Html {
    fn from(text: &str) -> Self {
        let mut markup = String::with_capacity(text.len());
        escape(text, &mut markup);
        Self(markup)
    }
}

impl From<&String> for Html {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Html {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Element> for Html {
    fn from(element: Element) -> Self {
        let Element { tag, mut open, inner } = element;
        open.push('>');
        if !tag.is_void {
            open.extend([&inner.0, "</", tag.name, ">"]);
        }
        Self(open)
    }
}

impl<T: Into<Self>> From<Option<T>> for Html {
    fn from(piece: Option<T>) -> Self {
        piece.map_or_else(Self::new, Into::into)
    }
}

impl<T: Into<Self>> FromIterator<T> for Html {
    fn from_iter<I: IntoIterator<Item = T>>(pieces: I) -> Self {
        pieces.into_iter().fold(Self::new(), Self::and)
    }
}

/// Writes `text` so that it is text in element content and in a quoted attribute alike. Controls, which HTML cannot hold,
/// and marks that turn the writing round become U+FFFD: a name is read as it is spelled.
fn escape(text: &str, markup: &mut String) {
    for char in text.chars() {
        match char {
            '&' => markup.push_str("&amp;"), // [HTTP-06]
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            '\r' => markup.push_str("&#13;"),
            '\n' | '\t' => markup.push(char),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                markup.push('\u{fffd}');
            }
            other => markup.push(other),
        }
    }
}

/// An element's name. There are those that pages need, and none that runs script or embeds a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    name: &'static str,
    is_void: bool,
}

macro_rules! tags {
    ($($visibility:vis $name:ident $text:literal),* $(,)?) => {
        impl Tag {
            $(#[doc = concat!("`<", $text, ">`")] $visibility const $name: Self = Self { name: $text, is_void: false };)*
        }
    };
}

tags! {
    pub A "a", pub ARTICLE "article", pub BDI "bdi", pub BUTTON "button", pub CAPTION "caption", pub CODE "code",
    pub DD "dd", pub DETAILS "details", pub DIV "div", pub DL "dl", pub DT "dt", pub EM "em", pub FIELDSET "fieldset",
    pub FOOTER "footer", pub FORM "form", pub H1 "h1", pub H2 "h2", pub H3 "h3", pub HEADER "header", pub LABEL "label",
    pub LEGEND "legend", pub LI "li", pub MAIN "main", pub NAV "nav", pub NOSCRIPT "noscript", pub OL "ol",
    pub OPTION "option", pub OUTPUT "output", pub P "p", pub PRE "pre", pub PROGRESS "progress", pub SECTION "section",
    pub SELECT "select", pub SMALL "small", pub SPAN "span", pub STRONG "strong", pub SUMMARY "summary",
    pub TABLE "table", pub TBODY "tbody", pub TD "td", pub TEXTAREA "textarea", pub TH "th", pub THEAD "thead",
    pub TIME "time", pub TR "tr", pub UL "ul",
    pub(crate) HTML "html", pub(crate) HEAD "head", pub(crate) BODY "body", pub(crate) TITLE "title",
    pub(crate) SCRIPT "script", pub(crate) SVG "svg", pub(crate) PATH "path", pub(crate) RECT "rect",
}

impl Tag {
    /// A line break.
    pub const BR: Self = Self::void("br");
    /// A picture.
    pub const IMG: Self = Self::void("img");
    /// A field of a form.
    pub const INPUT: Self = Self::void("input");
    /// A thematic break.
    pub const HR: Self = Self::void("hr");
    pub(crate) const META: Self = Self::void("meta");
    pub(crate) const LINK: Self = Self::void("link");

    const fn void(name: &'static str) -> Self {
        Self { name, is_void: true }
    }
}

/// The name of an attribute whose value is a word or a text: never an address, a style or a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attr(&'static str);

macro_rules! attributes {
    ($($visibility:vis $name:ident $text:literal),* $(,)?) => {
        impl Attr { $(#[doc = concat!("`", $text, "`")] $visibility const $name: Self = Self($text);)* }
    };
}

attributes! {
    pub ALT "alt", pub AUTOCAPITALIZE "autocapitalize", pub AUTOCOMPLETE "autocomplete", pub COLSPAN "colspan",
    pub DATETIME "datetime", pub DIR "dir", pub ENTERKEYHINT "enterkeyhint", pub FOR "for", pub HEIGHT "height",
    pub HREFLANG "hreflang", pub ID "id", pub INPUTMODE "inputmode", pub LANG "lang", pub MAX "max",
    pub MAXLENGTH "maxlength", pub METHOD "method", pub MIN "min", pub MINLENGTH "minlength", pub NAME "name",
    pub PATTERN "pattern", pub PLACEHOLDER "placeholder", pub REL "rel", pub ROLE "role", pub ROWS "rows",
    pub SCOPE "scope", pub SPELLCHECK "spellcheck", pub STEP "step", pub TABINDEX "tabindex", pub TITLE "title",
    pub TYPE "type", pub VALUE "value", pub WIDTH "width",
    pub ARIA_ATOMIC "aria-atomic", pub ARIA_BUSY "aria-busy", pub ARIA_CURRENT "aria-current",
    pub ARIA_DESCRIBEDBY "aria-describedby", pub ARIA_EXPANDED "aria-expanded", pub ARIA_HIDDEN "aria-hidden",
    pub ARIA_INVALID "aria-invalid", pub ARIA_LABEL "aria-label", pub ARIA_LABELLEDBY "aria-labelledby",
    pub ARIA_LIVE "aria-live",
    pub(crate) CHARSET "charset", pub(crate) CONTENT "content", pub(crate) D "d", pub(crate) FILL "fill",
    pub(crate) VIEW_BOX "viewBox", pub(crate) CLASS "class",
}

/// The name of an attribute that is there or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// `autofocus`
    Autofocus,
    /// `checked`
    Checked,
    /// `disabled`
    Disabled,
    /// `hidden`
    Hidden,
    /// `multiple`
    Multiple,
    /// `novalidate`
    Novalidate,
    /// `open`
    Open,
    /// `readonly`
    Readonly,
    /// `required`
    Required,
    /// `selected`
    Selected,
}

impl Flag {
    const fn name(self) -> &'static str {
        match self {
            Self::Autofocus => "autofocus",
            Self::Checked => "checked",
            Self::Disabled => "disabled",
            Self::Hidden => "hidden",
            Self::Multiple => "multiple",
            Self::Novalidate => "novalidate",
            Self::Open => "open",
            Self::Readonly => "readonly",
            Self::Required => "required",
            Self::Selected => "selected",
        }
    }
}

/// An element that is being written.
#[derive(Clone, Debug)]
#[must_use]
pub struct Element {
    tag: Tag,
    open: String,
    inner: Html,
}

/// An element without attributes or content.
pub fn el(tag: Tag) -> Element {
    Element { tag, open: format!("<{}", tag.name), inner: Html::new() }
}

impl Element {
    /// An attribute. One that is set twice counts the first time.
    pub fn attr(mut self, name: Attr, value: &str) -> Self {
        self.put(name.0, value);
        self
    }

    /// `class`
    pub fn class(self, names: &'static str) -> Self {
        self.attr(Attr::CLASS, names)
    }

    /// `id`
    pub fn id(self, id: &str) -> Self {
        self.attr(Attr::ID, id)
    }

    /// `data-…`, for the page's own script and style. A `name` is of small letters, digits and hyphens.
    pub fn data(mut self, name: &'static str, value: &str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.bytes().all(is_plain) {
            self.put(&format!("data-{name}"), value);
        }
        self
    }

    /// An attribute that is there.
    pub fn flag(mut self, flag: Flag) -> Self {
        self.open.extend([" ", flag.name()]);
        self
    }

    /// An attribute that is there if `condition` holds.
    pub fn flag_if(self, flag: Flag, condition: bool) -> Self {
        if condition { self.flag(flag) } else { self }
    }

    /// Where a link leads.
    pub fn href(mut self, href: &Href) -> Self {
        self.put("href", href.as_str());
        self
    }

    /// Where a form is sent: to a path of this server.
    pub fn action(mut self, path: &Href) -> Self {
        if path.is_local() {
            self.put("action", path.as_str());
        }
        self
    }

    /// What a picture shows.
    pub fn src(mut self, picture: &Picture) -> Self {
        self.put("src", picture.as_str());
        self
    }

    /// More content.
    pub fn with(mut self, content: impl Into<Html>) -> Self {
        self.inner = self.inner.and(content);
        self
    }

    /// A file of our own.
    pub(crate) fn file(mut self, path: &str) -> Self {
        self.put("src", path);
        self
    }

    /// A path of our own, or a place on this page.
    pub(crate) fn local(mut self, path: &str) -> Self {
        self.put("href", path);
        self
    }

    fn put(&mut self, name: &str, value: &str) {
        self.open.extend([" ", name, "=\""]);
        escape(value, &mut self.open);
        self.open.push('"');
    }
}
