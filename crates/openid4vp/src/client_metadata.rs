//! What a request says about the verifier's abilities [OpenID4VP 1.0 §5.1].

use serde_json::{Map, Value, json};
use sinpyo_core::jwk::{JwkError, PublicJwk};
use sinpyo_dcql::Query;
use sinpyo_jose::jwe::{ContentEncryption, Recipient};
use std::collections::BTreeSet;

/// Our limit: keys of a verifier that are looked at.
const MAX_KEYS: usize = 16;

/// Keys for the response, and formats. None of the keys ever verifies a request: whoever could put a key here could
/// have signed with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientMetadata {
    keys: Vec<PublicJwk>,
    encryptions: Vec<ContentEncryption>,
    formats: Map<String, Value>,
}

impl ClientMetadata {
    /// What a verifier of ours says: the key for this one response, if there is one, and what it can check of what
    /// `query` asks for.
    pub(crate) fn of(query: &Query, key: Option<PublicJwk>) -> Self {
        let encryptions = key.iter().flat_map(|_| ContentEncryption::ALL).collect();
        let asked = query.credentials().iter().map(|one| one.wanted.format());
        let formats = asked.filter_map(|format| Some((format.to_owned(), algorithms(format)?))).collect();
        Self { keys: key.into_iter().collect(), encryptions, formats }
    }

    /// Reads `client_metadata`. Keys that are not understood are passed over; members that are unknown are ignored.
    ///
    /// # Errors
    /// A member has another type, or a key is a private one.
    pub fn from_json(members: &Map<String, Value>) -> Result<Self, ClientMetadataError> {
        let malformed = ClientMetadataError::Malformed; // [VP-REQ-07]
        let object = |value: Option<&Value>| match value {
            None => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(malformed),
        };
        let keys = match object(members.get("jwks"))?.remove("keys") {
            None => Vec::new(),
            Some(Value::Array(keys)) => keys,
            Some(_) => return Err(malformed),
        };
        let encryptions = match members.get("encrypted_response_enc_values_supported") {
            None => vec![ContentEncryption::A128Gcm], // [VP-RSP-07b]
            Some(Value::Array(names)) => {
                let known = |name: &Value| ContentEncryption::from_name(name.as_str()?);
                names.iter().filter_map(known).collect()
            }
            Some(_) => return Err(malformed),
        };
        Ok(Self { keys: readable(keys)?, encryptions, formats: object(members.get("vp_formats_supported"))? })
    }

    /// As it is sent: three members, and none that says nothing.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| drop(members.insert(name.to_owned(), value));
        if !self.keys.is_empty() {
            let keys = self.keys.iter().map(|key| Value::Object(key.members().clone()));
            put("jwks", json!({"keys": keys.collect::<Vec<_>>()}));
            let names = self.encryptions.iter().map(|encryption| encryption.name());
            put("encrypted_response_enc_values_supported", names.collect());
        }
        put("vp_formats_supported", Value::Object(self.formats.clone()));
        members
    }

    /// `vp_formats_supported`.
    pub const fn formats(&self) -> &Map<String, Value> {
        &self.formats
    }

    /// For whom a response is encrypted, and how: the first key that can be used, by the strongest way that is offered.
    pub fn recipient(&self) -> Option<Recipient> {
        let encryption = ContentEncryption::ALL.into_iter().find(|one| self.encryptions.contains(one))?;
        // Keys for algorithms that nobody here has are no fault of the verifier's. [VP-RSP-08]
        self.keys.iter().find_map(|key| Recipient::from_jwk(key, encryption).ok())
    }
}

fn readable(keys: Vec<Value>) -> Result<Vec<PublicJwk>, ClientMetadataError> {
    if keys.len() > MAX_KEYS {
        return Err(ClientMetadataError::Malformed);
    }
    let (mut readable, mut ids) = (Vec::new(), BTreeSet::new());
    for key in keys {
        let Value::Object(members) = key else { continue };
        match PublicJwk::from_members(members) {
            Ok(key) => {
                // Two keys of one name: nobody could tell which of them a response is for.
                if key.text("kid").is_some_and(|kid| !ids.insert(kid.to_owned())) {
                    return Err(ClientMetadataError::SameKeyId); // [VP-REQ-07b]
                }
                readable.push(key);
            }
            Err(JwkError::PrivateMember) => return Err(ClientMetadataError::PrivateKey), // [VP-REQ-07c]
            Err(_) => {}
        }
    }
    Ok(readable)
}

/// What `sinpyo-proof` and `sinpyo-mdoc` can check.
fn algorithms(format: &str) -> Option<Value> {
    const JOSE: [&str; 3] = ["ES256", "ES384", "EdDSA"];
    // ES256 and ES384 by their old numbers and by the fully specified ones [RFC 9864].
    const COSE: [i64; 4] = [-7, -9, -35, -51];
    Some(match format {
        "dc+sd-jwt" => json!({"sd-jwt_alg_values": JOSE, "kb-jwt_alg_values": JOSE}),
        "mso_mdoc" => json!({"issuerauth_alg_values": COSE, "deviceauth_alg_values": COSE}),
        "jwt_vc_json" => json!({"alg_values": JOSE}),
        "ldp_vc" => json!({
            "proof_type_values": ["DataIntegrityProof"],
            "cryptosuite_values": [
                "ecdsa-rdfc-2019", "eddsa-rdfc-2022", "ecdsa-jcs-2019", "eddsa-jcs-2022", "ecdsa-sd-2023", "bbs-2023",
            ],
        }),
        _ => return None,
    })
}

/// Why `client_metadata` is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientMetadataError {
    /// VP-REQ-07: a member has another type, or there are too many keys.
    #[error("client_metadata is malformed")]
    Malformed,
    /// VP-REQ-07b: two keys have one name.
    #[error("client_metadata has two keys of one name")]
    SameKeyId,
    /// VP-REQ-07c: it holds a private key.
    #[error("client_metadata holds a private key")]
    PrivateKey,
}

impl ClientMetadataError {
    /// The rule that was broken, as in `spec/checks/vp-req.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "VP-REQ-07",
            Self::SameKeyId => "VP-REQ-07b",
            Self::PrivateKey => "VP-REQ-07c",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINT: (&str, &str) =
        ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");

    fn read(value: &Value) -> Result<ClientMetadata, ClientMetadataError> {
        ClientMetadata::from_json(value.as_object().unwrap())
    }

    fn key(kid: &str) -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": POINT.0, "y": POINT.1, "kid": kid, "alg": "ECDH-ES", "use": "enc"})
    }

    /// Regression 14.
    #[test]
    fn keys_that_cannot_be_used_are_passed_over() {
        let strange = json!({"kty": "PQC", "alg": "X-Wing", "kid": "a"});
        let nameless = json!({"kty": "EC", "crv": "P-256", "x": POINT.0, "y": POINT.1, "kid": "b"});
        let off_curve =
            json!({"kty": "EC", "crv": "P-256", "x": POINT.0, "y": POINT.0, "kid": "c", "alg": "ECDH-ES"});
        let jwks = json!([strange, "no key", nameless, off_curve, {"kty": "oct", "k": "AA"}, key("d")]);
        let metadata = read(&json!({"jwks": {"keys": jwks}, "policy_uri": 1})).unwrap();
        let recipient = metadata.recipient().unwrap();
        assert_eq!(recipient.key().to_jwk().text("x"), Some(POINT.0));
        assert_eq!(recipient.encryption(), ContentEncryption::A128Gcm, "what counts if nothing is said");

        assert!(read(&json!({"jwks": {"keys": [strange, nameless]}})).unwrap().recipient().is_none());
        assert!(read(&json!({})).unwrap().recipient().is_none());
    }

    #[test]
    fn the_strongest_encryption_that_is_offered_is_used() {
        let offering = |names: Value| {
            let wire =
                json!({"jwks": {"keys": [key("1")]}, "encrypted_response_enc_values_supported": names});
            read(&wire).unwrap().recipient().map(|recipient| recipient.encryption())
        };
        assert_eq!(offering(json!(["A128GCM", "A256GCM", "XC20P"])), Some(ContentEncryption::A256Gcm));
        assert_eq!(offering(json!(["A128GCM"])), Some(ContentEncryption::A128Gcm));
        assert_eq!(offering(json!(["A128CBC-HS256"])), None);
    }

    #[test]
    fn malformed_metadata_are_refused() {
        let mut private = key("1");
        private["d"] = "AA".into();
        for (wire, code) in [
            (json!({"jwks": []}), "VP-REQ-07"),
            (json!({"jwks": {"keys": {}}}), "VP-REQ-07"),
            (json!({"jwks": {"keys": vec![key("1"); 17]}}), "VP-REQ-07"),
            (json!({"encrypted_response_enc_values_supported": "A128GCM"}), "VP-REQ-07"),
            (json!({"vp_formats_supported": ["dc+sd-jwt"]}), "VP-REQ-07"),
            (json!({"jwks": {"keys": [key("1"), key("1")]}}), "VP-REQ-07b"),
            (json!({"jwks": {"keys": [private]}}), "VP-REQ-07c"),
        ] {
            assert_eq!(read(&wire).unwrap_err().code(), code);
        }
    }

    #[test]
    fn ours_say_three_things() {
        let query = br#"{"credentials":[{"id":"a","format":"dc+sd-jwt","meta":{"vct_values":["v"]}},
            {"id":"b","format":"mso_mdoc","meta":{"doctype_value":"d"}}]}"#;
        let query = Query::parse(query).unwrap();
        let jwk = PublicJwk::from_members(key("k").as_object().unwrap().clone()).unwrap();
        let written = ClientMetadata::of(&query, Some(jwk)).to_json();
        let names: Vec<&str> = written.keys().map(String::as_str).collect();
        assert_eq!(names, ["encrypted_response_enc_values_supported", "jwks", "vp_formats_supported"]);
        assert_eq!(written["encrypted_response_enc_values_supported"], json!(["A256GCM", "A128GCM"]));
        assert_eq!(written["jwks"]["keys"][0]["kid"], "k");
        let formats = written["vp_formats_supported"].as_object().unwrap();
        assert_eq!(formats.keys().collect::<Vec<_>>(), ["dc+sd-jwt", "mso_mdoc"]);
        assert_eq!(read(&Value::Object(written)).unwrap().formats().len(), 2);
        assert_eq!(ClientMetadata::of(&query, None).to_json().len(), 1);
    }
}
