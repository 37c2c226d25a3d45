//! An election, as its voter sees it.

pub(crate) mod ballot;
pub(crate) mod check;
pub(crate) mod home;
pub(crate) mod list;
pub(crate) mod register;
mod way;

use super::{AGAIN, Menu, View, busy, path, press, trouble::retry};
use crate::{
    app::Entry,
    flow::World,
    vote::{At, Vote},
};
use sinpyo_ballot::ballot::TrackingCode;
use sinpyo_voting::{manifest::Words, voter::Election};
use sinpyo_web::{
    component::{FormBox, Tone, Weight, actions, heading, link_button, notice, time},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

const FAILED: Say = say("계속하지 못했습니다", "This could not go on");
/// What several of the pages say.
const ELECTION: Say = say("투표", "Election");
const TRACKING: Say = say("추적 코드", "Tracking code");
const BLANK: Say = say("백지", "Blank");
const ALL: Say = say("투표 목록", "All elections");
const WEAK: Say = say(
    "이 투표는 공개 명부를 쓰지 않습니다. 선거인 등록을 맡은 곳이 있지도 않은 사람의 표를 만들어 넣어도 아무도 증명할 수 없고, 숫자로 짐작할 수 있을 뿐입니다. 내 표의 비밀과 집계의 정확함은 그대로 지켜집니다.",
    "This vote has no public roll. Whoever registers voters could make ballots for people who do not exist, and nobody could prove it: only the numbers would tell. The secrecy of your vote and the counting are protected as in other votes.",
);
const WAIT: Say = say("잠시 뒤에 보냅니다", "To be sent in a while");
const WAIT_LEAD: Say = say(
    "투표지가 도착하는 시각으로 누구의 것인지 짐작하지 못하게, 아래 시각이 지난 다음 보냅니다. 그때 ‘보내기’를 누르세요. 지갑을 닫아도 투표지는 남아 있습니다.",
    "So that the time of arrival tells less, your ballot is sent after the time below. Press “Send” then. You may close the wallet; the ballot stays in it.",
);
const SEND: Say = say("보내기", "Send");
const SENDING: Say = say("투표지를 보냅니다", "Your ballot is on its way");
const SENDING_LEAD: Say = say(
    "아직 답을 받지 못했습니다. 다시 보내도 한 번만 셉니다.",
    "No answer yet. Sending it again does not count twice.",
);
const PROVING: Say = say("투표함에 들어갔는지 확인합니다", "Making sure that it is in the box");
const PROVING_LEAD: Say = say(
    "선거 서버가 투표지를 받았다고 답했습니다. 공개 기록에 나타나면 증명이 끝납니다.",
    "The service says that it took your ballot. It is proven once it shows up in the public record.",
);
const LATER: Say = say("나중에 확인", "Later");

/// The page for where the voter is.
pub(crate) fn page(
    lang: Lang,
    (id, token): (u64, &str),
    (vote, entry): (&Vote, &Entry),
    world: &World<'_>,
) -> View {
    let place = format!("/flows/{id}");
    if entry.is_busy {
        return busy(lang, id, Menu::Votes);
    }
    let trouble = entry.trouble.as_ref().map(|trouble| trouble.html(lang));
    let weight = retry(entry.trouble.as_ref());
    let again = |label: Say| press(&format!("{place}/again"), token, label.of(lang), weight);
    if let At::Quiet(until) = vote.at() {
        return way::quiet(lang, (&place, token), until);
    }
    let Some(election) = vote.election() else {
        let main = Html::from(heading(FAILED.of(lang), "")).and(trouble).and(again(AGAIN)).and(all(lang));
        return view(lang, FAILED, main);
    };
    let of = Of { lang, token, place: &place, election };
    match vote.at() {
        At::Home => home::page(&of, vote, trouble, world.now),
        At::Terms(terms, present) => register::page(&of, (terms, present), trouble, world),
        At::Choose(booth) => ballot::choose(&of, booth, trouble),
        At::Sure(booth, choices) => ballot::sure(&of, (booth, choices), trouble),
        At::Decide(booth, choices, filled) => ballot::decide(&of, (booth, choices), filled, trouble),
        At::Checked(checked) => check::package(&of, checked, vote.voter().slot()),
        At::Wait(until) => {
            let main = Html::from(heading(WAIT.of(lang), WAIT_LEAD.of(lang)))
                .and(trouble)
                .and(el(Tag::P).with(time(until, lang)))
                .and(again(SEND));
            view(lang, WAIT, main)
        }
        At::Cast => {
            let main = Html::from(heading(SENDING.of(lang), SENDING_LEAD.of(lang)))
                .and(trouble)
                .and(again(AGAIN))
                .and(all(lang));
            view(lang, SENDING, main)
        }
        At::Confirm => {
            let leave = press(&format!("{place}/leave"), token, LATER.of(lang), Weight::Secondary);
            let main = Html::from(heading(PROVING.of(lang), PROVING_LEAD.of(lang)))
                .and(trouble)
                .and(again(AGAIN))
                .and(leave);
            view(lang, PROVING, main)
        }
        At::Quiet(_) | At::Underway => {
            let main = Html::from(heading(FAILED.of(lang), "")).and(trouble).and(again(AGAIN)).and(all(lang));
            view(lang, FAILED, main)
        }
    }
}

/// What all pages of an election need.
pub(crate) struct Of<'a> {
    pub(crate) lang: Lang,
    pub(crate) token: &'a str,
    pub(crate) place: &'a str,
    pub(crate) election: &'a Election,
}

impl Of<'_> {
    /// A button that does `act`.
    fn press(&self, act: &str, label: Say, weight: Weight) -> Html {
        press(&format!("{}/{act}", self.place), self.token, label.of(self.lang), weight)
    }

    /// A form that does `act`.
    fn form(&self, act: &str, fields: Html, submit: Say) -> Html {
        let action = path(&format!("{}/{act}", self.place));
        FormBox {
            action: &action,
            token: self.token,
            fields,
            submit: submit.of(self.lang),
            weight: Weight::Primary,
            beside: Html::new(),
        }
        .into()
    }

    /// That the profile promises less, where it does. [WAP-27]
    fn promise(&self) -> Option<Html> {
        self.election.is_weak().then(|| notice(Tone::Wait, WEAK.of(self.lang)).into())
    }

    fn words(&self, words: &Words) -> Html {
        said(words, self.lang)
    }
}

/// Text in the reader's language, or in another one.
pub(super) fn said(words: &Words, lang: Lang) -> Html {
    let text = words.get(lang.tag()).or_else(|| words.values().next());
    Html::foreign(text.map_or("", String::as_str))
}

/// A tracking code, in groups of four.
fn code(tracking: TrackingCode) -> Html {
    el(Tag::P).with(el(Tag::STRONG).with(el(Tag::CODE).with(tracking.to_string()))).into()
}

fn all(lang: Lang) -> Html {
    actions(link_button(Weight::Secondary, &path("/votes"), ALL.of(lang))).into()
}

fn view(lang: Lang, title: Say, main: Html) -> View {
    View::new(title.of(lang), Menu::Votes, main)
}
