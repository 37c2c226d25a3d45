//! Credentials and presentations, from wire bytes to accepted.
//!
//! Every row has 1,000 distinct inputs (claims, salts, signatures, holders' keys) and keeps nothing between them but
//! what a verifier keeps: the issuer's parsed key, accreditations and the status list. The baseline of a verification
//! is the signature check of `sinpyo-crypto` with the parsed key, over the messages that the issuer signed.

mod input;
mod issuance;
mod presentation;
mod resident;
mod sd_jwt_vc;
mod vc;

use crate::row::Report;
use sinpyo_crypto::Algorithm::{Ed25519, Es256};

/// Distinct inputs of a row.
const INPUTS: usize = 1_000;

/// Measures the rows of the group.
pub(crate) fn measure(report: &mut Report) {
    report.measure("sd-jwt-vc verify ed25519", |name| sd_jwt_vc::verify(name, Ed25519));
    report.measure("sd-jwt-vc verify es256", |name| sd_jwt_vc::verify(name, Es256));
    report.measure("sd-jwt-vc issue es256", issuance::issue);
    report.measure("eddsa-jcs-2022 verify", |name| vc::verify_proof(name, Ed25519));
    report.measure("ecdsa-jcs-2019 verify", |name| vc::verify_proof(name, Es256));
    report.measure("vc+jwt verify es256", |name| vc::verify_token(name, Es256));
    report.measure("vc+jwt verify ed25519", |name| vc::verify_token(name, Ed25519));
    report.measure("presentation verify es256", presentation::verify);
}
