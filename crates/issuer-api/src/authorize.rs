//! The page at which a person agrees that a wallet gets their credential.
//!
//! Having an offer proves nothing about its reader: the person types what the institution gave them apart from it.

use crate::{
    Call,
    core::Use,
    house::House,
    offer::{self, Knock, Offer, Stage},
    offer_page,
    shell::GONE,
};
use http::{HeaderValue, Method, Response, StatusCode, header};
use sinpyo_core::key::Entropy;
use sinpyo_oauth::{Interaction, InteractionId};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer,
    component::{Field, FieldKind, FormBox, Weight, button, card, heading, hidden, input_errors},
    form::{Fields, FormLimits},
    href::Href,
    html::{Attr, Html, Tag, el},
    lang::{Say, say},
    session::Session,
};

const TITLE: Say = say("자격증명 발급 동의", "Agree to receive a credential");
const INTERACTION: &str = "interaction";
const CODE: &str = "access_code";
const REFERENCE: &str = "reference";
const DECISION: &str = "decision";
/// The cookie that binds the form to its browser.
const COOKIE: &str = "issuer-authorize";

/// Answers a request for `{tenant}/authorize`.
pub(crate) fn answer(
    call: Call<'_>,
    house: &House,
    rest: &str,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Unavailable> {
    if !rest.is_empty() {
        return Ok(call.sorry(house, StatusCode::NOT_FOUND, GONE));
    }
    match call.parts.method {
        Method::GET => begin(call, house, entropy),
        Method::POST => decide(call, house, entropy),
        _ => {
            let mut response = answer::empty(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(header::ALLOW, sinpyo_web::route::allow(&["GET", "POST"]));
            Ok(response)
        }
    }
}

const OVER: (Say, Say) = (
    say("요청을 찾을 수 없습니다", "This request was not found"),
    say(
        "요청이 끝났거나 이미 사용되었습니다. 지갑 앱에서 다시 시작해 주세요.",
        "The request is over or was used already. Please start again in your wallet app.",
    ),
);
const SHUT: (Say, Say) = (
    say("더 이상 입력할 수 없습니다", "No more attempts"),
    say(
        "번호를 이미 썼거나 여러 번 틀렸거나 안내가 끝났습니다. 기관에 새로 요청해 주세요.",
        "The code was used already or was wrong too often, or the offer has ended. Please ask the institution for a new one.",
    ),
);

fn begin(call: Call<'_>, house: &House, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Unavailable> {
    let query = call.parts.uri.query().unwrap_or_default();
    let interaction = match call.core.authorization(house).begin(query, call.now, entropy) {
        Ok(interaction) => interaction,
        Err(sinpyo_oauth::BeginError::Unavailable(error)) => return Err(error),
        // Nobody may be redirected. [VCI-AUT-05]
        Err(_) => return Ok(call.sorry(house, StatusCode::BAD_REQUEST, OVER)),
    };
    let session = Session::begin(entropy);
    let mut response = form(call, house, &interaction, (&session, ""), StatusCode::OK);
    if let Some(cookie) = session.cookie(COOKIE, None, call.core.transport()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

fn form(
    call: Call<'_>,
    house: &House,
    interaction: &Interaction,
    (session, wrong): (&Session, &str),
    status: StatusCode,
) -> Response<Vec<u8>> {
    let lang = call.lang();
    let what: Html = interaction
        .configurations
        .iter()
        .map(|id| offer_page::credential(house, id, Stage::Open, lang))
        .collect();
    let code = Field {
        kind: FieldKind::Code { digits: 8 },
        hint: say(
            "기관이 문자나 창구에서 알려 드린 여덟 자리 번호입니다.",
            "The eight digits that the institution gave you, by message or at the counter.",
        )
        .of(lang),
        error: wrong,
        autocomplete: "one-time-code",
        ..Field::text(CODE, say("접속 번호", "Access code").of(lang))
    };
    let reference = Field {
        hint: say("기관에서 받은 접수 번호입니다.", "The reference that the institution gave you.").of(lang),
        ..Field::text(REFERENCE, say("접수 번호", "Reference").of(lang))
    };
    let asks_reference = interaction.issuer_state.is_none();
    let mut fields = Html::from(hidden(INTERACTION, interaction.id.as_str()));
    if asks_reference {
        fields = fields.and(reference.html(lang));
    }
    fields = fields.and(code.html(lang));
    let Ok(action) = Href::local(&format!("/{}/authorize?lang={}", house.tenant.id(), lang.tag())) else {
        return answer::empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let decline = button(Weight::Secondary, say("거절", "Decline").of(lang))
        .attr(Attr::TYPE, "submit")
        .attr(Attr::NAME, DECISION)
        .attr(Attr::VALUE, "decline");
    let token = call.core.vault.forms.token(session);
    let form = FormBox {
        action: &action,
        token: &token,
        fields,
        submit: say("동의하고 받기", "Agree and receive").of(lang),
        weight: Weight::Primary,
        beside: decline.into(),
    };
    let who = el(Tag::P)
        .with(say("요청한 지갑: ", "The wallet that asks: ").of(lang))
        .with(el(Tag::STRONG).with(Html::foreign(&interaction.client)));
    let lead = say(
        "본인이 시작한 요청일 때만 번호를 넣으세요. 다른 사람이 보낸 링크라면 거절하세요.",
        "Type the code only if you started this yourself. If somebody sent you the link, decline.",
    );
    let main = Html::from(heading(TITLE.of(lang), lead.of(lang)))
        .and(input_errors(lang, &[&code]))
        .and(card(say("받을 자격증명", "What you receive").of(lang), what.and(who)))
        .and(card(say("본인 확인", "Confirm that it is you").of(lang), form));
    let mut response = call.page(house, status, (TITLE, main));
    // The answer to this form leads to the wallet, which may have any scheme: browsers apply `form-action` to where a form
    // is redirected, too.
    let policy = sinpyo_web::page::POLICY.replace("; form-action 'self'", "");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn decide(
    call: Call<'_>,
    house: &House,
    entropy: &mut dyn Entropy,
) -> Result<Response<Vec<u8>>, Unavailable> {
    let refused = |rule, status| {
        let why = say(
            "양식을 확인할 수 없습니다. 지갑 앱에서 다시 시작해 주세요.",
            "The form was not accepted. Please start again in your wallet app.",
        );
        let mut response = call.sorry(house, status, (OVER.0, why));
        response.extensions_mut().insert(sinpyo_web::problem::RuleId(rule));
        Ok(response)
    };
    if let Err(refusal) = call.admit(Use::Knocking) {
        return Ok(call.refuse(&refusal));
    }
    if let Err(error) = call.core.site.own_page(call.parts) {
        return refused(error.code(), StatusCode::FORBIDDEN); // [HTTP-02]
    }
    let fields = match Fields::of_body(&call.parts.headers, call.body, FormLimits::default()) {
        Ok(fields) => fields,
        Err(error) => return refused(error.code(), error.status()),
    };
    let Some(session) = Session::of(&call.parts.headers, COOKIE, call.core.transport()) else {
        return refused("HTTP-03", StatusCode::FORBIDDEN);
    };
    if let Err(error) = call.core.vault.forms.check(&session, &fields) {
        return refused(error.code(), StatusCode::FORBIDDEN); // [HTTP-03]
    }
    let server = call.core.authorization(house);
    let id = InteractionId::new(fields.text(INTERACTION).unwrap_or_default());
    let Some(interaction) = server.interaction(&id, call.now)? else {
        return Ok(call.sorry(house, StatusCode::BAD_REQUEST, OVER));
    };
    if fields.text(DECISION) == Some("decline") {
        return Ok(server.deny(&id, call.now).map_or_else(
            |_| call.sorry(house, StatusCode::BAD_REQUEST, OVER),
            |target| onwards(call, house, &target),
        ));
    }
    let tenant = house.tenant.id();
    let found = meant(call, tenant, &interaction, &fields)?;
    let Some((offer_id, offer)) = found else { return Ok(call.sorry(house, StatusCode::FORBIDDEN, SHUT)) };
    let typed = fields.text(CODE).unwrap_or_default();
    match offer::knock(call.core, house, (&offer_id, typed, id.as_str()), call.now, entropy)? {
        Knock::Shut => Ok(call.sorry(house, StatusCode::FORBIDDEN, SHUT)), // [ISV-13] [ISV-23]
        Knock::Wrong(left) => {
            let wrong = match call.lang() {
                sinpyo_web::lang::Lang::Ko => {
                    format!("번호가 맞지 않습니다. {left}번 더 입력할 수 있습니다.")
                }
                sinpyo_web::lang::Lang::En => format!("This code is wrong. Attempts left: {left}."),
            };
            Ok(form(call, house, &interaction, (&session, &wrong), StatusCode::UNPROCESSABLE_ENTITY)) // [VCI-OFF-04]
        }
        Knock::Opened => {
            let granted = offer::authorized(&offer, tenant, &offer_id, &interaction.configurations);
            Ok(server.approve(&id, &granted, call.now, entropy).map_or_else(
                |_| call.sorry(house, StatusCode::FORBIDDEN, OVER),
                |target| onwards(call, house, &target),
            ))
        }
    }
}

/// The offer that the request is about: by what the wallet had from it, or by what the person typed.
fn meant(
    call: Call<'_>,
    tenant: &str,
    interaction: &Interaction,
    fields: &Fields,
) -> Result<Option<(String, Offer)>, Unavailable> {
    if let Some(secret) = &interaction.issuer_state {
        return offer::of_issuer_state(call.core, tenant, secret, call.now);
    }
    let reference = fields.text(REFERENCE).unwrap_or_default().trim();
    let found = offer::find(call.core, tenant, reference, call.now)?;
    Ok(found.map(|(offer, _)| (reference.to_owned(), offer)))
}

/// Sends the browser back to the wallet.
fn onwards(call: Call<'_>, house: &House, target: &str) -> Response<Vec<u8>> {
    answer::see_other(target).unwrap_or_else(|_| call.sorry(house, StatusCode::BAD_REQUEST, OVER))
}
