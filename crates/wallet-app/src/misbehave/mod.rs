//! A wallet that does one thing wrong, for those who write verifiers and issuers.
//!
//! Nothing here is reached unless somebody asks for a fault by name. Each fault is made of an answer that is good
//! otherwise, so that whoever refuses it has found this fault and no other.

mod binding;
mod proof;
mod response;

pub use binding::MisbehaveError;
pub use proof::ProofFault;
pub(crate) use proof::proof;
pub(crate) use response::{Built, respond};

use sinpyo_openid4vp::Expectation;
use std::str::FromStr;

/// What is wrong with an answer to a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// `nonce`: made for another challenge.
    Nonce,
    /// `audience`: made for another verifier.
    Audience,
    /// `stripped-prefix`: the audience without the prefix of the client identifier.
    StrippedPrefix,
    /// `extra-claims`: every claim is shown.
    ExtraClaims,
    /// `missing-claim`: one claim less than asked for.
    MissingClaim,
    /// `wrong-sd-hash`: the holder's signature is over other disclosures.
    WrongSdHash,
    /// `old-iat`: the holder's signature is a day old.
    OldIat,
    /// `future-iat`: the holder's signature is of tomorrow.
    FutureIat,
    /// `other-key`: signed by a key to which the credential is not bound.
    OtherKey,
    /// `no-binding`: without the holder's signature.
    NoBinding,
    /// `alg-none`: the holder's signature is empty, by an algorithm `none`.
    AlgNone,
    /// `string-vp-token`: a text where an array belongs.
    StringVpToken,
    /// `extra-query`: an answer to a query that was not asked.
    ExtraQuery,
    /// `tampered-credential`: the issuer's signature is damaged.
    TamperedCredential,
    /// `tampered-disclosure`: a disclosed value is another one.
    TamperedDisclosure,
    /// `replay`: the same answer twice; the second is what counts.
    Replay,
    /// `plain-instead-of-encrypted`: in clear, where encryption was asked for.
    PlainInsteadOfEncrypted,
    /// `wrong-kid`: encrypted under the name of another key.
    WrongKid,
    /// `wrong-alg`: the message says that it is encrypted in another way.
    WrongAlg,
    /// `other-recipient`: encrypted to another key.
    OtherRecipient,
    /// `state`: another `state`.
    State,
}

impl Misbehaviour {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 21] = [
        ("nonce", Self::Nonce),
        ("audience", Self::Audience),
        ("stripped-prefix", Self::StrippedPrefix),
        ("extra-claims", Self::ExtraClaims),
        ("missing-claim", Self::MissingClaim),
        ("wrong-sd-hash", Self::WrongSdHash),
        ("old-iat", Self::OldIat),
        ("future-iat", Self::FutureIat),
        ("other-key", Self::OtherKey),
        ("no-binding", Self::NoBinding),
        ("alg-none", Self::AlgNone),
        ("string-vp-token", Self::StringVpToken),
        ("extra-query", Self::ExtraQuery),
        ("tampered-credential", Self::TamperedCredential),
        ("tampered-disclosure", Self::TamperedDisclosure),
        ("replay", Self::Replay),
        ("plain-instead-of-encrypted", Self::PlainInsteadOfEncrypted),
        ("wrong-kid", Self::WrongKid),
        ("wrong-alg", Self::WrongAlg),
        ("other-recipient", Self::OtherRecipient),
        ("state", Self::State),
    ];
}

impl FromStr for Misbehaviour {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        Self::ALL.into_iter().find(|(own, _)| *own == name).map(|(_, fault)| fault).ok_or(UnknownFault)
    }
}

/// No fault has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no fault of this wallet has this name")]
pub struct UnknownFault;

/// Somebody who does not ask.
const ELSEWHERE: &str = "x509_san_dns:elsewhere.example";

/// For what presentations are made: for something else, where that is the fault. The audience of an SD-JWT is changed
/// afterwards: the wallet does not sign for somebody else.
pub(crate) fn expectation(fault: Misbehaviour, mut good: Expectation) -> Expectation {
    match fault {
        Misbehaviour::Nonce => "bm90IHRoZSBub25jZSB0aGF0IHdhcyBhc2tlZA".clone_into(&mut good.nonce),
        Misbehaviour::Audience => ELSEWHERE.clone_into(&mut good.audience),
        _ => {}
    }
    good
}
