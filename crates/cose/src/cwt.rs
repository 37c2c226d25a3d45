//! The claims of a CBOR Web Token [RFC 8392].
//!
//! A CWT is a [`crate::Sign1`] whose payload is a [`Claims`]. Whether its times contain the present is for the caller to
//! check: this crate knows no clock and no tolerance.

use crate::{
    cbor::{CborError, Form, Map, Value},
    key::{self, CoseKeyError},
};
use sinpyo_core::{status::StatusEntry, time::Timestamp};
use sinpyo_crypto::VerifyingKey;

/// Claim of a Status List Token: for how many seconds it may be kept [Token Status List §5.2].
pub const TTL: i64 = 65_534;
/// Claim of a Status List Token: the list [Token Status List §5.2].
pub const STATUS_LIST: i64 = 65_533;
const STATUS: i64 = 65_535;
/// Member of `cnf` that holds a `COSE_Key` [RFC 8747 §3.1].
const COSE_KEY: i64 = 1;

/// The claims of a token. A claim of another form than its definition says is an error, never "absent".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// `iss` (1): who issued it.
    pub issuer: Option<String>,
    /// `sub` (2): what it is about.
    pub subject: Option<String>,
    /// `aud` (3): for whom it is.
    pub audience: Vec<String>,
    /// `exp` (4): from when it may no longer be accepted.
    pub expires: Option<Timestamp>,
    /// `nbf` (5): from when it may be accepted.
    pub not_before: Option<Timestamp>,
    /// `iat` (6): when it was issued.
    pub issued_at: Option<Timestamp>,
    /// `cnf` (8): the key that its holder proves to have.
    pub holder_key: Option<VerifyingKey>,
    /// `status` (65535): where its status stands.
    pub status: Option<StatusReference>,
    /// All other claims.
    pub other: Map,
}

/// An entry of a Token Status List [Token Status List §6.3].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusReference {
    /// The list (`uri`).
    pub list: String,
    /// Position in the list (`idx`).
    pub index: u64,
}

impl From<StatusReference> for StatusEntry {
    fn from(StatusReference { list, index }: StatusReference) -> Self {
        Self::Token { list, index }
    }
}

impl StatusReference {
    /// Reads a `status` claim.
    ///
    /// # Errors
    /// It holds no `status_list` with `idx` and `uri`: a status that cannot be read is not "no status".
    pub fn from_value(status: &Value) -> Result<Self, ClaimError> {
        let entry = status.as_map().and_then(|status| status.get_text("status_list")?.as_map());
        let read = |entry: &Map| {
            let list = entry.get_text("uri")?.as_text()?.to_owned();
            Some(Self { list, index: entry.get_text("idx")?.as_u64()? })
        };
        entry.and_then(read).ok_or(ClaimError::Form("status")) // [COS-25]
    }

    /// The `status` claim.
    pub fn to_value(&self) -> Value {
        let (mut status, mut entry) = (Map::new(), Map::new());
        entry.insert("idx", self.index);
        entry.insert("uri", self.list.as_str());
        status.insert("status_list", entry);
        Value::Map(status)
    }
}

impl Claims {
    /// Reads the payload of a token, which its caller has verified.
    ///
    /// # Errors
    /// Not a map, or a claim of another form.
    pub fn parse(payload: &[u8]) -> Result<Self, ClaimError> {
        let Value::Map(mut map) = Value::parse_as(payload, Form::AnyOrder)? else {
            return Err(ClaimError::NotAMap); // [COS-26]
        };
        Ok(Self {
            issuer: text(&mut map, 1, "iss")?,
            subject: text(&mut map, 2, "sub")?,
            audience: audience(map.remove(3_i64))?,
            expires: time(&mut map, 4, "exp")?,
            not_before: time(&mut map, 5, "nbf")?,
            issued_at: time(&mut map, 6, "iat")?,
            holder_key: map.remove(8_i64).map(|cnf| confirmation(&cnf)).transpose()?,
            status: map.remove(STATUS).map(|status| StatusReference::from_value(&status)).transpose()?,
            other: map,
        })
    }

    /// The payload of a token.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut map = self.other.clone();
        let mut put = |label: i64, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(label, value);
            }
        };
        let seconds = |time: Option<Timestamp>| time.map(|time| Value::from(time.unix()));
        put(1, self.issuer.as_deref().map(Value::from));
        put(2, self.subject.as_deref().map(Value::from));
        put(
            3,
            match self.audience.as_slice() {
                [] => None,
                [one] => Some(Value::from(one.as_str())),
                several => {
                    Some(several.iter().map(|one| Value::from(one.as_str())).collect::<Vec<_>>().into())
                }
            },
        );
        put(4, seconds(self.expires));
        put(5, seconds(self.not_before));
        put(6, seconds(self.issued_at));
        put(
            8,
            self.holder_key.as_ref().map(|holder_key| {
                let mut cnf = Map::new();
                cnf.insert(COSE_KEY, key::to_value(holder_key));
                cnf.into()
            }),
        );
        put(STATUS, self.status.as_ref().map(StatusReference::to_value));
        Value::Map(map).to_bytes()
    }

    /// The list of a Status List Token: bits per entry, and the entries compressed with ZLIB.
    ///
    /// # Errors
    /// The claim is missing or of another form.
    pub fn status_list(&self) -> Result<(u8, &[u8]), ClaimError> {
        let list = self.other.get_int(STATUS_LIST).and_then(Value::as_map);
        let read = list.and_then(|list| {
            let bits = u8::try_from(list.get_text("bits")?.as_u64()?).ok()?;
            Some((bits, list.get_text("lst")?.as_bytes()?))
        });
        read.ok_or(ClaimError::Form("status_list")) // [COS-25]
    }
}

fn text(map: &mut Map, label: i64, name: &'static str) -> Result<Option<String>, ClaimError> {
    match map.remove(label) {
        None => Ok(None),
        Some(Value::Text(text)) => Ok(Some(text)),
        Some(_) => Err(ClaimError::Form(name)), // [COS-25]
    }
}

/// Whole seconds only; the float form of `NumericDate` is not read.
fn time(map: &mut Map, label: i64, name: &'static str) -> Result<Option<Timestamp>, ClaimError> {
    let read = |value: Value| value.as_i64().and_then(Timestamp::from_unix).ok_or(ClaimError::Form(name)); // [COS-25]
    map.remove(label).map(read).transpose()
}

fn audience(value: Option<Value>) -> Result<Vec<String>, ClaimError> {
    let one = |value: Value| match value {
        Value::Text(text) => Ok(text),
        _ => Err(ClaimError::Form("aud")), // [COS-25]
    };
    match value {
        None => Ok(Vec::new()),
        Some(Value::Array(several)) => several.into_iter().map(one).collect(),
        Some(value) => Ok(vec![one(value)?]),
    }
}

fn confirmation(cnf: &Value) -> Result<VerifyingKey, ClaimError> {
    let key = cnf.as_map().and_then(|cnf| cnf.get_int(COSE_KEY)).ok_or(ClaimError::Form("cnf"))?; // [COS-25]
    Ok(key::from_value(key)?)
}

/// Why a payload is not read as claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// Not CBOR that is read here.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// COS-25: a claim of another form than its definition says.
    #[error("claim \"{0}\" is missing or malformed")]
    Form(&'static str),
    /// COS-26: the payload is no map.
    #[error("the claims are not a map")]
    NotAMap,
    /// The holder's key cannot be used.
    #[error("the holder's key cannot be used")]
    HolderKey(#[from] CoseKeyError),
}

impl ClaimError {
    /// The rule that was broken, as in `spec/checks/{cos,key}.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Cbor(error) => error.code(),
            Self::Form(_) => "COS-25",
            Self::NotAMap => "COS-26",
            Self::HolderKey(error) => error.code(),
        }
    }
}
