//! The answer to a request of our own.

use crate::{
    error::VerifyError,
    presented::{MAX_LENGTH, Presented},
};
use serde_json::Value;
use sinpyo_core::json;

/// An answer to a request, nothing of it read yet [OpenID4VP 1.0 §8.1].
#[derive(Debug)]
pub struct Answer(pub(crate) Presented);

impl Answer {
    /// Reads `{"vp_token":{"<query>":["<presentation>"]}}`.
    ///
    /// # Errors
    /// Not strict JSON of at most 2 MiB, or as [`Presented::parse`].
    pub fn parse(wire: &[u8]) -> Result<Self, VerifyError> {
        if wire.len() > MAX_LENGTH {
            return Err(VerifyError::MalformedAnswer); // [VP-01]
        }
        let members = json::parse_object(wire).map_err(|_| VerifyError::MalformedAnswer)?;
        let Some(Value::Object(token)) = members.get("vp_token") else {
            return Err(VerifyError::MalformedAnswer); // [VP-01]
        };
        Presented::parse(token).map(Self)
    }
}
