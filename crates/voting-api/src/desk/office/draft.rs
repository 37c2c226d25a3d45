//! An election that is not called yet: its parts, its trustees, and what it lacks.

use super::address;
use crate::{
    call::Call,
    calling::{Lack, lacks},
    desk::{edit::NotKept, form, local, named, noted, office, push, to},
    dossier::{Dossier, Invited},
    manage::invited,
    problem::absent,
};
use http::{Response, StatusCode};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_state::OwnedChange;
use sinpyo_web::{
    account::LoggedIn,
    component::{Field, FormBox, Tone, Weight, badge, card, code, details, facts, notice, time},
    html::{Html, Tag, el},
    lang::{Say, say},
    problem::Refusal,
    route::Need,
};

/// Most trustees of an election [spec/voting.md §4].
const MOST_TRUSTEES: usize = 32;

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
pub(super) fn sheet(call: &Call<'_>, who: &LoggedIn, dossier: &Dossier) -> Result<Html, Refusal> {
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

/// `POST …/invite`.
pub(in crate::desk) fn invite(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let nameless = || Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &"a trustee has a name"); // [VTS-43]
    let name = named(&form).ok_or_else(nameless)?;
    let invitation = invited(name, entropy);
    let edit = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, NotKept> {
        if dossier.settled {
            return Err(NotKept::Settled); // [VTS-45]
        }
        if dossier.trustees.len() >= MOST_TRUSTEES {
            return Err(NotKept::Field("trustees"));
        }
        dossier.trustees.push(invitation.clone());
        Ok(Vec::new())
    };
    let kept = call.service.cabinet(call.now).change(&call.election()?, entropy, edit);
    kept.map_err(NotKept::into_refusal)?.ok_or_else(|| absent("VTS-03", "there is no such election"))?;
    noted(call, who, "trustee.invited", entropy)?;
    to(&office(call))
}
