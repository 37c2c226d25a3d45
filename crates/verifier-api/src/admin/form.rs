//! A request by hand.

use super::{form, page};
use crate::{call::Call, problem::unavailable};
use http::Response;
use serde_json::{Map, Value, json};
use sinpyo_core::{json::parse_object, key::Entropy};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    account::LoggedIn,
    component::{
        Choice, Field, FieldKind, FormBox, Tone, Weight, code, heading, input_errors, notice, plain_card,
    },
    form::Fields,
    href::Href,
    html::Html,
    lang::{Lang, Say, say},
    problem::{Problem, Refusal},
    route::Need,
};

const TITLE: Say = say("새 요청", "New request");
const EXAMPLE: &str = r#"{"credentials":[{"id":"a","format":"dc+sd-jwt","meta":{"vct_values":[""]},"claims":[{"path":[""]}]}]}"#;

pub(super) fn show(call: &Call<'_>, who: &LoggedIn) -> Result<Response<Vec<u8>>, Refusal> {
    sheet(call, who, None, None)
}

fn sheet(
    call: &Call<'_>,
    who: &LoggedIn,
    typed: Option<&Fields>,
    wrong: Option<&Problem>,
) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let lang = call.lang();
    let text = |name: &str| typed.and_then(|form| form.text(name)).unwrap_or_default();
    let (reason, place) = wrong.map(|problem| told(call, problem)).unwrap_or_default();
    let said = |own: &str| if wrong.is_some() && place == own { reason.as_str() } else { "" };
    let modes = [
        Choice {
            value: "cross_device",
            label: say("QR 코드 (다른 기기)", "QR code (another device)").of(lang),
        },
        Choice { value: "same_device", label: say("같은 기기", "The same device").of(lang) },
        Choice { value: "dc_api", label: say("브라우저의 지갑", "The browser's wallet").of(lang) },
    ];
    let query = Field {
        kind: FieldKind::Lines,
        value: if typed.is_some() { text("query") } else { EXAMPLE },
        error: said("query"),
        ..Field::text("query", say("DCQL 질의 (JSON)", "DCQL query (JSON)").of(lang))
    };
    let ko = Field {
        value: text("ko"),
        error: said("purpose"),
        ..Field::text("ko", say("목적 (한국어)", "Purpose (Korean)").of(lang))
    };
    let en = Field {
        value: text("en"),
        ..Field::text("en", say("목적 (영어)", "Purpose (English)").of(lang))
    };
    let mode = Field {
        kind: FieldKind::One(&modes),
        value: text("mode"),
        ..Field::text("mode", say("방식", "Way").of(lang))
    };
    let service = Field {
        need: Need::Optional,
        value: text("service"),
        error: said("service"),
        ..Field::text("service", say("서비스 코드", "Service code").of(lang))
    };
    let back = Field {
        need: Need::Optional,
        value: text("return_to"),
        error: said("return_to"),
        ..Field::text("return_to", say("돌아갈 주소", "Address to return to").of(lang))
    };
    let all = [&query, &ko, &en, &mode, &service, &back];
    let action = Href::local(&format!("/admin/{}/new", tenant.id)).map_err(|_| unavailable(Unavailable))?;
    let form = FormBox {
        action: &action,
        token: &call.service.forms.token(&who.session),
        fields: all.iter().map(|field| field.html(lang)).collect(),
        submit: say("요청 만들기", "Open the request").of(lang),
        weight: Weight::Primary,
        beside: Html::new(),
    };
    let errors = input_errors(lang, &all);
    let elsewhere = (wrong.is_some() && errors.is_none()).then(|| notice(Tone::Bad, reason.as_str()));
    let main = Html::from(heading(TITLE.of(lang), "")).and(errors).and(elsewhere).and(plain_card(form));
    page(call, TITLE, Some(&tenant), main)
}

/// What is wrong, and in which member of the order.
fn told(call: &Call<'_>, problem: &Problem) -> (String, String) {
    let members = problem.to_json(call.service.settings.catalogue);
    let member = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    let detail = match call.lang() {
        Lang::Ko => member("detail_ko"),
        Lang::En => member("detail"),
    };
    let place = member("pointer").split('/').nth(1).unwrap_or_default();
    (format!("{}: {detail}", member("rule")), place.to_owned())
}

pub(super) fn open(
    call: &Call<'_>,
    who: &LoggedIn,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Refusal> {
    let form = form(call, who)?;
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let text = |name: &str| form.text(name).unwrap_or_default().trim();
    let mut order = Map::new();
    let query = parse_object(text("query").as_bytes()).map_or(Value::Null, Value::Object);
    order.insert("query".to_owned(), query);
    order.insert("purpose".to_owned(), json!({"ko": text("ko"), "en": text("en")}));
    for name in ["mode", "service", "return_to"] {
        if !text(name).is_empty() {
            order.insert(name.to_owned(), json!(text(name)));
        }
    }
    if let Err(problem) = desk.read(&order) {
        return sheet(call, who, Some(&form), Some(&problem));
    }
    let name = who.name.to_string();
    let created = desk.create(order, &name, &mut |_, _| Ok(None), entropy)?;
    let created = created.map_err(|_| unavailable(Unavailable))?;
    let lang = call.lang();
    let main = call.service.settings.site.main();
    let address = format!("{main}/{}/r/{}", tenant.id, created.page.expose());
    let lead = say(
        "아래 주소를 한 번만 볼 수 있습니다. 처음 연 브라우저만 이 요청에 응답할 수 있습니다.",
        "This address is shown once. Only the browser that opens it first can answer the request.",
    );
    let body = Html::from(heading(say("요청을 만들었습니다", "The request is open").of(lang), lead.of(lang)))
        .and(plain_card(code(lang, "page", &address)));
    page(call, TITLE, Some(&tenant), body)
}
