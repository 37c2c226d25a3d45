//! The wallet in its file.

use crate::{
    files::{self, Access},
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::{Secret, key::Entropy};
use sinpyo_wallet::{Generation, OpenError, Password, Wallet};
use sinpyo_wallet_app::VaultError;
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// The variable from which the password is read.
const PASSWORD: &str = "SINPYO_WALLET_PASSWORD";

/// A wallet and the file it came from.
#[derive(Debug)]
pub(crate) struct Vault {
    /// The wallet.
    pub(crate) wallet: Wallet,
    file: WalletFile,
    password: Password,
}

impl Vault {
    /// Makes an empty wallet file in `home`.
    pub(crate) fn create(home: &Path) -> Result<Self> {
        let file = WalletFile::of(home)?;
        if file.path.exists() {
            bail!("{} exists already", file.path.display());
        }
        let mut made = Self { wallet: Wallet::new(), file, password: password()? };
        made.save()?;
        Ok(made)
    }

    /// Opens the wallet file in `home`.
    pub(crate) fn open(home: &Path) -> Result<Result<Self, OpenError>> {
        let file = WalletFile::of(home)?;
        if !file.path.exists() {
            bail!("there is no wallet; create one with: sinpyo wallet create");
        }
        let password = password()?;
        Ok(file.open(&password)?.map(|wallet| Self { wallet, file, password }))
    }

    /// Opens the wallet file in `home`, which is made if there is none.
    pub(crate) fn open_or_create(home: &Path) -> Result<Result<Self, OpenError>> {
        let is_there = paths(home).0.exists();
        if is_there { Self::open(home) } else { Self::create(home).map(Ok) }
    }

    /// Takes the place of the wallet in `home` by `backup`, which opens with the password.
    pub(crate) fn restore(home: &Path, backup: &[u8]) -> Result<Result<Self, OpenError>> {
        let (file, password) = (WalletFile::of(home)?, password()?);
        let wallet = match Wallet::open(backup, &password, Generation::default()) {
            Ok(wallet) => wallet,
            Err(error) => return Ok(Err(error)),
        };
        let mut restored = Self { wallet, file, password };
        restored.save()?;
        Ok(Ok(restored))
    }

    /// Replaces the wallet file, and only then notes its generation.
    pub(crate) fn save(&mut self) -> Result<()> {
        self.file.save(&mut self.wallet, &self.password, &mut OsEntropy)
    }

    /// The wallet as it lies in its file: sealed under its password.
    pub(crate) fn sealed(&self) -> Result<Vec<u8>> {
        files::read_private(&self.file.path)
    }
}

/// The file of a wallet, which one process at a time has.
#[derive(Debug)]
struct WalletFile {
    path: PathBuf,
    seen: PathBuf,
    _lock: File,
}

impl WalletFile {
    fn of(home: &Path) -> Result<Self> {
        files::private_folder(home)?;
        let (path, seen) = paths(home);
        let lock = files::lock(&home.join(".wallet.lock")).context("the wallet is in use")?;
        Ok(Self { path, seen, _lock: lock })
    }

    fn open(&self, password: &Password) -> Result<Result<Wallet, OpenError>> {
        let (sealed, seen) = (files::read_private(&self.path)?, &self.seen);
        let newest = if seen.exists() {
            let number =
                String::from_utf8(files::read(seen, 32)?).ok().and_then(|text| text.trim().parse().ok());
            Generation::new(number.with_context(|| format!("{} is damaged", seen.display()))?)
        } else {
            Generation::default()
        };
        Ok(Wallet::open(&sealed, password, newest))
    }

    fn save(&self, wallet: &mut Wallet, password: &Password, entropy: &mut dyn Entropy) -> Result<()> {
        let sealed = wallet.seal(password, entropy)?;
        files::replace(&self.path, &sealed, Access::Private)?;
        files::replace(&self.seen, wallet.generation().number().to_string().as_bytes(), Access::Private)
    }
}

/// The file, for an application that asks for the password by itself.
#[derive(Debug)]
pub(crate) struct AppVault {
    file: WalletFile,
    password: Option<Password>,
}

impl AppVault {
    /// The wallet file in `home`, locked.
    pub(crate) fn of(home: &Path) -> Result<Self> {
        Ok(Self { file: WalletFile::of(home)?, password: None })
    }

    fn keep(
        &mut self,
        mut wallet: Wallet,
        password: Password,
        entropy: &mut dyn Entropy,
    ) -> Result<Wallet, VaultError> {
        self.file.save(&mut wallet, &password, entropy).map_err(|error| storage(&error))?;
        self.password = Some(password);
        Ok(wallet)
    }
}

impl sinpyo_wallet_app::Vault for AppVault {
    fn has_wallet(&self) -> bool {
        self.file.path.exists()
    }

    fn create(&mut self, password: Password, entropy: &mut dyn Entropy) -> Result<Wallet, VaultError> {
        if self.has_wallet() {
            return Err(VaultError::Storage);
        }
        self.keep(Wallet::new(), password, entropy)
    }

    fn open(&mut self, password: Password) -> Result<Wallet, VaultError> {
        let wallet = self.file.open(&password).map_err(|error| storage(&error))??;
        self.password = Some(password);
        Ok(wallet)
    }

    fn store(&mut self, wallet: &mut Wallet, entropy: &mut dyn Entropy) -> Result<(), VaultError> {
        let password = self.password.as_ref().ok_or(VaultError::Locked)?;
        self.file.save(wallet, password, entropy).map_err(|error| storage(&error))
    }

    fn restore(
        &mut self,
        backup: &[u8],
        password: Password,
        entropy: &mut dyn Entropy,
    ) -> Result<Wallet, VaultError> {
        let wallet = Wallet::open(backup, &password, Generation::default())?;
        self.keep(wallet, password, entropy)
    }

    fn lock(&mut self) {
        self.password = None;
    }
}

fn storage(error: &anyhow::Error) -> VaultError {
    tracing::error!(error = format!("{error:#}"), "the wallet's file");
    VaultError::Storage
}

fn paths(home: &Path) -> (PathBuf, PathBuf) {
    (home.join("wallet.sinpyo"), home.join("wallet.generation"))
}

fn password() -> Result<Password> {
    let typed = std::env::var(PASSWORD)
        .with_context(|| format!("the password is read from {PASSWORD}, which is not set"))?;
    Ok(Password::new(Secret::new(typed))?)
}
