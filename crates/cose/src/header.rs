//! Header parameters [RFC 9052 §3.1].

use crate::{
    CoseError,
    cbor::{Form, Key, Map, Value},
};
use sinpyo_crypto::Algorithm;

/// Labels of the COSE header parameters registry.
pub(crate) mod label {
    pub(crate) const ALG: i64 = 1;
    pub(crate) const CRIT: i64 = 2;
    pub(crate) const CONTENT_TYPE: i64 = 3;
    pub(crate) const KID: i64 = 4;
    pub(crate) const TYP: i64 = 16;
    pub(crate) const X5CHAIN: i64 = 33;
}

/// Most certificates that `x5chain` may hold.
const MAX_CERTIFICATES: usize = 8;

/// What a message says about itself and its signer, beside the algorithm.
///
/// `typ`, the content type and `kid` are written into the protected header, `x5chain` into the unprotected one
/// [ISO 18013-5 §9.1.2.4]; it proves itself by its path.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Header {
    /// The media type of the whole message [RFC 9596].
    pub typ: Option<String>,
    /// The media type of the payload.
    pub content_type: Option<String>,
    /// Which key it is.
    pub kid: Option<Vec<u8>>,
    /// The signer's certificate first, each certified by the next, in DER [RFC 9360 §2]; may be empty.
    pub x5chain: Vec<Vec<u8>>,
}

impl Header {
    /// Reads both headers of a message: the parameters that are used, and the algorithm.
    ///
    /// A media type counts only where it is protected.
    pub(crate) fn read(protected: &[u8], unprotected: &Map) -> Result<(Self, i64), CoseError> {
        let protected = if protected.is_empty() {
            Map::new()
        } else {
            match Value::parse_as(protected, Form::AnyOrder)? {
                Value::Map(map) => map,
                _ => return Err(CoseError::Structure), // [COS-11]
            }
        };
        let labels = protected.iter().chain(unprotected).map(|(label, _)| label);
        if labels.clone().any(|label| matches!(label, Key::Bytes(_))) {
            return Err(CoseError::Structure); // [COS-11]
        }
        if unprotected.iter().any(|(label, _)| protected.get(label).is_some()) {
            return Err(CoseError::TwoHeaders); // [COS-13]
        }
        if labels.into_iter().any(|label| *label == Key::from(label::CRIT)) {
            return Err(CoseError::Critical); // [COS-14]
        }
        let algorithm = protected.get_int(label::ALG).and_then(Value::as_i64).ok_or(CoseError::Algorithm)?; // [COS-15]
        let either = |label| protected.get_int(label).or_else(|| unprotected.get_int(label));
        let header = Self {
            typ: media_type(&protected, label::TYP)?,
            content_type: media_type(&protected, label::CONTENT_TYPE)?,
            kid: either(label::KID).map(|kid| bytes(kid, label::KID)).transpose()?,
            x5chain: either(label::X5CHAIN).map(certificates).transpose()?.unwrap_or_default(),
        };
        Ok((header, algorithm))
    }

    /// The protected header under `algorithm`, and the unprotected one.
    pub(crate) fn write(&self, algorithm: i64) -> (Vec<u8>, Map) {
        let mut protected = Map::new();
        protected.insert(label::ALG, algorithm);
        let media_types = [(label::TYP, &self.typ), (label::CONTENT_TYPE, &self.content_type)];
        for (label, text) in media_types {
            if let Some(text) = text {
                protected.insert(label, text.as_str());
            }
        }
        if let Some(kid) = &self.kid {
            protected.insert(label::KID, kid.as_slice());
        }
        let mut unprotected = Map::new();
        match self.x5chain.as_slice() {
            [] => {}
            [leaf] => drop(unprotected.insert(label::X5CHAIN, leaf.as_slice())),
            chain => {
                let chain: Vec<Value> = chain.iter().map(|one| Value::from(one.as_slice())).collect();
                unprotected.insert(label::X5CHAIN, chain);
            }
        }
        (Value::Map(protected).to_bytes(), unprotected)
    }
}

/// Media types may also be given as CoAP numbers; no format that is read here does that.
fn media_type(protected: &Map, label: i64) -> Result<Option<String>, CoseError> {
    match protected.get_int(label) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(CoseError::Parameter(label)), // [COS-12]
    }
}

fn bytes(value: &Value, label: i64) -> Result<Vec<u8>, CoseError> {
    value.as_bytes().map(<[u8]>::to_vec).ok_or(CoseError::Parameter(label)) // [COS-12]
}

fn certificates(value: &Value) -> Result<Vec<Vec<u8>>, CoseError> {
    match value {
        Value::Array(chain) if (1..=MAX_CERTIFICATES).contains(&chain.len()) => {
            chain.iter().map(|one| bytes(one, label::X5CHAIN)).collect()
        }
        one => Ok(vec![bytes(one, label::X5CHAIN)?]),
    }
}

/// The identifier that we write for `algorithm` [COSE algorithms registry].
pub const fn algorithm_id(algorithm: Algorithm) -> i64 {
    match algorithm {
        Algorithm::Es256 => -7,
        Algorithm::Es384 => -35,
        Algorithm::Es512 => -36,
        Algorithm::Ed25519 => -8,
        Algorithm::MlDsa44 => -48,
        Algorithm::MlDsa65 => -49,
    }
}

/// The algorithm that `id` names: also by the fully specified identifiers of RFC 9864 §2.
pub const fn algorithm_of(id: i64) -> Option<Algorithm> {
    match id {
        -7 | -9 => Some(Algorithm::Es256),
        -35 | -51 => Some(Algorithm::Es384),
        -36 | -52 => Some(Algorithm::Es512),
        -8 | -19 => Some(Algorithm::Ed25519),
        -48 => Some(Algorithm::MlDsa44),
        -49 => Some(Algorithm::MlDsa65),
        _ => None,
    }
}
