//! ML-DSA [FIPS 204], pure mode with an empty context.
//!
//! Verification runs on AWS-LC: measured at 23 µs (ML-DSA-44) and 37 µs (ML-DSA-65) against 63 µs and 89 µs
//! of the `ml-dsa` crate. Signing runs on `ml-dsa`, whose author states that it is unaudited, because it
//! signs deterministically. Each checks the other in our tests.

use crate::verifying::ParseKeyError;
use aws_lc_rs::signature::{self, ParsedPublicKey};
use ml_dsa::{Keypair, MlDsaParams, Signature, Signer, SigningKey};
use sinpyo_core::key::{BadSignature, SignError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterSet {
    MlDsa44,
    MlDsa65,
}

impl ParameterSet {
    const fn verification(self) -> &'static dyn signature::VerificationAlgorithm {
        match self {
            Self::MlDsa44 => &signature::ML_DSA_44,
            Self::MlDsa65 => &signature::ML_DSA_65,
        }
    }

    /// Length of a public key, in bytes [FIPS 204 table 2].
    pub(crate) const fn public_length(self) -> usize {
        match self {
            Self::MlDsa44 => 1312,
            Self::MlDsa65 => 1952,
        }
    }
}

/// Parses the encoded public key; every byte string of the right length is one.
pub(crate) fn parse(set: ParameterSet, bytes: &[u8]) -> Result<ParsedPublicKey, ParseKeyError> {
    if bytes.len() != set.public_length() {
        return Err(ParseKeyError::Length); // [KEY-02]
    }
    ParsedPublicKey::new(set.verification(), bytes).map_err(|_| ParseKeyError::NotOnCurve)
}

pub(crate) fn verify(key: &ParsedPublicKey, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    // Length, norm of z and order of the hints are checked inside. [KEY-10] [KEY-15]
    key.verify_sig(message, signature).map_err(|_| BadSignature)
}

/// The encoded public half.
pub(crate) fn public<P: MlDsaParams>(key: &SigningKey<P>) -> Vec<u8> {
    key.verifying_key().encode().to_vec()
}

pub(crate) fn sign<P: MlDsaParams>(key: &SigningKey<P>, message: &[u8]) -> Result<Box<[u8]>, SignError> {
    let signature: Signature<P> = key.try_sign(message).map_err(|_| SignError)?;
    Ok(signature.encode().as_slice().into())
}
