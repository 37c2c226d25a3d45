//! An election of the host: where it stands, and what can be done next.

use super::{ceremony, form, local, noted, office, page, push};
use crate::{
    call::Call,
    calling::{Lack, lacks},
    dossier::{Dossier, Invited, Names},
    followed::Followed,
    manage::{dossier, invited},
    page::{phase_name, roster, words},
    problem::unavailable,
};
use http::{Response, StatusCode};
use sinpyo_core::{claims::nfc, key::Entropy, time::Timestamp};
use sinpyo_registry::engine::LogEngine;
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_voting::{
    event::{Kind, Withdrawal},
    manifest::Manifest,
    phase::Phase,
};
use sinpyo_web::{
    account::LoggedIn,
    component::{
        Choice, Field, FieldKind, FormBox, Step, Tone, Weight, badge, card, code, details, facts, heading,
        notice, steps, time,
    },
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
    route::Need,
};

pub(super) fn show(call: &Call<'_>, who: &LoggedIn) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    let lang = call.lang();
    let title = dossier.draft.title.of(lang).to_owned();
    let head = Html::from(heading(Html::foreign(&title), ""));
    let main = if dossier.settled {
        head.and(running(call, who, &dossier)?)
    } else {
        head.and(draft(call, who, &dossier)?)
    };
    page(call, &title, main, &["copy.js", "counters.js"])
}

const fn lack(lack: Lack) -> Say {
    match lack {
        Lack::Title => say("이름이 없습니다", "There is no title"),
        Lack::Times => say("시작과 마감을 정하지 않았습니다", "The times are not set"),
        Lack::Contests => say("안건이 없거나, 안건이 없는 선거구가 있습니다", "A district has no contest"),
        Lack::Districts => say("선거구가 없습니다", "There are no districts"),
        Lack::Trustees => say("수탁자를 초대하지 않았습니다", "No trustee is invited"),
        Lack::TrusteeKeys => {
            say("아직 초대를 받아들이지 않은 수탁자가 있습니다", "A trustee has not accepted yet")
        }
        Lack::Threshold => say(
            "개표에 필요한 수탁자 수가 수탁자 수보다 많습니다",
            "More trustees are needed to count than there are",
        ),
    }
}

/// The parts of a draft, and when it is held.
fn parts(call: &Call<'_>, dossier: &Dossier) -> Result<Html, Refusal> {
    let (lang, own) = (call.lang(), office(call));
    let part = |name: &str, label: Say, state: String| -> Result<Html, Refusal> {
        let link = el(Tag::A).href(&local(&format!("{own}/edit/{name}"))?).with(label.of(lang));
        let state = (!state.is_empty()).then(|| [" · ", &state].concat());
        Ok(el(Tag::LI).with(link).with(state).into())
    };
    let draft = &dossier.draft;
    let at =
        |seconds: Option<i64>| seconds.and_then(Timestamp::from_unix).map(|at| Html::from(time(at, lang)));
    let mut parts = part("basics", say("기본 사항", "Basics"), String::new())?;
    parts = parts.and(part("districts", say("선거구", "Districts"), draft.districts.len().to_string())?);
    parts = parts.and(part(
        "contests",
        say("안건과 후보", "Contests and candidates"),
        draft.contests.len().to_string(),
    )?);
    parts = parts.and(part(
        "witnesses",
        say("증인 (선택)", "Witnesses (optional)"),
        draft.witnesses.len().to_string(),
    )?);
    let asks = if dossier.ask.is_some() {
        say("소속과 투표권", "membership")
    } else {
        say("코드만", "code only")
    };
    parts = parts.and(part(
        "ask",
        say("등록할 때 보일 사실 (선택)", "Facts to show when registering (optional)"),
        asks.of(lang).to_owned(),
    )?);
    let times = facts([
        (say("시작", "Opens").of(lang), at(draft.opens).unwrap_or_default()),
        (say("마감", "Closes").of(lang), at(draft.closes).unwrap_or_default()),
    ]);
    Ok(Html::from(el(Tag::UL).with(parts)).and(times))
}

/// A draft: its parts, and what is lacking.
fn draft(call: &Call<'_>, who: &LoggedIn, dossier: &Dossier) -> Result<Html, Refusal> {
    let lang = call.lang();
    let (own, draft) = (office(call), &dossier.draft);
    let legal: u64 = draft.districts.iter().map(|district| u64::from(district.legal)).sum();
    let few = (legal > 0 && legal < u64::from(draft.floor)).then(|| {
        let told = say(
            "유권자가 개표할 최소 표 수보다 적어서, 이대로는 결과를 열 수 없습니다. 기본 사항에서 최소 표 수를 낮추세요. 너무 낮추면 합계로 한 사람의 선택이 드러날 수 있습니다.",
            "There are fewer voters than the smallest number of ballots that is opened: there would be no result. Lower it under Basics; too low, and sums show what single people chose.",
        );
        notice(Tone::Bad, told.of(lang))
    });
    let lacking = lacks(dossier);
    let next = if lacking.is_empty() {
        let sure = say(
            "공고하면 이 내용이 공개 기록의 첫 항목이 되고, 더는 여기서 고칠 수 없습니다.",
            "Once called, this is the first entry of the public record, and is not edited here any more.",
        );
        let call_it = push(
            call,
            who,
            (&format!("{own}/step/call"), Html::new()),
            (say("선거 공고", "Call the election"), Weight::Primary),
        )?;
        Html::from(notice(Tone::Wait, sure.of(lang))).and(call_it)
    } else {
        let list: Html = lacking.iter().map(|one| el(Tag::LI).with(lack(*one).of(lang))).collect();
        Html::from(notice(
            Tone::Plain,
            Html::from(el(Tag::P).with(say("아직 필요한 것", "Still needed").of(lang)))
                .and(el(Tag::UL).with(list)),
        ))
    };
    Ok(Html::from(card(say("초안", "Draft").of(lang), parts(call, dossier)?.and(few)))
        .and(card(say("수탁자", "Trustees").of(lang), trustees(call, who, dossier)?))
        .and(card(say("다음", "Next").of(lang), next)))
}

/// The trustees of a draft, with their links.
fn trustees(call: &Call<'_>, who: &LoggedIn, dossier: &Dossier) -> Result<Html, Refusal> {
    let lang = call.lang();
    let line = |(at, invited): (usize, &Invited)| {
        let state = match invited.keys {
            Some(_) => badge(Tone::Good, say("수락함", "Accepted").of(lang)),
            None => badge(Tone::Wait, say("초대함", "Invited").of(lang)),
        };
        let link = format!("{}/trustee/{}", address(call, dossier), invited.secret);
        let shown = invited.keys.is_none().then(|| code(lang, &format!("invitation-{at}"), &link));
        el(Tag::LI).with(Html::foreign(invited.name.of(lang))).with(" ").with(state).with(shown)
    };
    let list: Html = dossier.trustees.iter().enumerate().map(line).collect();
    let ko = Field::text("ko", say("이름 (한국어)", "Name (Korean)").of(lang));
    let en = Field {
        need: Need::Optional,
        ..Field::text("en", say("이름 (영어)", "Name (English)").of(lang))
    };
    let invite = FormBox {
        action: &local(&format!("{}/invite", office(call)))?,
        token: &call.service.forms.token(&who.session),
        fields: ko.html(lang).and(en.html(lang)),
        submit: say("초대 링크 만들기", "Make an invitation link").of(lang),
        weight: Weight::Secondary,
        beside: Html::new(),
    };
    let hint = say(
        "수탁자는 개표 열쇠를 나누어 갖습니다. 서로 다른 편의 사람을 고르고, 링크를 각자에게 따로 보내세요.",
        "Trustees share the key of the count. Choose people of different sides, and send each the own link.",
    );
    Ok(Html::from(el(Tag::P).class("hint").with(hint.of(lang)))
        .and(el(Tag::UL).class("list").with(list))
        .and(details(say("수탁자 초대", "Invite a trustee").of(lang), invite)))
}

fn address(call: &Call<'_>, dossier: &Dossier) -> String {
    format!("{}/e/{}", call.service.settings.site.main(), dossier.election)
}

/// `POST …/invite`.
pub(super) fn invite(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let text = |name: &str| nfc(form.text(name).unwrap_or_default().trim());
    let name = Names { ko: text("ko"), en: text("en") };
    if !name.is_readable() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &"a trustee has a name")); // [VTS-43]
    }
    let invitation = invited(name, entropy);
    let edit = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, Unavailable> {
        if !dossier.settled && dossier.trustees.len() < 32 {
            dossier.trustees.push(invitation.clone());
        }
        Ok(Vec::new())
    };
    call.service.cabinet(call.now).change(&call.election()?, entropy, edit).map_err(unavailable)?;
    noted(call, who, "trustee.invited", entropy)?;
    super::to(&office(call))
}

/// What is known of an election that is under way.
struct Standing {
    phase: Phase,
    counts: [u64; 4],
    manifest: Option<std::sync::Arc<Manifest>>,
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
            std::cmp::Ordering::Less => Step::Done(name),
            std::cmp::Ordering::Equal => Step::Now(name),
            std::cmp::Ordering::Greater => Step::Later(name),
        }
    };
    let list: Vec<Step<'_>> = COURSE.iter().map(step).collect();
    steps(&list).into()
}

fn running(call: &Call<'_>, who: &LoggedIn, dossier: &Dossier) -> Result<Html, Refusal> {
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
        .and(card(say("다음", "Next").of(lang), next(call, who, (&*log, &standing))?));
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

/// What comes next, and the buttons for it.
fn next(
    call: &Call<'_>,
    who: &LoggedIn,
    (log, standing): (&dyn LogEngine, &Standing),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let step = |name: &str, label: Say, weight: Weight| {
        push(call, who, (&format!("{}/step/{name}", office(call)), Html::new()), (label, weight))
    };
    let told = |text: Say| Html::from(el(Tag::P).with(text.of(lang)));
    let needed = standing.manifest.as_ref().map_or(0, |manifest| manifest.threshold);
    Ok(match standing.phase {
        Phase::Draft | Phase::Ceremony => ceremony::next(call, who, (log, standing.manifest.as_ref()))?,
        Phase::Registration => told(say(
            "명부에 있는 사람이 코드로 등록합니다. 확정한 뒤에는 명부를 고칠 수 없습니다.",
            "Those on the roll register by their codes. Once frozen the roll does not change.",
        ))
        .and(step("freeze", say("명부 확정", "Freeze the roll"), Weight::Primary)?),
        Phase::Frozen if standing.has_rings => told(say(
            "정한 시각에 저절로 열립니다.",
            "It opens by itself at its time.",
        ))
        .and(step("open", say("지금 열기", "Open now"), Weight::Secondary)?),
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
pub(super) fn withdraw(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let (contest, option) = form.text("option").and_then(|option| option.split_once('/')).unwrap_or_default();
    let reason = nfc(form.text("reason").unwrap_or_default().trim());
    if reason.is_empty() {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &"a withdrawal has a reason")); // [VTS-43]
    }
    let withdrawal = Withdrawal { contest: contest.to_owned(), option: option.to_owned(), reason };
    call.course(|course| course.withdraw(withdrawal))?;
    noted(call, who, "candidate.withdrawn", entropy)?;
    super::to(&office(call))
}
