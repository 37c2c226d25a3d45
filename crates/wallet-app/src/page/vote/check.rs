//! A ballot between two devices.

use super::{BLANK, ELECTION, Of, TRACKING, all, code, said};
use crate::{
    app::Entry,
    page::{AGAIN, Menu, View, busy, paragraph, press, trouble::retry},
    vote::CheckVote,
};
use sinpyo_voting::{
    form::to_hex,
    voter::{Checked, Election, Verdict},
};
use sinpyo_web::{
    component::{Tone, Weight, card, code as code_box, facts, heading, notice, qr_card},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    qr::qr,
};

const PACKAGE: Say = say("다른 기기로 확인하세요", "Check it with your other device");
const PACKAGE_LEAD: Say = say(
    "내 다른 기기의 지갑에서 ‘투표’를 열고 이 QR 코드를 읽으세요. 그 기기가 아래와 같은 추적 코드와, 내가 고른 것을 보여야 합니다. 고른 것은 이 지갑에 다시 보이지 않으니, 기억하는 것과 견주어 보세요.",
    "Open “Votes” in the wallet of your other device and read this code. That device must show the same tracking code as below, and what you chose. This wallet does not show again what you chose: compare with what you remember.",
);
const PACKAGE_LEAD_SLOT: Say = say(
    "내 다른 기기의 지갑에서 ‘투표’를 열고 이 QR 코드를 읽으세요. 그 기기가 아래와 같은 추적 코드와 명부 번호, 그리고 내가 고른 것을 보여야 합니다. 고른 것은 이 지갑에 다시 보이지 않으니, 기억하는 것과 견주어 보세요.",
    "Open “Votes” in the wallet of your other device and read this code. That device must show the same tracking code and number in the roll as below, and what you chose. This wallet does not show again what you chose: compare with what you remember.",
);
const OWN: Say = say(
    "내 기기에만 보여 주세요. 이 코드를 보는 사람은 이 투표지에 무엇이 적혔는지 알게 되고, 나중에 낸 표가 내 것인지도 알아볼 수 있습니다.",
    "Show it to your own device only: whoever sees it learns what this ballot says, and could recognise the ballot that you cast later.",
);
const NEW: Say = say("버리고 새 투표지로", "Throw it away and take a new one");
const FAILED: Say = say("확인하지 못했습니다", "It could not be checked");
const FAILED_LEAD: Say = say(
    "잘못된 투표지라면 그 기기의 지갑으로 투표하지 마세요.",
    "If the ballot is wrong, do not vote with the wallet of that device.",
);
const SAYS: Say = say("이 투표지에 적힌 것", "What this ballot says");
const SAYS_LEAD: Say = say(
    "두 기기에 보이는 추적 코드가 같은지, 여기에 적힌 것이 내가 고른 것인지 보세요. 다르면 투표지를 만든 지갑을 믿지 마세요.",
    "See whether both devices show the same tracking code, and whether this is what you chose. If anything differs, do not trust the wallet that made the ballot.",
);
const SAYS_LEAD_SLOT: Say = say(
    "두 기기에 보이는 추적 코드와 명부 번호가 같은지, 여기에 적힌 것이 내가 고른 것인지 보세요. 다르면 투표지를 만든 지갑을 믿지 마세요.",
    "See whether both devices show the same tracking code and number in the roll, and whether this is what you chose. If anything differs, do not trust the wallet that made the ballot.",
);
const SLOT: Say = say("명부 번호", "Number in the roll");

/// What the first device shows: what was chosen is forgotten by then. [WAP-22]
pub(crate) fn package(of: &Of<'_>, checked: &Checked, slot: Option<&[u8; 16]>) -> View {
    // A ballot says no slot in profile `token`.
    let slot = slot.filter(|_| !of.election.is_weak());
    let lead = if slot.is_some() { PACKAGE_LEAD_SLOT } else { PACKAGE_LEAD };
    let slot = slot.map(|slot| facts([slot_row(of.lang, slot)]));
    let text = checked.text().expose();
    // What is too long for a picture is there as text all the same.
    let drawn = qr(text, PACKAGE.of(of.lang)).ok();
    let drawn = drawn.map(|drawn| qr_card(drawn, PACKAGE.of(of.lang), None));
    let main = Html::from(heading(PACKAGE.of(of.lang), lead.of(of.lang)))
        .and(notice(Tone::Wait, OWN.of(of.lang)))
        .and(card(TRACKING.of(of.lang), code(checked.tracking_code()).and(slot)))
        .and(drawn)
        .and(code_box(of.lang, "package", text))
        .and(of.press("new", NEW, Weight::Primary));
    View { scripts: &["copy.js"], ..View::new(PACKAGE.of(of.lang), Menu::Votes, main) }
}

/// What the second device shows.
pub(crate) fn page(lang: Lang, (id, token): (u64, &str), (check, entry): (&CheckVote, &Entry)) -> View {
    let place = format!("/flows/{id}");
    if entry.is_busy {
        return busy(lang, id, Menu::Votes);
    }
    if let Some((election, verdict)) = check.verdict() {
        let lead = if verdict.slot().is_some() { SAYS_LEAD_SLOT } else { SAYS_LEAD };
        let main = Html::from(heading(SAYS.of(lang), lead.of(lang)))
            .and(card(TRACKING.of(lang), code(verdict.tracking_code())))
            .and(says(lang, election, verdict))
            .and(all(lang));
        return View::new(SAYS.of(lang), Menu::Votes, main);
    }
    let trouble = entry.trouble.as_ref().map(|trouble| trouble.html(lang));
    let again = press(&format!("{place}/again"), token, AGAIN.of(lang), retry(entry.trouble.as_ref()));
    let main =
        Html::from(heading(FAILED.of(lang), FAILED_LEAD.of(lang))).and(trouble).and(again).and(all(lang));
    View::new(FAILED.of(lang), Menu::Votes, main)
}

fn says(lang: Lang, election: &Election, verdict: &Verdict) -> Html {
    let choices = verdict.choices(election).into_iter().map(|(contest, option)| {
        let option = option.map_or_else(|| BLANK.of(lang).into(), |option| said(&option.name, lang));
        (said(&contest.title, lang), Html::from(el(Tag::STRONG).with(option)))
    });
    let mut rows = vec![(Html::from(ELECTION.of(lang)), said(&election.manifest().title, lang))];
    rows.extend(choices);
    rows.extend(verdict.slot().map(|slot| slot_row(lang, slot)));
    let weak = election.is_weak().then(|| paragraph(super::WEAK.of(lang)));
    Html::from(card(SAYS.of(lang), facts(rows))).and(weak)
}

fn slot_row(lang: Lang, slot: &[u8; 16]) -> (Html, Html) {
    (SLOT.of(lang).into(), el(Tag::CODE).with(to_hex(slot)).into())
}
