//! For wallets that misbehave on purpose, to test verifiers: what the holder did not agree to.
//!
//! Nothing here is for a wallet of people. It passes by [`crate::Consent`] and everything that hangs on it.

use crate::{
    content::Content,
    held::{HeldCredential, HeldId},
    key::Custody,
    present::PresentError,
    wallet::Wallet,
};
use sinpyo_proof::SignError;

/// The credential as its issuer sent it, with every claim: text, or for an mdoc the `IssuerSigned`.
pub fn wire(held: &HeldCredential) -> &[u8] {
    match &held.content {
        Content::SdJwtVc { wire, .. } => wire.as_bytes(),
        Content::Mdoc { wire, .. } => wire,
        Content::W3c(w3c) => w3c.wire.as_bytes(),
    }
}

/// The signature of the key to which a copy is bound, over whatever.
///
/// # Errors
/// There is no such copy, or its key is elsewhere or did not sign.
pub fn sign(wallet: &Wallet, held: HeldId, message: &[u8]) -> Result<Box<[u8]>, PresentError> {
    match &wallet.held(held).ok_or(PresentError::Gone)?.key.custody {
        Custody::Wallet(key) => Ok(key.sign(message).map_err(SignError::from)?),
        Custody::Elsewhere(_) => Err(PresentError::SignatureCount),
    }
}
