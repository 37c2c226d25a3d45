//! The wallet in its file.

use crate::{
    files::{self, Access},
    home::Home,
    os::OsEntropy,
};
use anyhow::{Context, Result, bail};
use sinpyo_core::Secret;
use sinpyo_wallet::{Generation, OpenError, Password, Wallet};
use std::path::PathBuf;

/// The variable from which the password is read.
const PASSWORD: &str = "SINPYO_WALLET_PASSWORD";

/// A wallet and the file it came from.
#[derive(Debug)]
pub(crate) struct Vault {
    /// The wallet.
    pub(crate) wallet: Wallet,
    path: PathBuf,
    seen: PathBuf,
    password: Password,
}

impl Vault {
    /// Makes an empty wallet file.
    pub(crate) fn create(home: &Home) -> Result<()> {
        let (path, seen) = paths(home);
        if path.exists() {
            bail!("{} exists already", path.display());
        }
        Self { wallet: Wallet::new(), path, seen, password: password()? }.save()
    }

    /// Opens the wallet file.
    pub(crate) fn open(home: &Home) -> Result<Result<Self, OpenError>> {
        let (path, seen) = paths(home);
        if !path.exists() {
            bail!("there is no wallet; create one with: sinpyo wallet create");
        }
        let (sealed, password) = (files::read_private(&path)?, password()?);
        let newest = if seen.exists() {
            let number =
                String::from_utf8(files::read(&seen, 32)?).ok().and_then(|text| text.trim().parse().ok());
            Generation::new(number.with_context(|| format!("{} is damaged", seen.display()))?)
        } else {
            Generation::default()
        };
        Ok(Wallet::open(&sealed, &password, newest).map(|wallet| Self { wallet, path, seen, password }))
    }

    /// Replaces the wallet file, and only then notes its generation.
    pub(crate) fn save(&mut self) -> Result<()> {
        let sealed = self.wallet.seal(&self.password, &mut OsEntropy)?;
        files::replace(&self.path, &sealed, Access::Private)?;
        files::replace(&self.seen, self.wallet.generation().number().to_string().as_bytes(), Access::Private)
    }
}

fn paths(home: &Home) -> (PathBuf, PathBuf) {
    (home.path("wallet.sinpyo"), home.path("wallet.generation"))
}

fn password() -> Result<Password> {
    let typed = std::env::var(PASSWORD)
        .with_context(|| format!("the password is read from {PASSWORD}, which is not set"))?;
    Ok(Password::new(Secret::new(typed))?)
}
