//! Securing a document with the key of an instance.

use crate::{
    instance::{Instance, InstanceKey, Suite},
    problem::Kind,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{
    key::{Entropy, Signer},
    vcdm::CONTEXT_V2,
};
use sinpyo_crypto::KeySigner;
use sinpyo_jsonld::{Contexts, JsonLdError};
use sinpyo_proof::{
    SignError, Signatory,
    data_integrity::{
        self, CanonicalError, Cryptosuite, Earlier, ProofOptions, SecureError, Securing,
        disclosure::{self, Base, DisclosureError},
    },
    document::{self, prepare_jwt},
};
use sinpyo_selective::{DocumentError, Pointer, PrepareError};
use sinpyo_web::problem::Problem;

/// What the proof is made over, and what it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner<'a> {
    pub(crate) options: &'a ProofOptions,
    pub(crate) mandatory: &'a [Pointer],
    pub(crate) contexts: &'a Contexts,
}

/// `document`, secured by `instance`.
pub(crate) fn secure(
    document: Map<String, Value>,
    instance: &Instance,
    manner: &Manner<'_>,
    entropy: &mut dyn Entropy,
) -> Result<Map<String, Value>, Problem> {
    let base = Base { options: manner.options, mandatory: manner.mandatory, contexts: manner.contexts };
    match (instance.suite(), &instance.key) {
        (Suite::DataIntegrity(Cryptosuite::EcdsaSd2023), InstanceKey::Signature(signer)) => {
            let prepared =
                disclosure::prepare(document, &base, signatory(signer), entropy).map_err(undisclosed)?;
            let signature = signer.sign(prepared.signing_input()).map_err(|error| unsigned(&error.into()))?;
            prepared.attach(&signature).map_err(undisclosed)
        }
        (_, InstanceKey::Bbs { key_id, secret }) => {
            disclosure::sign_bbs(document, &base, (key_id, secret), entropy).map_err(undisclosed)
        }
        _ => secure_whole(document, instance, manner),
    }
}

/// `document`, secured by an instance whose suite shows all or nothing.
pub(crate) fn secure_whole(
    document: Map<String, Value>,
    instance: &Instance,
    manner: &Manner<'_>,
) -> Result<Map<String, Value>, Problem> {
    let (suite, signer) = match (instance.suite(), &instance.key) {
        (_, InstanceKey::Bbs { .. }) => return Err(unsigned(&SignError::Algorithm)),
        (Suite::VcJwt, InstanceKey::Signature(signer)) => return enveloped(&document, signer),
        (Suite::DataIntegrity(suite), InstanceKey::Signature(signer)) => (suite, signer),
    };
    let (options, contexts) = (manner.options, manner.contexts);
    let how = Securing { suite, options, contexts, earlier: Earlier::Replaced };
    let prepared = data_integrity::secure(document, &how, signatory(signer)).map_err(unsecured)?;
    let signature = signer.sign(prepared.signing_input()).map_err(|error| unsigned(&error.into()))?;
    prepared.attach(&signature).map_err(|error| unsigned(&error))
}

fn signatory(signer: &KeySigner) -> Signatory<'_> {
    Signatory { key_id: signer.key_id(), key: signer.key().verifying_key() }
}

/// The credential as a token in an object [VC-JOSE-COSE §3.1.1, VCDM 2.0 §4.13].
fn enveloped(document: &Map<String, Value>, signer: &KeySigner) -> Result<Map<String, Value>, Problem> {
    let (kid, key) = (signer.key_id().as_str(), signer.key().verifying_key());
    let prepared = prepare_jwt(document::Kind::Credential, document, kid, key);
    let signature = signer.sign(prepared.signing_input()).map_err(|error| unsigned(&error.into()))?;
    let token = prepared.attach(&signature).map_err(|error| unsigned(&error))?;
    let mut envelope = Map::new();
    envelope.insert("@context".to_owned(), json!(CONTEXT_V2));
    envelope.insert("id".to_owned(), json!(format!("data:application/vc+jwt,{token}")));
    envelope.insert("type".to_owned(), json!("EnvelopedVerifiableCredential"));
    Ok(envelope)
}

fn unsigned(error: &SignError) -> Problem {
    Kind::Generation.problem(error.code(), error)
}

fn unsecured(error: SecureError) -> Problem {
    match error {
        SecureError::Canonical(error) => uncertain(&error),
        other => Kind::Generation.problem(other.code(), &other),
    }
}

fn undisclosed(error: DisclosureError) -> Problem {
    match error {
        DisclosureError::Canonical(error) => uncertain(&error),
        DisclosureError::Prepare(PrepareError::Document(DocumentError::JsonLd(error))) => meaningless(&error),
        other => Kind::Generation.problem(other.code(), &other),
    }
}

/// A document without certain meaning, with the place if there is one.
pub(crate) fn uncertain(error: &CanonicalError) -> Problem {
    match error {
        CanonicalError::JsonLd(error) => meaningless(error),
        other => Kind::Transformation.problem(other.code(), other).at(""),
    }
}

/// A document that is not JSON-LD in safe mode.
pub(crate) fn meaningless(error: &JsonLdError) -> Problem {
    Kind::Transformation.problem(error.code(), error).at(error.path())
}
