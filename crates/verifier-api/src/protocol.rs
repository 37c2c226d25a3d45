//! What wallets talk to.

use crate::{
    asked::Asked,
    call::Call,
    check::{self, Checked, Judged},
    desk::{Deed, Desk, IsOver, Line, Told},
    limit::Budget,
    problem::{absent, unavailable},
    record::{EndState, RequestId, RequestRecord},
    route::Operation,
    service::Step,
};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_openid4vp::verifier::{Arrived, ConcludeError, Handled, KeepError, Verdict, WalletReply};
use sinpyo_state::Unavailable;
use sinpyo_web::{
    answer,
    audit::Outcome,
    problem::{Refusal, RuleId},
};

/// Answers a wallet.
pub(crate) fn answer(call: &Call<'_>, entropy: &mut dyn Entropy) -> Result<Step, Refusal> {
    let tenant = call.tenant()?;
    let desk = call.desk(&tenant);
    let id = call.id()?;
    let (record, _) = desk.request(&id)?;
    call.spend(id.as_str(), Budget::Wallet)?; // [VSV-25]
    let asked = desk.kept(&record)?;
    let line = desk.line_of_kept(&id, &asked)?;
    // What the protocol commits here can only be one thing: the first fetch of a request, or a refusal by the holder.
    let more = if call.routed.route.operation == Operation::WalletResponse {
        desk.endings(&id, (EndState::Declined, None), &[], "wallet", entropy)
    } else {
        let (who, did, outcome, told) = ("wallet", "request.fetched", Outcome::Done, Told::Log);
        desk.deeds(&Deed { who, did, id: id.as_str(), outcome, told }, entropy)
    };
    let joined = desk.joined(more.map_err(unavailable)?);
    let handled = line.verifier(&joined).handle(call.request, call.world.now, entropy);
    match handled {
        Some(Handled::Answer(response)) => Ok(Step::Answer(response)),
        Some(Handled::Refused(mut response, refusal)) => {
            if refusal.code() == KeepError::Unreadable.code() {
                return Err(absent("VSV-15", "the address is not one of this request")); // [VSV-15]
            }
            response.extensions_mut().insert(RuleId(refusal.code()));
            Ok(Step::Answer(response))
        }
        Some(Handled::Arrived(arrived)) => {
            let concluding = Concluding { desk: &desk, id: &id, record: &record, asked: &asked, line: &line };
            concluding.judge(*arrived, entropy).map(Concluded::into_step)
        }
        None => Err(absent("VSV-09", "there is nothing at this path")),
    }
}

/// A response that is to be judged.
pub(crate) struct Concluding<'c> {
    pub(crate) desk: &'c Desk<'c>,
    pub(crate) id: &'c RequestId,
    pub(crate) record: &'c RequestRecord,
    pub(crate) asked: &'c Asked,
    pub(crate) line: &'c Line<'c>,
}

/// What the wallet is told.
pub(crate) enum Concluded {
    Needs(Vec<crate::world::Wanted>),
    Later(&'static str),
    Reply(WalletReply, Option<&'static str>),
}

impl Concluding<'_> {
    /// Verifies and concludes, in one commit.
    pub(crate) fn judge(&self, arrived: Arrived, entropy: &mut dyn Entropy) -> Result<Concluded, Refusal> {
        let Self { desk, id, record, asked, line } = self;
        let time = |seconds| Timestamp::from_unix(seconds).ok_or_else(|| unavailable(Unavailable));
        let times = (time(record.since)?, time(record.expires)?);
        // Who asked for a service and is nobody any more has no right to the answer.
        let checked = if asked.service.is_some() && desk.tenant.did.is_none() {
            let (outcome, dropped) = (Err("VSV-08"), Vec::new());
            Checked::Judged(Judged { outcome, dropped, evidence: None })
        } else {
            check::check(&arrived, asked, desk.tenant, times, desk.world)
        };
        let judged = match checked {
            Checked::Needs(wanted) => return Ok(Concluded::Needs(wanted)),
            Checked::Postponed(rule) => return Ok(Concluded::Later(rule)),
            Checked::Judged(judged) => judged,
        };
        let is_over = IsOver::of(record.mode, asked.matching);
        let more = desk.judgement(id, (&judged, is_over), asked, entropy).map_err(unavailable)?;
        let joined = desk.joined(more);
        let Judged { outcome, .. } = judged;
        let rule = outcome.as_ref().err().copied();
        let verdict = match outcome {
            Ok(result) => Verdict::Accepted(result),
            Err(rule) => Verdict::Refused { rule: rule.to_owned() },
        };
        let concluded = line.verifier(&joined).conclude(arrived, verdict, desk.world.now, entropy);
        concluded.map(|reply| Concluded::Reply(reply, rule)).map_err(|error| match error {
            ConcludeError::Keep(KeepError::Unavailable(error)) => unavailable(error),
            error => Refusal::because(StatusCode::BAD_REQUEST, error.code(), &error),
        })
    }
}

impl Concluded {
    fn into_step(self) -> Step {
        match self {
            Self::Needs(wanted) => Step::Need(wanted),
            Self::Later(rule) => Step::Answer(later(rule)),
            Self::Reply(reply, rule) => {
                let mut response = reply.to_response();
                if let Some(rule) = rule {
                    response.extensions_mut().insert(RuleId(rule));
                }
                Step::Answer(response)
            }
        }
    }
}

/// Nothing is decided: the holder can send it again.
pub(crate) fn later(rule: &'static str) -> Response<Vec<u8>> {
    let mut response =
        answer::json(StatusCode::SERVICE_UNAVAILABLE, &json!({"error": "temporarily_unavailable"})); // [VSV-13]
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response.extensions_mut().insert(RuleId(rule));
    response
}
