//! The content of the file: strict JSON, padded.

use crate::{
    file::{OpenError, SealError},
    held::{CopyUse, HeldCredential, HeldId},
    history::{PresentationRecord, ShownCredential},
    key::{Custody, HolderKey},
    wallet::{Generation, Wallet},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sinpyo_core::{
    Secret,
    accreditation::LocalizedName,
    claims::ClaimPath,
    credential::{Credential, CredentialType, Holder, Validity},
    encoding::{from_base64url, to_base64url},
    json,
    jwk::PublicJwk,
    status::{StatusEntry, StatusMessages, StatusPurpose},
    time::Timestamp,
};
use sinpyo_crypto::{SigningKey, VerifyingKey, password::Cost};
use sinpyo_proof::{jws::Typ, sd_jwt};
use std::{io, str::FromStr};

/// The length is rounded up to a multiple of this, so that it does not count the credentials.
const PADDING: usize = 4096;

/// Writes the content of `wallet`. No buffer with keys in it is left behind: the length is found first.
pub(crate) fn write(wallet: &Wallet) -> Result<Secret<Vec<u8>>, SealError> {
    let body = BodyWire::from_wallet(wallet);
    let mut length = Length(0);
    serde_json::to_writer(&mut length, &body).map_err(|_| SealError::TooLarge)?;
    let padded = length.0.next_multiple_of(PADDING);
    if padded > json::MAX_LENGTH {
        return Err(SealError::TooLarge);
    }
    let mut bytes = Vec::with_capacity(padded);
    serde_json::to_writer(&mut bytes, &body).map_err(|_| SealError::TooLarge)?;
    bytes.resize(padded, b' ');
    Ok(Secret::new(bytes))
}

/// Reads what [`write`] wrote.
pub(crate) fn read(body: &Secret<Vec<u8>>, cost: Cost) -> Result<Wallet, OpenError> {
    let value = json::parse(body.expose()).map_err(|_| OpenError::Content)?; // [WAL-15]
    let body: BodyWire = serde_json::from_value(value).map_err(|_| OpenError::Content)?; // [WAL-15]
    body.into_wallet(cost).ok_or(OpenError::Content) // [WAL-15]
}

/// Counts bytes.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyWire {
    generation: u64,
    next_id: u64,
    unbound: Vec<KeyWire>,
    held: Vec<HeldWire>,
    history: Vec<RecordWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyWire {
    purpose: String,
    /// The public half of a key that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<PrivateWire>,
}

/// A private JWK in base64url: text without escapes is not copied on its way through the JSON reader.
struct PrivateWire(Secret<String>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldWire {
    id: u64,
    credential: CredentialWire,
    key: KeyWire,
    wire: String,
    withheld: Vec<Value>,
    shown_to: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialWire {
    id: Option<String>,
    types: Vec<String>,
    issuer: String,
    issued_at: Option<i64>,
    from: Option<i64>,
    until: Option<i64>,
    status: Vec<StatusWire>,
    claims: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusWire {
    list: String,
    index: u64,
    /// Only of a Bitstring Status List.
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordWire {
    at: i64,
    verifier: String,
    name_ko: String,
    name_en: String,
    service: String,
    shown: Vec<ShownWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownWire {
    held: u64,
    kind: String,
    claims: Vec<Value>,
    copy: CopyWire,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CopyWire {
    Again,
    Fresh,
    Linkable,
}

impl BodyWire {
    fn from_wallet(wallet: &Wallet) -> Self {
        Self {
            generation: wallet.generation.number(),
            next_id: wallet.next_id,
            unbound: wallet.unbound.iter().map(KeyWire::from_key).collect(),
            held: wallet.held.iter().map(HeldWire::from_held).collect(),
            history: wallet.history.iter().map(RecordWire::from_record).collect(),
        }
    }

    fn into_wallet(self, cost: Cost) -> Option<Wallet> {
        Some(Wallet {
            generation: Generation::new(self.generation),
            cost,
            next_id: self.next_id,
            unbound: self.unbound.into_iter().map(KeyWire::into_key).collect::<Option<_>>()?,
            held: self.held.into_iter().map(HeldWire::into_held).collect::<Option<_>>()?,
            history: self.history.into_iter().map(RecordWire::into_record).collect::<Option<_>>()?,
        })
    }
}

impl KeyWire {
    fn from_key(key: &HolderKey) -> Self {
        let (public, private) = match &key.custody {
            Custody::Wallet(key) => (None, Some(PrivateWire::from_key(key))),
            Custody::Elsewhere(key) => (Some(key.to_jwk().members().clone()), None),
        };
        Self { purpose: key.purpose.to_string(), public, private }
    }

    fn into_key(self) -> Option<HolderKey> {
        let custody = match (self.public, self.private) {
            (Some(public), None) => {
                let jwk = PublicJwk::from_members(public).ok()?;
                Custody::Elsewhere(VerifyingKey::from_jwk(&jwk).ok()?)
            }
            (None, Some(private)) => Custody::Wallet(private.into_key()?),
            _ => return None,
        };
        Some(HolderKey { purpose: self.purpose.parse().ok()?, custody })
    }
}

impl PrivateWire {
    fn from_key(key: &SigningKey) -> Self {
        Self(Secret::new(to_base64url(key.to_private_jwk().expose().as_bytes())))
    }

    fn into_key(self) -> Option<SigningKey> {
        let jwk = Secret::new(from_base64url(self.0.expose()).ok()?);
        SigningKey::from_private_jwk(&jwk).ok()
    }
}

impl Serialize for PrivateWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for PrivateWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

impl HeldWire {
    fn from_held(held: &HeldCredential) -> Self {
        Self {
            id: held.id.0,
            credential: CredentialWire::from_credential(&held.credential),
            key: KeyWire::from_key(&held.key),
            wire: held.wire.clone(),
            withheld: held.withheld.iter().map(ClaimPath::to_json).collect(),
            shown_to: held.shown_to.iter().map(ToString::to_string).collect(),
        }
    }

    fn into_held(self) -> Option<HeldCredential> {
        let key = self.key.into_key()?;
        Some(HeldCredential {
            id: HeldId(self.id),
            credential: self.credential.into_credential(key.public())?,
            key,
            parts: sd_jwt::Holding::parse(&self.wire, &[Typ::SD_JWT_VC]).ok()?,
            wire: self.wire,
            withheld: paths(&self.withheld)?,
            shown_to: parsed(&self.shown_to)?.into_iter().collect(),
        })
    }
}

impl CredentialWire {
    fn from_credential(credential: &Credential) -> Self {
        let validity = credential.validity();
        Self {
            id: credential.id().map(str::to_owned),
            types: credential.types().iter().map(ToString::to_string).collect(),
            issuer: credential.issuer().to_owned(),
            issued_at: credential.issued_at().map(Timestamp::unix),
            from: validity.from.map(Timestamp::unix),
            until: validity.until.map(Timestamp::unix),
            status: credential.status().iter().map(StatusWire::from_entry).collect(),
            claims: credential.claims().clone(),
        }
    }

    /// The credential, bound to the public half of its holder's key.
    fn into_credential(self, key: &VerifyingKey) -> Option<Credential> {
        let mut types = parsed::<CredentialType>(&self.types)?.into_iter();
        let validity = Validity { from: time(self.from).ok()?, until: time(self.until).ok()? };
        let mut credential = Credential::builder(types.next()?, &self.issuer)
            .holder(Holder::Key(key.to_jwk()))
            .valid(validity)
            .claims(self.claims);
        for kind in types {
            credential = credential.also(kind);
        }
        for entry in self.status {
            credential = credential.status(entry.into_entry()?);
        }
        if let Some(id) = self.id {
            credential = credential.id(id);
        }
        if let Some(at) = time(self.issued_at).ok()? {
            credential = credential.issued_at(at);
        }
        Some(credential.build())
    }
}

impl StatusWire {
    fn from_entry(entry: &StatusEntry) -> Self {
        let (purpose, messages) = match entry {
            StatusEntry::Token { .. } => (None, None),
            StatusEntry::Bitstring { purpose, messages, .. } => {
                (Some(purpose.name().to_owned()), messages.as_ref().map(|messages| messages.texts().to_vec()))
            }
        };
        Self { list: entry.list().to_owned(), index: entry.index(), purpose, messages }
    }

    fn into_entry(self) -> Option<StatusEntry> {
        let Self { list, index, purpose, messages } = self;
        match purpose {
            None => Some(StatusEntry::Token { list, index }),
            Some(name) => {
                let purpose = StatusPurpose::from_name(&name)?;
                let messages = messages.map(StatusMessages::new).transpose().ok()?;
                Some(StatusEntry::Bitstring { list, index, purpose, messages })
            }
        }
    }
}

impl RecordWire {
    fn from_record(record: &PresentationRecord) -> Self {
        let shown = |shown: &ShownCredential| ShownWire {
            held: shown.held.0,
            kind: shown.kind.to_string(),
            claims: shown.claims.iter().map(ClaimPath::to_json).collect(),
            copy: match shown.copy {
                CopyUse::Again => CopyWire::Again,
                CopyUse::Fresh => CopyWire::Fresh,
                CopyUse::Linkable => CopyWire::Linkable,
            },
        };
        Self {
            at: record.at.unix(),
            verifier: record.verifier.to_string(),
            name_ko: record.name.ko.clone(),
            name_en: record.name.en.clone(),
            service: record.service.to_string(),
            shown: record.shown.iter().map(shown).collect(),
        }
    }

    fn into_record(self) -> Option<PresentationRecord> {
        let shown = |shown: ShownWire| {
            let copy = match shown.copy {
                CopyWire::Again => CopyUse::Again,
                CopyWire::Fresh => CopyUse::Fresh,
                CopyWire::Linkable => CopyUse::Linkable,
            };
            let (held, kind) = (HeldId(shown.held), shown.kind.parse().ok()?);
            Some(ShownCredential { held, kind, claims: paths(&shown.claims)?, copy })
        };
        Some(PresentationRecord {
            at: Timestamp::from_unix(self.at)?,
            verifier: self.verifier.parse().ok()?,
            name: LocalizedName { ko: self.name_ko, en: self.name_en },
            service: self.service.parse().ok()?,
            shown: self.shown.into_iter().map(shown).collect::<Option<_>>()?,
        })
    }
}

fn paths(values: &[Value]) -> Option<Vec<ClaimPath>> {
    values.iter().map(|path| ClaimPath::from_json(path).ok()).collect()
}

fn parsed<T: FromStr>(texts: &[String]) -> Option<Vec<T>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}

/// Absent stays absent; a number that is no time makes the whole content malformed.
fn time(seconds: Option<i64>) -> Result<Option<Timestamp>, NotATime> {
    seconds.map(|seconds| Timestamp::from_unix(seconds).ok_or(NotATime)).transpose()
}

struct NotATime;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Wallet, OpenError> {
        super::read(&Secret::new(text.as_bytes().to_vec()), Cost::DEFAULT)
    }

    #[test]
    fn authentic_content_is_still_read_strictly() {
        let empty = r#"{"generation":1,"next_id":1,"unbound":[],"held":[],"history":[]}"#;
        assert_eq!(read(empty).unwrap().generation().number(), 1);
        let with_key = |key: &str| empty.replace(r#""unbound":[]"#, &format!(r#""unbound":[{key}]"#));
        for text in [
            String::new(),
            "[]".to_owned(),
            empty.replace("\"next_id\":1", "\"next_id\":1,\"next_id\":2"),
            empty.replace("\"next_id\":1", "\"next_id\":1,\"unknown\":2"),
            empty.replace("\"next_id\":1", "\"next_id\":-1"),
            empty.replace(",\"history\":[]", ""),
            with_key(r#"{"purpose":"T"}"#),
            with_key(r#"{"purpose":"T","private":"AA"}"#),
            with_key(r#"{"purpose":"T","public":{"kty":"oct"}}"#),
        ] {
            assert_eq!(read(&text).unwrap_err(), OpenError::Content, "{text}");
        }
    }
}
