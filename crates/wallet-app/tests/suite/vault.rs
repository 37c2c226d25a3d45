//! A vault in memory: sealed as on disk, or not at all where a test is about something else.

use sinpyo_core::key::Entropy;
use sinpyo_wallet::{Generation, OpenError, Password, Wallet};
use sinpyo_wallet_app::{Vault, VaultError};
use std::sync::{Arc, Mutex};

/// What is on the disk.
#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) file: Option<Vec<u8>>,
    pub(crate) stores: usize,
    pub(crate) is_broken: bool,
}

pub(crate) struct MemoryVault {
    disk: Arc<Mutex<Disk>>,
    password: Option<Password>,
    seals: bool,
}

impl MemoryVault {
    pub(crate) fn new(seals: bool) -> (Self, Arc<Mutex<Disk>>) {
        let disk = Arc::new(Mutex::new(Disk::default()));
        (Self { disk: Arc::clone(&disk), password: None, seals }, disk)
    }
}

impl Vault for MemoryVault {
    fn has_wallet(&self) -> bool {
        self.disk.lock().unwrap().file.is_some()
    }

    fn create(&mut self, password: Password, entropy: &mut dyn Entropy) -> Result<Wallet, VaultError> {
        let mut wallet = Wallet::new();
        self.password = Some(password);
        self.disk.lock().unwrap().file = Some(Vec::new());
        self.store(&mut wallet, entropy)?;
        Ok(wallet)
    }

    fn open(&mut self, password: Password) -> Result<Wallet, VaultError> {
        let disk = self.disk.lock().unwrap();
        let file = disk.file.as_ref().ok_or(VaultError::Storage)?;
        let wallet = Wallet::open(file, &password, Generation::default())?;
        self.password = Some(password);
        Ok(wallet)
    }

    fn store(&mut self, wallet: &mut Wallet, entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let password = self.password.as_ref().ok_or(VaultError::Locked)?;
        let mut disk = self.disk.lock().unwrap();
        if disk.is_broken {
            return Err(VaultError::Storage);
        }
        disk.stores += 1;
        if self.seals {
            disk.file = Some(wallet.seal(password, entropy)?);
        }
        Ok(())
    }

    fn restore(
        &mut self,
        backup: &[u8],
        password: Password,
        _: &mut dyn Entropy,
    ) -> Result<Wallet, VaultError> {
        let wallet = Wallet::open(backup, &password, Generation::default()).map_err(|error| match error {
            OpenError::RolledBack => VaultError::Storage,
            error => VaultError::Open(error),
        })?;
        self.disk.lock().unwrap().file = Some(backup.to_vec());
        self.password = Some(password);
        Ok(wallet)
    }

    fn lock(&mut self) {
        self.password = None;
    }
}
