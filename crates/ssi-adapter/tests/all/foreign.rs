//! The methods that only `ssi` knows, and what our verifier can do with them.

use crate::world::{credential, now};
use futures_executor::block_on;
use serde_json::{Value, json};
use sinpyo_core::{
    credential::Credential,
    did::Did,
    document::VerificationRelationship as For,
    encoding::{Base, to_multibase},
    resolved::Resolved,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_proof::{
    KeyRing, Unverified,
    data_integrity::{ProofOptions, sign},
};
use sinpyo_ssi_adapter::foreign::{self, ForeignError};
use sinpyo_testkit::key;
use ssi::dids::AnyDidMethod;

fn resolve(did: &str) -> Result<Resolved, ForeignError> {
    block_on(foreign::resolve(&AnyDidMethod::default(), &did.parse().unwrap()))
}

/// An account of Solana is an Ed25519 key.
fn solana(algorithm_seed: u8) -> (Did, KeySigner) {
    let key = key(Algorithm::Ed25519, algorithm_seed);
    let multikey = key.verifying_key().to_multikey();
    let account = to_multibase(Base::Base58Btc, multikey.key());
    let account = account.trim_start_matches('z');
    let did: Did = format!("did:pkh:solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ:{account}").parse().unwrap();
    let id = did.key("controller").unwrap();
    (did, KeySigner::new(id, key))
}

#[test]
fn our_verifier_takes_what_the_holder_of_an_account_signed() {
    let (did, signer) = solana(5);
    let options = ProofOptions { created: Some(now()), ..ProofOptions::new(For::AssertionMethod) };
    let wire = |signer: &KeySigner| {
        let secured = sign(credential(&did), &options, signer, signer.key().verifying_key()).unwrap();
        Value::Object(secured).to_string()
    };
    let ring = KeyRing::of(&resolve(did.as_str()).unwrap());
    let verdict = |wire: &str| {
        let arrived = Unverified::<Credential>::parse(wire.as_bytes()).unwrap();
        arrived.verify(&ring, now()).map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(verdict(&wire(&signer)), Ok(()));
    assert_eq!(verdict(&wire(&signer).replace("\"age\":35", "\"age\":36")), Err("DI-10"));
    let impostor = KeySigner::new(did.key("controller").unwrap(), key(Algorithm::Ed25519, 6));
    assert_eq!(verdict(&wire(&impostor)), Err("DI-10"));
}

#[test]
fn accounts_that_are_hashes_of_keys_are_read_and_hold_no_key_for_us() {
    for did in [
        "did:ethr:0xb9c5714089478a327f09197987f16f9e5d936e8a",
        "did:pkh:eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a",
        "did:pkh:tezos:NetXdQprcVkpaWU:tz1TzrmTBSuiVHV2VfMnGRMYvTEPCP42oSM8",
        "did:pkh:bip122:000000000019d6689c085ae165831e93:128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6",
    ] {
        let resolved = resolve(did).unwrap();
        assert_eq!(resolved.did().as_str(), did);
        assert_eq!(resolved.document.methods().len(), 0, "{did}");
    }
    // By the public key itself: secp256k1, which we do not verify with.
    let did = "did:ethr:0x03fdd57adec3d438ea237fe46b33ee1e016eda6b585c3e27ea66686c2ea5358479";
    let resolved = resolve(did).unwrap();
    let ring = KeyRing::of(&resolved);
    let [method] = resolved.document.methods() else { panic!("one key") };
    assert_eq!(ring.authorised_key(&method.id, For::AssertionMethod).unwrap_err().code(), "KEY-01");
}

/// A document as nodes of did:ion answer, with keys as JSON Web Keys under relative names.
#[test]
fn the_keys_of_a_did_ion_are_usable() {
    let did = "did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w";
    let key = key(Algorithm::Es256, 7);
    let jwk = key.verifying_key().to_jwk();
    let document = json!({
        "id": did,
        "@context": ["https://www.w3.org/ns/did/v1", {"@base": did}],
        "verificationMethod": [
            {"id": "#sig", "controller": did, "type": "JsonWebKey2020", "publicKeyJwk": jwk.members()},
            {"id": "#old", "controller": did, "type": "Ed25519VerificationKey2018", "publicKeyBase58": "not base58"},
        ],
        "authentication": ["#sig"],
        "assertionMethod": ["#sig", "#old"],
    });
    let resolved = foreign::document(&did.parse().unwrap(), document.to_string().as_bytes()).unwrap();
    let ring = KeyRing::of(&resolved);
    let id = format!("{did}#sig").parse().unwrap();
    assert_eq!(ring.authorised_key(&id, For::AssertionMethod).unwrap(), key.verifying_key());
    assert_eq!(ring.authorised_key(&id, For::KeyAgreement).unwrap_err().code(), "DID-02");
    assert_eq!(resolved.document.methods().len(), 1);

    let other = "did:ion:EiAnother".parse().unwrap();
    let refused = foreign::document(&other, document.to_string().as_bytes()).unwrap_err();
    assert!(matches!(refused, ForeignError::Document(error) if error.code() == "WEB-06"));
}

#[test]
fn what_is_not_theirs_is_not_asked_of_them() {
    for did in
        ["did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "did:web:a.example", "did:tlog:zQm"]
    {
        assert!(matches!(resolve(did), Err(ForeignError::Method)), "{did}");
    }
    for did in ["did:ethr:nonsense", "did:pkh:nonsense", "did:tz:nonsense", "did:ion:nobody-was-configured"] {
        assert!(matches!(resolve(did), Err(ForeignError::Ssi(_))), "{did}");
    }
}

#[test]
fn hostile_documents_are_refused() {
    let did: Did = "did:ion:EiHostile".parse().unwrap();
    for text in ["", "[]", "{}", r#"{"id":1}"#, r#"{"id":"did:ion:EiHostile","id":"did:ion:EiHostile"}"#] {
        assert!(foreign::document(&did, text.as_bytes()).is_err(), "{text}");
    }
    assert!(foreign::document(&did, "[".repeat(100_000).as_bytes()).is_err());
}
