//! `POST /credentials/verify`.

use crate::{
    Call,
    body::Body,
    issue::{broken, issuer},
    need::Stop,
    problem::Kind,
    settings::Mode,
    status_check::{self, Entries},
    verdict::{Keys, OPTIONS, Verdict, Wanted},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::Credential,
    did::Did,
    document::VerificationRelationship::AssertionMethod,
    time::Timestamp,
    vcdm::{self, CONTEXT_V1, CONTEXT_V2},
};
use sinpyo_proof::{
    CLOCK_SKEW, Profile, Unverified,
    data_integrity::{self, Challenge, Expected},
    jws::TimeError,
};
use sinpyo_web::problem::Problem;
use std::collections::BTreeSet;

/// Verifies a credential.
pub(crate) fn credential(call: &Call<'_>, mut body: Body) -> Result<Value, Stop> {
    const PLACE: &str = "/verifiableCredential";
    let members = body.object("verifiableCredential")?;
    let options = body.options(&OPTIONS)?;
    body.finish()?;
    let wanted = Wanted::read(call, &options)?;
    let keys = Keys::of(call, signers(&members, &call.settings.profile()))?;
    let mut verdict = Verdict::default();
    if let Some(entries) = examine(call, &members, PLACE, &wanted, &keys, &mut verdict) {
        status_check::check(call, &[entries], &wanted, &mut verdict)?;
    }
    verdict.answer(call)
}

/// Whether a credential is a signed text in an object.
pub(crate) fn is_enveloped(members: &Map<String, Value>) -> bool {
    vcdm::is_enveloped(members)
}

/// Everybody who claims to have signed a credential.
pub(crate) fn signers(members: &Map<String, Value>, profile: &Profile) -> BTreeSet<Did> {
    if !is_enveloped(members) {
        return data_integrity::claimed_keys(members).iter().map(sinpyo_core::did::KeyId::did).collect();
    }
    let wire = Value::Object(members.clone()).to_string();
    match Unverified::<Credential>::parse_as(wire.as_bytes(), profile) {
        Ok(arrived) => arrived.claimed_keys().iter().map(sinpyo_core::did::KeyId::did).collect(),
        // It is refused when it is examined.
        Err(_) => BTreeSet::new(),
    }
}

/// Verifies everything about a credential but its status, whose entries are returned if the proof holds.
pub(crate) fn examine(
    call: &Call<'_>,
    members: &Map<String, Value>,
    place: &str,
    wanted: &Wanted,
    keys: &Keys,
    verdict: &mut Verdict,
) -> Option<Entries> {
    if is_enveloped(members) {
        return examine_envelope(call, members, place, wanted, keys, verdict);
    }
    let breaches = vcdm::credential_breaches(members, call.settings.data_model());
    if !breaches.is_empty() {
        verdict.errors.extend(breaches.iter().map(|breach| broken(breach).under(place)));
        return None;
    }
    let challenge = Challenge { domain: wanted.domain.as_deref(), challenge: wanted.challenge.as_deref() };
    let expected = Expected { purpose: AssertionMethod, challenge: Some(challenge), now: call.now };
    let secured =
        data_integrity::verify_set(members.clone(), &keys.ring, &expected, &call.settings.profile());
    let secured = match secured {
        Ok(secured) => secured.into_inner(),
        Err(error) => {
            verdict.errors.push(keys.proofs(&error).under(place));
            return None;
        }
    };
    let issuer = issuer(&secured.document).unwrap_or_default();
    // An attacker can sign anything with a key of its own.
    let own = secured.signers.iter().any(|signer| signer.key_id.did().as_str() == issuer);
    if !own && call.settings.mode == Mode::Production {
        let detail = "the credential is not signed by its issuer";
        verdict.errors.push(Kind::Verification.problem("VCJ-06", &detail).at(format!("{place}/proof")));
    }
    if let Some(problem) = validity(&secured.document, call.now) {
        verdict.report(wanted.validity, problem.under(place));
    }
    Some(Entries::of_object(&secured.document, place))
}

/// What is wrong with an envelope, but for what it holds [VCDM 2.0 §4.13].
pub(crate) fn envelope_breach(members: &Map<String, Value>, place: &str) -> Option<Problem> {
    let first = match members.get("@context") {
        Some(Value::Array(contexts)) => contexts.first(),
        context => context,
    };
    let fine = first.is_some_and(|first| first == CONTEXT_V2);
    let detail = "\"@context\" is missing or breaks the data model";
    (!fine).then(|| Kind::Malformed.problem("VCM-01", &detail).at(format!("{place}/@context")))
}

/// Verifies a token in an object.
fn examine_envelope(
    call: &Call<'_>,
    members: &Map<String, Value>,
    place: &str,
    wanted: &Wanted,
    keys: &Keys,
    verdict: &mut Verdict,
) -> Option<Entries> {
    if wanted.challenge.is_some() || wanted.domain.is_some() {
        let detail = "a token answers no challenge; present it instead";
        verdict.errors.push(Kind::Challenge.problem("DI-07", &detail).at(place));
        return None;
    }
    if let Some(problem) = envelope_breach(members, place) {
        verdict.errors.push(problem);
        return None;
    }
    let wire = Value::Object(members.clone()).to_string();
    let arrived = Unverified::<Credential>::parse_as(wire.as_bytes(), &call.settings.profile());
    let arrived = match arrived {
        Ok(arrived) => arrived,
        Err(error) => {
            verdict.errors.push(Kind::Verification.problem(error.code(), &error).at(format!("{place}/id")));
            return None;
        }
    };
    match arrived.verify(&keys.ring, call.now) {
        Ok(verified) => Some(Entries::of_credential(verified.get(), place)),
        Err(error) => {
            verdict.errors.push(keys.credential(&error).at(format!("{place}/id")));
            None
        }
    }
}

/// Why a credential, whose times are well-formed, is not valid now.
fn validity(document: &Map<String, Value>, now: Timestamp) -> Option<Problem> {
    let is_v1 = document
        .get("@context")
        .and_then(|contexts| contexts.get(0))
        .is_some_and(|first| first == CONTEXT_V1);
    let (from, until) = if is_v1 { ("issuanceDate", "expirationDate") } else { ("validFrom", "validUntil") };
    let time = |name: &str| document.get(name)?.as_str()?.parse::<Timestamp>().ok();
    let (error, name) = match (time(from), time(until)) {
        (_, Some(end)) if end < now.minus(CLOCK_SKEW) => (TimeError::Expired, until),
        (Some(begin), _) if begin > now.plus(CLOCK_SKEW) => (TimeError::NotYet, from),
        _ => return None,
    };
    let detail = match error {
        TimeError::Expired => "the credential has expired",
        _ => "the credential is not valid yet",
    };
    Some(Kind::Validity.problem(error.code(), &detail).at(format!("/{name}")))
}
