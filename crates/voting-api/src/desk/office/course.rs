//! An election that is under way: where it stands, and the steps of its host.

use super::address;
use crate::{
    call::Call,
    desk::{ceremony, form, local, noted, office, push, to, typed},
    dossier::{Dossier, Invited},
    followed::Followed,
    page::{phase_name, roster, words},
};
use http::{Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_registry::engine::LogEngine;
use sinpyo_voting::{
    event::{Kind, Withdrawal},
    manifest::Manifest,
    phase::Phase,
};
use sinpyo_web::{
    account::LoggedIn,
    component::{Choice, Field, FieldKind, FormBox, Step, Weight, card, code, details, facts, steps},
    html::{Element, Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
};
use std::{cmp::Ordering, sync::Arc};

/// What is known of an election that is under way.
struct Standing {
    phase: Phase,
    counts: [u64; 4],
    manifest: Option<Arc<Manifest>>,
    beacons: usize,
    shares: usize,
    has_rings: bool,
}

fn standing(record: &Followed) -> Standing {
    let mut sharers = record.senders(Kind::TallyShare).to_vec();
    sharers.sort_unstable();
    sharers.dedup();
    Standing {
        phase: record.phase(),
        counts: [
            record.live.values().sum(),
            record.ballots,
            u64::try_from(record.voters()).unwrap_or(u64::MAX),
            u64::try_from(record.refused.len()).unwrap_or(u64::MAX),
        ],
        manifest: record.manifest.clone(),
        beacons: record.senders(Kind::Beacon).len(),
        shares: sharers.len(),
        has_rings: record.seats.is_some(),
    }
}

const COURSE: [Phase; 7] = [
    Phase::Draft,
    Phase::Ceremony,
    Phase::Registration,
    Phase::Frozen,
    Phase::Open,
    Phase::Closed,
    Phase::Tallied,
];

/// How far an election is.
pub(crate) fn progress(phase: Phase, lang: Lang) -> Html {
    let step = |own: &Phase| {
        let name = phase_name(*own).of(lang);
        match own.cmp(&phase) {
            Ordering::Less => Step::Done(name),
            Ordering::Equal => Step::Now(name),
            Ordering::Greater => Step::Later(name),
        }
    };
    let list: Vec<Step<'_>> = COURSE.iter().map(step).collect();
    steps(&list).into()
}

/// An election that was called: how far it is, and what comes next.
pub(super) fn sheet(call: &Call<'_>, who: &LoggedIn, dossier: &Dossier) -> Result<Html, Refusal> {
    let lang = call.lang();
    let (election, log) = call.log()?;
    let standing = call.service.following.with(&election, &*log, standing)?;
    let [registered, ballots, voters, refused] = standing.counts;
    let counter = |name: &str, value: u64| el(Tag::SPAN).data("count", name).with(value.to_string());
    let counts = facts([
        (say("등록한 유권자", "Registered").of(lang), counter("registered", registered)),
        (say("투표한 유권자", "Have voted").of(lang), counter("voters", voters)),
        (say("받은 표", "Ballots").of(lang), counter("ballots", ballots)),
        (say("거부한 표", "Refused ballots").of(lang), counter("rejected", refused)),
    ]);
    let live = el(Tag::DIV)
        .data("counters", &format!("/e/{}/live", dossier.election))
        .data("phase", standing.phase.as_str())
        .with(counts);
    let public = el(Tag::P)
        .with(
            el(Tag::A)
                .href(&local(&format!("/e/{}", dossier.election))?)
                .with(say("누구나 보는 화면", "What everybody sees").of(lang)),
        )
        .with(" · ")
        .with(
            el(Tag::A)
                .href(&local(&format!("/e/{}/record", dossier.election))?)
                .with(say("인쇄용 기록", "Record for printing").of(lang)),
        );
    let mut main = progress(standing.phase, lang)
        .and(card(phase_name(standing.phase).of(lang), Html::from(live).and(public)))
        .and(card(say("다음", "Next").of(lang), next(call, who, (dossier, &*log, &standing))?));
    if (Phase::Frozen..=Phase::Open).contains(&standing.phase)
        && let Some(manifest) = &standing.manifest
    {
        main = main.and(withdrawal(call, who, manifest)?);
    }
    if let (Some(ceremony), Some(manifest)) = (roster::ceremony(call, &*log)?, &standing.manifest) {
        main = main.and(roster::left_out(&ceremony, manifest, lang));
    }
    if standing.phase <= Phase::Frozen {
        main = main.and(card(say("수탁자", "Trustees").of(lang), trustee_links(call, dossier)));
    }
    Ok(main)
}

/// The links of the trustees' pages.
fn trustee_links(call: &Call<'_>, dossier: &Dossier) -> Html {
    let lang = call.lang();
    let line = |(at, invited): (usize, &Invited)| {
        let link = format!("{}/trustee/{}", address(call, dossier), invited.secret);
        el(Tag::LI).with(Html::foreign(invited.name.of(lang))).with(code(
            lang,
            &format!("trustee-{at}"),
            &link,
        ))
    };
    el(Tag::UL).class("list").with(dossier.trustees.iter().enumerate().map(line).collect::<Html>()).into()
}

/// How many of those on the roll have registered.
fn registered(standing: &Standing, lines: u32, lang: Lang) -> Element {
    let [registered, ..] = standing.counts;
    el(Tag::P).with(match lang {
        Lang::Ko => format!("지금까지 등록: {registered} / {lines}"),
        Lang::En => format!("Registered so far: {registered} of {lines}"),
    })
}

/// What comes next, and the buttons for it.
fn next(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, log, standing): (&Dossier, &dyn LogEngine, &Standing),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let step = |name: &str, label: Say, weight: Weight| {
        push(call, who, (&format!("{}/step/{name}", office(call)), Html::new()), (label, weight))
    };
    let told = |text: Say| Html::from(el(Tag::P).with(text.of(lang)));
    let needed = standing.manifest.as_ref().map_or(0, |manifest| manifest.threshold);
    // Before its time no ballot would be taken.
    let is_late = standing.manifest.as_ref().is_some_and(|manifest| manifest.opens <= call.now);
    Ok(match standing.phase {
        Phase::Draft | Phase::Ceremony => ceremony::next(call, who, (log, standing.manifest.as_ref()))?,
        Phase::Registration => told(say(
            "명부에 있는 사람이 코드로 등록합니다. 확정하면 등록이 끝나 그때까지 등록하지 않은 사람은 투표할 수 없고, 명부를 고칠 수도 없습니다.",
            "Those on the roll register by their codes. Freezing ends registration: who has not registered by then cannot vote, and the roll does not change any more.",
        ))
        .and(registered(standing, dossier.lines, lang))
        .and(step("freeze", say("명부 확정", "Freeze the roll"), Weight::Primary)?),
        Phase::Frozen if standing.has_rings => told(say(
            "정한 시각에 저절로 열립니다.",
            "It opens by itself at its time.",
        ))
        .and(is_late.then(|| step("open", say("지금 열기", "Open now"), Weight::Secondary)).transpose()?),
        Phase::Frozen => {
            let count = format!("{} / {needed}", standing.beacons);
            told(say("수탁자가 섞기 값을 공개하기를 기다립니다.", "Waiting for the trustees' beacon values."))
                .and(el(Tag::P).with(count))
                .and(step(
                    "rings",
                    say("기다리지 않고 링 만들기", "Make the rings without the others"),
                    Weight::Secondary,
                )?)
        }
        // Nobody can close it earlier.
        Phase::Open => told(say("마감 시각에 저절로 닫힙니다.", "It closes by itself at its time.")),
        Phase::Closed => {
            let count = format!("{} / {needed}", standing.shares);
            told(say("수탁자들이 합계를 여는 중입니다.", "The trustees are opening the sums."))
                .and(el(Tag::P).with(count))
                .and(step("result", say("결과 공고", "Announce the result"), Weight::Primary)?)
        }
        Phase::Tallied => told(say("결과를 공고했습니다.", "The result is announced.")).and(step(
            "archive",
            say("한 해 동안 보존하기", "Archive for a year"),
            Weight::Secondary,
        )?),
        Phase::Archived => told(say("기록을 보존하고 있습니다.", "The record is archived.")),
    })
}

/// The form for a candidate who withdraws.
fn withdrawal(call: &Call<'_>, who: &LoggedIn, manifest: &Manifest) -> Result<Html, Refusal> {
    let lang = call.lang();
    let mut options = Vec::new();
    for contest in &manifest.contests {
        for option in &contest.options {
            let label = format!("{}: {}", words(&contest.title, lang), words(&option.name, lang));
            options.push((format!("{}/{}", contest.id, option.id), label));
        }
    }
    let choices: Vec<Choice<'_>> = options.iter().map(|(value, label)| Choice { value, label }).collect();
    let candidate = Field {
        kind: FieldKind::One(&choices),
        ..Field::text("option", say("후보", "Candidate").of(lang))
    };
    let reason = Field::text("reason", say("사유", "Reason").of(lang));
    let form = FormBox {
        action: &local(&format!("{}/withdraw", office(call)))?,
        token: &call.service.forms.token(&who.session),
        fields: candidate.html(lang).and(reason.html(lang)),
        submit: say("사퇴 공고", "Announce the withdrawal").of(lang),
        weight: Weight::Danger,
        beside: Html::new(),
    };
    let title = say("후보 사퇴", "A candidate withdraws").of(lang);
    let hint = say(
        "사퇴한 후보가 받은 표도 세어 그대로 보여 줍니다. 공개 기록에 남습니다.",
        "Votes for the candidate are still counted and shown. It stands in the public record.",
    );
    Ok(details(title, Html::from(el(Tag::P).class("hint").with(hint.of(lang))).and(form)).into())
}

/// `POST …/withdraw`.
pub(in crate::desk) fn withdraw(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let (contest, option) = form.text("option").and_then(|option| option.split_once('/')).unwrap_or_default();
    let reason = typed(&form, "reason");
    if reason.is_empty() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &"a withdrawal has a reason")); // [VTS-43]
    }
    let withdrawal = Withdrawal { contest: contest.to_owned(), option: option.to_owned(), reason };
    call.course(|course| course.withdraw(withdrawal))?;
    noted(call, who, "candidate.withdrawn", entropy)?;
    to(&office(call))
}
