//! The voter's half: what a wallet reads, checks, keeps, sends and throws away.
//!
//! Each part is a machine that says which request to make next and is shown the response:
//!
//! [`Reading`] the record, as far as a voter believes nobody · [`Registering`] with a code · [`Finding`] the own ring ·
//! [`Booth`], in which a ballot is made, its tracking code shown, and the ballot then cast ([`Casting`]) or given to a
//! second device to be checked ([`Checking`]) · [`Confirming`] a receipt.
//!
//! What it promises: what the service says is a hint until inclusion in a log that only grows, a signature or a hash
//! proves it; nothing is sent that was not kept before; the seed of a ballot is gone when the ballot is cast or was
//! checked, and no choice is ever part of a [`Voter`].
//!
//! What it refuses to do: ask anybody about one position of a ring, show a credential to the ballot box, cast a ballot
//! that was checked.

mod answer;
mod booth;
mod cast;
mod check;
mod error;
mod files;
mod find;
mod link;
mod read;
mod record;
mod register;
mod way;

pub use booth::{Booth, BoothError, Checked, Choices, Filled};
pub use cast::{ADMISSION, Casting, Confirming};
pub use check::{Checking, Verdict};
pub use error::{Refusal, VoterError};
pub use find::{Finding, Found};
pub use link::{Place, SCHEME, VoterLink, normal_code};
pub use read::{Election, Reading};
pub use record::{KeptReceipt, ReceiptState, Voter};
pub use register::{Holder, RegisterStep, Registering, Terms};
pub use way::{Relay, Way};

use http::Request;

/// What a machine does next.
#[derive(Debug)]
#[must_use]
pub enum Step<T> {
    /// Send this, and supply the response. Addresses come from others: the client must follow no redirect.
    Send(Box<Request<Vec<u8>>>),
    /// That is it.
    Done(T),
}

#[cfg(test)]
mod tests;
