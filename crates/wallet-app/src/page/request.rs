//! A request, from consent to the answer.

use super::{
    AGAIN, Menu, View, busy, home,
    miss::{kind, miss},
    paragraph, path, press, words,
};
use crate::{
    app::Entry,
    flow::World,
    present::{Inquiry, Present, PresentFlowError},
};
use sinpyo_core::claims::ClaimPath;
use sinpyo_openid4vp::Label;
use sinpyo_wallet::{Answer, Candidate, Choice, CopyUse, ReviewError, SetChoice, Wallet};
use sinpyo_web::{
    component::{
        Choice as Option_, Field, FieldKind, FormBox, Tone, Weight, badge, card, facts, heading, hidden,
        notice, plain_card,
    },
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    route::Need,
};

const TITLE: Say = say("이 정보를 보여 줄까요?", "Show this?");
const LEAD: Say = say("동의하시기 전에는 아무것도 보내지 않습니다.", "Nothing is sent before you agree.");
const WHO: Say = say("누가 요청하나요", "Who asks");
const NAME: Say = say("등록된 이름", "Registered name");
const SERVICE: Say = say("서비스", "Service");
const REGISTERED: Say = say("등록 확인됨", "Registration verified");
const UNREGISTERED: Say = say("등록 확인 안 됨", "Not registered");
const KNOWN_AS: Say = say("확인한 것", "What is proven");
const GOES_TO: Say = say("답이 가는 곳", "Where the answer goes");
const WHY: Say = say("왜 요청하나요", "Why");
const ITS_WORDS: Say = say(
    "요청한 곳이 스스로 밝힌 이유이며, 확인된 것은 아닙니다.",
    "In the words of who asks; nobody has checked them.",
);
const NO_REASON: Say = say("이유를 밝히지 않았습니다.", "It gives no reason.");
const SHOWS: Say = say("보여 줄 정보", "You would show");
const ALSO: Say = say("함께 보이는 정보", "Shown along with it");
const HIDES: Say = say("숨기는 정보", "Stays hidden");
const NOTHING_HIDDEN: Say = say("숨길 수 있는 정보가 없습니다.", "Nothing of it can be hidden.");
const ONLY_HAVING: Say = say("이 자격증명을 가지고 있다는 사실만", "Only that you have it");
const OPTIONAL: Say = say("선택 사항", "Optional");
const WHICH: Say = say("어느 자격증명을 보여 줄까요", "Which credential");
const SET: Say = say("무엇으로 답할까요", "With what to answer");
const NOT_AT_ALL: Say = say("보여 주지 않음", "Do not show");
const FRESH: Say = say("아무도 본 적 없는 사본", "A copy that nobody has seen");
const SEEN: Say = say("이곳이 이미 본 사본", "The copy that it saw before");
const LINKABLE: Say = say(
    "남은 새 사본이 없어, 다른 곳이 이미 본 사본을 보여 주게 됩니다. 두 곳이 기록을 맞춰 보면 같은 사람임을 알 수 있습니다. 새 사본을 \
     발급받으면 피할 수 있습니다.",
    "No unused copy is left: another place has seen this one. If the two compare notes, they know that you are the same \
     person. Having new copies issued avoids that.",
);
const TRANSACTION: Say = say("함께 승인하는 거래", "You would also authorise");
const AGREE: Say = say("동의하고 보여 주기", "Agree and show");
const AUTHORISE: Say = say("동의하고 승인하기", "Agree and authorise");
const DECLINE: Say = say("거절하기", "Decline");
const TELL: Say = say("거절했다고 요청한 곳에 알리기", "Tell who asks that you declined");
const TELL_HINT: Say = say(
    "고르지 않으면 아무것도 보내지 않습니다. 알리더라도 이유나 지갑에 무엇이 있는지는 알리지 않습니다.",
    "Otherwise nothing is sent. Even so, neither the reason nor what you have is told.",
);
pub(super) const NO_MATCH: Say = say("요청에 맞는 자격증명이 없습니다", "No credential fits this request");
const NO_MATCH_LEAD: Say = say(
    "지갑에 있는 것으로는 답할 수 없습니다. 아래에 이유와 할 일이 있습니다. 요청한 곳은 아무것도 알게 되지 않습니다.",
    "What is in the wallet does not answer it. Below is why, and what to do. Who asks does not learn of it.",
);
const FAILED: Say = say("보여 주지 않았습니다", "Nothing was shown");

pub(crate) fn page(
    lang: Lang,
    (id, token): (u64, &str),
    (present, entry): (&Present, &Entry),
    world: &World<'_>,
) -> View {
    if entry.is_busy {
        return busy(lang, id, Menu::Add);
    }
    if let Some(outcome) = present.outcome() {
        return super::ended::page(lang, (id, entry), outcome);
    }
    let trouble = entry.trouble.as_ref();
    let Some(inquiry) = present.inquiry() else {
        let again = trouble
            .filter(|trouble| trouble.is_passing)
            .map(|_| press(&format!("/flows/{id}/again"), token, AGAIN.of(lang), Weight::Primary));
        let main = Html::from(heading(FAILED.of(lang), ""))
            .and(trouble.map(|trouble| trouble.html(lang)))
            .and(again);
        return View::new(FAILED.of(lang), Menu::Add, main.and(home(lang)));
    };
    let trouble = trouble.map(|trouble| trouble.html(lang));
    match present.review(world) {
        Ok(choice) => {
            let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang)))
                .and(trouble)
                .and(about(lang, inquiry, &choice))
                .and(consent(lang, (id, token), (inquiry, &choice), world.wallet))
                .and(decline(lang, (id, token), inquiry));
            View::new(TITLE.of(lang), Menu::Add, main)
        }
        Err(PresentFlowError::Review(ReviewError::Unanswerable { misses })) => {
            let main = Html::from(heading(NO_MATCH.of(lang), NO_MATCH_LEAD.of(lang)))
                .and(misses.iter().map(|missed| miss(lang, missed, inquiry, world.wallet)).collect::<Html>())
                .and(decline(lang, (id, token), inquiry));
            View::new(NO_MATCH.of(lang), Menu::Add, main)
        }
        Err(error) => {
            let words = super::trouble::of_present(&error).html(lang);
            View::new(
                FAILED.of(lang),
                Menu::Add,
                Html::from(heading(FAILED.of(lang), "")).and(words).and(home(lang)),
            )
        }
    }
}

/// Who asks, why, and where the answer goes.
pub(super) fn about(lang: Lang, inquiry: &Inquiry, choice: &Choice) -> Html {
    let (name, how) = words::claimant(inquiry.claimant(), lang);
    let mut who: Vec<(&str, Html)> = Vec::new();
    let badge = match choice.accredited() {
        Some(accredited) => {
            let name = Html::foreign(words::localized(&accredited.name, lang));
            who.push((NAME.of(lang), el(Tag::STRONG).with(name).into()));
            who.push((SERVICE.of(lang), accredited.service.as_str().into()));
            badge(Tone::Good, REGISTERED.of(lang))
        }
        None => badge(Tone::Wait, UNREGISTERED.of(lang)),
    };
    who.push((KNOWN_AS.of(lang), Html::foreign(&name).and(paragraph(el(Tag::SMALL).with(how)))));
    if let Some(to) = inquiry.destination() {
        who.push((GOES_TO.of(lang), Html::foreign(words::host(to))));
    }
    let why = match inquiry
        .purpose()
        .map(|purpose| words::localized(purpose, lang))
        .filter(|text| !text.is_empty())
    {
        Some(text) => paragraph(Html::foreign(text)).and(paragraph(el(Tag::SMALL).with(ITS_WORDS.of(lang)))),
        None => paragraph(NO_REASON.of(lang)),
    };
    Html::from(card(WHO.of(lang), paragraph(badge).and(facts(who)))).and(card(WHY.of(lang), why))
}

/// What would be shown and authorised, and the button.
fn consent(
    lang: Lang,
    (id, token): (u64, &str),
    (inquiry, choice): (&Inquiry, &Choice),
    wallet: &Wallet,
) -> Html {
    let taken: Vec<&str> = choice.answers().iter().map(|answer| answer.query().as_str()).collect();
    let shown = choice.possible().iter().enumerate().map(|(number, answer)| {
        let is_taken = taken.contains(&answer.query().as_str());
        offered(lang, (number, is_taken), answer, wallet)
    });
    let transactions = inquiry.transactions().iter().map(|datum| {
        let word = |label: &Label| match lang {
            Lang::Ko => Html::foreign(&label.ko),
            Lang::En => Html::foreign(&label.en),
        };
        let rows = datum.shown().into_iter().map(|(label, value)| (word(label), words::value(value, lang)));
        Html::from(el(Tag::H3).with(word(datum.kind().label()))).and(facts(rows))
    });
    let transactions: Html = transactions.collect();
    let submit = if transactions.is_empty() { AGREE } else { AUTHORISE };
    let transactions = (!transactions.is_empty()).then(|| card(TRANSACTION.of(lang), transactions));
    let sets = choice
        .sets()
        .iter()
        .enumerate()
        .filter_map(|(number, set)| option(lang, number, set, (choice, inquiry, wallet)));
    let action = path(&format!("/flows/{id}/agree"));
    let form = FormBox {
        action: &action,
        token,
        fields: shown
            .collect::<Html>()
            .and(hidden("shown", &seen(choice)))
            .and(transactions)
            .and(sets.collect::<Html>()),
        submit: submit.of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    form.into()
}

/// What the holder was shown, in few letters: what is agreed to must be that.
pub(crate) fn seen(choice: &Choice) -> String {
    let digest = sinpyo_crypto::hash::sha256(format!("{choice:?}").as_bytes());
    sinpyo_core::encoding::to_base64url(&digest)
}

/// One credential that would be shown.
pub(super) fn offered(
    lang: Lang,
    (number, is_taken): (usize, bool),
    answer: &Answer,
    wallet: &Wallet,
) -> Html {
    let chosen = answer.chosen();
    let held = wallet.held(chosen.held);
    let value = |path: &ClaimPath| Html::from(held.map(|held| words::values(held, path, lang)));
    let label = |path: &ClaimPath| words::label(chosen.display.as_ref(), path, lang);
    let rows = |paths: Vec<&ClaimPath>| -> Html {
        facts(paths.into_iter().map(|path| (Html::foreign(&label(path)), value(path)))).into()
    };
    let asked: Vec<_> = chosen.asked.iter().collect();
    let along: Vec<_> = chosen.visible.iter().filter(|path| !chosen.asked.contains(path)).collect();
    let shows = if asked.is_empty() { paragraph(ONLY_HAVING.of(lang)) } else { rows(asked) };
    let along = (!along.is_empty()).then(|| Html::from(el(Tag::H3).with(ALSO.of(lang))).and(rows(along)));
    let hidden = if chosen.hidden.is_empty() {
        paragraph(NOTHING_HIDDEN.of(lang))
    } else {
        words::list(chosen.hidden.iter().map(label))
    };
    let copy = match chosen.copy {
        CopyUse::Fresh => paragraph(badge(Tone::Good, FRESH.of(lang))),
        CopyUse::Again => paragraph(badge(Tone::Plain, SEEN.of(lang))),
        CopyUse::Linkable => notice(Tone::Wait, LINKABLE.of(lang)).into(), // [WAP-17]
    };
    let title = Html::foreign(&words::name(chosen.display.as_ref(), Some(&chosen.kind), lang));
    let optional = (!is_taken).then(|| Html::from(" ").and(badge(Tone::Plain, OPTIONAL.of(lang))));
    let content = Html::from(el(Tag::H3).with(SHOWS.of(lang)))
        .and(shows)
        .and(along)
        .and(el(Tag::H3).with(HIDES.of(lang)))
        .and(hidden)
        .and(copy)
        .and(which(lang, number, answer));
    card(title.and(optional), content).into()
}

/// A choice among credentials that would do.
fn which(lang: Lang, number: usize, answer: &Answer) -> Html {
    if answer.others().is_empty() {
        return Html::new();
    }
    let all: Vec<&Candidate> = std::iter::once(answer.chosen()).chain(answer.others()).collect();
    let texts: Vec<(String, String)> = all
        .iter()
        .map(|one| {
            let name = words::name(one.display.as_ref(), Some(&one.kind), lang);
            (one.held.to_string(), format!("{name} · {} · №{}", one.issuer, one.held))
        })
        .collect();
    let choices: Vec<_> = texts.iter().map(|(value, label)| Option_ { value, label }).collect();
    let name = format!("copy-{number}");
    Field { kind: FieldKind::One(&choices), need: Need::Optional, ..Field::text(&name, WHICH.of(lang)) }
        .html(lang)
}

/// A choice among combinations; none where there is nothing to choose.
fn option(
    lang: Lang,
    number: usize,
    set: &SetChoice,
    (choice, inquiry, wallet): (&Choice, &Inquiry, &Wallet),
) -> Option<Html> {
    if set.required && set.options.len() < 2 || set.options.is_empty() {
        return None;
    }
    let name = |query: &sinpyo_dcql::QueryId| {
        let answer = choice.possible().iter().find(|answer| answer.query() == query);
        match answer.map(Answer::chosen) {
            Some(one) => {
                let label = |path| words::label(one.display.as_ref(), path, lang);
                let labels = one.asked.iter().map(label).collect::<Vec<_>>().join(", ");
                format!("{} ({labels})", words::name(one.display.as_ref(), Some(&one.kind), lang))
            }
            None => inquiry
                .question()
                .query()
                .credential(query.as_str())
                .map_or_else(String::new, |query| kind(query, wallet, lang)),
        }
    };
    let texts: Vec<(String, String)> = set
        .options
        .iter()
        .enumerate()
        .map(|(at, queries)| (at.to_string(), queries.iter().map(name).collect::<Vec<_>>().join(" + ")))
        .collect();
    let mut choices: Vec<_> = texts.iter().map(|(value, label)| Option_ { value, label }).collect();
    if !set.required {
        choices.insert(0, Option_ { value: "", label: NOT_AT_ALL.of(lang) });
    }
    let field = format!("set-{number}");
    let taken = set.taken.map(|at| at.to_string()).unwrap_or_default();
    let field = Field {
        kind: FieldKind::One(&choices),
        value: &taken,
        need: Need::Optional,
        ..Field::text(&field, SET.of(lang))
    };
    Some(plain_card(field.html(lang)).into())
}

/// The way out. To tell of it is the holder's choice. [WAP-10]
fn decline(lang: Lang, (id, token): (u64, &str), inquiry: &Inquiry) -> Html {
    let tell = Field {
        kind: FieldKind::Check,
        need: Need::Optional,
        hint: TELL_HINT.of(lang),
        ..Field::text("tell", TELL.of(lang))
    };
    let action = path(&format!("/flows/{id}/decline"));
    let form = FormBox {
        action: &action,
        token,
        fields: if inquiry.destination().is_some() { tell.html(lang) } else { Html::new() },
        submit: DECLINE.of(lang),
        weight: Weight::Secondary,
        beside: Html::new(),
    };
    plain_card(form).into()
}
