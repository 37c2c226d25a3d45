//! Where the wallet is kept.

use sinpyo_core::key::Entropy;
use sinpyo_wallet::{OpenError, Password, SealError, Wallet};

/// Keeps one wallet, sealed under a password, so that it survives the machine.
///
/// Once a wallet was opened, the vault remembers its password until it is locked: every change is sealed under it.
pub trait Vault {
    /// Whether there is a wallet.
    fn has_wallet(&self) -> bool;

    /// Makes an empty wallet, where there is none.
    ///
    /// # Errors
    /// It cannot be written.
    fn create(&mut self, password: Password, entropy: &mut dyn Entropy) -> Result<Wallet, VaultError>;

    /// Opens the wallet.
    ///
    /// # Errors
    /// The password is wrong, or the file damaged, too old or gone.
    fn open(&mut self, password: Password) -> Result<Wallet, VaultError>;

    /// Seals the wallet and keeps it: when this returns, it is on disk.
    ///
    /// # Errors
    /// It cannot be written; what was kept before is still there.
    fn store(&mut self, wallet: &mut Wallet, entropy: &mut dyn Entropy) -> Result<(), VaultError>;

    /// Opens `backup` and keeps it in place of what was there.
    ///
    /// # Errors
    /// It does not open, or cannot be written; what was kept before is still there.
    fn restore(
        &mut self,
        backup: &[u8],
        password: Password,
        entropy: &mut dyn Entropy,
    ) -> Result<Wallet, VaultError>;

    /// Forgets the password.
    fn lock(&mut self);
}

/// Why the wallet is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// It cannot be read or written.
    #[error("the wallet's file cannot be read or written")]
    Storage,
    /// No password is known: it was never opened, or locked since.
    #[error("the wallet is locked")]
    Locked,
}
