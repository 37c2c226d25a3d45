//! How a ballot gets to the board, and what asking the board just after it would show.

use super::{Of, all, view};
use crate::{
    page::{View, paragraph, press},
    vote::Vote,
};
use sinpyo_core::time::Timestamp;
use sinpyo_voting::voter::Way;
use sinpyo_web::{
    component::{Tone, Weight, heading, hidden, notice, time},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
};

pub(super) const WAY: Say = say("투표지를 보내는 길", "How ballots go");
const STRAIGHT: Say = say(
    "투표함으로 바로 보냅니다. 운영하는 곳이 내 인터넷 주소를 봅니다.",
    "Straight to the box. Whoever runs it sees your internet address.",
);
const RELAYED: Say = say(
    "중계 서버를 거칩니다. 투표함은 내 인터넷 주소를 보지 못합니다. 모두에게 같은 주소인지 안내문이나 이웃과 견주어 보세요: ",
    "Through a relay, so that the box does not see your internet address. Compare with the notice, or with others, that all are given the same one: ",
);
const OTHER: Say = say(
    "투표지를 보내는 길이 전에 본 것과 다릅니다. 나에게만 다른 길을 알려 주면 투표함이 그것으로 내 표를 가려낼 수 있습니다. 안내문이나 이웃과 견주어 본 다음에 고르세요.",
    "Ballots are to go another way than you have seen before. If you alone are told so, the box can pick out your ballot by it. Compare with the notice, or with others, before you agree.",
);
const BEFORE: Say = say("전: ", "Before: ");
const NOW: Say = say("지금: ", "Now: ");
const NO_RELAY: Say = say("중계 서버 없이 바로", "straight, without a relay");
const AGREE: Say = say("새 길로 보내기", "Send it the new way");
const LATER: Say = say(
    "나중에 증명합니다. 이 시각이 지나 이 투표를 열면 저절로 증명됩니다: ",
    "It will be proven later, by itself when you open this election after: ",
);
const WHY: Say = say(
    "지금 확인하거나 새로 고치면 내 인터넷 주소로 기록의 끝을 묻게 되고, 방금 도착한 표가 내 것이라고 투표함이 짐작할 수 있습니다. 무엇을 골랐는지는 알 수 없습니다.",
    "If you prove it or refresh now, your internet address asks for the end of the record, and the box can guess that the ballot that just came is yours. What you chose cannot be known.",
);
const AT_ONCE: Say = say("그래도 지금 투표함에 있는지 확인", "Prove it now all the same");
const QUIET: Say = say("잠시 뒤에 여세요", "Better open it in a while");
const OPEN: Say = say("그래도 지금 열기", "Open it now all the same");
const NOT_YET: Say = say(
    "방금 중계 서버로 표를 냈습니다. 이 시각 전에 열면 내 인터넷 주소로 기록을 묻게 되어, 투표함이 누구의 표인지 짐작할 수 있습니다: ",
    "A ballot has just gone through the relay. If you open this before the time here, your internet address asks for the record, and the box can guess whose ballot it is: ",
);

/// The way of ballots, before one is cast.
pub(super) fn shown(of: &Of<'_>) -> Html {
    match of.election.way().relay() {
        Some(site) => Html::from(RELAYED.of(of.lang)).and(el(Tag::CODE).with(site)),
        None => STRAIGHT.of(of.lang).into(),
    }
}

/// That it is another one than the voter has seen, and the button to agree to it. [WAP-31]
pub(super) fn other(of: &Of<'_>, vote: &Vote) -> Option<Html> {
    let known = vote.voter().way().filter(|_| !vote.voter().agrees(of.election))?;
    let name = |way: &Way| Html::from(way.relay().unwrap_or(NO_RELAY.of(of.lang)));
    let line =
        |label: Say, way: &Way| paragraph(Html::from(label.of(of.lang)).and(el(Tag::CODE).with(name(way))));
    let is = of.election.way();
    let agree = of.form("redirect", hidden("way", is.relay().unwrap_or_default()).into(), AGREE);
    let both = line(BEFORE, known).and(line(NOW, is));
    Some(Html::from(notice(Tone::Wait, OTHER.of(of.lang))).and(both).and(agree))
}

/// That the newest receipt is proven after that time, and what asking for it now would show. [WAP-30]
pub(super) fn later(of: &Of<'_>, at: Timestamp) -> Html {
    let when = paragraph(Html::from(LATER.of(of.lang)).and(time(at, of.lang)));
    when.and(paragraph(WHY.of(of.lang))).and(of.press("prove", AT_ONCE, Weight::Secondary))
}

/// What opening the election now would show. Nothing is asked before the voter wants it. [WAP-30]
pub(super) fn quiet(lang: Lang, (place, token): (&str, &str), at: Timestamp) -> View {
    let main = Html::from(heading(QUIET.of(lang), ""))
        .and(paragraph(Html::from(NOT_YET.of(lang)).and(time(at, lang))))
        .and(press(&format!("{place}/refresh"), token, OPEN.of(lang), Weight::Secondary))
        .and(all(lang));
    view(lang, QUIET, main)
}
