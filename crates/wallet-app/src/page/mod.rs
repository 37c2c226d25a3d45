//! The pages.

pub(crate) mod add;
pub(crate) mod backup;
pub(crate) mod credentials;
pub(crate) mod ended;
pub(crate) mod history;
pub(crate) mod lock;
pub(crate) mod miss;
pub(crate) mod offer;
pub(crate) mod request;
pub(crate) mod trouble;
pub(crate) mod vote;
pub(crate) mod words;

use sinpyo_web::{
    component::{FormBox, Weight, actions, heading, link_button},
    href::Href,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    page::{MenuItem, Place},
};

/// What the wallet calls itself.
pub(crate) const NAME: Say = say("신표 지갑", "Sinpyo Wallet");

const CREDENTIALS: Say = say("자격증명", "Credentials");
const ADD: Say = say("받기·제시", "Receive or show");
const VOTES: Say = say("투표", "Votes");
const HISTORY: Say = say("제시 기록", "History");
const BACKUP: Say = say("백업", "Backup");
const FOOTER: Say = say(
    "이 지갑은 이 컴퓨터 안에서만 열립니다. 자격증명과 기록은 비밀번호로 암호화해 이 컴퓨터에만 둡니다.",
    "This wallet opens on this computer only. Credentials and history are encrypted under your password and stay here.",
);

const BUSY: Say = say("확인하고 있습니다", "Working on it");
const RELOAD: Say = say("새로 고침", "Reload");
const AGAIN: Say = say("다시 시도", "Try again");
const HOME: Say = say("내 자격증명 보기", "My credentials");

/// An entry of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Menu {
    Credentials,
    Add,
    Votes,
    History,
    Backup,
}

/// What a page says, without its frame.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) title: String,
    pub(crate) main: Html,
    pub(crate) scripts: &'static [&'static str],
    pub(crate) place: Menu,
}

impl View {
    pub(crate) fn new(title: impl Into<String>, place: Menu, main: impl Into<Html>) -> Self {
        Self { title: title.into(), main: main.into(), scripts: &[], place }
    }
}

/// A path of this application.
#[expect(
    clippy::expect_used,
    reason = "made of constants and numbers: plain ASCII that begins with one slash"
)]
pub(crate) fn path(text: &str) -> Href {
    Href::local(text).expect("a path of ours")
}

pub(crate) fn menu(lang: Lang, place: Menu) -> Vec<MenuItem<'static>> {
    let items = [
        (Menu::Credentials, CREDENTIALS, "/"),
        (Menu::Add, ADD, "/add"),
        (Menu::Votes, VOTES, "/votes"),
        (Menu::History, HISTORY, "/history"),
        (Menu::Backup, BACKUP, "/backup"),
    ];
    let item = |(own, name, to): (Menu, Say, &str)| MenuItem {
        name: name.of(lang),
        href: path(to),
        place: if own == place { Place::Here } else { Place::Elsewhere },
    };
    items.into_iter().map(item).collect()
}

pub(crate) fn footer(lang: Lang) -> Html {
    el(Tag::P).with(FOOTER.of(lang)).into()
}

/// While something is being fetched for another request of the same browser.
fn busy(lang: Lang, id: u64, place: Menu) -> View {
    let reload = link_button(Weight::Secondary, &path(&format!("/flows/{id}")), RELOAD.of(lang));
    View::new(BUSY.of(lang), place, Html::from(heading(BUSY.of(lang), "")).and(actions(reload)))
}

fn home(lang: Lang) -> Html {
    actions(link_button(Weight::Secondary, &path("/"), HOME.of(lang))).into()
}

/// A form without fields: one button.
pub(crate) fn press(action: &str, token: &str, label: &str, weight: Weight) -> Html {
    let action = path(action);
    FormBox { action: &action, token, fields: Html::new(), submit: label, weight, beside: Html::new() }.into()
}

/// A paragraph.
pub(crate) fn paragraph(text: impl Into<Html>) -> Html {
    el(Tag::P).with(text).into()
}
