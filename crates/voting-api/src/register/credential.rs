//! The credential that says in which line somebody stands. It is never shown when a ballot is cast.

use super::{
    Counter,
    request::{Request, Subject},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use sinpyo_core::{credential::Holder, key::Entropy};
use sinpyo_issuer::{Order, Profile, Recipient};
use sinpyo_voting::form::to_hex;
use sinpyo_web::problem::Refusal;

/// What it states. None of the values in hex is text: in texts thirteen digits in a row are refused as the number of a
/// resident, which one slot or commitment in fifty has. `proof` is any base64url, as which the hex of a slot may be read.
const PROFILE: &[u8] = br#"{
    "id": "VOTE", "type": "VoterEligibilityCredential",
    "display": {"ko": "\uc120\uac70\uad8c \uc99d\uba85", "en": "Voter eligibility"},
    "issuer": {"ko": "\uc120\uac70\uc778\uba85\ubd80 \uad00\ub9ac\uc790", "en": "registrar of an election"},
    "validity": "until the election closes", "status": "EVT",
    "claims": [
        {"name": "election", "type": "sha256", "disclosure": "always", "display": {"ko": "\uc120\uac70", "en": "Election"}},
        {"name": "district", "type": "code", "disclosure": "always", "display": {"ko": "\uc120\uac70\uad6c", "en": "District"}},
        {"name": "slot", "type": "proof", "disclosure": "selective", "display": {"ko": "\uba85\ubd80 \uc790\ub9ac", "en": "Line of the roll"}},
        {"name": "commitment", "type": "sha256", "disclosure": "selective", "display": {"ko": "\uc57d\uc18d\uac12", "en": "Commitment"}}
    ]
}"#;

/// The credential of whoever registered; none in profile `token`, or if the service issues in nobody's name.
pub(super) fn eligibility(
    counter: &Counter<'_>,
    request: &Request,
    entropy: &mut dyn Entropy,
) -> Result<Option<String>, Refusal> {
    let Some(registrar) = &counter.call.service.settings.registrar else { return Ok(None) };
    let Subject::Commitment { commitment, .. } = &request.subject else { return Ok(None) };
    let failed =
        || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "VTS-33", &"no credential can be issued now");
    let profile = Profile::from_json(PROFILE).map_err(|_| failed())?;
    let district = counter.manifest.districts.get(counter.line.district).ok_or_else(failed)?;
    let claims = json!({
        "election": to_hex(&counter.election.0),
        "district": district.id,
        "slot": counter.line.slot,
        "commitment": to_hex(commitment),
    });
    let Value::Object(claims): Value = claims else { return Ok(None) };
    let claims: Map<String, Value> = claims;
    let order = Order { profile: &profile, claims: &claims, until: Some(counter.manifest.closes) };
    let recipient = Recipient { holder: Holder::Key(request.holder.clone()), status: Vec::new() };
    let issued = registrar.issuer().issue(&order, &recipient, counter.call.now, entropy);
    issued.map(|issued| Some(issued.wire)).map_err(|_| failed()) // [VTS-33]
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_issuer::ClaimType;

    #[test]
    fn hex_is_stated_whatever_digits_stand_in_a_row() {
        let profile = Profile::from_json(PROFILE).unwrap();
        let check = |name: &str, value: &str| {
            let spec = profile.claim(name).unwrap();
            let kind: &ClaimType = &spec.kind;
            kind.check(&json!(value)).map(|_| ())
        };
        for digits in ["0123456789012", "012345678901"] {
            let hex = format!("{digits}{}", "a".repeat(64 - digits.len()));
            assert_eq!(check("election", &hex), Ok(()));
            assert_eq!(check("commitment", &hex), Ok(()));
            assert_eq!(check("slot", &hex[..32]), Ok(()));
        }
    }
}
