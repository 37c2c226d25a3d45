//! What a holder sends back.

use crate::error::VerifyError;
use serde_json::{Map, Value};
use sinpyo_core::{credential::Presentation, json};
use sinpyo_proof::{PresentationError, Unverified};
use std::collections::BTreeMap;

/// Longest answer that is read, in bytes.
const MAX_ANSWER: usize = 2 << 20;

/// An answer to a request: presentations by query, nothing of them read yet [OpenID4VP 1.0 §8.1].
#[derive(Debug)]
pub struct Answer(pub(crate) BTreeMap<String, Unverified<Presentation>>);

impl Answer {
    /// Reads `{"vp_token":{"<query>":["<presentation>"]}}`.
    ///
    /// # Errors
    /// Another shape, more than one presentation for a query, or one that is no SD-JWT.
    pub fn parse(wire: &[u8]) -> Result<Self, VerifyError> {
        if wire.len() > MAX_ANSWER {
            return Err(VerifyError::MalformedAnswer); // [VP-01]
        }
        let members = json::parse_object(wire).map_err(|_| VerifyError::MalformedAnswer)?;
        let Some(Value::Object(token)) = members.get("vp_token") else {
            return Err(VerifyError::MalformedAnswer);
        };
        presentations(token).map(Self)
    }
}

fn presentations(
    token: &Map<String, Value>,
) -> Result<BTreeMap<String, Unverified<Presentation>>, VerifyError> {
    let one = |(query, value): (&String, &Value)| match value.as_array().map(Vec::as_slice) {
        Some([Value::String(presentation)]) => {
            let presentation = Unverified::<Presentation>::parse(presentation.as_bytes())
                .map_err(PresentationError::from)?;
            // The request asks for this format and no other: in another one, signer and time would mean something else.
            if !presentation.is_sd_jwt() {
                return Err(VerifyError::MalformedAnswer); // [VP-01]
            }
            Ok((query.clone(), presentation))
        }
        _ => Err(VerifyError::MalformedAnswer),
    };
    token.iter().map(one).collect()
}
