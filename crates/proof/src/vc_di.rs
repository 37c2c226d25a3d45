//! W3C credentials secured with Data Integrity.

use crate::{
    Signatory,
    credential::IssueError,
    data_integrity::{self, Cryptosuite, Earlier, PreparedProof, ProofOptions, Securing},
    vc_jwt,
};
use serde_json::{Map, Value};
use sinpyo_core::{credential::Credential, document::VerificationRelationship::AssertionMethod, key::Signer};
use sinpyo_crypto::VerifyingKey;
use sinpyo_jsonld::Contexts;

/// Prepares `credential` under the base context and `contexts` with a proof created when it was issued.
///
/// # Errors
/// The signing key is not the issuer's or has no cryptosuite, or the credential has no form in the W3C data model.
pub fn prepare(
    credential: &Credential,
    contexts: &[&str],
    signatory: Signatory<'_>,
) -> Result<PreparedProof, IssueError> {
    let document = vc_jwt::document(credential, contexts, signatory)?;
    let options = ProofOptions { created: credential.issued_at(), ..ProofOptions::new(AssertionMethod) };
    Ok(data_integrity::prepare(document, &options, signatory)?)
}

/// Issues `credential` with a proof by `signer`, whose public half is `key`.
///
/// # Errors
/// As [`prepare`], and the signer refused or signed with another key.
pub fn issue(
    credential: &Credential,
    contexts: &[&str],
    (signer, key): (&dyn Signer, &VerifyingKey),
) -> Result<Map<String, Value>, IssueError> {
    let prepared = prepare(credential, contexts, Signatory { key_id: signer.key_id(), key })?;
    let signature = signer.sign(prepared.signing_input()).map_err(crate::SignError::KeyStore)?;
    Ok(prepared.attach(&signature)?)
}

/// As [`prepare`], with a proof over the statements that the credential makes under bundled contexts
/// (`ecdsa-rdfc-2019`, `eddsa-rdfc-2022`).
///
/// # Errors
/// As [`prepare_as`]; no such suite has keys of this algorithm.
pub fn prepare_statements(
    credential: &Credential,
    contexts: &[&str],
    signatory: Signatory<'_>,
) -> Result<PreparedProof, IssueError> {
    let mut suites = [Cryptosuite::EcdsaRdfc2019, Cryptosuite::EddsaRdfc2022].into_iter();
    let suite =
        suites.find(|suite| suite.fits(signatory.key.algorithm())).ok_or(crate::SignError::Algorithm)?; // [JWS-18]
    prepare_as(credential, contexts, (suite, &Contexts::bundled()), signatory)
}

/// As [`prepare`], under `suite` and with the contexts that are `known`.
///
/// # Errors
/// As [`prepare`], the suite does not fit the key, or the credential uses a term that its contexts do not define.
pub fn prepare_as(
    credential: &Credential,
    contexts: &[&str],
    (suite, known): (Cryptosuite, &Contexts),
    signatory: Signatory<'_>,
) -> Result<PreparedProof, IssueError> {
    let document = vc_jwt::document(credential, contexts, signatory)?;
    let options = ProofOptions { created: credential.issued_at(), ..ProofOptions::new(AssertionMethod) };
    let how = Securing { suite, options: &options, contexts: known, earlier: Earlier::Replaced };
    Ok(data_integrity::secure(document, &how, signatory)?)
}
