//! Consent to being registered: who asks, what is shown, what stays hidden.

use super::{ELECTION, Of};
use crate::{
    flow::World,
    page::{Menu, View, miss::miss, paragraph, request},
    present::{Present, PresentFlowError},
};
use sinpyo_voting::voter::Terms;
use sinpyo_wallet::ReviewError;
use sinpyo_web::{
    component::{Tone, Weight, badge, card, facts, heading, hidden, notice, time},
    html::{Html, Tag, el},
    lang::{Say, say},
};

const TITLE: Say = say("선거인으로 등록할까요?", "Register as a voter?");
const LEAD: Say = say(
    "등록하는 곳에는 아래에 보이는 것만 갑니다. 투표할 때에는 이 등록이나 신원을 아무에게도 보이지 않습니다.",
    "Only what you see here goes to the registrar. When you vote, neither this registration nor your identity is shown to anybody.",
);
const WHAT: Say = say("무엇에 등록하나요", "What for");
const DISTRICT: Say = say("선거구", "District");
const UNTIL: Say = say("이때까지", "Until");
const SITE: Say = say("어디로 가나요", "Where it goes");
const SENDS: Say = say("등록하는 곳이 받는 것", "What the registrar gets");
const SENDS_CODE: Say = say("등록 코드", "the registration code");
const SENDS_KEY: Say =
    say("이 등록에만 쓰는 새 공개키와 서명", "a new public key of this registration alone, and a signature");
const SENDS_COMMITMENT: Say = say(
    "표가 누구 것인지 감추는 봉인값 (열 수 있다는 증명과 함께)",
    "a sealed value that hides whose ballot is whose, with a proof that you can open it",
);
const HIDES: Say = say("아무에게도 가지 않는 것", "What goes to nobody");
const HIDES_SEED: Say = say("봉인을 여는 비밀", "the secret that opens the seal");
const HIDES_BALLOT: Say = say("어느 투표지가 내 것인지", "which ballot is yours");
const HIDES_CHOICE: Say = say("무엇을 골랐는지", "what you choose");
const REPLACES: Say = say(
    "이 번호로 이미 등록한 적이 있습니다. 계속하면 전에 등록한 기기로는 투표할 수 없게 됩니다.",
    "This line was registered before. If you go on, the device that was registered cannot vote any more.",
);
const NOTHING_ASKED: Say = say("신원 정보는 요청하지 않습니다.", "No identity data is asked for.");
const AGREE: Say = say("동의하고 등록하기", "Agree and register");
const DECLINE: Say = say("등록하지 않기", "Do not register");

pub(crate) fn page(
    of: &Of<'_>,
    (terms, present): (&Terms, Option<&Present>),
    trouble: Option<Html>,
    world: &World<'_>,
) -> View {
    let lang = of.lang;
    let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang))).and(trouble).and(of.promise());
    let replaces = terms.is_replacement().then(|| notice(Tone::Wait, REPLACES.of(lang)));
    let main = main.and(replaces).and(card(WHAT.of(lang), about(of, terms)));
    let (asked, can_agree) = match present {
        None => (Html::new(), true),
        Some(present) => shown(of, present, world),
    };
    let nothing = present.is_none().then(|| paragraph(NOTHING_ASKED.of(lang)));
    let sent = list([SENDS_CODE, SENDS_KEY, SENDS_COMMITMENT].map(|text| text.of(lang))).and(nothing);
    let kept = list([HIDES_SEED, HIDES_BALLOT, HIDES_CHOICE].map(|text| text.of(lang)));
    let fields = asked.and(card(SENDS.of(lang), sent)).and(card(HIDES.of(lang), kept));
    let content = if can_agree { of.form("agree", fields, AGREE) } else { fields };
    let main = main.and(content).and(of.press("leave", DECLINE, Weight::Secondary));
    View::new(TITLE.of(lang), Menu::Votes, main)
}

fn about(of: &Of<'_>, terms: &Terms) -> Html {
    let district = of.election.manifest().district(terms.district());
    let rows = [
        (ELECTION.of(of.lang), of.words(&of.election.manifest().title)),
        (DISTRICT.of(of.lang), district.map(|district| of.words(&district.name)).unwrap_or_default()),
        (SITE.of(of.lang), Html::foreign(of.election.place().address())),
        (UNTIL.of(of.lang), time(terms.expires(), of.lang).into()),
    ];
    facts(rows).into()
}

/// What the registrar wants to see of the wallet's credentials, and whether it can be shown.
fn shown(of: &Of<'_>, present: &Present, world: &World<'_>) -> (Html, bool) {
    let Some(inquiry) = present.inquiry() else { return (Html::new(), false) };
    match present.review(world) {
        Ok(choice) => {
            let offered = choice.possible().iter().enumerate();
            let offered = offered
                .map(|(number, answer)| request::offered(of.lang, (number, true), answer, world.wallet));
            let cards: Html = offered.collect();
            let seen = hidden("shown", &request::seen(&choice));
            (request::about(of.lang, inquiry, &choice).and(cards).and(seen), true)
        }
        Err(PresentFlowError::Review(ReviewError::Unanswerable { misses })) => {
            let misses = misses.iter().map(|missed| miss(of.lang, missed, inquiry, world.wallet));
            let title = paragraph(badge(Tone::Bad, request::NO_MATCH.of(of.lang)));
            (title.and(misses.collect::<Html>()), false)
        }
        Err(error) => (crate::page::trouble::of_present(&error).html(of.lang), false),
    }
}

fn list<const N: usize>(texts: [&str; N]) -> Html {
    let items: Html = texts.into_iter().map(|text| el(Tag::LI).with(text)).collect();
    el(Tag::UL).with(items).into()
}
