//! The parts of a draft, each on a page of its own.

use super::{form, local, noted, office, page, to};
use crate::{
    call::Call,
    dossier::{Contest, District, Dossier, Draft, Names, Profile, Revote},
    manage::dossier,
    problem::{absent, unavailable},
};
use http::{Response, StatusCode};
use sinpyo_core::{claims::nfc, key::Entropy, time::Timestamp};
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_web::{
    account::LoggedIn,
    component::{
        Choice, Field, FieldKind, FormBox, Tone, Weight, card, heading, hidden, input_errors, notice, plain_card,
    },
    form::Fields,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
    route::Need,
};
use std::time::Duration;

/// Korean time is ahead of UTC by so much, all year.
const KOREAN_TIME: Duration = Duration::from_hours(9);

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
        "contests" => (say("투표 안건과 후보", "Contests and candidates"), contests(call, who, (&dossier, wrong))?),
        "witnesses" => (say("증인", "Witnesses"), witnesses(call, who, (&dossier, wrong))?),
        _ => return Err(absent("HTTP-21", "there is no such part")),
    };
    let back = el(Tag::P).with(el(Tag::A).href(&local(&office(call))?).with(say("← 진행으로", "← Back").of(lang)));
    let title = title.of(lang);
    page(call, title, Html::from(heading(title, Html::foreign(dossier.draft.title.of(lang)))).and(main).and(back), &[])
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
            let error = if field == name { say("이 값을 확인해 주세요", "Please check this").of(lang) } else { "" };
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

/// A moment as the page shows and takes it: `2026-11-25 09:00`, Korean time.
fn moment(seconds: Option<i64>) -> String {
    let at = seconds.and_then(Timestamp::from_unix).map(|at| at.plus(KOREAN_TIME).to_string());
    at.and_then(|at| at.get(..16).map(|at| at.replace('T', " "))).unwrap_or_default()
}

fn parse_moment(text: &str) -> Option<i64> {
    let at: Timestamp = format!("{}:00Z", text.trim().replacen(' ', "T", 1)).parse().ok()?;
    Some(at.minus(KOREAN_TIME).unix())
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
    let profiles = [
        Choice { value: "ring", label: say("공개 명부와 링 (권장)", "Public roll and rings (recommended)").of(lang) },
        Choice { value: "token", label: say("비공개 명부, 토큰 (더 약함)", "No public roll, tokens (weaker)").of(lang) },
    ];
    let revotes = [
        Choice { value: "last", label: say("다시 투표할 수 있고 마지막 표를 셉니다", "May vote again; the last ballot counts").of(lang) },
        Choice { value: "first", label: say("첫 표만 셉니다", "Only the first ballot counts").of(lang) },
    ];
    let profile_kept = match draft.profile { Profile::Ring => "ring", Profile::Token => "token" };
    let revote_kept = match draft.revote { Revote::Last => "last", Revote::First => "first" };
    let fields = [
        field("ko", say("이름 (한국어)", "Title (Korean)"), &draft.title.ko),
        Field { need: Need::Optional, ..field("en", say("이름 (영어)", "Title (English)"), &draft.title.en) },
        Field { hint: time, ..field("opens", say("시작", "Opens"), &opens) },
        Field { hint: time, ..field("closes", say("마감", "Closes"), &closes) },
        Field { kind: FieldKind::One(&profiles), ..field("profile", say("방식", "Kind"), profile_kept) },
        Field { kind: FieldKind::One(&revotes), ..field("revote", say("다시 투표", "Voting again"), revote_kept) },
        Field {
            hint: say("이보다 적은 표는 따로 열지 않고 다른 선거구와 합칩니다", "Fewer ballots than this are not opened by themselves").of(lang),
            ..field("floor", say("개표할 최소 표 수", "Smallest number of ballots to open"), &floor)
        },
        Field {
            hint: say("참관 수탁자 가운데 몇 명이 있어야 개표할 수 있는지", "How many of the trustees it takes to count").of(lang),
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
            hint: say("명부 파일의 district 칸에 이 이름을 씁니다", "The column district of the roll names it so").of(lang),
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
        let who_votes = if contest.districts.is_empty() {
            say("모든 선거구", "All districts").of(lang).to_owned()
        } else {
            contest.districts.join(", ")
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
            hint: say("한 줄에 하나씩. 영어 이름은 / 뒤에 적습니다: 김가람 / Kim Garam", "One a line; the English name after a slash: 김가람 / Kim Garam").of(lang),
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
        say("기권(백지)은 언제나 고를 수 있어서 따로 적지 않습니다.", "A blank vote is always possible and needs no line.").of(lang),
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
            hint: say("한 줄에 하나씩 (C2SP tlog-cosignature)", "One verifier key a line (C2SP tlog-cosignature)").of(lang),
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
        keep(&mut dossier.draft, part, &form).map_err(NotKept::Field)?;
        Ok(Vec::new())
    };
    match call.service.cabinet(call.now).change(&call.election()?, entropy, edit) {
        Ok(Some(_)) => {
            noted(call, who, "election.edited", entropy)?;
            to(&if matches!(part, "basics" | "witnesses") { office(call) } else { call.request.uri().path().to_owned() })
        }
        Ok(None) => Err(absent("VTS-03", "there is no such election")),
        Err(NotKept::Field(field)) => show(call, who, Some((&form, field))),
        Err(NotKept::Settled) => {
            Err(Refusal::new(StatusCode::CONFLICT, "VTS-45", &"the manifest is in the log and does not change any more"))
        }
        Err(NotKept::Unavailable(error)) => Err(unavailable(error)),
    }
}

/// Takes a form into a draft; the name of the field that cannot be taken.
fn keep(draft: &mut Draft, part: &str, form: &Fields) -> Result<(), &'static str> {
    let text = |name: &str| nfc(form.text(name).unwrap_or_default().trim());
    let remove = form.text("remove").and_then(|at| at.parse::<usize>().ok());
    let names = || {
        let names = Names { ko: text("ko"), en: text("en") };
        if names.is_readable() { Ok(names) } else { Err("ko") }
    };
    match part {
        "basics" => {
            let (opens, closes) = (parse_moment(&text("opens")), parse_moment(&text("closes")));
            draft.title = names()?;
            draft.opens = Some(opens.ok_or("opens")?);
            draft.closes = Some(closes.filter(|closes| Some(*closes) > opens).ok_or("closes")?);
            draft.profile = if text("profile") == "token" { Profile::Token } else { Profile::Ring };
            draft.revote = if text("revote") == "first" { Revote::First } else { Revote::Last };
            draft.floor = text("floor").parse().ok().filter(|floor| *floor > 0).ok_or("floor")?;
            draft.threshold = text("threshold").parse().ok().filter(|number| *number > 0).ok_or("threshold")?;
        }
        "witnesses" => {
            let keys: Vec<String> =
                text("keys").lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
            let quorum: u32 = text("quorum").parse().map_err(|_| "quorum")?;
            if usize::try_from(quorum).is_ok_and(|quorum| quorum > keys.len()) {
                return Err("quorum");
            }
            (draft.witnesses, draft.quorum) = (keys, quorum);
        }
        "districts" => match remove {
            Some(at) if at < draft.districts.len() => drop(draft.districts.remove(at)),
            Some(_) => {}
            None => {
                let name = names()?;
                if draft.district(&name.ko).is_some() {
                    return Err("ko");
                }
                let legal = text("legal").replace(',', "").parse().ok().filter(|legal| *legal > 0).ok_or("legal")?;
                draft.districts.push(District { name, legal });
            }
        },
        _ => match remove {
            Some(at) if at < draft.contests.len() => drop(draft.contests.remove(at)),
            Some(_) => {}
            None => {
                let contest = contest(draft, names()?, &text("options"), &text("districts"))?;
                draft.contests.push(contest);
            }
        },
    }
    Ok(())
}

fn contest(draft: &Draft, title: Names, options: &str, districts: &str) -> Result<Contest, &'static str> {
    let option = |line: &str| {
        let (ko, en) = line.split_once('/').unwrap_or((line, ""));
        Names { ko: ko.trim().to_owned(), en: en.trim().to_owned() }
    };
    let options: Vec<Names> = options.lines().filter(|line| !line.trim().is_empty()).map(option).collect();
    if !(1..=60).contains(&options.len()) || !options.iter().all(Names::is_readable) {
        return Err("options");
    }
    let districts: Vec<String> =
        districts.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    if districts.iter().any(|name| draft.district(name).is_none()) {
        return Err("districts");
    }
    Ok(Contest { title, options, districts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_korean_time() {
        let at: Timestamp = "2026-11-25T00:30:00Z".parse().unwrap();
        assert_eq!(moment(Some(at.unix())), "2026-11-25 09:30");
        assert_eq!(parse_moment(" 2026-11-25 09:30 "), Some(at.unix()));
        for wrong in ["", "2026-11-25", "2026-13-25 09:30", "09:30", "2026-11-25 25:00"] {
            assert_eq!(parse_moment(wrong), None, "{wrong}");
        }
        assert_eq!(moment(None), "");
    }
}
