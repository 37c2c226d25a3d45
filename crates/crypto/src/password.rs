//! Keys from passwords: argon2id [RFC 9106].

use argon2::{Algorithm, Argon2, Params, Version};
use sinpyo_core::Secret;
use zeroize::Zeroize;

/// Length of the salt, in bytes [RFC 9106 §3.1].
pub const SALT_LENGTH: usize = 16;

/// Longest password, in bytes. Argon2 allows 4 GiB, which is a way to keep us busy.
const MAX_PASSWORD: usize = 4096;

/// The cost of one guess, as a file states it: three numbers nobody has judged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes that could be filled in parallel; we fill them one after the other.
    pub lanes: u32,
}

/// A cost that is neither too cheap for the password nor too dear for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost(Parameters);

impl Cost {
    /// 64 MiB, 3 passes, 1 lane: the least that is accepted, and what new files use.
    pub const DEFAULT: Self = Self(Parameters { memory_kib: 64 << 10, passes: 3, lanes: 1 });

    /// Accepts 64 MiB to 1 GiB, 3 to 16 passes and 1 to 16 lanes.
    ///
    /// # Errors
    /// A number below its floor (a file that makes guessing cheap) or above its ceiling (one that makes
    /// opening it an attack).
    pub fn parse(parameters: Parameters) -> Result<Self, PasswordError> {
        let Parameters { memory_kib, passes, lanes } = parameters;
        let floor = Self::DEFAULT.0;
        if memory_kib < floor.memory_kib || passes < floor.passes || lanes < floor.lanes {
            return Err(PasswordError::TooCheap); // [KEY-17]
        }
        if memory_kib > 1 << 20 || passes > 16 || lanes > 16 {
            return Err(PasswordError::TooExpensive); // [KEY-18]
        }
        Ok(Self(parameters))
    }

    /// The numbers, to be written beside the salt.
    pub const fn parameters(self) -> Parameters {
        self.0
    }
}

/// Derives a 32-byte key from `password` by argon2id, version 0x13.
///
/// The bytes are taken as they are. A password that people type is normalised (NFC) by the caller, or the
/// same Hangul typed on another system opens nothing.
///
/// # Errors
/// The password is longer than 4,096 bytes.
pub fn derive_key(
    password: &Secret<impl AsRef<[u8]> + Zeroize>,
    salt: &[u8; SALT_LENGTH],
    cost: Cost,
) -> Result<Secret<[u8; 32]>, PasswordError> {
    let password = password.expose().as_ref();
    if password.len() > MAX_PASSWORD {
        return Err(PasswordError::TooLong); // [KEY-19]
    }
    Ok(argon2id(password, salt, cost))
}

#[expect(clippy::expect_used, reason = "the bounds of Cost and of the password lie within those of argon2")]
fn argon2id(password: &[u8], salt: &[u8], Cost(cost): Cost) -> Secret<[u8; 32]> {
    let params =
        Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).expect("parameters in range");
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password, salt, &mut key)
        .expect("lengths in range");
    let derived = Secret::new(key);
    key.zeroize();
    derived
}

/// Why a key was not derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// KEY-17: less than 64 MiB, 3 passes or 1 lane.
    #[error("the parameters make guessing the password too cheap")]
    TooCheap,
    /// KEY-18: more than 1 GiB, 16 passes or 16 lanes.
    #[error("the parameters ask for more work than we do")]
    TooExpensive,
    /// KEY-19: the password is longer than 4,096 bytes.
    #[error("the password is longer than 4096 bytes")]
    TooLong,
}

impl PasswordError {
    /// The rule that was broken, as in `spec/checks/key.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooCheap => "KEY-17",
            Self::TooExpensive => "KEY-18",
            Self::TooLong => "KEY-19",
        }
    }
}
