//! The parts of a draft, each on a page of its own.

mod ask;
mod keep;

use keep::{keep, moment};

use super::{form, local, noted, office, page, to};
use crate::{
    call::Call,
    dossier::{Dossier, Profile, Revote},
    manage::dossier,
    problem::{absent, unavailable},
};
use http::{Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_web::{
    account::LoggedIn,
    component::{
        Choice, Field, FieldKind, FormBox, Tone, Weight, card, heading, hidden, input_errors, notice,
        plain_card,
    },
    form::Fields,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
    route::Need,
};

/// Why a part is not kept.
enum NotKept {
    /// This field has something else than it takes.
    Field(&'static str),
    /// The manifest is in the log.
    Settled,
    Unavailable(Unavailable),
}

impl From<Unavailable> for NotKept {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

pub(super) fn show(
    call: &Call<'_>,
    who: &LoggedIn,
    wrong: Option<(&Fields, &str)>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    let lang = call.lang();
    let (title, main) = match call.routed.part("part") {
        "basics" => (say("기본 사항", "Basics"), basics(call, who, (&dossier, wrong))?),
        "districts" => (say("선거구", "Districts"), districts(call, who, (&dossier, wrong))?),
        "contests" => {
            (say("투표 안건과 후보", "Contests and candidates"), contests(call, who, (&dossier, wrong))?)
        }
        "witnesses" => (say("증인", "Witnesses"), witnesses(call, who, (&dossier, wrong))?),
        "ask" => (
            say("등록할 때 보일 사실", "Facts to show when registering"),
            ask::sheet(call, who, (&dossier, wrong))?,
        ),
        _ => return Err(absent("HTTP-21", "there is no such part")),
    };
    let back =
        el(Tag::P).with(el(Tag::A).href(&local(&office(call))?).with(say("← 진행으로", "← Back").of(lang)));
    let title = title.of(lang);
    page(
        call,
        title,
        Html::from(heading(title, Html::foreign(dossier.draft.title.of(lang)))).and(main).and(back),
        &[],
    )
}

/// What stood in a field, and what is wrong with it.
fn said<'f>(
    wrong: Option<(&'f Fields, &str)>,
    name: &str,
    kept: &'f str,
    lang: Lang,
) -> (&'f str, &'static str) {
    match wrong {
        Some((form, field)) => {
            let error = if field == name {
                say("이 값을 확인해 주세요", "Please check this").of(lang)
            } else {
                ""
            };
            (form.text(name).unwrap_or_default(), error)
        }
        None => (kept, ""),
    }
}

fn sheet(
    call: &Call<'_>,
    who: &LoggedIn,
    (fields, extra): (&[&Field<'_>], Html),
    submit: Say,
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let form = FormBox {
        action: &local(call.request.uri().path())?,
        token: &call.service.forms.token(&who.session),
        fields: fields.iter().map(|field| field.html(lang)).collect::<Html>().and(extra),
        submit: submit.of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    Ok(Html::from(input_errors(lang, fields)).and(form))
}

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

fn basics(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, wrong): (&Dossier, Option<(&Fields, &str)>),
) -> Result<Html, Refusal> {
    let (lang, draft) = (call.lang(), &dossier.draft);
    let (opens, closes) = (moment(draft.opens), moment(draft.closes));
    let (floor, threshold) = (draft.floor.to_string(), draft.threshold.to_string());
    let field = |name: &'static str, label: Say, kept| -> Field<'_> {
        let (value, error) = said(wrong, name, kept, lang);
        Field { value, error, ..Field::text(name, label.of(lang)) }
    };
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

fn removal(call: &Call<'_>, who: &LoggedIn, at: usize) -> Result<Html, Refusal> {
    let fields = Html::from(hidden("remove", &at.to_string()));
    super::push(call, who, (call.request.uri().path(), fields), (say("빼기", "Remove"), Weight::Danger))
}

fn districts(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, wrong): (&Dossier, Option<(&Fields, &str)>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let mut list = Html::new();
    for (at, district) in dossier.draft.districts.iter().enumerate() {
        let voters = format!("{}{}", district.legal, say("명", " voters").of(lang));
        let line = el(Tag::P).with(Html::foreign(district.name.of(lang))).with(" · ").with(voters);
        list = list.and(plain_card(Html::from(line).and(removal(call, who, at)?)));
    }
    let field = |name: &'static str, label: Say| -> Field<'_> {
        let (value, error) = said(wrong, name, "", lang);
        Field { value, error, ..Field::text(name, label.of(lang)) }
    };
    let fields = [
        Field {
            hint: say(
                "명부 파일의 district 칸에 이 이름을 씁니다",
                "The column district of the roll names it so",
            )
            .of(lang),
            ..field("ko", say("선거구 이름 (한국어)", "District (Korean)"))
        },
        Field { need: Need::Optional, ..field("en", say("선거구 이름 (영어)", "District (English)")) },
        field("legal", say("법정 명부의 유권자 수", "Voters by the legal roll")),
    ];
    let fields: Vec<&Field<'_>> = fields.iter().collect();
    let add = sheet(call, who, (&fields, Html::new()), say("선거구 추가", "Add the district"))?;
    Ok(list.and(card(say("선거구 추가", "Add a district").of(lang), add)))
}

fn contests(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, wrong): (&Dossier, Option<(&Fields, &str)>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let mut list = Html::new();
    for (at, contest) in dossier.draft.contests.iter().enumerate() {
        let options: Html =
            contest.options.iter().map(|option| el(Tag::LI).with(Html::foreign(option.of(lang)))).collect();
        let name = |name: &String| {
            let district = dossier.draft.district(name).and_then(|at| dossier.draft.districts.get(at));
            district.map_or(name.clone(), |district| district.name.of(lang).to_owned())
        };
        let who_votes = if contest.districts.is_empty() {
            say("모든 선거구", "All districts").of(lang).to_owned()
        } else {
            contest.districts.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        let inner = Html::from(el(Tag::OL).with(options))
            .and(el(Tag::P).class("faint").with(Html::foreign(&who_votes)))
            .and(removal(call, who, at)?);
        list = list.and(card(Html::foreign(contest.title.of(lang)), inner));
    }
    let field = |name: &'static str, label: Say| -> Field<'_> {
        let (value, error) = said(wrong, name, "", lang);
        Field { value, error, ..Field::text(name, label.of(lang)) }
    };
    let fields = [
        field("ko", say("안건 (한국어)", "Contest (Korean)")),
        Field { need: Need::Optional, ..field("en", say("안건 (영어)", "Contest (English)")) },
        Field {
            kind: FieldKind::Lines,
            hint: say(
                "한 줄에 하나씩. 영어 이름은 / 뒤에 적습니다: 김가람 / Kim Garam",
                "One a line: the Korean name, a slash, the English name",
            )
            .of(lang),
            ..field("options", say("후보", "Candidates"))
        },
        Field {
            need: Need::Optional,
            hint: say("비우면 모두. 여럿이면 쉼표로", "Empty for all; several with commas").of(lang),
            ..field("districts", say("투표하는 선거구", "Districts that vote on it"))
        },
    ];
    let fields: Vec<&Field<'_>> = fields.iter().collect();
    let blank = el(Tag::P).class("faint").with(
        say(
            "기권(백지)은 언제나 고를 수 있어서 따로 적지 않습니다.",
            "A blank vote is always possible and needs no line.",
        )
        .of(lang),
    );
    let add = sheet(call, who, (&fields, blank.into()), say("안건 추가", "Add the contest"))?;
    Ok(list.and(card(say("안건 추가", "Add a contest").of(lang), add)))
}

fn witnesses(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, wrong): (&Dossier, Option<(&Fields, &str)>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let (keys, quorum) = (dossier.draft.witnesses.join("\n"), dossier.draft.quorum.to_string());
    let field = |name: &'static str, label: Say, kept| -> Field<'_> {
        let (value, error) = said(wrong, name, kept, lang);
        Field { value, error, ..Field::text(name, label.of(lang)) }
    };
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
    Ok(plain_card(sheet(call, who, (&fields, Html::new()), say("저장", "Save"))?).into())
}

pub(super) fn save(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let part = call.routed.part("part");
    let edit = |dossier: &mut Dossier, _: &mut dyn Entropy| -> Result<Vec<OwnedChange>, NotKept> {
        if dossier.settled {
            return Err(NotKept::Settled); // [VTS-45]
        }
        keep(dossier, part, &form).map_err(NotKept::Field)?;
        Ok(Vec::new())
    };
    match call.service.cabinet(call.now).change(&call.election()?, entropy, edit) {
        Ok(Some(_)) => {
            noted(call, who, "election.edited", entropy)?;
            to(&if matches!(part, "basics" | "witnesses" | "ask") {
                office(call)
            } else {
                call.request.uri().path().to_owned()
            })
        }
        Ok(None) => Err(absent("VTS-03", "there is no such election")),
        Err(NotKept::Field(field)) => show(call, who, Some((&form, field))),
        Err(NotKept::Settled) => Err(Refusal::new(
            StatusCode::CONFLICT,
            "VTS-45",
            &"the manifest is in the log and does not change any more",
        )),
        Err(NotKept::Unavailable(error)) => Err(unavailable(error)),
    }
}
