//! Statements of others about a log's checkpoint [C2SP tlog-cosignature].
//!
//! A cosigner states that, as of a time, the checkpoint was the largest tree of the log that it had seen, and that it
//! extends every earlier one. Ed25519 cosignatures (`cosignature/v1`) and ML-DSA-44 ones (`subtree/v1`); the latter
//! withstand quantum computers and should be used where one is made anew.

use crate::{
    checkpoint::SignedCheckpoint,
    note::NoteSignature,
    vkey::{self, VkeyWire},
};
use sinpyo_core::{
    encoding::Multikey,
    key::{BadSignature, SignError, Signer, Verifier as _},
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, VerifyingKey};
use std::{fmt, str::FromStr};

/// The name of a cosigner, such as `witness.example/w1`.
///
/// 1 to 255 bytes without white space, control characters and `+`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CosignerName(Box<str>);

impl CosignerName {
    /// The name.
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CosignerName {
    type Err = CosignatureError;

    fn from_str(text: &str) -> Result<Self, CosignatureError> {
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        let fine = (1..=255).contains(&text.len()) && !text.contains(forbidden);
        if fine { Ok(Self(text.into())) } else { Err(CosignatureError::Name) } // [WIT-01]
    }
}

impl fmt::Display for CosignerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The two kinds of cosignature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ed25519,
    MlDsa44,
}

impl Kind {
    const fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Ed25519 => Some(Self::Ed25519),
            Algorithm::MlDsa44 => Some(Self::MlDsa44),
            _ => None,
        }
    }

    /// The signature type in key ids and verifier keys.
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 4,
            Self::MlDsa44 => 6,
        }
    }

    const fn multicodec(self) -> u64 {
        match self {
            Self::Ed25519 => 0xed,
            Self::MlDsa44 => 0x1210,
        }
    }
}

/// The key under which a cosigner's statements are checked: Ed25519 or ML-DSA-44.
///
/// Printed and parsed as `name+hash+key`, with signature type 4 or 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignerKey {
    name: CosignerName,
    kind: Kind,
    key: VerifyingKey,
    id: [u8; 4],
}

impl CosignerKey {
    /// The key `key` of the cosigner `name`.
    ///
    /// # Errors
    /// [`CosignatureError::KeyType`] unless it is an Ed25519 or ML-DSA-44 key.
    pub fn new(name: CosignerName, key: VerifyingKey) -> Result<Self, CosignatureError> {
        let kind = Kind::of(key.algorithm()).ok_or(CosignatureError::KeyType)?; // [WIT-01]
        let id = vkey::key_id(name.as_str(), kind.byte(), key.to_multikey().key());
        Ok(Self { name, kind, key, id })
    }

    /// The name of the cosigner.
    pub const fn name(&self) -> &CosignerName {
        &self.name
    }

    /// The public key.
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// Whether `line` is said to be of this key.
    pub fn is_key_of(&self, line: &NoteSignature) -> bool {
        line.key_id() == self.id && line.key_name() == self.name.as_str()
    }

    /// States with the private half of this key, which `signer` holds, that `checkpoint` was the largest tree seen at
    /// `at`. Whether that is so is the caller's to know: [`crate::witness::Witness`] does.
    ///
    /// # Errors
    /// The signer refused, or holds another key; `at` lies before 1970.
    pub fn cosign(
        &self,
        checkpoint: &SignedCheckpoint,
        at: Timestamp,
        signer: &dyn Signer,
    ) -> Result<NoteSignature, CosignError> {
        let seconds = u64::try_from(at.unix()).map_err(|_| CosignError::Time)?;
        let message = self.message(checkpoint, seconds);
        let signature = signer.sign(&message).map_err(CosignError::Signer)?;
        let _signed = self.key.verify(&message, &signature).map_err(CosignError::AnotherKey)?;
        let bytes = [&seconds.to_be_bytes()[..], &signature].concat();
        Ok(NoteSignature::new(self.name.as_str(), self.id, bytes.into()))
    }

    /// When this cosigner stated that `checkpoint` was the largest tree it had seen; the latest time, if it did
    /// so more than once. The log's own signature is not checked here.
    ///
    /// An ML-DSA-44 cosignature at the second 0 states consistency only, and counts as one of 1970.
    ///
    /// # Errors
    /// It did not cosign, or one of its lines is malformed or does not verify.
    pub fn verify(&self, checkpoint: &SignedCheckpoint) -> Result<Timestamp, CosignatureError> {
        let lines = checkpoint.note().signatures_of(self.name.as_str(), self.id);
        let mut latest = None;
        for line in lines {
            latest = latest.max(Some(self.verify_line(checkpoint, line)?));
        }
        latest.ok_or(CosignatureError::Absent) // [WIT-02]
    }

    fn verify_line(
        &self,
        checkpoint: &SignedCheckpoint,
        line: &NoteSignature,
    ) -> Result<Timestamp, CosignatureError> {
        let (time, signature) = line.bytes().split_first_chunk().ok_or(CosignatureError::Signature)?;
        let seconds = u64::from_be_bytes(*time);
        let at = i64::try_from(seconds).ok().and_then(Timestamp::from_unix);
        let at = at.ok_or(CosignatureError::Time)?; // [WIT-04]
        let message = self.message(checkpoint, seconds);
        let checked = self.key.verify(&message, signature);
        let _signed = checked.map_err(|BadSignature| CosignatureError::Signature)?; // [WIT-03]
        Ok(at)
    }

    /// What is signed.
    fn message(&self, checkpoint: &SignedCheckpoint, seconds: u64) -> Vec<u8> {
        match self.kind {
            Kind::Ed25519 => {
                let text = checkpoint.note().unverified_text();
                format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
            }
            Kind::MlDsa44 => {
                let (origin, head) = (checkpoint.claimed_origin(), checkpoint.claimed_head());
                let mut message = b"subtree/v1\n\0".to_vec();
                push_name(&mut message, self.name.as_str());
                message.extend(seconds.to_be_bytes());
                push_name(&mut message, origin.as_str());
                message.extend(0_u64.to_be_bytes());
                message.extend(head.size.to_be_bytes());
                message.extend(head.root.as_bytes());
                message
            }
        }
    }
}

/// A name after its length in one byte. Both kinds of name have at most 255 bytes.
fn push_name(message: &mut Vec<u8>, name: &str) {
    message.extend(u8::try_from(name.len()));
    message.extend(name.as_bytes());
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        vkey::print(f, self.name.as_str(), self.kind.byte(), self.key.to_multikey().key())
    }
}

impl FromStr for CosignerKey {
    type Err = CosignatureError;

    fn from_str(text: &str) -> Result<Self, CosignatureError> {
        let wire = VkeyWire::parse(text).ok_or(CosignatureError::KeyText)?; // [WIT-01]
        let kinds = [Kind::Ed25519, Kind::MlDsa44];
        let kind =
            kinds.into_iter().find(|kind| kind.byte() == wire.kind).ok_or(CosignatureError::KeyType)?;
        let key = VerifyingKey::from_multikey(&Multikey::new(kind.multicodec(), &wire.key))
            .map_err(|_| CosignatureError::KeyText)?;
        Self::new(wire.name.parse()?, key)
    }
}

/// Why a cosigner's key or cosignature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CosignatureError {
    /// WIT-01: not a name of 1 to 255 bytes without white space and `+`.
    #[error("not the name of a cosigner")]
    Name,
    /// WIT-01: the key's text is not `name+hash+key` with the hash of its name and key.
    #[error("not a verifier key of a cosigner")]
    KeyText,
    /// WIT-01: another kind of key than Ed25519 and ML-DSA-44.
    #[error("a cosigner's key is an Ed25519 or ML-DSA-44 key")]
    KeyType,
    /// WIT-02: there is no line of this key.
    #[error("the checkpoint has no cosignature by this key")]
    Absent,
    /// WIT-03: the cosignature does not verify.
    #[error("the cosignature does not verify")]
    Signature,
    /// WIT-04: the time lies beyond the year 9999.
    #[error("the cosignature's time is out of range")]
    Time,
}

impl CosignatureError {
    /// The rule that was broken, as in `spec/checks/wit.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name | Self::KeyText | Self::KeyType => "WIT-01",
            Self::Absent => "WIT-02",
            Self::Signature => "WIT-03",
            Self::Time => "WIT-04",
        }
    }
}

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CosignError {
    /// The key store refused.
    #[error("the cosigner's key did not sign")]
    Signer(#[source] SignError),
    /// The signature does not verify under the cosigner's public key.
    #[error("the signer holds another key than the cosigner's")]
    AnotherKey(#[source] BadSignature),
    /// Cosignatures count seconds from 1970.
    #[error("the time lies before 1970")]
    Time,
}
