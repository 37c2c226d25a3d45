//! An application built on `ssi` resolves a did:tlog, and verifies a credential that its owner issued.
//!
//! The registry is made here, in memory. What the application has of it is the log's public key and, over some
//! connection, proofs as text.

use serde_json::{Map, Value, json};
use sinpyo_core::{
    did::Did,
    document::{
        DidDocument, PublicKeyMaterial, VerificationMethod, VerificationRelationship::AssertionMethod,
    },
    key::Signer,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, KeySigner};
use sinpyo_jsonld::Contexts;
use sinpyo_proof::{
    Signatory,
    data_integrity::{Cryptosuite, Earlier, ProofOptions, Securing, secure},
};
use sinpyo_registry::{Fold, Ledger, did_tlog::{self, Control, ResolutionProof}};
use sinpyo_tlog::note::{LogKey, Origin};
use sinpyo_resolver::{FetchRequest, LogQuery};
use sinpyo_ssi_adapter::{Resolver, Source, SourceError};
use sinpyo_store::MemoryLog;
use sinpyo_testkit::{FixedClock, key};
use ssi::{
    claims::{VerificationParameters, data_integrity::AnyDataIntegrity, vc::v2::JsonCredential},
    dids::{DID, DIDResolver},
    verification_methods::AnyMethod,
};
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    // An office makes its DID ...
    let origin: Origin = "ledger.example/2026".parse()?;
    let (control, statements) = (key(Algorithm::Es256, 1), key(Algorithm::Es256, 2));
    let control = KeySigner::new("did:example:control#key".parse()?, control);
    let document = |did: &Did| {
        #[expect(clippy::expect_used, reason = "a DID followed by a plain word names a key")]
        let method = VerificationMethod {
            id: did.key("key-1").expect("a plain word names a key"),
            controller: did.clone(),
            key: PublicKeyMaterial::Multikey(statements.verifying_key().to_multikey()),
            revoked: None,
        };
        DidDocument::new(did.clone()).with_key(method, &[AssertionMethod])
    };
    let draft = did_tlog::create(&origin, Control::by(control.key().verifying_key()), document)?;
    let operation = draft.sign(&control, control.key().verifying_key())?;
    let did = operation.fact().did.clone();

    // ... which the operator of the log takes in.
    let log_key = key(Algorithm::Ed25519, 3);
    let public = LogKey::new(origin.clone(), log_key.verifying_key().clone())?;
    let log_signer = KeySigner::new("did:example:log#key".parse()?, log_key);
    let engine = MemoryLog::new(Fold::new(origin), FixedClock(now()));
    let ledger = Ledger::open(&engine, public.clone(), &log_signer, &did)?;
    let _sequenced = ledger.submit(operation)?;
    ledger.checkpoint()?;

    // The office issues a credential.
    let office = KeySigner::new(did.key("key-1")?, statements);
    let wire = Value::Object(issue(&did, &office)?).to_string();

    // The application resolves the office's DID, and verifies what it issued.
    let connection = Connection { ledger: &ledger, log_key: public };
    let resolver = Resolver::new(&connection);
    let resolved =
        futures_executor::block_on(resolver.resolve(DID::new(did.as_str()).map_err(|_| "not a DID")?))?;
    println!("ssi resolves {did}: {} key", resolved.document.verification_method.len());

    let parameters = VerificationParameters::from_resolver(resolver.into_vm_resolver::<AnyMethod>());
    let verify = |wire: &str| -> Outcome<bool> {
        let credential: AnyDataIntegrity<JsonCredential> = serde_json::from_str(wire)?;
        Ok(futures_executor::block_on(credential.verify(&parameters))?.is_ok())
    };
    assert!(verify(&wire)?);
    println!("ssi verifies the credential");
    assert!(!verify(&wire.replace("김한별", "김한솔"))?);
    println!("ssi refuses the same about somebody else");
    Ok(())
}

#[expect(clippy::expect_used, reason = "a time in 2026")]
fn now() -> Timestamp {
    Timestamp::from_unix(1_795_305_600).expect("within the range of time")
}

/// A credential with a proof of `ecdsa-rdfc-2019`, which `ssi` knows.
fn issue(did: &Did, office: &KeySigner) -> Outcome<Map<String, Value>> {
    let credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ResidentCredential"],
        "issuer": did.as_str(),
        "credentialSubject": {"id": "did:example:holder", "name": "김한별", "age": 35},
    });
    let credential = credential.as_object().cloned().unwrap_or_default();
    let options = ProofOptions { created: Some(now()), ..ProofOptions::new(AssertionMethod) };
    let contexts = Contexts::bundled();
    let how = Securing {
        suite: Cryptosuite::EcdsaRdfc2019,
        options: &options,
        contexts: &contexts,
        earlier: Earlier::Replaced,
    };
    let signatory = Signatory { key_id: office.key_id(), key: office.key().verifying_key() };
    let prepared = secure(credential, &how, signatory)?;
    let signature = office.sign(prepared.signing_input())?;
    Ok(prepared.attach(&signature)?)
}

/// What the application has of the registry.
struct Connection<'a> {
    ledger: &'a Ledger<'a>,
    log_key: LogKey,
}

impl Source for Connection<'_> {
    fn now(&self) -> Timestamp {
        now()
    }

    fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    async fn prove(&self, query: &LogQuery) -> Result<ResolutionProof, SourceError> {
        let answer = self.ledger.prove(query.did(), query.version()).map_err(|_| SourceError::Absent)?;
        answer.to_string().parse().map_err(|_| SourceError::Unavailable)
    }

    async fn fetch(&self, _request: &FetchRequest) -> Result<Vec<u8>, SourceError> {
        Err(SourceError::Unavailable)
    }
}
