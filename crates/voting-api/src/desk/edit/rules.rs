//! What an election is called, when and how it is held, and who witnesses it.

use super::{Asked, moment, sheet};
use crate::{
    call::Call,
    dossier::{Dossier, Profile, Revote},
    problem::absent,
};
use sinpyo_web::{
    account::LoggedIn,
    component::{Choice, Field, FieldKind, Tone, card, code, notice, plain_card},
    html::{Html, Tag, el},
    lang::{Lang, say},
    problem::Refusal,
    route::Need,
};

/// The kinds of elections, and what a second ballot does.
fn choices(lang: Lang) -> ([Choice<'static>; 2], [Choice<'static>; 2]) {
    let profiles = [
        Choice {
            value: "ring",
            label: say("공개 명부와 링 (권장)", "Public roll and rings (recommended)").of(lang),
        },
        Choice {
            value: "token",
            label: say("비공개 명부, 토큰 (더 약함)", "No public roll, tokens (weaker)").of(lang),
        },
    ];
    let revotes = [
        Choice {
            value: "last",
            label: say("다시 투표할 수 있고 마지막 표를 셉니다", "May vote again; the last ballot counts")
                .of(lang),
        },
        Choice {
            value: "first", label: say("첫 표만 셉니다", "Only the first ballot counts").of(lang)
        },
    ];
    (profiles, revotes)
}

/// The basics of a draft.
pub(super) fn basics(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, asked): (&Dossier, Asked<'_>),
) -> Result<Html, Refusal> {
    let (lang, draft) = (call.lang(), &dossier.draft);
    let (opens, closes) = (moment(draft.opens), moment(draft.closes));
    let (floor, threshold) = (draft.floor.to_string(), draft.threshold.to_string());
    let field = |name, label, kept| asked.field(name, label, kept);
    let time = say("한국 시간, 예: 2026-11-25 09:00", "Korean time, as 2026-11-25 09:00").of(lang);
    let (profiles, revotes) = choices(lang);
    let profile_kept = match draft.profile {
        Profile::Ring => "ring",
        Profile::Token => "token",
    };
    let revote_kept = match draft.revote {
        Revote::Last => "last",
        Revote::First => "first",
    };
    let fields = [
        field("ko", say("이름 (한국어)", "Title (Korean)"), &draft.title.ko),
        Field {
            need: Need::Optional, ..field("en", say("이름 (영어)", "Title (English)"), &draft.title.en)
        },
        Field { hint: time, ..field("opens", say("시작", "Opens"), &opens) },
        Field { hint: time, ..field("closes", say("마감", "Closes"), &closes) },
        Field { kind: FieldKind::One(&profiles), ..field("profile", say("방식", "Kind"), profile_kept) },
        Field {
            kind: FieldKind::One(&revotes),
            ..field("revote", say("다시 투표", "Voting again"), revote_kept)
        },
        Field {
            hint: say(
                "이보다 적은 표는 따로 열지 않고 다른 선거구와 합칩니다",
                "Fewer ballots than this are not opened by themselves",
            )
            .of(lang),
            ..field("floor", say("개표할 최소 표 수", "Smallest number of ballots to open"), &floor)
        },
        Field {
            hint: say(
                "참관 수탁자 가운데 몇 명이 있어야 개표할 수 있는지",
                "How many of the trustees it takes to count",
            )
            .of(lang),
            ..field("threshold", say("개표에 필요한 수탁자 수", "Trustees needed to count"), &threshold)
        },
    ];
    let fields: Vec<&Field<'_>> = fields.iter().collect();
    let weaker = notice(Tone::Wait, say(
        "토큰 방식에서는 명부 관리자가 없는 유권자의 표를 만들어도 수로만 알 수 있습니다. 선거 화면에도 이 사실을 적습니다.",
        "With tokens the registrar could make ballots for voters who do not exist, and only the numbers would show. The election's pages say so.",
    ).of(lang));
    let form = plain_card(sheet(call, who, (&fields, Html::new()), say("저장", "Save"))?);
    Ok(Html::from(form).and(weaker))
}

/// Who must have seen the heads of the log.
pub(super) fn witnesses(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, asked): (&Dossier, Asked<'_>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let (keys, quorum) = (dossier.draft.witnesses.join("\n"), dossier.draft.quorum.to_string());
    let field = |name, label, kept| asked.field(name, label, kept);
    let fields = [
        Field {
            kind: FieldKind::Lines,
            need: Need::Optional,
            hint: say(
                "한 줄에 하나씩 (C2SP tlog-cosignature)",
                "One verifier key a line (C2SP tlog-cosignature)",
            )
            .of(lang),
            ..field("keys", say("증인의 공개키", "Keys of the witnesses"), &keys)
        },
        field("quorum", say("필요한 증인 수", "Witnesses needed"), &quorum),
    ];
    let fields: Vec<&Field<'_>> = fields.iter().collect();
    let form = plain_card(sheet(call, who, (&fields, Html::new()), say("저장", "Save"))?);
    Ok(Html::from(form).and(log_key(call)?))
}

/// What the witnesses are told before the election is called: one that does not know the log cosigns none of its heads.
fn log_key(call: &Call<'_>) -> Result<Html, Refusal> {
    let lang = call.lang();
    let key = call.service.log_key(&call.election()?);
    let key = key.ok_or_else(|| absent("VTS-03", "there is no such election"))?;
    let told = say(
        "선거를 공고하기 전에 이 열쇠를 증인에게 알려 주세요. 증인은 sinpyo serve witness --log 에 이 열쇠를 넣습니다.",
        "Give this key to the witnesses before you call the election: they start sinpyo serve witness --log with it.",
    );
    let content = Html::from(el(Tag::P).with(told.of(lang))).and(code(lang, "log-key", &key.to_string()));
    Ok(card(say("이 선거의 원장 열쇠", "The key of this election's log").of(lang), content).into())
}
