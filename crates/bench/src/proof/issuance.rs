//! Issuing SD-JWT VCs.

use super::{
    INPUTS,
    resident::{self, Issuer},
};
use crate::{clock::measure_cpu, os::OsEntropy, row::Row};
use anyhow::Context as _;
use serde_json::Value;
use sinpyo_core::{
    claims::ClaimPath,
    credential::{Credential, Holder, Validity},
    json,
    jwk::PublicJwk,
    status::StatusEntry,
    time::Timestamp,
};
use sinpyo_crypto::{Algorithm, SigningKey};
use sinpyo_proof::{
    Unverified,
    sd_jwt::{Concealment, Decoys, DigestAlgorithm},
    sd_jwt_vc,
};
use std::hint::black_box;

/// The row `sd-jwt-vc issue`: from the claims as JSON text to the issued credential, which includes the check of our
/// own signature before it leaves (rule JWS-17).
pub(super) fn issue(name: &'static str) -> anyhow::Result<Row> {
    let issuer = Issuer::new(Algorithm::Es256)?;
    let selective = resident::selective();
    let orders: Vec<String> = (0..INPUTS)
        .map(|index| {
            let holder = SigningKey::generate(Algorithm::Es256, &mut OsEntropy).verifying_key().to_jwk();
            Value::Object(resident::order(index, &holder)).to_string()
        })
        .collect();
    let order = |index: usize| orders.get(index).context("no such input");
    Unverified::<Credential>::parse(issued(order(0)?, &issuer, &selective)?.as_bytes())?
        .verify(&issuer.keys, resident::now()?)?;
    let figures = measure_cpu(
        orders.len(),
        |index| {
            black_box(issued(order(index)?, &issuer, &selective)?);
            Ok(())
        },
        |index| {
            black_box(issuer.signer.key().sign(order(index)?.as_bytes())?);
            Ok(())
        },
    )?;
    Ok(Row::of_cpu_time(name, figures, "raw es256 sign", orders.len()))
}

fn issued(order: &str, issuer: &Issuer, selective: &[ClaimPath]) -> anyhow::Result<String> {
    let credential = read(order)?;
    let concealment = Concealment { selective, decoys: Decoys::None, algorithm: DigestAlgorithm::Sha256 };
    Ok(sd_jwt_vc::issue(&credential, &concealment, (&issuer.signer, issuer.key()), &mut OsEntropy)?)
}

/// The credential that `order` orders.
fn read(order: &str) -> anyhow::Result<Credential> {
    let mut claims = json::parse_object(order.as_bytes())?;
    let mut take = |name: &'static str| claims.remove(name).context(name);
    let (kind, issuer) = (take("vct")?, take("iss")?);
    let (issued_at, expires) = (take("iat")?, take("exp")?);
    let (mut cnf, status) = (take("cnf")?, take("status")?);
    let time = |value: &Value| value.as_i64().and_then(Timestamp::from_unix).context("no time");
    let Some(Value::Object(jwk)) = cnf.get_mut("jwk").map(Value::take) else { anyhow::bail!("no holder") };
    let list = status.pointer("/status_list/uri").and_then(Value::as_str).context("no status list")?;
    let index = status.pointer("/status_list/idx").and_then(Value::as_u64).context("no status index")?;
    let credential = Credential::builder(
        kind.as_str().context("no type")?.parse()?,
        issuer.as_str().context("no issuer")?,
    )
    .holder(Holder::Key(PublicJwk::from_members(jwk)?))
    .valid(Validity { from: None, until: Some(time(&expires)?) })
    .issued_at(time(&issued_at)?)
    .status(StatusEntry::Token { list: list.to_owned(), index })
    .claims(claims);
    Ok(credential.build())
}
