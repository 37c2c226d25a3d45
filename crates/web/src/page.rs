//! The frame of every page.

use crate::{
    answer::{secured_for, with_type},
    asset::Assets,
    form::percent_encoded,
    href::Href,
    html::{Attr, Element, Html, Tag, el},
    lang::{CHOICE, Lang, Say, say},
    site::Transport,
};
use http::{
    HeaderValue, Method, Response, StatusCode, header,
    uri::{PathAndQuery, Uri},
};

/// The content security policy of every page: own scripts and styles only; no frames, no forms elsewhere.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const SKIP: Say = say("본문으로 건너뛰기", "Skip to content");
const LANGUAGES: Say = say("언어", "Language");
const MENU: Say = say("메뉴", "Menu");

/// A page that is to be sent.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Its language.
    pub lang: Lang,
    /// What it is about: in the window's title.
    pub title: &'a str,
    /// Whose it is: the institution's name in the page's language.
    pub institution: &'a str,
    /// The path and query by which it was asked for; none for pages that answer a form, which have no other language.
    pub here: Option<&'a str>,
    /// Where else to go.
    pub menu: &'a [MenuItem<'a>],
    /// What it says, headed by a `h1`.
    pub main: Html,
    /// Below: who runs this, where to complain.
    pub footer: Html,
    /// Names of the modules that it runs.
    pub scripts: &'a [&'a str],
    /// How much room it takes.
    pub width: Width,
}

/// How much room a page takes where there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// One thing after another, as a phone would show it.
    Column,
    /// Tables, and cards beside each other.
    Desk,
}

/// An entry of the menu.
#[derive(Clone, Debug)]
pub struct MenuItem<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Where it leads.
    pub href: Href,
    /// Whether that is here.
    pub place: Place,
}

/// Where a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On this page.
    Here,
    /// On another.
    Elsewhere,
}

/// For [`Page::here`]: the address of a page that was asked for; none for the answer to a form.
pub fn here<'r>(method: &Method, uri: &'r Uri) -> Option<&'r str> {
    uri.path_and_query().map(PathAndQuery::as_str).filter(|_| *method == Method::GET)
}

impl Page<'_> {
    /// The answer that carries it.
    pub fn answer(&self, status: StatusCode, assets: &Assets, transport: Transport) -> Response<Vec<u8>> {
        let mut body = b"<!doctype html>\n".to_vec();
        body.extend_from_slice(self.document(assets).as_str().as_bytes());
        let mut response = with_type("text/html; charset=utf-8", body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)); // [HTTP-11]
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.lang.tag()));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
        // With `no-referrer` browsers call the origin of a page's own forms `null`, and HTTP-02 could not know it again.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
        if self.here.is_some_and(has_choice) {
            headers.append(header::SET_COOKIE, HeaderValue::from_static(chosen(self.lang)));
        }
        secured_for(response, transport)
    }

    fn document(&self, assets: &Assets) -> Html {
        let width = match self.width {
            Width::Column => "column",
            Width::Desk => "desk",
        };
        let body = el(Tag::BODY)
            .class(width)
            .with(el(Tag::A).class("skip").local("#main").with(SKIP.of(self.lang)))
            .with(self.header(assets))
            .with(el(Tag::MAIN).id("main").attr(Attr::TABINDEX, "-1").with(self.main.clone()));
        let footer = (!self.footer.is_empty())
            .then(|| el(Tag::FOOTER).class("foot").with(el(Tag::DIV).with(self.footer.clone())));
        el(Tag::HTML).attr(Attr::LANG, self.lang.tag()).with(self.head(assets)).with(body.with(footer)).into()
    }

    fn head(&self, assets: &Assets) -> Element {
        let meta = |name, content| el(Tag::META).attr(Attr::NAME, name).attr(Attr::CONTENT, content);
        let link = |rel, name| el(Tag::LINK).attr(Attr::REL, rel).local(&assets.path(name));
        let modules = self
            .scripts
            .iter()
            .map(|name| el(Tag::SCRIPT).attr(Attr::TYPE, "module").file(&assets.path(name)));
        el(Tag::HEAD)
            .with(el(Tag::META).attr(Attr::CHARSET, "utf-8"))
            .with(meta("viewport", "width=device-width, initial-scale=1"))
            .with(meta("color-scheme", "light dark"))
            .with(meta("format-detection", "telephone=no"))
            .with(el(Tag::TITLE).with(self.title).with(" · ").with(self.institution))
            .with(link("icon", "icon.svg"))
            .with(link("stylesheet", "sinpyo.css"))
            .with(modules.collect::<Html>())
    }

    fn header(&self, assets: &Assets) -> Element {
        let icon = el(Tag::IMG)
            .attr(Attr::ALT, "")
            .attr(Attr::WIDTH, "32")
            .attr(Attr::HEIGHT, "32")
            .file(&assets.path("icon.svg"));
        let brand = el(Tag::DIV)
            .class("brand")
            .with(icon)
            .with(el(Tag::SPAN).class("name").with(Html::foreign(self.institution)));
        let inner = el(Tag::DIV).class("bar").with(brand).with(self.languages());
        el(Tag::HEADER).class("top").with(inner).with(self.menu())
    }

    fn languages(&self) -> Option<Element> {
        let here = self.here?;
        let link = |lang: Lang| {
            let link = el(Tag::A)
                .local(&in_language(here, lang))
                .attr(Attr::LANG, lang.tag())
                .attr(Attr::HREFLANG, lang.tag());
            let link = if lang == self.lang { link.attr(Attr::ARIA_CURRENT, "true") } else { link };
            link.with(lang.name())
        };
        let links: Html = Lang::ALL.into_iter().map(link).collect();
        Some(el(Tag::NAV).class("languages").attr(Attr::ARIA_LABEL, LANGUAGES.of(self.lang)).with(links))
    }

    fn menu(&self) -> Option<Element> {
        if self.menu.is_empty() {
            return None;
        }
        let link = |item: &MenuItem<'_>| {
            let link = el(Tag::A).href(&item.href);
            let link = if item.place == Place::Here { link.attr(Attr::ARIA_CURRENT, "page") } else { link };
            link.with(item.name)
        };
        let links: Html = self.menu.iter().map(link).collect();
        Some(el(Tag::NAV).class("menu").attr(Attr::ARIA_LABEL, MENU.of(self.lang)).with(links))
    }
}

/// Whether the reader asked for a language by the address of the page.
fn has_choice(here: &str) -> bool {
    let query = here.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.split('=').next() == Some(CHOICE))
}

/// Keeps the choice for the pages that follow. It is no secret, and decides nothing else.
const fn chosen(lang: Lang) -> &'static str {
    match lang {
        Lang::Ko => "lang=ko; Path=/; SameSite=Lax; Max-Age=31536000",
        Lang::En => "lang=en; Path=/; SameSite=Lax; Max-Age=31536000",
    }
}

/// `here` with another choice of language.
fn in_language(here: &str, lang: Lang) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let others = query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !pair.is_empty() && name != CHOICE
    });
    let choice = [CHOICE, "=", &percent_encoded(lang.tag())].concat();
    let pairs: Vec<&str> = others.chain([choice.as_str()]).collect();
    [path, "?", &pairs.join("&")].concat()
}
