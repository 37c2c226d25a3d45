//! What holders do: `POST /credentials/derive` and `POST /presentations`.

use crate::{
    Call,
    body::Body,
    issue::{broken, pointers},
    need::Stop,
    problem::{self, Kind},
    secure::{self, Manner},
    verdict::{Keys, Verdict},
};
use serde_json::{Value, json};
use sinpyo_core::{
    did::KeyId,
    document::VerificationRelationship::{AssertionMethod, Authentication},
    encoding::from_base64url,
    key::Entropy,
    vcdm,
};
use sinpyo_proof::{
    Disclosure, Profile,
    data_integrity::{
        self, Expected, ProofOptions,
        disclosure::{self, DisclosureError},
    },
};

/// Derives what the holder shows from a base proof that verifies.
pub(crate) fn derive(call: &Call<'_>, mut body: Body, entropy: &mut dyn Entropy) -> Result<Value, Stop> {
    const PLACE: &str = "/verifiableCredential";
    let credential = body.object("verifiableCredential")?;
    let options = body.options(&["selectivePointers", "presentationHeader"])?;
    body.finish()?;
    let selective = pointers(options.texts("selectivePointers")?, "selectivePointers")?;
    let header = from_base64url(options.text("presentationHeader")?.unwrap_or_default())
        .map_err(|error| Kind::Request.problem("JSON-05", &error).at("/options/presentationHeader"))?;
    let breaches = vcdm::credential_breaches(&credential, call.settings.data_model());
    let breaches = breaches.iter().map(|breach| broken(breach).under(PLACE)).collect();
    if let Some(refusal) = problem::all(breaches) {
        return Err(refusal.into());
    }
    let signers = data_integrity::claimed_keys(&credential).iter().map(KeyId::did).collect();
    let keys = Keys::of(call, signers)?;
    let expected = Expected { purpose: AssertionMethod, challenge: None, now: call.now };
    let profile = Profile { disclosure: Disclosure::Base, ..call.settings.profile() };
    data_integrity::verify_set(credential.clone(), &keys.ring, &expected, &profile)
        .map_err(|error| keys.proofs(&error).under(PLACE))?;
    let derived = disclosure::derive(credential, &selective, &header, &call.settings.contexts, entropy);
    let derived = derived.map_err(|error| {
        let place =
            if matches!(error, DisclosureError::Derive(_)) { "/options/selectivePointers" } else { PLACE };
        Kind::Generation.problem(error.code(), &error).at(place)
    })?;
    Ok(json!({ "verifiableCredential": derived }))
}

/// Signs a presentation as the instance that its holder is.
pub(crate) fn present(call: &Call<'_>, mut body: Body, entropy: &mut dyn Entropy) -> Result<Value, Stop> {
    let presentation = body.object("presentation")?;
    let options = body.options(&["challenge", "domain"])?;
    body.finish()?;
    let mut verdict = Verdict::default();
    let breaches = vcdm::presentation_breaches(&presentation, call.settings.data_model());
    verdict.errors.extend(breaches.iter().map(|breach| broken(breach).under("/presentation")));
    if let Some(refusal) = problem::all(verdict.errors) {
        return Err(refusal.into());
    }
    let holder = presentation.get("holder");
    let holder = holder.and_then(|holder| holder.as_str().or_else(|| holder.get("id")?.as_str()));
    let holder = holder.and_then(|holder| call.instances.signing_as(holder));
    let Some(holder) = holder else {
        let detail = "the holder is no instance of this server that signs presentations";
        return Err(Kind::Request.problem("VCA-21", &detail).at("/presentation/holder").into()); // [VCA-21]
    };
    let options = ProofOptions {
        created: Some(call.now),
        challenge: options.text("challenge")?.map(str::to_owned),
        domains: options.text("domain")?.map(str::to_owned).into_iter().collect(),
        ..ProofOptions::new(Authentication)
    };
    let manner = Manner { options: &options, mandatory: &[], contexts: &call.settings.contexts };
    let secured = secure::secure(presentation, holder, &manner, entropy);
    Ok(json!({"verifiablePresentation": secured.map_err(|problem| problem.under("/presentation"))?}))
}
