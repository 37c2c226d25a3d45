//! The elections of the host, and a new one.

use super::{form, local, named, noted_for, page, to};
use crate::{
    call::Call,
    dossier::{Dossier, Draft},
    page::phase_name,
    problem::unavailable,
};
use http::Response;
use sinpyo_core::key::Entropy;
use sinpyo_voting::phase::Phase;
use sinpyo_web::{
    account::LoggedIn,
    component::{
        Column, Field, FormBox, Tone, Weight, badge, card, heading, input_errors, plain_card, table,
    },
    form::Fields,
    html::{Html, Tag, el},
    lang::{Lang, say},
    problem::Refusal,
    route::Need,
};

pub(super) fn show(
    call: &Call<'_>,
    who: &LoggedIn,
    wrong: Option<&Fields>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let title = say("선거", "Elections").of(lang);
    let mut dossiers = call.service.cabinet(call.now).all().map_err(unavailable)?;
    dossiers.retain(|dossier| dossier.is_of(&who.name.to_string()));
    dossiers.sort_by_key(|dossier| std::cmp::Reverse(dossier.created));
    let mut rows = Vec::new();
    for dossier in &dossiers {
        let link = local(&format!("/admin/e/{}", dossier.election))?;
        let name = el(Tag::A).href(&link).with(Html::foreign(dossier.draft.title.of(lang)));
        rows.push(vec![name.into(), badge(Tone::Plain, phase(call, dossier, lang)?).into()]);
    }
    let columns = [Column::Head(say("이름", "Title").of(lang)), Column::Plain(say("단계", "Phase").of(lang))];
    let typed = |name: &str| wrong.and_then(|form| form.text(name)).unwrap_or_default();
    let missing = if wrong.is_some() {
        say("한국어 이름을 적어 주세요", "Please give a Korean title").of(lang)
    } else {
        ""
    };
    let ko = Field {
        value: typed("ko"),
        error: missing,
        ..Field::text("ko", say("이름 (한국어)", "Title (Korean)").of(lang))
    };
    let en = Field {
        value: typed("en"),
        need: Need::Optional,
        ..Field::text("en", say("이름 (영어)", "Title (English)").of(lang))
    };
    let new = FormBox {
        action: &local("/admin/new")?,
        token: &call.service.forms.token(&who.session),
        fields: ko.html(lang).and(en.html(lang)),
        submit: say("만들기", "Create").of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    let out = super::push(
        call,
        who,
        ("/admin/logout", Html::new()),
        (say("로그아웃", "Log out"), Weight::Secondary),
    )?;
    let main = Html::from(heading(title, who.name.to_string()))
        .and(input_errors(lang, &[&ko]))
        .and(plain_card(table(title, &columns, rows)))
        .and(card(say("새 선거", "New election").of(lang), new))
        .and(out);
    page(call, title, main, &[])
}

/// The phase of an election, also of one that is not called yet.
fn phase(call: &Call<'_>, dossier: &Dossier, lang: Lang) -> Result<&'static str, Refusal> {
    let draft = say("초안", "Draft").of(lang);
    let Some(election) = dossier.id().filter(|_| dossier.settled) else { return Ok(draft) };
    let Some(log) = call.service.settings.logs.open(&election).map_err(unavailable)? else {
        return Ok(draft);
    };
    let phase: Phase = call.service.following.with(&election, &*log, crate::followed::Followed::phase)?;
    Ok(phase_name(phase).of(lang))
}

pub(super) fn create(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let Some(title) = named(&form) else { return show(call, who, Some(&form)) };
    let draft = (Draft::new(title), vec![who.name.to_string()]);
    let dossier = call.service.found(draft, Vec::new(), call.now, entropy).map_err(unavailable)?;
    noted_for(call, who, (&dossier.election, "election.created"), entropy)?;
    to(&format!("/admin/e/{}", dossier.election))
}
