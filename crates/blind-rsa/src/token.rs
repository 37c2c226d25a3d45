//! Admission tokens [spec/voting.md §11]: the right to have one ballot looked at, which says nothing of its
//! holder.
//!
//! ```
//! use sinpyo_blind_rsa::{KeySize, SecretKey, token::{AdmissionToken, PendingToken}};
//!
//! # fn run(entropy: &mut dyn sinpyo_core::key::Entropy) -> Result<(), Box<dyn std::error::Error>> {
//! let registrar = SecretKey::generate(KeySize::Bits2048)?;
//! let election = [7; 32];
//!
//! // The wallet, when it registers: the registrar signs once for each voter.
//! let (blinded, pending) = PendingToken::request(registrar.public(), &election, entropy)?;
//! let token = pending.finish(registrar.blind_sign(blinded.as_bytes())?.as_bytes())?;
//!
//! // The board, before it looks at the ballot's proof: `spent` is what may be seen once.
//! let token = AdmissionToken::parse(&token.to_bytes())?;
//! let spent = token.verify(registrar.public(), &election)?.spent();
//! # Ok(())
//! # }
//! # run(&mut sinpyo_testkit::TestEntropy::new(1)).unwrap();
//! ```

use crate::{
    BlindError, BlindedMessage, Blinding, FinalizeError, Prepared, PublicKey, RestoreError, Variant,
};
use sinpyo_core::{
    Secret,
    key::{BadSignature, Entropy},
};
use sinpyo_crypto::hash::sha256;
use std::fmt;

/// Keeps a token from being read as anything else. It does not keep a registrar from signing anything else blindly:
/// the admission key must have no other use.
const DOMAIN: &[u8] = b"sinpyo-vote/1/admission\0";

const VALUE: usize = 32;

/// Bytes of the signatures of the least and the greatest key.
const SIGNATURE: std::ops::RangeInclusive<usize> = 256..=512;

/// A token that was asked for and is not signed yet.
pub struct PendingToken {
    value: [u8; VALUE],
    randomizer: [u8; Prepared::RANDOMIZER],
    blinding: Blinding,
}

impl PendingToken {
    /// Draws a token for `election` and blinds it for the registrar, whose admission `key` stands in the
    /// election's manifest.
    ///
    /// # Errors
    /// The key is not to be used.
    pub fn request(
        key: &PublicKey,
        election: &[u8; 32],
        entropy: &mut dyn Entropy,
    ) -> Result<(BlindedMessage, Self), BlindError> {
        let mut value = [0; VALUE];
        entropy.fill(&mut value);
        let mut randomizer = [0; Prepared::RANDOMIZER];
        entropy.fill(&mut randomizer);
        let prepared = prepared(election, &value, &randomizer);
        let (blinded, blinding) = key.blind(prepared, entropy)?;
        Ok((blinded, Self { value, randomizer, blinding }))
    }

    /// The token, from the registrar's answer.
    ///
    /// # Errors
    /// The answer is no blind signature of this token.
    pub fn finish(&self, answer: &[u8]) -> Result<AdmissionToken, FinalizeError> {
        let signature = self.blinding.finalize(answer)?.into_bytes();
        Ok(AdmissionToken { value: self.value, randomizer: self.randomizer, signature })
    }

    /// The bytes to keep between asking and the answer.
    pub fn to_secret(&self) -> Secret<Vec<u8>> {
        self.blinding.to_secret()
    }

    /// What [`PendingToken::to_secret`] kept, under the same key.
    ///
    /// # Errors
    /// The bytes are not of this form, or of another key's length.
    pub fn restore(key: &PublicKey, kept: &Secret<Vec<u8>>) -> Result<Self, RestoreError> {
        let blinding = Blinding::restore(key, kept)?;
        let prepared = blinding.prepared();
        let length = Prepared::RANDOMIZER + DOMAIN.len() + 32 + VALUE;
        if prepared.variant() != Variant::PssRandomized || prepared.as_bytes().len() != length {
            return Err(RestoreError);
        }
        let randomizer = *prepared.randomizer().ok_or(RestoreError)?;
        let value = *prepared.as_bytes().last_chunk().ok_or(RestoreError)?;
        Ok(Self { value, randomizer, blinding })
    }
}

impl fmt::Debug for PendingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingToken(..)")
    }
}

/// A token as it arrives: 32 random bytes, the randomizer of RFC 9474 and the signature.
///
/// Whoever has the bytes can spend it: it is not printed.
pub struct AdmissionToken {
    value: [u8; VALUE],
    randomizer: [u8; Prepared::RANDOMIZER],
    signature: Vec<u8>,
}

impl AdmissionToken {
    /// Parses the bytes of [`AdmissionToken::to_bytes`].
    ///
    /// # Errors
    /// The length is not that of a token.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseTokenError> {
        let (value, rest) = bytes.split_first_chunk().ok_or(ParseTokenError)?;
        let (randomizer, signature) = rest.split_first_chunk().ok_or(ParseTokenError)?;
        if !SIGNATURE.contains(&signature.len()) {
            return Err(ParseTokenError); // [BRS-14]
        }
        Ok(Self { value: *value, randomizer: *randomizer, signature: signature.to_vec() })
    }

    /// The bytes: 64 more than the key's modulus has.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.value[..], &self.randomizer, &self.signature].concat()
    }

    /// Checks that the registrar signed this token for this election.
    ///
    /// # Errors
    /// It did not.
    pub fn verify(self, key: &PublicKey, election: &[u8; 32]) -> Result<Admission, BadSignature> {
        let prepared = prepared(election, &self.value, &self.randomizer);
        let signed = key.verify(&prepared, &self.signature)?; // [BRS-15]
        Ok(Admission { spent: sha256(signed.bytes()) })
    }
}

impl fmt::Debug for AdmissionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdmissionToken(..)")
    }
}

/// The right to have one ballot looked at: taken by whoever writes [`Admission::spent`] where it can stand once.
#[derive(Debug)]
#[must_use]
pub struct Admission {
    spent: [u8; 32],
}

impl Admission {
    /// SHA-256 of what was signed: what is kept of a token that was spent.
    ///
    /// The signature is not in it, so that no second signature of the same token is a second token.
    pub fn spent(self) -> [u8; 32] {
        self.spent
    }
}

/// What the registrar signs.
fn prepared(election: &[u8; 32], value: &[u8; VALUE], randomizer: &[u8; Prepared::RANDOMIZER]) -> Prepared {
    Variant::PssRandomized.prepare_with(randomizer, &[DOMAIN, election, value].concat())
}

/// BRS-14: the bytes are not as long as a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are no admission token")]
pub struct ParseTokenError;

impl ParseTokenError {
    /// The rule that was broken [spec/checks/brs.toml].
    pub const fn code(&self) -> &'static str {
        "BRS-14"
    }
}
