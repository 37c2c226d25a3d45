//! The ballot: choosing, looking once more, and deciding between casting and checking.

use super::{Of, TRACKING, code, home::withdrawn, way};
use crate::page::{Menu, View, paragraph};
use sinpyo_voting::{
    manifest::Contest,
    voter::{Booth, Choices, Filled},
};
use sinpyo_web::{
    component::{Field, FieldKind, Tone, Weight, card, facts, heading, notice, plain_card},
    html::{Attr, Flag, Html, Tag, el},
    lang::{Say, say},
    route::Need,
};

const TITLE: Say = say("투표지", "Ballot");
const LEAD: Say = say(
    "항목마다 하나를 고르세요. 아직 아무것도 보내지 않습니다.",
    "Choose one in every contest. Nothing is sent yet.",
);
const BLANK: Say = say("백지 (아무도 고르지 않음)", "Blank (nobody)");
const LOOK: Say = say("고른 것 보기", "Look at it once more");
const OUT: Say = say("그만두기", "Leave");
const SURE: Say = say("이대로 투표지를 만들까요?", "Make this ballot?");
const SURE_LEAD: Say = say(
    "아직 아무것도 보내지 않습니다. 투표지를 만들면 추적 코드를 보여 드립니다.",
    "Nothing is sent yet. Once the ballot is made, you see its tracking code.",
);
const MAKE: Say = say("투표지 만들기", "Make the ballot");
const CHANGE: Say = say("고치기", "Change it");
const DECIDE: Say = say("투표지를 만들었습니다", "The ballot is made");
const DECIDE_LEAD: Say = say(
    "아래 추적 코드를 적거나 찍어 두세요. 그다음 투표함에 넣을지, 다른 기기로 확인할지 고르세요.",
    "Note down the tracking code below. Then choose: put it into the box, or have it checked by another device.",
);
const CAST: Say = say("투표함에 넣기", "Cast it");
const CAST_LEAD: Say = say(
    "내가 무엇을 골랐는지는 그 순간 이 지갑에서 지워지고, 다시 볼 수 없습니다.",
    "What you chose is erased from this wallet at that moment and cannot be seen again.",
);
const LATER: Say = say("최대 10분 안에서 아무 때나 보내기", "Send it at a random time within ten minutes");
const LATER_HINT: Say = say(
    "도착한 시각으로 누구의 표인지 짐작하기 어려워집니다.",
    "Less can be told from the time at which it arrives.",
);
const CHECK: Say = say("다른 기기로 확인하기", "Check it with another device");
const CHECK_LEAD: Say = say(
    "이 지갑이 정말 고른 대로 만들었는지 내 다른 기기에서 확인합니다. 확인한 투표지는 버리고, 투표는 새 투표지로 합니다. 고른 것은 이 지갑에 다시 보이지 않으니 기억해 두세요.",
    "Your other device finds out whether this wallet made what you chose. A ballot that was checked is thrown away; you vote with a new one. Remember what you chose: this wallet does not show it again.",
);
const CHOSEN: Say = say("고른 것", "What you chose");

/// An empty ballot.
pub(crate) fn choose(of: &Of<'_>, booth: &Booth, trouble: Option<Html>) -> View {
    let contests = booth.contests(of.election).enumerate();
    let fields: Html = contests.map(|(number, contest)| contest_of(of, number, contest)).collect();
    let main = Html::from(heading(TITLE.of(of.lang), LEAD.of(of.lang)))
        .and(trouble)
        .and(of.form("choose", fields, LOOK))
        .and(of.press("leave", OUT, Weight::Secondary));
    View::new(TITLE.of(of.lang), Menu::Votes, main)
}

/// One contest: none of its options is chosen before the voter chooses.
fn contest_of(of: &Of<'_>, number: usize, contest: &Contest) -> Html {
    let name = format!("contest-{number}");
    let option = |column: usize, label: Html| -> Html {
        let id = format!("{name}-{column}");
        let radio = el(Tag::INPUT).attr(Attr::TYPE, "radio").attr(Attr::NAME, &name);
        let radio = radio.attr(Attr::VALUE, &column.to_string()).id(&id).flag(Flag::Required);
        let label = el(Tag::LABEL).attr(Attr::FOR, &id).with(label);
        el(Tag::DIV).class("check").with(radio).with(label).into()
    };
    let options = contest.options.iter().enumerate().map(|(place, choice)| {
        let withdrawn = withdrawn(of, contest, place).map(|badge| Html::from(" ").and(badge));
        option(place + 1, of.words(&choice.name).and(withdrawn))
    });
    let options: Html = options.collect();
    let legend = el(Tag::LEGEND).with(of.words(&contest.title));
    let field = el(Tag::FIELDSET).with(legend).with(options).with(option(0, BLANK.of(of.lang).into()));
    plain_card(el(Tag::DIV).class("field").with(field)).into()
}

/// The choices once more, before the ballot is made.
pub(crate) fn sure(of: &Of<'_>, (booth, choices): (&Booth, &Choices), trouble: Option<Html>) -> View {
    let main = Html::from(heading(SURE.of(of.lang), SURE_LEAD.of(of.lang)))
        .and(trouble)
        .and(card(CHOSEN.of(of.lang), chosen(of, booth, choices)))
        .and(of.press("make", MAKE, Weight::Primary))
        .and(of.press("new", CHANGE, Weight::Secondary));
    View::new(SURE.of(of.lang), Menu::Votes, main)
}

/// The tracking code, and then the decision.
pub(crate) fn decide(
    of: &Of<'_>,
    (booth, choices): (&Booth, &Choices),
    filled: &Filled,
    trouble: Option<Html>,
) -> View {
    let later = Field {
        kind: FieldKind::Check,
        need: Need::Optional,
        hint: LATER_HINT.of(of.lang),
        ..Field::text("later", LATER.of(of.lang))
    };
    let cast = of.form("cast", later.html(of.lang), CAST);
    let check = paragraph(CHECK_LEAD.of(of.lang)).and(of.press("check", CHECK, Weight::Secondary));
    let main = Html::from(heading(DECIDE.of(of.lang), DECIDE_LEAD.of(of.lang)))
        .and(trouble)
        .and(card(TRACKING.of(of.lang), code(filled.tracking_code())))
        .and(card(CHOSEN.of(of.lang), chosen(of, booth, choices)))
        .and(card(
            CAST.of(of.lang),
            Html::from(notice(Tone::Plain, CAST_LEAD.of(of.lang))).and(paragraph(way::shown(of))).and(cast),
        ))
        .and(card(CHECK.of(of.lang), check))
        .and(of.press("new", CHANGE, Weight::Secondary));
    View::new(DECIDE.of(of.lang), Menu::Votes, main)
}

fn chosen(of: &Of<'_>, booth: &Booth, choices: &Choices) -> Html {
    let rows = booth.contests(of.election).zip(choices.columns()).map(|(contest, column)| {
        let option = usize::from(*column).checked_sub(1).and_then(|place| contest.options.get(place));
        let option = option.map_or_else(|| BLANK.of(of.lang).into(), |option| of.words(&option.name));
        (of.words(&contest.title), el(Tag::STRONG).with(option))
    });
    facts(rows).into()
}
