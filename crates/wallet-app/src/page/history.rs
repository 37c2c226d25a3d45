//! What was shown to whom.

use super::{Menu, View, words};
use sinpyo_wallet::{CopyUse, PresentationRecord, ShownCredential, Wallet};
use sinpyo_web::{
    component::{Tone, badge, card, facts, heading, notice, time},
    html::Html,
    lang::{Lang, Say, say},
};

const TITLE: Say = say("제시 기록", "History");
const LEAD: Say = say(
    "무엇을 누구에게 보여 주었는지는 이 지갑에만 남습니다.",
    "What you showed to whom stays in this wallet only.",
);
const EMPTY: Say = say("아직 아무에게도 보여 주지 않았습니다.", "Nothing was shown to anybody yet.");
const WHEN: Say = say("때", "When");
const WHAT: Say = say("보여 준 것", "Shown");
const SERVICE: Say = say("서비스", "Service");
const AUTHORISED: Say = say("승인한 거래", "Transactions authorised");
const LINKABLE: Say = say("다른 곳에도 보인 사본", "A copy that others saw too");
const NOTHING: Say = say("보유 사실만", "Only that you have it");
const GONE: Say = say("지운 자격증명", "Deleted credential");

pub(crate) fn page(lang: Lang, wallet: &Wallet) -> View {
    let records: Html = wallet.history().iter().rev().map(|record| entry(lang, wallet, record)).collect();
    let main = Html::from(heading(TITLE.of(lang), LEAD.of(lang)));
    let main =
        if records.is_empty() { main.and(notice(Tone::Plain, EMPTY.of(lang))) } else { main.and(records) };
    View::new(TITLE.of(lang), Menu::History, main)
}

/// One answer to one verifier.
pub(crate) fn entry(lang: Lang, wallet: &Wallet, record: &PresentationRecord) -> Html {
    let who = match &record.accredited {
        Some(accredited) => words::localized(&accredited.name, lang).to_owned(),
        None => words::asker(&record.asker),
    };
    let shown: Html = record.shown.iter().map(|shown| credential(lang, wallet, shown)).collect();
    let mut pairs: Vec<(&str, Html)> =
        vec![(WHEN.of(lang), time(record.at, lang).into()), (WHAT.of(lang), shown)];
    if let Some(accredited) = &record.accredited {
        pairs.push((SERVICE.of(lang), accredited.service.as_str().into()));
    }
    if !record.transactions.is_empty() {
        pairs.push((AUTHORISED.of(lang), record.transactions.len().to_string().into()));
    }
    card(Html::foreign(&who), facts(pairs)).into()
}

fn credential(lang: Lang, wallet: &Wallet, shown: &ShownCredential) -> Html {
    let held = wallet.held(shown.held);
    let name = match held {
        Some(held) => words::name(held.display(), held.kind(), lang),
        None => format!("{} ({})", words::short(shown.kind.as_str()), GONE.of(lang)),
    };
    let display = held.and_then(sinpyo_wallet::HeldCredential::display);
    let labels: Vec<String> = shown.claims.iter().map(|path| words::label(display, path, lang)).collect();
    let claims = if labels.is_empty() { NOTHING.of(lang).into() } else { words::list(labels) };
    let linkable = (shown.copy == CopyUse::Linkable).then(|| badge(Tone::Wait, LINKABLE.of(lang)));
    Html::from(sinpyo_web::html::el(sinpyo_web::html::Tag::STRONG).with(Html::foreign(&name)))
        .and(" ")
        .and(linkable)
        .and(claims)
}
