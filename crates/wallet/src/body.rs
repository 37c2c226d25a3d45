//! The content of the file: strict JSON, padded.

mod content;
mod credential;
mod history;
mod logo;

use crate::{
    file::{OpenError, SealError},
    key::{Custody, HolderKey},
    logo::Logo,
    note::Note,
    wallet::{Generation, Wallet},
};
use credential::HeldWire;
use history::RecordWire;
use logo::LogoWire;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sinpyo_core::{
    Secret,
    claims::ClaimPath,
    encoding::{from_base64url, to_base64url},
    json,
    jwk::PublicJwk,
};
use sinpyo_crypto::{SigningKey, VerifyingKey, password::Cost};
use std::{collections::BTreeMap, io, str::FromStr};

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
    /// Since version 2.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notes: BTreeMap<String, SecretText>,
    /// Since version 3: each once, however many copies have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    logos: Vec<LogoWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyWire {
    purpose: String,
    /// The public half of a key that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    public: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<SecretText>,
}

/// A private JWK or a note in base64url: text without escapes is not copied on its way through the JSON reader.
struct SecretText(Secret<String>);

impl BodyWire {
    fn from_wallet(wallet: &Wallet) -> Self {
        let mut logos = Vec::new();
        let held = wallet.held.iter().map(|held| HeldWire::from_held(held, &mut logos)).collect();
        Self {
            generation: wallet.generation.number(),
            next_id: wallet.next_id,
            unbound: wallet.unbound.iter().map(KeyWire::from_key).collect(),
            held,
            history: wallet.history.iter().map(RecordWire::from_record).collect(),
            notes: wallet
                .notes
                .iter()
                .map(|(name, note)| (name.clone(), SecretText::from_note(note)))
                .collect(),
            logos: logos.into_iter().map(LogoWire::from_logo).collect(),
        }
    }

    fn into_wallet(self, cost: Cost) -> Option<Wallet> {
        let logos: Vec<Logo> = self.logos.into_iter().map(LogoWire::into_logo).collect::<Option<_>>()?;
        Some(Wallet {
            generation: Generation::new(self.generation),
            cost,
            next_id: self.next_id,
            unbound: self.unbound.into_iter().map(KeyWire::into_key).collect::<Option<_>>()?,
            held: self.held.into_iter().map(|held| held.into_held(&logos)).collect::<Option<_>>()?,
            history: self.history.into_iter().map(RecordWire::into_record).collect::<Option<_>>()?,
            notes: self
                .notes
                .into_iter()
                .map(|(name, note)| Some((name, note.into_note()?)))
                .collect::<Option<_>>()?,
        })
    }
}

impl KeyWire {
    fn from_key(key: &HolderKey) -> Self {
        let (public, private) = match &key.custody {
            Custody::Wallet(key) => (None, Some(SecretText::from_key(key))),
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

impl SecretText {
    fn from_key(key: &SigningKey) -> Self {
        Self(Secret::new(to_base64url(key.to_private_jwk().expose().as_bytes())))
    }

    fn into_key(self) -> Option<SigningKey> {
        let jwk = Secret::new(from_base64url(self.0.expose()).ok()?);
        SigningKey::from_private_jwk(&jwk).ok()
    }

    fn from_note(note: &Note) -> Self {
        Self(Secret::new(to_base64url(note.0.expose().as_bytes())))
    }

    fn into_note(self) -> Option<Note> {
        let text = String::from_utf8(from_base64url(self.0.expose()).ok()?).ok()?;
        Some(Note(Secret::new(text)))
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

fn paths(values: &[Value]) -> Option<Vec<ClaimPath>> {
    values.iter().map(|path| ClaimPath::from_json(path).ok()).collect()
}

fn parsed<T: FromStr>(texts: &[String]) -> Option<Vec<T>> {
    texts.iter().map(|text| text.parse().ok()).collect()
}

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
            empty.replace("\"history\"", "\"logos\":[[\"png\",\"AA\"]],\"history\""),
            empty.replace("\"history\"", "\"logos\":[[\"gif\",\"AA\"]],\"history\""),
            with_key(r#"{"purpose":"T"}"#),
            with_key(r#"{"purpose":"T","private":"AA"}"#),
            with_key(r#"{"purpose":"T","public":{"kty":"oct"}}"#),
        ] {
            assert_eq!(read(&text).unwrap_err(), OpenError::Content, "{text}");
        }
    }
}
