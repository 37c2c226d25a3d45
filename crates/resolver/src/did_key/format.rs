//! The document of a did:key in the formats of public keys that its method offers [did:key v0.9 §3.1].

use super::{KeyProblem, relationships};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::VerificationRelationship as Relationship,
    encoding::{Multikey, to_base64url},
};
use sinpyo_crypto::VerifyingKey;

/// How the one verification method of the document writes its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KeyFormat {
    /// `Multikey`.
    #[default]
    Multikey,
    /// `JsonWebKey2020`.
    JsonWebKey2020,
    /// `Ed25519VerificationKey2020`.
    Ed25519VerificationKey2020,
    /// `X25519KeyAgreementKey2020`; for a key that signs it is experimental.
    X25519KeyAgreementKey2020,
}

/// Formats of earlier suites, which the method counts as experimental; we write none of them.
const EARLIER: [&str; 2] = ["Ed25519VerificationKey2018", "X25519KeyAgreementKey2019"];

impl KeyFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [
        Self::Multikey,
        Self::JsonWebKey2020,
        Self::Ed25519VerificationKey2020,
        Self::X25519KeyAgreementKey2020,
    ];

    /// The type of the verification method.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Multikey => "Multikey",
            Self::JsonWebKey2020 => "JsonWebKey2020",
            Self::Ed25519VerificationKey2020 => "Ed25519VerificationKey2020",
            Self::X25519KeyAgreementKey2020 => "X25519KeyAgreementKey2020",
        }
    }

    /// The format that `name` names.
    ///
    /// # Errors
    /// We know no such format, or it is one of earlier suites.
    pub fn from_name(name: &str) -> Result<Self, KeyProblem> {
        let unknown = if EARLIER.contains(&name) { KeyProblem::Experimental } else { KeyProblem::Format }; // [RES-03]
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(unknown)
    }

    const fn context(self) -> &'static str {
        match self {
            Self::Multikey => "https://w3id.org/security/multikey/v1",
            Self::JsonWebKey2020 => "https://w3id.org/security/suites/jws-2020/v1",
            Self::Ed25519VerificationKey2020 => "https://w3id.org/security/suites/ed25519-2020/v1",
            Self::X25519KeyAgreementKey2020 => "https://w3id.org/security/suites/x25519-2020/v1",
        }
    }
}

/// The document of the did:key `did` with its key in `format`.
///
/// # Errors
/// What is wrong with the key, or that it has no such format.
pub fn document_in(did: &Did, format: KeyFormat) -> Result<Map<String, Value>, KeyProblem> {
    let text = did.method_specific_id();
    let key = Multikey::parse(text).map_err(|_| KeyProblem::Text)?;
    let relationships = relationships(&key)?; // [RES-02]
    let encrypts = relationships == [Relationship::KeyAgreement];
    let id = format!("{did}#{text}");
    let mut method = json!({"id": id, "type": format.name(), "controller": did.as_str()});
    let (name, value) = match format {
        KeyFormat::Multikey => ("publicKeyMultibase", json!(text)),
        KeyFormat::JsonWebKey2020 => ("publicKeyJwk", jwk(&key, encrypts)?),
        KeyFormat::Ed25519VerificationKey2020 if key.code() == 0xed => ("publicKeyMultibase", json!(text)),
        KeyFormat::X25519KeyAgreementKey2020 if encrypts => ("publicKeyMultibase", json!(text)),
        KeyFormat::X25519KeyAgreementKey2020 => return Err(KeyProblem::Experimental), // [RES-03]
        KeyFormat::Ed25519VerificationKey2020 => return Err(KeyProblem::Format),      // [RES-03]
    };
    if let Some(method) = method.as_object_mut() {
        method.insert(name.to_owned(), value);
    }
    let mut document = Map::new();
    document.insert("@context".to_owned(), json!(["https://www.w3.org/ns/did/v1", format.context()]));
    document.insert("id".to_owned(), json!(did.as_str()));
    document.insert("verificationMethod".to_owned(), json!([method]));
    for relationship in relationships {
        document.insert(relationship.name().to_owned(), json!([id]));
    }
    Ok(document)
}

fn jwk(key: &Multikey, encrypts: bool) -> Result<Value, KeyProblem> {
    if encrypts {
        return Ok(json!({"kty": "OKP", "crv": "X25519", "x": to_base64url(key.key())}));
    }
    match VerifyingKey::from_multikey(key) {
        Ok(key) => Ok(Value::Object(key.to_jwk().members().clone())),
        Err(_) => Err(KeyProblem::Format), // [RES-03]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ED25519: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    // did:key v0.9 §B: an X25519, a P-256 and a BLS12-381 G2 key.
    const X25519: &str = "did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F";
    const P256: &str = "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169";

    fn in_format(did: &str, format: KeyFormat) -> Result<Value, KeyProblem> {
        document_in(&did.parse().unwrap(), format).map(Value::Object)
    }

    #[test]
    fn a_key_is_written_in_the_format_that_is_asked_for() {
        let document = in_format(ED25519, KeyFormat::Multikey).unwrap();
        assert_eq!(document["verificationMethod"][0]["publicKeyMultibase"], json!(&ED25519[8..]));
        let document = in_format(ED25519, KeyFormat::Ed25519VerificationKey2020).unwrap();
        assert_eq!(document["verificationMethod"][0]["type"], json!("Ed25519VerificationKey2020"));
        assert!(document.get("keyAgreement").is_none());
        let document = in_format(P256, KeyFormat::JsonWebKey2020).unwrap();
        assert_eq!(document["verificationMethod"][0]["publicKeyJwk"]["crv"], json!("P-256"));
        let document = in_format(X25519, KeyFormat::X25519KeyAgreementKey2020).unwrap();
        assert_eq!(document["keyAgreement"], json!([format!("{X25519}#{}", &X25519[8..])]));
        assert!(document.get("authentication").is_none());
        let document = in_format(X25519, KeyFormat::JsonWebKey2020).unwrap();
        assert_eq!(document["verificationMethod"][0]["publicKeyJwk"]["crv"], json!("X25519"));
    }

    #[test]
    fn a_key_has_the_length_of_its_kind() {
        let of = |code: u64, length: usize| {
            let did = format!("did:key:{}", Multikey::new(code, &vec![2; length]));
            in_format(&did, KeyFormat::Multikey)
        };
        for (code, length) in
            [(0xed, 32), (0xec, 32), (0xe7, 33), (0xeb, 96), (0x1200, 33), (0x1201, 49), (0x1202, 67)]
        {
            for wrong in [0, 1, length - 1, length + 1] {
                assert_eq!(of(code, wrong), Err(KeyProblem::Length), "{code:x} {wrong}");
            }
        }
        assert!(of(0xec, 32).is_ok() && of(0xeb, 96).is_ok());
        assert_eq!(of(0x55, 32), Err(KeyProblem::Kind));
        assert_eq!(in_format("did:key:1:z6Mk", KeyFormat::Multikey), Err(KeyProblem::Text));
        assert_eq!(in_format("did:key:u6Mk", KeyFormat::Multikey), Err(KeyProblem::Text));
    }

    #[test]
    fn a_format_that_does_not_fit_the_key_is_refused() {
        assert_eq!(KeyFormat::from_name("Ed25519VerificationKey2018"), Err(KeyProblem::Experimental));
        assert_eq!(KeyFormat::from_name("unheard"), Err(KeyProblem::Format));
        assert_eq!(in_format(P256, KeyFormat::Ed25519VerificationKey2020), Err(KeyProblem::Format));
        assert_eq!(in_format(ED25519, KeyFormat::X25519KeyAgreementKey2020), Err(KeyProblem::Experimental));
    }
}
