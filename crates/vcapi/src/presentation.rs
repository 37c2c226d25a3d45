//! `POST /presentations/verify`.

use crate::{
    Call,
    body::Body,
    issue::{broken, issuer},
    need::Stop,
    problem::Kind,
    settings::Mode,
    status_check::{self, Entries},
    verdict::{Keys, OPTIONS, Verdict, Wanted},
    verify::{envelope_breach, examine, is_enveloped, signers},
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::Presentation,
    did::{Did, KeyId},
    document::VerificationRelationship::Authentication,
    vcdm,
};
use sinpyo_proof::{
    Hint, HolderBinding, Occasion, Unverified,
    data_integrity::{self, Challenge, Expected},
};
use sinpyo_web::problem::Problem;
use std::{collections::BTreeSet, time::Duration};

/// How long ago a holder may have signed.
const MAX_AGE: Duration = Duration::from_mins(10);

/// Verifies a presentation, or an unsigned one's credentials.
pub(crate) fn presentation(call: &Call<'_>, mut body: Body) -> Result<Value, Stop> {
    let (name, members) = body.either("verifiablePresentation", "presentation")?;
    let place = format!("/{name}");
    let options = body.options(&OPTIONS)?;
    body.finish()?;
    let wanted = Wanted::read(call, &options)?;
    if call.settings.mode == Mode::Production {
        require_occasion(&wanted)?;
    }
    let mut verdict = Verdict::default();
    let entries = if has_type(&members, "EnvelopedVerifiablePresentation") {
        enveloped(call, &members, &place, &wanted, &mut verdict)?
    } else {
        plain(call, &members, &place, &wanted, &mut verdict)?
    };
    status_check::check(call, &entries, &wanted, &mut verdict)?;
    verdict.answer(call)
}

/// A presentation that was made for nobody and for no time is a replay in waiting.
fn require_occasion(wanted: &Wanted) -> Result<(), Problem> {
    for (name, value) in [("challenge", &wanted.challenge), ("domain", &wanted.domain)] {
        if value.as_ref().is_none_or(String::is_empty) {
            let detail = format_args!("a presentation is verified for a {name} of the verifier's");
            return Err(Kind::Request.problem("VCJ-15", &detail).at(format!("/options/{name}")));
        }
    }
    Ok(())
}

fn has_type(members: &Map<String, Value>, name: &str) -> bool {
    match members.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == name),
        kind => kind.is_some_and(|kind| kind == name),
    }
}

/// Verifies a token, and everything in it.
fn enveloped(
    call: &Call<'_>,
    members: &Map<String, Value>,
    place: &str,
    wanted: &Wanted,
    verdict: &mut Verdict,
) -> Result<Vec<Entries>, Stop> {
    if let Some(problem) = envelope_breach(members, place) {
        verdict.errors.push(problem);
        return Ok(Vec::new());
    }
    let place = format!("{place}/id");
    let wire = Value::Object(members.clone()).to_string();
    let arrived = Unverified::<Presentation>::parse_as(wire.as_bytes(), &call.settings.profile());
    let refuse = |verdict: &mut Verdict, problem: Problem| {
        verdict.errors.push(problem.at(&*place));
        Ok(Vec::new())
    };
    let arrived = match arrived {
        Ok(arrived) => arrived,
        Err(error) => return refuse(verdict, Kind::Verification.problem(error.code(), &error)),
    };
    let hints = match arrived.hints() {
        Ok(hints) => hints,
        Err(error) => return refuse(verdict, Kind::Verification.problem(error.code(), &error)),
    };
    let signers = hints.iter().filter_map(|hint| hint.claimed_key().map(KeyId::did));
    let keys = Keys::of(call, signers.collect())?;
    if hints.first().is_some_and(is_anothers) {
        let detail = "the presentation is not signed by its holder";
        return refuse(verdict, Kind::Verification.problem("VCJ-12", &detail));
    }
    let binding = match (call.settings.mode, &wanted.domain, &wanted.challenge) {
        (Mode::Production, Some(audience), Some(nonce)) => {
            HolderBinding::Required(Occasion { audience, nonce, max_age: MAX_AGE })
        }
        (_, audience, nonce) => {
            HolderBinding::Partial { audience: audience.as_deref(), nonce: nonce.as_deref() }
        }
    };
    match arrived.verify(&keys.ring, binding, call.now) {
        Ok(verified) => {
            let credentials = verified.get().credentials.iter();
            Ok(credentials.map(|credential| Entries::of_credential(credential, &place)).collect())
        }
        Err(error) => refuse(verdict, keys.presentation(&error)),
    }
}

/// Whether a token names a DID as its holder that is not its signer's.
fn is_anothers(hint: &Hint) -> bool {
    let signer = hint.claimed_key().map(KeyId::did);
    hint.claimed_issuer().is_some_and(|holder| {
        holder.starts_with("did:") && signer.is_none_or(|signer| signer.as_str() != holder)
    })
}

/// Verifies a JSON object: its proof, if it has one, and every credential in it.
fn plain(
    call: &Call<'_>,
    members: &Map<String, Value>,
    place: &str,
    wanted: &Wanted,
    verdict: &mut Verdict,
) -> Result<Vec<Entries>, Stop> {
    let breaches = vcdm::presentation_breaches(members, call.settings.data_model());
    if !breaches.is_empty() {
        verdict.errors.extend(breaches.iter().map(|breach| broken(breach).under(place)));
        return Ok(Vec::new());
    }
    let credentials: Vec<_> = match members.get("verifiableCredential") {
        Some(Value::Array(several)) => {
            let places =
                several.iter().enumerate().map(|(i, one)| (format!("{place}/verifiableCredential/{i}"), one));
            places.filter_map(|(place, one)| Some((place, one.as_object()?))).collect()
        }
        Some(Value::Object(one)) => vec![(format!("{place}/verifiableCredential"), one)],
        _ => Vec::new(),
    };
    let profile = call.settings.profile();
    let mut dids: BTreeSet<Did> = data_integrity::claimed_keys(members).iter().map(KeyId::did).collect();
    dids.extend(credentials.iter().flat_map(|(_, credential)| signers(credential, &profile)));
    let keys = Keys::of(call, dids)?;
    let holder = holder(call, members, place, wanted, &keys, verdict);
    // The occasion is the presentation's: its credentials were made before.
    let inner = Wanted { challenge: None, domain: None, ..wanted.clone() };
    // Who is not named as the holder asserts nothing.
    let named = holder.as_ref().filter(|_| members.contains_key("holder"));
    let mut entries = Vec::new();
    for (place, credential) in &credentials {
        if !is_enveloped(credential) && !credential.contains_key("proof") {
            self_asserted(credential, place, named, verdict);
            continue;
        }
        entries.extend(examine(call, credential, place, &inner, &keys, verdict));
        if let (Some(holder), Mode::Production) = (&holder, call.settings.mode) {
            note_other_subject(credential, place, holder, verdict);
        }
    }
    Ok(entries)
}

/// Verifies the holder's proof and returns who that is; none if nobody signed.
fn holder(
    call: &Call<'_>,
    members: &Map<String, Value>,
    place: &str,
    wanted: &Wanted,
    keys: &Keys,
    verdict: &mut Verdict,
) -> Option<Did> {
    if !members.contains_key("proof") {
        if call.settings.mode == Mode::Production || wanted.challenge.is_some() {
            let problem = Kind::Verification.problem("VCA-11", &"the presentation is not signed"); // [VCA-11]
            verdict.errors.push(problem.at(format!("{place}/proof")));
        }
        return None;
    }
    let challenge = Challenge { domain: wanted.domain.as_deref(), challenge: wanted.challenge.as_deref() };
    let expected = Expected { purpose: Authentication, challenge: Some(challenge), now: call.now };
    let verified =
        data_integrity::verify_set(members.clone(), &keys.ring, &expected, &call.settings.profile());
    let signers = match verified {
        Ok(secured) => secured.into_inner().signers,
        Err(error) => {
            verdict.errors.push(keys.proofs(&error).under(place));
            return None;
        }
    };
    let named =
        members.get("holder").and_then(|holder| holder.as_str().or_else(|| holder.get("id")?.as_str()));
    let mut dids = signers.iter().map(|signer| signer.key_id.did());
    let signer = match named {
        Some(named) => dids.find(|did| did.as_str() == named),
        None => dids.next(),
    };
    if signer.is_none() && call.settings.mode == Mode::Production {
        let detail = "the presentation is not signed by its holder";
        verdict.errors.push(Kind::Verification.problem("VCJ-12", &detail).at(format!("{place}/holder")));
    }
    signer
}

/// A credential without a proof is the holder's own word, under the proof of the presentation [VCDM 2.0 §4.13].
fn self_asserted(credential: &Map<String, Value>, place: &str, holder: Option<&Did>, verdict: &mut Verdict) {
    if holder.is_none() || issuer(credential) != holder.map(Did::as_str) {
        let detail =
            "the credential is not signed, and not the word of the holder who signed the presentation";
        verdict.errors.push(Kind::Verification.problem("VCA-20", &detail).at(format!("{place}/proof"))); // [VCA-20]
    }
}

/// Whether the holder may show somebody else's credential is for the caller to say.
fn note_other_subject(credential: &Map<String, Value>, place: &str, holder: &Did, verdict: &mut Verdict) {
    let subject = credential.get("credentialSubject").and_then(|subject| subject.get("id")?.as_str());
    if subject.is_some_and(|subject| subject.starts_with("did:") && subject != holder.as_str()) {
        let detail = "the credential is about somebody else than the holder";
        let problem = Kind::Verification.problem("VCJ-13", &detail);
        verdict.warnings.push(problem.at(format!("{place}/credentialSubject/id")));
    }
}
