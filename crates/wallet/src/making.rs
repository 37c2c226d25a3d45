//! A presentation in the making, in each format.

use crate::{
    content::{Container, Content, W3c, only_method},
    held::HeldCredential,
    present::Occasion,
};
use serde_json::{Map, Value};
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep},
    credential::Holder,
    encoding::to_base64url,
    json,
    time::Timestamp,
};
use sinpyo_dcql::Binding;
use sinpyo_mdoc::{
    Disclosure, ElementName, Elements, PreparedResponse, Selection, SessionTranscript, VerifiedMdoc,
};
use sinpyo_proof::{
    SignError, Signatory,
    data_integrity::{self, PreparedProof},
    jws::PreparedToken,
    sd_jwt::{self, SelectError},
    vp,
};

/// A presentation that waits for the holder's signature, or needs none.
pub(crate) enum Making {
    /// Nobody asked for proof of the holder's key.
    Unbound(Value),
    /// An SD-JWT with key binding, or a `vp+jwt`.
    Token(Box<PreparedToken>),
    /// A `DeviceResponse`.
    Mdoc(Box<PreparedResponse>),
    /// A W3C presentation with a Data Integrity proof.
    Proof(Box<PreparedProof>),
}

impl Making {
    /// Selects `shown` out of `held` and binds it to `occasion`; `more` is what the holder signs along.
    pub(crate) fn begin(
        held: &HeldCredential,
        (shown, binding): (&[ClaimPath], Binding),
        more: Map<String, Value>,
        occasion: &Occasion<'_>,
        now: Timestamp,
    ) -> Result<Self, MakeError> {
        match &held.content {
            Content::SdJwtVc { parts, .. } => {
                let selection = parts.select(shown)?;
                Ok(match binding {
                    Binding::NotRequired if more.is_empty() => Self::Unbound(selection.unbound().into()),
                    _ => Self::Token(Box::new(key_binding(selection, held, more, occasion, now))),
                })
            }
            Content::Mdoc { mdoc, .. } => mobile(mdoc, shown, occasion),
            Content::W3c(w3c) if binding == Binding::NotRequired => w3c.bare().map(Self::Unbound),
            Content::W3c(w3c) => enclosed(w3c, held, occasion, now),
        }
    }

    /// What the holder's key is to sign.
    pub(crate) fn signing_input(&self) -> Option<&[u8]> {
        match self {
            Self::Unbound(_) => None,
            Self::Token(token) => Some(token.signing_input()),
            Self::Mdoc(response) => Some(response.signing_input()),
            Self::Proof(proof) => Some(proof.signing_input()),
        }
    }

    /// The presentation as it stands in a `vp_token`.
    pub(crate) fn finish(self, signature: &[u8]) -> Result<Value, SignError> {
        Ok(match self {
            Self::Unbound(value) => value,
            Self::Token(token) => token.attach(signature)?.into(),
            Self::Mdoc(response) => {
                let response = response.attach(signature).map_err(|_| SignError::ForeignSignature)?;
                to_base64url(&response).into()
            }
            Self::Proof(proof) => proof.attach(signature)?.into(),
        })
    }
}

fn key_binding(
    selection: sd_jwt::Selection,
    held: &HeldCredential,
    more: Map<String, Value>,
    occasion: &Occasion<'_>,
    now: Timestamp,
) -> PreparedToken {
    selection.prepare_binding_with(occasion.audience, occasion.nonce, now, held.key.public(), more)
}

/// Exactly the elements `shown`, each of which is a namespace and an identifier.
fn mobile(mdoc: &VerifiedMdoc, shown: &[ClaimPath], occasion: &Occasion<'_>) -> Result<Making, MakeError> {
    let handover = occasion.handover.ok_or(MakeError::NoSession)?; // [WAL-28]
    let mut elements = Selection::default();
    for path in shown {
        let [ClaimStep::Name(namespace), ClaimStep::Name(identifier)] = path.steps() else {
            return Err(SelectError.into());
        };
        elements = elements.with(ElementName { namespace, identifier });
    }
    let disclosure = Disclosure { elements, device_elements: Elements::default() };
    let response = mdoc.present(&disclosure, &SessionTranscript::new(handover))?;
    Ok(Making::Mdoc(Box::new(response)))
}

/// A presentation by the subject's DID, which is a key of ours.
fn enclosed(
    w3c: &W3c,
    held: &HeldCredential,
    occasion: &Occasion<'_>,
    now: Timestamp,
) -> Result<Making, MakeError> {
    let Holder::Did(holder) = held.credential.holder() else { return Err(MakeError::NoMethod) };
    let key_id = only_method(holder).ok_or(MakeError::NoMethod)?; // [WAL-29]
    let signatory = Signatory { key_id: &key_id, key: held.key.public() };
    let presentation = vp::presentation(holder, &[&w3c.wire]);
    Ok(match w3c.container {
        Container::Token => {
            let token = vp::prepare(presentation, occasion.audience, occasion.nonce, now, signatory);
            Making::Token(Box::new(token))
        }
        Container::DataIntegrity => {
            let options = vp::proof_options(occasion.audience, occasion.nonce, now);
            Making::Proof(Box::new(data_integrity::prepare(presentation, &options, signatory)?))
        }
    })
}

impl W3c {
    /// The credential without a presentation around it.
    fn bare(&self) -> Result<Value, MakeError> {
        match self.container {
            Container::Token => Ok(self.wire.as_str().into()),
            Container::DataIntegrity => json::parse(self.wire.as_bytes()).map_err(|_| MakeError::NoMethod),
        }
    }
}

/// Why a presentation cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MakeError {
    /// A claim has no place in the credential.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// WAL-28: an mdoc is bound to the session in which it is shown, and nobody said which.
    #[error("an mdoc cannot be shown without a session")]
    NoSession,
    /// An element is not there.
    #[error(transparent)]
    Mdoc(#[from] sinpyo_mdoc::PresentError),
    /// WAL-29: the holder's DID names no key of the wallet.
    #[error("the holder's DID is not a key of this wallet")]
    NoMethod,
    /// The key has no proof of this form.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl MakeError {
    /// The rule that was broken, as in `spec/checks/wal.toml` or that of the format.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Select(error) => error.code(),
            Self::NoSession => "WAL-28",
            Self::Mdoc(error) => error.code(),
            Self::NoMethod => "WAL-29",
            Self::Sign(error) => error.code(),
        }
    }
}
