//! Nonces that carry their own proof: any node checks what another one gave out, and nothing is kept until one is spent.

use sinpyo_core::{
    Secret,
    encoding::{from_base64url, to_base64url},
    key::Entropy,
    time::Timestamp,
};
use sinpyo_crypto::mac::{self, HkdfContext};
use sinpyo_state::{Key, OwnedChange, Space, State, Unavailable};
use std::{fmt, time::Duration};

const SPENT: Space = Space::new("oauth.nonce");

/// Clocks of nodes may differ by this much.
const SKEW: Duration = Duration::from_mins(1);

const TIME: usize = 8;
const RANDOM: usize = 16;
const TAG: usize = 16;

/// Gives out nonces and knows them again: a time, 128 random bits and 128 bits of a MAC, as base64url.
pub struct Nonces {
    key: Secret<[u8; 32]>,
    lifetime: Duration,
}

/// What nonces are for. Those of one context are unknown in every other.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// For which exchange, such as `dpop`.
    pub purpose: &'static str,
    /// At which server, such as its issuer identifier.
    pub server: &'a str,
}

impl Nonces {
    /// Nonces that are good for `lifetime`, under a key made of the service's `master` key for `context`.
    pub fn new(master: &Secret<[u8; 32]>, context: Context<'_>, lifetime: Duration) -> Self {
        let info = format!("sinpyo nonce\0{}\0{}", context.purpose, context.server);
        let context = HkdfContext { salt: &[], info: info.as_bytes() };
        Self { key: mac::hkdf_sha256(master, context), lifetime }
    }

    /// A new nonce.
    pub fn issue(&self, now: Timestamp, entropy: &mut dyn Entropy) -> String {
        let mut nonce = [0; TIME + RANDOM + TAG];
        let (stated, tag) = nonce.split_at_mut(TIME + RANDOM);
        let (time, random) = stated.split_at_mut(TIME);
        time.copy_from_slice(&now.unix().to_be_bytes());
        entropy.fill(random);
        tag.copy_from_slice(&self.tag(stated));
        to_base64url(&nonce)
    }

    /// Whether `text` is one of these nonces and may still be used.
    ///
    /// # Errors
    /// It is not from here, or too old.
    pub fn check(&self, text: &str, now: Timestamp) -> Result<Fresh, NonceError> {
        let nonce = from_base64url(text).map_err(|_| NonceError::Unknown)?;
        let (stated, tag) = nonce.split_at_checked(TIME + RANDOM).ok_or(NonceError::Unknown)?;
        if !mac::equal(tag, &self.tag(stated)) {
            return Err(NonceError::Unknown); // [OAU-07]
        }
        let time = stated.first_chunk().copied().map(i64::from_be_bytes).and_then(Timestamp::from_unix);
        let time = time.ok_or(NonceError::Unknown)?;
        let expires = time.plus(self.lifetime);
        if now >= expires || time > now.plus(SKEW) {
            return Err(NonceError::Stale); // [OAU-08]
        }
        Ok(Fresh { key: Key::secret(SPENT, &nonce), expires: expires.plus(SKEW) })
    }

    fn tag(&self, stated: &[u8]) -> [u8; TAG] {
        let whole = mac::hmac_sha256(&self.key, stated);
        whole.first_chunk().copied().unwrap_or_default()
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// Something that may be used once and is not too old: a nonce from here, or the name of somebody's proof. Whether it was
/// used before is for the state to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    key: Key,
    expires: Timestamp,
}

impl Fresh {
    /// What is known by `name` in `space` and cannot be used after `expires` anyway.
    pub(crate) fn named(space: Space, name: &str, expires: Timestamp) -> Self {
        Self { key: Key::secret(space, name.as_bytes()), expires }
    }

    /// Where it is noted that it was spent: it is spent if there is a record.
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it was spent before.
    ///
    /// # Errors
    /// The state cannot answer.
    pub fn is_spent(&self, state: &dyn State, now: Timestamp) -> Result<bool, Unavailable> {
        Ok(state.get(&self.key, now)?.is_some())
    }

    /// Notes that it is spent. The change does not apply a second time, in whichever commit it stands.
    pub fn spend(self) -> OwnedChange {
        OwnedChange::insert(self.key, [], Some(self.expires))
    }
}

/// Why a nonce is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceError {
    /// OAU-07: given out by another server, for another purpose, or by nobody.
    #[error("the nonce was not given out here")]
    Unknown,
    /// OAU-08: too old.
    #[error("the nonce is too old")]
    Stale,
}

impl NonceError {
    /// The rule that was broken, as in `spec/checks/oau.toml`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "OAU-07",
            Self::Stale => "OAU-08",
        }
    }
}
