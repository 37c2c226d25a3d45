//! W3C presentations of W3C credentials: `vp+jwt` and with Data Integrity proofs [OpenID4VP 1.0 §B.1].

use crate::{
    arrival::{Authentic, ClaimedIssuer, Issuer, Reading},
    error::VerifyError,
    presented::Wire,
    token,
    trust::Way,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    credential::{Credential, Holder, Presentation},
    did::{Did, KeyId},
    json, vcdm,
};
use sinpyo_dcql::{Arrays, Binding, Bound, Candidate, Kind};
use sinpyo_jsonld::expanded_types;
use sinpyo_proof::{
    HolderBinding, InlineContexts, KeyError, KeyRing, PresentationError, Profile, Unverified,
};
use std::sync::Arc;

/// The two W3C formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// `jwt_vc_json`: tokens all the way.
    Token,
    /// `ldp_vc`: objects with proofs all the way.
    Object,
}

/// What must be resolved first: the holder's DID, or the issuer's of a credential that comes without a presentation.
pub(crate) enum Begun {
    Presented(Box<Unverified<Presentation>>, KeyId),
    Bare(Box<Enclosed>, ClaimedIssuer),
}

/// A credential, and who showed it.
#[derive(Debug)]
pub(crate) struct Enclosed {
    credential: Unverified<Credential>,
    /// Its members, for the query; they count once it is verified.
    members: Map<String, Value>,
    container: Container,
    /// Who proved to be the holder; none if nobody did.
    holder: Option<Did>,
}

/// Takes a presentation apart.
pub(crate) fn begin(wire: &Wire, container: Container, reading: &Reading<'_>) -> Result<Begun, VerifyError> {
    let text = wire.as_str();
    let (is_presentation, fits) = match (wire, container) {
        (Wire::Text(text), Container::Token) => (token::is_of_type(text, "vp+jwt"), is_token(text)),
        (Wire::Object(text), Container::Object) => {
            let members = json::parse_object(text.as_bytes()).map_err(|_| VerifyError::OtherFormat)?;
            (has_type(&members, "VerifiablePresentation"), !has_type(&members, ENVELOPED_PRESENTATION))
        }
        _ => return Err(VerifyError::OtherFormat), // [VP-19]
    };
    if !fits {
        return Err(VerifyError::OtherFormat); // [VP-19]
    }
    if !is_presentation && reading.asked.binding == Binding::NotRequired {
        let (enclosed, issuer) = enclosed(text, container, None, reading)?;
        return Ok(Begun::Bare(Box::new(enclosed), issuer));
    }
    let profile = &reading.expectation.rules.profile;
    let presentation =
        Unverified::<Presentation>::parse_as(text.as_bytes(), profile).map_err(PresentationError::from)?;
    let key = presentation.hint().claimed_key().cloned();
    let key = key.ok_or(PresentationError::Key(KeyError::Unnamed))?;
    Ok(Begun::Presented(Box::new(presentation), key))
}

/// Verifies the holder's signature, and takes the credential out of the presentation.
pub(crate) fn open(
    presentation: Unverified<Presentation>,
    (holder, keys): (&KeyId, &KeyRing),
    container: Container,
    reading: &Reading<'_>,
) -> Result<(Enclosed, ClaimedIssuer), VerifyError> {
    let wanted = HolderBinding::Required(reading.occasion()); // [VP-VAL-03]
    let members = presentation.verify_document(keys, &wanted, reading.now)?.into_inner();
    let credential = match members.get("verifiableCredential") {
        Some(Value::Array(credentials)) => match credentials.as_slice() {
            [Value::Object(credential)] => credential,
            _ => return Err(VerifyError::OneCredential), // [VP-21]
        },
        Some(Value::Object(credential)) => credential,
        _ => return Err(VerifyError::OneCredential), // [VP-21]
    };
    let text = match (container, vcdm::is_enveloped(credential)) {
        (Container::Token, true) => enveloped(credential).ok_or(VerifyError::OtherFormat)?.to_owned(), // [VP-19]
        (Container::Object, false) => Value::Object(credential.clone()).to_string(),
        _ => return Err(VerifyError::OtherFormat), // [VP-19]
    };
    enclosed(&text, container, Some(holder.did()), reading)
}

/// Takes a credential apart and finds out whose document is needed.
fn enclosed(
    text: &str,
    container: Container,
    holder: Option<Did>,
    reading: &Reading<'_>,
) -> Result<(Enclosed, ClaimedIssuer), VerifyError> {
    if container == Container::Token && !is_token(text) {
        return Err(VerifyError::OtherFormat); // [VP-19]
    }
    let members = match container {
        Container::Token => token::claims(text),
        Container::Object => json::parse_object(text.as_bytes()).ok(),
    };
    // An envelope holds a token.
    let members = members.filter(|members| !vcdm::is_enveloped(members)).ok_or(VerifyError::OtherFormat)?; // [VP-19]
    let profile = &reading.expectation.rules.profile;
    let credential =
        Unverified::<Credential>::parse_as(text.as_bytes(), profile).map_err(PresentationError::from)?;
    let hint = credential.hint();
    let way = reading.expectation.trust.way(hint.claimed_issuer());
    let (did, accredited) = match way {
        Some(Way::Accredited(did)) => (did, true),
        Some(Way::Listed(did)) => (did, false),
        // No W3C container brings certificates.
        Some(Way::Certified(_)) | None => return Err(VerifyError::NotTrusted), // [VP-20]
    };
    let key = hint.claimed_key().filter(|key| key.did() == did).cloned();
    let key = key.ok_or(VerifyError::IssuerNotResolvable)?; // [VP-04]
    let issuer = ClaimedIssuer { key, issued_at: hint.claimed_time(), accredited };
    Ok((Enclosed { credential, members, container, holder }, issuer))
}

impl Enclosed {
    /// Verifies the credential with the document of its issuer.
    pub(crate) fn verify(
        self,
        claimed: ClaimedIssuer,
        keys: Arc<KeyRing>,
        reading: &Reading<'_>,
    ) -> Result<Authentic, VerifyError> {
        let Self { credential, mut members, container, holder } = self;
        let credential = credential.verify(&keys, reading.now).map_err(PresentationError::from)?.into_inner();
        claimed.check(&credential)?;
        let bound = match (credential.holder(), &holder) {
            (Holder::Did(subject), Some(holder)) if subject == holder => Bound::ToKey,
            // For nobody in particular, or shown by nobody in particular.
            (Holder::Bearer, _) | (_, None) => Bound::ToNobody,
            _ => return Err(PresentationError::NotTheHolder.into()),
        };
        let types = types(&members, &reading.expectation.rules.profile)?;
        members.remove("proof");
        let kind = match container {
            Container::Token => Kind::JwtVc { types },
            Container::Object => Kind::LdpVc { types },
        };
        let candidate =
            Candidate { kind, claims: members, bound, arrays: Arrays::Whole, authorities: Vec::new() };
        let issuer = Issuer::Did { claimed, keys };
        Ok(Authentic { credential, candidate, authorised: Vec::new(), issuer })
    }
}

/// The types of a credential, expanded.
///
/// Definitions of its own, even if signed, would let an issuer give its words the meaning of others, for which it is not
/// accredited.
fn types(members: &Map<String, Value>, profile: &Profile) -> Result<Vec<String>, VerifyError> {
    let own = match members.get("@context") {
        Some(Value::Array(contexts)) => contexts.iter().any(|context| !context.is_string()),
        context => !context.is_some_and(Value::is_string),
    };
    if own && profile.inline_contexts == InlineContexts::Refused {
        return Err(VerifyError::Types); // [VP-22]
    }
    expanded_types(members, &profile.contexts).map_err(|_| VerifyError::Types) // [VP-22]
}

const ENVELOPED_PRESENTATION: &str = "EnvelopedVerifiablePresentation";

/// Whether `text` has the form of a token, and of nothing else that is read here.
fn is_token(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The token in an envelope.
fn enveloped(credential: &Map<String, Value>) -> Option<&str> {
    credential.get("id")?.as_str()?.strip_prefix("data:application/vc+jwt,")
}

fn has_type(members: &Map<String, Value>, name: &str) -> bool {
    match members.get("type") {
        Some(Value::Array(types)) => types.iter().any(|kind| kind == name),
        kind => kind.is_some_and(|kind| kind == name),
    }
}
