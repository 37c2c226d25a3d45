//! The trustees' ceremony (§5).

use crate::form::{FormError, Members, from_hex_array, small, to_hex};
use serde_json::{Value, json};

/// `ceremony-commit`: what is fixed before anything is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Hash of the commitments and proofs.
    pub commit: [u8; 64],
    /// Hash of the beacon value.
    pub beacon: [u8; 64],
}

impl Commit {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["beacon", "commit"])?;
        Ok(Self { commit: members.hex("commit")?, beacon: members.hex("beacon")? })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"beacon": to_hex(&self.beacon), "commit": to_hex(&self.commit)})
    }
}

/// `ceremony-reveal`: the commitments and their proofs, as encodings joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// 32 bytes for each coefficient, option after option.
    pub commitments: Vec<u8>,
    /// 64 bytes for each coefficient.
    pub proofs: Vec<u8>,
}

impl Reveal {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["commitments", "proofs"])?;
        Ok(Self { commitments: members.hex_bytes("commitments")?, proofs: members.hex_bytes("proofs")? })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"commitments": to_hex(&self.commitments), "proofs": to_hex(&self.proofs)})
    }
}

/// `ceremony-shares`: the shares of one trustee, sealed to its box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedShare {
    /// The trustee.
    pub to: u32,
    /// HPKE's encapsulated key.
    pub enc: [u8; 32],
    /// HPKE's ciphertext.
    pub ciphertext: Vec<u8>,
}

impl SealedShare {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["ciphertext", "enc", "to"])?;
        Ok(Self {
            to: members.small("to")?,
            enc: members.hex("enc")?,
            ciphertext: members.hex_bytes("ciphertext")?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"ciphertext": to_hex(&self.ciphertext), "enc": to_hex(&self.enc), "to": self.to})
    }
}

/// `ceremony-complaint`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The dealer.
    pub against: u32,
}

impl Complaint {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        Ok(Self { against: members.exactly(&["against"])?.small("against")? })
    }
}

/// `ceremony-answer`: shares in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who complained.
    pub to: u32,
    /// 32 bytes for each option key.
    pub shares: Vec<u8>,
}

impl Answer {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["shares", "to"])?;
        Ok(Self { to: members.small("to")?, shares: members.hex_bytes("shares")? })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"shares": to_hex(&self.shares), "to": self.to})
    }
}

/// `ceremony-done`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The option keys.
    pub keys: Vec<[u8; 32]>,
    /// The qualified trustees, ascending.
    pub qualified: Vec<u32>,
}

impl Done {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["keys", "qualified"])?;
        let point = |value: &Value| value.as_str().and_then(from_hex_array).ok_or(FormError::Member("keys"));
        Ok(Self { keys: members.each("keys", point)?, qualified: members.each("qualified", small)? })
    }

    pub(super) fn to_json(&self) -> Value {
        let keys: Vec<String> = self.keys.iter().map(|key| to_hex(key)).collect();
        json!({"keys": keys, "qualified": self.qualified})
    }
}
