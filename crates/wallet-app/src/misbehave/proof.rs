//! Proofs for issuers that are wrong.

use super::UnknownFault;
use serde_json::{Map, Value};
use sinpyo_jose::Typ;
use std::str::FromStr;

/// What is wrong with a proof for an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofFault {
    /// `proof-nonce`: a nonce that the issuer did not give.
    Nonce,
    /// `proof-aud`: made for another issuer.
    Audience,
    /// `proof-typ`: of another type.
    Typ,
    /// `same-key-twice`: two proofs of one key.
    SameKeyTwice,
}

impl ProofFault {
    /// All of them with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("proof-nonce", Self::Nonce),
        ("proof-aud", Self::Audience),
        ("proof-typ", Self::Typ),
        ("same-key-twice", Self::SameKeyTwice),
    ];
}

impl FromStr for ProofFault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        Self::ALL.into_iter().find(|(own, _)| *own == name).map(|(_, fault)| fault).ok_or(UnknownFault)
    }
}

/// The proof that `sign` makes of `claims`, with the fault in it.
pub(crate) fn proof<T>(
    fault: ProofFault,
    mut claims: Map<String, Value>,
    sign: impl FnOnce(Typ, &Map<String, Value>) -> T,
) -> T {
    let mut put = |name: &str, value: &str| drop(claims.insert(name.to_owned(), value.into()));
    let typ = match fault {
        ProofFault::Typ => Typ::JWT,
        _ => Typ::CREDENTIAL_PROOF,
    };
    match fault {
        ProofFault::Nonce => put("nonce", "bm90IGEgbm9uY2Ugb2YgdGhpcyBpc3N1ZXI"),
        ProofFault::Audience => put("aud", "https://elsewhere.example"),
        ProofFault::Typ | ProofFault::SameKeyTwice => {}
    }
    sign(typ, &claims)
}
