use sinpyo_crypto::hash::{sha256, sha384};

/// The hash by which blank nodes are told apart [RDFC-1.0 §3.1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256, what the cryptosuites use unless they say otherwise.
    Sha256,
    /// SHA-384, of the suites with P-384 keys.
    Sha384,
}

/// A hash; in the order of its hexadecimal form, as long as all are of one algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Sha256([u8; 32]),
    Sha384([u8; 48]),
}

impl HashAlgorithm {
    pub(super) fn hash(self, text: &str) -> Hash {
        match self {
            Self::Sha256 => Hash::Sha256(sha256(text.as_bytes())),
            Self::Sha384 => Hash::Sha384(sha384(text.as_bytes())),
        }
    }
}

impl Hash {
    /// Appends the lower-case hexadecimal form.
    pub(super) fn push_hex(&self, out: &mut String) {
        let bytes: &[u8] = match self {
            Self::Sha256(bytes) => bytes,
            Self::Sha384(bytes) => bytes,
        };
        for byte in bytes {
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 0xf));
        }
    }
}

fn hex_digit(value: u8) -> char {
    char::from(if value < 10 { b'0' + value } else { b'a' - 10 + value })
}
