//! Names of records.

use sinpyo_core::encoding::to_base64url;
use sinpyo_crypto::hash::sha256;
use std::fmt;

/// A kind of record, as `vci.offer`: which crate, and what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Space(&'static str);

impl Space {
    /// The space of this name.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Bytes of the longest name that is kept as it is: indexes of databases have limits.
const MAX_NAME: usize = 512;

/// What the digest of another name begins with.
const DIGEST: &str = "sha-256:";

/// Finds one record, or one stream.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    space: Space,
    name: Box<str>,
}

impl Key {
    /// A record that has a name which anybody may know, and anybody may have chosen.
    ///
    /// A name that not every engine can find (longer than 512 bytes, or with a NUL) stands as `sha-256:` and its digest,
    /// and so does one that begins like that, so that no two names stand for one record.
    pub fn named(space: Space, name: &str) -> Self {
        if name.len() > MAX_NAME || name.contains('\0') || name.starts_with(DIGEST) {
            let digest = to_base64url(&sha256(name.as_bytes()));
            return Self { space, name: format!("{DIGEST}{digest}").into() }; // [STA-04]
        }
        Self { space, name: name.into() }
    }

    /// For engines: the key whose [`Key::name`] is `name`.
    pub fn stored(space: Space, name: String) -> Self {
        Self { space, name: name.into() }
    }

    /// A record that is found by a secret (a code, a token, a nonce): its name is the secret's SHA-256, so that whoever
    /// reads the engine's files cannot redeem what they find. Secrets have at least 128 bits.
    pub fn secret(space: Space, secret: &[u8]) -> Self {
        Self { space, name: to_base64url(&sha256(secret)).into() } // [STA-06]
    }

    /// Its space.
    pub const fn space(&self) -> Space {
        self.space
    }

    /// Its name within the space.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.space.0, self.name)
    }
}
