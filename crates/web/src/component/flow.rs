//! What an offer or a request shows while a wallet is on its way.

use super::hidden_if;
use crate::{
    href::Href,
    html::{Attr, Element, Html, Tag, el},
    lang::{Lang, Say, say},
};

const COPY: Say = say("복사", "Copy");
const COPIED: Say = say("복사했습니다", "Copied");
const NUMBER: Say = say("확인 번호", "Number to compare");
const RELOAD: Say = say("상태 새로 고침", "Reload to see the state");
const LOST: Say = say("연결이 끊겨 다시 연결하는 중입니다", "The connection was lost; connecting again");

/// A QR code with the words that go with it; `open` is the same for who reads this on the phone that has the wallet.
pub fn qr_card(qr: Html, caption: impl Into<Html>, open: Option<(&Href, &str)>) -> Element {
    let link = open.map(|(href, label)| {
        el(Tag::P).class("open").with(el(Tag::A).class("button primary").href(href).with(label))
    });
    let paper = el(Tag::DIV).class("paper").with(qr);
    el(Tag::DIV).class("qr-card").with(paper).with(el(Tag::P).class("caption").with(caption)).with(link)
}

/// The number that is to be the same here and in the wallet. Heard digit by digit.
pub fn number_match(lang: Lang, digits: &str) -> Element {
    let boxes: Html = digits.chars().map(|digit| el(Tag::SPAN).with(digit.to_string())).collect();
    let spoken: Vec<String> = digits.chars().map(String::from).collect();
    el(Tag::DIV)
        .class("number-match")
        .with(el(Tag::P).class("label").with(NUMBER.of(lang)))
        .with(super::unseen(spoken.join(" ")))
        .with(el(Tag::P).class("digits").attr(Attr::ARIA_HIDDEN, "true").with(boxes))
}

/// Where the state of a flow is told as it changes: `live.js` follows the events at `events`, each a JSON object of
/// `state` (a word for the style), `text`, and `next` (a path to go to) if there is one.
pub fn live(lang: Lang, events: &Href, text: impl Into<Html>) -> Element {
    let reload = el(Tag::NOSCRIPT).with(el(Tag::A).local("?").with(RELOAD.of(lang)));
    let told = el(Tag::P).class("told").attr(Attr::ROLE, "status").attr(Attr::ARIA_LIVE, "polite").with(text);
    let lost = hidden_if(el(Tag::P).class("lost").with(LOST.of(lang)), true);
    el(Tag::DIV)
        .class("live")
        .data("live", events.as_str())
        .data("state", "waiting")
        .with(told)
        .with(lost)
        .with(reload)
}

/// A text for machines, with a button that copies it (`copy.js`).
pub fn code(lang: Lang, id: &str, text: &str) -> Element {
    let button = el(Tag::BUTTON)
        .class("button small")
        .attr(Attr::TYPE, "button")
        .data("copy", id)
        .data("done", COPIED.of(lang))
        .with(COPY.of(lang));
    // Without the script there is nothing to press.
    let button = hidden_if(button, true);
    el(Tag::DIV).class("code-box").with(el(Tag::CODE).id(id).with(text)).with(button)
}

/// One step of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// It is done.
    Done(&'a str),
    /// It is the one to do now.
    Now(&'a str),
    /// It comes later.
    Later(&'a str),
}

/// How far the reader is.
pub fn steps(steps: &[Step<'_>]) -> Element {
    let item = |step: &Step<'_>| {
        let (name, state) = match *step {
            Step::Done(name) => (name, "done"),
            Step::Now(name) => (name, "now"),
            Step::Later(name) => (name, "later"),
        };
        let item = el(Tag::LI).data("step", state);
        let item = if state == "now" { item.attr(Attr::ARIA_CURRENT, "step") } else { item };
        item.with(el(Tag::SPAN).with(name))
    };
    el(Tag::OL).class("steps").with(steps.iter().map(item).collect::<Html>())
}
