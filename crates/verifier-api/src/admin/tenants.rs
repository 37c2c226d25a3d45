//! The organisations.

use super::{form, page, to};
use crate::{
    call::Call,
    manage::{from_json, keep},
    problem::unavailable,
    tenant::Tenant,
};
use http::Response;
use serde_json::{Map, Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_openid4vp::verifier::Profile;
use sinpyo_state::Unavailable;
use sinpyo_web::{
    account::LoggedIn,
    component::{
        Choice, Column, Field, FieldKind, FormBox, Weight, card, heading, input_errors, plain_card, table,
    },
    form::Fields,
    href::Href,
    html::{Html, Tag, el},
    lang::{Say, say},
    problem::{Problem, Refusal},
    route::Need,
};

const TITLE: Say = say("기관", "Tenants");
const ADD: Say = say("기관 추가 또는 변경", "Add or change a tenant");
const LOG_OUT: Say = say("로그아웃", "Log out");

pub(super) fn show(
    call: &Call<'_>,
    who: &LoggedIn,
    wrong: Option<(&Fields, &Problem)>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let lang = call.lang();
    let tenants = Tenant::all(call.world.state, call.world.now).map_err(unavailable)?;
    let columns = [
        Column::Head(say("기관", "Tenant").of(lang)),
        Column::Plain(say("이름", "Name").of(lang)),
        Column::Plain(say("프로필", "Profile").of(lang)),
        Column::Plain("DID"),
    ];
    let row = |tenant: &Tenant| {
        let name = lang.of(&tenant.name);
        let link = Href::local(&format!("/admin/{}", tenant.id)).ok();
        let id: Html = match link {
            Some(link) => el(Tag::A).href(&link).with(tenant.id.as_str()).into(),
            None => tenant.id.as_str().into(),
        };
        let profile = match tenant.profile {
            Profile::Haip => "HAIP 1.0",
            Profile::Base => "OpenID4VP 1.0",
        };
        let did = tenant.did.as_ref().map(|did| Html::foreign(did.as_str())).unwrap_or_default();
        vec![id, Html::foreign(name), profile.into(), did]
    };
    let listed = table(TITLE.of(lang), &columns, tenants.iter().map(row));
    let out = Href::local("/admin/logout").map_err(|_| unavailable(Unavailable))?;
    let out = FormBox {
        action: &out,
        token: &call.service.forms.token(&who.session),
        fields: Html::new(),
        submit: LOG_OUT.of(lang),
        weight: Weight::Secondary,
        beside: Html::new(),
    };
    let (errors, fields) = fields(call, who, wrong)?;
    let main = Html::from(heading(TITLE.of(lang), who.name.to_string()))
        .and(errors)
        .and(plain_card(listed))
        .and(card(ADD.of(lang), fields))
        .and(out);
    page(call, TITLE, None, main)
}

fn fields(
    call: &Call<'_>,
    who: &LoggedIn,
    wrong: Option<(&Fields, &Problem)>,
) -> Result<(Option<sinpyo_web::html::Element>, Html), Refusal> {
    let lang = call.lang();
    let typed = |name: &str| wrong.and_then(|(form, _)| form.text(name)).unwrap_or_default();
    let place = wrong.and_then(|(_, problem)| problem.to_json(|_| None).get("pointer").cloned());
    let place = place.as_ref().and_then(Value::as_str).unwrap_or_default();
    let said = |own: &str| {
        let is_here = wrong.is_some() && place.trim_start_matches('/') == own;
        if is_here { say("입력한 값을 확인해 주세요", "Please check this").of(lang) } else { "" }
    };
    let profiles =
        [Choice { value: "base", label: "OpenID4VP 1.0" }, Choice { value: "haip", label: "HAIP 1.0" }];
    let id = Field {
        value: typed("id"),
        error: said("id"),
        hint: say("소문자, 숫자, 하이픈", "Small letters, digits, hyphens").of(lang),
        ..Field::text("id", say("식별자", "Identifier").of(lang))
    };
    let ko = Field {
        value: typed("ko"),
        error: said("name"),
        ..Field::text("ko", say("이름 (한국어)", "Name (Korean)").of(lang))
    };
    let en =
        Field { value: typed("en"), ..Field::text("en", say("이름 (영어)", "Name (English)").of(lang)) };
    let profile = Field {
        kind: FieldKind::One(&profiles),
        value: typed("profile"),
        ..Field::text("profile", say("프로필", "Profile").of(lang))
    };
    let back = Field {
        kind: FieldKind::Lines,
        need: Need::Optional,
        value: typed("return_to"),
        error: said("return_to"),
        hint: say("한 줄에 하나씩", "One a line").of(lang),
        ..Field::text("return_to", say("돌아갈 주소", "Addresses to return to").of(lang))
    };
    let did =
        Field { need: Need::Optional, value: typed("did"), error: said("did"), ..Field::text("did", "DID") };
    let all = [&id, &ko, &en, &profile, &back, &did];
    let action = Href::local("/admin").map_err(|_| unavailable(Unavailable))?;
    let form = FormBox {
        action: &action,
        token: &call.service.forms.token(&who.session),
        fields: all.iter().map(|field| field.html(lang)).collect(),
        submit: say("저장", "Save").of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    Ok((input_errors(lang, &all), form.into()))
}

pub(super) fn put(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let text = |name: &str| form.text(name).unwrap_or_default().trim();
    let lines: Vec<&str> = text("return_to").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut members = Map::new();
    members.insert("name".to_owned(), json!({"ko": text("ko"), "en": text("en")}));
    members.insert("profile".to_owned(), json!(text("profile")));
    members.insert("return_to".to_owned(), json!(lines));
    if !text("did").is_empty() {
        members.insert("did".to_owned(), json!(text("did")));
    }
    let transport = call.service.settings.site.main().transport();
    match from_json(text("id"), &members, transport) {
        Ok(tenant) => {
            keep(call, &tenant, &who.name.to_string(), entropy)?;
            to(&format!("/admin/{}", tenant.id))
        }
        Err(problem) => show(call, who, Some((&form, &problem))),
    }
}
