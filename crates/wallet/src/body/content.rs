//! What the issuer sent, in the content of the file.

use crate::content::{Container, Content, W3c};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    jwk::PublicJwk,
    time::Timestamp,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_mdoc::{IssuerSigned, IssuerTrust};
use sinpyo_proof::{jws::Typ, sd_jwt};

/// A credential that is no SD-JWT VC.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case", tag = "format")]
pub(super) enum ContentWire {
    /// The key and the moment with which it was verified when it came: it is taken apart by verifying it again.
    Mdoc { issuer_signed: String, issuer_key: Map<String, Value>, verified_at: i64 },
    /// A token.
    Jwt { wire: String, document: Map<String, Value>, types: Vec<String> },
    /// An object with its proof.
    DataIntegrity { wire: String, document: Map<String, Value>, types: Vec<String> },
}

impl ContentWire {
    /// An SD-JWT VC as version 1 has it, or something else.
    pub(super) fn from_content(content: &Content) -> (Option<String>, Option<Self>) {
        match content {
            Content::SdJwtVc { wire, .. } => (Some(wire.clone()), None),
            Content::Mdoc { wire, mdoc } => {
                let issuer_key = mdoc.issuer().key().to_jwk().members().clone();
                let verified_at = mdoc.verified_at().unix();
                (None, Some(Self::Mdoc { issuer_signed: to_base64url(wire), issuer_key, verified_at }))
            }
            Content::W3c(W3c { container, wire, document, types }) => {
                let (wire, document, types) = (wire.clone(), document.clone(), types.clone());
                let content = match container {
                    Container::Token => Self::Jwt { wire, document, types },
                    Container::DataIntegrity => Self::DataIntegrity { wire, document, types },
                };
                (None, Some(content))
            }
        }
    }

    pub(super) fn into_content(wire: Option<String>, content: Option<Self>) -> Option<Content> {
        match (wire, content) {
            (Some(wire), None) => {
                let parts = sd_jwt::Holding::parse(&wire, &[Typ::SD_JWT_VC]).ok()?;
                Some(Content::SdJwtVc { wire, parts })
            }
            (None, Some(Self::Mdoc { issuer_signed, issuer_key, verified_at })) => {
                let wire = from_base64url(&issuer_signed).ok()?;
                let key = VerifyingKey::from_jwk(&PublicJwk::from_members(issuer_key).ok()?).ok()?;
                let issued = IssuerSigned::parse(&wire).ok()?;
                let mdoc = issued.verify(IssuerTrust::Key(&key), Timestamp::from_unix(verified_at)?).ok()?;
                Some(Content::Mdoc { wire, mdoc: Box::new(mdoc) })
            }
            (None, Some(Self::Jwt { wire, document, types })) => {
                Some(Content::W3c(W3c { container: Container::Token, wire, document, types }))
            }
            (None, Some(Self::DataIntegrity { wire, document, types })) => {
                Some(Content::W3c(W3c { container: Container::DataIntegrity, wire, document, types }))
            }
            _ => None,
        }
    }
}
