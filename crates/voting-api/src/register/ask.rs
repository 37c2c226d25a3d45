//! Claims that a holder has to show: asked for by a signed request, checked like any presentation.

use super::Counter;
use crate::{
    dossier::Ask,
    problem::{coded, unavailable},
};
use http::StatusCode;
use serde_json::{Value, json};
use sinpyo_core::{
    claims::ClaimPath,
    key::Entropy,
    request::{ClaimQuery, CredentialQuery, PresentationRequest},
    time::Timestamp,
};
use sinpyo_proof::request_object;
use sinpyo_verifier::{Answer, Check, Policy, VerifyError};
use sinpyo_web::problem::Refusal;

/// How many facts one presentation may need.
const ROUNDS: usize = 64;

/// What somebody was asked.
pub(super) struct Asked {
    /// The request as it is signed.
    pub(super) wire: String,
    /// The request as it is kept.
    pub(super) kept: Value,
}

fn not_now() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "VTS-34", &"holders cannot be asked now") // [VTS-34]
}

fn settings(counter: &Counter<'_>) -> Result<Option<Ask>, Refusal> {
    let found =
        counter.call.service.cabinet(counter.call.now).find(&counter.election).map_err(unavailable)?;
    Ok(found.and_then(|found| found.dossier.ask))
}

/// The request for the claims that the election asks for; none if it asks for none.
pub(super) fn challenge(
    counter: &Counter<'_>,
    until: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Option<Asked>, Refusal> {
    let Some(ask) = settings(counter)? else { return Ok(None) };
    let registrar = counter.call.service.settings.registrar.as_ref().ok_or_else(not_now)?;
    let (_, signer, key) = registrar.asks_as().ok_or_else(not_now)?;
    let policy = policy(counter, &ask)?;
    let challenge = policy.challenge(counter.call.now, entropy);
    let mut request = challenge.request().clone();
    request.expires_at = until;
    let wire = request_object::sign(&request, (signer, key)).map_err(|_| not_now())?;
    Ok(Some(Asked { wire, kept: json!(request.to_json()) }))
}

fn policy(counter: &Counter<'_>, ask: &Ask) -> Result<Policy, Refusal> {
    let registrar = counter.call.service.settings.registrar.as_ref().ok_or_else(not_now)?;
    let (verifier, ..) = registrar.asks_as().ok_or_else(not_now)?;
    let claim = |(name, value): &(String, Option<Value>)| ClaimQuery {
        path: ClaimPath::name(name),
        values: value.iter().cloned().collect(),
    };
    let query = CredentialQuery {
        id: "voter".to_owned(),
        types: vec![ask.credential.parse().map_err(|_| not_now())?],
        claims: ask.claims.iter().map(claim).collect(),
    };
    let service = ask.service.parse().map_err(|_| not_now())?;
    Ok(Policy::new(verifier.clone(), service, vec![query]))
}

/// That the presentation answers what was asked with the nonce that was given out last.
pub(super) fn check(counter: &Counter<'_>, sent: Option<&Value>, now: Timestamp) -> Result<(), Refusal> {
    let Some(ask) = settings(counter)? else { return Ok(()) };
    let missing = || {
        coded(StatusCode::FORBIDDEN, "presentation", "VTS-35", "the claims that are asked for were not shown")
    };
    let sent = sent.filter(|sent| !sent.is_null()).ok_or_else(missing)?; // [VTS-35]
    let asked = counter.record.asked.as_ref().and_then(Value::as_object).ok_or_else(missing)?;
    let request = PresentationRequest::from_json(asked).map_err(|_| missing())?;
    let refused = |error: &VerifyError| {
        Refusal::because(StatusCode::FORBIDDEN, "VTS-35", error)
            .with_member("code", json!("presentation"))
            .with_member("because", json!(error.code()))
    };
    // Wallets send the map of queries alone, or under its name in OpenID4VP.
    let whole = if sent.get("vp_token").is_some() { sent.clone() } else { json!({"vp_token": sent}) };
    let answer = Answer::parse(whole.to_string().as_bytes()).map_err(|error| refused(&error))?;
    let challenge = policy(counter, &ask)?.challenge_for(request);
    let check = challenge.check(answer, now).map_err(|error| refused(&error))?;
    concluded(counter, check).map_err(|error| refused(&error)) // [VTS-35]
}

fn concluded(counter: &Counter<'_>, mut check: Check) -> Result<(), VerifyError> {
    let Some(registrar) = &counter.call.service.settings.registrar else {
        return Err(VerifyError::Unavailable);
    };
    for _ in 0..ROUNDS {
        let Some(need) = check.need() else { break };
        check.supply(&registrar.find(&need))?;
    }
    check.finish().map(|_accepted| ())
}
