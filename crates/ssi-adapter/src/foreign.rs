//! The methods that only `ssi` knows, for our verifier.
//!
//! did:ethr and did:pkh say everything in the identifier; for did:ion and did:tz `ssi` asks the servers that it was
//! configured with, and what these say is believed. A document is of use to us as far as it holds keys of kinds that we
//! verify with: Ed25519 (did:pkh of Solana, did:ion), P-256 and P-384 (did:ion). Accounts of Ethereum, Bitcoin and Tezos
//! name hashes of keys, or secp256k1; their documents are read, and signatures under them are refused for want of a key.

use serde_json::{Map, Value};
use sinpyo_core::{
    did::Did,
    encoding::{Base, Multikey, from_multibase},
    json::{self, JsonError},
    resolved::Resolved,
};
use sinpyo_crypto::multicodec;
use sinpyo_resolver::{ResolveError, ResolvedJson, did_web};
use ssi::dids::{
    AnyDidMethod, DID, DIDResolver,
    document::representation::MediaType,
    resolution::{Error, Options},
};

/// The methods that are resolved here.
pub const METHODS: [&str; 4] = ["ethr", "ion", "pkh", "tz"];

/// Resolves `did` with `ssi`.
///
/// # Errors
/// Another method; `ssi` does not resolve it; what `ssi` gives is not the document of `did`.
pub async fn resolve(methods: &AnyDidMethod, did: &Did) -> Result<Resolved, ForeignError> {
    if !METHODS.contains(&did.method()) {
        return Err(ForeignError::Method);
    }
    let theirs = DID::new(did.as_str()).map_err(|_| ForeignError::Syntax)?;
    let options = Options { accept: Some(MediaType::Json), ..Options::default() };
    let output = methods.resolve_representation(theirs, options).await.map_err(ForeignError::Ssi)?;
    let mut resolved = document(did, &output.document)?;
    resolved.metadata.deactivated = output.document_metadata.deactivated == Some(true);
    Ok(resolved)
}

/// Reads a document that `ssi`, or anybody else, resolved `did` to.
///
/// # Errors
/// The bytes are not strict JSON, no DID document, or the document of another DID.
pub fn document(did: &Did, bytes: &[u8]) -> Result<Resolved, ForeignError> {
    let mut members = json::parse_object(bytes).map_err(ForeignError::Json)?;
    if let Some(Value::Array(methods)) = members.get_mut("verificationMethod") {
        methods.iter_mut().filter_map(Value::as_object_mut).for_each(modernise);
    }
    let text = Value::Object(members).to_string();
    // The rules for documents that others host: about this DID, and one bad key does not spoil the others.
    did_web::document(did, text.as_bytes()).map(ResolvedJson::into_resolved).map_err(ForeignError::Document)
}

/// Turns an `Ed25519VerificationKey2018`, a key in bare base58, into the `Multikey` that it is.
fn modernise(method: &mut Map<String, Value>) {
    if method.get("type").and_then(Value::as_str) != Some("Ed25519VerificationKey2018") {
        return;
    }
    let Some(base58) = method.get("publicKeyBase58").and_then(Value::as_str) else { return };
    let Ok(key) = from_multibase(Base::Base58Btc, &format!("z{base58}")) else { return };
    let multikey = Multikey::new(multicodec::ED25519_PUB, &key).to_string();
    method.remove("publicKeyBase58");
    method.insert("type".to_owned(), Value::from("Multikey"));
    method.insert("publicKeyMultibase".to_owned(), Value::from(multikey));
}

/// Why `ssi` did not resolve a DID for us.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// None of [`METHODS`].
    #[error("the DID method is not one that is left to ssi")]
    Method,
    /// `ssi` does not take it for a DID.
    #[error("ssi does not take the identifier for a DID")]
    Syntax,
    /// `ssi` did not resolve it.
    #[error("ssi did not resolve the DID")]
    Ssi(#[source] Error),
    /// The answer is not strict JSON.
    #[error("the document is not strict JSON")]
    Json(#[source] JsonError),
    /// The answer is no document of the DID.
    #[error("the document is refused")]
    Document(#[source] ResolveError),
}
