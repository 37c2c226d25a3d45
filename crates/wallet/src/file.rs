//! The encrypted file: which bytes stand where, and what is checked before anything is decrypted.
//!
//! ```text
//! magic 8 · version 1 · memory KiB 4 · passes 4 · lanes 4 · salt 16 · length 4 · nonce 12 · ciphertext · tag 16
//! ```
//! Numbers are big-endian. Everything before the nonce is authenticated with the content, and `length` counts
//! everything from the nonce on, so that a file which was cut is told from a wrong password at once.

use sinpyo_core::{Secret, claims::nfc, json, key::Entropy};
use sinpyo_crypto::{
    aead::SealingKey,
    password::{self, Cost, Parameters, PasswordError, SALT_LENGTH},
};

const MAGIC: [u8; 8] = *b"sinpyo\0W";
/// What is written. Version 1, which knew SD-JWT VCs and verifiers with DIDs only, is a part of version 2, and that,
/// which knew no logos, of version 3.
const VERSION: u8 = 3;
const HEADER_LENGTH: usize = 41;
const NONCE_AND_TAG: usize = 28;

/// Longest sealed content, in bytes: what the body's JSON may have, its nonce and its tag.
const MAX_SEALED: usize = json::MAX_LENGTH + NONCE_AND_TAG;

/// What people type to open a wallet: never empty, in NFC, so that Hangul typed on another system opens it too.
#[derive(Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes what was typed.
    ///
    /// # Errors
    /// Nothing was typed, or more than 4,096 bytes.
    pub fn new(typed: Secret<String>) -> Result<Self, UnusablePassword> {
        let text = typed.expose();
        if text.is_empty() || text.len() > MAX_PASSWORD {
            return Err(UnusablePassword);
        }
        if text.is_ascii() { Ok(Self(typed)) } else { Ok(Self(Secret::new(nfc(text)))) }
    }
}

/// A quarter of what key derivation takes: NFC lengthens UTF-8 text at most threefold.
const MAX_PASSWORD: usize = 1024;

/// The password is empty or longer than 1,024 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password is empty or longer than 1024 bytes")]
pub struct UnusablePassword;

/// Encrypts `body` under a key that only this salt and password give.
pub(crate) fn seal(
    body: &Secret<Vec<u8>>,
    password: &Password,
    cost: Cost,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let mut salt = [0; SALT_LENGTH];
    entropy.fill(&mut salt);
    let length = body.expose().len() + NONCE_AND_TAG;
    let sealed_length =
        u32::try_from(length).ok().filter(|_| length <= MAX_SEALED).ok_or(SealError::TooLarge)?;
    let header = Header { cost, salt, sealed_length };
    let key = header.key(password).map_err(SealError::Password)?;
    let mut file = header.to_bytes();
    let sealed = key.seal(entropy, &file, body).map_err(|_| SealError::TooLarge)?;
    file.extend_from_slice(&sealed);
    Ok(file)
}

/// Decrypts what [`seal`] made, and says at which cost.
pub(crate) fn open(file: &[u8], password: &Password) -> Result<(Secret<Vec<u8>>, Cost), OpenError> {
    let file = SealedFile::parse(file)?;
    let key = file.header.key(password).map_err(OpenError::Cost)?;
    Ok((file.decrypt(&key)?, file.header.cost))
}

/// The cleartext start of a file.
#[derive(Clone, Copy, Debug)]
struct Header {
    cost: Cost,
    salt: [u8; SALT_LENGTH],
    sealed_length: u32,
}

impl Header {
    /// As it stands in the file of the version that is written.
    fn to_bytes(self) -> Vec<u8> {
        let Parameters { memory_kib, passes, lanes } = self.cost.parameters();
        let mut bytes = Vec::with_capacity(HEADER_LENGTH);
        bytes.extend_from_slice(&MAGIC);
        bytes.push(VERSION);
        for number in [memory_kib, passes, lanes] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.sealed_length.to_be_bytes());
        bytes
    }

    fn key(&self, password: &Password) -> Result<SealingKey, PasswordError> {
        Ok(SealingKey::new(&password::derive_key(&password.0, &self.salt, self.cost)?))
    }
}

/// A file whose form and cost were checked, and nothing else.
struct SealedFile<'f> {
    header: Header,
    header_bytes: &'f [u8],
    sealed: &'f [u8],
}

impl<'f> SealedFile<'f> {
    fn parse(file: &'f [u8]) -> Result<Self, OpenError> {
        let mut rest = file;
        if take(&mut rest)? != MAGIC {
            return Err(OpenError::Foreign); // [WAL-10]
        }
        let [version] = take(&mut rest)?;
        match version {
            0 => return Err(OpenError::Foreign),
            1..=VERSION => {}
            newer => return Err(OpenError::Newer(newer)), // [WAL-12]
        }
        let mut number = || take(&mut rest).map(u32::from_be_bytes);
        let parameters = Parameters { memory_kib: number()?, passes: number()?, lanes: number()? };
        let cost = Cost::parse(parameters).map_err(OpenError::Cost)?; // [WAL-13]
        let salt = take(&mut rest)?;
        let sealed_length = u32::from_be_bytes(take(&mut rest)?);
        let expected = usize::try_from(sealed_length).ok().filter(|length| *length <= MAX_SEALED);
        if expected != Some(rest.len()) {
            return Err(OpenError::Cut); // [WAL-11]
        }
        let header_bytes = file.get(..HEADER_LENGTH).ok_or(OpenError::Cut)?;
        Ok(Self { header: Header { cost, salt, sealed_length }, header_bytes, sealed: rest })
    }

    fn decrypt(&self, key: &SealingKey) -> Result<Secret<Vec<u8>>, OpenError> {
        key.open(self.header_bytes, self.sealed).map_err(|_| OpenError::WrongPasswordOrDamaged) // [WAL-14]
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], OpenError> {
    let (first, after) = rest.split_first_chunk().ok_or(OpenError::Cut)?; // [WAL-11]
    *rest = after;
    Ok(*first)
}

/// Why a wallet was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The content has more than 16 MiB.
    #[error("the wallet holds more than 16 MiB")]
    TooLarge,
    /// No key can be derived from the password.
    #[error("the password cannot be used")]
    Password(#[source] PasswordError),
}

/// Why a file did not become a wallet. Nothing was decrypted unless the content was authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// WAL-10: the file is something else.
    #[error("the file is not a wallet")]
    Foreign,
    /// WAL-11: the file is shorter or longer than it says.
    #[error("the wallet file was cut short or added to")]
    Cut,
    /// WAL-12: the file has a version that this program does not know.
    #[error("the wallet file has version {0}, newer than this program")]
    Newer(u8),
    /// WAL-13: opening would cost an attacker too little or us too much.
    #[error("the key derivation parameters of the wallet file are refused")]
    Cost(#[source] PasswordError),
    /// WAL-14: another password, or the file was changed; which of the two cannot be told.
    #[error("the password is wrong or the wallet file is damaged")]
    WrongPasswordOrDamaged,
    /// WAL-15: the content is authentic but no wallet this program wrote.
    #[error("the content of the wallet file is malformed")]
    Content,
    /// WAL-16: an older copy of the file took the place of a newer one.
    #[error("the wallet file is older than the last one seen")]
    RolledBack,
}

impl OpenError {
    /// The rule that was broken, as in `spec/checks/wal.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Foreign => "WAL-10",
            Self::Cut => "WAL-11",
            Self::Newer(_) => "WAL-12",
            Self::Cost(_) => "WAL-13",
            Self::WrongPasswordOrDamaged => "WAL-14",
            Self::Content => "WAL-15",
            Self::RolledBack => "WAL-16",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_testkit::TestEntropy;

    const BODY: &[u8] = br#"{"a":"b"}"#;

    fn password(text: &str) -> Password {
        Password::new(Secret::new(text.to_owned())).unwrap()
    }

    fn sealed() -> Vec<u8> {
        let body = Secret::new(BODY.to_vec());
        seal(&body, &password("열쇠"), Cost::DEFAULT, &mut TestEntropy::new(1)).unwrap()
    }

    fn refused(file: &[u8]) -> OpenError {
        open(file, &password("열쇠")).unwrap_err()
    }

    /// `file` with `bytes` from position `at` on.
    fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut file = sealed();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    }

    #[test]
    fn a_sealed_body_opens_with_its_password_however_it_was_typed() {
        let (body, cost) = open(&sealed(), &password("열쇠")).unwrap();
        assert_eq!((body.expose().as_slice(), cost), (BODY, Cost::DEFAULT));
        let decomposed = "\u{110b}\u{1167}\u{11af}\u{1109}\u{116c}";
        assert!(open(&sealed(), &password(decomposed)).is_ok());
        assert_eq!(open(&sealed(), &password("열쇄")).unwrap_err(), OpenError::WrongPasswordOrDamaged);
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused() {
        let file = sealed();
        let key = SealedFile::parse(&file).unwrap().header.key(&password("열쇠")).unwrap();
        assert!(SealedFile::parse(&file).unwrap().decrypt(&key).is_ok());
        for (position, bit) in (0..file.len()).flat_map(|position| (0..8).map(move |bit| (position, bit))) {
            let mut file = file.clone();
            file[position] ^= 1 << bit;
            // The right key is offered even if the salt or the cost differs: these are authenticated too.
            let opened = SealedFile::parse(&file).and_then(|file| file.decrypt(&key));
            assert!(opened.is_err(), "bit {bit} of byte {position}");
        }
        // The same through the front door, where the key follows from the header.
        for position in [8, 21, 36, 41, 53, file.len() - 1] {
            let mut file = file.clone();
            file[position] ^= 1;
            assert!(open(&file, &password("열쇠")).is_err(), "byte {position}");
        }
    }

    #[test]
    fn a_cut_or_extended_file_is_refused_before_any_work() {
        let file = sealed();
        for length in 0..file.len() {
            assert_eq!(refused(&file[..length]), OpenError::Cut, "{length}");
        }
        assert_eq!(refused(&[&file[..], b"x"].concat()), OpenError::Cut);
    }

    #[test]
    fn a_foreign_or_newer_file_is_refused_as_such() {
        assert_eq!(refused(b"{\"keys\":[],\"credentials\":[]}"), OpenError::Foreign);
        assert_eq!(refused(&with(8, &[0])), OpenError::Foreign);
        assert_eq!(refused(&with(8, &[4])), OpenError::Newer(4));
        // The version is authenticated: an earlier one in its place is damage.
        assert_eq!(refused(&with(8, &[1])), OpenError::WrongPasswordOrDamaged);
    }

    #[test]
    fn a_hostile_cost_is_refused_before_any_work() {
        for (at, value, error) in [
            (9, u32::MAX, PasswordError::TooExpensive),
            (9, 1 << 16 >> 1, PasswordError::TooCheap),
            (13, u32::MAX, PasswordError::TooExpensive),
            (13, 2, PasswordError::TooCheap),
            (17, u32::MAX, PasswordError::TooExpensive),
            (17, 0, PasswordError::TooCheap),
        ] {
            assert_eq!(refused(&with(at, &value.to_be_bytes())), OpenError::Cost(error), "{at} {value}");
        }
        assert_eq!(refused(&with(37, &[0xff; 4])), OpenError::Cut);
    }

    #[test]
    fn every_seal_has_its_own_salt_and_nonce() {
        let body = Secret::new(BODY.to_vec());
        let mut entropy = TestEntropy::new(2);
        let mut seal = || seal(&body, &password("pw"), Cost::DEFAULT, &mut entropy).unwrap();
        let (one, other) = (seal(), seal());
        assert_ne!(one[21..37], other[21..37]);
        assert_ne!(one[41..53], other[41..53]);
        assert_ne!(one[53..], other[53..]);
    }

    #[test]
    fn an_empty_or_endless_password_is_no_password() {
        for text in [String::new(), "a".repeat(1025)] {
            assert!(Password::new(Secret::new(text)).is_err());
        }
        assert!(!format!("{:?}", password("열쇠")).contains("열쇠"));
    }
}
