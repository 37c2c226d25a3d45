//! The code is spent, the log gets its event, the holder an answer: each step can be taken again.

use super::{
    Counter,
    credential::eligibility,
    raced,
    request::{Request, Subject},
};
use crate::{
    dossier::RsaKeys,
    problem::{absent, coded, failed, unavailable},
    roll::{CodeRecord, Used},
    settings::Hat,
    sign::{broken, is_late, refused},
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_blind_rsa::SecretKey;
use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
};
use sinpyo_crypto::hash::sha256;
use sinpyo_registry::engine::{AppendError, Appended, EngineError};
use sinpyo_state::{CommitError, Unavailable, Version};
use sinpyo_voting::{
    election::{Election, Refused, RollError},
    event::Role,
    form::to_hex,
};
use sinpyo_web::{answer, problem::Refusal};

/// How often an event is signed again because a later one came first.
const ATTEMPTS: usize = 8;

impl Counter<'_> {
    /// Spends the code on this request: the one step that only one of many takes.
    pub(super) fn spend(
        &mut self,
        request: &Request,
        digest: [u8; 32],
        entropy: &mut dyn Entropy,
    ) -> Result<(), Refusal> {
        let event = self.event(request)?;
        let used = Used { request: to_hex(&digest), event, answer: None };
        let record = CodeRecord { used: Some(used), ..self.record.clone() };
        let found = self.roll.line(self.record.line).map_err(unavailable)?;
        let (mut line, version) = found.filter(|(line, _)| !line.struck).ok_or_else(super::wrong_code)?;
        if line.code.as_deref() != Some(self.key.name()) {
            return Err(super::wrong_code()); // [VTS-25]
        }
        line.registered = true;
        let changes = [
            self.roll.keep_code(&self.key, Some(self.version), &record, entropy).map_err(unavailable)?,
            self.roll.keep_line(&line, Some(version), entropy).map_err(unavailable)?,
        ];
        match self.call.service.settings.state.commit_owned(&changes) {
            Ok(()) => {
                self.version = Version(self.version.0.saturating_add(1));
                self.record = record;
                Ok(())
            }
            Err(CommitError::Conflict { .. }) => Err(raced()), // [VTS-26]
            Err(_) => Err(unavailable(Unavailable)),
        }
    }

    /// The signed event of the request, as text.
    fn event(&self, request: &Request) -> Result<String, Refusal> {
        let district = self.manifest.districts.get(self.line.district);
        let district = district.ok_or_else(super::wrong_code)?;
        let body = request.event(&district.id, self.replaces()?)?;
        let signer = (Role::Registrar, Hat::Registrar);
        let event = self.call.service.sign((&self.election, &*self.log), signer, &body, self.call.now)?;
        String::from_utf8(event).map_err(|_| failed(&EngineError::CorruptState))
    }

    /// Refuses a request whose code was spent, but whose event did not reach the log before the line got another code:
    /// its phone would take the line over from the one that registers by the new code. [VTS-25]
    pub(super) fn expect_own_line(&self, request: &Request) -> Result<(), Refusal> {
        if self.line.code.as_deref() == Some(self.key.name()) {
            return Ok(());
        }
        let state = self.log.state().map_err(|error| failed(&error))?;
        let slot = Election::new(&*state).slot(&self.slot);
        let slot = slot.map_err(|_| failed(&EngineError::CorruptState))?;
        let ours = match &request.subject {
            Subject::Commitment { commitment, .. } => *commitment,
            Subject::Token(blinded) => sha256(blinded),
        };
        let is_registered = slot.is_some_and(|slot| slot.commitment == ours);
        if is_registered { Ok(()) } else { Err(super::wrong_code()) }
    }

    /// Appends the event of the spent code, and answers.
    pub(super) fn finish(
        &mut self,
        request: &Request,
        signed: &Signed,
        entropy: &mut dyn Entropy,
    ) -> Result<Response<Vec<u8>>, Refusal> {
        let Some(used) = self.record.used.clone() else { return Err(super::wrong_code()) };
        let appended = self.append(request, used, entropy)?;
        let credential = eligibility(self, request, entropy)?;
        let body = self.answer(signed, appended.index, credential.as_deref());
        let Some(used) = self.record.used.clone() else { return Err(super::wrong_code()) };
        let used = Used { answer: Some(body.clone()), ..used };
        // Whoever was faster with the same request has kept an answer as good as this one.
        let _kept = self
            .keep(CodeRecord { used: Some(used), nonce: None, asked: None, ..self.record.clone() }, entropy);
        Ok(answer::json(StatusCode::CREATED, &body))
    }

    fn append(
        &mut self,
        request: &Request,
        mut used: Used,
        entropy: &mut dyn Entropy,
    ) -> Result<Appended, Refusal> {
        for _ in 0..ATTEMPTS {
            let appended = self.log.append(vec![used.event.clone().into_bytes()]).pop();
            match appended {
                Some(Ok(appended)) => return Ok(appended),
                Some(Err(error)) if is_late(&error) => {
                    used.event = self.event(request)?;
                    self.keep(CodeRecord { used: Some(used.clone()), ..self.record.clone() }, entropy)?;
                }
                Some(Err(error)) => return Err(self.undo(&error, entropy)),
                None => break,
            }
        }
        Err(failed(&EngineError::CorruptState))
    }

    /// Why the log refused the event; if it was for good, the code is as it was before.
    fn undo(&mut self, error: &AppendError, entropy: &mut dyn Entropy) -> Refusal {
        let (code, detail) = match broken(error) {
            Some(Refused::Phase { .. }) => ("closed", "nobody registers at this time"),
            Some(Refused::Roll(RollError::Commitment)) => ("proof", "the commitment was registered before"),
            Some(_) => ("request", "the log does not take the registration"),
            None => return refused(error),
        };
        let unspent = CodeRecord { used: None, nonce: None, ..self.record.clone() };
        let _kept = self.keep(unspent, entropy);
        coded(StatusCode::CONFLICT, code, "VTS-27", detail)
    }

    /// Signs what the request has blinded. Nobody gets it before the code is spent.
    pub(super) fn sign(&self, request: &Request) -> Result<Signed, Refusal> {
        let found = self.call.service.cabinet(self.call.now).find(&self.election).map_err(unavailable)?;
        let found = found.ok_or_else(|| absent("VTS-03", "there is no such election"))?;
        let RsaKeys { admission, token } = found.dossier.rsa;
        let admission = request.blinded.iter().map(|message| blind(admission.as_deref(), message));
        Ok(Signed {
            admission: admission.collect::<Result<_, _>>()?,
            own: match &request.subject {
                Subject::Token(message) => {
                    Some(blind(token.get(self.line.district).map(String::as_str), message)?)
                }
                Subject::Commitment { .. } => None,
            },
        })
    }

    /// The answer to whoever is registered.
    fn answer(&self, signed: &Signed, index: u64, credential: Option<&str>) -> Value {
        json!({
            "blind_signatures": signed.admission,
            "credential": credential,
            "district": self.line.district,
            "index": index,
            "slot": self.line.slot,
            "token": signed.own,
        })
    }
}

/// Blind signatures in base64url.
pub(super) struct Signed {
    admission: Vec<String>,
    own: Option<String>,
}

fn blind(key: Option<&str>, message: &[u8]) -> Result<String, Refusal> {
    let wrong =
        || coded(StatusCode::UNPROCESSABLE_ENTITY, "request", "VTS-32", "a blinded message is not one");
    // None is drawn for what the election does not have: the message is for nothing.
    let key = from_base64url(key.ok_or_else(wrong)?).map_err(|_| unavailable(Unavailable))?;
    let key = SecretKey::from_pkcs8(&Secret::new(key)).map_err(|_| unavailable(Unavailable))?;
    let signature = key.blind_sign(message).map_err(|_| wrong())?; // [VTS-32]
    Ok(to_base64url(signature.as_bytes()))
}
