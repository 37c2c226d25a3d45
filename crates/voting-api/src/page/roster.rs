//! Who holds the key, and who was left out of making it, and why (spec/voting.md §5).

use super::words;
use crate::{call::Call, problem::failed};
use sinpyo_ballot::ceremony::{Fault, Phase as Step, TrusteeNumber};
use sinpyo_registry::engine::LogEngine;
use sinpyo_voting::{
    election::{KeyCeremony, Refused},
    manifest::{Manifest, TrusteeEntry},
};
use sinpyo_web::{
    component::{Tone, badge, card, notice},
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
};
use std::sync::Arc;

/// The key ceremony of the path's election as far as it went; none before there can be one.
///
/// Its proofs are checked when something was added to it, and not for every reader.
pub(crate) fn ceremony(call: &Call<'_>, log: &dyn LogEngine) -> Result<Option<Arc<KeyCeremony>>, Refusal> {
    let rules = call.service.following.with(&call.election()?, log, |record| Arc::clone(&record.rules))?;
    let state = log.state().map_err(|error| failed(&error))?;
    match rules.ceremony(&*state) {
        Ok(ceremony) => Ok(Some(ceremony)),
        Err(Refused::Engine(error)) => Err(failed(&error)),
        Err(_) => Ok(None),
    }
}

/// What a trustee is called.
pub(crate) fn name(manifest: &Manifest, trustee: TrusteeNumber, lang: Lang) -> String {
    format!("{}. {}", trustee.number(), bare(manifest, trustee, lang))
}

fn bare(manifest: &Manifest, trustee: TrusteeNumber, lang: Lang) -> &str {
    manifest.trustee(trustee.number()).map_or("", |trustee| words(&trustee.name, lang))
}

/// All trustees, for everybody to read.
pub(crate) fn all(ceremony: &KeyCeremony, manifest: &Manifest, lang: Lang) -> Html {
    let seen = ceremony.seen();
    let line = |(number, _): (u32, &TrusteeEntry)| {
        let trustee = TrusteeNumber::new(number)?;
        let item = el(Tag::LI).with(Html::foreign(&name(manifest, trustee, lang))).with(" ");
        Some(match seen.fault(trustee) {
            None => item.with(badge(Tone::Plain, say("참여", "Takes part").of(lang))),
            Some(fault) => item
                .with(badge(Tone::Bad, say("제외됨", "Left out").of(lang)))
                .with(" ")
                .with(why(fault, manifest, lang)),
        })
    };
    let list: Html = (1..).zip(&manifest.trustees).filter_map(line).collect();
    let list = Html::from(el(Tag::UL).class("list").with(list));
    let content = if seen.faults().next().is_some() { list.and(warning(lang)) } else { list };
    card(say("수탁자", "Trustees").of(lang), content).into()
}

/// Those who are out, for the host; nothing if nobody is.
pub(crate) fn left_out(ceremony: &KeyCeremony, manifest: &Manifest, lang: Lang) -> Html {
    let line = |(trustee, fault): (TrusteeNumber, Fault)| {
        let name = Html::foreign(&name(manifest, trustee, lang));
        el(Tag::LI).with(name).with(": ").with(why(fault, manifest, lang))
    };
    let list: Html = ceremony.seen().faults().map(line).collect();
    if list.is_empty() {
        return Html::new();
    }
    let content = Html::from(el(Tag::UL).class("list").with(list)).and(warning(lang));
    card(say("제외된 수탁자", "Trustees left out").of(lang), content).into()
}

fn warning(lang: Lang) -> Html {
    let told = say(
        "수탁자에 대한 약속은 남아 있는 수탁자에게만 해당합니다. 이유가 납득되지 않으면 그 수탁자에게 직접 물어보세요. 누가 왜 제외되었는지는 공개 기록에 그대로 남습니다.",
        "What is promised of trustees is promised of those who remain. If a reason does not convince you, ask that trustee. Who was left out, and why, stands in the public record.",
    );
    notice(Tone::Wait, told.of(lang)).into()
}

/// Why a trustee is out, in words.
fn why(fault: Fault, manifest: &Manifest, lang: Lang) -> String {
    let plain = |text: Say| text.of(lang).to_owned();
    match fault {
        Fault::Absent { during } => plain(absent(during)),
        Fault::Commitment => plain(say(
            "약속해 둔 것과 다른 값을 공개했습니다",
            "it revealed something else than it had committed to",
        )),
        Fault::Encoding => plain(say("공개한 값을 읽을 수 없습니다", "what it revealed cannot be read")),
        Fault::Identity => plain(say(
            "공개한 값 가운데 열쇠가 될 수 없는 것이 있습니다",
            "part of what it revealed cannot be a key",
        )),
        Fault::Proof { .. } => plain(say(
            "공개한 값을 안다는 증명이 맞지 않습니다",
            "its proofs of knowing what it revealed do not hold",
        )),
        Fault::Unanswered { by } => {
            let (number, name) = (by.number(), bare(manifest, by, lang));
            match lang {
                Lang::Ko => format!("수탁자 {number}({name})의 이의에 답하지 않았습니다"),
                Lang::En => format!("it did not answer the complaint of trustee {number} ({name})"),
            }
        }
        Fault::Answer { by } => {
            let (number, name) = (by.number(), bare(manifest, by, lang));
            match lang {
                Lang::Ko => format!("수탁자 {number}({name})의 이의에 맞지 않는 조각으로 답했습니다"),
                Lang::En => format!("its answer to the complaint of trustee {number} ({name}) does not fit"),
            }
        }
        other => other.to_string(),
    }
}

const fn absent(during: Step) -> Say {
    match during {
        Step::Commit => say(
            "약속을 보내지 않았고, 주관자가 더 기다리지 않았습니다",
            "it sent no commitment, and the host waited no longer",
        ),
        Step::Reveal => say(
            "약속한 값을 공개하지 않았고, 주관자가 더 기다리지 않았습니다",
            "it did not reveal what it had committed to, and the host waited no longer",
        ),
        Step::Shares => say(
            "열쇠 조각을 나누지 않았고, 주관자가 더 기다리지 않았습니다",
            "it dealt no shares of the key, and the host waited no longer",
        ),
        Step::Complaints | Step::Answers => say("이의에 답하지 않았습니다", "it did not answer a complaint"),
    }
}
