//! The parts of a draft, each on a page of its own.

mod ask;
mod keep;
mod lists;
mod rules;

use keep::{keep, moment};

use super::{form, local, noted, office, page, to};
use crate::{
    call::Call,
    dossier::Dossier,
    manage::dossier,
    problem::{absent, unavailable},
};
use http::{Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_web::{
    account::LoggedIn,
    component::{Field, FormBox, Weight, heading, input_errors},
    form::Fields,
    html::{Html, Tag, el},
    lang::{Lang, Say, say},
    problem::Refusal,
};

/// Why a part is not kept.
pub(super) enum NotKept {
    /// This field has something else than it takes.
    Field(&'static str),
    /// The manifest is in the log.
    Settled,
    /// Lines of the roll have districts by their places.
    Rolled,
    Unavailable(Unavailable),
}

impl From<Unavailable> for NotKept {
    fn from(error: Unavailable) -> Self {
        Self::Unavailable(error)
    }
}

impl NotKept {
    /// The answer where no form can be shown again.
    pub(super) fn into_refusal(self) -> Refusal {
        match self {
            Self::Field(_) => {
                Refusal::new(StatusCode::BAD_REQUEST, "VTS-43", &"a draft does not take this") // [VTS-43]
            }
            Self::Settled => {
                let detail = "the manifest is in the log and does not change any more";
                Refusal::new(StatusCode::CONFLICT, "VTS-45", &detail) // [VTS-45]
            }
            Self::Rolled => {
                let detail =
                    "the roll has lines, and each is of a district by its place: none can be taken out";
                Refusal::new(StatusCode::CONFLICT, "VTS-53", &detail) // [VTS-53]
            }
            Self::Unavailable(error) => unavailable(error),
        }
    }
}

/// What a part of a draft is called.
pub(super) fn part_name(part: &str) -> Option<Say> {
    Some(match part {
        "basics" => say("기본 사항", "Basics"),
        "districts" => say("선거구", "Districts"),
        "contests" => say("투표 안건과 후보", "Contests and candidates"),
        "witnesses" => say("증인", "Witnesses"),
        "ask" => say("등록할 때 보일 사실", "Facts to show when registering"),
        _ => return None,
    })
}

pub(super) fn show(
    call: &Call<'_>,
    who: &LoggedIn,
    wrong: Option<(&Fields, &str)>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let dossier = dossier(call)?;
    let lang = call.lang();
    let title =
        part_name(call.routed.part("part")).ok_or_else(|| absent("HTTP-21", "there is no such part"))?;
    let asked = Asked { wrong, lang };
    let main = match call.routed.part("part") {
        "basics" => rules::basics(call, who, (&dossier, asked))?,
        "districts" => lists::districts(call, who, (&dossier, asked))?,
        "contests" => lists::contests(call, who, (&dossier, asked))?,
        "witnesses" => rules::witnesses(call, who, (&dossier, asked))?,
        _ => ask::sheet(call, who, (&dossier, asked))?,
    };
    let back =
        el(Tag::P).with(el(Tag::A).href(&local(&office(call))?).with(say("← 진행으로", "← Back").of(lang)));
    let title = title.of(lang);
    page(
        call,
        title,
        Html::from(heading(title, Html::foreign(dossier.draft.title.of(lang)))).and(main).and(back),
        &["copy.js"],
    )
}

/// What a form asks for, with what was typed before and which field of it is wrong.
#[derive(Clone, Copy)]
struct Asked<'a> {
    wrong: Option<(&'a Fields, &'a str)>,
    lang: Lang,
}

impl<'a> Asked<'a> {
    /// A field in which `kept` stands if nothing was typed yet.
    fn field(&self, name: &'static str, label: Say, kept: &'a str) -> Field<'a> {
        let (value, error) = match self.wrong {
            Some((form, field)) if field == name => (
                form.text(name).unwrap_or_default(),
                say("이 값을 확인해 주세요", "Please check this").of(self.lang),
            ),
            Some((form, _)) => (form.text(name).unwrap_or_default(), ""),
            None => (kept, ""),
        };
        Field { value, error, ..Field::text(name, label.of(self.lang)) }
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
        if part == "districts" && form.text("remove").is_some() && dossier.lines > 0 {
            return Err(NotKept::Rolled); // [VTS-53]
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
        Err(error) => Err(error.into_refusal()),
    }
}
