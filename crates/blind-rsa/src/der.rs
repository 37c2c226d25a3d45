//! The two forms in which RSA keys travel: `SubjectPublicKeyInfo` [RFC 5280 §4.1.2.7] and PKCS #8 [RFC 5208].
//!
//! DER writes each value in one way, and between 2,048 and 4,096 bits every length in front of a key has two
//! bytes: what is read is one fixed header for each length, compared byte by byte.

/// `rsaEncryption` with its parameter NULL [RFC 8017 §A.1].
const ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// Version 0.
const VERSION: [u8; 3] = [0x02, 0x01, 0x00];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The public exponent 65537 as an INTEGER: what a `SubjectPublicKeyInfo` ends with.
pub(crate) const EXPONENT: [u8; 5] = [INTEGER, 3, 1, 0, 1];

/// Bytes that stand before the zero byte and the modulus, for every length that is allowed.
pub(crate) const PUBLIC_HEADER: usize = 32;

/// Bytes that stand before the `RSAPrivateKey`, for every length of the keys that are allowed.
pub(crate) const PRIVATE_HEADER: usize = 26;

/// What stands before the modulus of `length` bytes in a `SubjectPublicKeyInfo`, but for the zero byte that keeps it
/// positive: the first bit of the modulus is set.
pub(crate) fn public_header(length: usize) -> Option<Vec<u8>> {
    let number = 1 + length;
    let modulus = header(INTEGER, number, &[])?;
    let key = header(SEQUENCE, modulus.len() + number + EXPONENT.len(), &modulus)?;
    // This zero says that no bit of the last byte is unused.
    let bits = header(BIT_STRING, 1 + key.len() + number + EXPONENT.len(), &[&[0][..], &key].concat())?;
    let rest = ALGORITHM.len() + bits.len() + number + EXPONENT.len();
    header(SEQUENCE, rest, &[&ALGORITHM[..], &bits].concat())
}

/// What stands before the `RSAPrivateKey` of `length` bytes in a PKCS #8 `PrivateKeyInfo`.
pub(crate) fn private_header(length: usize) -> Option<Vec<u8>> {
    let key = header(OCTET_STRING, length, &[])?;
    let start = [&VERSION[..], &ALGORITHM, &key].concat();
    header(SEQUENCE, start.len() + length, &start)
}

/// Tag and length of an element, then the `start` of its content.
fn header(tag: u8, length: usize, start: &[u8]) -> Option<Vec<u8>> {
    let [high, low] = u16::try_from(length).ok()?.to_be_bytes();
    // DER would write a shorter length in fewer bytes.
    (high > 0).then(|| [&[tag, 0x82, high, low], start].concat())
}
