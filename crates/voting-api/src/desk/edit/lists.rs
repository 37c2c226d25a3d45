//! Who votes, and on what: districts and contests, added and taken out one by one.

use super::{Asked, sheet};
use crate::{
    call::Call,
    desk::push,
    dossier::{Dossier, Names},
};
use sinpyo_web::{
    account::LoggedIn,
    component::{Field, FieldKind, Weight, card, hidden, plain_card},
    html::{Html, Tag, el},
    lang::say,
    problem::Refusal,
    route::Need,
};

/// Takes out what stands at `at` in a list of so many, if it is still of this name.
fn removal(call: &Call<'_>, who: &LoggedIn, (at, of): (usize, usize), name: &Names) -> Result<Html, Refusal> {
    let fields = Html::from(hidden("remove", &at.to_string()))
        .and(hidden("of", &of.to_string()))
        .and(hidden("name", &name.ko));
    push(call, who, (call.request.uri().path(), fields), (say("빼기", "Remove"), Weight::Danger))
}

/// The districts of a draft.
pub(super) fn districts(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, asked): (&Dossier, Asked<'_>),
) -> Result<Html, Refusal> {
    let lang = call.lang();
    let mut list = Html::new();
    for (at, district) in dossier.draft.districts.iter().enumerate() {
        let voters = format!("{}{}", district.legal, say("명", " voters").of(lang));
        let line = el(Tag::P).with(Html::foreign(district.name.of(lang))).with(" · ").with(voters);
        list = list.and(plain_card(Html::from(line).and(removal(
            call,
            who,
            (at, dossier.draft.districts.len()),
            &district.name,
        )?)));
    }
    let field = |name, label| asked.field(name, label, "");
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

/// The contests of a draft.
pub(super) fn contests(
    call: &Call<'_>,
    who: &LoggedIn,
    (dossier, asked): (&Dossier, Asked<'_>),
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
            .and(removal(call, who, (at, dossier.draft.contests.len()), &contest.title)?);
        list = list.and(card(Html::foreign(contest.title.of(lang)), inner));
    }
    let field = |name, label| asked.field(name, label, "");
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
