//! Credentials and presentations, from wire bytes to accepted.
//!
//! Every row has 1,000 distinct inputs (claims, salts, signatures, holders' keys) and keeps nothing between them but
//! what a verifier keeps: the issuer's parsed key, accreditations and the status list. The baseline of a verification
//! is the signature check of `sinpyo-crypto` with the parsed key, over the messages that the issuer signed.

mod batch;
mod disclosure;
mod input;
mod issuance;
mod mdoc;
mod presentation;
mod resident;
mod sd_jwt_vc;
mod statements;
mod vc;

use crate::row::Report;
use disclosure::Suite;
use sinpyo_crypto::Algorithm::{Ed25519, Es256, MlDsa44};
use sinpyo_proof::data_integrity::Cryptosuite::{EcdsaRdfc2019, EddsaRdfc2022};

/// Distinct inputs of a row.
const INPUTS: usize = 1_000;

/// Measures the rows of the group.
pub(crate) fn measure(report: &mut Report) {
    report.measure("sd-jwt-vc verify ed25519", |name| sd_jwt_vc::verify(name, Ed25519));
    report.measure("sd-jwt-vc verify es256", |name| sd_jwt_vc::verify(name, Es256));
    report.measure("sd-jwt-vc issue es256", issuance::issue);
    report.measure("eddsa-jcs-2022 verify", |name| vc::verify_proof(name, Ed25519));
    report.measure("ecdsa-jcs-2019 verify", |name| vc::verify_proof(name, Es256));
    report.measure("mldsa44-jcs-2024 verify", |name| vc::verify_proof(name, MlDsa44));
    report.measure("eddsa-rdfc-2022 verify", |name| statements::verify(name, EddsaRdfc2022, Ed25519));
    report.measure("ecdsa-rdfc-2019 verify", |name| statements::verify(name, EcdsaRdfc2019, Es256));
    report.measure("ecdsa-sd-2023 verify", |name| disclosure::verify(name, Suite::EcdsaSd));
    report.measure("ecdsa-sd-2023 derive", |name| disclosure::derive(name, Suite::EcdsaSd));
    report.measure("bbs-2023 verify", |name| disclosure::verify(name, Suite::Bbs));
    report.measure("bbs-2023 derive", |name| disclosure::derive(name, Suite::Bbs));
    report.measure("mdoc verify", mdoc::verify);
    report.measure("batch 1024 sd-jwt-vc ed25519", batch::verify);
    report.measure("vc+jwt verify es256", |name| vc::verify_token(name, Es256));
    report.measure("vc+jwt verify ed25519", |name| vc::verify_token(name, Ed25519));
    report.measure("presentation verify es256", presentation::verify);
}
