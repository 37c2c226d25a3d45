//! Where the wallet sends the holder's browser: back to where it began, or to the choice of a number.

use super::{
    Frame,
    visit::{self, Browser},
    words,
};
use crate::{
    call::Call,
    outcome::{HIJACKED, code, of_path},
    problem::{absent, unavailable},
};
use http::{Response, StatusCode};
use sinpyo_core::key::Entropy;
use sinpyo_openid4vp::{
    ResponseCode, TransactionId,
    verifier::{ConfirmError, KeepError, OutcomeError, Pick, Status},
};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer::see_other,
    component::{Tone, Weight, actions, button, heading, hidden, notice, plain_card},
    form::percent_encoded,
    href::Href,
    html::{Attr, Html, Tag, el},
    problem::Refusal,
    session::TOKEN,
};

/// The browser comes back on the device on which it began. Another one than the one that opened the page stops it all.
pub(super) fn came_back(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    let code = asked_code(call)?;
    if record.owner.is_some() && record.owner != Browser::sent(call) {
        let asked = desk.kept(&record)?;
        let line = desk.line_of_kept(&id, &asked)?;
        let joined = desk.joined(desk.hijacked(&id, HIJACKED, entropy).map_err(unavailable)?);
        let stopped = line.verifier(&joined).stray(&code, call.world.now, entropy);
        // A code of another request cannot be read here, and stops nothing.
        if let Err(OutcomeError::Keep(KeepError::Unavailable(error))) = stopped {
            return Err(unavailable(error));
        }
        let detail = "the browser is not the one that began";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "VP-RSP-05", &detail));
    }
    let address = desk.kept(&record)?.return_to;
    let address = address.ok_or_else(|| absent("VSV-04", "the request has no way back"))?;
    to(&address, &[("response_code", code.expose()), ("request", id.as_str())])
}

/// Asks for the number on the screen.
pub(super) fn ask(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    let code = asked_code(call)?;
    let asked = desk.kept(&record)?;
    let line = desk.line_of_kept(&id, &asked)?;
    let choices = line.verifier(call.world.state).choices(&code, call.world.now).map_err(refused)?;
    let browser = Browser::of(call, entropy);
    let lang = call.lang();
    let action = Href::local(call.request.uri().path()).map_err(|_| unavailable(Unavailable))?;
    let number = |number: u8| {
        let text = format!("{number:02}");
        button(Weight::Secondary, text.as_str()).attr(Attr::NAME, "number").attr(Attr::VALUE, &text)
    };
    let numbers: Html = choices.0.into_iter().map(number).collect();
    let none = button(Weight::Danger, words::NO_NUMBER.of(lang))
        .attr(Attr::NAME, "number")
        .attr(Attr::VALUE, "none");
    let form = el(Tag::FORM)
        .class("form")
        .attr(Attr::METHOD, "post")
        .action(&action)
        .with(hidden(TOKEN, &call.service.forms.token(&browser.session)))
        .with(hidden("response_code", code.expose()))
        .with(actions(numbers))
        .with(el(Tag::P).class("faint").with(words::NO_NUMBER_WHY.of(lang)))
        .with(actions(none));
    let main = Html::from(heading(words::CHOOSE.of(lang), words::CHOOSE_LEAD.of(lang))).and(plain_card(form));
    let page = Frame::of(&tenant, words::CHOOSE, main).answer(call, StatusCode::OK);
    Ok(browser.told(call, page))
}

/// Takes the choice.
pub(super) fn choose(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (id, record) = of_path(call, &desk)?;
    let browser = Browser::of(call, entropy);
    let form = visit::form(call, &browser.session)?;
    let code = code(form.text("response_code"))?.ok_or_else(no_code)?;
    let pick = match form.text("number").map(str::parse::<u8>) {
        Some(Ok(number)) => Pick::Number(number),
        _ => Pick::None,
    };
    let asked = desk.kept(&record)?;
    let line = desk.line_of_kept(&id, &asked)?;
    let transaction = TransactionId::parse(&record.transaction).ok_or_else(|| unavailable(Unavailable))?;
    let status = line.verifier(call.world.state).status(&transaction, None, call.world.now);
    let is_right =
        matches!((status, pick), (Ok(Status::Confirming { number }), Pick::Number(own)) if number == own);
    let more = if is_right {
        desk.accepted_at_last(&id, entropy)
    } else {
        desk.hijacked(&id, "VP-FIX-01a", entropy)
    };
    let joined = desk.joined(more.map_err(unavailable)?);
    let confirmed = line.verifier(&joined).confirm(&code, pick, call.world.now, entropy);
    let (title, tone, lead) = match confirmed {
        Ok(()) => (words::CHOSEN, Tone::Good, words::CHOSEN_LEAD),
        Err(ConfirmError::Wrong) => (words::STOPPED, Tone::Bad, words::STOPPED_LEAD),
        Err(error) => return Err(refused(error)),
    };
    let lang = call.lang();
    let main = Html::from(heading(title.of(lang), "")).and(plain_card(notice(tone, lead.of(lang))));
    Ok(Frame::of(&tenant, title, main).answer(call, StatusCode::OK))
}

fn asked_code(call: &Call<'_>) -> Result<ResponseCode, Refusal> {
    code(call.query()?.text("response_code"))?.ok_or_else(no_code)
}

fn no_code() -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "VSV-03", &"there is no response_code")
}

fn refused(error: ConfirmError) -> Refusal {
    match error {
        ConfirmError::Keep(KeepError::Unavailable(error)) => unavailable(error),
        error => Refusal::because(StatusCode::NOT_FOUND, error.code(), &error),
    }
}

/// Sends the browser to a registered `address`, with these members in its query.
pub(super) fn to(address: &str, members: &[(&str, &str)]) -> Result<Response<Vec<u8>>, Refusal> {
    let mut address = address.to_owned();
    for (name, value) in members {
        let joint = if address.contains('?') { '&' } else { '?' };
        address = format!("{address}{joint}{name}={}", percent_encoded(value));
    }
    see_other(&address).map_err(|error| Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error))
}
