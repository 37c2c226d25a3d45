//! What `COSE_Sign1` and `COSE_Mac0` have in common: two headers, a payload and a proof of both [RFC 9052 §4.2, §6.2].

use crate::{
    CoseError, Header,
    cbor::{self, Form, Map, Value},
};

/// A payload, within the message or beside it.
#[derive(Clone, Copy, Debug)]
pub enum Payload<'a> {
    /// Sent in the message.
    Attached(&'a [u8]),
    /// Known to both sides; the message holds `null`.
    Detached(&'a [u8]),
}

impl<'a> Payload<'a> {
    pub(crate) const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Attached(bytes) | Self::Detached(bytes) => bytes,
        }
    }
}

/// A message whose proof was verified with the key at hand: made only by [`crate::Sign1`] and [`crate::Mac0`].
///
/// Debug output shows the header and no payload.
#[derive(Clone, Copy)]
#[must_use]
pub struct Signed<'m> {
    header: &'m Header,
    payload: &'m [u8],
}

impl<'m> Signed<'m> {
    /// Every call site is an origin of trust.
    pub(crate) const fn assert(header: &'m Header, payload: &'m [u8]) -> Self {
        Self { header, payload }
    }

    /// What was signed.
    pub const fn payload(&self) -> &'m [u8] {
        self.payload
    }

    /// The message's header: `typ` and the content type are signed; `kid` and `x5chain` remain hints.
    pub const fn header(&self) -> &'m Header {
        self.header
    }
}

impl std::fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signed").field("header", &self.header).finish_non_exhaustive()
    }
}

/// The parts of a message.
pub(crate) struct Message {
    pub(crate) protected: Vec<u8>,
    pub(crate) unprotected: Map,
    pub(crate) header: Header,
    pub(crate) algorithm: i64,
    pub(crate) payload: Option<Vec<u8>>,
    /// The signature or the authentication code.
    pub(crate) proof: Vec<u8>,
}

impl Message {
    /// Takes apart a message, tagged with `tag` or not tagged.
    pub(crate) fn parse(bytes: &[u8], tag: u64) -> Result<Self, CoseError> {
        // Only bytes within byte strings are signed, so the form of what is around them does not matter.
        match Value::parse_as(bytes, Form::AnyOrder)? {
            Value::Tag(number, inner) if number == tag => Self::from_value(*inner),
            untagged => Self::from_value(untagged),
        }
    }

    /// Takes apart an untagged message.
    pub(crate) fn from_value(value: Value) -> Result<Self, CoseError> {
        let Value::Array(parts) = value else { return Err(CoseError::Structure) }; // [COS-11]
        let parts: [Value; 4] = parts.try_into().map_err(|_| CoseError::Structure)?; // [COS-11]
        let [Value::Bytes(protected), Value::Map(unprotected), payload, Value::Bytes(proof)] = parts else {
            return Err(CoseError::Structure); // [COS-11]
        };
        let payload = match payload {
            Value::Bytes(payload) => Some(payload),
            Value::Null => None,
            _ => return Err(CoseError::Structure), // [COS-11]
        };
        let (header, algorithm) = Header::read(&protected, &unprotected)?;
        Ok(Self { protected, unprotected, header, algorithm, payload, proof })
    }

    /// The untagged message.
    pub(crate) fn to_value(&self) -> Value {
        Value::Array(vec![
            Value::Bytes(self.protected.clone()),
            Value::Map(self.unprotected.clone()),
            self.payload.clone().map_or(Value::Null, Value::Bytes),
            Value::Bytes(self.proof.clone()),
        ])
    }
}

/// The bytes that are signed or authenticated: `Sig_structure` or `MAC_structure` [RFC 9052 §4.4, §6.3].
pub(crate) fn authenticated_bytes(
    context: &str,
    protected: &[u8],
    external_aad: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(48 + protected.len() + external_aad.len() + payload.len());
    cbor::write_array_of_strings(&mut out, context, &[protected, external_aad, payload]);
    out
}
