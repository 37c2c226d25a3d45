//! What happens while ballots are taken (§§3, 10, 11).

use super::roll::reason;
use crate::form::{FormError, Members, from_hex_array, owned_text, small, to_hex};
use serde_json::{Map, Value, json};
use sinpyo_core::encoding::to_base64url;

/// `withdraw`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Id of the contest.
    pub contest: String,
    /// Id of the option.
    pub option: String,
    /// Why.
    pub reason: String,
}

impl Withdrawal {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["contest", "option", "reason"])?;
        Ok(Self {
            contest: members.text("contest")?.to_owned(),
            option: members.text("option")?.to_owned(),
            reason: reason(members)?,
        })
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"contest": self.contest, "option": self.option, "reason": self.reason})
    }
}

/// `spoiled`: a ballot that was checked, without its tag and proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoiled {
    /// `α`.
    pub alpha: [u8; 32],
    /// `β` of each option.
    pub beta: Vec<[u8; 32]>,
    /// The chosen column of each contest, 0 for blank.
    pub choices: Vec<u32>,
    /// `ρ`.
    pub rho: [u8; 32],
    /// The tracking code that was shown: 20 characters.
    pub tracking: String,
}

impl Spoiled {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["alpha", "beta", "choices", "rho", "tracking"])?;
        let tracking = owned_text(members.value("tracking")?)?;
        let is_code =
            tracking.len() == 20 && tracking.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        let point = |value: &Value| value.as_str().and_then(from_hex_array).ok_or(FormError::Member("beta"));
        Ok(Self {
            alpha: members.hex("alpha")?,
            beta: members.each("beta", point)?,
            choices: members.each("choices", small)?,
            rho: members.hex("rho")?,
            tracking: if is_code { tracking } else { return Err(FormError::Member("tracking")) },
        })
    }

    pub(super) fn to_json(&self) -> Value {
        let beta: Vec<String> = self.beta.iter().map(|point| to_hex(point)).collect();
        json!({
            "alpha": to_hex(&self.alpha),
            "beta": beta,
            "choices": self.choices,
            "rho": to_hex(&self.rho),
            "tracking": self.tracking,
        })
    }
}

/// The ballot that was refused, or what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RejectedBallot {
    /// All of it.
    Bytes(Vec<u8>),
    /// SHA-256 of one that is too long to keep.
    Digest([u8; 32]),
}

/// `rejected`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The ballot.
    pub ballot: RejectedBallot,
    /// Why.
    pub reason: crate::ballots::Reason,
}

impl Rejected {
    /// Longest ballot kept whole, in bytes.
    pub const MAX_KEPT: usize = 40_000;

    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let ballot = if members.has("digest") {
            RejectedBallot::Digest(members.exactly(&["digest", "reason"])?.hex("digest")?)
        } else {
            RejectedBallot::Bytes(members.exactly(&["ballot", "reason"])?.base64url("ballot")?)
        };
        let reason = crate::ballots::Reason::from_name(members.text("reason")?);
        Ok(Self { ballot, reason: reason.ok_or(FormError::Member("reason"))? })
    }

    pub(super) fn to_json(&self) -> Value {
        let mut body = Map::new();
        match &self.ballot {
            RejectedBallot::Bytes(bytes) => body.insert("ballot".into(), json!(to_base64url(bytes))),
            RejectedBallot::Digest(digest) => body.insert("digest".into(), json!(to_hex(digest))),
        };
        body.insert("reason".into(), json!(self.reason.as_str()));
        Value::Object(body)
    }
}

/// `close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// How many ballots the log has.
    pub ballots: u64,
    /// How many entries come before this one.
    pub size: u64,
}

impl Closing {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FormError> {
        let members = members.exactly(&["ballots", "size"])?;
        Ok(Self { ballots: members.number("ballots")?, size: members.number("size")? })
    }
}
