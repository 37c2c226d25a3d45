//! What was issued, and its status, through the management interface.

use super::Desk;
use crate::{
    issued::{self, Standing, StatusError, Verdict},
    unavailable,
};
use http::{Response, StatusCode};
use serde_json::{Value, json};
use sinpyo_core::key::Entropy;
use sinpyo_web::{
    answer,
    audit::LogWord,
    problem::{Problem, Refusal, usual},
};

impl Desk<'_> {
    pub(super) fn types(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let kind = |(id, (profile, format)): (&String, &(sinpyo_issuer::Profile, sinpyo_issuer::Format))| {
            let claims = profile.claims().iter().map(|claim| {
                json!({
                    "name": claim.name,
                    "display": { "ko": claim.display.ko, "en": claim.display.en },
                    "required": claim.disclosure == sinpyo_issuer::Disclosure::Always,
                })
            });
            json!({
                "configuration": id,
                "type": profile.id(),
                "format": crate::identity::suffix(*format),
                "display": { "ko": profile.name().ko, "en": profile.name().en },
                "claims": claims.collect::<Vec<_>>(),
            })
        };
        let types: Vec<Value> = house.kinds.iter().map(kind).collect();
        Ok(answer::json(StatusCode::OK, &json!({ "types": types })))
    }

    pub(super) fn list_credentials(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let (after, limit) = self.slice()?;
        let tenant = self.house()?.tenant.id();
        let found = issued::list(self.call.core, tenant, (after.as_deref(), limit), self.call.now);
        let found = found.map_err(|_| unavailable())?;
        let listed: Vec<Value> = found.iter().map(|(id, one)| one.to_json(id)).collect();
        Ok(answer::json(StatusCode::OK, &json!({ "credentials": listed })))
    }

    pub(super) fn read_credential(&self) -> Result<Response<Vec<u8>>, Refusal> {
        let id = self.routed.part("credential");
        let found = issued::find(self.call.core, self.house()?.tenant.id(), id, self.call.now);
        let found = found.map_err(|_| unavailable())?;
        let (credential, _) = found.ok_or_else(|| refusal(StatusError::Unknown))?; // [ISV-08]
        Ok(answer::json(StatusCode::OK, &credential.to_json(id)))
    }

    pub(super) fn set_status(&self, entropy: &mut dyn Entropy) -> Result<Response<Vec<u8>>, Refusal> {
        let house = self.house()?;
        let members = self.body()?;
        let bad = |name: &str| {
            let status = StatusCode::BAD_REQUEST;
            let problem =
                Problem::new(usual(status), "ISV-04", &"the member is missing, malformed or unknown");
            problem.at(format!("/{name}")).refuse(status) // [ISV-04]
        };
        if let Some(unknown) = members.keys().find(|name| !["status", "reason"].contains(&name.as_str())) {
            return Err(bad(unknown));
        }
        let state = members.get("status").and_then(Value::as_str).and_then(Standing::parse);
        let state = state.ok_or_else(|| bad("status"))?;
        let reason = match members.get("reason") {
            None => None,
            Some(word) => {
                let word = word.as_str().and_then(|word| LogWord::parse(word).ok());
                Some(word.ok_or_else(|| bad("reason"))?)
            }
        };
        let id = self.routed.part("credential");
        let verdict = Verdict { id, state, reason };
        let judged = issued::judge(self.call.core, house, &verdict, &self.actor, self.call.now, entropy);
        let credential = judged.map_err(refusal)?;
        Ok(answer::json(StatusCode::OK, &credential.to_json(id)))
    }
}

fn refusal(error: StatusError) -> Refusal {
    let status = match error {
        StatusError::Unknown => StatusCode::NOT_FOUND,
        StatusError::None | StatusError::Refused(_) => StatusCode::CONFLICT,
        StatusError::Unavailable(_) => return unavailable(),
    };
    Refusal::because(status, error.code(), &error)
}
