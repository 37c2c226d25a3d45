//! Securing a JSON document as it stands, whatever the data model makes of it.
//!
//! For servers and tools that are handed documents: they check the document first, and answer for the name of the key.
//! Whoever issues credentials of its own uses [`crate::vc_jwt`], [`crate::vc_sd_jwt`] or [`crate::vc_cose`].

use crate::{
    jws::{PreparedToken, Typ},
    sd_jwt::{self, ConcealError, Concealment},
    vc_cose, vc_jwt,
};
use serde_json::{Map, Value};
use sinpyo_core::key::Entropy;
use sinpyo_cose::Prepared;
use sinpyo_crypto::VerifyingKey;
use sinpyo_jose::{JwtHeader, KeyHint};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A credential.
    Credential,
    /// A presentation.
    Presentation,
}

/// Prepares `document` as `vc+jwt` or `vp+jwt` under the key `kid` [VC-JOSE-COSE 1.0 §3.1].
pub fn prepare_jwt(
    kind: Kind,
    document: &Map<String, Value>,
    kid: &str,
    key: &VerifyingKey,
) -> PreparedToken {
    let typ = match kind {
        Kind::Credential => Typ::VC_JWT,
        Kind::Presentation => Typ::VP_JWT,
    };
    sinpyo_jose::prepare(JwtHeader::new(typ, KeyHint::Kid(kid)), document, key)
}

/// Prepares `document` as `vc+sd-jwt` or `vp+sd-jwt` under the key `kid` [VC-JOSE-COSE 1.0 §3.2].
///
/// # Errors
/// A path of `concealment` selects nothing, or what must always be visible; or a member has a name that the format
/// reserves.
pub fn prepare_sd_jwt(
    kind: Kind,
    document: Map<String, Value>,
    concealment: &Concealment<'_>,
    (kid, key): (&str, &VerifyingKey),
    entropy: &mut dyn Entropy,
) -> Result<PreparedToken, ConcealError> {
    if kind == Kind::Credential && concealment.selective.iter().any(vc_jwt::is_always_visible) {
        return Err(ConcealError::MustBeVisible); // [SDJ-10]
    }
    let typ = match kind {
        Kind::Credential => Typ::VC_SD_JWT,
        Kind::Presentation => Typ::VP_SD_JWT,
    };
    sd_jwt::prepare_under(JwtHeader::new(typ, KeyHint::Kid(kid)), document, concealment, key, entropy)
}

/// Prepares `document` as `application/vc+cose` or `application/vp+cose` under the key `kid` [VC-JOSE-COSE 1.0 §3.3].
pub fn prepare_cose(kind: Kind, document: &Map<String, Value>, kid: &str, key: &VerifyingKey) -> Prepared {
    let typ = match kind {
        Kind::Credential => vc_cose::CREDENTIAL,
        Kind::Presentation => vc_cose::PRESENTATION,
    };
    vc_cose::prepare_object(document, typ, (kid, key))
}
