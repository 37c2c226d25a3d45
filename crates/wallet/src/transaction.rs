//! Transaction data that a presentation authorises [OpenID4VP 1.0 §8.4, §B.3.3].

use crate::{
    asked::{Transaction, TransactionHash},
    choice::Answer,
};
use serde_json::{Map, Value};
use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::{sha256, sha384, sha512};
use sinpyo_dcql::{Format, QueryId};
use std::collections::BTreeMap;

impl TransactionHash {
    /// The name by which an answer says how it hashed, if it must.
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Default => None,
            Self::Sha256 => Some("sha-256"),
            Self::Sha384 => Some("sha-384"),
            Self::Sha512 => Some("sha-512"),
        }
    }

    fn of(self, text: &str) -> String {
        match self {
            Self::Default | Self::Sha256 => to_base64url(&sha256(text.as_bytes())),
            Self::Sha384 => to_base64url(&sha384(text.as_bytes())),
            Self::Sha512 => to_base64url(&sha512(text.as_bytes())),
        }
    }
}

/// The claims with which each answer authorises its share of `transactions`: the first answer that may, does.
pub(crate) fn assign(
    transactions: &[Transaction],
    answers: &[Answer],
) -> Result<BTreeMap<QueryId, Map<String, Value>>, TransactionError> {
    let mut shares: BTreeMap<QueryId, Vec<&Transaction>> = BTreeMap::new();
    for transaction in transactions {
        let able = |answer: &&Answer| {
            answer.chosen.format == Format::SdJwtVc && transaction.queries.contains(&answer.query)
        };
        let answer = answers.iter().find(able).ok_or(TransactionError::NobodyCan)?; // [WAL-30]
        shares.entry(answer.query.clone()).or_default().push(transaction);
    }
    shares.into_iter().map(|(query, share)| Ok((query, claims(&share)?))).collect()
}

/// One list of hashes in the order of the request, under one algorithm.
fn claims(share: &[&Transaction]) -> Result<Map<String, Value>, TransactionError> {
    let hash = share.iter().map(|transaction| transaction.hash).find(|hash| hash.name().is_some());
    let hash = hash.unwrap_or(TransactionHash::Default);
    let fits = |transaction: &&Transaction| match transaction.hash {
        TransactionHash::Default => matches!(hash, TransactionHash::Default | TransactionHash::Sha256),
        named => named == hash,
    };
    if !share.iter().all(fits) {
        return Err(TransactionError::Hashes); // [WAL-31]
    }
    let mut claims = Map::new();
    let hashes = share.iter().map(|transaction| hash.of(&transaction.text)).collect::<Value>();
    claims.insert("transaction_data_hashes".to_owned(), hashes);
    if let Some(name) = hash.name() {
        claims.insert("transaction_data_hashes_alg".to_owned(), name.into());
    }
    Ok(claims)
}

/// Why what is shown does not authorise the transaction data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// WAL-30: no answer that is given may authorise it, in a format that can.
    #[error("no credential that is shown can authorise the transaction data")]
    NobodyCan,
    /// WAL-31: one answer would have to hash in two ways.
    #[error("the transaction data for one credential is to be hashed in two ways")]
    Hashes,
}

impl TransactionError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NobodyCan => "WAL-30",
            Self::Hashes => "WAL-31",
        }
    }
}
