//! What people and machines are told.

use crate::{
    cli::{Global, Lang},
    rules,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use std::io::IsTerminal;

/// The voice of one run: a language, and whether a machine listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    lang: Lang,
    json: bool,
}

impl Voice {
    /// The voice that the options and the locale ask for.
    pub(crate) fn new(global: &Global) -> Self {
        Self { lang: global.lang.unwrap_or_else(from_locale), json: global.json }
    }

    /// A voice for servers, which speak to nobody.
    pub(crate) const fn quiet() -> Self {
        Self { lang: Lang::En, json: false }
    }

    /// Tells people something, on standard error.
    pub(crate) fn tell(self, ko: &str, en: &str) {
        eprintln!("{}", self.pick(ko, en));
    }

    /// One of two texts.
    pub(crate) const fn pick<'a>(self, ko: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Ko => ko,
            Lang::En => en,
        }
    }

    /// Reports a result: to a machine as JSON on one line, to people as text; both on standard output.
    pub(crate) fn report(self, machine: &Value, people: &str) {
        if self.json {
            println!("{machine}");
        } else {
            println!("{people}");
        }
    }

    /// A rule and what it says.
    pub(crate) fn rule(self, code: &str) -> String {
        rules::text(code, self.lang).map_or_else(|| code.to_owned(), |text| format!("{code}: {text}"))
    }

    /// A bar for work of `steps` steps; it shows on a terminal only.
    pub(crate) fn progress(self, steps: usize, ko: &'static str, en: &'static str) -> ProgressBar {
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX));
        if self.json || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(self.pick(ko, en));
        bar
    }
}

fn from_locale() -> Lang {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    if locale.is_some_and(|locale| locale.starts_with("ko")) { Lang::Ko } else { Lang::En }
}
