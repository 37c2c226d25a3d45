//! The verifier: opens transactions, gives out requests, takes responses, hands out results.
//!
//! A transaction is a record under the digest of its [`TransactionId`](crate::TransactionId), which only the one who
//! opened it has. Each request of it (each QR code) is another record under the digest of a handle, with a nonce, a
//! `state` and a private key of its own. Both are sealed. A response ends both in one commit; the key is gone with it.
//!
//! # Whose browser gets the result
//!
//! Somebody may start a transaction in their own browser and lead somebody else to answer it. What stops that depends on
//! how the wallet is reached:
//!
//! | attack | what stops it |
//! |---|---|
//! | A link for the same device is sent to a victim, whose wallet answers | The result waits for the `response_code`, which goes to the victim's browser. It is not the session that started: the transaction fails, for all ([`Verifier::result`], [`Verifier::stray`]). |
//! | The attacker polls with the `state`, the nonce or the handle, which the wallet has seen | None of them fetches a result; only the [`TransactionId`](crate::TransactionId) does, in its session. |
//! | A QR code is printed, mailed or put on another page | It lives a minute unless it is scanned ([`Lifetimes::scan`]), and each new one makes the one before worthless ([`Verifier::rotate`]). |
//! | A QR code is forwarded at once, and the attacker waits at the screen | [`Confirmation::Number`]: after the response the screen shows a number of two digits, and the holder chooses it among three, or says that there is none, on a page of the verifier that the wallet opens. The number did not exist when the code was forwarded. There is one choice; guessing succeeds one time in three. |
//! | A page of the attacker relays code and number while it talks to the victim | Nothing here. The wallet shows who asks and why; where that is not enough, use the same device or the Digital Credentials API, whose audience is the origin of the page ([`Flow::Digital`]). |
//! | A response is taken from one transaction to another, or is sent twice | Nonce, `state` and key belong to one request; the first response is final, the same one again gets the same answer. |

mod identity;
mod order;
mod settings;

mod ask;
mod open;

mod receive;

mod conclude;
mod confirm;
mod outcome;

mod digital;
mod endpoint;

mod record;

pub use ask::{AskError, Fetch};
pub use conclude::{ConcludeError, Verdict, WalletReply};
pub use confirm::{Choices, ConfirmError, Pick};
pub use endpoint::{Handled, MAX_BODY, Refusal};
pub use identity::{Identity, Name};
pub use open::{Asking, Link, OpenError, Opened, Rotated};
pub use order::{Confirmation, Encryption, Flow, Order, OrderError, Signing};
pub use outcome::{Claim, Outcome, OutcomeError, Status};
pub use receive::{Arrived, ReceiveError, Received};
pub use record::KeepError;
pub use settings::{Lifetimes, Profile, RequestUriMethod, Settings};

use crate::handle::Session;
use record::{TRANSACTIONS, TransactionRecord};
use sinpyo_core::time::Timestamp;
use sinpyo_state::{Key, State, Version};

/// A verifier with its memory. Made for each call; it remembers nothing itself, so that any node can serve any step.
#[derive(Clone, Copy, Debug)]
pub struct Verifier<'a> {
    /// What holds for all transactions.
    pub settings: &'a Settings,
    /// The names that requests are signed under, the first one if nothing else is wanted. Without any, requests are
    /// unsigned and the verifier is known by its `response_uri` alone.
    pub identities: &'a [Identity<'a>],
    /// Where transactions are kept.
    pub state: &'a dyn State,
}

impl Verifier<'_> {
    /// The transaction of this name, if there is one at `now`.
    fn transaction(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<(TransactionRecord, Version)>, KeepError> {
        self.keep().read(&Key::named(TRANSACTIONS, name), now)
    }

    /// The transaction of this key, if it belongs to `session`.
    fn owned(
        &self,
        key: &Key,
        session: Option<&Session>,
        now: Timestamp,
    ) -> Result<Option<(TransactionRecord, Version)>, KeepError> {
        let found = self.keep().read::<TransactionRecord>(key, now)?;
        Ok(found.filter(|(record, _)| record.order.belongs_to(session)))
    }
}
