//! What an operation answers.

use serde_json::Value;
use std::error::Error;

/// The answer to a request.
pub(super) type Answer = Result<Value, Refusal>;

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The rule that refused, or a word without a hyphen for a fault of the request.
    pub(super) code: &'static str,
    /// For people.
    pub(super) message: String,
}

impl Refusal {
    /// A fault of the request.
    pub(super) fn fault(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A refusal under the rule `code`.
    fn by_rule(code: &'static str, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        Self { code, message }
    }
}

/// Refusals of the crates, under the rules that they name.
macro_rules! refusals {
    ($($error:path),* $(,)?) => {
        $(impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self::by_rule(error.code(), &error)
            }
        })*
    };
}

refusals! {
    sinpyo_bbs::ParseKeyError,
    sinpyo_core::json::JsonError,
    sinpyo_core::jwk::JwkError,
    sinpyo_core::status::StatusListError,
    sinpyo_core::vcdm::VcdmError,
    sinpyo_cose::CoseError,
    sinpyo_cose::SignError,
    sinpyo_cose::cwt::ClaimError,
    sinpyo_crypto::ImportKeyError,
    sinpyo_crypto::ParseKeyError,
    sinpyo_dcql::QueryError,
    sinpyo_jsonld::JsonLdError,
    sinpyo_jsonld::RegisterContextError,
    sinpyo_mdoc::IssueError,
    sinpyo_mdoc::ParseMdocError,
    sinpyo_mdoc::PresentError,
    sinpyo_mdoc::VerifyMdocError,
    sinpyo_proof::CredentialError,
    sinpyo_proof::IssueError,
    sinpyo_proof::ParseWireError,
    sinpyo_proof::PresentationError,
    sinpyo_proof::SignError,
    sinpyo_proof::StatusError,
    sinpyo_proof::data_integrity::CanonicalError,
    sinpyo_proof::data_integrity::ProofSetError,
    sinpyo_proof::data_integrity::SecureError,
    sinpyo_proof::data_integrity::VerifyProofError,
    sinpyo_proof::data_integrity::disclosure::DisclosureError,
    sinpyo_proof::sd_jwt::ConcealError,
    sinpyo_proof::sd_jwt::SdJwtError,
    sinpyo_proof::sd_jwt::SelectError,
    sinpyo_rdf::CanonicalizeError,
    sinpyo_rdf::nquads::ParseNQuadsError,
    sinpyo_resolver::ResolveError,
    sinpyo_resolver::did_webvh::WebvhError,
    sinpyo_selective::PointerError,
    sinpyo_x509::RootError,
}

/// Errors without a rule: what they refuse is the request.
macro_rules! faults {
    ($($error:path => $code:literal),* $(,)?) => {
        $(impl From<$error> for Refusal {
            fn from(error: $error) -> Self {
                Self::by_rule($code, &error)
            }
        })*
    };
}

faults! {
    sinpyo_core::claims::ParsePathError => "ARGUMENT",
    sinpyo_core::did::ParseDidError => "ARGUMENT",
    sinpyo_core::document::DocumentError => "DOCUMENT",
    sinpyo_core::encoding::EncodingError => "ENCODING",
    sinpyo_core::key::SignError => "KEY",
    sinpyo_core::time::ParseTimeError => "ARGUMENT",
    sinpyo_resolver::VersionError => "RES-10",
    sinpyo_resolver::did_webvh::AttachError => "KEY",
    sinpyo_resolver::did_webvh::DraftError => "LOG",
}
