//! Issuing a credential as an mdoc.

use crate::{credential::IssueError, issuer_key::CertifiedSignatory};
use serde_json::Value;
use sinpyo_core::{
    credential::{Credential, Holder},
    key::Entropy,
    status::StatusEntry,
};
use sinpyo_cose::{cbor, cwt::StatusReference};
use sinpyo_crypto::VerifyingKey;
use sinpyo_mdoc::{Draft, ElementName, Elements, KeyAuthorizations, MdocSigner, PreparedMdoc, Validity};

/// How the text of an element is written in CBOR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElementForm {
    /// As text.
    Text,
    /// As a day: `full-date` [ISO 18013-5 §7.2.1].
    Day,
    /// As a moment: `tdate` [ISO 18013-5 §7.2.1].
    Moment,
}

impl ElementForm {
    /// `value` in CBOR; the form is that of each text in it.
    fn encode(self, value: &Value) -> Option<cbor::Value> {
        Some(match value {
            Value::Null => cbor::Value::Null,
            Value::Bool(value) => cbor::Value::Bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => cbor::Value::Unsigned(number),
                // The integer −1 − n is held as n.
                (None, Some(number)) => cbor::Value::Negative(number.unsigned_abs() - 1),
                (None, None) => cbor::Value::Float(number.as_f64()?),
            },
            Value::String(text) => {
                let text = cbor::Value::Text(text.clone());
                match self {
                    Self::Text => text,
                    Self::Day => cbor::Value::Tag(1004, Box::new(text)),
                    Self::Moment => cbor::Value::Tag(0, Box::new(text)),
                }
            }
            Value::Array(elements) => {
                cbor::Value::Array(elements.iter().map(|value| self.encode(value)).collect::<Option<_>>()?)
            }
            Value::Object(members) => {
                let mut map = cbor::Map::new();
                for (name, value) in members {
                    map.insert(name.as_str(), self.encode(value)?);
                }
                cbor::Value::Map(map)
            }
        })
    }
}

/// Prepares `credential`, whose claims stand as `{namespace: {element: value}}`, as an mdoc; `form` says how the texts of
/// an element are written.
///
/// The times are those of the credential; from the moment of issue on, it is signed and holds, unless it says otherwise.
///
/// # Errors
/// The credential is not for one certified key of a device, has another type than one, no end, no element, or a status
/// that is not in one Token Status List.
pub fn prepare(
    credential: &Credential,
    form: impl Fn(ElementName<'_>) -> ElementForm,
    signatory: CertifiedSignatory<'_>,
    entropy: &mut dyn Entropy,
) -> Result<PreparedMdoc, IssueError> {
    let [kind] = credential.types() else { return Err(IssueError::Form("types")) };
    let Holder::Key(device_key) = credential.holder() else { return Err(IssueError::Form("holder")) };
    let device_key = VerifyingKey::from_jwk(device_key).map_err(|_| IssueError::Form("holder"))?;
    let status = match credential.status() {
        [] => None,
        [StatusEntry::Token { list, index }] => Some(StatusReference { list: list.clone(), index: *index }),
        _ => return Err(IssueError::Form("status")),
    };
    let draft = Draft {
        doc_type: kind.as_str(),
        elements: &elements(credential, form)?,
        validity: validity(credential)?,
        device_key: &device_key,
        authorizations: KeyAuthorizations::default(),
        status,
    };
    let signer = MdocSigner { key: signatory.chain.key(), x5chain: signatory.chain.ders() };
    Ok(draft.prepare(signer, entropy)?)
}

fn elements(
    credential: &Credential,
    form: impl Fn(ElementName<'_>) -> ElementForm,
) -> Result<Elements, IssueError> {
    let mut all = Elements::default();
    for (namespace, elements) in credential.claims() {
        for (identifier, value) in elements.as_object().ok_or(IssueError::Form("claims"))? {
            let name = ElementName { namespace, identifier };
            let value = form(name).encode(value).ok_or(IssueError::Form("claims"))?;
            all = all.with(name, value);
        }
    }
    Ok(all)
}

fn validity(credential: &Credential) -> Result<Validity, IssueError> {
    let within = credential.validity();
    let signed = credential.issued_at().or(within.from).ok_or(IssueError::Form("issue date"))?;
    let until = within.until.ok_or(IssueError::Form("end"))?;
    Ok(Validity { signed, from: within.from.unwrap_or(signed), until, expected_update: None })
}
