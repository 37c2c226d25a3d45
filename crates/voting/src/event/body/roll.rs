//! The roll (§§6, 7).

use crate::form::{FormError, Members, is_readable, owned_text, small, to_hex};
use serde_json::{Value, json};

/// Longest reason given in an event, in bytes.
pub(super) const MAX_REASON: usize = 1_000;

pub(super) fn reason(members: Members<'_>) -> Result<String, FormError> {
    let reason = owned_text(members.value("reason")?)?;
    if is_readable(&reason, MAX_REASON) { Ok(reason) } else { Err(FormError::Member("reason")) }
}

/// `register` in profile `ring`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// What the proof is bound to.
    pub binding: [u8; 64],
    /// The commitment.
    pub commitment: [u8; 32],
    /// Id of the district.
    pub district: String,
    /// SHA-256 of the holder's signed request.
    pub holder: [u8; 32],
    /// The proof that the holder can open the commitment.
    pub proof: [u8; 96],
    /// Whether the slot had a commitment before.
    pub replaces: bool,
    /// The line of the roll.
    pub slot: [u8; 16],
}

impl Registration {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members =
            members.exactly(&["binding", "commitment", "district", "holder", "proof", "replaces", "slot"])?;
        Ok(Self {
            binding: members.hex("binding")?,
            commitment: members.hex("commitment")?,
            district: members.text("district")?.to_owned(),
            holder: members.hex("holder")?,
            proof: members.hex("proof")?,
            replaces: members.truth("replaces")?,
            slot: members.hex("slot")?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "binding": to_hex(&self.binding),
            "commitment": to_hex(&self.commitment),
            "district": self.district,
            "holder": to_hex(&self.holder),
            "proof": to_hex(&self.proof),
            "replaces": self.replaces,
            "slot": to_hex(&self.slot),
        })
    }
}

/// `register` in profile `token`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredToken {
    /// SHA-256 of the blinded message that was signed.
    pub blinded: [u8; 32],
    /// Id of the district.
    pub district: String,
    /// SHA-256 of the holder's signed request.
    pub holder: [u8; 32],
    /// Always false: an old token cannot be called back.
    pub replaces: bool,
    /// The line of the roll.
    pub slot: [u8; 16],
}

impl RegisteredToken {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["blinded", "district", "holder", "replaces", "slot"])?;
        Ok(Self {
            blinded: members.hex("blinded")?,
            district: members.text("district")?.to_owned(),
            holder: members.hex("holder")?,
            replaces: members.truth("replaces")?,
            slot: members.hex("slot")?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "blinded": to_hex(&self.blinded),
            "district": self.district,
            "holder": to_hex(&self.holder),
            "replaces": self.replaces,
            "slot": to_hex(&self.slot),
        })
    }
}

/// `strike`: a correction of the roll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strike {
    /// Why.
    pub reason: String,
    /// The line of the roll.
    pub slot: [u8; 16],
}

impl Strike {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["reason", "slot"])?;
        Ok(Self { reason: reason(members)?, slot: members.hex("slot")? })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"reason": self.reason, "slot": to_hex(&self.slot)})
    }
}

/// A district in `freeze`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenDistrict {
    /// Its id.
    pub id: String,
    /// Voters by the legal roll.
    pub legal: u64,
    /// Live lines with a commitment or a token.
    pub registered: u64,
}

impl FrozenDistrict {
    pub(super) fn read(value: &Value) -> Result<Self, FormError> {
        let members = Members::of(value, &["id", "legal", "registered"])?;
        Ok(Self {
            id: members.text("id")?.to_owned(),
            legal: members.number("legal")?,
            registered: members.number("registered")?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"id": self.id, "legal": self.legal, "registered": self.registered})
    }
}

/// `rings`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingsMade {
    /// The beacon.
    pub beacon: [u8; 32],
    /// How many rings.
    pub rings: u64,
    /// The roll root.
    pub root: [u8; 32],
    /// Trustees that did not show their beacon value, ascending.
    pub without: Vec<u32>,
}

impl RingsMade {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["beacon", "rings", "root", "without"])?;
        Ok(Self {
            beacon: members.hex("beacon")?,
            rings: members.number("rings")?,
            root: members.hex("root")?,
            without: members.each("without", small)?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "beacon": to_hex(&self.beacon),
            "rings": self.rings,
            "root": to_hex(&self.root),
            "without": self.without,
        })
    }
}
