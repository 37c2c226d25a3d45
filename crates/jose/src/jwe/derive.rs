//! From the shared value of an agreement to the key of the content [RFC 7518 §4.6.2; SP 800-56A §5.8.1].

use super::ContentEncryption;
use sinpyo_core::Secret;
use sinpyo_crypto::{aead::ContentKey, hash::Sha256};

/// What the key is bound to, beside the algorithm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    pub(super) apu: &'a [u8],
    pub(super) apv: &'a [u8],
}

/// The key of the content. One round of SHA-256 gives as many bits as the longest key has.
pub(super) fn content_key(
    shared: &Secret<[u8; 32]>,
    encryption: ContentEncryption,
    context: Context<'_>,
) -> ContentKey {
    match encryption {
        ContentEncryption::A128Gcm => ContentKey::aes_128(&derive(shared, encryption.name(), context)),
        ContentEncryption::A256Gcm => ContentKey::aes_256(&derive(shared, encryption.name(), context)),
    }
}

#[expect(clippy::expect_used, reason = "the length is checked at compile time")]
fn derive<const N: usize>(shared: &Secret<[u8; 32]>, name: &str, context: Context<'_>) -> Secret<[u8; N]> {
    const { assert!(N <= 32, "one round gives 32 bytes") }
    let mut hash = Sha256::new();
    hash.update(&1_u32.to_be_bytes());
    hash.update(shared.expose());
    for part in [name.as_bytes(), context.apu, context.apv] {
        hash.update(&length(part.len()));
        hash.update(part);
    }
    hash.update(&length(N * 8));
    let derived = Secret::new(hash.finish());
    Secret::new(*derived.expose().first_chunk().expect("at most 32 bytes"))
}

/// Lengths here are those of parts of a text of at most [`super::MAX_LENGTH`] bytes.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinpyo_core::encoding::from_base64url;

    /// RFC 7518, Appendix C.
    #[test]
    fn the_key_of_the_specification_is_derived() {
        let shared = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163,
            218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        let derive =
            |name, apu, apv| -> Secret<[u8; 16]> { derive(&Secret::new(shared), name, Context { apu, apv }) };
        let expected = from_base64url("VqqN6vgjbSBcIijNcacQGg").unwrap();
        assert_eq!(derive("A128GCM", b"Alice", b"Bob").expose().as_slice(), expected);
        for (name, apu, apv) in
            [("A256GCM", "Alice", "Bob"), ("A128GCM", "AliceB", "ob"), ("A128GCM", "", "")]
        {
            assert_ne!(derive(name, apu.as_bytes(), apv.as_bytes()).expose().as_slice(), expected);
        }
    }
}
