//! Codes that an offer carries [OpenID4VCI 1.0 §3.5].

use super::{
    AuthorizationServer, random,
    record::{Found, PRE_AUTHORIZED, PreAuthorizedRecord, TxCodeRecord},
    token::Decided,
};
use crate::{Authorization, GrantFault, MAX_PRE_AUTHORIZED, Refusal, RequestFault};
use sinpyo_core::{Secret, encoding::to_base64url, key::Entropy, time::Timestamp};
use sinpyo_crypto::mac;
use sinpyo_state::OwnedChange;
use std::time::Duration;

/// The grant type [OpenID4VCI 1.0 §6.1].
pub const PRE_AUTHORIZED_GRANT: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

/// After so many wrong or missing transaction codes a code is dead.
const MAX_FAILURES: u8 = 5;

/// What an offer's recipient gets it by beside the offer: sent another way, typed by the user.
#[derive(Debug)]
pub struct TxCode(Secret<String>);

impl TxCode {
    /// A random code of `length` digits, at least four.
    pub fn generate(length: usize, entropy: &mut dyn Entropy) -> Self {
        let length = length.max(4);
        let mut digits = String::with_capacity(length);
        while digits.len() < length {
            let mut byte = [0];
            entropy.fill(&mut byte);
            // 250 is the largest multiple of ten below 256: each digit is as likely as any other.
            if let [byte @ 0..250] = byte {
                digits.push(char::from(b'0' + byte % 10));
            }
        }
        Self(Secret::new(digits))
    }

    /// A code that was made elsewhere.
    pub const fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The code, to be sent to the user.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What an offer is to buy.
#[derive(Debug)]
pub struct PreAuthorized<'a> {
    /// What is granted to whoever redeems it.
    pub authorization: Authorization,
    /// What is needed beside the code.
    pub tx_code: Option<&'a TxCode>,
    /// How long it can be redeemed, at most a day.
    pub lifetime: Duration,
}

/// The value of `pre-authorized_code` in an offer. Debug output hides it.
#[derive(Debug)]
pub struct PreAuthorizedCode(Secret<String>);

impl PreAuthorizedCode {
    /// The code, for the offer.
    pub fn as_str(&self) -> &str {
        self.0.expose()
    }
}

impl AuthorizationServer<'_> {
    /// A code for an offer, and the change that makes it good, to be committed with the offer's own.
    pub fn pre_authorize(
        &self,
        order: PreAuthorized<'_>,
        now: Timestamp,
        entropy: &mut dyn Entropy,
    ) -> (PreAuthorizedCode, Vec<OwnedChange>) {
        let code = random(entropy);
        let tag = |tx_code: &TxCode| to_base64url(&self.settings.tx_code_tag(&code, tx_code.expose()));
        let tx_code = order.tx_code.map(|tx_code| TxCodeRecord { tag: tag(tx_code), failures: 0 });
        let record = PreAuthorizedRecord { authorization: order.authorization.into(), tx_code };
        let expires = now.plus(order.lifetime.min(MAX_PRE_AUTHORIZED)); // [VCI-TOK-01]
        let change = self.insert(self.key(PRE_AUTHORIZED, &code), &record, expires, entropy);
        (PreAuthorizedCode(Secret::new(code)), vec![change])
    }

    /// Whether `sent` is the transaction code of the found code; what a failure changes, if not.
    pub(super) fn check_tx_code(
        &self,
        found: Found<PreAuthorizedRecord>,
        (code, sent): (&str, Option<&str>),
        entropy: &mut dyn Entropy,
    ) -> Result<Found<PreAuthorizedRecord>, Decided> {
        let refused = |refusal: Refusal, changes| Decided { changes, outcome: Err(refusal) };
        let fault = match (&found.value.tx_code, sent) {
            (None, None) => return Ok(found),
            (None, Some(_)) => return Err(refused(RequestFault::TxCodeUnexpected.into(), Vec::new())), // [VCI-TOK-02b]
            (Some(_), None) => RequestFault::TxCodeMissing.into(), // [VCI-TOK-02a]
            (Some(expected), Some(sent)) => {
                let tag = to_base64url(&self.settings.tx_code_tag(code, sent));
                if mac::equal(tag.as_bytes(), expected.tag.as_bytes()) {
                    return Ok(found);
                }
                GrantFault::TxCode.into() // [VCI-TOK-02c]
            }
        };
        Err(refused(fault, vec![self.counted(found, entropy)]))
    }

    /// One failure more; the last one ends the code.
    fn counted(&self, found: Found<PreAuthorizedRecord>, entropy: &mut dyn Entropy) -> OwnedChange {
        let mut record = found.value.clone();
        let failures = record.tx_code.as_mut().map_or(MAX_FAILURES, |tx_code| {
            tx_code.failures = tx_code.failures.saturating_add(1);
            tx_code.failures
        });
        if failures >= MAX_FAILURES {
            return found.remove(); // [VCI-TOK-03]
        }
        self.replace(found, (&record, None), entropy)
    }
}
