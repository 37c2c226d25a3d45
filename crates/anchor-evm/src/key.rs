//! The anchorer's key file.

use alloy::{primitives::hex, signers::local::PrivateKeySigner};
use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

/// Longest key file that is read, in bytes.
const MAX_KEY_FILE: u64 = 16 * 1024;

/// Reads a private key: 64 hexadecimal digits, or an encrypted keystore (Web3 Secret Storage, version 3).
///
/// `password` is asked only for a keystore.
///
/// # Errors
/// Others may read the file, or it holds no key, or not under that password.
pub fn read(
    path: &Path,
    password: impl FnOnce() -> io::Result<String>,
) -> Result<PrivateKeySigner, ReadKeyError> {
    let mut text = private_text(path)?;
    let key = if text.trim_start().starts_with('{') {
        let password = password().map_err(ReadKeyError::File)?;
        PrivateKeySigner::decrypt_keystore(path, password.trim_end_matches(['\r', '\n']))
            .map_err(|_| ReadKeyError::Keystore)
    } else {
        let digits = text.trim();
        hex::decode_to_array::<_, 32>(digits.strip_prefix("0x").unwrap_or(digits))
            .ok()
            .and_then(|bytes| PrivateKeySigner::from_slice(&bytes).ok())
            .ok_or(ReadKeyError::Content)
    };
    zeroize::Zeroize::zeroize(&mut text);
    key
}

/// The text of a file that nobody but its owner may read; also used for passwords.
///
/// # Errors
/// Others may read it, or it cannot be read.
pub fn private_text(path: &Path) -> Result<String, ReadKeyError> {
    let file = File::open(path).map_err(ReadKeyError::File)?;
    let facts = file.metadata().map_err(ReadKeyError::File)?;
    if !is_private(&facts) {
        return Err(ReadKeyError::NotPrivate); // [EVM-06]
    }
    let mut text = String::new();
    let _length = file.take(MAX_KEY_FILE).read_to_string(&mut text).map_err(ReadKeyError::File)?;
    Ok(text)
}

#[cfg(unix)]
fn is_private(facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o077;
    facts.is_file() && facts.permissions().mode() & OTHERS == 0
}

#[cfg(not(unix))]
fn is_private(facts: &fs::Metadata) -> bool {
    facts.is_file()
}

/// Why no key was read. Says nothing about the file's content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadKeyError {
    /// The file, or the password, could not be read.
    #[error("the key file could not be read")]
    File(#[source] io::Error),
    /// EVM-06: not a plain file that only its owner may read.
    #[error("others may read the key file (chmod 600)")]
    NotPrivate,
    /// Neither 64 hexadecimal digits that are a key, nor a keystore.
    #[error("the key file holds no key")]
    Content,
    /// Not a keystore, or another password.
    #[error("the keystore does not open with this password")]
    Keystore,
}

impl ReadKeyError {
    /// The rule that was broken, as in `spec/checks/evm.toml`; `None` if there is no key to read.
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::NotPrivate => Some("EVM-06"),
            Self::File(_) | Self::Content | Self::Keystore => None,
        }
    }
}
