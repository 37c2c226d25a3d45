//! Claims that a holder has to show, and the credential that a holder gets.

use crate::town::{Town, draft, service};
use http::StatusCode;
use serde_json::{Value, json};
use sinpyo_core::{
    did::Did,
    document::{DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship},
    encoding::from_base64url,
    key::Signer,
    resolved::Resolved,
};
use sinpyo_crypto::{Algorithm, KeySigner, SigningKey, VerifyingKey};
use sinpyo_issuer::{Issuer, IssuerOptions};
use sinpyo_testkit::key;
use sinpyo_verifier::{Fact, Known, Need};
use sinpyo_voting_api::{Registrar, SharedSigner};
use std::sync::Arc;

/// An office that can look nothing up.
#[derive(Debug)]
struct Office {
    issuer: Issuer<SharedSigner>,
    signer: KeySigner,
    did: Did,
}

impl Registrar for Office {
    fn issuer(&self) -> &Issuer<SharedSigner> {
        &self.issuer
    }

    fn asks_as(&self) -> Option<(&Did, &(dyn Signer + Send + Sync), &VerifyingKey)> {
        Some((&self.did, &self.signer, self.signer.key().verifying_key()))
    }

    fn find(&self, _: &Need) -> Known {
        Known { fact: Fact::Unavailable, as_of: "2026-11-22T00:00:00Z".parse().unwrap() }
    }
}

fn office() -> Arc<dyn Registrar> {
    let signer = || KeySigner::new("did:web:office.example#key-1".parse().unwrap(), key(Algorithm::Es256, 3));
    let did: Did = "did:web:office.example".parse().unwrap();
    let method = VerificationMethod {
        id: signer().key_id().clone(),
        controller: did.clone(),
        key: PublicKeyMaterial::Multikey(signer().key().verifying_key().to_multikey()),
        revoked: None,
    };
    let own =
        Resolved::immutable(DidDocument::new(did.clone()).with_key(method, &VerificationRelationship::ALL));
    let issuer = Issuer::new(SharedSigner(Arc::new(signer())), &own, IssuerOptions::default()).unwrap();
    Arc::new(Office { issuer, signer: signer(), did })
}

fn town(registrar: Option<Arc<dyn Registrar>>, asks: bool) -> (Town, Vec<String>) {
    let mut town = Town::new();
    town.service = service(Arc::clone(&town.state), Arc::clone(&town.logs), registrar);
    let ask = json!({
        "service": "vote.register", "credential": "urn:sinpyo:credential:MembershipCredential",
        "claims": [["member_of", null], ["voting_member", true]],
    });
    town.make_keys_asking(&draft("ring", "last"), if asks { &ask } else { &Value::Null });
    let codes = town.codes(3);
    (town, codes)
}

#[test]
fn a_voter_gets_a_credential_that_is_bound_to_the_voters_key() {
    let (mut town, codes) = town(Some(office()), false);
    let voter = town.register(&codes[0], [1; 32]);
    let wire = voter.answer["credential"].as_str().unwrap();
    assert!(wire.ends_with('~'));
    let payload = from_base64url(wire.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["vct"], "urn:sinpyo:credential:VoterEligibilityCredential");
    let jwk = voter.holder.verifying_key().to_jwk();
    assert_eq!(claims["cnf"]["jwk"], json!(jwk.members()));
    assert_eq!(claims["election"], sinpyo_voting::form::to_hex(&town.election.0));
    // Slot and commitment are the holder's to show, and the end is that of the election.
    assert!(claims.get("slot").is_none() && claims.get("commitment").is_none());
    assert_eq!(claims["exp"].as_i64(), Some(crate::town::START + 48 * crate::town::HOUR));
}

#[test]
fn who_does_not_show_what_is_asked_for_is_not_registered() {
    let (mut town, codes) = town(Some(office()), true);
    let (status, begun) = town.begin(&codes[0]);
    assert_eq!(status, StatusCode::OK);
    let asked = from_base64url(begun["ask"].as_str().unwrap().split('.').nth(1).unwrap()).unwrap();
    let asked: Value = serde_json::from_slice(&asked).unwrap();
    assert!(
        asked.to_string().contains("voting_member") && asked.to_string().contains("did:web:office.example")
    );
    let holder = SigningKey::generate(Algorithm::Es256, &mut town.entropy);
    let (request, ..) = town.request(&begun, [1; 32], &holder);
    let path = town.at("/register");
    for presentation in
        [Value::Null, json!({}), json!({"vp_token": {"voter": ["x"]}}), json!({"other": ["a~"]})]
    {
        let body = json!({"code": codes[0], "presentation": presentation, "request": request});
        let (status, answer) = town.post(&path, &body);
        assert_eq!(
            (status, answer["code"].as_str()),
            (StatusCode::FORBIDDEN, Some("presentation")),
            "{answer}"
        );
        assert_eq!(answer["rule"], "VTS-35");
    }
    let summary = crate::town::parsed(&town.get(&town.at("/summary")));
    assert_eq!((&summary["registered"]["d1"], &summary["asks"]), (&json!(0), &json!(true)));
}

#[test]
fn an_office_that_cannot_ask_registers_nobody() {
    let (mut town, codes) = town(None, true);
    let (status, answer) = town.begin(&codes[0]);
    assert_eq!((status, answer["rule"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("VTS-34")));
}
