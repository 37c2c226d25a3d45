//! The tenants of the service.

use super::{frame, to};
use crate::{
    Call,
    core::{Actor, Did},
    tenant::{Tenant, TenantError},
};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_state::{Unavailable, retrying};
use sinpyo_web::{
    account::LoggedIn,
    component::{Column, Field, FormBox, Tone, Weight, card, heading, notice, plain_card, table},
    form::Fields,
    href::Href,
    html::{Html, Tag, el},
    lang::{Say, say},
    route::Need,
};

const TITLE: Say = say("기관", "Tenants");

/// The list, and a form for one more.
pub(super) fn list(call: Call<'_>, token: &str, wrong: &str) -> Result<Response<Vec<u8>>, Unavailable> {
    let lang = call.lang();
    let columns = [
        Column::Head(say("기관", "Tenant").of(lang)),
        Column::Plain(say("이름", "Id").of(lang)),
        Column::Plain(say("발급자 주소", "Issuer identifier").of(lang)),
    ];
    let row = |tenant: &Tenant| -> Vec<Html> {
        let name = Html::foreign(lang.of(tenant.name()));
        let link = Href::local(&format!("/admin/{}", tenant.id())).ok();
        let name = link.map_or_else(|| name.clone(), |href| el(Tag::A).href(&href).with(name.clone()).into());
        let address = format!("{}/{}", call.core.site.main(), tenant.id());
        vec![name, tenant.id().into(), el(Tag::CODE).with(address).into()]
    };
    let tenants = call.core.tenants().list(call.now)?;
    let listed = table(say("등록된 기관", "Tenants").of(lang), &columns, tenants.iter().map(row));
    let field = |name: &'static str, label: Say| Field::text(name, label.of(lang));
    let id = Field {
        hint: say(
            "주소에 쓰입니다. 소문자, 숫자, - 만 쓸 수 있습니다.",
            "Part of its address: small letters, digits and -.",
        )
        .of(lang),
        ..field("id", say("짧은 이름", "Id"))
    };
    let identity = Field {
        hint: say(
            "열쇠가 저장된 기관 이름입니다. 비워 두면 짧은 이름과 같습니다.",
            "Under what name its keys are kept. Empty: the same as its id.",
        )
        .of(lang),
        need: Need::Optional,
        ..field("identity", say("발급 열쇠", "Identity"))
    };
    let fields = [
        id,
        field("ko", say("한국어 기관명", "Name in Korean")),
        field("en", say("영어 기관명", "Name in English")),
        identity,
    ];
    let form = Href::local("/admin/tenants").ok().map(|action| {
        Html::from(FormBox {
            action: &action,
            token,
            fields: fields.iter().map(|field| field.html(lang)).collect(),
            submit: say("기관 등록", "Add").of(lang),
            weight: Weight::Secondary,
            beside: Html::new(),
        })
    });
    let said = (!wrong.is_empty()).then(|| notice(Tone::Bad, wrong));
    let main = Html::from(heading(TITLE.of(lang), ""))
        .and(said)
        .and(plain_card(listed))
        .and(card(say("기관 등록", "Add a tenant").of(lang), form.unwrap_or_default()));
    let institution = say("자격증명 발급 시스템", "Credential issuer").of(lang);
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(frame(call, (status, TITLE), institution, (&[], main), token))
}

/// Adds one. Changing an existing one is for the management interface: this form does not show what would be lost.
pub(super) fn enter(
    call: Call<'_>,
    token: &str,
    (login, form): (&LoggedIn, &Fields),
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Unavailable> {
    let lang = call.lang();
    let text = |name| form.text(name).unwrap_or_default().trim();
    let mut members = Map::new();
    members.insert("id".to_owned(), json!(text("id")));
    members.insert("name".to_owned(), json!({ "ko": text("ko"), "en": text("en") }));
    if !text("identity").is_empty() {
        members.insert("identity".to_owned(), Value::from(text("identity")));
    }
    let tenant = match Tenant::parse(members) {
        Ok(tenant) => tenant,
        Err(TenantError::Unavailable(error)) => return Err(error),
        Err(_) => {
            let wrong = say("짧은 이름이나 기관명을 확인해 주세요.", "Please check the id and the names.");
            return list(call, token, wrong.of(lang));
        }
    };
    let actor = Actor(login.name.clone());
    let entered = retrying::<bool, TenantError>(|| {
        if call.core.tenants().find(tenant.id(), call.now)?.is_some() {
            return Ok(Ok(false));
        }
        let mut changes = vec![call.core.tenants().entering(&tenant)?];
        let about = (Did::TenantEntered, tenant.id());
        changes.extend(call.core.tell(tenant.id(), &actor, about, call.now, entropy)?);
        Ok(call.core.state.commit_owned(&changes).map(|()| true))
    });
    let wrong = match entered {
        Ok(true) => return Ok(to(call, "/admin")),
        Err(TenantError::Unavailable(error)) => return Err(error),
        Ok(false) => say("이미 등록된 짧은 이름입니다.", "There is a tenant of this id already."),
        Err(_) => say(
            "전에 쓰인 짧은 이름이라 다시 쓸 수 없습니다.",
            "A tenant that was removed had this id: it is not given again.",
        ),
    };
    list(call, token, wrong.of(lang))
}
