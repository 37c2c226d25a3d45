//! did:jwk: the identifier is the JSON Web Key [did:jwk Method].

use crate::ResolveError;
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship as Relationship,
    },
    encoding::{from_base64url, to_base64url},
    jcs, json,
    jwk::PublicJwk,
};

/// The document of a did:jwk. Its one key is `#0`.
///
/// # Errors
/// The identifier is not the base64url text of a public JSON Web Key.
pub fn resolve(did: &Did) -> Result<DidDocument, ResolveError> {
    let text = from_base64url(did.method_specific_id()).map_err(|_| ResolveError::InvalidDid)?;
    let members = json::parse_object(&text).map_err(|_| ResolveError::InvalidDid)?;
    let jwk = PublicJwk::from_members(members).map_err(|_| ResolveError::InvalidDid)?; // [RES-01]
    let relationships = relationships(&jwk);
    let id = did.key("0").map_err(|_| ResolveError::InvalidDid)?;
    let method =
        VerificationMethod { id, controller: did.clone(), key: PublicKeyMaterial::Jwk(jwk), revoked: None };
    Ok(DidDocument::new(did.clone()).with_key(method, relationships))
}

/// The did:jwk of a public key, over the canonical form of its members.
///
/// # Panics
/// Never: such text is always a method-specific identifier.
#[expect(clippy::expect_used, reason = "base64url text is a method-specific identifier")]
pub fn did_of(jwk: &PublicJwk) -> Did {
    let text = to_base64url(&jcs::canonicalize_object(jwk.members()));
    format!("did:jwk:{text}").parse().expect("a well-formed DID")
}

/// Everything the key can do, unless `use` or its curve says otherwise.
fn relationships(jwk: &PublicJwk) -> &'static [Relationship] {
    match (jwk.text("use"), jwk.text("crv")) {
        (Some("enc"), _) | (_, Some("X25519" | "X448")) => &[Relationship::KeyAgreement],
        (Some("sig"), _) | (_, Some("Ed25519" | "Ed448")) => &[
            Relationship::Authentication,
            Relationship::AssertionMethod,
            Relationship::CapabilityInvocation,
            Relationship::CapabilityDelegation,
        ],
        _ => &Relationship::ALL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn encoded(jwk: &serde_json::Value) -> Result<DidDocument, ResolveError> {
        resolve(&format!("did:jwk:{}", to_base64url(jwk.to_string().as_bytes())).parse().unwrap())
    }

    #[test]
    fn the_identifier_is_the_jwk() {
        // The first example of the did:jwk specification.
        let did: Did = "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9".parse().unwrap();
        let document = resolve(&did).unwrap();
        let [method] = document.methods() else { panic!("one method") };
        assert_eq!(method.id.fragment(), "0");
        let PublicKeyMaterial::Jwk(jwk) = &method.key else { panic!("a JWK") };
        assert_eq!(jwk.text("x"), Some("acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0"));
        assert_eq!(did_of(jwk), did);
    }

    #[test]
    fn an_encryption_key_does_not_sign() {
        let document = encoded(&json!({"kty":"OKP","crv":"X25519","use":"enc","x":"AA"})).unwrap();
        assert_eq!(document.keys_for(Relationship::KeyAgreement).count(), 1);
        assert_eq!(document.keys_for(Relationship::Authentication).count(), 0);
    }

    #[test]
    fn a_private_or_malformed_key_is_no_did() {
        assert!(matches!(
            encoded(&json!({"kty":"EC","crv":"P-256","d":"AA"})),
            Err(ResolveError::InvalidDid)
        ));
        assert!(matches!(encoded(&json!([])), Err(ResolveError::InvalidDid)));
        assert!(matches!(
            resolve(&"did:jwk:e30=".replace('=', "").parse().unwrap()),
            Err(ResolveError::InvalidDid)
        ));
        assert!(matches!(resolve(&"did:jwk:%7B%7D".parse().unwrap()), Err(ResolveError::InvalidDid)));
    }
}
