//! HMAC [RFC 2104], HKDF [RFC 5869] and comparison in constant time.

use aws_lc_rs::{hkdf, hmac};
use sinpyo_core::Secret;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// HMAC-SHA-256 of `message`.
///
/// Compare a received tag with [`equal`], never with `==`.
pub fn hmac_sha256(key: &Secret<impl AsRef<[u8]> + Zeroize>, message: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose().as_ref());
    let mut tag = [0; 32];
    tag.copy_from_slice(hmac::sign(&key, message).as_ref());
    tag
}

/// Whether `a` and `b` are the same bytes; takes as long whatever the first difference is.
///
/// Their lengths are not secret.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// What a derived key is bound to.
#[derive(Clone, Copy, Debug)]
pub struct HkdfContext<'a> {
    /// Random or absent (empty); need not be secret.
    pub salt: &'a [u8],
    /// What the key is for: different texts give independent keys.
    pub info: &'a [u8],
}

/// Longest output of HKDF-SHA-256, in bytes.
const MAX_OUTPUT: usize = 255 * 32;

/// Derives `N` bytes from `secret`; `N` beyond 8,160 does not compile.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the output length is checked at compile time"
)]
pub fn hkdf_sha256<const N: usize>(
    secret: &Secret<impl AsRef<[u8]> + Zeroize>,
    context: HkdfContext<'_>,
) -> Secret<[u8; N]> {
    const { assert!(N <= MAX_OUTPUT, "HKDF-SHA-256 gives at most 8,160 bytes") }
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, context.salt).extract(secret.expose().as_ref());
    let mut key = [0; N];
    prk.expand(&[context.info], Length(N)).and_then(|okm| okm.fill(&mut key)).expect("an allowed length");
    let derived = Secret::new(key);
    key.zeroize();
    derived
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}
