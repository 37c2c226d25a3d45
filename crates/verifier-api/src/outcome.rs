//! How far a request is, and what came of it.

use crate::{
    call::Call,
    check::dropped,
    desk::{Deed, Desk, Told},
    problem::unavailable,
    record::{End, EndState, RequestId, RequestRecord},
};
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};
use sinpyo_core::{key::Entropy, time::Timestamp};
use sinpyo_openid4vp::{
    ResponseCode, TransactionId,
    verifier::{Claim, KeepError, Outcome, OutcomeError, Status},
};
use sinpyo_state::{OwnedChange, Unavailable};
use sinpyo_web::{answer, audit, problem::Refusal};

/// How far a request is, in the words of the management interface.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    /// What the page needs to know; none once the transaction is forgotten.
    pub(crate) status: Option<Status>,
    pub(crate) word: &'static str,
    pub(crate) end: Option<End>,
}

impl Desk<'_> {
    /// How far `record` is.
    pub(crate) fn progress(&self, id: &RequestId, record: &RequestRecord) -> Result<Progress, Refusal> {
        let now = self.world.now;
        let asked = self.kept(record)?;
        let line = self.line_of_kept(id, &asked)?;
        let end = self.records().end(id, now).map_err(unavailable)?;
        let Some(transaction) = TransactionId::parse(&record.transaction) else {
            return Err(unavailable(Unavailable));
        };
        let status = match line.verifier(self.world.state).status(&transaction, None, now) {
            Ok(status) => Some(status),
            Err(OutcomeError::Keep(KeepError::Unavailable(error))) => return Err(unavailable(error)),
            Err(_) => None,
        };
        let is_open = now.unix() < record.expires;
        let word = match (status, &end) {
            (Some(Status::Waiting), _) => "waiting",
            (Some(Status::Expired), _) if is_open => "waiting",
            (Some(Status::Scanned), _) if is_open => "fetched",
            (Some(Status::Confirming { .. } | Status::Returning), _) => "answered",
            (Some(Status::Accepted | Status::Delivered), _) => "accepted",
            (Some(Status::Denied), _) => "declined",
            (Some(Status::Refused | Status::Hijacked), _) => "refused",
            // What was answered and never confirmed came to nothing.
            (None, Some(end)) if end.state != EndState::Answered => end.state.name(),
            _ => "expired",
        };
        Ok(Progress { status, word, end })
    }

    /// Hands out the result.
    pub(crate) fn result(
        &self,
        id: &RequestId,
        record: &RequestRecord,
        (code, who): (Option<&ResponseCode>, &str),
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Refusal> {
        let asked = self.kept(record)?;
        let line = self.line_of_kept(id, &asked)?;
        let Some(transaction) = TransactionId::parse(&record.transaction) else {
            return Err(unavailable(Unavailable));
        };
        // The one thing that is committed here is that it was handed out: a code of another request cannot be read.
        let mut more = self.accepted_at_last(id, entropy).map_err(unavailable)?;
        let deed = Deed {
            who,
            did: "result.delivered",
            id: id.as_str(),
            outcome: audit::Outcome::Done,
            told: Told::Log,
        };
        more.extend(self.deeds(&deed, entropy).map_err(unavailable)?);
        let joined = self.joined(more);
        let claim = Claim { transaction: &transaction, session: None, response_code: code };
        let outcome = line.verifier(&joined).result(&claim, self.world.now, entropy);
        let value = match outcome {
            Ok(Outcome::Accepted(value)) => value,
            Ok(Outcome::Denied(error)) => {
                let code = error.code.map(sinpyo_openid4vp::WalletErrorCode::name);
                json!({"state": "declined", "error": code})
            }
            Ok(Outcome::Refused { rule }) => {
                let end = self.records().end(id, self.world.now).map_err(unavailable)?;
                let dropped = end.map(|end| dropped(&end.dropped));
                json!({"state": "refused", "rule": rule, "dropped": dropped})
            }
            Ok(Outcome::Hijacked) => json!({"state": "refused", "rule": HIJACKED}),
            Err(error) => return Err(no_result(error)),
        };
        Ok(answer::json(StatusCode::OK, &value))
    }

    /// What is to be changed when a request that was answered is accepted for good; nothing if it was so before.
    pub(crate) fn accepted_at_last(
        &self,
        id: &RequestId,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        match self.records().end(id, self.world.now)? {
            Some(End { state: EndState::Answered, dropped, .. }) => {
                let mut changes =
                    self.endings(id, (EndState::Accepted, None), &dropped, "browser", entropy)?;
                let kept = self.records().request(id, self.world.now)?;
                if let Some(life) =
                    kept.and_then(|(record, _)| crate::asked::evidence_life(&record.asked).ok().flatten())
                {
                    let times = (self.world.now, self.world.now.plus(life));
                    changes.extend(self.records().prolong_evidence(id, times)?); // [VSV-24]
                }
                Ok(changes)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What is to be changed when somebody else may have presented: the evidence goes, too.
    pub(crate) fn hijacked(
        &self,
        id: &RequestId,
        rule: &'static str,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<OwnedChange>, Unavailable> {
        let mut changes = self.endings(id, (EndState::Refused, Some(rule)), &[], "browser", entropy)?;
        changes.extend(self.records().forget_evidence(id, self.world.now)?);
        Ok(changes)
    }

    /// A request, for the management interface.
    pub(crate) fn describe(
        &self,
        id: &RequestId,
        record: &RequestRecord,
    ) -> Result<Map<String, Value>, Refusal> {
        let progress = self.progress(id, record)?;
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        put("id", json!(id.as_str()));
        put("state", json!(progress.word));
        put("mode", json!(record.mode.name()));
        put("created_at", json!(Timestamp::from_unix(record.since).map(|at| at.to_string())));
        put("expires_at", json!(Timestamp::from_unix(record.expires).map(|at| at.to_string())));
        // For a program that shows the waiting page itself.
        if let Some(Status::Confirming { number }) = progress.status {
            put("number", json!(format!("{number:02}")));
        }
        if let Some(service) = record.asked.get("service") {
            put("service", service.clone());
        }
        if let Some(end) = &progress.end
            && progress.word != "waiting"
        {
            put("rule", json!(end.rule));
            put("dropped", dropped(&end.dropped));
            put("ended_at", json!(Timestamp::from_unix(end.at).map(|at| at.to_string())));
        }
        Ok(members)
    }
}

/// The rule by which a transaction ends whose response came back to another browser.
pub(crate) const HIJACKED: &str = "VP-RSP-05b";

fn no_result(error: OutcomeError) -> Refusal {
    let status = match error {
        OutcomeError::Keep(KeepError::Unavailable(error)) => return unavailable(error),
        OutcomeError::Unknown | OutcomeError::Delivered => StatusCode::GONE,
        OutcomeError::Pending => StatusCode::CONFLICT,
        _ => StatusCode::FORBIDDEN,
    };
    Refusal::because(status, error.code(), &error)
}

/// The `response_code` of a query or a body.
pub(crate) fn code(text: Option<&str>) -> Result<Option<ResponseCode>, Refusal> {
    let code = text.map(|text| ResponseCode::parse(text).ok_or(()));
    code.transpose().map_err(|()| {
        Refusal::new(StatusCode::BAD_REQUEST, "VSV-03", &"response_code is not one of ours") // [VSV-03]
    })
}

/// The request of the path, of `tenant`.
pub(crate) fn of_path(call: &Call<'_>, desk: &Desk<'_>) -> Result<(RequestId, RequestRecord), Refusal> {
    let id = call.id()?;
    let (record, _) = desk.request(&id)?;
    Ok((id, record))
}
