//! What a holder authorises with a presentation [OpenID4VP 1.0 §8.4, §B.3.3].

use crate::{error::VerifyError, token};
use serde_json::Value;
use sinpyo_core::{
    encoding::{from_base64url, to_base64url},
    json,
};
use sinpyo_crypto::hash::{sha256, sha384, sha512};
use sinpyo_dcql::{Binding, Query, Wanted};

/// Most texts in one request.
const MAX_TEXTS: usize = 16;

/// The transaction data of one request, as the check needs it.
#[derive(Debug, Default)]
pub(crate) struct TransactionData(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    /// As it was sent. Hashes are over this, not over what it decodes to.
    text: String,
    /// The queries of whose credentials one authorises it.
    queries: Vec<String>,
    /// Which algorithms the request offers; none if it leaves that open.
    algorithms: Option<Vec<String>>,
}

impl TransactionData {
    /// Reads the texts of a request for `query`.
    ///
    /// # Errors
    /// One that no presentation could authorise: malformed, or for a query that there is not, that asks for another
    /// format than SD-JWT VC, or that does without the holder's proof.
    pub(crate) fn parse(texts: &[String], query: &Query) -> Result<Self, VerifyError> {
        if texts.len() > MAX_TEXTS {
            return Err(VerifyError::TransactionData); // [VP-25]
        }
        let entries = texts.iter().map(|text| Entry::parse(text, query));
        entries.collect::<Option<_>>().map(Self).ok_or(VerifyError::TransactionData) // [VP-25]
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which of the data the verified `key_binding` of a presentation for `query` authorises.
    ///
    /// # Errors
    /// It has a hash of something else, in another order, or by an algorithm that was not offered.
    pub(crate) fn authorised(&self, query: &str, key_binding: &str) -> Result<Vec<usize>, VerifyError> {
        let claims = token::claims(key_binding).ok_or(VerifyError::TransactionHashes)?;
        let hashes = match claims.get("transaction_data_hashes") {
            None => return Ok(Vec::new()),
            Some(Value::Array(hashes)) if !hashes.is_empty() => hashes,
            Some(_) => return Err(VerifyError::TransactionHashes), // [VP-26]
        };
        let named = match claims.get("transaction_data_hashes_alg") {
            None => None,
            Some(Value::String(name)) => Some(name.as_str()),
            Some(_) => return Err(VerifyError::TransactionHashes), // [VP-26]
        };
        // Each hash is looked for behind the one before it: in the order of the request, and none twice.
        let mut rest =
            self.0.iter().enumerate().filter(|(_, entry)| entry.queries.iter().any(|id| id == query));
        let position =
            |hash: &Value| rest.find(|(_, entry)| entry.fits(hash, named)).map(|(position, _)| position);
        let found: Option<Vec<_>> = hashes.iter().map(position).collect();
        found.ok_or(VerifyError::TransactionHashes) // [VP-26]
    }

    /// Whether everything that was sent is among `authorised`.
    pub(crate) fn is_covered(&self, authorised: &[usize]) -> bool {
        (0..self.0.len()).all(|position| authorised.contains(&position))
    }
}

impl Entry {
    fn parse(text: &str, query: &Query) -> Option<Self> {
        let members = json::parse_object(&from_base64url(text).ok()?).ok()?;
        members.get("type")?.as_str()?;
        let queries = texts(members.get("credential_ids")?)?;
        let can_authorise = |id: &String| {
            query.credential(id).is_some_and(|asked| {
                matches!(asked.wanted, Wanted::SdJwtVc { .. }) && asked.binding == Binding::Required
            })
        };
        if !queries.iter().all(can_authorise) {
            return None;
        }
        let algorithms = match members.get("transaction_data_hashes_alg") {
            None => None,
            Some(names) => Some(texts(names)?),
        };
        Some(Self { text: text.to_owned(), queries, algorithms })
    }

    /// Whether `hash` is one of this text, by the algorithm that the holder named.
    fn fits(&self, hash: &Value, named: Option<&str>) -> bool {
        let offered = match (&self.algorithms, named) {
            (Some(offered), Some(named)) => offered.iter().any(|name| name == named),
            // What was offered must be answered by name.
            (Some(_), None) => false,
            (None, named) => named.is_none_or(|named| named == DEFAULT),
        };
        let expected = digest(named.unwrap_or(DEFAULT), &self.text);
        offered && expected.is_some_and(|expected| hash.as_str() == Some(&expected)) // [VP-26]
    }
}

/// The algorithm of a request that offers none.
const DEFAULT: &str = "sha-256";

fn digest(algorithm: &str, text: &str) -> Option<String> {
    let text = text.as_bytes();
    match algorithm {
        "sha-256" => Some(to_base64url(&sha256(text))),
        "sha-384" => Some(to_base64url(&sha384(text))),
        "sha-512" => Some(to_base64url(&sha512(text))),
        _ => None,
    }
}

/// An array of texts, at least one.
fn texts(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array().filter(|texts| !texts.is_empty())?;
    texts.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}
