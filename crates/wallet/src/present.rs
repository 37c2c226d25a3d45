//! From the holder's consent to what answers the request.

use crate::{
    asker::Asker,
    choice::{Answer, Consent},
    held::{HeldCredential, HeldId},
    history::{PresentationRecord, ShownCredential},
    key::Custody,
    making::{MakeError, Making},
    transaction::{self, TransactionError},
    wallet::Wallet,
};
use serde_json::{Map, Value, json};
use sinpyo_core::{jwk::PublicJwk, time::Timestamp};
use sinpyo_dcql::QueryId;
use sinpyo_mdoc::Handover;
use sinpyo_proof::{CLOCK_SKEW, SignError};
use std::{collections::BTreeMap, fmt};

/// To what presentations are bound.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The asker's full client identifier, or `origin:` and the origin of its page.
    pub audience: &'a str,
    /// The request's challenge.
    pub nonce: &'a str,
    /// How the session was opened: needed for mdocs, and only for them.
    pub handover: Option<&'a Handover<'a>>,
}

/// What answers a request: presentations by query.
///
/// Debug output names the queries.
#[derive(Clone, PartialEq)]
pub struct Presentations(BTreeMap<QueryId, Vec<Value>>);

impl Presentations {
    /// The `vp_token`: for each query that is answered an array of texts or objects [OpenID4VP 1.0 §8.1].
    pub fn into_vp_token(self) -> Map<String, Value> {
        self.0.into_iter().map(|(query, presentations)| (query.to_string(), presentations.into())).collect()
    }

    /// `{"vp_token": …}` as text.
    pub fn into_answer(self) -> Box<[u8]> {
        json!({ "vp_token": self.into_vp_token() }).to_string().into_bytes().into_boxed_slice()
    }
}

impl fmt::Debug for Presentations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Presentations").field(&self.0.keys()).finish()
    }
}

/// An answer that waits for the signatures of keys that are not in the wallet.
///
/// Debug output shows no claim.
#[must_use]
pub struct Prepared {
    parts: Vec<Part>,
    record: PresentationRecord,
}

struct Part {
    query: QueryId,
    held: HeldId,
    making: Making,
    /// The public half of the key that must sign, if it is elsewhere.
    elsewhere: Option<PublicJwk>,
}

/// What a key outside the wallet is to sign.
///
/// Debug output shows the key and nothing of the message.
pub struct SigningRequest<'p> {
    /// The public half of the key.
    pub key: &'p PublicJwk,
    /// The message itself, not a digest of it.
    pub message: &'p [u8],
}

impl fmt::Debug for SigningRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningRequest").field("key", self.key).finish_non_exhaustive()
    }
}

impl Prepared {
    /// The messages to be signed elsewhere, in the order in which the signatures are to come.
    pub fn signing_requests(&self) -> impl Iterator<Item = SigningRequest<'_>> {
        self.parts.iter().filter_map(|part| {
            Some(SigningRequest { key: part.elsewhere.as_ref()?, message: part.making.signing_input()? })
        })
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").field("record", &self.record).finish_non_exhaustive()
    }
}

impl Wallet {
    /// Answers a request as its holder agreed to.
    ///
    /// The edge seals and stores the wallet before it sends the answer: otherwise a crash would forget that the copy
    /// was shown.
    ///
    /// # Errors
    /// As [`Wallet::prepare`] and [`Wallet::attach`]; a key that is not in the wallet must sign.
    pub fn present(
        &mut self,
        consent: Consent,
        occasion: &Occasion<'_>,
        now: Timestamp,
    ) -> Result<Presentations, PresentError> {
        let prepared = self.prepare(consent, occasion, now)?;
        self.attach(prepared, &[])
    }

    /// Selects what is shown and makes the messages that bind it to verifier and challenge.
    ///
    /// A copy that nobody else has seen is taken while there is one, and is this verifier's from now on.
    ///
    /// # Errors
    /// The verifier no longer accepts an answer, the occasion is another verifier's or lacks the session of an mdoc,
    /// the credential has left the wallet or expired, or transaction data cannot be authorised by what is shown.
    pub fn prepare(
        &mut self,
        consent: Consent,
        occasion: &Occasion<'_>,
        now: Timestamp,
    ) -> Result<Prepared, PresentError> {
        let Consent { asker, accredited, transactions, expires_at, origin, answers } = consent;
        if expires_at.is_some_and(|expires_at| now >= expires_at.plus(CLOCK_SKEW)) {
            return Err(PresentError::TooLate); // [WAL-07]
        }
        let page = origin.map(Asker::Origin);
        if !page.as_ref().unwrap_or(&asker).is_addressed_by(occasion.audience) {
            return Err(PresentError::OtherAudience); // [WAL-27]
        }
        let mut authorising = transaction::assign(&transactions, &answers)?;
        let (mut parts, mut shown) = (Vec::new(), Vec::new());
        for Answer { query, binding, chosen, .. } in answers {
            let held = self.best_copy(chosen.held, &asker, now).ok_or(PresentError::Gone)?;
            let more = authorising.remove(&query).unwrap_or_default();
            let making = Making::begin(held, (&chosen.asked, binding), more, occasion, now)?; // [WAL-08]
            let elsewhere =
                matches!(held.key.custody, Custody::Elsewhere(_)).then(|| held.key.public().to_jwk());
            parts.push(Part { query, held: held.id, making, elsewhere });
            let copy = held.use_for(&asker);
            shown.push(ShownCredential { held: held.id, kind: chosen.kind, claims: chosen.asked, copy });
        }
        for part in &parts {
            self.reserve(part.held, &asker);
        }
        let transactions = transactions.into_iter().map(|transaction| transaction.text).collect();
        Ok(Prepared { parts, record: PresentationRecord { at: now, asker, accredited, shown, transactions } })
    }

    /// Makes the answer, with one signature for each of [`Prepared::signing_requests`], and enters it into the
    /// history.
    ///
    /// # Errors
    /// There are more or fewer signatures, one was made with another key, a key refused, or the credential has left
    /// the wallet.
    pub fn attach(
        &mut self,
        prepared: Prepared,
        signatures: &[Box<[u8]>],
    ) -> Result<Presentations, PresentError> {
        let Prepared { parts, record } = prepared;
        let mut signatures = signatures.iter();
        let mut presentations = BTreeMap::new();
        for part in parts {
            let signature = match (part.making.signing_input(), &part.elsewhere) {
                (None, _) => Box::default(),
                (Some(_), Some(_)) => signatures.next().ok_or(PresentError::SignatureCount)?.clone(),
                (Some(message), None) => self.sign_here(part.held, message)?,
            };
            presentations.insert(part.query, vec![part.making.finish(&signature)?]); // [VP-DCQ-10d]
        }
        if signatures.next().is_some() {
            return Err(PresentError::SignatureCount);
        }
        self.history.push(record);
        Ok(Presentations(presentations))
    }

    /// Of the copies that say the same as `held`, the one that gives the least away to `asker`.
    fn best_copy(&self, held: HeldId, asker: &Asker, now: Timestamp) -> Option<&HeldCredential> {
        let wanted = self.held(held)?;
        let copies = self.credentials().filter(|copy| copy.in_force(now) && copy.is_copy_of(wanted));
        copies.min_by_key(|copy| (copy.use_for(asker), copy.id)) // [WAL-09]
    }

    fn reserve(&mut self, held: HeldId, asker: &Asker) {
        if let Some(held) = self.held.iter_mut().find(|copy| copy.id == held) {
            held.shown_to.insert(asker.clone());
        }
    }

    fn sign_here(&self, held: HeldId, message: &[u8]) -> Result<Box<[u8]>, PresentError> {
        match &self.held(held).ok_or(PresentError::Gone)?.key.custody {
            Custody::Wallet(key) => Ok(key.sign(message).map_err(SignError::from)?),
            Custody::Elsewhere(_) => Err(PresentError::SignatureCount),
        }
    }
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// WAL-07: the consent outlived the request.
    #[error("the verifier no longer accepts an answer")]
    TooLate,
    /// WAL-27: the holder agreed to show this to somebody else.
    #[error("the audience is not the one whom the holder agreed to answer")]
    OtherAudience,
    /// WAL-21: the credential was removed or expired after the consent.
    #[error("the credential is no longer in the wallet or no longer valid")]
    Gone,
    /// The presentation cannot be made.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// What is shown cannot authorise the transaction data.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// WAL-22: a key elsewhere must sign and did not, or signatures came that nobody asked for.
    #[error("not one signature for each signing request")]
    SignatureCount,
    /// The key to which the credential is bound did not sign.
    #[error(transparent)]
    Signature(#[from] SignError),
}

impl PresentError {
    /// The rule that was broken, as in `spec/checks/wal.toml` or that of the token.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLate => "WAL-07",
            Self::OtherAudience => "WAL-27",
            Self::Gone => "WAL-21", // [WAL-21]
            Self::Make(error) => error.code(),
            Self::Transaction(error) => error.code(),
            Self::SignatureCount => "WAL-22", // [WAL-22]
            Self::Signature(error) => error.code(),
        }
    }
}
