//! A credential as its issuer sent it, in each format.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    claims::{ClaimPath, ClaimStep},
    credential::{Credential, Holder},
    did::{Did, KeyId},
    encoding::{Multikey, from_base64url},
    jwk::PublicJwk,
};
use sinpyo_crypto::VerifyingKey;
use sinpyo_dcql::{Format, Kind};
use sinpyo_mdoc::{ElementName, VerifiedMdoc};
use sinpyo_proof::sd_jwt;

/// The bytes that the issuer signed, and what was taken out of them.
pub(crate) enum Content {
    /// Claims may be shown one by one.
    SdJwtVc { wire: String, parts: sd_jwt::Holding },
    /// Elements may be shown one by one. `wire` is the `IssuerSigned`.
    Mdoc { wire: Vec<u8>, mdoc: Box<VerifiedMdoc> },
    /// Shown as a whole.
    W3c(W3c),
}

/// A W3C credential.
pub(crate) struct W3c {
    pub(crate) container: Container,
    /// The token, or the document with its proof.
    pub(crate) wire: String,
    /// What was signed.
    pub(crate) document: Map<String, Value>,
    /// Its types as IRIs.
    pub(crate) types: Vec<String>,
}

/// How a W3C credential is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Token,
    DataIntegrity,
}

impl Content {
    pub(crate) const fn format(&self) -> Format {
        match self {
            Self::SdJwtVc { .. } => Format::SdJwtVc,
            Self::Mdoc { .. } => Format::Mdoc,
            Self::W3c(W3c { container: Container::Token, .. }) => Format::JwtVc,
            Self::W3c(W3c { container: Container::DataIntegrity, .. }) => Format::LdpVc,
        }
    }

    /// Format and type in the words of a query.
    pub(crate) fn kind(&self, credential: &Credential) -> Kind {
        let mut types = credential.types().iter().map(ToString::to_string);
        match self {
            Self::SdJwtVc { .. } => {
                Kind::SdJwtVc { vct: types.next().unwrap_or_default(), extends: types.collect() }
            }
            Self::Mdoc { mdoc, .. } => Kind::Mdoc { doctype: mdoc.doc_type().to_owned() },
            Self::W3c(W3c { container: Container::Token, types, .. }) => Kind::JwtVc { types: types.clone() },
            Self::W3c(W3c { types, .. }) => Kind::LdpVc { types: types.clone() },
        }
    }

    /// What claims path pointers start from.
    pub(crate) fn claims<'a>(&'a self, credential: &'a Credential) -> &'a Map<String, Value> {
        match self {
            Self::SdJwtVc { parts, .. } => parts.claims(),
            Self::Mdoc { .. } => credential.claims(),
            Self::W3c(w3c) => &w3c.document,
        }
    }

    /// The claims that every verifier sees, asked for or not: those at the top, and of the subject.
    pub(crate) fn visible(&self, credential: &Credential) -> Vec<ClaimPath> {
        match self {
            Self::SdJwtVc { parts, .. } => {
                let hidden = |name: &str| {
                    parts.hidden().any(|path| matches!(path, [ClaimStep::Name(hidden)] if hidden == name))
                };
                let names = credential.claims().keys().filter(|name| !hidden(name));
                names.map(|name| ClaimPath::name(name)).collect()
            }
            Self::Mdoc { .. } => Vec::new(),
            Self::W3c(w3c) => w3c.subject_claims(),
        }
    }

    /// The claims that can be hidden, in all detail.
    pub(crate) fn hideable(&self) -> Vec<ClaimPath> {
        match self {
            Self::SdJwtVc { parts, .. } => parts.hidden().filter_map(path).collect(),
            Self::Mdoc { mdoc, .. } => mdoc.elements().filter_map(|(name, _)| element_path(name)).collect(),
            Self::W3c(_) => Vec::new(),
        }
    }

    /// Whether every verifier sees something of what `path` selects.
    pub(crate) fn always_shows(&self, path: &ClaimPath) -> bool {
        match self {
            Self::SdJwtVc { parts, .. } => {
                plain_claims(parts).is_none_or(|plain| !path.select(&plain).is_empty())
            }
            Self::Mdoc { .. } => false,
            Self::W3c(w3c) => !path.select(&w3c.document).is_empty(),
        }
    }

    /// The key that the issuer bound the credential to; none if it is bound to nobody, or in a way that no
    /// presentation of this format can prove.
    pub(crate) fn bound_key(&self, credential: &Credential) -> Option<VerifyingKey> {
        match (self, credential.holder()) {
            (Self::SdJwtVc { .. } | Self::Mdoc { .. }, Holder::Key(jwk)) => VerifyingKey::from_jwk(jwk).ok(),
            (Self::W3c(_), Holder::Did(did)) => key_of(did),
            _ => None,
        }
    }
}

impl W3c {
    fn subject_claims(&self) -> Vec<ClaimPath> {
        const SUBJECT: &str = "credentialSubject";
        let Some(Value::Object(subject)) = self.document.get(SUBJECT) else {
            return vec![ClaimPath::name(SUBJECT)];
        };
        let names = subject.keys().filter(|name| *name != "id");
        names.filter_map(|name| ClaimPath::from_json(&json!([SUBJECT, name])).ok()).collect()
    }
}

/// The claims that stay visible when nothing is disclosed.
fn plain_claims(parts: &sd_jwt::Holding) -> Option<Map<String, Value>> {
    let undisclosed = parts.select(&[]).ok()?.unbound();
    let undisclosed = sd_jwt::Holding::parse(&undisclosed, &[sinpyo_proof::jws::Typ::SD_JWT_VC]).ok()?;
    Some(undisclosed.claims().clone())
}

/// The key that a DID consists of: `did:key` and `did:jwk`, as wallets have them.
fn key_of(did: &Did) -> Option<VerifyingKey> {
    match did.method() {
        "key" => VerifyingKey::from_multikey(&Multikey::parse(did.method_specific_id()).ok()?).ok(),
        "jwk" => {
            let members =
                sinpyo_core::json::parse_object(&from_base64url(did.method_specific_id()).ok()?).ok()?;
            VerifyingKey::from_jwk(&PublicJwk::from_members(members).ok()?).ok()
        }
        _ => None,
    }
}

/// The verification method of a DID that consists of a key.
pub(crate) fn only_method(did: &Did) -> Option<KeyId> {
    let fragment = if did.method() == "jwk" { "0" } else { did.method_specific_id() };
    did.key(fragment).ok()
}

fn element_path(name: ElementName<'_>) -> Option<ClaimPath> {
    ClaimPath::from_json(&json!([name.namespace, name.identifier])).ok()
}

/// The path of these steps, unless they are more than a path can have: then no request can name the claim.
fn path(steps: &[ClaimStep]) -> Option<ClaimPath> {
    let step = |step: &ClaimStep| match step {
        ClaimStep::Name(name) => Value::from(name.as_str()),
        ClaimStep::Index(index) => Value::from(*index),
        ClaimStep::Every => Value::Null,
    };
    ClaimPath::from_json(&steps.iter().map(step).collect()).ok()
}
