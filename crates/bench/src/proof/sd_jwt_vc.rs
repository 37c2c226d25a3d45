//! SD-JWT VCs: five of eleven claims shown, no key binding.

use super::{
    INPUTS,
    input::{Input, issuer_token, verification},
    resident::{self, Issuer},
};
use crate::{os::OsEntropy, row::Row};
use anyhow::ensure;
use sinpyo_core::credential::Credential;
use sinpyo_crypto::{Algorithm, SigningKey, VerifyingKey};
use sinpyo_proof::{
    Unverified,
    jws::Typ,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm, Holding, Selection},
    sd_jwt_vc,
};
use std::hint::black_box;

/// The row `sd-jwt-vc verify`.
pub(super) fn verify(name: &'static str, algorithm: Algorithm) -> anyhow::Result<Row> {
    let issuer = Issuer::new(algorithm)?;
    let holder = SigningKey::generate(Algorithm::Es256, &mut OsEntropy);
    let inputs: Vec<Input> = (0..INPUTS)
        .map(|index| {
            let wire = selection(index, &issuer, holder.verifying_key())?.unbound();
            let token = issuer_token(&wire).to_owned();
            Input::with_token(wire, &token)
        })
        .collect::<anyhow::Result<_>>()?;
    let now = resident::now()?;
    let shown = resident::shown().len();
    verification(name, &inputs, issuer.key(), |_, wire| {
        let credential = Unverified::<Credential>::parse(wire.as_bytes())?.verify(&issuer.keys, now)?;
        ensure!(credential.get().claims().len() == shown, "not the claims that were shown");
        black_box(credential);
        Ok(())
    })
}

/// The credential of resident `index` as its holder shows it.
pub(super) fn selection(index: usize, issuer: &Issuer, holder: &VerifyingKey) -> anyhow::Result<Selection> {
    let credential = resident::credential(index, holder.to_jwk())?;
    let selective = resident::selective();
    let concealment =
        Concealment { selective: &selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    let text = sd_jwt_vc::issue(&credential, &concealment, (&issuer.signer, issuer.key()), &mut OsEntropy)?;
    Ok(Holding::parse(&text, &[Typ::SD_JWT_VC])?.select(&resident::shown())?)
}
