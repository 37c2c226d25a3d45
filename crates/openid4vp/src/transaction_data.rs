//! What the holder agrees to beside presenting: a payment, a vote, a declaration [OpenID4VP 1.0 §8.4].
//!
//! A type is registered with the members that it has and the words that they are shown by. What has a member that its
//! type does not know is refused: the holder would sign something that was not shown.

mod datum;
mod kind;

pub use datum::{HashAlgorithm, TransactionDataError, TransactionDatum};
pub use kind::{Field, FieldKind, Label, ParseTypeError, Presence, TransactionType, TransactionTypes};
