//! SD-JWT VCs with a key binding [OpenID4VP 1.0 §B.3].

use crate::{
    arrival::{Authentic, ClaimedIssuer, Issuer, Reading},
    authorities,
    error::VerifyError,
    presented::Wire,
    token,
    trust::Way,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::ClaimStep,
    credential::{Credential, Holder, Presentation},
    encoding::from_base64url,
};
use sinpyo_dcql::{Arrays, Binding, Bound, Candidate, CredentialQuery, Kind};
use sinpyo_proof::{HolderBinding, KeyRing, PresentationError, Unverified, Verified, issuer_key::IssuerKeys};
use std::sync::Arc;

/// An SD-JWT VC, and how its issuer's keys are found.
#[derive(Debug)]
pub(crate) struct Arrived {
    presentation: Unverified<Presentation>,
    /// What binds it; empty if nothing does.
    key_binding: String,
    arrays: Arrays,
}

/// What comes first: a DID to resolve, or all of the verification.
pub(crate) enum Begun {
    ByDid(Box<Arrived>, ClaimedIssuer),
    Done(Box<Authentic>),
}

/// Takes an SD-JWT VC apart, and verifies it if its issuer is certified.
pub(crate) fn begin(wire: &Wire, reading: &Reading<'_>) -> Result<Begun, VerifyError> {
    let Wire::Text(text) = wire else { return Err(VerifyError::OtherFormat) }; // [VP-19]
    let (bound, key_binding) = text.rsplit_once('~').ok_or(VerifyError::OtherFormat)?; // [VP-19]
    if !token::is_of_type(bound, "dc+sd-jwt") {
        return Err(VerifyError::OtherFormat); // [VP-19]
    }
    let profile = &reading.expectation.rules.profile;
    let presentation =
        Unverified::<Presentation>::parse_as(text.as_bytes(), profile).map_err(PresentationError::from)?;
    let hint = presentation.hint();
    let claimed = hint.claimed_issuer();
    let way = reading.expectation.trust.way(claimed).ok_or(VerifyError::NotTrusted)?; // [VP-20]
    let authority = match way {
        Way::Certified(certified) => certified,
        Way::Accredited(ref did) | Way::Listed(ref did) => {
            let key = hint.claimed_key().filter(|key| key.did() == *did);
            let key = key.cloned().ok_or(VerifyError::IssuerNotResolvable)?; // [VP-04]
            let accredited = matches!(way, Way::Accredited(_));
            let issuer = ClaimedIssuer { key, issued_at: hint.claimed_time(), accredited };
            let (key_binding, arrays) = (key_binding.to_owned(), arrays(bound));
            return Ok(Begun::ByDid(Box::new(Arrived { presentation, key_binding, arrays }), issuer));
        }
    };
    let mut keys = KeyRing::new();
    keys.trust_certificates(Arc::clone(&authority.roots));
    if let Some(issuer) = claimed {
        // Also if a DID is its name: this transaction believes no DID.
        keys.add_issuer(issuer, IssuerKeys::Certified(Arc::clone(&authority.roots)));
    }
    let verified = verify(presentation, key_binding, &keys, reading)?;
    let mut shown = authentic(verified, (key_binding, arrays(bound)), Issuer::Certified, reading)?;
    shown.candidate.authorities = authorities::of_token(bound, &authority.roots, reading);
    if !authority.believes(shown.credential.issuer()) {
        return Err(VerifyError::NotTrusted); // [VP-20]
    }
    Ok(Begun::Done(Box::new(shown)))
}

impl Arrived {
    /// Verifies it with the document of its issuer.
    pub(crate) fn verify(
        self,
        issuer: ClaimedIssuer,
        keys: Arc<KeyRing>,
        reading: &Reading<'_>,
    ) -> Result<Authentic, VerifyError> {
        let Self { presentation, key_binding, arrays } = self;
        let verified = verify(presentation, &key_binding, &keys, reading)?;
        if let Some(credential) = verified.get().credentials.first() {
            issuer.check(credential)?;
        }
        let issuer = Issuer::Did { claimed: issuer, keys };
        authentic(verified, (&key_binding, arrays), issuer, reading)
    }
}

fn verify(
    presentation: Unverified<Presentation>,
    key_binding: &str,
    keys: &KeyRing,
    reading: &Reading<'_>,
) -> Result<Verified<Presentation>, VerifyError> {
    // A proof that was not required is checked nevertheless where there is one.
    let wanted = match (reading.asked.binding, key_binding) {
        (Binding::NotRequired, "") => HolderBinding::NotWanted,
        _ => HolderBinding::Required(reading.occasion()), // [VP-VAL-02]
    };
    Ok(presentation.verify(keys, wanted, reading.now)?)
}

fn authentic(
    verified: Verified<Presentation>,
    (key_binding, arrays): (&str, Arrays),
    issuer: Issuer,
    reading: &Reading<'_>,
) -> Result<Authentic, VerifyError> {
    let Presentation { credentials, binding } = verified.into_inner();
    let [credential] = <[Credential; 1]>::try_from(credentials).map_err(|_| VerifyError::OneCredential)?; // [VP-21]
    let authorised = match (&binding, reading.transaction_data.is_empty()) {
        (Some(_), false) => reading.transaction_data.authorised(reading.asked.id.as_str(), key_binding)?,
        _ => Vec::new(),
    };
    let vct = credential.types().first().map(ToString::to_string).unwrap_or_default();
    let candidate = Candidate {
        kind: Kind::SdJwtVc { vct, extends: Vec::new() },
        claims: claims(&credential, reading.asked),
        bound: if binding.is_some() { Bound::ToKey } else { Bound::ToNobody },
        arrays,
        authorities: Vec::new(),
    };
    Ok(Authentic { credential, candidate, authorised, issuer })
}

/// Whether elements of arrays were withheld: places of such elements, where there may be decoys too, are more than the
/// elements that were shown. Each that was shown has its place, else the token is refused.
fn arrays(token: &str) -> Arrays {
    let mut parts = token.split('~');
    let signed = parts.next().and_then(|token| token.split('.').nth(1)).and_then(json_of);
    let shown: Vec<Value> = parts.filter_map(json_of).collect();
    let places: usize = signed.iter().chain(&shown).map(places).sum();
    let elements =
        shown.iter().filter(|shown| shown.as_array().is_some_and(|parts| parts.len() == 2)).count();
    if signed.is_some() && places == elements { Arrays::Whole } else { Arrays::Thinned } // [VP-DCQ-11f]
}

fn json_of(part: &str) -> Option<Value> {
    serde_json::from_slice(&from_base64url(part).ok()?).ok()
}

/// How many elements in `value` stand there by their digest.
fn places(value: &Value) -> usize {
    match value {
        Value::Object(members) if members.len() == 1 && members.contains_key("...") => 1,
        Value::Object(members) => members.values().map(places).sum(),
        Value::Array(elements) => elements.iter().map(places).sum(),
        _ => 0,
    }
}

/// The claims with those registered ones among them that the query asks for.
fn claims(credential: &Credential, asked: &CredentialQuery) -> Map<String, Value> {
    let mut claims = credential.claims().clone();
    for claim in &asked.claims {
        let Some(ClaimStep::Name(name)) = claim.path.steps().first() else { continue };
        if let Some(value) = registered(credential, name) {
            claims.insert(name.clone(), value);
        }
    }
    claims
}

/// A claim that is no statement about the subject, as it stood in the token.
fn registered(credential: &Credential, name: &str) -> Option<Value> {
    let validity = credential.validity();
    match name {
        "iss" => Some(json!(credential.issuer())),
        "vct" => credential.types().first().map(|kind| json!(kind.as_str())),
        "jti" => credential.id().map(|id| json!(id)),
        "iat" => credential.issued_at().map(|at| json!(at.unix())),
        "nbf" => validity.from.map(|at| json!(at.unix())),
        // A token ends before the moment that it names.
        "exp" => validity.until.map(|at| json!(at.unix().saturating_add(1))),
        "cnf" => match credential.holder() {
            Holder::Key(key) => Some(json!({"jwk": key.members()})),
            Holder::Did(_) | Holder::Bearer => None,
        },
        _ => None,
    }
}
