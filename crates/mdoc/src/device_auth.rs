//! What a device signs or authenticates [ISO 18013-5 §9.1.3].

use crate::SessionTranscript;
use sinpyo_core::Secret;
use sinpyo_cose::cbor::{Value, encoded};
use sinpyo_crypto::{
    VerifyingKey,
    agreement::{AgreeError, AgreementKey},
    hash::sha256,
    mac::{HkdfContext, hkdf_sha256},
};

/// `DeviceAuthenticationBytes`, the detached payload; `device_namespaces` as it is within its `tag 24`.
pub(crate) fn payload(transcript: &SessionTranscript, doc_type: &str, device_namespaces: &[u8]) -> Vec<u8> {
    let authentication = Value::Array(vec![
        "DeviceAuthentication".into(),
        transcript.value().clone(),
        doc_type.into(),
        Value::encoded_bytes(device_namespaces.to_vec()),
    ]);
    encoded(&authentication.to_bytes())
}

/// `EMacKey`: from the device's key and the reader's ephemeral one, for one session.
pub(crate) fn mac_key(
    own: &AgreementKey,
    peer: &VerifyingKey,
    transcript: &SessionTranscript,
) -> Result<Secret<[u8; 32]>, AgreeError> {
    let shared = own.agree(peer)?;
    let salt = sha256(&transcript.encoded());
    Ok(hkdf_sha256(&shared, HkdfContext { salt: &salt, info: b"EMacKey" }))
}
