//! What the browser's Digital Credentials API gave the page.

use super::visit;
use crate::{
    call::Call,
    problem::unavailable,
    protocol::{Concluded, Concluding, later},
    record::EndState,
    service::Step,
};
use http::StatusCode;
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_openid4vp::{
    TransactionId,
    verifier::{ConcludeError, KeepError, ReceiveError, Received},
};
use sinpyo_state::Unavailable;
use sinpyo_web::{answer, problem::Refusal};

/// Takes it. The page is told where to go, and no more: what came of it, it shows there.
pub(super) fn receive(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Step, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let (page, id) = visit::of_path(call, &desk)?;
    visit::own_page(call)?;
    let record = visit::still_owned(call, &desk, &id)?;
    let body = sinpyo_web::body::json_object(call.request.headers(), call.request.body(), crate::MAX_BODY)
        .map_err(|error| Refusal::because(error.status(), error.code(), &error))?;
    let data = body.get("data").and_then(Value::as_object).ok_or_else(|| {
        Refusal::new(StatusCode::BAD_REQUEST, "VSV-03", &"there is no object named data") // [VSV-03]
    })?;
    let asked = desk.kept(&record)?;
    let line = desk.line_of_kept(&id, &asked)?;
    let transaction = TransactionId::parse(&record.transaction).ok_or_else(|| unavailable(Unavailable))?;
    let declined =
        desk.endings(&id, (EndState::Declined, None), &[], "wallet", entropy).map_err(unavailable)?;
    let joined = desk.joined(declined);
    let origin = call.service.settings.site.main().as_str();
    let received =
        line.verifier(&joined).receive_digital((&transaction, None), origin, data, call.world.now, entropy);
    let next = json!({"next": format!("/{}/r/{}", tenant.id, page.expose())});
    let arrived = match received.map_err(refused)? {
        Received::Presented(arrived) => *arrived,
        Received::Declined(_) | Received::Repeated(_) => {
            return Ok(Step::Answer(answer::json(StatusCode::OK, &next)));
        }
    };
    let concluding = Concluding { desk: &desk, id: &id, record: &record, asked: &asked, line: &line };
    Ok(match concluding.judge(arrived, entropy)? {
        Concluded::Needs(wanted) => Step::Need(wanted),
        Concluded::Later(rule) => Step::Answer(later(rule)),
        Concluded::Reply(..) => Step::Answer(answer::json(StatusCode::OK, &next)),
    })
}

fn refused(error: ReceiveError) -> Refusal {
    match error {
        ReceiveError::Keep(KeepError::Unavailable(error))
        | ReceiveError::Conclude(ConcludeError::Keep(KeepError::Unavailable(error))) => unavailable(error),
        error => Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error),
    }
}
